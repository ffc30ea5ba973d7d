// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sallyport::dataplane {

/// CEL's google.protobuf.Duration.
struct CelDuration
{
    std::chrono::nanoseconds length{};
};

/// CEL's google.protobuf.Timestamp: since 1970 in UTC.
struct CelTime
{
    std::chrono::nanoseconds sinceEpoch{};
};

/// `1h30m`, `-1.5s`, `250ms`, …; units h, m, s, ms, us, ns.
std::optional<CelDuration> parseCelDuration(std::string_view text);
/// RFC 3339, as `2026-11-29T18:00:00.5Z` or with `+01:00`.
std::optional<CelTime> parseCelTime(std::string_view text);

/// What `getHours()` and its like take out.
enum class CelTimePart {
    FullYear,
    Month,      ///< from 0
    DayOfMonth, ///< from 0
    Date,       ///< the day of the month from 1
    DayOfWeek,  ///< Sunday is 0
    DayOfYear,  ///< from 0
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
};
std::int64_t celTimePart(CelTime time, CelTimePart part);
/// Of a duration the whole hours, minutes or seconds in it, and the milliseconds of its last second; nothing
/// for the parts of a date.
std::optional<std::int64_t> celTimePart(CelDuration duration, CelTimePart part);

} // namespace sallyport::dataplane
