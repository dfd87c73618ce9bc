// One controller's root: whose it is, whether it is there and still the one it was. Every call
// looks anew before it touches anything. The marker file is written at set-up only, and only
// into an empty or missing directory; whoever makes the driver allows that only where no replica
// is known, so that an unmounted root never becomes an empty one.
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
    std::uint64_t type = 0;      // of its file system
    std::uint64_t lasting = 0;   // what tells that file system from others for ever; 0: nothing
    std::uint64_t made_on = 0;   // the type when the root was made; 0: not recorded
    std::uint64_t made_for = 0;  // the lasting number then
  };
  struct Question;  // what a waiting thread and its asker share

  static Answer<Identity> read_identity(const Options& options);
  Answer<Identity> ask(const Patience& patience);
  Answer<void> compare(const Identity& found);
  [[nodiscard]] Answer<void> compare_with_marker(const Identity& found) const;

  const Options options_;
  std::mutex mutex_;                  // guards the rest
  std::optional<Identity> identity_;  // as first seen
  std::optional<Abilities> abilities_;
  std::shared_ptr<Question> pending_;  // a look that has not been answered yet
};

}  // namespace pasig::drivers::directory
