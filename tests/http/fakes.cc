#include "tests/http/fakes.h"

#include <gtest/gtest.h>

namespace pasig::http {

FakeService::FakeService()
    : context{.handler = handler,
              .view = [this] { return handler.view(); },
              .observations = observations,
              .log = log,
              .clock = clock,
              .controllers = [this] { return controllers; },
              .zones = {"zone-a", "zone-b"},
              .options = {.node = "n1", .default_project = "aa"},
              .not_ready_because = [this] { return not_ready; }} {
  handler.zones = context.zones;
  add_pool("alpha", "zone-a");
  add_pool("beta", "zone-b");
}

void FakeService::add_pool(const std::string& controller, const std::string& zone) {
  constexpr std::uint64_t k_gib = 1ULL << 30;
  const std::string host = "n1@" + controller + "#p0";
  const std::vector<ReplicationType> types{ReplicationType::writable, ReplicationType::readable,
                                           ReplicationType::dr};
  const std::map<std::string, std::string> capabilities{{"compression", "true"}};
  handler.pools.push_back({.host = host,
                           .controller = controller,
                           .pool = "p0",
                           .zone = zone,
                           .driver = "simulated",
                           .total_bytes = 1230 * k_gib,
                           .free_bytes = 1210 * k_gib,
                           .replication_domain = "D",
                           .replication_types = types,
                           .capabilities = capabilities});
  observations.put(PoolObservation{.host = host,
                                   .controller = controller,
                                   .pool = "p0",
                                   .zone = zone,
                                   .driver = "simulated",
                                   .total_bytes = 1230 * k_gib,
                                   .free_bytes = 1210 * k_gib,
                                   .replication_domain = "D",
                                   .replication_types = types,
                                   .capabilities = capabilities,
                                   .reported_at = clock.now(),
                                   .up = true});
  controllers.push_back({controller, zone, "simulated", true, ""});
}

CommandOutcome FakeService::run(Command command) {
  const auto outcome = handler.submit(
      {.command = std::move(command),
       .actor = {.kind = ActorKind::system, .name = "test", .project = "aa", .admin = true}});
  EXPECT_TRUE(outcome) << (outcome ? "" : outcome.error().text());
  EXPECT_FALSE(outcome->refusal) << outcome->refusal->message;
  return *outcome;
}

ShareTypeId FakeService::make_type(const std::string& name, const std::string& replication) {
  std::vector<KeyValue> specs{{"driver_handles_share_servers", "False"}};
  if (!replication.empty()) specs.push_back({"replication_type", replication});
  return std::get<ShareTypeCreated>(
             run(CreateShareType{.name = name, .extra_specs = specs}).events.front())
      .type;
}

void FakeService::claim_and(ShareId id, OperationKind kind) {
  const PendingOperation pending = share(id).operations.front();
  ASSERT_EQ(pending.kind, kind);
  run(ClaimOperation{.operation = pending.id, .node = "n1", .process = 1, .lease_seconds = 300});
}

ShareId FakeService::make_share(ShareTypeId type, const std::string& name) {
  const auto outcome =
      run(CreateShare{.name = name, .protocol = "NFS", .size_gb = 1, .type = type});
  const ShareId id = std::get<ShareCreated>(outcome.events.front()).share;
  claim_and(id, OperationKind::create_share);
  run(ReportShareCreated{.operation = share(id).operations.front().id,
                         .attempt = 1,
                         .exports = {"10.0.0.10:/" + name, "10.0.0.11:/" + name}});
  return id;
}

ReplicaId FakeService::make_replica(ShareId id, ReplicaState state) {
  const auto outcome = run(AddReplica{.share = id});
  const ReplicaId replica = std::get<ReplicaAddStarted>(outcome.events.front()).replica;
  claim_and(id, OperationKind::add_replica);
  run(ReportReplicaAdded{.operation = share(id).operations.front().id,
                         .attempt = 1,
                         .exports = {"10.0.0.20:/" + to_string(replica)},
                         .verified = state == ReplicaState::in_sync,
                         .generation = 1,
                         .data_as_of = clock.now().plus_seconds(-7),
                         .consistency = Consistency::settled});
  EXPECT_EQ(share(id).find(replica)->state, state);
  return replica;
}

}  // namespace pasig::http
