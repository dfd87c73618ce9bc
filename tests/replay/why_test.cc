// pasig why: roles, syncs, health and what is left behind.
#include "tests/replay/chronicle.h"
#include "tests/replay/golden.h"

namespace pasig::replay {
namespace {

TEST(Why, TellsOfAReplicaThatIsFreshlyInSync) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  expect_golden("freshly_in_sync", chronicle.why(k_second));
}

// An id is part of a path: whoever mounts it needs it as it is.
TEST(Why, LeavesIdsInPathsAlone) {
  Chronicle chronicle;
  create_share(chronicle);
  const std::string path = "/srv/b/shares/" + to_string(k_share) + "/" + to_string(k_second);
  chronicle.record(
      {.command = "AddReplica"},
      {ReplicaAddStarted{.share = k_share, .replica = k_second, .placement = placed_on("b")}});
  chronicle.record({.command = "ReportReplicaAdded"},
                   {ReplicaAdded{.share = k_share,
                                 .replica = k_second,
                                 .state = ReplicaState::in_sync,
                                 .exports = {path + "/export"},
                                 .generation = 1,
                                 .data_as_of = chronicle.now()}});
  chronicle.record({.command = "ReportSync"},
                   {ReplicaFellOutOfSync{.share = k_share,
                                         .replica = k_second,
                                         .reason = OutOfSyncReason::sync_failed,
                                         .words = path + ": permission denied"}});
  const std::string text = chronicle.why(k_second);
  EXPECT_NE(text.find("       exported at " + path + "/export\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\"" + path + ": permission denied\""), std::string::npos) << text;
  EXPECT_NE(text.find("this replica fell out of sync"), std::string::npos) << text;
}

TEST(Why, SaysWhichCopyDidNotMatchItsManifest) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record({.command = "ReportSync"},
                   {ReplicaFellOutOfSync{.share = k_share,
                                         .replica = k_second,
                                         .reason = OutOfSyncReason::manifest_mismatch,
                                         .words = "1 of 120 files differs: a/b.jpg",
                                         .data_as_of = chronicle.now().plus_seconds(-40)}});
  expect_golden("manifest_mismatch", chronicle.why(k_second));
}

TEST(Why, AsksWhetherAMassDeletionWasMeant) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record({.command = "ReportSync"},
                   {ReplicaFellOutOfSync{.share = k_share,
                                         .replica = k_second,
                                         .reason = OutOfSyncReason::mass_deletion_suspected,
                                         .words = "118 of 120 files are gone",
                                         .data_as_of = chronicle.now().plus_seconds(-40)}});
  expect_golden("mass_deletion_suspected", chronicle.why(k_second));
}

TEST(Why, TellsThatADemotedReplicaFollowsAgain) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record(
      {.command = "SetActiveReplica", .actor = "local:0", .reason = "new disks in a"},
      {ActiveReplicaChangeStarted{
          .share = k_share, .replica = k_second, .demoted = k_first, .mode = ChangeMode::planned}});
  chronicle.record({.command = "ReportActiveReplicaChanged"},
                   {ActiveReplicaChanged{.share = k_share,
                                         .replica = k_second,
                                         .demoted = k_first,
                                         .mode = ChangeMode::planned,
                                         .effective_mode = ChangeMode::planned,
                                         .epoch = 2,
                                         .generation = 2,
                                         .data_as_of = chronicle.now().plus_seconds(30),
                                         .consistency = Consistency::atomic,
                                         .loss_window_known = true,
                                         .fence = {.state = FenceState::enforced,
                                                   .kind = FenceKind::immutable,
                                                   .words = "a write was refused"},
                                         .exports = {"/srv/b/photos"},
                                         .demoted_exports = {"/srv/a/photos"}}});
  chronicle.record({.command = "ReportSync"},
                   {ReplicaCameInSync{.share = k_share,
                                      .replica = k_first,
                                      .generation = 3,
                                      .data_as_of = chronicle.now().plus_seconds(10),
                                      .consistency = Consistency::settled}});
  expect_golden("demoted_and_following", chronicle.why(k_first));
}

TEST(Why, WarnsOfAForcedChangeWhoseFenceIsPending) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  force_over_to_second(chronicle);
  expect_golden("forced_active", chronicle.why(k_second));
  expect_golden("forced_demoted", chronicle.why(k_first));
}

