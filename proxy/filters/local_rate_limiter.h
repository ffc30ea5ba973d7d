// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/rate_limit_policy.h"
#include "proxy/net/dispatcher.h"

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace sallyport::filters {

/// Fills steadily: `tokens_per_fill` in each `fill_interval`, a fraction of a token at a time
/// (source/common/common/token_bucket_impl.h). Any thread.
class TokenBucket
{
public:
    explicit TokenBucket(const dataplane::TokenBucket &configuration);

    /// All of `tokens` or none; nobody gets 0.
    bool take(net::Clock::time_point now, std::uint64_t tokens = 1);
    struct Level
    {
        std::uint32_t remaining = 0;
        std::chrono::seconds untilNext{}; ///< 0 while there are tokens
    };
    Level level(net::Clock::time_point now);
    std::uint32_t most() const { return m_most; }
    double perSecond() const { return m_perSecond; }

private:
    void fill(net::Clock::time_point now);

    std::uint32_t m_most;
    double m_perSecond;
    std::mutex m_mutex;
    double m_tokens;
    net::Clock::time_point m_at;
};

/// The buckets of one configuration: of its descriptors, and the default one
/// (source/extensions/filters/common/local_ratelimit/local_ratelimit_impl.cc). Any thread.
class LocalRateLimiter
{
public:
    explicit LocalRateLimiter(const dataplane::LocalRateLimit &configuration);

    struct Verdict
    {
        enum class Kind {
            Allowed,
            Shadowed, ///< a descriptor in shadow mode would have refused it
            Refused
        };
        Kind kind = Kind::Allowed;
        std::shared_ptr<TokenBucket> bucket; ///< that decided; null: none was asked
    };
    /// Takes tokens from every bucket that a request's descriptors have, the slowest first, and from the
    /// default one.
    Verdict ask(const std::vector<dataplane::DescribedRequest> &descriptors, net::Clock::time_point now);

private:
    struct Bucket
    {
        std::shared_ptr<TokenBucket> tokens;
        bool shadowMode = false;
    };
    /// Buckets of requests that a descriptor with wildcards is about, the one used last in front.
    struct Wildcard
    {
        dataplane::LocalRateLimitDescriptor configuration;
        std::list<std::pair<dataplane::RateLimitDescriptor, Bucket>> buckets;
    };
    std::optional<Bucket> bucketOf(const dataplane::RateLimitDescriptor &descriptor);

    std::shared_ptr<TokenBucket> m_default; ///< null: what no descriptor is about is not limited
    bool m_alwaysDefault;
    std::size_t m_mostOfWildcard;
    std::map<dataplane::RateLimitDescriptor, Bucket> m_exact;
    std::mutex m_mutex; ///< of the wildcards
    std::vector<Wildcard> m_wildcards;
};

} // namespace sallyport::filters
