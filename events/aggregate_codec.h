// Plain aggregates to FlatBuffers tables and back: field number i of the struct is id i of the
// table (Boost.PFR walks the fields, FlatBuffers lays out the bytes). Deterministic: equal
// values give equal bytes with one build. ADR-0002 says why not flatc's object API.
//
// Zero scalars, empty strings and empty vectors are left out and read back as such.
// Reading trusts its input: run a Verifier first on bytes from outside.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <boost/pfr/core.hpp>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/digest.h"
#include "base/ids.h"
#include "base/time.h"

namespace pasig::codec {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::uoffset_t;
using flatbuffers::voffset_t;
using AnyOffset = flatbuffers::Offset<void>;

constexpr voffset_t slot(std::size_t field) { return static_cast<voffset_t>(4 + 2 * field); }

// Sixteen bytes, as `struct Uuid` of the schema.
struct RawUuid {
  std::uint64_t hi, lo;
};

// ---- kinds of fields --------------------------------------------------------------------
template <class T>
struct IsId : std::false_type {};
template <class Tag>
struct IsId<Id<Tag>> : std::true_type {};
template <>
struct IsId<Uuid> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class K, class V>
struct IsMap<std::map<K, V>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVariant : std::false_type {};  // true for what UnionNumbers knows

template <class T>
constexpr bool k_is_scalar =
    std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_same_v<T, Time>;
template <class T>
constexpr bool k_is_inline = k_is_scalar<T> || IsId<T>::value;  // lies in the table itself
template <class T>
constexpr bool k_is_optional_inline = false;
template <class T>
constexpr bool k_is_optional_inline<std::optional<T>> = k_is_inline<T>;

// A variant is a FlatBuffers union; whoever stores one says its numbers.
template <class V>
struct UnionNumbers;  // k_count; static std::uint8_t number(std::size_t); static int
                      // index(std::uint8_t)

template <class T>
auto raw(const T& value) {
  if constexpr (std::is_same_v<T, Time>) return value.micros;
  else if constexpr (std::is_same_v<T, bool>) return static_cast<std::uint8_t>(value);
  else if constexpr (std::is_enum_v<T>) return static_cast<std::underlying_type_t<T>>(value);
  else return value;
}
template <class T>
RawUuid raw_uuid(const T& id) {
  if constexpr (std::is_same_v<T, Uuid>) return {id.hi, id.lo};
  else return {id.uuid.hi, id.uuid.lo};
}
template <class T>
void set_uuid(T& id, const RawUuid& raw_id) {
  if constexpr (std::is_same_v<T, Uuid>) id = {raw_id.hi, raw_id.lo};
  else id.uuid = {raw_id.hi, raw_id.lo};
}

// ---- writing ----------------------------------------------------------------------------
template <class T>
AnyOffset write_table(FlatBufferBuilder& builder, const T& value);
template <class T>
AnyOffset write_child(FlatBufferBuilder& builder, const T& value);

template <class T>
AnyOffset write_vector(FlatBufferBuilder& builder, const std::vector<T>& values) {
  if (values.empty()) return {};
  if constexpr (IsId<T>::value) {
    std::vector<RawUuid> raws;
    raws.reserve(values.size());
    for (const T& value : values) raws.push_back(raw_uuid(value));
    builder.StartVector(raws.size() * sizeof(RawUuid) / alignof(RawUuid), alignof(RawUuid));
    builder.PushBytes(reinterpret_cast<const std::uint8_t*>(raws.data()),
                      raws.size() * sizeof(RawUuid));
    return AnyOffset(builder.EndVector(raws.size()));
  } else if constexpr (k_is_scalar<T>) {
    std::vector<decltype(raw(std::declval<T>()))> raws;
    for (const T& value : values) raws.push_back(raw(value));
    return AnyOffset(builder.CreateVector(raws).o);
  } else {
    std::vector<AnyOffset> offsets;
    offsets.reserve(values.size());
    for (const T& value : values) offsets.push_back(write_child(builder, value));
    return AnyOffset(builder.CreateVector(offsets).o);
  }
}

template <class K, class V>
struct Pair {  // an entry of a map, as a table
  K key;
  V value;
};

template <class T>
AnyOffset write_variant(FlatBufferBuilder& builder, const T& value) {
  const AnyOffset body =
      std::visit([&](const auto& held) { return write_table(builder, held); }, value);
  const uoffset_t start = builder.StartTable();
  builder.AddOffset(slot(1), body);
  builder.AddElement<std::uint8_t>(slot(0), UnionNumbers<T>::number(value.index()), 0);
  return AnyOffset(builder.EndTable(start));
}

// What lies outside the table: 0 when there is nothing to store. (An empty string inside a
// vector is stored; as a field it is left out, see write_field.)
template <class T>
AnyOffset write_child(FlatBufferBuilder& builder, const T& value) {
  if constexpr (std::is_same_v<T, std::string>) {
    return AnyOffset(builder.CreateString(value).o);
  } else if constexpr (std::is_same_v<T, Digest>) {
    return AnyOffset(builder.CreateVector(value.bytes.data(), value.bytes.size()).o);
  } else if constexpr (IsVector<T>::value) {
    return write_vector(builder, value);
  } else if constexpr (IsMap<T>::value) {
    std::vector<Pair<typename T::key_type, typename T::mapped_type>> pairs;
    for (const auto& [key, mapped] : value) pairs.push_back({key, mapped});
    return write_vector(builder, pairs);
  } else if constexpr (IsOptional<T>::value) {
    return value ? write_child(builder, *value) : AnyOffset();
  } else if constexpr (IsVariant<T>::value) {
    return write_variant(builder, value);
  } else {
    return write_table(builder, value);
  }
}

template <class T>
void write_inline(FlatBufferBuilder& builder, voffset_t at, const T& value, bool even_zero) {
  if constexpr (IsId<T>::value) {
    const RawUuid id = raw_uuid(value);
    if (even_zero || id.hi != 0 || id.lo != 0) builder.AddStruct(at, &id);
  } else if (even_zero) {
    builder.AddElement(at, raw(value));
  } else {
    using Raw = decltype(raw(value));
    builder.AddElement(at, raw(value), Raw{});
  }
}

// An aggregate that joined others after they were stored is left out while it has its default,
// so that they keep the bytes that they had; whoever stores it says so.
template <class T>
constexpr bool k_is_left_out_by_default = false;

template <class T>
bool is_left_out(const T& value) {
  if constexpr (k_is_left_out_by_default<T>) return value == T{};
  else if constexpr (std::is_same_v<T, std::string> || IsVector<T>::value || IsMap<T>::value)
    return value.empty();
  else if constexpr (IsOptional<T>::value) return !value.has_value();
  else return false;
}

template <class T>
AnyOffset write_table(FlatBufferBuilder& builder, const T& value) {
  constexpr std::size_t k_fields = boost::pfr::tuple_size_v<T>;
  std::array<AnyOffset, k_fields> children{};
  boost::pfr::for_each_field(value, [&](const auto& field, std::size_t i) {
    using F = std::remove_cvref_t<decltype(field)>;
    if constexpr (!k_is_inline<F> && !k_is_optional_inline<F>)
      if (!is_left_out(field)) children[i] = write_child(builder, field);
  });
  const uoffset_t start = builder.StartTable();
  boost::pfr::for_each_field(value, [&](const auto& field, std::size_t i) {
    using F = std::remove_cvref_t<decltype(field)>;
    if constexpr (k_is_inline<F>) {
      write_inline(builder, slot(i), field, false);
    } else if constexpr (k_is_optional_inline<F>) {
      if (field) write_inline(builder, slot(i), *field, true);
    } else if (!children[i].IsNull()) {
      builder.AddOffset(slot(i), children[i]);
    }
  });
  return AnyOffset(builder.EndTable(start));
}

// ---- reading ----------------------------------------------------------------------------
template <class T>
void read_table(const flatbuffers::Table& table, T& value);
template <class T>
void read_child(const void* child, T& value);

template <class T>
void read_vector(const void* child, std::vector<T>& values) {
  values.clear();
  if constexpr (IsId<T>::value) {
    const auto* vector = static_cast<const flatbuffers::Vector<const RawUuid*>*>(child);
    for (const RawUuid* id : *vector) set_uuid(values.emplace_back(), *id);
  } else if constexpr (k_is_scalar<T>) {
    using Raw = decltype(raw(std::declval<T>()));
    const auto* vector = static_cast<const flatbuffers::Vector<Raw>*>(child);
    for (const Raw one : *vector) {
      if constexpr (std::is_same_v<T, Time>) values.push_back(Time{one});
      else values.push_back(static_cast<T>(one));
    }
  } else {
    const auto* vector = static_cast<const flatbuffers::Vector<flatbuffers::Offset<void>>*>(child);
    for (uoffset_t i = 0; i < vector->size(); ++i) {
      const std::uint8_t* place = vector->Data() + i * sizeof(uoffset_t);
      read_child(place + flatbuffers::ReadScalar<uoffset_t>(place), values.emplace_back());
    }
  }
}

template <class T, std::size_t... I>
void read_variant(const flatbuffers::Table& table, T& value, std::index_sequence<I...>) {
  const int index = UnionNumbers<T>::index(table.GetField<std::uint8_t>(slot(0), 0));
  const auto* body = table.GetPointer<const flatbuffers::Table*>(slot(1));
  const auto take = [&]<std::size_t N>() {
    if (index != static_cast<int>(N) || body == nullptr) return;
    read_table(*body, value.template emplace<N>());
  };
  (take.template operator()<I>(), ...);
}

template <class T>
void read_child(const void* child, T& value) {
  if constexpr (std::is_same_v<T, std::string>) {
    value = static_cast<const flatbuffers::String*>(child)->str();
  } else if constexpr (std::is_same_v<T, Digest>) {
    const auto* bytes = static_cast<const flatbuffers::Vector<std::uint8_t>*>(child);
    const auto* text = reinterpret_cast<const char*>(bytes->data());
    value = Digest::from_bytes({text, bytes->size()}).value_or(Digest{});
  } else if constexpr (IsVector<T>::value) {
    read_vector(child, value);
  } else if constexpr (IsMap<T>::value) {
    std::vector<Pair<typename T::key_type, typename T::mapped_type>> pairs;
    read_vector(child, pairs);
    value.clear();
    for (auto& pair : pairs) value.emplace(std::move(pair.key), std::move(pair.value));
  } else if constexpr (IsOptional<T>::value) {
    read_child(child, value.emplace());
  } else if constexpr (IsVariant<T>::value) {
    read_variant(*static_cast<const flatbuffers::Table*>(child), value,
                 std::make_index_sequence<UnionNumbers<T>::k_count>());
  } else {
    read_table(*static_cast<const flatbuffers::Table*>(child), value);
  }
}

template <class T>
void read_inline(const flatbuffers::Table& table, voffset_t at, T& value) {
  if constexpr (IsId<T>::value) {
    const auto* id = table.GetStruct<const RawUuid*>(at);
    set_uuid(value, id == nullptr ? RawUuid{0, 0} : *id);
  } else {
    using Raw = decltype(raw(value));
    const Raw one = table.GetField<Raw>(at, Raw{});
    if constexpr (std::is_same_v<T, Time>) value = Time{one};
    else if constexpr (std::is_same_v<T, bool>) value = one != 0;
    else value = static_cast<T>(one);
  }
}

template <class T>
void read_table(const flatbuffers::Table& table, T& value) {
  value = T{};
  boost::pfr::for_each_field(value, [&](auto& field, std::size_t i) {
    using F = std::remove_cvref_t<decltype(field)>;
    if constexpr (k_is_inline<F>) {
      read_inline(table, slot(i), field);
    } else if constexpr (k_is_optional_inline<F>) {
      if (table.CheckField(slot(i))) read_inline(table, slot(i), field.emplace());
    } else if (const auto* child = table.GetPointer<const std::uint8_t*>(slot(i))) {
      read_child(child, field);
    }
  });
}

// ---- whole buffers ----------------------------------------------------------------------
template <class T>
std::string to_bytes(const T& value, const char* file_identifier = nullptr) {
  FlatBufferBuilder builder(1024);
  builder.Finish(flatbuffers::Offset<flatbuffers::Table>(write_table(builder, value).o),
                 file_identifier);
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

// The bytes may lie at any address: they are read from an aligned copy.
template <class T>
T from_bytes(std::string_view bytes) {
  std::vector<std::uint64_t> aligned((bytes.size() + 7) / 8);
  std::memcpy(aligned.data(), bytes.data(), bytes.size());
  T value;
  read_table(*flatbuffers::GetRoot<flatbuffers::Table>(aligned.data()), value);
  return value;
}

}  // namespace pasig::codec
