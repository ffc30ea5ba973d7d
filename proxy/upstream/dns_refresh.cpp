// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/dns_refresh.h"

#include "proxy/upstream/whole_milliseconds.h"

#include <algorithm>

namespace sallyport::upstream {

namespace {

using std::chrono::milliseconds;

milliseconds atLeastOne(milliseconds wait)
{
    return std::max(wait, milliseconds(1));
}

/// Less than `window`.
milliseconds within(milliseconds window, std::uint64_t random)
{
    return milliseconds(random % static_cast<std::uint64_t>(window.count()));
}

} // namespace

milliseconds DnsRefresh::afterAnswer(const dataplane::Cluster &configuration, std::chrono::seconds ttl,
                                     std::uint64_t random)
{
    m_backOff = milliseconds(0);
    milliseconds wait = wholeMilliseconds(configuration.dnsRefreshRate);
    if (configuration.respectDnsTtl && ttl.count() > 0)
        wait = ttl;
    if (const milliseconds jitter = wholeMilliseconds(configuration.dnsJitter); jitter.count() > 0)
        wait += within(jitter, random);
    return atLeastOne(wait);
}

milliseconds DnsRefresh::afterFailure(const dataplane::Cluster &configuration, std::uint64_t random)
{
    if (!configuration.dnsFailureRefreshRate)
        return atLeastOne(wholeMilliseconds(configuration.dnsRefreshRate));
    const milliseconds base = wholeMilliseconds(*configuration.dnsFailureRefreshRate);
    const milliseconds most = wholeMilliseconds(configuration.dnsFailureMaxInterval.value_or(10 * base));
    const milliseconds now = std::min(m_backOff.count() > 0 ? m_backOff : base, most);
    m_backOff = std::min(2 * now, most);
    return atLeastOne(within(atLeastOne(now), random));
}

} // namespace sallyport::upstream
