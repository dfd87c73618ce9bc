#include "http/pasig_v1_commands.h"

#include "http/pasig_v1_views.h"
#include "http/refusals.h"

namespace pasig::http::v1 {
namespace json = boost::json;
namespace {

std::string hint_for(Guard guard, const std::string& subject) {
  if (guard == Guard::share_is_busy || guard == Guard::replica_is_busy ||
      guard == Guard::snapshot_is_busy)
    return "wait until that is over: `pasig operation list --pending`";
  if (guard == Guard::no_valid_host) return "`pasig pool list` shows the pools";
  if (guard == Guard::replica_not_in_sync) return "`pasig why REPLICA` says why it is not";
  if (guard == Guard::controller_retired) return "`pasig controller list` says which are retired";
  if (guard == Guard::debris_not_found) return "`pasig debris list` shows what there is";
  return subject.starts_with("share-") && is_recorded(guard)
             ? "`pasig history " + subject.substr(6) + "` shows what led to this"
             : std::string();
}

Response answer_of(const CommandOutcome& outcome) {
  const Refusal& refusal = *outcome.refusal;
  Problem no{.status = status_of(refusal.guard).status,
             .code = std::string(word(refusal.guard)),
             .message = refusal.message,
             .hint = hint_for(refusal.guard, refusal.subject)};
  if (outcome.written) no.ordinal = outcome.ordinal;
  return v1::answer_of(no);
}

json::value operation_of(const CommandOutcome& outcome) {
  if (const auto* asked = find_event<OperationRequested>(outcome))
    return json::value(to_string(asked->operation));
  if (const auto* stopped = find_event<OperationCancelRequested>(outcome))
    return json::value(to_string(stopped->operation));
  if (const auto* given_up = find_event<OperationAbandonRequested>(outcome))
    return json::value(to_string(given_up->operation));
  return nullptr;
}

}  // namespace

Checked<CommandOutcome> submit(const Call& call, Command command) {
  PASIG_TRY(Submission submission, submission_of(call.service, call.request, std::move(command)));
  // A request id of the client's own follows the request through its own logs too.
  if (const auto own = call.request.header("x-request-id");
      own && own->starts_with("req-") && parse_uuid(own->substr(4)))
    submission.request_id = std::string(*own);
  auto outcome = call.service.handler.submit(std::move(submission));
  if (!outcome) return tl::unexpected(v1::answer_of(outcome.error(), ""));
  if (outcome->refusal) return tl::unexpected(answer_of(*outcome));
  return std::move(*outcome);
}

Response accepted(const CommandOutcome& outcome, const std::string& member, json::value object) {
  json::object body{{"command_id", outcome.command_id},
                    {"ordinal", nullptr},
                    {"repeated", outcome.repeated},
                    {"operation", operation_of(outcome)}};
  if (outcome.written) body["ordinal"] = outcome.ordinal;
  body[member] = std::move(object);
  body["events"] = events_view(outcome.events);
  Response response = json_response(202, body);
  if (outcome.written) response.position = outcome.ordinal;
  return response;
}

Call after(const Call& call) {
  return Call{call.service, call.jobs, call.request, call.caller, call.service.view()};
}

json::value share_now(const Call& call, ShareId id, json::value before) {
  const Call now = after(call);
  const auto share = now.view->share(id);
  return share ? json::value(share_view(now, *share)) : std::move(before);
}

json::value replica_now(const Call& call, ReplicaId id, json::value before) {
  const Call now = after(call);
  const auto share_id = now.view->share_of(id);
  const auto share = share_id ? now.view->share(*share_id) : std::nullopt;
  const Replica* replica = share ? share->find(id) : nullptr;
  return replica ? json::value(replica_view(now, *share, *replica)) : std::move(before);
}

json::value snapshot_now(const Call& call, SnapshotId id, json::value before) {
  const Call now = after(call);
  const auto share_id = now.view->share_of(id);
  const auto share = share_id ? now.view->share(*share_id) : std::nullopt;
  const Snapshot* snapshot = share ? share->find(id) : nullptr;
  return snapshot ? json::value(snapshot_view(now, *share, *snapshot)) : std::move(before);
}

}  // namespace pasig::http::v1
