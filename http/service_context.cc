#include "http/service_context.h"

#include <charconv>

#include "http/faults.h"
#include "http/refusals.h"

namespace pasig::http {
namespace {

constexpr std::size_t k_command_id_bytes_max = 255;
constexpr std::size_t k_reason_bytes_max = 2048;
constexpr std::size_t k_claimed_bytes_max = 255;
constexpr auto k_position_wait = std::chrono::seconds(1);

bool is_printable_ascii(std::string_view text) {
  for (const char c : text)
    if (c < 0x20 || c > 0x7E) return false;
  return true;
}

Checked<std::string> text_header(const Request& request, std::string_view name,
                                 std::size_t bytes_max) {
  const auto value = request.header(name);
  if (!value) return std::string();
  if (value->size() > bytes_max)
    return fail_with(400, "The header " + std::string(name) + " is longer than " +
                              std::to_string(bytes_max) + " bytes.");
  if (!is_clean_text(*value))
    return fail_with(400, "The header " + std::string(name) + " is not valid UTF-8 text.");
  return std::string(*value);
}

// W3C trace context, version 00: 55 characters. Anything else is not ours to pass on.
bool is_traceparent(std::string_view text) {
  if (text.size() != 55) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dash = i == 2 || i == 35 || i == 52;
    if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

}  // namespace

Actor caller_of(const ServiceContext& service, const Request& request) {
  Actor actor = request.peer;
  if (actor.kind == ActorKind::anonymous) actor.admin = service.options.anonymous_is_admin;
  if (actor.kind == ActorKind::local) actor.admin = service.options.local_is_admin;
  actor.project = request.project.empty() ? service.options.default_project : request.project;
  const auto claimed = request.header("x-pasig-on-behalf-of");
  if (claimed && claimed->size() <= k_claimed_bytes_max && is_clean_text(*claimed))
    actor.claimed = std::string(*claimed);
  return actor;
}

Checked<std::unique_ptr<View>> open_view(const ServiceContext& service, const Request& request) {
  const auto wanted = request.header("x-pasig-position");
  if (!wanted) return service.view();
  std::uint64_t ordinal = 0;
  const auto [end, error] =
      std::from_chars(wanted->data(), wanted->data() + wanted->size(), ordinal);
  if (error != std::errc() || end != wanted->data() + wanted->size())
    return fail_with(400, "The header X-Pasig-Position is not the number of a record.");
  std::unique_ptr<View> view = service.view();
  if (ordinal >= view->head().next_ordinal && service.wait_applied) {
    view.reset();  // not held while it waits
    (void)service.wait_applied(ordinal, k_position_wait);
    view = service.view();
  }
  const std::uint64_t applied = view->head().next_ordinal;
  if (ordinal >= applied)
    return fail_with(503, "This node has applied " + std::to_string(applied) +
                              " records and cannot answer as of record " + std::to_string(ordinal) +
                              " yet. Try again later.");
  return view;
}

std::optional<Ordinal> position_of(const View& view) {
  const std::uint64_t applied = view.head().next_ordinal;
  return applied == 0 ? std::nullopt : std::optional<Ordinal>(applied - 1);
}

Checked<Submission> submission_of(const ServiceContext& service, const Request& request,
                                  Command command) {
  Submission submission{.command = std::move(command), .actor = caller_of(service, request)};
  PASIG_TRY(submission.command_id, text_header(request, "idempotency-key", k_command_id_bytes_max));
  if (!is_printable_ascii(submission.command_id))
    return fail_with(400, "The header Idempotency-Key holds more than printable ASCII.");
  // Workers and timers compute their ids with these; nobody else may take one beforehand.
  if (submission.command_id.find_first_of("/+") != std::string::npos)
    return fail_with(400, "The header Idempotency-Key holds '/' or '+'; a UUID is a good key.");
  PASIG_TRY(submission.reason, text_header(request, "x-pasig-reason", k_reason_bytes_max));
  submission.request_id = request.request_id;
  if (const auto trace = request.header("traceparent"); trace && is_traceparent(*trace))
    submission.traceparent = std::string(*trace);
  return submission;
}

Checked<CommandOutcome> submit(const ServiceContext& service, const Request& request,
                               Command command, const RefusalAnswer& tell) {
  PASIG_TRY(Submission submission, submission_of(service, request, std::move(command)));
  auto outcome = service.handler.submit(std::move(submission));
  if (!outcome) return tl::unexpected(failed(outcome.error()));
  if (outcome->refusal)
    return tl::unexpected(tell ? tell(*outcome->refusal) : refused(*outcome->refusal));
  return std::move(*outcome);
}

}  // namespace pasig::http
