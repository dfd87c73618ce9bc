#include <flatbuffers/minireflect.h>

#include "events/event_codec.h"
#include "events/record.h"

namespace pasig {
namespace {

using flatbuffers::ElementaryType;
using flatbuffers::TypeTable;

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
    std::string escaped;
    // Invalid UTF-8 becomes \x escapes in EscapeString's output: still one line, never lost.
    flatbuffers::EscapeString(value->c_str(), value->size(), &escaped, true, true);
    put(escaped);
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
