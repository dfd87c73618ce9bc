#include "cli/parser.h"

#include <algorithm>

#include "base/version.h"
#include "cli/argument_checks.h"
#include "cli/grammar.h"

namespace pasig::cli {
namespace {

constexpr std::uint64_t k_rows_max = 1'000'000'000;

std::string version_text() {
  return "pasig " + std::string(build_version()) + " (" + std::string(build_commit()) + ")";
}

std::string footer() {
  std::string text = "Exit codes:\n";
  for (const ExitMeaning& one : exit_meanings())
    text += "  " + std::to_string(static_cast<int>(one.exit)) + "  " + one.text + "\n";
  return text +
         "\nShares and types are given by name or id; replicas by id, or as SHARE@ZONE or "
         "SHARE@CONTROLLER.\n`pasig VERB --help` says more; docs/cli.md has examples.";
}

}  // namespace

Grammar::Grammar() {
  app.name("pasig");
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(footer());
  app.set_version_flag("--version", version_text());
  globals();
  types();
  shares();
  snapshots();
  access();
  adoption();
  replicas();
  looking();
  orders();
  past();
  check_arguments(app);
}

CLI::App* Grammar::group(const std::string& name, const std::string& words) {
  CLI::App* made = app.add_subcommand(name, words);
  made->require_subcommand(1);
  made->fallthrough();
  made->footer("");
  return made;
}

void Grammar::globals() {
  app.add_option("--socket", found.endpoint.socket,
                 "Unix socket of pasigd (PASIG_SOCKET; default " + std::string(k_system_socket) +
                     ", then " + k_quickstart_socket + ")")
      ->type_name("PATH");
  app.add_option("--url", found.endpoint.url, "Address of pasigd instead of a socket (PASIG_URL)")
      ->type_name("http://HOST:PORT");
  app.add_option_function<std::string>(
         "-o,--output",
         [this](const std::string& word) {
           found.format = word == "json" ? Format::json : Format::table;
         },
         "Form of results: table or json")
      ->type_name("table|json")
      ->check(CLI::IsMember({"table", "json"}).description(""));
}

void Grammar::acting(CLI::App* verb, Acting& acting) {
  CLI::Option* wait =
      verb->add_flag("--wait", acting.wait,
                     "Wait until the work is over, and end with how it went (Ctrl-C stops "
                     "the waiting, not the work)");
  verb->add_option("--timeout", acting.timeout_seconds, "Stop waiting after so many seconds")
      ->type_name("SECONDS")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{30 * 24 * 3600}))
      ->needs(wait);
  verb->add_option("--reason", acting.reason, "Why, for the history")->type_name("TEXT");
  verb->add_option("--command-id", acting.command_id,
                   "Id of this command: asked twice with the same id, it is done once")
      ->type_name("ID");
}

void Grammar::page(CLI::App* verb, Page& page) {
  verb->add_option("--limit", page.limit, "At most so many rows")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, k_rows_max));
  verb->add_option("--offset", page.offset, "Leave out the first N rows")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{0}, k_rows_max));
}

void Grammar::types() {
  CLI::App* type = group("type", "Share types: how shares are replicated");
  auto [create, made] = verb<TypeCreate>(type, "create", "Make a share type");
  create->add_option("NAME", made->name, "Name, unique among types")->required();
  create
      ->add_option("--replication", made->replication,
                   "none, writable, readable or dr; without it, shares are not replicated")
      ->type_name("KIND")
      ->check(CLI::IsMember({"none", "writable", "readable", "dr"}).description(""));
  create
      ->add_option("--rpo", made->rpo_seconds,
                   "How old a copy that counts as in_sync may be (default: pasigd's)")
      ->type_name("SECONDS");
  create
      ->add_option("--sync-interval", made->sync_interval_seconds,
                   "Pause between two syncs of a replica (default: pasigd's)")
      ->type_name("SECONDS");
  create->add_option("--spec", made->specs, "An extra spec for the scheduler; may be repeated")
      ->type_name("KEY=VALUE");
  create->add_option("--description", made->description, "Words for people")->type_name("TEXT");
  create->add_flag("--private", made->is_private, "Not for every project");
  acting(create, made->acting);
  auto [list, all] = verb<TypeList>(type, "list", "List the share types");
  page(list, all->page);
  auto [show, shown] = verb<TypeShow>(type, "show", "Show a share type");
  show->add_option("TYPE", shown->type, "Name or id")->required();
  auto [remove, gone] = verb<TypeDelete>(type, "delete", "Delete a share type that no share has");
  remove->add_option("TYPE", gone->type, "Name or id")->required();
  acting(remove, gone->acting);
}

