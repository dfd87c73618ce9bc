// The event variant as the schema's union, for events/aggregate_codec.h.
#pragma once

#include "events/aggregate_codec.h"
#include "events/event.h"

namespace pasig::codec {

template <>
struct IsVariant<Event> : std::true_type {};

// The variant's order is the union's order; the numbers are the schema's.
template <>
struct UnionNumbers<Event> {
  static constexpr std::size_t k_count = std::variant_size_v<Fact>;
  static std::uint8_t number(std::size_t index) {
    return static_cast<std::uint8_t>(wire::EnumValuesEvent()[index + 1]);  // [0] is NONE
  }
  static int index(std::uint8_t number) {
    for (std::size_t i = 0; i < k_count; ++i)
      if (UnionNumbers::number(i) == number) return static_cast<int>(i);
    return -1;
  }
};

}  // namespace pasig::codec
