#include "drivers/directory/access_list.h"

#include <acl/libacl.h>
#include <sys/acl.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <optional>

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

bool is_without_room(int error) { return error == ENOSPC || error == E2BIG || error == ERANGE; }

// Of these, who is named in the list that is there.
std::set<uid_t> named_now(const std::string& directory, const std::set<uid_t>& users) {
  std::set<uid_t> named;
  const AccessList now(::acl_get_file(directory.c_str(), ACL_TYPE_ACCESS));
  acl_entry_t entry{};
  for (int which = ACL_FIRST_ENTRY; now && ::acl_get_entry(now.get(), which, &entry) == 1;
       which = ACL_NEXT_ENTRY) {
    acl_tag_t tag{};
    if (::acl_get_tag_type(entry, &tag) != 0 || tag != ACL_USER) continue;
    const std::unique_ptr<void, int (*)(void*)> user(::acl_get_qualifier(entry), &::acl_free);
    if (user && users.contains(*static_cast<const uid_t*>(user.get())))
      named.insert(*static_cast<const uid_t*>(user.get()));
  }
  return named;
}

// 0, or why not; nothing: it is so already.
std::optional<int> set_list(const std::string& directory, const std::set<uid_t>& users) {
  const AccessList wanted = list_of(users);
  if (!wanted) return errno;
  if (has(directory, wanted)) return std::nullopt;
  return ::acl_set_file(directory.c_str(), ACL_TYPE_ACCESS, wanted.get()) == 0 ? 0 : errno;
}

}  // namespace

Answer<Passed> let_pass(const std::string& directory, const std::set<uid_t>& users) {
  Passed passed{.users = users};
  std::optional<int> error = set_list(directory, passed.users);
  if (error && is_without_room(*error)) {
    passed.users = named_now(directory, users);
    error = set_list(directory, passed.users);
  }
  if (error && is_without_room(*error)) {  // not even a shorter one: nobody is safe
    passed.users.clear();
    PASIG_TRY(passed.was_other, let_nobody_pass(directory));
    return passed;
  }
  if (!error) return passed;
  if (*error != 0)
    return tl::unexpected(system_failure(*error, "setting the access list of", directory));
  PASIG_CHECK(sync_directory(directory));
  passed.was_other = true;
  return passed;
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
