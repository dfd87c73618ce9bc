#include "drivers/upkeep.h"

#include <algorithm>

#include "drivers/worker_words.h"
#include "statemachine/kept_off.h"

namespace pasig::drivers {
namespace {

constexpr std::uint32_t k_looks_at_once = 4;
constexpr std::uint32_t k_scrubs_at_once = 2;
constexpr auto k_full_look = std::chrono::minutes(10);
// A pending fence is the one thing that cannot wait for the status interval.
constexpr std::uint32_t k_pending_fence_seconds = 5;

// Operations move data and change roles; until they are over nothing else does. One that waits
// for an operator's order to end is no reason to leave the share's other replicas alone.
bool is_quiet(const StateReader& state, const Share& share) {
  if (share.operations.empty()) return true;
  const auto first = state.operation(share.operations.front().id);
  return first && first->status == OperationStatus::requested && !first->abandon_requested &&
         !may_begin(state, *first, share);
}

// The controller's own orders; none: nobody gave any.
const ControllerOrders* orders_of(const std::vector<ControllerOrders>& all,
                                  const std::string& controller) {
  const auto at = std::find_if(all.begin(), all.end(),
                               [&](const ControllerOrders& one) { return one.name == controller; });
  return at == all.end() ? nullptr : &*at;
}

bool is_retired(const std::vector<ControllerOrders>& all, const std::string& controller) {
  const ControllerOrders* orders = orders_of(all, controller);
  return orders != nullptr && orders->is_retired;
}

// What a sync or a status call touches: the replica's controller and the active one's.
bool is_paused(const std::vector<ControllerOrders>& all, const Share& share,
               const Replica& replica) {
  if (share.effects_paused) return true;
  const Replica* active = share.active();
  return std::any_of(all.begin(), all.end(), [&](const ControllerOrders& one) {
    return one.effects_paused && (one.name.empty() || one.name == replica.controller ||
                                  (active != nullptr && one.name == active->controller));
  });
}

bool is_synced(const Share& share, const Replica& replica) {
  return !share.replication_suspended &&
         (share.replication == ReplicationType::readable ||
          share.replication == ReplicationType::dr) &&
         !replica.host.empty() && replica.state != ReplicaState::active &&
         replica.state != ReplicaState::none &&
         (replica.status == ReplicaStatus::available || replica.status == ReplicaStatus::error);
}

// Taken, and not on this replica: the next sync brings it, and need not be waited for.
std::string snapshots_to_come(const Share& share, ReplicaId replica) {
  std::string wish;
  for (const Snapshot& one : share.snapshots) {
    const SnapshotCopy* copy = one.find(replica);
    if (copy != nullptr && copy->status == SnapshotStatus::creating && !one.digest.empty())
      wish += "/+" + to_string(one.id);
  }
  return wish;
}

std::string snapshots_to_go(const Share& share, ReplicaId replica) {
  std::string wish;
  for (const Snapshot& one : share.snapshots) {
    const SnapshotCopy* copy = one.find(replica);
    if (copy != nullptr && copy->status == SnapshotStatus::deleting)
      wish += "/-" + to_string(one.id);
  }
  return wish;
}

}  // namespace

void Upkeep::start() {
  syncs_.start(parts_.syncs_at_once);
  looks_.start(k_looks_at_once);
  scrubs_.start(k_scrubs_at_once);
}

void Upkeep::stop() {
  {
    const std::scoped_lock lock(mutex_);
    for (const Running* all : {&running_syncs_, &running_scrubs_})
      for (const auto& [share, replicas] : *all)
        for (auto [replica, source] : replicas) source.request_stop();
  }
  syncs_.stop();
  looks_.stop();
  scrubs_.stop();
}

Driver* Upkeep::driver_of(const Share& share) const {
  const Replica* active = share.active();
  if (active == nullptr) return nullptr;
  const auto at = parts_.controllers.find(active->controller);
  return at == parts_.controllers.end() ? nullptr : at->second.driver;
}

bool Upkeep::is_due(std::optional<Last>& last, Last now, std::uint32_t interval_seconds,
                    Monotonic& next) {
  const auto interval = std::chrono::seconds(interval_seconds);
  const bool due = !last || last->state != now.state || now.at - last->at >= interval;
  if (due) last = std::move(now);
  next = std::min(next, last->at + interval);
  return due;
}

void Upkeep::look_around() {
  Monotonic ignored;
  const Monotonic now = parts_.clock.monotonic();
  if (is_due(pools_, {now, {}}, parts_.stats_interval_seconds, ignored))
    looks_.add("pools", [this](const std::stop_token&) { report_pools(); });
  const SharesChanged changed = parts_.shares_changed(seen_);
  const bool has_new_orders = changed.upto != seen_ && read_orders();
  if (!changed.is_complete || now >= next_full_look_ || has_new_orders) look_at_all();
  else look_at_changed(changed);
  seen_ = changed.upto;
}

bool Upkeep::read_orders() {
  auto now = parts_.store.view()->controllers();
  if (now == orders_) return false;
  orders_ = std::move(now);
  return true;
}

void Upkeep::look_at_all() {
  next_full_look_ = parts_.clock.monotonic() + k_full_look;
  // Asked first: what is observed before the view was taken is in it, or is gone for good.
  const std::vector<ReplicaId> observed = parts_.observations.replicas();
  const auto view = parts_.store.view();
  const auto shares = view->shares();
  std::set<ReplicaId> known;
  std::set<ShareId> gone;
  for (const auto& [id, one] : shares_) gone.insert(id);
  for (const Share& share : shares) {
    gone.erase(share.id);
    for (const Replica& one : share.replicas) known.insert(one.id);
    look_at(*view, share);
  }
  for (const ShareId id : gone) forget(id);
  for (const ReplicaId id : observed)
    if (!known.contains(id)) parts_.observations.forget(id);
}

void Upkeep::look_at_changed(const SharesChanged& changed) {
  std::set<ShareId> all(changed.shares.begin(), changed.shares.end());
  const Monotonic now = parts_.clock.monotonic();
  for (auto at = due_.begin(); at != due_.end() && at->first <= now; ++at) all.insert(at->second);
  if (all.empty()) return;
  const auto view = parts_.store.view();
  for (const ShareId id : all) {
    const auto share = view->share(id);
    if (share) look_at(*view, *share);
    else forget(id);
  }
}

void Upkeep::set_next(ShareId id, OfShare& known, Monotonic next) {
  due_.erase({known.next, id});
  known.next = next;
  if (next != Monotonic::max()) due_.insert({next, id});
}

void Upkeep::forget(ShareId share) {
  const auto at = shares_.find(share);
  if (at == shares_.end()) return;
  for (const auto& [replica, last] : at->second.replicas) parts_.observations.forget(replica);
  set_next(share, at->second, Monotonic::max());
  shares_.erase(at);
}

void Upkeep::look_at(const StateReader& state, const Share& share) {
  OfShare& known = shares_[share.id];
  std::erase_if(known.replicas, [&](const auto& one) {
    if (share.find(one.first) != nullptr) return false;
    parts_.observations.forget(one.first);
    return true;
  });
  set_next(share.id, known, Monotonic::max());  // until a record touches it
  for (const Replica& one : share.replicas) known.replicas.try_emplace(one.id);
  if (driver_of(share) == nullptr || !is_quiet(state, share)) return;
  for (const Replica& one : share.replicas) look_at(share, one, known);
}

void Upkeep::look_at(const Share& share, const Replica& replica, OfShare& known) {
  if (replica.host.empty() || replica.status == ReplicaStatus::creating ||
      replica.status == ReplicaStatus::deleting || is_retired(orders_, replica.controller))
    return;
  const std::string id = to_string(replica.id);
  const std::string epoch = std::to_string(share.epoch);
  const std::string status(word(replica.status));
  const Monotonic now = parts_.clock.monotonic();
  OfReplica& last = known.replicas.at(replica.id);
  Monotonic next = known.next;
  const auto task = [this, share_id = share.id, replica_id = replica.id](auto method) {
    return [this, share_id, replica_id, method](const std::stop_token& stop) {
      (this->*method)(share_id, replica_id, stop);
    };
  };
  const std::uint32_t interval = replica.fence.state == FenceState::pending
                                     ? k_pending_fence_seconds
                                     : parts_.status_interval_seconds;
  std::string state = status + "/" + std::string(word(replica.state)) + "/" + epoch + "/" +
                      std::string(word(replica.fence.state)) + replica.note;
  // What befell another replica (a change that failed, a report that did not fit) may have left its
  // mark on the active one.
  if (replica.state == ReplicaState::active)
    for (const Replica& one : share.replicas) state += "/" + one.note;
  const bool paused = is_paused(orders_, share, replica);
  state += (paused ? "/paused/" : "/") + std::to_string(share.debris_cleanings) +
           snapshots_to_go(share, replica.id);
  if (is_due(last.status, {now, state}, interval, next))
    looks_.add("status/" + id, task(&Upkeep::check));
  const std::string wish = epoch + status + (replica.accepts_mass_deletion ? "/accepts" : "") +
                           snapshots_to_come(share, replica.id) +
                           snapshots_to_go(share, replica.id);
  const Replica* active = share.active();
  const bool has_source = active != nullptr && !is_retired(orders_, active->controller);
  if (!paused && has_source && is_synced(share, replica) &&
      is_due(last.sync, {now, wish}, share.sync_interval_seconds, next))
    syncs_.add("sync/" + id, task(&Upkeep::sync));
  if (!paused && has_source) look_at_scrub(share, replica, last, next);
  set_next(share.id, known, next);
}

void Upkeep::give_way(ShareId share) {
  const std::scoped_lock lock(mutex_);
  for (const Running* all : {&running_syncs_, &running_scrubs_})
    if (const auto running = all->find(share); running != all->end())
      for (auto [replica, source] : running->second) source.request_stop();
}

void Upkeep::submit(Command command, std::string id) {
  const auto outcome = parts_.handler.submit(
      {.command = std::move(command),
       .actor = {.kind = ActorKind::system, .name = "worker:" + parts_.node, .admin = true},
       .command_id = std::move(id)});
  if (!outcome) parts_.note("reporting what a worker saw: " + outcome.error().text());
}

void Upkeep::tell(const std::string& about, const std::string& words) {
  {
    const std::scoped_lock lock(mutex_);
    const auto told = told_.find(about);
    if (told == told_.end() ? words.empty() : told->second == words) return;
    if (words.empty()) told_.erase(told);
    else told_[about] = words;
  }
  parts_.note(about + ": " + (words.empty() ? "well again" : words));
}

// The token is the share's version in a view where nothing is at work on it. A claim that is
// accepted later has a higher one, because the request before it moved the share too: no call
// made here can come before it at the storage and then be in its way.
std::optional<Upkeep::Target> Upkeep::target_of(ShareId share_id, ReplicaId replica_id) const {
  const auto view = parts_.store.view();
  auto share = view->share(share_id);
  if (!share || !is_quiet(*view, *share) || share->find(replica_id) == nullptr) return std::nullopt;
  Driver* driver = driver_of(*share);
  if (driver == nullptr) return std::nullopt;
  const FencingToken token{view->head().incarnation, view->stream_version(stream_of(share_id))};
  const std::vector<ControllerOrders> orders = view->controllers();
  const Replica& replica = *share->find(replica_id);
  if (is_retired(orders, replica.controller)) return std::nullopt;
  const bool paused = is_paused(orders, *share, replica);
  return Target{*std::move(share), token, driver, paused, orders};
}

void Upkeep::report_pools() {
  for (const auto& [name, controller] : parts_.controllers) report_pools(controller);
}

void Upkeep::report_pools(const WorkedController& controller) {
  const auto pools = controller.driver->stats(controller.name);
  for (PoolObservation one : parts_.observations.pools()) {
    if (one.controller != controller.name) continue;
    if (!pools) {
      one.up = false;
      one.words = pools.error().words;
      parts_.observations.put(one);
    } else if (std::none_of(pools->begin(), pools->end(),
                            [&](const PoolStats& pool) { return pool.pool == one.pool; })) {
      parts_.observations.forget_pool(one.host);
    }
  }
  tell("controller " + controller.name, pools ? std::string() : pools.error().words);
  if (!pools) return;
  for (const PoolStats& pool : *pools)
    parts_.observations.put(pool_observed(controller, pool, parts_.clock.now()));
}

}  // namespace pasig::drivers
