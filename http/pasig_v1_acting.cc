// POST and DELETE of types, shares, replicas and operations.
#include <algorithm>

#include "http/pasig_v1_commands.h"
#include "http/pasig_v1_plans.h"
#include "http/pasig_v1_views.h"

namespace pasig::http::v1 {
namespace json = boost::json;
namespace {

constexpr std::int64_t k_number_max = 0xFFFFFFFF;

bool has_spec(const std::vector<KeyValue>& specs, std::string_view key) {
  return std::any_of(specs.begin(), specs.end(),
                     [&](const KeyValue& one) { return one.key == key; });
}

// The fields of their own are extra specs in the end; one that is given both ways is refused by
// the command, which knows no key twice.
Checked<std::vector<KeyValue>> specs_of(const Fields& fields) {
  PASIG_TRY(auto specs, fields.pairs("extra_specs", true));
  PASIG_TRY(const auto replication, fields.text("replication"));
  PASIG_TRY(const auto rpo, fields.integer("rpo_seconds", 1, k_number_max));
  PASIG_TRY(const auto interval, fields.integer("sync_interval_seconds", 1, k_number_max));
  if (replication && *replication != "none") specs.push_back({"replication_type", *replication});
  if (rpo) specs.push_back({"pasig:rpo_seconds", std::to_string(*rpo)});
  if (interval) specs.push_back({"pasig:sync_interval_seconds", std::to_string(*interval)});
  // Manila's types have to say it; here nothing else is possible.
  if (!has_spec(specs, "driver_handles_share_servers"))
    specs.push_back({"driver_handles_share_servers", "False"});
  return specs;
}

Answer create_type(const Call& call) {
  PASIG_TRY(const json::object body, parse_body(call.request));
  const Fields fields(body, "");
  PASIG_CHECK(fields.only({"name", "description", "is_public", "replication", "rpo_seconds",
                           "sync_interval_seconds", "extra_specs"}));
  CreateShareType command;
  PASIG_TRY(const auto name, fields.text("name", {.length_min = 1}));
  if (!name) return problem({.code = "bad_request", .message = "'name' is missing"});
  command.name = *name;
  PASIG_TRY(const auto description, fields.text("description"));
  command.description = description.value_or("");
  PASIG_TRY(const auto is_public, fields.boolean("is_public"));
  command.is_public = is_public.value_or(true);
  PASIG_TRY(command.extra_specs, specs_of(fields));
  PASIG_TRY(const auto outcome, submit(call, std::move(command)));
  json::value view;
  const Call now = after(call);
  if (const auto* created = find_event<ShareTypeCreated>(outcome))
    if (const auto type = now.view->share_type(created->type)) view = type_view(*type);
  return accepted(outcome, "type", std::move(view));
}

Answer delete_type(const Call& call) {
  PASIG_TRY(const ShareType type, find_type(call, call.request.parameter("type")));
  PASIG_TRY(const auto outcome, submit(call, DeleteShareType{type.id}));
  return accepted(outcome, "type", type_view(type));
}

Checked<ShareTypeId> type_of(const Call& call, const Fields& fields) {
  PASIG_TRY(const auto named, fields.text("type"));
  const std::string name = named.value_or(call.service.options.default_share_type);
  if (name.empty())
    return problem({.code = "bad_request",
                    .message = "'type' is missing, and pasigd has no default share type",
                    .hint = "`pasig type list` shows which there are"});
  PASIG_TRY(const ShareType type, find_type(call, name));
  return type.id;
}

// Of a snapshot: type and size are its share's and its own, unless they are given too.
Checked<void> read_source(const Call& call, const Fields& fields, CreateShare& command) {
  PASIG_TRY(const auto text, fields.text("snapshot"));
  if (!text) return {};
  PASIG_TRY(const SnapshotPlace source, find_snapshot(call, *text));
  command.source_snapshot = source.id;
  command.type = source.share.type;
  command.size_gb = source.snapshot().size_gb;
  return {};
}

Answer create_share(const Call& call) {
  PASIG_TRY(const json::object body, parse_body(call.request));
  const Fields fields(body, "");
  PASIG_CHECK(fields.only({"name", "description", "type", "size_gb", "protocol", "zone", "host",
                           "is_public", "metadata", "snapshot"}));
  CreateShare command;
  PASIG_TRY(const auto name, fields.text("name"));
  command.name = name.value_or("");
  PASIG_TRY(const auto description, fields.text("description"));
  command.description = description.value_or("");
  PASIG_CHECK(read_source(call, fields, command));
  if (fields.has("type") || command.source_snapshot.is_nil()) {
    PASIG_TRY(command.type, type_of(call, fields));
  }
  PASIG_TRY(const auto size, fields.integer("size_gb", 1, k_number_max));
  if (!size && command.size_gb == 0)
    return problem({.code = "bad_request", .message = "'size_gb' is missing"});
  if (size) command.size_gb = static_cast<std::uint64_t>(*size);
  PASIG_TRY(const auto protocol, fields.text("protocol", {.length_min = 1}));
  command.protocol = protocol.value_or("NFS");
  PASIG_TRY(const auto zone, fields.text("zone"));
  command.zone = zone.value_or("");
  PASIG_TRY(const auto host, fields.text("host"));
  command.only_host = host.value_or("");
  PASIG_TRY(const auto is_public, fields.boolean("is_public"));
  command.is_public = is_public.value_or(false);
  PASIG_TRY(command.metadata, fields.pairs("metadata", false));
  PASIG_TRY(const auto outcome, submit(call, std::move(command)));
  const auto* created = find_event<ShareCreated>(outcome);
  return accepted(outcome, "share",
                  created == nullptr ? json::value() : share_now(call, created->share, nullptr));
}

Answer delete_share(const Call& call) {
  PASIG_CHECK(only_query(call.request, {"force"}));
  PASIG_TRY(const bool force, query_flag(call.request, "force"));
  PASIG_TRY(const Share share, find_share(call, call.request.parameter("share")));
  PASIG_TRY(const auto outcome, submit(call, DeleteShare{share.id, force}));
  return accepted(outcome, "share", share_now(call, share.id, share_view(call, share)));
}

Answer add_replica(const Call& call) {
  PASIG_TRY(const json::object body, parse_body(call.request));
  const Fields fields(body, "");
  PASIG_CHECK(fields.only({"share", "zone", "host"}));
  PASIG_TRY(const auto name, fields.text("share"));
  if (!name) return problem({.code = "bad_request", .message = "'share' is missing"});
  PASIG_TRY(const auto zone, fields.text("zone"));
  PASIG_TRY(const auto host, fields.text("host"));
  PASIG_TRY(const Share share, find_share(call, *name));
  PASIG_TRY(const auto outcome,
            submit(call, AddReplica{share.id, zone.value_or(""), host.value_or("")}));
  std::optional<ReplicaId> id;
  if (const auto* started = find_event<ReplicaAddStarted>(outcome)) id = started->replica;
  if (const auto* failed = find_event<ReplicaPlacementFailed>(outcome)) id = failed->replica;
  return accepted(outcome, "replica", id ? replica_now(call, *id, nullptr) : json::value());
}

// Every verb on one replica: the command is made of its id and the body.
template <class Make>
Answer on_replica(const Call& call, const std::vector<std::string_view>& names, Make make) {
  PASIG_TRY(const json::object body, optional_body(call.request));
  const Fields fields(body, "");
  PASIG_CHECK(fields.only(names));
  PASIG_TRY(const ReplicaPlace place, find_replica(call, call.request.parameter("replica")));
  const json::value before = replica_view(call, place.share, place.replica());
  PASIG_TRY(Command command, make(place.id, fields));
  PASIG_TRY(const auto outcome, submit(call, std::move(command)));
  return accepted(outcome, "replica", replica_now(call, place.id, before));
}

// A field that has to be one of an enumeration's words.
template <class E>
Checked<E> word_in(const Fields& fields, std::string_view name, std::optional<E> fallback) {
  PASIG_TRY(const auto text, fields.text(name));
  if (!text && fallback) return *fallback;
  if (!text)
    return problem({.code = "bad_request", .message = "'" + std::string(name) + "' is missing"});
  if (const auto value = parse_word<E>(*text)) return *value;
  std::string known;
  for (int i = static_cast<int>(E::MIN); i <= static_cast<int>(E::MAX); ++i)
    known += (known.empty() ? "" : ", ") + std::string(word(static_cast<E>(i)));
  return problem({.code = "bad_request",
                  .message = "'" + std::string(name) + "' is '" + *text + "'; it can be " + known});
}

Answer remove_replica(const Call& call) {
  PASIG_CHECK(only_query(call.request, {"force"}));
  PASIG_TRY(const bool force, query_flag(call.request, "force"));
  return on_replica(call, {}, [&](ReplicaId id, const Fields&) -> Checked<Command> {
    return RemoveReplica{id, force};
  });
}

Checked<SetActiveReplica> change_of(ReplicaId id, const Fields& fields) {
  SetActiveReplica command{.replica = id};
  PASIG_TRY(command.mode, word_in<ChangeMode>(fields, "mode", ChangeMode::auto_));
  PASIG_TRY(const auto wait, fields.integer("quiesce_wait_seconds", 0, 24 * 3600));
  command.quiesce_wait_seconds = static_cast<std::uint32_t>(wait.value_or(0));
  PASIG_TRY(const auto older, fields.boolean("accept_older"));
  command.accept_older = older.value_or(false);
  return command;
}

Answer set_active(const Call& call) {
  PASIG_TRY(const json::object body, optional_body(call.request));
  const Fields fields(body, "");
  PASIG_TRY(const auto dry_run, fields.boolean("dry_run"));
  if (!dry_run.value_or(false))
    return on_replica(call, {"mode", "quiesce_wait_seconds", "accept_older", "dry_run"},
                      [](ReplicaId id, const Fields& given) -> Checked<Command> {
                        PASIG_TRY(const auto command, change_of(id, given));
                        return command;
                      });
  PASIG_CHECK(fields.only({"mode", "quiesce_wait_seconds", "accept_older", "dry_run"}));
  PASIG_TRY(const ReplicaPlace place, find_replica(call, call.request.parameter("replica")));
  PASIG_TRY(const SetActiveReplica command, change_of(place.id, fields));
  return show_plan(call, command);
}

Answer resync(const Call& call) {
  return on_replica(
      call, {}, [](ReplicaId id, const Fields&) -> Checked<Command> { return ResyncReplica{id}; });
}

Answer reset_status(const Call& call) {
  return on_replica(call, {"status"}, [](ReplicaId id, const Fields& fields) -> Checked<Command> {
    PASIG_TRY(const auto status, word_in<ReplicaStatus>(fields, "status", std::nullopt));
    return ResetReplicaStatus{id, status};
  });
}

Answer reset_state(const Call& call) {
  return on_replica(call, {"state"}, [](ReplicaId id, const Fields& fields) -> Checked<Command> {
    PASIG_TRY(const auto state, word_in<ReplicaState>(fields, "state", std::nullopt));
    return ResetReplicaState{id, state};
  });
}

Answer cancel_operation(const Call& call) {
  PASIG_TRY(const json::object body, optional_body(call.request));
  PASIG_CHECK(Fields(body, "").only({}));
  PASIG_TRY(const Operation operation, find_operation(call, call.request.parameter("operation")));
  PASIG_TRY(const auto outcome, submit(call, CancelOperation{operation.id}));
  const Call now = after(call);
  const auto found = now.view->operation(operation.id);
  const json::value view = operation_view(now, found ? *found : operation);
  return accepted(outcome, "operation_view", view);
}

}  // namespace

std::vector<RouteEntry> acting_routes() {
  return {{"POST", "/pasig/v1/types", create_type},
          {"DELETE", "/pasig/v1/types/{type}", delete_type},
          {"POST", "/pasig/v1/shares", create_share},
          {"DELETE", "/pasig/v1/shares/{share}", delete_share},
          {"POST", "/pasig/v1/replicas", add_replica},
          {"DELETE", "/pasig/v1/replicas/{replica}", remove_replica},
          {"POST", "/pasig/v1/replicas/{replica}/set-active", set_active},
          {"POST", "/pasig/v1/replicas/{replica}/resync", resync},
          {"POST", "/pasig/v1/replicas/{replica}/reset-status", reset_status},
          {"POST", "/pasig/v1/replicas/{replica}/reset-state", reset_state},
          {"POST", "/pasig/v1/operations/{operation}/cancel", cancel_operation}};
}

}  // namespace pasig::http::v1
