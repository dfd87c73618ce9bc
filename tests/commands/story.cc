#include "tests/commands/story.h"

#include <algorithm>

namespace pasig {
namespace {

constexpr std::uint64_t k_gib = std::uint64_t{1} << 30;

PoolReport pool(const std::string& name) {
  return {.host = "node@" + name + "#pool",
          .controller = name,
          .pool = "pool",
          .zone = "z-" + name,
          .total_bytes = 100 * k_gib,
          .free_bytes = 100 * k_gib,
          .replication_domain = "world",
          .replication_types = {ReplicationType::writable, ReplicationType::readable,
                                ReplicationType::dr}};
}

void expect_noted_streams(const Events& events, const std::vector<Expectation>& expectations) {
  for (const Event& event : events)
    for (const std::string& stream : streams_of(event))
      EXPECT_TRUE(std::any_of(expectations.begin(), expectations.end(),
                              [&](const Expectation& one) { return one.subject == stream; }))
          << name_of(event) << " touches " << stream << ", which the decision did not note";
}

}  // namespace

Story::Story() {
  now.now = Time{1'700'000'000'000'000};
  now.pools = {pool("a"), pool("b"), pool("c")};
  now.zones = {"z-a", "z-b", "z-c"};
  as_admin();
}

Decision Story::ask(const Command& command) {
  const WorldReader reader = folded.reader();
  ReadView view(reader);
  Decision decision = decide(view, now, command);
  if (decision) expect_noted_streams(*decision, view.expectations());
  ReadView again(reader);
  EXPECT_EQ(decision, decide(again, now, command)) << name_of(command) << " is not pure";
  return decision;
}

Events Story::take(const Command& command) {
  now.command_id = "command-" + std::to_string(++commands_);
  const Decision decision = ask(command);
  if (!decision) {
    ADD_FAILURE() << name_of(command) << " was refused: " << decision.error().message;
    return {};
  }
  const WorldReader reader = folded.reader();
  ReadView view(reader);
  static_cast<void>(decide(view, now, command));
  fold(*decision, view.moves());
  return *decision;
}

std::string Story::refused(const Command& command) {
  const Decision decision = ask(command);
  return decision ? "accepted" : std::string(word(decision.error().guard));
}

std::string Story::refusal(const Command& command) {
  const Decision decision = ask(command);
  return decision ? "" : decision.error().message;
}

void Story::fold(const Events& events, const std::vector<CounterMove>& moves) {
  if (events.empty()) return;
  Record record{.command_id = now.command_id, .actor = now.actor, .time = now.now, .moved = moves};
  record.events = events;
  folded.apply(record);
}

void Story::as_member(const std::string& project) {
  now.actor = {.kind = ActorKind::user, .name = "member", .project = project};
}

void Story::as_admin(const std::string& project) {
  now.actor = {.kind = ActorKind::user, .name = "admin", .project = project, .admin = true};
}

void Story::as_worker() { now.actor = {.kind = ActorKind::system, .name = "worker:node"}; }

ShareTypeId Story::make_type(const std::string& replication, std::vector<KeyValue> more) {
  more.push_back({"driver_handles_share_servers", "False"});
  if (replication != "none") more.push_back({"replication_type", replication});
  const Events events = take(CreateShareType{.name = replication + "-" + std::to_string(commands_),
                                             .extra_specs = std::move(more)});
  const auto* created = find<ShareTypeCreated>(events);
  return created == nullptr ? ShareTypeId{} : created->type;
}

ShareId Story::request_share(ShareTypeId type, std::uint64_t size_gb) {
  const Events events = take(CreateShare{
      .name = "data", .protocol = "nfs", .size_gb = size_gb, .type = type, .zone = "z-a"});
  const auto* created = find<ShareCreated>(events);
  return created == nullptr ? ShareId{} : created->share;
}

ShareId Story::make_share(const std::string& replication) {
  const ShareId id = request_share(make_type(replication));
  finish_first(id);
  return id;
}

ReplicaId Story::request_replica(ShareId id, const std::string& zone) {
  take(AddReplica{.share = id, .zone = zone});
  return share(id).replicas.back().id;
}

ReplicaId Story::make_replica(ShareId id, const std::string& zone) {
  const ReplicaId added = request_replica(id, zone);
  finish_first(id);
  return added;
}

OperationId Story::start_first(ShareId id) {
  const OperationId operation_id = first_in_line(id);
  take(ClaimOperation{.operation = operation_id,
                      .node = "node",
                      .process = 1,
                      .lease_seconds = 300,
                      .attempt = operation(operation_id).attempt + 1});
  return operation_id;
}

void Story::finish_first(ShareId id) {
  const OperationId first = first_in_line(id);
  if (operation(first).status == OperationStatus::requested) start_first(id);
  take(done(*this, first));
}

const Replica& Story::replica(ReplicaId id) const {
  for (const auto& [share_id, one] : folded.world.shares)
    if (const Replica* found = one.find(id)) return *found;
  ADD_FAILURE() << "replica " << to_string(id) << " does not exist";
  static const Replica k_none;
  return k_none;
}

std::int64_t Story::counter(const std::string& name) const {
  const auto at = folded.counters.find(name);
  return at == folded.counters.end() ? 0 : at->second;
}

namespace {

Command resized(const Story& story, const Operation& operation) {
  ReportShareResized report{.operation = operation.id, .attempt = operation.attempt};
  for (const Replica& one : story.share(operation.share).replicas)
    report.outcomes.push_back({.replica = one.id, .done = true});
  return report;
}

// Nothing of it is left anywhere.
Command snapshot_deleted(const Story& story, const Operation& operation) {
  ReportSnapshotDeleted report{.operation = operation.id, .attempt = operation.attempt};
  for (const Replica& one : story.share(operation.share).replicas)
    report.outcomes.push_back({.replica = one.id, .done = true});
  return report;
}

// Every rule holds everywhere, as its replica's role allows.
Command access_updated(const Story& story, const Operation& operation) {
  const Share& share = story.share(operation.share);
  ReportAccessUpdated report{.operation = operation.id, .attempt = operation.attempt};
  for (const Replica& replica : share.replicas) {
    ReportAccessUpdated::OfReplica of{.replica = replica.id};
    for (const ShareAccessRule& rule : share.access_rules)
      if (!rule.is_removed)
        of.rules.push_back(
            {.rule = rule.id,
             .level = replica.state == ReplicaState::active ? rule.level : AccessLevel::ro});
    report.replicas.push_back(std::move(of));
  }
  return report;
}

Command reverted(const Story& story, const Operation& operation) {
  ReportShareReverted report{.operation = operation.id,
                             .attempt = operation.attempt,
                             .generation = 9,
                             .data_as_of = story.now.now};
  for (const Replica& one : story.share(operation.share).replicas)
    if (one.state != ReplicaState::active)
      report.outcomes.push_back({.replica = one.id, .done = true});
  return report;
}

}  // namespace

Command done(const Story& story, OperationId id) {
  const Operation& operation = story.operation(id);
  const std::uint32_t attempt = operation.attempt;
  switch (operation.kind) {
    case OperationKind::create_share:
      return ReportShareCreated{.operation = id, .attempt = attempt, .exports = {"host:/export"}};
    case OperationKind::delete_share:
      return ReportShareDeleted{.operation = id, .attempt = attempt};
    case OperationKind::add_replica:
      return ReportReplicaAdded{.operation = id,
                                .attempt = attempt,
                                .verified = true,
                                .generation = 1,
                                .data_as_of = story.now.now.plus_seconds(-1)};
    case OperationKind::remove_replica:
      return ReportReplicaRemoved{.operation = id, .attempt = attempt};
    case OperationKind::set_active_replica:
      return ReportActiveReplicaChanged{.operation = id,
                                        .attempt = attempt,
                                        .epoch = story.share(operation.share).epoch + 1,
                                        .generation = 2,
                                        .data_as_of = story.now.now,
                                        .exports = {"host:/new"}};
    case OperationKind::extend_share:
    case OperationKind::shrink_share:
      return resized(story, operation);
    case OperationKind::update_access:
      return access_updated(story, operation);
    case OperationKind::manage_share:
      return ReportShareManaged{.operation = id,
                                .attempt = attempt,
                                .exports = {"host:/managed"},
                                .used_bytes = 5 * k_gib + 1};
    case OperationKind::unmanage_share:
      return ReportShareUnmanaged{.operation = id, .attempt = attempt, .path = "/srv/old"};
    case OperationKind::manage_snapshot:
      return ReportSnapshotTaken{.operation = id,
                                 .attempt = attempt,
                                 .digest = std::string(64, 'a'),
                                 .files = 3,
                                 .bytes = 42,
                                 .taken_at = story.now.now};
    case OperationKind::unmanage_snapshot:
      return ReportSnapshotUnmanaged{.operation = id, .attempt = attempt, .path = "/srv/snap"};
    case OperationKind::delete_aside:
      return ReportAsideDeleted{.operation = id, .attempt = attempt};
    case OperationKind::restore_aside:
      return ReportAsideRestored{.operation = id, .attempt = attempt, .files = 2, .bytes = 8};
    case OperationKind::create_snapshot:
      return ReportSnapshotTaken{.operation = id,
                                 .attempt = attempt,
                                 .digest = "d1",
                                 .files = 3,
                                 .bytes = 4096,
                                 .taken_at = story.now.now,
                                 .consistency = Consistency::atomic};
    case OperationKind::delete_snapshot:
      return snapshot_deleted(story, operation);
    case OperationKind::revert_share:
      return reverted(story, operation);
  }
  return CancelOperation{};
}

std::string names(const Events& events) {
  std::string text;
  for (const Event& event : events) text += (text.empty() ? "" : " ") + std::string(name_of(event));
  return text;
}

}  // namespace pasig
