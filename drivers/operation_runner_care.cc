// The calls of operations that take in and give back trees, and of those about data kept aside.
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
