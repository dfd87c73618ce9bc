// What the routes are given of the service. The daemon fills it once; it outlives the server.
// Everything in it may be used from any thread at once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "commands/decide.h"
#include "commands/plan_change.h"
#include "http/router.h"
#include "log/log_reader.h"
#include "projections/observations.h"
#include "projections/store.h"
#include "service/handler.h"

namespace pasig::http {

struct ControllerState {
  std::string name;
  std::string zone;
  std::string driver;
  bool up = false;    // its worker reported lately
  std::string words;  // why it is down
};

struct ServiceOptions {
  std::string node;                // this one's name: the part before @ in host names
  bool anonymous_is_admin = true;  // who comes by loopback TCP, without any proof of identity
  bool local_is_admin = true;      // who may open the unix socket
  // Of callers that name no project in the path.
  std::string default_project = "00000000000000000000000000000000";
  std::string default_share_type;       // a name; empty: none (Manila: default_share_type)
  Quotas quotas;                        // shown in quota-sets and limits
  std::uint32_t list_limit_max = 1000;  // rows of one answer (Manila: osapi_max_limit)
};

struct ServiceContext {
  Handler& handler;
  std::function<std::unique_ptr<View>()> view;  // a fresh one
  Observations& observations;
  const LogReader& log;
  const Clock& clock;
  std::function<std::vector<ControllerState>()> controllers;  // configured ones, as they are now
  std::vector<std::string> zones;                             // all configured ones
  ServiceOptions options;
  // Empty when the node can take commands; otherwise why it cannot (for /healthcheck/ready).
  std::function<std::string()> not_ready_because;
  // Blocks until the record of this ordinal is applied (true) or the time is up (false). Not set:
  // nobody applies anything while a request waits.
  std::function<bool(Ordinal ordinal, Duration timeout)> wait_applied = {};
  // A change as it would go, with what storage shows now, for the actor and the command id of a
  // submission that is not made. Writes nothing. Not set: nobody here can look at storage.
  std::function<ChangePlan(const View& view, const SetActiveReplica& command,
                           const Submission& submission)>
      plan_change = {};
};

// The caller as the log will name it: the server's finding, with the project of the path and the
// privileges that the options give; `X-Pasig-On-Behalf-Of` is only what it claims.
[[nodiscard]] Actor caller_of(const ServiceContext& service, const Request& request);

// A view for this request. When its X-Pasig-Position names a record that this node has not applied,
// it waits for it, at most a second (log-protocol 6): 503 when that did not help; 400 when it is no
// number.
[[nodiscard]] Checked<std::unique_ptr<View>> open_view(const ServiceContext& service,
                                                       const Request& request);
// The position of that view as an answer carries it.
[[nodiscard]] std::optional<Ordinal> position_of(const View& view);

// The command with all that this request says around it: Idempotency-Key, X-Pasig-Reason,
// traceparent, the caller. 400 when one of these headers is too long or not clean text.
[[nodiscard]] Checked<Submission> submission_of(const ServiceContext& service,
                                                const Request& request, Command command);
// How a refusal is told; refusals.h has the usual way.
using RefusalAnswer = std::function<Response(const Refusal&)>;

// Submits it and waits. A refusal or an error is the other answer, in Manila's fault form
// (refusals.h), a refusal in the form that `tell` gives it when there is one.
[[nodiscard]] Checked<CommandOutcome> submit(const ServiceContext& service, const Request& request,
                                             Command command, const RefusalAnswer& tell = {});

}  // namespace pasig::http
