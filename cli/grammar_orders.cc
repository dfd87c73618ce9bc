// The operator's ways out: pause and resume, orders about controllers, replication of one share,
// debris.
#include "cli/grammar.h"

namespace pasig::cli {

void Grammar::controller_orders(CLI::App* controller) {
  const auto add = [&](const std::string& name, const std::string& words) {
    auto [made, order] = verb<ControllerOrder>(controller, name, words);
    order->order = name;
    made->add_option("CONTROLLER", order->controller, "Name")->required();
    acting(made, order->acting);
  };
  add("drain", "Place nothing new there, and say how to move what is there");
  add("undrain", "Take new replicas again");
  add("retire", "It is gone for good: what it holds counts as lost");
  add("reinstate", "It was not gone after all");
}

void Grammar::operation_orders(CLI::App* operation) {
  auto [abandon, given_up] = verb<OperationAbandon>(
      operation, "abandon", "Give an operation up: it ends as its storage is found");
  abandon->add_option("OPERATION", given_up->operation, "Id")->required();
  acting(abandon, given_up->acting);
}

void Grammar::orders() {
  const auto add_scope = [&](const std::string& name, const std::string& words) {
    auto [made, scope] = verb<EffectsOrder>(&app, name, words);
    scope->order = name;
    CLI::Option_group* one = made->add_option_group("scope", "What it is about: one of these");
    one->add_option("--share", scope->share, "A share, name or id")->type_name("SHARE");
    one->add_option("--controller", scope->controller, "A controller")->type_name("NAME");
    one->add_flag("--all", scope->all, "All storage");
    one->require_option(1);
    acting(made, scope->acting);
  };
  add_scope("pause", "Begin no work on storage: no operation, no sync; what runs goes on");
  add_scope("resume", "Let work on storage go on");

  CLI::App* replication = group("replication", "Replication of a share");
  const auto add_replication = [&](const std::string& name, const std::string& words) {
    auto [made, order] = verb<ReplicationOrder>(replication, name, words);
    order->order = name;
    made->add_option("SHARE", order->share, "Name or id")->required();
    acting(made, order->acting);
  };
  add_replication("suspend", "Sync no replica: they grow old");
  add_replication("resume", "Sync the replicas again");

  CLI::App* debris = group("debris", "What removed replicas may have left behind");
  auto [list, all] = verb<DebrisList>(debris, "list", "List it");
  list->add_option("--share", all->share, "Of this share only, name or id")->type_name("SHARE");
  list->add_option("--controller", all->controller, "On this controller only")->type_name("NAME");
  page(list, all->page);
  auto [clean, cleaned] = verb<DebrisClean>(debris, "clean", "Try now to clean what a share left");
  clean->add_option("SHARE", cleaned->share, "Name or id")->required();
  acting(clean, cleaned->acting);
  auto [forget, gone] =
      verb<DebrisForget>(debris, "forget", "List it no more: nobody will clean it");
  forget->add_option("SHARE", gone->share, "Name or id")->required();
  forget->add_option("--replica", gone->replica, "Id of the replica that left it")
      ->required()
      ->type_name("ID");
  forget->add_option("--controller", gone->controller, "Where it lies")
      ->required()
      ->type_name("NAME");
  acting(forget, gone->acting);
}

}  // namespace pasig::cli
