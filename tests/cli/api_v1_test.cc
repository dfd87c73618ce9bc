// /pasig/v1 itself: what the `pasig` command does not already show.
#include <boost/json/parse.hpp>
#include <vector>

#include "tests/cli/live_service.h"

namespace pasig::cli {
namespace {

class ApiV1 : public ::testing::Test {
 protected:
  LiveService service_;

  static Json body(const http::Response& response) {
    return parse_json(response.body).value_or(Json());
  }
  Json get(const std::string& target) { return body(service_.ask("GET", target)); }
  std::string code(const http::Response& response) {
    return std::to_string(response.status) + " " + text_at(body(response), "error.code");
  }
  std::string code(const std::string& method, const std::string& target,
                   const std::string& text = {}) {
    return code(service_.ask(method, target, text));
  }
  void make_share() {
    service_.ask("POST", "/pasig/v1/types", R"({"name":"gold","replication":"readable"})");
    service_.ask("POST", "/pasig/v1/shares",
                 R"({"name":"docs","type":"gold","size_gb":1,"zone":"zone-a"})");
    service_.finish_create("docs");
  }
};

TEST_F(ApiV1, AnActingAnswerHasTheCommandTheOperationAndTheEvents) {
  make_share();
  const auto response =
      service_.ask("POST", "/pasig/v1/replicas", R"({"share":"docs","zone":"zone-b"})",
                   {{"idempotency-key", "k1"}, {"x-pasig-reason", "more copies"}});
  EXPECT_EQ(response.status, 202);
  const Json answer = body(response);
  EXPECT_EQ(text_at(answer, "command_id"), "k1");
  EXPECT_EQ(number_at(answer, "ordinal"), response.position);
  EXPECT_EQ(text_at(answer, "operation"), to_string(service_.share("docs").operations.front().id));
  EXPECT_EQ(text_at(list_at(answer, "events")[0], "type"), "ReplicaAddStarted");
  EXPECT_EQ(text_at(answer, "replica.status"), "creating");
  const Json record = get("/pasig/v1/log/" + text_at(answer, "ordinal"));
  EXPECT_EQ(text_at(record, "reason"), "more copies");
}

TEST_F(ApiV1, TheSecondSubmissionOfAKeyIsToldAsARepetition) {
  const auto once =
      service_.ask("POST", "/pasig/v1/types", R"({"name":"a"})", {{"idempotency-key", "k"}});
  const auto twice =
      service_.ask("POST", "/pasig/v1/types", R"({"name":"a"})", {{"idempotency-key", "k"}});
  EXPECT_FALSE(flag_at(body(once), "repeated"));
  EXPECT_TRUE(flag_at(body(twice), "repeated"));
  EXPECT_EQ(text_at(body(twice), "type.id"), text_at(body(once), "type.id"));
}

TEST_F(ApiV1, ARequestIdOfTheClientIsRecorded) {
  const std::string id = "req-0123abcd-0000-4000-8000-000000000001";
  service_.ask("POST", "/pasig/v1/types", R"({"name":"a"})", {{"x-request-id", id}});
  EXPECT_EQ(text_at(get("/pasig/v1/log/1"), "request_id"), id);
}

TEST_F(ApiV1, BadBodiesNameTheField) {
  EXPECT_EQ(code("POST", "/pasig/v1/types", R"({"nam":"x"})"), "400 bad_request");
  EXPECT_EQ(code("POST", "/pasig/v1/types", "{"), "400 bad_request");
  EXPECT_EQ(code("POST", "/pasig/v1/types"), "400 bad_request");
  EXPECT_EQ(code("POST", "/pasig/v1/types", R"({"name":""})"), "400 bad_request");
  EXPECT_EQ(code("POST", "/pasig/v1/shares", R"({"name":"x"})"), "400 bad_request");
  EXPECT_EQ(code("POST", "/pasig/v1/replicas", R"({"share":7})"), "400 bad_request");
}

TEST_F(ApiV1, BadQueriesAreRefused) {
  EXPECT_EQ(code("GET", "/pasig/v1/shares?limt=1"), "400 bad_request");
  EXPECT_EQ(code("GET", "/pasig/v1/shares?limit=0"), "400 bad_request");
  EXPECT_EQ(code("GET", "/pasig/v1/shares?limit=-1"), "400 bad_request");
  EXPECT_EQ(code("GET", "/pasig/v1/shares?limit=1&limit=2"), "400 bad_request");
  EXPECT_EQ(code("GET", "/pasig/v1/operations?pending=perhaps"), "400 bad_request");
  EXPECT_EQ(code("GET", "/pasig/v1/history"), "400 bad_request");
  EXPECT_EQ(code("GET", "/pasig/v1/history?of=a&share=b"), "400 bad_request");
  EXPECT_EQ(code("GET", "/pasig/v1/log/minus-one"), "400 bad_request");
}

TEST_F(ApiV1, WhatDoesNotExistIsNamed) {
  EXPECT_EQ(code("GET", "/pasig/v1/types/x"), "404 type_not_found");
  EXPECT_EQ(code("GET", "/pasig/v1/shares/x"), "404 share_not_found");
  EXPECT_EQ(code("GET", "/pasig/v1/replicas/x"), "404 replica_not_found");
  EXPECT_EQ(code("GET", "/pasig/v1/replicas/x@y"), "404 share_not_found");
  EXPECT_EQ(code("GET", "/pasig/v1/operations/x"), "404 operation_not_found");
  EXPECT_EQ(code("GET", "/pasig/v1/commands/x"), "404 not_found");
  EXPECT_EQ(code("GET", "/pasig/v1/log/99"), "404 not_found");
  EXPECT_EQ(code("GET", "/pasig/v1/history?of=x"), "404 not_found");
  EXPECT_EQ(code("GET", "/pasig/v1/history?stream=share-x"), "404 stream_not_found");
  EXPECT_EQ(code("GET", "/pasig/v1/replay/verify/x"), "404 job_not_found");
}

TEST_F(ApiV1, APositionThatIsNotReachedYetIsUnavailable) {
  const auto response = service_.ask("GET", "/pasig/v1/shares", {}, {{"x-pasig-position", "1000"}});
  EXPECT_EQ(code(response), "503 unavailable");
}

TEST_F(ApiV1, ARefusalSaysWhereItIsRecorded) {
  make_share();
  const auto response = service_.ask("DELETE", "/pasig/v1/replicas/docs@zone-a");
  const Json answer = body(response);
  EXPECT_EQ(text_at(answer, "error.code"), "last_active_replica");
  EXPECT_TRUE(flag_at(answer, "error.recorded"));
  const Json record = get("/pasig/v1/log/" + text_at(answer, "error.ordinal"));
  EXPECT_EQ(text_at(record, "outcome"), "refused");
}

TEST_F(ApiV1, OthersDoNotSeeAShareOfAnotherProject) {
  make_share();
  service_.context().options.anonymous_is_admin = false;
  EXPECT_EQ(get("/pasig/v1/shares").at("total"), 1);
  service_.context().options.default_project = "ffffffffffffffffffffffffffffffff";
  EXPECT_EQ(get("/pasig/v1/shares").at("total"), 0);
  EXPECT_EQ(code("GET", "/pasig/v1/shares/docs"), "404 share_not_found");
  EXPECT_EQ(code("GET", "/pasig/v1/history?of=docs"), "404 not_found");
  EXPECT_EQ(code("GET", "/pasig/v1/replicas/docs@zone-a/why"), "404 share_not_found");
}

TEST_F(ApiV1, TheLogAndTheControllersAreForAdmins) {
  service_.context().options.anonymous_is_admin = false;
  for (const std::string path : {"log", "log/0", "controllers", "controllers/alpha", "pools",
                                 "commands/x", "replay/verify/x", "history?stream=x"})
    EXPECT_EQ(code("GET", "/pasig/v1/" + path), "403 needs_admin") << path;
  EXPECT_EQ(code("POST", "/pasig/v1/replay/verify"), "403 needs_admin");
}

struct Post {
  std::string target;
  std::string body;
};

TEST_F(ApiV1, WhatOperatorsDoIsForAdmins) {
  make_share();
  service_.ask("POST", "/pasig/v1/replicas", R"({"share":"docs","zone":"zone-b"})");
  const std::string operation = to_string(service_.share("docs").operations.front().id);
  service_.context().options.anonymous_is_admin = false;
  const std::string at = "/pasig/v1/shares/docs/";
  const std::vector<Post> posts = {
      {"/pasig/v1/effects/pause", R"({"all":true})"},
      {"/pasig/v1/effects/pause", R"({"share":"docs"})"},
      {"/pasig/v1/effects/resume", R"({"controller":"alpha"})"},
      {"/pasig/v1/controllers/alpha/drain", ""},
      {"/pasig/v1/controllers/alpha/undrain", ""},
      {"/pasig/v1/controllers/alpha/retire", ""},
      {"/pasig/v1/controllers/alpha/reinstate", ""},
      {"/pasig/v1/operations/" + operation + "/abandon", ""},
      {"/pasig/v1/replicas/docs@zone-a/verify", ""},
      {"/pasig/v1/replicas/docs@zone-a/reset-status", R"({"status":"error"})"},
      {at + "reset-status", ""},
      {at + "extend", R"({"size_gb":2,"force":true})"},
      {at + "unmanage", ""},
      {at + "clean-debris", ""},
      {"/pasig/v1/shares/manage",
       R"({"path":"/srv/a","host":"n1@alpha#p0","type":"gold","name":"a"})"},
      {"/pasig/v1/snapshots/manage", R"({"share":"docs","path":"/srv/a","name":"a"})"},
      {"/pasig/v1/aside/delete", R"({"share":"docs","controller":"alpha","path":"/srv/a"})"},
      {"/pasig/v1/aside/restore",
       R"({"share":"docs","controller":"alpha","path":"/srv/a","to":"/srv/b"})"}};
  for (const Post& one : posts)
    EXPECT_EQ(code(service_.ask("POST", one.target, one.body, {{"x-pasig-reason", "why"}})),
              "403 needs_admin")
        << one.target << " " << one.body;
}

TEST_F(ApiV1, OrdersNeedAReason) {
  make_share();
  const std::vector<Post> posts = {
      {"/pasig/v1/effects/pause", R"({"all":true})"},
      {"/pasig/v1/controllers/alpha/drain", ""},
      {"/pasig/v1/controllers/alpha/retire", ""},
      {"/pasig/v1/shares/docs/suspend-replication", ""},
      {"/pasig/v1/aside/delete", R"({"share":"docs","controller":"alpha","path":"/srv/a"})"}};
  const Ordinal before = service_.context().view()->head().next_ordinal;
  for (const Post& one : posts) {
    const auto response = service_.ask("POST", one.target, one.body);
    EXPECT_EQ(response.status, 400) << one.target;
    EXPECT_NE(response.body.find("reason"), std::string::npos) << response.body;
  }
  EXPECT_EQ(service_.context().view()->head().next_ordinal, before);
}

TEST_F(ApiV1, AnOperationShowsItsProgressUntilItIsOver) {
  make_share();
  service_.ask("POST", "/pasig/v1/replicas", R"({"share":"docs","zone":"zone-b"})");
  const OperationId id = service_.claim("docs");
  service_.observations().put(OperationProgress{
      .operation = id, .step = "copying", .bytes_done = 5, .bytes_total = 10, .at = Time{1}});
  const Json operation = get("/pasig/v1/operations/" + to_string(id));
  EXPECT_EQ(text_at(operation, "status"), "running");
  EXPECT_EQ(text_at(operation, "progress.step"), "copying");
  EXPECT_EQ(number_at(operation, "progress.bytes_total"), 10U);
  EXPECT_EQ(list_at(get("/pasig/v1/operations?pending=true&share=docs"), "operations").size(), 1U);
}

TEST_F(ApiV1, AnObservationNewerThanTheLogIsShown) {
  make_share();
  service_.ask("POST", "/pasig/v1/replicas", R"({"share":"docs","zone":"zone-b"})");
  service_.finish_add("docs");
  const ReplicaId id = service_.share("docs").replicas.back().id;
  const Time later = SystemClock().now().plus_seconds(1);
  service_.observations().put(ReplicaObservation{.replica = id,
                                                 .observed_at = later,
                                                 .reachable = true,
                                                 .generation = 17,
                                                 .data_as_of = later,
                                                 .consistency = Consistency::fuzzy});
  const Json replica = get("/pasig/v1/replicas/" + to_string(id));
  EXPECT_EQ(number_at(replica, "generation"), 17U);
  EXPECT_EQ(text_at(replica, "data_as_of"), to_string(later));
  EXPECT_NE(text_at(replica, "sync").find("generation 17, fuzzy)"), std::string::npos);
}

TEST_F(ApiV1, ShareThatIsOverItsSizeSaysSo) {
  make_share();
  const Share share = service_.share("docs");
  const ReplicaId id = share.replicas.front().id;
  const std::uint64_t given = share.size_gb << 30;
  service_.observations().put(
      ReplicaObservation{.replica = id, .reachable = true, .used_bytes = given});
  EXPECT_EQ(text_at(get("/pasig/v1/replicas/" + to_string(id)), "note"), "");
  service_.observations().put(
      ReplicaObservation{.replica = id, .reachable = true, .used_bytes = 2 * given});
  const std::string words = "over its size: ";
  EXPECT_TRUE(text_at(get("/pasig/v1/replicas/" + to_string(id)), "note").starts_with(words));
  EXPECT_TRUE(text_at(get("/pasig/v1/shares/docs"), "note").starts_with(words));
  const std::string why = text_at(get("/pasig/v1/replicas/" + to_string(id) + "/why"), "text");
  EXPECT_NE(why.find("\n  Its share is " + words), std::string::npos) << why;
}

TEST_F(ApiV1, AHistoryOutlivesItsShare) {
  make_share();
  const std::string id = to_string(service_.share("docs").id);
  const std::string replica = to_string(service_.share("docs").replicas.front().id);
  EXPECT_EQ(service_.ask("DELETE", "/pasig/v1/shares/docs").status, 202);
  service_.work(ReportShareDeleted{.operation = service_.claim("docs"), .attempt = 1});
  EXPECT_EQ(code("GET", "/pasig/v1/shares/" + id), "404 share_not_found");
  EXPECT_FALSE(list_at(get("/pasig/v1/history?share=" + id), "records").empty());
  EXPECT_FALSE(list_at(get("/pasig/v1/history?replica=" + replica), "records").empty());
  EXPECT_NE(text_at(get("/pasig/v1/replicas/" + replica + "/why"), "text"), "");
}

TEST_F(ApiV1, TheLogIsPaged) {
  make_share();
  const Json first = get("/pasig/v1/log?limit=2");
  EXPECT_EQ(list_at(first, "records").size(), 2U);
  EXPECT_EQ(number_at(first, "next"), 2U);
  const Json past = get("/pasig/v1/log?from=1000");
  EXPECT_TRUE(list_at(past, "records").empty());
  EXPECT_TRUE(find(past, "next")->is_null());
}

TEST_F(ApiV1, WordsThatAreNoneAreRefusedWithTheKnownOnes) {
  make_share();
  const auto response =
      service_.ask("POST", "/pasig/v1/replicas/docs@zone-a/set-active", R"({"mode":"now"})");
  EXPECT_EQ(code(response), "400 bad_request");
  EXPECT_NE(response.body.find("auto, planned, forced"), std::string::npos);
}

}  // namespace
}  // namespace pasig::cli
