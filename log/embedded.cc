#include "log/embedded.h"

#include <lmdb.h>
#include <sys/statvfs.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

#include "log/directory_lock.h"
#include "log/limits.h"

namespace pasig {
namespace {

constexpr std::size_t k_batch_records_max = 512;
constexpr std::size_t k_batch_bytes_max = 256 * 1024;
constexpr unsigned k_readers_max = 1024;
constexpr unsigned k_databases_max = 8;
constexpr std::string_view k_format_key = "format";
constexpr std::string_view k_format = "1";  // of this store, not of the records

struct CloseEnvironment {
  void operator()(MDB_env* env) const { mdb_env_close(env); }
};
struct AbortTransaction {
  void operator()(MDB_txn* txn) const { mdb_txn_abort(txn); }
};
struct CloseCursor {
  void operator()(MDB_cursor* cursor) const { mdb_cursor_close(cursor); }
};
using Environment = std::unique_ptr<MDB_env, CloseEnvironment>;
using Transaction = std::unique_ptr<MDB_txn, AbortTransaction>;
using Cursor = std::unique_ptr<MDB_cursor, CloseCursor>;  // dies before its transaction

MDB_val value_of(std::string_view bytes) { return {bytes.size(), const_cast<char*>(bytes.data())}; }
std::string_view view_of(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}
std::size_t ordinal_of(const MDB_val& key) {  // the place in the page may be unaligned
  std::size_t ordinal = 0;
  std::memcpy(&ordinal, key.mv_data, sizeof ordinal);
  return ordinal;
}

ErrorCode code_of(int number) {
  switch (number) {
    case MDB_MAP_FULL:
    case ENOSPC:
    case EDQUOT:
    case MDB_READERS_FULL:
    case EMFILE:
    case ENFILE:
      return ErrorCode::exhausted;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
      return ErrorCode::corrupt;
    case MDB_VERSION_MISMATCH:
      return ErrorCode::unsupported;
  }
  return ErrorCode::unavailable;
}
bool leaves_log_whole(int number) {
  return number == MDB_MAP_FULL || number == ENOSPC || number == EDQUOT;
}

// One append that waits for its commit; lives on its caller's stack.
struct Waiting {
  std::string frame;
  Result<LogPosition> result = LogPosition{};
  bool done = false;
};
using Batch = std::vector<Waiting*>;

class EmbeddedLog final : public EventLog {
 public:
  EmbeddedLog(EmbeddedLogOptions options, DirectoryLock lock)
      : options_(std::move(options)), lock_(std::move(lock)) {}
  ~EmbeddedLog() override;

  Result<void> open();

  Result<LogPosition> append(std::string frame) override;
  Result<std::vector<LogEntry>> read(std::uint64_t offset, std::size_t records_max) const override;
  Result<std::uint64_t> end() const override;
  bool wait_beyond(std::uint64_t offset, Duration timeout, std::stop_token stop) const override;

 private:
  EmbeddedLogOptions options_;
  DirectoryLock lock_;
  Environment env_;
  MDB_dbi records_ = 0;
  MDB_dbi control_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable_any work_;           // for the writer
  std::condition_variable committed_;          // for those who append
  mutable std::condition_variable_any grown_;  // for those who wait beyond
  std::deque<Waiting*> waiting_;
  std::optional<Error> failure_;  // set once: appending has stopped
  std::uint64_t end_ = 0;         // durable; only the writer moves it
  std::jthread writer_;           // last: its thread uses all of the above

  [[nodiscard]] tl::unexpected<Error> failed(const std::string& doing, int number,
                                             std::string hint = {}) const;
  Result<void> open_environment();
  Result<void> open_databases();
  Result<void> check_format(MDB_txn* txn);
  Result<void> find_end(MDB_txn* txn);
  Result<Transaction> begin(unsigned flags) const;

