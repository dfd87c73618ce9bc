// A few threads and a queue of named tasks; a name is queued or running at most once. stop()
// drops what is queued and waits for what runs.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace pasig::drivers {

// Any thread.
class TaskPool {
 public:
  using Task = std::function<void(std::stop_token)>;

  void start(std::uint32_t threads) {
    for (std::uint32_t i = 0; i < threads; ++i)
      threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
  }
  void stop() {
    for (std::jthread& thread : threads_) thread.request_stop();
    threads_.clear();  // joins
    const std::scoped_lock lock(mutex_);
    queue_.clear();
    names_.clear();
  }
  // False: a task of that name waits or runs already.
  bool add(const std::string& name, Task task) {
    const std::scoped_lock lock(mutex_);
    if (!names_.insert(name).second) return false;
    queue_.push_back({name, std::move(task)});
    wake_.notify_one();
    return true;
  }

 private:
  struct Named {
    std::string name;
    Task task;
  };
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Named> queue_;
  std::set<std::string> names_;
  std::vector<std::jthread> threads_;

  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (wake_.wait(lock, stop, [&] { return !queue_.empty(); }) && !stop.stop_requested()) {
      const Named next = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      next.task(stop);
      lock.lock();
      names_.erase(next.name);
    }
  }
};

}  // namespace pasig::drivers
