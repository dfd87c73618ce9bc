// Snapshots and their instances as Manila's clients ask for them: shapes, codes, versions.
#include <vector>

#include "tests/http/manila_snapshots.h"

namespace pasig::http {
namespace {

// ---- taken, shown ------------------------------------------------------------------------------
constexpr std::string_view k_first_keys =
    "id share_id share_size created_at status name description size share_proto links";

TEST_F(ManilaSnapshots, AreAnswered202WithTheRecordedKeys) {
  const Response made = ask_for("nightly");
  ASSERT_EQ(made.status, 202) << made.body;
  const auto snapshot = body_of(made).at("snapshot").as_object();
  EXPECT_EQ(keys_of(snapshot),
            std::string(k_first_keys) + " provider_location user_id project_id metadata");
  EXPECT_EQ(snapshot.at("status"), "creating");
  EXPECT_EQ(snapshot.at("name"), "nightly");
  EXPECT_EQ(snapshot.at("description"), "of docs");
  EXPECT_EQ(std::string(snapshot.at("share_id").as_string()), to_string(share_));
  EXPECT_EQ(snapshot.at("share_proto"), "NFS");
  EXPECT_EQ(snapshot.at("share_size"), 1);
  EXPECT_EQ(snapshot.at("size"), 1);
  EXPECT_EQ(snapshot.at("project_id"), "aa");
  EXPECT_TRUE(snapshot.at("provider_location").is_null());
  const std::string id(snapshot.at("id").as_string());
  EXPECT_EQ(snapshot.at("links").as_array().at(0).at("href").as_string(),
            "http://localhost:8786/v2/snapshots/" + id);
}

TEST_F(ManilaSnapshots, NeedNoName) {
  const Response made =
      post("/v2/snapshots",
           wish(to_string(share_), R"(,"name":null,"description":null,"metadata":null)"));
  ASSERT_EQ(made.status, 202) << made.body;
  EXPECT_TRUE(body_of(made).at("snapshot").at("name").is_null());
  EXPECT_TRUE(body_of(made).at("snapshot").at("description").is_null());
}

TEST_F(ManilaSnapshots, GrowWithTheMicroversions) {
  const std::string id = make("nightly");
  const auto keys = [&](const std::string& version) {
    return keys_of(body_of(send({.target = at(id), .version = version})).at("snapshot"));
  };
  const std::string first(k_first_keys);
  EXPECT_EQ(keys("2.0"), first);
  EXPECT_EQ(keys("2.12"), first + " provider_location");
  EXPECT_EQ(keys("2.17"), first + " provider_location user_id project_id");
  EXPECT_EQ(keys("2.73"), first + " provider_location user_id project_id metadata");
  members_only();
  EXPECT_EQ(keys("2.73"), first + " user_id project_id metadata");
}

TEST_F(ManilaSnapshots, AreNeverExportedThemselves) {
  const std::string id = make("nightly");
  const auto exports = [&](const std::string& of, const std::string& version) {
    return send({.target = at(of) + "/export-locations", .version = version});
  };
  EXPECT_EQ(exports(id, "2.32").body, R"({"share_snapshot_export_locations":[]})");
  EXPECT_EQ(exports(id, "2.31").status, 404);
  EXPECT_EQ(exports(k_nowhere, "2.32").status, 404);
}

TEST_F(ManilaSnapshots, AreAvailableWhenStorageTookThem) {
  EXPECT_EQ(status(make("nightly")), "available");
}

TEST_F(ManilaSnapshots, AreAnErrorWhenStorageCouldNot) {
  const Response made = ask_for("nightly");
  taken("the pool is full");
  EXPECT_EQ(status(std::string(body_of(made).at("snapshot").at("id").as_string())), "error");
}

TEST_F(ManilaSnapshots, CarryMetadataSince2p73) {
  const std::string body = wish(to_string(share_), R"(,"metadata":{"team":"a"})");
  const Response made = post("/v2/snapshots", body);
  ASSERT_EQ(made.status, 202) << made.body;
  EXPECT_EQ(body_of(made).at("snapshot").at("metadata").at("team"), "a");
  taken();
  send({.method = "POST", .target = "/v2/snapshots", .version = "2.72", .body = body});
  EXPECT_TRUE(service_.share(share_).snapshots.back().metadata.empty());
}

TEST_F(ManilaSnapshots, BadOnesHaveManilasCodes) {
  const auto plain = to_string(service_.make_share(service_.make_type("iron", ""), "plain"));
  const std::string own = to_string(share_);
  struct Bad {
    std::string body;
    int status;
  };
  const std::vector<Bad> cases = {{"{}", 422},
                                  {R"({"snapshot":[]})", 422},
                                  {R"({"snapshot":{}})", 400},
                                  {R"({"snapshot":{"share_id":7}})", 400},
                                  {wish("nothing"), 404},
                                  {wish(k_nowhere), 404},
                                  {wish(plain), 422},
                                  {wish(own, R"(,"name":")" + std::string(256, 'x') + R"(")"), 400},
                                  {wish(own, R"(,"metadata":"x")"), 400},
                                  {wish(own, R"(,"metadata":{"a":1})"), 400}};
  for (const Bad& one : cases) {
    const Response answer = post("/v2/snapshots", one.body);
    EXPECT_EQ(answer.status, one.status) << one.body << " " << answer.body;
  }
  EXPECT_TRUE(service_.share(share_).snapshots.empty());
}

TEST_F(ManilaSnapshots, OfAShareThatIsNotAvailableAre400) {
  service_.run(ExtendShare{share_, 2});
  EXPECT_EQ(ask_for("while it is extended").status, 400);
  service_.run(ReportShareResized{.operation = claim(), .attempt = 1});
  service_.run(ResetReplicaStatus{service_.share(share_).active()->id, ReplicaStatus::error});
  EXPECT_EQ(ask_for("while it is broken").status, 400);
}

TEST_F(ManilaSnapshots, BelongToTheOwnerOfTheShare) {
  const std::string id = make("nightly");
  members_only();
  EXPECT_EQ(get("/v2/bb/snapshots/" + id).status, 404);
  EXPECT_EQ(body_of(get("/v2/bb/snapshots")).at("snapshots").as_array().size(), 0U);
  EXPECT_EQ(remove("/v2/bb/snapshots/" + id).status, 404);
  EXPECT_EQ(post("/v2/bb/snapshots", wish(to_string(share_))).status, 404);
  EXPECT_EQ(get(at(id)).status, 200);
}

TEST_F(ManilaSnapshots, OfAPublicShareAreForbiddenToOthers) {
  const Response made =
      post("/v2/shares", R"({"share":{"share_proto":"NFS","size":1,"share_type":"gold","name":"p",)"
                         R"("is_public":true}})");
  ASSERT_EQ(made.status, 200) << made.body;
  members_only();
  const std::string id(body_of(made).at("share").at("id").as_string());
  EXPECT_EQ(post("/v2/bb/snapshots", wish(id)).status, 403);
}

// ---- lists -------------------------------------------------------------------------------------
class ManySnapshots : public ManilaSnapshots {
 protected:
  ManySnapshots() {
    for (const char* name : {"a", "b", "c"}) ids_.push_back(make(name));
  }
  std::vector<std::string> ids_;

