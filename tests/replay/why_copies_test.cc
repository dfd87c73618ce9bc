// pasig why: snapshots that a replica lacks, and access rules that nothing enforces.
#include "tests/replay/chronicle.h"
#include "tests/replay/golden.h"

namespace pasig::replay {
namespace {

constexpr SnapshotId k_snapshot{{0xeeee0000'0000'4000ULL, 0x8000'000000000001ULL}};
constexpr AccessRuleId k_rule{{0xffff0000'0000'4000ULL, 0x8000'000000000001ULL}};

TEST(Why, SaysWhichSnapshotAReplicaLacks) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record(
      {.command = "CreateSnapshot", .actor = "local:1000", .reason = "before the move"},
      {SnapshotCreationStarted{.snapshot = k_snapshot,
                               .share = k_share,
                               .name = "nightly",
                               .size_gb = 10,
                               .required = {k_first, k_second},
                               .copy_by = chronicle.now().plus_seconds(600)}});
  chronicle.record({.command = "ReportSnapshotTaken"},
                   {SnapshotTaken{.snapshot = k_snapshot,
                                  .share = k_share,
                                  .replica = k_first,
                                  .digest = "0123456789abcdef",
                                  .files = 120,
                                  .bytes = 4096,
                                  .taken_at = chronicle.now(),
                                  .consistency = Consistency::settled}});
  chronicle.record(
      {.command = "ExpireSnapshotCopy", .actor = "timer:node-1"},
      {SnapshotCopyOverdue{.snapshot = k_snapshot, .share = k_share, .replica = k_second},
       ReplicaFellOutOfSync{.share = k_share,
                            .replica = k_second,
                            .reason = OutOfSyncReason::snapshot_missing,
                            .words = "snapshot " + to_string(k_snapshot) + " is not on it yet",
                            .data_as_of = chronicle.now().plus_seconds(-40)}});
  expect_golden("snapshot_missing", chronicle.why(k_second));
}

TEST(Why, SaysWhichAccessRuleNothingEnforces) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record(
      {.command = "GrantAccess", .actor = "local:1000"},
      {AccessRuleAdded{.share = k_share, .rule = k_rule, .type = "ip", .to = "10.0.0.0/24"}});
  chronicle.record(
      {.command = "ReportAccessUpdated"},
      {AccessRulesApplied{
          .share = k_share,
          .replica = k_first,
          .outcomes = {{.rule = k_rule,
                        .state = AccessState::error,
                        .words = "directories have no network export: only rules of type user"}}}});
  expect_golden("access_rule_in_error", chronicle.why(k_first));
}

}  // namespace
}  // namespace pasig::replay
