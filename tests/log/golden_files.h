// The files of tests/golden/logs: whole logs (NAME.bin: frames, each after its length as four
// bytes, little-endian), what they mean (NAME.txt: a line for each record, its ordinal and its
// verdict's word; then the verdict digest; `quarantine N` lines in front of them name records that
// an operator listed), and what each version of the fold makes of them (NAME.fold-V.txt: the
// digest of the state).
//
// The folder only grows: PASIG_REWRITE=1 writes files that are missing and never one that is
// there.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/log/judged_log.h"

namespace pasig {

struct GoldenLog {
  std::vector<std::string> frames;
  std::set<Ordinal> quarantined;
};

namespace golden {

namespace fs = std::filesystem;

inline fs::path folder() { return fs::path(PASIG_SOURCE_DIR) / "tests/golden/logs"; }
inline bool may_write() { return std::getenv("PASIG_REWRITE") != nullptr; }

inline std::string contents(const fs::path& path) {
  const std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline std::string bytes_of(const GoldenLog& log) {
  std::string bytes;
  for (const std::string& frame : log.frames) {
    for (int i = 0; i < 4; ++i) bytes += static_cast<char>(frame.size() >> (8 * i));
    bytes += frame;
  }
  return bytes;
}

inline GoldenLog read_log(const fs::path& path) {
  GoldenLog log;
  const std::string bytes = contents(path);
  std::size_t at = 0;
  while (at + 4 <= bytes.size()) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i)
      length |= static_cast<std::size_t>(static_cast<std::uint8_t>(bytes[at + i])) << (8 * i);
    log.frames.push_back(bytes.substr(at + 4, length));
    at += 4 + length;
  }
  PASIG_ASSERT(at == bytes.size(), path.string() + " ends within a frame");
  std::ifstream meaning(fs::path(path).replace_extension(".txt"));
  std::string word;
  Ordinal ordinal = 0;
  while (meaning >> word && word == "quarantine" && meaning >> ordinal)
    log.quarantined.insert(ordinal);
  return log;
}

// The text of NAME.txt, as this build judges the log.
inline std::string meaning_of(const GoldenLog& log) {
  JudgedLog judged;
  std::ostringstream text;
  for (const Ordinal ordinal : log.quarantined) text << "quarantine " << ordinal << '\n';
  for (const std::string& frame : log.frames) {
    const Ordinal ordinal = judged.next;
    const Verdict verdict = log.quarantined.contains(ordinal)
                                ? judged.pass_over(frame, VoidReason::quarantined)
                                : judged.take_bytes(frame);
    text << ordinal << ' ' << word(verdict.reason) << '\n';
  }
  text << "digest " << judged.memory.digest().hex() << '\n';
  return text.str();
}

// False: there is one, and it stays as it is.
inline bool write_text_if_missing(const fs::path& path, const std::string& text) {
  if (fs::exists(path)) return false;
  std::ofstream(path, std::ios::binary) << text;
  return true;
}
inline bool write_if_missing(const fs::path& into, const std::string& name, const GoldenLog& log) {
  return write_text_if_missing(into / (name + ".bin"), bytes_of(log)) &&
         write_text_if_missing(into / (name + ".txt"), meaning_of(log));
}

// By name.
inline std::set<fs::path> logs() {
  std::set<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder()))
    if (entry.path().extension() == ".bin") paths.insert(entry.path());
  return paths;
}

}  // namespace golden
}  // namespace pasig
