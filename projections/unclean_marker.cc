#include "projections/unclean_marker.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

namespace pasig {
namespace {

namespace fs = std::filesystem;

constexpr const char* k_name = "unclean";

std::string read_boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

tl::unexpected<Error> failed(const std::string& doing, int number) {
  const bool full = number == ENOSPC || number == EDQUOT;
  return fail(full ? ErrorCode::exhausted : ErrorCode::unavailable,
              doing + ": " + std::generic_category().message(number),
              full ? "make room on that disk" : "check the owner of the data directory");
}

Result<void> sync_directory(const fs::path& directory) {
  const int file = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return failed("opening " + directory.string(), errno);
  const int number = ::fsync(file) == 0 ? 0 : errno;
  ::close(file);
  if (number != 0) return failed("flushing " + directory.string(), number);
  return {};
}

}  // namespace

UncleanMarker::UncleanMarker(fs::path directory, std::string boot_id)
    : directory_(std::move(directory)),
      boot_id_(boot_id.empty() ? read_boot_id() : std::move(boot_id)) {}

// Which kernel, by which mount: as long as both are the same, it has all that was committed.
std::string UncleanMarker::whose_pages() const {
  struct statx found {};
  if (::statx(AT_FDCWD, directory_.c_str(), 0, STATX_INO | STATX_MNT_ID, &found) != 0) return {};
  std::ostringstream text;
  text << boot_id_ << " device " << found.stx_dev_major << ':' << found.stx_dev_minor << " mount "
       << found.stx_mnt_id << " directory " << found.stx_ino << '\n';
  return text.str();
}

bool UncleanMarker::tells_of_loss() const {
  const std::ifstream file(directory_ / k_name);
  if (!file) return false;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str() != whose_pages();
}

Result<void> UncleanMarker::put() const {
  const fs::path path = directory_ / k_name;
  const std::string text = whose_pages();
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (file < 0) return failed("writing " + path.string(), errno);
  const bool written = ::write(file, text.data(), text.size()) == std::ssize(text);
  const int number = written && ::fsync(file) == 0 ? 0 : errno;
  ::close(file);
  if (number != 0) return failed("writing " + path.string(), number);
  return sync_directory(directory_);
}

void UncleanMarker::take_away() const {
  std::error_code ignored;  // a marker that stays costs a rebuild, nothing else
  fs::remove(directory_ / k_name, ignored);
}

}  // namespace pasig
