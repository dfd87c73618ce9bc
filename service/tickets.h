// One record in flight per stream and node (log-protocol 5): who holds the ticket of a stream
// decides and appends; others of this node wait instead of making void records.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>

namespace pasig {

// Any thread. The ticket is given back when the Ticket dies.
class Tickets {
 public:
  class Ticket {
   public:
    Ticket(Tickets& tickets, std::string stream) : tickets_(tickets), stream_(std::move(stream)) {
      std::unique_lock lock(tickets_.mutex_);
      tickets_.freed_.wait(lock, [&] { return !tickets_.held_.contains(stream_); });
      tickets_.held_.insert(stream_);
    }
    ~Ticket() {
      const std::scoped_lock lock(tickets_.mutex_);
      tickets_.held_.erase(stream_);
      tickets_.freed_.notify_all();
    }
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

   private:
    Tickets& tickets_;
    std::string stream_;
  };

 private:
  std::mutex mutex_;
  std::condition_variable freed_;
  std::set<std::string> held_;
};

}  // namespace pasig
