#include <gtest/gtest.h>

#include "http/manila_routes.h"
#include "http/microversion.h"
#include "http/refusals.h"
#include "tests/http/requests.h"

namespace pasig::http {
namespace {

Request asking(const std::string& version) {
  return {.headers = {{"x-openstack-manila-api-version", version}}};
}

TEST(Microversion, ReadsWellFormedNumbersOnly) {
  EXPECT_EQ(parse_microversion("2.56"), (Microversion{2, 56}));
  EXPECT_EQ(parse_microversion("2.0"), (Microversion{2, 0}));
  for (const char* bad :
       {"", "2", "2.", ".1", "02.1", "2.01", "0.1", "latest", "2.1.1", "2.x", "-2.1", "2. 1"})
    EXPECT_FALSE(parse_microversion(bad)) << bad;
}

TEST(Microversion, TakesHugeNumbersForOutOfRange) {
  EXPECT_GT(*parse_microversion("2.99999999999999999999999"), k_microversion_max);
}

TEST(Negotiation, GivesTheMinimumWithoutAHeader) {
  EXPECT_EQ(negotiate({})->version, k_microversion_min);
  EXPECT_EQ(negotiate(asking(""))->version, k_microversion_min);
}

TEST(Negotiation, RefusesAMalformedVersionWithoutVersionHeaders) {
  const auto refused = negotiate(asking("latest"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 400);
  EXPECT_EQ(header_of(refused.error(), "Vary"), "(none)");
}

TEST(Negotiation, RefusesAVersionOutOfRangeAndEchoesIt) {
  for (const char* version : {"2.94", "2.99", "1.0", "3.0"}) {
    const auto refused = negotiate(asking(version));
    ASSERT_FALSE(refused) << version;
    EXPECT_EQ(refused.error().status, 406);
    EXPECT_EQ(header_of(refused.error(), k_microversion_header), version);
    EXPECT_EQ(header_of(refused.error(), "Vary"), k_microversion_header);
    EXPECT_NE(refused.error().body.find("computeFault"), std::string::npos);
    EXPECT_NE(message_of(refused.error()).find("2.93"), std::string::npos);
  }
}

TEST(Negotiation, ReadsTheExperimentalFlagLoosely) {
  Request request;
  for (const char* yes : {"true", "True", "1", "YES", " on "}) {
    request.headers = {{"x-openstack-manila-api-experimental", yes}};
    EXPECT_TRUE(negotiate(request)->experimental) << yes;
  }
  request.headers = {{"x-openstack-manila-api-experimental", "no"}};
  EXPECT_FALSE(negotiate(request)->experimental);
}

// The last guard; a new one behind it makes the compiler ask for its row in refusals.cc, and this
// test for its status.
constexpr Guard k_last_guard = Guard::report_does_not_fit;

TEST(Refusals, EveryGuardHasAStatusAndAFault) {
  for (int i = 0; i <= static_cast<int>(k_last_guard); ++i) {
    const auto guard = static_cast<Guard>(i);
    const RefusalStatus status = status_of(guard);
    EXPECT_GE(status.status, 400) << word(guard);
    EXPECT_LT(status.status, 500) << word(guard);
    EXPECT_FALSE(word(guard).empty()) << i;
    EXPECT_NE(status.fault, "") << word(guard);
  }
}

TEST(Refusals, HaveManilasCodes) {
  EXPECT_EQ(status_of(Guard::share_has_replicas).status, 409);
  EXPECT_EQ(status_of(Guard::last_active_replica).status, 400);
  EXPECT_EQ(status_of(Guard::over_quota).status, 413);
  EXPECT_EQ(status_of(Guard::needs_admin).status, 403);
  EXPECT_EQ(status_of(Guard::replica_not_in_sync).status, 403);
  EXPECT_EQ(status_of(Guard::type_name_taken).status, 409);
  EXPECT_EQ(status_of(Guard::type_name_taken).fault, "conflictingRequest");
}

TEST(Refusals, CarryTheGuardForPrograms) {
  const Response response = refused({.guard = Guard::share_is_busy, .message = "busy"});
  EXPECT_EQ(header_of(response, "X-Pasig-Guard"), "share_is_busy");
  EXPECT_EQ(response.body, R"({"badRequest":{"code":400,"message":"busy"}})");
}

TEST(Refusals, OverQuotaIsTheFaultThatManilaGives) {
  const Response response = refused({.guard = Guard::over_quota, .message = "too many"});
  EXPECT_EQ(response.body, R"({"overLimit":{"code":413,"message":"too many","retryAfter":"0"}})");
  EXPECT_EQ(header_of(response, "Retry-After"), "0");
}

TEST(Failures, TellWhatTheCallerCanDo) {
  EXPECT_EQ(failed({ErrorCode::unavailable, "m", "h"}).status, 503);
  EXPECT_EQ(header_of(failed({ErrorCode::unavailable, "m", "h"}), "Retry-After"), "1");
  EXPECT_EQ(failed({ErrorCode::unknown, "m", ""}).status, 504);
  EXPECT_EQ(failed({ErrorCode::exhausted, "m", ""}).status, 507);
  EXPECT_EQ(failed({ErrorCode::invalid, "m", ""}).status, 422);
  EXPECT_EQ(message_of(failed({ErrorCode::unknown, "m", "h"})), "m (h)");
}

}  // namespace
}  // namespace pasig::http
