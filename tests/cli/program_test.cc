// `pasig` against a real service: what it prints, and how it exits.
#include <boost/json/parse.hpp>
#include <thread>

#include "tests/cli/live_service.h"

namespace pasig::cli {
namespace {

using ::testing::Test;

class Program : public Test {
 protected:
  LiveService service_;

  LiveService::Ran pasig(std::vector<std::string> arguments) {
    return service_.pasig(std::move(arguments));
  }
  Json json(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"-o", "json"});
    const auto ran = pasig(std::move(arguments));
    EXPECT_EQ(ran.exit, Exit::done) << ran.err;
    return parse_json(ran.out).value_or(Json());
  }
  // A readable share with an active replica in zone-a.
  void make_share(const std::string& name = "docs") {
    EXPECT_EQ(pasig({"type", "create", "gold", "--replication", "readable", "--rpo", "600",
                     "--sync-interval", "2"})
                  .exit,
              Exit::done);
    const auto made = pasig({"share", "create", name, "--type", "gold", "--zone", "zone-a"});
    EXPECT_EQ(made.exit, Exit::done) << made.err;
    service_.finish_create(name);
  }
  void make_replica(const std::string& name = "docs") {
    const auto added = pasig({"replica", "add", name, "--zone", "zone-b"});
    EXPECT_EQ(added.exit, Exit::done) << added.err;
    service_.finish_add(name);
  }
};

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST_F(Program, CreatesATypeWithWhatWasAsked) {
  const Json made = json({"type", "create", "gold", "--replication", "readable", "--rpo", "600",
                          "--sync-interval", "2", "--spec", "compression=<is> True"});
  EXPECT_EQ(text_at(made, "type.replication"), "readable");
  EXPECT_EQ(number_at(made, "type.rpo_seconds"), 600U);
  EXPECT_EQ(number_at(made, "type.sync_interval_seconds"), 2U);
  EXPECT_EQ(text_at(*find(made, "type.extra_specs"), "compression"), "<is> True");
}

TEST_F(Program, ListsSharesByName) {
  make_share();
  const auto ran = pasig({"share", "list"});
  EXPECT_EQ(ran.exit, Exit::done);
  EXPECT_HAS(ran.out, "NAME");
  EXPECT_HAS(ran.out, "docs");
  EXPECT_HAS(ran.out, "available");
}

TEST_F(Program, SaysOnStandardErrorThatAListIsEmpty) {
  const auto ran = pasig({"share", "list"});
  EXPECT_EQ(ran.exit, Exit::done);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "no shares\n");
}

TEST_F(Program, PutsThePagesOfAListTogether) {
  for (int i = 0; i < 7; ++i)
    EXPECT_EQ(pasig({"type", "create", "t" + std::to_string(i)}).exit, Exit::done);
  service_.context().options.list_limit_max = 3;
  EXPECT_EQ(list_at(json({"type", "list"}), "types").size(), 7U);
  EXPECT_EQ(list_at(json({"type", "list", "--limit", "5"}), "types").size(), 5U);
  EXPECT_EQ(list_at(json({"type", "list", "--offset", "6"}), "types").size(), 1U);
}

TEST_F(Program, FindsAReplicaByShareAndZone) {
  make_share();
  make_replica();
  const Json by_zone = json({"replica", "show", "docs@zone-b"});
  EXPECT_EQ(text_at(by_zone, "id"), text_at(json({"replica", "show", "docs@beta"}), "id"));
  EXPECT_EQ(text_at(by_zone, "state"), "in_sync");
  EXPECT_HAS(text_at(by_zone, "sync"), "generation 3, settled)");
}

TEST_F(Program, ExitsWithThreeForWhatDoesNotExist) {
  const auto ran = pasig({"share", "show", "nope"});
  EXPECT_EQ(ran.exit, Exit::not_found);
  EXPECT_HAS(ran.err, "there is no share 'nope' [share_not_found]");
  EXPECT_HAS(ran.err, "hint: `pasig share list`");
  EXPECT_EQ(ran.out, "");
}

