// The few file operations that everything in this folder stands on. What is called durable is
// on the device when the call returns: the file and the directory that names it. Paths are
// bytes. Every operation may be repeated after a crash at any point. Any thread.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "drivers/driver.h"

namespace pasig::drivers::directory {

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
// Replaced as a whole: a reader sees the old bytes or the new ones.
Answer<void> write_file_durably(const std::string& path, std::string_view bytes);
Answer<void> make_directory_durably(const std::string& path, mode_t mode);  // or it is there
Answer<void> rename_durably(const std::string& from, const std::string& to);
Answer<void> point_link_durably(const std::string& link, const std::string& target);
Answer<void> remove_file_durably(const std::string& path);           // or it is gone
Answer<std::vector<std::string>> names_in(const std::string& path);  // sorted; absent: empty
Answer<void> sync_directory(const std::string& path);
Answer<void> sync_file_system(const std::string& path);

// Opens what lies below a directory, and fails where any part of the way is a symbolic link:
// users rename and link while their tree is read.
Answer<Descriptor> open_directory(const std::string& path);
int open_beneath(int directory, const std::string& path, int flags);  // -1 and errno

}  // namespace pasig::drivers::directory
