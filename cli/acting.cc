#include "cli/acting.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <optional>

#include "base/clock.h"
#include "base/ids.h"
#include "cli/progress.h"

namespace pasig::cli {
namespace {

using std::chrono::milliseconds;

constexpr int k_settle_tries = 5;
constexpr milliseconds k_settle_pause{500};
constexpr milliseconds k_poll_first{50};
constexpr milliseconds k_poll_longest{1000};

std::string look_for(const std::string& command_id) {
  return "`pasig command show " + command_id + "` settles it; the same command again with " +
         "--command-id " + command_id + " is safe";
}

// When --timeout ends the command, from its start on; nothing: no such time.
std::optional<Monotonic> deadline_of(const Acting& acting) {
  if (acting.timeout_seconds == 0) return std::nullopt;
  return SystemClock().monotonic() + std::chrono::seconds(acting.timeout_seconds);
}

// What is left of it for one request.
milliseconds patience_of(std::optional<Monotonic> deadline, milliseconds usual) {
  if (!deadline) return usual;
  const auto left = std::chrono::duration_cast<milliseconds>(*deadline - SystemClock().monotonic());
  return std::clamp(left, milliseconds{1}, usual);
}

// Tries again while it is unknown what became of it; the command id makes that safe.
Answer<Json> send_once(Session& session, const Deed& deed, const std::string& command_id,
                       const Acting& acting, std::optional<Monotonic> deadline) {
  Call call{.method = deed.method, .target = deed.path};
  if (deed.method == "POST") call.body = boost::json::serialize(deed.body);
  call.headers.emplace_back("Idempotency-Key", command_id);
  call.headers.emplace_back("X-Request-Id", "req-" + to_string(random_uuid()));
  if (!acting.reason.empty()) call.headers.emplace_back("X-Pasig-Reason", acting.reason);
  const milliseconds usual = call.timeout;
  bool may_have_happened = false;
  for (int tried = 1;; ++tried) {
    call.timeout = patience_of(deadline, usual);
    auto answer = session.send(call);
    if (answer) return answer;
    const Exit exit = answer.error().exit;
    may_have_happened = may_have_happened || exit == Exit::unknown || exit == Exit::wait_ended;
    const bool settled = exit != Exit::unknown && exit != Exit::unavailable;
    if (!may_have_happened || (settled && exit != Exit::wait_ended)) return answer;
    const bool is_late = deadline && SystemClock().monotonic() >= *deadline;
    if (tried == k_settle_tries || is_late || exit == Exit::wait_ended ||
        !session.interrupt().pause(k_settle_pause)) {
      Problem lost = std::move(answer).error();
      lost.exit = Exit::unknown;
      lost.code = "unknown_outcome";
      lost.message = deed.what + ": it is not known whether this happened: " + lost.message;
      lost.hint = look_for(command_id);
      return tl::unexpected(std::move(lost));
    }
  }
}

// One wait: asks until the goal is reached, the work failed, or the waiting has to end.
class Wait {
 public:
  Wait(Session& session, const Deed& deed, const Json& answer, std::optional<Monotonic> deadline)
      : session_(session),
        deed_(deed),
        operation_(text_at(answer, "operation")),
        object_(text_at(answer, deed.member + ".id")),
        progress_(session.output().err(), session.output().terminal()),
        deadline_(deadline) {}

  // The object as it is when the goal is reached; null when it is gone.
  Answer<Json> run() {
    milliseconds pause = k_poll_first;
    for (;;) {
      PASIG_TRY(const bool over, is_over());
      if (over) return std::move(seen_);
      if (deadline_ && clock_.monotonic() >= *deadline_)
        return ended("timeout", "the time-out passed while waiting");
      if (!session_.interrupt().pause(pause)) return ended("interrupted", "stopped waiting");
      pause = std::min(pause * 3 / 2, k_poll_longest);
    }
  }

 private:
  Session& session_;
  const Deed& deed_;
  std::string operation_;  // the one that is followed; empty: none, or it is over
  std::string object_;
  Progress progress_;
  std::optional<Monotonic> deadline_;
  SystemClock clock_;
  Json seen_;
  bool is_gone_ = false;

