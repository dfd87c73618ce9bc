// What people ask for. Everyone is an admin of project "lab" but for as=NAME, who is a plain
// user of it. An id that is given once more is the same command again.
#include "tests/scenarios/verbs.h"

namespace pasig::scenario {

const char k_common_options[] = " as=NAME id=ID on=NODE reason=WORDS";

std::string id_of(Stage& stage, const Statement& statement) {
  const std::string given = statement.option("id");
  return given.empty() ? stage.command_id(statement.text()) : given;
}

Result<ShareTypeId> type_for(Stage& stage, const std::string& name) {
  PASIG_TRY(const Node* node, stage.first_alive());
  const auto types = node->store().view()->share_types();
  const ShareType* newest = nullptr;
  for (const ShareType& one : types)
    if (name.empty() ? newest == nullptr || one.created_at >= newest->created_at : one.name == name)
      newest = &one;
  if (newest != nullptr) return newest->id;
  return fail(ErrorCode::invalid, "there is no share type " + name, "create-type readable");
}

namespace {

Result<void> submit(Stage& stage, const Statement& statement, const std::string& id,
                    Command command) {
  const std::string user = statement.option("as");
  const bool is_admin = user.empty() || user == "admin";
  return stage.submit(statement.option("on"), {.command = std::move(command),
                                               .actor = {.kind = ActorKind::local,
                                                         .name = is_admin ? "admin" : user,
                                                         .project = "lab",
                                                         .admin = is_admin},
                                               .command_id = id,
                                               .reason = statement.option("reason")});
}

Result<void> create_type(Stage& stage, const Statement& statement) {
  CreateShareType command{.name = statement.arguments[0]};
  const std::string given = statement.option("replication");
  const std::string replication = given.empty() ? command.name : given;
  PASIG_CHECK(stored_word<ReplicationType>(replication).map([](auto) {}));
  if (replication != "none") command.extra_specs.push_back({"replication_type", replication});
  command.extra_specs.push_back({"driver_handles_share_servers", "false"});
  PASIG_TRY(const std::uint64_t rpo, number_option(statement, "rpo", 0));
  if (rpo > 0) command.extra_specs.push_back({"pasig:rpo_seconds", std::to_string(rpo)});
  PASIG_TRY(const std::uint64_t interval, number_option(statement, "sync", 0));
  if (interval > 0)
    command.extra_specs.push_back({"pasig:sync_interval_seconds", std::to_string(interval)});
  return submit(stage, statement, id_of(stage, statement), command);
}

Result<void> create_share(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ShareTypeId type, type_for(stage, statement.option("type")));
  PASIG_TRY(const std::uint64_t size, number_option(statement, "size", 1));
  const std::string id = id_of(stage, statement);
  stage.names.bind(statement.arguments[0], derived_uuid(id, 0));
  stage.names.bind(statement.arguments[1], derived_uuid(id, 1));
  return submit(stage, statement, id,
                CreateShare{.name = statement.arguments[0],
                            .protocol = "NFS",
                            .size_gb = size,
                            .type = type,
                            .zone = statement.option("zone")});
}

Result<void> add_replica(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ShareId share, stage.names.find<ShareId>(statement.arguments[0]));
  const std::string id = id_of(stage, statement);
  stage.names.bind(statement.arguments[1], derived_uuid(id, 0));
  return submit(stage, statement, id, AddReplica{.share = share, .zone = statement.option("zone")});
}

Result<void> set_active(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ReplicaId replica, stage.names.find<ReplicaId>(statement.arguments[0]));
  const std::string mode = statement.option("mode");
  PASIG_TRY(const ChangeMode parsed, stored_word<ChangeMode>(mode.empty() ? "auto" : mode));
  return submit(stage, statement, id_of(stage, statement),
                SetActiveReplica{.replica = replica,
                                 .mode = parsed,
                                 .accept_older = statement.option("accept-older") == "yes"});
}

Result<void> reset_status(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ReplicaId replica, stage.names.find<ReplicaId>(statement.arguments[0]));
  PASIG_TRY(const ReplicaStatus status, stored_word<ReplicaStatus>(statement.arguments[1]));
  return submit(stage, statement, id_of(stage, statement), ResetReplicaStatus{replica, status});
}

Result<void> reset_state(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ReplicaId replica, stage.names.find<ReplicaId>(statement.arguments[0]));
  PASIG_TRY(const ReplicaState state, stored_word<ReplicaState>(statement.arguments[1]));
  return submit(stage, statement, id_of(stage, statement), ResetReplicaState{replica, state});
}

bool is_forced(const Statement& statement) { return statement.option("force") == "yes"; }

}  // namespace

Result<void> ask(Stage& stage, const Statement& statement, const std::string& id, Command command) {
  return submit(stage, statement, id, std::move(command));
}

void add_client_verbs(Verbs& verbs) {
  const auto add = [&](const std::string& name, const std::string& usage, auto act) {
    verbs[name] = {usage + k_common_options, act};
  };
  add("create-type", "NAME replication=WORD rpo=SECONDS sync=SECONDS", create_type);
  add("delete-type", "NAME", [](Stage& stage, const Statement& statement) -> Result<void> {
    PASIG_TRY(const ShareTypeId type, type_for(stage, statement.arguments[0]));
    return submit(stage, statement, id_of(stage, statement), DeleteShareType{type});
  });
  add("create-share", "SHARE REPLICA type=NAME size=GB zone=ZONE", create_share);
  add("delete-share", "SHARE force=yes",
      [](Stage& stage, const Statement& statement) -> Result<void> {
        PASIG_TRY(const ShareId share, stage.names.find<ShareId>(statement.arguments[0]));
        return submit(stage, statement, id_of(stage, statement),
                      DeleteShare{share, is_forced(statement)});
      });
  add("add-replica", "SHARE REPLICA zone=ZONE", add_replica);
  add("remove-replica", "REPLICA force=yes",
      [](Stage& stage, const Statement& statement) -> Result<void> {
        PASIG_TRY(const ReplicaId replica, stage.names.find<ReplicaId>(statement.arguments[0]));
        return submit(stage, statement, id_of(stage, statement),
                      RemoveReplica{replica, is_forced(statement)});
      });
  add("set-active", "REPLICA mode=WORD accept-older=yes", set_active);
  add("resync", "REPLICA", [](Stage& stage, const Statement& statement) -> Result<void> {
    PASIG_TRY(const ReplicaId replica, stage.names.find<ReplicaId>(statement.arguments[0]));
    return submit(stage, statement, id_of(stage, statement), ResyncReplica{replica});
  });
  add("reset-status", "REPLICA STATUS", reset_status);
  add("reset-state", "REPLICA STATE", reset_state);
  add("cancel", "OPERATION", [](Stage& stage, const Statement& statement) -> Result<void> {
    PASIG_TRY(const OperationId operation, stage.names.find<OperationId>(statement.arguments[0]));
    return submit(stage, statement, id_of(stage, statement), CancelOperation{operation});
  });
}

}  // namespace pasig::scenario
