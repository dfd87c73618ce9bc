// pasig status
#include <boost/json.hpp>

#include "cli/session.h"
#include "cli/sheets.h"

namespace pasig::cli {

Answer<void> run(Session& session, const Status&) {
  PASIG_TRY(auto status, session.get("/pasig/v1/status"));
  const bool ready = flag_at(status, "ready");
  Sheet sheet;
  sheet.add("pasigd", text_at(status, "version") + " at " + to_string(session.endpoint()));
  sheet.add("node", text_at(status, "node"));
  sheet.add("ready", ready ? "yes" : "no: " + text_at(status, "not_ready_because"),
            ready ? Paint::good : Paint::bad);
  std::vector<std::string> paused;
  for (const Json& one : list_at(status, "paused")) paused.push_back(text_at(one, "words"));
  sheet.add_list("paused", paused);
  sheet.add("log", text_at(status, "log.id"));
  sheet.add("incarnation", text_at(status, "log.incarnation"));
  sheet.add("records", text_at(status, "log.records"));
  sheet.add("last record", short_time(text_at(status, "last_time")));
  sheet.add("shares", text_at(status, "shares"));
  sheet.add("replicas", text_at(status, "replicas"));
  sheet.add("pending work", text_at(status, "operations_pending"));
  sheet.add("verdict digest", text_at(status, "verdict_digest"));
  sheet.add("state digest", text_at(status, "state_digest"));
  sheet.add("fold version", text_at(status, "fold_version"));
  session.output().sheet(status, sheet);
  if (!ready)
    return problem(Exit::unavailable, "not_ready",
                   "pasigd takes no commands now: " + text_at(status, "not_ready_because"));
  return {};
}

}  // namespace pasig::cli
