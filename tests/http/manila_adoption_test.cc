// Manila's manage and unmanage, of shares and of snapshots.
#include <vector>

#include "tests/http/manila_api.h"

namespace pasig::http {
namespace {

struct Adopted : ManilaApi {
  Adopted() { service_.make_type("gold", "readable"); }

  static std::string tree(const std::string& path, const std::string& host = "n1@alpha#p0") {
    return R"({"share":{"export_path":")" + path + R"(","service_host":")" + host +
           R"(","protocol":"NFS","share_type":"gold","name":"old","description":null,)"
           R"("is_public":false,"driver_options":{},"share_server_id":null,)"
           R"("mount_point_name":null}})";  // as OpenStack's client asks
  }
  ShareId managed() {
    const Response answer = post("/v2/shares/manage", tree("/srv/old"));
    EXPECT_EQ(answer.status, 200) << answer.body;
    const auto id = ShareId::parse(std::string(body_of(answer).at("share").at("id").as_string()));
    const OperationId operation = service_.share(*id).operations.front().id;
    service_.run(
        ClaimOperation{.operation = operation, .node = "n1", .process = 1, .lease_seconds = 300});
    service_.run(ReportShareManaged{
        .operation = operation, .attempt = 1, .exports = {"/srv/x"}, .used_bytes = 1});
    return *id;
  }
  Response unmanage(const std::string& at) { return post(at + "/action", R"({"unmanage":{}})"); }
};

TEST_F(Adopted, ShareIsAnswered200WithAnUnknownSize) {
  const Response answer = post("/v2/shares/manage", tree("/srv/old"));
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto share = body_of(answer).at("share").as_object();
  EXPECT_EQ(share.at("status"), "manage_starting");
  EXPECT_TRUE(share.at("size").is_null());
  EXPECT_EQ(share.at("host"), "n1@alpha#p0");
  EXPECT_EQ(share.at("name"), "old");
}

TEST_F(Adopted, ShareIsAvailableWithTheSizeOfItsTree) {
  const auto share = body_of(get(at(managed()))).at("share").as_object();
  EXPECT_EQ(share.at("status"), "available");
  EXPECT_EQ(share.at("size"), 1);
}

TEST_F(Adopted, BadRequestsHaveManilasCodes) {
  const auto with = [](const std::string& fields) { return R"({"share":{)" + fields + "}}"; };
  const std::string rest = R"("service_host":"n1@alpha#p0","protocol":"NFS","share_type":"gold")";
  struct Bad {
    std::string body;
    int status;
  };
  const std::vector<Bad> cases = {
      {"{}", 422},
      {with(rest), 422},
      {with(rest + R"(,"export_path":"")"), 422},
      {with(R"("export_path":"/a","protocol":"NFS","share_type":"gold")"), 422},
      {with(R"("export_path":"/a","service_host":"n1@alpha#p0","share_type":"gold")"), 422},
      {with(R"("export_path":"/a","service_host":"n1@alpha#p0","protocol":"NFS",)"
            R"("share_type":"none")"),
       404},
      {with(rest + R"(,"export_path":"relative")"), 400},
      {with(rest + R"(,"export_path":"/a","driver_options":{"x":"y"})"), 400},
      {with(rest + R"(,"export_path":"/a","mount_point_name":"m")"), 400},
      {tree("/a", "n1@alpha"), 400},
      {tree("/a", "n1@mars#p0"), 404}};
  for (const Bad& one : cases)
    EXPECT_EQ(post("/v2/shares/manage", one.body).status, one.status) << one.body;
}

TEST_F(Adopted, SameTreeIs409) {
  managed();
  EXPECT_EQ(post("/v2/shares/manage", tree("/srv/old")).status, 409);
}

TEST_F(Adopted, ShareIsForAdmins) {
  const ShareId share = managed();
  members_only();
  EXPECT_EQ(post("/v2/shares/manage", tree("/srv/other")).status, 403);
  EXPECT_EQ(unmanage(at(share)).status, 403);
}

TEST_F(Adopted, ShareGoesWith202) {
  const ShareId share = managed();
  const Response answer = unmanage(at(share));
  EXPECT_EQ(answer.status, 202);
  EXPECT_TRUE(answer.body.empty());
  EXPECT_EQ(body_of(get(at(share))).at("share").at("status"), "unmanage_starting");
  EXPECT_EQ(unmanage(at(share)).status, 403);
  EXPECT_EQ(unmanage(at(ShareId{random_uuid()})).status, 404);
}

TEST_F(Adopted, ShareWithReplicasIs409) {
  const ShareId share = managed();
  service_.make_replica(share, ReplicaState::in_sync);
  const Response answer = unmanage(at(share));
  EXPECT_EQ(answer.status, 409);
  EXPECT_NE(message_of(answer).find("It cannot be unmanaged until all replicas are removed."),
            std::string::npos);
}

TEST_F(Adopted, OldClientsHaveTheOldNames) {
  EXPECT_EQ(
      send({.method = "POST", .target = "/v2/os-share-manage", .version = "2.6", .body = "{}"})
          .status,
      422);
  EXPECT_EQ(send({.method = "POST", .target = "/v2/shares/manage", .version = "2.6", .body = "{}"})
                .status,
            404);
}

// ---- snapshots ---------------------------------------------------------------------------------
struct AdoptedSnapshot : Adopted {
  ShareId share = managed();

  std::string tree_of_snapshot(const std::string& path) const {
    return R"({"snapshot":{"share_id":")" + to_string(share) + R"(","provider_location":")" + path +
           R"(","name":"monday","description":"d","driver_options":{}}})";
  }
};

