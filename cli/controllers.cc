// pasig controller …, pasig pool …
#include <boost/json.hpp>

#include "cli/session.h"
#include "cli/sheets.h"

namespace pasig::cli {

Answer<void> run(Session& session, const ControllerList&) {
  PASIG_TRY(auto controllers, session.list("/pasig/v1/controllers", "controllers", {}));
  Table table({{.title = "NAME", .shrinks = true},
               {.title = "ZONE", .shrinks = true},
               {.title = "DRIVER"},
               {.title = "STATE", .painted = true},
               {.title = "POOLS", .right = true},
               {.title = "REPLICAS", .right = true},
               {.title = "WHY", .shrinks = true}});
  for (const Json& one : list_at(controllers, "controllers"))
    table.add({text_at(one, "name"), text_at(one, "zone"), text_at(one, "driver"),
               flag_at(one, "up") ? "up" : "down", std::to_string(list_at(one, "pools").size()),
               text_at(one, "replicas"), text_at(one, "words")});
  session.output().list({controllers, std::move(table), "no controllers"});
  return {};
}

Answer<void> run(Session& session, const ControllerShow& verb) {
  PASIG_TRY(auto controller, session.get(path_of("controllers", verb.controller)));
  Sheet sheet;
  sheet.add("name", text_at(controller, "name"));
  sheet.add("zone", text_at(controller, "zone"));
  sheet.add("driver", text_at(controller, "driver"));
  sheet.add_word("state", flag_at(controller, "up") ? "up" : "down");
  sheet.add("why", text_at(controller, "words"));
  sheet.add("replicas", text_at(controller, "replicas"));
  std::vector<std::string> operations;
  for (const Json& one : list_at(controller, "operations"))
    operations.push_back(text_at(one, "kind") + " " + text_at(one, "id") + " " +
                         text_at(one, "status"));
  sheet.add_list("operations", operations);
  session.output().sheet(controller, sheet);
  if (!session.output().is_json() && !list_at(controller, "pools").empty())
    session.output().list({controller, pool_table(controller), ""});
  return {};
}

Answer<void> run(Session& session, const PoolList&) {
  PASIG_TRY(auto pools, session.list("/pasig/v1/pools", "pools", {}));
  session.output().list({pools, pool_table(pools), "no pool has been reported yet"});
  return {};
}

}  // namespace pasig::cli
