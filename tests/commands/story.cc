#include "tests/commands/story.h"

#include <algorithm>

#include "tests/commands/success.h"

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

Command done(const Story& story, OperationId id) {
  return success_of(story.folded.world, story.now.now, story.operation(id));
}

std::string names(const Events& events) {
  std::string text;
  for (const Event& event : events) text += (text.empty() ? "" : " ") + std::string(name_of(event));
  return text;
}

}  // namespace pasig
