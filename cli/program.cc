#include "cli/program.h"

#include <boost/json.hpp>
#include <type_traits>

#include "base/version.h"
#include "cli/parser.h"
#include "cli/session.h"

namespace pasig::cli {
namespace {

// Both versions; a pasigd that cannot be reached is not a failure of this verb.
Answer<void> show_versions(const Invocation& invocation, Output& output,
                           const Surrounding& around) {
  Json server(nullptr);
  std::string words;
  if (const auto endpoint = choose_endpoint(invocation.endpoint, around.environment); !endpoint) {
    if (endpoint.error().exit == Exit::usage) return tl::unexpected(endpoint.error());
    words = "pasigd: " + endpoint.error().message;
  } else {
    Session session(Client(*endpoint, around.interrupt), output, around.interrupt);
    const auto status = session.get("/pasig/v1/status");
    if (status) server = text_at(*status, "version");
    words = status ? "pasigd " + text_at(*status, "version") + " at " + to_string(*endpoint)
                   : "pasigd: " + status.error().message;
  }
  const Json answer = {{"pasig", build_version()}, {"commit", build_commit()}, {"pasigd", server}};
  output.text(answer, "pasig " + std::string(build_version()) + " (" + std::string(build_commit()) +
                          ")\n" + words);
  return {};
}

Answer<void> run_verb(const Invocation& invocation, Output& output, const Surrounding& around) {
  if (const auto* offline = std::get_if<ReplayRebuild>(&invocation.verb))
    return around.rebuild(output, around.interrupt, *offline);
  if (std::holds_alternative<Version>(invocation.verb))
    return show_versions(invocation, output, around);
  PASIG_TRY(auto endpoint, choose_endpoint(invocation.endpoint, around.environment));
  Session session(Client(std::move(endpoint), around.interrupt), output, around.interrupt);
  return std::visit(
      [&](const auto& verb) -> Answer<void> {
        using T = std::decay_t<decltype(verb)>;
        if constexpr (std::is_same_v<T, ReplayRebuild> || std::is_same_v<T, Version>) return {};
        else return run(session, verb);
      },
      invocation.verb);
}

}  // namespace

Exit run_program(const std::vector<std::string>& arguments, const Surrounding& around) {
  auto invocation = parse_arguments(arguments);
  if (!invocation) {
    const ParserText& said = invocation.error();
    Output output({around.out, around.err}, around.terminal, said.format);
    if (!said.is_usage_error) {
      around.out << said.text;
      return output.flush() ? Exit::done : Exit::failed;
    }
    output.problem({.exit = Exit::usage,
                    .code = "usage",
                    .message = said.text,
                    .hint = "`pasig --help` lists the verbs, `pasig VERB --help` their options"});
    return Exit::usage;
  }
  Output output({around.out, around.err}, around.terminal, invocation->format);
  const auto ran = run_verb(*invocation, output, around);
  const bool is_written = output.flush();
  if (!ran) {
    output.problem(ran.error());
    return ran.error().exit;
  }
  if (is_written) return Exit::done;
  output.problem({.exit = Exit::failed,
                  .code = "output",
                  .message = "writing the result to standard output failed",
                  .hint = "the verb itself was carried out"});
  return Exit::failed;
}

}  // namespace pasig::cli
