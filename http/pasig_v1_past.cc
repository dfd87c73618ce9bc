// GET of what was: histories, why, the log, and what became of commands. POST, GET and DELETE of
// verifications.
#include <algorithm>
#include <boost/json/serialize.hpp>

#include "http/pasig_v1_jobs.h"
#include "http/pasig_v1_views.h"

namespace pasig::http::v1 {
namespace json = boost::json;
namespace {

constexpr std::size_t k_records_default = 100;
constexpr std::size_t k_records_max = 1000;

struct Span {
  Ordinal from = 0;
  std::size_t limit = 0;
};

Checked<Span> parse_span(const Call& call) {
  PASIG_TRY(const auto from, query_number(call.request, "from"));
  PASIG_TRY(const auto limit, query_number(call.request, "limit"));
  if (limit == std::uint64_t{0})
    return problem({.code = "bad_request", .message = "query item 'limit' is 0"});
  return Span{from.value_or(0),
              std::min<std::size_t>(limit.value_or(k_records_default), k_records_max)};
}

struct Subject {
  std::string stream;
  std::optional<ReplicaId> replica;
};

Checked<Subject> subject_of_share(const Call& call, const std::string& text) {
  auto share = find_share(call, text);
  if (share) return Subject{stream_of(share->id), {}};
  // A deleted share has no name and no project any more, but a history.
  if (const auto id = ShareId::parse(text);
      id && call.caller.admin && call.view->stream_version(stream_of(*id)) > 0)
    return Subject{stream_of(*id), {}};
  return tl::unexpected(std::move(share).error());
}

Checked<Subject> subject_of_replica(const Call& call, const std::string& text) {
  auto place = find_replica(call, text);
  if (place) return Subject{stream_of(place->share.id), place->id};
  if (const auto id = ReplicaId::parse(text)) {
    const auto share_id = call.view->share_once_of(*id);
    const auto share = share_id ? call.view->share(*share_id) : std::nullopt;
    if (share_id && (share ? call.sees(*share) : call.caller.admin))
      return Subject{stream_of(*share_id), *id};
  }
  return tl::unexpected(std::move(place).error());
}

// A share by name or id, or else a replica; 409 only where the share's name is ambiguous.
Checked<Subject> subject_of_either(const Call& call, const std::string& text) {
  auto share = subject_of_share(call, text);
  if (share || share.error().status != 404) return share;
  auto replica = subject_of_replica(call, text);
  if (replica || replica.error().status != 404) return replica;
  return problem({.status = 404,
                  .code = "not_found",
                  .message = "there is no share and no replica '" + text + "'",
                  .hint = "what was deleted is found by its id"});
}

Checked<Subject> history_subject(const Call& call) {
  const auto stream = call.request.query_value("stream");
  const auto share = call.request.query_value("share");
  const auto replica = call.request.query_value("replica");
  const auto of = call.request.query_value("of");
  const int given = int{stream.has_value()} + int{share.has_value()} + int{replica.has_value()} +
                    int{of.has_value()};
  if (given != 1)
    return problem({.code = "bad_request",
                    .message = "a history needs exactly one of stream, share, replica and of"});
  if (share) return subject_of_share(call, *share);
  if (replica) return subject_of_replica(call, *replica);
  if (of) return subject_of_either(call, *of);
  PASIG_CHECK(require_admin(call, "read a stream"));
  if (call.view->history(*stream, 0, 1).empty())
    return problem({.status = 404,
                    .code = "stream_not_found",
                    .message = "there is no stream '" + *stream + "'",
                    .hint = "streams are share-<id>, operation-<id>, type-<id>, type-name-<name>"});
  return Subject{*stream, {}};
}

json::object records_view(const std::vector<replay::HistoryEntry>& entries,
                          std::optional<Ordinal> next) {
  json::array records;
  for (const auto& one : entries) records.push_back(record_view(one));
  json::object body{{"records", std::move(records)}, {"next", nullptr}};
  if (next) body["next"] = *next;
  return body;
}

Answer show_history(const Call& call) {
  PASIG_CHECK(only_query(call.request, {"stream", "share", "replica", "of", "from", "limit"}));
  PASIG_TRY(const Span span, parse_span(call));
  PASIG_TRY(const Subject subject, history_subject(call));
  const auto page = replay::history(*call.view, call.service.log, subject.stream, subject.replica,
                                    span.from, span.limit);
  if (!page) return v1::answer_of(page.error(), "the history of " + subject.stream);
  return answer(call, records_view(page->entries, page->next));
}

// Sizes are no part of the log: this is what was last seen, and stands above the log's story.
std::string size_line(const Call& call, ReplicaId replica) {
  const auto id = call.view->share_of(replica);
  const auto share = id ? call.view->share(*id) : std::nullopt;
  const std::string size = share ? over_size_words(call, *share) : std::string();
  return size.empty() ? size : "Its share is " + size + ".";
}

Answer show_why(const Call& call) {
  const std::string text = call.request.parameter("replica");
  PASIG_TRY(const Subject subject, subject_of_replica(call, text));
  const auto words = replay::why(*call.view, call.service.log, *subject.replica);
  if (!words) return v1::answer_of(words.error(), "why replica " + text + " is as it is");
  std::string story = *words;
  if (const std::string size = size_line(call, *subject.replica); !size.empty())
    story.insert(std::min(story.find("\n\n"), story.size()), "\n  " + size);
  return answer(call, {{"replica", to_string(*subject.replica)}, {"text", std::move(story)}});
}

// A record that is not ours, or that cannot be read, is shown as such: it has a place in the log.
json::object unreadable(Ordinal ordinal, const Error& error) {
  return {{"ordinal", ordinal},
          {"outcome", "unreadable"},
          {"error", {{"message", error.message}, {"hint", error.hint}}},
          {"events", json::array()}};
}

Answer list_log(const Call& call) {
  PASIG_CHECK(require_admin(call, "read the log"));
  PASIG_CHECK(only_query(call.request, {"from", "limit"}));
  PASIG_TRY(const Span span, parse_span(call));
  const Ordinal end = call.view->head().next_ordinal;
  Ordinal at = std::min(span.from, end);
  json::array records;
  for (; at < end && records.size() < span.limit; ++at) {
    const auto entry = replay::record_at(*call.view, call.service.log, at);
    records.push_back(entry ? record_view(*entry) : unreadable(at, entry.error()));
  }
  json::object body{{"records", std::move(records)}, {"next", nullptr}, {"end", end}};
  if (at < end) body["next"] = at;
  return answer(call, body);
}

Answer show_record(const Call& call) {
  PASIG_CHECK(require_admin(call, "read the log"));
  const std::string text = call.request.parameter("ordinal");
  const bool is_number = text.size() <= 18 && std::all_of(text.begin(), text.end(), [](char c) {
                           return c >= '0' && c <= '9';
                         });
  if (!is_number)
    return problem(
        {.code = "bad_request", .message = "'" + text + "' is not the number of a record"});
  const Ordinal ordinal = std::stoull(text);
  const auto entry = replay::record_at(*call.view, call.service.log, ordinal);
  if (!entry) return v1::answer_of(entry.error(), "");
  return answer(call, record_view(*entry));
}

Answer show_command(const Call& call) {
  const std::string id = call.request.parameter("command");
  PASIG_CHECK(require_admin(call, "look at commands"));
  const auto outcome = call.service.handler.outcome(id);
  if (!outcome) return v1::answer_of(outcome.error(), "");
  json::object body{{"command_id", outcome->command_id},
                    {"outcome", outcome->refusal ? "refused" : "accepted"},
                    {"ordinal", outcome->ordinal},
                    {"operation", nullptr},
                    {"refusal", nullptr},
                    {"events", events_view(outcome->events)}};
  for (const Event& event : outcome->events)
    if (const auto* asked = std::get_if<OperationRequested>(&event))
      body["operation"] = to_string(asked->operation);
  if (outcome->refusal)
    body["refusal"] = json::object{{"code", word(outcome->refusal->guard)},
                                   {"message", outcome->refusal->message},
                                   {"subject", outcome->refusal->subject}};
  return answer(call, body);
}

tl::unexpected<Response> no_job(const std::string& id) {
  return problem({.status = 404,
                  .code = "job_not_found",
                  .message = "there is no verification '" + id + "'",
                  .hint = "only the last few are remembered, and none over a restart"});
}

Answer start_verify(const Call& call) {
  PASIG_CHECK(require_admin(call, "verify the projections"));
  PASIG_TRY(const json::object body, optional_body(call.request));
  PASIG_CHECK(Fields(body, "").only({}));
  const auto job = call.jobs.start();
  if (!job)
    return problem(
        {.status = 409,
         .code = "verify_is_running",
         .message = "verification " + job.error() + " is under way",
         .hint = "wait for it, or stop it: DELETE /pasig/v1/replay/verify/" + job.error(),
         .ids = {job.error()}});
  return answer(call, job_view(*job), 202);
}

Answer show_verify(const Call& call) {
  PASIG_CHECK(require_admin(call, "verify the projections"));
  const std::string id = call.request.parameter("job");
  const auto job = call.jobs.find(id);
  if (!job) return no_job(id);
  return answer(call, job_view(*job));
}

Answer cancel_verify(const Call& call) {
  PASIG_CHECK(require_admin(call, "verify the projections"));
  const std::string id = call.request.parameter("job");
  const auto job = call.jobs.cancel(id);
  if (!job) return no_job(id);
  return answer(call, job_view(*job), 202);
}

}  // namespace

std::vector<RouteEntry> past_routes() {
  return {{"GET", "/pasig/v1/history", show_history},
          {"GET", "/pasig/v1/replicas/{replica}/why", show_why},
          {"GET", "/pasig/v1/log", list_log},
          {"GET", "/pasig/v1/log/{ordinal}", show_record},
          {"GET", "/pasig/v1/commands/{command}", show_command}};
}

std::vector<RouteEntry> replay_routes() {
  return {{"POST", "/pasig/v1/replay/verify", start_verify},
          {"GET", "/pasig/v1/replay/verify/{job}", show_verify},
          {"DELETE", "/pasig/v1/replay/verify/{job}", cancel_verify}};
}

}  // namespace pasig::http::v1
