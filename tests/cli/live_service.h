// A whole service with a log in memory and a store on disk, two zones, and no workers: a test
// plays the worker. Served on a unix socket, and asked by the program `pasig` in this process.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "cli/program.h"
#include "http/pasig_v1.h"
#include "http/server.h"
#include "log/memory.h"
#include "service/applier.h"
#include "service/command_handler.h"
#include "tests/log/scratch_directory.h"

namespace pasig::cli {

class LiveService {
 public:
  LiveService();
  ~LiveService();

  // As pasig's main would run it, on this service's socket.
  struct Ran {
    Exit exit = Exit::done;
    std::string out;
    std::string err;
  };
  Ran pasig(std::vector<std::string> arguments);
  // One request, without sockets.
  http::Response ask(const std::string& method, const std::string& target,
                     const std::string& body = {}, http::Pairs headers = {});

  // Submits as a worker does; it has to be accepted.
  CommandOutcome work(Command command);
  void finish_create(const std::string& share);
  // Claims the first pending operation of the share and reports the addition as in sync.
  void finish_add(const std::string& share);
  OperationId claim(const std::string& share);
  Share share(const std::string& name) const;

  // Blocks until somebody has looked at an operation over the socket.
  void wait_until_an_operation_was_looked_at() const { operation_looks_.wait(0); }

  std::string socket() const { return (scratch_.path() / "pasig.sock").string(); }
  http::ServiceContext& context() { return *context_; }
  Observations& observations() { return *observations_; }
  Interrupt interrupt;

 private:
  ScratchDirectory scratch_;
  std::atomic<int> operation_looks_ = 0;
  SystemClock clock_;
  MemoryLog log_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Observations> observations_;
  std::unique_ptr<Applier> applier_;
  std::unique_ptr<Handler> handler_;
  std::unique_ptr<http::ServiceContext> context_;
  std::unique_ptr<http::Router> router_;
  std::unique_ptr<http::Server> server_;

  Surroundings surroundings() const;
};

}  // namespace pasig::cli
