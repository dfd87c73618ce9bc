#include "tests/projections/composed_log.h"

#include <algorithm>

#include "tests/commands/success.h"

namespace pasig {
namespace {

constexpr std::uint64_t k_gib = 1ULL << 30;

PoolReport pool(const std::string& name) {
  return {.host = "node@" + name + "#pool",
          .controller = name,
          .pool = "pool",
          .zone = "zone-" + name,
          .total_bytes = 1000 * k_gib,
          .free_bytes = 900 * k_gib,
          .replication_domain = "world",
          .replication_types = {ReplicationType::writable, ReplicationType::readable,
                                ReplicationType::dr}};
}

void count_touches(Record& record) {
  std::map<std::string, std::uint32_t> counted;
  for (const Event& event : record.events)
    for (const std::string& stream : streams_of(event)) ++counted[stream];
  for (const auto& [stream, count] : counted) record.touched.push_back({stream, count});
}

}  // namespace

ComposedLog::ComposedLog(std::uint64_t window) {
  now.now = Time{1'764'000'000'000'000};
  now.actor = {.kind = ActorKind::local, .name = "local:1000", .project = "p1", .admin = true};
  now.pools = {pool("a"), pool("b"), pool("c")};
  now.zones = {"zone-a", "zone-b", "zone-c"};
  Record first = creation(window);
  first.time = now.now;
  add(first);
}

ComposedLog::ComposedLog(const std::vector<std::string>& all,
                         const std::set<Ordinal>& quarantined) {
  for (const std::string& frame : all) {
    if (quarantined.contains(judged.next)) add_quarantined(frame);
    else add_bytes(frame);
  }
}

Record ComposedLog::fresh(const std::string& id) const {
  Record record = judged.decided_now(id);
  record.command = "Composed";
  record.content_hash = sha256(id);
  record.actor = now.actor;
  record.reason = "to be read for ever";
  record.node = "node";
  record.time = now.now;
  return record;
}

Record ComposedLog::stating(Events events, const std::string& id) const {
  Record record = fresh(id);
  record.events = std::move(events);
  count_touches(record);
  for (const StreamTouch& touch : record.touched)
    record.expectations.push_back(
        {.subject = touch.stream, .version = judged.memory.stream_version(touch.stream)});
  return record;
}

std::optional<Record> ComposedLog::decide_now(const Command& command, const std::string& id) {
  now.command_id = id;
  const WorldReader reader = folded.reader();
  ReadView view(reader);
  Decision decision = decide(view, now, command);
  if (view.taken()) return std::nullopt;  // it was made long ago, under the same id
  Record record = fresh(id);
  record.command = std::string(name_of(command));
  record.content_hash = content_hash(command);
  record.expectations = view.expectations();
  if (decision) {
    if (decision->empty()) return std::nullopt;
    record.events = *std::move(decision);
    record.moved = view.moves();
  } else {
    const Refusal& refusal = decision.error();
    if (!is_recorded(refusal.guard)) return std::nullopt;
    record.events = {
        CommandRejected{refusal.subject, std::string(word(refusal.guard)), refusal.message}};
  }
  count_touches(record);
  return record;
}

void ComposedLog::put(const std::string& frame) {
  frames.push_back(frame);
  PASIG_ASSERT(log.append(frame).has_value(), "the log in memory took no frame");
}

VoidReason ComposedLog::add(const Record& record) { return add_bytes(encode(record).value()); }

VoidReason ComposedLog::add_bytes(const std::string& frame) {
  put(frame);
  const Ordinal ordinal = judged.next;
  const Verdict verdict = judged.take_bytes(frame);
  if (verdict.accepted()) {
    folded.position.next_ordinal = ordinal;
    folded.apply(decode(frame).value());
  }
  folded.position = {judged.next, judged.memory.digest()};
  return verdict.reason;
}

void ComposedLog::add_quarantined(const std::string& frame) {
  put(frame);
  judged.pass_over(frame, VoidReason::quarantined);
  folded.position = {judged.next, judged.memory.digest()};
}

VoidReason ComposedLog::run(const Command& command) {
  const auto record = decide_now(command, "command-" + std::to_string(++commands_));
  return record ? add(*record) : VoidReason::none;
}

void ComposedLog::claim_first(ShareId id) {
  const Operation& operation = folded.world.operations.at(share(id).operations.at(0).id);
  run(ClaimOperation{.operation = operation.id,
                     .node = "node",
                     .process = 1,
                     .lease_seconds = 300,
                     .attempt = operation.attempt + 1});
}

void ComposedLog::finish_first(ShareId id) {
  const OperationId first = share(id).operations.at(0).id;
  if (folded.world.operations.at(first).status == OperationStatus::requested) claim_first(id);
  run(report_of_success(*this, folded.world.operations.at(first)));
}

Command report_of_success(const ComposedLog& log, const Operation& operation) {
  return success_of(log.folded.world, log.now.now, operation);
}

}  // namespace pasig
