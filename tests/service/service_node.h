// A node without a door: state, applier and handler over a log that tests share between nodes. A
// test plays client and worker.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "log/embedded.h"
#include "log/memory.h"
#include "log/verdict.h"
#include "service/applier.h"
#include "service/command_handler.h"
#include "tests/log/scratch_directory.h"
#include "tests/service/doctored_log.h"

namespace pasig {

struct MemoryLogs {
  std::unique_ptr<EventLog> make() { return std::make_unique<MemoryLog>(); }
};
struct EmbeddedLogs {
  ScratchDirectory scratch;
  std::unique_ptr<EventLog> make() {
    return std::move(open_embedded_log({.directory = scratch.path() / "log"})).value();
  }
};

inline const Actor k_admin{
    .kind = ActorKind::local, .name = "local:0", .project = "p1", .admin = true};
inline const Actor k_member{.kind = ActorKind::user, .name = "carol", .project = "p1"};
inline const Actor k_worker{.kind = ActorKind::system, .name = "worker:n1", .admin = true};

class ServiceNode {
 public:
  struct Options {
    std::string name = "n1";
    Duration tries_end_after = std::chrono::seconds(20);
    std::uint64_t window = k_default_window;
    std::uint64_t map_bytes = 1ULL << 30;
  };
  // Writes record 0 if there is none, and applies what there is.
  ServiceNode(EventLog& log, const Clock& clock, const Options& options);
  ServiceNode(EventLog& log, const Clock& clock) : ServiceNode(log, clock, Options()) {}
  ~ServiceNode() { applier_->stop(); }

  Result<CommandOutcome> submit(Command command, std::string id = {}, Actor actor = k_admin);
  // Which has to be accepted.
  CommandOutcome run(Command command, std::string id = {}, Actor actor = k_admin);

  [[nodiscard]] Handler& handler() { return *handler_; }
  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] const Applier& applier() const { return *applier_; }
  [[nodiscard]] Share share(ShareId id) const;
  [[nodiscard]] Operation operation(OperationId id) const;
  // After all that is in the log is applied.
  [[nodiscard]] std::unique_ptr<View> view() const;

  ShareTypeId make_type(const std::string& name, const std::string& replication = "readable");
  ShareId request_share();                // of a type of its own
  ShareId make_share();                   // provisioned
  ReplicaId request_replica(ShareId id);  // its operation waits
  ReplicaId make_replica(ShareId id);     // in sync
  OperationId claim_first(ShareId id);

 private:
  ScratchDirectory scratch_;
  const Clock& clock_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Applier> applier_;
  std::unique_ptr<Handler> handler_;
  int types_ = 0;
};

// One record of a log, and what it was judged to be.
struct Judged {
  Record record;
  VoidReason verdict = VoidReason::none;
};
// All that are records of ours.
std::vector<Judged> judged_records(const LogReader& log);
// How often this command id was accepted, and how often it was void.
struct Tries {
  int accepted = 0;
  int voids = 0;
  bool operator==(const Tries&) const = default;
};
Tries tries_of(const LogReader& log, const std::string& command_id);

}  // namespace pasig
