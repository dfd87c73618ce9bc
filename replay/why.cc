// why: the text. What it tells is chosen by replay/story.h.
#include <algorithm>

#include "replay/history.h"
#include "replay/next_steps.h"
#include "replay/phrases.h"
#include "replay/sentences.h"
#include "replay/story.h"
#include "statemachine/orders.h"

namespace pasig::replay {
namespace {

constexpr std::string_view k_indent = "     ";
constexpr std::string_view k_indent_below = "       ";

std::string share_text(const Story& story) {
  if (story.share_name.empty()) return text("share ", story.share);
  return text("share ", story.share_name, " (", story.share, ")");
}

void add_line(std::string& all, std::string_view indent, const std::string& line) {
  all += text(indent, line, "\n");
}

// ---- how it is now
std::string place_text(const Replica& replica) {
  if (replica.host.empty()) return "It was never placed on a controller.";
  std::string all = text("It lies on ", replica.host, " in zone ", replica.zone);
  if (!replica.exports.empty()) all += text(", exported at ", joined(replica.exports, ", "));
  return all + ".";
}

std::string role_text(const Share& share, const Replica& replica) {
  if (replica.state == ReplicaState::active)
    return text("It is the active one, epoch ", share.epoch, ".");
  if (!replica.data_as_of.is_set()) return "No verified copy of the active replica is on record.";
  if (replica.note.starts_with(word(OutOfSyncReason::diverged)))
    return "Its last verified copy is ahead of what the active replica opened with.";
  return text("Last verified copy on record: ",
              data_text(replica.generation, replica.data_as_of, replica.consistency),
              ". Syncs that change no state are not recorded; pasig replica show has the newest.");
}

// Damage that is there now, and who can help.
void add_damage(std::string& all, const Replica& replica) {
  if (replica.damaged == 0) return;
  std::vector<std::string> good;
  for (const ReplicaId one : replica.good_copies) good.push_back(text("replica ", one));
  add_line(all, "  ",
           text(counted(replica.damaged, "file", "files"), " of its content ",
                replica.damaged == 1 ? "is" : "are", " not what was written, as of ",
                replica.verified_at, ". ",
                good.empty() ? std::string("No replica is known to have a good copy.")
                             : text("A good copy is on ", joined(good, ", "), ".")));
}

void add_fences(std::string& all, const Share& share, const Replica& replica) {
  if (replica.state != ReplicaState::active && replica.fence.state == FenceState::enforced)
    add_line(all, "  ",
             text("It was active before; its storage of that time is ", said(replica.fence), "."));
  if (replica.state != ReplicaState::active && replica.fence.state == FenceState::pending)
    add_line(all, "  ",
             text("It was active before, and its storage of that time is ", said(replica.fence),
                  ". Clients that reach it may still write there."));
  if (replica.state != ReplicaState::active) return;
  for (const Replica& other : share.replicas)
    if (other.fence.state == FenceState::pending && other.state != ReplicaState::active)
      add_line(all, "  ",
               text("Replica ", other.id, ", active before, is ", said(other.fence),
                    ". Clients that reach it may still write there; what they write is kept aside "
                    "when it comes back."));
}

void add_leftovers(std::string& all, const Share& share, ReplicaId replica) {
  for (const AsideData& aside : share.aside)
    if (aside.replica == replica)
      add_line(all, "  ",
               text("Kept aside on controller ", aside.controller, " since ", aside.since, ": ",
                    counted(aside.files, "file", "files"), ", ", bytes_of(aside.bytes), " at ",
                    aside.path, ", written under epoch ", aside.epoch,
                    ". Pasig never deletes it by itself."));
  for (const Debris& debris : share.debris)
    if (debris.replica == replica)
      add_line(all, "  ",
               text("May remain on controller ", debris.controller, " since ", debris.since, ": ",
                    debris.bytes == 0 ? "" : bytes_of(debris.bytes) + ", ", quoted(debris.words)));
}

std::string rule_text(const ShareAccessRule& rule) {
  return text("Access rule ", rule.id, " (", rule.type, " ", quoted(rule.to), ", ",
              word(rule.level), ")");
}

// What is not as it was asked for: rules that hold are nothing to wonder about.
void add_access(std::string& all, const Share& share, const Replica& replica) {
  for (const ShareAccessRule& rule : share.access_rules) {
    const AppliedRule* held = rule.find(replica.id);
    if (held == nullptr || held->state == AccessState::active) continue;
    const std::string because = replica.access_words.empty()
                                    ? std::string()
                                    : text("; the last try: ", quoted(replica.access_words));
    if (held->state == AccessState::error)
      add_line(all, "  ", text(rule_text(rule), " lets nobody in here: ", quoted(held->words)));
    else if (held->state == AccessState::queued_to_deny)
      add_line(all, "  ", text(rule_text(rule), " is still to be taken away here", because, "."));
    else add_line(all, "  ", text(rule_text(rule), " is still to be applied here", because, "."));
  }
}

// What stopped a change of the share as a whole; told of the replica that all others follow.
void add_task(std::string& all, const Share& share, const Replica& replica) {
  const Replica* active = share.active();
  if (active == nullptr || active->id != replica.id || share.task == ShareTask::none) return;
  add_line(all, "  ",
           text("Its share is ", word(share.task),
                share.task_note.empty() ? "" : ": " + quoted(share.task_note)));
}

void add_operations(std::string& all, const Share& share, ReplicaId replica) {
  for (const PendingOperation& operation : share.operations)
    if (operation.replica == replica)
      add_line(all, "  ",
               text("Operation ", operation.id, " (", word(operation.kind), ") is not over."));
}

// What operators ordered that holds for it: the reason why nothing happens.
void add_orders(std::string& all, const Story& story, const Replica& replica) {
  const Replica* active = story.share_now->active();
  std::vector<std::string> words = {pause_in_words(*story.share_now)};
  for (const ControllerOrders& one : story.orders) {
    const bool is_own = one.name == replica.controller;
    const bool is_source = active != nullptr && one.name == active->controller;
    if (one.name.empty() || is_own || is_source) words.push_back(pause_in_words(one));
    if (is_own) words.push_back(drain_in_words(one));
    if (is_own || is_source) words.push_back(retirement_in_words(one));
  }
  if (replica.state != ReplicaState::active) words.push_back(suspension_in_words(*story.share_now));
  for (const std::string& one : words)
    if (!one.empty()) add_line(all, "  ", text("By order, ", one, "."));
}

std::string present(const Story& story) {
  const Replica* replica = story.replica_now();
  if (replica == nullptr) {
    std::string all = text("Replica ", story.replica, " of ", share_text(story), " is gone.\n");
    if (story.share_now) add_leftovers(all, *story.share_now, story.replica);
    return all;
  }
  std::string all = text("Replica ", story.replica, " of ", share_text(story), ": status ",
                         word(replica->status), ", replica_state ", word(replica->state), ".\n");
  add_line(all, "  ", place_text(*replica));
  if (!replica->host.empty()) add_line(all, "  ", role_text(*story.share_now, *replica));
  add_orders(all, story, *replica);
  add_task(all, *story.share_now, *replica);
  add_damage(all, *replica);
  add_fences(all, *story.share_now, *replica);
  add_access(all, *story.share_now, *replica);
  add_leftovers(all, *story.share_now, story.replica);
  add_operations(all, *story.share_now, story.replica);
  return all;
}

// ---- because
std::string actor_text(const Actor& actor) {
  std::string all = actor.name.empty() ? std::string(word(actor.kind)) : actor.name;
  if (!actor.claimed.empty()) all += text(" (says it is ", quoted(actor.claimed), ")");
  return all;
}

template <class V>
std::string change_text(std::string_view what, V before, V after) {
  return before == after ? std::string() : text(what, " ", word(before), " -> ", word(after));
}

std::string change_text(const std::optional<Standing>& before,
                        const std::optional<Standing>& after) {
  if (!before && !after) return {};
  if (!before)
    return text("it began: status ", word(after->status), ", replica_state ", word(after->state));
  if (!after) return "it ended";
  std::vector<std::string> parts = {change_text("status", before->status, after->status),
                                    change_text("replica_state", before->state, after->state)};
  std::erase(parts, std::string());
  return joined(parts, ", ");
}

// One record: its header, what it said of this replica, what that changed.
void add_record(std::string& all, const std::vector<const Fact*>& facts, ReplicaId replica) {
  const Fact& first = *facts.front();
  const Record& record = *first.record;
  all += text("\n#", first.ordinal, "  ", record.time, "  ", record.command, " by ",
              actor_text(record.actor), "\n");
  for (const Fact* fact : facts) {
    const std::vector<std::string> clauses = clauses_of(fact->event(), replica);
    for (std::size_t i = 0; i < clauses.size(); ++i)
      add_line(all, i == 0 ? k_indent : k_indent_below, clauses[i]);
  }
  if (const std::string change = change_text(first.before, facts.back()->after); !change.empty())
    add_line(all, k_indent, "=> " + change);
  if (!record.reason.empty())
    add_line(all, k_indent, text("reason given: ", quoted(record.reason)));
  if (!record.cause.empty()) add_line(all, k_indent, text("caused by ", record.cause));
}

std::string because(const Story& story, const std::vector<std::size_t>& chosen) {
  std::string all = "\nBecause (newest first, times in UTC):\n";
  for (std::size_t end = chosen.size(); end > 0;) {
    std::size_t begin = end - 1;
    const Ordinal ordinal = story.facts[chosen[begin]].ordinal;
    while (begin > 0 && story.facts[chosen[begin - 1]].ordinal == ordinal) --begin;
    std::vector<const Fact*> facts;
    for (std::size_t i = begin; i < end; ++i) facts.push_back(&story.facts[chosen[i]]);
    add_record(all, facts, story.replica);
    end = begin;
  }
  return all;
}

}  // namespace

Result<std::string> why(const View& view, const LogReader& log, ReplicaId replica) {
  PASIG_TRY(const Story story, read_story(view, log, replica));
  const std::vector<std::size_t> chosen = causes(story);
  std::string all = present(story) + because(story, chosen);
  const std::vector<std::string> steps = next_steps(story, chosen);
  if (!steps.empty()) all += "\nWhat to do next:\n";
  for (const std::string& step : steps) add_line(all, "  ", step);
  return all;
}

}  // namespace pasig::replay
