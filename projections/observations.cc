#include "projections/observations.h"

#include <filesystem>
#include <mutex>

#include "events/aggregate_codec.h"
#include "projections/reads.h"
#include "projections/unclean_marker.h"

namespace pasig {
namespace {

namespace fs = std::filesystem;
using namespace tables;

// An observation is small and there is one for each replica and pool.
constexpr std::uint64_t k_map_bytes = 1ULL << 30;
// Of the values' fields. It goes up with any change of ReplicaObservation or PoolObservation.
constexpr std::uint64_t k_layout = 2;
constexpr std::string_view k_layout_key = "layout";

bool has_layout(const Environment& environment) {
  const Transaction txn(environment, true);
  const auto layout = txn.get(Table::meta, k_layout_key);
  return layout && *layout == number_key(k_layout);
}

bool is_empty(const Environment& environment) {
  const Transaction txn(environment, true);
  bool found = false;
  const auto visit = [&](std::string_view, std::string_view) {
    found = true;
    return false;
  };
  txn.scan(Table::observed_replicas, {}, visit);
  txn.scan(Table::observed_pools, {}, visit);
  return !found;
}

void put_layout(const Environment& environment) {
  Transaction txn(environment, false);
  txn.put(Table::meta, k_layout_key, number_key(k_layout));
  txn.commit();
}

class KeptObservations final : public Observations {
 public:
  KeptObservations() = default;  // in memory only
  KeptObservations(std::unique_ptr<Environment> environment, UncleanMarker marker)
      : environment_(std::move(environment)), marker_(std::move(marker)) {
    const Transaction txn(*environment_, true);
    txn.scan(Table::observed_replicas, {}, [&](std::string_view, std::string_view value) {
      auto one = codec::from_bytes<ReplicaObservation>(value);
      replicas_.emplace(one.replica, std::move(one));
      return true;
    });
    txn.scan(Table::observed_pools, {}, [&](std::string_view, std::string_view value) {
      auto one = codec::from_bytes<PoolObservation>(value);
      one.up = false;  // until its worker reports again
      one.words = "not reported since the start of pasigd";
      pools_.emplace(one.host, std::move(one));
      return true;
    });
  }

  ~KeptObservations() override {
    if (environment_ && environment_->sync()) marker_->take_away();
  }

  void put(const ReplicaObservation& one) override {
    const std::scoped_lock lock(mutex_);
    replicas_[one.replica] = one;
    keep(Table::observed_replicas, id_key(one.replica), codec::to_bytes(one));
  }
  void put(const PoolObservation& one) override {
    const std::scoped_lock lock(mutex_);
    pools_[one.host] = one;
    keep(Table::observed_pools, text_key(one.host), codec::to_bytes(one));
  }
  void put(const OperationProgress& one) override {
    const std::scoped_lock lock(mutex_);
    progress_[one.operation] = one;
  }
  void put(const ScrubProgress& one) override {
    const std::scoped_lock lock(mutex_);
    scrubs_[one.replica] = one;
  }
  void forget_scrub(ReplicaId replica) override {
    const std::scoped_lock lock(mutex_);
    scrubs_.erase(replica);
  }
  void forget(ReplicaId replica) override {
    const std::scoped_lock lock(mutex_);
    scrubs_.erase(replica);
    if (replicas_.erase(replica) == 0) return;
    write([&](Transaction& txn) { txn.remove(Table::observed_replicas, id_key(replica)); });
  }
  void forget(OperationId operation) override {
    const std::scoped_lock lock(mutex_);
    progress_.erase(operation);
  }
  void forget_pool(const std::string& host) override {
    const std::scoped_lock lock(mutex_);
    if (pools_.erase(host) == 0) return;
    write([&](Transaction& txn) { txn.remove(Table::observed_pools, text_key(host)); });
  }
  void forget_pools_except_of(const std::set<std::string>& controllers) override {
    for (const PoolObservation& one : pools())
      if (!controllers.contains(one.controller)) forget_pool(one.host);
  }
  std::vector<ReplicaId> replicas() const override {
    const std::scoped_lock lock(mutex_);
    std::vector<ReplicaId> all;
    for (const auto& [id, one] : replicas_) all.push_back(id);
    return all;
  }
  std::optional<ReplicaObservation> replica(ReplicaId id) const override {
    const std::scoped_lock lock(mutex_);
    const auto at = replicas_.find(id);
    return at == replicas_.end() ? std::nullopt : std::optional(at->second);
  }
  std::vector<PoolObservation> pools() const override {
    const std::scoped_lock lock(mutex_);
    std::vector<PoolObservation> all;
    for (const auto& [host, one] : pools_) all.push_back(one);
    return all;
  }
  std::optional<OperationProgress> progress(OperationId id) const override {
    const std::scoped_lock lock(mutex_);
    const auto at = progress_.find(id);
    return at == progress_.end() ? std::nullopt : std::optional(at->second);
  }
  std::optional<ScrubProgress> scrub(ReplicaId id) const override {
    const std::scoped_lock lock(mutex_);
    const auto at = scrubs_.find(id);
    return at == scrubs_.end() ? std::nullopt : std::optional(at->second);
  }

 private:
  mutable std::mutex mutex_;
  std::unique_ptr<Environment> environment_;  // null: in memory only
  std::optional<UncleanMarker> marker_;
  std::map<ReplicaId, ReplicaObservation> replicas_;
  std::map<std::string, PoolObservation> pools_;
  std::map<OperationId, OperationProgress> progress_;
  std::map<ReplicaId, ScrubProgress> scrubs_;

  void keep(Table table, const std::string& key, const std::string& value) {
    write([&](Transaction& txn) { txn.put(table, key, value); });
  }
  // What the disk does not take is still known in memory; a restart looks again.
  template <class Change>
  void write(const Change& change) {
    if (!environment_) return;
    try {
      Transaction txn(*environment_, false);
      change(txn);
      txn.commit();
    } catch (const StoreFailure&) {
      return;
    }
  }
};

Result<std::unique_ptr<Observations>> open_kept(const std::string& directory,
                                                const UncleanMarker& marker) {
  if (marker.tells_of_loss())
    return fail(ErrorCode::corrupt, "the machine stopped without a clean stop of pasigd");
  PASIG_CHECK(marker.put());
  PASIG_TRY(auto environment, Environment::open(directory, k_map_bytes, false));
  try {
    if (!has_layout(*environment)) {
      if (!is_empty(*environment))
        return fail(ErrorCode::corrupt, "another build kept them in another layout");
      put_layout(*environment);
    }
    return std::make_unique<KeptObservations>(std::move(environment), marker);
  } catch (const StoreFailure& problem) {
    return tl::unexpected(problem.error());
  }
}

}  // namespace

Result<std::unique_ptr<Observations>> open_observations(const std::string& directory,
                                                        const std::string& boot_id) {
  if (directory.empty()) return std::make_unique<KeptObservations>();
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return fail(ErrorCode::unavailable, "creating " + directory + ": " + error.message());
  const UncleanMarker marker(directory, boot_id);
  auto opened = open_kept(directory, marker);
  if (opened || opened.error().code != ErrorCode::corrupt) return opened;
  for (const auto& entry : fs::directory_iterator(directory, error)) fs::remove_all(entry, error);
  return open_kept(directory, marker);
}

}  // namespace pasig
