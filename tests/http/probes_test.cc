// Health and metrics, as machines that watch over a node see them.
#include <latch>

#include "tests/http/running_server.h"

namespace pasig::http {
namespace {

TEST_F(HttpServer, ProbesAnswerWithoutVersionHeaders) {
  start();
  const std::string live = exchange(request_text("GET /healthcheck/live HTTP/1.1"));
  EXPECT_EQ(status_in(live), 200);
  EXPECT_EQ(live.find("X-OpenStack-Manila-API-Version"), std::string::npos);
  EXPECT_EQ(status_in(exchange(request_text("GET /healthcheck/ready HTTP/1.1"))), 200);
  service_.not_ready = "the log does not answer";
  const std::string ready = exchange(request_text("GET /healthcheck/ready HTTP/1.1"));
  EXPECT_EQ(status_in(ready), 503);
  EXPECT_NE(ready.find("the log does not answer"), std::string::npos);
  EXPECT_EQ(status_in(exchange(request_text("GET /healthcheck HTTP/1.1"))), 503);
  EXPECT_EQ(status_in(exchange(request_text("GET /healthcheck/live HTTP/1.1"))), 200);
}

TEST_F(HttpServer, MetricsShowRequestsCommandsAndState) {
  const auto share = service_.make_share(service_.make_type("gold", "readable"), "docs");
  service_.make_replica(share, ReplicaState::in_sync);
  CountedHandler counted(service_.handler, metrics_);
  ASSERT_TRUE(counted.submit({.command = DeleteShare{share}}));
  service_.handler.fails_with = Error{ErrorCode::unavailable, "no", ""};
  EXPECT_FALSE(counted.submit({.command = DeleteShare{share}}));
  std::latch counted_one(1);
  options_.observe = [&](const Exchange& exchange) {
    metrics_.count(exchange);
    if (exchange.route == "/who") counted_one.count_down();
  };
  start();
  EXPECT_EQ(status_in(exchange(request_text("GET /who HTTP/1.1"))), 200);
  counted_one.wait();
  const std::string text = exchange(request_text("GET /metrics HTTP/1.1"));
  for (const char* line :
       {"pasig_http_requests_total{code=\"200\",method=\"GET\",route=\"/who\"} 1",
        "pasig_http_request_duration_seconds_count{route=\"/who\"} 1",
        "pasig_commands_total{command=\"DeleteShare\",outcome=\"share_has_replicas\"} 1",
        "pasig_commands_total{command=\"DeleteShare\",outcome=\"error_unavailable\"} 1",
        "pasig_replicas{replica_state=\"in_sync\"} 1", "pasig_replicas{replica_state=\"active\"} 1",
        "pasig_operations_pending{kind=\"add_replica\"} 0", "pasig_replica_lag_seconds{",
        "pasig_replica_rpo_seconds{", "pasig_replicas_over_rpo 0",
        "pasig_pool_free_bytes{pool=\"n1@alpha#p0\",zone=\"zone-a\"}", "pasig_applied_records ",
        "pasig_log_end_offset 42"})
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
}

TEST_F(HttpServer, MetricsShowWhatIsBehindAndWhatIsOrdered) {
  const auto share = service_.make_share(service_.make_type("gold", "readable"), "docs");
  service_.make_replica(share, ReplicaState::in_sync);
  service_.run(CreateSnapshot{.share = share, .name = "nightly"});
  service_.run(GrantAccess{.share = share, .type = "user", .to = "anna"});
  service_.run(PauseEffects{{}, "alpha", "a disk is changed"});
  service_.run(PauseEffects{share, "", "somebody looks at it"});
  service_.run(DrainController{"beta", "to be replaced"});
  service_.run(SuspendReplication{share, "the line is needed"});
  service_.clock.advance_seconds(100'000);
  start();
  const std::string text = exchange(request_text("GET /metrics HTTP/1.1"));
  for (const char* line :
       {"pasig_replicas_over_rpo 1", "pasig_snapshots{status=\"creating\"} 1",
        "pasig_snapshots{status=\"available\"} 0",
        "pasig_access_rules{state=\"queued_to_apply\"} 2",
        "pasig_effects_paused{controller=\"\"} 0", "pasig_effects_paused{controller=\"alpha\"} 1",
        "pasig_effects_paused{controller=\"beta\"} 0",
        "pasig_controller_drained{controller=\"alpha\"} 0",
        "pasig_controller_drained{controller=\"beta\"} 1",
        "pasig_controller_retired{controller=\"beta\"} 0", "pasig_shares_paused 1",
        "pasig_shares_replication_suspended 1", "pasig_debris 0", "pasig_shares_over_size 0"})
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  const std::string health = exchange(request_text("GET /healthcheck HTTP/1.1"));
  EXPECT_EQ(status_in(health), 200);
  EXPECT_NE(health.find("a disk is changed"), std::string::npos) << health;
  EXPECT_NE(health.find("somebody looks at it"), std::string::npos) << health;
}

}  // namespace
}  // namespace pasig::http
