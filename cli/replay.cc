// pasig replay verify
#include <boost/json.hpp>
#include <chrono>

#include "cli/progress.h"
#include "cli/session.h"
#include "cli/sheets.h"

namespace pasig::cli {
namespace {

constexpr const char* k_path = "/pasig/v1/replay/verify";
constexpr std::chrono::milliseconds k_poll{200};

tl::unexpected<Problem> cancelled(Session& session, const std::string& job) {
  const auto asked =
      session.send_regardless(Call{.method = "DELETE", .target = path_of("replay/verify", job)});
  return problem(
      Exit::wait_ended, "interrupted",
      asked ? "verifying: interrupted; the verification was stopped"
            : "verifying: interrupted; stopping job " + job + " failed: " + asked.error().message);
}

Sheet report_sheet(const Json& report) {
  Sheet sheet;
  const bool equal = flag_at(report, "equal");
  sheet.add("verdict", equal ? "equal: the projections are what the log says" : "DIFFERENT",
            equal ? Paint::good : Paint::bad);
  sheet.add("records", text_at(report, "records"));
  sheet.add("void records", text_at(report, "void_records"));
  sheet.add("live records", text_at(report, "live_records"));
  for (const std::string name :
       {"live_verdict", "replayed_verdict", "live_state", "replayed_state", "scanned_state"}) {
    std::string title = name + " digest";
    title[title.find('_')] = ' ';
    sheet.add(title, text_at(report, name));
  }
  return sheet;
}

}  // namespace

Answer<void> run(Session& session, const ReplayVerify&) {
  PASIG_TRY(auto job, session.send(Call{.method = "POST", .target = k_path, .body = "{}"}));
  const std::string id = text_at(job, "job");
  Progress progress(session.output().err(), session.output().terminal());
  while (text_at(job, "state") == "running") {
    progress.show({.words = "folding the log",
                   .done = number_at(job, "done").value_or(0),
                   .total = number_at(job, "total")});
    if (!session.interrupt().pause(k_poll)) return cancelled(session, id);
    auto looked = session.get(path_of("replay/verify", id));
    if (!looked && looked.error().exit == Exit::wait_ended) return cancelled(session, id);
    if (!looked) return tl::unexpected(std::move(looked).error());
    job = std::move(*looked);
  }
  progress.clear();
  const std::string state = text_at(job, "state");
  if (state == "failed")
    return tl::unexpected(problem_of(500, boost::json::serialize(job), "verifying"));
  if (state != "done")
    return problem(Exit::failed, state, "verifying: the verification was stopped by somebody else");
  const Json* report = find(job, "report");
  session.output().sheet(job, report_sheet(report == nullptr ? Json() : *report));
  if (!flag_at(job, "report.equal"))
    return problem(Exit::failed, "different",
                   "verifying: the projections are not what the log says",
                   "keep the data directory as it is for analysis; `pasig replay rebuild` makes "
                   "the projections anew");
  return {};
}

}  // namespace pasig::cli
