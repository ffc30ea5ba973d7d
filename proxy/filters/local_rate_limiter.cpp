// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/local_rate_limiter.h"

#include <algorithm>
#include <cmath>

namespace sallyport::filters {

TokenBucket::TokenBucket(const dataplane::TokenBucket &configuration)
    : m_most(configuration.maxTokens)
    , m_perSecond(configuration.tokensPerFill /
                  std::chrono::duration<double>(configuration.fillInterval).count())
    , m_tokens(configuration.maxTokens)
    , m_at(net::Clock::now())
{
}

bool TokenBucket::take(net::Clock::time_point now, std::uint64_t tokens)
{
    const std::lock_guard lock(m_mutex);
    fill(now);
    if (tokens == 0 || m_tokens < static_cast<double>(tokens))
        return false;
    m_tokens -= static_cast<double>(tokens);
    return true;
}

TokenBucket::Level TokenBucket::level(net::Clock::time_point now)
{
    const std::lock_guard lock(m_mutex);
    fill(now);
    if (m_tokens >= 1)
        return {static_cast<std::uint32_t>(m_tokens), {}};
    return {0, std::chrono::seconds(static_cast<std::int64_t>(std::ceil((1 - m_tokens) / m_perSecond)))};
}

void TokenBucket::fill(net::Clock::time_point now)
{
    if (now <= m_at)
        return;
    m_tokens =
        std::min<double>(m_most, m_tokens + std::chrono::duration<double>(now - m_at).count() * m_perSecond);
    m_at = now;
}

LocalRateLimiter::LocalRateLimiter(const dataplane::LocalRateLimit &configuration)
    : m_alwaysDefault(configuration.alwaysConsumeDefault)
    , m_mostOfWildcard(configuration.maxDynamicDescriptors)
{
    if (configuration.tokenBucket)
        m_default = std::make_shared<TokenBucket>(*configuration.tokenBucket);
    for (const dataplane::LocalRateLimitDescriptor &descriptor : configuration.descriptors) {
        const bool wild = std::any_of(descriptor.entries.begin(), descriptor.entries.end(),
                                      [](const auto &entry) { return entry.value.empty(); });
        if (wild)
            m_wildcards.push_back({descriptor, {}});
        else
            m_exact.emplace(descriptor.entries, Bucket{std::make_shared<TokenBucket>(descriptor.tokenBucket),
                                                       descriptor.shadowMode});
    }
}

std::optional<LocalRateLimiter::Bucket>
LocalRateLimiter::bucketOf(const dataplane::RateLimitDescriptor &asked)
{
    if (const auto exact = m_exact.find(asked); exact != m_exact.end())
        return exact->second;
    const std::lock_guard lock(m_mutex);
    for (Wildcard &wildcard : m_wildcards) {
        if (!dataplane::isAbout(wildcard.configuration.entries, asked))
            continue;
        auto &buckets = wildcard.buckets;
        const auto found = std::find_if(buckets.begin(), buckets.end(),
                                        [&](const auto &bucket) { return bucket.first == asked; });
        if (found != buckets.end()) {
            buckets.splice(buckets.begin(), buckets, found);
        } else {
            buckets.emplace_front(asked,
                                  Bucket{std::make_shared<TokenBucket>(wildcard.configuration.tokenBucket),
                                         wildcard.configuration.shadowMode});
            if (buckets.size() > m_mostOfWildcard)
                buckets.pop_back();
        }
        return buckets.front().second;
    }
    return std::nullopt;
}

LocalRateLimiter::Verdict LocalRateLimiter::ask(const std::vector<dataplane::DescribedRequest> &descriptors,
                                                net::Clock::time_point now)
{
    std::vector<std::pair<Bucket, std::uint64_t>> matched;
    for (const dataplane::DescribedRequest &descriptor : descriptors) {
        if (auto bucket = bucketOf(descriptor.entries))
            matched.emplace_back(*std::move(bucket), descriptor.hits);
    }
    std::stable_sort(matched.begin(), matched.end(), [](const auto &one, const auto &other) {
        return one.first.tokens->perSecond() < other.first.tokens->perSecond();
    });
    Verdict verdict{Verdict::Kind::Allowed, matched.empty() ? nullptr : matched.front().first.tokens};
    for (const auto &[bucket, hits] : matched) {
        if (bucket.tokens->take(now, hits))
            continue;
        if (!bucket.shadowMode)
            return {Verdict::Kind::Refused, bucket.tokens};
        if (verdict.kind == Verdict::Kind::Allowed)
            verdict = {Verdict::Kind::Shadowed, bucket.tokens};
    }
    if (m_default == nullptr || !(matched.empty() || m_alwaysDefault))
        return verdict;
    if (!m_default->take(now))
        return {Verdict::Kind::Refused, m_default};
    if (verdict.bucket == nullptr)
        verdict.bucket = m_default;
    return verdict;
}

} // namespace sallyport::filters
