// What time alone brings about: once, however many nodes' clocks say so, and honest after a
// restart.
#include "service/timers.h"

#include <gtest/gtest.h>

#include "tests/service/failing_store.h"
#include "tests/service/service_node.h"

namespace pasig {
namespace {

constexpr std::uint32_t k_status_interval = 300;
constexpr std::uint32_t k_claim_timeout = 60;

// Counts how often a replica's observation is asked for.
class CountedObservations final : public Observations {
 public:
  void put(const ReplicaObservation& one) override { kept_->put(one); }
  void put(const PoolObservation& one) override { kept_->put(one); }
  void put(const OperationProgress& one) override { kept_->put(one); }
  void put(const ScrubProgress& one) override { kept_->put(one); }
  void forget_scrub(ReplicaId replica) override { kept_->forget_scrub(replica); }
  std::optional<ScrubProgress> scrub(ReplicaId id) const override { return kept_->scrub(id); }
  void forget(ReplicaId replica) override { kept_->forget(replica); }
  void forget(OperationId operation) override { kept_->forget(operation); }
  void forget_pool(const std::string& host) override { kept_->forget_pool(host); }
  void forget_pools_except_of(const std::set<std::string>& controllers) override {
    kept_->forget_pools_except_of(controllers);
  }
  std::optional<ReplicaObservation> replica(ReplicaId id) const override {
    ++looks;
    return kept_->replica(id);
  }
  std::vector<ReplicaId> replicas() const override { return kept_->replicas(); }
  std::vector<PoolObservation> pools() const override { return kept_->pools(); }
  std::optional<OperationProgress> progress(OperationId id) const override {
    return kept_->progress(id);
  }
  mutable int looks = 0;

 private:
  std::unique_ptr<Observations> kept_ = std::move(open_observations("")).value();
};

class TimersOfNodes : public testing::Test {
 protected:
  std::unique_ptr<Timers> timers_on(ServiceNode& node) {
    return std::make_unique<Timers>(TimerParts{.handler = node.handler(),
                                               .store = node.store(),
                                               .observations = observations_,
                                               .clock = clock_,
                                               .node = "n",
                                               .status_interval_seconds = k_status_interval,
                                               .claim_timeout_seconds = k_claim_timeout});
  }
  void start_timers() {
    timers_.clear();
    for (ServiceNode* node : {&one_, &two_, &three_}) timers_.push_back(timers_on(*node));
  }
  // As time passes: every node looks every ten seconds.
  void pass(std::int64_t seconds) {
    for (std::int64_t passed = 0; passed < seconds; passed += 10) {
      clock_.advance_seconds(10);
      tick();
    }
  }
  void tick() {
    for (const auto& timers : timers_) timers->tick();
  }
  int count_of(std::string_view event_name) {
    int count = 0;
    for (const Judged& one : judged_records(log_))
      for (const Event& event : one.record.events)
        if (one.verdict == VoidReason::none && name_of(event) == event_name) ++count;
    return count;
  }
  // rpo_seconds of the share + the status interval.
  std::int64_t patience() { return one_.share(share_).rpo_seconds + k_status_interval; }
  void confirm() {
    observations_.put(ReplicaObservation{.replica = replica_, .data_as_of = clock_.now()});
  }
  ReplicaState state() { return one_.share(share_).find(replica_)->state; }

