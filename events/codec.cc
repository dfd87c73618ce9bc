// Records to frames and back. What encode() lets through, decode() reads: both ask the same
// checks. Any thread.
#include "events/record.h"

#include <cstring>
#include <map>
#include <set>

#include "base/crc32c.h"
#include "events/event_codec.h"

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
// A table takes at least its own four bytes and the four of the offset to it.
constexpr int k_tables_max = static_cast<int>(k_record_bytes_max / 8);

template <class T>
void put(std::string& frame, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) frame.push_back(static_cast<char>(value >> (8 * i)));
}

template <class T>
T get(std::string_view frame, std::size_t at) {
  T value = 0;
  for (std::size_t i = sizeof(T); i-- > 0;)
    value = static_cast<T>((std::uint64_t{value} << 8) | static_cast<std::uint8_t>(frame[at + i]));
  return value;
}

std::string record_of(const Record& record) { return "record of command " + record.command_id; }

Result<void> check_touches(const Record& record) {
  std::map<std::string, std::uint32_t> counted;
  for (const Event& event : record.events)
    for (const std::string& stream : streams_of(event)) ++counted[stream];
  std::map<std::string, std::uint32_t> said;
  for (const StreamTouch& touch : record.touched) said[touch.stream] += touch.events;
  if (counted != said)
    return fail(ErrorCode::invalid,
                record_of(record) + " does not say the streams its events touch");
  std::set<std::string> expected;
  for (const Expectation& one : record.expectations)
    if (one.kind == wire::ExpectationKind::stream_at) expected.insert(one.subject);
  for (const auto& [stream, events] : counted)
    if (!expected.contains(stream))
      return fail(ErrorCode::invalid,
                  record_of(record) + " touches " + stream + " without expecting it");
  return {};
}

// Looks for numbers of enumerations that the verifier cannot know about.
struct WordCheck {
  bool has_unknown_word = false;

  template <class T>
  void operator()(const T& value) {
    boost::pfr::for_each_field(value, [&](const auto& field) { check(field); });
  }
  template <class F>
  void check(const F& field) {
    if constexpr (std::is_enum_v<F>) {
      if (!is_known(field)) has_unknown_word = true;
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

// Whether a word (an enumeration's number) is of a later build.
bool has_unknown_word(const Record& record) {
  WordCheck check;
  for (const Event& event : record.events) std::visit(check, event);
  if (!is_known(record.kind) || !is_known(record.actor.kind)) return true;
  for (const Expectation& one : record.expectations)
    if (!is_known(one.kind)) return true;
  return check.has_unknown_word;
}

// What is wrong with the record's meaning; empty when nothing is.
std::string wrong_meaning(const Record& record) {
  if (record.command_id.empty()) return "no command id";
  if (record.events.size() <= k_events_per_record_max) return {};
  return std::to_string(record.events.size()) + " events; the most is " +
         std::to_string(k_events_per_record_max);
}

bool is_digest_or_absent(const flatbuffers::Vector<std::uint8_t>* bytes) {
  return bytes == nullptr || bytes->size() == Digest{}.bytes.size();
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
  if (const std::string wrong = wrong_meaning(record); !wrong.empty())
    return fail(ErrorCode::invalid, record_of(record) + " has " + wrong);
  if (has_unknown_word(record))
    return fail(ErrorCode::invalid, record_of(record) + " has a word that its schema lacks");
  PASIG_CHECK(check_touches(record));
  const std::string payload = codec::to_bytes(record, wire::RecordIdentifier());
  if (payload.size() + k_frame_header_bytes > k_record_bytes_max)
    return fail(ErrorCode::invalid, record_of(record) + " has " + std::to_string(payload.size()) +
                                        " bytes; the most is " +
                                        std::to_string(k_record_bytes_max - k_frame_header_bytes));
  std::string frame(k_magic);
  frame.reserve(k_frame_header_bytes + payload.size());
  put<std::uint16_t>(frame, static_cast<std::uint16_t>(k_log_format));
  put<std::uint16_t>(frame, 0);
  put<std::uint32_t>(frame, static_cast<std::uint32_t>(payload.size()));
  put<std::uint32_t>(frame, crc32c(payload));
  frame += payload;
  return frame;
}

namespace {

// The payload of a frame whose header and checksum hold.
Result<std::string_view> open_frame(std::string_view frame) {
  if (!frame.starts_with(k_magic))
    return fail(ErrorCode::not_found, "not a record of Pasig: no magic");
  if (frame.size() <= k_frame_header_bytes)
    return fail(ErrorCode::corrupt, "record that ends within its header");
  const std::string_view payload = frame.substr(k_frame_header_bytes);
  const auto format = get<std::uint16_t>(frame, 4);
  if (format == 0 || format > k_log_format)
    return fail(ErrorCode::unsupported,
                "record of format " + std::to_string(format) + "; this build knows " +
                    std::to_string(k_log_format),
                "run a newer pasigd");
  if (frame.size() > k_record_bytes_max || get<std::uint16_t>(frame, 6) != 0 ||
      get<std::uint32_t>(frame, 8) != payload.size())
    return fail(ErrorCode::corrupt, "record with a wrong header");
  if (get<std::uint32_t>(frame, 12) != crc32c(payload))
    return fail(ErrorCode::corrupt, "record with a wrong checksum");
  return payload;
}

}  // namespace

Result<Record> decode(std::string_view frame) {
  PASIG_TRY(const std::string_view payload, open_frame(frame));
  std::vector<std::uint64_t> aligned((payload.size() + 7) / 8);
  std::memcpy(aligned.data(), payload.data(), payload.size());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(aligned.data());
  flatbuffers::Verifier verifier(bytes, payload.size(), k_depth_max, k_tables_max);
  if (!wire::VerifyRecordBuffer(verifier))
    return fail(ErrorCode::corrupt, "record that is no valid FlatBuffer");
  const wire::Record& root = *wire::GetRecord(bytes);
  if (!has_only_known_events(root))
    return fail(ErrorCode::unsupported, "record with an event that this build does not know",
                "run a newer pasigd");
  if (!is_digest_or_absent(root.content_hash()) || !is_digest_or_absent(root.decided_digest()))
    return fail(ErrorCode::corrupt, "record with a digest that is not 32 bytes long");
  Record record;
  codec::read_table(*flatbuffers::GetRoot<flatbuffers::Table>(bytes), record);
  if (const std::string wrong = wrong_meaning(record); !wrong.empty())
    return fail(ErrorCode::corrupt, record_of(record) + " has " + wrong);
  if (has_unknown_word(record))
    return fail(ErrorCode::unsupported,
                record_of(record) + " has a word that this build does not know",
                "run a newer pasigd");
  return record;
}

std::string_view name_of(const Event& event) {
  return wire::EnumNameEvent(wire::EnumValuesEvent()[event.index() + 1]);
}

}  // namespace pasig
