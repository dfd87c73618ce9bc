#include "cli/output.h"

#include <algorithm>
#include <boost/json.hpp>
#include <numeric>

namespace pasig::cli {
namespace {

constexpr std::size_t k_gap = 2;        // blanks between columns
constexpr std::size_t k_narrowest = 8;  // a column is never cut below this

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::size_t columns = columns_of(text);
  const std::string blanks(width > columns ? width - columns : 0, ' ');
  return right ? blanks + text : text + blanks;
}

}  // namespace

void Table::add(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) cell = cell.empty() ? "-" : printable(cell);
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::widths_within(std::size_t width) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t widest = columns_of(columns_[i].title);
    for (const auto& row : rows_) widest = std::max(widest, columns_of(row[i]));
    widths.push_back(widest);
  }
  if (width == 0) return widths;
  const auto total = [&] {
    return std::accumulate(widths.begin(), widths.end(), k_gap * (widths.size() - 1));
  };
  while (total() > width) {
    std::size_t* widest = nullptr;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (columns_[i].shrinks && widths[i] > k_narrowest &&
          (widest == nullptr || widths[i] > *widest))
        widest = &widths[i];
    if (widest == nullptr) break;  // a terminal this narrow wraps the lines
    --*widest;
  }
  return widths;
}

std::string Table::text(std::size_t width, bool colour) const {
  const auto widths = widths_within(width);
  std::string out;
  const auto line = [&](const auto& cell_of) {
    std::string text;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const bool last = i + 1 == columns_.size();
      text += cell_of(i, last);
      if (!last) text += std::string(k_gap, ' ');
    }
    out += text + "\n";
  };
  line([&](std::size_t i, bool last) {
    const std::string title = fitted(columns_[i].title, widths[i]);
    return painted(last && !columns_[i].right ? title : padded(title, widths[i], columns_[i].right),
                   Paint::strong, colour);
  });
  for (const auto& row : rows_)
    line([&](std::size_t i, bool last) {
      const std::string cell = fitted(row[i], widths[i]);
      const std::string shown =
          last && !columns_[i].right ? cell : padded(cell, widths[i], columns_[i].right);
      return columns_[i].painted ? painted(shown, paint_of(row[i]), colour) : shown;
    });
  return out;
}

void Sheet::add(const std::string& name, const std::string& value, Paint paint) {
  if (!value.empty()) lines_.push_back({name, printable(value), paint});
}

void Sheet::add_list(const std::string& name, const std::vector<std::string>& values) {
  bool first = true;
  for (const std::string& value : values) {
    lines_.push_back({first ? name : std::string(), printable(value), Paint::plain});
    first = false;
  }
}

std::string Sheet::text(bool colour) const {
  std::size_t widest = 0;
  for (const Line& line : lines_) widest = std::max(widest, columns_of(line.name));
  std::string out;
  for (const Line& line : lines_)
    out += painted(padded(line.name, widest + k_gap, false), Paint::strong, colour) +
           painted(line.value, line.paint, colour) + "\n";
  return out;
}

void Output::list(const Listing& listing) {
  if (is_json()) out_ << pretty(listing.answer) << "\n";
  else if (listing.table.empty()) note(listing.when_empty);
  else out_ << listing.table.text(terminal_.width, terminal_.colour);
}

void Output::sheet(const Json& answer, const Sheet& sheet) {
  if (is_json()) out_ << pretty(answer) << "\n";
  else out_ << sheet.text(terminal_.colour);
}

void Output::text(const Json& answer, const std::string& text) {
  if (is_json()) {
    out_ << pretty(answer) << "\n";
    return;
  }
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out_ << printable(std::string_view(text).substr(at, end - at)) << "\n";
    at = end + 1;
  }
}

void Output::note(const std::string& line) { err_ << printable(line) << "\n"; }

void Output::problem(const Problem& problem) {
  if (is_json()) {
    boost::json::object error{{"code", problem.code},
                              {"message", problem.message},
                              {"hint", problem.hint},
                              {"exit", static_cast<int>(problem.exit)}};
    if (problem.ordinal) error["ordinal"] = *problem.ordinal;
    if (!problem.ids.empty())
      error["ids"] = boost::json::array(problem.ids.begin(), problem.ids.end());
    err_ << boost::json::serialize(boost::json::object{{"error", std::move(error)}}) << "\n";
    return;
  }
  std::string line = "pasig: " + problem.message;
  if (!problem.code.empty()) line += " [" + problem.code + "]";
  note(line);
  for (const std::string& id : problem.ids) note("  " + id);
  if (!problem.hint.empty()) note("hint: " + problem.hint);
  if (problem.ordinal)
    note("recorded at position " + std::to_string(*problem.ordinal) + ": `pasig log show " +
         std::to_string(*problem.ordinal) + "`");
}

bool Output::flush() {
  out_.flush();
  return out_.good();
}

}  // namespace pasig::cli
