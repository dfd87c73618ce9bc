// A rule that lets somebody in. It holds where storage says so; until then it is queued on every
// replica, and one operation brings it to all that can be reached.
#include "commands/access_rules.h"

namespace pasig {
namespace {

// A record tells of every rule on a replica, so there is a bound.
constexpr std::size_t k_rules_max = 1000;

Allowed is_new(const Share& share, const GrantAccess& command) {
  for (const ShareAccessRule& rule : share.access_rules)
    if (is_same_access(rule, command.type, command.to))
      return refuse(
          Guard::rule_exists,
          "Share access " + command.type + ":" + command.to + " exists: it is rule " +
              to_string(rule.id) + " of share " + to_string(share.id) +
              (rule.is_removed ? ", which is being taken away; wait until it is gone"
                               : "; change its level with pasig access set, or remove it first"),
          stream_of(share.id));
  if (share.access_rules.size() < k_rules_max) return {};
  return refuse(Guard::over_quota,
                "share " + to_string(share.id) + " has " + std::to_string(k_rules_max) +
                    " access rules, which is the most; remove one first, or let a group in",
                stream_of(share.id));
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const GrantAccess& command) {
  PASIG_CHECK(access_form_fits(command.type, command.to));
  PASIG_CHECK(access_metadata_fits(command.metadata));
  PASIG_TRY(const Share* share, find_share(view, now.actor, command.share));
  PASIG_CHECK(access_can_change(*share));
  PASIG_CHECK(is_new(*share, command));
  const AccessRuleId id{now.make_id(0)};
  view.expect_new(id);
  Events events = {AccessRuleAdded{.share = share->id,
                                   .rule = id,
                                   .type = command.type,
                                   .to = command.to,
                                   .level = command.level,
                                   .metadata = command.metadata}};
  append(events, update_access(view, now, *share, 1));
  return events;
}

}  // namespace pasig
