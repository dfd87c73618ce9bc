#include "drivers/directory/manifest.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

#include "drivers/directory/files.h"

namespace pasig::drivers::directory {
namespace {

constexpr std::string_view k_magic = "pasig-manifest-1\n";
constexpr std::uint32_t k_write_bits = 0222;
constexpr std::size_t k_digest_size = 32;

class Writer {
 public:
  void number(std::uint64_t value) {
    for (int i = 0; i < 8; ++i) bytes_.push_back(static_cast<char>(value >> (8 * i)));
  }
  void time(std::int64_t value) { number(static_cast<std::uint64_t>(value)); }
  void text(const std::string& value) {
    number(value.size());
    bytes_ += value;
  }
  void raw(std::string_view value) { bytes_ += value; }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t number() {
    const std::string_view raw = take(8);
    std::uint64_t value = 0;
    for (std::size_t i = raw.size(); i-- > 0;)
      value = (value << 8) | static_cast<unsigned char>(raw[i]);
    return value;
  }
  std::int64_t time() { return static_cast<std::int64_t>(number()); }
  std::string text() { return std::string(take(number())); }
  Digest digest() { return Digest::from_bytes(take(k_digest_size)).value_or(Digest{}); }
  [[nodiscard]] bool is_good() const { return good_; }
  [[nodiscard]] bool is_done() const { return good_ && bytes_.empty(); }

