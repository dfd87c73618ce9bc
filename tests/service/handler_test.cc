// What a command meets on its way (service/handler.h), on every log. Races are made on purpose:
// another node is let in front between the decision and its record.
#include "service/handler.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "tests/service/service_node.h"

namespace pasig {
namespace {

using namespace std::chrono_literals;

// Two nodes on one log; the first one's appends can be preceded by somebody else's.
template <class Logs>
class CommandOn : public testing::Test {
 protected:
  Logs logs_;
  std::unique_ptr<EventLog> log_ = logs_.make();
  DoctoredLog doctored_{*log_};
  SystemClock clock_;
  ServiceNode node_{doctored_, clock_};
  ServiceNode other_{*log_, clock_, {.name = "n2"}};
};

using EveryLog = testing::Types<MemoryLogs, EmbeddedLogs>;
class LogNames {
 public:
  template <class T>
  static std::string GetName(int) {
    return std::is_same_v<T, MemoryLogs> ? "memory" : "embedded";
  }
};
TYPED_TEST_SUITE(CommandOn, EveryLog, LogNames);

template <class Fact>
const Fact& fact(const CommandOutcome& outcome) {
  for (const Event& event : outcome.events)
    if (const auto* held = std::get_if<Fact>(&event)) return *held;
  ADD_FAILURE() << "no such event";
  static const Fact k_none;
  return k_none;
}

TYPED_TEST(CommandOn, IsSeenByTheNextReader) {
  const ShareId share = this->node_.make_share();
  EXPECT_EQ(this->node_.store().view()->share(share)->replicas.size(), 1U);
}

TYPED_TEST(CommandOn, IsDecidedAgainWhenItWasOvertaken) {
  const ShareId share = this->node_.make_share();
  this->doctored_.before_next_append([&] { this->other_.run(AddReplica{.share = share}); });
  const auto outcome = this->node_.run(AddReplica{.share = share}, "mine");
  EXPECT_FALSE(outcome.repeated);
  EXPECT_EQ(tries_of(*this->log_, "mine"), (Tries{.accepted = 1, .voids = 1}));
  EXPECT_EQ(this->node_.share(share).replicas.size(), 3U);
}

TYPED_TEST(CommandOn, IsRefusedWhenWhatOvertookItForbidsIt) {
  const ShareId share = this->node_.make_share();
  this->doctored_.before_next_append([&] { this->other_.run(DeleteShare{share}); });
  const auto outcome = this->node_.submit(AddReplica{.share = share}, "mine");
  ASSERT_TRUE(outcome);
  ASSERT_TRUE(outcome->refusal);
  EXPECT_EQ(this->node_.share(share).replicas.size(), 1U);
}

TYPED_TEST(CommandOn, OfTheSameIdHasTheSameOutcome) {
  const ShareTypeId type = this->node_.make_type("gold");
  const CreateShare command{.name = "once", .protocol = "NFS", .size_gb = 1, .type = type};
  const auto first = this->node_.run(command, "key");
  for (ServiceNode* node : {&this->node_, &this->other_}) {
    const auto again = node->run(command, "key");
    EXPECT_TRUE(again.repeated);
    EXPECT_EQ(again.ordinal, first.ordinal);
    EXPECT_EQ(again.events, first.events);
  }
  EXPECT_EQ(this->node_.view()->shares().size(), 1U);
}

TYPED_TEST(CommandOn, OfTheSameIdIsRefusedAgainInTheSameWords) {
  const ShareId share = this->node_.make_share();
  const RemoveReplica command{this->node_.share(share).replicas[0].id};
  const auto first = this->node_.submit(command, "key");
  const auto again = this->other_.submit(command, "key");
  ASSERT_TRUE(first && first->refusal && again);
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->refusal, first->refusal);
}

TYPED_TEST(CommandOn, OfTheSameIdIsKnownToARestartedNode) {
  const auto first = this->node_.run(
      CreateShareType{.name = "t", .extra_specs = {{"driver_handles_share_servers", "False"}}},
      "key");
  ServiceNode restarted(*this->log_, this->clock_);
  const auto again = restarted.run(
      CreateShareType{.name = "t", .extra_specs = {{"driver_handles_share_servers", "False"}}},
      "key");
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.events, first.events);
}

