// pasig operation …, pasig command …
#include <boost/json.hpp>

#include "cli/acting.h"
#include "cli/session.h"
#include "cli/sheets.h"

namespace pasig::cli {

Answer<void> run(Session& session, const OperationList& verb) {
  const std::string query =
      Query().add("pending", verb.pending ? "true" : "").add("share", verb.share).text();
  PASIG_TRY(auto operations, session.list("/pasig/v1/operations" + query, "operations", verb.page));
  session.output().list({operations, operation_table(operations), "no operations"});
  return {};
}

Answer<void> run(Session& session, const OperationShow& verb) {
  PASIG_TRY(auto operation, session.get(path_of("operations", verb.operation)));
  session.output().sheet(operation, operation_sheet(operation));
  return {};
}

Answer<void> run(Session& session, const OperationCancel& verb) {
  const Deed deed{.path = path_of("operations", verb.operation) + "/cancel",
                  .what = "cancelling operation " + verb.operation,
                  .member = "operation_view",
                  .kind = "operations",
                  .goal = Goal::operation_ended};
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  const Json* operation = find(done.answer, "operation_view");
  session.output().sheet(done.answer, operation_sheet(operation == nullptr ? Json() : *operation));
  const std::string status = text_at(done.answer, "operation_view.status");
  if (verb.acting.wait && status != "cancelled")
    return problem(Exit::failed, status,
                   "operation " + verb.operation + " was not cancelled: it is " + status,
                   "see `pasig operation show " + verb.operation + "`");
  return {};
}

Answer<void> run(Session& session, const OperationAbandon& verb) {
  const Deed deed{.path = path_of("operations", verb.operation) + "/abandon",
                  .what = "abandoning operation " + verb.operation,
                  .member = "operation_view",
                  .kind = "operations",
                  .goal = Goal::operation_ended};
  PASIG_TRY(auto done, act(session, deed, verb.acting));
  const Json* operation = find(done.answer, "operation_view");
  session.output().sheet(done.answer, operation_sheet(operation == nullptr ? Json() : *operation));
  return {};
}

Answer<void> run(Session& session, const CommandShow& verb) {
  PASIG_TRY(auto command, session.get(path_of("commands", verb.command)));
  Sheet sheet;
  sheet.add("command", text_at(command, "command_id"));
  sheet.add_word("outcome", text_at(command, "outcome"));
  sheet.add("position", text_at(command, "ordinal"));
  sheet.add("operation", text_at(command, "operation"));
  sheet.add("refused by", text_at(command, "refusal.code"));
  sheet.add("because", text_at(command, "refusal.message"));
  std::vector<std::string> events;
  for (const Json& event : list_at(command, "events")) events.push_back(text_at(event, "sentence"));
  sheet.add_list("events", events);
  session.output().sheet(command, sheet);
  return {};
}

}  // namespace pasig::cli
