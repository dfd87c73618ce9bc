// Which replica speaks for a share (manila.md 2.2), and which one is active.
#include <gtest/gtest.h>

#include "statemachine/state.h"

namespace pasig {
namespace {

constexpr ReplicaId k_a{{1, 1}};
constexpr ReplicaId k_b{{1, 2}};

Share with(std::vector<Replica> replicas) { return {.replicas = std::move(replicas)}; }

TEST(ChosenReplica, IsTheOneThatIsBecomingActive) {
  const Share share = with(
      {{.id = k_a, .status = ReplicaStatus::available, .state = ReplicaState::active},
       {.id = k_b, .status = ReplicaStatus::replication_change, .state = ReplicaState::in_sync}});
  EXPECT_EQ(chosen_replica(share)->id, k_b);
  EXPECT_EQ(status_of(share), ReplicaStatus::replication_change);
}

TEST(ChosenReplica, IsTheActiveOneThoughAnotherOneWorksBetter) {
  const Share share =
      with({{.id = k_a, .status = ReplicaStatus::available, .state = ReplicaState::in_sync},
            {.id = k_b, .status = ReplicaStatus::error, .state = ReplicaState::active}});
  EXPECT_EQ(chosen_replica(share)->id, k_b);
  EXPECT_EQ(status_of(share), ReplicaStatus::error);
}

TEST(ChosenReplica, HidesABrokenSecondary) {
  const Share share =
      with({{.id = k_a, .status = ReplicaStatus::error, .state = ReplicaState::error},
            {.id = k_b, .status = ReplicaStatus::available, .state = ReplicaState::active}});
  EXPECT_EQ(status_of(share), ReplicaStatus::available);
}

TEST(ChosenReplica, IsTheBestActiveOneOfAWritableShare) {
  const Share share =
      with({{.id = k_a, .status = ReplicaStatus::error, .state = ReplicaState::active},
            {.id = k_b, .status = ReplicaStatus::available, .state = ReplicaState::active}});
  EXPECT_EQ(chosen_replica(share)->id, k_b);
}

// Without an active one, the statuses count, in Manila's order.
TEST(ChosenReplica, WithoutAnActiveOneFollowsManilasOrder) {
  const std::vector<ReplicaStatus> order = {ReplicaStatus::replication_change,
                                            ReplicaStatus::available,
                                            ReplicaStatus::error,
                                            ReplicaStatus::error_deleting,
                                            ReplicaStatus::deleted,
                                            ReplicaStatus::creating,
                                            ReplicaStatus::deleting};
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    const Share share =
        with({{.id = k_a, .status = order[i + 1]}, {.id = k_b, .status = order[i]}});
    EXPECT_EQ(status_of(share), order[i]) << "rather than " << word(order[i + 1]);
  }
}

TEST(ChosenReplica, IsTheOneAddedFirstAmongEquals) {
  const Share share = with({{.id = k_b, .status = ReplicaStatus::available},
                            {.id = k_a, .status = ReplicaStatus::available}});
  EXPECT_EQ(chosen_replica(share)->id, k_b);
}

TEST(ChosenReplica, IsNoneForAShareWithoutReplicas) {
  EXPECT_EQ(chosen_replica(Share{}), nullptr);
  EXPECT_EQ(status_of(Share{}), ReplicaStatus::error);
}

TEST(ActiveReplica, IsTheOneWithTheLowestIdInWritableShares) {
  const Share share = with(
      {{.id = k_b, .state = ReplicaState::active}, {.id = k_a, .state = ReplicaState::active}});
  EXPECT_EQ(share.active()->id, k_a);
}

TEST(ActiveReplica, IsNoneWhileTheFirstOneIsCreated) {
  EXPECT_EQ(with({{.id = k_a}}).active(), nullptr);
}

// ---- a snapshot as a whole -------------------------------------------------------------------
SnapshotStatus taken_with(std::vector<SnapshotCopy> copies) {
  return status_of(Snapshot{.digest = "d1", .copies = std::move(copies)});
}

TEST(SnapshotStatus, WaitsForRequiredCopiesAlone) {
  const SnapshotCopy taken{.status = SnapshotStatus::available, .required = true};
  const SnapshotCopy joined{.status = SnapshotStatus::creating};
  const SnapshotCopy awaited{.status = SnapshotStatus::creating, .required = true};
  EXPECT_EQ(taken_with({taken, joined}), SnapshotStatus::available);
  EXPECT_EQ(taken_with({taken, awaited}), SnapshotStatus::creating);
  EXPECT_EQ(status_of(Snapshot{}), SnapshotStatus::creating);
}

TEST(SnapshotStatus, IsAnErrorWhenNobodyHoldsItWhereverItWasNotWaitedFor) {
  const SnapshotCopy held{.status = SnapshotStatus::available};
  const SnapshotCopy lost{.status = SnapshotStatus::error};
  EXPECT_EQ(taken_with({lost}), SnapshotStatus::error);
  EXPECT_EQ(taken_with({lost, held}), SnapshotStatus::available);
}

}  // namespace
}  // namespace pasig
