#include "drivers/upkeep.h"

#include "drivers/worker_words.h"

namespace pasig::drivers {
namespace {

constexpr std::uint32_t k_looks_at_once = 4;
constexpr auto k_status_limit = std::chrono::seconds(60);
constexpr auto k_sync_limit = std::chrono::hours(24);
// A pending fence is the one thing that cannot wait for the status interval.
constexpr std::uint32_t k_pending_fence_seconds = 5;

std::string pool_host(const WorkerParts& parts, const WorkedController& controller,
                      const std::string& pool) {
  return parts.node + "@" + controller.name + "#" + pool;
}

// Operations move data and change roles; until they are over no sync starts.
bool is_quiet(const Share& share) { return share.operations.empty(); }

bool is_synced(const Share& share, const Replica& replica) {
  return (share.replication == ReplicationType::readable ||
          share.replication == ReplicationType::dr) &&
         !replica.host.empty() && replica.state != ReplicaState::active &&
         replica.state != ReplicaState::none &&
         (replica.status == ReplicaStatus::available || replica.status == ReplicaStatus::error);
}

ReplicaObservation observed(const WorkerParts& parts, ReplicaId replica) {
  auto one = parts.observations.replica(replica).value_or(ReplicaObservation{.replica = replica});
  one.observed_at = parts.clock.now();
  return one;
}

void note_copy(ReplicaObservation& one, const Copy& copy) {
  one.generation = copy.generation;
  one.data_as_of = copy.data_as_of;
  one.consistency = consistency_of(copy.consistency);
  one.files = copy.files;
  one.skipped = copy.skipped;
}

}  // namespace

void Upkeep::start() {
  syncs_.start(parts_.syncs_at_once);
  looks_.start(k_looks_at_once);
}

void Upkeep::stop() {
  {
    const std::scoped_lock lock(mutex_);
    for (auto& [share, replicas] : running_syncs_)
      for (auto& [replica, source] : replicas) source.request_stop();
  }
  syncs_.stop();
  looks_.stop();
}

Driver* Upkeep::driver_of(const Share& share) const {
  const Replica* active = share.active();
  if (active == nullptr) return nullptr;
  const auto at = parts_.controllers.find(active->controller);
  return at == parts_.controllers.end() ? nullptr : at->second.driver;
}

bool Upkeep::is_due(const std::string& name, const std::string& state,
                    std::uint32_t interval_seconds) {
  const Monotonic now = parts_.clock.monotonic();
  const auto at = last_.find(name);
  if (at != last_.end() && at->second.state == state &&
      now - at->second.at < std::chrono::seconds(interval_seconds))
    return false;
  last_[name] = {now, state};
  return true;
}

void Upkeep::look_around() {
  if (is_due("pools", {}, parts_.stats_interval_seconds))
    looks_.add("pools", [this](const std::stop_token&) { report_pools(); });
  const auto shares = parts_.store.view()->shares();
  for (const Share& share : shares)
    if (driver_of(share) != nullptr) look_at(share);
  if (last_.size() > 4 * shares.size() + 1024) last_.clear();  // mostly of shares that are gone
}

void Upkeep::look_at(const Share& share) {
  for (const Replica& one : share.replicas) {
    if (one.host.empty() || one.status == ReplicaStatus::creating ||
        one.status == ReplicaStatus::deleting)
      continue;
    const std::string id = to_string(one.id);
    const std::string state = std::string(word(one.status)) + "/" + std::string(word(one.state)) +
                              "/" + std::to_string(share.epoch) + "/" +
                              std::string(word(one.fence.state));
    const std::uint32_t interval = one.fence.state == FenceState::pending
                                       ? k_pending_fence_seconds
                                       : parts_.status_interval_seconds;
    const auto task = [this, share_id = share.id, replica = one.id](auto method) {
      return [this, share_id, replica, method](const std::stop_token& stop) {
        (this->*method)(share_id, replica, stop);
      };
    };
    if (is_quiet(share) && is_due("status/" + id, state + one.note, interval))
      looks_.add("status/" + id, task(&Upkeep::check));
    const std::string wish = std::to_string(share.epoch) + std::string(word(one.status)) +
                             (one.accepts_mass_deletion ? "/accepts" : "");
    if (is_quiet(share) && is_synced(share, one) &&
        is_due("sync/" + id, wish, share.sync_interval_seconds))
      syncs_.add("sync/" + id, task(&Upkeep::sync));
  }
}

void Upkeep::give_way(ShareId share) {
  const std::scoped_lock lock(mutex_);
  for (auto& [replica, source] : running_syncs_[share]) source.request_stop();
}

void Upkeep::submit(Command command) {
  const auto outcome = parts_.handler.submit(
      {.command = std::move(command),
       .actor = {.kind = ActorKind::system, .name = "worker:" + parts_.node, .admin = true}});
  if (!outcome) parts_.note("reporting what a worker saw: " + outcome.error().text());
}

void Upkeep::sync(ShareId share_id, ReplicaId replica_id, std::stop_token stop) {
  const auto view = parts_.store.view();
  const auto share = view->share(share_id);
  if (!share || !is_quiet(*share) || share->find(replica_id) == nullptr) return;
  Driver* driver = driver_of(*share);
  if (driver == nullptr) return;
  std::stop_source source;
  {
    const std::scoped_lock lock(mutex_);
    running_syncs_[share_id][replica_id] = source;
  }
  const std::stop_callback when_stopping(stop, [&] { source.request_stop(); });
  const ShareRef ref = share_ref(*share);
  const auto answer = driver->sync_replica(
      ref, replica_id,
      {.token = {view->head().incarnation, view->stream_version(stream_of(share_id))},
       .deadline = parts_.clock.monotonic() + k_sync_limit,
       .cancelled = source.get_token()});
  {
    const std::scoped_lock lock(mutex_);
    running_syncs_[share_id].erase(replica_id);
    if (running_syncs_[share_id].empty()) running_syncs_.erase(share_id);
  }
  ReplicaObservation seen = observed(parts_, replica_id);
  ReportSync report{.share = share_id, .replica = replica_id, .epoch = share->epoch};
  if (answer) {
    seen.reachable = true;
    seen.words.clear();
    seen.confirmed_at = parts_.clock.now();
    note_copy(seen, *answer);
    report.generation = answer->generation;
    report.data_as_of = answer->data_as_of;
    report.consistency = consistency_of(answer->consistency);
  } else {
    if (answer.error().problem == Problem::cancelled) return;
    seen.words = answer.error().words;
    report.wrong = meaning_for_secondary(answer.error(), ref, replica_id);
    report.words = answer.error().words;
    parts_.note("sync of replica " + to_string(replica_id) + ": " + answer.error().words);
  }
  parts_.observations.put(seen);
  if (answer && (answer->fenced_now || !answer->aside.empty())) {
    // A side that was away came back: it was fenced first, and what its clients wrote kept aside.
    ReportStatus returned{.share = share_id, .replica = replica_id, .epoch = share->epoch};
    if (answer->fenced_now) returned.fenced = fence_of(*answer->fenced_now);
    for (const Aside& one : answer->aside) returned.aside.push_back(aside_of(one));
    submit(std::move(returned));
  }
  if (answer || report.wrong) submit(report);
}

void Upkeep::check(ShareId share_id, ReplicaId replica_id, std::stop_token stop) {
  const auto view = parts_.store.view();
  const auto share = view->share(share_id);
  if (!share || share->find(replica_id) == nullptr) return;
  Driver* driver = driver_of(*share);
  if (driver == nullptr) return;
  const ShareRef ref = share_ref(*share);
  const auto answer = driver->update_replica_status(
      ref, replica_id,
      {.token = {view->head().incarnation, view->stream_version(stream_of(share_id))},
       .deadline = parts_.clock.monotonic() + k_status_limit,
       .cancelled = std::move(stop)});
  ReplicaObservation seen = observed(parts_, replica_id);
  ReportStatus report{.share = share_id, .replica = replica_id, .epoch = share->epoch};
  if (!answer) {
    const Problem problem = answer.error().problem;
    if (problem == Problem::cancelled || problem == Problem::busy ||
        problem == Problem::stale_token || problem == Problem::expired)
      return;  // something else is at work there: that will tell
    seen.reachable = problem != Problem::unreachable;
    seen.words = answer.error().words;
    report.failure = failure_of(answer.error());
  } else {
    seen.reachable = true;
    seen.used_bytes = answer->used_bytes;
    if (answer->latest) note_copy(seen, *answer->latest);
    const Role role = ref.find(replica_id)->role;
    report.role_fits = answer->role_on_storage == role && answer->epoch_on_storage == share->epoch;
    if (!report.role_fits)
      report.storage_words = "epoch " + std::to_string(answer->epoch_on_storage) +
                             (answer->role_on_storage == Role::active ? ", active" : ", secondary");
    if (answer->fenced_now) report.fenced = fence_of(*answer->fenced_now);
    for (const Aside& one : answer->aside) report.aside.push_back(aside_of(one));
    report.exports = answer->exports;
    for (const std::string& words : answer->repaired)
      parts_.note("replica " + to_string(replica_id) + ": " + words);
  }
  parts_.observations.put(seen);
  submit(std::move(report));
}

void Upkeep::report_pools() {
  for (const auto& [name, controller] : parts_.controllers) {
    const auto pools = controller.driver->stats(name);
    if (!pools) {
      for (PoolObservation one : parts_.observations.pools()) {
        if (one.controller != name) continue;
        one.up = false;
        one.words = pools.error().words;
        parts_.observations.put(one);
      }
      parts_.note("controller " + name + ": " + pools.error().words);
      continue;
    }
    for (const PoolStats& pool : *pools) {
      PoolObservation one{.host = pool_host(parts_, controller, pool.pool),
                          .controller = name,
                          .pool = pool.pool,
                          .zone = controller.zone,
                          .driver = controller.kind,
                          .file_system = pool.file_system,
                          .total_bytes = pool.total_bytes,
                          .free_bytes = pool.free_bytes,
                          .replication_domain = pool.replication_domain,
                          .capabilities = pool.capabilities,
                          .reported_at = parts_.clock.now(),
                          .up = true};
      for (const Replication type : pool.replication)
        one.replication_types.push_back(replication_of(type));
      parts_.observations.put(one);
    }
  }
}

}  // namespace pasig::drivers
