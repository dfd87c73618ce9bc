#include <gtest/gtest.h>

#include "http/json_body.h"
#include "http/python_literal.h"
#include "http/router.h"
#include "http/text_pattern.h"
#include "tests/http/requests.h"

namespace pasig::http {
namespace {

constexpr std::string_view k_project_characters = "0123456789abcdef-";

Request parsed(const std::string& target) {
  Request request{.target = target};
  const auto result = parse_target(request, k_project_characters);
  EXPECT_TRUE(result) << target << ": " << result.error().text();
  return request;
}

bool is_refused(const std::string& target) {
  Request request{.target = target};
  return !parse_target(request, k_project_characters);
}

TEST(Target, IsSplitIntoDecodedSegmentsAndQuery) {
  const Request request = parsed("/v2/shares/a%20b?name=x+y%26&limit=2&limit=3&flag");
  EXPECT_EQ(request.segments, (std::vector<std::string>{"v2", "shares", "a b"}));
  EXPECT_EQ(request.query_value("name"), "x y&");
  EXPECT_EQ(request.query_value("limit"), "2");
  EXPECT_EQ(request.query_value("flag"), "");
  EXPECT_EQ(request.query.size(), 4U);
  EXPECT_EQ(request.path, "/v2/shares/a%20b");
}

TEST(Target, GivesTheProjectAndTakesItOutOfThePath) {
  const Request request = parsed("/v2/7441343ec07b40d0bcd44cec62a97f51/shares");
  EXPECT_EQ(request.project, "7441343ec07b40d0bcd44cec62a97f51");
  EXPECT_EQ(request.segments, (std::vector<std::string>{"v2", "shares"}));
}

TEST(Target, TakesNoResourceForAProject) {
  EXPECT_EQ(parsed("/v2/shares/detail").project, "");
  EXPECT_EQ(parsed("/v2/types").project, "");
  EXPECT_EQ(parsed("/v2/").project, "");
  EXPECT_EQ(parsed("/pasig/abc/x").project, "");
}

TEST(Target, MayBeAnAbsoluteUrl) {
  EXPECT_EQ(parsed("http://localhost:1/v2/shares?limit=1").path, "/v2/shares");
  EXPECT_EQ(parsed("http://localhost").path, "/");
}

TEST(Target, IsRefusedWhenItIsNotText) {
  for (const char* bad : {"/%", "/%4", "/%zz", "/%00", "/a?b=%ff", "/%c0%af", "/%ed%a0%80", "*",
                          "shares", "", "localhost:80", "ftp://x/"})
    EXPECT_TRUE(is_refused(bad)) << bad;
}

TEST(CleanText, IsUtf8WithoutNul) {
  EXPECT_TRUE(is_clean_text("plain"));
  EXPECT_TRUE(is_clean_text("gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80"));
  EXPECT_FALSE(is_clean_text(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_clean_text("\xC3"));
  EXPECT_FALSE(is_clean_text("\xC0\xAF"));
  EXPECT_FALSE(is_clean_text("\xED\xA0\x80"));
  EXPECT_FALSE(is_clean_text("\xF4\x90\x80\x80"));
  EXPECT_FALSE(is_clean_text("\xE0\x80\x80"));
}

TEST(Router, PrefersALiteralSegmentToAParameter) {
  Router router;
  const auto says = [](std::string text) {
    return [text](const Request&) { return Response{.body = text}; };
  };
  router.add("GET", "/v2/shares/{id}", says("one"));
  router.add("GET", "/v2/shares/detail", says("detail"));
  Request request = request_of({.target = "/v2/shares/detail"});
  EXPECT_EQ(router.dispatch(request).body, "detail");
  EXPECT_EQ(request.route, "/v2/shares/detail");
}

TEST(Router, GivesTheHandlerItsParameters) {
  Router router;
  router.add("GET", "/a/{x}/b/{y}", [](const Request& request) {
    return Response{.body = request.parameter("x") + "," + request.parameter("y")};
  });
  Request request = request_of({.target = "/a/1%2F2/b/3/"});
  EXPECT_EQ(router.dispatch(request).body, "1/2,3");
}

TEST(Router, AnswersUnknownMethodsAndPathsItself) {
  Router router;
  router.add("GET", "/pasig/v1/x", [](const Request&) { return Response{}; });
  router.add("GET", "/v2/x", [](const Request&) { return Response{}; });
  const auto status = [&](const std::string& method, const std::string& target) {
    Request request = request_of({.method = method, .target = target});
    return router.dispatch(request).status;
  };
  EXPECT_EQ(status("GET", "/nowhere"), 404);
  EXPECT_EQ(status("DELETE", "/pasig/v1/x"), 405);
  EXPECT_EQ(status("DELETE", "/v2/x"), 404);  // Manila's router knows no 405
  EXPECT_EQ(status("HEAD", "/pasig/v1/x"), 200);
  EXPECT_EQ(status("OPTIONS", "/pasig/v1/x"), 204);
  EXPECT_EQ(status("OPTIONS", "*"), 204);
  EXPECT_EQ(status("GET", "/%zz"), 400);
}

TEST(Router, NamesTheMethodsThatThereAre) {
  Router router;
  router.add("GET", "/x", [](const Request&) { return Response{}; });
  router.add("POST", "/x", [](const Request&) { return Response{}; });
  Request request = request_of({.method = "PUT", .target = "/x"});
  const Response refusal = router.dispatch(request);
  EXPECT_EQ(header_of(refusal, "Allow"), "GET, HEAD, POST, OPTIONS");
}

struct BadBody {
  std::string body;
  std::string says;
};

TEST(Body, SaysWhatIsWrongWithIt) {
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "{\"a\":";
  const std::vector<BadBody> cases = {
      {"", "no body"},
      {"{", "Malformed"},
      {"[]", "a list"},
      {"null", "null"},
      {"{\"a\":1,\"a\":2}", "'a' comes twice"},
      {"{\"a\":{\"b\":1,\"b\":1}}", "'b' comes twice"},
      {"{\"a\":1,\"\\u0061\":2}", "'a' comes twice"},
      {"{\"a\":\"\xff\"}", "Malformed"},
      {"{\"a\":\"\\ud800\"}", "Malformed"},
      {"{\"a\":\"\\u0000\"}", "NUL"},
      {"{\"a\":1} x", "Malformed"},
      {"{'a':1}", "Malformed"},
      {"{\"a\":01}", "Malformed"},
      {deep, "Malformed"},
      {std::string("{\"a\":\"\0\"}", 9), "Malformed"},
  };
  for (const BadBody& one : cases) {
    Request request = request_of({.body = one.body});
    const auto result = parse_body(request);
    ASSERT_FALSE(result) << one.body;
    EXPECT_EQ(result.error().status, 400) << one.body;
    EXPECT_NE(message_of(result.error()).find(one.says), std::string::npos)
        << one.body << ": " << message_of(result.error());
  }
}

TEST(Body, NeedsTheContentTypeOfJson) {
  Request request{.headers = {{"content-type", "text/plain"}}, .body = "{}"};
  EXPECT_FALSE(parse_body(request));
  request.headers = {{"content-type", "Application/JSON ; charset=utf-8"}};
  EXPECT_TRUE(parse_body(request));
}

boost::json::object fields_of(const std::string& text) {
  return boost::json::parse(text).as_object();
}

TEST(Fields, ReadIntegersWithinTheirBounds) {
  const auto object = fields_of(
      R"({"a":5,"b":"7","c":1.5,"d":1e99,"e":99999999999999999999,"f":[],"g":-1,"h":null,"i":""})");
  const Fields fields(object, "share");
  EXPECT_EQ(*fields.integer("a", 1, 9), 5);
  EXPECT_EQ(*fields.integer("b", 1, 9), 7);
  EXPECT_EQ(*fields.integer("h", 1, 9), std::nullopt);
  for (const char* bad : {"c", "d", "e", "f", "g", "i"})
    EXPECT_FALSE(fields.integer(bad, 1, 9)) << bad;
  EXPECT_NE(message_of(fields.integer("g", 1, 9).error()).find("share.g"), std::string::npos);
}

TEST(Fields, CountCharactersAndNotBytes) {
  const auto object = fields_of("{\"a\":\"\xC3\xBC\xC3\xBC\"}");
  const Fields fields(object, "");
  EXPECT_TRUE(fields.text("a", {.length_max = 2}));
  EXPECT_FALSE(fields.text("a", {.length_max = 1}));
  EXPECT_FALSE(fields.text("a", {.length_min = 3}));
}

TEST(Fields, RefuseOtherTypes) {
  const auto object = fields_of(R"({"n":1,"t":"x","o":{},"p":{"k":{}}})");
  const Fields fields(object, "x");
  EXPECT_FALSE(fields.text("n"));
  EXPECT_FALSE(fields.object("t"));
  EXPECT_FALSE(fields.boolean("t"));
  EXPECT_FALSE(fields.pairs("p", true));
  EXPECT_FALSE(fields.only({"n", "t"}));
  EXPECT_TRUE(fields.only({"n", "t", "o", "p"}));
}

TEST(Fields, StoreBooleansOfExtraSpecsAsManilaDoes) {
  const auto object = fields_of(R"({"s":{"b":true,"a":"x","c":false}})");
  const auto pairs = Fields(object, "").pairs("s", true);
  ASSERT_TRUE(pairs);
  EXPECT_EQ(*pairs, (std::vector<KeyValue>{{"a", "x"}, {"b", "True"}, {"c", "False"}}));
  EXPECT_FALSE(Fields(object, "").pairs("s", false));
}

TEST(PythonDict, IsReadWithBothQuotes) {
  EXPECT_EQ(parse_python_dict("{'a': 'b', \"c\" : \"d'\"}"),
            (std::vector<KeyValue>{{"a", "b"}, {"c", "d'"}}));
  EXPECT_EQ(parse_python_dict("{}"), std::vector<KeyValue>{});
  EXPECT_EQ(parse_python_dict("{'a\\'b': 'c'}"), (std::vector<KeyValue>{{"a'b", "c"}}));
  for (const char* bad : {"", "{", "{'a'}", "{'a':}", "{'a':'b'", "{'a':'b'} x", "{'a':1}", "['a']",
                          "{'a':'b' 'c':'d'}", "{'a\\"})
    EXPECT_FALSE(parse_python_dict(bad)) << bad;
}

bool fits(std::string_view pattern, std::string_view text) {
  const auto parsed_pattern = TextPattern::parse(pattern);
  return parsed_pattern && parsed_pattern->matches(text);
}

TEST(TextPattern, IsAnchoredAtTheStart) {
  EXPECT_TRUE(fits("al", "alpha"));
  EXPECT_FALSE(fits("pha", "alpha"));
  EXPECT_TRUE(fits(".*pha", "alpha"));
  EXPECT_FALSE(fits("al$", "alpha"));
  EXPECT_TRUE(fits("^alpha$", "alpha"));
  EXPECT_TRUE(fits("", "alpha"));
  EXPECT_TRUE(fits("alph+a", "alphhha"));
  EXPECT_FALSE(fits("alphax+", "alpha"));
  EXPECT_TRUE(fits("alphax?", "alpha"));
  EXPECT_TRUE(fits("al\\.", "al.x"));
  EXPECT_FALSE(fits("al\\.", "alx"));
}

TEST(TextPattern, RefusesWhatItDoesNotUnderstand) {
  for (const char* bad : {"(a)", "[a]", "a|b", "a{2}", "*", "a**", "\\d", "\\", "a^"})
    EXPECT_FALSE(TextPattern::parse(bad)) << bad;
}

TEST(TextPattern, StaysLinearOnLongText) {
  std::string pattern;
  for (int i = 0; i < 30; ++i) pattern += "a*";
  EXPECT_FALSE(fits(pattern + "b$", std::string(60'000, 'a')));
}

}  // namespace
}  // namespace pasig::http
