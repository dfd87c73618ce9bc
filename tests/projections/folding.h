// A store in a scratch directory, folded from a composed log.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "projections/store.h"
#include "service/fold.h"
#include "tests/log/scratch_directory.h"
#include "tests/projections/composed_log.h"

namespace pasig {

class ScratchStore {
 public:
  explicit ScratchStore(Store::Options options = {.boot_id = "boot-1"}) { open(options); }

  Store& operator*() { return *store_; }
  Store* operator->() { return store_.get(); }
  [[nodiscard]] std::string directory() const { return (scratch_.path() / "state").string(); }
  [[nodiscard]] const std::string& rebuilt_because() const { return because_; }
  [[nodiscard]] StoreHead head() const { return store_->view()->head(); }

  // As after a kill -9, unless it was closed cleanly.
  void close() { store_.reset(); }
  void open(Store::Options options = {.boot_id = "boot-1"}) {
    store_.reset();
    because_.clear();
    auto opened = open_store(directory(), options, &because_);
    ASSERT_TRUE(opened) << opened.error().text();
    store_ = *std::move(opened);
  }
  // All there is, at most so many records in one transaction.
  void fold(const LogReader& log, std::size_t records_max = 100) {
    for (;;) {
      const auto step = fold_some(*store_, log, records_max);
      ASSERT_TRUE(step) << step.error().text();
      if (step->records == 0) return;
    }
  }

 private:
  ScratchDirectory scratch_;
  std::unique_ptr<Store> store_;
  std::string because_;
};

// What the view differs in from the fold in memory; empty: in nothing.
std::string difference(const View& view, const ComposedLog& log);

}  // namespace pasig