void Grammar::shares() {
  CLI::App* share = group("share", "Shares");
  auto [create, made] = verb<ShareCreate>(share, "create", "Make a share");
  create->add_option("NAME", made->name, "Name")->required();
  create->add_option("--type", made->type, "Share type, name or id")->type_name("TYPE");
  create
      ->add_option("--snapshot", made->snapshot,
                   "Begin with its content (id, or SHARE@SNAPSHOT); type and size are its own then")
      ->type_name("SNAPSHOT");
  create->add_option("--size", made->size_gb, "Size in GiB (default 1, or the snapshot's)")
      ->type_name("GIB")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 31));
  create->add_option("--protocol", made->protocol, "NFS (the default), CIFS, …")->type_name("NAME");
  create->add_option("--zone", made->zone, "Availability zone of the first replica")
      ->type_name("ZONE");
  create->add_option("--host", made->host, "This pool only: node@controller#pool (admins)")
      ->type_name("HOST");
  create->add_option("--description", made->description, "Words for people")->type_name("TEXT");
  create->add_option("--metadata", made->metadata, "May be repeated")->type_name("KEY=VALUE");
  create->add_flag("--public", made->is_public, "Visible to other projects");
  acting(create, made->acting);
  auto [list, all] = verb<ShareList>(share, "list", "List the shares");
  page(list, all->page);
  auto [show, shown] = verb<ShareShow>(share, "show", "Show a share with its replicas");
  show->add_option("SHARE", shown->share, "Name or id")->required();
  auto [remove, gone] = verb<ShareDelete>(share, "delete", "Delete a share and its data");
  remove->add_option("SHARE", gone->share, "Name or id")->required();
  remove->add_flag("--force", gone->force, "Even when its storage cannot be reached");
  acting(remove, gone->acting);
  share_sizes(share);
  share_snapshots(share);
}

void Grammar::replicas() {
  CLI::App* replica = group("replica", "Replicas of shares");
  auto [add, added] = verb<ReplicaAdd>(replica, "add", "Add a replica to a share");
  add->add_option("SHARE", added->share, "Name or id")->required();
  add->add_option("--zone", added->zone, "Availability zone (default: another one than the rest)")
      ->type_name("ZONE");
  add->add_option("--host", added->host, "This pool only: node@controller#pool (admins)")
      ->type_name("HOST");
  acting(add, added->acting);
  auto [list, all] = verb<ReplicaList>(replica, "list", "List the replicas");
  list->add_option("SHARE", all->share, "Of this share only, name or id");
  page(list, all->page);
  auto [show, shown] = verb<ReplicaShow>(replica, "show", "Show a replica");
  show->add_option("REPLICA", shown->replica, k_replica_words)->required();
  auto [remove, gone] = verb<ReplicaRemove>(replica, "remove", "Remove a replica and its copy");
  remove->add_option("REPLICA", gone->replica, k_replica_words)->required();
  remove->add_flag("--force", gone->force, "Even when its storage cannot be reached");
  acting(remove, gone->acting);
  auto [active, change] =
      verb<ReplicaSetActive>(replica, "set-active", "Make this replica the active one");
  active->alias("promote");
  active->add_option("REPLICA", change->replica, k_replica_words)->required();
  active
      ->add_option("--mode", change->mode,
                   "planned: no loss or no change; forced: without the old side; auto (the "
                   "default): planned while the old side answers, then forced")
      ->type_name("MODE")
      ->check(CLI::IsMember({"auto", "planned", "forced"}).description(""));
  active
      ->add_option("--quiesce-wait", change->quiesce_wait_seconds,
                   "How long auto waits for the old side (default: pasigd's)")
      ->type_name("SECONDS");
  active->add_flag("--accept-older", change->accept_older,
                   "Forced: even when another reachable replica has newer data");
  active->add_flag("--dry-run", change->dry_run,
                   "Say what would happen and what would be lost; nothing is touched");
  acting(active, change->acting);
  replica_repairs(replica);
  replica_care(replica);
}

