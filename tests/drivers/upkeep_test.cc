// What is done without being asked: syncs, status calls, what they clean, and what it costs to
// find out that nothing is due.
#include "drivers/worker_words.h"
#include "tests/drivers/working_node.h"

namespace pasig::drivers {
namespace {

class UpkeepOnNode : public WorkingNode {
 protected:
  UpkeepOnNode() : share_(make_share()), active_(share().replicas.at(0).id) {}
  Share share() { return node_.share(share_); }

  const ShareId share_;
  const ReplicaId active_;
};

TEST_F(UpkeepOnNode, StatusCallThatWaitedIsNotMadeOnceAnOperationIsAtWork) {
  clock_.advance_seconds(k_status_interval + 1);
  worker_->look();  // a status call is queued
  const int before = calls("update_replica_status");
  node_.run(AddReplica{.share = share_});
  while (worker_->run_next()) {
  }
  EXPECT_EQ(calls("update_replica_status"), before);
}

TEST_F(UpkeepOnNode, StatusCallOvertakenByAClaimRaisesNoToken) {
  const ReplicaId other = add_replica(share_);
  OperationId change;
  script_.during["update_replica_status"] = [this, other, &change] {
    change = request(SetActiveReplica{.replica = other});
    worker_->look();
    EXPECT_TRUE(worker_->run_next());  // the change, while the status call is on its way
  };
  pass(k_status_interval + 1);
  EXPECT_EQ(share().active()->id, other);
  EXPECT_EQ(events("ReplicaFailed"), 0);
}

TEST_F(UpkeepOnNode, NoViewIsHeldWhileADriverIsCalled) {
  add_replica(share_);
  int held = 0;
  for (const std::string call : {"sync_replica", "update_replica_status", "add_replica"})
    script_.during[call] = [this, &held] { held += store_.reading.views_held; };
  node_.run(AddReplica{.share = share_});
  pass(k_status_interval + 1);
  EXPECT_TRUE(script_.during.empty());
  EXPECT_EQ(held, 0);
}

TEST_F(UpkeepOnNode, LookCostsWhatChanged) {
  for (int i = 0; i < 5; ++i) make_share();
  const ReplicaId other = add_replica(share_);
  settle();
  store_.reading.shares_decoded = 0;
  for (int i = 0; i < 10; ++i) worker_->look();
  EXPECT_EQ(store_.reading.shares_decoded, 0);
  node_.run(ResetReplicaState{.replica = other, .state = ReplicaState::out_of_sync});
  worker_->look();
  EXPECT_EQ(store_.reading.shares_decoded, 1);
}

TEST_F(UpkeepOnNode, SharesThatNothingTouchesAreMetWhenTheirTimeComes) {
  add_replica(share_);
  const int before = calls("sync_replica");
  for (int minute = 0; minute < 5; ++minute) pass(60);
  EXPECT_EQ(calls("sync_replica"), before + 5);
}

TEST_F(UpkeepOnNode, DebrisIsCleanedWhenItsControllerAnswersAgain) {
  const ReplicaId other = add_replica(share_);
  const std::string controller = share().find(other)->controller;
  storage_->set_reachable(controller, false);
  node_.run(RemoveReplica{.replica = other, .force = true});
  settle();
  ASSERT_EQ(share().debris.size(), 1U);
  pass(k_status_interval + 1);
  EXPECT_EQ(share().debris.size(), 1U);
  storage_->set_reachable(controller, true);
  pass(k_status_interval + 1);
  EXPECT_TRUE(share().debris.empty());
  EXPECT_FALSE(storage_->look(other));
}

TEST_F(UpkeepOnNode, CleaningKeepsWhatWasWrittenOnASideThatWasRemovedWhileItWasAway) {
  const ReplicaId other = add_replica(share_);
  const std::string controller = share().find(active_)->controller;
  storage_->set_reachable(controller, false);
  node_.run(SetActiveReplica{.replica = other, .mode = ChangeMode::forced});
  settle();
  node_.run(RemoveReplica{.replica = active_, .force = true});
  settle();
  ASSERT_EQ(share().find(active_), nullptr);
  ASSERT_EQ(share().debris.size(), 1U);
  ASSERT_TRUE(storage_->write(active_));  // nobody could fence it
  storage_->set_reachable(controller, true);
  pass(k_status_interval + 1);
  EXPECT_FALSE(storage_->look(active_));
  EXPECT_EQ(share().debris.size(), 1U) << "what is kept on purpose stays listed";
  const Aside kept{.replica = active_,
                   .controller = controller,
                   .path = "simulated://" + controller + "/" + to_string(share_) + "/" +
                           to_string(active_) + "/aside/epoch1"};
  const auto restored =
      driver_->restore_aside(share_ref(share()), kept, "/restored", {.token = {1, 1'000'000}});
  EXPECT_TRUE(restored) << restored.error().words;
}

TEST_F(UpkeepOnNode, RemovedReplicaIsObservedNoMore) {
  const ReplicaId other = add_replica(share_);
  ASSERT_TRUE(observations_->replica(other));
  node_.run(RemoveReplica{.replica = other});
  settle();
  EXPECT_FALSE(observations_->replica(other));
  EXPECT_TRUE(observations_->replica(active_));
}

TEST_F(UpkeepOnNode, DeletedShareIsObservedNoMore) {
  ASSERT_TRUE(observations_->replica(active_));
  node_.run(DeleteShare{.share = share_});
  settle();
  EXPECT_FALSE(observations_->replica(active_));
}

TEST_F(UpkeepOnNode, WhatWentWhileNoProcessRanIsForgottenAtTheStart) {
  const ReplicaId gone{random_uuid()};
  observations_->put(ReplicaObservation{.replica = gone});
  start_process(2);
  settle();
  EXPECT_FALSE(observations_->replica(gone));
  EXPECT_TRUE(observations_->replica(active_));
}

TEST_F(UpkeepOnNode, PoolThatItsControllerNoLongerHasIsForgotten) {
  observations_->put(PoolObservation{.host = "pasig@a#gone", .controller = "a", .pool = "gone"});
  pass(61);
  const auto pools = observations_->pools();
  EXPECT_EQ(pools.size(), 3U);
  EXPECT_TRUE(std::none_of(pools.begin(), pools.end(),
                           [](const PoolObservation& one) { return one.pool == "gone"; }));
}

TEST_F(UpkeepOnNode, StateThatCannotBeReadForAWhileEndsNoThread) {
  pausing_ = [] {};
  store_.reading.views_to_fail = 20;
  worker_->start();
  node_.run(AddReplica{.share = share_});
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  const auto is_added = [this] {
    return share().replicas.back().status == ReplicaStatus::available;
  };
  while (!is_added() && std::chrono::steady_clock::now() < give_up)
    (void)node_.applier().wait_beyond(node_.applier().applied(), std::chrono::milliseconds(50), {});
  EXPECT_TRUE(is_added());
  worker_->stop();
}

}  // namespace
}  // namespace pasig::drivers
