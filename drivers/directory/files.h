// The few file operations that everything in this folder stands on. What is called durable is
// on the device when the call returns: the file and the directory that names it. Paths are
// bytes. Every operation may be repeated after a crash at any point. Any thread.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "drivers/driver.h"

namespace pasig::drivers::directory {

struct Patience;  // replica_lock.h

// An open file descriptor, closed at the end of its life.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset();

 private:
  int fd_ = -1;
};

// What the operating system said about a path, as a driver's failure. Takes errno's value.
CallFailure system_failure(int error, std::string_view doing, const std::string& path);

std::int64_t nanoseconds(const timespec& time);

bool exists(const std::string& path);  // the name itself, links are not followed
bool is_directory(const std::string& path);

Answer<std::string> read_file(const std::string& path);
// Replaced as a whole: a reader sees the old bytes or the new ones. What lies beside the users'
// trees names what is in them, so it is nobody else's to read.
Answer<void> write_file_durably(const std::string& path, std::string_view bytes,
                                mode_t mode = 0600);
Answer<void> make_directory_durably(const std::string& path, mode_t mode);  // or it is there
Answer<void> rename_durably(const std::string& from, const std::string& to);
Answer<void> point_link_durably(const std::string& link, const std::string& target);
Answer<void> remove_file_durably(const std::string& path);           // or it is gone
Answer<std::vector<std::string>> names_in(const std::string& path);  // sorted; absent: empty
Answer<void> sync_directory(const std::string& path);
// The kernel cannot be asked to stop flushing: when patience ends, it is left at it.
Answer<void> sync_file_system(const std::string& path, const Patience& patience);

// Opens what lies below a directory, and fails where any part of the way is a symbolic link:
// users rename and link while their tree is read.
Answer<Descriptor> open_directory(const std::string& path);
int open_beneath(int directory, const std::string& path, int flags);  // -1 and errno

// Where the kernel finds what lies below an open directory. It takes no path of PATH_MAX bytes,
// and users' trees may be deeper: a longer way is gone part by part, along no link.
class Spot {
 public:
  Spot(int directory, const std::string& path);

  // What `act`, a system call on a directory and a name in it, gave: 0, or errno's value.
  template <class Act>
  [[nodiscard]] int on(const Act& act) const {
    if (error_ != 0) return error_;
    return act(directory_, name_.c_str()) < 0 ? errno : 0;
  }
  [[nodiscard]] int error() const { return error_; }  // of the way there; 0: it is open
  [[nodiscard]] int directory() const { return directory_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  int directory_;
  std::string name_;  // maybe of several parts
  int error_ = 0;
  Descriptor held_;
};

}  // namespace pasig::drivers::directory
