// Operations that are given up: a call that hangs for ever holds its thread, but not its share.
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/drivers/working_node.h"

namespace pasig::drivers {
namespace {

// Holds a driver call for as long as the test wants, whatever it is told to do.
class Hang {
 public:
  std::function<void()> call() {
    return [this] {
      std::unique_lock lock(mutex_);
      is_held_ = true;
      changed_.notify_all();
      changed_.wait(lock, [&] { return is_released_; });
    };
  }
  void wait_until_held() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return is_held_; });
  }
  void release() {
    const std::scoped_lock lock(mutex_);
    is_released_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_held_ = false;
  bool is_released_ = false;
};

class AbandonOnNode : public WorkingNode {
 protected:
  AbandonOnNode() : share_(make_share()), active_(node_.share(share_).replicas.at(0).id) {}

  void abandon(OperationId id) { node_.run(AbandonOperation{id, "it hangs"}); }

  const ShareId share_;
  const ReplicaId active_;
};

TEST_F(AbandonOnNode, CallThatIsHeldForEverHoldsItsShareNoMore) {
  const ReplicaId other = add_replica(share_);
  const OperationId id = request(SetActiveReplica{.replica = other});
  Hang hang;
  script_.during["set_active_replica"] = hang.call();
  (void)node_.view();
  worker_->look();
  std::thread stuck([&] { (void)worker_->run_next(); });
  hang.wait_until_held();
  abandon(id);
  settle();  // another thread than the one that is stuck
  EXPECT_EQ(node_.operation(id).status, OperationStatus::failed);
  EXPECT_EQ(node_.operation(id).failure.code, FailureCode::abandoned);
  EXPECT_TRUE(node_.share(share_).operations.empty());
  EXPECT_EQ(node_.share(share_).active()->id, active_);

  const OperationId next = request(SetActiveReplica{.replica = other});
  settle();
  EXPECT_EQ(node_.operation(next).status, OperationStatus::done);
  hang.release();
  stuck.join();
  settle();
  // What the stuck call came to is too old to count, on storage and in the log.
  EXPECT_EQ(node_.share(share_).active()->id, other);
  EXPECT_EQ(node_.share(share_).epoch, 2U);
}

TEST_F(AbandonOnNode, DoneOnStorageIsCompleted) {
  const ReplicaId other = add_replica(share_);
  storage_->lose_answer("set_active_replica", true);
  const OperationId id = request(SetActiveReplica{.replica = other});
  pausing_ = [this, id, is_first = true]() mutable {
    if (is_first) abandon(id);
    else clock_.advance_seconds(1);
    is_first = false;
  };
  settle();
  EXPECT_EQ(node_.operation(id).status, OperationStatus::done);
  EXPECT_EQ(node_.share(share_).active()->id, other);
}

TEST_F(AbandonOnNode, SilentStorageIsWaitedForALittleWhileOnly) {
  const ReplicaId other = add_replica(share_);
  script_.during["set_active_replica"] = [this] {
    abandon(node_.share(share_).operations.at(0).id);
  };
  storage_->fail("set_active_replica", {.problem = Problem::unreachable, .words = "away"});
  storage_->fail("inspect", {.problem = Problem::unreachable, .words = "away"}, 1000);
  const OperationId id = request(SetActiveReplica{.replica = other});
  const Time before = clock_.now();
  settle();
  EXPECT_EQ(node_.operation(id).failure.code, FailureCode::abandoned);
  EXPECT_NE(node_.operation(id).failure.words.find("nobody could look"), std::string::npos);
  EXPECT_LT(clock_.now().micros_since(before), 180'000'000);
}

}  // namespace
}  // namespace pasig::drivers
