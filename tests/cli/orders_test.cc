// The operator's ways out by `pasig` and /pasig/v1: what is asked, what is shown, and how it exits.
#include <boost/json/parse.hpp>

#include "tests/cli/live_service.h"

namespace pasig::cli {
namespace {

class OrdersProgram : public ::testing::Test {
 protected:
  LiveService service_;

  OrdersProgram() {
    run({"type", "create", "gold", "--replication", "readable"});
    run({"share", "create", "docs", "--type", "gold", "--zone", "zone-a"});
    service_.finish_create("docs");
    run({"replica", "add", "docs", "--zone", "zone-b"});
    service_.finish_add("docs");
  }
  // It has to succeed; what it printed.
  std::string run(std::vector<std::string> arguments) {
    const auto ran = service_.pasig(std::move(arguments));
    EXPECT_EQ(ran.exit, Exit::done) << ran.err;
    return ran.out;
  }
  Json json(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"-o", "json"});
    return parse_json(run(std::move(arguments))).value_or(Json());
  }
  Exit exit(std::vector<std::string> arguments) {
    return service_.pasig(std::move(arguments)).exit;
  }
  std::string replica_in(const std::string& zone) const {
    for (const Replica& one : service_.share("docs").replicas)
      if (one.zone == zone) return to_string(one.id);
    return {};
  }
};

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST_F(OrdersProgram, PausesAndResumesAndSaysSoEverywhere) {
  EXPECT_HAS(run({"pause", "--controller", "alpha", "--reason", "a disk is changed"}),
             "work on controller alpha is paused by");
  EXPECT_HAS(run({"pause", "--share", "docs", "--reason", "look at it"}), "of share");
  EXPECT_HAS(run({"status"}), "a disk is changed");
  EXPECT_HAS(run({"controller", "list"}), "paused");
  EXPECT_HAS(run({"controller", "show", "alpha"}), "a disk is changed");
  EXPECT_HAS(run({"share", "show", "docs"}), "look at it");
  run({"resume", "--share", "docs"});
  EXPECT_HAS(run({"resume", "--controller", "alpha"}), "nothing is paused");
}

TEST_F(OrdersProgram, NeedsAReasonAndOneScope) {
  EXPECT_EQ(exit({"pause", "--all"}), Exit::usage);
  EXPECT_EQ(exit({"pause", "--reason", "why"}), Exit::usage);
  EXPECT_EQ(exit({"pause", "--all", "--share", "docs", "--reason", "why"}), Exit::usage);
  EXPECT_EQ(exit({"pause", "--controller", "gamma", "--reason", "why"}), Exit::not_found);
}

TEST_F(OrdersProgram, SaysWhyAnOperationWaits) {
  run({"pause", "--all", "--reason", "the network is rebuilt"});
  run({"replica", "set-active", "docs@zone-b"});
  const std::string id = to_string(service_.share("docs").operations.at(0).id);
  EXPECT_HAS(run({"operation", "show", id}), "the network is rebuilt");
  EXPECT_HAS(run({"operation", "abandon", id, "--reason", "not today"}), "abandoned");
  EXPECT_TRUE(service_.share("docs").operations.empty());
  EXPECT_EQ(exit({"operation", "abandon", id, "--reason", "again"}), Exit::refused);
}

TEST_F(OrdersProgram, PrintsWhatADrainedControllerHoldsAndHowToMoveIt) {
  const std::string shown = run({"controller", "drain", "alpha", "--reason", "to be replaced"});
  EXPECT_HAS(shown, "to be replaced");
  EXPECT_HAS(shown, "replica " + replica_in("zone-a") + " of docs");
  EXPECT_HAS(shown, "pasig replica set-active " + replica_in("zone-b") + " --mode planned --wait");
  const Json ended = json({"controller", "undrain", "alpha"});
  EXPECT_TRUE(find(ended, "controller.drained")->is_null());
}

TEST_F(OrdersProgram, RetiresAControllerAndPutsAwayWhatItLeaves) {
  const std::string lost = replica_in("zone-b");
  EXPECT_HAS(run({"controller", "retire", "beta", "--reason", "burnt"}),
             "pasig replica remove " + lost);
  service_.work(LoseReplicas{service_.share("docs").id, "beta"});
  EXPECT_EQ(exit({"replica", "set-active", lost, "--mode", "forced"}), Exit::refused);
  EXPECT_HAS(run({"replica", "remove", lost, "--wait"}), "is removed");
  EXPECT_HAS(run({"debris", "list", "--controller", "beta"}), lost);
  run({"debris", "clean", "docs"});
  EXPECT_EQ(exit({"debris", "forget", "docs", "--replica", lost, "--controller", "alpha",
                  "--reason", "why"}),
            Exit::not_found);
  run({"debris", "forget", "docs", "--replica", lost, "--controller", "beta", "--reason", "burnt"});
  EXPECT_TRUE(service_.share("docs").debris.empty());
}

TEST_F(OrdersProgram, SuspendsAndResumesReplication) {
  EXPECT_HAS(run({"replication", "suspend", "docs", "--reason", "the line is needed"}),
             "the line is needed");
  EXPECT_TRUE(service_.share("docs").replication_suspended);
  run({"replication", "resume", "docs"});
  EXPECT_FALSE(service_.share("docs").replication_suspended);
}

TEST_F(OrdersProgram, PlansAChangeAndWritesNothing) {
  bool all_answer = true;
  service_.context().plan_change = [&](const View& view, const SetActiveReplica& command,
                                       const Submission& as) {
    Surroundings now;
    now.now = service_.context().clock.now();
    now.actor = as.actor;
    now.command_id = as.command_id;
    std::vector<SideSeen> seen;
    for (const Replica& one : service_.share("docs").replicas)
      seen.push_back({.replica = one.id, .is_reachable = all_answer || one.zone != "zone-a"});
    return plan_change(view, now, command, seen);
  };
  const auto records = service_.context().view()->head().next_ordinal;
  const std::string told =
      run({"replica", "set-active", "docs@zone-b", "--mode", "planned", "--dry-run"});
  EXPECT_HAS(told, "goes through");
  EXPECT_HAS(told, "nothing");
  EXPECT_EQ(told.find("was taken by"), std::string::npos) << told;  // not foretold
  all_answer = false;  // the old side does not: a planned change would come to nothing
  EXPECT_EQ(exit({"replica", "set-active", "docs@zone-b", "--mode", "planned", "--dry-run"}),
            Exit::failed);
  EXPECT_EQ(exit({"replica", "set-active", "docs@zone-b", "--dry-run"}), Exit::done);
  run({"pause", "--all", "--reason", "quiet"});
  EXPECT_EQ(exit({"replica", "set-active", "docs@zone-b", "--dry-run"}), Exit::refused);
  EXPECT_EQ(service_.context().view()->head().next_ordinal, records + 1);  // the pause
}

}  // namespace
}  // namespace pasig::cli