void Grammar::replica_repairs(CLI::App* replica) {
  auto [resync, again] = verb<ReplicaResync>(
      replica, "resync", "Copy from the active replica again, even if that deletes many files");
  resync->add_option("REPLICA", again->replica, k_replica_words)->required();
  acting(resync, again->acting);
  auto [status, wanted] = verb<ReplicaResetStatus>(replica, "reset-status", "Overrule a status");
  status->add_option("REPLICA", wanted->replica, k_replica_words)->required();
  status
      ->add_option("STATUS", wanted->status, "available, error, creating, deleting, error_deleting")
      ->required()
      ->check(CLI::IsMember({"available", "error", "creating", "deleting", "error_deleting"})
                  .description(""));
  acting(status, wanted->acting);
  auto [state, other] = verb<ReplicaResetState>(replica, "reset-state", "Overrule a replica state");
  state->add_option("REPLICA", other->replica, k_replica_words)->required();
  state->add_option("STATE", other->state, "in_sync, out_of_sync, error, active")
      ->required()
      ->check(CLI::IsMember({"in_sync", "out_of_sync", "error", "active"}).description(""));
  acting(state, other->acting);
}

void Grammar::looking() {
  CLI::App* controller = group("controller", "Storage controllers");
  verb<ControllerList>(controller, "list", "List the controllers");
  auto [one, shown] = verb<ControllerShow>(controller, "show", "Show a controller with its pools");
  one->add_option("CONTROLLER", shown->controller, "Name")->required();
  controller_orders(controller);
  verb<PoolList>(group("pool", "Pools of the controllers"), "list", "List the pools");
  CLI::App* operation = group("operation", "Work on controllers");
  auto [list, all] = verb<OperationList>(operation, "list", "List operations, the newest first");
  list->add_flag("--pending", all->pending, "Only those that are not over");
  list->add_option("--share", all->share, "Of this share only, name or id")->type_name("SHARE");
  page(list, all->page);
  auto [show, looked] = verb<OperationShow>(operation, "show", "Show an operation");
  show->add_option("OPERATION", looked->operation, "Id")->required();
  auto [cancel, stop] = verb<OperationCancel>(operation, "cancel", "Ask an operation to stop");
  cancel->add_option("OPERATION", stop->operation, "Id")->required();
  acting(cancel, stop->acting);
  operation_orders(operation);
  auto [command, asked] = verb<CommandShow>(group("command", "What was asked of Pasig"), "show",
                                            "Show what became of a command");
  command->add_option("COMMAND", asked->command, "Id")->required();
  verb<Status>(&app, "status", "Is pasigd well, and where does its log stand");
  verb<Version>(&app, "version", "The versions of pasig and of the pasigd that it reaches");
}

