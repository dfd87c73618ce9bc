// Tells facts to a log, one in each record, with every field of them set: what golden logs that
// hold every kind are made of.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/events/samples.h"
#include "tests/projections/composed_log.h"

namespace pasig {

inline constexpr ShareTypeId k_type{{0x7001, 1}};
inline constexpr ShareTypeId k_other_type{{0x7001, 2}};
inline constexpr ShareId k_share{{0x5001, 1}};
inline constexpr ShareId k_failed_share{{0x5001, 2}};
inline constexpr ReplicaId k_first{{0x6001, 1}};
inline constexpr ReplicaId k_second{{0x6001, 2}};
inline constexpr ReplicaId k_third{{0x6001, 3}};
inline constexpr OperationId k_operation{{0x4001, 1}};
inline constexpr OperationId k_cancelled{{0x4001, 2}};
inline constexpr OperationId k_broken{{0x4001, 3}};
inline constexpr SnapshotId k_snapshot{{0x3001, 1}};
inline constexpr SnapshotId k_failed_snapshot{{0x3001, 2}};
inline constexpr SnapshotId k_given_back{{0x3001, 3}};
inline constexpr AccessRuleId k_rule{{0x2001, 1}};

class Teller {
 public:
  explicit Teller(ComposedLog& log) : log_(log) {}

  // About the one share, its second replica, its first snapshot and rule, and the first operation,
  // unless changed.
  template <class Fact>
  void tell(const std::function<void(Fact&)>& change = {}) {
    Fact fact;
    samples::Filler(samples::counting()).fill(fact);
    if constexpr (requires { fact.type = k_type; }) fact.type = k_type;
    if constexpr (requires { fact.share; }) fact.share = k_share;
    if constexpr (requires { fact.replica; }) fact.replica = k_second;
    if constexpr (requires { fact.snapshot; }) fact.snapshot = k_snapshot;
    if constexpr (requires { fact.rule; }) fact.rule = k_rule;
    if constexpr (requires { fact.demoted; }) fact.demoted = k_first;
    if constexpr (requires { fact.operation; }) fact.operation = k_operation;
    if (change) change(fact);
    log_.later(10);
    const std::string id = "fact " + std::to_string(++told_);
    ASSERT_EQ(log_.add(log_.stating({fact}, id)), VoidReason::none) << name_of(Event(fact));
  }
  template <class Fact>
  void tell_of(ReplicaId replica) {
    tell<Fact>([&](Fact& fact) { fact.replica = replica; });
  }
  void ask(OperationId operation, OperationKind kind) {
    tell<OperationRequested>([&](OperationRequested& fact) {
      fact.operation = operation;
      fact.kind = kind;
    });
  }

 private:
  ComposedLog& log_;
  int told_ = 0;
};

}  // namespace pasig
