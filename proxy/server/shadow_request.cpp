// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/shadow_request.h"

#include "core/result/ascii_case.h"
#include "proxy/server/active_stream.h"
#include "proxy/server/upstream_tls.h"

#include <algorithm>

namespace sallyport::server {

namespace {

using http::Known;

/// A copy on its way. Kept by the worker until it ends.
class ShadowRequest final : public upstream::PoolCallbacks,
                            public http::ResponseDecoder,
                            public http::StreamCallbacks,
                            public net::Deferred
{
public:
    ShadowRequest(WorkerContext &worker, upstream::ClusterInfoPtr cluster, http::HeaderMapPtr headers,
                  net::Buffer body, http::HeaderMapPtr trailers)
        : m_worker(worker)
        , m_cluster(std::move(cluster))
        , m_headers(std::move(headers))
        , m_body(std::move(body))
        , m_trailers(std::move(trailers))
        , m_timeout(worker.dispatcher, [this] { end(true); })
    {
    }

    void start(upstream::HttpPool &pool)
    {
        m_startedAt = m_worker.dispatcher.now();
        m_timeout.arm(std::chrono::seconds(15));
        m_pending = pool.newStream(*this, *this);
    }

    void onPoolReady(std::unique_ptr<upstream::StreamLease> lease) override
    {
        m_lease = std::move(lease);
        m_pending.reset();
        http::RequestEncoder &encoder = m_lease->encoder();
        encoder.stream().setCallbacks(this);
        const bool bare = m_body.isEmpty() && !m_trailers;
        m_sent = bare;
        if (!encoder.encodeHeaders(*m_headers, bare)) {
            end(true);
            return;
        }
        if (!m_body.isEmpty()) {
            m_sent = !m_trailers;
            encoder.encodeData(m_body, !m_trailers);
        }
        if (m_trailers && !m_done) {
            m_sent = true;
            encoder.encodeTrailers(*m_trailers);
        }
    }
    void onPoolFailure(http::ResetReason, const std::string &, const upstream::HostPtr &) override
    {
        m_cluster->stats().chargeCode(503, {.internal = true});
        end(false);
    }
    void decodeInformational(http::HeaderMapPtr) override {}
    void decodeHeaders(http::HeaderMapPtr headers, bool endStream) override
    {
        if (m_done)
            return;
        m_cluster->stats().chargeCode(headers->status(), {.internal = true});
        if (m_lease && m_lease->host())
            m_lease->host()->countAnswer(headers->status());
        if (endStream)
            endAnswered();
    }
    void decodeData(net::Buffer &data, bool endStream) override
    {
        data.clear();
        if (endStream)
            endAnswered();
    }
    void decodeTrailers(http::HeaderMapPtr) override { endAnswered(); }
    void onResetStream(http::ResetReason, std::string_view) override { end(false); }
    void onAboveWriteBufferHighWatermark() override {}
    void onBelowWriteBufferLowWatermark() override {}

private:
    void endAnswered()
    {
        if (!m_done)
            m_cluster->stats().chargeTime(std::chrono::duration_cast<std::chrono::milliseconds>(
                                              m_worker.dispatcher.now() - m_startedAt),
                                          {.internal = true});
        end(false);
    }
    void end(bool reset)
    {
        if (m_done)
            return;
        m_done = true;
        m_timeout.cancel();
        m_pending.reset();
        if (m_lease) {
            m_lease->encoder().stream().setCallbacks(nullptr);
            if (reset || !m_sent)
                m_lease->encoder().stream().resetStream(http::ResetReason::LocalReset);
            m_lease.reset();
        }
        // Within start() nobody keeps it yet: then its maker does not either.
        if (std::unique_ptr<net::Deferred> self = m_worker.lingering->release(this))
            m_worker.dispatcher.deferredDelete(std::move(self));
    }

    WorkerContext &m_worker;
    upstream::ClusterInfoPtr m_cluster;
    http::HeaderMapPtr m_headers;
    net::Buffer m_body;
    http::HeaderMapPtr m_trailers;
    net::Timer m_timeout;
    net::Clock::time_point m_startedAt;
    std::unique_ptr<upstream::PendingStream> m_pending;
    std::unique_ptr<upstream::StreamLease> m_lease;
    bool m_sent = false;
    bool m_done = false;
};

/// `host` becomes `host-shadow`, before a port.
std::string shadowHost(std::string_view authority)
{
    const std::size_t colon = authority.rfind(':');
    const bool port = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
    const std::string_view host = port ? authority.substr(0, colon) : authority;
    return std::string(host) + "-shadow" + std::string(authority.substr(host.size()));
}

} // namespace

bool shouldShadow(const dataplane::MirrorPolicy &policy, std::uint64_t random)
{
    if (!policy.fraction || !policy.fraction->defaultValue)
        return true;
    return random % policy.fraction->defaultValue->denominatorValue() <
           policy.fraction->defaultValue->numerator;
}

void sendShadow(ActiveStream &stream, const dataplane::MirrorPolicy &policy, const http::HeaderMap &headers,
                const net::Buffer &body, const http::HeaderMap *trailers)
{
    WorkerContext &worker = stream.connection().worker();
    std::string name = policy.cluster;
    if (name.empty() && !policy.clusterHeader.empty()) {
        const std::string header = asciiLowered(policy.clusterHeader);
        name = headers.get(std::string_view(header));
    }
    telemetry::RouterStats &stats = worker.clusters.asyncClientStats();
    stats.total.inc();
    const upstream::ClusterInfoPtr cluster = worker.clusters.find(name);
    if (!cluster) {
        stats.noCluster.inc();
        return;
    }
    if (worker.lingering == nullptr)
        return;
    if (cluster->turnsAway() != upstream::TurnedAway::No) {
        cluster->stats().chargeCode(503, {.internal = true});
        return;
    }
    upstream::LbContext context;
    context.random = worker.random();
    const upstream::HostPtr host = worker.clusters.chooseHost(cluster, context, {});
    const bool http2 = cluster->usesHttp2();
    const net::TlsClientOverrides overrides =
        host && cluster->speaksTls(*host)
            ? upstreamTlsOverrides(*cluster, headers, stream.manager().alpn(),
                                   http2 ? http::Protocol::Http2 : http::Protocol::Http11)
            : net::TlsClientOverrides();
    const std::shared_ptr<upstream::HttpPool> pool =
        host ? worker.clusters.pool(cluster, host, http::Protocol::Http11, false, overrides) : nullptr;
    if (!pool) {
        cluster->stats().cxNoneHealthy.inc();
        return;
    }
    http::HeaderMapPtr copy = headers.clone();
    if (!policy.hostRewriteLiteral.empty())
        copy->set(Known::Authority, policy.hostRewriteLiteral);
    else if (!policy.disableShadowHostSuffix)
        copy->set(Known::Authority, shadowHost(copy->get(Known::Authority)));
    copy->set(Known::EnvoyInternal, "true");
    copy->append(Known::ForwardedFor, ownAddress().ipText(), ",");
    net::Buffer bodyCopy;
    bodyCopy.copyFrom(body);
    auto shadow =
        std::make_unique<ShadowRequest>(worker, cluster, std::move(copy), std::move(bodyCopy),
                                        trailers != nullptr ? trailers->clone() : http::HeaderMapPtr());
    ShadowRequest &request = *shadow;
    worker.lingering->keep(std::move(shadow));
    request.start(*pool);
}

} // namespace sallyport::server
