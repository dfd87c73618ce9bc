#include "drivers/directory/controller_root.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <thread>

#include "drivers/directory/files.h"

namespace pasig::drivers::directory {
namespace {

namespace json = boost::json;

constexpr std::int64_t k_marker_format = 1;
constexpr std::chrono::seconds k_answer_max{20};  // a local disk waking up needs less
constexpr std::chrono::milliseconds k_look_again{100};
constexpr const char* k_no_root_hint =
    "is the right file system mounted there? a root is made only when pasigd starts with create = "
    "\"true\" and knows of no replica there, in an empty directory";

std::string marker_path(const Options& options) { return options.root + "/.pasig-controller"; }

CallFailure away(const Options& options, std::string words, std::string hint) {
  return {.problem = Problem::unreachable,
          .unknown = false,
          .controller = options.controller,
          .words = std::move(words),
          .hint = std::move(hint)};
}

CallFailure replaced(const Options& options, std::string words, std::string hint) {
  return {.problem = Problem::mismatch,
          .unknown = false,
          .controller = options.controller,
          .words = std::move(words),
          .hint = std::move(hint)};
}

Error as_error(const Options& options, const CallFailure& failure) {
  return {.code = ErrorCode::invalid,
          .message = "controller " + options.controller + ": " + failure.words,
          .hint = failure.hint};
}

// Device numbers of network and memory file systems change with every mount, and those of disks
// with every start of the machine.
bool is_device_of_this_start(std::uint64_t device) { return major(device) != 0; }

struct FileSystem {
  std::uint64_t type = 0;
  std::uint64_t lasting = 0;
};

// ext2 to ext4 and btrfs derive f_fsid from the UUID on the disk; the others from the device or
// from nothing.
Answer<FileSystem> file_system_of(const std::string& path) {
  struct statfs system {};
  if (::statfs(path.c_str(), &system) != 0)
    return tl::unexpected(system_failure(errno, "looking at", path));
  FileSystem found{.type = static_cast<std::uint32_t>(system.f_type)};
  if (found.type == EXT4_SUPER_MAGIC || found.type == BTRFS_SUPER_MAGIC)
    found.lasting = static_cast<std::uint64_t>(static_cast<std::uint32_t>(system.f_fsid.__val[0]))
                        << 32 |
                    static_cast<std::uint32_t>(system.f_fsid.__val[1]);
  return found;
}

std::string in_hex(std::uint64_t number) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  return {digits.data(), end};
}

std::uint64_t from_hex(const std::string& text) {  // 0: not recorded
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number, 16);
  return number;
}

Answer<void> write_marker(const Options& options) {
  PASIG_TRY(const FileSystem system, file_system_of(options.root));
  const json::object marker = {{"format", k_marker_format},
                               {"uuid", to_string(random_uuid())},
                               {"zone", options.zone},
                               {"file_system_type", in_hex(system.type)},
                               {"file_system_id", in_hex(system.lasting)}};
  return write_file_durably(marker_path(options), json::serialize(marker) + "\n", 0644);
}

Result<void> create_root(const Options& options) {
  if (exists(marker_path(options))) return {};
  const auto names = names_in(options.root);
  if (!names) return tl::unexpected(as_error(options, names.error()));
  if (!names->empty())
    return fail(ErrorCode::conflict,
                "controller " + options.controller + ": " + options.root +
                    " is not empty and is no root of Pasig's",
                "name an empty directory; nothing was written");
  std::string path;
  for (std::size_t slash = 1; slash != std::string::npos;) {
    slash = options.root.find('/', slash);
    path = options.root.substr(0, slash);
    if (!exists(path))
      if (const auto made = make_directory_durably(path, 0755); !made)
        return tl::unexpected(as_error(options, made.error()));
    if (slash != std::string::npos) ++slash;
  }
  if (const auto written = write_marker(options); !written)
    return tl::unexpected(as_error(options, written.error()));
  return {};
}

}  // namespace

struct ControllerRoot::Question {
  std::mutex mutex;
  std::condition_variable answered;
  std::optional<Answer<Identity>> answer;
};

Result<void> ControllerRoot::set_up() {
  if (options_.create) PASIG_CHECK(create_root(options_));
  const SystemClock clock;
  const auto found = look({clock, clock.monotonic() + k_answer_max, {}});
  if (found || found.error().problem == Problem::unreachable) return {};
  return tl::unexpected(as_error(options_, found.error()));
}

