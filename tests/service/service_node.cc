#include "tests/service/service_node.h"

#include "tests/log/judged_log.h"

namespace pasig {
namespace {

constexpr std::uint64_t k_gib = 1ULL << 30;
constexpr auto k_long = std::chrono::seconds(60);

PoolReport pool(const std::string& name) {
  return {.host = "n1@" + name + "#p0",
          .controller = name,
          .pool = "p0",
          .zone = "zone-" + name,
          .total_bytes = 10'000 * k_gib,
          .free_bytes = 9'000 * k_gib,
          .replication_domain = "D",
          .replication_types = {ReplicationType::readable, ReplicationType::dr}};
}

Surroundings surroundings() {
  return {.pools = {pool("a"), pool("b"), pool("c")},
          .zones = {"zone-a", "zone-b", "zone-c"},
          .quotas = {{}, {}, {}, {}}};
}

}  // namespace

ServiceNode::ServiceNode(EventLog& log, const Clock& clock, const Options& options)
    : clock_(clock) {
  std::string because;
  store_ = std::move(open_store((scratch_.path() / "state").string(),
                                {.map_bytes = options.map_bytes}, &because))
               .value();
  EXPECT_TRUE(create_log_if_empty(log, clock, options.name, options.window));
  applier_ = std::make_unique<Applier>(*store_, log);
  applier_->start();
  handler_ = make_command_handler(
      {.log = log,
       .store = *store_,
       .applier = *applier_,
       .clock = clock,
       .node = options.name,
       .surroundings = [](const View&, const Command&) { return surroundings(); },
       .tries_end_after = options.tries_end_after});
}

Result<CommandOutcome> ServiceNode::submit(Command command, std::string id, Actor actor) {
  return handler_->submit({.command = std::move(command),
                           .actor = std::move(actor),
                           .command_id = std::move(id),
                           .reason = "a test"});
}

CommandOutcome ServiceNode::run(Command command, std::string id, Actor actor) {
  const std::string name(name_of(command));
  auto outcome = submit(std::move(command), std::move(id), std::move(actor));
  EXPECT_TRUE(outcome) << name << ": " << (outcome ? "" : outcome.error().text());
  if (!outcome) return {};
  EXPECT_FALSE(outcome->refusal) << name << ": " << outcome->refusal->message;
  return *std::move(outcome);
}

std::unique_ptr<View> ServiceNode::view() const {
  EXPECT_TRUE(applier_->catch_up(k_long));
  return store_->view();
}

Share ServiceNode::share(ShareId id) const { return view()->share(id).value_or(Share{}); }

Operation ServiceNode::operation(OperationId id) const {
  return view()->operation(id).value_or(Operation{});
}

ShareTypeId ServiceNode::make_type(const std::string& name, const std::string& replication) {
  run(CreateShareType{.name = name,
                      .extra_specs = {{"driver_handles_share_servers", "False"},
                                      {"replication_type", replication}}});
  return view()->share_type_named(name).value_or(ShareTypeId{});
}

ShareId ServiceNode::request_share() {
  const ShareTypeId type = make_type("type " + std::to_string(++types_) + to_string(random_uuid()));
  const auto outcome =
      run(CreateShare{.name = "share", .protocol = "NFS", .size_gb = 1, .type = type});
  for (const Event& event : outcome.events)
    if (const auto* created = std::get_if<ShareCreated>(&event)) return created->share;
  return {};
}

OperationId ServiceNode::claim_first(ShareId id) {
  const OperationId first = share(id).operations.at(0).id;
  run(ClaimOperation{.operation = first,
                     .node = "n1",
                     .process = 1,
                     .lease_seconds = 300,
                     .attempt = operation(first).attempt + 1},
      {}, k_worker);
  return first;
}

ShareId ServiceNode::make_share() {
  const ShareId id = request_share();
  run(ReportShareCreated{.operation = claim_first(id), .attempt = 1, .exports = {"host:/a"}}, {},
      k_worker);
  return id;
}

ReplicaId ServiceNode::request_replica(ShareId id) {
  run(AddReplica{.share = id});
  return share(id).replicas.back().id;
}

ReplicaId ServiceNode::make_replica(ShareId id) {
  const ReplicaId replica = request_replica(id);
  run(ReportReplicaAdded{.operation = claim_first(id),
                         .attempt = 1,
                         .exports = {"host:/b"},
                         .verified = true,
                         .generation = 1,
                         .data_as_of = clock_.now().plus_seconds(-1)},
      {}, k_worker);
  EXPECT_EQ(share(id).find(replica)->state, ReplicaState::in_sync);
  return replica;
}

std::vector<Judged> judged_records(const LogReader& log) {
  JudgedLog judged;
  std::vector<Judged> all;
  for (std::uint64_t at = 0;;) {
    const auto entries = log.read(at, 1000);
    if (!entries || entries->empty()) return all;
    for (const LogEntry& entry : *entries) {
      const VoidReason verdict = judged.take_bytes(entry.frame).reason;
      if (auto record = decode(entry.frame)) all.push_back({*std::move(record), verdict});
      ++at;
    }
  }
}

Tries tries_of(const LogReader& log, const std::string& command_id) {
  Tries tries;
  for (const Judged& one : judged_records(log)) {
    if (one.record.command_id != command_id) continue;
    ++(one.verdict == VoidReason::none ? tries.accepted : tries.voids);
  }
  return tries;
}

}  // namespace pasig
