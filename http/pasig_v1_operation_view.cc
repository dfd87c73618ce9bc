// How an operation looks in /pasig/v1.
#include "http/pasig_v1_views.h"
#include "statemachine/orders.h"

namespace pasig::http::v1 {
namespace json = boost::json;
namespace {

template <class T>
json::value id_or_null(const T& id) {
  return id.is_nil() ? json::value(nullptr) : json::value(to_string(id));
}

}  // namespace

json::object operation_view(const Call& call, const Operation& operation) {
  const auto share = call.view->share(operation.share);
  const OrdersInForce orders =
      share ? orders_about(*call.view, controllers_of(operation, *share)) : OrdersInForce{};
  // A pause gives time back: what holds, not what was written.
  const Time resumed =
      share ? resumed_at(*share, orders_about(*call.view, may_have_held(operation, *share)))
            : Time{};
  const TimeLimits limits = limits_of(operation, resumed);
  json::object view{{"id", to_string(operation.id)},
                    {"kind", word(operation.kind)},
                    {"status", word(operation.status)},
                    {"share", to_string(operation.share)},
                    {"share_name", share ? json::value(share->name) : json::value(nullptr)},
                    {"replica", id_or_null(operation.replica)},
                    {"runs_on", operation.runs_on},
                    {"node", operation.node},
                    {"attempt", operation.attempt},
                    {"lease_seconds", operation.lease_seconds},
                    {"requested_at", time_or_null(operation.requested_at)},
                    {"claim_by", time_or_null(limits.claim_by)},
                    {"claimed_at", time_or_null(operation.claimed_at)},
                    {"deadline", time_or_null(limits.deadline)},
                    {"ended_at", time_or_null(operation.ended_at)},
                    {"cancel_requested", operation.cancel_requested},
                    {"cancel_why", operation.cancel_why},
                    {"abandon_requested", operation.abandon_requested},
                    {"abandon_why", operation.abandon_why},
                    {"waits_because", nullptr},
                    {"command_id", operation.command_id},
                    {"force", operation.force},
                    {"path", operation.path},
                    {"to", operation.to},
                    {"mode", nullptr},
                    {"failure", nullptr},
                    {"progress", nullptr}};
  if (share && operation.status == OperationStatus::requested)
    if (const std::string paused = pause_in_words(*share, orders); !paused.empty())
      view["waits_because"] = paused;
  if (operation.kind == OperationKind::set_active_replica) {
    view["mode"] = word(operation.mode);
    view["quiesce_wait_seconds"] = operation.quiesce_wait_seconds;
    view["accept_older"] = operation.accept_older;
  }
  if (operation.status == OperationStatus::failed)
    view["failure"] = json::object{{"code", word(operation.failure.code)},
                                   {"controller", operation.failure.controller},
                                   {"words", operation.failure.words},
                                   {"hint", operation.failure.hint}};
  if (const auto progress = call.service.observations.progress(operation.id);
      progress && !operation.is_over()) {
    json::object shown{{"step", progress->step},
                       {"bytes_done", progress->bytes_done},
                       {"bytes_total", nullptr},
                       {"at", time_or_null(progress->at)}};
    if (progress->bytes_total) shown["bytes_total"] = *progress->bytes_total;
    view["progress"] = std::move(shown);
  }
  return view;
}

}  // namespace pasig::http::v1
