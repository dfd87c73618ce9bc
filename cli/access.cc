// pasig access …
#include <fmt/format.h>

#include <boost/json.hpp>

#include "cli/acting.h"
#include "cli/session.h"
#include "cli/sheets.h"

namespace pasig::cli {
namespace {

// Where the rules of a share are: behind the API's own prefix, which path_of puts in front.
std::string kind_of(const std::string& share) {
  constexpr std::string_view k_prefix = "/pasig/v1/";
  return path_of("shares", share).substr(k_prefix.size()) + "/access";
}
std::string rules_of(const std::string& share) { return path_of("shares", share) + "/access"; }

Deed deed_on(const std::string& share, const std::string& what) {
  // Read again by its id, below the share.
  return Deed{.path = rules_of(share),
              .what = what,
              .member = "rule",
              .kind = kind_of(share),
              .goal = Goal::access_settled};
}

// "r1 in zone-b: queued_to_apply (unreachable: …)" of each replica.
std::vector<std::string> replica_lines(const Json& rule) {
  std::vector<std::string> lines;
  for (const Json& one : list_at(rule, "replicas")) {
    const std::string level = text_at(one, "level");
    const std::string words = text_at(one, "words");
    lines.push_back(fmt::format("{}  {}  {}{}{}", text_at(one, "replica"), text_at(one, "zone"),
                                text_at(one, "state"), level.empty() ? "" : " " + level,
                                words.empty() ? "" : ": " + words));
  }
  return lines;
}

Sheet rule_sheet(const Json& rule) {
  Sheet sheet;
  sheet.add("id", text_at(rule, "id"));
  sheet.add("share", text_at(rule, "share.name") + " (" + text_at(rule, "share.id") + ")");
  sheet.add("type", text_at(rule, "type"));
  sheet.add("to", text_at(rule, "to"));
  sheet.add("level", text_at(rule, "level"));
  sheet.add_word("state", text_at(rule, "state"));
  sheet.add_list("replicas", replica_lines(rule));
  std::vector<std::string> metadata;
  if (const Json* pairs = find(rule, "metadata"); pairs != nullptr && pairs->is_object())
    for (const auto& [key, held] : pairs->get_object())
      metadata.push_back(std::string(key) + "=" + text_of(held));
  sheet.add_list("metadata", metadata);
  sheet.add("created", short_time(text_at(rule, "created_at")));
  sheet.add("updated", short_time(text_at(rule, "updated_at")));
  return sheet;
}

// After a wait: a rule that nothing enforces is a failure, one that is queued is told.
Answer<void> show(Session& session, const Deed& deed, const Done& done) {
  const Json* found = find(done.answer, "rule");
  const Json rule = found == nullptr ? Json() : *found;
  session.output().sheet(done.answer, rule_sheet(rule));
  if (!done.is_over) return {};
  for (const Json& one : list_at(rule, "replicas")) {
    const std::string state = text_at(one, "state");
    const std::string words = text_at(one, "words");
    const std::string where = "replica " + text_at(one, "replica");
    if (state == "error")
      return problem(Exit::failed, "not_enforced",
                     deed.what + ": it does not hold on " + where + ": " + words,
                     "remove that cause, then `pasig access set` with the same level tries again");
    if (state.starts_with("queued"))
      session.output().note(where + " is still to be told, when it answers" +
                            (words.empty() ? "" : ": " + words));
  }
  return {};
}

Table rule_table(const Json& rules) {
  Table table({{.title = "ID"},
               {.title = "TYPE"},
               {.title = "TO", .shrinks = true},
               {.title = "LEVEL"},
               {.title = "STATE", .painted = true},
               {.title = "REPLICAS", .shrinks = true}});
  for (const Json& one : list_at(rules, "rules")) {
    std::string replicas;
    for (const Json& held : list_at(one, "replicas"))
      replicas +=
          (replicas.empty() ? "" : ", ") + text_at(held, "zone") + " " + text_at(held, "state");
    table.add({text_at(one, "id"), text_at(one, "type"), text_at(one, "to"), text_at(one, "level"),
               text_at(one, "state"), replicas});
  }
  return table;
}

}  // namespace

Answer<void> run(Session& session, const AccessAdd& verb) {
  PASIG_TRY(auto metadata, pairs_of(verb.metadata, "--metadata"));
  Deed deed =
      deed_on(verb.share, "letting " + verb.type + " " + verb.to + " into share " + verb.share);
  deed.body = {{"type", verb.type}, {"to", verb.to}, {"level", verb.level}};
  if (!metadata.empty()) deed.body["metadata"] = std::move(metadata);
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  return show(session, deed, done);
}

Answer<void> run(Session& session, const AccessList& verb) {
  PASIG_TRY(auto rules, session.list(rules_of(verb.share), "rules", verb.page));
  session.output().list({rules, rule_table(rules), "no access rules"});
  return {};
}

Answer<void> run(Session& session, const AccessShow& verb) {
  PASIG_TRY(auto rule, session.get(path_of(kind_of(verb.share), verb.rule)));
  session.output().sheet(rule, rule_sheet(rule));
  return {};
}

Answer<void> run(Session& session, const AccessRemove& verb) {
  Deed deed = deed_on(verb.share, "taking access rule " + verb.rule + " from share " + verb.share);
  deed.method = "DELETE";
  deed.path = path_of(deed.kind, verb.rule);
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  std::string words = "access rule " + verb.rule + " is taken from share " + verb.share;
  if (!done.is_over) words += "; `pasig access list " + verb.share + "` shows when it is gone";
  // A rule that is gone by now is shown as it was, with its operation.
  const bool is_there = done.is_over && text_at(done.answer, "rule.operation").empty();
  for (const Json& one : list_at(done.answer, "rule.replicas"))
    if (is_there && text_at(one, "state") == "queued_to_deny")
      words += "\nreplica " + text_at(one, "replica") + " in " + text_at(one, "zone") +
               " is still to be told, when it answers";
  session.output().text(done.answer, words);
  return {};
}

Answer<void> run(Session& session, const AccessSet& verb) {
  Deed deed = deed_on(verb.share, "changing access rule " + verb.rule + " of share " + verb.share +
                                      " to " + verb.level);
  deed.path = path_of(deed.kind, verb.rule) + "/set";
  deed.body = {{"level", verb.level}};
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  return show(session, deed, done);
}

}  // namespace pasig::cli
