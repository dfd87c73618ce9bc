// The calls of operations that make shares, that take in and give back trees, and of those about
// data kept aside.
#include <algorithm>

#include "drivers/operation_reports.h"
#include "drivers/operation_runner.h"
#include "drivers/worker_words.h"

namespace pasig::drivers {
namespace {

bool is_unknown(const auto& answer) { return !answer && answer.error().unknown; }

// As it was reported; the operation may run on another controller than the one that has it.
Aside aside_named(const Operation& operation, const Share& share) {
  Aside named{
      .replica = operation.replica, .controller = operation.runs_on, .path = operation.path};
  for (const AsideData& one : share.aside)
    if (one.replica == operation.replica && one.path == operation.path)
      named = {one.replica, one.controller, one.path, one.files, one.bytes, one.epoch};
  return named;
}

}  // namespace

// Of a snapshot, when the share is to begin with one's content: its share is as it is now, and the
// snapshot may have gone while the operation waited.
Answer<Created> OperationRunner::create_share(Driver& driver, const Share& share,
                                              const Operation& operation,
                                              const CallContext& context) {
  const ShareRef ref = share_ref(share);
  if (share.source_snapshot.is_nil()) return driver.create_share(ref, operation.replica, context);
  const auto source = parts_.store.view()->share(share.source_share);
  const Snapshot* snapshot = source ? source->find(share.source_snapshot) : nullptr;
  if (snapshot == nullptr || status_of(*snapshot) == SnapshotStatus::deleting)
    return tl::unexpected(
        CallFailure{.words = "snapshot " + to_string(share.source_snapshot) +
                             ", which the share was to be made of, " +
                             (snapshot == nullptr ? "does not exist any more" : "is being deleted"),
                    .hint = "delete this share, and make one of another snapshot"});
  const ShareRef source_ref = share_ref(*source);
  return driver.create_share_from_snapshot(ref, operation.replica,
                                           SnapshotSource{source_ref, snapshot->id}, context);
}

OperationRunner::Called OperationRunner::call_adoption(Driver& driver, const Operation& operation,
                                                       const Share& share,
                                                       const CallContext& context) {
  const ShareRef ref = share_ref(share);
  if (operation.kind == OperationKind::manage_share) {
    const auto answer = driver.manage(ref, operation.replica, operation.path, context);
    return {report_managed(operation, answer), is_unknown(answer)};
  }
  if (operation.kind == OperationKind::unmanage_share) {
    const auto answer = driver.unmanage(ref, operation.replica, context);
    return {report_unmanaged(operation, answer), is_unknown(answer)};
  }
  if (operation.kind == OperationKind::manage_snapshot) {
    const auto answer = driver.manage_snapshot(ref, operation.snapshot, operation.path, context);
    return {report_snapshot_taken(operation, answer), is_unknown(answer)};
  }
  const auto answer = driver.unmanage_snapshot(ref, operation.snapshot, context);
  return {report_snapshot_unmanaged(operation, answer), is_unknown(answer)};
}

OperationRunner::Called OperationRunner::call_asides(Driver& driver, const Operation& operation,
                                                     const Share& share,
                                                     const CallContext& context) {
  const ShareRef ref = share_ref(share);
  const Aside aside = aside_named(operation, share);
  if (operation.kind == OperationKind::delete_aside) {
    const auto answer = driver.delete_aside(ref, aside, context);
    return {report_aside_deleted(operation, answer), is_unknown(answer)};
  }
  const auto answer = driver.restore_aside(ref, aside, operation.to, context);
  return {report_aside_restored(operation, answer), is_unknown(answer)};
}

}  // namespace pasig::drivers
