// verify and rebuild: folding a log from zero with the very loop that the applier runs.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>

#include "replay/history.h"
#include "service/fold.h"

namespace pasig::replay {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_records_per_step = 1000;
constexpr const char* k_store_file = "data.mdb";  // what a state directory always holds

// A directory of ours: made here, removed at the end.
class Scratch {
 public:
  explicit Scratch(fs::path path) : path_(std::move(path)) {}
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

struct Folded {
  std::uint64_t records = 0;
  std::uint64_t voids = 0;
};

// Applies records until the store has `total` of them, or the log ends.
Result<Folded> fold_up_to(Store& store, const LogReader& log, std::uint64_t total,
                          const ProgressCallback& progress) {
  Folded folded;
  while (folded.records < total) {
    const auto step_max = static_cast<std::size_t>(
        std::min<std::uint64_t>(k_records_per_step, total - folded.records));
    PASIG_TRY(const FoldStep step, fold_some(store, log, step_max));
    if (step.records == 0) break;
    folded.records += step.records;
    folded.voids += step.voids;
    if (progress && !progress(folded.records, total))
      return fail(ErrorCode::unavailable, "stopped as asked after " +
                                              std::to_string(folded.records) + " of " +
                                              std::to_string(total) + " records");
  }
  return folded;
}

Result<std::unique_ptr<Store>> open_empty(const fs::path& path) {
  std::string rebuilt_because;
  return open_store(path.string(), Store::Options{}, &rebuilt_because);
}

struct LiveState {
  StoreHead head;
  Digest scanned;
};

// Of one moment: both are read in the same view.
LiveState scan(const Store& live) {
  const auto view = live.view();
  return {view->head(), view->scanned_digest()};
}

Result<void> refuse_if_there(const fs::path& path) {
  std::error_code error;
  if (fs::exists(path, error))
    return fail(ErrorCode::conflict, path.string() + " is there already",
                "it may be left from a run that was killed: remove it, then try again");
  return {};
}

// Nothing, an empty directory or a state of Pasig's.
Result<void> refuse_unless_state(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return {};
  if (!fs::is_directory(path, error))
    return fail(ErrorCode::conflict, path.string() + " is not a directory");
  if (fs::is_empty(path, error) || fs::exists(path / k_store_file, error)) return {};
  return fail(ErrorCode::conflict,
              path.string() + " holds files, but no state of Pasig's: it has no " + k_store_file,
              "check the configured data directory");
}

Result<void> put_in_place(const fs::path& fresh, const fs::path& target) {
  const std::string doing = "putting the rebuilt state in place at " + target.string();
  std::error_code error;
  fs::remove_all(target, error);
  if (error) return fail(ErrorCode::unavailable, doing + ": " + error.message());
  fs::rename(fresh, target, error);
  if (error) return fail(ErrorCode::unavailable, doing + ": " + error.message());
  return {};
}

}  // namespace

Result<VerifyReport> verify(const Store& live, const LogReader& log,
                            const std::string& scratch_directory,
                            const ProgressCallback& progress) {
  PASIG_CHECK(refuse_if_there(scratch_directory));
  const LiveState state = scan(live);
  const Scratch scratch(scratch_directory);
  PASIG_TRY(const std::unique_ptr<Store> store, open_empty(scratch.path()));
  PASIG_TRY(const Folded folded, fold_up_to(*store, log, state.head.next_ordinal, progress));
  const StoreHead replayed = store->view()->head();
  return VerifyReport{.records = folded.records,
                      .void_records = folded.voids,
                      .live_verdict = state.head.verdict_digest,
                      .replayed_verdict = replayed.verdict_digest,
                      .live_state = state.head.state_digest,
                      .replayed_state = replayed.state_digest,
                      .scanned_state = state.scanned,
                      .live_ordinal = state.head.next_ordinal};
}

Result<StoreHead> rebuild(const LogReader& log, const std::string& state_directory,
                          const ProgressCallback& progress) {
  fs::path target(state_directory);
  if (!target.has_filename()) target = target.parent_path();  // written with a slash at its end
  PASIG_CHECK(refuse_unless_state(target));
  fs::path beside = target;
  beside += ".rebuilding";
  std::error_code ignored;
  fs::remove_all(beside, ignored);  // of an earlier run that was killed; only this makes it
  const Scratch scratch(beside);
  PASIG_TRY(const std::uint64_t total, log.end());
  StoreHead head;
  {
    PASIG_TRY(const std::unique_ptr<Store> store, open_empty(scratch.path()));
    PASIG_CHECK(fold_up_to(*store, log, total, progress));
    head = store->view()->head();
    PASIG_CHECK(store->close_cleanly());
  }
  PASIG_CHECK(put_in_place(scratch.path(), target));
  return head;
}

}  // namespace pasig::replay
