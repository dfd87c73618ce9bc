// Lists of objects as tables.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "cli/progress.h"
#include "cli/sheets.h"

namespace pasig::cli {

Table type_table(const Json& types) {
  Table table({{.title = "NAME", .shrinks = true},
               {.title = "ID"},
               {.title = "REPLICATION"},
               {.title = "RPO", .right = true},
               {.title = "SYNC", .right = true},
               {.title = "DESCRIPTION", .shrinks = true}});
  for (const Json& one : list_at(types, "types"))
    table.add({text_at(one, "name"), text_at(one, "id"), text_at(one, "replication"),
               seconds_at(one, "rpo_seconds"), seconds_at(one, "sync_interval_seconds"),
               text_at(one, "description")});
  return table;
}

Table share_table(const Json& shares) {
  Table table({{.title = "NAME", .shrinks = true},
               {.title = "ID"},
               {.title = "TYPE", .shrinks = true},
               {.title = "SIZE", .right = true},
               {.title = "STATUS", .painted = true},
               {.title = "REPLICAS", .right = true},
               {.title = "ZONE", .shrinks = true}});
  for (const Json& one : list_at(shares, "shares"))
    table.add({text_at(one, "name"), text_at(one, "id"), text_at(one, "type.name"),
               text_at(one, "size_gb") + " GiB", text_at(one, "status"),
               std::to_string(list_at(one, "replicas").size()), text_at(one, "zone")});
  return table;
}

Table snapshot_table(const Json& snapshots) {
  Table table({{.title = "NAME", .shrinks = true},
               {.title = "ID"},
               {.title = "SHARE", .shrinks = true},
               {.title = "STATUS", .painted = true},
               {.title = "SIZE", .right = true},
               {.title = "COPIES", .right = true},
               {.title = "TAKEN"},
               {.title = "NOTE", .shrinks = true}});
  for (const Json& one : list_at(snapshots, "snapshots")) {
    const auto& copies = list_at(one, "copies");
    const auto there = std::count_if(copies.begin(), copies.end(), [](const Json& copy) {
      return text_at(copy, "status") == "available";
    });
    table.add({text_at(one, "name"), text_at(one, "id"), text_at(one, "share.name"),
               text_at(one, "status"), text_at(one, "size_gb") + " GiB",
               fmt::format("{} of {}", there, copies.size()), short_time(text_at(one, "taken_at")),
               text_at(one, "note")});
  }
  return table;
}

// The log's word, and what its worker saw last when that went wrong.
std::string note_of(const Json& replica) {
  std::string note = text_at(replica, "note");
  if (const auto damaged = number_at(replica, "damaged").value_or(0); damaged != 0)
    note += fmt::format("{}{} damaged files", note.empty() ? "" : "; ", damaged);
  const std::string seen = text_at(replica, "observed_words");
  if (seen.empty() || note.find(seen) != std::string::npos) return note;
  return note + (note.empty() ? "" : "; ") + seen;
}

// With a mark when it is more than the RPO allows.
std::string lag_text(const Json& replica) {
  const std::string lag = seconds_at(replica, "lag_seconds");
  return flag_at(replica, "over_rpo") ? lag + " > RPO" : lag;
}

std::string consistency_text(const Json& replica) {
  const std::string word = text_at(replica, "consistency");
  return word == "unknown" ? std::string() : word;
}

Table replica_table(const Json& replicas) {
  Table table({{.title = "ID"},
               {.title = "SHARE", .shrinks = true},
               {.title = "ZONE", .shrinks = true},
               {.title = "CONTROLLER", .shrinks = true},
               {.title = "STATUS", .painted = true},
               {.title = "STATE", .painted = true},
               {.title = "AS OF"},
               {.title = "LAG", .right = true},
               {.title = "COPY"},
               {.title = "NOTE", .shrinks = true}});
  for (const Json& one : list_at(replicas, "replicas"))
    table.add({text_at(one, "id"), text_at(one, "share.name"), text_at(one, "zone"),
               text_at(one, "controller"), text_at(one, "status"), text_at(one, "state"),
               short_time(text_at(one, "data_as_of")), lag_text(one), consistency_text(one),
               note_of(one)});
  return table;
}

Table operation_table(const Json& operations) {
  Table table({{.title = "ID"},
               {.title = "KIND"},
               {.title = "STATUS", .painted = true},
               {.title = "SHARE", .shrinks = true},
               {.title = "RUNS ON", .shrinks = true},
               {.title = "TRY", .right = true},
               {.title = "REQUESTED"}});
  for (const Json& one : list_at(operations, "operations")) {
    const std::string name = text_at(one, "share_name");
    table.add({text_at(one, "id"), text_at(one, "kind"), text_at(one, "status"),
               name.empty() ? text_at(one, "share") : name, text_at(one, "runs_on"),
               text_at(one, "attempt"), short_time(text_at(one, "requested_at"))});
  }
  return table;
}

Table aside_table(const Json& kept) {
  Table table({{.title = "SHARE", .shrinks = true},
               {.title = "CONTROLLER", .shrinks = true},
               {.title = "PATH"},
               {.title = "FILES", .right = true},
               {.title = "SIZE", .right = true},
               {.title = "EPOCH", .right = true},
               {.title = "SINCE"},
               {.title = "REPLICA"}});
  for (const Json& one : list_at(kept, "aside"))
    table.add({text_at(one, "share.name"), text_at(one, "controller"), text_at(one, "path"),
               text_at(one, "files"), bytes_at(one, "bytes"), text_at(one, "epoch"),
               short_time(text_at(one, "since")),
               text_at(one, "replica") + (flag_at(one, "replica_is_gone") ? " (gone)" : "")});
  return table;
}

Table pool_table(const Json& pools) {
  Table table({{.title = "HOST", .shrinks = true},
               {.title = "ZONE", .shrinks = true},
               {.title = "DRIVER"},
               {.title = "STATE", .painted = true},
               {.title = "FREE", .right = true},
               {.title = "TOTAL", .right = true},
               {.title = "REPLICATION", .shrinks = true},
               {.title = "WHY", .shrinks = true}});
  for (const Json& one : list_at(pools, "pools")) {
    std::string kinds;
    for (const std::string& kind : texts_at(one, "replication_types"))
      kinds += (kinds.empty() ? "" : ", ") + kind;
    table.add({text_at(one, "host"), text_at(one, "zone"), text_at(one, "driver"),
               flag_at(one, "up") ? "up" : "down", bytes_at(one, "free_bytes"),
               bytes_at(one, "total_bytes"), kinds, text_at(one, "words")});
  }
  return table;
}

Table debris_table(const Json& debris) {
  Table table({{.title = "SHARE", .shrinks = true},
               {.title = "REPLICA"},
               {.title = "CONTROLLER", .shrinks = true},
               {.title = "SIZE", .right = true},
               {.title = "SINCE"},
               {.title = "WHY", .shrinks = true}});
  for (const Json& one : list_at(debris, "debris"))
    table.add({text_at(one, "share.name"), text_at(one, "replica"), text_at(one, "controller"),
               bytes_at(one, "bytes"), short_time(text_at(one, "since")), text_at(one, "words")});
  return table;
}

}  // namespace pasig::cli
