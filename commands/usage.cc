#include "commands/usage.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace pasig {
namespace {

struct Limit {
  std::string_view counter;
  std::optional<std::int64_t> Quotas::*quota;
  std::string_view refused;  // Manila's text
};
constexpr std::array k_limits = {
    Limit{"shares", &Quotas::shares,
          "ShareLimitExceeded: Maximum number of shares allowed exceeded."},
    Limit{"gigabytes", &Quotas::gigabytes,
          "ShareSizeExceedsAvailableQuota: Requested share exceeds allowed project/user or share "
          "type gigabytes quota."},
    Limit{"share_replicas", &Quotas::share_replicas,
          "ShareReplicasLimitExceeded: Maximum number of allowed share-replicas is exceeded."},
    Limit{"replica_gigabytes", &Quotas::replica_gigabytes,
          "ShareReplicaSizeExceedsAvailableQuota: Requested share replica exceeds allowed "
          "project/user or share type gigabytes quota."},
    Limit{"snapshots", &Quotas::snapshots,
          "SnapshotLimitExceeded: Maximum number of snapshots allowed exceeded."},
    Limit{"snapshot_gigabytes", &Quotas::snapshot_gigabytes,
          "SnapshotSizeExceedsAvailableQuota: Requested snapshot exceeds allowed gigabytes "
          "quota."}};

using Amounts = std::array<std::int64_t, k_limits.size()>;  // in the order of k_limits

std::string counter_of(const Limit& limit, const std::string& project) {
  return std::string(limit.counter) + "-" + project;
}

Allowed take(ReadView& view, const Surroundings& now, const std::string& project,
             const Amounts& amounts) {
  const std::string subject = "quota-" + project;
  view.expect(subject);
  for (std::size_t i = 0; i < k_limits.size(); ++i) {
    const auto limit = now.quotas.*k_limits[i].quota;
    if (amounts[i] == 0 || view.move(counter_of(k_limits[i], project), amounts[i], limit)) continue;
    return refuse(Guard::over_quota,
                  std::string(k_limits[i].refused) + " Project '" + project + "' may use " +
                      std::to_string(*limit) + " " + std::string(k_limits[i].counter) + ", and " +
                      std::to_string(amounts[i]) +
                      " more were asked for; delete what is not needed, or have the quota raised",
                  subject);
  }
  return {};
}

// Without a limit a counter always moves.
void shift(ReadView& view, const std::string& counter, std::int64_t delta) {
  static_cast<void>(view.move(counter, delta, std::nullopt));
}

void give_back(ReadView& view, const std::string& project, const Amounts& amounts) {
  for (std::size_t i = 0; i < k_limits.size(); ++i)
    if (amounts[i] != 0) shift(view, counter_of(k_limits[i], project), -amounts[i]);
}

void add(Amounts& amounts, const Snapshot& snapshot) {
  amounts[4] += 1;
  amounts[5] += static_cast<std::int64_t>(snapshot.size_gb);
}

std::string promise_counter(const std::string& host) { return "provisioned-gb-" + host; }

// Of each tree that became a share.
std::string managed_counter(const std::string& controller, const std::string& path) {
  return "managed-" + controller + ":" + path;
}

std::int64_t signed_size(std::uint64_t size_gb) { return static_cast<std::int64_t>(size_gb); }

}  // namespace

Allowed take_for_share(ReadView& view, const Surroundings& now, const ShareCreated& created) {
  const std::int64_t size = signed_size(created.size_gb);
  const bool replicated = created.replication != ReplicationType::none;
  const Amounts amounts = {1, size, replicated ? 1 : 0, replicated ? size : 0};
  if (auto taken = take(view, now, created.project, amounts); !taken) return taken;
  shift(view, type_counter(created.type), 1);
  return {};
}

Allowed take_for_replica(ReadView& view, const Surroundings& now, const Share& share) {
  return take(view, now, share.project, {0, 0, 1, signed_size(share.size_gb)});
}

Allowed take_for_snapshot(ReadView& view, const Surroundings& now, const Share& share) {
  return take(view, now, share.project, {0, 0, 0, 0, 1, signed_size(share.size_gb)});
}

void promise_space(ReadView& view, const std::string& host, std::uint64_t size_gb) {
  if (!host.empty()) shift(view, promise_counter(host), signed_size(size_gb));
}

