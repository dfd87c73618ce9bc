// What every driver promises of trees that become shares and snapshots, and of the way back, by
// one typed suite over both.
#include "tests/drivers/contract.h"

namespace pasig::drivers {
namespace {

template <class World>
class DriverAdoption : public DriverContract<World> {
 protected:
  Answer<Managed> manage(const std::string& path) {
    this->share.add("alpha");
    return this->driver().manage(this->share.ref(), this->share.id(0), path,
                                 this->share.next_call());
  }
  Answer<Unmanaged> unmanage() {
    return this->driver().unmanage(this->share.ref(), this->share.id(0), this->share.next_call());
  }
  // A share that was a tree of one file.
  void adopt() {
    const auto managed = manage(this->world.make_tree("alpha", "old"));
    EXPECT_TRUE(managed) << words_of(managed);
    this->share.record_provisioned();
  }
};
TYPED_TEST_SUITE(DriverAdoption, Worlds);

TYPED_TEST(DriverAdoption, TreeIsTheSharesWithItsContent) {
  const auto managed = this->manage(this->world.make_tree("alpha", "old"));
  ASSERT_TRUE(managed) << words_of(managed);
  EXPECT_EQ(managed->exports.size(), 1U);
  EXPECT_GE(managed->used_bytes, 4U);
  this->share.record_provisioned();
  EXPECT_EQ(this->files_on(0), 1U);
  EXPECT_TRUE(this->write(0));
  EXPECT_EQ(this->status(0)->role_on_storage, Role::active);
}

TYPED_TEST(DriverAdoption, AdoptedShareGetsReplicas) {
  this->adopt();
  this->add("beta");
  const auto copy = this->sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(copy->files, 1U);
}

TYPED_TEST(DriverAdoption, AdoptionDeliveredAgainAnswersTheSame) {
  const std::string path = this->world.make_tree("alpha", "old");
  const auto managed = this->manage(path);
  ASSERT_TRUE(managed) << words_of(managed);
  const auto again =
      this->driver().manage(this->share.ref(), this->share.id(0), path, this->share.same_call());
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(again->exports, managed->exports);
  EXPECT_EQ(again->used_bytes, managed->used_bytes);
}

TYPED_TEST(DriverAdoption, PathWithoutATreeIsRefused) {
  const auto refused = this->manage(this->world.new_path("alpha", "nothing"));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().words.find("nothing"), std::string::npos) << words_of(refused);
  EXPECT_FALSE(this->driver()
                   .inspect(this->share.ref(), this->share.id(0), this->share.next_call())
                   ->present);
}

TYPED_TEST(DriverAdoption, TreeGoesBackWholeAndIsAdoptedAgain) {
  this->adopt();
  ASSERT_TRUE(this->write(0));
  const auto given = this->unmanage();
  ASSERT_TRUE(given) << words_of(given);
  EXPECT_EQ(this->world.files_at("alpha", given->path), 2U);
  EXPECT_FALSE(this->driver()
                   .inspect(this->share.ref(), this->share.id(0), this->share.next_call())
                   ->present);
  ShareOnDriver other{Replication::readable};
  other.add("alpha");
  const auto managed =
      this->driver().manage(other.ref(), other.id(0), given->path, other.next_call());
  ASSERT_TRUE(managed) << words_of(managed);
  EXPECT_EQ(this->world.files_on(other.ref().replicas.at(0), other.ref()), 2U);
}

TYPED_TEST(DriverAdoption, ShareThatWasCreatedGoesBackToo) {
  this->create();
  ASSERT_TRUE(this->write(0));
  const auto given = this->unmanage();
  ASSERT_TRUE(given) << words_of(given);
  EXPECT_EQ(this->world.files_at("alpha", given->path), 1U);
}

TYPED_TEST(DriverAdoption, GivingBackDeliveredAgainAnswersTheSame) {
  this->adopt();
  const auto given = this->unmanage();
  ASSERT_TRUE(given) << words_of(given);
  const auto again =
      this->driver().unmanage(this->share.ref(), this->share.id(0), this->share.same_call());
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(again->path, given->path);
}

TYPED_TEST(DriverAdoption, ShareWithOtherReplicasIsNotGivenBack) {
  this->adopt();
  this->add("beta");
  EXPECT_FALSE(this->unmanage());
  EXPECT_TRUE(this->write(0));
}

TYPED_TEST(DriverAdoption, LowerTokenIsRefused) {
  this->adopt();
  const CallContext older = this->share.older_call();
  EXPECT_EQ(problem_of(this->driver().unmanage(this->share.ref(), this->share.id(0), older)),
            Problem::stale_token);
  EXPECT_TRUE(this->write(0));
}

TYPED_TEST(DriverAdoption, CancelledOrExpiredCallsChangeNothing) {
  const std::string path = this->world.make_tree("alpha", "old");
  this->share.add("alpha");
  const ShareRef& ref = this->share.ref();
  EXPECT_EQ(problem_of(this->driver().manage(ref, this->share.id(0), path, this->stopped_call())),
            Problem::cancelled);
  EXPECT_EQ(problem_of(this->driver().manage(ref, this->share.id(0), path, this->late_call())),
            Problem::expired);
  EXPECT_EQ(this->world.files_at("alpha", path), 1U);
}

template <class World>
class DriverSnapshotAdoption : public DriverContract<World> {
 protected:
  Answer<SnapshotTaken> manage(const std::string& path) {
    return this->driver().manage_snapshot(this->share.ref(), id, path, this->share.next_call());
  }
  Answer<Unmanaged> unmanage() {
    return this->driver().unmanage_snapshot(this->share.ref(), id, this->share.next_call());
  }
  const SnapshotId id{random_uuid()};
};
TYPED_TEST_SUITE(DriverSnapshotAdoption, Worlds);

TYPED_TEST(DriverSnapshotAdoption, TreeIsASnapshotOfTheShare) {
  this->create();
  const auto taken = this->manage(this->world.make_tree("alpha", "old"));
  ASSERT_TRUE(taken) << words_of(taken);
  EXPECT_EQ(taken->files, 1U);
  EXPECT_FALSE(taken->digest.empty());
  this->share.record_snapshot(this->id, taken->digest);
  EXPECT_EQ(this->snapshots_on(0), Snapshots{this->id});
}

TYPED_TEST(DriverSnapshotAdoption, AdoptionDeliveredAgainAnswersTheSame) {
  this->create();
  const std::string path = this->world.make_tree("alpha", "old");
  const auto taken = this->manage(path);
  ASSERT_TRUE(taken) << words_of(taken);
  const auto again =
      this->driver().manage_snapshot(this->share.ref(), this->id, path, this->share.same_call());
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(again->digest, taken->digest);
}

TYPED_TEST(DriverSnapshotAdoption, AdoptedSnapshotIsCopiedToANewReplica) {
  this->create();
  const auto taken = this->manage(this->world.make_tree("alpha", "old"));
  ASSERT_TRUE(taken) << words_of(taken);
  this->share.record_snapshot(this->id, taken->digest);
  this->add("beta");
  ASSERT_TRUE(this->sync(1));
  EXPECT_EQ(this->snapshots_on(1), Snapshots{this->id});
}

TYPED_TEST(DriverSnapshotAdoption, SnapshotGoesBackWhole) {
  this->create();
  const auto taken = this->manage(this->world.make_tree("alpha", "old"));
  ASSERT_TRUE(taken) << words_of(taken);
  this->share.record_snapshot(this->id, taken->digest);
  const auto given = this->unmanage();
  ASSERT_TRUE(given) << words_of(given);
  EXPECT_EQ(this->world.files_at("alpha", given->path), 1U);
  EXPECT_EQ(this->snapshots_on(0), Snapshots{});
  const auto again =
      this->driver().unmanage_snapshot(this->share.ref(), this->id, this->share.same_call());
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(again->path, given->path);
}

TYPED_TEST(DriverSnapshotAdoption, PathWithoutATreeIsRefused) {
  this->create();
  EXPECT_FALSE(this->manage(this->world.new_path("alpha", "nothing")));
  EXPECT_EQ(this->snapshots_on(0), Snapshots{});
}

TYPED_TEST(DriverSnapshotAdoption, ShareWithOtherReplicasAdoptsNone) {
  this->create_with_replica();
  const std::string path = this->world.make_tree("alpha", "old");
  EXPECT_FALSE(this->manage(path));
  EXPECT_EQ(this->world.files_at("alpha", path), 1U);
}

TYPED_TEST(DriverSnapshotAdoption, LowerTokenIsRefused) {
  this->create();
  const std::string path = this->world.make_tree("alpha", "old");
  const SnapshotId taken = this->take_snapshot();
  const CallContext older = this->share.older_call();
  EXPECT_EQ(problem_of(this->driver().manage_snapshot(this->share.ref(), this->id, path, older)),
            Problem::stale_token);
  EXPECT_EQ(problem_of(this->driver().unmanage_snapshot(this->share.ref(), taken, older)),
            Problem::stale_token);
  EXPECT_EQ(this->snapshots_on(0), Snapshots{taken});
}

TYPED_TEST(DriverSnapshotAdoption, CancelledCallsChangeNothing) {
  this->create();
  const std::string path = this->world.make_tree("alpha", "old");
  const SnapshotId taken = this->take_snapshot();
  EXPECT_EQ(problem_of(this->driver().manage_snapshot(this->share.ref(), this->id, path,
                                                      this->stopped_call())),
            Problem::cancelled);
  EXPECT_EQ(
      problem_of(this->driver().unmanage_snapshot(this->share.ref(), taken, this->stopped_call())),
      Problem::cancelled);
  EXPECT_EQ(this->world.files_at("alpha", path), 1U);
  EXPECT_EQ(this->snapshots_on(0), Snapshots{taken});
}

}  // namespace
}  // namespace pasig::drivers
