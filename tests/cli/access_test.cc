// pasig access …, pasig share extend, shrink and reset-status, against a real service.
#include <thread>

#include "tests/cli/live_service.h"

namespace pasig::cli {
namespace {

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

class AccessProgram : public ::testing::Test {
 protected:
  AccessProgram() {
    pasig({"type", "create", "gold", "--replication", "readable"});
    pasig({"share", "create", "docs", "--type", "gold", "--zone", "zone-a", "--size", "4"});
    service_.finish_create("docs");
  }

  LiveService service_;

  LiveService::Ran pasig(std::vector<std::string> arguments) {
    return service_.pasig(std::move(arguments));
  }
  // Storage of the only replica tells what it made of all rules.
  void tell(const std::string& error = {}) {
    const Share share = service_.share("docs");
    ReportAccessUpdated report{.operation = service_.claim("docs"), .attempt = 1};
    ReportAccessUpdated::OfReplica of{.replica = share.replicas.front().id};
    for (const ShareAccessRule& rule : share.access_rules)
      if (!rule.is_removed)
        of.rules.push_back({.rule = rule.id,
                            .state = error.empty() ? AccessState::active : AccessState::error,
                            .level = rule.level,
                            .words = error});
    report.replicas.push_back(std::move(of));
    service_.work(std::move(report));
  }
  // Runs it while something is told, once somebody waits for it.
  template <class Then>
  LiveService::Ran while_waiting(std::vector<std::string> arguments, Then then) {
    LiveService::Ran ran;
    std::thread waiting([&] { ran = pasig(std::move(arguments)); });
    service_.wait_until_an_operation_was_looked_at();
    then();
    waiting.join();
    return ran;
  }
};

TEST_F(AccessProgram, AddsARuleAndWaitsUntilItHolds) {
  const auto ran =
      while_waiting({"access", "add", "docs", "user", "anna", "--wait"}, [&] { tell(); });
  EXPECT_EQ(ran.exit, Exit::done) << ran.err;
  EXPECT_HAS(ran.out, "active rw");
}

TEST_F(AccessProgram, FailsWhenNothingEnforcesTheRule) {
  const auto ran = while_waiting({"access", "add", "docs", "user", "anna", "ro", "--wait"},
                                 [&] { tell("there is no such user"); });
  EXPECT_EQ(ran.exit, Exit::failed);
  EXPECT_HAS(ran.err, "there is no such user");
}

TEST_F(AccessProgram, ShowsARuleByWhomItLetsIn) {
  pasig({"access", "add", "docs", "user", "anna", "--metadata", "ticket=17"});
  const auto ran = pasig({"access", "show", "docs", "user:anna"});
  EXPECT_EQ(ran.exit, Exit::done) << ran.err;
  EXPECT_HAS(ran.out, "queued_to_apply");
  EXPECT_HAS(ran.out, "ticket=17");
  EXPECT_EQ(pasig({"access", "show", "docs", "bernd"}).exit, Exit::not_found);
}

TEST_F(AccessProgram, ListsRulesWithWhatTheyAreOnEachReplica) {
  EXPECT_HAS(pasig({"access", "list", "docs"}).err, "no access rules");
  pasig({"access", "add", "docs", "user", "anna"});
  tell();
  EXPECT_HAS(pasig({"access", "list", "docs"}).out, "zone-a active");
  EXPECT_HAS(pasig({"share", "show", "docs"}).out, "1: only they let users in");
}

TEST_F(AccessProgram, ChangesALevel) {
  pasig({"access", "add", "docs", "user", "anna"});
  tell();
  EXPECT_EQ(pasig({"access", "set", "docs", "anna", "ro"}).exit, Exit::done);
  tell();
  EXPECT_HAS(pasig({"access", "show", "docs", "anna"}).out, "active ro");
}

TEST_F(AccessProgram, TakesARuleAway) {
  pasig({"access", "add", "docs", "user", "anna"});
  tell();
  const auto ran = while_waiting({"access", "remove", "docs", "anna", "--wait"}, [&] { tell(); });
  EXPECT_EQ(ran.exit, Exit::done) << ran.err;
  EXPECT_EQ(ran.out.find("still to be told"), std::string::npos) << ran.out;
  EXPECT_EQ(pasig({"access", "show", "docs", "anna"}).exit, Exit::not_found);
}

TEST_F(AccessProgram, ExplainsARuleThatDoesNotHold) {
  pasig({"access", "add", "docs", "user", "anna"});
  tell("there is no such user");
  const auto ran = pasig({"why", "docs@zone-a"});
  EXPECT_HAS(ran.out, "lets nobody in here: \"there is no such user\"");
  EXPECT_HAS(ran.out, "pasig access set");
}

// ---- size ---------------------------------------------------------------------------------------
TEST_F(AccessProgram, ExtendsAndWaits) {
  const auto ran = while_waiting({"share", "extend", "docs", "6", "--wait"}, [&] {
    service_.work(ReportShareResized{.operation = service_.claim("docs"), .attempt = 1});
  });
  EXPECT_EQ(ran.exit, Exit::done) << ran.err;
  EXPECT_HAS(ran.out, "6 GiB");
}

TEST_F(AccessProgram, SaysWhatStoppedAShrinkAndHowToGoOn) {
  EXPECT_EQ(pasig({"share", "shrink", "docs", "9"}).exit, Exit::refused);
  pasig({"share", "shrink", "docs", "2"});
  service_.work(ReportShareResized{
      .operation = service_.claim("docs"),
      .attempt = 1,
      .failure = Failure{.code = FailureCode::too_small, .words = "3 GiB are stored"}});
  const auto shown = pasig({"share", "show", "docs"});
  EXPECT_HAS(shown.out, "shrinking_possible_data_loss_error");
  EXPECT_HAS(shown.out, "3 GiB are stored");
  EXPECT_HAS(pasig({"why", "docs@zone-a"}).out, "pasig share reset-status");
  EXPECT_EQ(pasig({"share", "reset-status", "docs"}).exit, Exit::done);
  EXPECT_EQ(pasig({"share", "show", "docs"}).out.find("shrinking"), std::string::npos);
}

}  // namespace
}  // namespace pasig::cli
