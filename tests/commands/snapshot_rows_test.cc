// Every row of the snapshots' machine is asked for by a decision, which comes out differently
// without it (machine_rows_test.cc has the other machines).
#include <functional>
#include <map>
#include <utility>

#include "tests/commands/missing_rows.h"
#include "tests/commands/story.h"

namespace pasig {
namespace {

using S = SnapshotStatus;
using I = SnapshotInput;

// A dr share on a, in sync on b, with one snapshot in a status.
struct Stage {
  Story story;
  ShareId share = story.make_share("dr");
  ReplicaId active = story.share(share).active()->id;
  ReplicaId replica = story.make_replica(share, "z-b");
  SnapshotId id;

  explicit Stage(S status) {
    const Events events = story.take(CreateSnapshot{.share = share});
    id = find<SnapshotCreationStarted>(events)->snapshot;
    if (status == S::creating) return;
    if (status == S::error) {
      story.take(CancelOperation{story.first_in_line(share)});
      return;
    }
    story.finish_first(share);
    story.take(synced({id}));
    if (status == S::deleting || status == S::error_deleting) story.take(DeleteSnapshot{id});
    if (status == S::error_deleting) story.take(failed<ReportSnapshotDeleted>());
    if (status == S::restoring) story.take(RevertShare{share, id});
    if (status == S::unmanaging) story.fold({SnapshotUnmanageStarted{id, share}});
  }
  [[nodiscard]] ReportSync synced(std::vector<SnapshotId> held) const {
    return {.share = share,
            .replica = replica,
            .epoch = 1,
            .generation = 5,
            .data_as_of = story.now.now,
            .snapshots = std::move(held)};
  }
  [[nodiscard]] Command looked(std::vector<SnapshotId> missing) const {
    return ReportStatus{.share = share,
                        .replica = replica,
                        .epoch = 1,
                        .snapshots = std::vector<SnapshotId>{},
                        .snapshots_missing = std::move(missing)};
  }
  template <class Report>
  Report failed() {
    Report report;
    report.operation = story.start_first(share);
    report.attempt = 1;
    report.failure = Failure{.words = "it said so"};
    return report;
  }
  Command finished() { return done(story, story.start_first(share)); }
};

using Scene = std::function<Command(Stage&)>;
using Scenes = std::map<std::pair<S, I>, std::pair<std::string, Scene>>;

Scenes scenes() {
  const Scene deletion = [](Stage& stage) { return DeleteSnapshot{stage.id}; };
  const Scene forced = [](Stage& stage) { return DeleteSnapshot{stage.id, true}; };
  const std::string begins = "SnapshotDeletionStarted OperationRequested";
  Scenes all = {
      {{S::creating, I::taken},
       {"SnapshotTaken OperationCompleted", [](Stage& stage) { return stage.finished(); }}},
      {{S::creating, I::copied},
       {"SnapshotCopied",
        [](Stage& stage) {
          stage.story.take(stage.finished());
          return stage.synced({stage.id});
        }}},
      {{S::creating, I::creation_failed},
       {"SnapshotCreationFailed OperationFailed",
        [](Stage& stage) { return stage.failed<ReportSnapshotTaken>(); }}},
      {{S::creating, I::overdue},
       {"SnapshotCopyOverdue ReplicaFellOutOfSync",
        [](Stage& stage) {
          stage.story.take(stage.finished());
          stage.story.later(3601);
          return ExpireSnapshotCopy{stage.share, stage.id, stage.replica};
        }}},
      {{S::creating, I::deletion_forced}, {"OperationCancelled " + begins, forced}},
      {{S::available, I::lost},
       {"SnapshotCopyLost ReplicaFellOutOfSync",
        [](Stage& stage) { return stage.looked({stage.id}); }}},
      {{S::available, I::deletion_started}, {begins, deletion}},
      {{S::available, I::deletion_forced}, {begins, forced}},
      {{S::available, I::revert_started},
       {"ShareRevertStarted OperationRequested",
        [](Stage& stage) {
          return RevertShare{stage.share, stage.id};
        }}},
      {{S::deleting, I::removed},
       {"SnapshotCopyDeleted", [](Stage& stage) { return stage.looked({stage.id}); }}},
      {{S::deleting, I::deletion_failed},
       {"SnapshotDeletionFailed OperationFailed",
        [](Stage& stage) { return stage.failed<ReportSnapshotDeleted>(); }}},
      {{S::deleting, I::deletion_forced},
       {begins,
        [](Stage& stage) {
          const Failure away{.code = FailureCode::unreachable};
          stage.story.take(ReportSnapshotDeleted{
              stage.story.start_first(stage.share), 1, {}, {{stage.replica, false, away}}});
          return DeleteSnapshot{stage.id, true};
        }}},
      {{S::error, I::deletion_started}, {begins, deletion}},
      {{S::error, I::deletion_forced}, {begins, forced}},
      {{S::error_deleting, I::removed},
       {"SnapshotCopyDeleted", [](Stage& stage) { return stage.looked({stage.id}); }}},
      {{S::error_deleting, I::deletion_started}, {begins, deletion}},
      {{S::error_deleting, I::deletion_forced}, {begins, forced}},
      {{S::restoring, I::revert_ended},
       {"ShareReverted OperationCompleted", [](Stage& stage) { return stage.finished(); }}},
      {{S::restoring, I::deletion_forced}, {begins, forced}}};
  for (const auto& [input, to] :
       {std::pair(I::reset_available, S::available), std::pair(I::reset_error, S::error),
        std::pair(I::reset_creating, S::creating),
        std::pair(I::reset_error_deleting, S::error_deleting)})
    for (const S from : {S::creating, S::available, S::deleting, S::error, S::error_deleting,
                         S::restoring, S::unmanaging})
      all[{from, input}] = {"SnapshotStatusReset", [to = to](Stage& stage) {
                              return ResetSnapshotStatus{stage.id, to};
                            }};
  return all;
}

// Nothing is reset to be available that was never taken: there the row counts for one that was,
// and of which a copy is still to come, or an error was set by hand.
Stage stage_for(S from, I input) {
  const bool needs_content = input == I::reset_available || input == I::reset_creating;
  Stage stage(from);
  if (!needs_content) return stage;
  if (from == S::creating) stage.story.take(stage.finished());
  if (from != S::error) return stage;
  Stage taken(S::available);
  taken.story.take(ResetSnapshotStatus{taken.id, S::error});
  return taken;
}

TEST(MachineRows, OfASnapshotAreAllAskedFor) {
  const Scenes all = scenes();
  std::size_t rows = 0;
  for (int code = 0; code <= static_cast<int>(S::MAX); ++code)
    for (std::size_t i = 0; i < k_snapshot_inputs; ++i) {
      const std::pair row(static_cast<S>(code), static_cast<I>(i));
      if (!next(row.first, row.second)) continue;
      ++rows;
      SCOPED_TRACE(std::string(word(row.first)) + " on " + std::string(word(row.second)));
      const auto found = all.find(row);
      if (found == all.end()) {
        ADD_FAILURE() << "no decision asks for this row";
        continue;
      }
      Stage stage = stage_for(row.first, row.second);
      const Command command = found->second.second(stage);
      const Decision with = stage.story.ask(command);
      ASSERT_TRUE(with) << "refused: " << with.error().message;
      EXPECT_EQ(names(*with), found->second.first);
      const MissingRow missing(row.first, row.second);
      EXPECT_NE(with, stage.story.ask(command)) << "the decision is the same without the row";
    }
  EXPECT_EQ(rows, all.size()) << "a scene is about a row that is not there";
}

}  // namespace
}  // namespace pasig
