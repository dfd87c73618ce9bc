// What the calls on replicas do: codes, texts, empty bodies, ownership.
#include "tests/http/manila_api.h"

namespace pasig::http {
namespace {

TEST_F(ManilaApi, AddsAReplicaAndShowsItAsManilaDoes) {
  const auto share = service_.make_share(service_.make_type("gold", "readable"), "docs");
  const Response made =
      post("/v2/share-replicas", R"({"share_replica":{"share_id":")" + to_string(share) +
                                     R"(","availability_zone":"zone-b"}})");
  ASSERT_EQ(made.status, 202) << made.body;
  const auto replica = body_of(made).at("share_replica").as_object();
  EXPECT_EQ(keys_of(replica),
            "id share_id availability_zone created_at status share_network_id "
            "replica_state updated_at share_server_id host "
            "cast_rules_to_readonly");
  EXPECT_EQ(replica.at("status"), "creating");
  EXPECT_TRUE(replica.at("replica_state").is_null());
  EXPECT_TRUE(replica.at("updated_at").is_null());
  EXPECT_EQ(replica.at("host"), "");
  EXPECT_EQ(replica.at("availability_zone"), "zone-b");
}

TEST_F(ManilaApi, RefusesBadReplicas) {
  const auto plain = to_string(service_.make_share(service_.make_type("gold", ""), "docs"));
  const auto body = [](const std::string& fields) {
    return R"({"share_replica":{)" + fields + "}}";
  };
  const auto status = [&](const std::string& text) {
    return post("/v2/share-replicas", text).status;
  };
  EXPECT_EQ(status("{}"), 422);
  EXPECT_EQ(status(R"({"share_replica":[]})"), 422);
  EXPECT_EQ(status(body("")), 400);
  EXPECT_EQ(status(body(R"("share_id":7)")), 400);
  EXPECT_EQ(status(body(R"("share_id":"49d707b9-b11d-4d0d-9443-fe3fb4307009")")), 404);
  EXPECT_EQ(status(body(R"("share_id":"x")")), 404);
  EXPECT_EQ(status(body(R"("share_id":")" + plain + R"(")")), 400);
  const std::string id = R"("share_id":")" + plain + R"(",)";
  EXPECT_EQ(status(body(id + R"("scheduler_hints":{"same_host":"x"})")), 400);
  EXPECT_EQ(status(body(R"("share_id":")" + plain + R"(","share_network_id":"x")")), 400);
}

class Replicated : public ManilaApi {
 protected:
  Replicated() {
    share_ = service_.make_share(service_.make_type("gold", "readable"), "docs");
    active_ = service_.share(share_).active()->id;
    second_ = service_.make_replica(share_, ReplicaState::in_sync);
  }
  Response act(ReplicaId id, const std::string& body) { return post(at(id) + "/action", body); }
  ShareId share_;
  ReplicaId active_;
  ReplicaId second_;
};

TEST_F(Replicated, PromoteAnswers202WithTheReplica) {
  const Response response = act(second_, R"({"promote":null})");
  ASSERT_EQ(response.status, 202) << response.body;
  const auto replica = body_of(response).at("share_replica");
  EXPECT_EQ(replica.at("status"), "replication_change");
  EXPECT_EQ(replica.at("replica_state"), "in_sync");
}

