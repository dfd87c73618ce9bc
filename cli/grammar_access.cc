// A share's size, and whom it lets in.
#include "cli/grammar.h"

namespace pasig::cli {

void Grammar::share_sizes(CLI::App* share) {
  const auto sizes = CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 31);
  auto [extend, larger] = verb<ShareExtend>(share, "extend", "Make a share larger");
  extend->add_option("SHARE", larger->share, "Name or id")->required();
  extend->add_option("SIZE", larger->size_gb, "Its new size in GiB")->required()->check(sizes);
  extend->add_flag("--force", larger->force, "Without asking whether the pools have room (admins)");
  acting(extend, larger->acting);
  auto [shrink, smaller] =
      verb<ShareShrink>(share, "shrink", "Make a share smaller, down to what is stored in it");
  shrink->add_option("SHARE", smaller->share, "Name or id")->required();
  shrink->add_option("SIZE", smaller->size_gb, "Its new size in GiB")->required()->check(sizes);
  acting(shrink, smaller->acting);
  auto [reset, again] = verb<ShareResetStatus>(
      share, "reset-status", "Take a share out of extending_error and the like (admins)");
  reset->add_option("SHARE", again->share, "Name or id")->required();
  acting(reset, again->acting);
}

void Grammar::access() {
  CLI::App* access = group("access", "Access rules: whom a share lets in");
  const char* rule_words = "Id, or whom it lets in: NAME or TYPE:NAME";
  const auto levels = CLI::IsMember({"rw", "ro"}).description("");
  auto [add, made] = verb<AccessAdd>(access, "add", "Let somebody in");
  add->add_option("SHARE", made->share, "Name or id")->required();
  add->add_option("TYPE", made->type, "user, ip, cert or cephx")
      ->required()
      ->check(CLI::IsMember({"user", "ip", "cert", "cephx"}).description(""));
  add->add_option("NAME", made->to, "Whom: a user, a network, a common name")->required();
  add->add_option("LEVEL", made->level, "rw (the default) or ro")->check(levels);
  add->add_option("--metadata", made->metadata, "May be repeated")->type_name("KEY=VALUE");
  acting(add, made->acting);
  auto [list, all] = verb<AccessList>(access, "list", "List the access rules of a share");
  list->add_option("SHARE", all->share, "Name or id")->required();
  page(list, all->page);
  auto [show, shown] =
      verb<AccessShow>(access, "show", "Show an access rule, and what it is on each replica");
  show->add_option("SHARE", shown->share, "Name or id")->required();
  show->add_option("RULE", shown->rule, rule_words)->required();
  auto [remove, gone] = verb<AccessRemove>(access, "remove", "Take an access rule away");
  remove->add_option("SHARE", gone->share, "Name or id")->required();
  remove->add_option("RULE", gone->rule, rule_words)->required();
  acting(remove, gone->acting);
  auto [set, changed] = verb<AccessSet>(
      access, "set", "Change the level of an access rule, or try again where it does not hold");
  set->add_option("SHARE", changed->share, "Name or id")->required();
  set->add_option("RULE", changed->rule, rule_words)->required();
  set->add_option("LEVEL", changed->level, "rw or ro")->required()->check(levels);
  acting(set, changed->acting);
}

}  // namespace pasig::cli