TEST(Why, TellsOfTheFenceAndTheDataKeptAsideOnReturn) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  force_over_to_second(chronicle);
  chronicle.record({.command = "ReportStatus"},
                   {ReplicaFenced{.share = k_share,
                                  .replica = k_first,
                                  .epoch = 2,
                                  .fence = {.state = FenceState::enforced,
                                            .kind = FenceKind::immutable,
                                            .words = "a write was refused"}},
                    DivergedDataKeptAside{.share = k_share,
                                          .replica = k_first,
                                          .controller = "dir-a",
                                          .path = "aside/20260302T080700-epoch1",
                                          .files = 2,
                                          .bytes = 4096,
                                          .epoch = 1}});
  expect_golden("fenced_on_return", chronicle.why(k_first));
}

TEST(Why, TellsOfAReplicaThatWasAheadAndOfWhatIsKeptAside) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record(
      {.command = "AddReplica", .actor = "local:1000", .reason = "a third one"},
      {ReplicaAddStarted{.share = k_share, .replica = k_third, .placement = placed_on("c")}});
  chronicle.record({.command = "ReportReplicaAdded"},
                   {ReplicaAdded{.share = k_share,
                                 .replica = k_third,
                                 .state = ReplicaState::in_sync,
                                 .exports = {"/srv/c/photos"},
                                 .generation = 2,
                                 .data_as_of = chronicle.now().plus_seconds(30),
                                 .consistency = Consistency::settled}});
  force_over_to_second(chronicle, {k_third});
  chronicle.record({.command = "ReportStatus"},
                   {DivergedDataKeptAside{.share = k_share,
                                          .replica = k_third,
                                          .controller = "dir-c",
                                          .path = "/srv/c/aside/20260302T081000.000000Z-epoch1",
                                          .files = 120,
                                          .bytes = 5 * 1024 * 1024,
                                          .epoch = 1}});
  expect_golden("ahead_kept_aside", chronicle.why(k_third));
}

TEST(Why, TellsOfDamageOnTheActiveReplicaAndWhoHasAGoodCopy) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record(
      {.command = "ReportScrub"},
      {ReplicaDamageFound{
          .share = k_share,
          .replica = k_first,
          .damaged = 1,
          .examples = {"generation 3: a/b.jpg: its content is not what its manifest says"},
          .good_copies = {k_second}}});
  expect_golden("damage_on_the_active", chronicle.why(k_first));
}

TEST(Why, SaysThatNobodyIsKnownToHaveAGoodCopy) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record({.command = "ReportScrub"},
                   {ReplicaDamageFound{.share = k_share, .replica = k_first, .damaged = 2}});
  const std::string text = chronicle.why(k_first);
  EXPECT_NE(text.find("No replica is known to have a good copy."), std::string::npos) << text;
  EXPECT_NE(text.find("pasig replica verify " + to_string(k_first)), std::string::npos) << text;
}

TEST(Why, SaysHowFarACopyIsBehindItsRpo) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record({.command = "ReportSync"},
                   {ReplicaFellOutOfSync{.share = k_share,
                                         .replica = k_second,
                                         .reason = OutOfSyncReason::behind,
                                         .words = "its copy is 742 s old, the RPO is 600 s",
                                         .data_as_of = chronicle.now().plus_seconds(-682)}});
  expect_golden("rpo_exceeded", chronicle.why(k_second));
}

TEST(Why, SaysThatAChangeFailedAndThatNothingChanged) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record(
      {.command = "SetActiveReplica", .actor = "local:1000", .reason = "new disks in a"},
      {ActiveReplicaChangeStarted{
          .share = k_share, .replica = k_second, .demoted = k_first, .mode = ChangeMode::planned}});
  chronicle.record(
      {.command = "ReportActiveReplicaChanged"},
      {ActiveReplicaChangeFailed{.share = k_share,
                                 .replica = k_second,
                                 .demoted = k_first,
                                 .failure = {.code = FailureCode::busy,
                                             .controller = "dir-a",
                                             .words = "a process still writes to /srv/a/photos",
                                             .hint = "end it, then try again"}}});
  expect_golden("change_failed", chronicle.why(k_second));
}

TEST(Why, TellsOfAReportThatWasNotBelieved) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record(
      {.command = "ReportActiveReplicaChanged"},
      {ReportContradictedState{.share = k_share,
                               .replica = k_second,
                               .operation = k_operation,
                               .report = "active replica changed (attempt 1)",
                               .state = "operation " + to_string(k_operation) + " is cancelled"}});
  expect_golden("report_contradicted", chronicle.why(k_second));
}

