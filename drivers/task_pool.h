// A few threads and a queue of named tasks; a name is queued or running at most once. stop()
// drops what is queued and waits for what runs. Without start(), whoever owns the pool runs the
// tasks on a thread of its own choice, one by one. A task that throws (the state's disk failed)
// is noted and over; its thread goes on.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace pasig::drivers {

// Any thread.
class TaskPool {
 public:
  using Task = std::function<void(std::stop_token)>;
  using Note = std::function<void(const std::string&)>;

  explicit TaskPool(Note note) : note_(std::move(note)) {}

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
  // Runs the one that waits longest, on the calling thread. False: none waits.
  bool run_next(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (queue_.empty()) return false;
    const Named next = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    const Named::Over over{*this, next.name};
    next.task(stop);
    return true;
  }

 private:
  struct Named {
    std::string name;
    Task task;
    struct Over {  // at the end of the task, however it ends
      TaskPool& pool;
      const std::string& name;
      ~Over() {
        const std::scoped_lock lock(pool.mutex_);
        pool.names_.erase(name);
      }
    };
  };
  const Note note_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Named> queue_;
  std::set<std::string> names_;
  std::vector<std::jthread> threads_;

  void run(const std::stop_token& stop) {
    while (wait_for_task(stop)) {
      try {
        (void)run_next(stop);
      } catch (const std::exception& thrown) {
        note_(std::string("a worker's task failed, and is tried again: ") + thrown.what());
      }
    }
  }
  bool wait_for_task(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    return wake_.wait(lock, stop, [&] { return !queue_.empty(); }) && !stop.stop_requested();
  }
};

}  // namespace pasig::drivers
