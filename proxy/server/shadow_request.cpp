// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/shadow_request.h"

#include "core/result/ascii_case.h"
#include "proxy/server/active_stream.h"
#include "proxy/server/arriving_request.h"
#include "proxy/server/upstream_facts.h"
#include "proxy/server/upstream_tls.h"

#include <algorithm>
#include <utility>

namespace sallyport::server {

namespace {

using http::Known;

/// Kept by the worker until it ends.
class UpstreamShadow final : public ShadowRequest,
                             public upstream::PoolCallbacks,
                             public http::ResponseDecoder,
                             public http::StreamCallbacks,
                             public net::Deferred
{
public:
    UpstreamShadow(std::shared_ptr<const HttpManager> manager, WorkerContext &worker,
                   upstream::ClusterInfoPtr cluster, upstream::HostPtr host, http::HeaderMapPtr headers,
                   std::chrono::milliseconds limit)
        : m_manager(std::move(manager))
        , m_worker(worker)
        , m_cluster(std::move(cluster))
        , m_host(std::move(host))
        , m_headers(std::move(headers))
        , m_limit(limit)
        , m_timeout(worker.dispatcher, [this] { onTimeout(); })
    {
    }

    /// With the worker it may go before it has ended: nobody is told.
    ~UpstreamShadow() override
    {
        m_done = true;
        if (m_lease)
            m_lease->abandon();
    }

    /// False: it has failed at once.
    bool start(upstream::HttpPool &pool, bool endStream)
    {
        m_endStream = endStream;
        m_startedAt = m_worker.dispatcher.now();
        m_info.startWall = std::chrono::system_clock::now();
        m_info.start = m_startedAt;
        m_info.upstreamRequestCreated = m_startedAt;
        m_info.upstreamCluster = m_cluster->observabilityName();
        m_info.upstreamClusterRaw = m_cluster->name();
        m_info.clusterMetadata = m_cluster->configuration().metadata.filters;
        m_info.upstreamHost = m_host->address();
        m_info.upstreamHostName = m_host->hostname();
        m_info.upstreamMetadata = m_host->metadata().filters;
        armLogTimer();
        m_pending = pool.newStream(*this, *this);
        if (endStream)
            onComplete();
        return !m_done;
    }
    /// Who feeds it, until its end has come.
    void setFeed(ShadowedRequest *feed) { m_feed = feed; }

    void sendData(const net::Buffer &data, bool endStream) override
    {
        if (m_done)
            return;
        m_endStream = endStream;
        if (endStream)
            leaveFeed();
        net::Buffer copy;
        copy.copyFrom(data);
        if (!m_lease || m_waitForTunnel) {
            m_held.move(copy);
            m_holdsBody = true;
            pauseFeed(m_held.size() > m_cluster->configuration().perConnectionBufferLimit);
        } else {
            m_sent = endStream;
            m_info.bytesSent += copy.size();
            m_info.lastUpstreamTx = m_worker.dispatcher.now();
            m_lease->encoder().encodeData(copy, endStream);
        }
        if (endStream)
            onComplete();
    }
    void sendTrailers(const http::HeaderMap &trailers) override
    {
        if (m_done)
            return;
        m_endStream = true;
        leaveFeed();
        if (!m_lease || m_waitForTunnel) {
            m_trailers = trailers.clone();
        } else {
            m_sent = true;
            m_info.lastUpstreamTx = m_worker.dispatcher.now();
            m_lease->encoder().encodeTrailers(trailers);
        }
        onComplete();
    }
    void cancel() override
    {
        m_feed = nullptr;
        end(true);
    }

    void onPoolReady(std::unique_ptr<upstream::StreamLease> lease) override
    {
        m_lease = std::move(lease);
        m_pending.reset();
        http::RequestEncoder &encoder = m_lease->encoder();
        encoder.stream().setCallbacks(this);
        m_info.poolReady = m_worker.dispatcher.now();
        m_lease->cluster().onConnected(*m_host);
        noteUpstreamConnection(m_info, *m_lease);
        if (m_manager->router().logPoolReady)
            writeLogs("UpstreamPoolReady");
        const bool nothingFollows = m_endStream && !m_holdsBody && !m_trailers;
        m_sent = nothingFollows;
        m_info.firstUpstreamTx = m_worker.dispatcher.now();
        m_info.lastUpstreamTx = m_info.firstUpstreamTx;
        m_waitForTunnel = isUpgradeRequest(*m_headers);
        if (!encoder.encodeHeaders(*m_headers, nothingFollows)) {
            end(true);
            return;
        }
        if (!nothingFollows && !m_waitForTunnel)
            sendHeld();
    }
    void onPoolFailure(http::ResetReason reason, const std::string &transportFailure,
                       const upstream::HostPtr &) override
    {
        m_info.poolReady = m_worker.dispatcher.now();
        m_info.upstreamTransportFailure = transportFailure;
        noteReset(reason);
        if (reason != http::ResetReason::Overflow)
            m_cluster->onLocalOriginFailure(*m_host, reason);
        m_cluster->stats().chargeCode(503, {.internal = true});
        end(false);
    }
    void decodeInformational(http::HeaderMapPtr) override {}
    void decodeHeaders(http::HeaderMapPtr headers, bool endStream) override
    {
        if (m_done)
            return;
        m_cluster->onHttpResult(*m_host, *headers);
        m_cluster->stats().chargeCode(headers->status(), {.internal = true});
        m_info.firstUpstreamRx = m_worker.dispatcher.now();
        m_info.responseCode = headers->status();
        m_info.responseHeaderBytes = headers->byteSize();
        m_answer = std::move(headers);
        m_host->countAnswer(m_info.responseCode);
        if (endStream) {
            endAnswered();
        } else if (m_info.responseCode == 101) {
            m_timeout.cancel();
            if (std::exchange(m_waitForTunnel, false))
                sendHeld();
        }
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
        m_lease->onReset(reason);
        m_cluster->onLocalOriginFailure(*m_host, reason);
        noteReset(reason);
        if (!m_answer) {
            const unsigned status = reason == http::ResetReason::ProtocolError ? 502 : 503;
            m_host->countAnswer(status);
            m_cluster->stats().chargeCode(status, {.internal = true});
        }
        end(false);
    }
    void onAboveWriteBufferHighWatermark() override
    {
        m_cluster->stats().flowBackedUp.inc();
        pauseFeed(true);
    }
    void onBelowWriteBufferLowWatermark() override
    {
        m_cluster->stats().flowDrained.inc();
        pauseFeed(false);
    }

private:
    void sendHeld()
    {
        pauseFeed(false);
        http::RequestEncoder &encoder = m_lease->encoder();
        if (m_holdsBody) {
            m_sent = m_endStream && !m_trailers;
            m_info.bytesSent += m_held.size();
            net::Buffer data = std::move(m_held);
            encoder.encodeData(data, m_sent);
        }
        if (m_trailers && !m_done) {
            m_sent = true;
            encoder.encodeTrailers(*m_trailers);
        }
    }
    /// The request has been received as a whole: from now on the answer may be awaited.
    void onComplete()
    {
        if (!m_done && m_limit.count() > 0)
            m_timeout.arm(m_limit);
    }
    void onTimeout()
    {
        m_cluster->stats().rqTimeout.inc();
        m_host->requestsTimeout.fetch_add(1, std::memory_order_relaxed);
        m_info.flags.set(telemetry::ResponseFlag::UpstreamRequestTimeout);
        if (!m_answer) {
            m_cluster->onLocalOriginTimeout(*m_host);
            m_host->countAnswer(504);
            m_cluster->stats().chargeCode(504, {.internal = true});
        }
        end(true);
    }
    void pauseFeed(bool pause)
    {
        if (m_feed != nullptr && std::exchange(m_paused, pause) != pause)
            m_feed->pauseForShadow(pause);
    }
    void leaveFeed()
    {
        pauseFeed(false);
        m_feed = nullptr;
    }
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
        if (m_feed != nullptr) {
            pauseFeed(false);
            std::exchange(m_feed, nullptr)->onShadowEnd(*this);
        }
        writeLogs("UpstreamEnd");
        if (m_lease) {
            if (reset || !m_sent)
                m_lease->abandon();
            else
                m_lease->encoder().stream().setCallbacks(nullptr);
            m_lease.reset();
        }
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
    upstream::HostPtr m_host;
    telemetry::StreamInfo m_info;
    http::HeaderMapPtr m_answer;
    http::HeaderMapPtr m_answerTrailers;
    std::optional<net::Timer> m_logTimer;
    http::HeaderMapPtr m_headers;
    net::Buffer m_held; ///< body that waits for the connection, or for the upgrade to be granted
    http::HeaderMapPtr m_trailers;
    ShadowedRequest *m_feed = nullptr;
    std::chrono::milliseconds m_limit;
    net::Timer m_timeout;
    net::Clock::time_point m_startedAt;
    std::unique_ptr<upstream::PendingStream> m_pending;
    std::unique_ptr<upstream::StreamLease> m_lease;
    bool m_holdsBody = false; ///< in `m_held`, or an empty one
    bool m_endStream = false;
    bool m_waitForTunnel = false;
    bool m_paused = false;
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

ShadowRequest *startShadow(ActiveStream &stream, ShadowedRequest &request,
                           const dataplane::MirrorPolicy &policy, const http::HeaderMap &headers,
                           bool endStream, std::chrono::milliseconds timeout)
{
    WorkerContext &worker = stream.connection().worker();
    std::string name = policy.cluster;
    if (name.empty() && !policy.clusterHeader.empty()) {
        const std::string header = asciiLowered(policy.clusterHeader);
        name = headers.get(std::string_view(header));
    }
    const upstream::ClusterInfoPtr cluster = worker.clusters.find(name);
    if (!cluster || worker.lingering == nullptr)
        return nullptr;
    worker.clusters.asyncClientStats().total.inc();
    if (cluster->turnsAway() != upstream::TurnedAway::No) {
        cluster->stats().chargeCode(503, {.internal = true});
        return nullptr;
    }
    upstream::LbContext context;
    context.random = worker.random();
    const upstream::HostPtr host = worker.clusters.chooseHost(cluster, context, {});
    const bool http2 = cluster->usesHttp2();
    const net::TlsClientOverrides overrides =
        host && cluster->speaksTls(*host)
            ? upstreamTlsOverrides(*cluster, headers, {}, stream.manager().alpn(),
                                   http2 ? http::Protocol::Http2 : http::Protocol::Http11)
            : net::TlsClientOverrides();
    const std::shared_ptr<upstream::HttpPool> pool =
        host ? worker.clusters.pool(cluster, host, http::Protocol::Http11, false, overrides) : nullptr;
    if (!pool) {
        cluster->stats().cxNoneHealthy.inc();
        cluster->stats().chargeCode(503, {.internal = true});
        return nullptr;
    }
    http::HeaderMapPtr copy = headers.clone();
    if (!policy.hostRewriteLiteral.empty())
        copy->set(Known::Authority, policy.hostRewriteLiteral);
    else if (!policy.disableShadowHostSuffix)
        copy->set(Known::Authority, shadowHost(copy->get(Known::Authority)));
    copy->set(Known::EnvoyInternal, "true");
    copy->append(Known::ForwardedFor, ownAddress().ipText(), ",");
    auto made = std::make_unique<UpstreamShadow>(stream.sharedManager(), worker, cluster, host,
                                                 std::move(copy), timeout);
    UpstreamShadow &shadow = *made;
    worker.lingering->keep(std::move(made));
    if (!shadow.start(*pool, endStream) || endStream)
        return nullptr;
    shadow.setFeed(&request);
    return &shadow;
}

} // namespace sallyport::server
