// Exclusion between everything that writes below a replica, on this machine and, where the
// file system's locks reach that far, on others: flock on <replica>/lock. rsync inherits the
// descriptor, so the lock is free only when the last orphan is gone. An orphan whose pasigd is
// dead is given a moment and then ended. Any thread.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "base/clock.h"
#include "drivers/directory/files.h"
#include "drivers/directory/replica_store.h"

namespace pasig::drivers::directory {

// How long a call may take: until its deadline, or until it is asked to stop.
struct Patience {
  const Clock& clock;
  Monotonic until;
  std::stop_token cancelled;

  [[nodiscard]] Answer<void> check(const std::string& doing) const;  // cancelled, expired
  void pause(Duration duration) const;  // ends early when asked to stop
};

class ReplicaLock {
 public:
  // Waits. Busy when it does not get it in time. The replica's directory has to be there.
  static Answer<ReplicaLock> take(const ReplicaPlace& place, const Patience& patience);
  [[nodiscard]] int descriptor() const { return file_.get(); }

 private:
  explicit ReplicaLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

// Says that a frozen generation is being read: it is not pruned meanwhile.
class GenerationUse {
 public:
  static Answer<GenerationUse> begin(const ReplicaPlace& place, std::uint64_t generation);
  // True when nobody reads it. The caller holds the replica's lock, or is looking only.
  static bool is_unused(const ReplicaPlace& place, std::uint64_t generation);

 private:
  explicit GenerationUse(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

}  // namespace pasig::drivers::directory
