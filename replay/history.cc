#include "replay/history.h"

#include "log/verdict.h"
#include "replay/concerns.h"

namespace pasig::replay {
namespace {

constexpr std::size_t k_refs_per_step = 256;
constexpr std::size_t k_refs_per_page_max = 20'000;  // bounds one call on a long history

Result<LogEntry> entry_at(const LogReader& log, Ordinal ordinal, std::uint64_t offset) {
  const std::string doing = "reading record " + std::to_string(ordinal) + " of the log";
  auto entries = log.read(offset, 1);
  if (!entries) return tl::unexpected(entries.error().within(doing));
  if (entries->empty() || entries->front().position.offset != offset)
    return fail(ErrorCode::corrupt,
                doing + ": nothing lies at position " + std::to_string(offset) +
                    ", where the state says it is",
                "the state belongs to another log: run pasig replay rebuild");
  return std::move(entries->front());
}

Result<HistoryEntry> read_entry(const LogReader& log, const HistoryRef& ref) {
  PASIG_TRY(const LogEntry raw, entry_at(log, ref.ordinal, ref.offset));
  auto record = decode(raw.frame);
  if (!record)
    return tl::unexpected(
        record.error().within("reading record " + std::to_string(ref.ordinal) + " of the log"));
  return HistoryEntry{.ordinal = ref.ordinal, .record = *std::move(record)};
}

// The chain of verdict digests tells what the verdict on a record was; nothing when it is
// older than the window.
std::optional<VoidReason> verdict_on(const View& view, Ordinal ordinal, std::string_view frame) {
  const auto before =
      ordinal == 0 ? std::optional<Digest>(Digest{}) : view.digest_after(ordinal - 1);
  const auto after = view.digest_after(ordinal);
  if (!before || !after) return std::nullopt;
  for (int number = 0; number <= static_cast<int>(VoidReason::not_first); ++number) {
    const auto reason = static_cast<VoidReason>(number);
    if (next_verdict_digest(*before, frame, reason) == *after) return reason;
  }
  return std::nullopt;
}

// Beyond the window: an accepted record is in the history of the streams of its events. A
// record without any (a barrier) changed nothing either way, and counts as accepted.
bool is_in_a_history(const View& view, Ordinal ordinal, const Record& record) {
  bool has_stream = false;
  for (const Event& event : record.events) {
    auto streams = streams_of(event);
    if (const auto* refused = std::get_if<CommandRejected>(&event))
      streams.push_back(refused->subject);
    for (const std::string& stream : streams) {
      if (stream.empty()) continue;
      has_stream = true;
      const auto refs = view.history(stream, ordinal, 1);
      if (!refs.empty() && refs.front().ordinal == ordinal) return true;
    }
  }
  return !has_stream;
}

}  // namespace

Result<HistoryPage> history(const View& view, const LogReader& log, const std::string& stream,
                            std::optional<ReplicaId> replica, Ordinal from, std::size_t limit) {
  HistoryPage page;
  std::size_t seen = 0;
  Ordinal next = from;
  while (seen < k_refs_per_page_max) {
    const auto refs = view.history(stream, next, k_refs_per_step);
    for (const HistoryRef& ref : refs) {
      if (page.entries.size() == limit) {
        page.next = ref.ordinal;
        return page;
      }
      PASIG_TRY(HistoryEntry entry, read_entry(log, ref));
      if (!replica || concerns(view, entry.record, *replica))
        page.entries.push_back(std::move(entry));
      next = ref.ordinal + 1;
      ++seen;
    }
    if (refs.size() < k_refs_per_step) return page;
  }
  page.next = next;
  return page;
}

Result<HistoryEntry> record_at(const View& view, const LogReader& log, Ordinal ordinal) {
  if (ordinal >= view.head().next_ordinal)
    return fail(ErrorCode::not_found, "the log has no record " + std::to_string(ordinal) + ": " +
                                          std::to_string(view.head().next_ordinal) +
                                          " were applied so far, counted " + "from 0");
  PASIG_TRY(const LogEntry raw, entry_at(log, ordinal, view.offset_of(ordinal)));
  auto record = decode(raw.frame);
  if (!record)
    return tl::unexpected(
        record.error().within("reading record " + std::to_string(ordinal) + " of the log"));
  HistoryEntry entry{.ordinal = ordinal, .record = *std::move(record)};
  if (const auto reason = verdict_on(view, ordinal, raw.frame)) {
    entry.accepted = *reason == VoidReason::none;
    if (!entry.accepted) entry.void_because = word(*reason);
  } else {
    entry.accepted = is_in_a_history(view, ordinal, entry.record);
  }
  return entry;
}

}  // namespace pasig::replay