  void write_until_stopped(const std::stop_token& stop);
  Batch take_batch(const std::stop_token& stop);
  void settle(const Batch& batch, const Result<void>& written);
  Result<void> write(const Batch& batch, std::uint64_t first);
  Result<void> check_room(const Batch& batch) const;
  Result<void> put(const Batch& batch, std::uint64_t first, MDB_txn* txn);
  Result<void> refuse_write(int number);
};

EmbeddedLog::~EmbeddedLog() {
  if (!writer_.joinable()) return;
  writer_.request_stop();
  writer_.join();
}

tl::unexpected<Error> EmbeddedLog::failed(const std::string& doing, int number,
                                          std::string hint) const {
  return fail(code_of(number),
              doing + " the log in " + options_.directory.string() + ": " + mdb_strerror(number),
              std::move(hint));
}

// ---- opening ----------------------------------------------------------------------------
Result<void> EmbeddedLog::open() {
  PASIG_CHECK(open_environment());
  PASIG_CHECK(open_databases());
  PASIG_CHECK(sync_directory(options_.directory));
  writer_ = std::jthread([this](const std::stop_token& stop) { write_until_stopped(stop); });
  return {};
}

Result<void> EmbeddedLog::open_environment() {
  MDB_env* raw = nullptr;
  if (const int number = mdb_env_create(&raw)) return failed("opening", number);
  env_.reset(raw);
  int number = mdb_env_set_mapsize(raw, options_.map_bytes);
  if (number == 0) number = mdb_env_set_maxreaders(raw, k_readers_max);
  if (number == 0) number = mdb_env_set_maxdbs(raw, k_databases_max);
  if (number == 0) number = mdb_env_open(raw, options_.directory.c_str(), MDB_NOTLS, 0640);
  if (number != 0)
    return failed("opening", number, "check the directory's owner, the disk, and log.map_bytes");
  int dead_readers = 0;
  if (const int stale = mdb_reader_check(raw, &dead_readers)) return failed("opening", stale);
  return {};
}

Result<void> EmbeddedLog::open_databases() {
  PASIG_TRY(Transaction txn, begin(0));
  int number = mdb_dbi_open(txn.get(), "records", MDB_CREATE | MDB_INTEGERKEY, &records_);
  if (number == 0) number = mdb_dbi_open(txn.get(), "control", MDB_CREATE, &control_);
  if (number != 0) return failed("opening", number);
  PASIG_CHECK(check_format(txn.get()));
  PASIG_CHECK(find_end(txn.get()));
  if (const int result = mdb_txn_commit(txn.release())) return failed("opening", result);
  return {};
}

Result<void> EmbeddedLog::check_format(MDB_txn* txn) {
  MDB_val key = value_of(k_format_key);
  MDB_val found{};
  int number = mdb_get(txn, control_, &key, &found);
  if (number == 0 && view_of(found) != k_format)
    return fail(ErrorCode::unsupported,
                "the log in " + options_.directory.string() + " has the store format " +
                    std::string(view_of(found)) + "; this build knows " + std::string(k_format),
                "run a newer pasigd");
  if (number == MDB_NOTFOUND) {
    MDB_val value = value_of(k_format);
    number = mdb_put(txn, control_, &key, &value, 0);
  }
  if (number != 0) return failed("opening", number);
  return {};
}

Result<void> EmbeddedLog::find_end(MDB_txn* txn) {
  MDB_cursor* raw = nullptr;
  if (const int number = mdb_cursor_open(txn, records_, &raw)) return failed("opening", number);
  const Cursor cursor(raw);
  MDB_val key{};
  MDB_val value{};
  const int number = mdb_cursor_get(raw, &key, &value, MDB_LAST);
  if (number != 0 && number != MDB_NOTFOUND) return failed("opening", number);
  end_ = number == 0 ? ordinal_of(key) + 1 : 0;
  MDB_stat found{};
  if (const int result = mdb_stat(txn, records_, &found)) return failed("opening", result);
  if (found.ms_entries != end_)
    return fail(ErrorCode::corrupt,
                "the log in " + options_.directory.string() + " ends at " + std::to_string(end_) +
                    " but holds " + std::to_string(found.ms_entries) + " records",
                "restore it from a back-up");
  return {};
}

Result<Transaction> EmbeddedLog::begin(unsigned flags) const {
  MDB_txn* raw = nullptr;
  if (const int number = mdb_txn_begin(env_.get(), nullptr, flags, &raw))
    return failed(flags == MDB_RDONLY ? "reading" : "writing", number);
  return Transaction(raw);
}

// ---- appending --------------------------------------------------------------------------
Result<LogPosition> EmbeddedLog::append(std::string frame) {
  PASIG_CHECK(check_appendable(frame));
  Waiting mine{.frame = std::move(frame)};
  std::unique_lock lock(mutex_);
  if (failure_)
    return fail(ErrorCode::unavailable, "appending has stopped: " + failure_->message,
                failure_->hint);
  waiting_.push_back(&mine);
  work_.notify_one();
  committed_.wait(lock, [&] { return mine.done; });
  return std::move(mine.result);
}

void EmbeddedLog::write_until_stopped(const std::stop_token& stop) {
  while (true) {
    const Batch batch = take_batch(stop);
    if (batch.empty()) return;
    settle(batch, write(batch, end_));
  }
}

// Empty only when the log is being closed and nothing waits any more.
Batch EmbeddedLog::take_batch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  work_.wait(lock, stop, [&] { return !waiting_.empty(); });
  Batch batch;
  std::size_t bytes = 0;
  while (!waiting_.empty() && batch.size() < k_batch_records_max) {
    bytes += waiting_.front()->frame.size();
    if (!batch.empty() && bytes > k_batch_bytes_max) break;
    batch.push_back(waiting_.front());
    waiting_.pop_front();
  }
  return batch;
}

void EmbeddedLog::settle(const Batch& batch, const Result<void>& written) {
  const std::scoped_lock lock(mutex_);
  for (Waiting* one : batch) {
    if (written) one->result = LogPosition{.offset = end_++};
    else one->result = tl::unexpected(written.error());
    one->done = true;
  }
  if (failure_) {  // those who came while the write failed: nothing of theirs was written
    for (Waiting* one : waiting_) {
      one->result = fail(ErrorCode::unavailable, "appending has stopped: " + failure_->message,
                         failure_->hint);
      one->done = true;
    }
    waiting_.clear();
  }
  committed_.notify_all();
  grown_.notify_all();
}

// One durable commit. On an error nothing of the batch is in the log, unless it is `unknown`.
Result<void> EmbeddedLog::write(const Batch& batch, std::uint64_t first) {
  PASIG_CHECK(check_room(batch));
  MDB_txn* raw = nullptr;
  if (const int number = mdb_txn_begin(env_.get(), nullptr, 0, &raw)) return refuse_write(number);
  Transaction txn(raw);
  PASIG_CHECK(put(batch, first, raw));
  if (const int number = mdb_txn_commit(txn.release())) return refuse_write(number);
  return {};
}

// LMDB reports a write that a full disk cut short as an I/O error, so room is looked for first.
Result<void> EmbeddedLog::check_room(const Batch& batch) const {
  struct statvfs disk {};
  if (statvfs(options_.directory.c_str(), &disk) != 0) return failed("appending to", errno);
  std::uint64_t needed = options_.reserve_bytes;
  for (const Waiting* one : batch) needed += one->frame.size();
  if (disk.f_bavail * disk.f_frsize >= needed) return {};
  return fail(ErrorCode::exhausted,
              "appending to the log in " + options_.directory.string() + ": the disk has " +
                  std::to_string(disk.f_bavail * disk.f_frsize) + " bytes free, " +
                  std::to_string(needed) + " are needed",
              "make room on that disk; nothing was written");
}

Result<void> EmbeddedLog::put(const Batch& batch, std::uint64_t first, MDB_txn* txn) {
  std::size_t ordinal = first;
  for (const Waiting* one : batch) {
    MDB_val key{sizeof ordinal, &ordinal};
    MDB_val value = value_of(one->frame);
    if (const int number = mdb_put(txn, records_, &key, &value, MDB_APPEND))
      return refuse_write(number);
    ++ordinal;
  }
  return {};
}

// What a failed step of a write means: a clean refusal, or the end of appending.
Result<void> EmbeddedLog::refuse_write(int number) {
  if (leaves_log_whole(number))
    return failed("appending to", number,
                  "make room on its disk or raise log.map_bytes; nothing was written");
  Error error = failed("committing to", number,
                       "look at the disk, then start pasigd again: it goes on from what is "
                       "durable")
                    .value();
  {
    const std::scoped_lock lock(mutex_);
    failure_ = error;
  }
  if (options_.on_failure) options_.on_failure(error);
  error.code = ErrorCode::unknown;
  return tl::unexpected(std::move(error));
}

// ---- reading ----------------------------------------------------------------------------
Result<std::vector<LogEntry>> EmbeddedLog::read(std::uint64_t offset,
                                                std::size_t records_max) const {
  PASIG_TRY(const std::uint64_t durable_end, end());
  std::vector<LogEntry> entries;
  if (offset >= durable_end || records_max == 0) return entries;
  PASIG_TRY(const Transaction txn, begin(MDB_RDONLY));
  MDB_cursor* raw = nullptr;
  if (const int number = mdb_cursor_open(txn.get(), records_, &raw))
    return failed("reading", number);
  const Cursor cursor(raw);
  std::size_t wanted = offset;
  MDB_val key{sizeof wanted, &wanted};
  MDB_val value{};
  std::size_t bytes = 0;
  int number = mdb_cursor_get(raw, &key, &value, MDB_SET);
  while (number == 0) {
    bytes += value.mv_size;
    entries.push_back({{.offset = wanted}, std::string(view_of(value))});
    if (++wanted == durable_end || entries.size() == records_max || bytes >= k_read_bytes_max)
      return entries;
    number = mdb_cursor_get(raw, &key, &value, MDB_NEXT);
    if (number == 0 && ordinal_of(key) != wanted) number = MDB_NOTFOUND;
  }
  if (number != MDB_NOTFOUND) return failed("reading", number);
  return fail(ErrorCode::corrupt,
              "the log in " + options_.directory.string() + " has no record " +
                  std::to_string(wanted) + ", but goes on to " + std::to_string(durable_end),
              "restore it from a back-up");
}

Result<std::uint64_t> EmbeddedLog::end() const {
  const std::scoped_lock lock(mutex_);
  return end_;
}

bool EmbeddedLog::wait_beyond(std::uint64_t offset, Duration timeout, std::stop_token stop) const {
  std::unique_lock lock(mutex_);
  return grown_.wait_for(lock, stop, bounded_wait(timeout), [&] { return end_ > offset; });
}

}  // namespace

Result<std::unique_ptr<EventLog>> open_embedded_log(EmbeddedLogOptions options) {
  if (options.directory.empty())
    return fail(ErrorCode::invalid, "opening the log: no directory is configured",
                "set log.directory");
  PASIG_TRY(DirectoryLock lock, DirectoryLock::take(options.directory));
  auto log = std::make_unique<EmbeddedLog>(std::move(options), std::move(lock));
  PASIG_CHECK(log->open());
  return log;
}

}  // namespace pasig