TEST_F(Program, ListsTheIdsOfAnAmbiguousName) {
  make_share();
  EXPECT_EQ(pasig({"share", "create", "docs", "--type", "gold"}).exit, Exit::done);
  const auto ran = pasig({"share", "show", "docs"});
  EXPECT_EQ(ran.exit, Exit::refused);
  EXPECT_HAS(ran.err, "[ambiguous_name]");
  const Json shares = json({"share", "list"});
  for (const Json& one : list_at(shares, "shares")) EXPECT_HAS(ran.err, text_at(one, "id"));
}

TEST_F(Program, TellsTheGuardAndThePositionOfARefusal) {
  make_share();
  const auto ran = pasig({"replica", "remove", "docs@zone-a"});
  EXPECT_EQ(ran.exit, Exit::refused);
  EXPECT_HAS(ran.err, "[last_active_replica]");
  EXPECT_HAS(ran.err, "recorded at position ");
}

TEST_F(Program, WritesErrorsAsJsonToStandardErrorWhenAsked) {
  const auto ran = pasig({"share", "show", "nope", "-o", "json"});
  EXPECT_EQ(ran.out, "");
  const Json error = parse_json(ran.err).value_or(Json());
  EXPECT_EQ(text_at(error, "error.code"), "share_not_found");
  EXPECT_EQ(number_at(error, "error.exit"), 3U);
}

TEST_F(Program, ExitsWithTwoForAValueThatTheServiceRefuses) {
  const auto ran = pasig({"type", "create", "odd", "--spec", "pasig:nonsense=1"});
  EXPECT_EQ(ran.exit, Exit::usage);
  EXPECT_HAS(ran.err, "pasig:nonsense");
}

TEST_F(Program, WaitsUntilTheReplicaIsInSync) {
  make_share();
  LiveService::Ran ran;
  std::jthread waiting([&] {
    ran = pasig({"replica", "add", "docs", "--zone", "zone-b", "--wait", "-o", "json"});
  });
  service_.wait_until_an_operation_was_looked_at();
  service_.finish_add("docs");
  waiting.join();
  EXPECT_EQ(ran.exit, Exit::done) << ran.err;
  EXPECT_EQ(text_at(parse_json(ran.out).value_or(Json()), "replica.state"), "in_sync");
}

TEST_F(Program, ExitsWithOneWhenTheOperationItWaitsForFails) {
  make_share();
  LiveService::Ran ran;
  std::jthread waiting([&] {
    ran = pasig({"replica", "add", "docs", "--zone", "zone-b", "--wait"});
  });
  service_.wait_until_an_operation_was_looked_at();
  service_.work(ReportReplicaAdded{
      .operation = service_.claim("docs"),
      .attempt = 1,
      .failure = Failure{.controller = "beta", .words = "rsync ended with 23", .hint = "look"}});
  waiting.join();
  EXPECT_EQ(ran.exit, Exit::failed);
  EXPECT_HAS(ran.err, "failed at beta: rsync ended with 23");
  EXPECT_HAS(ran.err, "hint: look");
}

TEST_F(Program, StopsWaitingAtTheTimeout) {
  make_share();
  const auto ran =
      pasig({"replica", "add", "docs", "--zone", "zone-b", "--wait", "--timeout", "1"});
  EXPECT_EQ(ran.exit, Exit::wait_ended);
  EXPECT_HAS(ran.err, "the work goes on");
  EXPECT_HAS(ran.err, "pasig operation show ");
}

TEST_F(Program, SaysHowToLookFurtherWhenTheWaitIsInterrupted) {
  make_share();
  LiveService::Ran ran;
  std::jthread waiting([&] {
    ran = pasig({"replica", "add", "docs", "--zone", "zone-b", "--wait"});
  });
  service_.wait_until_an_operation_was_looked_at();
  service_.interrupt.raise();
  waiting.join();
  EXPECT_EQ(ran.exit, Exit::wait_ended);
  EXPECT_HAS(ran.err, "stopped waiting; the work goes on");
  EXPECT_HAS(ran.err,
             "pasig operation show " + to_string(service_.share("docs").operations.front().id));
}

