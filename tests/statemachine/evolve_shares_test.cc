// Shares and types: what each fact about them adds up to, and the promises that evolve asserts.
#include <gtest/gtest.h>

#include "tests/statemachine/facts.h"

namespace pasig {
namespace {

using namespace facts;

TEST(EvolveShares, CreationMakesOneReplicaThatIsBeingCreatedAndHasNoState) {
  const History history = History().record({share_created(ReplicationType::readable)});
  ASSERT_EQ(history.share().replicas.size(), 1U);
  const Replica& first = history.replica(k_first);
  EXPECT_EQ(first.status, ReplicaStatus::creating);
  EXPECT_EQ(first.state, ReplicaState::none);
  EXPECT_EQ(first.host, "node@a#pool");
  EXPECT_EQ(first.controller, "a");
  EXPECT_EQ(first.pool, "pool");
  EXPECT_EQ(first.zone, "zone-of-a");
  EXPECT_EQ(first.created_at, history.time());
  EXPECT_EQ(first.updated_at, history.time());
}

TEST(EvolveShares, CreationKeepsWhatWasAskedFor) {
  const ShareCreated created{.share = k_share,
                             .name = "accounts",
                             .description = "books of 2026",
                             .project = "finance",
                             .user = "ana",
                             .protocol = "NFS",
                             .size_gb = 3,
                             .zone_asked = "zone-a",
                             .is_public = true,
                             .metadata = {{"owner", "ana"}},
                             .type = k_type,
                             .type_name = "gold",
                             .extra_specs = {{"replication_type", "dr"}},
                             .replication = ReplicationType::dr,
                             .rpo_seconds = 600,
                             .sync_interval_seconds = 60,
                             .replica = k_first,
                             .placement = on("a")};
  const History history = History().record({created});
  const Share& share = history.share();
  EXPECT_EQ(share.id, k_share);
  EXPECT_EQ(share.name, "accounts");
  EXPECT_EQ(share.description, "books of 2026");
  EXPECT_EQ(share.project, "finance");
  EXPECT_EQ(share.user, "ana");
  EXPECT_EQ(share.protocol, "NFS");
  EXPECT_EQ(share.size_gb, 3U);
  EXPECT_EQ(share.zone_asked, "zone-a");
  EXPECT_TRUE(share.is_public);
  EXPECT_EQ(share.metadata, created.metadata);
  EXPECT_EQ(share.type, k_type);
  EXPECT_EQ(share.type_name, "gold");
  EXPECT_EQ(share.extra_specs, created.extra_specs);
  EXPECT_EQ(share.replication, ReplicationType::dr);
  EXPECT_EQ(share.rpo_seconds, 600U);
  EXPECT_EQ(share.sync_interval_seconds, 60U);
  EXPECT_EQ(share.epoch, 0U);
  EXPECT_EQ(share.placement_attempts, 1U);
  EXPECT_EQ(share.created_at, history.time());
  EXPECT_EQ(share.updated_at, history.time());
}

TEST(EvolveShares, ProvisioningMakesTheFirstReplicaActive) {
  const History history = provisioned(ReplicationType::readable);
  const Replica& first = history.replica(k_first);
  EXPECT_EQ(first.status, ReplicaStatus::available);
  EXPECT_EQ(first.state, ReplicaState::active);
  EXPECT_EQ(first.exports, std::vector<std::string>{"a:/accounts"});
  EXPECT_EQ(first.updated_at, history.time());
  EXPECT_EQ(history.share().epoch, 1U);
  EXPECT_EQ(history.share().active(), &first);
}

TEST(EvolveShares, ReschedulingMovesTheReplicaAndRemembersWhereItWas) {
  const History history =
      History()
          .record({share_created(ReplicationType::none)})
          .record({ShareRescheduled{k_share, k_first, "node@a#pool", on("b"), "no space"}});
  EXPECT_EQ(history.replica(k_first).host, "node@b#pool");
  EXPECT_EQ(history.replica(k_first).controller, "b");
  EXPECT_EQ(history.replica(k_first).note, "moved on from node@a#pool: no space");
  EXPECT_EQ(history.share().placement_attempts, 2U);
  EXPECT_EQ(history.share().tried_hosts, std::vector<std::string>{"node@a#pool"});
}

TEST(EvolveShares, FailedProvisioningLeavesAnErrorAndNoState) {
  const History history =
      History()
          .record({share_created(ReplicationType::dr)})
          .record({ShareProvisionFailed{
              k_share,
              k_first,
              {FailureCode::no_space, "a", "the pool is full", "free some space"}}});
  EXPECT_EQ(history.replica(k_first).status, ReplicaStatus::error);
  EXPECT_EQ(history.replica(k_first).state, ReplicaState::none);
  EXPECT_EQ(history.replica(k_first).note, "no_space on a: the pool is full (free some space)");
}

TEST(EvolveShares, DeletionPutsEveryReplicaIntoDeletingAndKeepsTheRoles) {
  History history = replicated();
  history.record({ShareDeletionStarted{k_share, true}});
  EXPECT_TRUE(history.share().deletion_forced);
  for (const Replica& replica : history.share().replicas) {
    EXPECT_EQ(replica.status, ReplicaStatus::deleting);
    EXPECT_EQ(replica.updated_at, history.time());
  }
  EXPECT_EQ(history.replica(k_first).state, ReplicaState::active);
}

TEST(EvolveShares, DeletedOnesAreForgotten) {
  History history = provisioned(ReplicationType::readable);
  history.record({ShareDeletionStarted{k_share, false}}).record({ShareDeleted{k_share}});
  EXPECT_TRUE(history.world().shares.empty());
}

TEST(EvolveShares, AFailedDeletionIsShownOnTheReplicasAndLeavesTheActiveOneActive) {
  History history = provisioned(ReplicationType::readable);
  history.record({ShareDeletionStarted{k_share, false}})
      .record({ShareDeletionFailed{k_share, failure(FailureCode::unreachable, "no answer")}});
  EXPECT_EQ(history.replica(k_first).status, ReplicaStatus::error_deleting);
  EXPECT_EQ(history.replica(k_first).state, ReplicaState::active);
  EXPECT_EQ(history.replica(k_first).note, "unreachable: no answer");
}

TEST(EvolveShares, AFailedDeletionLeavesAReplicaAloneThatWasResetMeanwhile) {
  History history = provisioned(ReplicationType::readable);
  history.record({ShareDeletionStarted{k_share, false}})
      .record(
          {ReplicaStatusReset{k_share, k_first, ReplicaStatus::deleting, ReplicaStatus::available}})
      .record({ShareDeletionFailed{k_share, failure(FailureCode::failed, "no")}});
  EXPECT_EQ(history.replica(k_first).status, ReplicaStatus::available);
}

TEST(EvolveTypes, AreFoundByIdAndByName) {
  const History history =
      History().record({ShareTypeCreated{.type = k_type,
                                         .name = "gold",
                                         .description = "three zones",
                                         .is_public = false,
                                         .replication = ReplicationType::readable,
                                         .rpo_seconds = 600,
                                         .sync_interval_seconds = 60,
                                         .extra_specs = {{"a", "b"}}}});
  const ShareType expected{.id = k_type,
                           .name = "gold",
                           .description = "three zones",
                           .is_public = false,
                           .replication = ReplicationType::readable,
                           .rpo_seconds = 600,
                           .sync_interval_seconds = 60,
                           .extra_specs = {{"a", "b"}},
                           .created_at = history.time()};
  EXPECT_EQ(history.world().types.at(k_type), expected);
  EXPECT_EQ(history.world().type_names.at("gold"), k_type);
}

TEST(EvolveTypes, AreForgottenWhenDeleted) {
  const History history = History()
                              .record({ShareTypeCreated{.type = k_type, .name = "gold"}})
                              .record({ShareTypeDeleted{k_type, "gold"}});
  EXPECT_EQ(history.world(), World{});
}

TEST(Evolve, FactsAboutTheLogItselfChangeNothing) {
  History history = replicated();
  const World before = history.world();
  history.record({LogCreated{}, CommandRejected{.subject = stream_of(k_share)},
                  RefusalsSuppressed{"anonymous", 3}});
  EXPECT_EQ(history.world(), before);
}

// What is known of a controller begins with the first order about it.
template <class E>
constexpr bool k_is_an_order =
    std::is_same_v<E, EffectsPaused> || std::is_same_v<E, EffectsResumed> ||
    std::is_same_v<E, ControllerDrainStarted> || std::is_same_v<E, ControllerDrainEnded> ||
    std::is_same_v<E, ControllerRetired> || std::is_same_v<E, ControllerReinstated>;
template <class E>
constexpr bool k_makes_an_object =
    std::is_same_v<E, ShareCreated> || std::is_same_v<E, ShareTypeCreated> ||
    std::is_same_v<E, OperationRequested> || k_is_an_order<E>;

// Every kind of fact is folded without the object that it is about: the fold is total.
template <std::size_t I = 0>
void expect_total() {
  if constexpr (I < std::variant_size_v<Fact>) {
    using E = std::variant_alternative_t<I, Fact>;
    World world;
    evolve(world, E{}, {});
    EXPECT_EQ(world == World{}, !k_makes_an_object<E>) << name_of(Event(E{}));
    expect_total<I + 1>();
  }
}

TEST(Evolve, FactsAboutUnknownObjectsChangeNothing) { expect_total(); }

// ---- promises --------------------------------------------------------------------------------
using EvolveDeathTest = testing::TestWithParam<ReplicationType>;

TEST_P(EvolveDeathTest, ASecondActiveReplicaIsADefect) {
  History history = provisioned(GetParam());
  history.record({replica_add_started(k_second, "b")});
  EXPECT_DEATH(history.record({replica_added(k_second, ReplicaState::active)}),
               "has 2 active replicas.*ReplicaAdded in record 4");
}

TEST_P(EvolveDeathTest, ResettingToASecondActiveReplicaIsADefect) {
  History history = replicated(GetParam());
  EXPECT_DEATH(history.record({ReplicaStateReset{k_share, k_second, ReplicaState::in_sync,
                                                 ReplicaState::active}}),
               "has 2 active replicas.*ReplicaStateReset");
}

TEST_P(EvolveDeathTest, ALateAnswerForAnotherDemotedReplicaIsADefect) {
  History history = replicated(GetParam());
  ActiveReplicaChanged changed = second_became_active();
  changed.demoted = k_third;
  EXPECT_DEATH(history.record({changed}), "has 2 active replicas.*ActiveReplicaChanged");
}

TEST_P(EvolveDeathTest, RemovingTheActiveReplicaIsADefect) {
  History history = replicated(GetParam());
  EXPECT_DEATH(history.record({ReplicaRemoved{k_share, k_first}}),
               "lost its active replica.*ReplicaRemoved");
}

TEST_P(EvolveDeathTest, TheActiveReplicaFallingOutOfSyncIsADefect) {
  History history = replicated(GetParam());
  EXPECT_DEATH(history.record({ReplicaFellOutOfSync{.share = k_share, .replica = k_first}}),
               "lost its active replica.*ReplicaFellOutOfSync");
}

TEST_P(EvolveDeathTest, ResettingTheActiveReplicaToAnotherStateIsADefect) {
  History history = replicated(GetParam());
  EXPECT_DEATH(history.record({ReplicaStateReset{k_share, k_first, ReplicaState::active,
                                                 ReplicaState::error}}),
               "lost its active replica.*ReplicaStateReset");
}

INSTANTIATE_TEST_SUITE_P(Single, EvolveDeathTest,
                         testing::Values(ReplicationType::readable, ReplicationType::dr),
                         [](const auto& one) { return std::string(word(one.param)); });

TEST(BrokenPromise, IsNoneBeforeTheFirstReplicaExists) {
  const History history = History().record({share_created(ReplicationType::readable)});
  EXPECT_EQ(broken_promise(history.share()), std::nullopt);
}

TEST(BrokenPromise, IsNoneForWritableSharesWithSeveralActiveReplicas) {
  History history = provisioned(ReplicationType::writable);
  history.record({replica_add_started(k_second, "b")})
      .record({replica_added(k_second, ReplicaState::active)});
  EXPECT_EQ(broken_promise(history.share()), std::nullopt);
}

TEST(BrokenPromise, NamesTheShareAndWhatIsWrong) {
  Share share = replicated().share();
  share.find(k_third)->state = ReplicaState::active;
  EXPECT_EQ(broken_promise(share).value_or(""),
            "share " + to_string(k_share) + " has 2 active replicas, and a readable share has one");
}

}  // namespace
}  // namespace pasig
