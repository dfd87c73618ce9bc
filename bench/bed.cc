#include "bench/bed.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "log/open.h"

namespace pasig::bench {
namespace {

constexpr std::uint64_t k_gib = std::uint64_t{1} << 30;

Surroundings surroundings(const View&, const Command&) {
  Surroundings all{.zones = {"zone-a"}};
  all.quotas = {.shares = std::nullopt,
                .gigabytes = std::nullopt,
                .share_replicas = std::nullopt,
                .replica_gigabytes = std::nullopt};
  all.pools = {{.host = "node@a#pool",
                .controller = "a",
                .pool = "pool",
                .zone = "zone-a",
                .total_bytes = 100'000 * k_gib,
                .free_bytes = 100'000 * k_gib,
                .replication_domain = "bench",
                .replication_types = {ReplicationType::readable}}};
  return all;
}

template <class E>
const E& first(const std::vector<Event>& events) {
  for (const Event& event : events)
    if (const E* held = std::get_if<E>(&event)) return *held;
  give_up("an expected event is missing");
}

template <class T>
T value_of(Result<T> result) {
  if (!result) give_up(result.error().message);
  return *std::move(result);
}

}  // namespace

void give_up(const std::string& text) {
  std::fprintf(stderr, "pasig_bench: %s\n", text.c_str());
  std::exit(1);
}

Scratch::Scratch() {
  std::string path = (std::filesystem::current_path() / "pasig-bench-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) give_up("no directory can be made at " + path);
  path_ = path;
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string Scratch::below(const std::string& name) const {
  std::filesystem::create_directories(path_ / name);
  return (path_ / name).string();
}

Bed::Bed(const std::string& log_directory, const std::string& state_directory) {
  log_ = value_of(open_log({.directory = log_directory}));
  if (const auto made = create_log_if_empty(*log_, clock_, "bench", k_default_window); !made)
    give_up(made.error().message);
  std::string rebuilt_because;
  store_ = value_of(open_store(state_directory, {}, &rebuilt_because));
  applier_ = std::make_unique<Applier>(*store_, *log_);
  applier_->start();
  handler_ = make_command_handler({.log = *log_,
                                   .store = *store_,
                                   .applier = *applier_,
                                   .clock = clock_,
                                   .node = "bench",
                                   .surroundings = surroundings});
}

Bed::~Bed() { applier_->stop(); }

std::vector<Event> Bed::submit(Command command) {
  auto outcome = handler_->submit(
      {.command = std::move(command),
       .actor = {.kind = ActorKind::user, .name = "bench", .project = "bench", .admin = true},
       .reason = "benchmark"});
  if (!outcome) give_up(outcome.error().message);
  if (outcome->refusal) give_up(outcome->refusal->message);
  return std::move(outcome->events);
}

void Bed::make_shares(std::size_t count) {
  const auto made =
      submit(CreateShareType{.name = "bench-" + std::to_string(replicas_.size()),
                             .extra_specs = {{"driver_handles_share_servers", "False"},
                                             {"replication_type", "readable"}}});
  const ShareTypeId type = first<ShareTypeCreated>(made).type;
  for (std::size_t i = 0; i < count; ++i) {
    const auto asked = submit(CreateShare{
        .name = "share-" + std::to_string(i), .protocol = "NFS", .size_gb = 1, .type = type});
    const OperationId operation = first<OperationRequested>(asked).operation;
    submit(ClaimOperation{operation, "bench", 1, 300, 1});
    submit(ReportShareCreated{.operation = operation, .attempt = 1, .exports = {"/export"}});
    replicas_.push_back(first<ShareCreated>(asked).replica);
  }
}

Command toggle(ReplicaId replica, std::size_t turn) {
  return ResetReplicaStatus{replica,
                            turn % 2 == 0 ? ReplicaStatus::error : ReplicaStatus::available};
}

std::vector<std::string> frames_of(const LogReader& log, std::uint64_t offset) {
  std::vector<std::string> frames;
  while (true) {
    const auto entries = log.read(offset, 1000);
    if (!entries) give_up(entries.error().message);
    if (entries->empty()) return frames;
    for (const LogEntry& entry : *entries) frames.push_back(entry.frame);
    offset = entries->back().position.offset + 1;
  }
}

}  // namespace pasig::bench
