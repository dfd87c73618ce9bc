// A log written by hand and folded into a real store: what replay reads in its tests. Ids and
// times are fixed, so that texts made of them can be golden. One thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "events/record.h"
#include "log/memory.h"
#include "projections/store.h"

namespace pasig::replay {

struct By {
  std::string command;
  std::string actor = "worker:node-1";
  std::string reason;
  std::string cause;
  std::string claimed;
};

class Chronicle {
 public:
  Chronicle();
  ~Chronicle();
  Chronicle(const Chronicle&) = delete;
  Chronicle& operator=(const Chronicle&) = delete;

  // Appends one record, a minute after the last one, and applies it. Its ordinal.
  Ordinal record(const By& by, std::vector<Event> events);
  // Appends a record whose expectations do not hold any more.
  Ordinal void_record(const By& by, std::vector<Event> events);

  [[nodiscard]] const LogReader& log() const { return log_; }
  [[nodiscard]] const Store& store() const { return *store_; }
  [[nodiscard]] std::unique_ptr<View> view() const { return store_->view(); }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
  [[nodiscard]] Time now() const { return now_; }
  [[nodiscard]] std::string why(ReplicaId replica) const;  // the text, or the error

 private:
  std::filesystem::path directory_;
  MemoryLog log_;
  std::unique_ptr<Store> store_;
  Time now_;
  std::uint64_t commands_ = 0;

  [[nodiscard]] Record drafted(const By& by, std::vector<Event> events);
  Ordinal append(const Record& record);
};

// ---- the cast
inline constexpr ShareId k_share{{0x5a5a0000'0000'4000ULL, 0x8000'000000000001ULL}};
inline constexpr ReplicaId k_first{{0xaaaa0000'0000'4000ULL, 0x8000'000000000001ULL}};
inline constexpr ReplicaId k_second{{0xbbbb0000'0000'4000ULL, 0x8000'000000000002ULL}};
inline constexpr ReplicaId k_third{{0xcccc0000'0000'4000ULL, 0x8000'000000000003ULL}};
inline constexpr OperationId k_operation{{0xdddd0000'0000'4000ULL, 0x8000'000000000001ULL}};

Placement placed_on(const std::string& zone);  // controller dir-<zone> of node-1
Placement placed_nowhere();

// A readable share whose first replica is active in zone a.
void create_share(Chronicle& chronicle);
// The same with k_second in_sync in zone b.
void create_replicated_share(Chronicle& chronicle);
// k_second becomes active by force while zone a cannot be reached; these were ahead of it.
void force_over_to_second(Chronicle& chronicle, std::vector<ReplicaId> diverged = {});

}  // namespace pasig::replay
