// The words that are stored: enumerations as the schema numbers them (events.fbs,
// record.fbs), and their text. Enumerators equal the API's words.
#pragma once

#include <optional>
#include <string_view>

#include "events/record_generated.h"

namespace pasig {

using wire::AccessLevel;
using wire::AccessState;
using wire::ActorKind;
using wire::ChangeMode;
using wire::Consistency;
using wire::FailureCode;
using wire::FenceKind;
using wire::FenceState;
using wire::OperationKind;
using wire::OperationStatus;
using wire::OutOfSyncReason;
using wire::RecordKind;
using wire::ReplicaState;
using wire::ReplicaStatus;
using wire::ReplicationType;
using wire::ShareTask;
using wire::SnapshotStatus;

inline std::string_view word(ReplicationType v) { return wire::EnumNameReplicationType(v); }
inline std::string_view word(ReplicaStatus v) { return wire::EnumNameReplicaStatus(v); }
inline std::string_view word(ReplicaState v) { return wire::EnumNameReplicaState(v); }
inline std::string_view word(Consistency v) { return wire::EnumNameConsistency(v); }
inline std::string_view word(FenceState v) { return wire::EnumNameFenceState(v); }
inline std::string_view word(FenceKind v) { return wire::EnumNameFenceKind(v); }
inline std::string_view word(FailureCode v) { return wire::EnumNameFailureCode(v); }
inline std::string_view word(OutOfSyncReason v) { return wire::EnumNameOutOfSyncReason(v); }
inline std::string_view word(OperationKind v) { return wire::EnumNameOperationKind(v); }
inline std::string_view word(OperationStatus v) { return wire::EnumNameOperationStatus(v); }
inline std::string_view word(RecordKind v) { return wire::EnumNameRecordKind(v); }
inline std::string_view word(ActorKind v) { return wire::EnumNameActorKind(v); }
inline std::string_view word(SnapshotStatus v) { return wire::EnumNameSnapshotStatus(v); }
inline std::string_view word(AccessState v) { return wire::EnumNameAccessState(v); }
inline std::string_view word(AccessLevel v) { return wire::EnumNameAccessLevel(v); }
inline std::string_view word(ShareTask v) { return wire::EnumNameShareTask(v); }
// `auto` is a keyword of C++: the enumerator is auto_, the word is auto.
inline std::string_view word(ChangeMode v) {
  return v == ChangeMode::auto_ ? std::string_view("auto") : wire::EnumNameChangeMode(v);
}

// The value with this word, or nothing.
template <class E>
std::optional<E> parse_word(std::string_view text) {
  for (int i = static_cast<int>(E::MIN); i <= static_cast<int>(E::MAX); ++i)
    if (word(static_cast<E>(i)) == text) return static_cast<E>(i);
  return std::nullopt;
}

// False for a number that this build does not know (the semantic check after the verifier).
template <class E>
bool is_known(E value) {
  return static_cast<int>(value) >= static_cast<int>(E::MIN) &&
         static_cast<int>(value) <= static_cast<int>(E::MAX);
}

}  // namespace pasig
