// pasig type …
#include <boost/json.hpp>

#include "cli/acting.h"
#include "cli/session.h"
#include "cli/sheets.h"

namespace pasig::cli {

Answer<void> run(Session& session, const TypeCreate& verb) {
  PASIG_TRY(auto specs, pairs_of(verb.specs, "--spec"));
  Deed deed{.path = "/pasig/v1/types",
            .body = {{"name", verb.name}, {"is_public", !verb.is_private}},
            .what = "creating share type " + verb.name,
            .member = "type"};
  if (!verb.description.empty()) deed.body["description"] = verb.description;
  if (!verb.replication.empty()) deed.body["replication"] = verb.replication;
  if (verb.rpo_seconds) deed.body["rpo_seconds"] = *verb.rpo_seconds;
  if (verb.sync_interval_seconds) deed.body["sync_interval_seconds"] = *verb.sync_interval_seconds;
  if (!specs.empty()) deed.body["extra_specs"] = std::move(specs);
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  const Json* type = find(done.answer, "type");
  session.output().sheet(done.answer, type_sheet(type == nullptr ? Json() : *type));
  return {};
}

Answer<void> run(Session& session, const TypeList& verb) {
  PASIG_TRY(auto types, session.list("/pasig/v1/types", "types", verb.page));
  session.output().list({types, type_table(types), "no share types"});
  return {};
}

Answer<void> run(Session& session, const TypeShow& verb) {
  PASIG_TRY(auto type, session.get(path_of("types", verb.type)));
  session.output().sheet(type, type_sheet(type));
  return {};
}

Answer<void> run(Session& session, const TypeDelete& verb) {
  const Deed deed{.method = "DELETE",
                  .path = path_of("types", verb.type),
                  .what = "deleting share type " + verb.type,
                  .member = "type"};
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  session.output().text(done.answer, "share type " + verb.type + " is deleted");
  return {};
}

}  // namespace pasig::cli
