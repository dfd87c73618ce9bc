#include "commands/orders.h"

#include <algorithm>

namespace pasig {
namespace {

constexpr std::size_t k_why_characters_max = 1024;

}  // namespace

OrdersInForce orders_about(ReadView& view, const std::vector<std::string>& controllers) {
  OrdersInForce orders{{view.controller("")}};
  for (const std::string& name : controllers)
    if (!name.empty()) orders.controllers.push_back(view.controller(name));
  return orders;
}

std::vector<PoolReport> open_pools(ReadView& view, const Surroundings& now) {
  std::vector<PoolReport> pools = now.pools;
  for (PoolReport& pool : pools) {
    const ControllerOrders& orders = view.controller(pool.controller);
    pool.closed_because = orders.is_retired ? retirement_in_words(orders) : drain_in_words(orders);
  }
  return pools;
}

Allowed controller_serves(ReadView& view, const Surroundings& now, const Replica& replica,
                          const std::string& to_do, const std::string& subject) {
  const std::string place = "replica " + to_string(replica.id) + " cannot " + to_do + ": ";
  const ControllerOrders& orders = view.controller(replica.controller);
  if (orders.is_retired)
    return refuse(Guard::controller_retired,
                  place + retirement_in_words(orders) +
                      ". Take another replica (pasig replica list), or, when it is not gone after "
                      "all: pasig controller reinstate " +
                      replica.controller,
                  subject);
  if (!now.controllers || replica.controller.empty() ||
      std::find(now.controllers->begin(), now.controllers->end(), replica.controller) !=
          now.controllers->end())
    return {};
  return refuse(Guard::controller_not_found,
                place + "its controller " + replica.controller +
                    " is not configured, so no worker reaches it. Take another replica (pasig "
                    "replica list), or configure the controller again",
                subject);
}

Allowed order_has_why(const std::string& to_do, const std::string& why) {
  if (why.empty())
    return refuse(Guard::invalid_input,
                  "to " + to_do + " a reason is needed, for whoever finds it so later: --reason");
  return text_fits("the reason", why, k_why_characters_max);
}

}  // namespace pasig
