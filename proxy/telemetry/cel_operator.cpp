// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/cel_operator.h"

#include "core/dataplane/cel_expression.h"
#include "proxy/telemetry/log_value.h"
#include "proxy/telemetry/stream_attributes.h"

#include <cstdio>
#include <ctime>

namespace sallyport::telemetry {

namespace {

using dataplane::CelValue;

/// `count` of `unit`, with as many of the `digits` behind the point as are needed.
void appendWithFraction(std::string &to, std::uint64_t nanoseconds, std::uint64_t unit, int digits)
{
    to += std::to_string(nanoseconds / unit);
    std::string fraction = std::to_string(nanoseconds % unit);
    fraction.insert(0, static_cast<std::size_t>(digits) - fraction.size(), '0');
    fraction.erase(fraction.find_last_not_of('0') + 1);
    if (!fraction.empty())
        to += '.' + fraction;
}

/// `1h1m1.5s`, `294.752us`, `0` (absl::FormatDuration).
void appendDuration(std::string &to, std::chrono::nanoseconds duration)
{
    constexpr std::uint64_t Second = 1'000'000'000;
    const std::int64_t count = duration.count();
    if (count < 0)
        to += '-';
    const std::uint64_t length =
        count < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
    if (length == 0) {
        to += '0';
    } else if (length < 1000) {
        to += std::to_string(length) + "ns";
    } else if (length < 1'000'000) {
        appendWithFraction(to, length, 1000, 3);
        to += "us";
    } else if (length < Second) {
        appendWithFraction(to, length, 1'000'000, 6);
        to += "ms";
    } else {
        const std::uint64_t hours = length / (3600 * Second);
        const std::uint64_t minutes = length / (60 * Second) % 60;
        if (hours > 0)
            to += std::to_string(hours) + 'h';
        if (minutes > 0)
            to += std::to_string(minutes) + 'm';
        if (const std::uint64_t rest = length % (60 * Second); rest > 0) {
            appendWithFraction(to, rest, Second, 9);
            to += 's';
        }
    }
}

/// `2026-11-29T18:00:00.5+00:00`
void appendTimestamp(std::string &to, std::chrono::nanoseconds sinceEpoch)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(sinceEpoch);
    const std::time_t whole = seconds.count();
    std::tm parts{};
    gmtime_r(&whole, &parts);
    char text[64];
    to.append(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:", &parts));
    const auto inMinute = sinceEpoch - std::chrono::floor<std::chrono::minutes>(sinceEpoch);
    if (parts.tm_sec < 10)
        to += '0';
    appendWithFraction(to, static_cast<std::uint64_t>(inMinute.count()), 1'000'000'000, 9);
    to += "+00:00";
}

void appendValue(std::string &to, const CelValue &value)
{
    if (const auto *text = value.as<std::string>())
        to += *text;
    else if (const auto *truth = value.as<bool>())
        to += *truth ? "true" : "false";
    else if (const auto *whole = value.as<std::int64_t>())
        to += std::to_string(*whole);
    else if (const auto *natural = value.as<std::uint64_t>())
        to += std::to_string(*natural);
    else if (const auto *real = value.as<double>()) {
        char digits[32];
        to.append(digits, static_cast<std::size_t>(std::snprintf(digits, sizeof digits, "%g", *real)));
    } else if (const auto *duration = value.as<dataplane::CelDuration>())
        appendDuration(to, duration->length);
    else if (const auto *time = value.as<dataplane::CelTime>())
        appendTimestamp(to, time->sinceEpoch);
    else
        to += value.isNull() ? "NULL" : "CelList value";
}

} // namespace

Operator celOperator(const std::string &expression, std::optional<std::size_t> maxLength)
{
    Result<dataplane::CelExpression> parsed = dataplane::CelExpression::parse(expression);
    if (!parsed)
        return nullptr;
    return [parsed = *std::move(parsed), maxLength](const LogContext &context, std::string &scratch) {
        const CelValue value = parsed.evaluate(StreamAttributes(context));
        if (value.isError())
            return null();
        appendValue(scratch, value);
        return text(std::string_view(scratch).substr(0, maxLength.value_or(std::string::npos)));
    };
}

} // namespace sallyport::telemetry
