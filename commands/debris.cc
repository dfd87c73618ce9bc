// What removed replicas may have left behind: an admin has it looked at now, or says that nobody
// will clean it.
#include <algorithm>

#include "commands/orders.h"

namespace pasig {

Decision decide(ReadView& view, const Surroundings& now, const CleanDebris& command) {
  PASIG_TRY(const Share* share, find_share(view, now.actor, command.share));
  PASIG_CHECK(require_admin(now.actor,
                            "have the debris of share " + to_string(share->id) + " cleaned",
                            stream_of(share->id)));
  if (share->debris.empty()) return Events{};
  return Events{DebrisCleaningRequested{share->id}};
}

Decision decide(ReadView& view, const Surroundings& now, const ForgetDebris& command) {
  PASIG_TRY(const Share* share, find_share(view, now.actor, command.share));
  const std::string to_do = "forget the debris of replica " + to_string(command.replica) +
                            " on controller " + command.controller;
  PASIG_CHECK(require_admin(now.actor, to_do, stream_of(share->id)));
  PASIG_CHECK(order_has_why(to_do, command.why));
  const bool is_listed =
      std::any_of(share->debris.begin(), share->debris.end(), [&](const Debris& one) {
        return one.replica == command.replica && one.controller == command.controller;
      });
  if (!is_listed)
    return refuse(Guard::debris_not_found,
                  "share " + to_string(share->id) + " lists no debris of replica " +
                      to_string(command.replica) + " on controller " + command.controller +
                      ". See what there is: pasig debris list",
                  stream_of(share->id));
  return Events{
      RelationDebrisForgotten{share->id, command.replica, command.controller, command.why}};
}

}  // namespace pasig
