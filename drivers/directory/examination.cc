#include "drivers/directory/examination.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "drivers/directory/files.h"

namespace pasig::drivers::directory {
namespace {

// What this machine still has in memory would hide what became of it on the disk.
void forget_cached(const std::string& tree, const Entry& entry) {
  const auto top = open_directory(tree);
  if (!top) return;
  const Descriptor file(open_beneath(top->get(), entry.path, O_RDONLY | O_NONBLOCK));
  if (file.is_open()) static_cast<void>(::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED));
}

bool is_untouched_now(const std::string& live, const Entry& noted) {
  const auto top = open_directory(live);
  if (!top) return false;
  const Descriptor file(open_beneath(top->get(), noted.path, O_RDONLY | O_NONBLOCK));
  struct stat status {};
  return file.is_open() && ::fstat(file.get(), &status) == 0 && status.st_ino == noted.inode &&
         static_cast<std::uint64_t>(status.st_size) == noted.size &&
         nanoseconds(status.st_mtim) == noted.mtime_ns &&
         nanoseconds(status.st_ctim) == noted.ctime_ns;
}

Finding unlisted(std::string words) {
  return {.path = {},
          .wanted = {},
          .words = "cannot be listed as a whole: " + std::move(words),
          .is_of_all = true};
}

}  // namespace

// In words, or the failure, where it says nothing of the content.
Answer<std::string> Examination::as_damage(CallFailure failure) const {
  if (failure.problem == Problem::cancelled || failure.problem == Problem::expired)
    return tl::unexpected(std::move(failure));
  const auto root = call_.roots.find(side_.place.controller);
  if (root == call_.roots.end()) return tl::unexpected(std::move(failure));
  PASIG_CHECK(root->second->look(call_.patience));
  return std::move(failure.words);
}

void Examination::note_read(const Entry& entry) {
  if (entry.type != EntryType::directory) ++files_;
  if (entry.linked_to.empty()) bytes_ += entry.size;
  if (call_.context.progress) call_.context.progress({"reading", bytes_, bytes_total_});
}

Answer<Digest> Examination::read_from_storage(const std::string& tree, const Entry& entry) {
  if (const auto known = by_inode_.find(entry.inode); known != by_inode_.end())
    return known->second;
  forget_cached(tree, entry);
  PASIG_TRY(const Digest digest, content_digest(tree, entry, call_.patience));
  if (entry.names > 1) by_inode_[entry.inode] = digest;
  return digest;
}

Answer<std::string> Examination::look(const std::string& tree, const Entry& wanted, Entry found) {
  PASIG_CHECK(call_.patience.check("reading " + tree));
  const bool has_attributes = found.type == EntryType::file || found.type == EntryType::directory;
  if (has_attributes) {
    auto xattrs = xattr_digest(tree, found);
    if (!xattrs) return as_damage(std::move(xattrs).error());
    found.xattrs = *xattrs;
  }
  if (found.type == EntryType::file) {
    auto content = read_from_storage(tree, found);
    if (!content) return as_damage(std::move(content).error());
    found.content = *content;
  }
  note_read(found);
  return difference(wanted, found,
                    {.owners = side_.owners(), .write_bits = side_.root.abilities.immutable});
}

Answer<std::vector<Finding>> Examination::compare(const std::string& tree,
                                                  const Manifest& manifest) {
  std::vector<Finding> findings;
  auto scanned = scan(tree, call_.patience.cancelled);
  if (!scanned) {
    PASIG_TRY(std::string words, as_damage(std::move(scanned).error()));
    findings.push_back(unlisted(std::move(words)));
    return findings;
  }
  auto want = manifest.tree.entries.begin();
  const auto end = manifest.tree.entries.end();
  for (const Entry& found : scanned->entries) {
    for (; want != end && want->path < found.path; ++want)
      findings.push_back({.path = want->path, .wanted = *want, .words = "is missing"});
    if (want == end || found.path < want->path) {
      findings.push_back({.path = found.path, .wanted = {}, .words = "should not be there"});
      continue;
    }
    PASIG_TRY(std::string words, look(tree, *want, found));
    if (!words.empty())
      findings.push_back({.path = want->path, .wanted = *want, .words = std::move(words)});
    ++want;
  }
  for (; want != end; ++want)
    findings.push_back({.path = want->path, .wanted = *want, .words = "is missing"});
  return findings;
}

// Not more than it can know: a file that is changed while it is read is as its users want it.
Answer<std::string> Examination::look_at_untouched(const std::string& live, const Entry& noted) {
  forget_cached(live, noted);
  auto content = content_digest(live, noted, call_.patience);
  std::string words;
  if (!content) {
    PASIG_TRY(words, as_damage(std::move(content).error()));
  } else if (*content != noted.content) {
    words = "has other content than when it was last copied, though nobody wrote to it";
  }
  return is_untouched_now(live, noted) ? words : std::string();
}

Answer<std::vector<Finding>> Examination::compare_untouched(const std::string& live,
                                                            const Manifest& last) {
  std::vector<Finding> findings;
  auto scanned = scan(live, call_.patience.cancelled);
  if (!scanned) {
    PASIG_TRY(std::string words, as_damage(std::move(scanned).error()));
    findings.push_back(unlisted(std::move(words)));
    return findings;
  }
  for (const Entry& found : scanned->entries) {
    const Entry* noted = last.tree.find(found.path);
    if (found.type != EntryType::file || noted == nullptr || !same_inode_unchanged(*noted, found) ||
        !is_settled(found, last.listed_at_ns))
      continue;
    PASIG_TRY(std::string words, look_at_untouched(live, *noted));
    note_read(found);
    if (!words.empty())
      findings.push_back({.path = found.path, .wanted = *noted, .words = std::move(words)});
  }
  return findings;
}

Answer<bool> Examination::is_good_file(const std::string& tree, const Entry& wanted) {
  forget_cached(tree, wanted);
  const auto content = content_digest(tree, wanted, call_.patience);
  if (content) return *content == wanted.content;
  PASIG_TRY(const std::string words, as_damage(content.error()));
  return words.empty();
}

}  // namespace pasig::drivers::directory
