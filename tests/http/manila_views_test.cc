// The shapes that were recorded from Manila, and what differs at each microversion.
#include <gtest/gtest.h>

#include <algorithm>

#include "http/manila.h"
#include "http/microversion.h"
#include "tests/http/fakes.h"
#include "tests/http/requests.h"

namespace pasig::http {
namespace {

class ManilaViews : public ::testing::Test {
 protected:
  ManilaViews() {
    add_manila_routes(router_, service_.context);
    type_ = service_.make_type("gold", "readable");
    share_ = service_.make_share(type_, "docs");
    replica_ = service_.make_replica(share_, ReplicaState::in_sync);
  }
  Response get(const std::string& target, const std::string& version) {
    Request request = request_of({.target = target, .version = version});
    request.headers.emplace_back("x-openstack-manila-api-experimental", "true");
    return router_.dispatch(request);
  }
  boost::json::value get(const std::string& target, const std::string& version,
                         const std::string& key) {
    const Response response = get(target, version);
    EXPECT_EQ(response.status, 200) << target << " " << response.body;
    const auto body = body_of(response);
    const boost::json::value* value = body.if_contains(key);
    EXPECT_NE(value, nullptr) << response.body;
    if (value == nullptr) return boost::json::object();
    return value->is_array() ? value->get_array().at(0) : *value;
  }
  void members_only() { service_.context.options.anonymous_is_admin = false; }
  std::string share_path() const { return "/v2/shares/" + to_string(share_); }
  std::string replica_path() const { return "/v2/share-replicas/" + to_string(replica_); }

