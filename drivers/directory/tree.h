// What lies in a directory tree, as plain values: one entry per name, in the order of the
// names' bytes, so that a directory always precedes what is in it. Looks only; follows no
// link and crosses no mount. Devices and sockets are counted, not listed. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/digest.h"
#include "drivers/driver.h"

namespace pasig::drivers::directory {

struct Patience;  // replica_lock.h

enum class EntryType : std::uint8_t { directory = 1, file = 2, symlink = 3, fifo = 4 };

struct Entry {
  std::string path;  // below the tree, as bytes; empty: the tree's own directory
  EntryType type = EntryType::file;
  std::uint64_t size = 0;       // of files
  std::uint64_t allocated = 0;  // bytes of storage that a scanned file takes; in no manifest
  std::uint64_t names = 1;      // that a scanned file has, anywhere; in no manifest
  std::int64_t mtime_ns = 0;
  std::uint32_t mode = 0;  // permission bits; 0 for links
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::string target;     // of symbolic links
  std::string linked_to;  // of files: the first path of the same inode, when this is not it
  Digest xattrs;
  Digest content;
  // Which inode it was and when that last changed: tells whether the digests may be reused.
  // Never compared between replicas. 0: not known.
  std::uint64_t inode = 0;
  std::int64_t ctime_ns = 0;
};

struct Tree {
  std::vector<Entry> entries;
  std::uint64_t skipped = 0;  // devices, sockets, other file systems mounted inside

  [[nodiscard]] const Entry* find(const std::string& path) const;
  [[nodiscard]] std::uint64_t files() const;
  [[nodiscard]] std::uint64_t bytes() const;
};

// Digests are left zero.
Answer<Tree> scan(const std::string& root, const std::stop_token& cancelled);

// The same inode, unchanged as far as a file system tells.
bool same_inode_unchanged(const Entry& a, const Entry& b);

// False for an inode that changed so shortly before it was listed that it may have changed
// again under the same change time.
bool is_settled(const Entry& entry, std::int64_t listed_at_ns);

// Reads one file, or the extended attributes of one entry, of the tree at `root`.
Answer<Digest> content_digest(const std::string& root, const Entry& entry,
                              const Patience& patience);
Answer<Digest> xattr_digest(const std::string& root, const Entry& entry);

// Fills in both digests of an entry.
Answer<void> read_digests(const std::string& root, Entry& entry, const Patience& patience);

// The attributes that a copy has to carry. Others belong to one machine (labels), to Pasig or to
// rsync's emulation of ownership.
bool is_carried_attribute(const std::string& name);

}  // namespace pasig::drivers::directory
