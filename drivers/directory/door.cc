#include "drivers/directory/door.h"

#include <pwd.h>

#include <cerrno>
#include <charconv>
#include <optional>
#include <set>

#include "drivers/directory/access_list.h"
#include "drivers/directory/files.h"

namespace pasig::drivers::directory {
namespace {

constexpr const char* k_read_only = "ro";

// What comes behind the door.
enum class Behind {
  writable,   // the live tree
  read_only,  // frozen trees
  nothing,    // a secondary that is not exported
  unfenced,   // a live tree that another replica has taken over from, and still open
};

Behind behind(const Call& call, const HeldReplica& held) {
  const ReplicaRecord& record = held.record;
  const bool is_fenced = record.fence.stage == StoredFence::Stage::enforced;
  // Storage may be ahead of the log, never the other way round.
  if (record.role == StoredRole::active && record.epoch >= call.share.epoch)
    return Behind::writable;
  if (exists(held.place().live()) && !is_fenced) return Behind::unfenced;
  return call.share.replication == Replication::readable ? Behind::read_only : Behind::nothing;
}

// Asks the machine's user database. The buffer grows with what an entry needs.
template <class Find>
std::optional<uid_t> find_user(const Find& find) {
  constexpr std::size_t k_buffer_max = 1 << 20;
  for (std::vector<char> buffer(1024); buffer.size() <= k_buffer_max;
       buffer.resize(2 * buffer.size())) {
    passwd entry{};
    passwd* found = nullptr;
    const int error = find(&entry, buffer.data(), buffer.size(), &found);
    if (error == ERANGE) continue;
    return found == nullptr ? std::nullopt : std::optional<uid_t>(found->pw_uid);
  }
  return std::nullopt;
}

// By name, or by a number that belongs to somebody.
std::optional<uid_t> user_named(const std::string& name) {
  const auto by_name = find_user([&name](passwd* entry, char* at, std::size_t n, passwd** found) {
    return ::getpwnam_r(name.c_str(), entry, at, n, found);
  });
  if (by_name) return by_name;
  uid_t uid = 0;
  const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), uid);
  if (name.empty() || error != std::errc() || stop != name.data() + name.size())
    return std::nullopt;
  return find_user([uid](passwd* entry, char* at, std::size_t n, passwd** found) {
    return ::getpwuid_r(uid, entry, at, n, found);
  });
}

// Empty: it holds. Else why not.
std::string why_not(const AccessRule& rule, const std::string& level, Behind what,
                    const HeldReplica& held, const std::optional<uid_t>& user) {
  if (rule.type != "user")
    return "a directory has no network export: only rules of type user can be enforced";
  if (!user) return "no user '" + rule.to + "' on this machine";
  if (!held.side.root.abilities.access_lists)
    return "the file system of " + held.place().root + " keeps no POSIX access lists";
  switch (what) {
    case Behind::writable:
      if (level == "rw") return {};
      return "a directory cannot be writable for one user and read-only for another: on the active "
             "replica this rule lets nobody in; it holds on read-only replicas";
    case Behind::unfenced:
      return "the tree that this replica was active with is not fenced yet: nobody is let in";
    case Behind::read_only:
    case Behind::nothing:
      return {};
  }
  return {};
}

bool is_cast_to_readonly(const Call& call, const HeldReplica& held) {
  const ReplicaRef* replica = call.share.find(held.place().replica);
  return replica != nullptr && replica->cast_rules_to_readonly;
}

struct Guest {
  std::size_t rule = 0;  // its outcome
  uid_t user = 0;
};

// Who is let in, of those that the rules name. A list without room for all of them is told with
// the rules that do not hold: it is no reason to stop copying.
Answer<void> open_door(const HeldReplica& held, const std::vector<Guest>& guests, Door& door) {
  const std::string top = held.place().top();
  if (!held.side.root.abilities.access_lists) {
    PASIG_TRY(door.was_wrong, let_nobody_pass(top));
    return {};
  }
  std::set<uid_t> users;
  for (const Guest& guest : guests) users.insert(guest.user);
  PASIG_TRY(const Passed passed, let_pass(top, users));
  door.was_wrong = passed.was_other;
  for (const Guest& guest : guests) {
    if (passed.users.contains(guest.user)) continue;
    AccessOutcome& outcome = door.rules.at(guest.rule);
    outcome.level.clear();
    outcome.words = "the access list of " + top + " has no room for " +
                    std::to_string(users.size()) + " users: it lets in " +
                    std::to_string(passed.users.size()) + " of them, not this one";
  }
  return {};
}

Answer<Door> set_door_before(const Call& call, const HeldReplica& held, Behind what) {
  Door door;
  if (!call.share.is_access_ruled) return door;
  const bool grants_write = what == Behind::writable && !is_cast_to_readonly(call, held);
  std::vector<Guest> guests;
  for (const AccessRule& rule : call.share.access) {
    const std::string level = grants_write ? rule.level : k_read_only;
    const auto user = rule.type == "user" ? user_named(rule.to) : std::nullopt;
    AccessOutcome outcome{
        .rule = rule.id, .level = {}, .words = why_not(rule, level, what, held, user)};
    if (outcome.words.empty()) {
      outcome.level = level;
      if (what != Behind::nothing) guests.push_back({door.rules.size(), *user});
    }
    door.rules.push_back(std::move(outcome));
  }
  PASIG_CHECK(open_door(held, guests, door));
  return door;
}

bool stops(const CallFailure& failure) {
  return failure.problem == Problem::stale_token || failure.problem == Problem::cancelled;
}

Answer<std::vector<AccessOutcome>> apply_to(const Call& call, const ReplicaRef& replica) {
  PASIG_TRY(HeldReplica held, hold(call, replica));
  auto door = set_door(call, held);
  if (!door) return tl::unexpected(at(held.place(), std::move(door).error()));
  return std::move(door->rules);
}

}  // namespace

Answer<Door> set_door(const Call& call, HeldReplica& held) {
  return set_door_before(call, held, behind(call, held));
}

Answer<void> set_door_for_opening(const Call& call, HeldReplica& held) {
  PASIG_CHECK(set_door_before(call, held, Behind::writable));
  return {};
}

Answer<AccessApplied> apply_access(const Call& call) {
  PASIG_CHECK(call.patience.check("about to apply the access rules"));
  AccessApplied applied;
  for (const ReplicaRef& replica : call.share.replicas) {
    if (replica.controller.empty()) continue;  // it was never placed
    auto rules = apply_to(call, replica);
    if (!rules && stops(rules.error())) return tl::unexpected(std::move(rules).error());
    ReplicaAccess one{.replica = replica.id, .failure = std::nullopt, .rules = {}};
    if (rules) one.rules = std::move(*rules);
    else one.failure = std::move(rules).error();
    applied.replicas.push_back(std::move(one));
  }
  return applied;
}

}  // namespace pasig::drivers::directory
