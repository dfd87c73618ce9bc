// The contract of projections/store.h: views answer what the fold says, in any position, after any
// stop; what cannot be trusted is rebuilt.
#include "projections/store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "projections/reads.h"
#include "tests/projections/folding.h"
#include "tests/projections/random_history.h"

namespace pasig {
namespace {

namespace fs = std::filesystem;

// The same history in every run.
void make_history(ComposedLog& log, int steps) {
  std::mt19937_64 numbers(7);
  RandomHistory history(log, [&](std::uint64_t below) { return numbers() % below; });
  for (int i = 0; i < steps; ++i) history.step();
}

ShareId make_share(ComposedLog& log) {
  log.run(CreateShareType{.name = "gold",
                          .extra_specs = {{"driver_handles_share_servers", "False"},
                                          {"replication_type", "readable"}}});
  log.run(CreateShare{.name = "photos",
                      .protocol = "NFS",
                      .size_gb = 1,
                      .type = log.folded.world.types.begin()->first});
  return log.folded.world.shares.begin()->first;
}

TEST(Store, AnswersWhatTheFoldSays) {
  ComposedLog log(60);
  make_history(log, 600);
  ScratchStore store;
  store.fold(log.log);
  EXPECT_EQ(difference(*store->view(), log), "");
  EXPECT_EQ(store->view()->scanned_digest(), store.head().state_digest);
}

TEST(Store, IsTheSameHoweverTheLogWasCutIntoTransactions) {
  ComposedLog log(60);
  make_history(log, 150);
  ScratchStore one_by_one;
  one_by_one.fold(log.log, 1);
  ScratchStore at_once;
  at_once.fold(log.log, 10'000);
  EXPECT_EQ(one_by_one.head(), at_once.head());
}

// Every place in the store's file where these bytes stand gets others.
void overwrite_everywhere(const fs::path& file, const std::string& bytes) {
  std::ifstream in(file, std::ios::binary);
  std::string all{std::istreambuf_iterator<char>(in), {}};
  in.close();
  int places = 0;
  for (std::size_t at = all.find(bytes); at != std::string::npos; at = all.find(bytes, at + 1)) {
    all[at] = static_cast<char>(all[at] ^ 0x20);
    ++places;
  }
  ASSERT_GT(places, 0);
  std::ofstream(file, std::ios::binary | std::ios::trunc) << all;
}

TEST(Store, NeverDecodesADamagedValue) {
  ComposedLog log(60);
  const ShareId share = make_share(log);
  ScratchStore store;
  store.fold(log.log);
  ASSERT_TRUE(store->close_cleanly());
  store.close();
  overwrite_everywhere(fs::path(store.directory()) / "data.mdb", "photos");
  store.open();
  const auto view = store->view();
  try {
    (void)view->share(share);
    FAIL() << "a damaged share was read";
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.error().code, ErrorCode::corrupt);
    EXPECT_NE(failure.error().hint.find("rebuild"), std::string::npos);
  }
}

TEST(Store, FindsNothingUnderEmptyNames) {
  ScratchStore store;
  const auto view = store->view();
  EXPECT_EQ(view->share_type_named(""), std::nullopt);
  EXPECT_FALSE(view->outcome("").has_value());
  EXPECT_EQ(view->stream_version(""), 0U);
  EXPECT_EQ(view->counter(""), 0);
}

TEST(Store, KeepsLongAndAwkwardNamesApart) {
  const std::string longest(1020, 'n');
  const std::string key_like = tables::text_key(longest);
  ComposedLog log(1000);
  std::map<std::string, std::int64_t> counters = {
      {"", 1}, {longest, 2}, {longest + "x", 3}, {key_like, 4}, {tables::text_key(""), 5}};
  Record record = log.fresh("counting");
  for (const auto& [counter, value] : counters) record.moved.push_back({counter, value});
  ASSERT_EQ(log.add(record), VoidReason::none);
  ScratchStore store;
  store.fold(log.log);
  for (const auto& [counter, value] : counters)
    EXPECT_EQ(store->view()->counter(counter), value) << counter;
}

TEST(Store, ListsAStreamsRecordsAndTheRefusalsAboutIt) {
  ComposedLog log(1000);
  const ShareId share = make_share(log);
  log.finish_first(share);
  const Ordinal refused = log.judged.next;
  ASSERT_EQ(log.run(RemoveReplica{log.share(share).replicas[0].id}), VoidReason::none);
  ScratchStore store;
  store.fold(log.log);
  const auto all = store->view()->history(stream_of(share), 0, 100);
  std::vector<Ordinal> ordinals;
  for (const HistoryRef& one : all) ordinals.push_back(one.ordinal);
  EXPECT_EQ(ordinals, (std::vector<Ordinal>{2, 3, 4, refused}));
  const auto page = store->view()->history(stream_of(share), 3, 1);
  ASSERT_EQ(page.size(), 1U);
  EXPECT_EQ(page[0].ordinal, 3U);
}

TEST(Store, RemembersWhichShareARemovedReplicaWasOf) {
  ComposedLog log(1000);
  const ShareId share = make_share(log);
  const ReplicaId replica = log.share(share).replicas[0].id;
  log.finish_first(share);
  log.run(DeleteShare{share});
  log.finish_first(share);
  ScratchStore store;
  store.fold(log.log);
  EXPECT_FALSE(store->view()->share(share).has_value());
  EXPECT_FALSE(store->view()->share_of(replica).has_value());
  EXPECT_EQ(store->view()->share_once_of(replica), share);
}

// An id that was used again long after: the last facts about it count.
TEST(Store, ListsAnOperationOnceThatWasAskedForTwice) {
  ComposedLog log(1000);
  for (int i = 0; i < 2; ++i) {
    log.later(60);
    const OperationRequested asked{.operation = {{1, 2}}, .share = {{3, 4}}, .runs_on = "a"};
    ASSERT_EQ(log.add(log.stating({asked}, "asked " + std::to_string(i))), VoidReason::none);
  }
  ScratchStore store;
  store.fold(log.log);
  EXPECT_EQ(store->view()->pending_operations().size(), 1U);
  EXPECT_EQ(store->view()->operations(10).size(), 1U);
  EXPECT_EQ(difference(*store->view(), log), "");
}

// ---- command ids --------------------------------------------------------------------------
// Void first, accepted later: the id is remembered from the record that was accepted.
TEST(Store, RemembersAnIdFromTheRecordThatWasAccepted) {
  ComposedLog log(4);
  Record early = log.fresh("twice");
  early.expectations = {{.subject = "share-x", .version = 1}};
  ASSERT_EQ(log.add(early), VoidReason::stream_moved);
  log.add(log.fresh("between 1"));
  log.add(log.fresh("between 2"));
  const Ordinal accepted = log.judged.next;
  ASSERT_EQ(log.add(log.fresh("twice")), VoidReason::none);
  for (int i = 0; i < 3; ++i) log.add(log.fresh("after " + std::to_string(i)));
  ASSERT_EQ(log.add(log.fresh("twice")), VoidReason::duplicate);
  ScratchStore store;
  store.fold(log.log, 1);
  ASSERT_TRUE(store->view()->outcome("twice").has_value());
  EXPECT_EQ(store->view()->outcome("twice")->ordinal, accepted);
  EXPECT_EQ(difference(*store->view(), log), "");
}

TEST(Store, TakesAnIdAgainOnceItIsBeyondTheWindow) {
  for (std::uint64_t apart = 3; apart < 7; ++apart) {
    ComposedLog log(4);
    ASSERT_EQ(log.add(log.fresh("again")), VoidReason::none);
    for (std::uint64_t i = 1; i < apart; ++i) log.add(log.fresh("x" + std::to_string(i)));
    EXPECT_EQ(log.add(log.fresh("again")), apart <= 4 ? VoidReason::duplicate : VoidReason::none);
    ScratchStore store;
    store.fold(log.log, 1);
    EXPECT_EQ(difference(*store->view(), log), "") << apart;
  }
}

TEST(Store, TellsAbandonedCommandsFromDoneOnes) {
  ComposedLog log(1000);
  Record lost = log.fresh("lost");
  lost.kind = RecordKind::abandoned;
  log.add(lost);
  log.add(log.fresh("done"));
  ScratchStore store;
  store.fold(log.log);
  EXPECT_TRUE(store->view()->outcome("lost")->abandoned);
  EXPECT_FALSE(store->view()->outcome("done")->abandoned);
  EXPECT_EQ(store->view()->outcome("done")->content_hash, sha256("done"));
}

// A counter below zero is a defect of whoever wrote the record; it must not stop every node.
TEST(Store, FollowsACounterBelowZero) {
  ComposedLog log(1000);
  Record record = log.fresh("defect");
  record.moved = {{"shares-p1", -3}};
  log.add(record);
  ScratchStore store;
  store.fold(log.log);
  EXPECT_EQ(store->view()->counter("shares-p1"), -3);
}

// ---- stops --------------------------------------------------------------------------------
class StoredState : public testing::Test {
 protected:
  StoredState() {
    make_history(log_, 40);
    store_.fold(log_.log);
    before_ = store_.head();
  }
  void expect_kept() {
    EXPECT_EQ(store_.rebuilt_because(), "");
    EXPECT_EQ(store_.head(), before_);
  }
  void expect_rebuilt(const std::string& because) {
    EXPECT_NE(store_.rebuilt_because().find(because), std::string::npos)
        << store_.rebuilt_because();
    EXPECT_EQ(store_.head().next_ordinal, 0U);
    store_.fold(log_.log);
    EXPECT_EQ(store_.head(), before_);
  }
  fs::path marker() const { return fs::path(store_.directory()) / "unclean"; }

