// pasig controller …, pasig pool …
#include <array>
#include <boost/json.hpp>

#include "cli/acting.h"
#include "cli/session.h"
#include "cli/sheets.h"

namespace pasig::cli {
namespace {

// The orders in force, the gravest first.
constexpr std::array<const char*, 3> k_orders = {"retired", "effects_paused", "drained"};

// up or down, or the order that counts for more.
std::string state_of(const Json& controller) {
  if (!text_at(controller, "retired.words").empty()) return "retired";
  if (!flag_at(controller, "up")) return "down";
  if (!text_at(controller, "effects_paused.words").empty()) return "paused";
  return text_at(controller, "drained.words").empty() ? "up" : "drained";
}

std::string why_of(const Json& controller) {
  std::string why;
  for (const char* order : k_orders)
    if (const std::string words = text_at(controller, std::string(order) + ".words");
        !words.empty())
      why += (why.empty() ? "" : "; ") + words;
  const std::string seen = text_at(controller, "words");
  return why + (why.empty() || seen.empty() ? "" : "; ") + seen;
}

// What is still there, and below each the commands that take it elsewhere.
void add_holdings(Sheet& sheet, const Json& controller) {
  std::vector<std::string> lines;
  const bool is_asked = !text_at(controller, "retired.words").empty() ||
                        !text_at(controller, "drained.words").empty();
  for (const Json& one : list_at(controller, "holds")) {
    lines.push_back("replica " + text_at(one, "replica") + " of " + text_at(one, "share.name") +
                    ", " + text_at(one, "status") + ", " + text_at(one, "state"));
    if (!is_asked) continue;
    for (const Json& step : list_at(one, "steps")) lines.push_back("  " + text_of(step));
  }
  sheet.add_list("holds", lines);
}

Sheet controller_sheet(const Json& controller) {
  Sheet sheet;
  sheet.add("name", text_at(controller, "name"));
  sheet.add("zone", text_at(controller, "zone"));
  sheet.add("driver", text_at(controller, "driver"));
  sheet.add_word("state", state_of(controller));
  sheet.add("why", why_of(controller));
  sheet.add("replicas", text_at(controller, "replicas"));
  std::vector<std::string> operations;
  for (const Json& one : list_at(controller, "operations"))
    operations.push_back(text_at(one, "kind") + " " + text_at(one, "id") + " " +
                         text_at(one, "status"));
  sheet.add_list("operations", operations);
  add_holdings(sheet, controller);
  return sheet;
}

}  // namespace

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
    table.add({text_at(one, "name"), text_at(one, "zone"), text_at(one, "driver"), state_of(one),
               std::to_string(list_at(one, "pools").size()), text_at(one, "replicas"),
               why_of(one)});
  session.output().list({controllers, std::move(table), "no controllers"});
  return {};
}

Answer<void> run(Session& session, const ControllerShow& verb) {
  PASIG_TRY(auto controller, session.get(path_of("controllers", verb.controller)));
  session.output().sheet(controller, controller_sheet(controller));
  if (!session.output().is_json() && !list_at(controller, "pools").empty())
    session.output().list({controller, pool_table(controller), ""});
  return {};
}

Answer<void> run(Session& session, const ControllerOrder& verb) {
  const Deed deed{.path = path_of("controllers", verb.controller) + "/" + verb.order,
                  .what = verb.order + " of controller " + verb.controller,
                  .member = "controller"};
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  const Json* controller = find(done.answer, "controller");
  session.output().sheet(done.answer,
                         controller_sheet(controller == nullptr ? Json() : *controller));
  return {};
}

Answer<void> run(Session& session, const PoolList&) {
  PASIG_TRY(auto pools, session.list("/pasig/v1/pools", "pools", {}));
  session.output().list({pools, pool_table(pools), "no pool has been reported yet"});
  return {};
}

}  // namespace pasig::cli
