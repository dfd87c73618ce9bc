// One operation from claim to report. The claim, its renewals and the report are records; what
// lies between is one driver call that may be delivered again at any time.
#pragma once

#include <map>
#include <mutex>
#include <stop_token>

#include "drivers/worker.h"
#include "statemachine/state.h"

namespace pasig::drivers {

// Any thread; run() blocks for as long as the call takes.
class OperationRunner {
 public:
  explicit OperationRunner(const WorkerParts& parts) : parts_(parts) {}

  // Claims it and works on it, if this node may. False: it was not ours to claim now.
  bool run(const Operation& operation, std::stop_token stop);

  // Called every now and then: renews the leases of what runs, and passes requests to cancel on
  // to the calls.
  void tend();

 private:
  struct Running {
    std::uint32_t attempt = 0;
    Monotonic renewed;
    std::stop_source cancel;
  };
  const WorkerParts& parts_;
  std::mutex mutex_;
  std::map<OperationId, Running> running_;

  bool claim(const Operation& operation, Monotonic before);
  struct Called {
    Command report;
    bool unknown = false;  // it may or may not have been done
  };
  Called call(const Operation& operation, const Share& share, const CallContext& context);
  Command call_until_known(const Operation& operation, const CallContext& context,
                           std::stop_token stop);
  void report(const Operation& operation, Command command, std::stop_token stop);
  Submission submission(const Operation& operation, std::uint32_t attempt, const char* what,
                        Command command) const;
  CallContext context_of(const Operation& claimed, const std::stop_source& cancel);
};

}  // namespace pasig::drivers
