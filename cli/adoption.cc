// pasig manage, pasig unmanage, pasig snapshot manage, pasig snapshot unmanage
#include <boost/json.hpp>

#include "cli/acting.h"
#include "cli/session.h"
#include "cli/sheets.h"

namespace pasig::cli {
namespace {

// One line: it is done, or an operation is at it.
void tell(Session& session, const Done& done, const std::string& is_done,
          const std::string& is_doing) {
  const std::string operation = text_at(done.answer, "operation");
  session.output().text(done.answer, done.is_over || operation.empty()
                                         ? is_done
                                         : is_doing + " by operation " + operation);
}

}  // namespace

Answer<void> run(Session& session, const Manage& verb) {
  Deed deed{.path = "/pasig/v1/shares/manage",
            .body = {{"name", verb.name},
                     {"type", verb.type},
                     {"host", verb.host},
                     {"path", verb.path},
                     {"is_public", verb.is_public}},
            .what = "managing " + verb.path,
            .member = "share",
            .kind = "shares",
            .goal = Goal::share_available};
  if (!verb.protocol.empty()) deed.body["protocol"] = verb.protocol;
  if (!verb.description.empty()) deed.body["description"] = verb.description;
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  const Json* share = find(done.answer, "share");
  session.output().sheet(done.answer, share_sheet(share == nullptr ? Json() : *share));
  return {};
}

Answer<void> run(Session& session, const Unmanage& verb) {
  const Deed deed{.path = path_of("shares", verb.share) + "/unmanage",
                  .what = "unmanaging share " + verb.share,
                  .member = "share",
                  .kind = "shares",
                  .goal = Goal::gone};
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  tell(session, done,
       "share " + verb.share + " is unmanaged; its directory stays: `pasig history " +
           text_at(done.answer, "share.id") + "` says where",
       "share " + verb.share + " is being given back");
  return {};
}

Answer<void> run(Session& session, const SnapshotManage& verb) {
  Deed deed{.path = "/pasig/v1/snapshots/manage",
            .body = {{"share", verb.share}, {"path", verb.path}, {"name", verb.name}},
            .what = "managing " + verb.path + " as a snapshot of share " + verb.share,
            .member = "snapshot",
            .goal = Goal::operation_over};
  if (!verb.description.empty()) deed.body["description"] = verb.description;
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  const std::string id = text_at(done.answer, "snapshot.id");
  tell(session, done, "snapshot " + id + " holds what was at " + verb.path,
       "snapshot " + id + " is being made of " + verb.path);
  return {};
}

Answer<void> run(Session& session, const SnapshotUnmanage& verb) {
  const Deed deed{.path = path_of("snapshots", verb.snapshot) + "/unmanage",
                  .what = "unmanaging snapshot " + verb.snapshot,
                  .member = "snapshot",
                  .goal = Goal::operation_over};
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  tell(session, done,
       "snapshot " + verb.snapshot + " is unmanaged; its directory stays: `pasig history " +
           text_at(done.answer, "snapshot.share.id") + "` says where",
       "snapshot " + verb.snapshot + " is being given back");
  return {};
}

}  // namespace pasig::cli
