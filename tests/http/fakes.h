// A whole service in memory for HTTP tests: commands are really decided and folded (no log, no
// store, no threads of its own), so that answers show what clients would see.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "commands/decide.h"
#include "http/service_context.h"
#include "projections/observations.h"
#include "projections/store.h"
#include "service/handler.h"
#include "statemachine/world_reader.h"

namespace pasig::http {

class FakeView final : public View {
 public:
  explicit FakeView(FoldedWorld folded) : folded_(std::move(folded)), reader_(folded_.reader()) {
    head_.next_ordinal = folded_.position.next_ordinal;
  }
  Position position() const override { return reader_.position(); }
  std::optional<Share> share(ShareId id) const override { return reader_.share(id); }
  std::optional<ShareId> share_of(ReplicaId id) const override { return reader_.share_of(id); }
  std::optional<ShareId> share_of(SnapshotId id) const override { return reader_.share_of(id); }
  std::optional<ShareId> share_of(AccessRuleId id) const override { return reader_.share_of(id); }
  std::optional<ControllerOrders> controller(std::string_view name) const override {
    return reader_.controller(name);
  }
  std::vector<ControllerOrders> controllers() const override {
    return values(folded_.world.controllers);
  }
  std::optional<Operation> operation(OperationId id) const override {
    return reader_.operation(id);
  }
  std::optional<ShareType> share_type(ShareTypeId id) const override {
    return reader_.share_type(id);
  }
  std::optional<ShareTypeId> share_type_named(std::string_view name) const override {
    return reader_.share_type_named(name);
  }
  std::uint64_t stream_version(std::string_view stream) const override {
    return reader_.stream_version(stream);
  }
  std::int64_t counter(std::string_view name) const override { return reader_.counter(name); }
  const StoreHead& head() const override { return head_; }
  std::vector<Share> shares() const override { return values(folded_.world.shares); }
  std::vector<ShareType> share_types() const override { return values(folded_.world.types); }
  std::vector<Operation> pending_operations() const override {
    auto all = values(folded_.world.operations);
    std::erase_if(all, [](const Operation& one) { return one.is_over(); });
    return all;
  }
  std::vector<Operation> operations(std::size_t limit) const override {
    auto all = values(folded_.world.operations);
    if (all.size() > limit) all.resize(limit);
    return all;
  }
  std::optional<StoredOutcome> outcome(std::string_view) const override { return std::nullopt; }
  std::optional<Digest> digest_after(Ordinal) const override { return std::nullopt; }
  std::vector<HistoryRef> history(std::string_view, Ordinal, std::size_t) const override {
    return {};
  }
  std::uint64_t offset_of(Ordinal ordinal) const override { return ordinal; }
  std::optional<ShareId> share_once_of(ReplicaId id) const override { return share_of(id); }
  Digest scanned_digest() const override { return head_.state_digest; }

 private:
  template <class Map>
  static std::vector<typename Map::mapped_type> values(const Map& map) {
    std::vector<typename Map::mapped_type> list;
    for (const auto& [key, value] : map) list.push_back(value);
    return list;
  }
  FoldedWorld folded_;
  WorldReader reader_;
  StoreHead head_;
};

class FakeObservations final : public Observations {
 public:
  void put(const ReplicaObservation& one) override { replicas_[one.replica] = one; }
  void put(const PoolObservation& one) override { pools_[one.host] = one; }
  void put(const OperationProgress& one) override { progress_[one.operation] = one; }
  void put(const ScrubProgress& one) override { scrubs_[one.replica] = one; }
  void forget_scrub(ReplicaId id) override { scrubs_.erase(id); }
  std::optional<ScrubProgress> scrub(ReplicaId id) const override {
    const auto at = scrubs_.find(id);
    return at == scrubs_.end() ? std::nullopt : std::optional(at->second);
  }
  void forget(ReplicaId id) override { replicas_.erase(id); }
  void forget(OperationId id) override { progress_.erase(id); }
  void forget_pool(const std::string& host) override { pools_.erase(host); }
  void forget_pools_except_of(const std::set<std::string>& controllers) override {
    std::erase_if(pools_,
                  [&](const auto& one) { return !controllers.contains(one.second.controller); });
  }
  std::vector<ReplicaId> replicas() const override {
    std::vector<ReplicaId> list;
    for (const auto& [id, replica] : replicas_) list.push_back(id);
    return list;
  }
  std::optional<ReplicaObservation> replica(ReplicaId id) const override {
    const auto at = replicas_.find(id);
    return at == replicas_.end() ? std::nullopt : std::optional(at->second);
  }
  std::vector<PoolObservation> pools() const override {
    std::vector<PoolObservation> list;
    for (const auto& [host, pool] : pools_) list.push_back(pool);
    return list;
  }
  std::optional<OperationProgress> progress(OperationId id) const override {
    const auto at = progress_.find(id);
    return at == progress_.end() ? std::nullopt : std::optional(at->second);
  }

