// pasig why: what operators ordered.
#include "tests/replay/chronicle.h"
#include "tests/replay/golden.h"

namespace pasig::replay {
namespace {

TEST(Why, SaysWhichPauseHoldsAndWhatEndsIt) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record({.command = "PauseEffects", .actor = "local:0", .reason = "new disks in a"},
                   {EffectsPaused{.controller = "dir-a", .why = "new disks in a"}});
  chronicle.record({.command = "PauseEffects", .actor = "local:0", .reason = "do not touch it"},
                   {ShareEffectsPaused{.share = k_share, .why = "do not touch it"}});
  expect_golden("effects_paused", chronicle.why(k_second));
}

TEST(Why, SaysThatReplicationIsSuspendedAndWhatEndsThat) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record(
      {.command = "SuspendReplication", .actor = "local:0", .reason = "the line is needed"},
      {ReplicationSuspended{.share = k_share, .why = "the line is needed"}});
  chronicle.record({.command = "ExpireConfirmation", .actor = "timer:node-1"},
                   {ReplicaFellOutOfSync{.share = k_share,
                                         .replica = k_second,
                                         .reason = OutOfSyncReason::unverified,
                                         .words = "nothing confirmed it since a while",
                                         .data_as_of = chronicle.now().plus_seconds(-700)}});
  expect_golden("replication_suspended", chronicle.why(k_second));
}

void retire(Chronicle& chronicle, const std::string& controller, ReplicaId replica) {
  chronicle.record({.command = "RetireController", .actor = "local:0", .reason = "it burnt"},
                   {ControllerRetired{.controller = controller, .why = "it burnt"}});
  chronicle.record({.command = "LoseReplicas", .actor = "timer:node-1"},
                   {ReplicaFailed{.share = k_share,
                                  .replica = replica,
                                  .failure = {.code = FailureCode::lost,
                                              .controller = controller,
                                              .words = "controller " + controller + " is retired",
                                              .hint = "make another replica active"}}});
}

TEST(Why, NamesWhoIsToTakeOverFromAnActiveReplicaThatIsLost) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  retire(chronicle, "dir-a", k_first);
  expect_golden("lost_active", chronicle.why(k_first));
}

TEST(Why, SaysHowToReplaceAReplicaThatIsLost) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  retire(chronicle, "dir-b", k_second);
  expect_golden("lost_secondary", chronicle.why(k_second));
}

}  // namespace
}  // namespace pasig::replay
