#include "daemon/json_lines.h"

#include <gtest/gtest.h>
#include <spdlog/details/log_msg.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <string>

namespace pasig::daemon {
namespace {

std::string line_of(const std::string& message) {
  spdlog::memory_buf_t out;
  const spdlog::details::log_msg one("pasigd", spdlog::level::warn, message);
  json_lines()->format(one, out);
  return {out.data(), out.size()};
}

TEST(JsonLine, HoldsTimeLevelThreadAndMessage) {
  const auto line = boost::json::parse(line_of("stopping")).as_object();
  EXPECT_EQ(line.at("message").as_string(), "stopping");
  EXPECT_EQ(line.at("level").as_string(), "warning");
  EXPECT_TRUE(line.at("time").as_string().ends_with("Z"));
  EXPECT_TRUE(line.at("thread").is_number());
}

TEST(JsonLine, GivesBackWhateverTheMessageHolds) {
  const std::string message = "a \"quoted\" \\ path\nof two lines\t\x01 and \xC3\xA4";
  EXPECT_EQ(boost::json::parse(line_of(message)).at("message").as_string(), message);
}

TEST(JsonLine, IsOneLine) {
  const std::string line = line_of("one\ntwo\r\nthree");
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(line.find('\r'), std::string::npos);
}

TEST(JsonLine, ReplacesBytesThatAreNoText) {
  const auto line = boost::json::parse(line_of("file \xFF\xC3(")).as_object();
  EXPECT_EQ(line.at("message").as_string(), "file \xEF\xBF\xBD\xEF\xBF\xBD(");
}

}  // namespace
}  // namespace pasig::daemon
