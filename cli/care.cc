// pasig replica verify, pasig replica aside …
#include <boost/json.hpp>

#include "cli/acting.h"
#include "cli/session.h"
#include "cli/sheets.h"

namespace pasig::cli {
namespace {

constexpr const char* k_aside = "/pasig/v1/aside";

std::string place_of(const std::string& controller, const std::string& path) {
  return controller + ":" + path;
}

// What was found, when it is known.
Answer<void> judge(const Done& done, const std::string& replica) {
  const std::uint64_t damaged = number_at(done.answer, "replica.damaged").value_or(0);
  if (!done.is_over || damaged == 0) return {};
  std::string good;
  for (const Json& one : list_at(done.answer, "replica.good_copies"))
    good += (good.empty() ? "" : ", ") + text_of(one);
  return problem(Exit::failed, "damaged",
                 "verifying replica " + replica + ": " + std::to_string(damaged) +
                     " damaged files are not repaired" +
                     (good.empty() ? "" : "; good copies are on " + good),
                 "see `pasig why " + replica + "`");
}

}  // namespace

Answer<void> run(Session& session, const ReplicaVerify& verb) {
  const Deed deed{.path = path_of("replicas", verb.replica) + "/verify",
                  .what = "verifying replica " + verb.replica,
                  .member = "replica",
                  .kind = "replicas",
                  .goal = Goal::replica_verified};
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  const Json* replica = find(done.answer, "replica");
  session.output().sheet(done.answer, replica_sheet(replica == nullptr ? Json() : *replica));
  if (!done.is_over && !session.output().is_json())
    session.output().note("it is being read: `pasig replica show " + verb.replica + "`");
  return judge(done, verb.replica);
}

Answer<void> run(Session& session, const AsideList& verb) {
  const std::string query = Query().add("share", verb.share).text();
  PASIG_TRY(auto kept, session.list(k_aside + query, "aside", verb.page));
  session.output().list({kept, aside_table(kept), "nothing is kept aside"});
  return {};
}

Answer<void> run(Session& session, const AsideDelete& verb) {
  const std::string place = place_of(verb.controller, verb.path);
  const Deed deed{
      .path = std::string(k_aside) + "/delete",
      .body = {{"share", verb.share}, {"controller", verb.controller}, {"path", verb.path}},
      .what = "deleting what is kept aside at " + place,
      .member = "share",
      .goal = Goal::operation_over};
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  session.output().text(done.answer, done.is_over ? place + " is deleted"
                                                  : place + " is being deleted by operation " +
                                                        text_at(done.answer, "operation"));
  return {};
}

Answer<void> run(Session& session, const AsideRestoreTo& verb) {
  const std::string place = place_of(verb.controller, verb.path);
  const Deed deed{.path = std::string(k_aside) + "/restore",
                  .body = {{"share", verb.share},
                           {"controller", verb.controller},
                           {"path", verb.path},
                           {"to", verb.to}},
                  .what = "copying what is kept aside at " + place + " to " + verb.to,
                  .member = "share",
                  .goal = Goal::operation_over};
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  session.output().text(done.answer, done.is_over ? verb.to + " holds a copy of " + place
                                                  : place + " is being copied to " + verb.to +
                                                        " by operation " +
                                                        text_at(done.answer, "operation"));
  return {};
}

}  // namespace pasig::cli
