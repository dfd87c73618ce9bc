// What decisions are made on beside the log: pools as they were last reported, and what is known
// of copies.
#include "daemon/surroundings.h"

#include <gtest/gtest.h>

#include "tests/projections/folding.h"

namespace pasig::daemon {
namespace {

constexpr Time k_now{1'764'000'000'000'000};

class SurroundingsOfANode : public testing::Test {
 protected:
  SurroundingsOfANode() {
    configuration_.controllers = {{.name = "beta", .zone = "z2", .driver = "simulated"},
                                  {.name = "alpha",
                                   .zone = "z1",
                                   .driver = "simulated",
                                   .options = {{"reserved_percentage", "20"}}},
                                  {.name = "gamma", .zone = "z1", .driver = "simulated"}};
  }
  PoolObservation pool(const std::string& controller) const {
    return {.host = "n1@" + controller + "#p0",
            .controller = controller,
            .pool = "p0",
            .zone = "z1",
            .total_bytes = 100,
            .free_bytes = 60,
            .reported_at = k_now,
            .up = true};
  }
  Surroundings now(const Command& command = CreateShare{}, Time time = k_now) {
    return surroundings_of(configuration_, *observations_, *store_->view(), command, time);
  }

  Configuration configuration_;
  std::unique_ptr<Observations> observations_ = std::move(open_observations("")).value();
  ScratchStore store_;
};

TEST_F(SurroundingsOfANode, NameEachZoneOnce) {
  EXPECT_EQ(now().zones, (std::vector<std::string>{"z1", "z2"}));
}

TEST_F(SurroundingsOfANode, HoldQuotasAndTimingsAsConfigured) {
  configuration_.quota_shares = 3;
  configuration_.quota_gigabytes = -1;
  configuration_.claim_timeout_seconds = 7;
  EXPECT_EQ(now().quotas.shares, 3);
  EXPECT_EQ(now().quotas.gigabytes, std::nullopt);
  EXPECT_EQ(now().timings.claim_timeout_seconds, 7U);
}

TEST_F(SurroundingsOfANode, HoldPoolsAsTheyWereReported) {
  observations_->put(pool("alpha"));
  const auto pools = now().pools;
  ASSERT_EQ(pools.size(), 1U);
  EXPECT_TRUE(pools[0].up);
  EXPECT_EQ(pools[0].free_bytes, 60U);
  EXPECT_EQ(pools[0].reserved_percent, 20U);
}

TEST_F(SurroundingsOfANode, CallAPoolDownThatWasNotReportedLately) {
  observations_->put(pool("alpha"));
  const std::int64_t patience = 3 * configuration_.stats_interval_seconds + 10;
  EXPECT_TRUE(now(CreateShare{}, k_now.plus_seconds(patience)).pools[0].up);
  EXPECT_FALSE(now(CreateShare{}, k_now.plus_seconds(patience + 1)).pools[0].up);
}

TEST_F(SurroundingsOfANode, LeaveOutPoolsOfControllersThatAreNotConfiguredAnyMore) {
  observations_->put(pool("retired"));
  EXPECT_TRUE(now().pools.empty());
}

TEST_F(SurroundingsOfANode, KnowTheCopiesOfAShareWhoseActiveReplicaIsToChange) {
  ComposedLog log(1000);
  log.run(CreateShareType{.name = "t",
                          .extra_specs = {{"driver_handles_share_servers", "False"},
                                          {"replication_type", "readable"}}});
  log.run(CreateShare{
      .name = "s", .protocol = "NFS", .size_gb = 1, .type = log.folded.world.types.begin()->first});
  store_.fold(log.log);
  const ReplicaId replica = log.folded.world.shares.begin()->second.replicas[0].id;
  observations_->put(ReplicaObservation{.replica = replica, .reachable = true, .data_as_of = {5}});
  const auto copies = now(SetActiveReplica{replica}).copies;
  ASSERT_EQ(copies.size(), 1U);
  EXPECT_EQ(copies[0].replica, replica);
  EXPECT_EQ(copies[0].data_as_of, Time{5});
  EXPECT_TRUE(copies[0].reachable);
  EXPECT_TRUE(now(ResyncReplica{replica}).copies.empty());
}

TEST_F(SurroundingsOfANode, TellWhichControllersReportedLately) {
  observations_->put(pool("alpha"));
  PoolObservation broken = pool("beta");
  broken.up = false;
  broken.words = "no such mount";
  observations_->put(broken);
  const auto controllers = controllers_now(configuration_, *observations_, k_now);
  ASSERT_EQ(controllers.size(), 3U);
  EXPECT_FALSE(controllers[0].up);
  EXPECT_EQ(controllers[0].words, "no such mount");
  EXPECT_TRUE(controllers[1].up);
  EXPECT_FALSE(controllers[2].up);
  EXPECT_EQ(controllers[2].words, "not reported yet");
}

// ---- what drivers are made with -----------------------------------------------------------
bool may_be_made(const std::vector<drivers::ControllerConfig>& all, const std::string& name) {
  for (const auto& one : all)
    if (one.name == name) return one.options.contains("create");
  return false;
}

TEST_F(SurroundingsOfANode, LetARootBeMadeOnlyWhereTheLogKnowsNoReplica) {
  for (auto& one : configuration_.controllers) one.options["create"] = "true";
  ComposedLog log(1000);
  log.run(CreateShareType{.name = "t",
                          .extra_specs = {{"driver_handles_share_servers", "False"},
                                          {"replication_type", "readable"}}});
  log.run(CreateShare{
      .name = "s", .protocol = "NFS", .size_gb = 1, .type = log.folded.world.types.begin()->first});
  store_.fold(log.log);
  const Replica& replica = log.folded.world.shares.begin()->second.replicas[0];
  configuration_.controllers[1].name = replica.controller;
  const auto all = controllers_to_start(configuration_, *store_->view(), true);
  EXPECT_FALSE(may_be_made(all, configuration_.controllers[1].name));
  EXPECT_TRUE(may_be_made(all, "beta"));
}

TEST_F(SurroundingsOfANode, LetNoRootBeMadeWhileTheStateIsBehindItsLog) {
  for (auto& one : configuration_.controllers) one.options["create"] = "true";
  const auto all = controllers_to_start(configuration_, *store_->view(), false);
  EXPECT_FALSE(may_be_made(all, "beta"));
}

}  // namespace
}  // namespace pasig::daemon
