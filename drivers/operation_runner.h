// One operation from claim to report. The claim, its renewals and the report are records; what
// lies between is one driver call that may be delivered again at any time.
//
// The lease is counted on this process's own clock, from before the claim or the renewal was
// appended. Once it has run out, the call is asked to stop and the operation is given back.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <stop_token>

#include "drivers/kept_off.h"
#include "drivers/task_pool.h"
#include "drivers/worker.h"
#include "statemachine/state.h"

namespace pasig::drivers {

// Any thread; run() blocks for as long as the call takes.
class OperationRunner {
 public:
  explicit OperationRunner(const WorkerParts& parts) : parts_(parts), renewals_(parts.note) {}

  void start();  // the threads that renew leases: a slow record delays nothing else
  void stop();
  // Runs one queued renewal on the calling thread, without start(). False: none is queued.
  bool run_next() { return renewals_.run_next({}); }

  // Claims it and works on it, if this node may. False: it was not ours to claim now.
  bool run(const Operation& operation, std::stop_token stop);

  // Ends an operation that this process claimed and that is to be abandoned, as storage shows it.
  // A call that still runs for it is waited for a little while only: whoever holds on to it for
  // longer has an older token than all that follows.
  void settle_abandoned(const Operation& operation, const std::stop_token& stop);

  // Called every now and then, never blocks: queues the renewals of what runs, passes requests to
  // cancel on to the calls, and ends those whose lease has run out.
  void tend();

 private:
  struct Running {
    std::uint32_t attempt = 0;
    Monotonic renewed;        // before the last append that was accepted
    Monotonic tried;          // to renew it
    std::stop_source cancel;  // asks the call to stop
    std::stop_source end;     // it is not this process's any more: nothing is reported
  };
  // What storage shows of an operation whose outcome is in doubt.
  enum class Finding { done, not_done, unknown };
  struct Called {
    Command report;
    bool unknown = false;  // it may or may not have been done
  };
  static constexpr auto k_retry_pause = std::chrono::seconds(1);
  static constexpr auto k_retry_pause_max = std::chrono::seconds(30);
  // What a call is given beyond its deadline, to finish what storage shows to be done.
  static constexpr auto k_last_word = std::chrono::minutes(2);
  const WorkerParts& parts_;
  std::mutex mutex_;
  std::map<OperationId, Running> running_;
  TaskPool renewals_;

  bool claim(const Operation& operation, Monotonic before);
  void renew(OperationId id, std::uint32_t attempt);
  Called call(const Operation& operation, const Share& share, const KeptOff& kept_off,
              const CallContext& context);
  // Of trees that are taken in or given back, and of data kept aside.
  static Called call_adoption(Driver& driver, const Operation& operation, const Share& share,
                              const CallContext& context);
  static Called call_asides(Driver& driver, const Operation& operation, const Share& share,
                            const CallContext& context);
  // Nothing: it was given back, or the process stops, before the outcome is known; the next
  // attempt delivers it again.
  std::optional<Command> call_until_known(const Operation& operation, const Running& running);
  Finding look_until_known(const Operation& operation, const CallContext& context);
  Finding find_out(const Operation& operation, CallContext context);
  // Looks until storage answers, for a limited time: nothing more is known then.
  Finding look_for_a_while(const Operation& operation, const CallContext& context);
  Command outcome_of_abandoned(const Operation& operation, const CallContext& context);
  void wait_for_call(OperationId id, const std::stop_token& stop);
  bool is_given_up(OperationId id) const;
  static Finding find_out(Driver& driver, const ShareRef& share, const Operation& operation,
                          const CallContext& context);
  Answer<Created> create_share(Driver& driver, const Share& share, const Operation& operation,
                               const CallContext& context);
  void report(const Operation& operation, const Command& command, std::stop_token stop);
  Submission submission(const Operation& operation, const std::string& what, Command command) const;
  CallContext context_of(const Operation& claimed, std::stop_token cancelled) const;
};

}  // namespace pasig::drivers
