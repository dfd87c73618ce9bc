#include "tests/replay/chronicle.h"

#include <map>

#include "base/assert.h"
#include "replay/history.h"
#include "service/fold.h"

namespace pasig::replay {
namespace {

constexpr Time k_start{1'772'438'400'000'000};  // 2026-03-02T08:00:00
constexpr std::int64_t k_minute = 60;
constexpr std::uint64_t k_window = 1000;

std::filesystem::path fresh_directory() {
  return std::filesystem::temp_directory_path() / ("pasig-replay-" + to_string(random_uuid()));
}

}  // namespace

Chronicle::Chronicle() : directory_(fresh_directory()), now_(k_start) {
  std::string rebuilt_because;
  auto opened = open_store((directory_ / "state").string(), Store::Options{.boot_id = "test"},
                           &rebuilt_because);
  PASIG_ASSERT(opened.has_value(), "a fresh store opens");
  store_ = std::move(*opened);
  record({.command = "CreateLog", .actor = "node-1"},
         {LogCreated{.log = LogId{{1, 1}}, .window = k_window}});
}

Chronicle::~Chronicle() {
  store_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

Record Chronicle::drafted(const By& by, std::vector<Event> events) {
  now_ = now_.plus_seconds(k_minute);
  const auto view = store_->view();
  Record record{.command_id = "command-" + std::to_string(++commands_),
                .command = by.command,
                .actor = {.kind = ActorKind::local, .name = by.actor, .claimed = by.claimed},
                .reason = by.reason,
                .cause = by.cause,
                .node = "node-1",
                .time = now_,
                .events = std::move(events)};
  if (view->head().next_ordinal > 0) record.decided_ordinal = view->head().next_ordinal - 1;
  record.decided_digest = view->head().verdict_digest;
  std::map<std::string, std::uint32_t> touched;
  for (const Event& event : record.events) {
    for (const std::string& stream : streams_of(event)) ++touched[stream];
    if (const auto* refused = std::get_if<CommandRejected>(&event))
      record.expectations.push_back(
          {.subject = refused->subject, .version = view->stream_version(refused->subject)});
  }
  for (const auto& [stream, count] : touched) {
    record.touched.push_back({stream, count});
    record.expectations.push_back({.subject = stream, .version = view->stream_version(stream)});
  }
  return record;
}

Ordinal Chronicle::append(const Record& record) {
  auto frame = encode(record);
  PASIG_ASSERT(frame.has_value(), frame ? "" : frame.error().message);
  const auto position = log_.append(*std::move(frame));
  PASIG_ASSERT(position.has_value(), "a memory log takes a record");
  const auto step = fold_some(*store_, log_, 1);
  PASIG_ASSERT(step.has_value() && step->records == 1, "the record is applied");
  return position->offset;
}

Ordinal Chronicle::record(const By& by, std::vector<Event> events) {
  const Ordinal ordinal = append(drafted(by, std::move(events)));
  const auto outcome = store_->view()->outcome("command-" + std::to_string(commands_));
  PASIG_ASSERT(outcome && outcome->ordinal == ordinal, "a record of a chronicle is accepted");
  return ordinal;
}

Ordinal Chronicle::void_record(const By& by, std::vector<Event> events) {
  Record record = drafted(by, std::move(events));
  for (Expectation& one : record.expectations) ++one.version;
  return append(record);
}

std::string Chronicle::why(ReplicaId replica) const {
  const auto view = store_->view();
  const auto text = replay::why(*view, log_, replica);
  return text ? *text : text.error().text() + "\n";
}

Placement placed_on(const std::string& zone) {
  const std::string controller = "dir-" + zone;
  return {.host = "node-1@" + controller + "#main",
          .controller = controller,
          .pool = "main",
          .zone = zone,
          .considered = 3,
          .filters = {{"availability_zone", 1, "zone c is not among the type's zones"},
                      {"capacity", 0, ""}},
          .best = {{"node-1@" + controller + "#main", 812'500}, {"node-1@dir-a#spare", -250'000}}};
}

Placement placed_nowhere() {
  return {.zone_asked = "b",
          .considered = 2,
          .filters = {{"availability_zone", 1, "zone a, b was asked for"},
                      {"capacity", 1, "2 GiB free, 10 GiB needed"}}};
}

void create_share(Chronicle& chronicle) {
  chronicle.record({.command = "CreateShare", .actor = "local:1000", .reason = "for the press"},
                   {ShareCreated{.share = k_share,
                                 .name = "photos",
                                 .protocol = "NFS",
                                 .size_gb = 10,
                                 .type_name = "replicated",
                                 .replication = ReplicationType::readable,
                                 .rpo_seconds = 600,
                                 .sync_interval_seconds = 60,
                                 .replica = k_first,
                                 .placement = placed_on("a")}});
  chronicle.record(
      {.command = "ReportShareCreated"},
      {ShareProvisioned{
          .share = k_share, .replica = k_first, .epoch = 1, .exports = {"/srv/a/photos"}}});
}

void create_replicated_share(Chronicle& chronicle) {
  create_share(chronicle);
  chronicle.record({.command = "AddReplica", .actor = "local:1000", .reason = "a copy in zone b"},
                   {ReplicaAddStarted{.share = k_share,
                                      .replica = k_second,
                                      .placement = placed_on("b"),
                                      .cast_rules_to_readonly = true}});
  chronicle.record({.command = "ReportReplicaAdded"},
                   {ReplicaAdded{.share = k_share,
                                 .replica = k_second,
                                 .state = ReplicaState::in_sync,
                                 .exports = {"/srv/b/photos"},
                                 .generation = 1,
                                 .data_as_of = chronicle.now().plus_seconds(20),
                                 .consistency = Consistency::settled}});
}

void force_over_to_second(Chronicle& chronicle, std::vector<ReplicaId> diverged) {
  chronicle.record({.command = "SetActiveReplica",
                    .actor = "local:0",
                    .reason = "zone a burns",
                    .claimed = "alice"},
                   {ActiveReplicaChangeStarted{.share = k_share,
                                               .replica = k_second,
                                               .demoted = k_first,
                                               .mode = ChangeMode::auto_,
                                               .quiesce_wait_seconds = 30}});
  chronicle.record(
      {.command = "ReportActiveReplicaChanged", .cause = "operation " + to_string(k_operation)},
      {ActiveReplicaChanged{
          .share = k_share,
          .replica = k_second,
          .demoted = k_first,
          .mode = ChangeMode::auto_,
          .effective_mode = ChangeMode::forced,
          .epoch = 2,
          .generation = 1,
          .data_as_of = chronicle.now().plus_seconds(-100),
          .consistency = Consistency::settled,
          .loss_window_known = true,
          .loss_window_micros = 160'000'000,
          .fence = {.state = FenceState::pending, .words = "dir-a does not answer: no such mount"},
          .exports = {"/srv/b/photos"},
          .diverged = std::move(diverged)}});
}

}  // namespace pasig::replay
