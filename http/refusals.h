// How a "no" and a failure become an answer: one table for all of HTTP (refusals.cc).
// Plain functions; any thread.
#pragma once

#include <string_view>

#include "base/result.h"
#include "commands/decision.h"
#include "http/router.h"

namespace pasig::http {

struct RefusalStatus {
  int status = 400;
  std::string_view fault;  // Manila's name of it
};
[[nodiscard]] RefusalStatus status_of(Guard guard);
[[nodiscard]] int status_of(ErrorCode code);

// As Manila's fault. The guard's word goes along in X-Pasig-Guard, so that programs need not
// read the message.
[[nodiscard]] Response refused(const Refusal& refusal);
// As Manila's fault, the hint behind the message; 503 with Retry-After.
[[nodiscard]] Response failed(const Error& error);

}  // namespace pasig::http
