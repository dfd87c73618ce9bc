// pasig replica …
#include <boost/json.hpp>

#include "cli/acting.h"
#include "cli/plans.h"
#include "cli/session.h"
#include "cli/sheets.h"

namespace pasig::cli {
namespace {

constexpr const char* k_replicas = "/pasig/v1/replicas";

// The replica after the command, and the operation that works on it when nobody waited.
void show(Session& session, const Done& done) {
  const Json* replica = find(done.answer, "replica");
  session.output().sheet(done.answer, replica_sheet(replica == nullptr ? Json() : *replica));
  const std::string operation = text_at(done.answer, "operation");
  if (!done.is_over && !operation.empty() && !session.output().is_json())
    session.output().note("operation " + operation + " is under way: `pasig operation show " +
                          operation + "`");
}

Deed deed_on(const std::string& replica, const std::string& action) {
  return Deed{.path = path_of("replicas", replica) + "/" + action,
              .what = action + " of replica " + replica,
              .member = "replica",
              .kind = "replicas"};
}

}  // namespace

Answer<void> run(Session& session, const ReplicaAdd& verb) {
  Deed deed{.path = k_replicas,
            .body = {{"share", verb.share}},
            .what = "adding a replica to share " + verb.share,
            .member = "replica",
            .kind = "replicas",
            .goal = Goal::replica_in_sync};
  if (!verb.zone.empty()) deed.body["zone"] = verb.zone;
  if (!verb.host.empty()) deed.body["host"] = verb.host;
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  show(session, done);
  // No pool passed the scheduler: the replica exists, in error, and nothing will happen to it.
  const bool is_broken = text_at(done.answer, "replica.status") == "error";
  if (is_broken && text_at(done.answer, "operation").empty())
    return problem(Exit::failed, "no_valid_host",
                   deed.what + ": " + text_at(done.answer, "replica.note"),
                   "`pasig pool list` shows the pools; remove this replica and try again");
  return {};
}

Answer<void> run(Session& session, const ReplicaList& verb) {
  const std::string query = Query().add("share", verb.share).text();
  PASIG_TRY(auto replicas, session.list(k_replicas + query, "replicas", verb.page));
  session.output().list({replicas, replica_table(replicas), "no replicas"});
  return {};
}

Answer<void> run(Session& session, const ReplicaShow& verb) {
  PASIG_TRY(auto replica, session.get(path_of("replicas", verb.replica)));
  session.output().sheet(replica, replica_sheet(replica));
  return {};
}

Answer<void> run(Session& session, const ReplicaRemove& verb) {
  const Deed deed{.method = "DELETE",
                  .path = path_of("replicas", verb.replica) + (verb.force ? "?force=true" : ""),
                  .what = "removing replica " + verb.replica,
                  .member = "replica",
                  .kind = "replicas",
                  .goal = Goal::gone};
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  const std::string operation = text_at(done.answer, "operation");
  session.output().text(
      done.answer, done.is_over || operation.empty()
                       ? "replica " + verb.replica + " is removed"
                       : "replica " + verb.replica + " is being removed by operation " + operation);
  return {};
}

Answer<void> run(Session& session, const ReplicaSetActive& verb) {
  Deed deed = deed_on(verb.replica, "set-active");
  deed.goal = Goal::operation_over;
  deed.body = {{"mode", verb.mode}, {"accept_older", verb.accept_older}};
  if (verb.quiesce_wait_seconds) deed.body["quiesce_wait_seconds"] = *verb.quiesce_wait_seconds;
  if (verb.dry_run) return show_plan(session, deed, verb.acting);
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  show(session, done);
  return {};
}

Answer<void> run(Session& session, const ReplicaResync& verb) {
  Deed deed = deed_on(verb.replica, "resync");
  deed.goal = Goal::replica_in_sync;
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  show(session, done);
  return {};
}

Answer<void> run(Session& session, const ReplicaResetStatus& verb) {
  Deed deed = deed_on(verb.replica, "reset-status");
  deed.body = {{"status", verb.status}};
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  show(session, done);
  return {};
}

Answer<void> run(Session& session, const ReplicaResetState& verb) {
  Deed deed = deed_on(verb.replica, "reset-state");
  deed.body = {{"state", verb.state}};
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  show(session, done);
  return {};
}

}  // namespace pasig::cli
