// What an old log adds up to never changes within a version of the fold: whole logs are folded by
// the store, as pasigd does it, and by the fold in memory, and the state has the digest that stands
// beside the log (golden_files.h). A change of the fold on purpose is a new version and a new file
// beside the old ones.
#include <gtest/gtest.h>

#include <random>

#include "log/embedded.h"
#include "tests/events/samples.h"
#include "tests/log/golden_files.h"
#include "tests/log/newer_facts.h"
#include "tests/projections/folding.h"
#include "tests/projections/random_history.h"

namespace pasig {
namespace {

namespace fs = std::filesystem;

// ---- a log with every event of the first version, every field of it set ------------------------
void tell_of_types_and_shares(Teller& teller) {
  teller.tell<ShareTypeCreated>();
  teller.tell<ShareTypeCreated>([](auto& fact) {
    fact.type = k_other_type;
    fact.name = "other";
  });
  teller.tell<ShareTypeDeleted>([](auto& fact) {
    fact.type = k_other_type;
    fact.name = "other";
  });
  teller.tell<ShareCreated>([](auto& fact) {
    fact.replica = k_first;
    fact.replication = ReplicationType::readable;
  });
  teller.ask(k_operation, OperationKind::create_share);
  teller.tell<OperationStarted>();
  teller.tell<OperationLeaseRenewed>([](auto& fact) { fact.attempt = 7; });
  teller.tell_of<ShareRescheduled>(k_first);
  teller.tell_of<ShareProvisioned>(k_first);
  teller.tell<OperationCompleted>();
  teller.tell<ShareCreated>([](auto& fact) {
    fact.share = k_failed_share;
    fact.replica = k_third;
  });
  teller.tell<ShareProvisionFailed>([](auto& fact) {
    fact.share = k_failed_share;
    fact.replica = k_third;
  });
  teller.tell<CommandRejected>();
  teller.tell<RefusalsSuppressed>();
}

void tell_of_replicas(Teller& teller) {
  teller.tell<ReplicaAddStarted>();
  teller.ask(k_broken, OperationKind::add_replica);
  teller.tell<ReplicaAddFailed>();
  teller.tell<OperationFailed>([](auto& fact) { fact.operation = k_broken; });
  teller.tell<ReplicaAdded>([](auto& fact) { fact.state = ReplicaState::in_sync; });
  teller.tell_of<ReplicaAddStarted>(k_third);
  teller.tell_of<ReplicaPlacementFailed>(k_third);
  teller.tell<ReplicaFellOutOfSync>();
  teller.tell<ReplicaResyncRequested>();
  teller.tell<ReplicaCameInSync>();
  teller.tell<ReplicaFailed>();
  teller.tell<ReplicaRecovered>();
  teller.tell<ReplicaStatusReset>([](auto& fact) { fact.to = ReplicaStatus::available; });
  teller.tell<ReplicaStateReset>([](auto& fact) { fact.to = ReplicaState::in_sync; });
  teller.tell<ReportContradictedState>();
  teller.tell<ReplicaExportsChanged>();
  teller.tell<ActiveReplicaChangeStarted>();
  teller.tell<ActiveReplicaChangeFailed>();
  teller.tell<ActiveReplicaChangeStarted>();
  teller.ask(k_cancelled, OperationKind::set_active_replica);
  teller.tell<OperationRerouted>([](auto& fact) { fact.operation = k_cancelled; });
  teller.tell<OperationCancelRequested>([](auto& fact) { fact.operation = k_cancelled; });
  teller.tell<OperationCancelled>([](auto& fact) { fact.operation = k_cancelled; });
  teller.tell<ActiveReplicaChanged>([](auto& fact) {
    fact.epoch = 2;
    fact.fence.state = FenceState::pending;
    fact.diverged = {k_third};
  });
  teller.tell_of<ReplicaFenced>(k_first);
  teller.tell_of<DivergedDataKeptAside>(k_first);
  teller.tell_of<ReplicaRemovalStarted>(k_third);
  teller.tell_of<ReplicaRemovalFailed>(k_third);
  teller.tell_of<RelationDebrisLeft>(k_third);
  teller.tell_of<ReplicaRemoved>(k_third);
}

GoldenLog golden_of(const ComposedLog& log) { return {log.frames, {}}; }

GoldenLog every_fact() {
  ComposedLog log(1000);
  Teller teller(log);
  tell_of_types_and_shares(teller);
  const Record overtaken = log.stating({ShareDeletionStarted{k_share}}, "overtaken");
  tell_of_replicas(teller);
  log.add(overtaken);               // void: the stream moved
  log.add_bytes("nobody's bytes");  // void: foreign
  teller.tell<ShareDeletionStarted>([](auto& fact) { fact.share = k_failed_share; });
  teller.tell<ShareDeletionFailed>([](auto& fact) { fact.share = k_failed_share; });
  teller.tell<ShareDeleted>([](auto& fact) { fact.share = k_failed_share; });
  teller.tell_of<RelationDebrisLeft>(k_third);
  teller.tell<RelationDebrisCleaned>([](auto& fact) {
    fact.replica = k_third;
    fact.controller = "elsewhere";  // what was left stays
  });
  return golden_of(log);
}

// Every kind that came later, with what they are about.
GoldenLog newer_facts() {
  ComposedLog log(1000);
  Teller teller(log);
  tell_of_types_and_shares(teller);
  tell_newer_facts(teller);
  return golden_of(log);
}

// ---- logs of decided commands ------------------------------------------------------------------
ShareId begin_share(ComposedLog& log) {
  log.run(CreateShareType{.name = "gold",
                          .extra_specs = {{"driver_handles_share_servers", "False"},
                                          {"replication_type", "readable"}}});
  log.run(CreateShare{.name = "photos",
                      .protocol = "NFS",
                      .size_gb = 3,
                      .type = log.folded.world.types.begin()->first});
  const ShareId share = log.folded.world.shares.begin()->first;
  log.finish_first(share);
  for (int i = 0; i < 2; ++i) {
    log.later(60);
    log.run(AddReplica{.share = share});
    log.finish_first(share);
  }
  return share;
}

ReplicaId secondary_of(const ComposedLog& log, ShareId share) {
  for (const Replica& one : log.share(share).replicas)
    if (one.state != ReplicaState::active) return one.id;
  return {};
}

void finish_all(ComposedLog& log, ShareId share) {
  while (log.folded.world.shares.contains(share) && !log.share(share).operations.empty())
    log.finish_first(share);
}

void fail_over_and_resync(ComposedLog& log, ShareId share) {
  for (const ChangeMode mode : {ChangeMode::planned, ChangeMode::forced}) {
    const ReplicaId next = secondary_of(log, share);
    log.later(60);
    log.run(SetActiveReplica{.replica = next, .mode = mode});
    log.run(DeleteShare{share});  // refused
    finish_all(log, share);
    log.later(60);
    const ReplicaId behind = secondary_of(log, share);
    const std::uint64_t epoch = log.share(share).epoch;
    log.run(ReportSync{.share = share,
                       .replica = behind,
                       .epoch = epoch,
                       .wrong = OutOfSyncReason::manifest_mismatch,
                       .words = "3 files differ"});
    log.run(ResyncReplica{behind});
    const std::vector<Replica> replicas = log.share(share).replicas;
    for (const Replica& one : replicas)
      log.run(ReportSync{.share = share,
                         .replica = one.id,
                         .epoch = epoch,
                         .generation = 9,
                         .data_as_of = log.now.now,
                         .consistency = Consistency::settled});
  }
}

GoldenLog life_of_a_share() {
  ComposedLog log(1000);
  const ShareId share = begin_share(log);
  fail_over_and_resync(log, share);
  const ReplicaId secondary = secondary_of(log, share);
  log.later(5000);
  log.run(ExpireConfirmation{share, secondary, {}});
  log.run(ResetReplicaState{secondary, ReplicaState::in_sync});
  log.run(DeleteShare{share});  // refused: it has replicas
  log.run(RemoveReplica{secondary});
  if (!log.share(share).operations.empty()) {
    log.claim_first(share);
    log.run(CancelOperation{log.share(share).operations[0].id});
  }
  finish_all(log, share);
  log.run(DeleteShare{share, true});
  finish_all(log, share);
  log.run(DeleteShareType{log.folded.world.types.begin()->first});
  return golden_of(log);
}

// Ids that come back, at all distances from a small window; commands that were given up; much
// that is void.
GoldenLog many_hands() {
  ComposedLog log(20);
  std::mt19937_64 numbers(2026);
  RandomHistory history(log, [&](std::uint64_t below) { return numbers() % below; });
  for (int i = 0; i < 250; ++i) history.step();
  return golden_of(log);
}

// ---- folding ----------------------------------------------------------------------------------
// As pasigd folds, but for listed positions, which are passed over.
void fold(ScratchStore& store, const LogReader& log, const GoldenLog& golden) {
  while (store.head().next_ordinal < golden.frames.size()) {
    const Ordinal ordinal = store.head().next_ordinal;
    if (!golden.quarantined.contains(ordinal)) {
      ASSERT_TRUE(fold_some(*store, log, 1)) << ordinal;
      continue;
    }
    const auto writer = store->begin();
    const std::string& frame = golden.frames[ordinal];
    writer->skip(
        frame, ordinal,
        next_verdict_digest(writer->head().verdict_digest, frame, VoidReason::quarantined));
    ASSERT_TRUE(writer->commit());
  }
}

std::string fold_text(const StoreHead& head) {
  return "fold " + std::to_string(head.fold_version) + "\nrecords " +
         std::to_string(head.next_ordinal) + "\nverdict " + head.verdict_digest.hex() + "\nstate " +
         head.state_digest.hex() + "\n";
}

fs::path fold_path(const fs::path& log) {
  return fs::path(log).replace_extension(".fold-" + std::to_string(k_fold_version) + ".txt");
}

TEST(GoldenFolds, AreThere) {
  const std::map<std::string, GoldenLog (*)()> makers = {{"0006_every_fact", every_fact},
                                                         {"0007_life_of_a_share", life_of_a_share},
                                                         {"0008_many_hands", many_hands},
                                                         {"0009_newer_facts", newer_facts}};
  for (const auto& [name, make] : makers) {
    if (golden::may_write()) golden::write_if_missing(golden::folder(), name, make());
    EXPECT_TRUE(fs::exists(golden::folder() / (name + ".bin")))
        << name << ": run with PASIG_REWRITE=1";
  }
}

TEST(GoldenFolds, AddUpToWhatTheyAddedUpTo) {
  for (const fs::path& path : golden::logs()) {
    const GoldenLog log = golden::read_log(path);
    const ComposedLog composed(log.frames, log.quarantined);
    ScratchStore store;
    fold(store, composed.log, log);
    const std::string text = fold_text(store.head());
    if (golden::may_write()) golden::write_text_if_missing(fold_path(path), text);
    EXPECT_EQ(golden::contents(fold_path(path)), text)
        << path << ": a fold that changed has a new k_fold_version; then run with PASIG_REWRITE=1";
  }
}

TEST(GoldenFolds, AreTheSameInMemoryAndInTheStore) {
  for (const fs::path& path : golden::logs()) {
    const GoldenLog log = golden::read_log(path);
    const ComposedLog composed(log.frames, log.quarantined);
    ScratchStore store;
    fold(store, composed.log, log);
    EXPECT_EQ(difference(*store->view(), composed), "") << path;
    EXPECT_EQ(store->view()->scanned_digest(), store.head().state_digest) << path;
  }
}

TEST(GoldenFolds, AreTheSameFromTheEmbeddedLog) {
  for (const fs::path& path : golden::logs()) {
    const GoldenLog golden = golden::read_log(path);
    const ScratchDirectory scratch;
    const auto log = std::move(open_embedded_log({.directory = scratch.path() / "log"})).value();
    for (const std::string& frame : golden.frames) ASSERT_TRUE(log->append(frame));
    ScratchStore store;
    fold(store, *log, golden);
    EXPECT_EQ(fold_text(store.head()), golden::contents(fold_path(path))) << path;
  }
}

TEST(GoldenFolds, HoldEveryKindOfEvent) {
  std::set<std::string> held;
  for (const fs::path& path : golden::logs()) {
    JudgedLog judged;
    const GoldenLog log = golden::read_log(path);
    for (const std::string& frame : log.frames) {
      if (judged.take_bytes(frame).reason != VoidReason::none) continue;
      const Record record = decode(frame).value();
      for (const Event& event : record.events) held.emplace(name_of(event));
    }
  }
  for (const Event& event : samples::every_default_event())
    EXPECT_TRUE(held.contains(std::string(name_of(event))))
        << name_of(event) << ": add a golden log that holds it";
}

}  // namespace
}  // namespace pasig