Answer<ControllerRoot::Identity> ControllerRoot::read_identity(const Options& options) {
  struct stat status {};
  if (::stat(options.root.c_str(), &status) != 0)
    return tl::unexpected(
        away(options, system_failure(errno, "looking at", options.root).words, k_no_root_hint));
  const auto system = file_system_of(options.root);
  if (!system) return tl::unexpected(away(options, system.error().words, k_no_root_hint));
  const auto text = read_file(marker_path(options));
  if (!text) return tl::unexpected(away(options, text.error().words, k_no_root_hint));
  boost::system::error_code error;
  const json::value value = json::parse(*text, error);
  const json::object* marker = value.if_object();
  const auto member = [marker](const char* name) {
    const json::value* found = marker == nullptr ? nullptr : marker->if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->get_string())
                                                  : std::string();
  };
  const json::value* format = marker == nullptr ? nullptr : marker->if_contains("format");
  Identity identity{.uuid = member("uuid"),
                    .zone = member("zone"),
                    .device = status.st_dev,
                    .type = system->type,
                    .lasting = system->lasting,
                    .made_on = from_hex(member("file_system_type")),
                    .made_for = from_hex(member("file_system_id"))};
  if (error || format == nullptr || *format != k_marker_format || !parse_uuid(identity.uuid))
    return tl::unexpected(replaced(options, marker_path(options) + " is no marker of format 1",
                                   "restore it from a backup; nothing here is touched"));
  return identity;
}

// stat on a dead network mount may never return, so another thread asks. While it hangs, later
// looks wait for the same thread instead of losing one more each.
Answer<ControllerRoot::Identity> ControllerRoot::ask(const Patience& patience) {
  PASIG_CHECK(patience.check("about to ask " + options_.root));
  std::shared_ptr<Question> question;
  {
    const std::scoped_lock lock(mutex_);
    if (!pending_) {
      pending_ = std::make_shared<Question>();
      std::thread([shared = pending_, options = options_] {
        auto answer = read_identity(options);
        const std::scoped_lock answering(shared->mutex);
        shared->answer = std::move(answer);
        shared->answered.notify_all();
      }).detach();
    }
    question = pending_;
  }
  const auto give_up = std::chrono::steady_clock::now() + k_answer_max;
  std::unique_lock waiting(question->mutex);
  while (!question->answer) {
    if (auto checked = patience.check("waiting for " + options_.root + " to answer"); !checked)
      return tl::unexpected(std::move(checked).error());
    if (std::chrono::steady_clock::now() >= give_up)
      return tl::unexpected(away(options_, options_.root + " does not answer",
                                 "is its server up? the kernel waits for it"));
    question->answered.wait_for(waiting, k_look_again);
  }
  Answer<Identity> answer = *question->answer;
  waiting.unlock();
  const std::scoped_lock lock(mutex_);
  if (pending_ == question) pending_.reset();
  return answer;
}

Answer<void> ControllerRoot::compare(const Identity& found) {
  if (!options_.expect_uuid.empty() && found.uuid != options_.expect_uuid)
    return tl::unexpected(replaced(options_,
                                   options_.root + " is the root " + found.uuid +
                                       ", but expect_uuid says " + options_.expect_uuid,
                                   "mount the right one, or correct expect_uuid"));
  if (found.zone != options_.zone)
    return tl::unexpected(replaced(options_,
                                   options_.root + " was set up for zone \"" + found.zone +
                                       "\", not \"" + options_.zone + "\"",
                                   "correct the zone in the configuration"));
  PASIG_CHECK(compare_with_marker(found));
  if (!identity_) return {};
  if (found.uuid != identity_->uuid)
    return tl::unexpected(replaced(
        options_, options_.root + " was the root " + identity_->uuid + " and is now " + found.uuid,
        "mount the right one; restart pasigd if it was replaced on "
        "purpose"));
  const bool other_device =
      is_device_of_this_start(found.device) && found.device != identity_->device;
  if (found.type != identity_->type || found.lasting != identity_->lasting || other_device)
    return tl::unexpected(replaced(options_,
                                   options_.root + " lies on another file system than "
                                                   "before",
                                   "mount the right one; restart pasigd if it was moved on "
                                   "purpose"));
  return {};
}

// Also of a process that sees it for the first time: a copy of a root, on another file system, is
// not that root. It may be older than the one that the other replicas know.
Answer<void> ControllerRoot::compare_with_marker(const Identity& found) const {
  const bool other_type = found.made_on != 0 && found.made_on != found.type;
  const bool other_system =
      found.made_for != 0 && found.lasting != 0 && found.made_for != found.lasting;
  if (!other_type && !other_system) return {};
  return tl::unexpected(
      replaced(options_,
               options_.root + " was made on a file system of type " + in_hex(found.made_on) +
                   ", id " + in_hex(found.made_for) + ", and now lies on one of type " +
                   in_hex(found.type) + ", id " + in_hex(found.lasting),
               "mount the right one; if the root was moved there on purpose, take "
               "file_system_type and file_system_id out of " +
                   marker_path(options_)));
}

Answer<FoundRoot> ControllerRoot::look(const Patience& patience) {
  PASIG_TRY(const Identity found, ask(patience));
  const std::scoped_lock lock(mutex_);
  PASIG_CHECK(compare(found));
  if (!identity_) identity_ = found;
  if (!abilities_) {
    auto probed = probe(options_);
    if (!probed) {
      probed.error().controller = options_.controller;
      return tl::unexpected(std::move(probed).error());
    }
    abilities_ = *probed;
  }
  return FoundRoot{found.uuid, *abilities_};
}

}  // namespace pasig::drivers::directory
