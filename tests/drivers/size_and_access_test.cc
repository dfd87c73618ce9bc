// Sizes and access rules between the log and storage: what answers mean, and what is told to a
// replica that missed something.
#include "tests/drivers/working_node.h"

namespace pasig::drivers {
namespace {

class SizeAndAccess : public WorkingNode {
 protected:
  SizeAndAccess() : share_(make_share()), active_(share().replicas.at(0).id) {}

  Share share() { return node_.share(share_); }
  OperationId grant(const std::string& user) {
    return request(GrantAccess{.share = share_, .type = "user", .to = user});
  }
  std::string state_on(std::size_t rule, ReplicaId replica) {
    const Share now = share();
    const AppliedRule* held = now.access_rules.at(rule).find(replica);
    return held == nullptr ? "none" : std::string(word(held->state));
  }

  const ShareId share_;
  const ReplicaId active_;
};

TEST_F(SizeAndAccess, StorageIsHandedTheRulesThatAreToHold) {
  grant("anna");
  settle();
  request(RevokeAccess{share_, share().access_rules.at(0).id});
  node_.run(GrantAccess{.share = share_, .type = "user", .to = "bernd"});  // told by the same one
  settle();
  ASSERT_EQ(share().access_rules.size(), 1U);
  const auto stored = storage_->look(active_);
  ASSERT_EQ(stored->access.size(), 1U);
  EXPECT_EQ(stored->access.at(0).to, "bernd");
}

TEST_F(SizeAndAccess, ARuleThatTheAnswerLacksIsAnError) {
  storage_->lie_about_access([](AccessApplied& applied) { applied.replicas.at(0).rules.clear(); });
  grant("anna");
  settle();
  EXPECT_EQ(state_on(0, active_), "error");
  EXPECT_EQ(share().access_rules.at(0).find(active_)->words, "storage said nothing about it");
}

TEST_F(SizeAndAccess, AReplicaThatTheAnswerLacksStaysQueued) {
  const ReplicaId other = add_replica(share_);
  storage_->lie_about_access([](AccessApplied& applied) { applied.replicas.resize(1); });
  grant("anna");
  settle();
  EXPECT_EQ(state_on(0, active_), "active");
  EXPECT_EQ(state_on(0, other), "queued_to_apply");
}

TEST_F(SizeAndAccess, AReplicaThatAnswersAgainIsToldOnce) {
  const ReplicaId other = add_replica(share_);
  const std::string away = share().find(other)->controller;
  storage_->set_reachable(away, false);
  grant("anna");
  settle();
  EXPECT_EQ(state_on(0, other), "queued_to_apply");
  const int asked = events("OperationRequested");
  storage_->set_reachable(away, true);
  pass(400);
  EXPECT_EQ(state_on(0, other), "active");
  pass(400);
  EXPECT_EQ(events("AccessUpdateFailed"), 1);
  EXPECT_EQ(events("OperationRequested"), asked + 1);
}

TEST_F(SizeAndAccess, AReplicaThatAnswersButDoesNotTakeTheRulesDoesNotFillTheLog) {
  const ReplicaId other = add_replica(share_);
  storage_->lie_about_access([other](AccessApplied& applied) {
    for (ReplicaAccess& one : applied.replicas)
      if (one.replica == other) one.failure = CallFailure{.words = "its lists are full"};
  });
  grant("anna");
  settle();
  for (int i = 0; i < 3; ++i) pass(k_status_interval + 1);
  const int asked = events("OperationRequested");
  for (int i = 0; i < 10; ++i) pass(k_status_interval + 1);
  EXPECT_EQ(state_on(0, other), "queued_to_apply");
  EXPECT_EQ(events("OperationRequested"), asked);
  EXPECT_EQ(events("AccessUpdateFailed"), 1);
  // Something of it is not as it was: that may be what was wrong.
  node_.run(ResetReplicaState{.replica = other, .state = ReplicaState::error});
  pass(k_status_interval + 1);
  EXPECT_GT(events("OperationRequested"), asked);
}

TEST_F(SizeAndAccess, RulesAreHeardAnewWhenAStatusCallPutStorageRight) {
  storage_->lie_about_access([](AccessApplied& applied) {
    applied.replicas.at(0).rules.at(0).level.clear();
    applied.replicas.at(0).rules.at(0).words = "no such user";
  });
  grant("anna");
  settle();
  EXPECT_EQ(state_on(0, active_), "error");
  storage_->lie_about_access(nullptr);
  pass(k_status_interval + 1);
  EXPECT_EQ(state_on(0, active_), "error") << "nothing says that it changed";
  storage_->lie_about_health([](Health& health) { health.repaired = {"put the door right"}; });
  pass(k_status_interval + 1);
  EXPECT_EQ(state_on(0, active_), "active");
  const int asked = events("OperationRequested");
  pass(k_status_interval + 1);
  EXPECT_EQ(events("OperationRequested"), asked) << "what is put right every time is no news";
}

TEST_F(SizeAndAccess, AnActiveReplicaThatTheAnswerLacksDidNotChange) {
  storage_->lie_about_sizes([](Resized& resized) { resized.replicas.clear(); });
  const OperationId id = request(ExtendShare{share_, share().size_gb + 1});
  settle();
  EXPECT_EQ(node_.operation(id).status, OperationStatus::failed);
  EXPECT_EQ(status_word(share()), "extending_error");
}

TEST_F(SizeAndAccess, ALostAnswerIsAskedForAgain) {
  const std::uint64_t size = share().size_gb + 1;
  storage_->lose_answer("extend", true);
  const OperationId id = request(ExtendShare{share_, size});
  settle();
  EXPECT_EQ(node_.operation(id).status, OperationStatus::done);
  EXPECT_EQ(share().size_gb, size);
  EXPECT_EQ(storage_->look(active_)->size_gb, size);
}

}  // namespace
}  // namespace pasig::drivers
