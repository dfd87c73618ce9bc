// Facts about a share's size, its access rules, and its adoption; event.h says what binds all
// events.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "events/values.h"
#include "events/words.h"

namespace pasig {

// ---- size ----------------------------------------------------------------------------
struct ShareResizeStarted {
  ShareId share;
  std::uint64_t from_gb = 0;
  std::uint64_t to_gb = 0;
  bool operator==(const ShareResizeStarted&) const = default;
};
struct ShareResized {
  ShareId share;
  std::uint64_t from_gb = 0;
  std::uint64_t to_gb = 0;
  std::vector<ReplicaOutcome> outcomes;  // of each replica that was asked
  bool operator==(const ShareResized&) const = default;
};
struct ShareResizeFailed {
  ShareId share;
  std::uint64_t from_gb = 0;
  std::uint64_t to_gb = 0;
  Failure failure;
  bool operator==(const ShareResizeFailed&) const = default;
};
// Its size is observed, not enforced, and more is stored in it.
struct ShareGrewOverItsSize {
  ShareId share;
  ReplicaId replica;  // the active one
  std::uint64_t used_bytes = 0;
  bool operator==(const ShareGrewOverItsSize&) const = default;
};
struct ShareCameWithinItsSize {
  ShareId share;
  ReplicaId replica;
  std::uint64_t used_bytes = 0;
  bool operator==(const ShareCameWithinItsSize&) const = default;
};
// By an admin, out of a state that an operation left behind.
struct ShareTaskReset {
  ShareId share;
  ShareTask from = ShareTask::none;
  ShareTask to = ShareTask::none;
  bool operator==(const ShareTaskReset&) const = default;
};

// ---- access --------------------------------------------------------------------------
struct AccessRuleAdded {
  ShareId share;
  AccessRuleId rule;
  std::string type;
  std::string to;  // e.g. a user name
  AccessLevel level = AccessLevel::rw;
  std::vector<KeyValue> metadata;
  bool operator==(const AccessRuleAdded&) const = default;
};
struct AccessLevelChanged {
  ShareId share;
  AccessRuleId rule;
  AccessLevel level = AccessLevel::rw;
  bool operator==(const AccessLevelChanged&) const = default;
};
struct AccessRuleRemovalStarted {
  ShareId share;
  AccessRuleId rule;
  bool operator==(const AccessRuleRemovalStarted&) const = default;
};
// What holds on one replica now. Rules that were to go and hold no more are not listed.
struct AccessRulesApplied {
  ShareId share;
  ReplicaId replica;
  std::vector<AccessOutcome> outcomes;
  bool operator==(const AccessRulesApplied&) const = default;
};
// It holds on no replica any more.
struct AccessRuleRemoved {
  ShareId share;
  AccessRuleId rule;
  bool operator==(const AccessRuleRemoved&) const = default;
};
// The rules of one replica could not be changed; they are applied when it answers.
struct AccessUpdateFailed {
  ShareId share;
  ReplicaId replica;
  Failure failure;
  bool operator==(const AccessUpdateFailed&) const = default;
};

// The whole of it, as it is from now on.
struct AccessMetadataChanged {
  ShareId share;
  AccessRuleId rule;
  std::vector<KeyValue> metadata;
  bool operator==(const AccessMetadataChanged&) const = default;
};

// ---- adoption ------------------------------------------------------------------------
// An existing tree became the share's first replica.
struct ShareManaged {
  ShareId share;
  ReplicaId replica;
  std::uint64_t epoch = 0;
  std::vector<std::string> exports;
  std::uint64_t size_gb = 0;  // what it uses, in whole GiB
  std::uint64_t used_bytes = 0;
  bool operator==(const ShareManaged&) const = default;
};
struct ShareManageFailed {
  ShareId share;
  ReplicaId replica;
  Failure failure;
  bool operator==(const ShareManageFailed&) const = default;
};
struct ShareUnmanageStarted {
  ShareId share;
  bool operator==(const ShareUnmanageStarted&) const = default;
};
// The share is Pasig's no more; its tree stays.
struct ShareUnmanaged {
  ShareId share;
  std::string path;  // where its tree lies now
  bool operator==(const ShareUnmanaged&) const = default;
};
struct ShareUnmanageFailed {
  ShareId share;
  Failure failure;
  bool operator==(const ShareUnmanageFailed&) const = default;
};

}  // namespace pasig
