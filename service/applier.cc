#include "service/applier.h"

#include <spdlog/spdlog.h>

#include <string>

#include "service/fold.h"

namespace pasig {
namespace {

constexpr std::size_t k_batch_records = 512;
constexpr auto k_poll = std::chrono::seconds(1);
constexpr std::size_t k_changes_remembered = 16384;

// Only a restart, after a cure, reads the record another way. A full disk may be cured meanwhile.
bool is_for_good(const Error& error) {
  return error.code == ErrorCode::corrupt || error.code == ErrorCode::unsupported;
}

}  // namespace

Error refusal_by(const Error& standing) {
  const bool full = standing.code == ErrorCode::exhausted;
  return {full ? ErrorCode::exhausted : ErrorCode::unavailable,
          "commands are refused because applying stands: " + standing.message, standing.hint};
}

Result<void> check_identity(const StoreHead& head, const LogReader& log) {
  if (head.next_ordinal == 0) return {};
  PASIG_TRY(const std::uint64_t end, log.end());
  if (end < head.next_offset)
    return fail(
        ErrorCode::corrupt,
        "the log ends at " + std::to_string(end) + ", before the state's position " +
            std::to_string(head.next_offset) + ": records that were acknowledged are missing",
        "put the whole log back; if these records are lost for good, remove the state: what "
        "they said is forgotten then, and storage may be ahead of the log");
  PASIG_TRY(const std::vector<LogEntry> last, log.read(head.last_offset, 1));
  if (last.empty() || last.front().position.offset != head.last_offset ||
      sha256(last.front().frame) != head.last_frame_hash)
    return fail(ErrorCode::conflict,
                "the record at position " + std::to_string(head.last_offset) +
                    " of the log is not the one the state was folded from",
                "the state is rebuilt from the log");
  return {};
}

void Applier::start() {
  const auto head = store_.view()->head();
  {
    const std::scoped_lock lock(mutex_);
    applied_ = changes_from_ = head.next_ordinal;
    next_offset_ = head.next_offset;
  }
  while (step()) {
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Applier::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  const std::scoped_lock lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

void Applier::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (step_or_stand()) continue;
    const auto standing = this->standing();
    if (!standing) {
      (void)log_.wait_beyond(next_offset_, k_poll, stop);
    } else if (is_for_good(*standing)) {
      return;
    } else {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, k_poll, [] { return false; });
    }
  }
}

// What is thrown (no memory, no reader left) must not end the process: it passes, or it stands.
bool Applier::step_or_stand() {
  try {
    return step();
  } catch (const std::exception& thrown) {
    stand({ErrorCode::unavailable, std::string("applying the log: ") + thrown.what(),
           "it is tried again"});
    return false;
  }
}

// True when something was applied.
bool Applier::step() {
  const auto done = fold_some(store_, log_, k_batch_records);
  if (!done) {
    stand(done.error());
    return false;
  }
  const std::scoped_lock lock(mutex_);
  if (standing_) spdlog::info("applying goes on at position {}", done->next_offset);
  standing_.reset();
  applied_ = done->next_ordinal;
  next_offset_ = done->next_offset;
  remember(applied_, done->shares);
  if (done->records > 0) changed_.notify_all();
  return done->records > 0;
}

void Applier::remember(Ordinal applied, const std::vector<ShareId>& shares) {
  for (const ShareId share : shares) changes_.emplace_back(applied, share);
  while (changes_.size() > k_changes_remembered) {
    changes_from_ = changes_.front().first;
    changes_.pop_front();
  }
}

SharesChanged Applier::shares_changed(Ordinal from) const {
  const std::scoped_lock lock(mutex_);
  SharesChanged changed{.upto = applied_, .shares = {}, .is_complete = from >= changes_from_};
  for (auto at = changes_.rbegin(); at != changes_.rend() && at->first > from; ++at)
    changed.shares.push_back(at->second);
  return changed;
}

void Applier::stand(const Error& error) {
  const std::scoped_lock lock(mutex_);
  if (standing_ != error)
    spdlog::critical("applying stands: {}; reads go on, commands are refused", error.text());
  standing_ = error;
  changed_.notify_all();
}

Result<void> Applier::wait_applied(std::uint64_t offset, Duration timeout) const {
  std::unique_lock lock(mutex_);
  const bool woke = changed_.wait_for(
      lock, timeout, [&] { return next_offset_ > offset || standing_ || stopped_; });
  if (next_offset_ > offset) return {};
  if (standing_) return tl::unexpected(refusal_by(*standing_));
  return fail(ErrorCode::unavailable,
              woke ? "pasigd is stopping"
                   : "position " + std::to_string(offset) + " was not applied in time",
              "try again");
}

Result<void> Applier::catch_up(Duration timeout) const {
  PASIG_TRY(const std::uint64_t end, log_.end());
  return end == 0 ? Result<void>() : wait_applied(end - 1, timeout);
}

bool Applier::wait_beyond(Ordinal ordinal, Duration timeout, std::stop_token stop) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, stop, timeout, [&] { return applied_ > ordinal || stopped_; }) &&
         applied_ > ordinal;
}

Ordinal Applier::applied() const {
  const std::scoped_lock lock(mutex_);
  return applied_;
}

std::optional<Error> Applier::standing() const {
  const std::scoped_lock lock(mutex_);
  return standing_;
}

}  // namespace pasig
