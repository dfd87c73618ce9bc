// pasig why: how a replica came to lie where it does, or nowhere.
#include "tests/replay/chronicle.h"
#include "tests/replay/golden.h"

namespace pasig::replay {
namespace {

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
                   {ReplicaPlacementFailed{
                       .share = k_share,
                       .replica = k_second,
                       .placement = placed_nowhere(),
                       .failure = {.code = FailureCode::no_valid_host,
                                   .words = "no pool passed: 1 of 2 rejected by availability_zone",
                                   .hint = "delete this replica, make room, and add it again"}}});
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

}  // namespace
}  // namespace pasig::replay
