// Events and records with every field set, for tests that must not miss one. Deterministic for
// one source of numbers.
#pragma once

#include <array>
#include <boost/pfr/core.hpp>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <type_traits>
#include <variant>
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

// Kept apart from its callers: each of them would grow by every kind of event.
template <class E>
[[gnu::noinline]] Event filled(const Numbers& numbers) {
  E held;
  Filler(numbers).fill(held);
  return held;
}
template <class E>
[[gnu::noinline]] Event empty() {
  return E{};
}
template <class Variant>
struct Kinds;
template <class... E>
struct Kinds<std::variant<E...>> {
  static constexpr std::array<Event (*)(const Numbers&), sizeof...(E)> k_filled = {&filled<E>...};
  static constexpr std::array<Event (*)(), sizeof...(E)> k_empty = {&empty<E>...};
};

// One of each, every field set, from a source of numbers of its own.
inline std::vector<Event> every_event(const std::function<Numbers(std::size_t kind)>& source) {
  std::vector<Event> events;
  for (const auto& fill : Kinds<Fact>::k_filled) events.push_back(fill(source(events.size())));
  return events;
}
inline std::vector<Event> every_event() {
  return every_event([](std::size_t) { return counting(); });
}

// One of each as it is by default.
inline std::vector<Event> every_default_event() {
  std::vector<Event> events;
  for (const auto& make : Kinds<Fact>::k_empty) events.push_back(make());
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
