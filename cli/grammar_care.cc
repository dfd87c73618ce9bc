// Adoption, verification of replicas, and data kept aside.
#include "cli/grammar.h"

namespace pasig::cli {

void Grammar::adoption() {
  auto [manage, taken] = verb<Manage>(&app, "manage", "Make an existing directory a share");
  manage->add_option("PATH", taken->path, "Of the directory, on the pool's controller")->required();
  manage->add_option("--host", taken->host, "The pool: node@controller#pool (pasig pool list)")
      ->required()
      ->type_name("HOST");
  manage->add_option("--type", taken->type, "Share type, name or id")
      ->required()
      ->type_name("TYPE");
  manage->add_option("--name", taken->name, "Name of the share")->required()->type_name("NAME");
  manage->add_option("--protocol", taken->protocol, "NFS (the default), CIFS, …")
      ->type_name("NAME");
  manage->add_option("--description", taken->description, "Words for people")->type_name("TEXT");
  manage->add_flag("--public", taken->is_public, "Visible to other projects");
  acting(manage, taken->acting);
  auto [unmanage, given] =
      verb<Unmanage>(&app, "unmanage", "Let go of a share: its directory stays, whole");
  unmanage->add_option("SHARE", given->share, "Name or id")->required();
  acting(unmanage, given->acting);
}

void Grammar::snapshot_adoption(CLI::App* snapshot) {
  auto [take, tree] =
      verb<SnapshotManage>(snapshot, "manage", "Make an existing directory a snapshot");
  take->add_option("SHARE", tree->share, "Name or id")->required();
  take->add_option("PATH", tree->path, "Of the directory, on the share's controller")->required();
  take->add_option("--name", tree->name, "Name of the snapshot")->required()->type_name("NAME");
  take->add_option("--description", tree->description, "Words for people")->type_name("TEXT");
  acting(take, tree->acting);
  auto [leave, left] = verb<SnapshotUnmanage>(snapshot, "unmanage",
                                              "Let go of a snapshot: its directory stays, whole");
  leave->add_option("SNAPSHOT", left->snapshot, k_snapshot_words)->required();
  acting(leave, left->acting);
}

void Grammar::replica_care(CLI::App* replica) {
  auto [verify, read] = verb<ReplicaVerify>(replica, "verify",
                                            "Read all of a replica and compare it with its record");
  verify->add_option("REPLICA", read->replica, k_replica_words)->required();
  acting(verify, read->acting);

  CLI::App* aside = replica->add_subcommand("aside", "Data of replicas that was kept aside");
  aside->require_subcommand(1);
  aside->fallthrough();
  aside->footer("");
  auto [list, all] = verb<AsideList>(aside, "list", "List what is kept, also of removed replicas");
  list->add_option("SHARE", all->share, "Of this share only, name or id");
  page(list, all->page);
  constexpr const char* k_path_words = "As the list says";
  auto [remove, gone] = verb<AsideDelete>(aside, "delete", "Delete it for good; needs --reason");
  remove->add_option("SHARE", gone->share, "Name or id")->required();
  remove->add_option("CONTROLLER", gone->controller, "Where it is kept")->required();
  remove->add_option("PATH", gone->path, k_path_words)->required();
  acting(remove, gone->acting);
  auto [restore, back] = verb<AsideRestoreTo>(
      aside, "restore-to", "Copy it to a directory that does not exist yet; needs --reason");
  restore->add_option("SHARE", back->share, "Name or id")->required();
  restore->add_option("CONTROLLER", back->controller, "Where it is kept")->required();
  restore->add_option("PATH", back->path, k_path_words)->required();
  restore->add_option("TO", back->to, "The directory to make, on the same controller")->required();
  acting(restore, back->acting);
}

}  // namespace pasig::cli
