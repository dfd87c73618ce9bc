// pasig pause, pasig resume, pasig replication …, pasig debris …
#include <boost/json.hpp>

#include "cli/acting.h"
#include "cli/session.h"
#include "cli/sheets.h"

namespace pasig::cli {
namespace {

void show_share(Session& session, const Done& done) {
  const Json* share = find(done.answer, "share");
  session.output().sheet(done.answer, share_sheet(share == nullptr ? Json() : *share));
}

std::string pauses_text(const Json& answer) {
  std::string text;
  for (const Json& one : list_at(answer, "paused")) text += printable(text_at(one, "words")) + "\n";
  return text.empty() ? "nothing is paused" : text.substr(0, text.size() - 1);
}

}  // namespace

Answer<void> run(Session& session, const EffectsOrder& verb) {
  Deed deed{.path = "/pasig/v1/effects/" + verb.order, .member = "paused"};
  deed.what = (verb.order == "pause" ? "pausing" : "resuming") + std::string(" work on ");
  if (verb.all) {
    deed.body["all"] = true;
    deed.what += "all storage";
  } else if (!verb.controller.empty()) {
    deed.body["controller"] = verb.controller;
    deed.what += "controller " + verb.controller;
  } else {
    deed.body["share"] = verb.share;
    deed.what += "share " + verb.share;
  }
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  session.output().text(done.answer, pauses_text(done.answer));
  return {};
}

Answer<void> run(Session& session, const ReplicationOrder& verb) {
  const Deed deed{.path = path_of("shares", verb.share) + "/" + verb.order + "-replication",
                  .what = verb.order + " of the replication of share " + verb.share,
                  .member = "share"};
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  show_share(session, done);
  return {};
}

Answer<void> run(Session& session, const DebrisList& verb) {
  const std::string query =
      Query().add("share", verb.share).add("controller", verb.controller).text();
  PASIG_TRY(auto debris, session.list("/pasig/v1/debris" + query, "debris", verb.page));
  session.output().list({debris, debris_table(debris), "no debris"});
  return {};
}

Answer<void> run(Session& session, const DebrisClean& verb) {
  const Deed deed{.path = path_of("shares", verb.share) + "/clean-debris",
                  .what = "cleaning the debris of share " + verb.share,
                  .member = "share"};
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  show_share(session, done);
  return {};
}

Answer<void> run(Session& session, const DebrisForget& verb) {
  const Deed deed{
      .path = path_of("shares", verb.share) + "/forget-debris",
      .body = {{"replica", verb.replica}, {"controller", verb.controller}},
      .what = "forgetting the debris of replica " + verb.replica + " on " + verb.controller,
      .member = "share"};
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  show_share(session, done);
  return {};
}

}  // namespace pasig::cli
