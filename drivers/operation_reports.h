// What a driver answered to an operation, as the report that the log is told. Pure.
#pragma once

#include <optional>

#include "commands/command.h"
#include "drivers/driver.h"
#include "statemachine/state.h"

namespace pasig::drivers {

[[nodiscard]] Command report_created(const Operation& operation, const Answer<Created>& answer);
[[nodiscard]] Command report_deleted(const Operation& operation, const Answer<Removed>& answer);
[[nodiscard]] Command report_added(const Operation& operation, const Answer<Added>& answer);
[[nodiscard]] Command report_removed(const Operation& operation, const Answer<Removed>& answer);
[[nodiscard]] Command report_changed(const Operation& operation,
                                     const Answer<ActiveChange>& answer);
// `called_with`: what the driver was handed. A replica or rule that its answer lacks is none that
// was done.
[[nodiscard]] Command report_resized(const Operation& operation, const ShareRef& called_with,
                                     const Answer<Resized>& answer);
[[nodiscard]] Command report_access(const Operation& operation, const ShareRef& called_with,
                                    const Answer<AccessApplied>& answer);
[[nodiscard]] Command report_snapshot_taken(const Operation& operation,
                                            const Answer<SnapshotTaken>& answer);
[[nodiscard]] Command report_snapshot_deleted(const Operation& operation,
                                              const Answer<SnapshotDeleted>& answer);
[[nodiscard]] Command report_reverted(const Operation& operation, const Answer<Reverted>& answer);
[[nodiscard]] Command report_snapshot_unmanaged(const Operation& operation,
                                                const Answer<Unmanaged>& answer);
[[nodiscard]] Command report_managed(const Operation& operation, const Answer<Managed>& answer);
[[nodiscard]] Command report_unmanaged(const Operation& operation, const Answer<Unmanaged>& answer);
[[nodiscard]] Command report_aside_deleted(const Operation& operation, const Answer<void>& answer);
[[nodiscard]] Command report_aside_restored(const Operation& operation,
                                            const Answer<AsideRestored>& answer);
// Of the kind that the operation is.
[[nodiscard]] Command report_failed(const Operation& operation, const CallFailure& failure);

// Nothing: it was done, or the report has no such thing.
[[nodiscard]] const Failure* failure_in(const Command& report);

// The same outcome in so few words that a record holds it: storage's words are cut, and lists
// that status calls tell again are left out. What was done stays done.
[[nodiscard]] Command shortened(Command report);

}  // namespace pasig::drivers
