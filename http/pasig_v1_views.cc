#include "http/pasig_v1_views.h"

#include <algorithm>
#include <boost/json/parse.hpp>

#include "http/pasig_v1_orders.h"
#include "replay/phrases.h"

namespace pasig::http::v1 {
namespace json = boost::json;
namespace {

// The newest that is known of a replica's data: the worker's last look, or the log.
struct KnownData {
  std::uint64_t generation = 0;
  Time as_of;
  Consistency consistency = Consistency::unknown;
};

KnownData known_data(const Replica& replica, const std::optional<ReplicaObservation>& seen) {
  if (seen && seen->data_as_of > replica.data_as_of)
    return {seen->generation, seen->data_as_of, seen->consistency};
  return {replica.generation, replica.data_as_of, replica.consistency};
}

// in_sync (as of 2026-11-23T12:00:03.000000, 41 s ago, generation 17, settled)
std::string sync_words(const Replica& replica, const KnownData& data, Time now) {
  std::string text(word(replica.state));
  if (replica.state == ReplicaState::none) return "not yet provisioned";
  if (!data.as_of.is_set())
    return replica.state == ReplicaState::active ? text : text + " (no verified copy yet)";
  text += " (as of " + to_string(data.as_of) + ", ";
  text += replay::span_of(std::max<std::int64_t>(0, now.micros_since(data.as_of))) + " ago";
  text += ", generation " + std::to_string(data.generation);
  if (data.consistency != Consistency::unknown) text += ", " + std::string(word(data.consistency));
  return text + ")";
}

std::string with_size(const std::string& note, const std::string& size) {
  return note.empty() || size.empty() ? note + size : note + "; " + size;
}

// Why the share as a whole is as it is: what its task left behind, else what its replica says.
std::string note_of(const Share& share) {
  if (!share.task_note.empty()) return share.task_note;
  const Replica* chosen = chosen_replica(share);
  return chosen == nullptr ? std::string() : chosen->note;
}

json::object pairs_view(const std::vector<KeyValue>& pairs) {
  json::object view;
  for (const KeyValue& one : pairs) view[one.key] = one.value;
  return view;
}

template <class T>
json::value id_or_null(const T& id) {
  return id.is_nil() ? json::value(nullptr) : json::value(to_string(id));
}

json::array texts_view(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

json::object placement_view(const Placement& placement) {
  json::object view{{"words", replay::joined(replay::said(placement), "; ")},
                    {"host", placement.host},
                    {"zone", placement.zone},
                    {"zone_asked", placement.zone_asked},
                    {"shares_zone", placement.shares_zone},
                    {"considered", placement.considered}};
  json::array filters;
  for (const FilterCount& one : placement.filters)
    filters.push_back(
        json::object{{"filter", one.filter}, {"rejected", one.rejected}, {"example", one.example}});
  json::array best;
  for (const PoolScore& one : placement.best)
    best.push_back(json::object{{"host", one.host}, {"weight_micros", one.weight_micros}});
  view["filters"] = std::move(filters);
  view["best"] = std::move(best);
  return view;
}

// Of one replica, or of the whole share when `of` is nil.
json::array aside_view(const Share& share, ReplicaId of) {
  json::array view;
  for (const AsideData& one : share.aside)
    if (of.is_nil() || one.replica == of)
      view.push_back(json::object{{"replica", to_string(one.replica)},
                                  {"controller", one.controller},
                                  {"path", one.path},
                                  {"files", one.files},
                                  {"bytes", one.bytes},
                                  {"epoch", one.epoch},
                                  {"since", time_or_null(one.since)}});
  return view;
}

json::array debris_view(const Share& share, ReplicaId of) {
  json::array view;
  for (const Debris& one : share.debris)
    if (of.is_nil() || one.replica == of)
      view.push_back(json::object{{"replica", to_string(one.replica)},
                                  {"controller", one.controller},
                                  {"bytes", one.bytes},
                                  {"words", one.words},
                                  {"since", time_or_null(one.since)}});
  return view;
}

json::object one_pending(const Call& call, const PendingOperation& one) {
  const auto operation = call.view->operation(one.id);
  return {{"id", to_string(one.id)},
          {"kind", word(one.kind)},
          {"replica", id_or_null(one.replica)},
          {"snapshot", id_or_null(one.snapshot)},
          {"status", word(operation ? operation->status : OperationStatus::requested)}};
}

json::array pending_view(const Call& call, const Share& share, ReplicaId of) {
  json::array view;
  for (const PendingOperation& one : share.operations) {
    if (!of.is_nil() && one.replica != of) continue;
    view.push_back(one_pending(call, one));
  }
  return view;
}

void add_observation(json::object& view, const std::optional<ReplicaObservation>& seen) {
  view["observed_at"] = seen ? time_or_null(seen->observed_at) : json::value(nullptr);
  view["confirmed_at"] = seen ? time_or_null(seen->confirmed_at) : json::value(nullptr);
  for (const auto* name : {"reachable", "observed_words", "used_bytes", "files", "skipped"})
    view[name] = nullptr;
  if (!seen) return;
  view["reachable"] = seen->reachable;
  view["observed_words"] = seen->words;
  view["used_bytes"] = seen->used_bytes;
  view["files"] = seen->files;
  view["skipped"] = seen->skipped;
}

// Above the RPO; null while nothing is known, and for the active one, which has no lag.
json::value over_rpo(const Share& share, const Replica& replica, const KnownData& data, Time now) {
  if (replica.state == ReplicaState::active || !data.as_of.is_set()) return nullptr;
  return json::value(now > data.as_of.plus_seconds(share.rpo_seconds));
}

// Whether its content is what was written, by the last time that all of it was read.
void add_verification(json::object& view, const Call& call, const Replica& replica,
                      const std::optional<ReplicaObservation>& seen) {
  const Time scrubbed = seen ? seen->scrubbed_at : Time{};
  view["verified_at"] = time_or_null(std::max(scrubbed, replica.verified_at));
  view["verify_requested_at"] = time_or_null(replica.verify_requested_at);
  view["verify_words"] = seen ? seen->scrub_words : std::string();
  view["damaged"] = replica.damaged;
  json::array good;
  for (const ReplicaId one : replica.good_copies) good.emplace_back(to_string(one));
  view["good_copies"] = std::move(good);
  view["scrub"] = nullptr;
  const auto running = call.service.observations.scrub(replica.id);
  if (!running) return;
  json::object shown{{"step", running->step},
                     {"bytes_done", running->bytes_done},
                     {"bytes_total", nullptr},
                     {"at", time_or_null(running->at)}};
  if (running->bytes_total) shown["bytes_total"] = *running->bytes_total;
  view["scrub"] = std::move(shown);
}

}  // namespace

json::object type_view(const ShareType& type) {
  return {{"id", to_string(type.id)},
          {"name", type.name},
          {"description", type.description},
          {"is_public", type.is_public},
          {"replication", word(type.replication)},
          {"rpo_seconds", type.rpo_seconds},
          {"sync_interval_seconds", type.sync_interval_seconds},
          {"extra_specs", pairs_view(type.extra_specs)},
          {"created_at", time_or_null(type.created_at)}};
}

std::string over_size_words(const Call& call, const Share& share) {
  const Replica* active = share.active();
  const auto seen =
      active == nullptr ? std::nullopt : call.service.observations.replica(active->id);
  const std::uint64_t used =
      seen && seen->used_bytes > 0 ? seen->used_bytes : share.over_size_bytes;
  const std::string words =
      replay::bytes_of(used) + " used of " + std::to_string(share.size_gb) + " GiB";
  if (used > share.size_gb << 30) return "over its size: " + words;
  // Told once it is well within it: nothing comes and goes at the brim.
  return share.over_size_bytes == 0 ? std::string() : "was over its size: " + words;
}

json::object replica_view(const Call& call, const Share& share, const Replica& replica) {
  const auto seen = call.service.observations.replica(replica.id);
  const Replica* active = share.active();
  const bool is_active = active != nullptr && active->id == replica.id;
  const std::string size = is_active ? over_size_words(call, share) : std::string();
  const KnownData data = known_data(replica, seen);
  const Time now = call.service.clock.now();
  json::object view{{"id", to_string(replica.id)},
                    {"share", {{"id", to_string(share.id)}, {"name", share.name}}},
                    {"host", replica.host},
                    {"controller", replica.controller},
                    {"pool", replica.pool},
                    {"zone", replica.zone},
                    {"status", word(replica.status)},
                    {"state", word(replica.state)},
                    {"sync", sync_words(replica, data, now)},
                    {"data_as_of", time_or_null(data.as_of)},
                    {"lag_seconds", nullptr},
                    {"rpo_seconds", share.rpo_seconds},
                    {"over_rpo", over_rpo(share, replica, data, now)},
                    {"generation", data.generation},
                    {"consistency", word(data.consistency)},
                    {"epoch", share.epoch},
                    {"fence",
                     {{"state", word(replica.fence.state)},
                      {"kind", word(replica.fence.kind)},
                      {"words", replica.fence.words}}},
                    {"note", with_size(replica.note, size)},
                    {"cast_rules_to_readonly", replica.cast_rules_to_readonly},
                    {"created_at", time_or_null(replica.created_at)},
                    {"updated_at", time_or_null(replica.updated_at)}};
  if (data.as_of.is_set() && replica.state != ReplicaState::active)
    view["lag_seconds"] =
        static_cast<double>(std::max<std::int64_t>(0, now.micros_since(data.as_of))) / 1e6;
  view["exports"] = texts_view(replica.exports);
  view["placement"] = placement_view(replica.placement);
  view["aside"] = aside_view(share, replica.id);
  view["debris"] = debris_view(share, replica.id);
  view["operations"] = pending_view(call, share, replica.id);
  add_observation(view, seen);
  add_verification(view, call, replica, seen);
  return view;
}

json::object share_view(const Call& call, const Share& share) {
  const Replica* active = share.active();
  const Replica* chosen = chosen_replica(share);
  json::object view{{"id", to_string(share.id)},
                    {"name", share.name},
                    {"description", share.description},
                    {"project", share.project},
                    {"user", share.user},
                    {"protocol", share.protocol},
                    {"size_gb", share.size_gb},
                    {"is_public", share.is_public},
                    {"status", status_word(share)},
                    {"note", with_size(note_of(share), over_size_words(call, share))},
                    {"over_size_bytes", share.over_size_bytes},
                    {"access_rules", share.access_rules.size()},
                    {"is_access_ruled", share.is_access_ruled},
                    {"zone", chosen == nullptr ? std::string() : chosen->zone},
                    {"zone_asked", share.zone_asked},
                    {"type", {{"id", to_string(share.type)}, {"name", share.type_name}}},
                    {"replication", word(share.replication)},
                    {"rpo_seconds", share.rpo_seconds},
                    {"sync_interval_seconds", share.sync_interval_seconds},
                    {"epoch", share.epoch},
                    {"active_replica", nullptr},
                    {"managed_path", share.managed_path},
                    {"managed_on", share.managed_on},
                    {"created_at", time_or_null(share.created_at)},
                    {"updated_at", time_or_null(share.updated_at)}};
  if (active != nullptr) view["active_replica"] = to_string(active->id);
  view["exports"] = active == nullptr ? json::array() : texts_view(active->exports);
  view["metadata"] = pairs_view(share.metadata);
  view["extra_specs"] = pairs_view(share.extra_specs);
  add_orders(view, call, share);
  json::array replicas;
  for (const Replica& one : share.replicas) replicas.push_back(replica_view(call, share, one));
  view["replicas"] = std::move(replicas);
  view["snapshots"] = share.snapshots.size();
  view["source_snapshot"] = id_or_null(share.source_snapshot);
  view["aside"] = aside_view(share, {});
  view["debris"] = debris_view(share, {});
  view["operations"] = pending_view(call, share, {});
  return view;
}

json::object snapshot_view(const Call& call, const Share& share, const Snapshot& snapshot) {
  json::object view{{"id", to_string(snapshot.id)},
                    {"name", snapshot.name},
                    {"description", snapshot.description},
                    {"share", {{"id", to_string(share.id)}, {"name", share.name}}},
                    {"project", share.project},
                    {"user", snapshot.user},
                    {"status", word(status_of(snapshot))},
                    {"size_gb", snapshot.size_gb},
                    {"taken_at", time_or_null(snapshot.taken_at)},
                    {"consistency", word(snapshot.consistency)},
                    {"digest", snapshot.digest},
                    {"files", snapshot.files},
                    {"bytes", snapshot.bytes},
                    {"copy_by", time_or_null(snapshot.copy_by)},
                    {"managed_path", snapshot.managed_path},
                    {"metadata", pairs_view(snapshot.metadata)},
                    {"created_at", time_or_null(snapshot.created_at)},
                    {"updated_at", time_or_null(snapshot.updated_at)}};
  json::array copies;
  std::string note;
  for (const SnapshotCopy& one : snapshot.copies) {
    const Replica* replica = share.find(one.replica);
    const bool is_active = replica != nullptr && replica->state == ReplicaState::active;
    if (note.empty() || is_active) note = one.note.empty() ? note : one.note;
    copies.push_back(
        json::object{{"replica", to_string(one.replica)},
                     {"controller", replica == nullptr ? "" : replica->controller},
                     {"zone", replica == nullptr ? "" : replica->zone},
                     {"state", word(replica == nullptr ? ReplicaState::none : replica->state)},
                     {"status", word(one.status)},
                     {"required", one.required},
                     {"note", one.note},
                     {"updated_at", time_or_null(one.updated_at)}});
  }
  view["note"] = note;
  view["copies"] = std::move(copies);
  json::array operations;
  for (const PendingOperation& one : share.operations)
    if (one.snapshot == snapshot.id) operations.push_back(one_pending(call, one));
  view["operations"] = std::move(operations);
  return view;
}

json::object pool_view(const PoolObservation& pool) {
  json::array types;
  for (const ReplicationType one : pool.replication_types) types.emplace_back(word(one));
  json::object capabilities;
  for (const auto& [name, value] : pool.capabilities) capabilities[name] = value;
  return {{"host", pool.host},
          {"controller", pool.controller},
          {"pool", pool.pool},
          {"zone", pool.zone},
          {"driver", pool.driver},
          {"up", pool.up},
          {"words", pool.words},
          {"total_bytes", pool.total_bytes},
          {"free_bytes", pool.free_bytes},
          {"file_system", pool.file_system},
          {"replication_domain", pool.replication_domain},
          {"replication_types", std::move(types)},
          {"capabilities", std::move(capabilities)},
          {"reported_at", time_or_null(pool.reported_at)}};
}

json::array events_view(const std::vector<Event>& events) {
  json::array view;
  for (const Event& event : events) {
    json::error_code error;
    json::value data = json::parse(to_json(event), error);
    view.push_back(json::object{{"type", name_of(event)},
                                {"sentence", replay::sentence(event)},
                                {"data", error ? json::value(nullptr) : std::move(data)}});
  }
  return view;
}

json::object record_view(const replay::HistoryEntry& entry) {
  const Record& record = entry.record;
  const bool is_refusal =
      !record.events.empty() && std::holds_alternative<CommandRejected>(record.events.front());
  return {{"ordinal", entry.ordinal},
          {"outcome", !entry.accepted ? "void"
                      : is_refusal    ? "refused"
                                      : "accepted"},
          {"void_because", entry.void_because},
          {"kind", word(record.kind)},
          {"time", time_or_null(record.time)},
          {"actor",
           {{"kind", word(record.actor.kind)},
            {"name", record.actor.name},
            {"project", record.actor.project},
            {"claimed", record.actor.claimed},
            {"admin", record.actor.admin}}},
          {"command", record.command},
          {"command_id", record.command_id},
          {"content_hash", record.content_hash.hex()},
          {"reason", record.reason},
          {"cause", record.cause},
          {"request_id", record.request_id},
          {"traceparent", record.traceparent},
          {"node", record.node},
          {"decided_ordinal", record.decided_ordinal},
          {"decided_digest", record.decided_digest.hex()},
          {"events", events_view(record.events)}};
}

}  // namespace pasig::http::v1
