// Access rules as users meet them: processes of other users come by the path that they know. What
// a rule is said to be is compared with what its user can do. This program refuses access lists
// itself where a file system shall keep none.
#include <acl/libacl.h>
#include <dlfcn.h>
#include <signal.h>
#include <sys/acl.h>
#include <sys/stat.h>

#include <array>
#include <chrono>
#include <functional>
#include <stop_token>
#include <thread>

#include "drivers/directory/files.h"
#include "tests/drivers/as_user.h"
#include "tests/drivers/directory_share.h"

namespace {

std::string keeps_no_lists;     // a part of the paths there; empty: all do
int entries_max = 1'000'000;    // of a list, here
std::function<void()> reading;  // whenever a list is looked at

}  // namespace

extern "C" acl_t acl_get_file(const char* path, acl_type_t type) {
  if (reading) reading();
  using Get = acl_t (*)(const char*, acl_type_t);
  static const auto get = reinterpret_cast<Get>(::dlsym(RTLD_NEXT, "acl_get_file"));
  return get(path, type);
}

extern "C" int acl_set_file(const char* path, acl_type_t type, acl_t list) {
  if (!keeps_no_lists.empty() && std::string(path).find(keeps_no_lists) != std::string::npos) {
    errno = ENOTSUP;
    return -1;
  }
  if (::acl_entries(list) > entries_max) {
    errno = ENOSPC;
    return -1;
  }
  using Set = int (*)(const char*, acl_type_t, acl_t);
  static const auto set = reinterpret_cast<Set>(::dlsym(RTLD_NEXT, "acl_set_file"));
  return set(path, type, list);
}

namespace pasig::drivers {
namespace {

class DirectoryAccess : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "acts as several users, which needs root";
    const auto pools = share.driver().stats("alpha");
    ASSERT_TRUE(pools);
    if (pools->front().capabilities.at("access") != "user")
      GTEST_SKIP() << "the temporary directory keeps no POSIX access lists";
    ASSERT_TRUE(share.write(0, "file", "text"));
    ASSERT_TRUE(share.sync(1));
  }

  Answer<AccessApplied> apply() {
    return share.driver().update_access(share.share.ref(), share.share.next_call());
  }
  // All rules that are to hold, each as type, to and level.
  AccessApplied rule(const std::vector<std::array<std::string, 3>>& rules) {
    ShareRef& ref = share.share.ref();
    ref.is_access_ruled = true;
    ref.access.clear();
    for (const auto& [type, to, level] : rules)
      ref.access.push_back(
          {.id = AccessRuleId{random_uuid()}, .type = type, .to = to, .level = level});
    auto applied = apply();
    EXPECT_TRUE(applied) << words_of(applied);
    return applied.value_or(AccessApplied{});
  }
  static AccessOutcome outcome(const AccessApplied& applied, std::size_t n, std::size_t rule = 0) {
    if (applied.replicas.size() <= n || applied.replicas[n].rules.size() <= rule) return {};
    EXPECT_FALSE(applied.replicas[n].failure);
    return applied.replicas[n].rules[rule];
  }
  std::string file(std::size_t n) { return share.exported(n) + "/file"; }

  DirectoryShare share;
  const User alice = user_named("daemon");
  const User bob = user_named("nobody");
};

TEST_F(DirectoryAccess, BeforeTheFirstRuleTheModesInTheTreeDecide) {
  const auto applied = apply();
  ASSERT_TRUE(applied) << words_of(applied);
  EXPECT_EQ(alice.writes(share.exported(0) + "/new"), 0);
  EXPECT_EQ(bob.reads(file(0)), 0);
  EXPECT_EQ(bob.writes(file(0)), EACCES);
}

TEST_F(DirectoryAccess, RuleLetsItsUserInAndNobodyElse) {
  const auto applied = rule({{"user", "daemon", "rw"}});
  EXPECT_EQ(outcome(applied, 0).level, "rw");
  EXPECT_EQ(outcome(applied, 0).rule, share.share.ref().access[0].id);
  EXPECT_EQ(alice.writes(share.exported(0) + "/new"), 0);
  EXPECT_EQ(bob.reads(file(0)), EACCES);
  EXPECT_EQ(bob.reads(share.live(0) + "/file"), EACCES);
  EXPECT_EQ(bob.reads(file(1)), EACCES);
}

TEST_F(DirectoryAccess, UserMayBeANumber) {
  const auto applied = rule({{"user", std::to_string(alice.uid), "rw"}});
  EXPECT_EQ(outcome(applied, 0).level, "rw");
  EXPECT_EQ(alice.reads(file(0)), 0);
}

