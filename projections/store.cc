#include "projections/store.h"

#include <filesystem>

#include "projections/reads.h"
#include "projections/state_writer.h"
#include "projections/unclean_marker.h"

namespace pasig {
namespace {

namespace fs = std::filesystem;
using namespace tables;

class StateView final : public Reads<View> {
 public:
  explicit StateView(const Environment& environment) : Reads(environment, true) {}
};

class StateStore final : public Store {
 public:
  StateStore(std::unique_ptr<Environment> environment, UncleanMarker marker)
      : environment_(std::move(environment)), marker_(std::move(marker)) {}

  std::unique_ptr<View> view() const override { return std::make_unique<StateView>(*environment_); }
  std::unique_ptr<Writer> begin() override { return make_writer(*environment_); }

  Result<void> close_cleanly() override {
    PASIG_CHECK(environment_->sync());
    marker_.take_away();
    return {};
  }

 private:
  std::unique_ptr<Environment> environment_;
  UncleanMarker marker_;
};

// What is there, ready for use.
Result<std::unique_ptr<Environment>> open_as_it_is(const std::string& directory,
                                                   const Store::Options& options,
                                                   const UncleanMarker& marker) {
  if (marker.tells_of_loss())
    return fail(ErrorCode::conflict, "the machine stopped without a clean stop of pasigd");
  if (!options.sync_every_commit) PASIG_CHECK(marker.put());
  PASIG_TRY(auto environment,
            Environment::open(directory, options.map_bytes, options.sync_every_commit));
  StoreHead head;
  try {
    head = StateView(*environment).head();
  } catch (const StoreFailure& problem) {
    return tl::unexpected(problem.error());
  }
  if (head.next_ordinal > 0 && head.fold_version != k_fold_version)
    return fail(ErrorCode::conflict,
                "this build folds by version " + std::to_string(k_fold_version) +
                    ", the state was folded by version " + std::to_string(head.fold_version));
  if (options.sync_every_commit) {
    PASIG_CHECK(environment->sync());  // of an earlier run without sync
    marker.take_away();
  }
  return environment;
}

bool is_of_no_use(const Error& error) {
  return error.code == ErrorCode::conflict || error.code == ErrorCode::corrupt;
}

}  // namespace

Result<std::unique_ptr<Store>> open_store(const std::string& directory, Store::Options options,
                                          std::string* rebuilt_because) {
  const fs::path path(directory);
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return fail(ErrorCode::unavailable, "creating " + directory + ": " + error.message());
  const UncleanMarker marker(path, options.boot_id);
  auto environment = open_as_it_is(directory, options, marker);
  if (!environment && is_of_no_use(environment.error())) {
    if (rebuilt_because != nullptr) *rebuilt_because = environment.error().message;
    for (const auto& entry : fs::directory_iterator(path, error)) fs::remove_all(entry, error);
    if (error)
      return fail(ErrorCode::unavailable, "emptying " + directory + ": " + error.message());
    environment = open_as_it_is(directory, options, marker);
  }
  if (!environment) return tl::unexpected(environment.error());
  return std::make_unique<StateStore>(*std::move(environment), marker);
}

}  // namespace pasig
