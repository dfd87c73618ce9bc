#include "base/digest.h"

#include <gtest/gtest.h>

namespace pasig {
namespace {

// FIPS 180-4's examples.
TEST(Sha256, GivesTheStandardsValues) {
  EXPECT_EQ(sha256("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc").hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, IsTheSameInPieces) {
  Sha256 hash;
  hash.add("a");
  hash.add("");
  hash.add("bc");
  EXPECT_EQ(hash.finish(), sha256("abc"));
}

TEST(Sha256, TakesNumbersAsEightBytesLittleEndian) {
  Sha256 hash;
  hash.add_number(0x0102);
  EXPECT_EQ(hash.finish(), sha256(std::string_view("\x02\x01\0\0\0\0\0\0", 8)));
}

TEST(Sha256, KeepsTextsApart) {
  const auto of = [](std::string_view first, std::string_view second) {
    Sha256 hash;
    hash.add_text(first);
    hash.add_text(second);
    return hash.finish();
  };
  EXPECT_NE(of("ab", "c"), of("a", "bc"));
  EXPECT_NE(of("", "abc"), of("abc", ""));
}

TEST(Digest, ComesBackFromItsBytes) {
  const Digest digest = sha256("abc");
  EXPECT_EQ(Digest::from_bytes(digest.view()), digest);
}

TEST(Digest, IsExactlyThirtyTwoBytes) {
  EXPECT_EQ(Digest::from_bytes(""), std::nullopt);
  EXPECT_EQ(Digest::from_bytes(std::string(31, 'x')), std::nullopt);
  EXPECT_EQ(Digest::from_bytes(std::string(33, 'x')), std::nullopt);
}

}  // namespace
}  // namespace pasig
