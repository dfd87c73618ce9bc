// Reads the members of a JSON object that Pasig wrote itself, with one lasting "something was
// wrong", so that the caller asks once. A plain value; one thread.
#pragma once

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstdint>
#include <string>

namespace pasig::drivers::directory {

class Members {
 public:
  explicit Members(const boost::json::value& value) : object_(value.if_object()) {
    if (object_ == nullptr) good_ = false;
  }
  std::string text(const char* name) {
    const boost::json::value* value = member(name);
    if (value != nullptr && value->is_string()) return std::string(value->get_string());
    good_ = false;
    return {};
  }
  std::uint64_t number(const char* name) {
    const boost::json::value* value = member(name);
    boost::system::error_code error;
    if (value == nullptr) return bad();
    const auto result = value->to_number<std::uint64_t>(error);
    return error ? bad() : result;
  }
  bool flag(const char* name) {
    const boost::json::value* value = member(name);
    if (value != nullptr && value->is_bool()) return value->get_bool();
    return bad() != 0;
  }
  template <class E, std::size_t n>
  E choice(const char* name, const std::array<const char*, n>& words) {
    const std::string word = text(name);
    const auto place = std::find(words.begin(), words.end(), word);
    if (place == words.end()) good_ = false;
    return place == words.end() ? E{} : static_cast<E>(place - words.begin());
  }
  template <class T>
  T id(const char* name) {
    const auto parsed = T::parse(text(name));
    if (!parsed) good_ = false;
    return parsed.value_or(T{});
  }
  [[nodiscard]] bool has(const char* name) const { return member(name) != nullptr; }
  const boost::json::value& below(const char* name) {
    static const boost::json::value k_nothing;
    const boost::json::value* value = member(name);
    if (value == nullptr) good_ = false;
    return value == nullptr ? k_nothing : *value;
  }
  [[nodiscard]] bool is_good() const { return good_; }
  void also(const Members& other) { good_ = good_ && other.good_; }

 private:
  const boost::json::value* member(const char* name) const {
    return object_ == nullptr ? nullptr : object_->if_contains(name);
  }
  std::uint64_t bad() {
    good_ = false;
    return 0;
  }
  const boost::json::object* object_;
  bool good_ = true;
};

}  // namespace pasig::drivers::directory
