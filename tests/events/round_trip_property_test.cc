// Any record that encode() accepts comes back as it was, and its JSON is JSON.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>
#include <random>

#include "tests/events/samples.h"

namespace pasig {
namespace {

// Numbers of every size, zero too, from one seed.
samples::Numbers random_numbers(std::uint64_t seed) {
  return [engine = std::mt19937_64(seed)]() mutable { return engine() >> (engine() % 64); };
}

std::vector<Event> random_events(std::uint64_t seed, std::size_t count) {
  const std::vector<Event> every =
      samples::every_event([&](std::size_t kind) { return random_numbers(seed + kind); });
  std::mt19937_64 engine(seed);
  std::vector<Event> events;
  while (events.size() < count) events.push_back(every[engine() % every.size()]);
  return events;
}

RC_GTEST_PROP(Record, RoundTripsWhateverItHolds, (std::uint64_t seed)) {
  const auto count = *rc::gen::inRange<std::size_t>(0, 40);
  Record record = samples::record_of(random_events(seed, count), random_numbers(seed));
  record.reason = *rc::gen::arbitrary<std::string>();
  const Result<std::string> frame = encode(record);
  RC_ASSERT(frame.has_value());
  const Result<Record> decoded = decode(*frame);
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == record);
}

RC_GTEST_PROP(Event, IsAlwaysJson, (std::string text, std::uint64_t seed)) {
  std::vector<Event> events = random_events(seed, 3);
  events.emplace_back(ShareProvisioned{.exports = {text, text + text}});
  for (const Event& event : events) {
    boost::system::error_code error;
    boost::json::parse(to_json(event), error);
    RC_ASSERT(!error);
  }
}

RC_GTEST_PROP(Decode, RefusesForeignBytes, (std::string bytes)) {
  RC_ASSERT(!decode(bytes).has_value());
  RC_ASSERT(!decode("PSG1" + bytes).has_value());
}

}  // namespace
}  // namespace pasig
