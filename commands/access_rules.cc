#include "commands/access_rules.h"

#include <algorithm>

#include "commands/network.h"
#include "statemachine/evolve_events.h"

namespace pasig {
namespace {

constexpr std::size_t k_user_min = 4;
constexpr std::size_t k_user_max = 255;
constexpr std::size_t k_common_name_max = 64;
constexpr std::size_t k_metadata_key_max = 255;
constexpr std::size_t k_metadata_value_max = 1023;

Allowed user_fits(const std::string& to) {
  const std::size_t characters = length(to);
  const bool is_long_enough = characters >= k_user_min && characters <= k_user_max;
  if (is_long_enough && to.find_first_of("\"/\\[]:;|=,+*?<>") == std::string::npos &&
      to.find_first_not_of(". ") != std::string::npos &&
      std::none_of(to.begin(), to.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }))
    return {};
  return refuse(Guard::invalid_input,
                "Invalid user or group name '" + to +
                    "'. Must be 4-255 characters, without any of \" / \\ [ ] : ; | = , + * ? < > "
                    "and not only dots and blanks");
}

Allowed address_fits(const std::string& to) {
  if (parse_network(to)) return {};
  return refuse(Guard::invalid_input,
                "'" + to +
                    "' is no address or network. Supported ip format examples: 10.0.0.2, "
                    "10.0.0.0/24, 2001:db8::/32");
}

Allowed common_name_fits(const std::string& to) {
  const bool is_blank = to.find_first_not_of(" \t\r\n") == std::string::npos;
  if (!is_blank && length(to) <= k_common_name_max) return {};
  return refuse(Guard::invalid_input,
                "Invalid CN (common name) '" + to + "'. Must be 1-64 chars long");
}

Allowed ceph_id_fits(const std::string& to) {
  const bool is_printable =
      std::all_of(to.begin(), to.end(), [](unsigned char c) { return c >= 0x20 && c < 0x7F; });
  if (!to.empty() && is_printable && to.find('.') == std::string::npos) return {};
  return refuse(Guard::invalid_input,
                "Invalid ceph ID '" + to +
                    "'. Must not be empty, of printable ASCII, and may not contain periods");
}

Refusal invalid_state(const Share& share, Guard guard, const std::string& why) {
  return {guard,
          "New access rules cannot be applied while the share or any of its replicas or migration "
          "copies lacks a valid host or is in an invalid state. " +
              why,
          stream_of(share.id)};
}

bool is_in_transit(ShareTask task) {
  switch (task) {
    case ShareTask::extending:
    case ShareTask::shrinking:
    case ShareTask::reverting:
    case ShareTask::manage_starting:
    case ShareTask::unmanage_starting:
      return true;
    case ShareTask::none:
    case ShareTask::extending_error:
    case ShareTask::shrinking_error:
    case ShareTask::shrinking_possible_data_loss_error:
    case ShareTask::reverting_error:
    case ShareTask::manage_error:
    case ShareTask::unmanage_error:
      return false;
  }
  return false;
}

bool is_queued(AccessState state) {
  return state == AccessState::queued_to_apply || state == AccessState::queued_to_deny;
}

}  // namespace

Allowed access_form_fits(std::string_view type, const std::string& to) {
  if (type == "user") return user_fits(to);
  if (type == "ip") return address_fits(to);
  if (type == "cert") return common_name_fits(to);
  if (type == "cephx") return ceph_id_fits(to);
  return refuse(Guard::invalid_input,
                "Only ip, user, cert or cephx access types are supported, "
                "not '" +
                    std::string(type) + "'");
}

bool is_same_access(const ShareAccessRule& rule, std::string_view type, const std::string& to) {
  if (rule.type != type) return false;
  if (rule.to == to) return true;
  if (type != "ip") return false;
  const auto held = parse_network(rule.to);
  return held && held == parse_network(to);
}

Allowed access_metadata_fits(const std::vector<KeyValue>& metadata) {
  for (const KeyValue& one : metadata) {
    if (one.key.empty()) return refuse(Guard::invalid_input, "a metadata key is empty");
    PASIG_CHECK(text_fits("metadata key '" + one.key + "'", one.key, k_metadata_key_max));
    PASIG_CHECK(text_fits("metadata " + one.key, one.value, k_metadata_value_max));
  }
  return {};
}

Found<RuleOfShare> find_rule(ReadView& view, const Actor& actor, AccessRuleId id) {
  const auto not_found = [&] {
    return refuse(Guard::rule_not_found, "No access rule exists with ID " + to_string(id) +
                                             ". See which there are: pasig access list SHARE");
  };
  const Share* share = view.share_of(id);
  if (share == nullptr) return not_found();
  const auto allowed = find_share(view, actor, share->id);
  if (!allowed && allowed.error().guard == Guard::share_not_found) return not_found();
  if (!allowed) return tl::unexpected(allowed.error());
  const ShareAccessRule* rule = share->find(id);
  if (rule == nullptr) return not_found();
  return RuleOfShare{share, rule};
}

Allowed access_can_change(const Share& share) {
  if (share.active() == nullptr)
    return tl::unexpected(invalid_state(share, Guard::no_active_replica,
                                        "Share " + to_string(share.id) +
                                            " has no active replica: pasig history " +
                                            to_string(share.id)));
  if (is_in_transit(share.task))
    return tl::unexpected(invalid_state(
        share, Guard::share_is_busy,
        "Share " + to_string(share.id) + " is " + std::string(word(share.task)) + ": wait for it"));
  for (const Replica& one : share.replicas) {
    const std::string name = "Replica " + to_string(one.id) + " of share " + to_string(share.id);
    if (one.host.empty())
      return tl::unexpected(invalid_state(
          share, Guard::replica_never_placed,
          name + " was never placed on a pool: pasig replica remove " + to_string(one.id)));
    if (one.status == ReplicaStatus::creating || one.status == ReplicaStatus::deleting)
      return tl::unexpected(
          invalid_state(share, Guard::share_is_busy,
                        name + " is " + std::string(word(one.status)) + ": wait for it"));
  }
  return {};
}

Events update_access(ReadView& view, const Surroundings& now, const Share& share, std::uint32_t n) {
  for (const PendingOperation& one : share.operations) {
    if (one.kind != OperationKind::update_access) continue;
    const Operation* operation = view.operation(one.id);
    if (operation != nullptr && operation->status == OperationStatus::requested) return {};
  }
  const Replica* active = share.active();
  if (active == nullptr) return {};
  return {request(view, now, n,
                  {.kind = OperationKind::update_access,
                   .share = share.id,
                   .replica = active->id,
                   .runs_on = active->controller})};
}

bool has_queued_rules(const Share& share, ReplicaId replica) {
  return std::any_of(
      share.access_rules.begin(), share.access_rules.end(), [&](const ShareAccessRule& rule) {
        return std::any_of(rule.replicas.begin(), rule.replicas.end(), [&](const AppliedRule& one) {
          return is_queued(one.state) && (replica.is_nil() || one.replica == replica);
        });
      });
}

bool is_news_of_access(const Replica& replica, const Failure& failure) {
  return replica.access_words != fold::in_words(failure);
}

Events rules_gone_with(const Share& share, ReplicaId replica) {
  Events events;
  for (const ShareAccessRule& rule : share.access_rules)
    if (rule.is_removed &&
        std::all_of(rule.replicas.begin(), rule.replicas.end(),
                    [&](const AppliedRule& one) { return one.replica == replica; }))
      events.push_back(AccessRuleRemoved{share.id, rule.id});
  return events;
}

}  // namespace pasig
