#include "replay/history.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/replay/chronicle.h"

namespace pasig::replay {
namespace {

std::vector<Ordinal> ordinals(const HistoryPage& page) {
  std::vector<Ordinal> found;
  for (const HistoryEntry& entry : page.entries) found.push_back(entry.ordinal);
  return found;
}

HistoryPage page_of(const Chronicle& chronicle, std::optional<ReplicaId> replica, Ordinal from = 0,
                    std::size_t limit = 100) {
  const auto view = chronicle.view();
  auto page = history(*view, chronicle.log(), stream_of(k_share), replica, from, limit);
  EXPECT_TRUE(page.has_value());
  return page.value_or(HistoryPage{});
}

template <class F>
void for_each_event_type(F&& f) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (f(Event(std::variant_alternative_t<I, Fact>{})), ...);
  }
  (std::make_index_sequence<std::variant_size_v<Fact>>());
}

TEST(History, IsOldestFirst) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  EXPECT_EQ(ordinals(page_of(chronicle, std::nullopt)), (std::vector<Ordinal>{1, 2, 3, 4}));
}

TEST(History, GoesOnWhereAPageEnded) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  const HistoryPage page = page_of(chronicle, std::nullopt, 0, 3);
  EXPECT_EQ(ordinals(page), (std::vector<Ordinal>{1, 2, 3}));
  ASSERT_TRUE(page.next.has_value());
  const HistoryPage rest = page_of(chronicle, std::nullopt, *page.next, 3);
  EXPECT_EQ(ordinals(rest), (std::vector<Ordinal>{4}));
  EXPECT_FALSE(rest.next.has_value());
}

TEST(History, OfAReplicaLeavesOtherReplicasOut) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  EXPECT_EQ(ordinals(page_of(chronicle, k_first)), (std::vector<Ordinal>{1, 2}));
}

TEST(History, OfAReplicaHasWhatConcernsTheWholeShare) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  const Ordinal deletion =
      chronicle.record({.command = "DeleteShare"}, {ShareDeletionStarted{.share = k_share}});
  EXPECT_EQ(ordinals(page_of(chronicle, k_first)).back(), deletion);
}

TEST(History, OfAReplicaHasTheStepsOfItsOperationsOnly) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  chronicle.record({.command = "RemoveReplica"},
                   {ReplicaRemovalStarted{.share = k_share, .replica = k_second},
                    OperationRequested{.operation = k_operation,
                                       .kind = OperationKind::remove_replica,
                                       .share = k_share,
                                       .replica = k_second}});
  const Ordinal claim = chronicle.record(
      {.command = "ClaimOperation"},
      {OperationStarted{
          .operation = k_operation, .share = k_share, .node = "node-1", .attempt = 1}});
  EXPECT_EQ(ordinals(page_of(chronicle, k_second)).back(), claim);
  EXPECT_EQ(ordinals(page_of(chronicle, k_first)).back(), 2U);
}

TEST(History, HasRefusals) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  const Ordinal refusal = chronicle.record(
      {.command = "SetActiveReplica"},
      {CommandRejected{.subject = stream_of(k_share),
                       .guard = "replica_is_active",
                       .message = "replica " + to_string(k_first) + " is active"}});
  EXPECT_EQ(ordinals(page_of(chronicle, k_first)).back(), refusal);
  EXPECT_EQ(ordinals(page_of(chronicle, k_second)).back(), 4U);
}

TEST(History, IsEmptyOfAnUnknownStream) {
  Chronicle chronicle;
  const auto view = chronicle.view();
  const auto page = history(*view, chronicle.log(), "share-none", std::nullopt, 0, 10);
  ASSERT_TRUE(page.has_value());
  EXPECT_TRUE(page->entries.empty());
}

TEST(RecordAt, GivesAnAcceptedRecord) {
  Chronicle chronicle;
  create_share(chronicle);
  const auto view = chronicle.view();
  const auto entry = record_at(*view, chronicle.log(), 1);
  ASSERT_TRUE(entry.has_value());
  EXPECT_TRUE(entry->accepted);
  EXPECT_EQ(entry->record.command, "CreateShare");
}

TEST(RecordAt, SaysWhyARecordIsVoid) {
  Chronicle chronicle;
  create_share(chronicle);
  const Ordinal ordinal =
      chronicle.void_record({.command = "DeleteShare"}, {ShareDeletionStarted{.share = k_share}});
  const auto view = chronicle.view();
  const auto entry = record_at(*view, chronicle.log(), ordinal);
  ASSERT_TRUE(entry.has_value());
  EXPECT_FALSE(entry->accepted);
  EXPECT_EQ(entry->void_because, "stream_moved");
}

TEST(RecordAt, IsNotFoundBeyondTheEnd) {
  Chronicle chronicle;
  const auto view = chronicle.view();
  const auto entry = record_at(*view, chronicle.log(), 1);
  ASSERT_FALSE(entry.has_value());
  EXPECT_EQ(entry.error().code, ErrorCode::not_found);
}

TEST(Sentence, IsAnotherOneForEveryKindOfEvent) {
  std::set<std::string> sentences;
  std::size_t events = 0;
  for_each_event_type([&](const Event& event) {
    const std::string text = sentence(event);
    EXPECT_FALSE(text.empty());
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    sentences.insert(text);
    ++events;
  });
  EXPECT_EQ(sentences.size(), events);
}

}  // namespace
}  // namespace pasig::replay
