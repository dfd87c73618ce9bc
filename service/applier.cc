#include "service/applier.h"

#include <string>

#include "service/fold.h"

namespace pasig {
namespace {

constexpr std::size_t k_batch_records = 512;
constexpr auto k_poll = std::chrono::seconds(1);

}  // namespace

Result<void> check_identity(const StoreHead& head, const LogReader& log) {
  if (head.next_ordinal == 0) return {};
  PASIG_TRY(const std::uint64_t end, log.end());
  if (end < head.next_offset)
    return fail(ErrorCode::conflict,
                "the log ends at " + std::to_string(end) + ", before the state's position " +
                    std::to_string(head.next_offset),
                "the state is rebuilt from the log");
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
    applied_ = head.next_ordinal;
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
  while (!stop.stop_requested() && !standing()) {
    if (!step()) (void)log_.wait_beyond(next_offset_, k_poll, stop);
  }
}

// True when something was applied.
bool Applier::step() {
  const auto done = fold_some(store_, log_, k_batch_records);
  if (done && done->records == 0) return false;
  const auto head = store_.view()->head();
  const std::scoped_lock lock(mutex_);
  if (!done) standing_ = done.error();
  applied_ = head.next_ordinal;
  next_offset_ = head.next_offset;
  changed_.notify_all();
  return done.has_value();
}

Result<void> Applier::wait_applied(std::uint64_t offset, Duration timeout) const {
  std::unique_lock lock(mutex_);
  const bool woke = changed_.wait_for(
      lock, timeout, [&] { return next_offset_ > offset || standing_ || stopped_; });
  if (next_offset_ > offset) return {};
  if (standing_) return tl::unexpected(standing_->within("applying stands"));
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
