// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/compiled_cookies.h"

#include <algorithm>

namespace sallyport::dataplane {

namespace {

std::string_view withoutBlanks(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

/// The value of the first cookie `name` in one line, without the quotes that may be around it.
std::optional<std::string_view> cookieIn(std::string_view line, std::string_view name)
{
    while (!line.empty()) {
        const std::size_t end = std::min(line.find(';'), line.size());
        const std::string_view cookie = withoutBlanks(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
        const std::size_t equals = cookie.find('=');
        if (equals == std::string_view::npos || cookie.substr(0, equals) != name)
            continue;
        const std::string_view value = cookie.substr(equals + 1);
        const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
        return quoted ? value.substr(1, value.size() - 2) : value;
    }
    return std::nullopt;
}

std::optional<std::string> cookieValue(const RequestView &request, std::string_view name)
{
    std::optional<std::string> found;
    const auto look = [&](std::string_view line) {
        const std::optional<std::string_view> value = cookieIn(line, name);
        if (value)
            found = std::string(*value);
        return value.has_value();
    };
    std::string scratch;
    if (!request.anyOfSeveral("cookie", look))
        look(request.header("cookie", scratch).value_or(std::string_view()));
    return found;
}

} // namespace

CompiledCookies::CompiledCookies(const std::vector<CookieMatcher> &matchers)
    : m_matchers(&matchers)
{
    for (const CookieMatcher &matcher : matchers)
        m_values.emplace_back(matcher.value);
}

bool CompiledCookies::match(const RequestView &request) const
{
    for (std::size_t i = 0; i < m_matchers->size(); ++i) {
        const CookieMatcher &matcher = (*m_matchers)[i];
        const std::optional<std::string> value = cookieValue(request, matcher.name);
        if ((value && m_values[i].matches(*value)) == matcher.invert)
            return false;
    }
    return true;
}

} // namespace sallyport::dataplane