TEST_F(AdoptedSnapshot, IsAnswered202WithItsDetails) {
  const Response answer = post("/v2/snapshots/manage", tree_of_snapshot("/srv/snap"));
  ASSERT_EQ(answer.status, 202) << answer.body;
  const auto snapshot = body_of(answer).at("snapshot").as_object();
  EXPECT_EQ(snapshot.at("provider_location"), "/srv/snap");
  EXPECT_EQ(std::string(snapshot.at("share_id").as_string()), to_string(share));
  EXPECT_EQ(keys_of(snapshot),
            "id share_id share_size created_at status name description size share_proto links "
            "provider_location user_id project_id metadata");
}

TEST_F(AdoptedSnapshot, OfAShareWithReplicasIs409) {
  service_.make_replica(share, ReplicaState::in_sync);
  const Response answer = post("/v2/snapshots/manage", tree_of_snapshot("/srv/snap"));
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(message_of(answer),
            "Invalid share: Share " + to_string(share) +
                " has replicas. Snapshots of this share cannot currently be managed until all "
                "replicas are removed.");
}

TEST_F(AdoptedSnapshot, BadRequestsHaveManilasCodes) {
  EXPECT_EQ(post("/v2/snapshots/manage", "{}").status, 422);
  EXPECT_EQ(post("/v2/snapshots/manage", R"({"snapshot":{"provider_location":"/a"}})").status, 422);
  EXPECT_EQ(post("/v2/snapshots/manage", tree_of_snapshot("")).status, 422);
  EXPECT_EQ(post("/v2/snapshots/manage",
                 R"({"snapshot":{"share_id":"nothing","provider_location":"/a"}})")
                .status,
            404);
}

TEST_F(AdoptedSnapshot, GoesWith202) {
  const Response made = post("/v2/snapshots/manage", tree_of_snapshot("/srv/snap"));
  const std::string id(body_of(made).at("snapshot").at("id").as_string());
  const OperationId operation = service_.share(share).operations.front().id;
  service_.run(
      ClaimOperation{.operation = operation, .node = "n1", .process = 1, .lease_seconds = 300});
  service_.run(ReportSnapshotTaken{.operation = operation, .attempt = 1, .digest = "ab"});
  EXPECT_EQ(unmanage("/v2/snapshots/" + id).status, 202);
  EXPECT_EQ(unmanage("/v2/snapshots/" + to_string(share)).status, 404);
}

}  // namespace
}  // namespace pasig::http