  MemoryLog log_;
  ManualClock clock_{{1'764'000'000'000'000}};
  ServiceNode one_{log_, clock_, {.name = "n1"}};
  ServiceNode two_{log_, clock_, {.name = "n2"}};
  ServiceNode three_{log_, clock_, {.name = "n3"}};
  CountedObservations observations_;
  const ShareId share_ = one_.make_share();
  const ReplicaId replica_ = one_.make_replica(share_);
  std::vector<std::unique_ptr<Timers>> timers_;
};

// ---- operations -----------------------------------------------------------------------------
TEST_F(TimersOfNodes, RerouteAnUnclaimedOperationOnce) {
  start_timers();
  const ReplicaId added = one_.request_replica(share_);
  const std::string before = one_.operation(one_.share(share_).operations.at(0).id).runs_on;
  pass(k_claim_timeout + 10);
  EXPECT_EQ(count_of("OperationRerouted"), 1);
  EXPECT_NE(one_.operation(one_.share(share_).operations.at(0).id).runs_on, before);
  EXPECT_NE(one_.share(share_).find(added), nullptr);
}

TEST_F(TimersOfNodes, LeaveAClaimedOperationWhereItIs) {
  start_timers();
  one_.request_replica(share_);
  one_.claim_first(share_);
  pass(3 * k_claim_timeout);
  EXPECT_EQ(count_of("OperationRerouted"), 0);
}

TEST_F(TimersOfNodes, GiveWorkersTimeToClaimAfterARestart) {
  one_.request_replica(share_);
  clock_.advance_seconds(20 * k_claim_timeout);  // nothing ran
  start_timers();
  tick();
  EXPECT_EQ(count_of("OperationRerouted"), 0);
  pass(k_claim_timeout + 10);
  EXPECT_EQ(count_of("OperationRerouted"), 1);
}

TEST_F(TimersOfNodes, EndAnOperationPastItsDeadlineOnce) {
  start_timers();
  one_.request_replica(share_);
  const OperationId operation = one_.claim_first(share_);
  clock_.advance_seconds(Timings{}.operation_deadline_seconds + 1);
  tick();
  tick();
  EXPECT_EQ(count_of("OperationCancelRequested"), 1);
  EXPECT_TRUE(one_.operation(operation).cancel_requested);
}

// ---- confirmations ------------------------------------------------------------------------
TEST_F(TimersOfNodes, CallAReplicaUnverifiedOnceWhenNothingConfirmsIt) {
  start_timers();
  pass(patience());
  EXPECT_EQ(state(), ReplicaState::in_sync);
  pass(20);
  EXPECT_EQ(state(), ReplicaState::out_of_sync);
  EXPECT_EQ(count_of("ReplicaFellOutOfSync"), 1);
}

TEST_F(TimersOfNodes, LeaveAReplicaInSyncThatIsConfirmed) {
  start_timers();
  for (int i = 0; i < 5; ++i) {
    pass(patience() - 10);
    confirm();
  }
  EXPECT_EQ(state(), ReplicaState::in_sync);
  pass(patience() + 10);
  EXPECT_EQ(state(), ReplicaState::out_of_sync);
}

TEST_F(TimersOfNodes, CountNoTimeInWhichTheyDidNotRun) {
  confirm();
  clock_.advance_seconds(10 * patience());
  start_timers();
  tick();
  EXPECT_EQ(state(), ReplicaState::in_sync);
  pass(patience());
  EXPECT_EQ(state(), ReplicaState::in_sync);
}

TEST_F(TimersOfNodes, CallAReplicaUnverifiedThatIsNotConfirmedAfterARestartEither) {
  clock_.advance_seconds(10 * patience());
  start_timers();
  pass(patience() + 20);
  EXPECT_EQ(state(), ReplicaState::out_of_sync);
}

TEST_F(TimersOfNodes, SeeAReplicaThatCameInSyncLater) {
  start_timers();
  pass(100);
  const ReplicaId later = one_.make_replica(share_);
  for (int i = 0; i < 3; ++i) {
    pass(patience() / 2);
    confirm();
  }
  EXPECT_EQ(state(), ReplicaState::in_sync);
  EXPECT_EQ(one_.share(share_).find(later)->state, ReplicaState::out_of_sync);
}

TEST_F(TimersOfNodes, DoNotLookAtEveryShareEverySecond) {
  const auto timers = timers_on(one_);
  timers->tick();
  observations_.looks = 0;
  for (int i = 0; i < 200; ++i) {
    clock_.advance_seconds(1);
    timers->tick();
  }
  EXPECT_EQ(observations_.looks, 0);
}

TEST_F(TimersOfNodes, GoOnWhileTheStateCannotBeRead) {
  const FailingStore store;
  Timers timers({.handler = one_.handler(),
                 .store = store,
                 .observations = observations_,
                 .clock = clock_,
                 .node = "n"});
  timers.start();
  EXPECT_TRUE(store.wait_for_looks(2));
  timers.stop();
}

}  // namespace
}  // namespace pasig
