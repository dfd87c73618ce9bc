// A file in a directory of LMDB's that says: what was committed here may not be on the disk yet.
// The pages of a killed process are still the kernel's and nothing is lost; after a stop of the
// machine, or on another mount, the file tells that they are not. One thread.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace pasig {

class UncleanMarker {
 public:
  // An empty boot id is read from the kernel.
  UncleanMarker(std::filesystem::path directory, std::string boot_id);

  // Whether commits may have been lost since the last clean stop.
  [[nodiscard]] bool tells_of_loss() const;
  // Durable before it returns: before the first commit that is not flushed.
  [[nodiscard]] Result<void> put() const;
  // After everything was flushed.
  void take_away() const;

 private:
  std::filesystem::path directory_;
  std::string boot_id_;

  [[nodiscard]] std::string whose_pages() const;
};

}  // namespace pasig
