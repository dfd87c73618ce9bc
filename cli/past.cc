// pasig history, why, log …
#include <algorithm>
#include <boost/json.hpp>

#include "cli/session.h"
#include "cli/sheets.h"

namespace pasig::cli {
namespace {

constexpr std::uint64_t k_log_rows = 20;  // of `pasig log show` without --limit

struct RecordsWanted {
  std::string path;
  Query query;  // beside from and limit
  std::optional<std::uint64_t> from;
  std::optional<std::uint64_t> limit;  // none: all
};

// All records that are asked for, page after page; `next` is where the next one would begin.
Answer<Json> records(Session& session, RecordsWanted wanted) {
  boost::json::array all;
  for (;;) {
    Query part = wanted.query;
    part.add("from", wanted.from);
    if (wanted.limit) part.add("limit", std::to_string(*wanted.limit - all.size()));
    PASIG_TRY(auto page, session.get(wanted.path + part.text()));
    for (const Json& one : list_at(page, "records")) all.push_back(one);
    const auto next = number_at(page, "next");
    const bool goes_on = next && (!wanted.from || *next > *wanted.from);
    if (!goes_on || (wanted.limit && all.size() >= *wanted.limit)) {
      boost::json::object whole{{"records", std::move(all)}};
      whole["next"] = next ? Json(*next) : Json(nullptr);
      return Json(std::move(whole));
    }
    wanted.from = next;
  }
}

std::string texts_of(const Json& answer) {
  std::string text;
  for (const Json& record : list_at(answer, "records")) text += record_text(record);
  return text;
}

}  // namespace

Answer<void> run(Session& session, const History& verb) {
  PASIG_TRY(auto answer, records(session, {.path = "/pasig/v1/history",
                                           .query = Query().add("of", verb.subject),
                                           .from = verb.from,
                                           .limit = verb.limit}));
  if (list_at(answer, "records").empty()) session.output().note("no records");
  if (session.output().is_json() || !list_at(answer, "records").empty())
    session.output().text(answer, texts_of(answer));
  if (const auto next = number_at(answer, "next"))
    session.output().note("more: --from " + std::to_string(*next));
  return {};
}

Answer<void> run(Session& session, const Why& verb) {
  PASIG_TRY(auto answer, session.get(path_of("replicas", verb.replica) + "/why"));
  session.output().text(answer, text_at(answer, "text"));
  return {};
}

Answer<void> run(Session& session, const LogShow& verb) {
  if (verb.ordinal) {
    PASIG_TRY(auto record, session.get(path_of("log", std::to_string(*verb.ordinal))));
    session.output().text(record, pretty(record));
    return {};
  }
  const std::uint64_t limit = verb.limit.value_or(k_log_rows);
  std::uint64_t from = verb.from.value_or(0);
  if (!verb.from) {  // the last ones
    PASIG_TRY(auto status, session.get("/pasig/v1/status"));
    const std::uint64_t count = number_at(status, "log.records").value_or(0);
    from = count - std::min(count, limit);
  }
  PASIG_TRY(auto answer,
            records(session, {.path = "/pasig/v1/log", .query = {}, .from = from, .limit = limit}));
  session.output().text(answer, texts_of(answer));
  return {};
}

}  // namespace pasig::cli
