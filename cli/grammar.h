// The command line's grammar: what every verb takes, and the struct that it fills. parser.cc and
// the grammar_*.cc define it, a group of verbs each. One thread.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/verbs.h"

namespace pasig::cli {

constexpr const char* k_replica_words = "Id, or SHARE@ZONE, or SHARE@CONTROLLER";
constexpr const char* k_snapshot_words = "Id, or SHARE@SNAPSHOT";

// The parser and what it has found so far. `verb` is set by the callback of the verb that was
// given; the structs that options write into live in `kept` until then.
class Grammar {
 public:
  Grammar();
  Grammar(const Grammar&) = delete;
  Grammar& operator=(const Grammar&) = delete;

  CLI::App app{
      "The `pasig` command asks a running pasigd for shares, their replicas and their "
      "history, and changes them."};
  Invocation found;

 private:
  std::vector<std::shared_ptr<void>> kept_;

  CLI::App* group(const std::string& name, const std::string& words);
  // A verb whose options fill a T.
  template <class T>
  std::pair<CLI::App*, T*> verb(CLI::App* under, const std::string& name, const std::string& words);
  void acting(CLI::App* verb, Acting& acting);
  void page(CLI::App* verb, Page& page);
  void globals();
  void types();
  void shares();
  void share_sizes(CLI::App* share);
  void access();
  void replicas();
  void replica_repairs(CLI::App* replica);
  void looking();
  void adoption();
  void snapshot_adoption(CLI::App* snapshot);
  void replica_care(CLI::App* replica);
  void orders();
  void controller_orders(CLI::App* controller);
  void operation_orders(CLI::App* operation);
  void snapshots();
  void share_snapshots(CLI::App* share);
  void past();
};

template <class T>
std::pair<CLI::App*, T*> Grammar::verb(CLI::App* under, const std::string& name,
                                       const std::string& words) {
  CLI::App* made = under->add_subcommand(name, words);
  made->fallthrough();
  made->footer("");
  auto arguments = std::make_shared<T>();
  T* raw = arguments.get();
  kept_.push_back(std::move(arguments));
  made->callback([this, raw] { found.verb = *raw; });
  return {made, raw};
}

}  // namespace pasig::cli
