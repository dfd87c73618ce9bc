#include "http/access_status.h"

#include <algorithm>

namespace pasig::http {

std::string_view sum_word(AccessSum sum) {
  switch (sum) {
    case AccessSum::active:
      return "active";
    case AccessSum::syncing:
      return "syncing";
    case AccessSum::error:
      return "error";
  }
  return "error";
}

AccessSum access_sum(const Share& share, const Replica& replica) {
  AccessSum sum = AccessSum::active;
  for (const ShareAccessRule& rule : share.access_rules) {
    const AppliedRule* held = rule.find(replica.id);
    if (held == nullptr || held->state == AccessState::active) continue;
    if (held->state == AccessState::error) return AccessSum::error;
    sum = AccessSum::syncing;
  }
  return sum;
}

AccessSum access_sum(const Share& share) {
  AccessSum sum = AccessSum::active;
  for (const Replica& one : share.replicas)
    if (one.status == ReplicaStatus::available) sum = std::max(sum, access_sum(share, one));
  return sum;
}

}  // namespace pasig::http
