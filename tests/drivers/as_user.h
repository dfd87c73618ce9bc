// What another user may do: tried by a process of theirs. Every verb says 0, or errno's value.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>

namespace pasig::drivers {

struct User {
  uid_t uid;

  template <class Act>
  [[nodiscard]] int tries(const Act& act) const {
    const pid_t child = ::fork();
    if (child == 0) {
      const bool is_user = ::setgid(uid) == 0 && ::setuid(uid) == 0;
      ::_exit(is_user ? act() : -1);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  [[nodiscard]] int reads(const std::string& path) const {
    return tries([&path] { return error_of(::open(path.c_str(), O_RDONLY | O_CLOEXEC)); });
  }
  [[nodiscard]] int writes(const std::string& path) const {
    return tries([&path] {
      return error_of(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    });
  }
  // Makes the file this long, then writes on until it is refused or that many bytes longer.
  [[nodiscard]] int fills(const std::string& path, std::uint64_t length, std::size_t more) const {
    return tries([&path, length, more] {
      const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
      if (file < 0) return errno;
      if (length > 0 && ::fallocate(file, 0, 0, static_cast<off_t>(length)) != 0) return errno;
      if (::lseek(file, static_cast<off_t>(length), SEEK_SET) < 0) return errno;
      const std::array<char, 65536> part{};
      for (std::size_t written = 0; written < more; written += part.size())
        if (::write(file, part.data(), part.size()) < 0) return errno;
      return ::fsync(file) == 0 ? 0 : errno;
    });
  }

 private:
  static int error_of(int fd) { return fd < 0 ? errno : 0; }
};

// Users that every machine has.
inline User user_named(const char* name) {
  const passwd* entry = ::getpwnam(name);
  EXPECT_NE(entry, nullptr) << name;
  return {entry == nullptr ? 0 : entry->pw_uid};
}

}  // namespace pasig::drivers