TYPED_TEST(CommandOn, OfTheSameIdAndOtherContentIsInvalid) {
  const ShareId share = this->node_.make_share();
  this->node_.run(AddReplica{.share = share}, "key");
  const auto other = this->node_.submit(AddReplica{.share = share, .zone = "zone-c"}, "key");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::invalid);
  EXPECT_NE(other.error().message.find("key"), std::string::npos);
  EXPECT_EQ(this->node_.share(share).replicas.size(), 2U);
}

TYPED_TEST(CommandOn, OfTheSameIdAtTheSameMomentHappensOnce) {
  const ShareId share = this->node_.make_share();
  CommandOutcome first;
  this->doctored_.before_next_append(
      [&] { first = this->other_.run(AddReplica{.share = share}, "key"); });
  const auto mine = this->node_.run(AddReplica{.share = share}, "key");
  EXPECT_TRUE(mine.repeated);
  EXPECT_EQ(mine.ordinal, first.ordinal);
  EXPECT_EQ(this->node_.share(share).replicas.size(), 2U);
}

TYPED_TEST(CommandOn, OfTheSameIdAndOtherContentAtTheSameMomentIsInvalid) {
  const ShareId share = this->node_.make_share();
  this->doctored_.before_next_append(
      [&] { this->other_.run(AddReplica{.share = share, .zone = "zone-c"}, "key"); });
  const auto mine = this->node_.submit(AddReplica{.share = share}, "key");
  ASSERT_FALSE(mine);
  EXPECT_EQ(mine.error().code, ErrorCode::invalid);
}

// What one node acknowledged exists for a command on another one, however far that one lags.
TYPED_TEST(CommandOn, IsNotToldNotFoundBeforeTheNodeHasSeenTheEndOfTheLog) {
  this->doctored_.hide_from(this->log_->end().value());
  const ShareId share = this->other_.make_share();
  const auto outcome = this->node_.submit(AddReplica{.share = share}, "follows");
  ASSERT_TRUE(outcome) << outcome.error().text();
  EXPECT_FALSE(outcome->refusal) << outcome->refusal->message;
}

TYPED_TEST(CommandOn, AboutWhatDoesNotExistIsNotFoundAndNotWritten) {
  const std::uint64_t end = this->log_->end().value();
  const auto outcome = this->node_.submit(AddReplica{.share = {{1, 2}}});
  ASSERT_TRUE(outcome && outcome->refusal);
  EXPECT_EQ(outcome->refusal->guard, Guard::share_not_found);
  EXPECT_FALSE(outcome->written);
  EXPECT_EQ(this->log_->end().value(), end);
}

TYPED_TEST(CommandOn, LargerThanARecordIsInvalidAndNotWritten) {
  const ShareTypeId type = this->node_.make_type("gold");
  const std::uint64_t end = this->log_->end().value();
  CreateShare command{.name = "large", .protocol = "NFS", .size_gb = 1, .type = type};
  for (int i = 0; i < 600; ++i)
    command.metadata.push_back({"key" + std::to_string(i), std::string(1000, 'x')});
  const auto outcome = this->node_.submit(command);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::invalid);
  EXPECT_EQ(this->log_->end().value(), end);
}

TYPED_TEST(CommandOn, WithAnIdThatIsTooLongIsInvalid) {
  const auto outcome = this->node_.submit(DeleteShare{}, std::string(256, 'k'));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::invalid);
}

TYPED_TEST(CommandOn, TriesNoLongerThanItsTime) {
  const ShareId share = this->node_.make_share();
  ServiceNode hasty(this->doctored_, this->clock_, {.name = "n3", .tries_end_after = 0s});
  this->doctored_.before_next_append([&] { this->other_.run(AddReplica{.share = share}); });
  const auto outcome = hasty.submit(AddReplica{.share = share}, "mine");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::unavailable);
  EXPECT_EQ(tries_of(*this->log_, "mine"), (Tries{.accepted = 0, .voids = 1}));
}

