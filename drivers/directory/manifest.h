// The manifest of a frozen tree: every entry with its digests, and how and when the tree was
// made. It decides whether a copy is equal to its source; rsync's exit code does not. The
// file carries its own digest, so that a damaged manifest is never taken for a good one.
#pragma once

#include <string>
#include <vector>

#include "drivers/directory/tree.h"

namespace pasig::drivers::directory {

struct Manifest {
  std::uint64_t epoch = 0;       // of the active replica that froze it
  std::uint64_t generation = 0;  // rises within a share
  Time data_as_of;               // when the freeze began
  CopyConsistency consistency = CopyConsistency::unknown;
  // The clock of the file system when the source was last listed. An inode that changed
  // less than a tick before may have changed again unseen: it is read anew.
  std::int64_t listed_at_ns = 0;
  bool behind_fence = false;  // nobody could write meanwhile: lossless
  Tree tree;

  [[nodiscard]] Copy copy() const;
  [[nodiscard]] Digest digest() const;  // over what copies have in common
};

std::string encode(const Manifest& manifest);
Answer<Manifest> decode_manifest(const std::string& bytes, const std::string& path);

Answer<Manifest> read_manifest(const std::string& path);
Answer<void> write_manifest(const std::string& path, const Manifest& manifest);

// In words, at most this many differences; empty: equal. Without owners where ownership is
// emulated, and without write bits where a tree is sealed by taking those away.
struct Comparison {
  bool owners = true;
  bool write_bits = true;
  std::size_t differences_max = 3;
};
std::vector<std::string> differences(const Tree& expected, const Tree& actual,
                                     const Comparison& how);
// The same of one entry: how it differs; empty: it does not.
std::string difference(const Entry& expected, const Entry& actual, const Comparison& how);

// How many files of `before` are gone: neither their path nor their content is left, so that
// a renamed directory is no deletion.
std::uint64_t files_gone(const Tree& before, const Tree& after);

// The path for people: control characters and broken UTF-8 as \xNN.
std::string printable(const std::string& path);

}  // namespace pasig::drivers::directory
