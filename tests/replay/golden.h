// The texts of pasig why, by golden files. PASIG_REWRITE=1 writes them anew; the diff is reviewed.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace pasig::replay {

inline void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(PASIG_SOURCE_DIR) + "/tests/golden/why/" + name + ".txt";
  if (std::getenv("PASIG_REWRITE") != nullptr) {
    std::ofstream(path) << text;
    return;
  }
  std::ifstream file(path);
  ASSERT_TRUE(file) << path << " is missing: run with PASIG_REWRITE=1 and review it";
  std::ostringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(text, golden.str()) << "of " << path;
}

}  // namespace pasig::replay
