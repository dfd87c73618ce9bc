// Every pair of a state and an input, spelt out a second time: whoever takes a row away, adds
// one or turns one has to say so here as well. Inputs down, states across.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "statemachine/machines.h"

namespace pasig {
namespace {

constexpr std::size_t k_first_column = 21;

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 1, width), ' ');
  return text;
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

// What the machine answers to every input in these states: the next state, or the refusal
// after a '!'.
template <class Input, class State>
std::string answers(const std::vector<State>& states, std::size_t inputs, std::size_t width) {
  std::string line = padded("", k_first_column);
  for (const State from : states) line += padded(std::string(word(from)), width);
  std::string text = "\n" + trimmed(line);
  for (std::size_t i = 0; i < inputs; ++i) {
    const auto input = static_cast<Input>(i);
    line = padded(std::string(word(input)), k_first_column);
    for (const State from : states) {
      const auto to = next(from, input);
      line += padded(to ? std::string(word(*to)) : "!" + std::string(word(to.error())), width);
    }
    text += trimmed(line);
  }
  return text;
}

// clang-format off
TEST(ReplicaStatusMachine, AnswersAsAgreedWhileTheReplicaLives) {
  EXPECT_EQ((answers<StatusInput, ReplicaStatus>(
      {ReplicaStatus::creating, ReplicaStatus::available, ReplicaStatus::replication_change,
       ReplicaStatus::deleting}, k_status_inputs, 19)), R"(
                     creating           available          replication_change deleting
added                available          !unexpected        !unexpected        !unexpected
add_failed           error              !unexpected        !unexpected        !unexpected
change_started       !busy              replication_change !busy              !busy
change_done          !unexpected        !unexpected        available          !unexpected
change_failed        !unexpected        !unexpected        available          !unexpected
removal_started      !busy              deleting           !busy              !busy
removed              !unexpected        !unexpected        !unexpected        deleted
removal_failed       !unexpected        !unexpected        !unexpected        error_deleting
failed               !unexpected        error              !busy              !busy
recovered            !unexpected        !unexpected        !busy              !busy
reset_available      available          available          available          available
reset_error          error              error              error              error
reset_creating       creating           creating           creating           creating
reset_deleting       deleting           deleting           deleting           deleting
reset_error_deleting error_deleting     error_deleting     error_deleting     error_deleting
)");
}

TEST(ReplicaStatusMachine, AnswersAsAgreedWhenTheReplicaIsBrokenOrGone) {
  EXPECT_EQ((answers<StatusInput, ReplicaStatus>(
      {ReplicaStatus::error, ReplicaStatus::error_deleting, ReplicaStatus::deleted},
      k_status_inputs, 19)), R"(
                     error              error_deleting     deleted
added                !unexpected        !unexpected        !gone
add_failed           !unexpected        !unexpected        !gone
change_started       !not_available     !not_available     !gone
change_done          !unexpected        !unexpected        !gone
change_failed        !unexpected        !unexpected        !gone
removal_started      deleting           deleting           !gone
removed              !unexpected        !unexpected        !gone
removal_failed       !unexpected        !unexpected        !gone
failed               error              !not_available     !gone
recovered            available          !not_available     !gone
reset_available      available          available          !gone
reset_error          error              error              !gone
reset_creating       creating           creating           !gone
reset_deleting       deleting           deleting           !gone
reset_error_deleting error_deleting     error_deleting     !gone
)");
}

TEST(ReplicaStateMachine, AnswersEveryPairAsAgreed) {
  EXPECT_EQ((answers<StateInput, ReplicaState>(
      {ReplicaState::none, ReplicaState::active, ReplicaState::in_sync,
       ReplicaState::out_of_sync, ReplicaState::error}, k_state_inputs, 16)), R"(
                     none            active          in_sync         out_of_sync     error
first_provisioned    active          !unexpected     !unexpected     active          !unexpected
added_behind         out_of_sync     !unexpected     !unexpected     out_of_sync     !unexpected
added_in_sync        !unexpected     !unexpected     !unexpected     in_sync         !unexpected
placement_failed     error           !unexpected     !unexpected     !unexpected     !unexpected
confirmed            !unexpected     !is_active      in_sync         in_sync         in_sync
fell_behind          !unexpected     !is_active      out_of_sync     out_of_sync     out_of_sync
promoted             !not_available  !already_active active          !not_in_sync    !not_in_sync
promoted_unsynced    !not_available  !already_active active          active          active
demoted              !unexpected     out_of_sync     !unexpected     !unexpected     !unexpected
failed               !unexpected     active          error           error           error
resync_requested     !not_available  !is_active      in_sync         out_of_sync     out_of_sync
reset_in_sync        !not_available  !is_active      in_sync         in_sync         in_sync
reset_out_of_sync    !not_available  !is_active      out_of_sync     out_of_sync     out_of_sync
reset_error          !not_available  !is_active      error           error           error
reset_active         !not_available  !already_active active          active          active
)");
}

