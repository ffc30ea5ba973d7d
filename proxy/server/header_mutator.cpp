// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/header_mutator.h"

#include <algorithm>
#include <array>

namespace sallyport::server {

namespace {

std::string lowered(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return text;
}

dataplane::HeaderAppendAction actionOf(const dataplane::HeaderValueOption &option)
{
    using Action = dataplane::HeaderAppendAction;
    if (option.append)
        return *option.append ? Action::AppendIfExistsOrAdd : Action::OverwriteIfExistsOrAdd;
    return option.action;
}

} // namespace

Result<HeaderMutator> HeaderMutator::create(const std::vector<dataplane::HeaderValueOption> &add,
                                            const std::vector<std::string> &remove)
{
    HeaderMutator mutator;
    for (const dataplane::HeaderValueOption &option : add) {
        Result<telemetry::TextFormatter> value = telemetry::TextFormatter::create(option.value, true);
        if (!value)
            return fail(value.error());
        mutator.m_add.push_back(
            {lowered(option.key), *std::move(value), actionOf(option), option.keepEmptyValue});
    }
    for (const std::string &name : remove)
        mutator.m_remove.push_back(lowered(name));
    return mutator;
}

void HeaderMutator::apply(http::HeaderMap &headers, const telemetry::LogContext &context) const
{
    using Action = dataplane::HeaderAppendAction;
    for (const std::string &name : m_remove)
        headers.remove(std::string_view(name));
    // All values are worked out on the headers as they were.
    std::vector<std::pair<const Addition *, std::string>> overwritten;
    std::vector<std::pair<const Addition *, std::string>> added;
    for (const Addition &addition : m_add) {
        std::string value = addition.value.format(context);
        if (value.empty() && !addition.keepEmpty)
            continue;
        const bool present = headers.find(std::string_view(addition.name)) != nullptr;
        switch (addition.action) {
        case Action::AppendIfExistsOrAdd:
            added.emplace_back(&addition, std::move(value));
            break;
        case Action::AddIfAbsent:
            if (!present)
                added.emplace_back(&addition, std::move(value));
            break;
        case Action::OverwriteIfExistsOrAdd:
            overwritten.emplace_back(&addition, std::move(value));
            break;
        case Action::OverwriteIfExists:
            if (present)
                overwritten.emplace_back(&addition, std::move(value));
            break;
        }
    }
    for (const auto &[addition, value] : overwritten) {
        // A well-known header keeps its place, any other goes to the end.
        if (http::knownHeader(addition->name) == http::Known::None)
            headers.remove(std::string_view(addition->name));
        headers.set(std::string_view(addition->name), value);
    }
    for (const auto &[addition, value] : added)
        headers.add(std::string_view(addition->name), value);
}

Result<void> RouteMutators::add(const dataplane::HeaderMutations &mutations)
{
    if (mutations.isEmpty())
        return {};
    Result<HeaderMutator> request = HeaderMutator::create(mutations.requestAdd, mutations.requestRemove);
    if (!request)
        return fail(request.error());
    Result<HeaderMutator> response = HeaderMutator::create(mutations.responseAdd, mutations.responseRemove);
    if (!response)
        return fail(response.error());
    m_byConfiguration[&mutations] = {*std::move(request), *std::move(response)};
    return {};
}

Result<RouteMutators> RouteMutators::create(const dataplane::RouteConfiguration &routes)
{
    RouteMutators mutators;
    Result<void> done = mutators.add(routes.headers);
    for (const dataplane::VirtualHost &host : routes.virtualHosts) {
        if (done)
            done = mutators.add(host.headers);
        for (const dataplane::Route &route : host.routes) {
            if (done)
                done = mutators.add(route.headers);
            const auto *action = std::get_if<dataplane::RouteAction>(&route.action);
            for (std::size_t i = 0; action != nullptr && done && i < action->weightedClusters.size(); ++i)
                done = mutators.add(action->weightedClusters[i].headers);
        }
    }
    if (!done)
        return fail(done.error());
    return mutators;
}

template<typename Use>
void RouteMutators::eachLevel(const dataplane::RouteConfiguration &routes, const dataplane::VirtualHost &host,
                              const dataplane::Route &route, const dataplane::WeightedCluster *cluster,
                              Use use) const
{
    if (m_byConfiguration.empty())
        return;
    std::array<const dataplane::HeaderMutations *, 4> levels{cluster != nullptr ? &cluster->headers : nullptr,
                                                             &route.headers, &host.headers, &routes.headers};
    if (routes.mostSpecificHeaderMutationsWins)
        std::reverse(levels.begin(), levels.end());
    for (const dataplane::HeaderMutations *level : levels) {
        if (level == nullptr || level->isEmpty())
            continue;
        if (const auto found = m_byConfiguration.find(level); found != m_byConfiguration.end())
            use(found->second);
    }
}

void RouteMutators::applyToRequest(const dataplane::RouteConfiguration &routes,
                                   const dataplane::VirtualHost &host, const dataplane::Route &route,
                                   const dataplane::WeightedCluster *cluster, http::HeaderMap &headers,
                                   const telemetry::LogContext &context) const
{
    eachLevel(routes, host, route, cluster,
              [&](const MutatorPair &pair) { pair.request.apply(headers, context); });
}

void RouteMutators::applyToResponse(const dataplane::RouteConfiguration &routes,
                                    const dataplane::VirtualHost &host, const dataplane::Route &route,
                                    const dataplane::WeightedCluster *cluster, http::HeaderMap &headers,
                                    const telemetry::LogContext &context) const
{
    eachLevel(routes, host, route, cluster,
              [&](const MutatorPair &pair) { pair.response.apply(headers, context); });
}

} // namespace sallyport::server
