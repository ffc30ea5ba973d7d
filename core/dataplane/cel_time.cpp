// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/cel_time.h"

#include <array>
#include <cctype>
#include <cmath>
#include <limits>

namespace sallyport::dataplane {

namespace {

using std::chrono::nanoseconds;

std::int64_t floorDivide(std::int64_t value, std::int64_t by)
{
    return value / by - (value % by < 0 ? 1 : 0);
}

/// Takes `count` digits off the front.
std::optional<int> takeDigits(std::string_view &text, std::size_t count)
{
    if (text.size() < count)
        return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (std::isdigit(static_cast<unsigned char>(text[i])) == 0)
            return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view &text, char c)
{
    if (text.empty() || std::toupper(static_cast<unsigned char>(text.front())) != c)
        return false;
    text.remove_prefix(1);
    return true;
}

/// The digits after the point of a second, which are optional.
std::optional<nanoseconds> takeFraction(std::string_view &text)
{
    if (!take(text, '.'))
        return nanoseconds(0);
    std::int64_t value = 0;
    int digits = 0;
    for (; !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0; ++digits) {
        if (digits < 9)
            value = value * 10 + (text.front() - '0');
        text.remove_prefix(1);
    }
    if (digits == 0)
        return std::nullopt;
    for (; digits < 9; ++digits)
        value *= 10;
    return nanoseconds(value);
}

std::chrono::year_month_day dateOf(CelTime time)
{
    return std::chrono::floor<std::chrono::days>(std::chrono::sys_time<nanoseconds>(time.sinceEpoch));
}

} // namespace

std::optional<CelDuration> parseCelDuration(std::string_view text)
{
    struct Unit
    {
        std::string_view name;
        double nanoseconds;
    };
    // The longer names before those that they begin with.
    static constexpr std::array units{Unit{"ms", 1e6},   Unit{"us", 1e3}, Unit{"ns", 1},
                                      Unit{"h", 3.6e12}, Unit{"m", 6e10}, Unit{"s", 1e9}};
    const bool negative = take(text, '-');
    if (!negative)
        take(text, '+');
    if (text == "0")
        return CelDuration{};
    if (text.empty())
        return std::nullopt;
    double total = 0;
    while (!text.empty()) {
        std::int64_t whole = 0;
        std::size_t digits = 0;
        for (; !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0; ++digits) {
            if (digits > 17)
                return std::nullopt;
            whole = whole * 10 + (text.front() - '0');
            text.remove_prefix(1);
        }
        const bool point = !text.empty() && text.front() == '.';
        const std::optional<nanoseconds> fraction = takeFraction(text);
        if (!fraction || (digits == 0 && !point))
            return std::nullopt;
        const Unit *unit = nullptr;
        for (const Unit &each : units) {
            if (unit == nullptr && text.starts_with(each.name))
                unit = &each;
        }
        if (unit == nullptr)
            return std::nullopt;
        text.remove_prefix(unit->name.size());
        total +=
            (static_cast<double>(whole) + static_cast<double>(fraction->count()) / 1e9) * unit->nanoseconds;
    }
    if (total >= static_cast<double>(std::numeric_limits<std::int64_t>::max()))
        return std::nullopt;
    const auto length = static_cast<std::int64_t>(std::llround(total));
    return CelDuration{nanoseconds(negative ? -length : length)};
}

std::optional<CelTime> parseCelTime(std::string_view text)
{
    const auto year = takeDigits(text, 4);
    if (!year || !take(text, '-'))
        return std::nullopt;
    const auto month = takeDigits(text, 2);
    if (!month || !take(text, '-'))
        return std::nullopt;
    const auto day = takeDigits(text, 2);
    if (!day || !take(text, 'T'))
        return std::nullopt;
    const auto hour = takeDigits(text, 2);
    if (!hour || !take(text, ':'))
        return std::nullopt;
    const auto minute = takeDigits(text, 2);
    if (!minute || !take(text, ':'))
        return std::nullopt;
    const auto second = takeDigits(text, 2);
    const std::optional<nanoseconds> fraction = takeFraction(text);
    if (!second || !fraction)
        return std::nullopt;
    std::chrono::minutes offset{0};
    if (!take(text, 'Z')) {
        const bool behind = !text.empty() && text.front() == '-';
        if (!take(text, '+') && !take(text, '-'))
            return std::nullopt;
        const auto hours = takeDigits(text, 2);
        if (!hours || !take(text, ':'))
            return std::nullopt;
        const auto minutes = takeDigits(text, 2);
        if (!minutes || *hours > 23 || *minutes > 59)
            return std::nullopt;
        offset = std::chrono::minutes(*hours * 60 + *minutes) * (behind ? -1 : 1);
    }
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    // What nanoseconds in 64 bits can tell.
    if (!text.empty() || !date.ok() || *hour > 23 || *minute > 59 || *second > 59 || *year < 1678 ||
        *year > 2261)
        return std::nullopt;
    return CelTime{std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(*hour) +
                   std::chrono::minutes(*minute) + std::chrono::seconds(*second) + *fraction - offset};
}

std::int64_t celTimePart(CelTime time, CelTimePart part)
{
    const std::chrono::year_month_day date = dateOf(time);
    const std::chrono::sys_days day{date};
    const std::int64_t ofDay = time.sinceEpoch.count() - nanoseconds(day.time_since_epoch()).count();
    switch (part) {
    case CelTimePart::FullYear:
        return static_cast<int>(date.year());
    case CelTimePart::Month:
        return static_cast<unsigned>(date.month()) - 1;
    case CelTimePart::DayOfMonth:
        return static_cast<unsigned>(date.day()) - 1;
    case CelTimePart::Date:
        return static_cast<unsigned>(date.day());
    case CelTimePart::DayOfWeek:
        return std::chrono::weekday(day).c_encoding();
    case CelTimePart::DayOfYear:
        return (day - std::chrono::sys_days(date.year() / std::chrono::January / 1)).count();
    case CelTimePart::Hours:
        return floorDivide(ofDay, 3'600'000'000'000);
    case CelTimePart::Minutes:
        return floorDivide(ofDay, 60'000'000'000) % 60;
    case CelTimePart::Seconds:
        return floorDivide(ofDay, 1'000'000'000) % 60;
    case CelTimePart::Milliseconds:
        break;
    }
    return floorDivide(ofDay, 1'000'000) % 1000;
}

std::optional<std::int64_t> celTimePart(CelDuration duration, CelTimePart part)
{
    const std::int64_t length = duration.length.count();
    switch (part) {
    case CelTimePart::Hours:
        return length / 3'600'000'000'000;
    case CelTimePart::Minutes:
        return length / 60'000'000'000;
    case CelTimePart::Seconds:
        return length / 1'000'000'000;
    case CelTimePart::Milliseconds:
        return length / 1'000'000 % 1000;
    default:
        return std::nullopt;
    }
}

} // namespace sallyport::dataplane
