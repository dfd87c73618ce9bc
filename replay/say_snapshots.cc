// Snapshots and reverts, in words.
#include "replay/say.h"

namespace pasig::replay {

Clauses said(const std::vector<ReplicaOutcome>& outcomes, const Names& name) {
  Clauses all;
  for (const ReplicaOutcome& one : outcomes)
    if (!one.done) all.push_back(text("not on ", name(one.replica), ": ", said(one.failure)));
  return all;
}

Clauses say(const SnapshotCreationStarted& e, const Names& name) {
  const std::string title =
      text("snapshot ", e.name.empty() ? "" : e.name + " ", "(", e.snapshot, ")");
  Clauses all = {e.managed_path.empty()
                     ? text(title, " was asked for")
                     : text(title, " is to be made of the tree ", e.managed_path)};
  std::vector<std::string> required;
  for (const ReplicaId one : e.required) required.push_back(name(one));
  all.push_back(text("available as a whole when it is on ", joined(required, " and ")));
  if (e.copy_by.is_set()) all.push_back(text("to be there by ", e.copy_by));
  return all;
}
Clauses say(const SnapshotTaken& e, const Names& name) {
  return {text("snapshot ", e.snapshot, " was taken on ", name(e.replica), " as of ", e.taken_at,
               ", ", word(e.consistency)),
          text(counted(e.files, "file", "files"), ", ", bytes_of(e.bytes), ", digest ", e.digest)};
}
Clauses say(const SnapshotCopied& e, const Names& name) {
  return {text("a verified copy of snapshot ", e.snapshot, " is on ", name(e.replica))};
}
Clauses say(const SnapshotCreationFailed& e, const Names&) {
  return {text("snapshot ", e.snapshot, " could not be taken: ", said(e.failure))};
}
Clauses say(const SnapshotCopyOverdue& e, const Names& name) {
  return {text("snapshot ", e.snapshot, " did not reach ", name(e.replica),
               " in time, and waits for it no longer")};
}
Clauses say(const SnapshotCopyLost& e, const Names& name) {
  return {text("the copy of snapshot ", e.snapshot, " on ", name(e.replica), " is lost",
               because(e.words)),
          "it is made again by the next sync"};
}
Clauses say(const SnapshotDeletionStarted& e, const Names&) {
  return {text("deletion of snapshot ", e.snapshot, " on every replica began",
               e.force ? ", by force" : "")};
}
Clauses say(const SnapshotCopyDeleted& e, const Names& name) {
  return {text("snapshot ", e.snapshot, " is gone from ", name(e.replica))};
}
Clauses say(const SnapshotDeletionFailed& e, const Names&) {
  return {text("snapshot ", e.snapshot, " could not be deleted: ", said(e.failure))};
}
Clauses say(const SnapshotDeleted& e, const Names&) {
  return {text("snapshot ", e.snapshot, " was deleted")};
}
Clauses say(const SnapshotStatusReset& e, const Names&) {
  return {text("an administrator reset the status of snapshot ", e.snapshot, " from ", word(e.from),
               " to ", word(e.to))};
}
Clauses say(const SnapshotUnmanageStarted& e, const Names&) {
  return {text("snapshot ", e.snapshot, " is to be given back")};
}
Clauses say(const SnapshotUnmanaged& e, const Names&) {
  return {text("snapshot ", e.snapshot, " was given back; its tree lies at ", e.path)};
}
Clauses say(const SnapshotUnmanageFailed& e, const Names&) {
  return {text("snapshot ", e.snapshot, " could not be given back: ", said(e.failure))};
}
Clauses say(const ShareRevertStarted& e, const Names&) {
  return {text("the share is to go back to snapshot ", e.snapshot)};
}
Clauses say(const ShareReverted& e, const Names& name) {
  return with({text("the share went back to snapshot ", e.snapshot, ", generation ", e.generation),
               "what was written since is gone"},
              said(e.outcomes, name));
}
Clauses say(const ShareRevertFailed& e, const Names&) {
  return {text("the share could not go back to snapshot ", e.snapshot, ": ", said(e.failure))};
}

}  // namespace pasig::replay
