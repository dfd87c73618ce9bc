#include "replay/story.h"

#include <algorithm>
#include <set>
#include <type_traits>

#include "replay/concerns.h"
#include "replay/history.h"
#include "statemachine/evolve.h"

namespace pasig::replay {
namespace {

constexpr std::size_t k_records_per_page = 500;
constexpr std::size_t k_facts_max = 50'000;  // at least so many of the newest are kept
constexpr std::size_t k_causes_max = 20;     // followed back, of changes
constexpr std::size_t k_refusals_max = 5;    // shown; the newest ones

std::optional<Standing> standing_of(const World& world, ShareId share, ReplicaId replica) {
  const auto found = world.shares.find(share);
  if (found == world.shares.end()) return std::nullopt;
  const Replica* one = found->second.find(replica);
  if (one == nullptr) return std::nullopt;
  return Standing{one->status, one->state};
}

class Reader {
 public:
  explicit Reader(Story& story) : story_(story) {}

  void take(const HistoryEntry& entry) {
    const auto record = std::make_shared<const Record>(entry.record);
    note_operations(operations_, *record);
    const std::uint64_t version_before = version_;
    for (std::size_t i = 0; i < record->events.size(); ++i) {
      const Event& event = record->events[i];
      Fact fact{.ordinal = entry.ordinal, .record = record, .index = i, .before = standing()};
      if (belongs_here(event)) {
        evolve(world_, event,
               Recorded{.ordinal = entry.ordinal,
                        .time = record->time,
                        .command_id = record->command_id,
                        .share_version = version_before,
                        .actor = record->actor.name});
        ++version_;
      }
      fact.after = standing();
      if (const auto* created = std::get_if<ShareCreated>(&event))
        story_.share_name = created->name;
      const bool matters = fact.before.has_value() || fact.after.has_value() || refers(event);
      if (matters && concerns(event, story_.replica, operations_)) keep(std::move(fact));
    }
  }

 private:
  Story& story_;
  World world_;
  OperationReplicas operations_;
  std::uint64_t version_ = 0;  // accepted events of the share's stream so far

  std::optional<Standing> standing() const {
    return standing_of(world_, story_.share, story_.replica);
  }
  // Refusals change nothing, and an event of another stream has no object in this world.
  bool belongs_here(const Event& event) const {
    const auto streams = streams_of(event);
    return std::find(streams.begin(), streams.end(), stream_of(story_.share)) != streams.end();
  }
  // About this replica although it does not exist: leftovers of a removed one.
  bool refers(const Event& event) const {
    return std::visit(
        [&](const auto& held) {
          if constexpr (requires { held.replica; }) return held.replica == story_.replica;
          else return false;
        },
        event);
  }
  void keep(Fact fact) {
    // The first one stays: it says how the replica came to be.
    if (story_.facts.size() == 2 * k_facts_max)
      story_.facts.erase(story_.facts.begin() + 1, story_.facts.begin() + 1 + k_facts_max);
    story_.facts.push_back(std::move(fact));
  }
};

bool has_settled_status(const std::optional<Standing>& standing) {
  return !standing || standing->status == ReplicaStatus::available;
}
bool has_settled_state(const std::optional<Standing>& standing) {
  return !standing || standing->state == ReplicaState::active ||
         standing->state == ReplicaState::in_sync || standing->state == ReplicaState::none;
}

// Worth telling although it changed neither state.
template <class E>
constexpr bool is_noteworthy() {
  return std::is_same_v<E, CommandRejected> || std::is_same_v<E, ReplicaFellOutOfSync> ||
         std::is_same_v<E, ReplicaFenced> || std::is_same_v<E, DivergedDataKeptAside> ||
         std::is_same_v<E, ReplicaResyncRequested> || std::is_same_v<E, ReportContradictedState> ||
         std::is_same_v<E, ReplicaFailed> || std::is_same_v<E, RelationDebrisLeft> ||
         std::is_same_v<E, RelationDebrisCleaned> || std::is_same_v<E, ReplicaStatusReset> ||
         std::is_same_v<E, ReplicaStateReset> || std::is_same_v<E, ShareRescheduled> ||
         std::is_same_v<E, OperationRerouted> || std::is_same_v<E, OperationCancelRequested> ||
         std::is_same_v<E, OperationCancelled> || std::is_same_v<E, ShareResizeFailed> ||
         std::is_same_v<E, ShareGrewOverItsSize> || std::is_same_v<E, AccessUpdateFailed> ||
         std::is_same_v<E, ReplicaDamageFound> || std::is_same_v<E, ReplicaVerified> ||
         std::is_same_v<E, AsideDataDeleted> || std::is_same_v<E, AsideDataRestored> ||
         std::is_same_v<E, AsideActionFailed>;
}

bool is_noteworthy(const Event& event) {
  return std::visit(
      [](const auto& held) { return is_noteworthy<std::remove_cvref_t<decltype(held)>>(); }, event);
}

class Causes {
 public:
  explicit Causes(const std::vector<Fact>& facts) : facts_(facts) {}

