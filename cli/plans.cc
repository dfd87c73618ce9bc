#include "cli/plans.h"

#include <boost/json.hpp>

#include "cli/sheets.h"

namespace pasig::cli {
namespace {

std::string loss_text(const Json& plan) {
  if (flag_at(plan, "loss.nothing")) return "nothing";
  const auto seconds = real_at(plan, "loss.seconds_at_most");
  if (!seconds) return "not known: its copy has no time";
  return "at most the writes of the last " + span_text(*seconds) + ", since " +
         short_time(text_at(plan, "loss.data_as_of"));
}

Sheet plan_sheet(const Json& plan) {
  Sheet sheet;
  const bool goes = flag_at(plan, "goes_through");
  sheet.add("goes through", goes ? "yes" : "no", goes ? Paint::good : Paint::bad);
  std::vector<std::string> refusals;
  for (const Json& one : list_at(plan, "refusals"))
    refusals.push_back("[" + text_at(one, "code") + "] " + text_at(one, "message"));
  sheet.add_list("refused", refusals);
  if (goes) {
    sheet.add("mode", text_at(plan, "effective_mode"));
    sheet.add("would be lost", loss_text(plan),
              flag_at(plan, "loss.nothing") ? Paint::good : Paint::bad);
  }
  std::vector<std::string> ahead;
  for (const Json& one : list_at(plan, "loss.replicas_ahead"))
    ahead.push_back("replica " + text_of(one) + " holds newer data, which would be kept aside");
  sheet.add_list("ahead of it", ahead);
  std::vector<std::string> remarks;
  for (const Json& one : list_at(plan, "remarks")) remarks.push_back(text_of(one));
  sheet.add_list("then", remarks);
  std::vector<std::string> events;
  for (const Json& record : list_at(plan, "records")) {
    if (text_at(record, "command") == "ClaimOperation") continue;  // who and when is not foretold
    for (const Json& event : list_at(record, "events"))
      events.push_back(text_at(event, "sentence"));
  }
  sheet.add_list("would be written", events);
  return sheet;
}

}  // namespace

Answer<void> show_plan(Session& session, Deed deed, const Acting& acting) {
  deed.body["dry_run"] = true;
  Call call{.method = "POST", .target = deed.path};
  call.body = boost::json::serialize(deed.body);
  if (!acting.command_id.empty()) call.headers.emplace_back("Idempotency-Key", acting.command_id);
  PASIG_TRY(const Json answer, session.send(call));
  const Json* plan = find(answer, "plan");
  session.output().sheet(answer, plan_sheet(plan == nullptr ? Json() : *plan));
  if (flag_at(answer, "plan.goes_through")) return {};
  const auto& refusals = list_at(answer, "plan.refusals");
  if (refusals.empty())
    return problem(Exit::failed, "would_fail",
                   deed.what + " would be tried, and would fail: nothing would change");
  return problem(Exit::refused, text_at(refusals.front(), "code"), deed.what + " would be refused");
}

}  // namespace pasig::cli
