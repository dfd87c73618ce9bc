#include "bench/limits/raw_lmdb.h"

#include <lmdb.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

namespace pasig::bench {
namespace {

using Seconds = std::chrono::duration<double>;
constexpr std::size_t k_map_bytes = 8ULL << 30;
constexpr std::size_t k_puts_per_commit = 1000;

void check(int number) {
  if (number == 0) return;
  std::fprintf(stderr, "pasig_bench: LMDB: %s\n", mdb_strerror(number));
  std::exit(1);
}

class Environment {
 public:
  Environment(const std::string& directory, unsigned flags) {
    check(mdb_env_create(&env_));
    check(mdb_env_set_mapsize(env_, k_map_bytes));
    check(mdb_env_set_maxdbs(env_, 8));
    check(mdb_env_open(env_, directory.c_str(), flags, 0640));
  }
  ~Environment() { mdb_env_close(env_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  [[nodiscard]] MDB_txn* begin(unsigned flags = 0) const {
    MDB_txn* txn = nullptr;
    check(mdb_txn_begin(env_, nullptr, flags, &txn));
    return txn;
  }
  [[nodiscard]] MDB_dbi records(MDB_txn* txn, unsigned flags) const {
    MDB_dbi dbi = 0;
    check(mdb_dbi_open(txn, "records", flags | MDB_INTEGERKEY, &dbi));
    return dbi;
  }
  [[nodiscard]] std::uint64_t commits() const {
    MDB_envinfo info{};
    check(mdb_env_info(env_, &info));
    return info.me_last_txnid;
  }

 private:
  MDB_env* env_ = nullptr;
};

void append(MDB_txn* txn, MDB_dbi dbi, std::size_t ordinal, const std::string& frame) {
  MDB_val key{sizeof ordinal, &ordinal};
  MDB_val value{frame.size(), const_cast<char*>(frame.data())};
  check(mdb_put(txn, dbi, &key, &value, MDB_APPEND));
}

// The queue between the clients and the one writer.
class GroupCommit {
 public:
  GroupCommit(const Environment& env, MDB_dbi dbi) : env_(env), dbi_(dbi) {
    writer_ = std::jthread([this](const std::stop_token& stop) { write(stop); });
  }

  void append_and_wait(const std::string& frame) {
    std::unique_lock lock(mutex_);
    const std::uint64_t mine = ++asked_;
    waiting_.push_back(&frame);
    work_.notify_one();
    done_.wait(lock, [&] { return durable_ >= mine; });
  }

 private:
  const Environment& env_;
  MDB_dbi dbi_;
  std::mutex mutex_;
  std::condition_variable_any work_;
  std::condition_variable done_;
  std::vector<const std::string*> waiting_;
  std::uint64_t asked_ = 0;
  std::uint64_t durable_ = 0;
  std::jthread writer_;

  void write(const std::stop_token& stop) {
    std::size_t ordinal = 0;
    while (true) {
      std::vector<const std::string*> batch;
      {
        std::unique_lock lock(mutex_);
        work_.wait(lock, stop, [&] { return !waiting_.empty(); });
        batch.swap(waiting_);
      }
      if (batch.empty()) return;
      MDB_txn* txn = env_.begin();
      for (const std::string* frame : batch) append(txn, dbi_, ordinal++, *frame);
      check(mdb_txn_commit(txn));
      const std::scoped_lock lock(mutex_);
      durable_ += batch.size();
      done_.notify_all();
    }
  }
};

}  // namespace

std::uint64_t commits_of(const std::string& directory) {
  return Environment(directory, MDB_RDONLY | MDB_NOTLS).commits();
}

Run raw_group_commit(const std::string& directory, const std::vector<std::string>& frames,
                     unsigned clients) {
  const Environment env(directory, MDB_NOTLS);
  MDB_txn* txn = env.begin();
  const MDB_dbi dbi = env.records(txn, MDB_CREATE);
  check(mdb_txn_commit(txn));
  Run run{.operations = frames.size()};
  for (const std::string& frame : frames) run.bytes += frame.size();
  const std::uint64_t commits = env.commits();
  const std::uint64_t flushes = flushes_so_far();
  const auto began = std::chrono::steady_clock::now();
  {
    GroupCommit log(env, dbi);
    std::vector<std::jthread> threads;
    for (unsigned client = 0; client < clients; ++client)
      threads.emplace_back([&, client] {
        for (std::size_t i = client; i < frames.size(); i += clients)
          log.append_and_wait(frames[i]);
      });
    threads.clear();
    run.seconds = Seconds(std::chrono::steady_clock::now() - began).count();
  }
  run.commits = env.commits() - commits;
  run.flushes = flushes_so_far() - flushes;
  return run;
}

Run raw_scan_and_put(const std::string& log_directory, const std::string& directory) {
  const Environment source(log_directory, MDB_RDONLY | MDB_NOTLS);
  const Environment target(directory, MDB_NOTLS | MDB_NOSYNC);
  Run run;
  const auto began = std::chrono::steady_clock::now();
  MDB_txn* read = source.begin(MDB_RDONLY);
  MDB_cursor* cursor = nullptr;
  check(mdb_cursor_open(read, source.records(read, 0), &cursor));
  MDB_txn* txn = target.begin();
  const MDB_dbi dbi = target.records(txn, MDB_CREATE);
  MDB_val key{};
  MDB_val value{};
  while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
    check(mdb_put(txn, dbi, &key, &value, MDB_APPEND));
    run.bytes += value.mv_size;
    if (++run.operations % k_puts_per_commit != 0) continue;
    check(mdb_txn_commit(txn));
    txn = target.begin();
  }
  check(mdb_txn_commit(txn));
  mdb_cursor_close(cursor);
  mdb_txn_abort(read);
  run.seconds = Seconds(std::chrono::steady_clock::now() - began).count();
  run.commits = target.commits();
  return run;
}

}  // namespace pasig::bench
