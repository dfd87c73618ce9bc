// A state whose disk does not answer: every look at it throws. Any thread.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "projections/store.h"

namespace pasig {

class FailingStore final : public Store {
 public:
  std::unique_ptr<View> view() const override {
    fail_one();
    return nullptr;
  }
  std::unique_ptr<Writer> begin() override {
    fail_one();
    return nullptr;
  }
  Result<void> close_cleanly() override { return {}; }
  // False: in a minute there were fewer.
  bool wait_for_looks(int looks) const {
    std::unique_lock lock(mutex_);
    return looked_.wait_for(lock, std::chrono::minutes(1), [&] { return looks_ >= looks; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable looked_;
  mutable int looks_ = 0;

  void fail_one() const {
    {
      const std::scoped_lock lock(mutex_);
      ++looks_;
    }
    looked_.notify_all();
    throw StoreFailure({ErrorCode::unavailable, "reading the state: the disk does not answer", {}});
  }
};

}  // namespace pasig