  ComposedLog log_{60};
  ScratchStore store_;
  StoreHead before_;
};

TEST_F(StoredState, IsKeptWhenTheProcessWasKilled) {
  store_.open();
  expect_kept();
}

TEST_F(StoredState, GoesOnWhereItStood) {
  store_.open();
  make_history(log_, 20);
  store_.fold(log_.log);
  EXPECT_EQ(difference(*store_->view(), log_), "");
}

TEST_F(StoredState, IsRebuiltWhenTheMachineStopped) {
  store_.open({.boot_id = "boot-2"});
  expect_rebuilt("the machine stopped without a clean stop");
}

TEST_F(StoredState, IsKeptOverARestartOfTheMachineAfterACleanStop) {
  ASSERT_TRUE(store_->close_cleanly());
  store_.open({.boot_id = "boot-2"});
  expect_kept();
}

TEST_F(StoredState, IsRebuiltWhenTheMarkerWasTorn) {
  store_.close();
  std::ofstream(marker(), std::ios::trunc).flush();
  store_.open();
  expect_rebuilt("the machine stopped without a clean stop");
}

TEST_F(StoredState, IsRebuiltWhenItWasCopiedWhileInUse) {
  const std::string copy = store_.directory() + ".copy";
  fs::copy(store_.directory(), copy, fs::copy_options::recursive);
  std::string because;
  const auto opened = open_store(copy, {.boot_id = "boot-1"}, &because);
  ASSERT_TRUE(opened);
  EXPECT_NE(because, "");
  EXPECT_EQ((*opened)->view()->head().next_ordinal, 0U);
}

TEST_F(StoredState, WithIntegrityIsKeptOverAStopOfTheMachine) {
  store_.open({.sync_every_commit = true, .boot_id = "boot-1"});
  EXPECT_FALSE(fs::exists(marker()));
  store_.open({.sync_every_commit = true, .boot_id = "boot-2"});
  expect_kept();
}

TEST_F(StoredState, OfAnotherFoldIsRebuilt) {
  store_.close();
  {
    auto environment = tables::Environment::open(store_.directory(), 1 << 30, false);
    ASSERT_TRUE(environment);
    StoreHead other = before_;
    other.fold_version = k_fold_version + 1;
    tables::Transaction txn(**environment, false);
    txn.put(tables::Table::meta, tables::k_head_key, codec::to_bytes(other));
    txn.commit();
  }
  store_.open();
  expect_rebuilt("this build folds by version " + std::to_string(k_fold_version));
}

TEST_F(StoredState, ThatIsNoDatabaseAnyMoreIsRebuilt) {
  store_.close();
  std::ofstream(fs::path(store_.directory()) / "data.mdb", std::ios::trunc)
      << std::string(100'000, 'x');
  store_.open();
  expect_rebuilt("opening the projections");
}

TEST_F(StoredState, DoesNotTakeThePlaceOfAFile) {
  store_.close();
  fs::remove_all(store_.directory());
  std::ofstream(store_.directory()) << "a file";
  const auto opened = open_store(store_.directory(), {}, nullptr);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::unavailable);
  EXPECT_NE(opened.error().message.find(store_.directory()), std::string::npos);
}

// ---- room ---------------------------------------------------------------------------------
class SmallStore : public testing::Test {
 protected:
  static constexpr std::uint64_t k_small = 512 * 1024;
  SmallStore() { make_history(log_, 500); }

