// What operators' orders keep off one controller: operations over all replicas leave it alone, and
// what waits for it keeps nobody else waiting.
#include "tests/drivers/working_node.h"

namespace pasig::drivers {
namespace {

class KeptOffNode : public WorkingNode {
 protected:
  KeptOffNode()
      : share_(make_share()),
        active_(share().replicas.at(0).id),
        near_(add_replica(share_)),
        far_(add_replica(share_)) {
    pass(70);
  }

  Share share() { return node_.share(share_); }
  std::string controller_of(ReplicaId id) { return share().find(id)->controller; }
  void pause(const std::string& controller) {
    node_.run(PauseEffects{.share = {}, .controller = controller, .why = "a disk is changed"});
  }
  void resume(const std::string& controller) {
    node_.run(ResumeEffects{.share = {}, .controller = controller});
    pass(k_status_interval + 1);
  }
  OperationStatus status_of(OperationId id) { return node_.operation(id).status; }
  bool is_as(ReplicaId id, const simulated::StoredReplica& before) {
    const auto now = storage_->look(id);
    return now && now->size_gb == before.size_gb && now->role == before.role &&
           now->epoch == before.epoch && now->highest_token == before.highest_token &&
           now->snapshots.size() == before.snapshots.size() &&
           now->access.size() == before.access.size() &&
           now->live.position == before.live.position &&
           now->copied.position == before.copied.position && now->is_open == before.is_open;
  }
  std::string state_on(ReplicaId replica) {
    const Share now = share();
    const AppliedRule* held = now.access_rules.at(0).find(replica);
    return held == nullptr ? "none" : std::string(word(held->state));
  }

  const ShareId share_;
  const ReplicaId active_;
  const ReplicaId near_;
  const ReplicaId far_;
};

TEST_F(KeptOffNode, ASnapshotIsDeletedThereWhenThePauseIsOver) {
  node_.run(CreateSnapshot{.share = share_, .name = "nightly"});
  pass(70);
  const SnapshotId snapshot = share().snapshots.at(0).id;
  ASSERT_EQ(storage_->look(far_)->snapshots.size(), 1U);
  pause(controller_of(far_));
  const auto before = *storage_->look(far_);
  const OperationId id = request(DeleteSnapshot{.snapshot = snapshot});
  pass(70);
  EXPECT_EQ(status_of(id), OperationStatus::done);
  EXPECT_TRUE(is_as(far_, before));
  EXPECT_TRUE(storage_->look(near_)->snapshots.empty());
  ASSERT_EQ(share().snapshots.size(), 1U);
  EXPECT_EQ(share().snapshots.at(0).find(far_)->status, SnapshotStatus::deleting);
  resume(controller_of(far_));
  EXPECT_TRUE(share().snapshots.empty());
  EXPECT_TRUE(storage_->look(far_)->snapshots.empty());
}

TEST_F(KeptOffNode, ASizeIsFollowedWhenThePauseIsOver) {
  pause(controller_of(far_));
  const auto before = *storage_->look(far_);
  const std::uint64_t size = share().size_gb + 1;
  request(ExtendShare{share_, size});
  pass(70);
  EXPECT_EQ(share().size_gb, size);
  EXPECT_TRUE(is_as(far_, before));
  EXPECT_EQ(storage_->look(near_)->size_gb, size);
  EXPECT_EQ(share().find(far_)->state, ReplicaState::out_of_sync);
  EXPECT_NE(share().find(far_)->note.find("a disk is changed"), std::string::npos)
      << share().find(far_)->note;
  resume(controller_of(far_));
  EXPECT_EQ(share().find(far_)->state, ReplicaState::in_sync);
  EXPECT_EQ(storage_->look(far_)->size_gb, size);
}

TEST_F(KeptOffNode, RulesStayQueuedThereUntilThePauseIsOver) {
  pause(controller_of(far_));
  const auto before = *storage_->look(far_);
  request(GrantAccess{.share = share_, .type = "user", .to = "anna"});
  pass(70);
  EXPECT_TRUE(is_as(far_, before));
  EXPECT_EQ(state_on(active_), "active");
  EXPECT_EQ(state_on(near_), "active");
  EXPECT_EQ(state_on(far_), "queued_to_apply");
  resume(controller_of(far_));
  EXPECT_EQ(state_on(far_), "active");
}

TEST_F(KeptOffNode, AForcedChangeLeavesAPausedOldSideAlone) {
  pause(controller_of(active_));
  const auto before = *storage_->look(active_);
  request(SetActiveReplica{.replica = near_, .mode = ChangeMode::forced});
  pass(70);
  ASSERT_EQ(share().active()->id, near_);
  EXPECT_TRUE(is_as(active_, before));
  EXPECT_EQ(share().find(active_)->fence.state, FenceState::pending);
  EXPECT_NE(share().find(active_)->fence.words.find("a disk is changed"), std::string::npos)
      << share().find(active_)->fence.words;
  resume(before.controller);
  EXPECT_EQ(share().find(active_)->fence.state, FenceState::enforced);
  EXPECT_EQ(share().find(active_)->state, ReplicaState::in_sync);
}

TEST_F(KeptOffNode, AChangeThatWasAskedForBeforeThePauseWaitsForItsEnd) {
  const OperationId id = request(SetActiveReplica{.replica = near_});
  pause(controller_of(active_));
  const auto before = *storage_->look(active_);
  pass(70);
  EXPECT_EQ(status_of(id), OperationStatus::requested);
  EXPECT_TRUE(is_as(active_, before));
  resume(before.controller);
  EXPECT_EQ(status_of(id), OperationStatus::done);
  EXPECT_EQ(share().active()->id, near_);
}

TEST_F(KeptOffNode, WhatWaitsForAPauseKeepsNoOtherReplicaWaiting) {
  pause(controller_of(far_));
  const OperationId id = request(RemoveReplica{.replica = far_});
  ASSERT_TRUE(storage_->write(active_));
  const int syncs = calls("sync_replica");
  for (int minute = 0; minute < 3; ++minute) pass(60);
  EXPECT_EQ(status_of(id), OperationStatus::requested);
  EXPECT_EQ(calls("sync_replica"), syncs + 3);
  EXPECT_EQ(storage_->look(near_)->copied.position, storage_->look(active_)->live.position);
  EXPECT_EQ(share().find(near_)->state, ReplicaState::in_sync);
  resume(controller_of(far_));
  EXPECT_EQ(status_of(id), OperationStatus::done);
  EXPECT_EQ(share().find(far_), nullptr);
}

TEST_F(KeptOffNode, ACallThatWasMadeMeanwhileIsInNobodysWay) {
  pause(controller_of(far_));
  const OperationId id = request(RemoveReplica{.replica = far_});
  script_.during["sync_replica"] = [this] {
    node_.run(ResumeEffects{.share = {}, .controller = controller_of(far_)});
    worker_->look();
    EXPECT_TRUE(worker_->run_next());  // the removal, while the sync is on its way
  };
  pass(70);
  EXPECT_TRUE(script_.during.empty());
  EXPECT_EQ(status_of(id), OperationStatus::done);
  EXPECT_EQ(events("ReplicaFailed"), 0);
}

}  // namespace
}  // namespace pasig::drivers