TEST(OperationMachine, AnswersEveryPairAsAgreed) {
  EXPECT_EQ((answers<OperationInput, OperationStatus>(
      {OperationStatus::requested, OperationStatus::running, OperationStatus::done,
       OperationStatus::failed, OperationStatus::cancelled}, k_operation_inputs, 16)), R"(
                     requested       running         done            failed          cancelled
claimed              running         running         !gone           !gone           !gone
renewed              !unexpected     running         !gone           !gone           !gone
rerouted             requested       !busy           !gone           !gone           !gone
cancel_requested     requested       running         !gone           !gone           !gone
done                 !unexpected     done            !gone           !gone           !gone
failed               failed          failed          !gone           !gone           !gone
cancelled            cancelled       cancelled       !gone           !gone           !gone
abandon_requested    failed          running         !gone           !gone           !gone
)");
}

TEST(AccessMachine, AnswersEveryPairAsAgreed) {
  EXPECT_EQ((answers<AccessInput, AccessState>(
      {AccessState::queued_to_apply, AccessState::active, AccessState::error,
       AccessState::queued_to_deny}, k_access_inputs, 16)), R"(
                     queued_to_apply active          error           queued_to_deny
applied              active          active          active          !unexpected
not_enforced         error           error           error           !unexpected
level_changed        queued_to_apply queued_to_apply queued_to_apply !busy
removal_started      queued_to_deny  queued_to_deny  queued_to_deny  !busy
role_changed         queued_to_apply queued_to_apply queued_to_apply !busy
)");
}

TEST(SnapshotMachine, AnswersAsAgreedWhileTheSnapshotLives) {
  EXPECT_EQ((answers<SnapshotInput, SnapshotStatus>(
      {SnapshotStatus::creating, SnapshotStatus::available, SnapshotStatus::deleting,
       SnapshotStatus::error}, k_snapshot_inputs, 15)), R"(
                     creating       available      deleting       error
taken                available      !unexpected    !unexpected    !unexpected
copied               available      !unexpected    !unexpected    !unexpected
creation_failed      error          !unexpected    !unexpected    !unexpected
overdue              creating       !unexpected    !unexpected    !unexpected
lost                 !unexpected    creating       !unexpected    !unexpected
deletion_started     !busy          deleting       !busy          deleting
deletion_forced      deleting       deleting       deleting       deleting
removed              !unexpected    !unexpected    deleting       !unexpected
deletion_failed      !unexpected    !unexpected    error_deleting !unexpected
revert_started       !busy          restoring      !busy          !not_available
revert_ended         !unexpected    !unexpected    !unexpected    !unexpected
reset_available      available      available      available      available
reset_error          error          error          error          error
reset_creating       creating       creating       creating       creating
reset_error_deleting error_deleting error_deleting error_deleting error_deleting
)");
}

TEST(SnapshotMachine, AnswersAsAgreedWhenTheSnapshotIsOnItsWay) {
  EXPECT_EQ((answers<SnapshotInput, SnapshotStatus>(
      {SnapshotStatus::error_deleting, SnapshotStatus::restoring, SnapshotStatus::unmanaging},
      k_snapshot_inputs, 15)), R"(
                     error_deleting restoring      unmanaging
taken                !unexpected    !unexpected    !unexpected
copied               !unexpected    !unexpected    !unexpected
creation_failed      !unexpected    !unexpected    !unexpected
overdue              !unexpected    !unexpected    !unexpected
lost                 !unexpected    !unexpected    !unexpected
deletion_started     deleting       !busy          !busy
deletion_forced      deleting       deleting       !busy
removed              error_deleting !unexpected    !unexpected
deletion_failed      !unexpected    !unexpected    !unexpected
revert_started       !not_available !busy          !busy
revert_ended         !unexpected    available      !unexpected
reset_available      available      available      available
reset_error          error          error          error
reset_creating       creating       creating       creating
reset_error_deleting error_deleting error_deleting error_deleting
)");
}
// clang-format on

