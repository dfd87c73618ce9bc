// What the output may look like: colours, width, and text that is safe to show.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace pasig::cli {

// A look-up of environment variables, so that tests bring their own.
using Environment = std::function<std::optional<std::string>(const std::string&)>;
Environment process_environment();

struct Terminal {
  bool colour = false;          // of standard output
  std::size_t width = 0;        // of standard output; 0: no terminal, no limit
  bool shows_progress = false;  // standard error is a terminal that can redraw a line
  std::size_t progress_width = 80;
};
// Colours: a terminal, unless NO_COLOR is set (no-color.org) or TERM=dumb; CLICOLOR_FORCE wins.
Terminal find_terminal(const Environment& environment);

// Text from others as one line that does nothing to a terminal: control characters and bytes
// that are not UTF-8 become \xNN. Tabs and newlines too.
std::string printable(std::string_view text);
// Columns that this text takes; for printable text.
std::size_t columns_of(std::string_view text);
// At most `columns` wide, with … at the end where something was cut off.
std::string fitted(std::string_view text, std::size_t columns);

enum class Paint { plain, good, warning, bad, faint, strong };
std::string painted(const std::string& text, Paint paint, bool colour);
// The colour of a state's word: in_sync is good, error is bad.
Paint paint_of(std::string_view word);

}  // namespace pasig::cli
