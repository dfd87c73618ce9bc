#include "scheduler/capabilities.h"

#include <gtest/gtest.h>

namespace pasig {
namespace {

PlacementRequest asking(const std::string& key, const std::string& value) {
  return {.size_gb = 1, .extra_specs = {{key, value}}};
}

TEST(Satisfies, ComparesTextWhateverItsCase) {
  EXPECT_TRUE(satisfies("NetApp", "netapp"));
  EXPECT_FALSE(satisfies("NetApp", "net"));
}

TEST(Satisfies, ReadsBooleansInAllTheirSpellings) {
  EXPECT_TRUE(satisfies("True", "<is> yes"));
  EXPECT_TRUE(satisfies("1", "true"));
  EXPECT_FALSE(satisfies("False", "<is> true"));
}

TEST(Satisfies, ComparesNumbersAsNumbers) {
  EXPECT_TRUE(satisfies("10", ">= 9"));
  EXPECT_TRUE(satisfies("10", "= 9"));
  EXPECT_FALSE(satisfies("10", "<= 9"));
  EXPECT_TRUE(satisfies("10", "== 10.0"));
  EXPECT_FALSE(satisfies("10", "!= 10"));
  EXPECT_FALSE(satisfies("many", ">= 9"));
}

TEST(Satisfies, ComparesTextsByTheirOrder) {
  EXPECT_TRUE(satisfies("b", "s> a"));
  EXPECT_FALSE(satisfies("b", "s< a"));
  EXPECT_TRUE(satisfies("b", "s>= b"));
  EXPECT_TRUE(satisfies("b", "s<= b"));
  EXPECT_TRUE(satisfies("b", "s== b"));
  EXPECT_FALSE(satisfies("b", "s!= b"));
}

TEST(Satisfies, FindsPartsOfAText) {
  EXPECT_TRUE(satisfies("NFS_CIFS", "<in> nfs"));
  EXPECT_FALSE(satisfies("CIFS", "<in> nfs"));
}

TEST(Satisfies, TakesOneOfSeveral) {
  EXPECT_TRUE(satisfies("ssd", "<or> hdd <or> ssd"));
  EXPECT_FALSE(satisfies("tape", "<or> hdd <or> ssd"));
}

TEST(MissingCapability, IgnoresOtherScopes) {
  EXPECT_FALSE(missing_capability(asking("pasig:rpo_seconds", "60"), {}));
}

TEST(MissingCapability, ReadsItsOwnScope) {
  const PoolReport pool{.capabilities = {{"disk", "ssd"}}};
  EXPECT_FALSE(missing_capability(asking("capabilities:disk", "ssd"), pool));
  EXPECT_TRUE(missing_capability(asking("capabilities:disk", "hdd"), pool));
}

TEST(MissingCapability, NamesWhatThePoolDoesNotList) {
  const auto missing = missing_capability(asking("disk", "ssd"), {});
  ASSERT_TRUE(missing);
  EXPECT_EQ(*missing, "it does not list disk, and the type asks for 'ssd'");
}

TEST(MissingCapability, LetsUsualSpecsPassWhereThePoolIsSilent) {
  EXPECT_FALSE(missing_capability(asking("snapshot_support", "True"), {}));
  const PoolReport without{.capabilities = {{"snapshot_support", "False"}}};
  EXPECT_TRUE(missing_capability(asking("snapshot_support", "True"), without));
}

TEST(MissingCapability, DropsTheBackEndsNameForFurtherReplicas) {
  const Share share;
  const PoolReport pool{.controller = "beta"};
  PlacementRequest request = asking("share_backend_name", "alpha");
  EXPECT_TRUE(missing_capability(request, pool));
  request.share = &share;
  EXPECT_FALSE(missing_capability(request, pool));
}

TEST(MissingCapability, HoldsTheProtocolAgainstPoolsThatNameTheirs) {
  PlacementRequest request{.protocol = "NFS"};
  EXPECT_TRUE(missing_capability(request, {.capabilities = {{"storage_protocol", "CIFS"}}}));
  EXPECT_FALSE(missing_capability(request, {.capabilities = {{"storage_protocol", "NFS_CIFS"}}}));
  EXPECT_FALSE(missing_capability(request, {}));
}

TEST(CommaList, TrimsAndDropsEmptyParts) {
  EXPECT_EQ(comma_list(" a, b ,,c"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(comma_list(" , ").empty());
}

}  // namespace
}  // namespace pasig
