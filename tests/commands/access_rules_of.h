// A share and its access rules, for the tests of their decisions.
#pragma once

#include <algorithm>

#include "tests/commands/story.h"

namespace pasig {

struct Rules {
  Story story;
  ShareId share;
  ReplicaId second;

  explicit Rules(const std::string& replication = "readable") {
    share = story.make_share(replication);
  }
  void add_replica() { second = story.make_replica(share, "z-b"); }
  [[nodiscard]] GrantAccess user(const std::string& name) const {
    return {.share = share, .type = "user", .to = name};
  }
  AccessRuleId grant(const std::string& name) {
    const Events events = story.take(user(name));
    const auto* added = find<AccessRuleAdded>(events);
    return added == nullptr ? AccessRuleId{} : added->rule;
  }
  AccessRuleId granted(const std::string& name) {
    const AccessRuleId id = grant(name);
    story.finish_first(share);
    return id;
  }
  ReportAccessUpdated report() {
    return std::get<ReportAccessUpdated>(done(story, story.start_first(share)));
  }
  // As it would be, but the second replica was not reached.
  ReportAccessUpdated half_a_report(FailureCode code = FailureCode::unreachable) {
    ReportAccessUpdated half = report();
    half.replicas.at(1).failure = Failure{.code = code, .words = "it is away"};
    half.replicas.at(1).rules.clear();
    return half;
  }
  [[nodiscard]] const ShareAccessRule* rule(AccessRuleId id) const {
    return story.share(share).find(id);
  }
  [[nodiscard]] std::string state_on(AccessRuleId id, ReplicaId replica) const {
    const ShareAccessRule* found = rule(id);
    const AppliedRule* held = found == nullptr ? nullptr : found->find(replica);
    return held == nullptr ? "none" : std::string(word(held->state));
  }
  [[nodiscard]] ReplicaId first() const { return story.share(share).replicas.at(0).id; }
};

}  // namespace pasig