void take_size_of_managed(ReadView& view, const Share& share, std::uint64_t size_gb) {
  const std::int64_t size = signed_size(size_gb);
  const bool replicated = share.replication != ReplicationType::none;
  const Amounts amounts = {0, size, 0, replicated ? size : 0};
  for (std::size_t i = 0; i < k_limits.size(); ++i)
    shift(view, counter_of(k_limits[i], share.project), amounts[i]);
  if (!share.replicas.empty()) promise_space(view, share.replicas.front().host, size_gb);
}

Allowed take_managed_path(ReadView& view, const std::string& controller, const std::string& path) {
  if (view.move(managed_counter(controller, path), 1, 1)) return {};
  return refuse(Guard::path_in_use, "Share already managed: the tree at " + path +
                                        " on controller " + controller +
                                        " is a share's. See whose: pasig share list");
}

void give_back_share(ReadView& view, const Share& share) {
  // An extension that is not over has taken what the share is to have.
  std::uint64_t size_gb = share.size_gb;
  for (const PendingOperation& one : share.operations)
    if (one.kind == OperationKind::extend_share) size_gb = std::max(size_gb, one.size_gb);
  const std::int64_t size = signed_size(size_gb);
  const std::int64_t replicas = share.replication == ReplicationType::none
                                    ? 0
                                    : static_cast<std::int64_t>(share.replicas.size());
  Amounts amounts = {1, size, replicas, replicas * size};
  for (const Snapshot& one : share.snapshots) add(amounts, one);
  give_back(view, share.project, amounts);
  std::map<std::string, std::int64_t> promised;
  for (const Replica& one : share.replicas)
    if (!one.host.empty()) promised[one.host] += size;
  for (const auto& [host, amount] : promised) shift(view, promise_counter(host), -amount);
  shift(view, type_counter(share.type), -1);
  if (!share.managed_path.empty())
    shift(view, managed_counter(share.managed_on, share.managed_path), -1);
}

void give_back_snapshots(ReadView& view, const Share& share,
                         const std::vector<const Snapshot*>& snapshots) {
  Amounts amounts{};
  for (const Snapshot* one : snapshots) add(amounts, *one);
  give_back(view, share.project, amounts);
}

void give_back_replica(ReadView& view, const Share& share, const Replica& replica) {
  const std::int64_t size = signed_size(share.size_gb);
  give_back(view, share.project, {0, 0, 1, size});
  if (!replica.host.empty()) shift(view, promise_counter(replica.host), -size);
}

namespace {

// Of the share, and of each of its replicas: Manila counts the former with replicas too.
Amounts growth_of(const Share& share, std::int64_t size) {
  const std::int64_t replicas = share.replication == ReplicationType::none
                                    ? 0
                                    : static_cast<std::int64_t>(share.replicas.size());
  return {0, size, 0, replicas * size};
}

void shift_promises(ReadView& view, const Share& share, std::int64_t size) {
  std::map<std::string, std::int64_t> promised;
  for (const Replica& one : share.replicas)
    if (!one.host.empty()) promised[one.host] += size;
  for (const auto& [host, amount] : promised) shift(view, promise_counter(host), amount);
}

}  // namespace

Allowed take_for_growth(ReadView& view, const Surroundings& now, const Share& share,
                        std::uint64_t more_gb) {
  const std::int64_t size = signed_size(more_gb);
  PASIG_CHECK(take(view, now, share.project, growth_of(share, size)));
  shift_promises(view, share, size);
  return {};
}

void give_back_after_resize(ReadView& view, const Events& events) {
  for (const Event& event : events) {
    ShareId id;
    std::uint64_t freed_gb = 0;
    if (const auto* failed = std::get_if<ShareResizeFailed>(&event)) {
      id = failed->share;
      if (failed->to_gb > failed->from_gb) freed_gb = failed->to_gb - failed->from_gb;
    } else if (const auto* done = std::get_if<ShareResized>(&event)) {
      id = done->share;
      if (done->to_gb < done->from_gb) freed_gb = done->from_gb - done->to_gb;
    }
    const Share* share = freed_gb == 0 ? nullptr : view.share(id);
    if (share == nullptr) continue;
    const std::int64_t size = signed_size(freed_gb);
    give_back(view, share->project, growth_of(*share, size));
    shift_promises(view, *share, -size);
  }
}

void move_promise(ReadView& view, std::uint64_t size_gb, const std::string& from,
                  const std::string& to) {
  if (from == to) return;
  shift(view, promise_counter(from), -signed_size(size_gb));
  shift(view, promise_counter(to), signed_size(size_gb));
}

std::string type_counter(ShareTypeId type) { return "type-shares-" + to_string(type); }

}  // namespace pasig