  std::vector<std::size_t> find() {
    open_ = {{facts_.size(), Way::status}, {facts_.size(), Way::state}};
    while (!open_.empty() && chosen_.size() < k_causes_max) {
      const auto [end, way] = open_.back();
      open_.pop_back();
      follow(end, way);
    }
    add_noteworthy_since(chosen_.empty() ? 0 : *chosen_.begin());
    if (!facts_.empty()) chosen_.insert(0);  // how it came to be
    return {chosen_.begin(), chosen_.end()};
  }

 private:
  enum class Way { status, state };

  const std::vector<Fact>& facts_;
  std::set<std::size_t> chosen_;
  std::vector<std::pair<std::size_t, Way>> open_;

  // The last fact before `end` that changed this one of the two states. It may have changed
  // the other one too; each has its own way back, until it comes from something settled.
  void follow(std::size_t end, Way way) {
    for (std::size_t i = end; i-- > 0;) {
      const Fact& fact = facts_[i];
      if (way == Way::status ? !fact.changed_status() : !fact.changed_state()) continue;
      if (!chosen_.insert(i).second) return;
      choose_request_of(i);
      if (fact.changed_status() && !has_settled_status(fact.before))
        open_.emplace_back(i, Way::status);
      if (fact.changed_state() && !has_settled_state(fact.before))
        open_.emplace_back(i, Way::state);
      return;
    }
  }
  // Who asked for a change of the active replica; of the demoted one no state told it.
  void choose_request_of(std::size_t changed_at) {
    const auto* changed = std::get_if<ActiveReplicaChanged>(&facts_[changed_at].event());
    if (changed == nullptr) return;
    for (std::size_t i = changed_at; i-- > 0;) {
      const auto* asked = std::get_if<ActiveReplicaChangeStarted>(&facts_[i].event());
      if (asked == nullptr || asked->replica != changed->replica) continue;
      chosen_.insert(i);
      return;
    }
  }
  void add_noteworthy_since(std::size_t opening) {
    std::size_t refusals = 0;
    for (std::size_t i = facts_.size(); i-- > opening;) {
      if (!is_noteworthy(facts_[i].event())) continue;
      if (std::holds_alternative<CommandRejected>(facts_[i].event()) && ++refusals > k_refusals_max)
        continue;
      chosen_.insert(i);
    }
  }
};

}  // namespace

Result<Story> read_story(const View& view, const LogReader& log, ReplicaId replica) {
  const auto share = view.share_once_of(replica);
  if (!share)
    return fail(ErrorCode::not_found, "the log knows no replica " + to_string(replica),
                "pasig replica list shows those that exist");
  Story story{.replica = replica, .share = *share, .share_now = view.share(*share)};
  story.orders = view.controllers();
  Reader reader(story);
  std::optional<Ordinal> next = 0;
  while (next) {
    PASIG_TRY(const HistoryPage page,
              history(view, log, stream_of(*share), std::nullopt, *next, k_records_per_page));
    for (const HistoryEntry& entry : page.entries) reader.take(entry);
    next = page.next;
  }
  return story;
}

std::vector<std::size_t> causes(const Story& story) { return Causes(story.facts).find(); }

}  // namespace pasig::replay
