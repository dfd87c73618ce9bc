// The verdict: accepted or void, from the envelope alone (log-protocol 2). FROZEN: what an old
// log means never changes. A change here is a new format number beside this one, never an edit;
// tests/golden/logs/ holds it. The fold cannot influence it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "events/record.h"

namespace pasig {

// Stored as a number in the verdict digest: never reuse one.
enum class VoidReason : std::uint8_t {
  none = 0,           // accepted
  duplicate = 1,      // the command id was seen within the window
  too_old = 2,        // decided more than W ordinals back
  other_history = 3,  // decided on another log: its digest is not ours
  stream_moved = 4,   // a stream is not at the expected version
  counter = 5,        // a counter's expectation does not hold, or it would overflow
  foreign = 6,        // not a record of ours
  quarantined = 7,    // listed by position and hash
  not_first = 8,      // a LogCreated that is not record 0, or another record that is
};
std::string_view word(VoidReason reason);

struct Verdict {
  VoidReason reason = VoidReason::none;
  std::string detail;  // for people; not part of any digest
  [[nodiscard]] bool accepted() const { return reason == VoidReason::none; }
};

// What a verdict may look at: the effect of the accepted records before this one. Implemented
// by the service over state/ and by VerdictMemory below. One thread.
class VerdictState {
 public:
  virtual ~VerdictState() = default;
  [[nodiscard]] virtual std::uint64_t window() const = 0;  // W; 0 before record 0
  [[nodiscard]] virtual std::optional<Ordinal> seen(std::string_view command_id) const = 0;
  // The verdict digest after that ordinal; nothing when it is older than the window.
  [[nodiscard]] virtual std::optional<Digest> digest_after(Ordinal ordinal) const = 0;
  [[nodiscard]] virtual std::uint64_t stream_version(std::string_view stream) const = 0;
  [[nodiscard]] virtual std::int64_t counter(std::string_view counter) const = 0;
};

Verdict judge(const Record& record, Ordinal ordinal, const VerdictState& state);

// The chain: SHA-256(previous, SHA-256(frame), reason). Comparable over all builds for ever.
Digest next_verdict_digest(const Digest& previous, std::string_view frame, VoidReason reason);

}  // namespace pasig
