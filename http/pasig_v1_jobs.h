// Verifications under way: each folds the whole log, which takes longer than an answer may. One
// at a time; the last few that ended are remembered. All calls from any thread.
#pragma once

#include <atomic>
#include <boost/json/object.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "log/log_reader.h"
#include "projections/store.h"
#include "replay/history.h"

namespace pasig::http::v1 {

class VerifyJobs {
 public:
  VerifyJobs(const Store& store, const LogReader& log, std::string scratch_directory);
  ~VerifyJobs();  // stops what runs
  VerifyJobs(const VerifyJobs&) = delete;
  VerifyJobs& operator=(const VerifyJobs&) = delete;

  struct Job {
    std::string id;
    enum class State { running, done, failed, cancelled } state = State::running;
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    std::optional<replay::VerifyReport> report;  // when done
    std::optional<Error> error;                  // when failed
  };

  // The new one, or the id of the one that runs.
  [[nodiscard]] tl::expected<Job, std::string> start();
  [[nodiscard]] std::optional<Job> find(const std::string& id) const;
  // Asks it to stop; what is found of it then.
  [[nodiscard]] std::optional<Job> cancel(const std::string& id);

 private:
  struct Kept {
    Job job;
    std::atomic<bool> stop = false;
  };
  const Store& store_;
  const LogReader& log_;
  std::string scratch_directory_;
  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<Kept>> jobs_;  // newest last
  std::jthread worker_;

  [[nodiscard]] std::shared_ptr<Kept> kept(const std::string& id) const;  // under the mutex
  void run(const std::shared_ptr<Kept>& one);
};

[[nodiscard]] boost::json::object job_view(const VerifyJobs::Job& job);

}  // namespace pasig::http::v1
