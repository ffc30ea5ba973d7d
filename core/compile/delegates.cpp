// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/delegates.h"

#include "core/compile/visibility.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

using model::HttpMatch;
using model::HttpRoute;
using model::StringMatch;

bool startsWith(const std::string &text, const std::string &prefix)
{
    return text.compare(0, prefix.size(), prefix) == 0;
}

/// Whether what the delegate asks is not a part of what the root asks. Regular expressions are never
/// compared.
bool conflicts(const StringMatch *root, const StringMatch *delegate)
{
    if (!root || !delegate)
        return false;
    using Kind = StringMatch::Kind;
    const auto isSet = [](const StringMatch &match) {
        return match.kind != Kind::Unset && !match.value.empty();
    };
    // That something is there at all goes with nothing else, not even with itself.
    if (!isSet(*root) || !isSet(*delegate) || root->kind == Kind::Regex || delegate->kind == Kind::Regex)
        return true;
    if (root->kind == Kind::Exact)
        return delegate->kind != Kind::Exact || delegate->value != root->value;
    return !startsWith(delegate->value, root->value);
}

const StringMatch *pointer(const std::optional<StringMatch> &match)
{
    return match ? &*match : nullptr;
}

bool conflicts(const std::map<std::string, StringMatch> &root,
               const std::map<std::string, StringMatch> &delegate)
{
    return std::any_of(delegate.begin(), delegate.end(), [&root](const auto &entry) {
        const auto found = root.find(entry.first);
        return found != root.end() && conflicts(&found->second, &entry.second);
    });
}

bool conflicts(const HttpMatch &root, const HttpMatch &delegate)
{
    if (conflicts(pointer(root.uri), pointer(delegate.uri)) ||
        conflicts(pointer(root.scheme), pointer(delegate.scheme)) ||
        conflicts(pointer(root.method), pointer(delegate.method)) ||
        conflicts(pointer(root.authority), pointer(delegate.authority)))
        return true;
    if (conflicts(root.headers, delegate.headers) ||
        conflicts(root.withoutHeaders, delegate.withoutHeaders) ||
        conflicts(root.queryParams, delegate.queryParams))
        return true;
    if (root.ignoreUriCase != delegate.ignoreUriCase)
        return true;
    if (root.port != 0 && delegate.port != 0 && root.port != delegate.port)
        return true;
    for (const auto &[key, value] : delegate.sourceLabels) {
        const auto found = root.sourceLabels.find(key);
        if (found != root.sourceLabels.end() && found->second != value)
            return true;
    }
    if (!root.sourceNamespace.empty() && root.sourceNamespace != delegate.sourceNamespace)
        return true;
    if (root.gateways.empty() || delegate.gateways.empty())
        return false;
    return !std::all_of(
        delegate.gateways.begin(), delegate.gateways.end(), [&root](const std::string &gateway) {
            return std::find(root.gateways.begin(), root.gateways.end(), gateway) != root.gateways.end();
        });
}

std::string joinedName(const std::string &root, const std::string &delegate)
{
    if (root.empty() || delegate.empty())
        return root + delegate;
    return root + '-' + delegate;
}

template<typename Map>
void inherit(Map &own, const Map &root)
{
    own.insert(root.begin(), root.end());
}

HttpMatch merged(const HttpMatch &root, const HttpMatch &delegate)
{
    HttpMatch match = delegate;
    match.name = joinedName(root.name, delegate.name);
    match.uri = delegate.uri ? delegate.uri : root.uri;
    match.scheme = delegate.scheme ? delegate.scheme : root.scheme;
    match.method = delegate.method ? delegate.method : root.method;
    match.authority = delegate.authority ? delegate.authority : root.authority;
    inherit(match.headers, root.headers);
    inherit(match.withoutHeaders, root.withoutHeaders);
    inherit(match.queryParams, root.queryParams);
    inherit(match.sourceLabels, root.sourceLabels);
    if (match.port == 0)
        match.port = root.port;
    if (match.sourceNamespace.empty())
        match.sourceNamespace = root.sourceNamespace;
    if (match.gateways.empty())
        match.gateways = root.gateways;
    if (match.statPrefix.empty())
        match.statPrefix = root.statPrefix;
    return match;
}

