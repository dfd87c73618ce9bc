// How much room a file system has, and how much of it a freeze leaves to the clients: a freeze
// runs beside them on the file system of the active replica, and must not be what fills it.
// Any thread.
#pragma once

#include <cstdint>
#include <string>

#include "drivers/driver.h"

namespace pasig::drivers::directory {

struct Room {
  std::uint64_t total = 0;  // bytes
  std::uint64_t free = 0;   // bytes that users may take

  // Stays free whatever is frozen.
  [[nodiscard]] std::uint64_t reserve() const;
};

Answer<Room> room_on(const std::string& path);

// no_space unless `bytes` more can be frozen there and the reserve, if it is to be left, stays
// free. Nothing to write always fits: deletions have to show in a copy on a full file system.
Answer<void> refuse_without_room(const std::string& path, std::uint64_t bytes, bool leaves_reserve);
// The same beside clients, of what else is made there: "bringing snapshot <id>".
Answer<void> refuse_without_room_for(const std::string& doing, const std::string& path,
                                     std::uint64_t bytes);

// For what is written already: no_space once the reserve is reached.
Answer<void> refuse_at_reserve(const std::string& path);

}  // namespace pasig::drivers::directory
