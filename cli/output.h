// What `pasig` writes: results to standard output, as tables or as JSON; everything else
// (problems, warnings, progress) to standard error. One thread.
#pragma once

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "cli/json.h"
#include "cli/problem.h"
#include "cli/terminal.h"

namespace pasig::cli {

enum class Format { table, json };

struct Column {
  std::string title;
  bool shrinks = false;  // may be cut to fit the terminal; ids never are
  bool right = false;    // numbers
  bool painted = false;  // the cells are words with colours
};

// Rows of cells under titles. Cells are made printable here.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(std::vector<std::string> cells);
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  // width 0: as wide as it gets. Each line ends with a newline.
  [[nodiscard]] std::string text(std::size_t width, bool colour) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;

  [[nodiscard]] std::vector<std::size_t> widths_within(std::size_t width) const;
};

// One object: a name and its value a line; a list takes a line for each element. Empty values
// are left out.
class Sheet {
 public:
  void add(const std::string& name, const std::string& value, Paint paint = Paint::plain);
  void add_word(const std::string& name, const std::string& word) {
    add(name, word, paint_of(word));
  }
  void add_list(const std::string& name, const std::vector<std::string>& values);
  [[nodiscard]] std::string text(bool colour) const;

 private:
  struct Line {
    std::string name;
    std::string value;
    Paint paint = Paint::plain;
  };
  std::vector<Line> lines_;
};

// A list of objects as the API gives it, and as a table.
struct Listing {
  const Json& answer;  // for -o json
  Table table;
  std::string when_empty;  // e.g. "no shares"; to standard error
};

class Output {
 public:
  struct Streams {
    std::ostream& out;
    std::ostream& err;
  };
  Output(Streams streams, Terminal terminal, Format format)
      : out_(streams.out), err_(streams.err), terminal_(terminal), format_(format) {}

  [[nodiscard]] bool is_json() const { return format_ == Format::json; }
  [[nodiscard]] const Terminal& terminal() const { return terminal_; }
  [[nodiscard]] std::ostream& err() { return err_; }

  void list(const Listing& listing);
  void sheet(const Json& answer, const Sheet& sheet);
  // Text of several lines for people; the answer itself for -o json.
  void text(const Json& answer, const std::string& text);
  // A warning or a remark, on standard error, one line.
  void note(const std::string& line);
  // One line, then the hint; with -o json one JSON object {"error": …}. On standard error.
  void problem(const Problem& problem);
  // False when standard output took not everything (a full disk, a closed pipe).
  [[nodiscard]] bool flush();

 private:
  std::ostream& out_;
  std::ostream& err_;
  Terminal terminal_;
  Format format_;
};

}  // namespace pasig::cli
