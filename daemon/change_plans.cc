#include "daemon/change_plans.h"

#include "drivers/worker_words.h"

namespace pasig::daemon {
namespace {

constexpr auto k_look_limit = std::chrono::seconds(5);

}  // namespace

std::vector<SideSeen> look_at_sides(const View& view, const Share& share, const DriverOf& driver_of,
                                    const Clock& clock) {
  std::vector<SideSeen> all;
  const drivers::ShareRef ref = drivers::share_ref(share);
  for (const Replica& one : share.replicas) {
    drivers::Driver* driver = driver_of(one.controller);
    if (one.host.empty() || driver == nullptr) continue;
    const auto found = driver->inspect(
        ref, one.id,
        {.token = {view.head().incarnation, view.stream_version(stream_of(share.id))},
         .deadline = clock.monotonic() + k_look_limit});
    SideSeen seen{.replica = one.id, .is_reachable = found && found->present};
    if (!found) seen.words = found.error().words;
    else if (!found->present) seen.words = "its data is not there";
    if (found && found->latest && one.state != ReplicaState::active) {
      seen.generation = found->latest->generation;
      seen.data_as_of = found->latest->data_as_of;
      seen.consistency = drivers::consistency_of(found->latest->consistency);
    }
    all.push_back(std::move(seen));
  }
  return all;
}

}  // namespace pasig::daemon
