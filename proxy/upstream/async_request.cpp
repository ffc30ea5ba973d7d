// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/async_request.h"

#include <utility>

namespace sallyport::upstream {

namespace {

using Failure = AsyncAnswer::Failure;

/// An answer is a decision, not a download.
constexpr std::size_t MostBody = std::size_t{1} << 20U;

/// Outlives the event that ended it.
struct Remains final : net::Deferred
{
    explicit Remains(std::shared_ptr<void> ended)
        : request(std::move(ended))
    {
    }
    std::shared_ptr<void> request;
};

} // namespace

AsyncRequest::AsyncRequest(ClusterManager &clusters, http::HeaderMapPtr headers, std::string body,
                           OnAnswer onAnswer)
    : m_clusters(clusters)
    , m_headers(std::move(headers))
    , m_body(std::move(body))
    , m_onAnswer(std::move(onAnswer))
    , m_timer(clusters.dispatcher(), [this] { onTimeout(); })
{
}

std::shared_ptr<AsyncRequest> AsyncRequest::send(ClusterManager &clusters, const std::string &cluster,
                                                 http::HeaderMapPtr headers, std::string body,
                                                 std::chrono::milliseconds timeout, std::uint64_t random,
                                                 OnAnswer onAnswer)
{
    std::shared_ptr<AsyncRequest> request(
        new AsyncRequest(clusters, std::move(headers), std::move(body), std::move(onAnswer)));
    request->m_self = request;
    request->start(cluster, timeout, random);
    return request;
}

void AsyncRequest::start(const std::string &cluster, std::chrono::milliseconds timeout, std::uint64_t random)
{
    m_clusters.asyncClientStats().total.inc();
    m_cluster = m_clusters.find(cluster);
    if (!m_cluster) {
        m_clusters.asyncClientStats().noCluster.inc();
        end(Failure::NoCluster);
        return;
    }
    LbContext context;
    context.random = random;
    if (m_cluster->turnsAway() != TurnedAway::No) {
        m_cluster->stats().chargeCode(503, {.internal = true});
        end(Failure::NoHost);
        return;
    }
    m_host = m_clusters.chooseHost(m_cluster, context, {});
    const std::shared_ptr<HttpPool> pool =
        m_host ? m_clusters.pool(m_cluster, m_host, http::Protocol::Http11, false, {}) : nullptr;
    if (!pool) {
        m_cluster->stats().cxNoneHealthy.inc();
        m_cluster->stats().chargeCode(503, {.internal = true});
        end(Failure::NoHost);
        return;
    }
    m_startedAt = m_clusters.dispatcher().updateNow();
    if (timeout.count() > 0)
        m_timer.arm(timeout);
    std::unique_ptr<PendingStream> pending = pool->newStream(*this, *this);
    if (m_self && !m_lease)
        m_pending = std::move(pending);
}

void AsyncRequest::onTimeout()
{
    m_cluster->stats().rqTimeout.inc();
    m_host->requestsTimeout.fetch_add(1, std::memory_order_relaxed);
    if (!m_answer.headers) {
        m_cluster->stats().chargeCode(504, {.internal = true});
        m_cluster->onLocalOriginTimeout(*m_host);
    }
    end(Failure::Timeout);
}

void AsyncRequest::cancel()
{
    m_onAnswer = nullptr;
    end(Failure::Reset);
}

void AsyncRequest::letGo(bool complete)
{
    m_timer.cancel();
    m_pending.reset();
    if (!m_lease)
        return;
    m_lease->encoder().stream().setCallbacks(nullptr);
    if (!complete && !m_streamOver)
        m_lease->abandon();
    m_lease.reset();
}

void AsyncRequest::end(Failure failure)
{
    const std::shared_ptr<AsyncRequest> self = std::move(m_self);
    m_self.reset();
    if (!self)
        return;
    if (failure == Failure::None)
        m_cluster->stats().chargeTime(std::chrono::duration_cast<std::chrono::milliseconds>(
                                          m_clusters.dispatcher().updateNow() - m_startedAt),
                                      {.internal = true});
    letGo(failure == Failure::None || failure == Failure::Connection);
    m_clusters.dispatcher().deferredDelete(std::make_unique<Remains>(self));
    m_answer.failure = failure;
    if (failure != Failure::None) {
        m_answer.headers.reset();
        m_answer.body.clear();
    }
    if (const OnAnswer onAnswer = std::move(m_onAnswer))
        onAnswer(std::move(m_answer));
}

void AsyncRequest::onPoolReady(std::unique_ptr<StreamLease> lease)
{
    m_lease = std::move(lease);
    m_pending.reset();
    if (m_lease->host())
        m_cluster->onConnected(*m_lease->host());
    http::RequestEncoder &encoder = m_lease->encoder();
    encoder.stream().setCallbacks(this);
    if (!encoder.encodeHeaders(*m_headers, m_body.empty())) {
        end(Failure::Reset);
        return;
    }
    if (!m_body.empty()) {
        net::Buffer body(m_body);
        encoder.encodeData(body, true);
    }
}

void AsyncRequest::onPoolFailure(http::ResetReason reason, const std::string &, const HostPtr &host)
{
    m_cluster->stats().chargeCode(503, {.internal = true});
    if (host)
        m_cluster->onLocalOriginFailure(*host, reason);
    end(Failure::Connection);
}

/// One is heard of, and only of those that have a meaning, as of answers to requests that pass through.
void AsyncRequest::decodeInformational(http::HeaderMapPtr headers)
{
    if (m_self && headers->status() <= 104 && !std::exchange(m_informed, true))
        m_cluster->stats().chargeCode(headers->status(), {.internal = true});
}

void AsyncRequest::decodeHeaders(http::HeaderMapPtr headers, bool endStream)
{
    if (!m_self)
        return;
    const HostPtr host = m_lease ? m_lease->host() : nullptr;
    m_cluster->stats().chargeCode(
        headers->status(),
        {.internal = true, .zone = host ? std::string_view(host->locality().zone) : std::string_view()});
    if (host) {
        host->countAnswer(headers->status());
        m_cluster->onHttpResult(*host, *headers);
        if (headers->has(http::Known::EnvoyImmediateHealthCheckFail))
            m_cluster->onImmediateFailure(host);
    }
    // Requests of filters go through a router too, which says how long the service took.
    headers->setNumber(http::Known::EnvoyUpstreamServiceTime,
                       static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                                      m_clusters.dispatcher().updateNow() - m_startedAt)
                                                      .count()));
    m_answer.headers = std::move(headers);
    if (endStream)
        end(Failure::None);
}

void AsyncRequest::decodeData(net::Buffer &data, bool endStream)
{
    if (m_self)
        m_answer.body += data.toString();
    data.clear();
    if (m_answer.body.size() > MostBody)
        end(Failure::TooLarge);
    else if (endStream)
        end(Failure::None);
}

void AsyncRequest::decodeTrailers(http::HeaderMapPtr)
{
    end(Failure::None);
}

void AsyncRequest::onResetStream(http::ResetReason reason, std::string_view)
{
    if (!m_self)
        return;
    m_streamOver = true;
    if (m_lease)
        m_lease->onReset(reason);
    if (!m_answer.headers)
        m_cluster->stats().chargeCode(reason == http::ResetReason::ProtocolError ? 502 : 503,
                                      {.internal = true});
    if (m_lease && m_lease->host())
        m_cluster->onLocalOriginFailure(*m_lease->host(), reason);
    end(Failure::Reset);
}

} // namespace sallyport::upstream
