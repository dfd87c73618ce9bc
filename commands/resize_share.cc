// A share's size. What a larger one uses is taken when it is asked for, and given back when it
// does not come about; what a smaller one frees is given back when it is done (usage.h). An
// administrator takes a share out of what a failure left it in.
#include <algorithm>

#include "commands/operations.h"
#include "commands/resize.h"
#include "commands/usage.h"

namespace pasig {
namespace {

constexpr std::uint64_t k_gib = std::uint64_t{1} << 30;
// As for a new share (create_share.cc).
constexpr std::uint64_t k_size_gb_max = std::uint64_t{1} << 30;

Allowed no_replica_comes_or_goes(const Share& share) {
  for (const OperationKind kind : {OperationKind::add_replica, OperationKind::remove_replica})
    if (const PendingOperation* one = pending(share, kind))
      return refuse(Guard::share_is_busy,
                    "the size of share " + to_string(share.id) + " cannot be changed before " +
                        in_words(*one) +
                        " is over; wait for it, or cancel it: pasig operation "
                        "cancel " +
                        to_string(one->id),
                    stream_of(share.id));
  return {};
}

Allowed is_larger(const Share& share, std::uint64_t new_size_gb) {
  const std::string sizes = "(current: " + std::to_string(share.size_gb) +
                            ", extended: " + std::to_string(new_size_gb) + ")";
  if (new_size_gb > k_size_gb_max)
    return refuse(Guard::invalid_input, "Share 'size' must be an integer from 1 to " +
                                            std::to_string(k_size_gb_max) + " GiB, not " +
                                            std::to_string(new_size_gb));
  if (new_size_gb > share.size_gb) return {};
  return refuse(Guard::size_not_larger,
                "New size for extend must be greater than current size. " + sizes + " Share " +
                    to_string(share.id) + " stays as it is",
                stream_of(share.id));
}

Allowed is_smaller(const Share& share, std::uint64_t new_size_gb) {
  if (new_size_gb > 0 && new_size_gb < share.size_gb) return {};
  return refuse(Guard::size_not_smaller,
                "New size for shrink must be less than current size and greater than 0 (current: " +
                    std::to_string(share.size_gb) + ", new: " + std::to_string(new_size_gb) +
                    "). Share " + to_string(share.id) + " stays as it is",
                stream_of(share.id));
}

// Of every replica whose pool reports: one that is away says so when it is asked to grow.
Allowed pools_have_room(const Surroundings& now, const Share& share, std::uint64_t more_gb) {
  const auto pool_of = [&](const Replica& replica) -> const PoolReport* {
    const auto at = std::find_if(now.pools.begin(), now.pools.end(), [&](const PoolReport& one) {
      return one.up && one.host == replica.host;
    });
    return at == now.pools.end() ? nullptr : &*at;
  };
  for (const Replica& one : share.replicas) {
    const PoolReport* pool = pool_of(one);
    if (pool == nullptr) continue;
    // Pools of one file system share their room.
    std::uint64_t growing = 0;
    for (const Replica& other : share.replicas) {
      const PoolReport* its = pool_of(other);
      const bool shares_room = its == pool || (its != nullptr && !pool->file_system.empty() &&
                                               its->file_system == pool->file_system);
      growing += shares_room ? 1 : 0;
    }
    const Placement room = place({.size_gb = more_gb * growing, .only_host = one.host}, now.pools);
    if (!room.host.empty()) continue;
    std::string why;
    for (const FilterCount& filter : room.filters)
      if (filter.filter == "capacity") why = filter.example;
    if (why.empty()) continue;
    return refuse(Guard::no_valid_host,
                  "share " + to_string(share.id) + " cannot grow by " + std::to_string(more_gb) +
                      " GiB: pool " + one.host + " of replica " + to_string(one.id) +
                      " has no room (" + why +
                      "). Make room, remove that replica, or, as an administrator, repeat with "
                      "force",
                  stream_of(share.id));
  }
  return {};
}

Events started(ReadView& view, const Surroundings& now, const Share& share,
               std::uint64_t new_size_gb) {
  const Replica* active = share.active();
  OperationRequested operation =
      request(view, now, 0,
              {.kind = new_size_gb > share.size_gb ? OperationKind::extend_share
                                                   : OperationKind::shrink_share,
               .share = share.id,
               .replica = active->id,
               .runs_on = active->controller});
  operation.size_gb = new_size_gb;
  return {ShareResizeStarted{share.id, share.size_gb, new_size_gb}, std::move(operation)};
}

}  // namespace

bool is_left_behind(ShareTask task) {
  switch (task) {
    case ShareTask::extending_error:
    case ShareTask::shrinking_error:
    case ShareTask::shrinking_possible_data_loss_error:
    case ShareTask::reverting_error:
    case ShareTask::unmanage_error:
      return true;
    case ShareTask::none:
    case ShareTask::extending:
    case ShareTask::shrinking:
    case ShareTask::reverting:
    case ShareTask::manage_starting:
    case ShareTask::manage_error:
    case ShareTask::unmanage_starting:
      return false;
  }
  return false;
}

Allowed is_not_resized(const Share& share, const std::string& to_do) {
  for (const OperationKind kind : {OperationKind::extend_share, OperationKind::shrink_share})
    if (const PendingOperation* one = pending(share, kind))
      return refuse(Guard::share_is_busy,
                    "cannot " + to_do + " while the size of share " + to_string(share.id) +
                        " changes: wait for " + in_words(*one) +
                        ", or cancel it: pasig operation cancel " + to_string(one->id),
                    stream_of(share.id));
  return {};
}

Events size_seen(const Share& share, std::uint64_t used_bytes) {
  const Replica* active = share.active();
  if (active == nullptr || share.size_gb == 0) return {};
  const std::uint64_t size = share.size_gb * k_gib;
  // A share that is filled to the brim would come and go with every file.
  const std::uint64_t well_within = size - size / 100;
  if (share.over_size_bytes == 0 && used_bytes > size)
    return {ShareGrewOverItsSize{share.id, active->id, used_bytes}};
  if (share.over_size_bytes != 0 && used_bytes <= well_within)
    return {ShareCameWithinItsSize{share.id, active->id, used_bytes}};
  return {};
}

Decision decide(ReadView& view, const Surroundings& now, const ExtendShare& command) {
  PASIG_TRY(const Share* share, find_share(view, now.actor, command.share));
  if (command.force)
    PASIG_CHECK(require_admin(now.actor, "force the extension of share " + to_string(share->id),
                              stream_of(share->id)));
  PASIG_CHECK(is_larger(*share, command.new_size_gb));
  PASIG_CHECK(share_is_ready(*share, "extend it"));
  PASIG_CHECK(no_replica_comes_or_goes(*share));
  const std::uint64_t more_gb = command.new_size_gb - share->size_gb;
  PASIG_CHECK(take_for_growth(view, now, *share, more_gb));
  if (!command.force) PASIG_CHECK(pools_have_room(now, *share, more_gb));
  return started(view, now, *share, command.new_size_gb);
}

Decision decide(ReadView& view, const Surroundings& now, const ShrinkShare& command) {
  PASIG_TRY(const Share* share, find_share(view, now.actor, command.share));
  PASIG_CHECK(is_smaller(*share, command.new_size_gb));
  // Manila: what was refused because of its content may be tried again at once.
  Share ready = *share;
  if (ready.task == ShareTask::shrinking_possible_data_loss_error) ready.task = ShareTask::none;
  PASIG_CHECK(share_is_ready(ready, "shrink it"));
  PASIG_CHECK(no_replica_comes_or_goes(*share));
  return started(view, now, *share, command.new_size_gb);
}

Decision decide(ReadView& view, const Surroundings& now, const ResetShareTask& command) {
  PASIG_TRY(const Share* share, find_share(view, now.actor, command.share));
  const std::string id = to_string(share->id);
  PASIG_CHECK(require_admin(now.actor, "reset the status of share " + id, stream_of(share->id)));
  if (share->task == ShareTask::none) return Events{};
  if (is_left_behind(share->task))
    return Events{ShareTaskReset{share->id, share->task, ShareTask::none}};
  std::string message =
      "share " + id + " cannot be reset from " + std::string(word(share->task)) + " to available: ";
  if (share->task == ShareTask::manage_error)
    return refuse(Guard::share_not_available,
                  message + "no tree became its content. Let go of it: pasig unmanage " + id,
                  stream_of(share->id));
  const PendingOperation* one = pending(*share);
  message += "that is under way";
  if (one != nullptr)
    message += ": wait for " + in_words(*one) + ", or cancel it: pasig operation cancel " +
               to_string(one->id);
  return refuse(Guard::share_is_busy, message, stream_of(share->id));
}

}  // namespace pasig
