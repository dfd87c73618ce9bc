// One record in flight for each stream and node (log-protocol 5).
#include "service/tickets.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "tests/service/service_node.h"

namespace pasig {
namespace {

using namespace std::chrono_literals;

TEST(Ticket, OfAStreamIsHeldByOneAtATime) {
  Tickets tickets;
  auto held = tickets.take("share-1");
  ASSERT_TRUE(held);
  EXPECT_FALSE(tickets.take("share-1", 1ms));
  EXPECT_TRUE(tickets.take("share-2", 1ms));
  held.reset();
  EXPECT_TRUE(tickets.take("share-1", 1ms));
}

TEST(Ticket, GoesToWhoWaitsForIt) {
  Tickets tickets;
  auto held = tickets.take("share-1");
  bool taken = false;
  std::jthread waiter([&] { taken = tickets.take("share-1").has_value(); });
  held.reset();
  waiter.join();
  EXPECT_TRUE(taken);
}

class CommandsOfOneShare : public testing::Test {
 protected:
  CommandsOfOneShare() {
    node_.request_replica(share_);
    operation_ = node_.claim_first(share_);
  }
  MemoryLog memory_;
  DoctoredLog log_{memory_};
  SystemClock clock_;
  ServiceNode node_{log_, clock_};
  const ShareId share_ = node_.make_share();
  OperationId operation_;
};

TEST_F(CommandsOfOneShare, AreWrittenOneAfterTheOtherAndNeverVoid) {
  std::atomic<int> in_flight = 0;
  std::atomic<int> most = 0;
  log_.around = [&](const std::string&, const auto& append) {
    most = std::max(most.load(), ++in_flight);
    auto position = append();
    --in_flight;
    return position;
  };
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 5; ++i) node_.run(RenewLease{operation_, 1, 300}, {}, k_worker);
      });
  }
  EXPECT_EQ(most, 1);
  for (const Judged& one : judged_records(memory_))
    EXPECT_EQ(one.verdict, VoidReason::none) << one.record.command;
}

TEST_F(CommandsOfOneShare, DoNotWaitForThoseOfAnotherOne) {
  const ShareId other = node_.make_share();
  std::latch inside(1);
  std::latch go_on(1);
  log_.before_next_append([&] {
    inside.count_down();
    go_on.wait();
  });
  std::jthread slow([&] { node_.run(AddReplica{.share = share_}); });
  inside.wait();
  node_.run(AddReplica{.share = other});
  go_on.count_down();
}

TEST_F(CommandsOfOneShare, WaitNoLongerThanTheirTime) {
  ServiceNode hasty(log_, clock_, {.name = "n2", .tries_end_after = 5ms});
  std::latch inside(1);
  std::latch go_on(1);
  log_.before_next_append([&] {
    inside.count_down();
    go_on.wait();
  });
  std::jthread slow([&] { (void)hasty.submit(AddReplica{.share = share_}); });
  inside.wait();
  const auto outcome = hasty.submit(AddReplica{.share = share_});
  go_on.count_down();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::unavailable);
  EXPECT_NE(outcome.error().message.find("waited too long"), std::string::npos);
}

}  // namespace
}  // namespace pasig
