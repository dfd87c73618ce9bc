// Scrubs of a node: when they begin, what they wait for, and what a restart remembers of them.
#include "tests/drivers/working_node.h"

namespace pasig::drivers {
namespace {

class ScrubsOnNode : public WorkingNode {
 protected:
  ScrubsOnNode() : share_(make_share()), active_(share().replicas.at(0).id) {}
  Share share() { return node_.share(share_); }
  int scrubs() const { return calls("scrub_replica"); }
  // Hour by hour, as time goes.
  void pass_hours(int hours) {
    for (int i = 0; i < hours; ++i) pass(3600);
  }

  const ShareId share_;
  const ReplicaId active_;
};

TEST_F(ScrubsOnNode, EachReplicaIsScrubbedOnceInEachInterval) {
  add_replica(share_);
  pass_hours(24);
  EXPECT_EQ(scrubs(), 2);
  pass_hours(24);
  EXPECT_EQ(scrubs(), 4);
}

TEST_F(ScrubsOnNode, OfSecondariesWaitUntilReplicationIsResumed) {
  add_replica(share_);
  node_.run(SuspendReplication{.share = share_, .why = "a risky change"});
  pass_hours(24);
  EXPECT_EQ(scrubs(), 1) << "the active one's";
  node_.run(ResumeReplication{share_});
  pass_hours(1);
  EXPECT_EQ(scrubs(), 2);
}

TEST_F(ScrubsOnNode, ThatAreCleanWriteNoEvents) {
  const std::uint64_t before = log_.end().value();
  pass_hours(24);
  EXPECT_GT(scrubs(), 0);
  EXPECT_EQ(log_.end().value(), before);
}

TEST_F(ScrubsOnNode, ThatWereAskedForBeginAtOnce) {
  node_.run(VerifyReplica{active_});
  settle();
  EXPECT_EQ(scrubs(), 1);
  EXPECT_EQ(events("ReplicaVerified"), 1);
  settle();
  EXPECT_EQ(scrubs(), 1);
}

TEST_F(ScrubsOnNode, AreRememberedByTheNextProcess) {
  pass_hours(24);
  ASSERT_EQ(scrubs(), 1);
  start_process(2);
  pass(60);
  EXPECT_EQ(scrubs(), 1);
}

TEST_F(ScrubsOnNode, AreTriedAgainAfterAFailure) {
  storage_->fail("scrub_replica", {.problem = Problem::failed, .words = "the disk is busy"});
  node_.run(VerifyReplica{active_});
  settle();
  EXPECT_EQ(observations_->replica(active_)->scrub_words, "the disk is busy");
  EXPECT_EQ(events("ReplicaVerified"), 0);
  pass(601);
  EXPECT_EQ(events("ReplicaVerified"), 1);
  EXPECT_TRUE(observations_->replica(active_)->scrub_words.empty());
}

TEST_F(ScrubsOnNode, GiveWayToAnOperationAndBeginAgain) {
  const ReplicaId other = add_replica(share_);
  script_.during["scrub_replica"] = [this, other] {
    request(SetActiveReplica{.replica = other});
    worker_->look();  // the scrub is asked to stop
  };
  storage_->fail("scrub_replica", {.problem = Problem::cancelled, .words = "asked to stop"});
  node_.run(VerifyReplica{other});
  settle();
  EXPECT_EQ(share().active()->id, other);
  EXPECT_EQ(events("ReplicaVerified"), 1);
  EXPECT_EQ(share().find(other)->verify_requested_at, Time{});
}

TEST_F(ScrubsOnNode, OfADriverThatHasNoneAreNotAskedForAgainBeforeTheirTime) {
  storage_->fail("scrub_replica", {.problem = Problem::unsupported, .words = "there is none"});
  pass_hours(24);
  EXPECT_TRUE(observations_->replica(active_)->scrubbed_at.is_set());
  EXPECT_EQ(scrubs(), 0);
}

}  // namespace
}  // namespace pasig::drivers