  tl::unexpected<Problem> ended(const std::string& code, const std::string& why) {
    std::string look = operation_.empty() ? std::string() : "pasig operation show " + operation_;
    if (look.empty() && deed_.kind == "replicas") look = "pasig why " + object_;
    if (look.empty() && deed_.kind == "snapshots") look = "pasig snapshot show " + object_;
    if (look.empty()) look = "pasig history " + object_;
    return problem(Exit::wait_ended, code, deed_.what + ": " + why + "; the work goes on",
                   "look with `" + look + "`");
  }

  // While pasigd is away (a restart) the wait goes on: the work does not depend on this process.
  Answer<std::optional<Json>> look_at(const std::string& path) {
    auto found = session_.get(path);
    if (found) return std::optional<Json>(std::move(*found));
    switch (found.error().exit) {
      case Exit::wait_ended:
        return ended("interrupted", "stopped waiting");
      case Exit::unavailable:
      case Exit::unknown:
        progress_.show({.words = deed_.what + ": pasigd does not answer; trying again"});
        return std::optional<Json>();
      case Exit::done:
      case Exit::failed:
      case Exit::usage:
      case Exit::not_found:
      case Exit::refused:
        return tl::unexpected(std::move(found).error());
    }
    return tl::unexpected(std::move(found).error());
  }

  Answer<bool> is_over() {
    if (!operation_.empty()) {
      PASIG_TRY(const bool over, operation_is_over());
      if (!over) return false;
    }
    if (deed_.goal == Goal::answered || deed_.kind.empty()) return true;
    PASIG_TRY(const bool known, see_object());
    if (!known) return false;
    return goal_is_reached();
  }

  Answer<bool> operation_is_over() {
    auto looked = look_at(path_of("operations", operation_));
    if (!looked) {
      if (looked.error().exit != Exit::not_found) return tl::unexpected(looked.error());
      operation_.clear();  // forgotten: it was over long ago
      return true;
    }
    if (!*looked) return false;
    const Json& operation = **looked;
    const std::string status = text_at(operation, "status");
    const bool is_over = status == "done" || status == "failed" || status == "cancelled";
    if (status == "done" || (is_over && deed_.goal == Goal::operation_ended)) {
      operation_.clear();
      return true;
    }
    if (!is_over) {
      show(operation);
      return false;
    }
    return ended_badly(operation, status);
  }

  // A share whose pool had no space is tried on another one, by another operation: follow that.
  Answer<bool> ended_badly(const Json& operation, const std::string& status) {
    if (deed_.goal == Goal::share_available) {
      PASIG_TRY(const bool known, see_object());
      if (!known) return false;
      const auto& pending = list_at(seen_, "operations");
      if (!pending.empty() && text_at(pending.front(), "id") != operation_) {
        operation_ = text_at(pending.front(), "id");
        return false;
      }
    }
    const std::string words = status == "cancelled" ? text_at(operation, "cancel_why")
                                                    : text_at(operation, "failure.words");
    const std::string at = text_at(operation, "failure.controller");
    const std::string code = text_at(operation, "failure.code");
    std::string hint = text_at(operation, "failure.hint");
    if (hint.empty()) hint = "see `pasig operation show " + operation_ + "`";
    return problem(Exit::failed, code.empty() ? status : code,
                   deed_.what + ": operation " + operation_ + " " +
                       (status == "failed" ? "failed" : "was cancelled") +
                       (at.empty() ? "" : " at " + at) + (words.empty() ? "" : ": " + words),
                   hint);
  }

  void show(const Json& operation) {
    Step step{.words = deed_.what, .done = 0, .total = {}, .bytes = true};
    const std::string what = text_at(operation, "progress.step");
    step.words += ": " + (what.empty() ? text_at(operation, "status") : what);
    step.done = number_at(operation, "progress.bytes_done").value_or(0);
    step.total = number_at(operation, "progress.bytes_total");
    progress_.show(step);
  }

