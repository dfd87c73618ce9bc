// A VerdictState in memory: for independent checks of a log (it needs no projections) and for
// tests. Fed with every record in order; forgets what lies outside the window. One thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <variant>

#include "base/assert.h"
#include "log/verdict.h"

namespace pasig {

class VerdictMemory final : public VerdictState {
 public:
  // Takes in the record of that ordinal, its verdict and the digest after it.
  void apply(const Record& record, Ordinal ordinal, const Verdict& verdict, const Digest& digest) {
    remember(ordinal, digest);
    if (verdict.accepted()) fold(record, ordinal);
    forget_before_window(ordinal);
  }
  // The same for bytes that are no record: foreign, quarantined.
  void skip(Ordinal ordinal, const Digest& digest) {
    remember(ordinal, digest);
    forget_before_window(ordinal);
  }

  [[nodiscard]] std::uint64_t window() const override { return window_; }
  [[nodiscard]] std::optional<Ordinal> seen(std::string_view command_id) const override {
    const auto place = seen_.find(command_id);
    return place == seen_.end() ? std::nullopt : std::optional(place->second);
  }
  [[nodiscard]] std::optional<Digest> digest_after(Ordinal ordinal) const override {
    if (ordinal < first_digest_ || ordinal - first_digest_ >= digests_.size()) return std::nullopt;
    return digests_[ordinal - first_digest_];
  }
  [[nodiscard]] std::uint64_t stream_version(std::string_view stream) const override {
    const auto place = streams_.find(stream);
    return place == streams_.end() ? 0 : place->second;
  }
  [[nodiscard]] std::int64_t counter(std::string_view counter) const override {
    const auto place = counters_.find(counter);
    return place == counters_.end() ? 0 : place->second;
  }
  // Of the last record; zeroes before the first.
  [[nodiscard]] Digest digest() const { return digests_.empty() ? Digest{} : digests_.back(); }

 private:
  std::uint64_t window_ = 0;
  Ordinal first_digest_ = 0;    // the ordinal of digests_.front()
  std::deque<Digest> digests_;  // at most window_ + 1
  std::map<std::string, Ordinal, std::less<>> seen_;
  std::deque<std::pair<Ordinal, std::string>> seen_in_order_;
  std::map<std::string, std::uint64_t, std::less<>> streams_;
  std::map<std::string, std::int64_t, std::less<>> counters_;

  void remember(Ordinal ordinal, const Digest& digest) {
    PASIG_ASSERT(ordinal == first_digest_ + digests_.size(), "records are applied in order");
    digests_.push_back(digest);
  }

  void fold(const Record& record, Ordinal ordinal) {
    for (const Event& event : record.events)
      if (const auto* created = std::get_if<LogCreated>(&event)) window_ = created->window;
    seen_[record.command_id] = ordinal;
    seen_in_order_.emplace_back(ordinal, record.command_id);
    for (const StreamTouch& touch : record.touched) streams_[touch.stream] += touch.events;
    for (const CounterMove& move : record.moved) counters_[move.counter] += move.delta;
  }

  // Keeps what the next record may ask for: ordinals from (ordinal + 1) - window on.
  void forget_before_window(Ordinal ordinal) {
    const Ordinal next = ordinal + 1;
    const Ordinal oldest = next > window_ ? next - window_ : 0;
    while (digests_.size() > 1 && first_digest_ < oldest) {
      digests_.pop_front();
      ++first_digest_;
    }
    while (!seen_in_order_.empty() && seen_in_order_.front().first < oldest) {
      const auto place = seen_.find(seen_in_order_.front().second);
      if (place != seen_.end() && place->second == seen_in_order_.front().first) seen_.erase(place);
      seen_in_order_.pop_front();
    }
  }
};

}  // namespace pasig
