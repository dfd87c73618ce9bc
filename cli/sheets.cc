#include "cli/sheets.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "cli/progress.h"

namespace pasig::cli {
namespace {

std::vector<std::string> pair_texts(const Json& value, std::string_view path) {
  std::vector<std::string> texts;
  const Json* pairs = find(value, path);
  if (pairs == nullptr || !pairs->is_object()) return texts;
  for (const auto& [key, held] : pairs->get_object())
    texts.push_back(std::string(key) + "=" + text_of(held));
  return texts;
}

void add_aside_and_debris(Sheet& sheet, const Json& object) {
  std::vector<std::string> aside;
  for (const Json& one : list_at(object, "aside"))
    aside.push_back(fmt::format("{} files, {} at {}:{}, written under epoch {}, since {}",
                                text_at(one, "files"), bytes_at(one, "bytes"),
                                text_at(one, "controller"), text_at(one, "path"),
                                text_at(one, "epoch"), short_time(text_at(one, "since"))));
  sheet.add_list("kept aside", aside);
  std::vector<std::string> debris;
  for (const Json& one : list_at(object, "debris"))
    debris.push_back(fmt::format("{} of replica {} may remain at {}, since {}: {}",
                                 bytes_at(one, "bytes"), text_at(one, "replica"),
                                 text_at(one, "controller"), short_time(text_at(one, "since")),
                                 text_at(one, "words")));
  sheet.add_list("debris", debris);
  std::vector<std::string> operations;
  for (const Json& one : list_at(object, "operations"))
    operations.push_back(text_at(one, "kind") + " " + text_at(one, "id"));
  sheet.add_list("operations", operations);
}

// Whether its content is what was written.
void add_verification(Sheet& sheet, const Json& replica) {
  sheet.add("verified", short_time(text_at(replica, "verified_at")));
  if (const Json* scrub = find(replica, "scrub"); scrub != nullptr && scrub->is_object())
    sheet.add("being verified", progress_line({.words = text_at(*scrub, "step"),
                                               .done = number_at(*scrub, "bytes_done").value_or(0),
                                               .total = number_at(*scrub, "bytes_total"),
                                               .bytes = true},
                                              200));
  else if (!text_at(replica, "verify_requested_at").empty())
    sheet.add("being verified", "asked for " + short_time(text_at(replica, "verify_requested_at")));
  if (const std::string words = text_at(replica, "verify_words"); !words.empty())
    sheet.add("verification", "failed: " + words, Paint::bad);
  if (number_at(replica, "damaged").value_or(0) == 0) return;
  sheet.add("damaged", text_at(replica, "damaged") + " files, not repaired", Paint::bad);
  sheet.add_list("good copies on", texts_at(replica, "good_copies"));
}

std::string fence_text(const Json& replica) {
  const std::string state = text_at(replica, "fence.state");
  if (state.empty() || state == "none") return {};
  const std::string kind = text_at(replica, "fence.kind");
  const std::string words = text_at(replica, "fence.words");
  return state + (kind.empty() || kind == "none" ? "" : " (" + kind + ")") +
         (words.empty() ? "" : ": " + words);
}

}  // namespace

std::vector<std::string> texts_at(const Json& value, std::string_view path) {
  std::vector<std::string> texts;
  for (const Json& one : list_at(value, path)) texts.push_back(text_of(one));
  return texts;
}

std::string seconds_at(const Json& value, std::string_view path) {
  const auto seconds = real_at(value, path);
  return seconds ? span_text(*seconds) : std::string();
}

std::string bytes_at(const Json& value, std::string_view path) {
  const auto bytes = number_at(value, path);
  return bytes ? bytes_text(*bytes) : std::string();
}

std::string short_time(const std::string& time) {
  std::string text = time.substr(0, time.find('.'));
  std::replace(text.begin(), text.end(), 'T', ' ');
  return text.empty() || text == "-" ? text : text + "Z";
}

std::string span_text(double seconds) {
  const bool is_short = seconds < 60;
  if (is_short && seconds < 10) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  if (whole < 24 * 3600) return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
  return fmt::format("{} d {} h", whole / (24 * 3600), whole % (24 * 3600) / 3600);
}

Sheet type_sheet(const Json& type) {
  Sheet sheet;
  sheet.add("name", text_at(type, "name"));
  sheet.add("id", text_at(type, "id"));
  sheet.add("description", text_at(type, "description"));
  sheet.add("replication", text_at(type, "replication"));
  sheet.add("rpo", seconds_at(type, "rpo_seconds"));
  sheet.add("sync interval", seconds_at(type, "sync_interval_seconds"));
  sheet.add("public", text_at(type, "is_public"));
  sheet.add_list("extra specs", pair_texts(type, "extra_specs"));
  sheet.add("created", short_time(text_at(type, "created_at")));
  return sheet;
}

Sheet share_sheet(const Json& share) {
  Sheet sheet;
  sheet.add("name", text_at(share, "name"));
  sheet.add("id", text_at(share, "id"));
  sheet.add("description", text_at(share, "description"));
  sheet.add_word("status", text_at(share, "status"));
  sheet.add("note", text_at(share, "note"));
  sheet.add("type", text_at(share, "type.name"));
  sheet.add("replication", text_at(share, "replication"));
  sheet.add("size", text_at(share, "size_gb") + " GiB");
  sheet.add("protocol", text_at(share, "protocol"));
  sheet.add("project", text_at(share, "project"));
  sheet.add("rpo", seconds_at(share, "rpo_seconds"));
  sheet.add("sync interval", seconds_at(share, "sync_interval_seconds"));
  sheet.add("paused", text_at(share, "effects_paused.words"), Paint::bad);
  sheet.add("suspended", text_at(share, "replication_suspended.words"), Paint::bad);
  sheet.add("epoch", text_at(share, "epoch"));
  sheet.add("active replica", text_at(share, "active_replica"));
  if (const std::string path = text_at(share, "managed_path"); !path.empty())
    sheet.add("managed from", text_at(share, "managed_on") + ":" + path);
  std::vector<std::string> replicas;
  for (const Json& one : list_at(share, "replicas"))
    replicas.push_back(fmt::format("{}  {}  {}  {}", text_at(one, "id"), text_at(one, "zone"),
                                   text_at(one, "status"), text_at(one, "sync")));
  sheet.add_list("replicas", replicas);
  sheet.add_list("exports", texts_at(share, "exports"));
  sheet.add_list("metadata", pair_texts(share, "metadata"));
  if (flag_at(share, "is_access_ruled"))
    sheet.add("access rules", text_at(share, "access_rules") + ": only they let users in");
  add_aside_and_debris(sheet, share);
  sheet.add("created", short_time(text_at(share, "created_at")));
  sheet.add("updated", short_time(text_at(share, "updated_at")));
  return sheet;
}

Sheet replica_sheet(const Json& replica) {
  Sheet sheet;
  sheet.add("id", text_at(replica, "id"));
  sheet.add("share", text_at(replica, "share.name") + " (" + text_at(replica, "share.id") + ")");
  sheet.add_word("status", text_at(replica, "status"));
  sheet.add_word("state", text_at(replica, "state"));
  sheet.add("data", text_at(replica, "sync"));
  sheet.add("lag", seconds_at(replica, "lag_seconds"));
  sheet.add("rpo",
            seconds_at(replica, "rpo_seconds") +
                (flag_at(replica, "over_rpo") ? ", and its data is older" : ""),
            flag_at(replica, "over_rpo") ? Paint::bad : Paint::plain);
  sheet.add("zone", text_at(replica, "zone"));
  sheet.add("host", text_at(replica, "host"));
  sheet.add_list("exports", texts_at(replica, "exports"));
  sheet.add("note", text_at(replica, "note"));
  sheet.add("fence", fence_text(replica), paint_of(text_at(replica, "fence.state")));
  sheet.add("placement", text_at(replica, "placement.words"));
  sheet.add("last seen", short_time(text_at(replica, "observed_at")));
  if (const Json* reachable = find(replica, "reachable");
      reachable != nullptr && reachable->is_bool() && !reachable->get_bool())
    sheet.add("reachable", "no: " + text_at(replica, "observed_words"), Paint::bad);
  else if (const std::string words = text_at(replica, "observed_words"); !words.empty())
    sheet.add("last try", "failed: " + words, Paint::bad);
  add_verification(sheet, replica);
  sheet.add("used", bytes_at(replica, "used_bytes"));
  sheet.add("files", text_at(replica, "files"));
  if (number_at(replica, "skipped").value_or(0) != 0)
    sheet.add("not copied", text_at(replica, "skipped") + " devices or sockets");
  sheet.add("share's epoch", text_at(replica, "epoch"));
  add_aside_and_debris(sheet, replica);
  sheet.add("created", short_time(text_at(replica, "created_at")));
  sheet.add("updated", short_time(text_at(replica, "updated_at")));
  return sheet;
}

Sheet snapshot_sheet(const Json& snapshot) {
  Sheet sheet;
  sheet.add("id", text_at(snapshot, "id"));
  sheet.add("name", text_at(snapshot, "name"));
  sheet.add("description", text_at(snapshot, "description"));
  sheet.add("share", text_at(snapshot, "share.name") + " (" + text_at(snapshot, "share.id") + ")");
  sheet.add_word("status", text_at(snapshot, "status"));
  sheet.add("note", text_at(snapshot, "note"));
  sheet.add("size", text_at(snapshot, "size_gb") + " GiB");
  sheet.add("managed from", text_at(snapshot, "managed_path"));
  if (const std::string taken = text_at(snapshot, "taken_at"); !taken.empty()) {
    sheet.add("taken", short_time(taken) + ", " + text_at(snapshot, "consistency"));
    sheet.add("holds", text_at(snapshot, "files") + " files, " + bytes_at(snapshot, "bytes"));
    sheet.add("digest", text_at(snapshot, "digest"));
  }
  std::vector<std::string> copies;
  for (const Json& one : list_at(snapshot, "copies")) {
    const std::string note = text_at(one, "note");
    copies.push_back(fmt::format(
        "{}  {}  {}{}{}", text_at(one, "replica"), text_at(one, "zone"), text_at(one, "status"),
        flag_at(one, "required") ? "" : ", not waited for", note.empty() ? "" : ": " + note));
  }
  sheet.add_list("copies", copies);
  std::vector<std::string> operations;
  for (const Json& one : list_at(snapshot, "operations"))
    operations.push_back(text_at(one, "kind") + " " + text_at(one, "id"));
  sheet.add_list("operations", operations);
  sheet.add_list("metadata", pair_texts(snapshot, "metadata"));
  sheet.add("created", short_time(text_at(snapshot, "created_at")));
  return sheet;
}

Sheet operation_sheet(const Json& operation) {
  Sheet sheet;
  sheet.add("id", text_at(operation, "id"));
  sheet.add("kind", text_at(operation, "kind"));
  sheet.add_word("status", text_at(operation, "status"));
  sheet.add("share", text_at(operation, "share"));
  sheet.add("replica", text_at(operation, "replica"));
  sheet.add("snapshot", text_at(operation, "snapshot"));
  sheet.add("mode", text_at(operation, "mode"));
  sheet.add("path", text_at(operation, "path"));
  sheet.add("to", text_at(operation, "to"));
  sheet.add("runs on", text_at(operation, "runs_on"));
  sheet.add("node", text_at(operation, "node"));
  sheet.add("attempt", text_at(operation, "attempt"));
  if (const Json* progress = find(operation, "progress"); progress && progress->is_object())
    sheet.add("progress", progress_line({.words = text_at(*progress, "step"),
                                         .done = number_at(*progress, "bytes_done").value_or(0),
                                         .total = number_at(*progress, "bytes_total"),
                                         .bytes = true},
                                        200));
  if (flag_at(operation, "cancel_requested"))
    sheet.add("asked to stop",
              text_at(operation, "cancel_why").empty() ? "yes" : text_at(operation, "cancel_why"));
  if (flag_at(operation, "abandon_requested"))
    sheet.add("to be abandoned", text_at(operation, "abandon_why"));
  sheet.add("waits", text_at(operation, "waits_because"), Paint::bad);
  if (const std::string code = text_at(operation, "failure.code"); !code.empty()) {
    const std::string at = text_at(operation, "failure.controller");
    sheet.add("failure",
              code + (at.empty() ? "" : " at " + at) + ": " + text_at(operation, "failure.words"),
              Paint::bad);
    sheet.add("hint", text_at(operation, "failure.hint"));
  }
  sheet.add("requested", short_time(text_at(operation, "requested_at")));
  sheet.add("claimed", short_time(text_at(operation, "claimed_at")));
  sheet.add("ended", short_time(text_at(operation, "ended_at")));
  if (text_at(operation, "ended_at").empty())
    sheet.add("deadline", short_time(text_at(operation, "deadline")));
  sheet.add("command", text_at(operation, "command_id"));
  return sheet;
}

std::string record_text(const Json& record) {
  const auto line = [](const std::string& name, const std::string& value) {
    return value.empty() ? std::string() : "    " + name + ": " + printable(value) + "\n";
  };
  const std::string command = text_at(record, "command");
  std::string text = fmt::format(
      "{}  {}  {}  {}  {}\n", text_at(record, "ordinal"), short_time(text_at(record, "time")),
      printable(text_at(record, "actor.name")),
      printable(command.empty() ? text_at(record, "kind") : command), text_at(record, "outcome"));
  text += line("reason", text_at(record, "reason"));
  text += line("cause", text_at(record, "cause"));
  text += line("void because", text_at(record, "void_because"));
  text += line("unreadable", text_at(record, "error.message"));
  for (const Json& event : list_at(record, "events"))
    text += "    - " + printable(text_at(event, "sentence")) + "\n";
  return text;
}

}  // namespace pasig::cli
