// Answers that say no, in Manila's form: {"<name>":{"code":N,"message":"…"}}.
// Plain functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "http/router.h"

namespace pasig::http {

// Manila's name for a status: badRequest, itemNotFound, conflictingRequest, overLimit, …
[[nodiscard]] std::string_view fault_name(int status);
// 413 carries retryAfter and Retry-After as Manila does; 503 carries Retry-After.
[[nodiscard]] Response fault(int status, std::string_view message);
[[nodiscard]] inline tl::unexpected<Response> fail_with(int status, std::string_view message) {
  return tl::unexpected<Response>(fault(status, message));
}

// What Manila's own router answers before any version is negotiated: JSON for clients that
// accept it, plain text for others.
[[nodiscard]] Response router_fault(int status, std::string_view title, std::string_view message,
                                    const Request& request);
// The reason phrase of a status line.
[[nodiscard]] std::string_view reason_phrase(int status);

}  // namespace pasig::http
