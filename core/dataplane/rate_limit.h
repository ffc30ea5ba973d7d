// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/matcher.h"

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::dataplane {

/// envoy.type.v3.TokenBucket
struct TokenBucket
{
    std::uint32_t maxTokens = 0;
    std::uint32_t tokensPerFill = 1;
    std::chrono::nanoseconds fillInterval{};

    bool operator==(const TokenBucket &) const = default;
};

/// envoy.config.route.v3.RateLimit.Action: what of a request makes one entry of its descriptor.
struct RateLimitAction
{
    enum class Kind {
        SourceCluster,
        DestinationCluster,
        RequestHeaders,
        RemoteAddress,
        GenericKey,
        HeaderValueMatch,
        Metadata,
        MaskedRemoteAddress,
        QueryParameterValueMatch,
        QueryParameters,
    };
    Kind kind = Kind::SourceCluster;
    std::string name;          ///< of the header or query parameter whose value it is
    std::string key;           ///< descriptor_key; empty: the kind's own
    std::string value;         ///< descriptor_value; of metadata: in the place of what is not there
    bool skipIfAbsent = false; ///< no entry then; else no descriptor
    bool expectMatch = true;
    std::vector<HeaderMatcher> headers;
    std::vector<QueryParameterMatcher> queryParameters;
    std::uint32_t v4Length = 32; ///< bits of the address that are kept
    std::uint32_t v6Length = 128;
    MetadataMatcher metadata; ///< where to look
    bool ofRoute = false;     ///< in the route's metadata, else in the request's

    bool operator==(const RateLimitAction &) const = default;
};

/// envoy.config.route.v3.RateLimit: how a descriptor comes from a request.
struct RateLimit
{
    std::uint32_t stage = 0;
    std::string disableKey;
    std::vector<RateLimitAction> actions;
    std::optional<std::uint64_t> hits; ///< hits_addend; 1 if not set
    bool onStreamDone = false;
    bool overridesLimit = false; ///< `limit`: for a rate limit service

    bool operator==(const RateLimit &) const = default;
};

/// envoy.extensions.common.ratelimit.v3.RateLimitDescriptor.Entry
struct RateLimitEntry
{
    std::string key;
    std::string value;

    auto operator<=>(const RateLimitEntry &) const = default;
};

/// In the order of the actions.
using RateLimitDescriptor = std::vector<RateLimitEntry>;

/// envoy.extensions.common.ratelimit.v3.LocalRateLimitDescriptor: a bucket of its own for one descriptor.
struct LocalRateLimitDescriptor
{
    RateLimitDescriptor entries; ///< an empty value is any value, each with a bucket of its own
    TokenBucket tokenBucket;
    bool shadowMode = false; ///< is counted, refuses nothing

    bool operator==(const LocalRateLimitDescriptor &) const = default;
};

} // namespace sallyport::dataplane
