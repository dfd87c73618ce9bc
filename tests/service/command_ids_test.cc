// A command's id is its identity, however long ago it was used and whatever it came to.
#include "tests/service/service_node.h"

namespace pasig {
namespace {

constexpr std::uint64_t k_small_window = 20;

struct CommandId : ::testing::Test {
  MemoryLog log;
  ManualClock clock{Time{1'700'000'000'000'000}};

  static void outlive_the_window(ServiceNode& node) {
    for (std::uint64_t i = 0; i <= k_small_window; ++i)
      node.make_type("filler-" + std::to_string(i));
  }
};

TEST_F(CommandId, RemembersThatNothingWasToDo) {
  ServiceNode node(log, clock);
  const ShareId share = node.make_share();
  const ReplicaId second = node.make_replica(share);
  const ReplicaId first = node.share(share).active()->id;
  const auto told = node.run(SetActiveReplica{.replica = first}, "make-it-active");
  EXPECT_TRUE(told.written);
  EXPECT_TRUE(told.events.empty());

  node.run(SetActiveReplica{.replica = second});
  const OperationId operation = node.claim_first(share);
  node.run(ReportActiveReplicaChanged{.operation = operation,
                                      .attempt = 1,
                                      .epoch = node.share(share).epoch + 1,
                                      .fence = {.state = FenceState::enforced}},
           {}, k_worker);
  ASSERT_EQ(node.share(share).active()->id, second);

  const auto again = node.run(SetActiveReplica{.replica = first}, "make-it-active");
  EXPECT_TRUE(again.repeated);
  EXPECT_TRUE(node.share(share).operations.empty());
}

TEST_F(CommandId, OfAWorkerIsNotWrittenWhenNothingWasToDo) {
  ServiceNode node(log, clock);
  const ShareId share = node.make_share();
  const std::uint64_t end = log.end().value();
  const ReplicaId active = node.share(share).active()->id;
  node.run(SetActiveReplica{.replica = active}, "w", k_worker);
  EXPECT_EQ(log.end().value(), end);
}

TEST_F(CommandId, IsRefusedWhenWhatItMadeOutlivesItsMemory) {
  ServiceNode node(log, clock, {.window = k_small_window});
  const ShareTypeId type = node.make_type("gold");
  const CreateShare command{.name = "data", .protocol = "NFS", .size_gb = 1, .type = type};
  node.run(command, "create-data");
  const auto before = node.view()->shares();
  outlive_the_window(node);
  const auto again = node.submit(command, "create-data");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::invalid);
  EXPECT_EQ(node.view()->shares(), before);
}

}  // namespace
}  // namespace pasig
