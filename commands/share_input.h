// What every new share is asked with, however it comes about. Pure.
#pragma once

#include <string>

#include "commands/guards.h"

namespace pasig {

// Manila's enabled_share_protocols, at its default. No driver exports anything on a network yet:
// the protocol says what the share is meant for.
[[nodiscard]] Allowed protocol_fits(const std::string& protocol);
[[nodiscard]] std::string stored_protocol(const std::string& protocol);  // upper case
[[nodiscard]] Allowed words_fit(const std::string& name, const std::string& description);
// A type that the actor may use.
[[nodiscard]] Found<const ShareType*> find_type(ReadView& view, const Actor& actor, ShareTypeId id);

}  // namespace pasig
