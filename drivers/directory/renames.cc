#include "drivers/directory/renames.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

#include "drivers/directory/files.h"
#include "drivers/directory/inode_flags.h"

namespace pasig::drivers::directory {
namespace {

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

// 0, or errno's value.
int rename_at_once(const std::string& from, const std::string& to, unsigned flags) {
  const long done = ::syscall(SYS_renameat2, AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags);
  return done == 0 ? 0 : errno;
}

bool means_unsupported(int error) {
  return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP;
}

Answer<void> sync_directories_of(const std::string& one, const std::string& other) {
  PASIG_CHECK(sync_directory(directory_of(one)));
  if (directory_of(one) == directory_of(other)) return {};
  return sync_directory(directory_of(other));
}

// The top directory of a sealed tree, movable for the life of this value.
class Unsealed {
 public:
  explicit Unsealed(Descriptor top)
      : top_(std::move(top)), was_immutable_(is_immutable(top_.get())) {
    struct stat status {};
    if (::fstat(top_.get(), &status) == 0) mode_ = status.st_mode & 07777;
    if (was_immutable_) set_immutable(top_.get(), false);
    if ((mode_ & S_IWUSR) == 0) ::fchmod(top_.get(), mode_ | S_IWUSR);
  }
  ~Unsealed() {
    if ((mode_ & S_IWUSR) == 0) ::fchmod(top_.get(), mode_);
    if (was_immutable_) set_immutable(top_.get(), true);
  }
  Unsealed(const Unsealed&) = delete;
  Unsealed& operator=(const Unsealed&) = delete;

 private:
  Descriptor top_;
  bool was_immutable_;
  mode_t mode_ = 0;
};

}  // namespace

Answer<bool> exchange_durably(const std::string& one, const std::string& other) {
  const int error = rename_at_once(one, other, RENAME_EXCHANGE);
  if (means_unsupported(error)) return false;
  if (error != 0) return tl::unexpected(system_failure(error, "exchanging " + one + " and", other));
  PASIG_CHECK(sync_directories_of(one, other));
  return true;
}

Answer<bool> exchange_sealed(const std::string& fresh, const std::string& old) {
  PASIG_TRY(Descriptor first, open_directory(fresh));
  PASIG_TRY(Descriptor second, open_directory(old));
  const Unsealed unsealed_fresh(std::move(first));
  const Unsealed unsealed_old(std::move(second));
  return exchange_durably(fresh, old);
}

Answer<bool> rename_to_free_name(const std::string& from, const std::string& to) {
  int error = rename_at_once(from, to, RENAME_NOREPLACE);
  if (means_unsupported(error))
    error = exists(to) ? EEXIST : ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
  if (error == EEXIST) return false;
  if (error != 0) return tl::unexpected(system_failure(error, "moving " + from + " to", to));
  PASIG_CHECK(sync_directories_of(from, to));
  return true;
}

std::string link_at(const std::string& path) {
  std::array<char, PATH_MAX> target{};
  const ssize_t length = ::readlink(path.c_str(), target.data(), target.size());
  return length > 0 ? std::string(target.data(), static_cast<std::size_t>(length)) : std::string();
}

}  // namespace pasig::drivers::directory
