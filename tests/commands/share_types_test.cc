#include "tests/commands/story.h"

namespace pasig {
namespace {

CreateShareType with(std::vector<KeyValue> specs) {
  specs.push_back({"driver_handles_share_servers", "false"});
  return {.name = "gold", .extra_specs = std::move(specs)};
}

std::string refused(std::vector<KeyValue> specs) { return Story().refused(with(std::move(specs))); }

TEST(CreateShareType, KeepsWhatWasAskedForSortedByKey) {
  Story story;
  const Events events = story.take(with({{"replication_type", "dr"}, {"pasig:rpo_seconds", "90"}}));
  const auto* created = find<ShareTypeCreated>(events);
  ASSERT_NE(created, nullptr);
  EXPECT_EQ(created->replication, ReplicationType::dr);
  EXPECT_EQ(created->rpo_seconds, 90U);
  EXPECT_EQ(created->sync_interval_seconds, 45U);
  EXPECT_EQ(created->extra_specs.front().key, "driver_handles_share_servers");
}

TEST(CreateShareType, TakesTheServicesTimesWhenItNamesNone) {
  Story story;
  const Events events = story.take(with({{"replication_type", "readable"}}));
  EXPECT_EQ(find<ShareTypeCreated>(events)->rpo_seconds, 600U);
  EXPECT_EQ(find<ShareTypeCreated>(events)->sync_interval_seconds, 60U);
}

TEST(CreateShareType, StoresZonesWithoutBlanks) {
  Story story;
  const Events events = story.take(with({{"availability_zones", "z-a, z-b"}}));
  EXPECT_EQ(find<ShareTypeCreated>(events)->extra_specs.front().value, "z-a,z-b");
}

TEST(CreateShareType, NeedsAnAdmin) {
  Story story;
  story.as_member();
  EXPECT_EQ(story.refused(with({})), "needs_admin");
}

TEST(CreateShareType, NeedsAName) {
  CreateShareType command = with({});
  command.name.clear();
  EXPECT_EQ(Story().refused(command), "invalid_input");
  command.name.assign(256, 'x');
  EXPECT_EQ(Story().refused(command), "invalid_input");
}

TEST(CreateShareType, CountsCharactersNotBytes) {
  CreateShareType command = with({});
  command.name.clear();
  for (int i = 0; i < 255; ++i) command.name += "ä";
  EXPECT_EQ(Story().refused(command), "accepted");
}

TEST(CreateShareType, NeedsToSayThatNoServersAreMade) {
  EXPECT_EQ(Story().refused(CreateShareType{.name = "gold"}), "invalid_input");
  for (const std::string value : {"true", "perhaps"})
    EXPECT_EQ(Story().refused(CreateShareType{
                  .name = "gold", .extra_specs = {{"driver_handles_share_servers", value}}}),
              "invalid_input");
}

TEST(CreateShareType, RefusesAnUnknownReplicationType) {
  EXPECT_EQ(refused({{"replication_type", "mirror"}}), "invalid_input");
  EXPECT_EQ(refused({{"replication_type", "none"}}), "invalid_input");
}

TEST(CreateShareType, RefusesTimesThatAreNoSeconds) {
  for (const std::string value : {"0", "-1", "1.5", "soon", ""})
    EXPECT_EQ(refused({{"replication_type", "dr"}, {"pasig:rpo_seconds", value}}), "invalid_input");
}

TEST(CreateShareType, RefusesASyncThatIsRarerThanItsPromise) {
  EXPECT_EQ(refused({{"replication_type", "dr"},
                     {"pasig:rpo_seconds", "10"},
                     {"pasig:sync_interval_seconds", "11"}}),
            "invalid_input");
}

TEST(CreateShareType, RefusesTimesOfReplicasWithoutReplication) {
  EXPECT_EQ(refused({{"pasig:rpo_seconds", "10"}}), "invalid_input");
}

TEST(CreateShareType, NamesTheKnownSpecsWhenItMeetsAnUnknownOne) {
  const std::string message = Story().refusal(with({{"pasig:rpo", "10"}}));
  EXPECT_NE(message.find("pasig:rpo_seconds, pasig:sync_interval_seconds"), std::string::npos);
}

TEST(CreateShareType, RefusesASpecThatIsGivenTwice) {
  EXPECT_EQ(refused({{"disk", "ssd"}, {"disk", "hdd"}}), "invalid_input");
}

TEST(CreateShareType, RefusesANameThatIsTaken) {
  Story story;
  story.take(with({}));
  story.now.command_id = "another";
  EXPECT_EQ(story.refused(with({})), "type_name_taken");
}

TEST(DeleteShareType, FreesItsName) {
  Story story;
  const ShareTypeId type = find<ShareTypeCreated>(story.take(with({})))->type;
  story.take(DeleteShareType{type});
  EXPECT_TRUE(story.folded.world.types.empty());
  story.take(with({}));
}

TEST(DeleteShareType, IsRefusedWhileSharesHaveIt) {
  Story story;
  const ShareTypeId type = story.make_type("dr");
  const ShareId share = story.request_share(type);
  EXPECT_EQ(story.refused(DeleteShareType{type}), "type_in_use");
  story.finish_first(share);
  story.take(DeleteShare{share});
  story.finish_first(share);
  EXPECT_EQ(story.refused(DeleteShareType{type}), "accepted");
}

TEST(DeleteShareType, NeedsAnAdmin) {
  Story story;
  const ShareTypeId type = story.make_type("dr");
  story.as_member();
  EXPECT_EQ(story.refused(DeleteShareType{type}), "needs_admin");
}

TEST(DeleteShareType, DoesNotFindWhatIsNotThere) {
  EXPECT_EQ(Story().refused(DeleteShareType{}), "type_not_found");
}

}  // namespace
}  // namespace pasig