TEST_F(Replicated, PromoteOfTheActiveOneIsAnEmpty200) {
  const Response response = act(active_, R"({"promote":null})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "");
}

TEST_F(Replicated, PromoteTakesTheQuiesceWaitFrom275On) {
  EXPECT_EQ(act(second_, R"({"promote":{"quiesce_wait_time":"12"}})").status, 202);
  EXPECT_EQ(std::get<SetActiveReplica>(service_.handler.last.command).quiesce_wait_seconds, 12U);
}

TEST_F(Replicated, PromoteRefusesWhatIsNoWait) {
  for (const char* bad :
       {R"({"promote":true})", R"({"promote":"now"})", R"({"promote":[]})",
        R"({"promote":{"quiesce_wait_time":-1}})", R"({"promote":{"quiesce_wait_time":"x"}})",
        R"({"promote":{"quiesce_wait_time":1.5}})"})
    EXPECT_EQ(act(second_, bad).status, 400) << bad;
  EXPECT_EQ(service_.share(share_).active()->id, active_);
}

TEST_F(Replicated, PromoteIgnoresItsValueBelow275) {
  EXPECT_EQ(send({.method = "POST",
                  .target = at(second_) + "/action",
                  .version = "2.60",
                  .body = R"({"promote":"text"})"})
                .status,
            202);
}

TEST_F(Replicated, MembersMayNotPromoteWhatIsOutOfSync) {
  service_.run(ResetReplicaState{.replica = second_, .state = ReplicaState::out_of_sync});
  members_only();
  const Response refusal = act(second_, R"({"promote":null})");
  EXPECT_EQ(refusal.status, 403);
  EXPECT_NE(message_of(refusal).find("User does not have admin privileges."), std::string::npos);
}

TEST_F(Replicated, ResyncIsForAdminsAndHasAnEmptyJsonAnswer) {
  service_.run(ResetReplicaState{.replica = second_, .state = ReplicaState::out_of_sync});
  const Response done = act(second_, R"({"resync":null})");
  EXPECT_EQ(done.status, 202);
  EXPECT_EQ(done.body, "");
  EXPECT_EQ(done.content_type, "application/json");
  EXPECT_EQ(act(active_, R"({"resync":null})").status, 200);
  members_only();
  EXPECT_EQ(act(second_, R"({"resync":null})").status, 403);
}

TEST_F(Replicated, ResetsAreValidatedAndEmpty) {
  const Response status = act(second_, R"({"reset_status":{"status":"error"}})");
  EXPECT_EQ(status.status, 202);
  EXPECT_EQ(status.body, "");
  EXPECT_EQ(act(second_, R"({"reset_replica_state":{"replica_state":"error"}})").status, 202);
  EXPECT_EQ(service_.share(share_).find(second_)->state, ReplicaState::error);
  for (const char* bad :
       {R"({"reset_replica_state":{"replica_state":"none"}})",
        R"({"reset_replica_state":{"replica_state":"x"}})", R"({"reset_replica_state":{}})",
        R"({"reset_replica_state":null})", R"({"reset_status":{"status":"replication_change"}})",
        R"({"reset_replica_state":{"replica_state":"active"}})"})
    EXPECT_EQ(act(second_, bad).status, 400) << bad;
  EXPECT_EQ(act(active_, R"({"reset_replica_state":{"replica_state":"error"}})").status, 400);
}

TEST_F(Replicated, TheLastActiveOneStays) {
  const Response refusal = remove(at(active_));
  EXPECT_EQ(refusal.status, 400);
  EXPECT_TRUE(message_of(refusal).starts_with(
      "Unable to perform a replication action: Cannot delete last active replica."));
  EXPECT_EQ(act(active_, R"({"force_delete":null})").status, 400);
  const Response gone = remove(at(second_));
  EXPECT_EQ(gone.status, 202);
  EXPECT_EQ(gone.body, "");
}

TEST_F(Replicated, UnknownOnesHaveManilasTexts) {
  const std::string id = "e2864432-9250-47c2-bcf5-571c39591c81";
  EXPECT_EQ(message_of(get("/v2/share-replicas/" + id)), "Replica " + id + " not found.");
  EXPECT_TRUE(message_of(remove("/v2/share-replicas/" + id))
                  .starts_with("No replica exists with ID " + id + "."));
  EXPECT_EQ(message_of(get("/v2/share-replicas/bad/export-locations")),
            "Share replica 'bad' not found.");
  EXPECT_EQ(message_of(get(at(second_) + "/export-locations/bad")),
            "Export location bad could not be found.");
  EXPECT_EQ(get("/v2/share-replicas/bad").status, 404);
}

TEST_F(Replicated, AreListedByShareAndPaged) {
  const auto count = [&](const std::string& query) {
    return body_of(get("/v2/share-replicas/detail" + query)).at("share_replicas").as_array().size();
  };
  EXPECT_EQ(count(""), 2U);
  EXPECT_EQ(count("?share_id=" + to_string(share_)), 2U);
  EXPECT_EQ(count("?share_id=49d707b9-b11d-4d0d-9443-fe3fb4307009"), 0U);
  EXPECT_EQ(keys_of(body_of(get("/v2/share-replicas?limit=1"))),
            "share_replicas share_replica_links");
}

TEST_F(Replicated, OfAnotherProjectAreNotFound) {
  members_only();
  const std::string id = to_string(second_);
  EXPECT_EQ(get("/v2/bb/share-replicas/" + id).status, 404);
  EXPECT_EQ(get("/v2/bb/shares/" + to_string(share_)).status, 404);
  EXPECT_EQ(remove("/v2/bb/share-replicas/" + id).status, 404);
  EXPECT_EQ(post("/v2/bb/share-replicas/" + id + "/action", R"({"promote":null})").status, 404);
  EXPECT_EQ(body_of(get("/v2/bb/share-replicas")).at("share_replicas").as_array().size(), 0U);
  EXPECT_EQ(get("/v2/share_instances").status, 403);
  EXPECT_EQ(get("/v2/scheduler-stats/pools").status, 403);
}

TEST_F(ManilaApi, AShareWithoutReplicationHasNoReplica) {
  const auto share = service_.make_share(service_.make_type("gold", ""), "docs");
  const auto instance = service_.share(share).replicas.front().id;
  EXPECT_EQ(get(at(instance)).status, 404);
  EXPECT_EQ(get("/v2/share_instances/" + to_string(instance)).status, 200);
  EXPECT_EQ(body_of(get("/v2/share-replicas")).at("share_replicas").as_array().size(), 0U);
}

}  // namespace
}  // namespace pasig::http
