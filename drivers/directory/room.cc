#include "drivers/directory/room.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>

#include "drivers/directory/files.h"

namespace pasig::drivers::directory {
namespace {

constexpr std::uint64_t k_reserve_part = 20;  // 5 %
constexpr std::uint64_t k_reserve_min = 64ULL << 20;
constexpr std::uint64_t k_reserve_max = 16ULL << 30;  // enough for clients on any size

CallFailure no_room(std::string words) {
  return {.problem = Problem::no_space,
          .unknown = false,
          .controller = {},
          .words = std::move(words),
          .hint = "make room on that file system, or enlarge it; then try again"};
}

Answer<void> refuse(const std::string& doing, const std::string& path, std::uint64_t bytes,
                    bool leaves_reserve) {
  if (bytes == 0) return {};
  PASIG_TRY(const Room room, room_on(path));
  const std::uint64_t reserve = leaves_reserve ? room.reserve() : 0;
  if (room.free >= reserve && room.free - reserve >= bytes) return {};
  return tl::unexpected(
      no_room(doing + " needs " + std::to_string(bytes) + " bytes" +
              (leaves_reserve ? ", and " + std::to_string(reserve) + " stay free for its clients"
                              : std::string()) +
              "; " + path + " has " + std::to_string(room.free)));
}

}  // namespace

std::uint64_t Room::reserve() const {
  return std::clamp(total / k_reserve_part, k_reserve_min, k_reserve_max);
}

Answer<Room> room_on(const std::string& path) {
  struct statvfs system {};
  if (::statvfs(path.c_str(), &system) != 0)
    return tl::unexpected(system_failure(errno, "asking for the room on", path));
  return Room{.total = static_cast<std::uint64_t>(system.f_blocks) * system.f_frsize,
              .free = static_cast<std::uint64_t>(system.f_bavail) * system.f_frsize};
}

Answer<void> refuse_without_room(const std::string& path, std::uint64_t bytes,
                                 bool leaves_reserve) {
  return refuse("freezing the share", path, bytes, leaves_reserve);
}

Answer<void> refuse_without_room_for(const std::string& doing, const std::string& path,
                                     std::uint64_t bytes) {
  return refuse(doing, path, bytes, true);
}

Answer<void> refuse_at_reserve(const std::string& path) {
  PASIG_TRY(const Room room, room_on(path));
  if (room.free >= room.reserve()) return {};
  return tl::unexpected(no_room("freezing the share was stopped: " + path + " has " +
                                std::to_string(room.free) + " bytes left, of which " +
                                std::to_string(room.reserve()) + " stay free for its clients"));
}

}  // namespace pasig::drivers::directory
