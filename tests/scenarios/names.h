// The names of a scenario (s1, r1, op1) for ids, and moments told from the start of its clock
// (+1m30s): so that texts of the service read the same at every run. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"

namespace pasig::scenario {

// 2026-01-01T00:00:00: where every scenario's clock starts.
inline constexpr Time k_start{1'767'225'600'000'000};

// 90s, 5m, 1h30m, 2d.
[[nodiscard]] Result<std::int64_t> parse_seconds(const std::string& text);
[[nodiscard]] std::string told(Time time);
[[nodiscard]] std::string told_length(std::int64_t micros);  // 1m30s

class Names {
 public:
  // The first name of an id stays.
  void bind(const std::string& name, const Uuid& id);
  [[nodiscard]] std::string of(const Uuid& id);
  template <class T>
  [[nodiscard]] Result<T> find(const std::string& name) const {
    const auto at = ids_.find(name);
    if (at == ids_.end())
      return fail(ErrorCode::invalid, "nothing is called " + name, "known: " + known());
    return T{at->second};
  }
  [[nodiscard]] bool knows(const Uuid& id) const { return names_.contains(id); }
  // With every id and every moment in it replaced.
  [[nodiscard]] std::string told(std::string_view text);

 private:
  std::map<Uuid, std::string> names_;
  std::map<std::string, Uuid> ids_;
  std::size_t nameless_ = 0;

  [[nodiscard]] std::string known() const;
};

}  // namespace pasig::scenario