  std::string names(const std::string& query, const std::string& version = "2.93") {
    const Response list = send({.target = "/v2/snapshots" + query, .version = version});
    if (list.status != 200) return std::to_string(list.status);
    std::string text;
    const auto body = body_of(list);
    for (const auto& row : body.at("snapshots").as_array())
      text += std::string(row.at("name").as_string());
    return text;
  }
};

TEST_F(ManySnapshots, AreListedNewestFirst) {
  EXPECT_EQ(names(""), "cba");
  EXPECT_EQ(names("?sort_dir=asc"), "abc");
  EXPECT_EQ(names("?sort_key=name&sort_dir=asc"), "abc");
  EXPECT_EQ(names("?sort_key=nonsense"), "400");
  EXPECT_EQ(names("?sort_dir=up"), "400");
}

TEST_F(ManySnapshots, AreFiltered) {
  EXPECT_EQ(names("?name=b"), "b");
  EXPECT_EQ(names("?description=of%20docs"), "cba");
  EXPECT_EQ(names("?status=error"), "");
  EXPECT_EQ(names("?share_id=" + to_string(share_)), "cba");
  EXPECT_EQ(names("?share_id=" + std::string(k_nowhere)), "");
  EXPECT_EQ(names("?size=2"), "");
  EXPECT_EQ(names("?description~=docs"), "cba");
  EXPECT_EQ(names("?name~=c"), "c");
  EXPECT_EQ(names("?name~=c", "2.35"), "cba");
  EXPECT_EQ(names("?metadata=%7B%27team%27%3A%20%27a%27%7D"), "");
  EXPECT_EQ(names("?metadata=team"), "400");
}

TEST_F(ManySnapshots, ArePagedAndCounted) {
  EXPECT_EQ(keys_of(body_of(get("/v2/snapshots?limit=1"))), "snapshots share_snapshots_links");
  EXPECT_EQ(names("?limit=2&offset=1"), "ba");
  EXPECT_EQ(names("?limit=-1"), "400");
  EXPECT_EQ(body_of(get("/v2/snapshots?with_count=true&limit=2")).at("count"), 3);
  const Response old = send({.target = "/v2/snapshots?with_count=true", .version = "2.78"});
  EXPECT_EQ(keys_of(body_of(old)), "snapshots");
}

TEST_F(ManySnapshots, AreShortOrWhole) {
  EXPECT_EQ(keys_of(body_of(get("/v2/snapshots")).at("snapshots").as_array().at(0)),
            "id name links");
  EXPECT_EQ(keys_of(body_of(get("/v2/snapshots/detail")).at("snapshots").as_array().at(0)),
            std::string(k_first_keys) + " provider_location user_id project_id metadata");
}

// ---- deleted, reset ----------------------------------------------------------------------------
TEST_F(ManilaSnapshots, AreDeletedWith202AndGone) {
  const std::string id = make("nightly");
  const Response asked = remove(at(id));
  EXPECT_EQ(asked.status, 202);
  EXPECT_EQ(asked.body, "");
  EXPECT_EQ(status(id), "deleting");
  EXPECT_EQ(remove(at(id)).status, 400);
  deleted();
  const Response gone = get(at(id));
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(message_of(gone), "The resource could not be found.");
  EXPECT_EQ(remove(at(id)).status, 404);
}

TEST_F(ManilaSnapshots, ThatAreBeingTakenAreNotDeleted) {
  const Response made = ask_for("nightly");
  const std::string id(body_of(made).at("snapshot").at("id").as_string());
  EXPECT_EQ(remove(at(id)).status, 400);
  EXPECT_EQ(act(at(id), R"({"force_delete":null})").status, 202);
  EXPECT_EQ(status(id), "deleting");
}

TEST_F(ManilaSnapshots, AreForcedByAdminsOnlyAndByTheActionOfTheMicroversion) {
  const std::string id = make("nightly");
  EXPECT_EQ(act(at(id), R"({"force_delete":null})", "2.6").status, 400);
  EXPECT_EQ(act(at(id), R"({"os-force_delete":null})", "2.7").status, 400);
  EXPECT_EQ(act(at(k_nowhere), R"({"force_delete":null})").status, 404);
  members_only();
  EXPECT_EQ(act(at(id), R"({"force_delete":null})").status, 403);
  service_.context.options.anonymous_is_admin = true;
  const Response forced = act(at(id), R"({"os-force_delete":null})", "2.6");
  EXPECT_EQ(forced.status, 202);
  EXPECT_EQ(forced.body, "");
}

TEST_F(ManilaSnapshots, AreResetByAdmins) {
  const std::string id = make("nightly");
  const Response reset = act(at(id), R"({"reset_status":{"status":"error"}})");
  EXPECT_EQ(reset.status, 202);
  EXPECT_EQ(reset.body, "");
  EXPECT_EQ(status(id), "error");
  EXPECT_EQ(act(at(id), R"({"os-reset_status":{"status":"available"}})", "2.6").status, 202);
  EXPECT_EQ(status(id), "available");
  for (const char* bad : {R"({"reset_status":{"status":"odd"}})", R"({"reset_status":{}})",
                          R"({"reset_status":"error"})", R"({"reset_status":{"status":7}})",
                          R"({"a":1,"b":2})", R"({})", R"({"unknown":null})"})
    EXPECT_EQ(act(at(id), bad).status, 400) << bad;
  EXPECT_EQ(act(at(k_nowhere), R"({"reset_status":{"status":"error"}})").status, 404);
  members_only();
  EXPECT_EQ(act(at(id), R"({"reset_status":{"status":"error"}})").status, 403);
}

TEST_F(ManilaSnapshots, KeepTheirShareFromBeingDeleted) {
  const std::string id = make("nightly");
  const Response refusal = remove(at(share_));
  EXPECT_EQ(refusal.status, 403);
  EXPECT_EQ(header_of(refusal, "X-Pasig-Guard"), "share_has_snapshots");
  EXPECT_EQ(act(at(share_), R"({"force_delete":null})").status, 403);
  EXPECT_EQ(act(at(share_), R"({"unmanage":{}})").status, 403);
  remove(at(id));
  deleted();
  EXPECT_EQ(remove(at(share_)).status, 202);
}

// OpenStack's client asks for them whenever it shows a snapshot.
TEST_F(ManilaSnapshots, HaveNoExportLocations) {
  const std::string locations = "/export-locations";
  const Response none = get(at(make("nightly")) + locations);
  EXPECT_EQ(none.status, 200) << none.body;
  EXPECT_EQ(none.body, R"({"share_snapshot_export_locations":[]})");
  EXPECT_EQ(get(at(k_nowhere) + locations).status, 404);
}

// ---- instances ---------------------------------------------------------------------------------
TEST_F(ManilaSnapshots, HaveAnInstanceOnEachReplica) {
  const ReplicaId second = service_.make_replica(share_, ReplicaState::in_sync);
  const Response made = ask_for("nightly");
  taken();
  const std::string id(body_of(made).at("snapshot").at("id").as_string());
  EXPECT_EQ(status(id), "creating");  // the second replica has no copy yet
  const auto rows = body_of(get("/v2/snapshot-instances/detail?snapshot_id=" + id))
                        .at("snapshot_instances")
                        .as_array();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(keys_of(rows[0]),
            "id snapshot_id status created_at updated_at share_id share_instance_id progress "
            "provider_location");
  EXPECT_EQ(std::string(rows[0].at("share_instance_id").as_string()),
            to_string(service_.share(share_).active()->id));
  EXPECT_EQ(rows[0].at("status"), "available");
  EXPECT_EQ(rows[0].at("progress"), "100%");
  EXPECT_EQ(std::string(rows[1].at("share_instance_id").as_string()), to_string(second));
  EXPECT_EQ(rows[1].at("status"), "creating");
  EXPECT_EQ(rows[1].at("snapshot_id"), id.c_str());
  EXPECT_NE(rows[0].at("id"), rows[1].at("id"));
}

TEST_F(ManilaSnapshots, InstancesAreForAdminsSince2p19) {
  const std::string id = make("nightly");
  const std::string all = "/v2/snapshot-instances";
  const auto rows = body_of(get(all)).at("snapshot_instances").as_array();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(keys_of(rows[0]), "id snapshot_id status");
  EXPECT_EQ(body_of(get(all + "?snapshot_id=" + k_nowhere)).at("snapshot_instances").as_array(),
            boost::json::array());
  const std::string one = all + "/" + std::string(rows[0].at("id").as_string());
  EXPECT_EQ(body_of(get(one)).at("snapshot_instance").at("snapshot_id"), id.c_str());
  EXPECT_EQ(get(all + "/" + k_nowhere).status, 404);
  for (const std::string& target : {all, all + "/detail", one}) {
    EXPECT_EQ(send({.target = target, .version = "2.18"}).status, 404) << target;
    EXPECT_EQ(send({.target = target, .version = "2.19"}).status, 200) << target;
  }
  members_only();
  for (const std::string& target : {all, all + "/detail", one})
    EXPECT_EQ(get(target).status, 403) << target;
}

}  // namespace
}  // namespace pasig::http
