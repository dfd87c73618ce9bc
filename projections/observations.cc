#include "projections/observations.h"

#include <mutex>

#include "events/aggregate_codec.h"
#include "projections/reads.h"

namespace pasig {
namespace {

using namespace tables;

// An observation is small and there is one for each replica and pool.
constexpr std::uint64_t k_map_bytes = 1ULL << 30;

class KeptObservations final : public Observations {
 public:
  explicit KeptObservations(std::unique_ptr<Environment> environment)
      : environment_(std::move(environment)) {
    if (!environment_) return;
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
  void forget(ReplicaId replica) override {
    const std::scoped_lock lock(mutex_);
    if (replicas_.erase(replica) == 0 || !environment_) return;
    Transaction txn(*environment_, false);
    txn.remove(Table::observed_replicas, id_key(replica));
    txn.commit();
  }
  void forget(OperationId operation) override {
    const std::scoped_lock lock(mutex_);
    progress_.erase(operation);
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

 private:
  mutable std::mutex mutex_;
  std::unique_ptr<Environment> environment_;
  std::map<ReplicaId, ReplicaObservation> replicas_;
  std::map<std::string, PoolObservation> pools_;
  std::map<OperationId, OperationProgress> progress_;

  void keep(Table table, const std::string& key, const std::string& value) {
    if (!environment_) return;
    Transaction txn(*environment_, false);
    txn.put(table, key, value);
    txn.commit();
  }
};

}  // namespace

Result<std::unique_ptr<Observations>> open_observations(const std::string& directory) {
  std::unique_ptr<Environment> environment;
  if (!directory.empty()) {
    PASIG_TRY(environment, Environment::open(directory, k_map_bytes, false));
  }
  return std::make_unique<KeptObservations>(std::move(environment));
}

}  // namespace pasig
