// A driver that has only what every driver must have: asked for more, it refuses clearly.
#include "tests/drivers/lacking.h"

#include <gtest/gtest.h>

namespace pasig::drivers {
namespace {

class BareDriver final : public Driver {
 public:
  Answer<Created> create_share(const ShareRef&, ReplicaId, const CallContext&) override {
    return Created{};
  }
  Answer<Removed> delete_share(const ShareRef&, bool, const CallContext&) override {
    return Removed{};
  }
  Answer<Added> add_replica(const ShareRef&, ReplicaId, const CallContext&) override {
    return Added{};
  }
  Answer<Removed> remove_replica(const ShareRef&, ReplicaId, bool, const CallContext&) override {
    return Removed{};
  }
  Answer<ActiveChange> set_active_replica(const ShareRef&, const ActiveChangeRequest&,
                                          const CallContext&) override {
    return ActiveChange{};
  }
  Answer<Health> update_replica_status(const ShareRef&, ReplicaId, const CallContext&) override {
    return Health{};
  }
  Answer<Copy> sync_replica(const ShareRef&, ReplicaId, const CallContext&) override {
    return Copy{};
  }
  Answer<Inspection> inspect(const ShareRef&, ReplicaId, const CallContext&) override {
    return Inspection{};
  }
  Answer<std::vector<PoolStats>> stats(const std::string&) override {
    return std::vector<PoolStats>{};
  }
};

TEST(BareDriver, LacksAllThatADriverMayLack) {
  BareDriver driver;
  EXPECT_EQ(lacking(driver),
            (std::set<std::string>{"create_share_from_snapshot", "create_snapshot", "delete_aside",
                                   "delete_snapshot", "extend", "manage", "manage_snapshot",
                                   "restore_aside", "revert", "scrub_replica", "shrink", "unmanage",
                                   "unmanage_snapshot", "update_access"}));
}

TEST(BareDriver, RefusalNamesTheCallAndWhatToDo) {
  BareDriver driver;
  const auto refused = driver.create_snapshot({}, {}, {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().words.find("create_snapshot"), std::string::npos);
  EXPECT_FALSE(refused.error().hint.empty());
}

}  // namespace
}  // namespace pasig::drivers
