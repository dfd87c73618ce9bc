// Dictionaries as Python writes them: python-manilaclient puts them into queries
// (metadata={'key': 'value'}). Pure; any thread.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "events/event.h"

namespace pasig::http {

// Texts only, in '…' or "…" with backslash escapes; nothing for anything else.
[[nodiscard]] std::optional<std::vector<KeyValue>> parse_python_dict(std::string_view text);

}  // namespace pasig::http