TEST(Why, TellsOfRefusalsAboutIt) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record({.command = "ReportSync"},
                   {ReplicaFellOutOfSync{.share = k_share,
                                         .replica = k_second,
                                         .reason = OutOfSyncReason::unverified,
                                         .words = "no sync for 15 min 0 s"}});
  chronicle.record(
      {.command = "SetActiveReplica", .actor = "local:1000", .reason = "try the other zone"},
      {CommandRejected{.subject = stream_of(k_share),
                       .guard = "replica_not_in_sync",
                       .message = "replica " + to_string(k_second) +
                                  " is out_of_sync: only an administrator may make it active"}});
  expect_golden("refused_set_active", chronicle.why(k_second));
}

TEST(Why, TellsOfAControllerThatDoesNotAnswer) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record({.command = "ReportStatus"},
                   {ReplicaFellOutOfSync{.share = k_share,
                                         .replica = k_second,
                                         .reason = OutOfSyncReason::unreachable,
                                         .words = "dir-b: its root is not mounted"}});
  expect_golden("unreachable", chronicle.why(k_second));
}

TEST(Why, NamesWhoCouldTakeOverFromABrokenActiveReplica) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record({.command = "ReportStatus"},
                   {ReplicaFailed{.share = k_share,
                                  .replica = k_first,
                                  .failure = {.code = FailureCode::unreachable,
                                              .controller = "dir-a",
                                              .words = "/srv/a does not answer",
                                              .hint = "is its server up? the kernel waits"}}});
  expect_golden("active_unreachable", chronicle.why(k_first));
}

TEST(Why, TellsOfAReplicaThatWasBrokenAndIsWholeAgain) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record({.command = "ReportStatus"},
                   {ReplicaFailed{.share = k_share,
                                  .replica = k_second,
                                  .failure = {.code = FailureCode::mismatch,
                                              .controller = "dir-b",
                                              .words = "/srv/b lies on another file system than "
                                                       "before",
                                              .hint = "mount the right one"}}});
  expect_golden("broken", chronicle.why(k_second));
  chronicle.record({.command = "ReportStatus"},
                   {ReplicaRecovered{.share = k_share, .replica = k_second}});
  chronicle.record({.command = "ReportSync"},
                   {ReplicaFellOutOfSync{.share = k_share,
                                         .replica = k_second,
                                         .reason = OutOfSyncReason::behind,
                                         .words = "its copy is 1480 s old, the RPO is 600 s"}});
  expect_golden("recovered", chronicle.why(k_second));
}

TEST(Why, SaysHowToEndARemovalThatFailed) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record({.command = "RemoveReplica", .actor = "local:1000"},
                   {ReplicaRemovalStarted{.share = k_share, .replica = k_second}});
  chronicle.record({.command = "ReportReplicaRemoved"},
                   {ReplicaRemovalFailed{.share = k_share,
                                         .replica = k_second,
                                         .failure = {.code = FailureCode::unreachable,
                                                     .controller = "dir-b",
                                                     .words = "no answer",
                                                     .hint = "bring dir-b back"}}});
  expect_golden("removal_failed", chronicle.why(k_second));
}

TEST(Why, TellsWhatMayRemainOfAReplicaThatIsGone) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record({.command = "RemoveReplica", .actor = "local:0", .reason = "zone b is sold"},
                   {ReplicaRemovalStarted{.share = k_share, .replica = k_second, .force = true}});
  chronicle.record({.command = "ReportReplicaRemoved"},
                   {RelationDebrisLeft{.share = k_share,
                                       .replica = k_second,
                                       .controller = "dir-b",
                                       .bytes = 3 * 1024 * 1024,
                                       .words = "dir-b does not answer"},
                    ReplicaRemoved{.share = k_share, .replica = k_second}});
  expect_golden("removed_with_remains", chronicle.why(k_second));
}

TEST(Why, KnowsNoReplicaThatTheLogDoesNotName) {
  Chronicle chronicle;
  create_share(chronicle);
  EXPECT_EQ(chronicle.why(k_third), "the log knows no replica " + to_string(k_third) +
                                        " (pasig replica list shows those that exist)\n");
}

TEST(Why, IsTheSameTextEveryTime) {
  Chronicle one;
  create_replicated_share(one);
  force_over_to_second(one);
  Chronicle other;
  create_replicated_share(other);
  force_over_to_second(other);
  EXPECT_EQ(one.why(k_first), other.why(k_first));
}

TEST(Why, KeepsControlBytesOfOthersOnOneLine) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record({.command = "ReportSync"},
                   {ReplicaFellOutOfSync{.share = k_share,
                                         .replica = k_second,
                                         .reason = OutOfSyncReason::sync_failed,
                                         .words = "\x1b[31mred\n"}});
  const std::string text = chronicle.why(k_second);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("\\x1b[31mred\\n"), std::string::npos);
}

}  // namespace
}  // namespace pasig::replay
