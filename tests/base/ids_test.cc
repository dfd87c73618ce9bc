#include "base/ids.h"

#include <gtest/gtest.h>

#include <set>

namespace pasig {
namespace {

constexpr Uuid k_uuid{0x0123456789abcdef, 0xfedcba9876543210};
const std::string k_text = "01234567-89ab-cdef-fedc-ba9876543210";

TEST(Uuid, IsPrintedInLowerCase) { EXPECT_EQ(to_string(k_uuid), k_text); }

TEST(Uuid, IsParsedInAnyCase) {
  EXPECT_EQ(parse_uuid(k_text), k_uuid);
  EXPECT_EQ(parse_uuid("01234567-89AB-CDEF-FEDC-BA9876543210"), k_uuid);
}

TEST(Uuid, IsNotParsedInAnyOtherForm) {
  for (const std::string text :
       {"", "0123456789abcdeffedcba9876543210", "{01234567-89ab-cdef-fedc-ba9876543210}",
        "01234567-89ab-cdef-fedc-ba987654321", "01234567-89ab-cdef-fedc-ba98765432100",
        "01234567-89ab-cdef-fedc-ba987654321g", "0123456-789ab-cdef-fedc-ba9876543210",
        "01234567-89ab-cdef-fedc-ba98765432-0", " 1234567-89ab-cdef-fedc-ba9876543210"})
    EXPECT_EQ(parse_uuid(text), std::nullopt) << text;
}

TEST(Uuid, OfZeroesIsNil) {
  EXPECT_TRUE(Uuid{}.is_nil());
  EXPECT_EQ(parse_uuid("00000000-0000-0000-0000-000000000000"), Uuid{});
  EXPECT_FALSE((Uuid{0, 1}).is_nil());
  EXPECT_FALSE((Uuid{1, 0}).is_nil());
}

TEST(Uuid, IsOrderedAsItsText) {
  EXPECT_LT((Uuid{1, 9}), (Uuid{2, 0}));
  EXPECT_LT((Uuid{1, 0}), (Uuid{1, 9}));
}

TEST(RandomUuid, IsOfVersion4AndNeverTheSame) {
  std::set<Uuid> seen;
  for (int i = 0; i < 1000; ++i) {
    const Uuid uuid = random_uuid();
    EXPECT_EQ(to_string(uuid)[14], '4');
    EXPECT_NE(std::string("89ab").find(to_string(uuid)[19]), std::string::npos);
    EXPECT_TRUE(seen.insert(uuid).second);
  }
}

TEST(DerivedUuid, IsOfVersion8) {
  EXPECT_EQ(to_string(derived_uuid("command", 0))[14], '8');
  EXPECT_NE(std::string("89ab").find(to_string(derived_uuid("command", 0))[19]), std::string::npos);
}

// Stored in logs: `printf 'command\3\0\0\0\0\0\0\0' | sha256sum`, version and variant set.
TEST(DerivedUuid, NeverChanges) {
  EXPECT_EQ(to_string(derived_uuid("command", 3)), "39b92834-01c9-8ce4-9483-1ab4414379a8");
}

TEST(DerivedUuid, DependsOnTheCommandAndTheNumber) {
  EXPECT_EQ(derived_uuid("command", 1), derived_uuid("command", 1));
  EXPECT_NE(derived_uuid("command", 1), derived_uuid("command", 2));
  EXPECT_NE(derived_uuid("command", 1), derived_uuid("commane", 1));
}

TEST(Id, IsParsedAndPrintedAsItsUuid) {
  EXPECT_EQ(ShareId::parse(k_text), ShareId{k_uuid});
  EXPECT_EQ(to_string(ShareId{k_uuid}), k_text);
  EXPECT_EQ(ReplicaId::parse("nonsense"), std::nullopt);
}

TEST(Id, OfOneKindIsNotOfAnother) {
  EXPECT_FALSE((std::is_convertible_v<ShareId, ReplicaId>));
  EXPECT_FALSE((std::is_convertible_v<Uuid, ShareId>));
}

TEST(Id, HashesBothHalves) {
  const std::hash<ShareId> hash;
  EXPECT_NE(hash({{1, 2}}), hash({{1, 3}}));
  EXPECT_NE(hash({{1, 2}}), hash({{2, 2}}));
}

}  // namespace
}  // namespace pasig
