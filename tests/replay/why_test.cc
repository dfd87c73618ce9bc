// pasig why, by golden texts. PASIG_REWRITE=1 writes them anew; the diff is reviewed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/replay/chronicle.h"

namespace pasig::replay {
namespace {

void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(PASIG_SOURCE_DIR) + "/tests/golden/why/" + name + ".txt";
  if (std::getenv("PASIG_REWRITE") != nullptr) {
    std::ofstream(path) << text;
    return;
  }
  std::ifstream file(path);
  ASSERT_TRUE(file) << path << " is missing: run with PASIG_REWRITE=1 and review it";
  std::ostringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(text, golden.str()) << "of " << path;
}

TEST(Why, TellsOfAReplicaThatIsFreshlyInSync) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  expect_golden("freshly_in_sync", chronicle.why(k_second));
}

TEST(Why, TellsOfTheFirstReplicaAndThePoolThatHadNoSpace) {
  Chronicle chronicle;
  chronicle.record({.command = "CreateShare", .actor = "local:1000"},
                   {ShareCreated{.share = k_share,
                                 .name = "photos",
                                 .size_gb = 10,
                                 .type_name = "replicated",
                                 .replication = ReplicationType::readable,
                                 .replica = k_first,
                                 .placement = placed_on("b")}});
  chronicle.record({.command = "ReportShareCreated"},
                   {ShareRescheduled{.share = k_share,
                                     .replica = k_first,
                                     .from_host = "node-1@dir-b#main",
                                     .placement = placed_on("a"),
                                     .why = "it had no space: 0 B free"}});
  chronicle.record(
      {.command = "ReportShareCreated"},
      {ShareProvisioned{.share = k_share, .replica = k_first, .exports = {"/srv/a/photos"}}});
  expect_golden("active_after_no_space", chronicle.why(k_first));
}

TEST(Why, NamesTheFiltersOfAReplicaThatWasNeverScheduled) {
  Chronicle chronicle;
  create_share(chronicle);
  chronicle.record({.command = "AddReplica", .actor = "local:1000"},
                   {ReplicaPlacementFailed{.share = k_share,
                                           .replica = k_second,
                                           .placement = placed_nowhere(),
                                           .failure = {.code = FailureCode::no_valid_host,
                                                       .hint = "free space in zone b"}}});
  expect_golden("never_scheduled", chronicle.why(k_second));
}

TEST(Why, SaysThatAReplicaSharesAZoneBecauseNothingElsePassed) {
  Chronicle chronicle;
  create_share(chronicle);
  Placement placement = placed_on("a");
  placement.shares_zone = true;
  placement.filters = {{"replication_domain", 1, "dir-b is in domain lab, not main"}};
  chronicle.record({.command = "AddReplica", .actor = "local:1000"},
                   {ReplicaAddStarted{
                       .share = k_share, .replica = k_second, .placement = std::move(placement)}});
  chronicle.record({.command = "ReportReplicaAdded"},
                   {ReplicaAdded{.share = k_share, .replica = k_second}});
  expect_golden("placed_in_same_zone", chronicle.why(k_second));
}

TEST(Why, QuotesTheDriverWhenAddingFailed) {
  Chronicle chronicle;
  create_share(chronicle);
  chronicle.record(
      {.command = "AddReplica", .actor = "local:1000", .reason = "a copy in zone b"},
      {ReplicaAddStarted{.share = k_share, .replica = k_second, .placement = placed_on("b")}});
  chronicle.record({.command = "ReportReplicaAdded"},
                   {ReplicaAddFailed{.share = k_share,
                                     .replica = k_second,
                                     .failure = {.code = FailureCode::failed,
                                                 .controller = "dir-b",
                                                 .words = "rsync: code 23\npartial transfer",
                                                 .hint = "read the log of rsync on dir-b"}}});
  expect_golden("add_failed", chronicle.why(k_second));
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

TEST(Why, TellsOfAReportThatWasNotBelieved) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record({.command = "ReportActiveReplicaChanged"},
                   {ReportContradictedState{.share = k_share,
                                            .replica = k_second,
                                            .operation = k_operation,
                                            .report = "it became active with epoch 2",
                                            .state = "that operation was over"}});
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

TEST(Why, TellsOfAControllerThatWasAwayAndCameBack) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record({.command = "ReportStatus"},
                   {ReplicaFailed{.share = k_share,
                                  .replica = k_second,
                                  .failure = {.code = FailureCode::unreachable,
                                              .controller = "dir-b",
                                              .words = "its root is not mounted",
                                              .hint = "mount it again"}}});
  expect_golden("unreachable", chronicle.why(k_second));
  chronicle.record({.command = "ReportStatus"},
                   {ReplicaRecovered{.share = k_share, .replica = k_second},
                    ReplicaFellOutOfSync{
                        .share = k_share, .replica = k_second, .reason = OutOfSyncReason::behind}});
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
