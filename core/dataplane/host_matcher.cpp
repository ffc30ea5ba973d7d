// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/host_matcher.h"

#include "core/result/ascii_case.h"

#include <algorithm>

namespace sallyport::dataplane {

namespace {

/// The last colon outside of brackets, whatever follows: ignore_port_in_host_matching does not look at it.
std::size_t portColon(std::string_view authority)
{
    const std::size_t colon = authority.rfind(':');
    const std::size_t bracket = authority.rfind(']');
    return colon != std::string_view::npos && bracket != std::string_view::npos && bracket > colon
               ? std::string_view::npos
               : colon;
}

} // namespace

HostMatcher::HostMatcher(const RouteConfiguration &routes, bool ignorePort)
    : m_ignorePort(ignorePort)
{
    int index = 0;
    for (const VirtualHost &host : routes.virtualHosts) {
        for (const std::string &domain : host.domains) {
            const std::string name = asciiLowered(domain);
            if (name == "*")
                m_any = index;
            else if (name.starts_with('*'))
                m_suffixes[name.size() - 1].emplace(name.substr(1), index);
            else if (name.ends_with('*'))
                m_prefixes[name.size() - 1].emplace(name.substr(0, name.size() - 1), index);
            else
                m_exact.emplace(name, index);
        }
        ++index;
    }
}

int HostMatcher::find(std::string_view authority) const
{
    if (m_ignorePort)
        authority = authority.substr(0, portColon(authority));
    // Host names are short: folding on the stack spares the allocation on the hot path.
    char buffer[256];
    std::string large;
    std::string_view host;
    if (authority.size() <= sizeof buffer) {
        std::transform(authority.begin(), authority.end(), buffer, [](unsigned char c) {
            return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        });
        host = {buffer, authority.size()};
    } else {
        large = asciiLowered(authority);
        host = large;
    }
    if (const auto found = m_exact.find(host); found != m_exact.end())
        return found->second;
    for (const auto &[length, names] : m_suffixes) {
        // The star stands for at least one character.
        if (length >= host.size())
            continue;
        if (const auto found = names.find(host.substr(host.size() - length)); found != names.end())
            return found->second;
    }
    for (const auto &[length, names] : m_prefixes) {
        if (length >= host.size())
            continue;
        if (const auto found = names.find(host.substr(0, length)); found != names.end())
            return found->second;
    }
    return m_any;
}

} // namespace sallyport::dataplane
