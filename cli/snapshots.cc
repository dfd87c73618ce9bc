// pasig snapshot …, and pasig share revert
#include <boost/json.hpp>

#include "cli/acting.h"
#include "cli/session.h"
#include "cli/sheets.h"

namespace pasig::cli {
namespace {

constexpr const char* k_snapshots = "/pasig/v1/snapshots";

// The snapshot after the command, and the operation that works on it when nobody waited.
void show(Session& session, const Done& done) {
  const Json* snapshot = find(done.answer, "snapshot");
  session.output().sheet(done.answer, snapshot_sheet(snapshot == nullptr ? Json() : *snapshot));
  const std::string operation = text_at(done.answer, "operation");
  if (!done.is_over && !operation.empty() && !session.output().is_json())
    session.output().note("operation " + operation + " is under way: `pasig operation show " +
                          operation + "`");
}

}  // namespace

Answer<void> run(Session& session, const SnapshotCreate& verb) {
  PASIG_TRY(auto metadata, pairs_of(verb.metadata, "--metadata"));
  Deed deed{.path = k_snapshots,
            .body = {{"share", verb.share}, {"name", verb.name}},
            .what = "taking a snapshot of share " + verb.share,
            .member = "snapshot",
            .kind = "snapshots",
            .goal = Goal::share_available};
  if (!verb.description.empty()) deed.body["description"] = verb.description;
  if (!metadata.empty()) deed.body["metadata"] = std::move(metadata);
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  show(session, done);
  return {};
}

Answer<void> run(Session& session, const SnapshotList& verb) {
  const std::string query = Query().add("share", verb.share).text();
  PASIG_TRY(auto snapshots, session.list(k_snapshots + query, "snapshots", verb.page));
  session.output().list({snapshots, snapshot_table(snapshots), "no snapshots"});
  return {};
}

Answer<void> run(Session& session, const SnapshotShow& verb) {
  PASIG_TRY(auto snapshot, session.get(path_of("snapshots", verb.snapshot)));
  session.output().sheet(snapshot, snapshot_sheet(snapshot));
  return {};
}

Answer<void> run(Session& session, const SnapshotDelete& verb) {
  const Deed deed{.method = "DELETE",
                  .path = path_of("snapshots", verb.snapshot) + (verb.force ? "?force=true" : ""),
                  .what = "deleting snapshot " + verb.snapshot,
                  .member = "snapshot",
                  .kind = "snapshots",
                  .goal = Goal::gone};
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  const std::string operation = text_at(done.answer, "operation");
  session.output().text(done.answer, done.is_over || operation.empty()
                                         ? "snapshot " + verb.snapshot + " is deleted"
                                         : "snapshot " + verb.snapshot +
                                               " is being deleted by operation " + operation);
  return {};
}

Answer<void> run(Session& session, const SnapshotResetStatus& verb) {
  const Deed deed{.path = path_of("snapshots", verb.snapshot) + "/reset-status",
                  .body = {{"status", verb.status}},
                  .what = "reset-status of snapshot " + verb.snapshot,
                  .member = "snapshot",
                  .kind = "snapshots"};
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  show(session, done);
  return {};
}

Answer<void> run(Session& session, const ShareRevert& verb) {
  const Deed deed{.path = path_of("shares", verb.share) + "/revert",
                  .body = {{"snapshot", verb.snapshot}},
                  .what = "taking share " + verb.share + " back to snapshot " + verb.snapshot,
                  .member = "share",
                  .kind = "shares",
                  .goal = Goal::operation_over};
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  const Json* share = find(done.answer, "share");
  session.output().sheet(done.answer, share_sheet(share == nullptr ? Json() : *share));
  return {};
}

}  // namespace pasig::cli