  Error fill() {
    for (;;) {
      const auto step = fold_some(*store_, log_.log, 20);
      if (!step) return step.error();
      if (step->records == 0) return {};
    }
  }
  ComposedLog log_{1000};
  ScratchStore store_{{.map_bytes = k_small, .boot_id = "boot-1"}};
};

TEST_F(SmallStore, SaysThatItIsFullAndWhatToDo) {
  const Error full = fill();
  EXPECT_EQ(full.code, ErrorCode::exhausted) << full.text();
  EXPECT_NE(full.hint, "");
}

TEST_F(SmallStore, AnswersReadsWhenItIsFull) {
  fill();
  const auto view = store_->view();
  EXPECT_GT(view->head().next_ordinal, 0U);
  EXPECT_EQ(view->scanned_digest(), view->head().state_digest);
}

TEST_F(SmallStore, GoesOnWithALargerMap) {
  fill();
  const StoreHead full = store_.head();
  store_.open({.map_bytes = 64 * k_small, .boot_id = "boot-1"});
  EXPECT_EQ(store_.head(), full);
  store_.fold(log_.log);
  EXPECT_EQ(difference(*store_->view(), log_), "");
}

TEST_F(SmallStore, OpensWhatOutgrewASmallerMap) {
  store_.open({.map_bytes = 64 * k_small, .boot_id = "boot-1"});
  store_.fold(log_.log);
  const StoreHead whole = store_.head();
  store_.open({.map_bytes = k_small, .boot_id = "boot-1"});
  EXPECT_EQ(store_.head(), whole);
}

}  // namespace
}  // namespace pasig
