// Access rules and sizes as Manila's clients ask for them: shapes, codes, versions.
#include "tests/http/manila_api.h"

namespace pasig::http {
namespace {

class ManilaAccess : public ManilaApi {
 protected:
  ManilaAccess() : share_(service_.make_share(service_.make_type("gold", "readable"), "docs")) {}

  ShareId share_;

  Response act(const std::string& body, const std::string& version = "2.93") {
    return send(
        {.method = "POST", .target = at(share_) + "/action", .version = version, .body = body});
  }
  Response put(const std::string& target, const std::string& body) {
    return send({.method = "PUT", .target = target, .body = body});
  }
  std::string allow(const std::string& user) {
    const Response made =
        act(R"({"allow_access":{"access_type":"user","access_to":")" + user + R"("}})");
    EXPECT_EQ(made.status, 200) << made.body;
    return std::string(body_of(made).at("access").at("id").as_string());
  }
  static std::string at_rule(const std::string& id) { return "/v2/share-access-rules/" + id; }
  // Storage tells that every rule holds, or why none does.
  void apply(const std::string& error = {}) {
    const Share share = service_.share(share_);
    const OperationId id = share.operations.front().id;
    service_.run(ClaimOperation{.operation = id, .node = "n", .process = 1, .lease_seconds = 60});
    ReportAccessUpdated report{.operation = id, .attempt = 1};
    ReportAccessUpdated::OfReplica of{.replica = share.replicas.front().id};
    for (const ShareAccessRule& rule : share.access_rules)
      if (!rule.is_removed)
        of.rules.push_back({.rule = rule.id,
                            .state = error.empty() ? AccessState::active : AccessState::error,
                            .level = rule.level,
                            .words = error});
    report.replicas.push_back(std::move(of));
    service_.run(std::move(report));
  }
  std::string share_word(const std::string& field, const std::string& version = "2.93") {
    const Response shown = send({.target = at(share_), .version = version});
    return std::string(body_of(shown).at("share").at(field).as_string());
  }
};

TEST_F(ManilaAccess, AllowsAndAnswers200WithTheRule) {
  const Response made = act(
      R"({"allow_access":{"access_type":"ip","access_to":"203.0.113.248","access_level":"ro"}})");
  ASSERT_EQ(made.status, 200) << made.body;
  const auto rule = body_of(made).at("access").as_object();
  EXPECT_EQ(keys_of(rule),
            "id share_id access_level access_to access_type state access_key created_at "
            "updated_at metadata");
  EXPECT_EQ(rule.at("share_id").as_string(), to_string(share_));
  EXPECT_EQ(rule.at("state"), "queued_to_apply");
  EXPECT_EQ(rule.at("access_level"), "ro");
  EXPECT_TRUE(rule.at("access_key").is_null());
  EXPECT_TRUE(rule.at("updated_at").is_null());
}

TEST_F(ManilaAccess, ListsRulesWithoutTheirShare) {
  allow("anna");
  const Response listed = get("/v2/share-access-rules?share_id=" + to_string(share_));
  ASSERT_EQ(listed.status, 200) << listed.body;
  const auto rows = body_of(listed).at("access_list").as_array();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(keys_of(rows[0].as_object()),
            "id access_level access_to access_type state access_key created_at updated_at "
            "metadata");
  EXPECT_EQ(get("/v2/share-access-rules").status, 400);
  EXPECT_EQ(get("/v2/share-access-rules?share_id=nothing").status, 400);
}

TEST_F(ManilaAccess, ListsByActionBefore2p45) {
  allow("anna");
  EXPECT_EQ(act(R"({"access_list":null})", "2.44").status, 200);
  EXPECT_EQ(act(R"({"access_list":null})", "2.45").status, 400);
  EXPECT_EQ(act(R"({"os-access_list":null})", "2.6").status, 200);
  EXPECT_EQ(
      send({.target = "/v2/share-access-rules?share_id=" + to_string(share_), .version = "2.44"})
          .status,
      404);
}

TEST_F(ManilaAccess, FiltersByMetadataAndFields) {
  const std::string id = allow("anna");
  allow("bernd");
  put(at_rule(id) + "/metadata", R"({"metadata":{"team":"a"}})");
  const std::string list = "/v2/share-access-rules?share_id=" + to_string(share_);
  const auto count = [&](const std::string& query) {
    return body_of(get(list + query)).at("access_list").as_array().size();
  };
  EXPECT_EQ(count("&metadata=%7B%27team%27%3A%20%27a%27%7D"), 1U);
  EXPECT_EQ(count("&metadata=%7B%27team%27%3A%20%27b%27%7D"), 0U);
  EXPECT_EQ(count("&access_to=bernd"), 1U);
  EXPECT_EQ(count("&access_level=ro"), 0U);
  EXPECT_EQ(count("&access_type=user"), 2U);
}

TEST_F(ManilaAccess, ShowsOneRule) {
  const std::string id = allow("anna");
  EXPECT_EQ(body_of(get(at_rule(id))).at("access").at("access_to"), "anna");
  EXPECT_EQ(get(at_rule("nothing")).status, 404);
}

TEST_F(ManilaAccess, RefusesBadRules) {
  for (const char* bad :
       {R"({"allow_access":null})", R"({"allow_access":"x"})", R"({"allow_access":{}})",
        R"({"allow_access":{"access_type":"user"}})", R"({"allow_access":{"access_to":"anna"}})",
        R"({"allow_access":{"access_type":"user","access_to":"a"}})",
        R"({"allow_access":{"access_type":"group","access_to":"staff"}})",
        R"({"allow_access":{"access_type":"ip","access_to":"10.0.0.1/8"}})",
        R"({"allow_access":{"access_type":"user","access_to":"anna","access_level":"rx"}})",
        R"({"allow_access":{"access_type":"user","access_to":"anna","metadata":"x"}})",
        R"({"allow_access":{"access_type":"user","access_to":"anna","lock_deletion":true}})",
        R"({"allow_access":{"access_type":"user","access_to":"anna","lock_reason":"x"}})"}) {
    const Response response = act(bad);
    EXPECT_EQ(response.status, 400) << bad << " " << response.body;
  }
  EXPECT_EQ(act(R"({"allow_access":{"access_type":"ip","access_to":"::1"}})", "2.37").status, 400);
  EXPECT_EQ(act(R"({"allow_access":{"access_type":"cephx","access_to":"al"}})", "2.12").status,
            400);
  EXPECT_TRUE(service_.share(share_).access_rules.empty());
}

TEST_F(ManilaAccess, ARuleThatIsThereIs400) {
  allow("anna");
  const Response again = act(R"({"allow_access":{"access_type":"user","access_to":"anna"}})");
  EXPECT_EQ(again.status, 400);
  EXPECT_EQ(header_of(again, "X-Pasig-Guard"), "rule_exists");
}

TEST_F(ManilaAccess, BrokenReplicasKeepOlderClientsOut) {
  const std::string id = allow("anna");
  apply();
  service_.run(
      ResetReplicaStatus{service_.share(share_).replicas.front().id, ReplicaStatus::error});
  const std::string body = R"({"allow_access":{"access_type":"user","access_to":"bernd"}})";
  EXPECT_EQ(act(body, "2.73").status, 400);
  EXPECT_EQ(act(R"({"deny_access":{"access_id":")" + id + R"("}})", "2.73").status, 400);
  EXPECT_EQ(act(R"({"deny_access":{"access_id":"nothing"}})", "2.73").status, 404);
  EXPECT_EQ(act(body, "2.74").status, 200);
}

TEST_F(ManilaAccess, DeniesUntilItIsGone) {
  const std::string id = allow("anna");
  apply();
  const Response denied = act(R"({"deny_access":{"access_id":")" + id + R"("}})");
  EXPECT_EQ(denied.status, 202);
  EXPECT_EQ(denied.body, "");
  EXPECT_EQ(body_of(get(at_rule(id))).at("access").at("state"), "queued_to_deny");
  apply();
  EXPECT_EQ(get(at_rule(id)).status, 404);
  EXPECT_EQ(act(R"({"deny_access":{"access_id":")" + id + R"("}})").status, 404);
}

TEST_F(ManilaAccess, SumsUpTheRulesOfAShare) {
  EXPECT_EQ(share_word("access_rules_status"), "active");
  allow("anna");
  EXPECT_EQ(share_word("access_rules_status"), "syncing");
  EXPECT_EQ(share_word("access_rules_status", "2.27"), "out_of_sync");
  apply("nothing enforces it");
  EXPECT_EQ(share_word("access_rules_status"), "error");
}

TEST_F(ManilaAccess, ChangesTheLevelSince2p88) {
  const std::string id = allow("anna");
  apply();
  const Response changed = put(at_rule(id), R"({"update_access":{"access_level":"ro"}})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(body_of(changed).at("access").at("access_level"), "ro");
  EXPECT_EQ(body_of(changed).at("access").at("state"), "queued_to_apply");
  EXPECT_EQ(put(at_rule(id), R"({"update_access":{}})").status, 400);
  EXPECT_EQ(put(at_rule(id), R"({"update_access":{"access_level":"all"}})").status, 400);
  EXPECT_EQ(send({.method = "PUT",
                  .target = at_rule(id),
                  .version = "2.87",
                  .body = R"({"update_access":{"access_level":"ro"}})"})
                .status,
            404);
}

TEST_F(ManilaAccess, KeepsMetadata) {
  const std::string id = allow("anna");
  const Response set = put(at_rule(id) + "/metadata", R"({"metadata":{"a":"1","b":"2"}})");
  ASSERT_EQ(set.status, 200) << set.body;
  EXPECT_EQ(keys_of(body_of(set).at("metadata").as_object()), "a b");
  EXPECT_EQ(remove(at_rule(id) + "/metadata/a").status, 200);
  EXPECT_EQ(remove(at_rule(id) + "/metadata/a").status, 404);
  EXPECT_EQ(keys_of(body_of(get(at_rule(id))).at("access").at("metadata").as_object()), "b");
}

TEST_F(ManilaAccess, BelongsToTheOwner) {
  const std::string id = allow("anna");
  members_only();
  EXPECT_EQ(get("/v2/bb/share-access-rules/" + id).status, 404);
  EXPECT_EQ(get("/v2/bb/share-access-rules?share_id=" + to_string(share_)).status, 400);
  EXPECT_EQ(post("/v2/bb/shares/" + to_string(share_) + "/action",
                 R"({"deny_access":{"access_id":")" + id + R"("}})")
                .status,
            404);
}

// ---- size ---------------------------------------------------------------------------------------
TEST_F(ManilaAccess, ExtendsAndShowsIt) {
  const Response asked = act(R"({"extend":{"new_size":3,"force":false}})");
  EXPECT_EQ(asked.status, 202) << asked.body;
  EXPECT_EQ(asked.body, "");
  EXPECT_EQ(share_word("status"), "extending");
  EXPECT_EQ(body_of(get("/v2/shares?status=extending")).at("shares").as_array().size(), 1U);
  EXPECT_EQ(act(R"({"extend":{"new_size":4}})").status, 400);
}

TEST_F(ManilaAccess, RefusesBadSizes) {
  for (const char* bad :
       {R"({"extend":null})", R"({"extend":{}})", R"({"extend":{"new_size":"x"}})",
        R"({"extend":{"new_size":1}})", R"({"extend":{"new_size":-1}})",
        R"({"shrink":{"new_size":1}})", R"({"shrink":{"new_size":0}})", R"({"shrink":{}})"}) {
    const Response response = act(bad);
    EXPECT_EQ(response.status, 400) << bad << " " << response.body;
  }
  EXPECT_EQ(act(R"({"extend":{"new_size":5000}})").status, 403);  // Manila: the share's own quota
}

TEST_F(ManilaAccess, ForcesAnExtensionForAdminsSince2p64) {
  members_only();
  EXPECT_EQ(act(R"({"extend":{"new_size":3,"force":true}})").status, 403);
  EXPECT_EQ(act(R"({"extend":{"new_size":3,"force":true}})", "2.63").status, 202);
}

TEST_F(ManilaAccess, ResetsWhatAFailedExtensionLeft) {
  act(R"({"extend":{"new_size":3}})");
  const OperationId id = service_.share(share_).operations.front().id;
  service_.run(ClaimOperation{.operation = id, .node = "n", .process = 1, .lease_seconds = 60});
  service_.run(ReportShareResized{
      .operation = id, .attempt = 1, .failure = Failure{.words = "the pool is full"}});
  EXPECT_EQ(share_word("status"), "extending_error");
  EXPECT_EQ(act(R"({"reset_status":{"status":"available"}})").status, 202);
  EXPECT_EQ(share_word("status"), "available");
}

}  // namespace
}  // namespace pasig::http
