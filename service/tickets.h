// One record in flight per stream and node (log-protocol 5): who holds the ticket of a stream
// decides and appends; others of this node wait instead of making void records.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/clock.h"

namespace pasig {

// Any thread. The ticket is given back when the Ticket dies.
class Tickets {
 public:
  class Ticket {
   public:
    Ticket(Ticket&& other) noexcept
        : tickets_(std::exchange(other.tickets_, nullptr)), stream_(std::move(other.stream_)) {}
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (tickets_ != nullptr) tickets_->give_back(stream_);
    }

   private:
    friend class Tickets;
    Ticket(Tickets& tickets, std::string stream) : tickets_(&tickets), stream_(std::move(stream)) {}
    Tickets* tickets_;
    std::string stream_;
  };

  // Nothing when it did not become free in time; without a timeout it waits for ever.
  std::optional<Ticket> take(const std::string& stream, std::optional<Duration> timeout = {}) {
    std::unique_lock lock(mutex_);
    const auto is_free = [&] { return !held_.contains(stream); };
    if (!timeout) freed_.wait(lock, is_free);
    else if (!freed_.wait_for(lock, *timeout, is_free)) return std::nullopt;
    held_.insert(stream);
    return Ticket(*this, stream);
  }

 private:
  std::mutex mutex_;
  std::condition_variable freed_;
  std::set<std::string> held_;

  void give_back(const std::string& stream) {
    const std::scoped_lock lock(mutex_);
    held_.erase(stream);
    freed_.notify_all();
  }
};

}  // namespace pasig
