// state/: the projections, one LMDB environment. Disposable: it equals the fold of a prefix of
// the log, and is written only by the applier, one transaction for a batch of records with the
// position in it. One named database per question; a list costs what its answer costs.
//
// Durability: runs without sync. A kill -9 loses nothing (the pages are the kernel's); after an
// unclean stop of the machine the store is rebuilt from the log (open() tells, by a marker).
// Threads: any number of Views at once (each used by one thread, for at most seconds); one
// Writer at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "events/record.h"
#include "statemachine/evolve.h"
#include "statemachine/state_reader.h"

namespace pasig {

// The disk failed, or is full, under a View or a Writer. Opening and committing say so in their
// Result; every other call throws this, because no answer would be true.
class StoreFailure : public std::runtime_error {
 public:
  explicit StoreFailure(Error error) : std::runtime_error(error.text()), error_(std::move(error)) {}
  [[nodiscard]] const Error& error() const { return error_; }

 private:
  Error error_;
};

// What became of a command id, within the window.
struct StoredOutcome {
  Ordinal ordinal = 0;
  bool abandoned = false;  // CommandAbandoned came first: it never happened
  Digest content_hash;
};

// Which log this is the state of, and how far.
struct StoreHead {
  LogId log;
  std::uint64_t incarnation = 0;
  std::uint64_t window = 0;
  std::uint64_t next_ordinal = 0;  // records applied
  std::uint64_t next_offset = 0;   // where the next one lies in the log
  std::uint64_t last_offset = 0;
  Digest last_frame_hash;  // of the last applied record: the log's identity check
  Digest verdict_digest;
  Digest state_digest;  // over all projections; only comparable at one fold version
  std::uint32_t fold_version = k_fold_version;
  Time last_time;  // of the last accepted record
  bool operator==(const StoreHead&) const = default;
};

// One line of a stream's history: which record, and which of them was accepted.
struct HistoryRef {
  Ordinal ordinal = 0;
  std::uint64_t offset = 0;
};

// Which shares accepted records touched, up to a position.
struct SharesChanged {
  Ordinal upto = 0;             // records; a view taken later holds all of them
  std::vector<ShareId> shares;  // may name one twice
  bool is_complete = true;      // false: that is longer ago than is remembered; look at all
};

// A consistent view of one moment.
class View : public StateReader {
 public:
  [[nodiscard]] virtual const StoreHead& head() const = 0;
  [[nodiscard]] virtual std::vector<Share> shares() const = 0;  // by id
  [[nodiscard]] virtual std::vector<ShareType> share_types() const = 0;
  [[nodiscard]] virtual std::vector<ControllerOrders> controllers() const = 0;  // by name
  // Not over: requested or running, oldest first.
  [[nodiscard]] virtual std::vector<Operation> pending_operations() const = 0;
  // All that are remembered, newest first, at most `limit`.
  [[nodiscard]] virtual std::vector<Operation> operations(std::size_t limit) const = 0;
  [[nodiscard]] virtual std::optional<StoredOutcome> outcome(std::string_view command_id) const = 0;
  [[nodiscard]] virtual std::optional<Digest> digest_after(Ordinal ordinal) const = 0;
  // The records of a stream (recorded refusals about it too), oldest first, from `from` on.
  [[nodiscard]] virtual std::vector<HistoryRef> history(std::string_view stream, Ordinal from,
                                                        std::size_t limit) const = 0;
  [[nodiscard]] virtual std::uint64_t offset_of(Ordinal ordinal) const = 0;
  // A share that was deleted, or a replica that was removed, is gone from shares(), but its
  // history stays: which share's stream a replica belonged to.
  [[nodiscard]] virtual std::optional<ShareId> share_once_of(ReplicaId id) const = 0;
  // Over every key and value of this moment, read again from disk; equals head().state_digest or
  // the incremental digest is wrong. Takes as long as the state is large.
  [[nodiscard]] virtual Digest scanned_digest() const = 0;
};

// One write transaction of the applier. Not committed: dropped.
class Writer : public View {
 public:
  // Applies one judged record: verdict bookkeeping (ids, digests) always; streams, counters,
  // fold and history only when accepted. Call with increasing offsets.
  virtual void apply(const Record& record, std::string_view frame, std::uint64_t offset,
                     bool accepted, const Digest& verdict_digest) = 0;
  // A record that is not ours (void-foreign): only the chain moves.
  virtual void skip(std::string_view frame, std::uint64_t offset, const Digest& verdict_digest) = 0;
  [[nodiscard]] virtual Result<void> commit() = 0;
};

class Store {
 public:
  struct Options {
    std::uint64_t map_bytes = 64ULL << 30;  // address space, not disk
    bool sync_every_commit = false;         // state.durability = "integrity"
    std::string boot_id;                    // of this start of the machine; empty: read it
  };
  virtual ~Store() = default;
  [[nodiscard]] virtual std::unique_ptr<View> view() const = 0;
  [[nodiscard]] virtual std::unique_ptr<Writer> begin() = 0;
  // A clean stop: syncs and takes the unclean marker away.
  [[nodiscard]] virtual Result<void> close_cleanly() = 0;
};

// The objects that these events are about, as the view has them: what evolve needs.
World world_around(const View& view, const Events& events);

// Opens or creates. When the machine stopped uncleanly, or the fold version differs, what is
// there is removed and *rebuilt_because says why (the applier then folds from zero).
Result<std::unique_ptr<Store>> open_store(const std::string& directory, Store::Options options,
                                          std::string* rebuilt_because);

}  // namespace pasig
