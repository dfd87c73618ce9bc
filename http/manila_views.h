// Pasig's state in Manila's shapes: the same keys in the same order at every microversion that
// is served. Pure functions of a call and a value; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "http/manila_call.h"
#include "projections/store.h"

namespace pasig::http {

[[nodiscard]] boost::json::object share_summary(const Call& call, const Share& share);
[[nodiscard]] boost::json::object share_detail(const Call& call, const Share& share);

[[nodiscard]] boost::json::object replica_summary(const Share& share, const Replica& replica);
[[nodiscard]] boost::json::object replica_detail(const Call& call, const Share& share,
                                                 const Replica& replica);

[[nodiscard]] boost::json::object instance_view(const Call& call, const Share& share,
                                                const Replica& replica);

// Whether the type that the share was made with has this spec, and says yes by it.
[[nodiscard]] bool is_spec_set(const Share& share, std::string_view spec);

[[nodiscard]] boost::json::object snapshot_summary(const Call& call, const Share& share,
                                                   const Snapshot& snapshot);
[[nodiscard]] boost::json::object snapshot_detail(const Call& call, const Share& share,
                                                  const Snapshot& snapshot);
// Stable: the copy of one snapshot on one replica always has the same id.
[[nodiscard]] std::string snapshot_instance_id(const Snapshot& snapshot, const SnapshotCopy& copy);
[[nodiscard]] boost::json::object snapshot_instance_view(const Share& share,
                                                         const Snapshot& snapshot,
                                                         const SnapshotCopy& copy, bool whole);

// Without the wrappers: see type_answer.
[[nodiscard]] boost::json::object type_view(const Call& call, const ShareType& type);
// Manila gives a type twice: as share_type and by its old name.
[[nodiscard]] boost::json::object type_answer(const Call& call, const ShareType& type);

// Which of Manila's three export location APIs asks.
enum class ExportOf { share, instance, replica };
struct ExportView {
  ExportOf of = ExportOf::share;
  bool with_times = false;  // show has them, lists have not
};
// Stable: the same path on the same replica always has the same id.
[[nodiscard]] std::string export_id(const Replica& replica, const std::string& path);
[[nodiscard]] boost::json::object export_view(const Call& call, const Replica& replica,
                                              const std::string& path, ExportView how);

}  // namespace pasig::http
