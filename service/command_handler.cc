#include "service/command_handler.h"

#include <algorithm>
#include <map>

#include "service/refusal_limiter.h"
#include "service/tickets.h"

namespace pasig {
namespace {

constexpr std::size_t k_command_id_bytes_max = 255;
constexpr auto k_apply_timeout = std::chrono::seconds(30);

// The share that a command is about, if it is about one that is known.
std::optional<ShareId> share_of(const View& view, const Command& command) {
  return std::visit(
      [&](const auto& one) -> std::optional<ShareId> {
        if constexpr (requires { one.share; }) return one.share;
        if constexpr (requires { one.replica; }) return view.share_of(one.replica);
        if constexpr (requires { one.operation; })
          if (const auto operation = view.operation(one.operation)) return operation->share;
        return std::nullopt;
      },
      command);
}

// The stream whose ticket a command takes; empty: none (it can only be overtaken elsewhere).
std::string ticket_stream(const View& view, const Command& command) {
  if (const auto share = share_of(view, command)) return stream_of(*share);
  return std::visit(
      [](const auto& one) -> std::string {
        if constexpr (requires { one.operation; }) return stream_of(one.operation);
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

// When the share that the command is about changed last: the times of a stream's events never
// go back, even where a clock does.
Time last_change(const View& view, const Command& command) {
  const auto share = share_of(view, command);
  const auto found = share ? view.share(*share) : std::nullopt;
  return found ? found->updated_at : Time{};
}

// A command that was written and cannot be followed any more.
tl::unexpected<Error> in_doubt(const std::string& command_id, const std::string& why) {
  return fail(ErrorCode::unknown,
              "what became of command " + command_id + " is not known yet: " + why,
              "look at GET /pasig/v1/commands/" + command_id);
}

// A decision that breaks a promise is a defect of this build. It is found on a copy, before the
// log has it and every node chokes on it.
Result<void> evolve_a_copy(const View& view, const Record& record) {
  World world = world_around(view, record.events);
  for (const Event& event : record.events) {
    Recorded recorded{view.head().next_ordinal, record.time, record.command_id, 0,
                      record.actor.name};
    std::visit(
        [&](const auto& fact) {
          if constexpr (requires { fact.share; })
            recorded.share_version = view.stream_version(stream_of(fact.share));
        },
        event);
    if (const auto broken = try_evolve(world, event, recorded))
      return fail(ErrorCode::corrupt,
                  "command " + record.command_id + " was decided wrongly, nothing was written: " +
                      *broken + " by " + std::string(name_of(event)),
                  "this is a defect of pasigd; please report it with this text");
  }
  return {};
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
    Attempt attempt{.submission = std::move(submission),
                    .give_up = parts_.clock.monotonic() + parts_.tries_end_after};
    attempt.hash = content_hash(attempt.submission.command);
    try {
      return try_until_settled(attempt);
    } catch (const StoreFailure& failure) {
      return tl::unexpected(
          failure.error().within("deciding command " + attempt.submission.command_id));
    }
  }

  Result<CommandOutcome> outcome(const std::string& command_id) override {
    if (!parts_.store.view()->outcome(command_id))
      PASIG_CHECK(parts_.applier.catch_up(k_apply_timeout));  // before a "not found"
    const auto view = parts_.store.view();
    PASIG_TRY(auto settled, settled_outcome(*view, command_id));
    if (!settled)
      return fail(ErrorCode::not_found, "no command " + command_id + " within the last " +
                                            std::to_string(view->head().window) + " records");
    return *std::move(settled);
  }

 private:
  // One submission on its way.
  struct Attempt {
    Submission submission;
    Digest hash;
    Monotonic give_up;
    std::optional<bool> refusal_is_written;  // the limiter is asked once
  };
  HandlerParts parts_;
  Tickets tickets_;
  RefusalLimiter limiter_;

  using MaybeOutcome = Result<std::optional<CommandOutcome>>;

  Result<CommandOutcome> try_until_settled(Attempt& attempt) {
    for (int tries = 1;; ++tries) {
      PASIG_TRY(auto outcome, try_once(attempt));
      if (outcome) return *std::move(outcome);
      if (!attempt.submission.never_give_up && parts_.clock.monotonic() > attempt.give_up)
        return fail(ErrorCode::unavailable,
                    "command " + attempt.submission.command_id + " was overtaken by others " +
                        std::to_string(tries) + " times; nothing was written",
                    "try again with the same id");
    }
  }

  // One decision. Nothing: its record was void, decide again.
  MaybeOutcome try_once(Attempt& attempt) {
    if (const auto standing = parts_.applier.standing())
      return tl::unexpected(refusal_by(*standing));
    // To the log's end: whatever anybody was told before this command came is seen by it, so
    // that its "not found" is true.
    PASIG_CHECK(parts_.applier.catch_up(k_apply_timeout));
    tell_suppressed_refusals();
    PASIG_TRY(const auto ticket, take_ticket(attempt));
    const auto view = parts_.store.view();
    std::string& command_id = attempt.submission.command_id;
    auto known = view->outcome(command_id);
    // It was given up as lost and never happened: who does not give up goes on under the next id,
    // which every node makes the same way.
    while (known && known->abandoned && attempt.submission.never_give_up) {
      command_id += '+';
      known = view->outcome(command_id);
    }
    if (known) return settled_outcome(*view, command_id, &attempt.hash);
    return decide_and_append(attempt, *view);
  }

  // No ticket for a command without a stream.
  Result<std::optional<Tickets::Ticket>> take_ticket(const Attempt& attempt) {
    const std::string stream = ticket_stream(*parts_.store.view(), attempt.submission.command);
    if (stream.empty()) return std::nullopt;
    if (attempt.submission.never_give_up) return tickets_.take(stream);
    auto ticket = tickets_.take(
        stream, std::max(attempt.give_up - parts_.clock.monotonic(), Duration::zero()));
    if (!ticket)
      return fail(ErrorCode::unavailable,
                  "command " + attempt.submission.command_id + " waited too long for others on " +
                      stream + "; nothing was written",
                  "try again with the same id");
    return ticket;
  }

  MaybeOutcome decide_and_append(Attempt& attempt, const View& view) {
    const Submission& submission = attempt.submission;
    Surroundings now = parts_.surroundings(view, submission.command);
    now.now = parts_.clock.now();  // ages and deadlines are by the clock as it is
    now.actor = submission.actor;
    now.command_id = submission.command_id;
    ReadView read(view);
    Decision decision = decide(read, now, submission.command);
    Record record = envelope(submission, view);
    record.content_hash = attempt.hash;
    record.time = std::max(now.now, last_change(view, submission.command));
    record.expectations = read.expectations();
    if (read.taken())
      return fail(ErrorCode::invalid,
                  "command id " + submission.command_id +
                      " was used before, longer ago than ids are remembered: it made " +
                      *read.taken(),
                  "use a new Idempotency-Key");
    std::optional<Refusal> refusal;
    if (decision) {
      // Workers and timers ask again and again; a client's command that changed nothing is
      // remembered like any other, so that its repetition does nothing later either.
      if (decision->empty() && submission.actor.kind == ActorKind::system)
        return CommandOutcome{.command_id = submission.command_id};
      record.events = *std::move(decision);
      record.moved = read.moves();
      PASIG_CHECK(evolve_a_copy(view, record));
    } else {
      refusal = std::move(decision).error();
      if (!is_written(*refusal, attempt, now.now))
        return CommandOutcome{.command_id = submission.command_id, .refusal = std::move(refusal)};
      record.events = {
          CommandRejected{refusal->subject, std::string(word(refusal->guard)), refusal->message}};
    }
    record.touched = touches_of(record.events);
    PASIG_TRY(std::string frame, encode(record));
    return append(std::move(frame), record, std::move(refusal), attempt);
  }

  bool is_written(const Refusal& refusal, Attempt& attempt, Time now) {
    const Actor& actor = attempt.submission.actor;
    if (!is_recorded(refusal.guard) || actor.kind == ActorKind::system) return false;
    if (!attempt.refusal_is_written) attempt.refusal_is_written = limiter_.admit(actor.name, now);
    return *attempt.refusal_is_written;
  }

  // Nobody waits for these records; one that is not written is told later.
  void tell_suppressed_refusals() {
    const Time now = parts_.clock.now();
    for (const auto& one : limiter_.take_suppressed(now)) {
      const auto view = parts_.store.view();
      Record record = envelope({.actor = {.kind = ActorKind::system, .name = "node:" + parts_.node},
                                .command_id = to_string(random_uuid())},
                               *view);
      record.command = "CountRefusals";
      record.time = std::max(now, view->head().last_time);
      record.events = {RefusalsSuppressed{one.actor, one.count}};
      auto frame = encode(record);
      if (!frame || !parts_.log.append(*std::move(frame))) limiter_.give_back(one, now);
    }
  }

  Record envelope(const Submission& submission, const View& view) const {
    const auto position = view.position();
    return Record{.kind = RecordKind::command,
                  .command_id = submission.command_id,
                  .command = std::string(name_of(submission.command)),
                  .actor = submission.actor,
                  .reason = submission.reason,
                  .request_id = submission.request_id,
                  .traceparent = submission.traceparent,
                  .cause = submission.cause,
                  .node = parts_.node,
                  .decided_ordinal = position.next_ordinal - 1,
                  .decided_digest = position.verdict_digest};
  }

  MaybeOutcome append(std::string frame, const Record& record, std::optional<Refusal> refusal,
                      const Attempt& attempt) {
    const auto position = parts_.log.append(std::move(frame));
    if (!position && position.error().code == ErrorCode::unknown)
      return settle_unknown(record, attempt);
    if (!position)
      return tl::unexpected(position.error().within("writing command " + record.command_id));
    // From here on it is in the log: a failure leaves open what it came to.
    if (const auto applied = parts_.applier.wait_applied(position->offset, k_apply_timeout);
        !applied)
      return in_doubt(record.command_id, applied.error().message);
    try {
      const auto view = parts_.store.view();
      const auto known = view->outcome(record.command_id);
      if (!known) return std::nullopt;  // void: overtaken
      if (view->offset_of(known->ordinal) != position->offset)
        return settled_outcome(*view, record.command_id, &attempt.hash);
      CommandOutcome outcome{.command_id = record.command_id,
                             .ordinal = known->ordinal,
                             .written = true,
                             .refusal = std::move(refusal)};
      if (!outcome.refusal) outcome.events = record.events;
      return outcome;
    } catch (const StoreFailure& failure) {
      return in_doubt(record.command_id, failure.error().message);
    }
  }

  // The record may appear or not: an abandonment under the same id settles it, the first of
  // the two wins (log-protocol 3).
  MaybeOutcome settle_unknown(const Record& record, const Attempt& attempt) {
    Record abandoned = record;
    abandoned.kind = RecordKind::abandoned;
    abandoned.events.clear();
    abandoned.touched.clear();
    abandoned.moved.clear();
    abandoned.expectations.clear();
    PASIG_TRY(std::string frame, encode(abandoned));
    const auto position = parts_.log.append(std::move(frame));
    if (!position) return in_doubt(record.command_id, position.error().message);
    if (const auto applied = parts_.applier.wait_applied(position->offset, k_apply_timeout);
        !applied)
      return in_doubt(record.command_id, applied.error().message);
    const auto view = parts_.store.view();
    const auto known = view->outcome(record.command_id);
    if (known && known->abandoned && attempt.submission.never_give_up) return std::nullopt;
    return settled_outcome(*view, record.command_id, &attempt.hash);
  }

  // Nothing: the id is not known. With a hash: invalid when it was used for other content.
  MaybeOutcome settled_outcome(const View& view, const std::string& command_id,
                               const Digest* hash = nullptr) const {
    const auto known = view.outcome(command_id);
    if (!known) return std::nullopt;
    if (hash != nullptr && known->content_hash != *hash)
      return fail(ErrorCode::invalid, "command id " + command_id + " was used for another command",
                  "use a new Idempotency-Key for another command");
    if (known->abandoned)
      return fail(ErrorCode::unavailable,
                  "command " + command_id + " was abandoned: it never happened",
                  "try again with a new id");
    PASIG_TRY(const auto entries, parts_.log.read(view.offset_of(known->ordinal), 1));
    if (entries.empty())
      return fail(ErrorCode::corrupt,
                  "record " + std::to_string(known->ordinal) + " of command " + command_id +
                      " is not in the log any more",
                  "restore the log from a back-up");
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
