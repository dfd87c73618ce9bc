// What a command would do, without doing it. Any thread.
#pragma once

#include "http/pasig_v1_call.h"

namespace pasig::http::v1 {

// 200 with the plan, also when it would be refused; nothing is written.
[[nodiscard]] Answer show_plan(const Call& call, const SetActiveReplica& command);

}  // namespace pasig::http::v1
