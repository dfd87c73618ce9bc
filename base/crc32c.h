// CRC-32C (Castagnoli), as records and stored values are sealed with it. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace pasig {

std::uint32_t crc32c(std::string_view bytes);

}  // namespace pasig
