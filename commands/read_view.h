// What decide sees of the state. It notes every stream and counter it was asked for, and those
// notes become the record's expectations: derived, never written by hand (log-protocol 2).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "events/record.h"
#include "statemachine/state_reader.h"

namespace pasig {

// One decision's view; one thread. References it gives live as long as it does.
class ReadView {
 public:
  explicit ReadView(const StateReader& reader) : reader_(reader) {}

  const Share* share(ShareId id);
  const Share* share_of(ReplicaId id);  // notes the share's stream, when there is one
  const Share* share_of(SnapshotId id);
  const Share* share_of(AccessRuleId id);
  // Never null: a controller without orders has none. The empty name: about all of them.
  const ControllerOrders& controller(const std::string& name);
  const Operation* operation(OperationId id);
  const ShareType* share_type(ShareTypeId id);
  std::optional<ShareTypeId> share_type_named(const std::string& name);

  // Notes that the record touches this stream, e.g. one that it creates.
  void expect(const std::string& stream);
  // The same, of something that the decision makes under an id derived from its command's id.
  void expect_new(const std::string& stream);
  void expect_new(ReplicaId id);
  void expect_new(AccessRuleId id);
  void expect_new(SnapshotId id);
  // What it was to make and is there already: its command's id was used before, longer ago than
  // ids are remembered. Such a decision must not be written.
  [[nodiscard]] const std::optional<std::string>& taken() const { return taken_; }

  // Moves the counter by delta when value + delta <= limit (nullopt: unlimited, still moved;
  // never refused for delta <= 0). False, and an expectation of the exact negation for the
  // refusal, otherwise. One call per counter and decision.
  [[nodiscard]] bool move(const std::string& counter, std::int64_t delta,
                          std::optional<std::int64_t> limit);
  // value <= limit, without moving it.
  [[nodiscard]] bool within(const std::string& counter, std::int64_t limit);

  [[nodiscard]] std::vector<Expectation> expectations() const;
  [[nodiscard]] const std::vector<CounterMove>& moves() const { return moves_; }
  [[nodiscard]] StateReader::Position position() const { return reader_.position(); }

 private:
  const StateReader& reader_;
  std::map<ShareId, std::optional<Share>> shares_;
  std::map<OperationId, std::optional<Operation>> operations_;
  std::map<ShareTypeId, std::optional<ShareType>> types_;
  std::map<std::string, ControllerOrders> controllers_;
  std::map<std::string, std::uint64_t> streams_;
  std::vector<Expectation> counters_;
  std::vector<CounterMove> moves_;
  std::optional<std::string> taken_;
};

}  // namespace pasig
