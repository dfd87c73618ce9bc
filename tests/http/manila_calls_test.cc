// Pools, services, zones, and what all calls have in common.
#include "http/microversion.h"
#include "tests/http/manila_api.h"

namespace pasig::http {
namespace {

TEST_F(ManilaApi, PoolsAreFilteredByPatternAndType) {
  service_.make_type("gold", "readable");
  const auto count = [&](const std::string& query) {
    const Response list = get("/v2/scheduler-stats/pools/detail" + query);
    return list.status == 200 ? static_cast<int>(body_of(list).at("pools").as_array().size())
                              : -list.status;
  };
  EXPECT_EQ(count("?host=.*&backend=.*&pool=.*"), 2);
  EXPECT_EQ(count("?backend=al"), 1);
  EXPECT_EQ(count("?backend=lpha"), 0);
  EXPECT_EQ(count("?backend=(a)"), -400);
  EXPECT_EQ(count("?share_type=gold"), 2);
  EXPECT_EQ(count("?share_type=none"), -400);
  service_.run(CreateShareType{
      .name = "odd",
      .extra_specs = {{"driver_handles_share_servers", "False"}, {"dedupe", "<is> True"}}});
  EXPECT_EQ(count("?share_type=odd"), 0);
}

TEST_F(ManilaApi, ServicesSayWhichAreDown) {
  service_.controllers.front().up = false;
  const auto rows = body_of(get("/v2/services?state=down")).at("services").as_array();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.at(0).at("host"), "pasig@alpha");
  EXPECT_EQ(body_of(get("/v2/services?binary=manila-share")).at("services").as_array().size(), 2U);
  EXPECT_EQ(body_of(get("/v2/services?status=odd")).at("services").as_array().size(), 0U);
}

TEST_F(ManilaApi, AZoneMayBeNamedByItsId) {
  const auto zones = body_of(get("/v2/availability-zones")).at("availability_zones").as_array();
  ASSERT_EQ(zones.size(), 2U);
  service_.make_type("gold", "");
  const Response made =
      post("/v2/shares", R"({"share":{"size":1,"share_proto":"NFS","share_type":"gold",)"
                         R"("availability_zone":")" +
                             std::string(zones.at(1).at("id").as_string()) + R"("}})");
  EXPECT_EQ(body_of(made).at("share").at("availability_zone"), "zone-b");
}

TEST_F(ManilaApi, PassesOnWhatSurroundsACommand) {
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  send({.method = "POST",
        .target = "/v2/types",
        .body = R"({"share_type":{"name":"t","extra_specs":{"driver_handles_share_servers":0}}})",
        .headers = {{"idempotency-key", "k1"},
                    {"x-pasig-reason", "because"},
                    {"traceparent", trace},
                    {"x-pasig-on-behalf-of", "ann"}}});
  const Submission& last = service_.handler.last;
  EXPECT_EQ(last.command_id, "k1");
  EXPECT_EQ(last.reason, "because");
  EXPECT_EQ(last.traceparent, trace);
  EXPECT_EQ(last.request_id, "req-1");
  EXPECT_EQ(last.actor.name, "anonymous@loopback");
  EXPECT_EQ(last.actor.claimed, "ann");
  EXPECT_TRUE(last.actor.admin);
}

TEST_F(ManilaApi, RefusesBadHeadersOfACommand) {
  const auto status = [&](const Pairs& headers) {
    return send({.method = "DELETE",
                 .target = "/v2/types/" + to_string(ShareTypeId{random_uuid()}),
                 .headers = headers})
        .status;
  };
  EXPECT_EQ(status({}), 404);
  EXPECT_EQ(status({{"idempotency-key", std::string(256, 'x')}}), 400);
  EXPECT_EQ(status({{"idempotency-key", "\xC3\xBC"}}), 400);
  EXPECT_EQ(status({{"x-pasig-reason", "\xFF"}}), 400);
  EXPECT_EQ(status({{"x-pasig-reason", std::string(3000, 'x')}}), 400);
}

TEST_F(ManilaApi, ActionsHaveTheirNameByTheMicroversion) {
  const auto share = service_.make_share(service_.make_type("gold", "readable"), "docs");
  const auto is_known = [&](const std::string& action, const std::string& version) {
    const Response answer = send({.method = "POST",
                                  .target = at(share) + "/action",
                                  .version = version,
                                  .body = R"({")" + action + R"(":null})"});
    return message_of(answer).find("There is no such action") == std::string::npos;
  };
  for (const std::string name :
       {"extend", "shrink", "allow_access", "deny_access", "access_list", "reset_status"}) {
    EXPECT_TRUE(is_known(name, "2.7")) << name;
    EXPECT_FALSE(is_known("os-" + name, "2.7")) << name;
    EXPECT_TRUE(is_known("os-" + name, "2.6")) << name;
    EXPECT_FALSE(is_known(name, "2.6")) << name;
  }
  EXPECT_FALSE(is_known("access_list", "2.45"));
  EXPECT_FALSE(is_known("revert", "2.26"));
  EXPECT_TRUE(is_known("revert", "2.27"));
  EXPECT_FALSE(is_known("unmanage", "2.6"));
  EXPECT_FALSE(is_known("os-unmanage", "2.6"));  // /os-share-unmanage was that
  EXPECT_TRUE(is_known("unmanage", "2.7"));
}

TEST_F(ManilaApi, TellsFailuresOfTheServiceByTheirCode) {
  const auto share = service_.make_share(service_.make_type("gold", ""), "docs");
  service_.handler.fails_with = Error{ErrorCode::unavailable, "the log does not answer", "wait"};
  const Response response = remove(at(share));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(header_of(response, "Retry-After"), "1");
  EXPECT_EQ(message_of(response), "the log does not answer (wait)");
  service_.handler.fails_with = Error{ErrorCode::exhausted, "full", ""};
  EXPECT_EQ(remove(at(share)).status, 507);
  service_.handler.fails_with = Error{ErrorCode::invalid, "same id", ""};
  EXPECT_EQ(remove(at(share)).status, 422);
}

TEST_F(ManilaApi, AnswersAsOfAPositionAndWaitsForNone) {
  const auto share = service_.make_share(service_.make_type("gold", ""), "docs");
  const Response now = get(at(share));
  ASSERT_TRUE(now.position);
  const auto at_position = [&](const std::string& position) {
    return send({.target = at(share), .headers = {{"x-pasig-position", position}}}).status;
  };
  EXPECT_EQ(at_position(std::to_string(*now.position)), 200);
  EXPECT_EQ(at_position(std::to_string(*now.position + 1)), 503);
  EXPECT_EQ(at_position("x"), 400);
}

TEST_F(ManilaApi, UnknownPathsAnswerAsManilasRouterDoes) {
  const Response json = get("/v2/nothing");
  EXPECT_EQ(json.status, 404);
  EXPECT_EQ(body_of(json).at("code"), "404 Not Found");
  EXPECT_EQ(header_of(json, k_microversion_header), "(none)");
  Request plain{.method = "GET", .target = "/v2/nothing"};
  EXPECT_EQ(router_.dispatch(plain).content_type, "text/plain; charset=UTF-8");
  EXPECT_EQ(get("/v2/not-a-project/shares").status, 404);
}

}  // namespace
}  // namespace pasig::http