/// The delegate's matches within the root's; nothing if one of them has no place there.
std::optional<std::vector<HttpMatch>> merged(const std::vector<HttpMatch> &root,
                                             const std::vector<HttpMatch> &delegate)
{
    if (root.empty())
        return delegate;
    if (delegate.empty())
        return root;
    std::vector<HttpMatch> matches;
    for (const HttpMatch &inner : delegate) {
        bool found = false;
        for (const HttpMatch &outer : root) {
            if (conflicts(outer, inner))
                continue;
            matches.push_back(merged(outer, inner));
            found = true;
        }
        if (!found)
            return std::nullopt;
    }
    return matches;
}

template<typename T>
void inherit(std::optional<T> &own, const std::optional<T> &root)
{
    if (!own)
        own = root;
}

/// `mirror`, its percentage and `mirrors` are inherited one by one: one of the root may join those of the
/// delegate.
void inheritMirrors(HttpRoute &own, const HttpRoute &root)
{
    const auto several = [](const HttpRoute &route) {
        return std::vector<model::HttpMirror>(route.mirrors.begin() + (route.hasMirror ? 1 : 0),
                                              route.mirrors.end());
    };
    std::vector<model::HttpMirror> mirrors = several(own);
    if (mirrors.empty())
        mirrors = several(root);
    inherit(own.mirrorPercentage, root.mirrorPercentage);
    if (own.hasMirror || root.hasMirror) {
        model::HttpMirror single = own.hasMirror ? own.mirrors.front() : root.mirrors.front();
        single.percentage = own.mirrorPercentage;
        mirrors.insert(mirrors.begin(), std::move(single));
    }
    own.hasMirror = own.hasMirror || root.hasMirror;
    own.mirrors = std::move(mirrors);
}

std::optional<HttpRoute> merged(const HttpRoute &root, const HttpRoute &delegate)
{
    auto match = merged(root.match, delegate.match);
    if (!match)
        return std::nullopt;
    HttpRoute route = delegate;
    route.match = std::move(*match);
    route.name = joinedName(root.name, delegate.name);
    inherit(route.rewrite, root.rewrite);
    inherit(route.directResponse, root.directResponse);
    inherit(route.timeout, root.timeout);
    inherit(route.retries, root.retries);
    inherit(route.fault, root.fault);
    inherit(route.cors, root.cors);
    inheritMirrors(route, root);
    if (route.headers == model::Headers())
        route.headers = root.headers;
    return route;
}

} // namespace

std::vector<model::VirtualService> withDelegates(const std::vector<model::VirtualService> &services)
{
    std::map<std::pair<std::string, std::string>, const model::VirtualService *> delegates;
    for (const model::VirtualService &service : services) {
        if (service.hosts.empty())
            delegates.emplace(std::pair(service.metadata.resourceNamespace, service.metadata.name), &service);
    }
    std::vector<model::VirtualService> roots;
    for (const model::VirtualService &service : services) {
        if (service.hosts.empty())
            continue;
        model::VirtualService root = service;
        root.http.clear();
        for (const HttpRoute &route : service.http) {
            if (!route.delegate) {
                root.http.push_back(route);
                continue;
            }
            const std::string &own = service.metadata.resourceNamespace;
            const std::string &nameSpace =
                route.delegate->delegateNamespace.empty() ? own : route.delegate->delegateNamespace;
            const auto found = delegates.find({nameSpace, route.delegate->name});
            if (found == delegates.end() || !isVisible(found->second->exportTo, nameSpace, own))
                continue;
            for (const HttpRoute &inner : found->second->http) {
                if (inner.delegate)
                    continue;
                if (auto route2 = merged(route, inner))
                    root.http.push_back(std::move(*route2));
            }
        }
        roots.push_back(std::move(root));
    }
    return roots;
}

} // namespace sallyport::compile
