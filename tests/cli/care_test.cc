// pasig manage, unmanage, replica verify and replica aside against a whole service; the test plays
// the worker.
#include "tests/cli/live_service.h"

namespace pasig::cli {
namespace {

struct Care : ::testing::Test {
  LiveService live;

  Care() {
    EXPECT_EQ(live.pasig({"type", "create", "gold", "--replication", "readable"}).exit, Exit::done);
  }
  LiveService::Ran manage(const std::string& path) {
    return live.pasig({"manage", path, "--host", "n1@alpha#p0", "--type", "gold", "--name", "old"});
  }
  void make_share() {
    EXPECT_EQ(live.pasig({"share", "create", "docs", "--type", "gold"}).exit, Exit::done);
    live.finish_create("docs");
  }
  std::string active() { return to_string(live.share("docs").active()->id); }
  void keep_aside() {
    const Share share = live.share("docs");
    live.work(ReportStatus{.share = share.id,
                           .replica = share.active()->id,
                           .epoch = share.epoch,
                           .aside = {{.replica = share.active()->id,
                                      .controller = "east",
                                      .path = "/srv/aside",
                                      .files = 2,
                                      .bytes = 4096,
                                      .epoch = 1}}});
  }
};

TEST_F(Care, ManageSaysWhereTheShareComesFrom) {
  const auto ran = manage("/srv/old");
  ASSERT_EQ(ran.exit, Exit::done) << ran.err;
  EXPECT_NE(ran.out.find("manage_starting"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find(":/srv/old"), std::string::npos) << ran.out;
}

TEST_F(Care, ManageOfATreeThatIsAShareIsRefused) {
  manage("/srv/old");
  const auto ran = manage("/srv/old");
  EXPECT_EQ(ran.exit, Exit::refused);
  EXPECT_NE(ran.err.find("already managed"), std::string::npos) << ran.err;
}

TEST_F(Care, UnmanageGivesTheShareBack) {
  make_share();
  const auto ran = live.pasig({"unmanage", "docs"});
  ASSERT_EQ(ran.exit, Exit::done) << ran.err;
  const OperationId operation = live.claim("docs");
  live.work(ReportShareUnmanaged{.operation = operation, .attempt = 1, .path = "/srv/old"});
  EXPECT_EQ(live.pasig({"share", "show", "docs"}).exit, Exit::not_found);
}

TEST_F(Care, VerifyIsUnderWayUntilItsScrubReports) {
  make_share();
  auto ran = live.pasig({"replica", "verify", active()});
  ASSERT_EQ(ran.exit, Exit::done) << ran.err;
  EXPECT_NE(ran.out.find("being verified"), std::string::npos) << ran.out;
  const Share share = live.share("docs");
  live.work(ReportScrub{.share = share.id,
                        .replica = share.active()->id,
                        .epoch = share.epoch,
                        .files = 2,
                        .damaged = 1,
                        .examples = {"live: a: it cannot be read"},
                        .began_at = share.active()->verify_requested_at});
  ran = live.pasig({"replica", "show", active()});
  EXPECT_NE(ran.out.find("1 files, not repaired"), std::string::npos) << ran.out;
  EXPECT_EQ(ran.out.find("being verified"), std::string::npos) << ran.out;
}

TEST_F(Care, AsideListTellsWhatIsKept) {
  make_share();
  EXPECT_NE(live.pasig({"replica", "aside", "list", "docs"}).err.find("nothing is kept aside"),
            std::string::npos);
  keep_aside();
  const auto ran = live.pasig({"replica", "aside", "list"});
  EXPECT_NE(ran.out.find("/srv/aside"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("4.0 KiB"), std::string::npos) << ran.out;
}

TEST_F(Care, AsideIsDeletedWithAReasonOnly) {
  make_share();
  keep_aside();
  const std::vector<std::string> line = {"replica", "aside", "delete",
                                         "docs",    "east",  "/srv/aside"};
  auto ran = live.pasig(line);
  EXPECT_NE(ran.exit, Exit::done);
  EXPECT_NE(ran.err.find("--reason"), std::string::npos) << ran.err;
  auto with_reason = line;
  with_reason.insert(with_reason.end(), {"--reason", "compared"});
  ran = live.pasig(with_reason);
  ASSERT_EQ(ran.exit, Exit::done) << ran.err;
  const OperationId operation = live.claim("docs");
  live.work(ReportAsideDeleted{.operation = operation, .attempt = 1});
  EXPECT_TRUE(live.share("docs").aside.empty());
}

TEST_F(Care, AsideThatIsNotThereIsNotFound) {
  make_share();
  EXPECT_EQ(live.pasig({"replica", "aside", "restore-to", "docs", "east", "/srv/none", "/srv/to",
                        "--reason", "why not"})
                .exit,
            Exit::not_found);
}

}  // namespace
}  // namespace pasig::cli
