// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/log_time.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace sallyport::telemetry {

namespace {

std::tm partsOf(std::time_t clock, bool local)
{
    std::tm parts{};
    local ? localtime_r(&clock, &parts) : gmtime_r(&clock, &parts);
    return parts;
}

/// What the default format makes of a second: thousands of requests begin in the same one.
struct Second
{
    std::time_t clock = 0;
    std::string text; ///< up to the fraction; empty: not made yet
    std::string zone;
};

Second spelledOut(std::time_t clock, bool local)
{
    const std::tm parts = partsOf(clock, local);
    std::array<char, 128> buffer{};
    const int length =
        std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02dT%02d:%02d:%02d", parts.tm_year + 1900,
                      parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
    Second second{clock, std::string(buffer.data(), static_cast<std::size_t>(length)), "Z"};
    if (local)
        second.zone.assign(buffer.data(), std::strftime(buffer.data(), buffer.size(), "%z", &parts));
    return second;
}

} // namespace

void appendTime(std::string &out, std::chrono::system_clock::time_point time, std::string_view format,
                bool local)
{
    const auto sinceEpoch = time.time_since_epoch();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(sinceEpoch);
    const auto nanoseconds = static_cast<unsigned>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(sinceEpoch - seconds).count());
    const std::time_t clock = seconds.count();
    if (format.empty()) {
        thread_local Second last[2];
        Second &second = last[local ? 1 : 0];
        if (second.text.empty() || second.clock != clock)
            second = spelledOut(clock, local);
        const unsigned milliseconds = nanoseconds / 1'000'000;
        const char digits[4] = {'.', static_cast<char>('0' + milliseconds / 100),
                                static_cast<char>('0' + milliseconds / 10 % 10),
                                static_cast<char>('0' + milliseconds % 10)};
        out += second.text;
        out.append(digits, sizeof digits);
        out += second.zone;
        return;
    }
    const std::tm parts = partsOf(clock, local);
    std::array<char, 10> fraction{};
    std::snprintf(fraction.data(), fraction.size(), "%09u", nanoseconds);
    std::string expanded;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%' || i + 1 >= format.size()) {
            expanded += format[i];
            continue;
        }
        const char next = format[i + 1];
        const bool digitsOfFraction =
            next >= '1' && next <= '9' && i + 2 < format.size() && format[i + 2] == 'f';
        if (digitsOfFraction) {
            expanded.append(fraction.data(), static_cast<std::size_t>(next - '0'));
            i += 2;
        } else if (next == 'f') {
            expanded.append(fraction.data(), 9);
            ++i;
        } else if (next == 's') {
            expanded += std::to_string(seconds.count());
            ++i;
        } else {
            expanded += format[i];
            expanded += next;
            ++i;
        }
    }
    // strftime() says 0 both of an empty text and of one that does not fit.
    expanded += ' ';
    std::string text(512, '\0');
    std::size_t length = 0;
    constexpr std::size_t longest = std::size_t(64) * 1024;
    while ((length = std::strftime(text.data(), text.size(), expanded.c_str(), &parts)) == 0 &&
           text.size() < longest)
        text.resize(text.size() * 2);
    out.append(text, 0, length == 0 ? 0 : length - 1);
}

} // namespace sallyport::telemetry
