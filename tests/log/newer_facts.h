// One fact of each kind about snapshots, sizes, access, adoption, scrubs and operators' orders.
#pragma once

#include "tests/log/teller.h"

namespace pasig {

// The log has the share with its first replica, and the failed share, already.
void tell_newer_facts(Teller& teller);

}  // namespace pasig
