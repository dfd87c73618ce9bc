#include "daemon/json_lines.h"

#include <spdlog/details/log_msg.h>

#include <chrono>
#include <string>

#include "base/time.h"
#include "events/json_text.h"

namespace pasig::daemon {
namespace {

class JsonLines final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const Time time{
        std::chrono::duration_cast<std::chrono::microseconds>(message.time.time_since_epoch())
            .count()};
    const auto level = spdlog::level::to_string_view(message.level);
    const std::string text = "{\"time\":\"" + to_string(time) +
                             "Z\",\"level\":" + json_quoted({level.data(), level.size()}) +
                             ",\"thread\":" + std::to_string(message.thread_id) + ",\"message\":" +
                             json_quoted({message.payload.data(), message.payload.size()}) + "}\n";
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonLines>();
  }
};

}  // namespace

std::unique_ptr<spdlog::formatter> json_lines() { return std::make_unique<JsonLines>(); }

}  // namespace pasig::daemon
