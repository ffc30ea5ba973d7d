// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/formatter.h"

#include <optional>
#include <string_view>

/// How operators make their values.
namespace sallyport::telemetry {

/// The kinds of a value in a log line; text is not copied.
inline LogValue null()
{
    return {};
}
inline LogValue text(std::string_view value)
{
    return {.kind = LogValue::Kind::Text, .text = value};
}
inline LogValue number(std::uint64_t value)
{
    return {.kind = LogValue::Kind::Number, .text = {}, .number = value};
}
inline LogValue textOrNull(std::string_view value)
{
    return value.empty() ? null() : text(value);
}

/// What `%OPERATOR:LENGTH%` leaves of a value.
inline std::string_view cut(std::string_view value, std::optional<std::size_t> length)
{
    return length ? value.substr(0, *length) : value;
}

/// Comma-separated; null for none. `scratch` is empty.
inline LogValue joined(const std::vector<std::string> &names, std::string &scratch)
{
    if (names.empty())
        return null();
    for (const std::string &name : names) {
        if (!scratch.empty())
            scratch += ',';
        scratch += name;
    }
    return text(scratch);
}

} // namespace sallyport::telemetry
