// Records as lines of a scenario: `7 share-s1@4 ReplicaAdded replica=r2 state=out_of_sync`
// (position, stream and the version that it has now, the fact, its fields that say something).
// One thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "replay/history.h"
#include "tests/scenarios/names.h"

namespace pasig::scenario {

class RecordText {
 public:
  explicit RecordText(Names& names) : names_(names) {}

  // Entries come in the order of the log, each once: versions are counted here.
  [[nodiscard]] std::vector<std::string> lines_of(const replay::HistoryEntry& entry);

 private:
  Names& names_;
  std::map<std::string, std::uint64_t> versions_;
  std::size_t operations_ = 0;

  void name_objects(const Event& event);
  [[nodiscard]] std::string line_of(Ordinal ordinal, const Event& event);
};

}  // namespace pasig::scenario
