#include "daemon/json_lines.h"

#include <spdlog/details/log_msg.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>

#include "base/time.h"

namespace pasig::daemon {
namespace {

class JsonLines final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const Time time{
        std::chrono::duration_cast<std::chrono::microseconds>(message.time.time_since_epoch())
            .count()};
    const auto level = spdlog::level::to_string_view(message.level);
    const boost::json::object line{
        {"time", to_string(time) + "Z"},
        {"level", std::string_view(level.data(), level.size())},
        {"thread", message.thread_id},
        {"message", std::string_view(message.payload.data(), message.payload.size())}};
    const std::string text = boost::json::serialize(line) + "\n";
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonLines>();
  }
};

}  // namespace

std::unique_ptr<spdlog::formatter> json_lines() { return std::make_unique<JsonLines>(); }

}  // namespace pasig::daemon