// ---- what the tables are there for -------------------------------------------------------------
TEST(ReplicaStatusMachine, NeverHealsAFailedRemovalByItself) {
  EXPECT_EQ(next(ReplicaStatus::error_deleting, StatusInput::recovered),
            tl::unexpected(MachineRefusal::not_available));
  EXPECT_EQ(next(ReplicaStatus::error, StatusInput::recovered), ReplicaStatus::available);
}

TEST(ReplicaStatusMachine, RefusesALateReportAfterAReset) {
  const auto reset = next(ReplicaStatus::replication_change, StatusInput::reset_available);
  ASSERT_TRUE(reset.has_value());
  EXPECT_EQ(next(*reset, StatusInput::change_done), tl::unexpected(MachineRefusal::unexpected));
}

TEST(ReplicaStatusMachine, LetsAFailedRemovalBeTriedAgain) {
  EXPECT_EQ(next(ReplicaStatus::error_deleting, StatusInput::removal_started),
            ReplicaStatus::deleting);
}

TEST(ReplicaStateMachine, TakesTheRoleFromAnActiveReplicaOnlyByDemotion) {
  for (std::size_t i = 0; i < k_state_inputs; ++i) {
    const auto input = static_cast<StateInput>(i);
    const auto to = next(ReplicaState::active, input);
    const bool keeps = !to || *to == ReplicaState::active;
    EXPECT_EQ(keeps, input != StateInput::demoted) << word(input);
  }
}

TEST(ReplicaStateMachine, PromotesWithoutAnAdminOnlyWhatIsInSync) {
  for (const auto from : {ReplicaState::none, ReplicaState::active, ReplicaState::in_sync,
                          ReplicaState::out_of_sync, ReplicaState::error})
    EXPECT_EQ(next(from, StateInput::promoted).has_value(), from == ReplicaState::in_sync)
        << word(from);
}

TEST(AccessMachine, NeverGivesBackWhatWasTakenAway) {
  for (std::size_t i = 0; i < k_access_inputs; ++i)
    EXPECT_FALSE(next(AccessState::queued_to_deny, static_cast<AccessInput>(i)).has_value()) << i;
}

TEST(SnapshotMachine, TakesATreeOnlyOnce) {
  for (int code = 0; code <= static_cast<int>(SnapshotStatus::MAX); ++code) {
    const auto from = static_cast<SnapshotStatus>(code);
    EXPECT_EQ(next(from, SnapshotInput::taken).has_value(), from == SnapshotStatus::creating);
  }
}

TEST(OperationMachine, LetsNothingFollowAnOutcome) {
  for (const auto over :
       {OperationStatus::done, OperationStatus::failed, OperationStatus::cancelled})
    for (std::size_t i = 0; i < k_operation_inputs; ++i)
      EXPECT_EQ(next(over, static_cast<OperationInput>(i)), tl::unexpected(MachineRefusal::gone));
}

TEST(MachineWords, AreAllDifferentAndNoneIsEmpty) {
  const auto expect_different = [](auto first, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto one = word(static_cast<decltype(first)>(i));
      EXPECT_FALSE(one.empty()) << i;
      for (std::size_t j = 0; j < i; ++j) EXPECT_NE(one, word(static_cast<decltype(first)>(j)));
    }
  };
  expect_different(StatusInput::added, k_status_inputs);
  expect_different(StateInput::first_provisioned, k_state_inputs);
  expect_different(OperationInput::claimed, k_operation_inputs);
  expect_different(AccessInput::applied, k_access_inputs);
  expect_different(SnapshotInput::taken, k_snapshot_inputs);
  expect_different(MachineRefusal::busy, static_cast<std::size_t>(MachineRefusal::gone) + 1);
}

}  // namespace
}  // namespace pasig
