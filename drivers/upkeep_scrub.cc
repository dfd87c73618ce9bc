// Scrubs: when the whole content of a replica is read, and what that means as a report. Each
// replica has its own moment in the interval, so that not all are read at once; when it was last
// read is an observation, which a restart remembers.
#include <algorithm>

#include "drivers/upkeep.h"
#include "drivers/worker_words.h"

namespace pasig::drivers {
namespace {

constexpr auto k_scrub_limit = std::chrono::hours(7 * 24);
// After one that could not be made, and while unrepaired damage keeps a replica out of sync.
constexpr std::uint32_t k_retry_seconds = 600;
constexpr std::size_t k_examples_max = 20;

// While replication is suspended nothing is copied, not even in the place of what is damaged.
bool is_scrubbed(const Share& share, const Replica& replica) {
  if (share.replication_suspended && replica.state != ReplicaState::active) return false;
  return !replica.host.empty() && replica.status == ReplicaStatus::available &&
         (replica.state == ReplicaState::active || replica.state == ReplicaState::in_sync ||
          replica.state == ReplicaState::out_of_sync);
}

// Its share of the interval: the first scrub of a new replica comes so long after it was made.
std::int64_t offset_of(ReplicaId replica, std::uint32_t interval_seconds) {
  return static_cast<std::int64_t>((replica.uuid.hi ^ replica.uuid.lo) % interval_seconds);
}

Time due_at(const Replica& replica, Time scrubbed_at, std::uint32_t interval_seconds) {
  const Time last = std::max(scrubbed_at, replica.verified_at);
  if (!last.is_set())
    return replica.created_at.plus_seconds(offset_of(replica.id, interval_seconds));
  const bool repairs = replica.damaged > 0 && replica.state != ReplicaState::active;
  return last.plus_seconds(repairs ? k_retry_seconds : interval_seconds);
}

std::vector<std::string> examples_of(const Scrubbed& scrubbed) {
  std::vector<std::string> examples;
  for (const Damage& one : scrubbed.damage) {
    if (examples.size() == k_examples_max) break;
    examples.push_back(one.where + ": " + one.path + ": " + one.words +
                       (one.is_repaired ? "; repaired" : ""));
  }
  return examples;
}

}  // namespace

void Upkeep::look_at_scrub(const Share& share, const Replica& replica, OfReplica& last,
                           Monotonic& next) {
  if (!is_scrubbed(share, replica)) return;
  const Monotonic now = parts_.clock.monotonic();
  const auto seen = parts_.observations.replica(replica.id);
  const Time due =
      due_at(replica, seen ? seen->scrubbed_at : Time{}, parts_.scrub_interval_seconds);
  const std::int64_t left = due.micros_since(parts_.clock.now());
  if (!replica.verify_requested_at.is_set() && left > 0) {
    next = std::min(next, now + std::chrono::microseconds(left));
    return;
  }
  {
    const std::scoped_lock lock(mutex_);
    if (scrubs_that_gave_way_.erase(replica.id) > 0) last.scrub.reset();
  }
  const std::string state = std::string(word(replica.state)) + "/" + std::to_string(share.epoch) +
                            "/" + to_string(replica.verify_requested_at);
  if (!is_due(last.scrub, {now, state}, k_retry_seconds, next)) return;
  const auto task = [this, share_id = share.id, replica_id = replica.id](
                        const std::stop_token& stop) { scrub(share_id, replica_id, stop); };
  if (scrubs_.add("scrub/" + to_string(replica.id), task)) return;
  // One runs that began before this was asked for: another one follows it.
  last.scrub.reset();
  next = std::min(next, now + std::chrono::seconds(1));
}

void Upkeep::scrub(ShareId share_id, ReplicaId replica_id, std::stop_token stop) {
  const auto gave_way = [&] {
    const std::scoped_lock lock(mutex_);
    scrubs_that_gave_way_.insert(replica_id);
  };
  const auto target = target_of(share_id, replica_id);
  if (!target || target->is_paused) return gave_way();
  if (!is_scrubbed(target->share, *target->share.find(replica_id))) return gave_way();
  std::stop_source source;
  {
    const std::scoped_lock lock(mutex_);
    running_scrubs_[share_id][replica_id] = source;
  }
  const std::stop_callback when_stopping(stop, [&] { source.request_stop(); });
  const Time began_at = parts_.clock.now();
  CallContext context{.token = target->token,
                      .deadline = parts_.clock.monotonic() + k_scrub_limit,
                      .cancelled = source.get_token()};
  context.progress = [this, replica_id](const Progress& progress) {
    parts_.observations.put(ScrubProgress{replica_id, progress.step, progress.bytes_done,
                                          progress.bytes_total, parts_.clock.now()});
  };
  const auto answer = target->driver->scrub_replica(share_ref(target->share), replica_id, context);
  {
    const std::scoped_lock lock(mutex_);
    running_scrubs_[share_id].erase(replica_id);
    if (running_scrubs_[share_id].empty()) running_scrubs_.erase(share_id);
  }
  parts_.observations.forget_scrub(replica_id);
  if (!answer && answer.error().problem == Problem::cancelled) return gave_way();
  report_scrub(*target, replica_id, began_at, answer);
}

void Upkeep::report_scrub(const Target& target, ReplicaId replica_id, Time began_at,
                          const Answer<Scrubbed>& answer) {
  const std::string about = "scrub of replica " + to_string(replica_id);
  auto seen =
      parts_.observations.replica(replica_id).value_or(ReplicaObservation{.replica = replica_id});
  // A driver that has no scrub is not asked again before its time.
  const bool is_over = answer || answer.error().problem == Problem::unsupported;
  if (is_over) seen.scrubbed_at = parts_.clock.now();
  seen.scrub_words = answer ? std::string() : answer.error().words;
  parts_.observations.put(seen);
  tell(about, seen.scrub_words);
  if (!answer) return;
  submit(ReportScrub{.share = target.share.id,
                     .replica = replica_id,
                     .epoch = target.share.epoch,
                     .files = answer->files,
                     .bytes = answer->bytes,
                     .damaged = answer->damaged,
                     .repaired = answer->repaired,
                     .examples = examples_of(*answer),
                     .good_copies = answer->good_copies,
                     .began_at = began_at});
}

}  // namespace pasig::drivers
