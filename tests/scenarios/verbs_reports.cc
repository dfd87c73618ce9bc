// Workers' claims and reports, handed in by hand: late, twice, or against what is so. Without
// id= a report has the id that a worker gives it.
#include "tests/scenarios/verbs.h"

namespace pasig::scenario {
namespace {

Result<std::optional<Failure>> failure_option(const Statement& statement) {
  const std::string code = statement.option("fail");
  if (code.empty()) return std::optional<Failure>();
  PASIG_TRY(const FailureCode parsed, stored_word<FailureCode>(code));
  return std::optional<Failure>(Failure{.code = parsed, .words = statement.option("words")});
}

// When the copy was frozen: so long ago.
Result<Time> moment_option(const Stage& stage, const Statement& statement) {
  PASIG_TRY(const std::int64_t age, seconds_option(statement, "age", 0));
  return stage.now().plus_seconds(-age);
}

template <class Report>
Result<Command> report_of(const Stage& stage, const Statement& statement, OperationId operation,
                          std::uint32_t attempt) {
  Report report{.operation = operation, .attempt = attempt};
  if constexpr (requires { report.failure; }) {
    PASIG_TRY(report.failure, failure_option(statement));
  }
  if constexpr (requires { report.generation; }) {
    PASIG_TRY(report.generation, number_option(statement, "generation", 0));
    PASIG_TRY(report.data_as_of, moment_option(stage, statement));
  }
  if constexpr (requires { report.verified; }) report.verified = report.generation > 0;
  if constexpr (requires { report.epoch; }) {
    PASIG_TRY(report.epoch, number_option(statement, "epoch", 2));
    report.fence = {.state = FenceState::enforced, .kind = FenceKind::simulated};
  }
  if constexpr (requires { report.why; }) report.why = statement.option("words");
  return Command(std::move(report));
}

Result<Command> command_of(const Stage& stage, const Statement& statement, OperationId operation,
                           std::uint32_t attempt) {
  const std::string& what = statement.arguments[1];
  if (what == "created") return report_of<ReportShareCreated>(stage, statement, operation, attempt);
  if (what == "deleted") return report_of<ReportShareDeleted>(stage, statement, operation, attempt);
  if (what == "added") return report_of<ReportReplicaAdded>(stage, statement, operation, attempt);
  if (what == "removed")
    return report_of<ReportReplicaRemoved>(stage, statement, operation, attempt);
  if (what == "changed")
    return report_of<ReportActiveReplicaChanged>(stage, statement, operation, attempt);
  if (what == "cancelled")
    return report_of<ReportOperationCancelled>(stage, statement, operation, attempt);
  return fail(ErrorCode::invalid, "\"" + what + "\" is no outcome",
              "write created, deleted, added, removed, changed or cancelled");
}

Result<void> submit(Stage& stage, const Statement& statement, const std::string& id,
                    Command command) {
  const std::string given = statement.option("id");
  return stage.submit({},
                      {.command = std::move(command),
                       .actor = {.kind = ActorKind::system, .name = "worker:hand", .admin = true},
                       .command_id = given.empty() ? id : given});
}

Result<void> report(Stage& stage, const Statement& statement) {
  PASIG_TRY(const OperationId operation, stage.names.find<OperationId>(statement.arguments[0]));
  PASIG_TRY(const std::uint64_t number, number_option(statement, "attempt", 1));
  const auto attempt = static_cast<std::uint32_t>(number);
  PASIG_TRY(Command command, command_of(stage, statement, operation, attempt));
  return submit(stage, statement, to_string(operation) + "/" + std::to_string(attempt) + "/report",
                std::move(command));
}

Result<void> claim(Stage& stage, const Statement& statement) {
  PASIG_TRY(const OperationId operation, stage.names.find<OperationId>(statement.arguments[0]));
  PASIG_TRY(const std::uint64_t attempt, number_option(statement, "attempt", 1));
  PASIG_TRY(const std::uint64_t lease, number_option(statement, "lease", 300));
  return submit(stage, statement, stage.command_id(statement.text()),
                ClaimOperation{.operation = operation,
                               .node = statement.arguments[1],
                               .process = 1,
                               .lease_seconds = static_cast<std::uint32_t>(lease),
                               .attempt = static_cast<std::uint32_t>(attempt)});
}

// The share that a replica belongs to, as the log has it.
Result<Share> share_with(const Stage& stage, ReplicaId replica) {
  PASIG_TRY(const Node* node, stage.first_alive());
  const auto view = node->store().view();
  const auto id = view->share_once_of(replica);
  const auto share = id ? view->share(*id) : std::nullopt;
  if (share) return *share;
  return fail(ErrorCode::invalid, "no share has that replica");
}

Result<void> report_sync(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ReplicaId replica, stage.names.find<ReplicaId>(statement.arguments[0]));
  PASIG_TRY(const Share share, share_with(stage, replica));
  ReportSync report{.share = share.id, .replica = replica, .words = statement.option("words")};
  PASIG_TRY(report.epoch, number_option(statement, "epoch", share.epoch));
  PASIG_TRY(report.generation, number_option(statement, "generation", 1));
  PASIG_TRY(report.data_as_of, moment_option(stage, statement));
  if (const std::string wrong = statement.option("wrong"); !wrong.empty()) {
    PASIG_TRY(report.wrong, stored_word<OutOfSyncReason>(wrong));
  }
  return submit(stage, statement, stage.command_id(statement.text()), report);
}

Result<void> report_status(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ReplicaId replica, stage.names.find<ReplicaId>(statement.arguments[0]));
  PASIG_TRY(const Share share, share_with(stage, replica));
  ReportStatus report{.share = share.id, .replica = replica};
  PASIG_TRY(report.epoch, number_option(statement, "epoch", share.epoch));
  PASIG_TRY(report.failure, failure_option(statement));
  report.storage_words = statement.option("storage");
  report.role_fits = report.storage_words.empty();
  return submit(stage, statement, stage.command_id(statement.text()), report);
}

}  // namespace

void add_report_verbs(Verbs& verbs) {
  verbs["claim"] = {"OPERATION NODE attempt=N lease=SECONDS id=ID", claim};
  verbs["report"] = {
      "OPERATION OUTCOME attempt=N fail=CODE words=WORDS generation=N age=DURATION epoch=N id=ID",
      report};
  verbs["report-sync"] = {
      "REPLICA wrong=REASON words=WORDS generation=N age=DURATION epoch=N id=ID", report_sync};
  verbs["report-status"] = {"REPLICA fail=CODE words=WORDS storage=WORDS epoch=N id=ID",
                            report_status};
}

}  // namespace pasig::scenario
