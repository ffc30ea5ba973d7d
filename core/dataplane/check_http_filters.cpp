// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/check.h"

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

} // namespace

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

Checked checkHttpFilters(const HttpConnectionManager &manager, const std::string &path,
                         const DeclaredNames &clusters)
{
    Chain chain;
    if (manager.filters.empty())
        return failAt(path + ".http_filters", "a http filter chain needs a terminal filter");
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
        if (const auto *authz = std::get_if<ExtAuthz>(&filter.config); authz && !clusters.has(authz->cluster))
            chain(failAt(at, "ext_authz: unknown cluster '" + authz->cluster + '\''));
        if (const auto *fault = std::get_if<Fault>(&filter.config))
            chain(checkHeaders(fault->headers, at));
    }
    return chain.take();
}

} // namespace sallyport::dataplane
