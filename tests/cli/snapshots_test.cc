// pasig snapshot …, share revert and share create --snapshot, against a real service; the test
// plays the storage.
#include <boost/json/parse.hpp>
#include <thread>

#include "tests/cli/live_service.h"

namespace pasig::cli {
namespace {

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

class SnapshotProgram : public ::testing::Test {
 protected:
  SnapshotProgram() {
    run({"type", "create", "gold", "--replication", "readable"});
    run({"share", "create", "docs", "--type", "gold", "--zone", "zone-a", "--size", "4"});
    service_.finish_create("docs");
  }

  LiveService service_;

  LiveService::Ran pasig(std::vector<std::string> arguments) {
    return service_.pasig(std::move(arguments));
  }
  // It has to succeed; what it printed.
  std::string run(std::vector<std::string> arguments) {
    const auto ran = pasig(std::move(arguments));
    EXPECT_EQ(ran.exit, Exit::done) << ran.err;
    return ran.out;
  }
  Json json(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"-o", "json"});
    return parse_json(run(std::move(arguments))).value_or(Json());
  }
  void taken(const std::string& error = {}) {
    ReportSnapshotTaken report{.operation = service_.claim("docs"),
                               .attempt = 1,
                               .digest = "abcd",
                               .files = 3,
                               .bytes = 4096,
                               .taken_at = SystemClock().now()};
    if (!error.empty()) report.failure = Failure{.controller = "alpha", .words = error};
    service_.work(std::move(report));
  }
  void make(const std::string& name) {
    run({"snapshot", "create", "docs", name});
    taken();
  }
  void deleted() {
    ReportSnapshotDeleted report{.operation = service_.claim("docs"), .attempt = 1};
    const Share share = service_.share("docs");
    for (const SnapshotCopy& one : share.snapshots.front().copies)
      report.outcomes.push_back({.replica = one.replica, .done = true});
    service_.work(std::move(report));
  }
  // Runs it while storage works, once somebody waits for that.
  template <class Then>
  LiveService::Ran while_waiting(std::vector<std::string> arguments, Then then) {
    LiveService::Ran ran;
    std::thread waiting([&] { ran = pasig(std::move(arguments)); });
    service_.wait_until_an_operation_was_looked_at();
    then();
    waiting.join();
    return ran;
  }
};

TEST_F(SnapshotProgram, CreatesOneAndWaitsUntilItIsTaken) {
  const auto ran =
      while_waiting({"snapshot", "create", "docs", "nightly", "--metadata", "team=a", "--wait"},
                    [&] { taken(); });
  EXPECT_EQ(ran.exit, Exit::done) << ran.err;
  EXPECT_HAS(ran.out, "available");
  EXPECT_HAS(ran.out, "3 files, 4.0 KiB");
  EXPECT_HAS(ran.out, "abcd");
  EXPECT_HAS(ran.out, "team=a");
}

TEST_F(SnapshotProgram, SaysWhichOperationTakesIt) {
  const auto ran = pasig({"snapshot", "create", "docs", "nightly"});
  EXPECT_EQ(ran.exit, Exit::done) << ran.err;
  EXPECT_HAS(ran.out, "creating");
  EXPECT_HAS(ran.err,
             "pasig operation show " + to_string(service_.share("docs").operations.front().id));
}

TEST_F(SnapshotProgram, FailsWithTheReasonWhenItIsNotTaken) {
  const auto ran = while_waiting({"snapshot", "create", "docs", "nightly", "--wait"},
                                 [&] { taken("the pool is full"); });
  EXPECT_EQ(ran.exit, Exit::failed);
  EXPECT_HAS(ran.err, "failed at alpha: the pool is full");
  EXPECT_HAS(run({"snapshot", "show", "docs@nightly"}), "error");
}

TEST_F(SnapshotProgram, ShowsWhatItIsOnEachReplica) {
  run({"replica", "add", "docs", "--zone", "zone-b"});
  service_.finish_add("docs");
  make("nightly");
  const std::string shown = run({"snapshot", "show", "docs@nightly"});
  EXPECT_HAS(shown, "zone-a  available");
  EXPECT_HAS(shown, "zone-b  creating");
  EXPECT_HAS(run({"snapshot", "list", "docs"}), "1 of 2");
}

TEST_F(SnapshotProgram, ListsThemOfOneShareOrOfAll) {
  EXPECT_HAS(pasig({"snapshot", "list"}).err, "no snapshots");
  make("nightly");
  run({"share", "create", "other", "--type", "gold"});
  EXPECT_EQ(list_at(json({"snapshot", "list"}), "snapshots").size(), 1U);
  EXPECT_EQ(list_at(json({"snapshot", "list", "docs"}), "snapshots").size(), 1U);
  EXPECT_EQ(list_at(json({"snapshot", "list", "other"}), "snapshots").size(), 0U);
}

