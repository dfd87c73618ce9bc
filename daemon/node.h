// One pasigd: all parts wired together for a configuration, from the data directory's lock to
// the open socket. The only place that names concrete drivers and engines.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "daemon/configuration.h"

namespace pasig::daemon {

class Node {
 public:
  virtual ~Node() = default;  // stops
  // New requests are refused, what runs is answered; workers stop; everything is flushed.
  virtual void stop() = 0;
  // What is listened on, for the operator.
  [[nodiscard]] virtual std::string addresses() const = 0;
};

// `fatal` is called when only a restart helps (the log can no longer be written); any thread.
Result<std::unique_ptr<Node>> start_node(const Configuration& configuration,
                                         std::function<void(const Error&)> fatal);

}  // namespace pasig::daemon