 private:
  std::map<ReplicaId, ReplicaObservation> replicas_;
  std::map<std::string, PoolObservation> pools_;
  std::map<OperationId, OperationProgress> progress_;
  std::map<ReplicaId, ScrubProgress> scrubs_;
};

class EmptyLog final : public LogReader {
 public:
  Result<std::vector<LogEntry>> read(std::uint64_t, std::size_t) const override {
    return std::vector<LogEntry>();
  }
  Result<std::uint64_t> end() const override { return 42; }
  bool wait_beyond(std::uint64_t, Duration, std::stop_token) const override { return false; }
};

// Decides on the world in memory and folds what was decided.
class DecidingHandler final : public Handler {
 public:
  explicit DecidingHandler(const Clock& clock) : clock_(clock) {}

  Result<CommandOutcome> submit(Submission submission) override {
    const std::scoped_lock lock(mutex_);
    last = submission;
    if (fails_with) return tl::unexpected(*fails_with);
    const std::string id =
        submission.command_id.empty() ? to_string(random_uuid()) : submission.command_id;
    Surroundings now{.now = clock_.now(),
                     .actor = submission.actor,
                     .command_id = id,
                     .pools = pools,
                     .zones = zones};
    const WorldReader reader = folded.reader();
    ReadView view(reader);
    const Decision decision = decide(view, now, submission.command);
    CommandOutcome outcome{.command_id = id};
    if (!decision) {
      outcome.refusal = decision.error();
      return outcome;
    }
    outcome.events = *decision;
    outcome.written = !outcome.events.empty();
    outcome.ordinal = folded.position.next_ordinal;
    if (outcome.written)
      folded.apply({.command_id = id,
                    .time = clock_.now(),
                    .moved = view.moves(),
                    .events = outcome.events});
    return outcome;
  }
  Result<CommandOutcome> outcome(const std::string& id) override {
    return fail(ErrorCode::not_found, "command " + id + " is not known");
  }
  std::unique_ptr<View> view() const {
    const std::scoped_lock lock(mutex_);
    return std::make_unique<FakeView>(folded);
  }

  FoldedWorld folded;
  std::vector<PoolReport> pools;
  std::vector<std::string> zones;
  std::optional<Error> fails_with;
  Submission last;

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;
};

// Two zones with one controller and one pool each, and what a test does to them.
class FakeService {
 public:
  FakeService();

  ManualClock clock{Time{1'795'000'000'000'000}};
  DecidingHandler handler{clock};
  FakeObservations observations;
  EmptyLog log;
  std::vector<ControllerState> controllers;
  std::string not_ready;
  ServiceContext context;

  // Submits as the system and expects it to be accepted.
  CommandOutcome run(Command command);
  ShareTypeId make_type(const std::string& name, const std::string& replication);
  ShareId make_share(ShareTypeId type, const std::string& name);  // available
  ReplicaId make_replica(ShareId share, ReplicaState state);      // available
  Share share(ShareId id) const { return *handler.view()->share(id); }

 private:
  void add_pool(const std::string& controller, const std::string& zone);
  void claim_and(ShareId share, OperationKind kind);
};

}  // namespace pasig::http
