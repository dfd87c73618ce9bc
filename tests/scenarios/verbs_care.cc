// Trees that existed before, scrubs and damage, and data kept aside.
#include "tests/scenarios/verbs.h"

namespace pasig::scenario {
namespace {

// The first pool of that controller, as its worker reports it.
std::string host_on(const std::string& controller) {
  return "pasig@" + controller + "#" + controller;
}

Result<void> put_tree(Stage& stage, const Statement& statement) {
  PASIG_TRY(const std::uint64_t bytes, number_option(statement, "bytes", 1));
  stage.storage->add_tree(statement.arguments[0], statement.arguments[1], bytes);
  return {};
}

Result<void> show_tree(Stage& stage, const Statement& statement) {
  const auto tree = stage.storage->tree(statement.arguments[0], statement.arguments[1]);
  const std::string name = statement.arguments[1] + " on " + statement.arguments[0];
  stage.say(tree ? name + ": " + std::to_string(tree->bytes) + " bytes" : name + ": no tree");
  return {};
}

Result<void> manage(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ShareTypeId type, type_for(stage, statement.option("type")));
  const std::string id = id_of(stage, statement);
  stage.names.bind(statement.arguments[0], derived_uuid(id, 0));
  stage.names.bind(statement.arguments[1], derived_uuid(id, 1));
  return ask(stage, statement, id,
             ManageShare{.name = statement.arguments[0],
                         .protocol = "NFS",
                         .type = type,
                         .host = host_on(statement.arguments[2]),
                         .path = statement.arguments[3]});
}

Result<void> unmanage(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ShareId share, stage.names.find<ShareId>(statement.arguments[0]));
  return ask(stage, statement, id_of(stage, statement), UnmanageShare{share});
}

Result<void> manage_snapshot(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ShareId share, stage.names.find<ShareId>(statement.arguments[0]));
  const std::string id = id_of(stage, statement);
  stage.names.bind(statement.arguments[1], derived_uuid(id, 0));
  return ask(stage, statement, id,
             ManageSnapshot{
                 .share = share, .name = statement.arguments[1], .path = statement.arguments[2]});
}

Result<void> unmanage_snapshot(Stage& stage, const Statement& statement) {
  PASIG_TRY(const SnapshotId snapshot, stage.names.find<SnapshotId>(statement.arguments[0]));
  return ask(stage, statement, id_of(stage, statement), UnmanageSnapshot{snapshot});
}

Result<void> verify(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ReplicaId replica, stage.names.find<ReplicaId>(statement.arguments[0]));
  return ask(stage, statement, id_of(stage, statement), VerifyReplica{replica});
}

Result<void> damage(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ReplicaId replica, stage.names.find<ReplicaId>(statement.arguments[0]));
  if (!stage.storage->damage(replica))
    stage.say(statement.arguments[0] + " has nothing that could be damaged");
  return {};
}

// What is kept of that replica.
Result<AsideData> kept_of(const Stage& stage, const Statement& statement) {
  PASIG_TRY(const ShareId id, stage.names.find<ShareId>(statement.arguments[0]));
  PASIG_TRY(const ReplicaId replica, stage.names.find<ReplicaId>(statement.arguments[1]));
  PASIG_TRY(const Node* node, stage.first_alive());
  if (const auto share = node->store().view()->share(id))
    for (const AsideData& one : share->aside)
      if (one.replica == replica) return one;
  return fail(ErrorCode::invalid, "nothing is kept aside of " + statement.arguments[1]);
}

Result<void> delete_aside(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ShareId share, stage.names.find<ShareId>(statement.arguments[0]));
  PASIG_TRY(const AsideData kept, kept_of(stage, statement));
  return ask(stage, statement, id_of(stage, statement),
             DeleteAside{share, kept.controller, kept.path});
}

Result<void> restore_aside(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ShareId share, stage.names.find<ShareId>(statement.arguments[0]));
  PASIG_TRY(const AsideData kept, kept_of(stage, statement));
  return ask(stage, statement, id_of(stage, statement),
             RestoreAside{share, kept.controller, kept.path, statement.arguments[2]});
}

}  // namespace

void add_care_verbs(Verbs& verbs) {
  verbs["put-tree"] = {"CONTROLLER PATH bytes=N", put_tree};
  verbs["show-tree"] = {"CONTROLLER PATH", show_tree};
  verbs["damage"] = {"REPLICA", damage};
  const auto add = [&](const std::string& name, const std::string& usage, auto act) {
    verbs[name] = {usage + k_common_options, act};
  };
  add("manage", "SHARE REPLICA CONTROLLER PATH type=NAME", manage);
  add("unmanage", "SHARE", unmanage);
  add("manage-snapshot", "SHARE SNAPSHOT PATH", manage_snapshot);
  add("unmanage-snapshot", "SNAPSHOT", unmanage_snapshot);
  add("verify", "REPLICA", verify);
  add("delete-aside", "SHARE REPLICA", delete_aside);
  add("restore-aside", "SHARE REPLICA TO", restore_aside);
}

}  // namespace pasig::scenario
