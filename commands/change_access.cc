// Taking a rule away, changing its level, changing its metadata. A rule that is to go is there
// until no replica has it any more; the same level once more tries again where it does not hold.
#include <algorithm>

#include "commands/access_rules.h"

namespace pasig {
namespace {

Allowed may_become(const RuleOfShare& place, AccessInput input, const std::string& to_do) {
  for (const AppliedRule& one : place.rule->replicas)
    if (!next(one.state, input))
      return refuse(Guard::share_is_busy,
                    "access rule " + to_string(place.rule->id) + " of share " +
                        to_string(place.share->id) + " cannot " + to_do + ": on replica " +
                        to_string(one.replica) + " it is " + std::string(word(one.state)) +
                        ". Wait for that: pasig access show " + to_string(place.share->id) + " " +
                        to_string(place.rule->id),
                    stream_of(place.share->id));
  return {};
}

bool holds_everywhere(const ShareAccessRule& rule) {
  return std::all_of(rule.replicas.begin(), rule.replicas.end(),
                     [](const AppliedRule& one) { return one.state == AccessState::active; });
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const RevokeAccess& command) {
  PASIG_TRY(const RuleOfShare place, find_rule(view, now.actor, command.rule));
  const auto& [share, rule] = place;
  if (share->id != command.share)
    return refuse(Guard::rule_not_found, "share " + to_string(command.share) +
                                             " has no access rule " + to_string(command.rule) +
                                             ". See which there are: pasig access list " +
                                             to_string(command.share));
  PASIG_CHECK(access_can_change(*share));
  Events events;
  if (!rule->is_removed) {
    PASIG_CHECK(may_become(place, AccessInput::removal_started, "be taken away"));
    events.push_back(AccessRuleRemovalStarted{share->id, rule->id});
  }
  // Asked for again while a replica still has it: it is tried again.
  append(events, update_access(view, now, *share, 0));
  return events;
}

Decision decide(ReadView& view, const Surroundings& now, const ChangeAccessLevel& command) {
  PASIG_TRY(const RuleOfShare place, find_rule(view, now.actor, command.rule));
  const auto& [share, rule] = place;
  PASIG_CHECK(access_can_change(*share));
  PASIG_CHECK(may_become(place, AccessInput::level_changed, "change its level"));
  if (rule->level == command.level && holds_everywhere(*rule)) return Events{};
  Events events = {AccessLevelChanged{share->id, rule->id, command.level}};
  append(events, update_access(view, now, *share, 0));
  return events;
}

Decision decide(ReadView& view, const Surroundings& now, const ChangeAccessMetadata& command) {
  PASIG_CHECK(access_metadata_fits(command.set));
  PASIG_TRY(const RuleOfShare place, find_rule(view, now.actor, command.rule));
  const auto& [share, rule] = place;
  std::vector<KeyValue> metadata = rule->metadata;
  const auto drop = [&](const std::string& key) {
    return std::erase_if(metadata, [&](const KeyValue& one) { return one.key == key; }) > 0;
  };
  for (const std::string& key : command.unset)
    if (!drop(key))
      return refuse(Guard::rule_not_found, "access rule " + to_string(rule->id) + " of share " +
                                               to_string(share->id) + " has no metadata '" + key +
                                               "'");
  for (const KeyValue& one : command.set) {
    drop(one.key);
    metadata.push_back(one);
  }
  std::sort(metadata.begin(), metadata.end(),
            [](const KeyValue& a, const KeyValue& b) { return a.key < b.key; });
  if (metadata == rule->metadata) return Events{};
  return Events{AccessMetadataChanged{share->id, rule->id, std::move(metadata)}};
}

// A replica answers again, or its storage was put right: what it is to be told is told now, and
// what of the rules holds there is heard anew, also of those that were thought to hold or not to.
Decision decide(ReadView& view, const Surroundings& now, const RequestAccessUpdate& command) {
  const Share* share = view.share(command.share);
  if (share == nullptr || share->access_rules.empty()) return Events{};
  // Nobody would do it: the next active replica is told all rules when it becomes so.
  const Replica* active = share->active();
  if (active != nullptr && view.controller(active->controller).is_retired) return Events{};
  return update_access(view, now, *share, 0);
}

}  // namespace pasig
