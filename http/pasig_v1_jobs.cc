#include "http/pasig_v1_jobs.h"

#include <exception>
#include <filesystem>
#include <utility>

#include "base/ids.h"

namespace pasig::http::v1 {
namespace {

constexpr std::size_t k_remembered = 16;

std::string_view word(VerifyJobs::Job::State state) {
  using State = VerifyJobs::Job::State;
  switch (state) {
    case State::running:
      return "running";
    case State::done:
      return "done";
    case State::failed:
      return "failed";
    case State::cancelled:
      return "cancelled";
  }
  return "failed";
}

}  // namespace

VerifyJobs::VerifyJobs(const Store& store, const LogReader& log, std::string scratch_directory)
    : store_(store), log_(log), scratch_directory_(std::move(scratch_directory)) {}

VerifyJobs::~VerifyJobs() {
  const std::scoped_lock lock(mutex_);
  for (const auto& one : jobs_) one->stop = true;
}  // worker_ is joined as a member, after the lock is gone

tl::expected<VerifyJobs::Job, std::string> VerifyJobs::start() {
  const std::scoped_lock lock(mutex_);
  if (!jobs_.empty() && jobs_.back()->job.state == Job::State::running)
    return tl::unexpected(jobs_.back()->job.id);
  auto one = std::make_shared<Kept>();
  one->job.id = to_string(random_uuid());
  jobs_.push_back(one);
  if (jobs_.size() > k_remembered) jobs_.pop_front();
  // The thread before has ended: its job is over, and that is the last thing it says.
  worker_ = std::jthread([this, one] { run(one); });
  return one->job;
}

void VerifyJobs::run(const std::shared_ptr<Kept>& one) {
  // A directory of this job, so that what a killed process left behind is in nobody's way.
  std::error_code ignored;
  std::filesystem::create_directories(scratch_directory_, ignored);
  const std::string scratch = scratch_directory_ + "/verify-" + one->job.id;
  const auto progress = [&](std::uint64_t done, std::uint64_t total) {
    const std::scoped_lock lock(mutex_);
    one->job.done = done;
    one->job.total = total;
    return !one->stop.load();
  };
  Result<replay::VerifyReport> report = fail(ErrorCode::unavailable, "");
  try {
    report = replay::verify(store_, log_, scratch, progress);
  } catch (const std::exception& thrown) {  // the state's disk, mostly: the job failed, no more
    report = fail(ErrorCode::unavailable, std::string("verifying: ") + thrown.what());
  }
  const std::scoped_lock lock(mutex_);
  if (report) one->job.report = *report;
  else if (!one->stop) one->job.error = report.error();
  one->job.state = report      ? Job::State::done
                   : one->stop ? Job::State::cancelled
                               : Job::State::failed;
}

std::shared_ptr<VerifyJobs::Kept> VerifyJobs::kept(const std::string& id) const {
  for (const auto& one : jobs_)
    if (one->job.id == id) return one;
  return nullptr;
}

std::optional<VerifyJobs::Job> VerifyJobs::find(const std::string& id) const {
  const std::scoped_lock lock(mutex_);
  const auto one = kept(id);
  return one ? std::optional(one->job) : std::nullopt;
}

std::optional<VerifyJobs::Job> VerifyJobs::cancel(const std::string& id) {
  const std::scoped_lock lock(mutex_);
  const auto one = kept(id);
  if (!one) return std::nullopt;
  one->stop = true;
  return one->job;
}

boost::json::object job_view(const VerifyJobs::Job& job) {
  boost::json::object view{{"job", job.id},      {"state", word(job.state)}, {"done", job.done},
                           {"total", job.total}, {"report", nullptr},        {"error", nullptr}};
  if (job.report)
    view["report"] = boost::json::object{{"equal", job.report->equal()},
                                         {"records", job.report->records},
                                         {"void_records", job.report->void_records},
                                         {"live_records", job.report->live_ordinal},
                                         {"live_verdict", job.report->live_verdict.hex()},
                                         {"replayed_verdict", job.report->replayed_verdict.hex()},
                                         {"live_state", job.report->live_state.hex()},
                                         {"replayed_state", job.report->replayed_state.hex()},
                                         {"scanned_state", job.report->scanned_state.hex()}};
  if (job.error)
    view["error"] = boost::json::object{
        {"code", "failed"}, {"message", job.error->message}, {"hint", job.error->hint}};
  return view;
}

}  // namespace pasig::http::v1
