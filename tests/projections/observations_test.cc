// What workers saw: kept over a restart of the process, apart from the state, lost when in doubt.
#include "projections/observations.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "projections/lmdb_tables.h"
#include "tests/projections/folding.h"

namespace pasig {
namespace {

namespace fs = std::filesystem;

class KeptObservation : public testing::Test {
 protected:
  KeptObservation() { open(); }
  void open(const std::string& boot_id = "boot-1") {
    observations_.reset();
    auto opened = open_observations(directory(), boot_id);
    ASSERT_TRUE(opened) << opened.error().text();
    observations_ = *std::move(opened);
  }
  // Stops as a killed process does, and is opened on that start of the machine.
  void reopen_after_kill(const std::string& boot_id) {
    const fs::path marker = fs::path(directory()) / "unclean";
    const fs::path kept = scratch_.path() / "kept";
    fs::copy(marker, kept);
    observations_.reset();
    fs::copy(kept, marker);
    open(boot_id);
  }
  std::string directory() const { return (scratch_.path() / "observations").string(); }

  ScratchDirectory scratch_;
  std::unique_ptr<Observations> observations_;
  const ReplicaObservation replica_{.replica = {{1, 2}},
                                    .observed_at = {5},
                                    .reachable = true,
                                    .generation = 7,
                                    .data_as_of = {4},
                                    .used_bytes = 99};
  const PoolObservation pool_{.host = "node@a#pool",
                              .controller = "a",
                              .pool = "pool",
                              .total_bytes = 100,
                              .replication_types = {ReplicationType::dr},
                              .capabilities = {{"snapshots", "true"}},
                              .up = true};
};

TEST_F(KeptObservation, IsReplacedByANewerOne) {
  observations_->put(replica_);
  ReplicaObservation newer = replica_;
  newer.generation = 8;
  observations_->put(newer);
  EXPECT_EQ(observations_->replica(replica_.replica)->generation, 8U);
}

TEST_F(KeptObservation, OfAReplicaSurvivesARestart) {
  observations_->put(replica_);
  open();
  const auto found = observations_->replica(replica_.replica);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->data_as_of, replica_.data_as_of);
  EXPECT_EQ(found->used_bytes, replica_.used_bytes);
}

TEST_F(KeptObservation, OfAPoolIsDownUntilItIsReportedAgain) {
  observations_->put(pool_);
  open();
  ASSERT_EQ(observations_->pools().size(), 1U);
  EXPECT_FALSE(observations_->pools()[0].up);
  EXPECT_EQ(observations_->pools()[0].capabilities, pool_.capabilities);
  observations_->put(pool_);
  EXPECT_TRUE(observations_->pools()[0].up);
}

TEST_F(KeptObservation, IsGoneWhenItIsForgotten) {
  observations_->put(replica_);
  observations_->forget(replica_.replica);
  EXPECT_FALSE(observations_->replica(replica_.replica).has_value());
  open();
  EXPECT_FALSE(observations_->replica(replica_.replica).has_value());
}

TEST_F(KeptObservation, OfAnOperationEndsWithIt) {
  const OperationId operation{{3, 4}};
  observations_->put(OperationProgress{operation, "copying", 10, 20, {6}});
  EXPECT_EQ(observations_->progress(operation)->bytes_done, 10U);
  observations_->forget(operation);
  EXPECT_FALSE(observations_->progress(operation).has_value());
}

TEST_F(KeptObservation, SurvivesARestartOfTheMachineAfterACleanStop) {
  observations_->put(replica_);
  open("boot-2");
  EXPECT_TRUE(observations_->replica(replica_.replica).has_value());
}

TEST_F(KeptObservation, SurvivesAKillOfTheProcess) {
  observations_->put(replica_);
  reopen_after_kill("boot-1");
  EXPECT_TRUE(observations_->replica(replica_.replica).has_value());
}

TEST_F(KeptObservation, IsForgottenWhenTheMachineStoppedUncleanly) {
  observations_->put(replica_);
  reopen_after_kill("boot-2");
  EXPECT_FALSE(observations_->replica(replica_.replica).has_value());
}

TEST_F(KeptObservation, IsForgottenWhenItsFileIsDamaged) {
  observations_->put(replica_);
  observations_.reset();
  std::ofstream(directory() + "/data.mdb", std::ios::trunc) << std::string(50'000, 'x');
  open();
  EXPECT_FALSE(observations_->replica(replica_.replica).has_value());
}

TEST_F(KeptObservation, InMemoryNeedsNoDirectory) {
  const auto memory = std::move(open_observations("")).value();
  memory->put(replica_);
  EXPECT_TRUE(memory->replica(replica_.replica).has_value());
}

TEST_F(KeptObservation, IsNoPartOfTheState) {
  ComposedLog log(1000);
  ScratchStore store;
  store.fold(log.log);
  const Digest before = store->view()->scanned_digest();
  const auto beside_it = std::move(open_observations(store.directory() + "-seen")).value();
  beside_it->put(replica_);
  beside_it->put(pool_);
  EXPECT_EQ(store->view()->scanned_digest(), before);
}

TEST_F(KeptObservation, OfAnotherLayoutIsForgotten) {
  observations_->put(replica_);
  observations_->put(pool_);
  observations_.reset();
  {
    auto environment = tables::Environment::open(directory(), 1ULL << 30, false);
    ASSERT_TRUE(environment);
    tables::Transaction txn(**environment, false);
    txn.put(tables::Table::meta, "layout", tables::number_key(0));
    txn.commit();
  }
  open();
  EXPECT_FALSE(observations_->replica(replica_.replica));
  EXPECT_TRUE(observations_->pools().empty());
}

TEST_F(KeptObservation, OfABuildThatNotedNoLayoutIsForgotten) {
  observations_->put(replica_);
  observations_.reset();
  {
    auto environment = tables::Environment::open(directory(), 1ULL << 30, false);
    ASSERT_TRUE(environment);
    tables::Transaction txn(**environment, false);
    txn.remove(tables::Table::meta, "layout");
    txn.commit();
  }
  open();
  EXPECT_FALSE(observations_->replica(replica_.replica));
}

TEST_F(KeptObservation, OfAControllerThatIsNoLongerConfiguredIsForgotten) {
  observations_->put(pool_);
  observations_->forget_pools_except_of({"a", "b"});
  EXPECT_EQ(observations_->pools().size(), 1U);
  observations_->forget_pools_except_of({"b"});
  EXPECT_TRUE(observations_->pools().empty());
  open();
  EXPECT_TRUE(observations_->pools().empty());
}

TEST_F(KeptObservation, OfAPoolThatIsGoneIsForgotten) {
  observations_->put(pool_);
  observations_->forget_pool(pool_.host);
  open();
  EXPECT_TRUE(observations_->pools().empty());
}

}  // namespace
}  // namespace pasig
