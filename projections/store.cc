#include "projections/store.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/assert.h"
#include "projections/reads.h"
#include "projections/state_writer.h"

namespace pasig {
namespace {

namespace fs = std::filesystem;
using namespace tables;

constexpr const char* k_marker = "unclean";

class StateView final : public Reads<View> {
 public:
  explicit StateView(const Environment& environment) : Reads(environment, true) {}
};

std::string read_boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

Result<void> write_durably(const fs::path& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (file < 0) return fail(ErrorCode::unavailable, "writing " + path.string());
  const bool ok = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                  ::fsync(file) == 0;
  ::close(file);
  if (!ok) return fail(ErrorCode::exhausted, "writing " + path.string());
  const int directory = ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory >= 0) {
    ::fsync(directory);
    ::close(directory);
  }
  return {};
}

class StateStore final : public Store {
 public:
  StateStore(std::unique_ptr<Environment> environment, fs::path directory)
      : environment_(std::move(environment)), directory_(std::move(directory)) {}

  std::unique_ptr<View> view() const override { return std::make_unique<StateView>(*environment_); }
  std::unique_ptr<Writer> begin() override { return make_writer(*environment_); }

  Result<void> close_cleanly() override {
    PASIG_CHECK(environment_->sync());
    std::error_code ignored;
    fs::remove(directory_ / k_marker, ignored);
    return {};
  }

  Digest scanned_digest() const override {
    const Transaction txn(*environment_, true);
    DigestSum sum;
    for (int i = static_cast<int>(Table::meta) + 1; i < static_cast<int>(Table::count_); ++i) {
      const auto table = static_cast<Table>(i);
      txn.scan(table, {}, [&](std::string_view key, std::string_view value) {
        sum.add(table, key, value);
        return true;
      });
    }
    return sum.digest();
  }

 private:
  std::unique_ptr<Environment> environment_;
  fs::path directory_;
};

// Why what is there cannot be used; empty: it can.
std::string why_unusable(const fs::path& directory, const Store::Options& options,
                         const std::string& boot_id) {
  std::ifstream marker(directory / k_marker);
  std::string marked;
  if (marker && std::getline(marker, marked) && marked != boot_id)
    return "the machine stopped without a clean stop of pasigd";
  const auto environment =
      Environment::open(directory.string(), options.map_bytes, options.sync_every_commit);
  if (!environment) return environment.error().message;
  const StateView view(**environment);
  if (view.head().next_ordinal > 0 && view.head().fold_version != k_fold_version)
    return "this build folds by version " + std::to_string(k_fold_version) +
           ", the state was folded by version " + std::to_string(view.head().fold_version);
  return {};
}

}  // namespace

Result<std::unique_ptr<Store>> open_store(const std::string& directory, Store::Options options,
                                          std::string* rebuilt_because) {
  const std::string boot_id = options.boot_id.empty() ? read_boot_id() : options.boot_id;
  std::error_code error;
  const fs::path path(directory);
  fs::create_directories(path, error);
  if (error) return fail(ErrorCode::unavailable, "creating " + directory + ": " + error.message());
  if (const std::string why = why_unusable(path, options, boot_id); !why.empty()) {
    if (rebuilt_because != nullptr) *rebuilt_because = why;
    fs::remove_all(path, error);
    if (error)
      return fail(ErrorCode::unavailable, "removing " + directory + ": " + error.message());
    fs::create_directories(path, error);
  }
  if (!options.sync_every_commit) PASIG_CHECK(write_durably(path / k_marker, boot_id + "\n"));
  PASIG_TRY(auto environment,
            Environment::open(directory, options.map_bytes, options.sync_every_commit));
  return std::make_unique<StateStore>(std::move(environment), path);
}

}  // namespace pasig
