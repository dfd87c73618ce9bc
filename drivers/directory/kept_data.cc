#include "drivers/directory/kept_data.h"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "drivers/directory/files.h"
#include "drivers/directory/generations.h"
#include "drivers/directory/inode_flags.h"
#include "drivers/directory/named_path.h"
#include "drivers/directory/renames.h"
#include "drivers/directory/room.h"
#include "drivers/directory/tree_copy.h"

namespace pasig::drivers::directory {
namespace {

// On a copy that was finished: the operation that made it.
constexpr const char* k_mark = "user.pasig.restored-by";

struct KeptData {
  Side side;
  std::string name;                 // in either directory
  std::optional<std::string> path;  // none: it is gone
};

CallFailure refusal(const ReplicaPlace& place, Problem problem, std::string words,
                    std::string hint) {
  return {.problem = problem,
          .unknown = false,
          .controller = place.controller,
          .words = std::move(words),
          .hint = std::move(hint)};
}

// The name in that directory; empty: it is none of its names.
std::string name_in(const std::string& directory, const std::string& path) {
  if (!path.starts_with(directory + "/")) return {};
  std::string name = path.substr(directory.size() + 1);
  return name == "." || name == ".." || name.find('/') != std::string::npos ? std::string() : name;
}

// A directory to which no link leads.
Answer<bool> is_there(const ReplicaPlace& place, const std::string& path) {
  const Descriptor root(::open(place.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.is_open()) return tl::unexpected(system_failure(errno, "opening", place.root));
  const Descriptor found(
      open_beneath(root.get(), path.substr(place.root.size() + 1), O_PATH | O_DIRECTORY));
  if (found.is_open()) return true;
  if (errno == ENOENT) return false;
  if (errno != ELOOP && errno != ENOTDIR)
    return tl::unexpected(system_failure(errno, "opening", path));
  return tl::unexpected(refusal(place, Problem::failed,
                                printable(path) + " is no directory, or a link leads there",
                                "Pasig keeps directories only; look there by hand"));
}

Answer<KeptData> find(const Call& call, const Aside& aside) {
  PASIG_TRY(Side side, look_at(call, {.id = aside.replica, .controller = aside.controller}));
  const ReplicaPlace place = side.place;
  KeptData kept{.side = std::move(side), .name = {}, .path = {}};
  kept.name = name_in(place.aside(), aside.path);
  if (kept.name.empty()) kept.name = name_in(place.aside_of_removed(), aside.path);
  if (kept.name.empty())
    return tl::unexpected(refusal(
        place, Problem::failed,
        printable(aside.path) + " is no data kept aside of replica " + to_string(aside.replica),
        "`pasig replica aside list` has the paths"));
  for (const std::string& directory : {place.aside(), place.aside_of_removed()}) {
    PASIG_TRY(const bool here, is_there(place, directory + "/" + kept.name));
    if (here) kept.path = directory + "/" + kept.name;
    if (here) break;
  }
  return kept;
}

// In staging it is nobody's any more: what a crash leaves of it there is swept.
Answer<void> remove_held(const Call& call, const KeptData& kept, const Aside& aside) {
  PASIG_TRY(HeldReplica held, hold(call, {.id = aside.replica, .controller = aside.controller}));
  const ReplicaPlace& place = held.place();
  const std::string tree = place.aside() + "/" + kept.name;
  if (exists(tree)) {
    const auto mount = mount_at_or_below(tree);
    if (mount && *mount != tree)
      return tl::unexpected(refusal(place, Problem::failed,
                                    "another file system is mounted at " + printable(*mount),
                                    "unmount it, then try again"));
    PASIG_CHECK(make_directory_durably(place.staging(), 0700));
    PASIG_CHECK(unmount_all(tree));
    PASIG_CHECK(move_sealed(tree, place.staging() + "/aside-" + to_string(random_uuid())));
  }
  PASIG_CHECK(sweep_staging(held));
  return held.record.asides.erase(kept.name) == 0 ? Answer<void>() : held.save();
}

Answer<void> remove_of_removed(const ReplicaPlace& place, const std::string& tree) {
  PASIG_CHECK(remove_tree(tree));
  // Their directories go with the last of them.
  const std::string of_replica = place.aside_of_removed();
  const std::string of_share = of_replica.substr(0, of_replica.rfind('/'));
  for (const std::string& directory : {of_replica, of_share})
    if (::rmdir(directory.c_str()) != 0) break;
  return {};
}

std::string mark_of(const std::string& path) {
  std::array<char, 64> value{};
  const ssize_t length = ::lgetxattr(path.c_str(), k_mark, value.data(), value.size());
  return length > 0 ? std::string(value.data(), static_cast<std::size_t>(length)) : std::string();
}

class Restoration {
 public:
  Restoration(const Call& call, const KeptData& kept, const NamedPath& to)
      : call_(call),
        side_(kept.side),
        source_(*kept.path),
        to_(to.real()),
        staged_(to.directory + "/.pasig-restore-" + to_string(call.context.operation)) {}

  Answer<AsideRestored> run() {
    auto restored = make();
    // What was copied so far is no use to anybody.
    if (!restored) {
      if (const auto removed = remove_tree(staged_); !removed)
        restored.error().words += "; a part of the copy stays: " + removed.error().words;
    }
    return restored;
  }

 private:
  Answer<AsideRestored> make() {
    PASIG_TRY(Tree listed, scan(source_, call_.patience.cancelled));
    PASIG_CHECK(check_room(listed));
    PASIG_CHECK(remove_tree(staged_));  // of an attempt that died
    PASIG_CHECK(make_directory_durably(staged_, 0700));
    TreeCopy copy(source_, staged_,
                  {.clones = side_.root.abilities.clones,
                   .owners = side_.owners(),
                   .progress = call_.context.progress});
    PASIG_CHECK(copy.bring_to(listed, {}, call_.patience));
    PASIG_CHECK(verify(listed));
    PASIG_CHECK(mark());
    PASIG_CHECK(sync_file_system(staged_, call_.patience));
    PASIG_TRY(const bool is_moved, rename_to_free_name(staged_, to_));
    if (is_moved) return AsideRestored{.files = listed.files(), .bytes = listed.bytes()};
    return tl::unexpected(refusal(side_.place, Problem::failed,
                                  printable(to_) + " was made by somebody else meanwhile",
                                  "name a directory that does not exist"));
  }

  Answer<void> check_room(const Tree& listed) const {
    if (side_.root.abilities.clones) return {};
    std::uint64_t bytes = 0;
    for (const Entry& entry : listed.entries)
      if (entry.linked_to.empty()) bytes += entry.allocated;
    PASIG_TRY(const Room room, room_on(side_.place.root));
    if (room.free >= bytes) return {};
    return tl::unexpected(refusal(side_.place, Problem::no_space,
                                  "a copy of " + source_ + " needs " + std::to_string(bytes) +
                                      " bytes, its file system has " + std::to_string(room.free),
                                  "make room on that file system, then try again"));
  }

  Answer<void> verify(Tree& listed) const {
    PASIG_TRY(Tree made, scan(staged_, call_.patience.cancelled));
    const auto read = [this](const std::string& root, Tree& tree) -> Answer<void> {
      for (Entry& entry : tree.entries) {
        PASIG_CHECK(call_.patience.check("verifying " + staged_));
        PASIG_CHECK(read_digests(root, entry, call_.patience));
      }
      return {};
    };
    PASIG_CHECK(read(source_, listed));
    PASIG_CHECK(read(staged_, made));
    const auto wrong = differences(listed, made, {.owners = side_.owners()});
    if (wrong.empty()) return {};
    return tl::unexpected(
        refusal(side_.place, Problem::not_verified,
                "the copy of " + source_ + " is not equal to it: " + wrong.front(),
                "check the file system of " + side_.place.root));
  }

  // Where attributes are not supported, a delivery after the last step finds the path taken.
  Answer<void> mark() const {
    const std::string operation = to_string(call_.context.operation);
    if (::lsetxattr(staged_.c_str(), k_mark, operation.data(), operation.size(), 0) == 0 ||
        errno == ENOTSUP)
      return {};
    return tl::unexpected(system_failure(errno, "marking", staged_));
  }

  const Call& call_;
  const Side& side_;
  const std::string source_;
  const std::string to_;
  const std::string staged_;
};

// Without the lock: nothing of the replica is changed, and a sync may hold it for long.
Answer<void> refuse_overtaken(const Call& call, const Side& side) {
  PASIG_TRY(const auto record, peek(side));
  if (!record || !(call.context.token < record->highest_token)) return {};
  return tl::unexpected(refusal(side.place, Problem::stale_token,
                                "a newer operation was at replica " + to_string(record->replica),
                                "nothing to do: the newer one goes on"));
}

Answer<AsideRestored> restore(const Call& call, const KeptData& kept, const std::string& path) {
  const ReplicaPlace& place = kept.side.place;
  PASIG_CHECK(refuse_overtaken(call, kept.side));
  PASIG_TRY(const NamedPath to, read_named_path(path));
  PASIG_CHECK(refuse_pasigs_own(call, kept.side, to));
  PASIG_CHECK(refuse_other_file_system(kept.side, to.directory));
  if (exists(to.real())) {
    const bool is_done =
        !call.context.operation.is_nil() && mark_of(to.real()) == to_string(call.context.operation);
    if (!is_done)
      return tl::unexpected(refusal(place, Problem::failed, path + " exists already",
                                    "name a directory that does not exist: nothing is written "
                                    "over"));
    PASIG_TRY(const Tree made, scan(to.real(), call.patience.cancelled));
    return AsideRestored{.files = made.files(), .bytes = made.bytes()};
  }
  if (!kept.path)
    return tl::unexpected(refusal(place, Problem::failed,
                                  "nothing is kept aside as " + kept.name + " any more",
                                  "`pasig replica aside list` has what there is"));
  return Restoration(call, kept, to).run();
}

}  // namespace

Answer<void> delete_aside(const Call& call, const Aside& aside) {
  PASIG_TRY(const KeptData kept, find(call, aside));
  const ReplicaPlace& place = kept.side.place;
  const bool is_of_removed = kept.path && *kept.path == place.aside_of_removed() + "/" + kept.name;
  auto removed = is_of_removed            ? remove_of_removed(place, *kept.path)
                 : exists(place.record()) ? remove_held(call, kept, aside)
                                          : Answer<void>();
  if (!removed) return tl::unexpected(at(place, std::move(removed).error()));
  return {};
}

Answer<AsideRestored> restore_aside(const Call& call, const Aside& aside, const std::string& to) {
  PASIG_TRY(const KeptData kept, find(call, aside));
  auto restored = restore(call, kept, to);
  if (!restored) return tl::unexpected(at(kept.side.place, std::move(restored).error()));
  return restored;
}

}  // namespace pasig::drivers::directory