void Grammar::past() {
  auto [history, asked] = verb<History>(&app, "history", "What happened to a share or a replica");
  history->add_option("SHARE|REPLICA", asked->subject, "Name or id")->required();
  history->add_option("--from", asked->from, "From this position on")->type_name("POSITION");
  history->add_option("--limit", asked->limit, "At most so many records")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, k_rows_max));
  auto [why, replica] = verb<Why>(&app, "why", "Why a replica is as it is, in words");
  why->add_option("REPLICA", replica->replica, k_replica_words)->required();
  auto [show, records] = verb<LogShow>(group("log", "The event log"), "show",
                                       "Show records of the log: the last ones, or one of them");
  CLI::Option* one = show->add_option("POSITION", records->ordinal, "This record, whole");
  show->add_option("--from", records->from, "From this position on")
      ->type_name("POSITION")
      ->excludes(one);
  show->add_option("--limit", records->limit, "At most so many records (default 20)")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, k_rows_max))
      ->excludes(one);
  CLI::App* replay = group("replay", "Folding the log anew");
  verb<ReplayVerify>(replay, "verify",
                     "Fold the log from its start and compare the result with what is served");
  auto [rebuild, place] = verb<ReplayRebuild>(
      replay, "rebuild", "Make the projections anew from the log, while pasigd is stopped");
  rebuild->add_option("--data", place->data_directory, "pasigd's data directory")
      ->required()
      ->type_name("DIR");
}

namespace {

// Groups of options are subcommands to CLI11 too; they have no names.
std::vector<const CLI::App*> verbs_of(const CLI::App& at) {
  return at.get_subcommands([](const CLI::App* one) { return !one->get_name().empty(); });
}

// "'lst' is no verb of pasig share; …" for the first word that is none; empty when all are.
std::string unknown_verb(CLI::App& app, const std::vector<std::string>& arguments) {
  const CLI::App* at = &app;
  std::string path = "pasig";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "-o" || word == "--output" || word == "--socket" || word == "--url") ++i;
    if (word.starts_with('-')) continue;
    const auto known = verbs_of(*at);
    if (known.empty()) return {};
    const auto next = std::find_if(known.begin(), known.end(),
                                   [&](const CLI::App* one) { return one->check_name(word); });
    if (next == known.end()) {
      std::string names;
      for (const CLI::App* one : known) names += (names.empty() ? "" : ", ") + one->get_name();
      return "'" + word + "' is no verb of " + path + "; there are " + names;
    }
    at = *next;
    path += " " + word;
  }
  return {};
}

// Whether JSON was asked for, even when the rest of the line makes no sense.
Format wanted_format(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& one = arguments[i];
    const bool next_is_json = i + 1 < arguments.size() && arguments[i + 1] == "json";
    if (one == "--output=json" || one == "-ojson" || one == "-o=json") return Format::json;
    if ((one == "-o" || one == "--output") && next_is_json) return Format::json;
  }
  return Format::table;
}

}  // namespace

tl::expected<Invocation, ParserText> parse_arguments(const std::vector<std::string>& arguments) {
  Grammar grammar;
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants it
  try {
    grammar.app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    const CLI::App* at = &grammar.app;
    std::string before;
    for (auto given = at->get_subcommands(); !given.empty(); given = at->get_subcommands()) {
      before += (before.empty() ? "" : " ") + at->get_name();
      at = given.front();
    }
    return tl::unexpected(ParserText{false, at->help(before), Format::table});
  } catch (const CLI::CallForVersion& version) {
    return tl::unexpected(ParserText{false, std::string(version.what()) + "\n", Format::table});
  } catch (const CLI::ParseError& error) {
    const std::string verb = unknown_verb(grammar.app, arguments);
    return tl::unexpected(
        ParserText{true, verb.empty() ? error.what() : verb, wanted_format(arguments)});
  }
  return std::move(grammar.found);
}

std::vector<std::string> all_verbs() {
  Grammar grammar;
  std::vector<std::string> verbs;
  const auto add = [&](const CLI::App& at, const std::string& path, const auto& again) -> void {
    for (const CLI::App* one : verbs_of(at)) {
      const std::string before = path.empty() ? "" : path + " ";
      if (!verbs_of(*one).empty()) {
        again(*one, before + one->get_name(), again);
        continue;
      }
      verbs.push_back(before + one->get_name());
      for (const std::string& alias : one->get_aliases()) verbs.push_back(before + alias);
    }
  };
  add(grammar.app, "", add);
  return verbs;
}

}  // namespace pasig::cli
