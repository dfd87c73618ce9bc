// The operator's ways out, as decisions: pauses, abandoned operations, drained and retired
// controllers, suspended replication, debris.
#include "statemachine/orders.h"
#include <algorithm>

#include "commands/lose_replicas.h"
#include "tests/commands/story.h"

namespace pasig {
namespace {

const std::string k_why = "a disk is changed";

struct Orders : ::testing::Test {
  Story story;
  ShareId share = story.make_share("dr");
  ReplicaId active = story.share(share).replicas.at(0).id;
  const std::string home = story.replica(active).controller;

  ClaimOperation claim_of(OperationId id) const {
    return {.operation = id,
            .node = "node",
            .process = 1,
            .lease_seconds = 300,
            .attempt = story.operation(id).attempt + 1};
  }
  std::string zone_of(const std::string& controller) const { return "z-" + controller; }
};
using Pause = Orders;
using Abandon = Orders;
using Drain = Orders;
using Retire = Orders;
using Suspend = Orders;
using DebrisOrders = Orders;

// ---- pauses ----------------------------------------------------------------------------------
TEST_F(Pause, IsForAdminsWhoSayWhy) {
  EXPECT_EQ(story.refused(PauseEffects{.share = share, .controller = {}, .why = {}}),
            "invalid_input");
  EXPECT_EQ(story.refused(PauseEffects{.share = share, .controller = "a", .why = k_why}),
            "invalid_input");
  story.as_member();
  EXPECT_EQ(story.refused(PauseEffects{.share = {}, .controller = {}, .why = k_why}),
            "needs_admin");
  EXPECT_EQ(story.refused(PauseEffects{.share = {}, .controller = "a", .why = k_why}),
            "needs_admin");
  EXPECT_EQ(story.refused(PauseEffects{.share = share, .controller = {}, .why = k_why}),
            "needs_admin");
}

TEST_F(Pause, OfAShareKeepsItsOperationsFromBeingClaimed) {
  story.request_replica(share, "z-b");
  const OperationId id = story.first_in_line(share);
  EXPECT_EQ(names(story.take(PauseEffects{.share = share, .controller = {}, .why = k_why})),
            "ShareEffectsPaused");
  EXPECT_EQ(story.refused(claim_of(id)), "effects_paused");
  EXPECT_NE(story.refusal(claim_of(id)).find(k_why), std::string::npos);
  EXPECT_EQ(names(story.take(ResumeEffects{.share = share, .controller = {}})),
            "ShareEffectsResumed");
  EXPECT_EQ(story.refused(claim_of(id)), "accepted");
}

TEST_F(Pause, OfAControllerHoldsWhereTheOperationRunsAndWhereItsReplicaLies) {
  const ReplicaId other = story.request_replica(share, "z-b");
  const OperationId id = story.first_in_line(share);
  const std::string target = story.replica(other).controller;
  ASSERT_EQ(story.operation(id).runs_on, home);
  ASSERT_NE(target, home);
  for (const std::string& name : {home, target, std::string()}) {
    story.take(PauseEffects{.share = {}, .controller = name, .why = k_why});
    EXPECT_EQ(story.refused(claim_of(id)), "effects_paused") << name;
    story.take(ResumeEffects{.share = {}, .controller = name});
    EXPECT_EQ(story.refused(claim_of(id)), "accepted") << name;
  }
}

TEST_F(Pause, OfTheOldSideDoesNotStopAChangeAwayFromIt) {
  const ReplicaId other = story.make_replica(share, "z-b");
  story.take(PauseEffects{.share = {}, .controller = home, .why = k_why});
  story.take(SetActiveReplica{.replica = other, .mode = ChangeMode::forced});
  EXPECT_EQ(story.refused(claim_of(story.first_in_line(share))), "accepted");
}

TEST_F(Pause, OfTheOldSideRefusesAChangeThatAsksItForItsLastWrites) {
  const ReplicaId other = story.make_replica(share, "z-b");
  story.take(PauseEffects{.share = {}, .controller = home, .why = k_why});
  for (const ChangeMode mode : {ChangeMode::planned, ChangeMode::auto_}) {
    const SetActiveReplica change{.replica = other, .mode = mode};
    EXPECT_EQ(story.refused(change), "effects_paused");
    const std::string words = story.refusal(change);
    EXPECT_NE(words.find(k_why), std::string::npos) << words;
    EXPECT_NE(words.find("pasig resume --controller " + home), std::string::npos) << words;
    EXPECT_NE(words.find("--mode forced"), std::string::npos) << words;
  }
  story.take(ResumeEffects{.share = {}, .controller = home});
  EXPECT_EQ(story.refused(SetActiveReplica{.replica = other}), "accepted");
}

TEST_F(Pause, OfTheOldSideKeepsAChangeWaitingThatWasAskedForBefore) {
  const ReplicaId other = story.make_replica(share, "z-b");
  story.take(SetActiveReplica{.replica = other});
  const OperationId id = story.first_in_line(share);
  ASSERT_NE(story.operation(id).runs_on, home);
  story.take(PauseEffects{.share = {}, .controller = home, .why = k_why});
  EXPECT_EQ(story.refused(claim_of(id)), "effects_paused");
  story.take(ResumeEffects{.share = {}, .controller = home});
  EXPECT_EQ(story.refused(claim_of(id)), "accepted");
}

TEST_F(Pause, OfTheActiveSideKeepsASizeWaitingWhereverItRuns) {
  story.make_replica(share, "z-b");
  story.take(ExtendShare{share, story.share(share).size_gb + 1});
  const OperationId id = story.first_in_line(share);
  story.later(61);
  story.take(RerouteOperation{id, "b", "nobody claimed it"});
  ASSERT_EQ(story.operation(id).runs_on, "b");
  story.take(PauseEffects{.share = {}, .controller = home, .why = k_why});
  EXPECT_EQ(story.refused(claim_of(id)), "effects_paused");
}

TEST_F(Retire, OfTheOldSideStopsNoChangeAwayFromIt) {
  const ReplicaId other = story.make_replica(share, "z-b");
  story.take(RetireController{home, "it burnt"});
  story.take(SetActiveReplica{.replica = other});
  EXPECT_EQ(story.refused(claim_of(story.first_in_line(share))), "accepted");
}

TEST_F(Pause, IsExpectedByAClaimSoThatARaceIsVoid) {
  story.request_replica(share, "z-b");
  const WorldReader reader = story.folded.reader();
  ReadView view(reader);
  ASSERT_TRUE(decide(view, story.now, claim_of(story.first_in_line(share))));
  std::vector<std::string> streams;
  for (const Expectation& one : view.expectations()) streams.push_back(one.subject);
  for (const std::string& stream :
       {controller_stream(""), controller_stream(home), stream_of(share)})
    EXPECT_EQ(std::count(streams.begin(), streams.end(), stream), 1) << stream;
}

TEST_F(Pause, TwiceChangesNothing) {
  story.take(PauseEffects{.share = {}, .controller = "a", .why = k_why});
  EXPECT_EQ(names(story.take(PauseEffects{.share = {}, .controller = "a", .why = "again"})), "");
  story.take(ResumeEffects{.share = {}, .controller = "a"});
  EXPECT_EQ(names(story.take(ResumeEffects{.share = {}, .controller = "a"})), "");
}

TEST_F(Pause, FailsNoWorkThatWaits) {
  story.request_replica(share, "z-b");
  const OperationId id = story.first_in_line(share);
  story.take(PauseEffects{.share = {}, .controller = home, .why = k_why});
  story.later(7 * 3600);
  EXPECT_EQ(names(story.take(RerouteOperation{id, "b", "nobody claimed it"})), "");
  EXPECT_EQ(names(story.take(ExpireOperation{id})), "");
  story.take(ResumeEffects{.share = {}, .controller = home});
  // From the resume on it has all of its time again.
  story.later(59);
  EXPECT_EQ(names(story.take(RerouteOperation{id, "b", "nobody claimed it"})), "");
  story.later(2);
  EXPECT_EQ(names(story.take(RerouteOperation{id, "b", "nobody claimed it"})), "OperationRerouted");
  story.later(6 * 3600 - 100);
  EXPECT_EQ(names(story.take(ExpireOperation{id})), "");
  story.later(100);
  EXPECT_EQ(names(story.take(ExpireOperation{id})), "ReplicaAddFailed OperationFailed");
}

TEST_F(Pause, LetsWhatRunsGoOn) {
  story.request_replica(share, "z-b");
  const OperationId id = story.start_first(share);
  story.take(PauseEffects{.share = share, .controller = {}, .why = k_why});
  EXPECT_EQ(story.refused(RenewLease{id, 1, 300}), "accepted");
  EXPECT_EQ(names(story.take(done(story, id))), "ReplicaAdded OperationCompleted");
}

TEST_F(Pause, SaysByWhomAndSinceWhen) {
  story.take(PauseEffects{.share = {}, .controller = "a", .why = k_why});
  const ControllerOrders& orders = story.folded.world.controllers.at("a");
  EXPECT_EQ(pause_in_words(orders), "work on controller a is paused by " + story.now.actor.name +
                                        " since " + to_string(story.now.now) + ": " + k_why);
}

// ---- abandoned operations --------------------------------------------------------------------
TEST_F(Abandon, EndsAtOnceWhatNobodyWorksOn) {
  const ReplicaId other = story.request_replica(share, "z-b");
  const OperationId id = story.first_in_line(share);
  EXPECT_EQ(names(story.take(AbandonOperation{id, "it hangs"})),
            "ReplicaAddFailed OperationFailed");
  EXPECT_EQ(story.operation(id).failure.code, FailureCode::abandoned);
  EXPECT_EQ(story.replica(other).status, ReplicaStatus::error);
  EXPECT_EQ(story.refused(AbandonOperation{id, "again"}), "operation_is_over");
}

TEST_F(Abandon, OfARunningOneIsAskedForOnce) {
  story.request_replica(share, "z-b");
  const OperationId id = story.start_first(share);
  EXPECT_EQ(story.refused(AbandonOperation{id, ""}), "invalid_input");
  EXPECT_EQ(names(story.take(AbandonOperation{id, "it hangs"})), "OperationAbandonRequested");
  EXPECT_EQ(names(story.take(AbandonOperation{id, "it hangs"})), "");
  EXPECT_FALSE(story.operation(id).is_over());
  story.as_member();
  EXPECT_EQ(story.refused(AbandonOperation{id, "it hangs"}), "needs_admin");
}

TEST_F(Abandon, EndsWithWhatWasFound) {
  story.request_replica(share, "z-b");
  const OperationId id = story.start_first(share);
  EXPECT_EQ(story.refused(ReportOperationAbandoned{id, 1, "not done"}), "report_does_not_fit");
  story.take(AbandonOperation{id, "it hangs"});
  EXPECT_EQ(names(story.take(ReportOperationAbandoned{id, 1, "storage shows nothing"})),
            "ReplicaAddFailed OperationFailed");
  EXPECT_NE(story.operation(id).failure.words.find("it hangs; storage shows nothing"),
            std::string::npos);
  EXPECT_TRUE(story.share(share).operations.empty());
}

TEST_F(Abandon, IsDoneAllTheSameWhenStorageSaysSo) {
  story.request_replica(share, "z-b");
  const OperationId id = story.start_first(share);
  story.take(AbandonOperation{id, "it hangs"});
  EXPECT_EQ(names(story.take(done(story, id))), "ReplicaAdded OperationCompleted");
}

TEST_F(Abandon, IsClaimedForALookAlsoWhileEffectsArePaused) {
  story.request_replica(share, "z-b");
  const OperationId id = story.start_first(share);
  story.take(PauseEffects{.share = share, .controller = {}, .why = k_why});
  EXPECT_EQ(story.refused(claim_of(id)), "effects_paused");
  story.take(AbandonOperation{id, "it hangs"});
  EXPECT_EQ(story.refused(claim_of(id)), "accepted");
}

// ---- drained controllers ---------------------------------------------------------------------
TEST_F(Drain, KeepsNewReplicasAwayAndSaysSo) {
  story.take(DrainController{"b", k_why});
  const ReplicaId placed = story.request_replica(share);
  EXPECT_EQ(story.replica(placed).controller, "c");
  bool is_told = false;
  for (const FilterCount& one : story.replica(placed).placement.filters)
    is_told = is_told || (one.filter == "drained" &&
                          one.example.find("controller b is drained") != std::string::npos &&
                          one.example.find(k_why) != std::string::npos);
  EXPECT_TRUE(is_told);
  story.take(DrainController{"b", {}, true});
  story.finish_first(share);
  EXPECT_EQ(story.replica(story.request_replica(share)).controller, "b");
}

TEST_F(Drain, LeavesWhatIsThereAlone) {
  const ReplicaId other = story.make_replica(share, "z-b");
  story.take(DrainController{"b", k_why});
  EXPECT_EQ(story.replica(other).state, ReplicaState::in_sync);
  EXPECT_EQ(story.refused(SetActiveReplica{.replica = other}), "accepted");
}

TEST_F(Drain, IsForAdminsWhoSayWhy) {
  EXPECT_EQ(story.refused(DrainController{"b", ""}), "invalid_input");
  EXPECT_EQ(story.refused(DrainController{"", k_why}), "invalid_input");
  story.as_member();
  EXPECT_EQ(story.refused(DrainController{"b", k_why}), "needs_admin");
}

// ---- retired controllers ---------------------------------------------------------------------
TEST_F(Retire, LosesASecondary) {
  const ReplicaId other = story.make_replica(share, "z-b");
  story.take(RetireController{"b", "it burnt"});
  EXPECT_TRUE(has_replicas_to_lose(story.share(share), "b"));
  EXPECT_EQ(names(story.take(LoseReplicas{share, "b"})), "ReplicaFailed");
  EXPECT_EQ(story.replica(other).state, ReplicaState::error);
  EXPECT_TRUE(story.replica(other).note.starts_with("lost"));
  EXPECT_FALSE(has_replicas_to_lose(story.share(share), "b"));
  EXPECT_EQ(names(story.take(LoseReplicas{share, "b"})), "");
}

TEST_F(Retire, LosesTheActiveOneWhichKeepsItsRole) {
  story.make_replica(share, "z-b");
  story.take(RetireController{home, "it burnt"});
  EXPECT_EQ(names(story.take(LoseReplicas{share, home})), "ReplicaFailed");
  EXPECT_EQ(story.replica(active).state, ReplicaState::active);
  EXPECT_EQ(story.replica(active).status, ReplicaStatus::error);
}

TEST_F(Retire, LosesNothingOfAControllerThatIsNot) {
  story.make_replica(share, "z-b");
  EXPECT_EQ(names(story.take(LoseReplicas{share, "b"})), "");
}

TEST_F(Retire, RefusesAChangeTowardsIt) {
  const ReplicaId other = story.make_replica(share, "z-b");
  story.take(RetireController{"b", "it burnt"});
  EXPECT_EQ(story.refused(SetActiveReplica{.replica = other}), "controller_retired");
  story.take(LoseReplicas{share, "b"});
  EXPECT_EQ(story.refused(SetActiveReplica{.replica = other, .mode = ChangeMode::forced}),
            "controller_retired");
}

TEST_F(Retire, LetsItsReplicaGoAtOnceAndListsWhatMayRemain) {
  const ReplicaId other = story.make_replica(share, "z-b");
  story.take(RetireController{"b", "it burnt"});
  story.take(LoseReplicas{share, "b"});
  EXPECT_EQ(names(story.take(RemoveReplica{other})),
            "ReplicaRemovalStarted RelationDebrisLeft ReplicaRemoved");
  ASSERT_EQ(story.share(share).debris.size(), 1U);
  EXPECT_EQ(story.share(share).debris.at(0).controller, "b");
  EXPECT_TRUE(story.share(share).operations.empty());
}

TEST_F(Retire, LetsAShareThatIsOnlyThereGoAtOnce) {
  story.take(RetireController{home, "it burnt"});
  story.take(LoseReplicas{share, home});
  EXPECT_EQ(names(story.take(DeleteShare{share})),
            "ShareDeletionStarted RelationDebrisLeft ShareDeleted");
  EXPECT_FALSE(story.folded.world.shares.contains(share));
}

TEST_F(Retire, EndsWhatWaitsForItsReplica) {
  const ReplicaId other = story.request_replica(share, "z-b");
  const OperationId id = story.first_in_line(share);
  story.take(RetireController{"b", "it burnt"});
  EXPECT_EQ(story.refused(claim_of(id)), "effects_paused");
  EXPECT_TRUE(is_stranded(story.share(share), story.operation(id), "b"));
  EXPECT_EQ(names(story.take(LoseReplicas{share, "b"})), "ReplicaAddFailed OperationFailed");
  EXPECT_EQ(story.replica(other).status, ReplicaStatus::error);
}

TEST_F(Retire, OffersWorkElsewhereThatIsNotAboutIt) {
  const ReplicaId other = story.make_replica(share, "z-b");
  story.take(RemoveReplica{other});
  const OperationId id = story.first_in_line(share);
  ASSERT_EQ(story.operation(id).runs_on, home);
  story.take(RetireController{home, "it burnt"});
  EXPECT_EQ(names(story.take(LoseReplicas{share, home})), "OperationRerouted ReplicaFailed");
  EXPECT_EQ(story.operation(id).runs_on, "b");
}

TEST_F(Retire, GivesUpWhatRunsThere) {
  story.request_replica(share, "z-b");
  const OperationId id = story.start_first(share);
  story.take(RetireController{home, "it burnt"});
  story.take(LoseReplicas{share, home});
  EXPECT_TRUE(story.operation(id).abandon_requested);
}

TEST_F(Retire, PlacesNothingThere) {
  story.take(RetireController{"b", "it burnt"});
  EXPECT_EQ(story.replica(story.request_replica(share)).controller, "c");
}

TEST_F(Retire, IsTakenBackAndAStatusCallMakesTheReplicaWhole) {
  const ReplicaId other = story.make_replica(share, "z-b");
  story.take(RetireController{"b", "it burnt"});
  story.take(LoseReplicas{share, "b"});
  const ReportStatus well{.share = share,
                          .replica = other,
                          .epoch = story.share(share).epoch,
                          .exports = story.replica(other).exports};
  EXPECT_EQ(names(story.take(well)), "");
  EXPECT_EQ(names(story.take(RetireController{"b", {}, true})), "ControllerReinstated");
  EXPECT_EQ(names(story.take(well)), "ReplicaRecovered");
}

TEST_F(Retire, OfAControllerThatIsNotConfiguredAnyMoreIsToldApart) {
  const ReplicaId other = story.make_replica(share, "z-b");
  story.now.controllers = std::vector<std::string>{"a", "c"};
  EXPECT_EQ(story.refused(SetActiveReplica{.replica = other}), "controller_not_found");
}

// ---- suspended replication -------------------------------------------------------------------
TEST_F(Suspend, IsOfAReplicatedShareAndTakenBack) {
  EXPECT_EQ(story.refused(SuspendReplication{share, ""}), "invalid_input");
  EXPECT_EQ(names(story.take(SuspendReplication{share, k_why})), "ReplicationSuspended");
  EXPECT_TRUE(story.share(share).replication_suspended);
  EXPECT_EQ(names(story.take(SuspendReplication{share, k_why})), "");
  EXPECT_EQ(names(story.take(ResumeReplication{share})), "ReplicationResumed");
  EXPECT_EQ(names(story.take(ResumeReplication{share})), "");
  EXPECT_EQ(story.refused(SuspendReplication{story.make_share("writable"), k_why}),
            "share_not_replicated");
}

// ---- debris ----------------------------------------------------------------------------------
TEST_F(DebrisOrders, AreAboutWhatIsListed) {
  const ReplicaId other = story.make_replica(share, "z-b");
  EXPECT_EQ(names(story.take(CleanDebris{share})), "");
  EXPECT_EQ(story.refused(ForgetDebris{share, other, "b", k_why}), "debris_not_found");
  story.take(RetireController{"b", "it burnt"});
  story.take(LoseReplicas{share, "b"});
  story.take(RemoveReplica{other});
  EXPECT_EQ(names(story.take(CleanDebris{share})), "DebrisCleaningRequested");
  EXPECT_EQ(story.refused(ForgetDebris{share, other, "c", k_why}), "debris_not_found");
  EXPECT_EQ(story.refused(ForgetDebris{share, other, "b", ""}), "invalid_input");
  EXPECT_EQ(names(story.take(ForgetDebris{share, other, "b", k_why})), "RelationDebrisForgotten");
  EXPECT_TRUE(story.share(share).debris.empty());
  story.as_member();
  EXPECT_EQ(story.refused(CleanDebris{share}), "needs_admin");
}

}  // namespace
}  // namespace pasig
