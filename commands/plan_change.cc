#include "commands/plan_change.h"

#include <algorithm>
#include <utility>

#include "commands/guards.h"
#include "statemachine/kept_off.h"
#include "statemachine/world_reader.h"

namespace pasig {
namespace {

// The part of the state that a change reads and writes, as a copy.
FoldedWorld copy_around(const StateReader& state, const Share& share) {
  FoldedWorld copy;
  copy.position = state.position();
  copy.world.shares[share.id] = share;
  const auto take_version = [&](const std::string& stream) {
    copy.versions[stream] = state.stream_version(stream);
  };
  take_version(stream_of(share.id));
  for (const PendingOperation& one : share.operations) {
    if (auto operation = state.operation(one.id))
      copy.world.operations[one.id] = *std::move(operation);
    take_version(stream_of(one.id));
  }
  std::vector<std::string> controllers = {""};
  for (const Replica& one : share.replicas) controllers.push_back(one.controller);
  for (const std::string& name : controllers) {
    if (auto orders = state.controller(name)) copy.world.controllers[name] = *std::move(orders);
    take_version(controller_stream(name));
  }
  return copy;
}

const SideSeen* find(const std::vector<SideSeen>& seen, ReplicaId replica) {
  const auto at = std::find_if(seen.begin(), seen.end(),
                               [&](const SideSeen& one) { return one.replica == replica; });
  return at == seen.end() ? nullptr : &*at;
}

// One plan in the making: decides a command on the copy, and folds what it would write.
class Planning {
 public:
  Planning(FoldedWorld copy, const Surroundings& now, const std::vector<SideSeen>& seen)
      : copy_(std::move(copy)), now_(now), seen_(seen) {}

  ChangePlan run(const SetActiveReplica& command, ShareId share) {
    share_ = share;
    if (!write("SetActiveReplica", command)) return std::move(plan_);
    const auto* asked = find_request();
    if (asked == nullptr) {
      plan_.loses_nothing = true;
      plan_.remarks.emplace_back("it is the active one already: nothing would be done");
      return std::move(plan_);
    }
    const OperationRequested request = *asked;
    wait_for_others(request.operation);
    // A worker's words, which the real one has others for: k_not_foretold.
    if (!write("ClaimOperation", ClaimOperation{.operation = request.operation,
                                                .node = "worker",
                                                .lease_seconds = 1,
                                                .attempt = 1}))
      return std::move(plan_);
    (void)write("ReportActiveReplicaChanged", report(request));
    return std::move(plan_);
  }

 private:
  FoldedWorld copy_;
  const Surroundings& now_;
  const std::vector<SideSeen>& seen_;
  ChangePlan plan_;
  ShareId share_;

  [[nodiscard]] const Share& share() const { return copy_.world.shares.at(share_); }

  template <class C>
  bool write(const std::string& name, const C& command) {
    const WorldReader reader = copy_.reader();
    ReadView view(reader);
    Surroundings now = now_;
    if constexpr (!std::is_same_v<C, SetActiveReplica>) {
      now.actor = {.kind = ActorKind::system, .name = "plan", .admin = true};
      // As a worker names them, because new operations have their ids from it.
      now.command_id = to_string(command.operation) + "/" + std::to_string(command.attempt) +
                       (name == "ClaimOperation" ? "/claim/worker/0" : "/report");
    }
    auto decided = decide(view, now, command);
    if (!decided) {
      plan_.refusals.push_back(std::move(decided).error());
      return false;
    }
    copy_.apply(Record{.command_id = now.command_id,
                       .command = name,
                       .actor = now.actor,
                       .time = now.now,
                       .events = *decided});
    plan_.records.push_back({name, *std::move(decided)});
    return true;
  }

  [[nodiscard]] std::string kept_off_in_words(const Replica& replica) const {
    const auto orders = copy_.world.controllers.find(replica.controller);
    return orders == copy_.world.controllers.end() ? std::string()
                                                   : pasig::kept_off_in_words(orders->second);
  }

  [[nodiscard]] const OperationRequested* find_request() const {
    for (const Event& event : plan_.records.front().events)
      if (const auto* found = std::get_if<OperationRequested>(&event)) return found;
    return nullptr;
  }

  // What runs on the share is asked to stop, and tells its own end. What waits has been done by
  // then, or is done afterwards: the change does not ask for it.
  void wait_for_others(OperationId own) {
    Share& whole = copy_.world.shares.at(share_);
    std::erase_if(whole.operations, [&](const PendingOperation& one) {
      if (one.id == own) return false;
      plan_.remarks.push_back("it would begin when " + in_words(one) + " is over");
      const bool waits = copy_.world.operations.at(one.id).status == OperationStatus::requested;
      if (waits && one.kind == OperationKind::update_access) assume_applied(whole);
      return !waits || one.kind == OperationKind::update_access;
    });
    std::stable_partition(whole.operations.begin(), whole.operations.end(),
                          [&](const PendingOperation& one) { return one.id == own; });
  }

