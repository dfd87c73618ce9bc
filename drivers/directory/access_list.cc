#include "drivers/directory/access_list.h"

#include <acl/libacl.h>
#include <sys/acl.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>

#include "drivers/directory/files.h"

namespace pasig::drivers::directory {
namespace {

struct FreeList {
  void operator()(acl_t list) const { ::acl_free(list); }
};
using AccessList = std::unique_ptr<std::remove_pointer_t<acl_t>, FreeList>;

AccessList list_of(const std::set<uid_t>& users) {
  std::string text = "u::rwx,g::---,o::---,m::--x";
  for (const uid_t user : users) text += ",u:" + std::to_string(user) + ":--x";
  return AccessList(::acl_from_text(text.c_str()));
}

bool has(const std::string& directory, const AccessList& wanted) {
  const AccessList now(::acl_get_file(directory.c_str(), ACL_TYPE_ACCESS));
  return now && ::acl_cmp(now.get(), wanted.get()) == 0;
}

CallFailure not_set(int error, const std::string& directory, std::size_t users) {
  CallFailure failure = system_failure(error, "setting the access list of", directory);
  if (error == ENOSPC || error == E2BIG || error == ERANGE)
    failure.hint = "is there room for a list of " + std::to_string(users) +
                   " users? file systems bound its length";
  return failure;
}

}  // namespace

Answer<bool> let_pass(const std::string& directory, const std::set<uid_t>& users) {
  const AccessList wanted = list_of(users);
  if (!wanted) return tl::unexpected(system_failure(errno, "making the access list of", directory));
  if (has(directory, wanted)) return false;
  if (::acl_set_file(directory.c_str(), ACL_TYPE_ACCESS, wanted.get()) != 0)
    return tl::unexpected(not_set(errno, directory, users.size()));
  PASIG_CHECK(sync_directory(directory));
  return true;
}

Answer<bool> let_nobody_pass(const std::string& directory) {
  constexpr mode_t k_mine = 0700;
  struct stat status {};
  if (::stat(directory.c_str(), &status) != 0)
    return tl::unexpected(system_failure(errno, "looking at", directory));
  if ((status.st_mode & 07777) == k_mine) return false;
  if (::chmod(directory.c_str(), k_mine) != 0)
    return tl::unexpected(system_failure(errno, "setting the mode of", directory));
  PASIG_CHECK(sync_directory(directory));
  return true;
}

bool access_lists_work(const std::string& directory) {
  constexpr uid_t k_nobody = 65534;
  const std::string door = directory + "/door";
  if (!make_directory_durably(door, 0755) || !let_pass(door, {k_nobody})) return false;
  return has(door, list_of({k_nobody}));
}

}  // namespace pasig::drivers::directory
