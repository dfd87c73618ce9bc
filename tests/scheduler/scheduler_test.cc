#include "scheduler/scheduler.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace pasig {
namespace {

constexpr std::uint64_t k_gib = std::uint64_t{1} << 30;

PoolReport pool(const std::string& controller, const std::string& zone) {
  return {.host = "node@" + controller + "#pool",
          .controller = controller,
          .pool = "pool",
          .zone = zone,
          .total_bytes = 100 * k_gib,
          .free_bytes = 100 * k_gib,
          .replication_domain = "world",
          .replication_types = {ReplicationType::readable, ReplicationType::dr}};
}

Share share_on(const std::vector<PoolReport>& pools) {
  Share share{.replication = ReplicationType::readable};
  for (const PoolReport& one : pools) {
    Replica replica{.id = ReplicaId{{1, share.replicas.size() + 1}},
                    .host = one.host,
                    .controller = one.controller,
                    .zone = one.zone};
    replica.state = share.replicas.empty() ? ReplicaState::active : ReplicaState::in_sync;
    share.replicas.push_back(replica);
  }
  return share;
}

PlacementRequest further(const Share& share) {
  return {.size_gb = 1, .replication = share.replication, .share = &share};
}

// The filter that rejected the only pool.
std::string rejected_by(const PlacementRequest& request, const PoolReport& one) {
  const Placement placement = place(request, {one});
  if (!placement.host.empty() || placement.filters.size() != 1) return "none";
  return placement.filters.front().filter;
}

TEST(Place, TakesThePoolWithTheMostFreeSpace) {
  PoolReport full = pool("a", "z1");
  full.free_bytes = 10 * k_gib;
  const Placement placement = place({.size_gb = 1}, {full, pool("b", "z1")});
  EXPECT_EQ(placement.host, "node@b#pool");
  EXPECT_EQ(placement.controller, "b");
  EXPECT_EQ(placement.zone, "z1");
  ASSERT_EQ(placement.best.size(), 2U);
  EXPECT_EQ(placement.best[1].weight_micros, 100'000);
}

TEST(Place, BreaksTiesByTheHostsName) {
  EXPECT_EQ(place({.size_gb = 1}, {pool("b", "z1"), pool("a", "z1")}).host, "node@a#pool");
}

TEST(Place, CountsWhatPoolsOfOneFileSystemPromised) {
  PoolReport a = pool("a", "z1");
  PoolReport b = pool("b", "z1");
  a.file_system = b.file_system = "one";
  b.provisioned_gb = 60;
  PoolReport c = pool("c", "z1");
  c.provisioned_gb = 30;
  EXPECT_EQ(place({.size_gb = 1}, {a, b, c}).host, "node@c#pool");
}

TEST(Place, NamesAtMostTwentyOfTheBest) {
  std::vector<PoolReport> pools;
  for (int i = 0; i < 30; ++i) pools.push_back(pool("c" + std::to_string(i), "z1"));
  const Placement placement = place({.size_gb = 1}, pools);
  EXPECT_EQ(placement.best.size(), 20U);
  EXPECT_EQ(placement.considered, 30U);
}

TEST(Place, TakesOnlyTheHostThatWasAskedFor) {
  EXPECT_EQ(rejected_by({.size_gb = 1, .only_host = "node@b#pool"}, pool("a", "z1")), "only_host");
}

TEST(Place, LeavesOutPoolsThatAreDown) {
  PoolReport down = pool("a", "z1");
  down.up = false;
  EXPECT_EQ(rejected_by({.size_gb = 1}, down), "up");
}

TEST(Place, KeepsToTheZoneThatWasAskedFor) {
  EXPECT_EQ(rejected_by({.size_gb = 1, .zone = "z2"}, pool("a", "z1")), "availability_zone");
}

TEST(Place, KeepsToTheZonesOfTheType) {
  const PlacementRequest request{.size_gb = 1, .extra_specs = {{"availability_zones", "z2, z3"}}};
  EXPECT_EQ(rejected_by(request, pool("a", "z1")), "availability_zone");
  EXPECT_EQ(place(request, {pool("a", "z3")}).host, "node@a#pool");
}

TEST(Place, NeedsAReplicationDomain) {
  PoolReport alone = pool("a", "z1");
  alone.replication_domain.clear();
  EXPECT_EQ(rejected_by({.size_gb = 1, .replication = ReplicationType::dr}, alone), "replication");
  EXPECT_EQ(place({.size_gb = 1}, {alone}).host, "node@a#pool");
}

TEST(Place, NeedsTheTypesReplicationType) {
  EXPECT_EQ(rejected_by({.size_gb = 1, .replication = ReplicationType::writable}, pool("a", "z1")),
            "replication");
}

TEST(Place, StaysInTheActiveReplicasDomain) {
  const PoolReport home = pool("a", "z1");
  PoolReport foreign = pool("b", "z2");
  foreign.replication_domain = "elsewhere";
  const Share share = share_on({home});
  const Placement placement = place(further(share), {home, foreign});
  EXPECT_TRUE(placement.host.empty());
  ASSERT_EQ(placement.filters.size(), 2U);
  EXPECT_EQ(placement.filters[0].filter, "replication");
  EXPECT_EQ(placement.filters[0].example,
            "node@b#pool: its replication domain is elsewhere, the active replica's is world");
}

TEST(Place, DoesNotGuessTheDomainOfAPoolThatIsNotReported) {
  const Share share = share_on({pool("a", "z1")});
  EXPECT_EQ(rejected_by(further(share), pool("b", "z2")), "replication");
}

TEST(Place, NeverPutsTwoReplicasOnOnePool) {
  const PoolReport home = pool("a", "z1");
  const Share share = share_on({home});
  EXPECT_EQ(rejected_by(further(share), home), "one_per_pool");
}

TEST(Place, AsksForTheTypesCapabilities) {
  const PlacementRequest request{.size_gb = 1, .extra_specs = {{"disk", "ssd"}}};
  EXPECT_EQ(rejected_by(request, pool("a", "z1")), "capabilities");
}

TEST(Place, KeepsTheReservedSpace) {
  PoolReport reserved = pool("a", "z1");
  reserved.free_bytes = 10 * k_gib;
  reserved.reserved_percent = 10;
  EXPECT_EQ(rejected_by({.size_gb = 1}, reserved), "capacity");
}

TEST(Place, PromisesNoMoreThanTheRatioAllows) {
  PoolReport thick = pool("a", "z1");
  thick.max_over_subscription = 1.0;
  thick.provisioned_gb = 95;
  EXPECT_EQ(rejected_by({.size_gb = 6}, thick), "capacity");
  EXPECT_EQ(place({.size_gb = 5}, {thick}).host, thick.host);
}

TEST(Place, TakesAThinPoolForMoreThanIsFree) {
  PoolReport thin = pool("a", "z1");
  thin.free_bytes = k_gib;
  thin.max_over_subscription = 2.0;
  EXPECT_EQ(place({.size_gb = 2}, {thin}).host, thin.host);
  EXPECT_EQ(rejected_by({.size_gb = 3}, thin), "capacity");
}

TEST(Place, PromisesNoMoreThanAPoolHasThatIsNotThin) {
  PoolReport thick = pool("a", "z1");
  thick.capabilities["thin_provisioning"] = "false";
  thick.provisioned_gb = 95;
  EXPECT_EQ(rejected_by({.size_gb = 6}, thick), "capacity");
  EXPECT_EQ(place({.size_gb = 5}, {thick}).host, thick.host);
}

TEST(Place, LeavesOutHostsThatHadNoSpace) {
  EXPECT_EQ(rejected_by({.size_gb = 1, .excluded_hosts = {"node@a#pool"}}, pool("a", "z1")),
            "capacity");
}

TEST(Place, RefusesAPoolWithoutCapacity) {
  PoolReport empty = pool("a", "z1");
  empty.total_bytes = 0;
  EXPECT_EQ(rejected_by({.size_gb = 1}, empty), "capacity");
}

TEST(Place, PrefersAZoneWithoutAReplica) {
  const PoolReport home = pool("a", "z1");
  PoolReport elsewhere = pool("c", "z2");
  elsewhere.free_bytes = k_gib;
  const Share share = share_on({home});
  const Placement placement = place(further(share), {home, pool("b", "z1"), elsewhere});
  EXPECT_EQ(placement.host, elsewhere.host);
  EXPECT_FALSE(placement.shares_zone);
}

TEST(Place, SharesAZoneWhenNothingElsePasses) {
  const PoolReport home = pool("a", "z1");
  const Share share = share_on({home});
  const Placement placement = place(further(share), {home, pool("b", "z1")});
  EXPECT_EQ(placement.host, "node@b#pool");
  EXPECT_TRUE(placement.shares_zone);
  EXPECT_NE(explain(placement).find("it shares zone z1 with another replica, because"),
            std::string::npos);
}

TEST(Place, SharesAZoneThatWasAskedFor) {
  const PoolReport home = pool("a", "z1");
  const Share share = share_on({home});
  PlacementRequest request = further(share);
  request.zone = "z1";
  const Placement placement = place(request, {home, pool("b", "z1"), pool("c", "z2")});
  EXPECT_EQ(placement.host, "node@b#pool");
  EXPECT_TRUE(placement.shares_zone);
  EXPECT_EQ(placement.zone_asked, "z1");
}

TEST(Place, PrefersAControllerWithoutAReplica) {
  const PoolReport home = pool("a", "z1");
  PoolReport second = home;
  second.host = "node@a#second";
  PoolReport other = pool("b", "z1");
  other.free_bytes = k_gib;
  const Share share = share_on({home});
  EXPECT_EQ(place(further(share), {home, second, other}).host, other.host);
  EXPECT_EQ(place(further(share), {home, second}).host, second.host);
}

TEST(Place, GivesTheSameVerdictInAnyOrderOfPools) {
  std::vector<PoolReport> pools = {pool("c", "z1"), pool("a", "z2"), pool("b", "z3")};
  const Placement first = place({.size_gb = 1}, pools);
  std::reverse(pools.begin(), pools.end());
  EXPECT_EQ(place({.size_gb = 1}, pools), first);
}

TEST(Explain, CountsPoolsPerFilterWithAnExample) {
  PoolReport full = pool("c", "z2");
  full.free_bytes = 0;
  const Placement placement =
      place({.size_gb = 1, .zone = "z2"}, {pool("a", "z1"), pool("b", "z1"), full});
  EXPECT_EQ(explain(placement),
            "no pool passed: 2 of 3 rejected by availability_zone (node@a#pool: it is in zone z1, "
            "not in z2), 1 by capacity (node@c#pool: no free space is left beside the 0.0 GiB "
            "reserved)");
}

TEST(Explain, SaysThatNoPoolIsReported) {
  EXPECT_NE(explain(place({.size_gb = 1}, {})).find("none is reported"), std::string::npos);
}

}  // namespace
}  // namespace pasig