TEST_F(SnapshotProgram, IsFoundByIdAndByName) {
  make("nightly");
  const std::string id = text_at(json({"snapshot", "show", "docs@nightly"}), "id");
  EXPECT_EQ(text_at(json({"snapshot", "show", id}), "name"), "nightly");
  EXPECT_EQ(text_at(json({"snapshot", "show", "docs@" + id}), "name"), "nightly");
  EXPECT_EQ(pasig({"snapshot", "show", "docs@weekly"}).exit, Exit::not_found);
  EXPECT_EQ(pasig({"snapshot", "show", "none@nightly"}).exit, Exit::not_found);
  EXPECT_EQ(pasig({"snapshot", "show", "nightly"}).exit, Exit::not_found);
}

TEST_F(SnapshotProgram, OfTheSameNameAreTwo) {
  make("nightly");
  make("nightly");
  const auto ran = pasig({"snapshot", "show", "docs@nightly"});
  EXPECT_EQ(ran.exit, Exit::refused);
  const Share share = service_.share("docs");
  for (const Snapshot& one : share.snapshots) EXPECT_HAS(ran.err, to_string(one.id));
}

TEST_F(SnapshotProgram, IsDeletedFromEveryReplica) {
  make("nightly");
  const auto ran =
      while_waiting({"snapshot", "delete", "docs@nightly", "--wait"}, [&] { deleted(); });
  EXPECT_EQ(ran.exit, Exit::done) << ran.err;
  EXPECT_HAS(ran.out, "snapshot docs@nightly is deleted");
  EXPECT_EQ(pasig({"snapshot", "show", "docs@nightly"}).exit, Exit::not_found);
}

TEST_F(SnapshotProgram, IsResetByHand) {
  make("nightly");
  run({"snapshot", "reset-status", "docs@nightly", "error", "--reason", "the disk was loud"});
  EXPECT_HAS(run({"snapshot", "show", "docs@nightly"}), "error");
  EXPECT_HAS(run({"history", "docs"}), "the disk was loud");
  EXPECT_EQ(pasig({"snapshot", "reset-status", "docs@nightly", "odd"}).exit, Exit::usage);
  EXPECT_HAS(run({"snapshot", "reset-status", "docs@nightly", "available"}), "available");
}

TEST_F(SnapshotProgram, KeepsItsShareFromBeingDeleted) {
  make("nightly");
  const auto ran = pasig({"share", "delete", "docs"});
  EXPECT_EQ(ran.exit, Exit::refused);
  EXPECT_HAS(ran.err, "[share_has_snapshots]");
  EXPECT_HAS(ran.err, "pasig snapshot list");
}

TEST_F(SnapshotProgram, TakesAShareBackToTheNewest) {
  make("older");
  make("newest");
  const auto refused = pasig({"share", "revert", "docs", "older"});
  EXPECT_EQ(refused.exit, Exit::refused);
  EXPECT_HAS(refused.err, "[snapshot_not_newest]");
  EXPECT_EQ(pasig({"share", "revert", "docs", "weekly"}).exit, Exit::not_found);
  const auto ran = while_waiting({"share", "revert", "docs", "newest", "--wait"}, [&] {
    service_.work(
        ReportShareReverted{.operation = service_.claim("docs"), .attempt = 1, .generation = 7});
  });
  EXPECT_EQ(ran.exit, Exit::done) << ran.err;
  EXPECT_HAS(ran.out, "available");
}

TEST_F(SnapshotProgram, MakesAShareOfIt) {
  make("nightly");
  run({"share", "create", "copy", "--snapshot", "docs@nightly"});
  EXPECT_HAS(run({"share", "show", "copy"}), "creating");
  service_.finish_create("copy");
  EXPECT_EQ(service_.share("copy").size_gb, 4U);
  EXPECT_EQ(service_.share("copy").type_name, "gold");
  EXPECT_EQ(pasig({"share", "create", "small", "--snapshot", "docs@nightly", "--size", "1"}).exit,
            Exit::usage);
  const auto without = pasig({"share", "create", "none"});
  EXPECT_EQ(without.exit, Exit::usage);
  EXPECT_HAS(without.err, "--type is missing");
}

TEST_F(SnapshotProgram, IsMadeOfAnExistingDirectoryAndGivenBack) {
  EXPECT_HAS(run({"snapshot", "manage", "docs", "/srv/monday", "--name", "monday"}),
             "is being made of /srv/monday");
  taken();
  const Json shown = json({"snapshot", "show", "docs@monday"});
  EXPECT_EQ(text_at(shown, "status"), "available");
  EXPECT_EQ(text_at(shown, "managed_path"), "/srv/monday");
  EXPECT_HAS(run({"snapshot", "show", "docs@monday"}), "/srv/monday");
  EXPECT_EQ(pasig({"snapshot", "manage", "docs", "/srv/monday", "--name", "again"}).exit,
            Exit::refused);
  const auto ran = while_waiting({"snapshot", "unmanage", "docs@monday", "--wait"}, [&] {
    service_.work(ReportSnapshotUnmanaged{
        .operation = service_.claim("docs"), .attempt = 1, .path = "/srv/monday"});
  });
  EXPECT_EQ(ran.exit, Exit::done) << ran.err;
  EXPECT_HAS(ran.out, "is unmanaged; its directory stays");
  EXPECT_EQ(pasig({"snapshot", "show", "docs@monday"}).exit, Exit::not_found);
}

}  // namespace
}  // namespace pasig::cli