  // False: it could not be looked at just now.
  Answer<bool> see_object() {
    auto looked = look_at(path_of(deed_.kind, object_));
    if (!looked) {
      if (looked.error().exit != Exit::not_found) return tl::unexpected(looked.error());
      is_gone_ = true;
      seen_ = nullptr;
      return true;
    }
    if (!*looked) return false;
    seen_ = std::move(**looked);
    return true;
  }

  Answer<bool> goal_is_reached() {
    if (deed_.goal == Goal::operation_over || deed_.goal == Goal::operation_ended) return true;
    if (deed_.goal == Goal::gone) {
      if (is_gone_) return true;
      const std::string status = text_at(seen_, "status");
      if (status == "error_deleting") return broken(status);
      progress_.show({.words = deed_.what + ": " + status});
      return false;
    }
    if (deed_.goal == Goal::access_settled) {
      if (is_gone_ || text_at(seen_, "operation").empty()) return true;
      progress_.show({.words = deed_.what + ": " + text_at(seen_, "state")});
      return false;
    }
    if (is_gone_)
      return problem(Exit::failed, "gone", deed_.what + ": " + object_ + " does not exist any more",
                     "see `pasig history " + object_ + "`");
    const std::string status = text_at(seen_, "status");
    if (status == "error" || status == "manage_error") return broken(status);
    if (deed_.goal == Goal::share_available) return status == "available";
    const std::string state = text_at(seen_, "state");
    // One that failed meanwhile is not read any more.
    if (deed_.goal == Goal::replica_verified && state != "error") return is_verified();
    if (state == "error") return broken(state);
    const std::string failing = text_at(seen_, "observed_words");
    progress_.show({.words = deed_.what + ": waiting for in_sync" +
                             (failing.empty() ? "" : "; the last try failed: " + failing)});
    return state == "in_sync" || state == "active";
  }

  Answer<bool> is_verified() {
    if (text_at(seen_, "verify_requested_at").empty()) return true;
    const std::string failing = text_at(seen_, "verify_words");
    progress_.show({.words = deed_.what + ": " +
                             (failing.empty() ? "reading" : "the last try failed: " + failing),
                    .done = number_at(seen_, "scrub.bytes_done").value_or(0),
                    .total = number_at(seen_, "scrub.bytes_total"),
                    .bytes = true});
    return false;
  }

  Answer<bool> broken(const std::string& state) {
    const std::string note = text_at(seen_, "note");
    std::string look = "history ";
    if (deed_.kind == "replicas") look = "why ";
    if (deed_.kind == "snapshots") look = "snapshot show ";
    return problem(
        Exit::failed, state,
        deed_.what + ": " + object_ + " is in " + state + (note.empty() ? "" : ": ") + note,
        "see `pasig " + look + object_ + "`");
  }
};

// Both travel as headers, where a line break would end them.
Answer<void> check(const Acting& acting) {
  if (printable(acting.reason) != acting.reason)
    return problem(Exit::usage, "usage", "--reason holds more than one line of text");
  const bool is_ascii = std::all_of(acting.command_id.begin(), acting.command_id.end(),
                                    [](char c) { return c > 0x20 && c < 0x7F; });
  if (!is_ascii)
    return problem(Exit::usage, "usage", "--command-id holds more than printable ASCII",
                   "a UUID is a good command id");
  return {};
}

}  // namespace

Answer<Done> act(Session& session, const Deed& deed, const Acting& acting) {
  PASIG_CHECK(check(acting));
  const std::string command_id =
      acting.command_id.empty() ? to_string(random_uuid()) : acting.command_id;
  const auto deadline = deadline_of(acting);
  PASIG_TRY(auto answer, send_once(session, deed, command_id, acting, deadline));
  const Json* events = find(answer, "events");
  if (events != nullptr && events->is_array() && events->get_array().empty())
    session.output().err() << deed.what << ": it is so already, nothing was to do\n";
  if (!acting.wait) return Done{std::move(answer), deed.goal == Goal::answered};
  PASIG_TRY(auto object, Wait(session, deed, answer, deadline).run());
  if (boost::json::object* whole = answer.if_object(); whole != nullptr && !object.is_null())
    (*whole)[deed.member] = std::move(object);
  return Done{std::move(answer), true};
}

}  // namespace pasig::cli
