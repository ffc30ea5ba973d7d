// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/xfcc_operator.h"

#include "core/result/ascii_case.h"
#include "proxy/telemetry/log_value.h"

#include <algorithm>

namespace sallyport::telemetry {

namespace {

/// The part of `text` up to `separator`, outside of quotes, which is taken off `text` with it; nothing if a
/// quote in it is not closed.
std::optional<std::string_view> nextPart(std::string_view &text, char separator)
{
    bool quoted = false;
    std::size_t end = 0;
    for (; end < text.size() && (quoted || text[end] != separator); ++end) {
        if (text[end] == '\\')
            ++end;
        else if (text[end] == '"')
            quoted = !quoted;
    }
    if (quoted)
        return std::nullopt;
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view Blank = " \t";
    const std::size_t first = text.find_first_not_of(Blank);
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(Blank) - first + 1);
}

void appendUnescaped(std::string_view value, std::string &to)
{
    if (value.size() > 1 && value.front() == '"' && value.back() == '"')
        value = value.substr(1, value.size() - 2);
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] == '\\' && i + 1 < value.size())
            ++i;
        to += value[i];
    }
}

} // namespace

Operator xfccOperator(const std::string &key)
{
    return [key = asciiLowered(key)](const LogContext &context, std::string &scratch) {
        if (context.request == nullptr)
            return null();
        std::string_view header = context.request->get(http::Known::ForwardedClientCert);
        while (!header.empty()) {
            std::optional<std::string_view> element = nextPart(header, ',');
            if (!element)
                return null();
            while (!element->empty()) {
                const std::string_view pair = nextPart(*element, ';').value_or("");
                const std::size_t equals = pair.find('=');
                if (asciiLowered(trimmed(pair.substr(0, equals))) != key)
                    continue;
                if (equals != std::string_view::npos)
                    appendUnescaped(trimmed(pair.substr(equals + 1)), scratch);
                return text(scratch);
            }
        }
        return null();
    };
}

} // namespace sallyport::telemetry
