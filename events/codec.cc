#include <boost/crc.hpp>
#include <cstring>
#include <map>
#include <set>

#include "events/event_codec.h"
#include "events/record.h"

namespace pasig {
namespace {

// The frame (docs/formats/record.md):
//   0  4  magic "PSG1"
//   4  2  format (little-endian)      6  2  zero
//   8  4  length of what follows byte 16
//  12  4  CRC-32C of what follows byte 16
//  16     FlatBuffer, file identifier PSGR
constexpr std::string_view k_magic = "PSG1";
constexpr std::size_t k_frame_header_bytes = 16;
constexpr int k_depth_max = 16;
constexpr int k_tables_max = 10'000;

std::uint32_t crc32c(std::string_view bytes) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

template <class T>
void put(std::string& frame, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) frame.push_back(static_cast<char>(value >> (8 * i)));
}

template <class T>
T get(std::string_view frame, std::size_t at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>(value | (static_cast<T>(static_cast<std::uint8_t>(frame[at + i])) << (8 * i)));
  return value;
}

Result<void> check_touches(const Record& record) {
  std::map<std::string, std::uint32_t> counted;
  for (const Event& event : record.events)
    for (const std::string& stream : streams_of(event)) ++counted[stream];
  std::map<std::string, std::uint32_t> said;
  for (const StreamTouch& touch : record.touched) said[touch.stream] += touch.events;
  if (counted != said)
    return fail(ErrorCode::invalid, "record of command " + record.command_id +
                                        " does not say the streams its events touch");
  std::set<std::string> expected;
  for (const Expectation& one : record.expectations)
    if (one.kind == wire::ExpectationKind::stream_at) expected.insert(one.subject);
  for (const auto& [stream, events] : counted)
    if (!expected.contains(stream))
      return fail(ErrorCode::invalid, "record of command " + record.command_id + " touches " +
                                          stream + " without expecting it");
  return {};
}

// Enumerations and ids that the verifier cannot know about.
struct SemanticCheck {
  std::string wrong;

  template <class T>
  void operator()(const T& value) {
    boost::pfr::for_each_field(value, [&](const auto& field) { check(field); });
  }
  template <class F>
  void check(const F& field) {
    if constexpr (std::is_enum_v<F>) {
      if (!is_known(field)) wrong = "a word that this build does not know";
    } else if constexpr (codec::IsVector<F>::value) {
      using Element = typename F::value_type;
      if constexpr (std::is_class_v<Element> && !std::is_same_v<Element, std::string> &&
                    !codec::IsId<Element>::value)
        for (const Element& element : field) (*this)(element);
    } else if constexpr (std::is_class_v<F> && !std::is_same_v<F, std::string> &&
                         !codec::IsId<F>::value && !std::is_same_v<F, Time>) {
      (*this)(field);
    }
  }
};

Result<void> check_meaning(const Record& record) {
  SemanticCheck check;
  for (const Event& event : record.events) std::visit(check, event);
  if (!is_known(record.kind) || !is_known(record.actor.kind)) check.wrong = "an unknown kind";
  for (const Expectation& one : record.expectations)
    if (!is_known(one.kind)) check.wrong = "an unknown kind of expectation";
  if (record.command_id.empty()) check.wrong = "no command id";
  if (!check.wrong.empty())
    return fail(ErrorCode::corrupt, "record of command " + record.command_id + " has " + check.wrong);
  return {};
}

bool has_only_known_events(const wire::Record& record) {
  if (record.events() == nullptr) return true;
  for (const wire::EventEntry* entry : *record.events())
    if (codec::UnionNumbers<Event>::index(static_cast<std::uint8_t>(entry->body_type())) < 0 ||
        entry->body() == nullptr)
      return false;
  return true;
}

}  // namespace

Result<std::string> encode(const Record& record) {
  if (record.events.size() > k_events_per_record_max)
    return fail(ErrorCode::invalid, "command " + record.command_id + " makes " +
                                        std::to_string(record.events.size()) + " events; the most is " +
                                        std::to_string(k_events_per_record_max));
  PASIG_CHECK(check_touches(record));
  const std::string payload = codec::to_bytes(record, "PSGR");
  if (payload.size() + k_frame_header_bytes > k_record_bytes_max)
    return fail(ErrorCode::invalid, "command " + record.command_id + " makes a record of " +
                                        std::to_string(payload.size()) + " bytes; the most is " +
                                        std::to_string(k_record_bytes_max));
  std::string frame(k_magic);
  frame.reserve(k_frame_header_bytes + payload.size());
  put<std::uint16_t>(frame, static_cast<std::uint16_t>(k_log_format));
  put<std::uint16_t>(frame, 0);
  put<std::uint32_t>(frame, static_cast<std::uint32_t>(payload.size()));
  put<std::uint32_t>(frame, crc32c(payload));
  frame += payload;
  return frame;
}

Result<Record> decode(std::string_view frame) {
  if (frame.size() < k_frame_header_bytes || frame.substr(0, k_magic.size()) != k_magic)
    return fail(ErrorCode::not_found, "not a record of Pasig: no magic");
  const std::string_view payload = frame.substr(k_frame_header_bytes);
  const auto format = get<std::uint16_t>(frame, 4);
  if (format == 0 || format > k_log_format)
    return fail(ErrorCode::unsupported, "record of format " + std::to_string(format) +
                                            "; this build knows " + std::to_string(k_log_format),
                "run a newer pasigd");
  if (get<std::uint32_t>(frame, 8) != payload.size() || get<std::uint32_t>(frame, 12) != crc32c(payload))
    return fail(ErrorCode::corrupt, "record with a wrong checksum");
  std::vector<std::uint64_t> aligned((payload.size() + 7) / 8);
  std::memcpy(aligned.data(), payload.data(), payload.size());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(aligned.data());
  flatbuffers::Verifier verifier(bytes, payload.size(), k_depth_max, k_tables_max);
  if (!wire::VerifyRecordBuffer(verifier)) return fail(ErrorCode::corrupt, "record that is no valid FlatBuffer");
  if (!has_only_known_events(*wire::GetRecord(bytes)))
    return fail(ErrorCode::unsupported, "record with an event that this build does not know",
                "run a newer pasigd");
  Record record;
  codec::read_table(*flatbuffers::GetRoot<flatbuffers::Table>(bytes), record);
  PASIG_CHECK(check_meaning(record));
  return record;
}

std::string_view name_of(const Event& event) {
  return wire::EnumNameEvent(wire::EnumValuesEvent()[event.index() + 1]);
}

}  // namespace pasig
