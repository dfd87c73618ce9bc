#include "service/command_handler.h"

#include <map>

#include "base/assert.h"
#include "service/refusal_limiter.h"
#include "service/tickets.h"

namespace pasig {
namespace {

constexpr std::size_t k_command_id_bytes_max = 255;
constexpr auto k_apply_timeout = std::chrono::seconds(30);

// The stream whose ticket a command takes; empty: none (it can only be overtaken elsewhere).
std::string ticket_stream(const View& view, const Command& command) {
  return std::visit(
      [&](const auto& one) -> std::string {
        if constexpr (requires { one.share; }) return stream_of(one.share);
        if constexpr (requires { one.replica; }) {
          const auto share = view.share_of(one.replica);
          return share ? stream_of(*share) : std::string();
        }
        if constexpr (requires { one.operation; }) {
          const auto operation = view.operation(one.operation);
          return operation ? stream_of(operation->share) : stream_of(one.operation);
        }
        return {};
      },
      command);
}

std::vector<StreamTouch> touches_of(const std::vector<Event>& events) {
  std::map<std::string, std::uint32_t> counted;
  for (const Event& event : events)
    for (const std::string& stream : streams_of(event)) ++counted[stream];
  std::vector<StreamTouch> touches;
  for (const auto& [stream, count] : counted) touches.push_back({stream, count});
  return touches;
}

class CommandHandler final : public Handler {
 public:
  explicit CommandHandler(HandlerParts parts) : parts_(std::move(parts)) {}

  Result<CommandOutcome> submit(Submission submission) override {
    if (submission.command_id.empty()) submission.command_id = to_string(random_uuid());
    if (submission.command_id.size() > k_command_id_bytes_max)
      return fail(ErrorCode::invalid, "the command id has " +
                                          std::to_string(submission.command_id.size()) +
                                          " bytes; the most is 255");
    const Digest hash = content_hash(submission.command);
    const Monotonic give_up = parts_.clock.monotonic() + parts_.tries_end_after;
    for (int tries = 0;; ++tries) {
      auto outcome = try_once(submission, hash);
      if (!outcome) return tl::unexpected(outcome.error());
      if (*outcome) return *std::move(*outcome);
      if (!submission.never_give_up && parts_.clock.monotonic() > give_up)
        return fail(ErrorCode::unavailable,
                    "command " + submission.command_id + " was overtaken by others " +
                        std::to_string(tries + 1) + " times; nothing was written",
                    "try again with the same id");
    }
  }

  Result<CommandOutcome> outcome(const std::string& command_id) override {
    const auto view = parts_.store.view();
    auto settled = settled_outcome(*view, command_id);
    if (!settled) return tl::unexpected(settled.error());
    if (!*settled)
      return fail(ErrorCode::not_found, "no command " + command_id + " within the last " +
                                            std::to_string(view->head().window) + " records");
    return *std::move(*settled);
  }

 private:
  HandlerParts parts_;
  Tickets tickets_;
  RefusalLimiter limiter_;

  using MaybeOutcome = Result<std::optional<CommandOutcome>>;

  // One decision. Nothing: its record was void, decide again.
  MaybeOutcome try_once(const Submission& submission, const Digest& hash) {
    if (const auto standing = parts_.applier.standing())
      return tl::unexpected(Error{
          ErrorCode::unavailable,
          "commands are refused because applying stands: " + standing->message, standing->hint});
    PASIG_CHECK(parts_.applier.catch_up(k_apply_timeout));
    const std::string stream = ticket_stream(*parts_.store.view(), submission.command);
    std::optional<Tickets::Ticket> ticket;
    if (!stream.empty()) ticket.emplace(tickets_, stream);
    const auto view = parts_.store.view();
    if (const auto known = view->outcome(submission.command_id)) {
      if (!known->abandoned && known->content_hash != hash)
        return fail(ErrorCode::invalid,
                    "command id " + submission.command_id + " was used for another command",
                    "use a new Idempotency-Key for another command");
      return settled_outcome(*view, submission.command_id);
    }
    return decide_and_append(submission, hash, *view);
  }

  MaybeOutcome decide_and_append(const Submission& submission, const Digest& hash,
                                 const View& view) {
    Surroundings now = parts_.surroundings(view, submission.command);
    now.now = std::max(parts_.clock.now(), view.head().last_time);
    now.actor = submission.actor;
    now.command_id = submission.command_id;
    ReadView read(view);
    Decision decision = decide(read, now, submission.command);
    Record record = envelope(submission, hash, read, now.now);
    std::optional<Refusal> refusal;
    if (decision) {
      if (decision->empty()) return CommandOutcome{.command_id = submission.command_id};
      record.events = *std::move(decision);
      record.moved = read.moves();
    } else {
      refusal = std::move(decision).error();
      if (!put_refusal(record, *refusal, submission, now.now))
        return CommandOutcome{.command_id = submission.command_id, .refusal = std::move(refusal)};
    }
    record.touched = touches_of(record.events);
    PASIG_TRY(std::string frame, encode(record));
    return append(std::move(frame), record, std::move(refusal));
  }

