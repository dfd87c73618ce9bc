#include "service/fold.h"

#include <spdlog/spdlog.h>

#include "log/verdict.h"

namespace pasig {
namespace {

// The verdict's view of a write transaction: the accepted records before this one.
class WriterState final : public VerdictState {
 public:
  explicit WriterState(const Writer& writer) : writer_(writer) {}
  std::uint64_t window() const override { return writer_.head().window; }
  std::optional<Ordinal> seen(std::string_view command_id) const override {
    const auto outcome = writer_.outcome(command_id);
    return outcome ? std::optional<Ordinal>(outcome->ordinal) : std::nullopt;
  }
  std::optional<Digest> digest_after(Ordinal ordinal) const override {
    return writer_.digest_after(ordinal);
  }
  std::uint64_t stream_version(std::string_view stream) const override {
    return writer_.stream_version(stream);
  }
  std::int64_t counter(std::string_view counter) const override { return writer_.counter(counter); }

 private:
  const Writer& writer_;
};

// More was given back than was taken: whatever is limited by this counter is not any more.
void alarm_about_counters(const Writer& writer, const Record& record, Ordinal ordinal) {
  for (const CounterMove& move : record.moved)
    if (const std::int64_t value = writer.counter(move.counter); value < 0)
      spdlog::critical(
          "counter {} is at {} after record {} (command {}): please report this defect",
          move.counter, value, ordinal, record.command_id);
}

void note_shares(const Record& record, std::vector<ShareId>& shares) {
  for (const Event& event : record.events)
    std::visit(
        [&](const auto& fact) {
          if constexpr (requires { fact.share; }) shares.push_back(fact.share);
        },
        event);
}

// Judges and applies one entry. Whether it was accepted; or the error that stops applying.
Result<bool> apply_one(Writer& writer, const LogEntry& entry, std::vector<ShareId>& shares) {
  const Ordinal ordinal = writer.head().next_ordinal;
  const Digest& before = writer.head().verdict_digest;
  const auto record = decode(entry.frame);
  if (!record && record.error().code == ErrorCode::not_found) {
    spdlog::critical(
        "position {} of the log holds no record of Pasig's: passed over, but find out "
        "who writes to the log",
        entry.position.offset);
    writer.skip(entry.frame, entry.position.offset,
                next_verdict_digest(before, entry.frame, VoidReason::foreign));
    return false;
  }
  if (!record) {
    Error error = record.error().within("applying the record at position " +
                                        std::to_string(entry.position.offset));
    if (error.hint.empty()) error.hint = "restore the log from a back-up";
    return tl::unexpected(std::move(error));
  }
  const Verdict verdict = judge(*record, ordinal, WriterState(writer));
  writer.apply(*record, entry.frame, entry.position.offset, verdict.accepted(),
               next_verdict_digest(before, entry.frame, verdict.reason));
  if (verdict.accepted()) {
    alarm_about_counters(writer, *record, ordinal);
    note_shares(*record, shares);
  }
  return verdict.accepted();
}

Result<FoldStep> fold_in_one(Writer& writer, const LogReader& log, std::size_t records_max) {
  PASIG_TRY(const std::vector<LogEntry> entries, log.read(writer.head().next_offset, records_max));
  FoldStep step;
  for (const LogEntry& entry : entries) {
    const auto accepted = apply_one(writer, entry, step.shares);
    if (!accepted && step.records == 0) return tl::unexpected(accepted.error());
    if (!accepted) break;
    ++step.records;
    if (!*accepted) ++step.voids;
  }
  step.next_ordinal = writer.head().next_ordinal;
  step.next_offset = writer.head().next_offset;
  if (step.records > 0) PASIG_CHECK(writer.commit());
  return step;
}

}  // namespace

Result<FoldStep> fold_some(Store& store, const LogReader& log, std::size_t records_max) {
  try {
    return fold_in_one(*store.begin(), log, records_max);
  } catch (const StoreFailure& failure) {
    return tl::unexpected(failure.error().within("applying the log"));
  }
}

}  // namespace pasig
