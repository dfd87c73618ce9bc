// Data kept aside: deleted when someone says so, or copied to a tree of its own.
#include <algorithm>

#include "drivers/simulated/calls.h"

namespace pasig::drivers::simulated {
namespace {

// Its replica may be gone by now.
bool is_same(const Aside& one, const Aside& other) {
  return one.controller == other.controller && one.path == other.path;
}

}  // namespace

Answer<void> SimulatedDriver::check_aside(const ShareRef& share, const Aside& aside,
                                          const CallContext& call) {
  PASIG_CHECK(reach(aside.controller));
  if (share.find(aside.replica) == nullptr || !world_->replicas_.contains(aside.replica)) return {};
  PASIG_CHECK(find_for(share, aside.replica, call));
  return {};
}

Answer<void> SimulatedDriver::drop_aside(const ShareRef& share, const Aside& aside,
                                         const CallContext& call) {
  PASIG_CHECK(check_aside(share, aside, call));
  std::erase_if(world_->aside_, [&](const Aside& one) { return is_same(one, aside); });
  return {};
}

Answer<AsideRestored> SimulatedDriver::copy_aside(const ShareRef& share, const Aside& aside,
                                                  const std::string& to, const CallContext& call) {
  PASIG_CHECK(check_aside(share, aside, call));
  const auto found =
      std::ranges::find_if(world_->aside_, [&](const Aside& one) { return is_same(one, aside); });
  if (found == world_->aside_.end())
    return tl::unexpected(failure(Problem::failed, aside.controller,
                                  "nothing is kept aside at " + aside.path,
                                  "list what is kept aside"));
  const auto there = world_->trees_.find({aside.controller, to});
  const bool is_again = there != world_->trees_.end() && !call.operation.is_nil() &&
                        there->second.restored_by == call.operation;
  if (there != world_->trees_.end() && !is_again)
    return tl::unexpected(failure(Problem::failed, aside.controller,
                                  to + " on " + aside.controller + " exists already",
                                  "give a path that does not exist yet"));
  auto& restored = world_->trees_[{aside.controller, to}];
  if (!is_again) {
    world_->change(restored.tree, found->bytes);
    restored.tree.version = found->files;
    restored.restored_by = call.operation;
  }
  return AsideRestored{.files = found->files, .bytes = found->bytes};
}

}  // namespace pasig::drivers::simulated
