// Data that was kept aside is deleted, or copied out, because an admin says so. Its replica may
// be gone from the share.
#include <algorithm>

#include "commands/guards.h"
#include "commands/operations.h"
#include "commands/paths.h"

namespace pasig {
namespace {

struct KeptAside {
  const Share* share = nullptr;
  const AsideData* data = nullptr;
};

struct Named {
  ShareId share;
  const std::string& controller;
  const std::string& path;
};

Found<KeptAside> find_aside(ReadView& view, const Surroundings& now, const Named& named,
                            const std::string& to_do) {
  PASIG_TRY(const Share* share, find_share(view, now.actor, named.share));
  PASIG_CHECK(require_admin(now.actor,
                            to_do + " what is kept aside of share " + to_string(share->id),
                            stream_of(share->id)));
  const auto at = std::find_if(share->aside.begin(), share->aside.end(), [&](const AsideData& one) {
    return one.controller == named.controller && one.path == named.path;
  });
  if (at == share->aside.end())
    return refuse(Guard::aside_not_found,
                  "nothing of share " + to_string(share->id) + " is kept aside at '" + named.path +
                      "' on controller '" + named.controller +
                      "'. See what is: pasig replica aside list " + to_string(share->id),
                  stream_of(share->id));
  return KeptAside{share, &*at};
}

Work work_on(const KeptAside& kept, OperationKind kind) {
  return {.kind = kind,
          .share = kept.share->id,
          .replica = kept.data->replica,
          .runs_on = kept.data->controller,
          .path = kept.data->path};
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const DeleteAside& command) {
  PASIG_TRY(const KeptAside kept,
            find_aside(view, now, {command.share, command.controller, command.path}, "delete"));
  const AsideData& data = *kept.data;
  return Events{AsideDeletionStarted{kept.share->id, data.replica, data.controller, data.path},
                request(view, now, 0, work_on(kept, OperationKind::delete_aside))};
}

Decision decide(ReadView& view, const Surroundings& now, const RestoreAside& command) {
  PASIG_TRY(const std::string to, absolute_path("the path to restore to", command.to));
  PASIG_TRY(const KeptAside kept,
            find_aside(view, now, {command.share, command.controller, command.path}, "restore"));
  const AsideData& data = *kept.data;
  Work work = work_on(kept, OperationKind::restore_aside);
  work.to = to;
  return Events{AsideRestoreStarted{kept.share->id, data.replica, data.controller, data.path, to},
                request(view, now, 0, work)};
}

}  // namespace pasig
