// What the calls on share types do: codes, texts, empty bodies.
#include "tests/http/manila_api.h"

namespace pasig::http {
namespace {

TEST_F(ManilaApi, MakesATypeAndAnswers200) {
  const Response made = post(
      "/v2/types", R"({"share_type":{"name":"gold","extra_specs":{"driver_handles_share_servers":)"
                   R"("False","snapshot_support":true,"replication_type":"dr"},)"
                   R"("share_type_access:is_public":true,"description":"d"}})");
  ASSERT_EQ(made.status, 200) << made.body;
  const auto type = body_of(made).at("share_type").as_object();
  EXPECT_EQ(type.at("extra_specs").at("snapshot_support"), "True");
  EXPECT_EQ(type.at("description"), "d");
  EXPECT_EQ(made.position, 0U);
  const auto list = body_of(get("/v2/types")).at("share_types").as_array();
  EXPECT_EQ(list.size(), 1U);
}

TEST_F(ManilaApi, RefusesTypesInManilasCodes) {
  service_.make_type("gold", "");
  const auto body = [](const std::string& inner) { return R"({"share_type":)" + inner + "}"; };
  const std::string good =
      R"({"name":"gold","extra_specs":{"driver_handles_share_servers":false}})";
  EXPECT_EQ(post("/v2/types", body(good)).status, 409);
  EXPECT_EQ(post("/v2/types", body(R"({"name":"x"})")).status, 400);
  EXPECT_EQ(post("/v2/types", body(R"({"name":""})")).status, 400);
  EXPECT_EQ(post("/v2/types", body("[]")).status, 400);
  EXPECT_EQ(post("/v2/types", R"({"x":1})").status, 400);
  EXPECT_EQ(post("/v2/types", body(R"({"name":"x","extra_specs":{"driver_handles_share_servers":)"
                                   R"(false,"replication_type":"other"}})"))
                .status,
            400);
}

TEST_F(ManilaApi, DeletesATypeWithAnEmptyAnswer) {
  const auto type = service_.make_type("gold", "");
  const Response gone = remove("/v2/types/" + to_string(type));
  EXPECT_EQ(gone.status, 202);
  EXPECT_EQ(gone.body, "");
  EXPECT_EQ(gone.content_type, "text/html; charset=UTF-8");
  EXPECT_EQ(get("/v2/types/" + to_string(type)).status, 404);
  EXPECT_EQ(message_of(get("/v2/types/nothing")), "Share type not found.");
}

TEST_F(ManilaApi, HidesPrivateTypesFromMembers) {
  service_.run(CreateShareType{.name = "secret",
                               .is_public = false,
                               .extra_specs = {{"driver_handles_share_servers", "False"}}});
  EXPECT_EQ(body_of(get("/v2/types")).at("share_types").as_array().size(), 0U);
  EXPECT_EQ(body_of(get("/v2/types?is_public=all")).at("share_types").as_array().size(), 1U);
  members_only();
  EXPECT_EQ(body_of(get("/v2/types?is_public=all")).at("share_types").as_array().size(), 0U);
}

TEST_F(ManilaApi, GivesTheDefaultType) {
  EXPECT_EQ(get("/v2/types/default").status, 404);
  service_.make_type("gold", "");
  service_.context.options.default_share_type = "gold";
  EXPECT_EQ(body_of(get("/v2/types/default")).at("share_type").at("is_default"), true);
}

TEST_F(ManilaApi, SaysThatATypeCannotBeChanged) {
  const auto type = "/v2/types/" + to_string(service_.make_type("gold", ""));
  EXPECT_EQ(post(type + "/extra_specs", R"({"extra_specs":{"a":"b"}})").status, 403);
  EXPECT_NE(message_of(post(type + "/extra_specs", "{}")).find("cannot be changed"),
            std::string::npos);
}

}  // namespace
}  // namespace pasig::http
