#include "tests/scenarios/record_text.h"

#include <boost/json.hpp>
#include <set>

#include "base/assert.h"

namespace pasig::scenario {
namespace {

namespace json = boost::json;

// What is the same in every scenario, or stands in the line already.
const std::set<std::string_view> k_left_out = {
    "share",        "extra_specs", "protocol",    "user",        "project",
    "type",         "metadata",    "description", "is_public",   "cast_rules_to_readonly",
    "format",       "window",      "log",         "consistency", "best",
    "weight_micros"};
// Of these only how many there are is told.
const std::set<std::string_view> k_counted = {"exports", "demoted_exports"};
constexpr std::string_view k_micros = "_micros";
constexpr std::int64_t k_year_micros = 365LL * 86'400 * 1'000'000;

bool says_nothing(const json::value& value) {
  if (value.is_null()) return true;
  if (const auto* text = value.if_string())
    return text->empty() || *text == "none" || *text == "unknown" ||
           *text == "00000000-0000-0000-0000-000000000000";
  if (const auto* flag = value.if_bool()) return !*flag;
  if (const auto* number = value.if_int64()) return *number == 0;
  if (const auto* number = value.if_uint64()) return *number == 0;
  if (const auto* list = value.if_array()) return list->empty();
  if (const auto* object = value.if_object()) {
    for (const auto& [key, held] : *object)
      if (!says_nothing(held)) return false;
    return true;
  }
  return false;
}

std::string in_quotes_if_spaced(std::string text) {
  return text.find(' ') == std::string::npos ? text : '"' + text + '"';
}

std::string fields_of(Names& names, const json::object& object);

std::string text_of_number(std::int64_t number) {
  const bool is_moment =
      number > k_start.micros - k_year_micros && number < k_start.micros + k_year_micros;
  return is_moment ? told(Time{number}) : std::to_string(number);
}

std::string text_of(Names& names, const json::value& value) {
  if (const auto* text = value.if_string())
    return in_quotes_if_spaced(names.told({text->data(), text->size()}));
  if (const auto* number = value.if_int64()) return text_of_number(*number);
  if (const auto* object = value.if_object()) {
    if (const auto* host = object->if_contains("host"); host != nullptr && host->is_string()) {
      const bool shares_zone =
          object->contains("shares_zone") && object->at("shares_zone").as_bool();
      return text_of(names, *host) + (shares_zone ? "(shares-zone)" : "");
    }
    return "{" + fields_of(names, *object) + "}";
  }
  if (const auto* list = value.if_array()) {
    std::string all;
    for (const json::value& one : *list) all += (all.empty() ? "" : ",") + text_of(names, one);
    return "[" + all + "]";
  }
  return json::serialize(value);
}

std::string fields_of(Names& names, const json::object& object) {
  std::string all;
  const auto* done = object.if_contains("done");
  const bool is_done = done != nullptr && done->is_bool() && done->as_bool();
  for (const auto& [key, value] : object) {
    if (k_left_out.contains(key) || says_nothing(value)) continue;
    if (is_done && key == "failure") continue;  // an unset one
    std::string_view name(key.data(), key.size());
    std::string text;
    if (k_counted.contains(name)) text = std::to_string(value.as_array().size());
    else if (name.ends_with(k_micros)) text = told_length(value.as_int64());
    else text = text_of(names, value);
    if (name.ends_with(k_micros)) name.remove_suffix(k_micros.size());
    all += (all.empty() ? "" : " ") + std::string(name) + "=" + text;
  }
  return all;
}

}  // namespace

std::vector<std::string> RecordText::lines_of(const replay::HistoryEntry& entry) {
  const std::string ordinal = std::to_string(entry.ordinal);
  if (!entry.accepted)
    return {ordinal + " void " + entry.void_because + " " + entry.record.command};
  std::vector<std::string> lines;
  for (const Event& event : entry.record.events) {
    name_objects(event);
    lines.push_back(line_of(entry.ordinal, event));
  }
  // Nothing was to be done, and the id is settled so; or the command was abandoned.
  if (lines.empty())
    lines.push_back(ordinal + " " +
                    (entry.record.kind == RecordKind::command
                         ? "nothing"
                         : std::string(word(entry.record.kind))) +
                    " " + entry.record.command);
  return lines;
}

void RecordText::name_objects(const Event& event) {
  if (const auto* requested = std::get_if<OperationRequested>(&event))
    names_.bind("op" + std::to_string(++operations_), requested->operation.uuid);
  if (const auto* created = std::get_if<ShareTypeCreated>(&event))
    names_.bind(created->name, created->type.uuid);
  if (const auto* created = std::get_if<LogCreated>(&event)) names_.bind("log", created->log.uuid);
}

std::string RecordText::line_of(Ordinal ordinal, const Event& event) {
  std::string stream;
  for (const std::string& one : streams_of(event)) {
    ++versions_[one];
    if (stream.empty() || one.starts_with("share-")) stream = one;
  }
  std::string line = std::to_string(ordinal) + " ";
  if (!stream.empty()) line += names_.told(stream) + "@" + std::to_string(versions_[stream]) + " ";
  line += name_of(event);
  const json::value fields = json::parse(to_json(event));
  const std::string text = fields_of(names_, fields.as_object());
  return text.empty() ? line : line + " " + text;
}

}  // namespace pasig::scenario
