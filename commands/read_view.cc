#include "commands/read_view.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"

namespace pasig {
namespace {

// value + delta <= limit without overflow; what would overflow is beyond every limit.
bool stays_within(std::int64_t value, std::int64_t delta, std::int64_t limit) {
  if (delta > 0 && value > std::numeric_limits<std::int64_t>::max() - delta) return false;
  return value + delta <= limit;
}

template <class T>
const T* pointer(const std::optional<T>& found) {
  return found ? &*found : nullptr;
}

}  // namespace

const Share* ReadView::share(ShareId id) {
  expect(stream_of(id));
  auto at = shares_.find(id);
  if (at == shares_.end()) at = shares_.emplace(id, reader_.share(id)).first;
  return pointer(at->second);
}

const Share* ReadView::share_of(ReplicaId id) {
  const auto share_id = reader_.share_of(id);
  return share_id ? share(*share_id) : nullptr;
}

const Share* ReadView::share_of(SnapshotId id) {
  const auto share_id = reader_.share_of(id);
  return share_id ? share(*share_id) : nullptr;
}

const Share* ReadView::share_of(AccessRuleId id) {
  const auto share_id = reader_.share_of(id);
  return share_id ? share(*share_id) : nullptr;
}

const ControllerOrders& ReadView::controller(const std::string& name) {
  expect(controller_stream(name));
  auto at = controllers_.find(name);
  if (at == controllers_.end())
    at = controllers_
             .emplace(name, reader_.controller(name).value_or(ControllerOrders{.name = name}))
             .first;
  return at->second;
}

const Operation* ReadView::operation(OperationId id) {
  expect(stream_of(id));
  auto at = operations_.find(id);
  if (at == operations_.end()) at = operations_.emplace(id, reader_.operation(id)).first;
  return pointer(at->second);
}

const ShareType* ReadView::share_type(ShareTypeId id) {
  expect(stream_of(id));
  auto at = types_.find(id);
  if (at == types_.end()) at = types_.emplace(id, reader_.share_type(id)).first;
  return pointer(at->second);
}

std::optional<ShareTypeId> ReadView::share_type_named(const std::string& name) {
  expect(type_name_stream(name));
  return reader_.share_type_named(name);
}

void ReadView::expect(const std::string& stream) {
  if (!streams_.contains(stream)) streams_.emplace(stream, reader_.stream_version(stream));
}

void ReadView::expect_new(const std::string& stream) {
  expect(stream);
  if (streams_.at(stream) != 0) taken_ = stream;
}

void ReadView::expect_new(ReplicaId id) {
  if (reader_.share_of(id)) taken_ = "replica " + to_string(id);
}

void ReadView::expect_new(AccessRuleId id) {
  if (reader_.share_of(id)) taken_ = "access rule " + to_string(id);
}

void ReadView::expect_new(SnapshotId id) {
  if (reader_.share_of(id)) taken_ = "snapshot " + to_string(id);
}

bool ReadView::move(const std::string& counter, std::int64_t delta,
                    std::optional<std::int64_t> limit) {
  PASIG_ASSERT(std::none_of(moves_.begin(), moves_.end(),
                            [&](const CounterMove& one) { return one.counter == counter; }),
               "a decision moved counter " + counter + " twice");
  if (delta > 0 && limit) {
    const bool fits = stays_within(reader_.counter(counter), delta, *limit);
    counters_.push_back({.kind = fits ? wire::ExpectationKind::counter_within
                                      : wire::ExpectationKind::counter_beyond,
                         .subject = counter,
                         .delta = delta,
                         .limit = *limit});
    if (!fits) return false;
  }
  if (delta != 0) moves_.push_back({counter, delta});
  return true;
}

bool ReadView::within(const std::string& counter, std::int64_t limit) {
  const bool fits = stays_within(reader_.counter(counter), 0, limit);
  counters_.push_back(
      {.kind = fits ? wire::ExpectationKind::counter_within : wire::ExpectationKind::counter_beyond,
       .subject = counter,
       .delta = 0,
       .limit = limit});
  return fits;
}

std::vector<Expectation> ReadView::expectations() const {
  std::vector<Expectation> all;
  all.reserve(streams_.size() + counters_.size());
  for (const auto& [stream, version] : streams_)
    all.push_back(
        {.kind = wire::ExpectationKind::stream_at, .subject = stream, .version = version});
  all.insert(all.end(), counters_.begin(), counters_.end());
  return all;
}

}  // namespace pasig
