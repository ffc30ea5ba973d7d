// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/check.h"

#include <algorithm>

namespace sallyport::dataplane {

namespace {

Checked checkRbacRule(const RbacRule &rule, const std::string &path)
{
    Chain chain;
    for (const RbacRule &child : rule.children)
        chain(checkRbacRule(child, path));
    if (rule.kind == RbacRule::Kind::Header)
        chain(checkHeaders({rule.header}, path));
    chain(checkString(rule.string, path));
    return chain.take();
}

bool asksForRequests(const RbacRule &rule)
{
    return rule.kind == RbacRule::Kind::Header ||
           std::any_of(rule.children.begin(), rule.children.end(), asksForRequests);
}

} // namespace

Checked checkNetworkRbac(const Rbac &rbac, const std::string &path)
{
    Chain chain;
    for (const auto &[name, rules] :
         {std::pair(".rules", &rbac.rules), std::pair(".shadow_rules", &rbac.shadowRules)}) {
        if (!*rules)
            continue;
        for (const auto &[id, policy] : (*rules)->policies) {
            for (const auto *list : {&policy.permissions, &policy.principals}) {
                if (std::any_of(list->begin(), list->end(), asksForRequests))
                    chain(failAt(path + name + ".policies[" + id + ']',
                                 "a rule about headers is not supported by RBAC network filter"));
            }
        }
    }
    chain(checkRbac(rbac, path));
    return chain.take();
}

Checked checkRbac(const Rbac &rbac, const std::string &path)
{
    Chain chain;
    for (const std::optional<RbacRules> *rules : {&rbac.rules, &rbac.shadowRules}) {
        if (!*rules)
            continue;
        for (const auto &[id, policy] : (*rules)->policies) {
            for (const auto *list : {&policy.permissions, &policy.principals}) {
                for (const RbacRule &rule : *list)
                    chain(checkRbacRule(rule, path + ".rules.policies[" + id + ']'));
            }
        }
    }
    return chain.take();
}

Checked checkHttpFilters(const HttpConnectionManager &manager, const std::string &path)
{
    Chain chain;
    for (std::size_t i = 0; i < manager.filters.size(); ++i) {
        const HttpFilter &filter = manager.filters[i];
        const std::string at = path + ".http_filters[" + std::to_string(i) + ']';
        const bool terminal = std::holds_alternative<Router>(filter.config);
        const bool last = i + 1 == manager.filters.size();
        if (terminal && !last)
            chain(failAt(at, "terminal filter named " + filter.name +
                                 " must be the last filter in a http filter chain."));
        if (!terminal && last)
            chain(failAt(at, "non-terminal filter named " + filter.name +
                                 " is the last filter in a http filter chain."));
        if (terminal && filter.disabled)
            chain(failAt(at + ".disabled", "Error: the last (terminal) filter (" + filter.name +
                                               ") in the chain cannot be disabled by default."));
        if (const auto *rbac = std::get_if<Rbac>(&filter.config))
            chain(checkRbac(*rbac, at));
        if (const auto *fault = std::get_if<Fault>(&filter.config))
            chain(checkHeaders(fault->headers, at));
        if (const auto *limit = std::get_if<LocalRateLimit>(&filter.config))
            chain(checkRateLimits(limit->rateLimits, at));
    }
    return chain.take();
}

} // namespace sallyport::dataplane
