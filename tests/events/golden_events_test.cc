// Every event that was ever written is still read, with the same meaning. tests/golden/events/
// holds one frame (.bin) and the event's JSON (.json) for each kind, named by the number in the
// schema's union. The folder only grows: PASIG_REWRITE=1 adds what is missing and never changes
// a file that is there.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/events/samples.h"

namespace pasig {
namespace {

namespace fs = std::filesystem;

bool is_zero(const boost::json::value& value) {
  return value == 0 || value == false || value == "00000000-0000-0000-0000-000000000000" ||
         value == "none";
}

const fs::path k_folder = fs::path(PASIG_SOURCE_DIR) / "tests/golden/events";

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string snake_case(std::string_view name) {
  std::string snake;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !snake.empty()) snake += '_';
    snake += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return snake;
}

// 0043_active_replica_changed, without the ending.
std::string stem_of(const Event& event) {
  const auto number = static_cast<unsigned>(wire::EnumValuesEvent()[event.index() + 1]);
  char digits[8];
  std::snprintf(digits, sizeof digits, "%04u", number);
  return std::string(digits) + "_" + snake_case(name_of(event));
}

// Fields that joined an event after its file was written read as their zero, and are left out of
// the comparison; one that has another value is not.
std::string without_later_fields(const std::string& text, const std::string& golden) {
  const boost::json::object then = boost::json::parse(golden).as_object();
  const boost::json::object all = boost::json::parse(text).as_object();
  boost::json::object now;
  for (const auto& [key, value] : all)
    if (then.contains(key) || !is_zero(value)) now.emplace(key, value);
  return now == then ? golden : boost::json::serialize(now) + "\n";
}

std::vector<fs::path> golden_frames() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(k_folder))
    if (entry.path().extension() == ".bin") paths.push_back(entry.path());
  return paths;
}

TEST(GoldenEvents, HoldOneOfEachKind) {
  const bool rewrite = std::getenv("PASIG_REWRITE") != nullptr;
  for (const Event& event : samples::every_event()) {
    const fs::path path = k_folder / (stem_of(event) + ".bin");
    if (rewrite && !fs::exists(path)) {
      std::ofstream(path, std::ios::binary) << encode(samples::record_of({event})).value();
      std::ofstream(fs::path(path).replace_extension(".json")) << to_json(event) << '\n';
    }
    EXPECT_TRUE(fs::exists(path)) << path << ": run with PASIG_REWRITE=1 and commit it";
  }
}

TEST(GoldenEvents, AreReadAsTheyWereWritten) {
  for (const fs::path& path : golden_frames()) {
    const Result<Record> record = decode(contents(path));
    ASSERT_TRUE(record.has_value()) << path << ": " << record.error().text();
    ASSERT_EQ(record->events.size(), 1U) << path;
    const std::string golden = contents(fs::path(path).replace_extension(".json"));
    EXPECT_EQ(without_later_fields(to_json(record->events.front()), golden), golden) << path;
    EXPECT_TRUE(path.stem().string().starts_with(stem_of(record->events.front()))) << path;
  }
}

TEST(GoldenEvents, KeepTheirMeaningWhenWrittenAgain) {
  for (const fs::path& path : golden_frames()) {
    const Result<Record> record = decode(contents(path));
    ASSERT_TRUE(record.has_value()) << path;
    const Result<std::string> again = encode(*record);
    ASSERT_TRUE(again.has_value()) << path << ": " << again.error().text();
    EXPECT_EQ(decode(*again).value(), *record) << path;
  }
}

TEST(GoldenEvents, HaveNoFileWithoutItsPartner) {
  for (const auto& entry : fs::directory_iterator(k_folder)) {
    const bool is_json = entry.path().extension() == ".json";
    const fs::path partner = fs::path(entry.path()).replace_extension(is_json ? ".bin" : ".json");
    EXPECT_TRUE(fs::exists(partner)) << entry.path();
  }
}

}  // namespace
}  // namespace pasig
