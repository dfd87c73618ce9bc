#include "log/open.h"

#include "log/embedded.h"
#include "log/memory.h"

namespace pasig {

Result<std::unique_ptr<EventLog>> open_log(LogOptions options) {
  if (options.engine == "memory") return std::make_unique<MemoryLog>();
  if (options.engine == "embedded")
    return open_embedded_log({.directory = std::move(options.directory),
                              .map_bytes = options.map_bytes,
                              .reserve_bytes = options.reserve_bytes,
                              .on_failure = std::move(options.on_failure)});
  return fail(ErrorCode::invalid, "opening the log: there is no engine '" + options.engine + "'",
              "use embedded or memory");
}

}  // namespace pasig