  static void assume_applied(Share& share) {
    std::erase_if(share.access_rules, [](const ShareAccessRule& rule) { return rule.is_removed; });
    for (ShareAccessRule& rule : share.access_rules)
      for (AppliedRule& one : rule.replicas) one.state = AccessState::active;
  }

  // The report that a change brings which finds storage as it was seen.
  ReportActiveReplicaChanged report(const OperationRequested& request) {
    const Operation& operation = copy_.world.operations.at(request.operation);
    const Replica& active = *share().active();
    const SideSeen* old_side = find(seen_, active.id);
    const SideSeen* new_side = find(seen_, request.replica);
    const std::string kept_off = kept_off_in_words(active);
    const bool answers = old_side != nullptr && old_side->is_reachable && kept_off.empty();
    ReportActiveReplicaChanged all{.operation = request.operation, .attempt = 1};
    if (new_side == nullptr || !new_side->is_reachable)
      return not_done(std::move(all), *share().find(request.replica), new_side);
    if (operation.mode == ChangeMode::planned && !answers)
      return not_done(std::move(all), active, old_side);
    const bool is_forced = operation.mode == ChangeMode::forced || !answers;
    all.effective_mode = is_forced ? ChangeMode::forced : ChangeMode::planned;
    all.epoch = share().epoch + 1;
    all.fence.state = answers ? FenceState::enforced : FenceState::pending;
    all.exports = share().find(request.replica)->exports;
    // A side that does not answer loses its exports when it is back.
    if (answers && share().replication == ReplicationType::readable)
      all.demoted_exports = active.exports;
    all.generation = new_side->generation;
    all.consistency = new_side->consistency;
    all.data_as_of = is_forced ? new_side->data_as_of : now_.now;
    if (is_forced) price(all, active);
    plan_.effective_mode = all.effective_mode;
    plan_.loses_nothing = !is_forced;
    plan_.data_as_of = is_forced ? new_side->data_as_of : Time{};
    if (!is_forced) plan_.remarks.emplace_back("a final sync brings it up to the last write");
    if (!kept_off.empty())
      plan_.remarks.push_back(
          "the old side, replica " + to_string(active.id) +
          ", would be left alone, and its fence pending until that ends: " + kept_off);
    else
      plan_.remarks.push_back(
          answers ? "the old side, replica " + to_string(active.id) +
                        ", answers: it would be fenced before clients can write on the new one"
                  : "the old side, replica " + to_string(active.id) +
                        ", does not answer: its fence would be pending, and clients that reach it "
                        "could still write there until it is back");
    return all;
  }

  ReportActiveReplicaChanged not_done(ReportActiveReplicaChanged report, const Replica& replica,
                                      const SideSeen* side) {
    report.failure =
        Failure{.code = FailureCode::unreachable,
                .controller = replica.controller,
                .words = side == nullptr ? "its controller is not worked for here" : side->words};
    plan_.loses_nothing = true;
    plan_.remarks.push_back("replica " + to_string(replica.id) + " does not answer (" +
                            report.failure->words + "), so nothing would change");
    return report;
  }

  void price(ReportActiveReplicaChanged& report, const Replica& active) {
    plan_.loss_is_known = report.data_as_of.is_set();
    if (plan_.loss_is_known)
      plan_.loss_micros = std::max<std::int64_t>(0, now_.now.micros_since(report.data_as_of));
    for (const SideSeen& one : seen_) {
      if (one.replica == report_target(report) || one.replica == active.id) continue;
      if (!one.is_reachable || one.data_as_of <= report.data_as_of) continue;
      if (!kept_off_in_words(*share().find(one.replica)).empty()) continue;  // it is not looked at
      plan_.ahead.push_back(one.replica);
      report.diverged.push_back(one.replica);
    }
  }

  [[nodiscard]] ReplicaId report_target(const ReportActiveReplicaChanged& report) const {
    return copy_.world.operations.at(report.operation).replica;
  }
};

}  // namespace

ChangePlan plan_change(const StateReader& state, const Surroundings& now,
                       const SetActiveReplica& command, const std::vector<SideSeen>& seen) {
  ReadView view(state);
  const auto place = find_replica(view, now.actor, command.replica);
  if (!place) return {.refusals = {place.error()}};
  return Planning(copy_around(state, *place->share), now, seen).run(command, place->share->id);
}

}  // namespace pasig
