// Snapshots: what people ask for, what storage and the log hold of them.
#include "tests/scenarios/verbs.h"

namespace pasig::scenario {
namespace {

Result<void> snapshot(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ShareId share, stage.names.find<ShareId>(statement.arguments[0]));
  const std::string id = id_of(stage, statement);
  stage.names.bind(statement.arguments[1], derived_uuid(id, 0));
  return ask(stage, statement, id, CreateSnapshot{.share = share, .name = statement.arguments[1]});
}

Result<void> delete_snapshot(Stage& stage, const Statement& statement) {
  PASIG_TRY(const SnapshotId id, stage.names.find<SnapshotId>(statement.arguments[0]));
  return ask(stage, statement, id_of(stage, statement),
             DeleteSnapshot{id, statement.option("force") == "yes"});
}

Result<void> reset_snapshot(Stage& stage, const Statement& statement) {
  PASIG_TRY(const SnapshotId id, stage.names.find<SnapshotId>(statement.arguments[0]));
  PASIG_TRY(const SnapshotStatus to, stored_word<SnapshotStatus>(statement.arguments[1]));
  return ask(stage, statement, id_of(stage, statement), ResetSnapshotStatus{id, to});
}

Result<void> revert(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ShareId share, stage.names.find<ShareId>(statement.arguments[0]));
  PASIG_TRY(const SnapshotId id, stage.names.find<SnapshotId>(statement.arguments[1]));
  return ask(stage, statement, id_of(stage, statement), RevertShare{share, id});
}

// Of the type and size of what it is made of.
Result<void> share_from_snapshot(Stage& stage, const Statement& statement) {
  PASIG_TRY(const SnapshotId source, stage.names.find<SnapshotId>(statement.arguments[2]));
  PASIG_TRY(const Node* node, stage.first_alive());
  const auto view = node->store().view();
  const auto share_id = view->share_of(source);
  const auto share = share_id ? view->share(*share_id) : std::nullopt;
  if (!share) return fail(ErrorCode::invalid, statement.arguments[2] + " is gone");
  const std::string id = id_of(stage, statement);
  stage.names.bind(statement.arguments[0], derived_uuid(id, 0));
  stage.names.bind(statement.arguments[1], derived_uuid(id, 1));
  return ask(stage, statement, id,
             CreateShare{.name = statement.arguments[0],
                         .protocol = "NFS",
                         .size_gb = share->find(source)->size_gb,
                         .type = share->type,
                         .zone = statement.option("zone"),
                         .source_snapshot = source});
}

Result<void> show_snapshots(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ShareId id, stage.names.find<ShareId>(statement.arguments[0]));
  PASIG_TRY(const Node* node, stage.first_alive());
  const auto share = node->store().view()->share(id);
  if (!share) return fail(ErrorCode::invalid, statement.arguments[0] + " is gone");
  if (share->snapshots.empty()) stage.say("no snapshots");
  for (const Snapshot& one : share->snapshots) {
    stage.say(stage.names.of(one.id.uuid) + " " + std::string(word(status_of(one))) +
              (one.digest.empty() ? "" : ", as of " + told(one.taken_at)));
    for (const SnapshotCopy& copy : one.copies) {
      const auto stored = stage.storage->look(copy.replica);
      const bool is_there = stored && stored->snapshots.contains(one.id);
      stage.say("  " + stage.names.of(copy.replica.uuid) + " " + std::string(word(copy.status)) +
                (copy.required ? ", required" : "") +
                (is_there ? ", " + std::to_string(stored->snapshots.at(one.id).tree.version) +
                                " writes on storage"
                          : ", nothing on storage") +
                (copy.note.empty() ? "" : ", " + stage.names.told(copy.note)));
    }
  }
  return {};
}

}  // namespace

void add_snapshot_verbs(Verbs& verbs) {
  const auto add = [&](const std::string& name, const std::string& usage, auto act) {
    verbs[name] = {usage + k_common_options, act};
  };
  add("snapshot", "SHARE SNAPSHOT", snapshot);
  add("delete-snapshot", "SNAPSHOT force=yes", delete_snapshot);
  add("reset-snapshot", "SNAPSHOT STATUS", reset_snapshot);
  add("revert", "SHARE SNAPSHOT", revert);
  add("share-from-snapshot", "SHARE REPLICA SNAPSHOT zone=ZONE", share_from_snapshot);
  verbs["snapshots"] = {"SHARE", show_snapshots};
}

}  // namespace pasig::scenario