  FakeService service_;
  Router router_;
  ShareTypeId type_;
  ShareId share_;
  ReplicaId replica_;
};

constexpr std::string_view k_share_at_2_11 =
    "id size availability_zone created_at status name description project_id snapshot_id "
    "share_network_id share_proto metadata share_type volume_type links is_public "
    "snapshot_support task_state share_type_name access_rules_status replication_type "
    "has_replicas";

TEST_F(ManilaViews, AShareHasTheKeysRecordedAt211) {
  members_only();
  EXPECT_EQ(keys_of(get(share_path(), "2.11", "share")), k_share_at_2_11);
}

TEST_F(ManilaViews, AShareHasAllKeysOf293ForAnAdmin) {
  EXPECT_EQ(keys_of(get(share_path(), "2.93", "share")),
            std::string(k_share_at_2_11) +
                " user_id create_share_from_snapshot_support revert_to_snapshot_support "
                "share_group_id source_share_group_snapshot_member_id mount_snapshot_support "
                "progress is_soft_deleted scheduled_to_be_deleted_at source_backup_id "
                "encryption_key_ref share_server_id host");
}

TEST_F(ManilaViews, AShareHasItsLocationsInsideBelow29) {
  const auto share = get(share_path(), "2.0", "share");
  EXPECT_EQ(keys_of(share),
            "id size availability_zone created_at status name description project_id snapshot_id "
            "share_network_id share_proto export_location metadata share_type volume_type links "
            "is_public export_locations share_server_id host");
  EXPECT_EQ(share.at("export_location").as_string(), "10.0.0.10:/docs");
  EXPECT_EQ(share.at("export_locations").as_array().size(), 3U);
}

struct Arrival {
  std::string key;
  int minor;
};

TEST_F(ManilaViews, ShareKeysArriveAtTheirMicroversions) {
  const std::vector<Arrival> arrivals = {{"snapshot_support", 2},
                                         {"task_state", 5},
                                         {"share_type_name", 6},
                                         {"access_rules_status", 10},
                                         {"replication_type", 11},
                                         {"has_replicas", 11},
                                         {"user_id", 16},
                                         {"create_share_from_snapshot_support", 24},
                                         {"revert_to_snapshot_support", 27},
                                         {"share_group_id", 31},
                                         {"mount_snapshot_support", 32},
                                         {"progress", 54},
                                         {"is_soft_deleted", 69},
                                         {"scheduled_to_be_deleted_at", 69},
                                         {"source_backup_id", 80},
                                         {"encryption_key_ref", 90}};
  for (const Arrival& one : arrivals) {
    const auto before = get(share_path(), "2." + std::to_string(one.minor - 1), "share");
    const auto after = get(share_path(), "2." + std::to_string(one.minor), "share");
    EXPECT_FALSE(before.as_object().contains(one.key)) << one.key;
    EXPECT_TRUE(after.as_object().contains(one.key)) << one.key;
  }
}

TEST_F(ManilaViews, EveryMicroversionIsServed) {
  for (std::uint32_t minor = 0; minor <= k_microversion_max.minor; ++minor) {
    const std::string version = "2." + std::to_string(minor);
    const Response share = get(share_path(), version);
    EXPECT_EQ(share.status, 200) << version;
    EXPECT_EQ(header_of(share, k_microversion_header), version);
    EXPECT_EQ(get(replica_path(), version).status, minor < 11 ? 404 : 200) << version;
    const auto keys = keys_of(body_of(share).at("share"));
    EXPECT_EQ(keys.find("snapshot_inherit_share_access_support"), std::string::npos);
  }
}

TEST_F(ManilaViews, TheShareTypeIsANameBelow26AndAnIdFromThenOn) {
  EXPECT_EQ(get(share_path(), "2.5", "share").at("share_type").as_string(), "gold");
  EXPECT_EQ(get(share_path(), "2.6", "share").at("share_type").as_string(),
            to_string(type_).c_str());
}

TEST_F(ManilaViews, AShareSaysWhatItIs) {
  const auto share = get(share_path(), "2.93", "share").as_object();
  EXPECT_EQ(share.at("status").as_string(), "available");
  EXPECT_EQ(share.at("replication_type").as_string(), "readable");
  EXPECT_TRUE(share.at("has_replicas").as_bool());
  EXPECT_EQ(share.at("progress").as_string(), "100%");
  EXPECT_TRUE(share.at("description").is_null());
  EXPECT_EQ(share.at("share_proto").as_string(), "NFS");
  EXPECT_EQ(share.at("size").to_number<int>(), 1);
  EXPECT_EQ(share.at("created_at").as_string(), to_string(service_.clock.now()).c_str());
}

TEST_F(ManilaViews, LinksCarryTheProjectOnlyWhenTheRequestDid) {
  const std::string id = to_string(share_);
  auto links = get(share_path(), "2.93", "share").at("links").as_array();
  EXPECT_EQ(links[0].at("href").as_string(), ("http://localhost:8786/v2/shares/" + id).c_str());
  EXPECT_EQ(links[1].at("href").as_string(), ("http://localhost:8786/shares/" + id).c_str());
  links = get("/v2/aa/shares/" + id, "2.93", "share").at("links").as_array();
  EXPECT_EQ(links[0].at("href").as_string(), ("http://localhost:8786/v2/aa/shares/" + id).c_str());
}

TEST_F(ManilaViews, AMembersReplicaHasExactlyTheRecordedKeys) {
  members_only();
  EXPECT_EQ(keys_of(get(replica_path(), "2.93", "share_replica")),
            "id share_id availability_zone created_at status share_network_id replica_state "
            "updated_at");
}

TEST_F(ManilaViews, AnAdminsReplicaSaysItsHost) {
  EXPECT_EQ(keys_of(get(replica_path(), "2.29", "share_replica")),
            "id share_id availability_zone created_at status share_network_id replica_state "
            "updated_at share_server_id host");
  const auto replica = get(replica_path(), "2.93", "share_replica");
  EXPECT_EQ(keys_of(replica),
            "id share_id availability_zone created_at status share_network_id replica_state "
            "updated_at share_server_id host cast_rules_to_readonly");
  EXPECT_EQ(replica.at("replica_state").as_string(), "in_sync");
  EXPECT_TRUE(replica.at("cast_rules_to_readonly").as_bool());
}

TEST_F(ManilaViews, AReplicasSummaryHasFourKeys) {
  EXPECT_EQ(keys_of(get("/v2/share-replicas", "2.93", "share_replicas")),
            "id share_id status replica_state");
}

TEST_F(ManilaViews, ReplicasNeedTheExperimentalHeaderBelow256) {
  for (const auto& [version, status] :
       {std::pair{"2.10", 404}, {"2.11", 404}, {"2.55", 404}, {"2.56", 200}, {"2.93", 200}}) {
    Request request = request_of({.target = replica_path(), .version = version});
    const Response response = router_.dispatch(request);
    EXPECT_EQ(response.status, status) << version;
    EXPECT_EQ(header_of(response, k_microversion_header), version);
  }
  const Response response = get(replica_path(), "2.11");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header_of(response, k_experimental_header), "True");
}

TEST_F(ManilaViews, AnInstanceGrowsWithTheMicroversions) {
  const std::string path = share_path() + "/instances";
  constexpr std::string_view k_first =
      "id share_id availability_zone created_at host status share_network_id share_server_id ";
  EXPECT_EQ(keys_of(get(path, "2.11", "share_instances")),
            std::string(k_first) + "access_rules_status replica_state");
  EXPECT_EQ(keys_of(get(path, "2.93", "share_instances")),
            std::string(k_first) +
                "access_rules_status replica_state share_type_id "
                "cast_rules_to_readonly progress updated_at");
  EXPECT_EQ(keys_of(get(path, "2.3", "share_instances")),
            std::string(k_first) + "export_location export_locations");
  EXPECT_EQ(get(path, "2.2").status, 404);
}

TEST_F(ManilaViews, TheActiveInstanceComesFirst) {
  service_.run(SetActiveReplica{.replica = replica_});
  const PendingOperation change = service_.share(share_).operations.front();
  service_.run(
      ClaimOperation{.operation = change.id, .node = "n1", .process = 1, .lease_seconds = 300});
  service_.run(ReportActiveReplicaChanged{
      .operation = change.id, .attempt = 1, .epoch = 2, .exports = {"10.0.0.20:/x"}});
  ASSERT_EQ(service_.share(share_).active()->id, replica_);
  const auto first = get(share_path() + "/instances", "2.93", "share_instances");
  EXPECT_EQ(first.at("id").as_string(), to_string(replica_).c_str());
}

TEST_F(ManilaViews, ExportLocationsHaveTheRecordedKeys) {
  const std::string of_replica = replica_path() + "/export-locations";
  members_only();
  EXPECT_EQ(keys_of(get(share_path() + "/export_locations", "2.13", "export_locations")),
            "id path");
  EXPECT_EQ(keys_of(get(share_path() + "/export_locations", "2.47", "export_locations")),
            "id path preferred");
  const auto one = get(of_replica, "2.93", "export_locations");
  EXPECT_EQ(keys_of(one), "id path preferred metadata replica_state availability_zone");
  const std::string id(one.at("id").as_string());
  EXPECT_EQ(keys_of(get(of_replica + "/" + id, "2.93", "export_location")),
            "id path preferred metadata created_at updated_at replica_state availability_zone");
  service_.context.options.anonymous_is_admin = true;
  EXPECT_EQ(keys_of(get(share_path() + "/export_locations", "2.93", "export_locations")),
            "id path preferred metadata share_instance_id is_admin_only");
}

TEST_F(ManilaViews, LocationsOfOtherReplicasHideFrom247On) {
  const auto count = [&](const std::string& version) {
    const Response list = get(share_path() + "/export_locations", version);
    return body_of(list).at("export_locations").as_array().size();
  };
  EXPECT_EQ(count("2.46"), 3U);
  EXPECT_EQ(count("2.47"), 2U);
}

TEST_F(ManilaViews, ALocationKeepsItsId) {
  const std::string path = replica_path() + "/export-locations";
  EXPECT_EQ(get(path, "2.93", "export_locations").at("id"),
            get(path, "2.60", "export_locations").at("id"));
  const auto ids = body_of(get(share_path() + "/export_locations", "2.93"));
  const auto& rows = ids.at("export_locations").as_array();
  EXPECT_NE(rows[0].at("id"), rows[1].at("id"));
  EXPECT_TRUE(rows[0].at("preferred").as_bool());
  EXPECT_FALSE(rows[1].at("preferred").as_bool());
}

TEST_F(ManilaViews, ATypeIsGivenUnderBothNamesInTheRecordedOrder) {
  const auto body = body_of(get("/v2/types/" + to_string(type_), "2.93"));
  EXPECT_EQ(keys_of(body), "volume_type share_type");
  EXPECT_EQ(keys_of(body.at("share_type")),
            "id name extra_specs required_extra_specs share_type_access:is_public description "
            "is_default");
  EXPECT_EQ(body.at("share_type").at("required_extra_specs").at("driver_handles_share_servers"),
            "False");
  EXPECT_EQ(keys_of(body_of(get("/v2/types/" + to_string(type_), "2.6")).at("share_type")),
            "id name extra_specs required_extra_specs os-share-type-access:is_public");
}

TEST_F(ManilaViews, PoolsHaveTheKeysThatSchedulersStatisticsHave) {
  const auto pool = get("/v2/scheduler-stats/pools/detail", "2.93", "pools");
  EXPECT_EQ(keys_of(pool), "name host backend pool capabilities");
  EXPECT_EQ(pool.at("name").as_string(), "n1@alpha#p0");
  EXPECT_EQ(pool.at("host").as_string(), "n1");
  EXPECT_EQ(pool.at("backend").as_string(), "alpha");
  const auto& capabilities = pool.at("capabilities").as_object();
  EXPECT_TRUE(keys_of(capabilities)
                  .starts_with("pool_name total_capacity_gb free_capacity_gb reserved_percentage"));
  EXPECT_EQ(capabilities.at("total_capacity_gb").as_double(), 1230.0);
  EXPECT_EQ(capabilities.at("replication_domain").as_string(), "D");
  EXPECT_EQ(capabilities.at("compression"), true);
  EXPECT_EQ(keys_of(get("/v2/scheduler-stats/pools", "2.93", "pools")), "name host backend pool");
}

TEST_F(ManilaViews, ServicesNameOneBackEndEach) {
  EXPECT_EQ(keys_of(get("/v2/services", "2.93", "services")),
            "id binary host zone status state updated_at disabled_reason ensuring");
  EXPECT_EQ(keys_of(get("/v2/os-services", "2.6", "services")),
            "id binary host zone status state updated_at");
  EXPECT_EQ(get("/v2/services", "2.93", "services").at("host").as_string(), "pasig@alpha");
}

TEST_F(ManilaViews, QuotasComeInManilasOrderAndGrow) {
  const auto quotas = get("/v2/quota-sets/aa", "2.53", "quota_set");
  EXPECT_EQ(keys_of(quotas),
            "shares gigabytes snapshots snapshot_gigabytes id share_networks share_groups "
            "share_group_snapshots share_replicas replica_gigabytes");
  EXPECT_EQ(quotas.at("share_replicas").to_number<int>(), 100);
  EXPECT_EQ(keys_of(get("/v2/quota-sets/aa", "2.93", "quota_set")),
            "shares gigabytes snapshots snapshot_gigabytes id share_networks share_groups "
            "share_group_snapshots share_replicas replica_gigabytes per_share_gigabytes backups "
            "backup_gigabytes encryption_keys");
  const auto usage = get("/v2/quota-sets/aa/detail", "2.93", "quota_set");
  EXPECT_EQ(usage.at("share_replicas").at("in_use").to_number<int>(), 2);
  EXPECT_EQ(usage.at("shares").at("limit").to_number<int>(), 50);
}

TEST_F(ManilaViews, LimitsSayWhatIsUsedAndGrow) {
  const auto limits = get("/v2/limits", "2.52", "limits");
  EXPECT_EQ(keys_of(limits), "rate absolute");
  EXPECT_EQ(keys_of(limits.at("absolute")),
            "maxTotalShares maxTotalShareGigabytes maxTotalShareSnapshots "
            "maxTotalSnapshotGigabytes maxTotalShareNetworks totalSharesUsed "
            "totalShareGigabytesUsed totalShareSnapshotsUsed totalSnapshotGigabytesUsed "
            "totalShareNetworksUsed");
  EXPECT_EQ(limits.at("absolute").at("totalSharesUsed").to_number<int>(), 1);
  const auto count = [&](const std::string& version) {
    return get("/v2/limits", version, "limits").at("absolute").as_object().size();
  };
  EXPECT_EQ(count("2.53"), 14U);
  EXPECT_EQ(count("2.58"), 18U);
  EXPECT_EQ(count("2.93"), 22U);
}

TEST_F(ManilaViews, QuotasOfATypeLackGroupsAndNetworks) {
  EXPECT_EQ(keys_of(get("/v2/quota-sets/aa?share_type=gold", "2.53", "quota_set")),
            "shares gigabytes snapshots snapshot_gigabytes id share_replicas replica_gigabytes");
}

TEST_F(ManilaViews, VersionsAreListedWithoutNegotiation) {
  const Response root = get("/", "9.9");
  EXPECT_EQ(root.status, 300);
  EXPECT_EQ(header_of(root, k_microversion_header), "(none)");
  const auto version = body_of(root).at("versions").as_array().at(0);
  EXPECT_EQ(keys_of(version), "id status version min_version updated links media-types");
  EXPECT_EQ(version.at("version").as_string(), "2.93");
  EXPECT_EQ(version.at("min_version").as_string(), "2.0");
  EXPECT_EQ(version.at("links").as_array().at(1).at("href").as_string(),
            "http://localhost:8786/v2/");
  EXPECT_EQ(get("/v2/", "2.93").status, 200);
  const Response moved = get("/v2", "2.93");
  EXPECT_EQ(moved.status, 302);
  EXPECT_EQ(header_of(moved, "Location"), "http://localhost:8786/v2/");
}

}  // namespace
}  // namespace pasig::http
