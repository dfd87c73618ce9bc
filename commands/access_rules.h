// What the decisions about access rules share: the forms that they may have, when they may be
// changed, and the one operation that makes them hold. Pure.
#pragma once

#include <string>
#include <string_view>

#include "commands/operations.h"

namespace pasig {

// Whom a rule lets in, as Manila checks it: user, ip, cert and cephx with their forms.
[[nodiscard]] Allowed access_form_fits(std::string_view type, const std::string& to);
// Networks are compared as such: 10.0.0.1 and 10.0.0.1/32 are one.
[[nodiscard]] bool is_same_access(const ShareAccessRule& rule, std::string_view type,
                                  const std::string& to);
[[nodiscard]] Allowed access_metadata_fits(const std::vector<KeyValue>& metadata);

struct RuleOfShare {
  const Share* share = nullptr;
  const ShareAccessRule* rule = nullptr;
};
[[nodiscard]] Found<RuleOfShare> find_rule(ReadView& view, const Actor& actor, AccessRuleId id);

// Every replica is somewhere, none of them is being made or removed, and nothing large is done
// with the share. A change of the active replica is no hindrance.
[[nodiscard]] Allowed access_can_change(const Share& share);

// One operation update_access on the active replica's controller; nothing when one waits that
// nobody has claimed: it is called with the rules as they are then.
[[nodiscard]] Events update_access(ReadView& view, const Surroundings& now, const Share& share,
                                   std::uint32_t n);

// Whether storage of this replica (of any, when it is nil) is still to be told of a rule.
[[nodiscard]] bool has_queued_rules(const Share& share, ReplicaId replica = {});

// Whether the log does not say already that its rules could not be applied for this reason.
[[nodiscard]] bool is_news_of_access(const Replica& replica, const Failure& failure);

// Rules that were taken away and that only this replica still had: they are gone with it.
[[nodiscard]] Events rules_gone_with(const Share& share, ReplicaId replica);

}  // namespace pasig
