#include "http/pasig_v1_plans.h"

// A change of the active replica as it would go: the answer to set-active with dry_run.
#include <boost/json/serialize.hpp>

#include "base/ids.h"
#include "http/pasig_v1_views.h"
#include "http/refusals.h"
#include "replay/phrases.h"

namespace pasig::http::v1 {
namespace json = boost::json;
namespace {

// Not refused, and still it would come to nothing: a side that it needs does not answer.
bool would_fail(const ChangePlan& plan) {
  for (const PlannedRecord& record : plan.records)
    for (const Event& event : record.events)
      if (std::holds_alternative<ActiveReplicaChangeFailed>(event)) return true;
  return false;
}

json::object plan_view(const Call& call, const ChangePlan& plan) {
  json::array records;
  for (const PlannedRecord& one : plan.records)
    records.push_back(json::object{{"command", one.command}, {"events", events_view(one.events)}});
  json::array refusals;
  for (const Refusal& one : plan.refusals)
    refusals.push_back(json::object{{"code", word(one.guard)}, {"message", one.message}});
  json::array ahead;
  for (const ReplicaId one : plan.ahead) ahead.emplace_back(to_string(one));
  json::array remarks(plan.remarks.begin(), plan.remarks.end());
  json::array not_foretold;
  for (const std::string_view one : k_not_foretold) not_foretold.emplace_back(one);
  json::object loss{{"nothing", plan.loses_nothing},
                    {"known", plan.loses_nothing || plan.loss_is_known},
                    {"seconds_at_most", nullptr},
                    {"data_as_of", time_or_null(plan.data_as_of)},
                    {"replicas_ahead", std::move(ahead)}};
  if (plan.loss_is_known) loss["seconds_at_most"] = static_cast<double>(plan.loss_micros) / 1e6;
  return {{"goes_through", plan.refusals.empty() && !would_fail(plan)},
          {"effective_mode", word(plan.effective_mode)},
          {"loss", std::move(loss)},
          {"refusals", std::move(refusals)},
          {"remarks", std::move(remarks)},
          {"records", std::move(records)},
          {"not_foretold", std::move(not_foretold)},
          {"as_of", call.view->head().next_ordinal}};
}

}  // namespace

Answer show_plan(const Call& call, const SetActiveReplica& command) {
  if (!call.service.plan_change)
    return problem({.status = 501,
                    .code = "unsupported",
                    .message = "this service cannot look at storage, so it plans no change"});
  PASIG_TRY(Submission submission, submission_of(call.service, call.request, command));
  if (submission.command_id.empty()) submission.command_id = to_string(random_uuid());
  const ChangePlan plan = call.service.plan_change(*call.view, command, submission);
  return answer(call, {{"command_id", submission.command_id}, {"plan", plan_view(call, plan)}});
}

}  // namespace pasig::http::v1
