// FROZEN with verdict.h: see there. Every rule here is written out in docs/formats/record.md
// for readers in other languages, and held by tests/golden/logs/.
#include "log/verdict.h"

#include <map>
#include <variant>

#include "base/assert.h"

namespace pasig {
namespace {

Verdict accepted() { return {}; }
Verdict voided(VoidReason reason, std::string detail) { return {reason, std::move(detail)}; }

bool creates_log(const Record& record) {
  for (const Event& event : record.events)
    if (std::holds_alternative<LogCreated>(event)) return true;
  return false;
}

// A seen id counts for W ordinals, whatever the state still remembers beyond that.
Verdict judge_command_id(const Record& record, Ordinal ordinal, const VerdictState& state) {
  const std::optional<Ordinal> first = state.seen(record.command_id);
  if (!first || ordinal - *first > state.window()) return accepted();
  return voided(VoidReason::duplicate, "command " + record.command_id + " was accepted as record " +
                                           std::to_string(*first));
}

Verdict judge_history(const Record& record, Ordinal ordinal, const VerdictState& state) {
  const Ordinal decided = record.decided_ordinal;
  if (decided >= ordinal)
    return voided(VoidReason::other_history, "decided after record " + std::to_string(decided) +
                                                 ", which does not lie before it");
  if (ordinal - decided > state.window())
    return voided(VoidReason::too_old, "decided after record " + std::to_string(decided) +
                                           ", more than " + std::to_string(state.window()) +
                                           " records back");
  const std::optional<Digest> ours = state.digest_after(decided);
  PASIG_ASSERT(ours.has_value(), "the state forgot a digest that lies within the window");
  if (*ours != record.decided_digest)
    return voided(VoidReason::other_history,
                  "the digest it names after record " + std::to_string(decided) + " is not ours");
  return accepted();
}

// Exact, also where value + delta leaves int64: beyond is its negation for every input.
bool is_within(std::int64_t value, std::int64_t delta, std::int64_t limit) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(value, delta, &sum)) return delta < 0;
  return sum <= limit;
}

Verdict judge_stream(const Expectation& expected, const VerdictState& state) {
  const std::uint64_t version = state.stream_version(expected.subject);
  if (version == expected.version) return accepted();
  return voided(VoidReason::stream_moved, expected.subject + " is at version " +
                                              std::to_string(version) + ", not " +
                                              std::to_string(expected.version));
}

Verdict judge_counter(const Expectation& expected, bool want_within, const VerdictState& state) {
  const std::int64_t value = state.counter(expected.subject);
  if (is_within(value, expected.delta, expected.limit) == want_within) return accepted();
  return voided(VoidReason::counter, expected.subject + " is " + std::to_string(value) + ": " +
                                         std::to_string(expected.delta) + " more is " +
                                         (want_within ? "beyond " : "within ") +
                                         std::to_string(expected.limit));
}

Verdict judge_expectation(const Expectation& expected, const VerdictState& state) {
  switch (expected.kind) {
    case wire::ExpectationKind::stream_at:
      return judge_stream(expected, state);
    case wire::ExpectationKind::counter_within:
      return judge_counter(expected, true, state);
    case wire::ExpectationKind::counter_beyond:
      return judge_counter(expected, false, state);
  }
  defect("expected.kind", "decode let an unknown kind of expectation pass", __FILE__, __LINE__);
}

// The moves are made one after the other; none may leave int64.
Verdict judge_moves(const Record& record, const VerdictState& state) {
  std::map<std::string_view, std::int64_t> values;
  for (const CounterMove& move : record.moved) {
    const auto place = values.try_emplace(move.counter, state.counter(move.counter)).first;
    if (__builtin_add_overflow(place->second, move.delta, &place->second))
      return voided(VoidReason::counter,
                    move.counter + " would overflow by " + std::to_string(move.delta));
  }
  return accepted();
}

}  // namespace

std::string_view word(VoidReason reason) {
  switch (reason) {
    case VoidReason::none:
      return "accepted";
    case VoidReason::duplicate:
      return "duplicate";
    case VoidReason::too_old:
      return "too_old";
    case VoidReason::other_history:
      return "other_history";
    case VoidReason::stream_moved:
      return "stream_moved";
    case VoidReason::counter:
      return "counter";
    case VoidReason::foreign:
      return "foreign";
    case VoidReason::quarantined:
      return "quarantined";
    case VoidReason::not_first:
      return "not_first";
  }
  return "unknown";
}

Verdict judge(const Record& record, Ordinal ordinal, const VerdictState& state) {
  const bool creates = creates_log(record);
  if (ordinal == 0 && creates) return accepted();
  if (ordinal == 0) return voided(VoidReason::not_first, "record 0 is no LogCreated");
  if (creates) return voided(VoidReason::not_first, "a LogCreated that is not record 0");

  if (Verdict verdict = judge_command_id(record, ordinal, state); !verdict.accepted())
    return verdict;
  if (Verdict verdict = judge_history(record, ordinal, state); !verdict.accepted()) return verdict;
  for (const Expectation& expected : record.expectations)
    if (Verdict verdict = judge_expectation(expected, state); !verdict.accepted()) return verdict;
  return judge_moves(record, state);
}

Digest next_verdict_digest(const Digest& previous, std::string_view frame, VoidReason reason) {
  const char number = static_cast<char>(reason);
  Sha256 hash;
  hash.add(previous.view());
  hash.add(sha256(frame).view());
  hash.add({&number, 1});
  return hash.finish();
}

}  // namespace pasig
