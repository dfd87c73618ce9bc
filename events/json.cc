// Events as JSON for people and tools, by the schema's own names. Always valid JSON: bytes
// that are no UTF-8 become U+FFFD. Any thread.
#include <flatbuffers/minireflect.h>

#include "events/event_codec.h"
#include "events/json_text.h"
#include "events/record.h"

namespace pasig {
namespace {

using flatbuffers::ElementaryType;
using flatbuffers::TypeTable;

constexpr std::string_view k_replacement = "\xEF\xBF\xBD";  // U+FFFD

// How many bytes the well-formed UTF-8 character at the front has (Unicode, table 3-7); 0 when
// it is not well-formed.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
  };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {  // neither overlong nor a surrogate
    const bool second = follows(1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF);
    return second && follows(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {  // neither overlong nor beyond U+10FFFF
    const bool second = follows(1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF);
    return second && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

void append_escaped(std::string& json, char c) {
  static constexpr char k_digits[] = "0123456789abcdef";
  const auto value = static_cast<std::uint8_t>(c);
  if (c == '"' || c == '\\') {
    json += '\\';
    json += c;
  } else if (value < 0x20 || value == 0x7F) {
    json += "\\u00";
    json += k_digits[value >> 4];
    json += k_digits[value & 0xF];
  } else {
    json += c;
  }
}

// Walks a table with its reflection names. Left-out scalars are printed as their zero, ids as
// text, left-out strings and vectors not at all.
class JsonWriter final : public flatbuffers::IterationVisitor {
 public:
  std::string text;

  void StartSequence() override {
    if (in_uuid_) return;
    open('{');
  }
  void EndSequence() override {
    if (in_uuid_) in_uuid_ = false;
    else close('}');
  }
  void StartVector() override { open('['); }
  void EndVector() override { close(']'); }
  void Field(std::size_t, std::size_t, ElementaryType type, bool is_vector, const TypeTable* table,
             const char* name, const std::uint8_t* value) override {
    if (in_uuid_) return;
    const bool is_uuid = type == flatbuffers::ET_SEQUENCE && table == wire::UuidTypeTable();
    if (value == nullptr && (is_vector || type == flatbuffers::ET_STRING ||
                             (type == flatbuffers::ET_SEQUENCE && !is_uuid)))
      return;
    separate();
    text += '"' + std::string(name) + "\":";
    if (is_uuid && !is_vector) uuid(value);
    else if (value == nullptr) zero(type, table);
  }
  void Element(std::size_t, ElementaryType type, const TypeTable* table,
               const std::uint8_t* value) override {
    separate();
    if (type == flatbuffers::ET_SEQUENCE && table == wire::UuidTypeTable()) uuid(value);
  }
  void UType(std::uint8_t value, const char* name) override { word(value, name); }
  void Bool(bool value) override { put(value ? "true" : "false"); }
  void Char(std::int8_t value, const char* name) override { word(value, name); }
  void UChar(std::uint8_t value, const char* name) override { word(value, name); }
  void Short(std::int16_t value, const char* name) override { word(value, name); }
  void UShort(std::uint16_t value, const char* name) override { word(value, name); }
  void Int(std::int32_t value, const char* name) override { word(value, name); }
  void UInt(std::uint32_t value, const char* name) override { word(value, name); }
  void Long(std::int64_t value) override { put(std::to_string(value)); }
  void ULong(std::uint64_t value) override { put(std::to_string(value)); }
  void Float(float value) override { put(std::to_string(value)); }
  void Double(double value) override { put(std::to_string(value)); }
  void String(const flatbuffers::String* value) override {
    put(json_quoted({value->c_str(), value->size()}));
  }
  void Unknown(const std::uint8_t*) override { put("null"); }

 private:
  bool in_uuid_ = false;
  bool first_ = true;

  void open(char bracket) {
    text += bracket;
    first_ = true;
  }
  void close(char bracket) {
    text += bracket;
    first_ = false;
  }
  void separate() {
    if (!first_) text += ',';
    first_ = false;
  }
  void put(const std::string& value) {
    if (!in_uuid_) text += value;
  }
  template <class T>
  void word(T value, const char* name) {
    std::string_view shown = name == nullptr ? std::string_view() : std::string_view(name);
    if (shown == "auto_") shown = "auto";  // a keyword in C++; the word is auto
    put(name != nullptr ? '"' + std::string(shown) + '"' : std::to_string(value));
  }
  void uuid(const std::uint8_t* value) {
    Uuid id;
    if (value != nullptr) {
      const auto* raw = reinterpret_cast<const wire::Uuid*>(value);
      id = {raw->hi(), raw->lo()};
      in_uuid_ = true;  // its two numbers are visited next; EndSequence ends that
    }
    text += '"' + to_string(id) + '"';
  }
  void zero(ElementaryType type, const TypeTable* table) {
    if (type == flatbuffers::ET_BOOL) text += "false";
    else if (table != nullptr && table->st == flatbuffers::ST_ENUM) word(0, table->names[0]);
    else text += '0';
  }
};

}  // namespace

std::string json_quoted(std::string_view text) {
  std::string json = "\"";
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 1) append_escaped(json, text.front());
    else json += length == 0 ? k_replacement : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return json + '"';
}

std::string to_json(const Event& event) {
  flatbuffers::FlatBufferBuilder builder;
  const auto body =
      std::visit([&](const auto& held) { return codec::write_table(builder, held); }, event);
  builder.Finish(flatbuffers::Offset<flatbuffers::Table>(body.o));
  JsonWriter writer;
  const TypeTable* table = wire::EventTypeTable()->type_refs[event.index()]();
  flatbuffers::IterateFlatBuffer(builder.GetBufferPointer(), table, &writer);
  return writer.text;
}

}  // namespace pasig
