// How objects of the API look in tables and sheets. Plain functions; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/json.h"
#include "cli/output.h"

namespace pasig::cli {

Sheet type_sheet(const Json& type);
Sheet share_sheet(const Json& share);
Sheet snapshot_sheet(const Json& snapshot);
Sheet replica_sheet(const Json& replica);
Sheet operation_sheet(const Json& operation);

Table type_table(const Json& types);
Table share_table(const Json& shares);
Table snapshot_table(const Json& snapshots);
Table replica_table(const Json& replicas);
Table operation_table(const Json& operations);
Table aside_table(const Json& kept);
Table pool_table(const Json& pools);
Table debris_table(const Json& debris);

// To the second, with a blank: 2026-11-23 09:14:02Z, UTC like all times of Pasig.
std::string short_time(const std::string& time);
// 41 s, 3 min 2 s, 2 h 5 min, 3 d 4 h.
std::string span_text(double seconds);
// The value at the path as such a text; empty when there is none.
std::string seconds_at(const Json& value, std::string_view path);
std::string bytes_at(const Json& value, std::string_view path);
std::vector<std::string> texts_at(const Json& value, std::string_view path);
// The one record as a few lines for people, ending with a newline.
std::string record_text(const Json& record);

}  // namespace pasig::cli
