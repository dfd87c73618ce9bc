#include "drivers/directory/resize.h"

#include <algorithm>

#include "drivers/directory/files.h"
#include "drivers/directory/room.h"
#include "drivers/directory/size.h"
#include "drivers/directory/tree.h"

namespace pasig::drivers::directory {
namespace {

constexpr std::uint64_t k_gib = std::uint64_t{1} << 30;

// Holes take no room.
Answer<std::uint64_t> stored_bytes(const std::string& tree, const Patience& patience) {
  PASIG_TRY(const Tree found, scan(tree, patience.cancelled));
  std::uint64_t sum = 0;
  for (const Entry& entry : found.entries)
    if (entry.linked_to.empty()) sum += std::min(entry.size, entry.allocated);
  return sum;
}

class Resize {
 public:
  Resize(const Call& call, std::uint64_t new_size_gb) : call_(call), new_size_gb_(new_size_gb) {
    for (const ReplicaRef& replica : call.share.replicas) {
      if (replica.controller.empty()) continue;  // it was never placed
      if (replica.role == Role::active) active_ = &replica;
      else secondaries_.push_back(&replica);
    }
  }

  Answer<Resized> extend() {
    PASIG_CHECK(check_active());
    for (const ReplicaRef* replica : secondaries_) PASIG_CHECK(note(*replica, grow(*replica)));
    PASIG_CHECK(grow(*active_));
    resized_.replicas.push_back({.replica = active_->id, .failure = std::nullopt});
    return std::move(resized_);
  }

  Answer<Resized> shrink() {
    PASIG_CHECK(check_active());
    resized_.replicas.push_back({.replica = active_->id, .failure = std::nullopt});
    for (const ReplicaRef* replica : secondaries_) PASIG_CHECK(note(*replica, fits(*replica)));
    PASIG_CHECK(shrink_active());
    return std::move(resized_);
  }

 private:
  [[nodiscard]] Answer<void> check_active() const {
    if (active_ != nullptr) return {};
    return tl::unexpected(CallFailure{.problem = Problem::failed,
                                      .unknown = false,
                                      .controller = {},
                                      .words = "the share has no active replica to resize",
                                      .hint = "make one of its replicas active first"});
  }

  // What keeps a secondary from it is told and keeps nobody else, unless the call has to stop.
  Answer<void> note(const ReplicaRef& replica, Answer<void> done) {
    const bool stops = !done && (done.error().problem == Problem::stale_token ||
                                 done.error().problem == Problem::cancelled ||
                                 done.error().problem == Problem::too_small);
    if (stops) return done;
    ReplicaAnswer answer{.replica = replica.id, .failure = std::nullopt};
    if (!done) answer.failure = std::move(done).error();
    resized_.replicas.push_back(std::move(answer));
    return {};
  }

  Answer<void> grow(const ReplicaRef& replica) const {
    PASIG_TRY(HeldReplica held, hold(call_, replica));
    auto grown = check_growth(held);
    if (grown && replica.role == Role::active) grown = limit_active(held, new_size_gb_);
    return grown ? grown : tl::unexpected(at(held.place(), std::move(grown).error()));
  }

  [[nodiscard]] Answer<void> check_growth(const HeldReplica& held) const {
    const ReplicaPlace& place = held.place();
    PASIG_TRY(const Room room, room_on(place.root));
    const std::uint64_t reserved = room.total / 100 * held.side.options->reserved_percentage;
    const std::uint64_t free = room.free > reserved ? (room.free - reserved) / k_gib : 0;
    const std::uint64_t growth =
        new_size_gb_ > call_.share.size_gb ? new_size_gb_ - call_.share.size_gb : 0;
    if (growth <= free) return {};
    return tl::unexpected(CallFailure{
        .problem = Problem::no_space,
        .unknown = false,
        .controller = place.controller,
        .words = "the share is to grow by " + std::to_string(growth) + " GiB; " + place.root +
                 " has " + std::to_string(free) + " GiB free besides what is reserved",
        .hint = "make room there, or enlarge that file system"});
  }

