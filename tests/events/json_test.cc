// Events as JSON: always valid, every field, words and ids as text.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/events/samples.h"

namespace pasig {
namespace {

namespace json = boost::json;

json::object parsed(const Event& event) {
  boost::system::error_code error;
  const json::value value = json::parse(to_json(event), error);
  EXPECT_FALSE(error) << name_of(event) << ": " << to_json(event);
  return value.is_object() ? value.as_object() : json::object();
}

std::string text_of(const std::string& bytes) {
  const Event event = RefusalsSuppressed{.actor = bytes};
  return std::string(parsed(event).at("actor").as_string());
}

TEST(ToJson, IsValidForEveryEvent) {
  for (const Event& event : samples::every_event()) EXPECT_FALSE(parsed(event).empty());
  for (const Event& event : samples::every_default_event()) {
    boost::system::error_code error;
    EXPECT_TRUE(json::parse(to_json(event), error).is_object()) << name_of(event);
  }
}

TEST(ToJson, ShowsEveryFieldThatIsSet) {
  for (const Event& event : samples::every_event()) {
    const json::object object = parsed(event);
    const auto* table = wire::EventTypeTable()->type_refs[event.index()]();
    ASSERT_EQ(object.size(), table->num_elems) << name_of(event);
    for (std::size_t i = 0; i < table->num_elems; ++i)
      EXPECT_TRUE(object.contains(table->names[i])) << name_of(event) << "." << table->names[i];
  }
}

TEST(ToJson, ShowsIdsAsText) {
  const ShareId share{{0x0102030405060708, 0x090a0b0c0d0e0f10}};
  EXPECT_EQ(to_json(ShareDeleted{share}), R"({"share":"01020304-0506-0708-090a-0b0c0d0e0f10"})");
}

TEST(ToJson, ShowsANilIdAsText) {
  EXPECT_EQ(to_json(ShareDeleted{}), R"({"share":"00000000-0000-0000-0000-000000000000"})");
}

TEST(ToJson, ShowsAListOfIds) {
  const ActiveReplicaChanged event{.diverged = {{{1, 2}}, {{3, 4}}}};
  const json::array ids = parsed(event).at("diverged").as_array();
  ASSERT_EQ(ids.size(), 2U);
  EXPECT_EQ(ids[0].as_string(), "00000000-0000-0001-0000-000000000002");
  EXPECT_EQ(ids[1].as_string(), "00000000-0000-0003-0000-000000000004");
}

TEST(ToJson, ShowsWordsNotNumbers) {
  const json::object object =
      parsed(ReplicaStatusReset{.from = ReplicaStatus::creating, .to = ReplicaStatus::error});
  EXPECT_EQ(object.at("from").as_string(), "creating");
  EXPECT_EQ(object.at("to").as_string(), "error");
}

TEST(ToJson, ShowsTheModeAutoAsTheApiCallsIt) {
  EXPECT_EQ(parsed(ActiveReplicaChanged{.mode = ChangeMode::auto_}).at("mode").as_string(), "auto");
}

TEST(ToJson, ShowsZeroesAndFalse) {
  const json::object object = parsed(ShareTypeCreated{.is_public = false});
  EXPECT_FALSE(object.at("is_public").as_bool());
  EXPECT_EQ(object.at("rpo_seconds").as_int64(), 0);
}

TEST(ToJson, ShowsPartsWithinParts) {
  ShareCreated event;
  event.placement.best = {{.host = "a", .weight_micros = -5}, {.host = "b", .weight_micros = 7}};
  const json::object object = parsed(event);
  const json::value& best = object.at("placement").at("best");
  EXPECT_EQ(best.at(0).at("weight_micros").as_int64(), -5);
  EXPECT_EQ(best.at(1).at("host").as_string(), "b");
}

TEST(ToJson, EscapesWhatJsonReserves) {
  std::string text = "a\"b\\c/\n\r\t\b\f\x7F";
  for (char c = 0; c < 0x20; ++c) text += c;
  EXPECT_EQ(text_of(text), text);
}

TEST(ToJson, KeepsWellFormedCharactersOfEveryLength) {
  const std::string text = "é ह € 한 😀 \xF4\x8F\xBF\xBF \xED\x9F\xBF \xEE\x80\x80";
  EXPECT_EQ(text_of(text), text);
}

TEST(ToJson, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(text_of("a\xFFz"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(text_of("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");           // overlong
  EXPECT_EQ(text_of("\xED\xA0\x80").substr(0, 3), "\xEF\xBF\xBD");      // a surrogate
  EXPECT_EQ(text_of("\xF4\x90\x80\x80").substr(0, 3), "\xEF\xBF\xBD");  // beyond the last one
  EXPECT_EQ(text_of("x\xE2\x82"), "x\xEF\xBF\xBD\xEF\xBF\xBD");         // cut short
}

TEST(ToJson, IsValidForEveryPairOfBytes) {
  for (int first = 0; first < 256; ++first) {
    std::string bytes;
    for (int second = 0; second < 256; ++second) {
      bytes += static_cast<char>(first);
      bytes += static_cast<char>(second);
      bytes += ' ';
    }
    EXPECT_FALSE(text_of(bytes).empty()) << first;
  }
}

}  // namespace
}  // namespace pasig
