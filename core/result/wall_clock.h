// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace sallyport {

/// The wall clock's time so many seconds after 1970. The clock counts nanoseconds and ends in 2262; a
/// certificate that is to be good for ever ends in 9999 (RFC 5280, 4.1.2.5). What lies outside 1900 to 2250
/// is taken for their ends, so that differences of two times and of a time and now are always in range.
inline std::chrono::system_clock::time_point wallClock(std::int64_t seconds)
{
    constexpr std::int64_t first = -2'208'988'800;
    constexpr std::int64_t last = 8'835'955'200;
    return std::chrono::system_clock::time_point(std::chrono::seconds(std::clamp(seconds, first, last)));
}

} // namespace sallyport
