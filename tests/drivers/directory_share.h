// A share on three directory roots, with the verbs and paths that the directory driver's own
// tests need.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "drivers/directory/replica_store.h"
#include "tests/drivers/worlds.h"

namespace pasig::drivers {

namespace fs = std::filesystem;
using Mode = ActiveChangeRequest::Mode;

using Settings = std::map<std::string, std::string>;

inline Settings with(std::initializer_list<std::pair<const std::string, std::string>> options) {
  return {options};
}

class DirectoryShare {
 public:
  explicit DirectoryShare(Settings options = {}, Replication replication = Replication::readable,
                          std::string base = {})
      : world(std::move(options), std::move(base)), share(replication) {
    share.add("alpha");
    const auto created = driver().create_share(share.ref(), share.id(0), share.next_call());
    EXPECT_TRUE(created) << words_of(created);
    share.record_provisioned();
    add("beta");
  }

  void add(const std::string& controller) {
    share.add(controller);
    const std::size_t n = share.ref().replicas.size() - 1;
    const auto added = driver().add_replica(share.ref(), share.id(n), share.next_call());
    EXPECT_TRUE(added) << words_of(added);
    share.record_added(n);
  }
  Driver& driver() { return world.driver(); }
  Answer<Copy> sync(std::size_t n) {
    return driver().sync_replica(share.ref(), share.id(n), share.next_call());
  }
  Answer<Health> status(std::size_t n) {
    return driver().update_replica_status(share.ref(), share.id(n), share.next_call());
  }
  Answer<ActiveChange> change(std::size_t n, Mode mode) {
    auto changed = driver().set_active_replica(
        share.ref(), {.replica = share.id(n), .mode = mode, .quiesce_wait_seconds = 0},
        share.next_call());
    if (changed) share.record_active(n, *changed);
    return changed;
  }

  [[nodiscard]] std::string top(std::size_t n) { return world.top(replica(n), share.ref()); }
  [[nodiscard]] std::string live(std::size_t n) { return top(n) + "/live"; }
  [[nodiscard]] std::string exported(std::size_t n) { return top(n) + "/export"; }
  // The newest frozen tree of a replica.
  [[nodiscard]] std::string frozen(std::size_t n) {
    const auto latest = directory::latest_generation(place(n));
    return latest && *latest ? place(n).frozen((*latest)->generation) : std::string("/nowhere");
  }
  [[nodiscard]] directory::ReplicaPlace place(std::size_t n) {
    return {replica(n).controller, world.root(replica(n).controller), share.ref().id, share.id(n)};
  }
  const ReplicaRef& replica(std::size_t n) { return share.ref().replicas.at(n); }
  bool write(std::size_t n, const std::string& name, const std::string& text) {
    return write_file(exported(n) + "/" + name, text);
  }

  DirectoryWorld world;
  ShareOnDriver share;
};

// An executable shell script in a directory of its own.
class Script {
 public:
  explicit Script(const std::string& body) {
    write_file(path(), "#!/bin/sh\n" + body + "\n");
    fs::permissions(path(), fs::perms(0755));
  }
  void replace(const std::string& body) const { write_file(path(), "#!/bin/sh\n" + body + "\n"); }
  [[nodiscard]] std::string path() const { return directory_.path() + "/rsync"; }
  [[nodiscard]] std::string beside(const std::string& name) const {
    return directory_.path() + "/" + name;
  }

 private:
  TemporaryDirectory directory_;
};

}  // namespace pasig::drivers
