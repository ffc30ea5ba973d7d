// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/host_name.h"

#include "core/result/ascii_case.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>

namespace sallyport::model {

bool isWildcard(std::string_view host)
{
    return host.starts_with('*');
}

std::string lowerCase(std::string_view host)
{
    return asciiLowered(host);
}

bool isSubsetOf(std::string_view a, std::string_view b)
{
    if (!isWildcard(b))
        return a == b;
    const std::string_view tail = b.substr(1);
    const std::string_view inner = isWildcard(a) ? a.substr(1) : a;
    if (!isWildcard(a) && inner.size() <= tail.size() && !tail.empty())
        return false;
    return inner.ends_with(tail);
}

bool hostsOverlap(std::string_view a, std::string_view b)
{
    return isSubsetOf(a, b) || isSubsetOf(b, a);
}

bool moreSpecific(std::string_view a, std::string_view b)
{
    if (isWildcard(a) != isWildcard(b))
        return !isWildcard(a);
    if (a.size() != b.size())
        return a.size() > b.size();
    return a < b;
}

std::optional<std::string> mostSpecificMatch(std::string_view host, const std::vector<std::string> &hosts)
{
    const std::string *best = nullptr;
    for (const std::string &candidate : hosts) {
        if (isSubsetOf(host, candidate) && (!best || moreSpecific(candidate, *best)))
            best = &candidate;
    }
    return best ? std::optional(*best) : std::nullopt;
}

bool isIpAddress(std::string_view text)
{
    std::array<unsigned char, 16> bytes{};
    const std::string copy(text);
    return inet_pton(AF_INET, copy.c_str(), bytes.data()) == 1 ||
           inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1;
}

std::string resolveShortName(std::string_view host, std::string_view resourceNamespace,
                             std::string_view domain)
{
    if (host.empty() || host == "*" || host.find('.') != std::string_view::npos || isIpAddress(host))
        return std::string(host);
    return std::string(host) + '.' + std::string(resourceNamespace) + ".svc." + std::string(domain);
}

bool isDnsLabel(std::string_view text)
{
    constexpr std::size_t longest = 63;
    if (text.empty() || text.size() > longest || text.front() == '-' || text.back() == '-')
        return false;
    return std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) || c == '-'; });
}

bool isFqdn(std::string_view host)
{
    constexpr std::size_t longest = 255;
    if (host.ends_with('.'))
        host.remove_suffix(1);
    if (host.empty() || host.size() > longest)
        return false;
    std::string_view label;
    while (!host.empty()) {
        const std::size_t dot = std::min(host.find('.'), host.size());
        label = host.substr(0, dot);
        if (!isDnsLabel(label))
            return false;
        const bool last = dot == host.size();
        host.remove_prefix(std::min(dot + 1, host.size()));
        if (!last && host.empty())
            return false;
    }
    return !std::all_of(label.begin(), label.end(), [](unsigned char c) { return std::isdigit(c); });
}

bool isWildcardDomain(std::string_view host)
{
    if (host == "*")
        return true;
    if (!isWildcard(host))
        return isFqdn(host);
    std::string_view rest = host.substr(1);
    if (rest.starts_with('.'))
        return isFqdn(rest.substr(1));
    // `*foo.bar`, `*-foo.bar`: the star stands for the beginning of a label.
    return isFqdn("a" + std::string(rest));
}

} // namespace sallyport::model
