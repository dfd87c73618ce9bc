// The structs of event.h, values.h and record.h are the schema: field by field the same names,
// types and order. Names come from the header's text, which the compiler does not keep.
#include <flatbuffers/minireflect.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <sstream>

#include "events/record_generated.h"
#include "tests/events/samples.h"

namespace pasig {
namespace {

using flatbuffers::TypeCode;
using flatbuffers::TypeTable;

std::string source(const std::string& path) {
  std::ifstream file(std::string(PASIG_SOURCE_DIR) + "/" + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The names of the fields of `struct name { … }`, in order: the last word before = or ;
std::vector<std::string> field_names(const std::string& text, const std::string& name) {
  std::vector<std::string> names;
  const std::size_t start = text.find("\nstruct " + name + " {");
  if (start == std::string::npos) return names;
  std::istringstream lines(text.substr(start + 1));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line) && line != "};") {
    if (line.starts_with("  //") || line.find("operator") != std::string::npos) continue;
    if (line.find(';') == std::string::npos) continue;  // goes on: its name is on the next line
    std::string declaration = line.substr(0, line.find(';'));
    declaration = declaration.substr(0, declaration.find(" = "));
    names.push_back(declaration.substr(declaration.rfind(' ') + 1));
  }
  return names;
}

// Collects every difference between an aggregate and its table, for one readable failure.
class Comparison {
 public:
  explicit Comparison(std::string text) : text_(std::move(text)) {}
  std::string differences;

  template <class T>
  void compare(const std::string& name, const TypeTable& table) {
    if (boost::pfr::tuple_size_v<T> != table.num_elems) {
      note(name, "has " + std::to_string(boost::pfr::tuple_size_v<T>) + " fields, not " +
                     std::to_string(table.num_elems));
      return;
    }
    compare_names(name, table);
    T value;
    boost::pfr::for_each_field(value, [&](const auto& field, std::size_t i) {
      using F = std::remove_cvref_t<decltype(field)>;
      const std::string place = name + "." + table.names[i];
      if constexpr (codec::IsVector<F>::value) compare_vector<F>(place, table, i);
      else compare_field<F>(place, table, i, false);
    });
  }

 private:
  std::string text_;

  void note(const std::string& place, const std::string& what) {
    differences += place + ": " + what + "\n";
  }
  void compare_names(const std::string& name, const TypeTable& table) {
    const std::vector<std::string> names = field_names(text_, name);
    if (names.size() != table.num_elems) return note(name, "was not found in the header");
    for (std::size_t i = 0; i < names.size(); ++i)
      if (names[i] != table.names[i]) note(name, names[i] + " is " + table.names[i]);
  }
  template <class F>
  void compare_vector(const std::string& place, const TypeTable& table, std::size_t i) {
    using Element = typename F::value_type;
    if constexpr (std::is_same_v<Element, Event>) {
      if (table_of(table, i) != wire::EventEntryTypeTable()) note(place, "is no EventEntry");
    } else {
      compare_field<Element>(place, table, i, true);
    }
  }
  template <class F>
  void compare_field(const std::string& place, const TypeTable& table, std::size_t i,
                     bool is_vector) {
    const TypeCode code = table.type_codes[i];
    const bool is_bytes = std::is_same_v<F, Digest>;
    if (code.base_type != base_type<F>()) note(place, "has another type");
    if ((code.is_repeating != 0) != (is_vector || is_bytes)) note(place, "vector or not differs");
    const TypeTable* inner = table_of(table, i);
    if constexpr (codec::IsId<F>::value) {
      if (inner != wire::UuidTypeTable()) note(place, "is no Uuid");
    } else if constexpr (std::is_enum_v<F>) {
      compare_words<F>(place, inner);
    } else if constexpr (base_type<F>() == flatbuffers::ET_SEQUENCE) {
      if (inner == nullptr) note(place, "is no table");
      else compare<F>(struct_name<F>(), *inner);
    } else if (inner != nullptr) {
      note(place, "is an enumeration or a table");
    }
  }
  template <class E>
  void compare_words(const std::string& place, const TypeTable* words) {
    if (words == nullptr || words->st != flatbuffers::ST_ENUM ||
        words->num_elems != static_cast<std::size_t>(E::MAX) + 1)
      return note(place, "has other words");
    for (std::size_t i = 0; i < words->num_elems; ++i)
      if (std::string(words->names[i]) != name_of_word(static_cast<E>(i)))
        note(place, std::string(words->names[i]) + " differs");
  }