  Answer<void> limit_active(HeldReplica& held, std::uint64_t size_gb) const {
    if (held.record.role != StoredRole::active)
      return tl::unexpected(mismatch(
          held.place(), "replica " + to_string(held.place().replica) + " is not active on storage",
          "its status call finds out why"));
    PASIG_CHECK(apply_size(call_, held, size_gb));
    return {};
  }

  Answer<void> fits(const ReplicaRef& replica) const {
    PASIG_TRY(HeldReplica held, hold(call_, replica));
    auto checked = check_copy(replica, held);
    return checked ? checked : tl::unexpected(at(held.place(), std::move(checked).error()));
  }

  [[nodiscard]] Answer<void> check_copy(const ReplicaRef& replica, const HeldReplica& held) const {
    const ReplicaPlace& place = held.place();
    PASIG_TRY(const auto latest, latest_generation(place));
    if (!latest || latest->tree.bytes() <= new_size()) return {};
    PASIG_TRY(const std::uint64_t bytes,
              stored_bytes(place.frozen(latest->generation), call_.patience));
    if (bytes <= new_size()) return {};
    return too_small(replica, bytes, "that is its newest copy: try again after its next sync");
  }

  Answer<void> shrink_active() const {
    PASIG_TRY(HeldReplica held, hold(call_, *active_));
    auto shrunk = shrink_held(held);
    return shrunk ? shrunk : tl::unexpected(at(held.place(), std::move(shrunk).error()));
  }

  // Looked at once more behind the new limit: users wrote on until then.
  Answer<void> shrink_held(HeldReplica& held) const {
    PASIG_CHECK(check_live(held));
    PASIG_CHECK(limit_active(held, new_size_gb_));
    PASIG_TRY(const auto counted, counted_bytes(held));
    if (!counted || *counted <= new_size()) return {};
    PASIG_CHECK(limit_active(held, call_.share.size_gb));
    return too_small(*active_, *counted, k_make_room);
  }

  [[nodiscard]] Answer<void> check_live(const HeldReplica& held) const {
    const std::string live = held.place().live();
    PASIG_TRY(std::optional<std::uint64_t> bytes, counted_bytes(held));
    if (!bytes) {
      PASIG_CHECK(sync_file_system(live, call_.patience));  // else the last of it has no room yet
      PASIG_TRY(bytes, stored_bytes(live, call_.patience));
    }
    return *bytes <= new_size() ? Answer<void>() : too_small(*active_, *bytes, k_make_room);
  }

  [[nodiscard]] std::uint64_t new_size() const { return new_size_gb_ * k_gib; }

  [[nodiscard]] Answer<void> too_small(const ReplicaRef& replica, std::uint64_t bytes,
                                       const char* hint) const {
    return tl::unexpected(CallFailure{.problem = Problem::too_small,
                                      .unknown = false,
                                      .controller = replica.controller,
                                      .words = "replica " + to_string(replica.id) + " holds " +
                                               std::to_string(bytes) + " bytes, and " +
                                               std::to_string(new_size_gb_) + " GiB are " +
                                               std::to_string(new_size()) + "; nothing was changed",
                                      .hint = hint});
  }

  static constexpr const char* k_make_room = "remove data from the share, or shrink it less";

  const Call& call_;
  const std::uint64_t new_size_gb_;
  const ReplicaRef* active_ = nullptr;
  std::vector<const ReplicaRef*> secondaries_;
  Resized resized_;
};

}  // namespace

Answer<Resized> extend(const Call& call, std::uint64_t new_size_gb) {
  return Resize(call, new_size_gb).extend();
}

Answer<Resized> shrink(const Call& call, std::uint64_t new_size_gb) {
  return Resize(call, new_size_gb).shrink();
}

}  // namespace pasig::drivers::directory
