// The calls that upkeep makes: one sync of one secondary, one status call of one replica, and
// what they mean as reports.
#include <algorithm>

#include "commands/access_rules.h"
#include "drivers/upkeep.h"
#include "drivers/worker_words.h"

namespace pasig::drivers {
namespace {

constexpr auto k_status_limit = std::chrono::seconds(60);
constexpr auto k_sync_limit = std::chrono::hours(24);

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

// Something else is at work there: that will tell.
bool tells_nothing(Problem problem) {
  return problem == Problem::cancelled || problem == Problem::busy ||
         problem == Problem::stale_token || problem == Problem::expired;
}

void take_health(ReportStatus& report, const Health& health, const Share& share, Role role) {
  report.role_fits = health.role_on_storage == role && health.epoch_on_storage == share.epoch;
  if (!report.role_fits)
    report.storage_words = "epoch " + std::to_string(health.epoch_on_storage) +
                           (health.role_on_storage == Role::active ? ", active" : ", secondary");
  if (health.fenced_now) report.fenced = fence_of(*health.fenced_now);
  for (const Aside& one : health.aside) report.aside.push_back(aside_of(one));
  report.exports = health.exports;
  if (!health.present) {
    std::string words = "its data is not there";
    for (const std::string& one : health.repaired) words += "; " + one;
    report.failure = Failure{.code = FailureCode::lost,
                             .words = std::move(words),
                             .hint = "bring the data back, or make another replica active"};
  }
}

}  // namespace

void Upkeep::sync(ShareId share_id, ReplicaId replica_id, std::stop_token stop) {
  const auto target = target_of(share_id, replica_id);
  if (!target || target->is_paused || target->share.replication_suspended) return;
  std::stop_source source;
  {
    const std::scoped_lock lock(mutex_);
    running_syncs_[share_id][replica_id] = source;
  }
  const std::stop_callback when_stopping(stop, [&] { source.request_stop(); });
  const auto answer =
      target->driver->sync_replica(share_ref(target->share), replica_id,
                                   {.token = target->token,
                                    .deadline = parts_.clock.monotonic() + k_sync_limit,
                                    .cancelled = source.get_token()});
  {
    const std::scoped_lock lock(mutex_);
    running_syncs_[share_id].erase(replica_id);
    if (running_syncs_[share_id].empty()) running_syncs_.erase(share_id);
  }
  // What came first tells its own outcome.
  const bool gave_way = !answer && (answer.error().problem == Problem::cancelled ||
                                    answer.error().problem == Problem::stale_token);
  if (!gave_way) report_sync(*target, replica_id, answer);
}

void Upkeep::report_sync(const Target& target, ReplicaId replica_id, const Answer<Copy>& answer) {
  const Share& share = target.share;
  ReplicaObservation seen = observed(parts_, replica_id);
  ReportSync report{.share = share.id, .replica = replica_id, .epoch = share.epoch};
  if (answer) {
    seen.reachable = true;
    seen.words.clear();
    tell("sync of replica " + to_string(replica_id), {});
    seen.confirmed_at = parts_.clock.now();
    note_copy(seen, *answer);
    report.generation = answer->generation;
    report.data_as_of = answer->data_as_of;
    report.consistency = consistency_of(answer->consistency);
    report.source_bytes = answer->source_bytes;
    report.snapshots = answer->snapshots;
    if (answer->snapshots)
      report.snapshots_missing = missing_of(share, replica_id, *answer->snapshots);
  } else {
    seen.words = answer.error().words;
    report.wrong = meaning_for_secondary(answer.error(), share_ref(share), replica_id);
    report.words = answer.error().words;
    tell("sync of replica " + to_string(replica_id), answer.error().words);
  }
  parts_.observations.put(seen);
  if (answer && (answer->fenced_now || !answer->aside.empty() || answer->exports)) {
    // A side that was away came back: it was fenced first, and what its clients wrote kept aside.
    // And a first copy gave the replica its export.
    ReportStatus returned{.share = share.id, .replica = replica_id, .epoch = share.epoch};
    if (answer->fenced_now) returned.fenced = fence_of(*answer->fenced_now);
    for (const Aside& one : answer->aside) returned.aside.push_back(aside_of(one));
    returned.exports = answer->exports;
    submit(std::move(returned));
  }
  if (answer || report.wrong) submit(report);
  if (answer && answer->fenced_now && !share.access_rules.empty()) request_access_update(target);
}

void Upkeep::check(ShareId share_id, ReplicaId replica_id, std::stop_token stop) {
  const auto target = target_of(share_id, replica_id);
  if (!target) return;
  const Share& share = target->share;
  const ShareRef ref = share_ref(share);
  const ReplicaRef* replica = ref.find(replica_id);
  if (replica == nullptr) return;  // never placed
  if (target->is_paused) {
    look_only(*target, replica_id, stop);
    return;
  }
  const auto answer =
      target->driver->update_replica_status(ref, replica_id,
                                            {.token = target->token,
                                             .deadline = parts_.clock.monotonic() + k_status_limit,
                                             .cancelled = stop});
  if (!answer && tells_nothing(answer.error().problem)) return;
  ReplicaObservation seen = observed(parts_, replica_id);
  ReportStatus report{.share = share_id, .replica = replica_id, .epoch = share.epoch};
  if (!answer) {
    seen.reachable = answer.error().problem != Problem::unreachable;
    seen.words = answer.error().words;
    report.failure = failure_of(answer.error());
  } else {
    seen.reachable = true;
    seen.used_bytes = answer->used_bytes;
    report.used_bytes = answer->used_bytes;
    if (answer->latest) note_copy(seen, *answer->latest);
    seen.words = answer->writable_probe_ok ? "" : "its storage takes no writes: a probe failed";
    take_health(report, *answer, share, replica->role);
    report.snapshots = answer->snapshots;
    if (answer->snapshots)
      report.snapshots_missing = missing_of(share, replica_id, *answer->snapshots);
    for (const std::string& words : answer->repaired)
      parts_.note("replica " + to_string(replica_id) + ": " + words);
  }
  if (share.active()->id == replica_id) report.debris_cleaned = clean_debris(*target, stop);
  parts_.observations.put(seen);
  submit(std::move(report));
  const bool is_otherwise = answer && may_hold_otherwise(*target, replica_id, *answer);
  const bool has_missed = is_worth_telling(*target, replica_id, answer.has_value());
  if (has_missed || is_otherwise) request_access_update(*target);
}

// Rules that its storage answered but did not take are told to it again when something of the
// replica, or of what is asked for, is not as it was: what fails for good must not fill the log.
bool Upkeep::is_worth_telling(const Target& target, ReplicaId replica_id, bool answers) {
  const Share& share = target.share;
  const Replica& replica = *share.find(replica_id);
  const bool is_told = !has_queued_rules(share, replica_id);
  std::string as_it_is = replica.access_words + "/" + std::string(word(replica.status)) + "/" +
                         std::string(word(replica.state)) + "/" + std::to_string(share.epoch) +
                         "/" + std::string(word(replica.fence.state));
  for (const ShareAccessRule& rule : share.access_rules)
    as_it_is +=
        "/" + to_string(rule.id) + std::string(word(rule.level)) + (rule.is_removed ? "-" : "+");
  const std::scoped_lock lock(mutex_);
  if (!answers || is_told || replica.access_words.empty()) {
    told_again_.erase(replica_id);
    return answers && !is_told;
  }
  std::string& before = told_again_[replica_id];
  if (before == as_it_is) return false;
  before = std::move(as_it_is);
  return true;
}

// Fenced, its rules may hold; put right, what was said of them may not be so. What is put right by
// every call alike is no news.
bool Upkeep::may_hold_otherwise(const Target& target, ReplicaId replica_id, const Health& health) {
  std::string words;
  for (const std::string& one : health.repaired) words += one + "\n";
  bool is_news = false;
  {
    const std::scoped_lock lock(mutex_);
    const auto before = put_right_.find(replica_id);
    is_news = !words.empty() && (before == put_right_.end() || before->second != words);
    if (words.empty()) put_right_.erase(replica_id);
    else put_right_[replica_id] = std::move(words);
  }
  return !target.share.access_rules.empty() && (is_news || health.fenced_now);
}

// It answers, and rules wait to be applied there that it missed, or may hold otherwise. The id is
// made of the share's version: however many replicas and nodes see it, it is asked for once.
void Upkeep::request_access_update(const Target& target) {
  const std::string id = to_string(target.share.id);
  submit(RequestAccessUpdate{target.share.id}, "access-update/" + id + "/" +
                                                   std::to_string(target.token.incarnation) + "/" +
                                                   std::to_string(target.token.share_version));
}

void Upkeep::look_only(const Target& target, ReplicaId replica_id, const std::stop_token& stop) {
  const auto found = target.driver->inspect(share_ref(target.share), replica_id,
                                            {.token = target.token,
                                             .deadline = parts_.clock.monotonic() + k_status_limit,
                                             .cancelled = stop});
  if (!found && tells_nothing(found.error().problem)) return;
  ReplicaObservation seen = observed(parts_, replica_id);
  seen.reachable = found || found.error().problem != Problem::unreachable;
  seen.words = found ? "" : found.error().words;
  if (found && found->latest) note_copy(seen, *found->latest);
  parts_.observations.put(seen);
}

// What an earlier removal had to leave behind: it is tried again for as long as it is listed.
// What the driver keeps on purpose (data kept aside) stays listed.
std::vector<Debris> Upkeep::clean_debris(const Target& target, const std::stop_token& stop) {
  std::vector<Debris> cleaned;
  for (const Debris& one : target.share.debris) {
    const auto is_same_place = [&](const Debris& other) {
      return other.replica == one.replica && other.controller == one.controller;
    };
    if (std::any_of(cleaned.begin(), cleaned.end(), is_same_place)) continue;
    if (target.share.find(one.replica) != nullptr) continue;  // it is looked after as itself
    const bool is_kept_from =
        std::any_of(target.orders.begin(), target.orders.end(), [&](const ControllerOrders& order) {
          return order.name == one.controller && (order.is_retired || order.effects_paused);
        });
    if (is_kept_from) continue;
    ShareRef ref = share_ref(target.share);
    // It was a secondary when it was removed: what its clients wrote since is kept aside first.
    ref.replicas.push_back(
        {.id = one.replica, .controller = one.controller, .role = Role::secondary});
    const auto own = parts_.controllers.find(one.controller);
    Driver* driver = own == parts_.controllers.end() ? target.driver : own->second.driver;
    const auto removed =
        driver->remove_replica(ref, one.replica, false,
                               {.token = target.token,
                                .deadline = parts_.clock.monotonic() + k_status_limit,
                                .cancelled = stop});
    const std::string about =
        "cleaning what remains of replica " + to_string(one.replica) + " on " + one.controller;
    if (removed && removed->remains.empty()) cleaned.push_back(one);
    else if (removed) tell(about, removed->remains.front().words);
    else if (removed.error().problem != Problem::unreachable)
      parts_.note(about + ": " + removed.error().words);
  }
  return cleaned;
}

}  // namespace pasig::drivers
