// The small parts of the directory driver on their own: manifests, records, comparisons.
#include "drivers/directory/manifest.h"
#include "drivers/directory/replica_store.h"
#include "drivers/directory/rsync.h"
#include "tests/drivers/directories.h"

namespace pasig::drivers::directory {
namespace {

Entry file(const std::string& path, const std::string& content) {
  Entry entry;
  entry.path = path;
  entry.size = content.size();
  entry.mode = 0644;
  entry.content = sha256(content);
  return entry;
}

Manifest sample() {
  Manifest manifest;
  manifest.epoch = 3;
  manifest.generation = 17;
  manifest.data_as_of = {1'700'000'000'000'000};
  manifest.consistency = CopyConsistency::settled;
  manifest.listed_at_ns = 42;
  manifest.behind_fence = true;
  manifest.tree.skipped = 2;
  Entry link;
  link.path = "link";
  link.type = EntryType::symlink;
  link.target = "a\nb\xff";
  manifest.tree.entries = {file("a", "one"), file("b\n\xfe", "two"), link};
  manifest.tree.entries[0].inode = 9;
  manifest.tree.entries[0].ctime_ns = -5;
  return manifest;
}

TEST(DirectoryManifest, ReadsBackWhatWasWritten) {
  const Manifest manifest = sample();
  const auto read = decode_manifest(encode(manifest), "m");
  ASSERT_TRUE(read) << read.error().words;
  EXPECT_EQ(encode(*read), encode(manifest));
  EXPECT_EQ(read->tree.entries[0].ctime_ns, -5);
  EXPECT_EQ(read->tree.entries[2].target, "a\nb\xff");
}

TEST(DirectoryManifest, EveryFlippedByteIsFound) {
  const std::string good = encode(sample());
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_FALSE(decode_manifest(bad, "m")) << "byte " << i;
  }
}

TEST(DirectoryManifest, EveryShorterFileIsFound) {
  const std::string good = encode(sample());
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_FALSE(decode_manifest(good.substr(0, length), "m")) << "length " << length;
}

TEST(DirectoryManifest, DigestIsThatOfTheContentNotOfTheInodes) {
  Manifest manifest = sample();
  const Digest before = manifest.digest();
  manifest.tree.entries[0].inode = 10;
  EXPECT_EQ(manifest.digest(), before);
  manifest.tree.entries[0].mode = 0600;
  EXPECT_NE(manifest.digest(), before);
}

TEST(DirectoryManifest, DifferencesAreToldInWords) {
  Tree expected;
  expected.entries = {file("a", "1"), file("b", "22"), file("c", "3"), file("d", "4")};
  Tree actual;
  actual.entries = {file("a", "1"), file("b", "2"), file("c", "x"), file("e", "5")};
  EXPECT_EQ(differences(expected, actual, {.differences_max = 9}),
            (std::vector<std::string>{"b has size 1 instead of 2", "c has other content",
                                      "d is missing", "e should not be there"}));
}

TEST(DirectoryManifest, OwnersAreLeftOutWhereTheyAreEmulated) {
  Tree expected;
  expected.entries = {file("a", "1")};
  Tree actual = expected;
  actual.entries[0].uid = 7;
  EXPECT_EQ(differences(expected, actual, {}).size(), 1U);
  EXPECT_TRUE(differences(expected, actual, {.owners = false}).empty());
}

TEST(DirectoryManifest, MovedContentIsNotGone) {
  Tree before;
  before.entries = {file("a", "1"), file("b", "2"), file("c", "3")};
  Tree after;
  after.entries = {file("b", "changed"), file("moved", "1")};
  EXPECT_EQ(files_gone(before, after), 1U);
}

TEST(DirectoryManifest, PathsArePrintable) {
  EXPECT_EQ(printable("plain/käse"), "plain/käse");
  EXPECT_EQ(printable("a\nb\xff"), "a\\x0ab\\xff");
  EXPECT_EQ(printable(""), "the top directory");
}

TEST(DirectoryRecord, ReadsBackWhatWasWritten) {
  ReplicaRecord record;
  record.share = ShareId{random_uuid()};
  record.replica = ReplicaId{random_uuid()};
  record.controller_uuid = to_string(random_uuid());
  record.role = StoredRole::active;
  record.epoch = 7;
  record.live_epoch = 7;
  record.next_generation = 99;
  record.highest_token = {2, 1ULL << 60};
  record.child = {.pid = 12, .start_time = 34, .boot = "boot"};
  record.fence = {.stage = StoredFence::Stage::blocked,
                  .committing = true,
                  .kind = FenceKind::mount,
                  .words = "\"quoted\"\n",
                  .target = ReplicaId{random_uuid()}};
  record.change = {.operation = OperationId{random_uuid()}, .forced = true, .base_generation = 5};
  record.bases = {{1, 2}, {3, 4}};
  record.peers = {{"a", "b"}};
  record.asides = {
      {"20260302T080700.000000Z-epoch1", {.files = 3, .bytes = 1ULL << 60, .epoch = 1}}};
  record.adopted_from = "/srv/\"papers\"";
  record.projects = {{1'073'741'999, true}, {2'000'000'000, false}};
  const auto read = decode_record(encode(record), "r");
  ASSERT_TRUE(read) << read.error().words;
  EXPECT_EQ(encode(*read), encode(record));
  EXPECT_EQ(read->projects, record.projects);
  EXPECT_EQ(read->asides, record.asides);
  EXPECT_EQ(read->adopted_from, record.adopted_from);
  EXPECT_EQ(read->highest_token, record.highest_token);
}

// Records that were written before there was such a thing lack it.
TEST(DirectoryRecord, WhatOlderRecordsLackIsNone) {
  std::string text = encode(ReplicaRecord{});
  for (const std::string member : {",\"asides\":{}", ",\"adopted_from\":\"\""}) {
    ASSERT_NE(text.find(member), std::string::npos) << text;
    text.erase(text.find(member), member.size());
  }
  const auto read = decode_record(text, "r");
  ASSERT_TRUE(read) << read.error().words;
  EXPECT_TRUE(read->asides.empty());
  EXPECT_TRUE(read->adopted_from.empty());
}

TEST(DirectoryRecord, DamagedAsidesAreRefused) {
  std::string text = encode(ReplicaRecord{});
  text.replace(text.find("\"asides\":{}"), 11, "\"asides\":{\"a\":{\"files\":1}}");
  EXPECT_FALSE(decode_record(text, "r"));
}

TEST(DirectoryRecord, MissingProjectsAreNone) {
  std::string text = encode(ReplicaRecord{});
  const std::string member = ",\"projects\":{}";
  ASSERT_NE(text.find(member), std::string::npos) << text;
  text.erase(text.find(member), member.size());
  const auto read = decode_record(text, "r");
  ASSERT_TRUE(read) << read.error().words;
  EXPECT_TRUE(read->projects.empty());
}

TEST(DirectoryRecord, DamagedProjectsAreRefused) {
  for (const char* damaged : {"{\"x\":true}", "{\"4294967296\":true}", "{\"1\":7}", "[]"}) {
    std::string text = encode(ReplicaRecord{});
    text.replace(text.find("\"projects\":{}"), 13, std::string("\"projects\":") + damaged);
    EXPECT_FALSE(decode_record(text, "r")) << damaged;
  }
}

TEST(DirectoryRecord, MissingMemberIsRefused) {
  ReplicaRecord record;
  std::string text = encode(record);
  const auto place = text.find("\"epoch\"");
  text.replace(place, 7, "\"apoch\"");
  EXPECT_FALSE(decode_record(text, "r"));
}

TEST(DirectoryRecord, LaterFormatIsRefused) {
  ReplicaRecord record;
  std::string text = encode(record);
  const auto place = text.find("\"format\":1");
  text.replace(place, 10, "\"format\":2");
  EXPECT_FALSE(decode_record(text, "r"));
}

TEST(DirectoryRsync, ProgressLineGivesItsBytes) {
  EXPECT_EQ(parse_progress("     1,234,567  45%   12.3MB/s    0:00:01 (xfr#1, to-chk=0/3)"),
            1'234'567U);
  EXPECT_EQ(parse_progress("        32768 100%    0.00kB/s    0:00:00"), 32'768U);
  EXPECT_EQ(parse_progress("sending incremental file list"), std::nullopt);
  EXPECT_EQ(parse_progress(""), std::nullopt);
}

}  // namespace
}  // namespace pasig::drivers::directory
