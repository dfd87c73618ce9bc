// What the calls on shares do: codes, texts, lists, ownership.
#include <vector>

#include "tests/http/manila_api.h"

namespace pasig::http {
namespace {

TEST_F(ManilaApi, MakesAShareAndAnswers200WithIt) {
  service_.make_type("gold", "readable");
  const Response made =
      post("/v2/shares", R"({"share":{"share_proto":"nfs","description":"d","snapshot_id":null,)"
                         R"("name":"docs","size":1,"metadata":{"a":"b"},"is_public":false,)"
                         R"("availability_zone":"zone-b","share_type":"gold"}})");
  ASSERT_EQ(made.status, 200) << made.body;
  const auto share = body_of(made).at("share").as_object();
  EXPECT_EQ(share.at("status"), "creating");
  EXPECT_EQ(share.at("share_proto"), "NFS");
  EXPECT_EQ(share.at("availability_zone"), "zone-b");
  EXPECT_EQ(share.at("metadata").at("a"), "b");
  EXPECT_TRUE(share.at("progress").is_null());
  EXPECT_EQ(share.at("has_replicas"), false);
  EXPECT_EQ(share.at("project_id"), "aa");
}

struct BadShare {
  std::string body;
  int status;
};

TEST_F(ManilaApi, RefusesBadShares) {
  service_.make_type("gold", "readable");
  service_.run(CreateShareType{
      .name = "odd",
      .extra_specs = {{"driver_handles_share_servers", "False"}, {"dedupe", "<is> True"}}});
  const std::string long_name(256, 'x');
  const auto with = [](const std::string& fields) { return R"({"share":{)" + fields + "}}"; };
  const auto also = [&](const std::string& fields) {
    return with(R"("size":1,"share_proto":"NFS","share_type":"gold",)" + fields);
  };
  const auto sized = [&](const std::string& size) {
    return with(R"("share_proto":"NFS","share_type":"gold","size":)" + size);
  };
  const std::vector<BadShare> cases = {
      {R"({})", 422},
      {R"({"share":[]})", 422},
      {with(R"("share_proto":"NFS","share_type":"gold")"), 400},
      {with(R"("size":1,"share_type":"gold")"), 400},
      {with(R"("size":1,"share_proto":7,"share_type":"gold")"), 400},
      {with(R"("size":1,"share_proto":"NFS")"), 400},
      {with(R"("size":1,"share_proto":"NFS","share_type":"none")"), 404},
      {with(R"("size":1,"share_proto":"NFS","share_type":"odd")"), 409},
      {sized("0"), 400},
      {sized("1.5"), 400},
      {sized("\"many\""), 400},
      {sized("1e300"), 400},
      {sized("1099511627776"), 400},
      {sized("2000"), 413},
      {also(R"("volume_type":"gold")"), 400},
      {also(R"("metadata":"x")"), 400},
      {also(R"("metadata":{"a":1})"), 400},
      {also(R"("availability_zone":{})"), 400},
      {also(R"("availability_zone":"q")"), 404},
      {also(R"("scheduler_hints":"x")"), 400},
      {also(R"("scheduler_hints":{"same_host":"x"})"), 400},
      {also(R"("snapshot_id":"x")"), 404},
      {also(R"("snapshot_id":"49d707b9-b11d-4d0d-9443-fe3fb4307009")"), 404},
      {also(R"("snapshot_id":7)"), 400},
      {also(R"("is_public":"maybe")"), 400},
      {also(R"("name":")" + long_name + R"(")"), 400},
  };
  for (const BadShare& one : cases) {
    const Response response = post("/v2/shares", one.body);
    EXPECT_EQ(response.status, one.status) << one.body << " " << response.body;
    EXPECT_NE(message_of(response), "") << one.body;
  }
  EXPECT_TRUE(service_.handler.view()->shares().empty());
}

TEST_F(ManilaApi, DeletesAShareAndRefusesOneWithReplicas) {
  const auto share = service_.make_share(service_.make_type("gold", "readable"), "docs");
  service_.make_replica(share, ReplicaState::in_sync);
  const Response refusal = remove(at(share));
  EXPECT_EQ(refusal.status, 409);
  EXPECT_EQ(header_of(refusal, "X-Pasig-Guard"), "share_has_replicas");
  const auto other = service_.make_share(service_.make_type("silver", ""), "single");
  const Response gone = remove(at(other));
  EXPECT_EQ(gone.status, 202);
  EXPECT_EQ(gone.body, "");
  EXPECT_EQ(remove("/v2/shares/nothing").status, 404);
}

TEST_F(ManilaApi, ABusyShareIsForbiddenToDelete) {
  const auto type = service_.make_type("gold", "");
  const auto outcome = service_.run(CreateShare{.protocol = "NFS", .size_gb = 1, .type = type});
  EXPECT_EQ(remove(at(std::get<ShareCreated>(outcome.events.front()).share)).status, 403);
}

TEST_F(ManilaApi, ForcesTheDeletionForAdminsByTheActionOfTheMicroversion) {
  const auto share = service_.make_share(service_.make_type("gold", ""), "docs");
  EXPECT_EQ(send({.method = "POST",
                  .target = at(share) + "/action",
                  .version = "2.6",
                  .body = R"({"force_delete":null})"})
                .status,
            400);
  EXPECT_EQ(send({.method = "POST",
                  .target = at(share) + "/action",
                  .version = "2.7",
                  .body = R"({"os-force_delete":null})"})
                .status,
            400);
  EXPECT_EQ(send({.method = "POST",
                  .target = at(share) + "/action",
                  .version = "2.6",
                  .body = R"({"os-force_delete":null})"})
                .status,
            202);
}

TEST_F(ManilaApi, ResetsTheStatusOfTheReplicaThatSpeaksForTheShare) {
  const auto share = service_.make_share(service_.make_type("gold", ""), "docs");
  const Response response = post(at(share) + "/action", R"({"reset_status":{"status":"error"}})");
  // A share without replication has no replica to reset by itself: decide says so.
  EXPECT_TRUE(response.status == 202 || response.status == 404) << response.body;
  const auto replicated = service_.make_share(service_.make_type("silver", "readable"), "r");
  EXPECT_EQ(post(at(replicated) + "/action", R"({"reset_status":{"status":"error"}})").status, 202);
  EXPECT_EQ(status_of(service_.share(replicated)), ReplicaStatus::error);
  for (const char* bad : {R"({"reset_status":{"status":"migrating"}})", R"({"reset_status":{}})",
                          R"({"reset_status":"error"})", R"({"reset_status":{"status":7}})",
                          R"({"a":1,"b":2})", R"({})", R"([])", R"({"unknown":null})"})
    EXPECT_EQ(post(at(replicated) + "/action", bad).status, 400) << bad;
}

class ManyShares : public ManilaApi {
 protected:
  ManyShares() {
    type_ = service_.make_type("gold", "");
    for (const char* name : {"a", "b", "c"}) {
      service_.make_share(type_, name);
      service_.clock.advance_seconds(1);
    }
  }
  std::string names(const std::string& query) {
    const Response list = get("/v2/shares" + query);
    if (list.status != 200) return std::to_string(list.status);
    std::string text;
    const auto body = body_of(list);
    for (const auto& row : body.at("shares").as_array())
      text += std::string(row.at("name").as_string());
    return text;
  }
  ShareTypeId type_;
};

TEST_F(ManyShares, AreListedNewestFirst) {
  EXPECT_EQ(names(""), "cba");
  EXPECT_EQ(names("?sort_dir=asc"), "abc");
  EXPECT_EQ(names("?sort_key=name&sort_dir=asc"), "abc");
  EXPECT_EQ(names("?sort_key=nonsense"), "400");
  EXPECT_EQ(names("?sort_dir=up"), "400");
}

TEST_F(ManyShares, AreFiltered) {
  EXPECT_EQ(names("?name=b"), "b");
  EXPECT_EQ(names("?name~=b"), "b");
  EXPECT_EQ(names("?status=available"), "cba");
  EXPECT_EQ(names("?status=error"), "");
  EXPECT_EQ(names("?share_type_id=" + to_string(type_)), "cba");
  EXPECT_EQ(names("?share_type_id=x"), "");
  EXPECT_EQ(names("?project_id=bb&all_tenants=1"), "");
  EXPECT_EQ(names("?snapshot_id=x"), "");
  EXPECT_EQ(names("?is_soft_deleted=True"), "");
  EXPECT_EQ(names("?metadata={'k':'v'}"), "");
  EXPECT_EQ(names("?metadata=k"), "400");
  EXPECT_EQ(names("?export_location_path=10.0.0.10:/a"), "a");
}

TEST_F(ManyShares, ArePlusPublicOnesOfOtherProjectsWhenAsked) {
  service_.run(
      CreateShare{.name = "p", .protocol = "NFS", .size_gb = 1, .type = type_, .is_public = true});
  members_only();
  EXPECT_EQ(names("?is_public=True"), "pcba");
  const auto body = body_of(get("/v2/bb/shares?is_public=True"));
  EXPECT_EQ(body.at("shares").as_array().size(), 1U);
  EXPECT_EQ(body_of(get("/v2/bb/shares")).at("shares").as_array().size(), 0U);
}

TEST_F(ManyShares, ComeInPagesWithALinkToTheNext) {
  EXPECT_EQ(names("?limit=2"), "cb");
  EXPECT_EQ(names("?limit=2&offset=2"), "a");
  EXPECT_EQ(names("?offset=9"), "");
  EXPECT_EQ(names("?limit=0"), "cba");
  EXPECT_EQ(names("?limit=99999"), "cba");
  EXPECT_EQ(names("?limit=-1"), "400");
  EXPECT_EQ(names("?limit=x"), "400");
  EXPECT_EQ(names("?limit=99999999999999999999"), "400");
  EXPECT_EQ(keys_of(body_of(get("/v2/shares?limit=2&with_count=true"))),
            "shares count shares_links");
  EXPECT_EQ(keys_of(body_of(get("/v2/shares?limit=9"))), "shares");
}

TEST_F(ManyShares, OfOtherProjectsAreShownToAdminsThatAsk) {
  EXPECT_EQ(body_of(get("/v2/bb/shares")).at("shares").as_array().size(), 0U);
  EXPECT_EQ(body_of(get("/v2/bb/shares?all_tenants=1")).at("shares").as_array().size(), 3U);
  members_only();
  EXPECT_EQ(body_of(get("/v2/bb/shares?all_tenants=1")).at("shares").as_array().size(), 0U);
}

}  // namespace
}  // namespace pasig::http