TYPED_TEST(CommandOn, OfAWorkerNeverGivesUp) {
  const ShareId share = this->node_.make_share();
  this->node_.request_replica(share);
  const OperationId operation = this->node_.claim_first(share);
  ServiceNode hasty(this->doctored_, this->clock_, {.name = "n3", .tries_end_after = 0s});
  for (int i = 0; i < 3; ++i)
    this->doctored_.before_next_append([&] {
      this->other_.run(RenewLease{operation, 1, 300}, {}, k_worker);
    });
  const auto outcome = hasty.handler().submit({.command = RenewLease{operation, 1, 300},
                                               .actor = k_worker,
                                               .command_id = "report",
                                               .never_give_up = true});
  ASSERT_TRUE(outcome) << outcome.error().text();
  EXPECT_EQ(tries_of(*this->log_, "report"), (Tries{.accepted = 1, .voids = 3}));
}

TYPED_TEST(CommandOn, CanBeLookedUpById) {
  const ShareId share = this->node_.make_share();
  const auto added = this->node_.run(AddReplica{.share = share}, "key");
  const auto found = this->other_.handler().outcome("key");
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->events, added.events);
  EXPECT_EQ(this->other_.handler().outcome("other").error().code, ErrorCode::not_found);
}

// ---- many at once -------------------------------------------------------------------------
struct Acknowledged {
  std::mutex mutex;
  std::map<std::string, Ordinal> ordinals;
  void note(const std::string& id, const Result<CommandOutcome>& outcome) {
    ASSERT_TRUE(outcome) << id << ": " << outcome.error().text();
    ASSERT_FALSE(outcome->refusal) << id << ": " << outcome->refusal->message;
    const std::scoped_lock lock(mutex);
    ordinals[id] = outcome->ordinal;
  }
};

// Each thread renews one lease (one stream for all) and makes shares (counters for all).
TYPED_TEST(CommandOn, ManyThreadsOfTwoNodesIsAcceptedExactlyOnce) {
  constexpr int k_threads = 6;
  constexpr int k_each = 8;
  const ShareTypeId type = this->node_.make_type("gold");
  const ShareId share = this->node_.make_share();
  this->node_.request_replica(share);
  const OperationId operation = this->node_.claim_first(share);
  Acknowledged acknowledged;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < k_threads; ++t)
      threads.emplace_back([&, t] {
        ServiceNode& node = t % 2 == 0 ? this->node_ : this->other_;
        for (int i = 0; i < k_each; ++i) {
          const std::string id = std::to_string(t) + "/" + std::to_string(i);
          acknowledged.note("lease/" + id,
                            node.submit(RenewLease{operation, 1, 300}, "lease/" + id, k_worker));
          acknowledged.note(
              "share/" + id,
              node.submit(CreateShare{.name = id, .protocol = "NFS", .size_gb = 1, .type = type},
                          "share/" + id));
        }
      });
  }
  std::map<std::string, int> accepted;
  int voids = 0;
  for (const Judged& one : judged_records(*this->log_)) {
    if (one.verdict != VoidReason::none) ++voids;
    else if (acknowledged.ordinals.contains(one.record.command_id))
      ++accepted[one.record.command_id];
  }
  EXPECT_EQ(acknowledged.ordinals.size(), std::size_t{2 * k_threads * k_each});
  for (const auto& [id, ordinal] : acknowledged.ordinals) EXPECT_EQ(accepted[id], 1) << id;
  EXPECT_EQ(this->node_.view()->shares().size(), std::size_t{k_threads * k_each + 1});
  EXPECT_EQ(this->node_.view()->head().state_digest, this->other_.view()->head().state_digest);
  this->RecordProperty("voids", voids);
}

}  // namespace
}  // namespace pasig