  // False: this refusal is not written.
  bool put_refusal(Record& record, const Refusal& refusal, const Submission& submission, Time now) {
    if (!is_recorded(refusal.guard) || submission.actor.kind == ActorKind::system) return false;
    const auto answer = limiter_.ask(submission.actor.name, now);
    if (!answer.record) return false;
    record.events = {
        CommandRejected{refusal.subject, std::string(word(refusal.guard)), refusal.message}};
    if (answer.suppressed > 0)
      record.events.emplace_back(RefusalsSuppressed{submission.actor.name, answer.suppressed});
    return true;
  }

  Record envelope(const Submission& submission, const Digest& hash, const ReadView& read,
                  Time now) const {
    const auto position = read.position();
    return Record{.kind = RecordKind::command,
                  .command_id = submission.command_id,
                  .command = std::string(name_of(submission.command)),
                  .content_hash = hash,
                  .actor = submission.actor,
                  .reason = submission.reason,
                  .request_id = submission.request_id,
                  .traceparent = submission.traceparent,
                  .cause = submission.cause,
                  .node = parts_.node,
                  .time = now,
                  .decided_ordinal = position.next_ordinal - 1,
                  .decided_digest = position.verdict_digest,
                  .expectations = read.expectations()};
  }

  MaybeOutcome append(std::string frame, const Record& record, std::optional<Refusal> refusal) {
    const auto position = parts_.log.append(std::move(frame));
    if (!position && position.error().code == ErrorCode::unknown) return settle_unknown(record);
    if (!position)
      return tl::unexpected(position.error().within("writing command " + record.command_id));
    PASIG_CHECK(parts_.applier.wait_applied(position->offset, k_apply_timeout));
    const auto view = parts_.store.view();
    const auto known = view->outcome(record.command_id);
    if (!known) return std::nullopt;  // void: overtaken
    if (view->offset_of(known->ordinal) != position->offset)
      return settled_outcome(*view, record.command_id);
    CommandOutcome outcome{.command_id = record.command_id,
                           .ordinal = known->ordinal,
                           .written = true,
                           .refusal = std::move(refusal)};
    if (!outcome.refusal) outcome.events = record.events;
    return outcome;
  }

  // The record may appear or not: an abandonment under the same id settles it, the first of
  // the two wins (log-protocol 3).
  MaybeOutcome settle_unknown(const Record& record) {
    Record abandoned = record;
    abandoned.kind = RecordKind::abandoned;
    abandoned.events.clear();
    abandoned.touched.clear();
    abandoned.moved.clear();
    abandoned.expectations.clear();
    PASIG_TRY(std::string frame, encode(abandoned));
    const auto position = parts_.log.append(std::move(frame));
    if (!position || !parts_.applier.wait_applied(position->offset, k_apply_timeout))
      return fail(ErrorCode::unknown,
                  "whether command " + record.command_id + " was written is not known yet",
                  "look at GET /pasig/v1/commands/" + record.command_id);
    return settled_outcome(*parts_.store.view(), record.command_id);
  }

  MaybeOutcome settled_outcome(const View& view, const std::string& command_id) const {
    const auto known = view.outcome(command_id);
    if (!known) return std::nullopt;
    if (known->abandoned)
      return fail(ErrorCode::unavailable,
                  "command " + command_id + " was abandoned: it never happened",
                  "try again with a new id");
    PASIG_TRY(const auto entries, parts_.log.read(view.offset_of(known->ordinal), 1));
    PASIG_ASSERT(!entries.empty(), "an applied record is not in the log");
    PASIG_TRY(Record record, decode(entries.front().frame));
    CommandOutcome outcome{
        .command_id = command_id, .ordinal = known->ordinal, .written = true, .repeated = true};
    if (!record.events.empty())
      if (const auto* rejected = std::get_if<CommandRejected>(&record.events.front())) {
        outcome.refusal =
            Refusal{parse_guard(rejected->guard), rejected->message, rejected->subject};
        return outcome;
      }
    outcome.events = std::move(record.events);
    return outcome;
  }
};

}  // namespace

std::unique_ptr<Handler> make_command_handler(HandlerParts parts) {
  return std::make_unique<CommandHandler>(std::move(parts));
}

Result<void> create_log_if_empty(EventLog& log, const Clock& clock, const std::string& node,
                                 std::uint64_t window) {
  PASIG_TRY(const std::uint64_t end, log.end());
  if (end > 0) return {};
  const LogId id{random_uuid()};
  Record record{.kind = RecordKind::command,
                .command_id = "create-log/" + to_string(id),
                .command = "CreateLog",
                .actor = {.kind = ActorKind::system, .name = "pasigd", .admin = true},
                .node = node,
                .time = clock.now(),
                .events = {LogCreated{.log = id, .format = k_log_format, .window = window}}};
  PASIG_TRY(std::string frame, encode(record));
  PASIG_TRY(const LogPosition position, log.append(std::move(frame)));
  (void)position;
  return {};
}

}  // namespace pasig
