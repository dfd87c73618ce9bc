// Events and records with every field set, for tests that must not miss one. Deterministic for
// one source of numbers.
#pragma once

#include <boost/pfr/core.hpp>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "events/aggregate_codec.h"
#include "events/record.h"

namespace pasig::samples {

using Numbers = std::function<std::uint64_t()>;

// 1, 2, 3, …: no field is zero, no two strings are equal.
inline Numbers counting() {
  return [n = std::uint64_t{0}]() mutable { return ++n; };
}

// Sets every field of an aggregate. With a counting source no field keeps its zero.
class Filler {
 public:
  explicit Filler(Numbers numbers) : numbers_(std::move(numbers)) {}

  template <class T>
  void fill(T& field) {
    if constexpr (std::is_same_v<T, bool>) field = numbers_() != 0;
    else if constexpr (std::is_enum_v<T>) field = some_word<T>();
    else if constexpr (std::is_arithmetic_v<T>) field = static_cast<T>(numbers_());
    else if constexpr (std::is_same_v<T, Time>) fill(field.micros);
    else if constexpr (std::is_same_v<T, std::string>) field = "text-" + std::to_string(numbers_());
    else if constexpr (std::is_same_v<T, Digest>) field = sha256(std::to_string(numbers_()));
    else if constexpr (codec::IsId<T>::value) field.uuid = {numbers_(), numbers_()};
    else if constexpr (codec::IsVector<T>::value) fill_vector(field);
    else boost::pfr::for_each_field(field, [this](auto& inner) { fill(inner); });
  }

 private:
  Numbers numbers_;

  template <class E>
  E some_word() {  // the last one while counting: never zero
    const auto count = static_cast<std::uint64_t>(E::MAX) + 1;
    const std::uint64_t number = numbers_();
    return static_cast<E>(number % count == 0 ? count - 1 : number % count);
  }
  template <class T>
  void fill_vector(std::vector<T>& values) {
    values.resize(2);
    for (T& value : values) fill(value);
  }
};

template <std::size_t I>
Event event_at(Numbers numbers) {
  std::variant_alternative_t<I, Event> held;
  Filler(std::move(numbers)).fill(held);
  return held;
}

template <class F, std::size_t... I>
void for_each_alternative(F&& f, std::index_sequence<I...>) {
  (f.template operator()<I>(), ...);
}
// Calls f.operator()<I>() for every alternative of Event.
template <class F>
void for_each_alternative(F&& f) {
  for_each_alternative(f, std::make_index_sequence<std::variant_size_v<Event>>());
}

// One of each, every field set.
inline std::vector<Event> every_event() {
  std::vector<Event> events;
  for_each_alternative([&]<std::size_t I>() { events.push_back(event_at<I>(counting())); });
  return events;
}

// One of each as it is by default.
inline std::vector<Event> every_default_event() {
  std::vector<Event> events;
  for_each_alternative(
      [&]<std::size_t I>() { events.emplace_back(std::variant_alternative_t<I, Event>{}); });
  return events;
}

// A record that encode() accepts, with every field set: it says and expects what its events touch.
inline Record record_of(std::vector<Event> events, const Numbers& numbers = counting()) {
  Record record;
  Filler filler(numbers);
  boost::pfr::for_each_field(record, [&](auto& field) {
    using F = std::remove_cvref_t<decltype(field)>;
    if constexpr (!std::is_same_v<F, std::vector<Event>>) filler.fill(field);
  });
  record.touched.clear();
  std::map<std::string, std::uint32_t> counted;
  for (const Event& event : events)
    for (const std::string& stream : streams_of(event)) ++counted[stream];
  for (const auto& [stream, count] : counted) {
    record.touched.push_back({stream, count});
    record.expectations.push_back({.subject = stream, .version = 7});
  }
  record.events = std::move(events);
  return record;
}

}  // namespace pasig::samples
