// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/rate_limit_policy.h"

#include "core/result/ascii_case.h"

#include <algorithm>

namespace sallyport::dataplane {

namespace {

/// `10.1.0.0/16`
std::string maskedAddress(IpAddress address, const RateLimitAction &action)
{
    const std::uint32_t length = address.family == 4 ? action.v4Length : action.v6Length;
    for (std::size_t i = 0; i < address.bytes.size(); ++i) {
        const std::size_t kept = std::min<std::size_t>(length - std::min<std::size_t>(length, i * 8), 8);
        address.bytes[i] &= static_cast<std::uint8_t>(0xFF00U >> kept);
    }
    return address.toString() + '/' + std::to_string(length);
}

std::string metadataText(const RateLimitAction &action, const RateLimitedRequest &request)
{
    const QJsonObject *metadata = action.ofRoute ? &request.routeMetadata : request.request.metadata();
    const std::string text =
        metadata == nullptr ? "" : metadataValue(*metadata, action.metadata).toString().toStdString();
    return text.empty() ? action.value : text;
}

/// Of a header that stands on several lines.
std::optional<std::string> firstValue(const RequestView &request, const std::string &name)
{
    std::optional<std::string> first;
    const bool several = request.anyOfSeveral(name, [&](std::string_view value) {
        first = value;
        return true;
    });
    std::string scratch;
    if (!several) {
        if (const auto value = request.header(name, scratch))
            first = *value;
    }
    return first;
}

std::string_view orElse(const std::string &key, std::string_view standard)
{
    return key.empty() ? standard : std::string_view(key);
}

} // namespace

bool isAbout(const RateLimitDescriptor &configured, const RateLimitDescriptor &asked)
{
    return std::equal(configured.begin(), configured.end(), asked.begin(), asked.end(),
                      [](const RateLimitEntry &pattern, const RateLimitEntry &entry) {
                          return pattern.key == entry.key &&
                                 (pattern.value.empty() || pattern.value == entry.value);
                      });
}

std::vector<const std::vector<RateLimit> *>
appliedRateLimits(const LocalRateLimit &filter, const RouteAction &action, const VirtualHost &host)
{
    using Option = LocalRateLimit::VirtualHostLimits;
    const Option option = action.includeVirtualHostRateLimits ? Option::Include : filter.virtualHostLimits;
    std::vector<const std::vector<RateLimit> *> applied{&action.rateLimits};
    if (option == Option::Include || (option == Option::Override && action.rateLimits.empty()))
        applied.push_back(&host.rateLimits);
    return applied;
}

RateLimitPolicy::RateLimitPolicy(const std::vector<RateLimit> &limits, Of of)
{
    for (const RateLimit &limit : limits) {
        // The local limit has no runtime key that could switch one on again (measured, 1.40).
        if (!limit.disableKey.empty() || (of == Of::Filter && limit.onStreamDone))
            continue;
        Limit &made = m_limits.emplace_back();
        made.stage = limit.stage;
        made.hits = of == Of::Filter ? limit.hits.value_or(1) : 1;
        for (const RateLimitAction &action : limit.actions) {
            std::vector<CompiledQueryParameter> parameters(action.queryParameters.begin(),
                                                           action.queryParameters.end());
            RateLimitAction named = action;
            named.name = asciiLowered(action.name);
            made.actions.push_back({std::move(named), compileHeaders(action.headers), std::move(parameters)});
        }
    }
}

void RateLimitPolicy::describe(const RateLimitedRequest &request, std::uint32_t stage,
                               std::vector<DescribedRequest> &descriptors) const
{
    for (const Limit &limit : m_limits) {
        DescribedRequest described{{}, limit.hits};
        const bool complete =
            limit.stage == stage &&
            std::all_of(limit.actions.begin(), limit.actions.end(),
                        [&](const auto &action) { return addEntry(action, request, described.entries); });
        if (complete && !described.entries.empty())
            descriptors.push_back(std::move(described));
    }
}

bool RateLimitPolicy::addEntry(const RateLimitPolicy::Action &action, const RateLimitedRequest &request,
                               RateLimitDescriptor &entries)
{
    using Kind = RateLimitAction::Kind;
    const RateLimitAction &what = action.configuration;
    const auto add = [&](std::string_view key, std::string_view value) {
        entries.push_back({std::string(key), std::string(value)});
        return true;
    };
    const std::string_view path = request.request.path();
    switch (what.kind) {
    case Kind::SourceCluster:
        return add("source_cluster", request.sourceCluster);
    case Kind::DestinationCluster:
        return add("destination_cluster", request.destinationCluster);
    case Kind::RequestHeaders: {
        const std::optional<std::string> value = firstValue(request.request, what.name);
        return value ? add(what.key, *value) : what.skipIfAbsent;
    }
    case Kind::RemoteAddress:
    case Kind::MaskedRemoteAddress: {
        const ConnectionFacts *connection = request.request.connection();
        if (connection == nullptr || !connection->remoteIp.isValid())
            return false;
        const IpAddress &address = connection->remoteIp;
        return what.kind == Kind::RemoteAddress ? add("remote_address", address.toString())
                                                : add("masked_remote_address", maskedAddress(address, what));
    }
    case Kind::GenericKey:
        return add(orElse(what.key, "generic_key"), what.value);
    case Kind::HeaderValueMatch:
        return allMatch(action.headers, request.request) == what.expectMatch &&
               add(orElse(what.key, "header_match"), what.value);
    case Kind::Metadata: {
        const std::string text = metadataText(what, request);
        return text.empty() ? what.skipIfAbsent : add(what.key, text);
    }
    case Kind::QueryParameterValueMatch: {
        const bool match = std::all_of(action.queryParameters.begin(), action.queryParameters.end(),
                                       [&](const auto &parameter) { return parameter.matches(path); });
        return match == what.expectMatch && add(orElse(what.key, "query_match"), what.value);
    }
    case Kind::QueryParameters: {
        const auto value = queryParameter(path, what.name);
        return value ? add(what.key, *value) : what.skipIfAbsent;
    }
    }
    return false;
}

} // namespace sallyport::dataplane