TEST_F(Program, DoesACommandOnceHoweverOftenItIsAsked) {
  const std::vector<std::string> create{"type", "create", "gold", "--command-id", "one-id"};
  EXPECT_EQ(pasig(create).exit, Exit::done);
  EXPECT_EQ(pasig(create).exit, Exit::done);
  EXPECT_EQ(list_at(json({"type", "list"}), "types").size(), 1U);
  EXPECT_EQ(text_at(json({"command", "show", "one-id"}), "outcome"), "accepted");
}

TEST_F(Program, RefusesOneCommandIdForTwoCommands) {
  EXPECT_EQ(pasig({"type", "create", "gold", "--command-id", "one-id"}).exit, Exit::done);
  EXPECT_EQ(pasig({"type", "create", "iron", "--command-id", "one-id"}).exit, Exit::usage);
}

TEST_F(Program, TellsWhatHappenedToAShareAndWhy) {
  make_share();
  EXPECT_EQ(pasig({"replica", "remove", "docs@zone-a", "--reason", "tidying up"}).exit,
            Exit::refused);
  const auto ran = pasig({"history", "docs"});
  EXPECT_EQ(ran.exit, Exit::done);
  EXPECT_HAS(ran.out, "CreateShare  accepted");
  EXPECT_HAS(ran.out, "RemoveReplica  refused");
  EXPECT_HAS(ran.out, "reason: tidying up");
}

TEST_F(Program, PagesAHistory) {
  make_share();
  const auto first = pasig({"history", "docs", "--limit", "1"});
  EXPECT_HAS(first.out, "CreateShare");
  EXPECT_EQ(first.out.find("ReportShareCreated"), std::string::npos);
  EXPECT_HAS(first.err, "more: --from ");
}

TEST_F(Program, ExplainsAReplica) {
  make_share();
  const auto ran = pasig({"why", "docs@zone-a"});
  EXPECT_EQ(ran.exit, Exit::done) << ran.err;
  EXPECT_HAS(ran.out, to_string(service_.share("docs").replicas.front().id));
}

TEST_F(Program, ShowsTheEndOfTheLog) {
  make_share();
  const auto ran = pasig({"log", "show", "--limit", "1"});
  EXPECT_HAS(ran.out, "ReportShareCreated");
  EXPECT_EQ(text_at(json({"log", "show", "1"}), "command"), "CreateShareType");
}

TEST_F(Program, CancelsAnOperation) {
  make_share();
  EXPECT_EQ(pasig({"replica", "add", "docs", "--zone", "zone-b"}).exit, Exit::done);
  const auto id = to_string(service_.share("docs").operations.front().id);
  const auto ran = pasig({"operation", "cancel", id, "--wait"});
  EXPECT_EQ(ran.exit, Exit::done) << ran.err;
  EXPECT_HAS(pasig({"operation", "show", id}).out, "cancelled");
}

TEST_F(Program, VerifiesTheProjections) {
  make_share();
  const auto ran = pasig({"replay", "verify"});
  EXPECT_EQ(ran.exit, Exit::done) << ran.err;
  EXPECT_HAS(ran.out, "equal: the projections are what the log says");
}

TEST_F(Program, StatusNamesTheLogAndItsDigests) {
  const Json status = json({"status"});
  EXPECT_TRUE(flag_at(status, "ready"));
  EXPECT_EQ(number_at(status, "log.records"), 1U);
  EXPECT_EQ(text_at(status, "verdict_digest").size(), 64U);
}

TEST_F(Program, StatusExitsWithFiveWhileNoCommandsAreTaken) {
  service_.context().not_ready_because = [] { return std::string("applying stands at 7"); };
  const auto ran = pasig({"status"});
  EXPECT_EQ(ran.exit, Exit::unavailable);
  EXPECT_HAS(ran.err, "applying stands at 7");
}

TEST_F(Program, ShowsWhyAControllerIsDown) {
  const auto ran = pasig({"controller", "list"});
  EXPECT_HAS(ran.out, "down");
  EXPECT_HAS(ran.out, "not reported for 5 min");
  EXPECT_EQ(pasig({"controller", "show", "gamma"}).exit, Exit::not_found);
}

}  // namespace
}  // namespace pasig::cli
