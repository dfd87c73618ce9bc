// What decisions read of a World, and a World that follows records.
#include "statemachine/world_reader.h"

#include <gtest/gtest.h>

#include "tests/statemachine/facts.h"

namespace pasig {
namespace {

using namespace facts;

TEST(WorldReader, FindsWhatIsThere) {
  History history = replicated();
  history.record({ShareTypeCreated{.type = k_type, .name = "gold"},
                  operation_requested(OperationKind::add_replica, k_second)});
  const WorldReader reader(history.world(), {{stream_of(k_share), 8}}, {{"shares", 2}},
                           {.next_ordinal = 9});
  EXPECT_EQ(reader.share(k_share), history.share());
  EXPECT_EQ(reader.share_of(k_third), k_share);
  EXPECT_EQ(reader.operation(k_operation), history.operation());
  EXPECT_EQ(reader.share_type(k_type)->name, "gold");
  EXPECT_EQ(reader.share_type_named("gold"), k_type);
  EXPECT_EQ(reader.stream_version(stream_of(k_share)), 8U);
  EXPECT_EQ(reader.counter("shares"), 2);
  EXPECT_EQ(reader.position().next_ordinal, 9U);
}

TEST(WorldReader, AnswersNothingForWhatIsNotThere) {
  const World empty;
  const WorldReader reader(empty, {}, {});
  EXPECT_EQ(reader.share(k_share), std::nullopt);
  EXPECT_EQ(reader.share_of(k_first), std::nullopt);
  EXPECT_EQ(reader.operation(k_operation), std::nullopt);
  EXPECT_EQ(reader.share_type(k_type), std::nullopt);
  EXPECT_EQ(reader.share_type_named("gold"), std::nullopt);
  EXPECT_EQ(reader.stream_version(stream_of(k_share)), 0U);
  EXPECT_EQ(reader.counter("shares"), 0);
  EXPECT_EQ(reader.position().next_ordinal, 0U);
}

Record record_of(std::vector<Event> events) {
  Record record;
  record.command_id = "command";
  record.time = Time{123};
  record.events = std::move(events);
  return record;
}

TEST(FoldedWorld, CountsRecordsAndTheEventsOfEachStream) {
  FoldedWorld folded;
  folded.apply(record_of({share_created(ReplicationType::dr),
                          operation_requested(OperationKind::create_share, k_first)}));
  folded.apply(record_of({operation_started()}));
  const WorldReader reader = folded.reader();
  EXPECT_EQ(reader.position().next_ordinal, 2U);
  EXPECT_EQ(reader.stream_version(stream_of(k_share)), 3U);
  EXPECT_EQ(reader.stream_version(stream_of(k_operation)), 2U);
}

TEST(FoldedWorld, GivesAClaimTheVersionBeforeItsRecord) {
  FoldedWorld folded;
  folded.apply(record_of({share_created(ReplicationType::dr),
                          operation_requested(OperationKind::create_share, k_first)}));
  folded.apply(record_of(
      {OperationRerouted{.operation = k_operation, .share = k_share}, operation_started()}));
  EXPECT_EQ(folded.world.operations.at(k_operation).token_version, 2U);
}

TEST(FoldedWorld, StampsTimesAndCommandIds) {
  FoldedWorld folded;
  folded.apply(record_of({share_created(ReplicationType::dr),
                          operation_requested(OperationKind::create_share, k_first)}));
  EXPECT_EQ(folded.world.shares.at(k_share).created_at, Time{123});
  EXPECT_EQ(folded.world.operations.at(k_operation).command_id, "command");
}

TEST(FoldedWorld, MovesCounters) {
  FoldedWorld folded;
  Record record = record_of({});
  record.moved = {{"shares", 3}, {"gigabytes", 10}};
  folded.apply(record);
  record.moved = {{"shares", -1}};
  folded.apply(record);
  EXPECT_EQ(folded.reader().counter("shares"), 2);
  EXPECT_EQ(folded.reader().counter("gigabytes"), 10);
}

TEST(FoldedWorld, FollowsTheFold) {
  FoldedWorld folded;
  folded.apply(record_of({share_created(ReplicationType::dr)}));
  folded.apply(record_of({share_provisioned()}));
  World expected;
  evolve(expected, share_created(ReplicationType::dr), {.time = Time{123}});
  evolve(expected, share_provisioned(), {.time = Time{123}});
  EXPECT_EQ(folded.world, expected);
}

}  // namespace
}  // namespace pasig
