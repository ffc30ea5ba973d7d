// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/shadow_request.h"

#include "core/result/ascii_case.h"
#include "proxy/server/active_stream.h"
#include "proxy/server/upstream_facts.h"
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
    ShadowRequest(std::shared_ptr<const HttpManager> manager, WorkerContext &worker,
                  upstream::ClusterInfoPtr cluster, http::HeaderMapPtr headers, net::Buffer body,
                  http::HeaderMapPtr trailers)
        : m_manager(std::move(manager))
        , m_worker(worker)
        , m_cluster(std::move(cluster))
        , m_headers(std::move(headers))
        , m_body(std::move(body))
        , m_trailers(std::move(trailers))
        , m_timeout(worker.dispatcher, [this] { end(true); })
    {
    }

    void start(upstream::HttpPool &pool, const upstream::Host &host)
    {
        m_startedAt = m_worker.dispatcher.now();
        m_info.startWall = std::chrono::system_clock::now();
        m_info.start = m_startedAt;
        m_info.upstreamRequestCreated = m_startedAt;
        m_info.upstreamCluster = m_cluster->observabilityName();
        m_info.upstreamClusterRaw = m_cluster->name();
        m_info.clusterMetadata = m_cluster->configuration().metadata.filters;
        m_info.upstreamHost = host.address();
        m_info.upstreamHostName = host.hostname();
        m_info.upstreamMetadata = host.metadata().filters;
        armLogTimer();
        m_timeout.arm(std::chrono::seconds(15));
        m_pending = pool.newStream(*this, *this);
    }

    void onPoolReady(std::unique_ptr<upstream::StreamLease> lease) override
    {
        m_lease = std::move(lease);
        m_pending.reset();
        http::RequestEncoder &encoder = m_lease->encoder();
        encoder.stream().setCallbacks(this);
        m_info.poolReady = m_worker.dispatcher.now();
        noteUpstreamConnection(m_info, *m_lease);
        if (m_manager->router().logPoolReady)
            writeLogs("UpstreamPoolReady");
        const bool bare = m_body.isEmpty() && !m_trailers;
        m_sent = bare;
        m_info.firstUpstreamTx = m_worker.dispatcher.now();
        m_info.lastUpstreamTx = m_info.firstUpstreamTx;
        m_info.bytesSent = m_body.size();
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
    void onPoolFailure(http::ResetReason reason, const std::string &transportFailure,
                       const upstream::HostPtr &) override
    {
        m_info.poolReady = m_worker.dispatcher.now();
        m_info.upstreamTransportFailure = transportFailure;
        noteReset(reason);
        m_cluster->stats().chargeCode(503, {.internal = true});
        end(false);
    }
    void decodeInformational(http::HeaderMapPtr) override {}
    void decodeHeaders(http::HeaderMapPtr headers, bool endStream) override
    {
        if (m_done)
            return;
        m_cluster->stats().chargeCode(headers->status(), {.internal = true});
        m_info.firstUpstreamRx = m_worker.dispatcher.now();
        m_info.responseCode = headers->status();
        m_info.responseHeaderBytes = headers->byteSize();
        m_answer = std::move(headers);
        if (m_lease && m_lease->host())
            m_lease->host()->countAnswer(m_info.responseCode);
        if (endStream)
            endAnswered();
    }
    void decodeData(net::Buffer &data, bool endStream) override
    {
        m_info.bytesReceived += data.size();
        data.clear();
        if (endStream)
            endAnswered();
    }
    void decodeTrailers(http::HeaderMapPtr trailers) override
    {
        m_info.responseTrailerBytes = trailers->byteSize();
        m_answerTrailers = std::move(trailers);
        endAnswered();
    }
    void onResetStream(http::ResetReason reason, std::string_view) override
    {
        noteReset(reason);
        end(false);
    }
    void onAboveWriteBufferHighWatermark() override {}
    void onBelowWriteBufferLowWatermark() override {}

private:
    void endAnswered()
    {
        m_info.lastUpstreamRx = m_worker.dispatcher.now();
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
        m_logTimer.reset();
        m_pending.reset();
        writeLogs("UpstreamEnd");
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

    void noteReset(http::ResetReason reason)
    {
        if (const auto flag = telemetry::flagOfReset(reason))
            m_info.flags.set(*flag);
    }
    void armLogTimer()
    {
        if (m_manager->upstreamLogs().empty() || m_manager->upstreamLogInterval.count() == 0)
            return;
        if (!m_logTimer) {
            m_logTimer.emplace(m_worker.dispatcher, [this] {
                writeLogs("UpstreamPeriodic");
                armLogTimer();
            });
        }
        m_logTimer->arm(m_manager->upstreamLogInterval);
    }
    /// The router's log; a copy knows nothing of the client.
    void writeLogs(std::string_view type)
    {
        if (m_manager->upstreamLogs().empty())
            return;
        telemetry::StreamInfo info = m_info;
        info.logType = type;
        info.end = m_worker.dispatcher.updateNow();
        info.protocol = info.upstreamProtocol;
        info.requestHeaderBytes = m_headers->byteSize();
        if (m_lease)
            addUpstreamBytes(info, m_lease->encoder().stream().bytes());
        const telemetry::LogContext context{
            info, m_headers.get(), m_answer.get(), m_answerTrailers.get(), {}};
        for (const auto &log : m_manager->upstreamLogs())
            log->log(context);
    }

    std::shared_ptr<const HttpManager> m_manager;
    WorkerContext &m_worker;
    upstream::ClusterInfoPtr m_cluster;
    telemetry::StreamInfo m_info;
    http::HeaderMapPtr m_answer;
    http::HeaderMapPtr m_answerTrailers;
    std::optional<net::Timer> m_logTimer;
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
    auto shadow = std::make_unique<ShadowRequest>(
        stream.sharedManager(), worker, cluster, std::move(copy), std::move(bodyCopy),
        trailers != nullptr ? trailers->clone() : http::HeaderMapPtr());
    ShadowRequest &request = *shadow;
    worker.lingering->keep(std::move(shadow));
    request.start(*pool, *host);
}

} // namespace sallyport::server
