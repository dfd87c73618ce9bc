#include "drivers/directory/controller_root.h"

#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include <boost/json.hpp>
#include <cerrno>
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

std::string make_marker(const Options& options) {
  const json::object marker = {
      {"format", k_marker_format}, {"uuid", to_string(random_uuid())}, {"zone", options.zone}};
  return json::serialize(marker) + "\n";
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
  if (const auto written = write_file_durably(marker_path(options), make_marker(options)); !written)
    return tl::unexpected(as_error(options, written.error()));
  return {};
}

// Device numbers of network and memory file systems change with every mount.
bool is_lasting_device(std::uint64_t device) { return major(device) != 0; }

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
  struct statfs system {};
  if (::stat(options.root.c_str(), &status) != 0 || ::statfs(options.root.c_str(), &system) != 0)
    return tl::unexpected(away(options, system_failure(errno, "looking at", options.root).words,
                               "mount or restore it; with create = \"true\" a restart makes it"));
  const auto text = read_file(marker_path(options));
  if (!text)
    return tl::unexpected(away(options, text.error().words,
                               "is the right file system mounted there? with create = \"true\" "
                               "a restart makes a new root of an empty directory"));
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
                    .file_system = static_cast<std::int64_t>(system.f_type)};
  if (error || format == nullptr || *format != k_marker_format || !parse_uuid(identity.uuid))
    return tl::unexpected(replaced(options, marker_path(options) + " is no marker of format 1",
                                   "restore it from a backup; nothing here is touched"));
  return identity;
}

// stat on a dead network mount may never return, so another thread asks. While it hangs, later
// looks wait for the same thread instead of losing one more each.
Answer<ControllerRoot::Identity> ControllerRoot::ask(const Patience& patience) {
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
  if (!identity_) return {};
  if (found.uuid != identity_->uuid)
    return tl::unexpected(replaced(
        options_, options_.root + " was the root " + identity_->uuid + " and is now " + found.uuid,
        "mount the right one; restart pasigd if it was replaced on "
        "purpose"));
  const bool other_device = is_lasting_device(found.device) && found.device != identity_->device;
  if (found.file_system != identity_->file_system || other_device)
    return tl::unexpected(replaced(options_,
                                   options_.root + " lies on another file system than "
                                                   "before",
                                   "mount the right one; restart pasigd if it was moved on "
                                   "purpose"));
  return {};
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
    abilities_ = std::move(*probed);
  }
  return FoundRoot{found.uuid, *abilities_};
}

}  // namespace pasig::drivers::directory
