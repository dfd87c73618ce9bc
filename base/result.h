// The one way failures travel: a value or an Error. Refusals of commands are not
// errors (commands/decision.h); defects are not either (base/assert.h).
// Plain values; any thread.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace pasig {

// What the caller can do next, not where it happened.
enum class ErrorCode {
  invalid,      // the input is wrong; the same input will fail again
  not_found,    // no such object
  conflict,     // the state forbids it now
  forbidden,    // the caller may not
  unavailable,  // try again later
  exhausted,    // no space, no descriptors: make room, then try again
  corrupt,      // stored bytes are not what was written
  unknown,      // it may or may not have happened: look before trying again
  unsupported,  // this build or this driver cannot
};

struct Error {
  ErrorCode code = ErrorCode::unavailable;
  std::string message;  // what was being done, to which id, why it failed
  std::string hint;     // what to do next; may be empty

  bool operator==(const Error&) const = default;

  // The same error with what the caller was doing put in front.
  [[nodiscard]] Error within(const std::string& doing) const {
    return {code, doing + ": " + message, hint};
  }
  // One line for a person: message, then the hint.
  [[nodiscard]] std::string text() const {
    return hint.empty() ? message : message + " (" + hint + ")";
  }
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string hint = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(hint)});
}

}  // namespace pasig

#define PASIG_CONCAT_IMPL(a, b) a##b
#define PASIG_CONCAT(a, b) PASIG_CONCAT_IMPL(a, b)

// PASIG_TRY(auto value, expression): declares value, or returns the error.
#define PASIG_TRY(declaration, ...)                                                  \
  auto PASIG_CONCAT(pasig_result_, __LINE__) = (__VA_ARGS__);                        \
  if (!PASIG_CONCAT(pasig_result_, __LINE__))                                        \
    return tl::unexpected(std::move(PASIG_CONCAT(pasig_result_, __LINE__)).error()); \
  declaration = std::move(*PASIG_CONCAT(pasig_result_, __LINE__))

// PASIG_CHECK(expression): for Result<void>; returns the error, if there is one.
#define PASIG_CHECK(...)                                      \
  do {                                                        \
    if (auto pasig_result = (__VA_ARGS__); !pasig_result)     \
      return tl::unexpected(std::move(pasig_result).error()); \
  } while (false)