  static const TypeTable* table_of(const TypeTable& table, std::size_t i) {
    const int ref = table.type_codes[i].sequence_ref;
    return ref < 0 ? nullptr : table.type_refs[ref]();
  }
  template <class F>
  static constexpr int base_type() {
    if (std::is_same_v<F, bool>) return flatbuffers::ET_BOOL;
    if (std::is_enum_v<F> || std::is_same_v<F, Digest>) return flatbuffers::ET_UCHAR;
    if (std::is_same_v<F, std::uint32_t>) return flatbuffers::ET_UINT;
    if (std::is_same_v<F, std::uint64_t>) return flatbuffers::ET_ULONG;
    if (std::is_same_v<F, std::int64_t> || std::is_same_v<F, Time>) return flatbuffers::ET_LONG;
    if (std::is_same_v<F, std::string>) return flatbuffers::ET_STRING;
    return flatbuffers::ET_SEQUENCE;
  }
  template <class E>
  static std::string name_of_word(E value) {
    if constexpr (std::is_same_v<E, wire::ExpectationKind>)
      return wire::EnumNameExpectationKind(value);
    else if constexpr (std::is_same_v<E, ChangeMode>) return wire::EnumNameChangeMode(value);
    else return std::string(word(value));
  }
  template <class F>
  static std::string struct_name() {
    if (std::is_same_v<F, KeyValue>) return "KeyValue";
    if (std::is_same_v<F, PoolScore>) return "PoolScore";
    if (std::is_same_v<F, FilterCount>) return "FilterCount";
    if (std::is_same_v<F, Placement>) return "Placement";
    if (std::is_same_v<F, Failure>) return "Failure";
    if (std::is_same_v<F, Fence>) return "Fence";
    if (std::is_same_v<F, ReplicaOutcome>) return "ReplicaOutcome";
    if (std::is_same_v<F, AccessOutcome>) return "AccessOutcome";
    if (std::is_same_v<F, Actor>) return "Actor";
    if (std::is_same_v<F, Expectation>) return "Expectation";
    if (std::is_same_v<F, StreamTouch>) return "StreamTouch";
    if (std::is_same_v<F, CounterMove>) return "CounterMove";
    return "a part that this test does not know";
  }
};

// A function for each kind of event, so that the test itself does not grow by all of them.
template <class E>
void compare_kind(Comparison& comparison, const std::string& name,
                  const flatbuffers::TypeTable& table) {
  comparison.compare<E>(name, table);
}
template <class Variant>
struct CompareKinds;
template <class... E>
struct CompareKinds<std::variant<E...>> {
  static constexpr std::array<
      void (*)(Comparison&, const std::string&, const flatbuffers::TypeTable&), sizeof...(E)>
      k_compare = {&compare_kind<E>...};
};

TEST(Schema, EqualsTheEventStructsFieldByField) {
  Comparison comparison(source("events/values.h") + source("events/event.h") +
                        source("events/snapshot_events.h") + source("events/share_events.h") +
                        source("events/care_events.h") + source("events/operation_events.h"));
  const std::vector<Event> kinds = samples::every_default_event();
  for (std::size_t i = 0; i < kinds.size(); ++i)
    CompareKinds<Fact>::k_compare[i](comparison, std::string(name_of(kinds[i])),
                                     *wire::EventTypeTable()->type_refs[i]());
  EXPECT_EQ(comparison.differences, "");
}

TEST(Schema, EqualsTheRecordStructsFieldByField) {
  Comparison comparison(source("events/record.h"));
  comparison.compare<Record>("Record", *wire::RecordTypeTable());
  EXPECT_EQ(comparison.differences, "");
}

TEST(Schema, HasOneAlternativeForEachMemberOfTheUnion) {
  EXPECT_EQ(std::variant_size_v<Fact>, wire::EventTypeTable()->num_elems - 1);  // NONE
}

const std::vector<std::string> k_names_in_order = {"LogCreated",
                                                   "CommandRejected",
                                                   "RefusalsSuppressed",
                                                   "ShareTypeCreated",
                                                   "ShareTypeDeleted",
                                                   "ShareCreated",
                                                   "ShareProvisioned",
                                                   "ShareRescheduled",
                                                   "ShareProvisionFailed",
                                                   "ShareDeletionStarted",
                                                   "ShareDeleted",
                                                   "ShareDeletionFailed",
                                                   "ReplicaAddStarted",
                                                   "ReplicaPlacementFailed",
                                                   "ReplicaAdded",
                                                   "ReplicaAddFailed",
                                                   "ReplicaRemovalStarted",
                                                   "ReplicaRemoved",
                                                   "ReplicaRemovalFailed",
                                                   "RelationDebrisLeft",
                                                   "RelationDebrisCleaned",
                                                   "ActiveReplicaChangeStarted",
                                                   "ActiveReplicaChanged",
                                                   "ActiveReplicaChangeFailed",
                                                   "ReplicaFenced",
                                                   "DivergedDataKeptAside",
                                                   "ReplicaCameInSync",
                                                   "ReplicaFellOutOfSync",
                                                   "ReplicaFailed",
                                                   "ReplicaRecovered",
                                                   "ReplicaResyncRequested",
                                                   "ReplicaStatusReset",
                                                   "ReplicaStateReset",
                                                   "ReportContradictedState",
                                                   "ReplicaExportsChanged",
                                                   "OperationRequested",
                                                   "OperationStarted",
                                                   "OperationLeaseRenewed",
                                                   "OperationRerouted",
                                                   "OperationCancelRequested",
                                                   "OperationCompleted",
                                                   "OperationFailed",
                                                   "OperationCancelled",
                                                   "OperationAbandonRequested",
                                                   "SnapshotCreationStarted",
                                                   "SnapshotTaken",
                                                   "SnapshotCopied",
                                                   "SnapshotCreationFailed",
                                                   "SnapshotCopyOverdue",
                                                   "SnapshotCopyLost",
                                                   "SnapshotDeletionStarted",
                                                   "SnapshotCopyDeleted",
                                                   "SnapshotDeletionFailed",
                                                   "SnapshotDeleted",
                                                   "SnapshotStatusReset",
                                                   "SnapshotUnmanageStarted",
                                                   "SnapshotUnmanaged",
                                                   "SnapshotUnmanageFailed",
                                                   "ShareRevertStarted",
                                                   "ShareReverted",
                                                   "ShareRevertFailed",
                                                   "ShareResizeStarted",
                                                   "ShareResized",
                                                   "ShareResizeFailed",
                                                   "ShareGrewOverItsSize",
                                                   "ShareCameWithinItsSize",
                                                   "ShareTaskReset",
                                                   "AccessRuleAdded",
                                                   "AccessLevelChanged",
                                                   "AccessRuleRemovalStarted",
                                                   "AccessRulesApplied",
                                                   "AccessRuleRemoved",
                                                   "AccessUpdateFailed",
                                                   "AccessMetadataChanged",
                                                   "ShareManaged",
                                                   "ShareManageFailed",
                                                   "ShareUnmanageStarted",
                                                   "ShareUnmanaged",
                                                   "ShareUnmanageFailed",
                                                   "ReplicaVerifyRequested",
                                                   "ReplicaVerified",
                                                   "ReplicaDamageFound",
                                                   "AsideDeletionStarted",
                                                   "AsideDataDeleted",
                                                   "AsideRestoreStarted",
                                                   "AsideDataRestored",
                                                   "AsideActionFailed",
                                                   "EffectsPaused",
                                                   "EffectsResumed",
                                                   "ShareEffectsPaused",
                                                   "ShareEffectsResumed",
                                                   "ControllerDrainStarted",
                                                   "ControllerDrainEnded",
                                                   "ControllerRetired",
                                                   "ControllerReinstated",
                                                   "ReplicationSuspended",
                                                   "ReplicationResumed",
                                                   "RelationDebrisForgotten",
                                                   "DebrisCleaningRequested"};

TEST(Event, IsNamedAsInTheSchema) {
  std::vector<std::string> found;
  for (const Event& event : samples::every_default_event()) found.emplace_back(name_of(event));
  EXPECT_EQ(found, k_names_in_order);
}

TEST(Event, IsNamedAsItsStruct) {
  EXPECT_EQ(name_of(LogCreated{}), "LogCreated");
  EXPECT_EQ(name_of(ShareCreated{}), "ShareCreated");
  EXPECT_EQ(name_of(ReplicaAdded{}), "ReplicaAdded");
  EXPECT_EQ(name_of(ActiveReplicaChanged{}), "ActiveReplicaChanged");
  EXPECT_EQ(name_of(ReportContradictedState{}), "ReportContradictedState");
  EXPECT_EQ(name_of(OperationCancelled{}), "OperationCancelled");
}

}  // namespace
}  // namespace pasig