 private:
  std::string_view take(std::uint64_t length) {
    if (!good_ || length > bytes_.size()) {
      good_ = false;
      return {};
    }
    const std::string_view part = bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return part;
  }
  std::string_view bytes_;
  bool good_ = true;
};

void write_entry(Writer& out, const Entry& entry) {
  out.text(entry.path);
  out.number(static_cast<std::uint64_t>(entry.type));
  out.number(entry.size);
  out.time(entry.mtime_ns);
  out.number(entry.mode);
  out.number(entry.uid);
  out.number(entry.gid);
  out.text(entry.target);
  out.text(entry.linked_to);
  out.raw(entry.xattrs.view());
  out.raw(entry.content.view());
}

Entry read_entry(Reader& in) {
  Entry entry;
  entry.path = in.text();
  entry.type = static_cast<EntryType>(in.number());
  entry.size = in.number();
  entry.mtime_ns = in.time();
  entry.mode = static_cast<std::uint32_t>(in.number());
  entry.uid = static_cast<std::uint32_t>(in.number());
  entry.gid = static_cast<std::uint32_t>(in.number());
  entry.target = in.text();
  entry.linked_to = in.text();
  entry.xattrs = in.digest();
  entry.content = in.digest();
  return entry;
}

}  // namespace

Copy Manifest::copy() const {
  return {.generation = generation,
          .data_as_of = data_as_of,
          .consistency = consistency,
          .files = tree.files(),
          .bytes = tree.bytes(),
          .skipped = tree.skipped,
          .source_bytes = tree.bytes()};
}

Digest Manifest::digest() const {
  Writer out;
  for (const Entry& entry : tree.entries) write_entry(out, entry);
  return sha256(out.take());
}

std::string encode(const Manifest& manifest) {
  Writer out;
  out.raw(k_magic);
  out.number(manifest.epoch);
  out.number(manifest.generation);
  out.time(manifest.data_as_of.micros);
  out.number(static_cast<std::uint64_t>(manifest.consistency));
  out.time(manifest.listed_at_ns);
  out.number(manifest.behind_fence ? 1 : 0);
  out.number(manifest.tree.skipped);
  out.number(manifest.tree.entries.size());
  for (const Entry& entry : manifest.tree.entries) {
    write_entry(out, entry);
    out.number(entry.inode);
    out.time(entry.ctime_ns);
  }
  std::string bytes = out.take();
  bytes += sha256(bytes).view();
  return bytes;
}

Answer<Manifest> decode_manifest(const std::string& bytes, const std::string& path) {
  const auto damaged = [&path](const char* why) {
    return tl::unexpected(CallFailure{.problem = Problem::not_verified,
                                      .unknown = false,
                                      .controller = {},
                                      .words = "manifest " + path + " " + why,
                                      .hint = "the copy beside it is made again by a resync"});
  };
  if (bytes.size() < k_magic.size() + k_digest_size || !bytes.starts_with(k_magic))
    return damaged("is no manifest of this format");
  const std::string_view body(bytes.data(), bytes.size() - k_digest_size);
  if (sha256(body).view() != std::string_view(bytes).substr(body.size()))
    return damaged("does not match its own digest");
  Reader in(body.substr(k_magic.size()));
  Manifest manifest;
  manifest.epoch = in.number();
  manifest.generation = in.number();
  manifest.data_as_of.micros = in.time();
  manifest.consistency = static_cast<CopyConsistency>(in.number());
  manifest.listed_at_ns = in.time();
  manifest.behind_fence = in.number() == 1;
  manifest.tree.skipped = in.number();
  const std::uint64_t count = in.number();
  for (std::uint64_t i = 0; i < count && in.is_good(); ++i) {
    Entry entry = read_entry(in);
    entry.inode = in.number();
    entry.ctime_ns = in.time();
    manifest.tree.entries.push_back(std::move(entry));
  }
  if (!in.is_done()) return damaged("ends too early or too late");
  return manifest;
}

Answer<Manifest> read_manifest(const std::string& path) {
  PASIG_TRY(const std::string bytes, read_file(path));
  return decode_manifest(bytes, path);
}

Answer<void> write_manifest(const std::string& path, const Manifest& manifest) {
  return write_file_durably(path, encode(manifest));
}

std::string difference(const Entry& expected, const Entry& actual, const Comparison& how) {
  const auto numbers = [](const char* what, std::uint64_t want, std::uint64_t got) {
    return std::string(what) + " " + std::to_string(got) + " instead of " + std::to_string(want);
  };
  if (expected.type != actual.type) return "is of another type";
  if (expected.size != actual.size) return numbers("has size", expected.size, actual.size);
  if (expected.content != actual.content) return "has other content";
  if (expected.target != actual.target) return "points elsewhere";
  if (expected.linked_to != actual.linked_to) return "is hard-linked otherwise";
  const std::uint32_t modes = how.write_bits ? 07777 : 07777 & ~k_write_bits;
  if ((expected.mode & modes) != (actual.mode & modes))
    return numbers("has mode", expected.mode, actual.mode);
  if (expected.xattrs != actual.xattrs) return "has other extended attributes";
  if (how.owners && (expected.uid != actual.uid || expected.gid != actual.gid))
    return "has another owner";
  if (expected.mtime_ns != actual.mtime_ns) return "has another modification time";
  return {};
}

std::vector<std::string> differences(const Tree& expected, const Tree& actual,
                                     const Comparison& how) {
  std::vector<std::string> words;
  auto want = expected.entries.begin();
  auto got = actual.entries.begin();
  while (words.size() < how.differences_max &&
         (want != expected.entries.end() || got != actual.entries.end())) {
    if (got == actual.entries.end() || (want != expected.entries.end() && want->path < got->path)) {
      words.push_back(printable((want++)->path) + " is missing");
    } else if (want == expected.entries.end() || got->path < want->path) {
      words.push_back(printable((got++)->path) + " should not be there");
    } else {
      if (const std::string why = difference(*want, *got, how); !why.empty())
        words.push_back(printable(want->path) + " " + why);
      ++want;
      ++got;
    }
  }
  return words;
}

std::uint64_t files_gone(const Tree& before, const Tree& after) {
  std::set<Digest> contents;
  for (const Entry& entry : after.entries)
    if (entry.type == EntryType::file) contents.insert(entry.content);
  std::uint64_t gone = 0;
  for (const Entry& entry : before.entries) {
    if (entry.type == EntryType::directory || after.find(entry.path) != nullptr) continue;
    if (entry.type != EntryType::file || entry.size == 0 || !contents.contains(entry.content))
      ++gone;
  }
  return gone;
}

std::string printable(const std::string& path) {
  if (path.empty()) return "the top directory";
  std::string text;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto byte = static_cast<unsigned char>(path[i]);
    const std::size_t more = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : byte >= 0xC2 ? 1 : 0;
    bool whole = byte < 0x80 ? byte >= 0x20 && byte != 0x7F : more > 0 && byte < 0xF5;
    for (std::size_t k = 1; k <= more && whole; ++k)
      whole = i + k < path.size() && (static_cast<unsigned char>(path[i + k]) & 0xC0) == 0x80;
    if (whole) {
      text.append(path, i, more + 1);
      i += more;
    } else {
      std::array<char, 8> hex{};
      std::snprintf(hex.data(), hex.size(), "\\x%02x", byte);
      text += hex.data();
    }
  }
  return text;
}

}  // namespace pasig::drivers::directory
