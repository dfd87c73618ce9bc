#include "drivers/directory/exports.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "drivers/directory/asides.h"
#include "drivers/directory/files.h"
#include "drivers/directory/generations.h"

namespace pasig::drivers::directory {
namespace {

// Against a client that makes the name again and again.
constexpr int k_tries_max = 100;

bool shows_frozen(const ReplicaPlace& place) {
  constexpr std::string_view k_frozen = "frozen/";
  std::array<char, k_frozen.size()> target{};
  const ssize_t n = ::readlink(place.exported().c_str(), target.data(), target.size());
  return n == k_frozen.size() && std::string_view(target.data(), target.size()) == k_frozen;
}

bool is_in_the_way(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && !S_ISLNK(status.st_mode);
}

// Until nothing of the clients' came in between.
template <class Act>
Answer<void> on_cleared(HeldReplica& held, const Clock& clock, const Act& act) {
  const std::string exported = held.place().exported();
  for (int tries = 1;; ++tries) {
    PASIG_CHECK(clear_export(held, clock));
    Answer<void> done = act(exported);
    if (done || !is_in_the_way(exported) || tries == k_tries_max) return done;
  }
}

}  // namespace

Answer<void> clear_export(HeldReplica& held, const Clock& clock) {
  const ReplicaPlace& place = held.place();
  const std::string exported = place.exported();
  if (!is_in_the_way(exported)) return {};
  // An empty directory holds nothing to keep, and once removed nobody can write into it.
  if (::rmdir(exported.c_str()) == 0) return sync_directory(place.top());
  PASIG_TRY(Aside aside, keep_found_aside(held, exported, clock.now()));
  held.found_aside.push_back(std::move(aside));
  return {};
}

Answer<void> point_export(HeldReplica& held, const std::string& target, const Clock& clock) {
  return on_cleared(held, clock, [&target](const std::string& exported) {
    return point_link_durably(exported, target);
  });
}

Answer<void> remove_export(HeldReplica& held, const Clock& clock) {
  return on_cleared(held, clock,
                    [](const std::string& exported) { return remove_file_durably(exported); });
}

Answer<void> close_export(HeldReplica& held, BehindFence shown, const Clock& clock) {
  // Only the flag keeps root, too, from writing into a frozen tree.
  if (shown == BehindFence::frozen && held.side.root.abilities.immutable) {
    PASIG_TRY(const auto latest, latest_generation(held.place()));
    if (latest) return point_export(held, "frozen/" + std::to_string(latest->generation), clock);
  }
  // The export of a secondary shows a frozen tree, which no fence concerns.
  return shows_frozen(held.place()) ? Answer<void>() : remove_export(held, clock);
}

}  // namespace pasig::drivers::directory
