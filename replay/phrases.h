// Pieces of the sentences that people read: texts made of the log's values alone, so that the
// same record reads the same on every node and at every time. Plain functions; any thread.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "events/event.h"

namespace pasig::replay {

inline std::string piece(std::string_view text) { return std::string(text); }
inline std::string piece(Time time) { return to_string(time); }
template <std::integral N>
std::string piece(N number) {
  return std::to_string(number);
}
template <class Tag>
std::string piece(const Id<Tag>& id) {
  return to_string(id);
}

// The pieces, one after the other.
template <class... Parts>
std::string text(const Parts&... parts) {
  std::string all;
  ((all += piece(parts)), ...);
  return all;
}

// The words of others in quotes, on one line: control bytes are shown as \n, \t or \xNN.
std::string quoted(std::string_view words);
std::string joined(const std::vector<std::string>& items, std::string_view between);
// 41 s · 3 min 2 s · 2 h 5 min · 3 d 4 h; below a second in ms.
std::string span_of(std::int64_t micros);
std::string bytes_of(std::uint64_t bytes);  // 512 B · 1.5 KiB · 3.0 GiB
std::string counted(std::uint64_t n, std::string_view one, std::string_view many);

std::string said(const Failure& failure);  // code, controller, the driver's words
std::string said(const Fence& fence);      // "its storage is fenced (mount): …"
// What was chosen and why, in clauses.
std::vector<std::string> said(const Placement& placement);
std::string said(OutOfSyncReason reason);  // a clause: "its copy does not match …"
// "data as of …, generation 17, settled", or that nothing is known.
std::string data_text(std::uint64_t generation, Time as_of, Consistency consistency);

}  // namespace pasig::replay
