#include "commands/command.h"

#include <gtest/gtest.h>

#include <set>

#include "commands/decision.h"
#include "commands/read_view.h"
#include "statemachine/world_reader.h"

namespace pasig {
namespace {

constexpr auto k_within = wire::ExpectationKind::counter_within;
constexpr auto k_beyond = wire::ExpectationKind::counter_beyond;

template <std::size_t... I>
std::vector<Command> one_of_each(std::index_sequence<I...>) {
  return {Command(std::variant_alternative_t<I, Wish>{})...};
}
std::vector<Command> one_of_each() {
  return one_of_each(std::make_index_sequence<std::variant_size_v<Wish>>());
}

TEST(NameOf, IsTheCommandsOwn) {
  EXPECT_EQ(name_of(Command(CreateShareType{})), "CreateShareType");
  EXPECT_EQ(name_of(Command(ReportOperationCancelled{})), "ReportOperationCancelled");
  EXPECT_EQ(name_of(Command(ReportSync{})), "ReportSync");
  EXPECT_EQ(name_of(Command(ExpireConfirmation{})), "ExpireConfirmation");
  std::set<std::string_view> names;
  for (const Command& command : one_of_each()) names.insert(name_of(command));
  EXPECT_EQ(names.size(), std::variant_size_v<Wish>);
}

TEST(ContentHash, TellsEveryCommandApart) {
  std::set<Digest> hashes;
  for (const Command& command : one_of_each()) hashes.insert(content_hash(command));
  EXPECT_EQ(hashes.size(), std::variant_size_v<Wish>);
}

TEST(ContentHash, CoversEveryFieldOfACommand) {
  const CreateShare plain{.name = "a", .protocol = "NFS", .size_gb = 1};
  std::vector<CreateShare> others(8, plain);
  others[0].name = "b";
  others[1].description = "b";
  others[2].protocol = "CIFS";
  others[3].size_gb = 2;
  others[4].type = ShareTypeId{{1, 1}};
  others[5].zone = "z";
  others[6].metadata = {{"k", "v"}};
  others[7].only_host = "h";
  std::set<Digest> hashes = {content_hash(plain)};
  for (const CreateShare& other : others) hashes.insert(content_hash(other));
  EXPECT_EQ(hashes.size(), others.size() + 1);
  EXPECT_EQ(content_hash(plain), content_hash(CreateShare(plain)));
}

TEST(ContentHash, IsTheSameForEver) {
  const AddReplica command{.share = ShareId{{1, 2}}, .zone = "z-a", .only_host = "h"};
  EXPECT_EQ(content_hash(command).hex(),
            "345762196344bebf9cd53f6c1a70fb5da681ace0b0c9979ee8e8f272dc34b1ff");
}

TEST(Guard, HasAWordOfItsOwn) {
  std::set<std::string_view> words;
  const int last = static_cast<int>(Guard::report_does_not_fit);
  for (int i = 0; i <= last; ++i) words.insert(word(static_cast<Guard>(i)));
  EXPECT_EQ(words.size(), static_cast<std::size_t>(last) + 1);
  EXPECT_FALSE(words.contains("unknown"));
}

TEST(Guard, IsFoundByItsWord) {
  for (int i = 0; i <= static_cast<int>(Guard::report_does_not_fit); ++i)
    EXPECT_EQ(parse_guard(word(static_cast<Guard>(i))), static_cast<Guard>(i));
  EXPECT_EQ(parse_guard("of a later build"), Guard::invalid_input);
}

TEST(Guard, IsRecordedWhenItIsAboutAnObject) {
  EXPECT_TRUE(is_recorded(Guard::last_active_replica));
  EXPECT_TRUE(is_recorded(Guard::over_quota));
  EXPECT_FALSE(is_recorded(Guard::share_not_found));
  EXPECT_FALSE(is_recorded(Guard::no_valid_host));
  EXPECT_FALSE(is_recorded(Guard::not_first_in_line));
}

struct View : ::testing::Test {
  FoldedWorld folded;
  View() { folded.counters["used"] = 5; }
};

TEST_F(View, NotesWhatItWasAskedForEvenWhenItIsNotThere) {
  const WorldReader reader = folded.reader();
  ReadView view(reader);
  EXPECT_EQ(view.share(ShareId{{1, 1}}), nullptr);
  EXPECT_EQ(view.share(ShareId{{1, 1}}), nullptr);
  ASSERT_EQ(view.expectations().size(), 1U);
  EXPECT_EQ(view.expectations()[0].subject, stream_of(ShareId{{1, 1}}));
  EXPECT_EQ(view.expectations()[0].version, 0U);
}

TEST_F(View, MovesACounterWithinItsLimit) {
  const WorldReader reader = folded.reader();
  ReadView view(reader);
  EXPECT_TRUE(view.move("used", 3, 8));
  EXPECT_EQ(view.moves(), (std::vector<CounterMove>{{"used", 3}}));
  EXPECT_EQ(view.expectations()[0].kind, k_within);
}

TEST_F(View, ExpectsTheNegationOfALimitThatItRefusedBy) {
  const WorldReader reader = folded.reader();
  ReadView view(reader);
  EXPECT_FALSE(view.move("used", 4, 8));
  EXPECT_TRUE(view.moves().empty());
  ASSERT_EQ(view.expectations().size(), 1U);
  EXPECT_EQ(view.expectations()[0].kind, k_beyond);
  EXPECT_EQ(view.expectations()[0].delta, 4);
  EXPECT_EQ(view.expectations()[0].limit, 8);
}

TEST_F(View, NeverRefusesToGiveBack) {
  const WorldReader reader = folded.reader();
  ReadView view(reader);
  EXPECT_TRUE(view.move("used", -1, 0));
  EXPECT_TRUE(view.expectations().empty());
}

TEST_F(View, RefusesWhatWouldOverflow) {
  const WorldReader reader = folded.reader();
  ReadView view(reader);
  const auto most = std::numeric_limits<std::int64_t>::max();
  EXPECT_FALSE(view.move("used", most, most));
}

TEST_F(View, ComparesACounterWithoutMovingIt) {
  const WorldReader reader = folded.reader();
  ReadView view(reader);
  EXPECT_FALSE(view.within("used", 4));
  EXPECT_TRUE(view.within("used", 5));
  EXPECT_TRUE(view.moves().empty());
}

TEST_F(View, MovesEachCounterOnce) {
  const WorldReader reader = folded.reader();
  ReadView view(reader);
  EXPECT_TRUE(view.move("used", 1, std::nullopt));
  EXPECT_DEATH(static_cast<void>(view.move("used", 1, std::nullopt)), "twice");
}

}  // namespace
}  // namespace pasig
