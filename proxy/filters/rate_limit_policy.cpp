// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/rate_limit_policy.h"

#include "core/result/ascii_case.h"
#include "proxy/filters/filter.h"

#include <algorithm>

namespace sallyport::filters {

namespace {

/// `10.1.0.0/16`
std::string maskedAddress(dataplane::IpAddress address, const dataplane::RateLimitAction &action)
{
    const std::uint32_t length = address.family == 4 ? action.v4Length : action.v6Length;
    for (std::size_t i = 0; i < address.bytes.size(); ++i) {
        const std::size_t kept = std::min<std::size_t>(length - std::min<std::size_t>(length, i * 8), 8);
        address.bytes[i] &= static_cast<std::uint8_t>(0xFF00U >> kept);
    }
    return address.toString() + '/' + std::to_string(length);
}

std::string metadataText(const dataplane::RateLimitAction &action, const RateLimitedRequest &request)
{
    const QJsonValue value =
        dataplane::metadataValue(action.ofRoute ? request.routeMetadata : request.metadata, action.metadata);
    const std::string text = value.toString().toStdString();
    return text.empty() ? action.value : text;
}

std::string_view orElse(const std::string &key, std::string_view standard)
{
    return key.empty() ? standard : std::string_view(key);
}

} // namespace

RateLimitPolicy::RateLimitPolicy(const std::vector<dataplane::RateLimit> &limits, Of of)
{
    for (const dataplane::RateLimit &limit : limits) {
        // The local limit has no runtime key that could switch one on again (measured, 1.40).
        if (!limit.disableKey.empty() || (of == Of::Filter && limit.onStreamDone))
            continue;
        Limit &made = m_limits.emplace_back();
        made.stage = limit.stage;
        made.hits = of == Of::Filter ? limit.hits.value_or(1) : 1;
        for (const dataplane::RateLimitAction &action : limit.actions) {
            std::vector<dataplane::CompiledQueryParameter> parameters(action.queryParameters.begin(),
                                                                      action.queryParameters.end());
            dataplane::RateLimitAction named = action;
            named.name = asciiLowered(action.name);
            made.actions.push_back(
                {std::move(named), dataplane::compileHeaders(action.headers), std::move(parameters)});
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
                               dataplane::RateLimitDescriptor &entries)
{
    using Kind = dataplane::RateLimitAction::Kind;
    const dataplane::RateLimitAction &what = action.configuration;
    const auto add = [&](std::string_view key, std::string_view value) {
        entries.push_back({std::string(key), std::string(value)});
        return true;
    };
    const std::string_view path = request.headers.get(http::Known::Path);
    switch (what.kind) {
    case Kind::SourceCluster:
        return add("source_cluster", request.sourceCluster);
    case Kind::DestinationCluster:
        return add("destination_cluster", request.destinationCluster);
    case Kind::RequestHeaders: {
        const http::Header *header = request.headers.find(what.name);
        return header != nullptr ? add(what.key, header->value) : what.skipIfAbsent;
    }
    case Kind::RemoteAddress:
    case Kind::MaskedRemoteAddress: {
        const dataplane::IpAddress &address = request.connection.remoteIp;
        if (!address.isValid())
            return false;
        return what.kind == Kind::RemoteAddress ? add("remote_address", address.toString())
                                                : add("masked_remote_address", maskedAddress(address, what));
    }
    case Kind::GenericKey:
        return add(orElse(what.key, "generic_key"), what.value);
    case Kind::HeaderValueMatch:
        return dataplane::allMatch(action.headers, HeaderView(request.headers, &request.metadata)) ==
                   what.expectMatch &&
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
        const auto value = dataplane::queryParameter(path, what.name);
        return value ? add(what.key, *value) : what.skipIfAbsent;
    }
    }
    return false;
}

} // namespace sallyport::filters