TEST_F(DirectoryAccess, RemovedRuleLetsNobodyIn) {
  rule({{"user", "daemon", "rw"}, {"user", "nobody", "rw"}});
  ASSERT_EQ(bob.reads(file(0)), 0);
  rule({{"user", "daemon", "rw"}});
  EXPECT_EQ(bob.reads(file(0)), EACCES);
  EXPECT_EQ(alice.reads(file(0)), 0);
  rule({});
  EXPECT_EQ(alice.reads(file(0)), EACCES);
  EXPECT_EQ(alice.reads(file(1)), EACCES);
}

TEST_F(DirectoryAccess, ReadOnlyRuleHoldsOnASecondaryAndLetsNobodyIntoTheActive) {
  const auto applied = rule({{"user", "daemon", "ro"}});
  EXPECT_EQ(outcome(applied, 0).level, "");
  EXPECT_NE(outcome(applied, 0).words.find("read-only replicas"), std::string::npos);
  EXPECT_EQ(alice.reads(file(0)), EACCES);
  EXPECT_EQ(outcome(applied, 1).level, "ro");
  EXPECT_EQ(alice.reads(file(1)), 0);
}

TEST_F(DirectoryAccess, SecondaryIsReadOnlyForEveryRule) {
  const auto applied = rule({{"user", "daemon", "rw"}});
  EXPECT_EQ(outcome(applied, 1).level, "ro");
  EXPECT_EQ(alice.reads(file(1)), 0);
  EXPECT_NE(alice.writes(share.exported(1) + "/new"), 0);
}

TEST_F(DirectoryAccess, CastToReadOnlyLetsNobodyIntoTheActive) {
  share.share.ref().replicas[0].cast_rules_to_readonly = true;
  const auto applied = rule({{"user", "daemon", "rw"}});
  EXPECT_EQ(outcome(applied, 0).level, "");
  EXPECT_EQ(alice.reads(file(0)), EACCES);
  EXPECT_EQ(outcome(applied, 1).level, "ro");
}

TEST_F(DirectoryAccess, OtherTypesAndUnknownUsersSayWhyTheyDoNotHold) {
  const auto applied = rule({{"ip", "10.0.0.0/8", "rw"}, {"user", "no-such-user", "rw"}});
  for (const std::size_t replica : {0U, 1U}) {
    EXPECT_EQ(outcome(applied, replica, 0).level, "");
    EXPECT_NE(outcome(applied, replica, 0).words.find("rules of type user"), std::string::npos);
    EXPECT_EQ(outcome(applied, replica, 1).level, "");
    EXPECT_NE(outcome(applied, replica, 1).words.find("no user 'no-such-user'"), std::string::npos);
  }
  EXPECT_EQ(bob.reads(file(0)), EACCES);
}

// Four entries are everybody's; the fifth is a user's.
TEST_F(DirectoryAccess, UserForWhomAListHasNoRoomIsToldAndHoldsNothingUp) {
  rule({{"user", "daemon", "rw"}});
  entries_max = 5;
  const auto applied = rule({{"user", "daemon", "rw"}, {"user", "nobody", "rw"}});
  EXPECT_EQ(outcome(applied, 0, 0).level, "rw");
  EXPECT_EQ(outcome(applied, 0, 1).level, "");
  EXPECT_NE(outcome(applied, 0, 1).words.find("no room for 2 users"), std::string::npos);
  EXPECT_EQ(alice.reads(file(0)), 0);
  EXPECT_EQ(bob.reads(file(0)), EACCES);
  const auto copied = share.sync(1);
  EXPECT_TRUE(copied) << words_of(copied);
  const auto health = share.status(0);
  ASSERT_TRUE(health) << words_of(health);
  EXPECT_TRUE(health->repaired.empty());
  // Who is not to come in any more goes out, though the others do not fit.
  rule({{"user", "nobody", "rw"}, {"user", "bin", "rw"}});
  EXPECT_EQ(alice.reads(file(0)), EACCES);
  entries_max = 1'000'000;
}

TEST_F(DirectoryAccess, TreeThatIsTakenInIsNotToldAsCancelled) {
  ShareOnDriver taken_in{Replication::readable};
  taken_in.add("alpha");
  taken_in.allow("user", "daemon", "rw");
  const std::string path = share.world.make_tree("alpha", "papers");
  std::stop_source source;
  CallContext call = taken_in.next_call();
  call.cancelled = source.get_token();
  reading = [&source, path] {  // the door is looked at once more when the tree has moved
    if (fs::is_symlink(path)) source.request_stop();
  };
  const auto managed = share.driver().manage(taken_in.ref(), taken_in.id(0), path, call);
  reading = nullptr;
  EXPECT_TRUE(source.stop_requested());
  EXPECT_TRUE(managed) << words_of(managed);
}

