#include "service/fold.h"

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

// Judges and applies one entry. Whether it was accepted; or the error that stops applying.
Result<bool> apply_one(Writer& writer, const LogEntry& entry) {
  const Ordinal ordinal = writer.head().next_ordinal;
  const Digest& before = writer.head().verdict_digest;
  const auto record = decode(entry.frame);
  if (!record && record.error().code == ErrorCode::not_found) {
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
  return verdict.accepted();
}

}  // namespace

Result<FoldStep> fold_some(Store& store, const LogReader& log, std::size_t records_max) {
  const std::unique_ptr<Writer> writer = store.begin();
  PASIG_TRY(const std::vector<LogEntry> entries, log.read(writer->head().next_offset, records_max));
  FoldStep step;
  for (const LogEntry& entry : entries) {
    const auto accepted = apply_one(*writer, entry);
    if (!accepted) return tl::unexpected(accepted.error());
    ++step.records;
    if (!*accepted) ++step.voids;
  }
  if (step.records > 0) PASIG_CHECK(writer->commit());
  return step;
}

}  // namespace pasig
