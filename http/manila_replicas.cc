// Replicas: add, list, show, remove, promote, resync and the resets.
#include "http/faults.h"
#include "http/manila_routes.h"
#include "http/manila_views.h"

namespace pasig::http {
namespace {

namespace json = boost::json;

constexpr std::int64_t k_quiesce_seconds_max = 86'400;

tl::unexpected<Response> replica_not_found(std::string_view id) {
  return fail_with(404, "No replica exists with ID " + std::string(id) + ".");
}

// Of one share, or of all that the caller may see; in the order they were added.
std::vector<FoundReplica> replicas_for(const Call& call, const View& view) {
  std::vector<FoundReplica> found;
  const auto add_all_of = [&](const Share& share) {
    for (const Replica& replica : share.replicas)
      if (is_replica(share, replica)) found.push_back({share, replica});
  };
  if (const auto id = call.request.query_value("share_id")) {
    if (const auto share = own_share(call, view, *id)) add_all_of(*share);
    return found;
  }
  for (const Share& share : view.shares())
    if (call.owns(share)) add_all_of(share);
  return found;
}

Answer list(const Call& call, bool with_detail) {
  PASIG_TRY(const Page page, parse_page(call));
  PASIG_TRY(const auto view, open_view(call));
  const auto found = replicas_for(call, *view);
  const std::size_t count = rows_on(page, found.size());
  json::array rows;
  for (std::size_t i = page.offset; i < page.offset + count; ++i)
    rows.push_back(with_detail ? replica_detail(call, found[i].share, found[i].replica)
                               : replica_summary(found[i].share, found[i].replica));
  json::object body{{"share_replicas", std::move(rows)}};
  const std::string last = count == 0 ? "" : to_string(found[page.offset + count - 1].replica.id);
  if (auto links = next_links(call.request, page, count, last))
    body["share_replica_links"] = std::move(*links);
  return answer_as_of(*view, body);
}

Answer list_replicas(const Call& call) { return list(call, false); }
Answer list_replicas_detail(const Call& call) { return list(call, true); }

Answer show_replica(const Call& call) {
  const std::string id = call.request.parameter("id");
  PASIG_TRY(const auto view, open_view(call));
  const auto found = visible_replica(call, *view, id);
  if (!found) return fail_with(404, "Replica " + id + " not found.");
  return answer_as_of(*view,
                      {{"share_replica", replica_detail(call, found->share, found->replica)}});
}

Checked<AddReplica> read_replica(const Call& call, const json::object& body) {
  const Fields fields(body, "share_replica");
  AddReplica command;
  PASIG_TRY(const auto share, fields.text("share_id"));
  if (!share || share->empty()) return fail_with(400, "Must provide Share ID to add replica.");
  const auto id = ShareId::parse(*share);
  if (!id) return fail_with(404, "No share exists with ID " + *share + ".");
  command.share = *id;
  PASIG_TRY(const auto zone, fields.text("availability_zone"));
  command.zone = zone_named(call.service, zone.value_or(""));
  PASIG_TRY(const auto network, fields.text("share_network_id"));
  if (network && !network->empty())
    return fail_with(400,
                     "'share_replica.share_network_id' cannot be given: there are no share "
                     "networks here.");
  if (!call.at_least(67)) return command;
  PASIG_TRY(const json::object* hints, fields.object("scheduler_hints"));
  if (hints == nullptr) return command;
  const Fields inner(*hints, "share_replica.scheduler_hints");
  PASIG_CHECK(inner.only({"only_host"}));
  PASIG_TRY(const auto host, inner.text("only_host"));
  command.only_host = host.value_or("");
  return command;
}

// Manila answers with the row as it was before anything was decided: no state, no host.
json::object as_just_asked_for(const Call& call, const FoundReplica& found,
                               const std::string& zone_asked) {
  Replica replica = found.replica;
  replica.status = ReplicaStatus::creating;
  replica.state = ReplicaState::none;
  replica.host.clear();
  replica.zone = zone_asked;
  replica.updated_at = {};
  replica.cast_rules_to_readonly = false;
  return replica_detail(call, found.share, replica);
}

std::optional<ReplicaId> added_by(const std::vector<Event>& events) {
  for (const Event& event : events) {
    if (const auto* started = std::get_if<ReplicaAddStarted>(&event)) return started->replica;
    if (const auto* failed = std::get_if<ReplicaPlacementFailed>(&event)) return failed->replica;
  }
  return std::nullopt;
}

Answer create_replica(const Call& call) {
  PASIG_TRY(const json::object body, body_object(call, "share_replica"));
  PASIG_TRY(const AddReplica command, read_replica(call, body));
  PASIG_TRY(const auto outcome, submit(call.service, call.request, command));
  PASIG_TRY(const auto view, open_view(call));
  const auto id = added_by(outcome.events);
  const auto share = view->share(command.share);
  const Replica* replica = id && share ? share->find(*id) : nullptr;
  if (replica == nullptr) return not_found();  // asked for again, and gone meanwhile
  const FoundReplica found{*share, *replica};
  json::object row = as_just_asked_for(call, found, command.zone);
  return after(outcome, answer_as_of(*view, {{"share_replica", std::move(row)}}, 202));
}

Answer remove(const Call& call, bool force) {
  const std::string text = call.request.parameter("id");
  const auto id = ReplicaId::parse(text);
  if (!id) return replica_not_found(text);
  PASIG_TRY(const auto outcome, submit(call.service, call.request, RemoveReplica{*id, force}));
  return after(outcome, empty_response(202));
}

Answer delete_replica(const Call& call) { return remove(call, false); }

// The wait belongs to 2.75 and later; Manila ignores the action's value below that.
Checked<std::uint32_t> read_quiesce_wait(const Call& call, const Action& action) {
  const json::value& value = action.value();
  if (value.is_null() || !call.at_least(75)) return 0U;
  if (!value.is_object())
    return fail_with(400, "'promote' is null or an object with 'quiesce_wait_time'.");
  const Fields fields(value.get_object(), "promote");
  PASIG_TRY(const auto seconds, fields.integer("quiesce_wait_time", 0, k_quiesce_seconds_max));
  return static_cast<std::uint32_t>(seconds.value_or(0));
}

Answer promote(const Call& call, const Action& action, ReplicaId id) {
  PASIG_TRY(const std::uint32_t wait, read_quiesce_wait(call, action));
  PASIG_TRY(auto view, open_view(call));
  const auto before = visible_replica(call, *view, to_string(id));
  if (!before) return replica_not_found(to_string(id));
  // Manila: promoting the active replica answers 200 without a body.
  if (before->replica.state == ReplicaState::active) return empty_response(200);
  view.reset();
  PASIG_TRY(const auto outcome,
            submit(call.service, call.request,
                   SetActiveReplica{.replica = id, .quiesce_wait_seconds = wait}));
  PASIG_TRY(view, open_view(call));
  const auto found = visible_replica(call, *view, to_string(id));
  if (!found) return replica_not_found(to_string(id));
  return after(
      outcome,
      answer_as_of(*view, {{"share_replica", replica_detail(call, found->share, found->replica)}},
                   202));
}

Answer resync(const Call& call, ReplicaId id) {
  PASIG_CHECK(require_admin(call, "share_replica:resync"));
  PASIG_TRY(auto view, open_view(call));
  const auto found = visible_replica(call, *view, to_string(id));
  if (!found) return replica_not_found(to_string(id));
  if (found->replica.state == ReplicaState::active) return empty_response(200);
  view.reset();
  PASIG_TRY(const auto outcome, submit(call.service, call.request, ResyncReplica{id}));
  Response response{.status = 202};  // Manila: no body, yet application/json here
  return after(outcome, std::move(response));
}

Answer reset_status(const Call& call, const Action& action, ReplicaId id) {
  PASIG_CHECK(require_admin(call, "share_replica:reset_status"));
  PASIG_TRY(const std::string text, action_word(action, "status"));
  const auto status = parse_word<ReplicaStatus>(text);
  if (!status || *status == ReplicaStatus::deleted || *status == ReplicaStatus::replication_change)
    return fail_with(400,
                     "Invalid state. Valid states: available, creating, deleting, error, "
                     "error_deleting.");
  PASIG_TRY(const auto outcome,
            submit(call.service, call.request, ResetReplicaStatus{id, *status}));
  return after(outcome, empty_response(202));
}

Answer reset_state(const Call& call, const Action& action, ReplicaId id) {
  PASIG_CHECK(require_admin(call, "share_replica:reset_replica_state"));
  PASIG_TRY(const std::string text, action_word(action, "replica_state"));
  const auto state = parse_word<ReplicaState>(text);
  if (!state || *state == ReplicaState::none)
    return fail_with(400, "Invalid state. Valid states: active, error, in_sync, out_of_sync.");
  PASIG_TRY(const auto outcome, submit(call.service, call.request, ResetReplicaState{id, *state}));
  return after(outcome, empty_response(202));
}

Answer act_on_replica(const Call& call) {
  const std::string text = call.request.parameter("id");
  PASIG_TRY(const Action action, parse_action(call));
  const auto id = ReplicaId::parse(text);
  if (!id) return replica_not_found(text);
  if (action.name == "promote") return promote(call, action, *id);
  if (action.name == "resync") return resync(call, *id);
  if (action.name == "reset_status") return reset_status(call, action, *id);
  if (action.name == "reset_replica_state") return reset_state(call, action, *id);
  if (action.name == "force_delete") {
    PASIG_CHECK(require_admin(call, "share_replica:force_delete"));
    return remove(call, true);
  }
  return no_such_action(action);
}

CallRoute since_2_11(std::string_view method, std::string_view pattern, CallHandler handler) {
  return {.method = method,
          .pattern = pattern,
          .handler = handler,
          .since = 11,
          .experimental_below = 56};
}

}  // namespace

std::vector<CallRoute> replica_routes() {
  return {since_2_11("GET", "/v2/share-replicas", list_replicas),
          since_2_11("GET", "/v2/share-replicas/detail", list_replicas_detail),
          since_2_11("GET", "/v2/share-replicas/{id}", show_replica),
          since_2_11("POST", "/v2/share-replicas", create_replica),
          since_2_11("DELETE", "/v2/share-replicas/{id}", delete_replica),
          since_2_11("POST", "/v2/share-replicas/{id}/action", act_on_replica)};
}

}  // namespace pasig::http