TEST_F(DirectoryAccess, PromotionMovesTheRights) {
  rule({{"user", "daemon", "rw"}, {"user", "nobody", "ro"}});
  ASSERT_EQ(bob.reads(file(1)), 0);
  const auto changed = share.change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_EQ(alice.writes(share.exported(1) + "/new"), 0);
  EXPECT_EQ(bob.reads(file(1)), EACCES);
  EXPECT_NE(alice.writes(share.exported(0) + "/new"), 0);
  EXPECT_EQ(alice.reads(file(0)), 0);
  EXPECT_EQ(bob.reads(file(0)), 0);
  const auto applied = apply();
  ASSERT_TRUE(applied) << words_of(applied);
  EXPECT_EQ(outcome(*applied, 0, 0).level, "ro");
  EXPECT_EQ(outcome(*applied, 1, 0).level, "rw");
  EXPECT_EQ(outcome(*applied, 0, 1).level, "ro");
  EXPECT_EQ(outcome(*applied, 1, 1).level, "");
}

TEST_F(DirectoryAccess, ChangeThatFailsLetsReadersInAgain) {
  rule({{"user", "nobody", "ro"}});
  const std::string frozen = share.frozen(1);
  ASSERT_TRUE(directory::unseal_all(frozen));
  ASSERT_TRUE(write_file(frozen + "/file", "oops"));
  EXPECT_EQ(problem_of(share.change(1, Mode::forced)), Problem::not_verified);
  EXPECT_EQ(bob.reads(file(1)), 0);
}

TEST_F(DirectoryAccess, SideThatIsNotFencedYetLetsNobodyIn) {
  rule({{"user", "daemon", "rw"}});
  share.world.set_reachable("alpha", false);
  const auto changed = share.change(1, Mode::forced);
  ASSERT_TRUE(changed) << words_of(changed);
  share.world.set_reachable("alpha", true);
  const auto applied = apply();
  ASSERT_TRUE(applied) << words_of(applied);
  EXPECT_EQ(outcome(*applied, 0).level, "");
  EXPECT_NE(outcome(*applied, 0).words.find("not fenced"), std::string::npos);
  EXPECT_EQ(alice.writes(file(0)), EACCES);
  ASSERT_TRUE(share.status(0));
  EXPECT_EQ(alice.reads(file(0)), 0);
  EXPECT_NE(alice.writes(file(0)), 0);
}

TEST_F(DirectoryAccess, StatusPutsTheDoorRight) {
  rule({{"user", "daemon", "rw"}});
  for (const std::size_t n : {0U, 1U}) {
    ASSERT_EQ(::chmod(share.top(n).c_str(), 0777), 0);
    ASSERT_EQ(bob.reads(file(n)), 0);
    const auto health = share.status(n);
    ASSERT_TRUE(health) << words_of(health);
    ASSERT_EQ(health->repaired.size(), 1U);
    EXPECT_NE(health->repaired[0].find(share.top(n)), std::string::npos);
    EXPECT_EQ(bob.reads(file(n)), EACCES);
    EXPECT_EQ(alice.reads(file(n)), 0);
    const auto again = share.status(n);
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->repaired.empty());
  }
}

TEST_F(DirectoryAccess, ReplicaThatIsAwayIsToldAndFollowsWithItsStatusCall) {
  rule({{"user", "nobody", "ro"}});
  share.world.set_reachable("beta", false);
  const auto applied = rule({{"user", "daemon", "rw"}});
  EXPECT_EQ(outcome(applied, 0).level, "rw");
  ASSERT_EQ(applied.replicas.size(), 2U);
  ASSERT_TRUE(applied.replicas[1].failure);
  EXPECT_EQ(applied.replicas[1].failure->problem, Problem::unreachable);
  share.world.set_reachable("beta", true);
  ASSERT_TRUE(share.status(1));
  EXPECT_EQ(bob.reads(file(1)), EACCES);
  EXPECT_EQ(alice.reads(file(1)), 0);
}

TEST_F(DirectoryAccess, NewReplicaHasItsDoorBeforeItsFirstCopy) {
  rule({{"user", "daemon", "rw"}});
  share.add("gamma");
  EXPECT_EQ(bob.reads(share.top(2)), EACCES);
  EXPECT_EQ(bob.reads(share.top(2) + "/replica.json"), EACCES);
  const auto copy = share.sync(2);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(alice.reads(file(2)), 0);
  EXPECT_EQ(bob.reads(file(2)), EACCES);
}

