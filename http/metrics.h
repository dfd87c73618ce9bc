// What /metrics shows, kept by prometheus-cpp's core and written as text by us. Counters and
// histograms are fed while the service runs; gauges are read when somebody asks.
// All calls from any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/server.h"
#include "http/service_context.h"
#include "service/handler.h"

namespace pasig::http {

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void count(const Exchange& exchange);  // for ServerOptions::observe
  // outcome: accepted, unchanged, a guard's word, or an error's.
  void count_command(std::string_view command, std::string_view outcome);
  // The text format, version 0.0.4.
  [[nodiscard]] std::string text(const ServiceContext& service);

 private:
  struct Series;
  std::unique_ptr<Series> series_;
};

// Hands commands on to another handler and counts what became of them: put it around the
// service's handler, and clients, workers and timers are all counted.
class CountedHandler final : public Handler {
 public:
  CountedHandler(Handler& inner, Metrics& metrics) : inner_(inner), metrics_(metrics) {}
  [[nodiscard]] Result<CommandOutcome> submit(Submission submission) override;
  [[nodiscard]] Result<CommandOutcome> outcome(const std::string& command_id) override {
    return inner_.outcome(command_id);
  }

 private:
  Handler& inner_;
  Metrics& metrics_;
};

}  // namespace pasig::http
