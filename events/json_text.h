// Text as a JSON string: for people and tools, of bytes that may be anything. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace pasig {

// In quotes, escaped; bytes that are no UTF-8 become U+FFFD, so that it is always valid JSON.
std::string json_quoted(std::string_view text);

}  // namespace pasig
