// pasig share …
#include <boost/json.hpp>

#include "cli/acting.h"
#include "cli/session.h"
#include "cli/sheets.h"

namespace pasig::cli {
namespace {

struct Resize {
  std::string action;  // extend, shrink
  std::string share;
  std::uint64_t size_gb = 0;
  bool force = false;
};

Answer<void> resize(Session& session, const Resize& wanted, const Acting& acting) {
  Deed deed{.path = path_of("shares", wanted.share) + "/" + wanted.action,
            .body = {{"size_gb", wanted.size_gb}},
            .what = wanted.action + " of share " + wanted.share + " to " +
                    std::to_string(wanted.size_gb) + " GiB",
            .member = "share",
            .kind = "shares",
            .goal = Goal::operation_over};
  if (wanted.force) deed.body["force"] = true;
  PASIG_TRY(auto done, act(session, deed, acting));
  const Json* share = find(done.answer, "share");
  session.output().sheet(done.answer, share_sheet(share == nullptr ? Json() : *share));
  return {};
}

}  // namespace

Answer<void> run(Session& session, const ShareCreate& verb) {
  PASIG_TRY(auto metadata, pairs_of(verb.metadata, "--metadata"));
  Deed deed{.path = "/pasig/v1/shares",
            .body = {{"name", verb.name}},
            .what = "creating share " + verb.name,
            .member = "share",
            .kind = "shares",
            .goal = Goal::share_available};
  if (verb.type.empty() && verb.snapshot.empty())
    return problem(Exit::usage, "usage", "--type is missing",
                   "a share of a snapshot (--snapshot) needs none; see pasig type list");
  if (!verb.type.empty()) deed.body["type"] = verb.type;
  if (!verb.snapshot.empty()) deed.body["snapshot"] = verb.snapshot;
  if (verb.size_gb || verb.snapshot.empty()) deed.body["size_gb"] = verb.size_gb.value_or(1);
  if (!verb.protocol.empty()) deed.body["protocol"] = verb.protocol;
  if (!verb.zone.empty()) deed.body["zone"] = verb.zone;
  if (!verb.host.empty()) deed.body["host"] = verb.host;
  if (!verb.description.empty()) deed.body["description"] = verb.description;
  if (!metadata.empty()) deed.body["metadata"] = std::move(metadata);
  if (verb.is_public) deed.body["is_public"] = true;
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  const Json* share = find(done.answer, "share");
  session.output().sheet(done.answer, share_sheet(share == nullptr ? Json() : *share));
  return {};
}

Answer<void> run(Session& session, const ShareList& verb) {
  PASIG_TRY(auto shares, session.list("/pasig/v1/shares", "shares", verb.page));
  session.output().list({shares, share_table(shares), "no shares"});
  return {};
}

Answer<void> run(Session& session, const ShareShow& verb) {
  PASIG_TRY(auto share, session.get(path_of("shares", verb.share)));
  session.output().sheet(share, share_sheet(share));
  return {};
}

Answer<void> run(Session& session, const ShareDelete& verb) {
  const Deed deed{.method = "DELETE",
                  .path = path_of("shares", verb.share) + (verb.force ? "?force=true" : ""),
                  .what = "deleting share " + verb.share,
                  .member = "share",
                  .kind = "shares",
                  .goal = Goal::gone};
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  const std::string operation = text_at(done.answer, "operation");
  session.output().text(
      done.answer, done.is_over || operation.empty()
                       ? "share " + verb.share + " is deleted"
                       : "share " + verb.share + " is being deleted by operation " + operation);
  return {};
}

Answer<void> run(Session& session, const ShareExtend& verb) {
  return resize(session, {"extend", verb.share, verb.size_gb, verb.force}, verb.acting);
}

Answer<void> run(Session& session, const ShareShrink& verb) {
  return resize(session, {"shrink", verb.share, verb.size_gb}, verb.acting);
}

Answer<void> run(Session& session, const ShareResetStatus& verb) {
  const Deed deed{.path = path_of("shares", verb.share) + "/reset-status",
                  .what = "resetting the status of share " + verb.share,
                  .member = "share",
                  .kind = "shares"};
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  const Json* share = find(done.answer, "share");
  session.output().sheet(done.answer, share_sheet(share == nullptr ? Json() : *share));
  return {};
}

}  // namespace pasig::cli
