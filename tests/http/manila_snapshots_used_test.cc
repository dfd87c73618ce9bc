// Going back to snapshots, and shares made of them, as Manila's clients ask: codes, versions.
#include "tests/http/manila_snapshots.h"

namespace pasig::http {
namespace {

// ---- revert ------------------------------------------------------------------------------------
TEST_F(ManilaSnapshots, SharesGoBackToTheNewest) {
  const std::string older = make("older");
  const std::string newest = make("newest");
  const auto back = [&](const std::string& id, const std::string& version = "2.93") {
    return act(at(share_), R"({"revert":{"snapshot_id":")" + id + R"("}})", version);
  };
  EXPECT_EQ(back(newest, "2.26").status, 400);  // there is no such action yet
  EXPECT_EQ(back(older).status, 409);
  EXPECT_EQ(back(k_nowhere).status, 400);
  EXPECT_EQ(back("nothing").status, 400);
  EXPECT_EQ(act(at(share_), R"({"revert":{}})").status, 400);
  EXPECT_EQ(act(at(share_), R"({"revert":null})").status, 400);
  EXPECT_EQ(act("/v2/shares/" + std::string(k_nowhere),
                R"({"revert":{"snapshot_id":")" + newest + R"("}})")
                .status,
            404);
  const Response asked = back(newest, "2.27");
  EXPECT_EQ(asked.status, 202) << asked.body;
  EXPECT_EQ(asked.body, "");
  EXPECT_EQ(body_of(get(at(share_))).at("share").at("status"), "reverting");
  EXPECT_EQ(status(newest), "restoring");
  EXPECT_EQ(back(newest).status, 409);
  service_.run(ReportShareReverted{.operation = claim(), .attempt = 1, .generation = 7});
  EXPECT_EQ(body_of(get(at(share_))).at("share").at("status"), "available");
  EXPECT_EQ(status(newest), "available");
}

TEST_F(ManilaSnapshots, SharesWithoutTheSpecDoNotGoBack) {
  const auto plain = service_.make_share(service_.make_type("iron", ""), "plain");
  EXPECT_EQ(
      act(at(plain), R"({"revert":{"snapshot_id":")" + std::string(k_nowhere) + R"("}})").status,
      400);
}

// ---- shares of snapshots -----------------------------------------------------------------------
class OfSnapshot : public ManilaSnapshots {
 protected:
  std::string snapshot_ = make("nightly");

  Response share_of(const std::string& id, const std::string& more = {},
                    const std::string& version = "2.93") {
    return send({.method = "POST",
                 .target = "/v2/shares",
                 .version = version,
                 .body = R"({"share":{"share_proto":"NFS","name":"copy","snapshot_id":")" + id +
                         R"(")" + more + "}}"});
  }
};

TEST_F(OfSnapshot, AShareHasItsTypeAndSize) {
  const Response made = share_of(snapshot_);
  ASSERT_EQ(made.status, 200) << made.body;
  const auto share = body_of(made).at("share").as_object();
  EXPECT_EQ(share.at("snapshot_id"), snapshot_.c_str());
  EXPECT_EQ(share.at("status"), "creating");
  EXPECT_EQ(share.at("size"), 1);
  EXPECT_EQ(share.at("share_type_name"), "gold");
  EXPECT_EQ(body_of(get("/v2/shares?snapshot_id=" + snapshot_)).at("shares").as_array().size(), 1U);
}

TEST_F(OfSnapshot, NullIsNoType) {  // as OpenStack's client writes it
  const Response made = share_of(snapshot_, R"(,"share_type":null)");
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(body_of(made).at("share").at("share_type_name"), "gold");
}

TEST_F(OfSnapshot, AShareMayBeLarger) {
  // As OpenStack's client says it when nothing was given.
  EXPECT_EQ(share_of(snapshot_, R"(,"size":null,"share_type":null)").status, 200);
  const Response made = share_of(snapshot_, R"(,"size":2,"share_type":"gold")");
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(body_of(made).at("share").at("size"), 2);
  EXPECT_EQ(share_of(snapshot_, R"(,"size":0)").status, 200);
}

TEST_F(OfSnapshot, BadOnesHaveManilasCodes) {
  make_type("other");
  EXPECT_EQ(share_of(k_nowhere).status, 404);
  EXPECT_EQ(share_of("nothing").status, 404);
  EXPECT_EQ(share_of(snapshot_, R"(,"share_type":"other")").status, 400);
  EXPECT_EQ(share_of(snapshot_, R"(,"size":-1)").status, 400);
  service_.run(ResetSnapshotStatus{*SnapshotId::parse(snapshot_), SnapshotStatus::error});
  EXPECT_EQ(share_of(snapshot_).status, 400);
  members_only();
  EXPECT_EQ(post("/v2/bb/shares",
                 R"({"share":{"share_proto":"NFS","snapshot_id":")" + snapshot_ + R"("}})")
                .status,
            404);
}

TEST_F(OfSnapshot, AShareThatIsTooSmallIs400) {
  service_.run(ExtendShare{share_, 3});
  service_.run(ReportShareResized{.operation = claim(), .attempt = 1});
  const std::string larger = make("larger");
  EXPECT_EQ(share_of(larger, R"(,"size":2)").status, 400);
}

TEST_F(OfSnapshot, QuotasCountThem) {
  const auto usage = [&] { return body_of(get("/v2/quota-sets/aa/detail")).at("quota_set"); };
  EXPECT_EQ(usage().at("snapshots").at("in_use"), 1);
  EXPECT_EQ(usage().at("snapshot_gigabytes").at("in_use"), 1);
  remove(at(snapshot_));
  deleted();
  EXPECT_EQ(usage().at("snapshots").at("in_use"), 0);
}

}  // namespace
}  // namespace pasig::http
