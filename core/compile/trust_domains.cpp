// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/trust_domains.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

/// Exact, `*suffix` or `prefix*`.
bool fits(const std::string &value, const std::string &pattern)
{
    if (pattern == value || pattern == "*")
        return true;
    if (!pattern.empty() && pattern.front() == '*') {
        const std::string suffix = pattern.substr(1);
        return value.size() >= suffix.size() &&
               value.compare(value.size() - suffix.size(), suffix.size(), suffix) == 0;
    }
    if (!pattern.empty() && pattern.back() == '*')
        return value.compare(0, pattern.size() - 1, pattern, 0, pattern.size() - 1) == 0;
    return false;
}

/// The position of the slash after the trust domain, if the principal names one.
std::size_t trustDomainEnd(const std::string &principal)
{
    if (std::count(principal.begin(), principal.end(), '/') != 4)
        return std::string::npos;
    const std::size_t end = principal.find('/');
    const bool shaped =
        principal.compare(end, 4, "/ns/") == 0 && principal.find("/sa/", end + 4) != std::string::npos;
    return shaped && end != 0 ? end : std::string::npos;
}

void addOnce(std::vector<std::string> &list, const std::string &value)
{
    if (std::find(list.begin(), list.end(), value) == list.end())
        list.push_back(value);
}

} // namespace

std::vector<std::string> withTrustDomainAliases(const std::vector<std::string> &principals,
                                                const std::vector<std::string> &trustDomains)
{
    std::vector<std::string> result;
    for (const std::string &principal : principals) {
        const std::size_t end = trustDomainEnd(principal);
        const std::string domain = end == std::string::npos ? std::string() : principal.substr(0, end);
        const bool ours = end != std::string::npos &&
                          (domain == "cluster.local" ||
                           std::any_of(trustDomains.begin(), trustDomains.end(),
                                       [&domain](const std::string &own) { return fits(own, domain); }));
        if (!ours) {
            result.push_back(principal);
            continue;
        }
        std::vector<std::string> replaced;
        for (const std::string &own : trustDomains) {
            const bool asWritten = domain.front() == '*' && fits(own, domain);
            addOnce(replaced, asWritten ? principal : own + principal.substr(end));
        }
        result.insert(result.end(), replaced.begin(), replaced.end());
    }
    return result;
}

std::vector<std::string> withTrustDomains(const std::vector<std::string> &identities,
                                          const std::vector<std::string> &trustDomains)
{
    constexpr std::string_view scheme = "spiffe://";
    std::vector<std::string> result;
    for (const std::string &identity : identities) {
        addOnce(result, identity);
        const std::size_t end = identity.find('/', scheme.size());
        if (identity.compare(0, scheme.size(), scheme) != 0 || end == std::string::npos)
            continue;
        for (const std::string &domain : trustDomains)
            addOnce(result, std::string(scheme) + domain + identity.substr(end));
    }
    std::sort(result.begin(), result.end());
    return result;
}

std::vector<std::string> expandedTrustDomains(const std::vector<std::string> &values,
                                              const std::vector<std::string> &trustDomains)
{
    std::vector<std::string> result;
    for (const std::string &value : values) {
        if (std::find(trustDomains.begin(), trustDomains.end(), value) == trustDomains.end()) {
            addOnce(result, value);
            continue;
        }
        for (const std::string &own : trustDomains)
            addOnce(result, own);
    }
    return result;
}

} // namespace sallyport::compile