TEST_F(DirectoryAccess, NoPathLeadsFromOneReplicaIntoAnother) {
  rule({{"user", "daemon", "rw"}});
  const std::string inside = share.exported(0);
  const std::string across = inside + "/../../../../../beta/shares/" +
                             to_string(share.share.ref().id) + "/" + to_string(share.share.id(1));
  ASSERT_EQ(alice.reads(across + "/export/file"), 0);
  ASSERT_EQ(bob.reads(across + "/export/file"), EACCES);
  for (const char* hidden : {"/../staging", "/../replica.json", "/../lock", "/../frozen"})
    EXPECT_EQ(alice.reads(inside + hidden), EACCES) << hidden;
}

TEST_F(DirectoryAccess, ManifestsAreNobodyElsesToRead) {
  const std::string manifest = share.frozen(0) + ".manifest";
  ASSERT_TRUE(fs::exists(manifest));
  EXPECT_EQ(alice.reads(manifest), EACCES);
}

TEST_F(DirectoryAccess, OlderCallChangesNothing) {
  rule({{"user", "daemon", "rw"}});
  share.share.ref().access.clear();
  const auto applied = share.driver().update_access(share.share.ref(), share.share.older_call());
  EXPECT_EQ(problem_of(applied), Problem::stale_token);
  EXPECT_EQ(alice.reads(file(0)), 0);
}

TEST_F(DirectoryAccess, KilledCallIsDeliveredAgain) {
  rule({{"user", "nobody", "rw"}});
  for (int round = 0; round < 10; ++round) {
    const char* to = round % 2 == 0 ? "daemon" : "nobody";
    share.share.ref().access[0].to = to;
    CallContext call = share.share.next_call();
    const pid_t pasigd = ::fork();
    if (pasigd == 0) {
      static_cast<void>(share.driver().update_access(share.share.ref(), call));
      ::_exit(0);
    }
    const auto kill_at = std::chrono::steady_clock::now() + std::chrono::microseconds(300 * round);
    while (std::chrono::steady_clock::now() < kill_at) std::this_thread::yield();
    ::kill(pasigd, SIGKILL);
    ::waitpid(pasigd, nullptr, 0);
    ++call.attempt;
    const auto applied = share.driver().update_access(share.share.ref(), call);
    ASSERT_TRUE(applied) << words_of(applied);
    EXPECT_EQ(outcome(*applied, 0).level, "rw");
    EXPECT_EQ(alice.reads(file(0)), round % 2 == 0 ? 0 : EACCES);
    EXPECT_EQ(bob.reads(file(0)), round % 2 == 0 ? EACCES : 0);
  }
}

TEST(DirectoryAccessOfDr, SecondaryHoldsRulesAsReadOnlyAndShowsNothing) {
  if (::geteuid() != 0) GTEST_SKIP() << "acts as several users, which needs root";
  DirectoryShare share({}, Replication::dr);
  ASSERT_TRUE(share.write(0, "file", "text"));
  ASSERT_TRUE(share.sync(1));
  ShareRef& ref = share.share.ref();
  ref.is_access_ruled = true;
  ref.access = {{.id = AccessRuleId{random_uuid()}, .type = "user", .to = "daemon", .level = "rw"}};
  const auto applied = share.driver().update_access(ref, share.share.next_call());
  ASSERT_TRUE(applied) << words_of(applied);
  ASSERT_EQ(applied->replicas.size(), 2U);
  EXPECT_EQ(applied->replicas[1].rules.at(0).level, "ro");
  const User alice = user_named("daemon");
  EXPECT_EQ(alice.reads(share.frozen(1) + "/file"), EACCES);
  ASSERT_TRUE(share.change(1, Mode::planned));
  EXPECT_EQ(alice.writes(share.exported(1) + "/new"), 0);
}

TEST(DirectoryAccessWithoutLists, RulesSayWhyAndNobodyIsLetIn) {
  if (::geteuid() != 0) GTEST_SKIP() << "acts as several users, which needs root";
  keeps_no_lists = "/beta/";
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "text"));
  ASSERT_TRUE(share.sync(1));
  keeps_no_lists.clear();  // what was found out at the start counts
  const User alice = user_named("daemon");
  EXPECT_EQ(share.driver().stats("beta")->front().capabilities.at("access"), "none");
  ASSERT_EQ(alice.reads(share.exported(1) + "/file"), 0);
  ShareRef& ref = share.share.ref();
  ref.is_access_ruled = true;
  ref.access = {{.id = AccessRuleId{random_uuid()}, .type = "user", .to = "daemon", .level = "ro"}};
  const auto applied = share.driver().update_access(ref, share.share.next_call());
  ASSERT_TRUE(applied) << words_of(applied);
  EXPECT_EQ(applied->replicas.at(1).rules.at(0).level, "");
  EXPECT_NE(applied->replicas.at(1).rules.at(0).words.find("access lists"), std::string::npos);
  EXPECT_EQ(alice.reads(share.exported(1) + "/file"), EACCES);
}

}  // namespace
}  // namespace pasig::drivers
