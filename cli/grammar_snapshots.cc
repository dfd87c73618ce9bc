// Snapshots, and going back to one.
#include "cli/grammar.h"

namespace pasig::cli {
void Grammar::share_snapshots(CLI::App* share) {
  auto [revert, back] = verb<ShareRevert>(
      share, "revert", "Go back to the newest snapshot: what was written since is gone");
  revert->add_option("SHARE", back->share, "Name or id")->required();
  revert->add_option("SNAPSHOT", back->snapshot, "Name or id, of this share")->required();
  acting(revert, back->acting);
}

void Grammar::snapshots() {
  CLI::App* snapshot = group("snapshot", "Snapshots of shares, with a copy on each replica");
  snapshot_adoption(snapshot);
  auto [create, made] = verb<SnapshotCreate>(snapshot, "create", "Take a snapshot of a share");
  create->add_option("SHARE", made->share, "Name or id")->required();
  create->add_option("NAME", made->name, "Name (default: none)");
  create->add_option("--description", made->description, "Words for people")->type_name("TEXT");
  create->add_option("--metadata", made->metadata, "May be repeated")->type_name("KEY=VALUE");
  acting(create, made->acting);
  auto [list, all] = verb<SnapshotList>(snapshot, "list", "List the snapshots");
  list->add_option("SHARE", all->share, "Of this share only, name or id");
  page(list, all->page);
  auto [show, shown] =
      verb<SnapshotShow>(snapshot, "show", "Show a snapshot, and what it is on each replica");
  show->add_option("SNAPSHOT", shown->snapshot, k_snapshot_words)->required();
  auto [remove, gone] =
      verb<SnapshotDelete>(snapshot, "delete", "Delete a snapshot from every replica");
  remove->add_option("SNAPSHOT", gone->snapshot, k_snapshot_words)->required();
  remove->add_flag("--force", gone->force, "Whatever its status is (admins)");
  acting(remove, gone->acting);
  auto [status, wanted] = verb<SnapshotResetStatus>(snapshot, "reset-status", "Overrule a status");
  status->add_option("SNAPSHOT", wanted->snapshot, k_snapshot_words)->required();
  status->add_option("STATUS", wanted->status, "available, creating, error, error_deleting")
      ->required()
      ->check(CLI::IsMember({"available", "creating", "error", "error_deleting"}).description(""));
  acting(status, wanted->acting);
}

}  // namespace pasig::cli
