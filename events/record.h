// A record of the log: the envelope and the events of one command (record.fbs,
// docs/formats/record.md). Plain values; field order equals the schema's ids.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "events/event.h"

namespace pasig {

// Records are counted from 0 in log order, void ones too.
using Ordinal = std::uint64_t;

constexpr std::uint32_t k_log_format = 1;
// Checked at encode; the log's own limit is 1 MiB (log-protocol 12).
constexpr std::size_t k_record_bytes_max = 512 * 1024;
constexpr std::size_t k_events_per_record_max = 1000;

// Who asked, as the node found out; `claimed` is only what the client says of itself.
struct Actor {
  ActorKind kind = ActorKind::system;
  std::string name;     // e.g. local:1000, anonymous@loopback, worker:node-1
  std::string project;  // empty: none
  std::string claimed;
  bool admin = false;
  bool operator==(const Actor&) const = default;
};

// What the record was decided on. stream_at uses version; counter_* use delta and limit.
struct Expectation {
  wire::ExpectationKind kind = wire::ExpectationKind::stream_at;
  std::string subject;
  std::uint64_t version = 0;  // exactly that many accepted events; 0 = does not exist
  std::int64_t delta = 0;
  std::int64_t limit = 0;
  bool operator==(const Expectation&) const = default;
};
struct StreamTouch {
  std::string stream;
  std::uint32_t events = 0;
  bool operator==(const StreamTouch&) const = default;
};
struct CounterMove {
  std::string counter;
  std::int64_t delta = 0;
  bool operator==(const CounterMove&) const = default;
};

struct Record {
  RecordKind kind = RecordKind::command;
  std::string command_id;
  std::string command;  // its name, e.g. AddReplica
  Digest content_hash;  // of the command; same id with other content is refused
  Actor actor;
  std::string reason;       // in the actor's words
  std::string request_id;   // req-<uuid>
  std::string traceparent;  // W3C; may be empty
  std::string cause;        // the command or operation id that led to this one; may be empty
  std::string node;
  Time time;
  Ordinal decided_ordinal = 0;  // the last record applied when it was decided
  Digest decided_digest;        // the verdict digest there
  std::vector<Expectation> expectations;
  std::vector<StreamTouch> touched;
  std::vector<CounterMove> moved;
  std::vector<Event> events;
  bool operator==(const Record&) const = default;
};

// The bytes that go into the log: a frame (magic PSG1, version, length, CRC-32C) around the
// FlatBuffer. Refuses a record that is too large, has too many events, or touches a stream
// that it does not expect (Error::invalid; a defect of the caller, told before anything is
// written). Events of CommandRejected and RefusalsSuppressed touch none.
Result<std::string> encode(const Record& record);

// Reads one frame. not_found: not ours (no magic). corrupt: ours, but the checksum, the
// verifier or the semantic check (unknown word, empty id) fails. unsupported: a newer format.
Result<Record> decode(std::string_view frame);

// Which streams an event belongs to (one count each): share-<id>, operation-<id>,
// type-<id>, type-name-<name>, controller-<name>; orders about all controllers: controllers.
std::vector<std::string> streams_of(const Event& event);
std::string stream_of(ShareId id);
std::string stream_of(OperationId id);
std::string stream_of(ShareTypeId id);
std::string type_name_stream(std::string_view name);
std::string controller_stream(std::string_view name);

// The event's name (`ReplicaAdded`) and its fields as one JSON object, for people and tools.
std::string_view name_of(const Event& event);
std::string to_json(const Event& event);

}  // namespace pasig
