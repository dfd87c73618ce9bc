#include "base/assert.h"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace pasig {

void defect(std::string_view condition, std::string_view why, const char* file, int line) {
  const std::string text = "pasig: defect at " + std::string(file) + ":" + std::to_string(line) +
                           ": " + std::string(why) + " [" + std::string(condition) + "]\n";
  std::fputs(text.c_str(), stderr);
  std::abort();
}

}  // namespace pasig
