// A share whose type allows all that is done with snapshots, and a test that plays its storage.
#pragma once

#include <string>

#include "tests/http/manila_api.h"

namespace pasig::http {

inline constexpr const char* k_nowhere = "49d707b9-b11d-4d0d-9443-fe3fb4307009";

class ManilaSnapshots : public ManilaApi {
 protected:
  ManilaSnapshots() : share_(service_.make_share(make_type("gold"), "docs")) {}

  ShareId share_;

  ShareTypeId make_type(const std::string& name) {
    return std::get<ShareTypeCreated>(
               service_
                   .run(CreateShareType{
                       .name = name,
                       .extra_specs = {{"driver_handles_share_servers", "False"},
                                       {"replication_type", "readable"},
                                       {"snapshot_support", "True"},
                                       {"create_share_from_snapshot_support", "True"},
                                       {"revert_to_snapshot_support", "True"}}})
                   .events.front())
        .type;
  }
  static std::string wish(const std::string& share, const std::string& more = {}) {
    return R"({"snapshot":{"share_id":")" + share + R"(","force":false)" + more + "}}";
  }
  Response ask_for(const std::string& name, const std::string& version = "2.93") {
    return send(
        {.method = "POST",
         .target = "/v2/snapshots",
         .version = version,
         .body = wish(to_string(share_), R"(,"name":")" + name + R"(","description":"of docs")")});
  }
  OperationId claim() {
    const OperationId id = service_.share(share_).operations.front().id;
    service_.run(ClaimOperation{.operation = id, .node = "n", .process = 1, .lease_seconds = 60});
    return id;
  }
  void taken(const std::string& error = {}) {
    ReportSnapshotTaken report{
        .operation = claim(), .attempt = 1, .digest = "ab", .taken_at = service_.clock.now()};
    if (!error.empty()) report.failure = Failure{.words = error};
    service_.run(std::move(report));
    service_.clock.advance_seconds(1);
  }
  std::string make(const std::string& name) {
    const Response made = ask_for(name);
    EXPECT_EQ(made.status, 202) << made.body;
    taken();
    return std::string(body_of(made).at("snapshot").at("id").as_string());
  }
  // The storage of all replicas deletes the first snapshot.
  void deleted() {
    ReportSnapshotDeleted report{.operation = claim(), .attempt = 1};
    const Share share = service_.share(share_);
    for (const SnapshotCopy& one : share.snapshots.front().copies)
      report.outcomes.push_back({.replica = one.replica, .done = true});
    service_.run(std::move(report));
  }
  static std::string at(const std::string& id) { return "/v2/snapshots/" + id; }
  using ManilaApi::at;
  Response act(const std::string& at, const std::string& body,
               const std::string& version = "2.93") {
    return send({.method = "POST", .target = at + "/action", .version = version, .body = body});
  }
  std::string status(const std::string& id) {
    return std::string(body_of(get(at(id))).at("snapshot").at("status").as_string());
  }
};

}  // namespace pasig::http
