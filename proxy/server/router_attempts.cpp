// SPDX-License-Identifier: GPL-3.0-or-later
// One attempt after the other: hosts, pools, retries.
#include "core/result/ascii_case.h"
#include "proxy/http/required_headers.h"
#include "proxy/server/router.h"

#include "proxy/server/active_stream.h"
#include "proxy/server/hash_policy.h"
#include "proxy/server/upstream_tls.h"
#include "proxy/upstream/proxy_header.h"

#include <QJsonArray>
#include <algorithm>

namespace sallyport::server {

using http::Known;
using telemetry::ResponseFlag;

namespace {

/// Whether the host has each of the `envoy.lb` labels; of a list of its own, one element is enough.
bool hasBalancerLabels(const upstream::Host &host, const dataplane::Metadata &asked)
{
    const auto labelsIn = [](const dataplane::Metadata &metadata) {
        return metadata.filters.value(QLatin1String("envoy.lb")).toObject();
    };
    const QJsonObject labels = labelsIn(asked);
    const QJsonObject own = labelsIn(host.metadata());
    for (auto it = labels.constBegin(); it != labels.constEnd(); ++it) {
        const QJsonValue value = own.value(it.key());
        if (value.isArray() ? !value.toArray().contains(it.value()) : value != it.value())
            return false;
    }
    return true;
}

} // namespace

upstream::HostPtr Router::chooseHost(const http::HeaderMap &headers)
{
    upstream::LbContext context;
    context.random = m_stream.random();
    // Only who balances by a hash asks for one, and makes cookies for it.
    using Policy = dataplane::Cluster::LbPolicy;
    const Policy policyOfCluster = m_cluster->configuration().lbPolicy;
    if (!m_action->hashPolicies.empty() &&
        (policyOfCluster == Policy::RingHash || policyOfCluster == Policy::Maglev)) {
        const net::ConnectionAddresses &addresses = m_stream.connection().connection().addresses();
        m_setCookies.clear();
        context.hash = requestHash(m_action->hashPolicies, headers, m_stream.streamInfo().remoteAddress,
                                   addresses.remote.toString() + addresses.local.toString(),
                                   m_stream.streamInfo().filterState, m_setCookies);
    }
    QJsonObject criteria;
    const auto take = [&criteria](const std::optional<dataplane::Metadata> &metadata) {
        if (!metadata)
            return;
        const QJsonObject labels = metadata->filters.value(QLatin1String("envoy.lb")).toObject();
        for (auto it = labels.constBegin(); it != labels.constEnd(); ++it)
            criteria.insert(it.key(), it.value());
    };
    take(m_action->metadataMatch);
    if (m_weighted != nullptr)
        take(m_weighted->metadataMatch);
    if (!criteria.isEmpty())
        context.metadataMatch = &criteria;
    const dataplane::RetryPolicy *policy = m_action->retryPolicy         ? &*m_action->retryPolicy
                                           : m_route->host().retryPolicy ? &*m_route->host().retryPolicy
                                                                         : nullptr;
    if (m_attemptCount > 1 && policy != nullptr &&
        (policy->avoidPreviousHosts || policy->avoidCanaries || !policy->avoidedMetadata.empty())) {
        context.retryPicks =
            static_cast<std::uint64_t>(std::max<std::int64_t>(policy->hostSelectionMaxAttempts, 0));
        context.shouldRetry = [this, policy](const upstream::Host &host) {
            return (policy->avoidPreviousHosts &&
                    std::find(m_triedHosts.begin(), m_triedHosts.end(), &host) != m_triedHosts.end()) ||
                   (policy->avoidCanaries && host.isCanary()) ||
                   std::any_of(policy->avoidedMetadata.begin(), policy->avoidedMetadata.end(),
                               [&host](const dataplane::Metadata &avoided) {
                                   return hasBalancerLabels(host, avoided);
                               });
        };
    }
    if (m_attemptCount > 1 && m_triedPriorities)
        context.previousPriorities = &*m_triedPriorities;
    const net::ConnectionAddresses &addresses = m_stream.connection().connection().addresses();
    net::Address original = addresses.localRestored ? addresses.local : net::Address();
    if (m_cluster->configuration().type == dataplane::Cluster::Type::DynamicForwardProxy)
        original = m_stream.streamInfo().forwardProxyHost;
    if (m_cluster->configuration().originalDstHeader) {
        const std::string name = asciiLowered(*m_cluster->configuration().originalDstHeader);
        const std::string_view text = headers.get(std::string_view(name));
        if (const auto told = net::Address::parseHostPort(text))
            original = *told;
        else if (headers.find(std::string_view(name)))
            m_cluster->stats().originalDstHostInvalid.inc();
    }
    if (m_cluster->configuration().type == dataplane::Cluster::Type::OriginalDst) {
        const std::string_view told =
            m_stream.streamInfo().filterState.text(dataplane::originalDstAddressKey);
        if (const auto address = net::Address::parseHostPort(told))
            original = *address;
    }
    return m_stream.connection().worker().clusters.chooseHost(m_cluster, context, original);
}

bool Router::isTurnedAway()
{
    using upstream::TurnedAway;
    struct Answer
    {
        const char *body;
        const char *details;
        const char *header;
        ResponseFlag flag;
    };
    Answer answer{};
    switch (m_cluster->turnsAway()) {
    case TurnedAway::No:
        return false;
    case TurnedAway::Maintenance:
        answer = {"maintenance mode", "maintenance_mode", "x-envoy-overloaded",
                  ResponseFlag::UpstreamOverflow};
        break;
    case TurnedAway::DropOverload:
        answer = {"drop overload", "drop_overload", "x-envoy-drop-overload", ResponseFlag::DropOverload};
        break;
    case TurnedAway::UnconditionalDropOverload:
        answer = {"unconditional drop overload", "unconditional_drop_overload",
                  "x-envoy-unconditional-drop-overload", ResponseFlag::UnconditionalDropOverload};
        break;
    }
    chargeCode(503, nullptr);
    filters::LocalReply local;
    local.status = 503;
    local.body = answer.body;
    local.details = answer.details;
    local.flag = answer.flag;
    if (!m_stream.manager().router().suppressEnvoyHeaders)
        local.modifyHeaders = [header = std::string_view(answer.header)](http::HeaderMap &headers) {
            headers.set(header, "true");
        };
    m_stream.sendLocalReply(local);
    return true;
}

/// Whether the route has connect_config for this request.
bool Router::endsTunnel(const http::HeaderMap &headers) const
{
    const std::string_view method = headers.get(Known::Method);
    return std::any_of(m_action->upgrades.begin(), m_action->upgrades.end(),
                       [method](const dataplane::UpgradeConfig &upgrade) {
                           return upgrade.type == "connect" && upgrade.connect && upgrade.enabled &&
                                  (method == "CONNECT" || (method == "POST" && upgrade.allowPost));
                       });
}

bool Router::startAttempt(bool endStream)
{
    const http::HeaderMap &headers = m_stream.requestHeaders();
    const upstream::HostPtr host = m_attempt->host();
    if (m_retries)
        m_triedHosts.push_back(host.get());
    if (m_triedPriorities)
        m_triedPriorities->onTried(*host);
    UpstreamRequest *attempt = m_attempt.get();
    if (endsTunnel(headers)) {
        attempt->startTunnel(endStream);
        return m_attempt.get() == attempt;
    }
    const http::Protocol downstream = m_stream.connection().protocol();
    const bool http2 = m_cluster->usesHttp2() ||
                       (m_cluster->followsDownstreamProtocol() && downstream == http::Protocol::Http2);
    const net::TlsClientOverrides overrides =
        m_cluster->speaksTls(*host)
            ? upstreamTlsOverrides(*m_cluster, headers, m_stream.streamInfo().filterState,
                                   m_stream.manager().alpn(),
                                   http2 ? http::Protocol::Http2 : http::Protocol::Http11)
            : net::TlsClientOverrides();
    const net::ConnectionAddresses &client = m_stream.connection().connection().addresses();
    const bool tellsOfClient =
        client.proxied || m_stream.manager().configuration().addProxyProtocolConnectionState.value_or(true);
    const std::shared_ptr<upstream::HttpPool> pool = m_stream.connection().worker().clusters.pool(
        m_cluster, host, downstream, m_action->highPriority, overrides,
        tellsOfClient ? upstream::proxyHeaderFor(m_cluster->transportFor(*host), client) : std::string(),
        m_stream.streamInfo().filterState.hashable());
    if (!pool) {
        m_attempt.reset();
        replyNoHealthyUpstream();
        return false;
    }
    attempt->start(*pool, endStream);
    return m_attempt.get() == attempt;
}

void Router::onAttached(http::HeaderMap &headers, const upstream::Host &host)
{
    countForRoute(&telemetry::RouteStats::total);
    if (!m_action->autoHostRewrite || host.hostname().empty() ||
        headers.get(Known::Authority) == host.hostname())
        return;
    const std::string before(headers.get(Known::Authority));
    if (!m_stream.manager().router().suppressEnvoyHeaders)
        headers.set(Known::EnvoyOriginalHost, before);
    if (m_action->appendXForwardedHost)
        headers.append(Known::ForwardedHost, before, ",");
    headers.set(Known::Authority, host.hostname());
}

/// Whoever calls counts why.
void Router::replyNoHealthyUpstream()
{
    m_started = false;
    giveUpHedged();
    chargeCode(503, nullptr);
    reply(503, "no healthy upstream", "no_healthy_upstream", ResponseFlag::NoHealthyUpstream);
}

void Router::onUnsendable(UpstreamRequest &request)
{
    const std::string why = http::unsendableBecause(m_stream.requestHeaders());
    std::string details = "filter_removed_required_request_headers{" + why + '}';
    std::replace(details.begin(), details.end(), ' ', '_');
    removeAttempt(request);
    abort({503, ResponseFlag::DownstreamProtocolError, why, details, false});
}

void Router::removeAttempt(UpstreamRequest &request)
{
    if (m_attempt.get() == &request)
        dispatcher().deferredDelete(std::move(m_attempt));
    for (Hedged &hedged : m_hedged) {
        if (hedged.attempt.get() == &request)
            dispatcher().deferredDelete(std::move(hedged.attempt));
    }
    std::erase_if(m_hedged, [](const Hedged &hedged) { return !hedged.attempt; });
}

void Router::addMeters(telemetry::StreamInfo &info) const
{
    if (m_attempt)
        m_attempt->addMeters(info);
}

void Router::takeMeters()
{
    if (m_attempt)
        m_attempt->takeMeters();
}

void Router::leaveRetryBreaker()
{
    if (!m_inRetryBreaker)
        return;
    m_inRetryBreaker = false;
    m_cluster->breakers(m_action->highPriority).retries.dec();
}

bool Router::retry(UpstreamRequest &request, bool wouldRetry, After after)
{
    if (!m_retries || m_stream.responseStarted() || isHedged(request) || !takeRetry(wouldRetry))
        return false;
    request.host()->requestsError.fetch_add(1, std::memory_order_relaxed);
    scheduleRetry(after);
    return true;
}

bool Router::takeRetry(bool wouldRetry)
{
    upstream::ClusterStats &stats = m_cluster->stats();
    if (!wouldRetry) {
        if (m_inRetryBreaker) {
            stats.rqRetrySuccess.inc();
            countForRoute(&telemetry::RouteStats::retrySuccess);
        }
        leaveRetryBreaker();
        return false;
    }
    telemetry::StreamInfo &info = m_stream.streamInfo();
    if (!m_retries->take()) {
        // The retry before goes on counting as one: of a hedged request it may still succeed.
        stats.rqRetryLimitExceeded.inc();
        countForRoute(&telemetry::RouteStats::retryLimitExceeded);
        info.flags.set(ResponseFlag::UpstreamRetryLimitExceeded);
        return false;
    }
    leaveRetryBreaker();
    upstream::Breakers &breakers = m_cluster->breakers(m_action->highPriority);
    if (!breakers.canRetry()) {
        stats.rqRetryOverflow.inc();
        countForRoute(&telemetry::RouteStats::retryOverflow);
        info.flags.set(ResponseFlag::UpstreamOverflow);
        return false;
    }
    breakers.retries.inc();
    m_inRetryBreaker = true;
    return true;
}

void Router::scheduleRetry(After after)
{
    m_waitingForRetry = true;
    m_retryAfter = after;
    const upstream::RetryState::BackOff backOff = m_retries->nextBackOff(m_stream.random());
    m_backOffTimer.emplace(dispatcher(), [this, rateLimited = backOff.rateLimited] {
        // One that is given up while it waits is none.
        upstream::ClusterStats &stats = m_cluster->stats();
        stats.rqRetry.inc();
        countForRoute(&telemetry::RouteStats::retry);
        (rateLimited ? stats.rqRetryBackoffRateLimited : stats.rqRetryBackoffExponential).inc();
        doRetry();
    });
    m_backOffTimer->arm(backOff.wait);
}

void Router::doRetry()
{
    m_waitingForRetry = false;
    ++m_attemptCount;
    http::HeaderMap &headers = m_stream.requestHeaders();
    m_stream.streamInfo().attemptCount = m_attemptCount;
    const upstream::HostPtr host = chooseHost(headers);
    if (!host) {
        m_cluster->stats().cxNoneHealthy.inc();
        replyNoHealthyUpstream();
        return;
    }
    if (m_route->host().includeRequestAttemptCount)
        headers.setNumber(Known::EnvoyAttemptCount, m_attemptCount);
    const auto elapsed = m_requestComplete ? std::chrono::duration_cast<std::chrono::milliseconds>(
                                                 dispatcher().updateNow() - m_requestCompleteAt)
                                           : std::chrono::milliseconds(0);
    writeExpectedTimeout(headers, elapsed);
    if (m_route->host().includeIsTimeoutRetryHeader)
        headers.set(Known::EnvoyIsTimeoutRetry, m_retryAfter == After::Timeout ? "true" : "false");
    m_attempt = std::make_unique<UpstreamRequest>(*this, m_cluster, host);
    const bool bare = !m_hasBody && !m_trailers && m_requestComplete;
    if (!startAttempt(bare) || bare)
        return;
    UpstreamRequest *attempt = m_attempt.get();
    if (m_hasBody) {
        net::Buffer copy;
        copy.copyFrom(m_buffered);
        attempt->encodeData(copy, m_requestComplete && !m_trailers);
    }
    if (m_trailers && m_attempt.get() == attempt)
        attempt->encodeTrailers(*m_trailers);
}

} // namespace sallyport::server
