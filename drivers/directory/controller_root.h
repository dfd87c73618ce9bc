// One controller's root: whose it is, whether it is there and still the one it was. Every call
// looks anew before it touches anything. The marker file is written at set-up only, and only
// into an empty or missing directory, so that an unmounted root never looks like an empty one.
// Any thread; a root that hangs is reported as unreachable and costs one waiting thread.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "drivers/directory/probes.h"
#include "drivers/directory/replica_lock.h"

namespace pasig::drivers::directory {

// A root that answered just now.
struct FoundRoot {
  std::string uuid;
  Abilities abilities;
};

class ControllerRoot {
 public:
  explicit ControllerRoot(Options options) : options_(std::move(options)) {}

  // At the driver's construction. A root that is away is no error; one that can never work is.
  Result<void> set_up();

  // Unreachable: away, no marker, or no answer in time. Mismatch: not the root it was.
  Answer<FoundRoot> look(const Patience& patience);

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] ReplicaPlace place(ShareId share, ReplicaId replica) const {
    return {options_.controller, options_.root, share, replica};
  }

 private:
  struct Identity {
    std::string uuid;
    std::string zone;
    std::uint64_t device = 0;
    std::int64_t file_system = 0;  // its type
  };
  struct Question;  // what a waiting thread and its asker share

  static Answer<Identity> read_identity(const Options& options);
  Answer<Identity> ask(const Patience& patience);
  Answer<void> compare(const Identity& found);

  const Options options_;
  std::mutex mutex_;                  // guards the rest
  std::optional<Identity> identity_;  // as first seen
  std::optional<Abilities> abilities_;
  std::shared_ptr<Question> pending_;  // a look that has not been answered yet
};

}  // namespace pasig::drivers::directory
