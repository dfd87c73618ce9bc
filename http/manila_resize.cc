// The share's actions extend and shrink. Bodies are read before anything else, as Manila does.
#include "http/faults.h"
#include "http/manila_routes.h"
#include "http/refusals.h"

namespace pasig::http {
namespace {

namespace json = boost::json;

constexpr std::int64_t k_size_gb_max = std::int64_t{1} << 40;  // decide has the real limit

// Manila: a share that is not available is 400 here, and the share's own gigabytes are 403, while
// those of its replicas are 413. The text, which is Manila's, tells which it was.
Response tell_resize(const Refusal& refusal) {
  Response response = refused(refusal);
  const bool is_own_quota = refusal.guard == Guard::over_quota &&
                            refusal.message.starts_with("ShareSizeExceedsAvailableQuota");
  if (refusal.guard != Guard::share_not_available && !is_own_quota) return response;
  Response told = fault(is_own_quota ? 403 : 400, refusal.message);
  told.headers = response.headers;
  return told;
}

struct Wanted {
  std::uint64_t size_gb = 0;
  bool force = false;
};

Checked<Wanted> read_size(const Call& call, const Action& action, bool may_be_forced) {
  const json::object* body = action.value().if_object();
  if (body == nullptr) return fail_with(400, "'" + action.name + "' is an object.");
  const Fields fields(*body, action.name);
  PASIG_TRY(const auto size, fields.integer("new_size", 1, k_size_gb_max));
  if (!size) return fail_with(400, "New share size must be specified as an integer.");
  Wanted wanted{.size_gb = static_cast<std::uint64_t>(*size)};
  if (may_be_forced && call.at_least(64)) {
    PASIG_TRY(const auto force, fields.boolean("force"));
    wanted.force = force.value_or(false);
  }
  return wanted;
}

template <class Make>
Answer resize(const Call& call, Make make) {
  PASIG_TRY(auto view, open_view(call));
  const auto share = visible_share(call, *view, call.request.parameter("id"));
  if (!share) return not_found();
  view.reset();
  PASIG_TRY(const auto outcome, submit(call.service, call.request, make(share->id), tell_resize));
  return after(outcome, empty_response(202));
}

}  // namespace

Answer extend_share(const Call& call, const Action& action) {
  PASIG_TRY(const Wanted wanted, read_size(call, action, true));
  if (wanted.force) PASIG_CHECK(require_admin(call, "share:force_extend"));
  return resize(call, [&](ShareId id) { return ExtendShare{id, wanted.size_gb, wanted.force}; });
}

Answer shrink_share(const Call& call, const Action& action) {
  PASIG_TRY(const Wanted wanted, read_size(call, action, false));
  return resize(call, [&](ShareId id) { return ShrinkShare{id, wanted.size_gb}; });
}

}  // namespace pasig::http
