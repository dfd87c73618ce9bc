// What the reports of workers share: whether a report still fits the state, and what is
// recorded when it does not. A worker tells the truth about storage, so a report that the log
// did not wait for is kept, not just refused: storage is looked at again because of it.
#pragma once

#include <string>

#include "commands/operations.h"

namespace pasig {

struct Report {
  OperationId operation;
  std::uint32_t attempt = 0;
  OperationKind kind = OperationKind::create_share;
  std::string words;  // what it says, e.g. "replica added"
};

// The running operation that the report is of, its share, and its replica.
struct Reported {
  const Operation* operation = nullptr;
  const Share* share = nullptr;
  const Replica* replica = nullptr;
};

// What the report is about, or the whole decision when it fits nothing that runs.
[[nodiscard]] tl::expected<Reported, Decision> fit(ReadView& view, const Report& report);

// It ran, but the log says something else of its objects by now (an admin reset them): the
// contradiction is recorded, and the operation is over.
[[nodiscard]] Events contradicted(const Reported& reported, const std::string& words,
                                  const std::string& state);

// It was tried and not done: the failure is recorded, and the operation is over.
[[nodiscard]] Events failed(const Reported& reported, const Failure& failure);

// Operations behind this one that lost their object: they have nothing left to do.
[[nodiscard]] Events drop_waiting(ReadView& view, const Reported& reported, const std::string& why);

[[nodiscard]] Events debris_left(ShareId share, const std::vector<Debris>& debris);

// What the log does not know yet, by controller and path: status calls list all that lies aside,
// and a report may come twice.
[[nodiscard]] Events kept_aside(const Share& share, const std::vector<AsideData>& aside);

}  // namespace pasig

// PASIG_FIT(name, expression): declares the Reported, or returns the decision.
#define PASIG_FIT(name, ...)                                    \
  const auto pasig_fit_of_##name = (__VA_ARGS__);               \
  if (!pasig_fit_of_##name) return pasig_fit_of_##name.error(); \
  const Reported& name = *pasig_fit_of_##name
