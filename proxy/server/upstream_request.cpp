// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/upstream_request.h"

#include "proxy/server/active_stream.h"
#include "proxy/server/upstream_facts.h"
#include "proxy/upstream/tcp_tunnel.h"

namespace sallyport::server {

using http::Known;

UpstreamRequest::UpstreamRequest(Router &router, upstream::ClusterInfoPtr cluster, upstream::HostPtr host)
    : m_router(router)
    , m_cluster(std::move(cluster))
    , m_host(std::move(host))
{
}

UpstreamRequest::~UpstreamRequest()
{
    if (m_lease && !m_done)
        m_lease->encoder().stream().setCallbacks(nullptr);
}

void UpstreamRequest::start(upstream::HttpPool &pool, bool endStream)
{
    noteStart(endStream);
    m_pending = pool.newStream(*this, *this, m_router.stream().streamInfo().filterState.sharedWithUpstream());
}

void UpstreamRequest::startTunnel(bool endStream)
{
    noteStart(endStream);
    m_pending =
        upstream::openTcpTunnel(m_router.dispatcher(), m_cluster, m_host,
                                m_router.stream().connection().connection().addresses(), *this, *this);
}

void UpstreamRequest::noteStart(bool endStream)
{
    m_endStream = endStream;
    telemetry::StreamInfo &info = m_router.stream().streamInfo();
    // What an attempt before came to is not this one's.
    info.forgetUpstream();
    info.upstreamRequestCreated = m_router.dispatcher().now();
    info.upstreamHost = m_host->address();
    info.upstreamHostName = m_host->hostname();
    info.upstreamMetadata = m_host->metadata().filters;
    if (!m_router.stream().manager().upstreamLogs().empty())
        m_startWall = std::chrono::system_clock::now();
    m_start = *info.upstreamRequestCreated;
    armLogTimer();
}

void UpstreamRequest::onPoolReady(std::unique_ptr<upstream::StreamLease> lease)
{
    m_lease = std::move(lease);
    m_pending.reset();
    ActiveStream &stream = m_router.stream();
    telemetry::StreamInfo &info = stream.streamInfo();
    http::RequestEncoder &encoder = m_lease->encoder();
    info.poolReady = m_router.dispatcher().now();
    m_lease->cluster().onConnected(*m_host);
    m_router.takeHedgedMeters();
    noteUpstreamConnection(info, *m_lease);
    info.upstreamFilterState = m_lease->sharedState();
    if (net::Connection *connection = m_lease->connection()) {
        using Step = net::IoHandler::Step;
        connection->goesThrough(Step::Request, this);
        connection->goesThrough(Step::Stream, &stream);
        connection->goesThrough(Step::Downstream, &stream.connection());
        connection->goesThrough(Step::Answer, &stream.connection().connection());
    }
    encoder.stream().setCallbacks(this);
    http::HeaderMap &headers = stream.requestHeaders();
    m_router.onAttached(headers, *m_host);
    if (stream.manager().router().logPoolReady)
        writeLogs("UpstreamPoolReady");
    stream.injectTrace(headers);
    const bool connect = headers.get(Known::Method) == "CONNECT";
    m_waitForTunnel = connect || stream.isUpgrade();
    if (stream.requestComplete() || stream.isWebSocket())
        startPerTryTimer();
    limitDuration();
    const bool nothingFollows = m_endStream && !m_holdsBody && !m_heldTrailers;
    info.firstUpstreamTx = m_router.dispatcher().now();
    if (!encoder.encodeHeaders(headers, nothingFollows)) {
        m_lease->abandon();
        finishLogs();
        m_router.onUnsendable(*this);
        return;
    }
    m_router.onRequestBytesSent();
    if (nothingFollows) {
        m_sentEnd = true;
        info.lastUpstreamTx = info.firstUpstreamTx;
        return;
    }
    if (!m_waitForTunnel)
        sendHeld();
}

void UpstreamRequest::sendHeld()
{
    if (m_pausedForHeld) {
        m_pausedForHeld = false;
        m_router.stream().pauseRequest(false);
    }
    http::RequestEncoder &encoder = m_lease->encoder();
    if (!m_held.isEmpty() || (m_endStream && !m_heldTrailers)) {
        const bool end = m_endStream && !m_heldTrailers;
        net::Buffer data = std::move(m_held);
        m_sentEnd = m_sentEnd || end;
        m_bytesSent += data.size();
        if (end)
            m_router.stream().streamInfo().lastUpstreamTx = m_router.dispatcher().now();
        encoder.encodeData(data, end);
        if (m_done || !m_lease)
            return;
    }
    if (m_heldTrailers) {
        const http::HeaderMapPtr trailers = std::move(m_heldTrailers);
        m_sentEnd = true;
        m_router.stream().streamInfo().lastUpstreamTx = m_router.dispatcher().now();
        encoder.encodeTrailers(*trailers);
    }
}

void UpstreamRequest::onPoolFailure(http::ResetReason reason, const std::string &transportFailure,
                                    const upstream::HostPtr &host)
{
    m_pending.reset();
    m_done = true;
    telemetry::StreamInfo &info = m_router.stream().streamInfo();
    m_refused = !host;
    if (!host) {
        info.upstreamHost = {};
        info.upstreamHostName.clear();
    }
    info.poolReady = m_router.dispatcher().now();
    info.upstreamTransportFailure = transportFailure;
    noteReset(reason);
    finishLogs();
    m_router.onUpstreamReset(*this, reason, transportFailure);
}

void UpstreamRequest::encodeData(net::Buffer &data, bool endStream)
{
    m_endStream = m_endStream || endStream;
    if (m_done)
        return;
    if (!m_lease || m_waitForTunnel) {
        m_held.move(data);
        m_holdsBody = true;
        if (!m_pausedForHeld && m_held.size() > m_cluster->configuration().perConnectionBufferLimit) {
            m_pausedForHeld = true;
            m_router.stream().pauseRequest(true);
        }
        return;
    }
    if (endStream) {
        m_sentEnd = true;
        m_router.stream().streamInfo().lastUpstreamTx = m_router.dispatcher().now();
    }
    m_bytesSent += data.size();
    m_lease->encoder().encodeData(data, endStream);
    armIdleTimer();
}

void UpstreamRequest::encodeTrailers(const http::HeaderMap &trailers)
{
    m_endStream = true;
    if (m_done)
        return;
    if (!m_lease || m_waitForTunnel) {
        m_heldTrailers = trailers.clone();
        return;
    }
    m_sentEnd = true;
    m_router.stream().streamInfo().lastUpstreamTx = m_router.dispatcher().now();
    m_lease->encoder().encodeTrailers(trailers);
}

void UpstreamRequest::reset()
{
    if (m_done)
        return;
    m_done = true;
    resumeDownstream();
    if (m_pausedForHeld) {
        m_pausedForHeld = false;
        m_router.stream().pauseRequest(false);
    }
    m_perTryTimer.reset();
    m_perTryIdleTimer.reset();
    m_durationTimer.reset();
    m_pending.reset();
    if (!m_lease) {
        finishLogs();
        return;
    }
    // That it is given up is sent, too.
    m_lease->abandon();
    takeMeters();
    finishLogs();
    m_lease.reset();
}

void UpstreamRequest::finish()
{
    if (m_done)
        return;
    if (!m_sentEnd) {
        // Answered before everything was sent: the connection cannot be used again.
        reset();
        return;
    }
    m_done = true;
    resumeDownstream();
    m_perTryTimer.reset();
    m_perTryIdleTimer.reset();
    m_durationTimer.reset();
    finishLogs();
    m_lease.reset();
}

void UpstreamRequest::takeMeters()
{
    if (!m_lease || std::exchange(m_metersTaken, true))
        return;
    addUpstreamBytes(m_router.stream().streamInfo(), m_lease->encoder().stream().bytes());
}

void UpstreamRequest::readDisable(bool disable)
{
    if (!m_lease || m_done)
        return;
    upstream::ClusterStats &stats = m_cluster->stats();
    (disable ? stats.flowPausedReading : stats.flowResumedReading).inc();
    m_lease->encoder().stream().readDisable(disable);
}

void UpstreamRequest::startPerTryTimer()
{
    if (m_router.perTryTimeout().count() > 0 && !m_perTryTimer) {
        m_perTryTimer.emplace(m_router.dispatcher(), [this] {
            if (m_router.stream().responseStarted())
                return;
            m_flags.set(telemetry::ResponseFlag::UpstreamRequestTimeout);
            m_router.onPerTryTimeout(*this, false);
        });
        m_perTryTimer->arm(m_router.perTryTimeout());
    }
    armIdleTimer();
}

void UpstreamRequest::armIdleTimer()
{
    if (m_router.perTryIdleTimeout().count() == 0 || !m_router.stream().requestComplete())
        return;
    if (!m_perTryIdleTimer) {
        m_perTryIdleTimer.emplace(m_router.dispatcher(), [this] {
            m_flags.set(telemetry::ResponseFlag::StreamIdleTimeout);
            m_router.onPerTryTimeout(*this, true);
        });
    }
    m_perTryIdleTimer->arm(m_router.perTryIdleTimeout());
}

/// The cluster's max_stream_duration.
void UpstreamRequest::limitDuration()
{
    using std::chrono::milliseconds;
    milliseconds limit{0};
    if (const auto &options = m_cluster->configuration().http; options && options->common.maxStreamDuration)
        limit = std::chrono::ceil<milliseconds>(*options->common.maxStreamDuration);
    limit = m_router.attemptDuration().value_or(limit);
    if (limit.count() <= 0)
        return;
    m_durationTimer.emplace(m_router.dispatcher(), [this] { m_router.onMaxStreamDuration(*this); });
    m_durationTimer->arm(limit);
}

void UpstreamRequest::decodeInformational(http::HeaderMapPtr headers)
{
    if (!m_done)
        m_router.onInformational(*this, std::move(headers));
}

void UpstreamRequest::decodeHeaders(http::HeaderMapPtr headers, bool endStream)
{
    if (m_done)
        return;
    telemetry::StreamInfo &info = m_router.stream().streamInfo();
    info.firstUpstreamRx = m_router.dispatcher().updateNow();
    if (endStream) {
        info.lastUpstreamRx = info.firstUpstreamRx;
        takeMeters();
    }
    m_awaitingHeaders = false;
    armIdleTimer();
    const unsigned status = headers->status();
    m_status = status;
    if (m_cluster->stats().sizes)
        m_responseSize.emplace(headers->byteSize(), headers->size());
    if (!m_router.stream().manager().upstreamLogs().empty())
        m_responseHeaders = headers->clone();
    const bool granted =
        status == 101 ||
        (status >= 200 && status < 300 && m_router.stream().requestHeaders().get(Known::Method) == "CONNECT");
    if (m_waitForTunnel && granted) {
        m_waitForTunnel = false;
        m_router.onUpstreamHeaders(*this, std::move(headers), endStream);
        if (!m_done && m_lease)
            sendHeld();
        return;
    }
    m_router.onUpstreamHeaders(*this, std::move(headers), endStream);
}

void UpstreamRequest::decodeData(net::Buffer &data, bool endStream)
{
    if (m_done) {
        data.clear();
        return;
    }
    if (endStream) {
        m_router.stream().streamInfo().lastUpstreamRx = m_router.dispatcher().updateNow();
        takeMeters();
    }
    m_bytesReceived += data.size();
    armIdleTimer();
    m_router.onUpstreamData(*this, data, endStream);
}

void UpstreamRequest::decodeTrailers(http::HeaderMapPtr trailers)
{
    if (m_done)
        return;
    m_router.stream().streamInfo().lastUpstreamRx = m_router.dispatcher().updateNow();
    takeMeters();
    if (!m_router.stream().manager().upstreamLogs().empty())
        m_responseTrailers = trailers->clone();
    m_router.onUpstreamTrailers(*this, std::move(trailers));
}

void UpstreamRequest::onResetStream(http::ResetReason reason, std::string_view transportFailureReason)
{
    if (m_done)
        return;
    m_done = true;
    resumeDownstream();
    takeMeters();
    m_lease->onReset(reason);
    m_perTryTimer.reset();
    m_perTryIdleTimer.reset();
    m_durationTimer.reset();
    noteReset(reason);
    finishLogs();
    m_router.onUpstreamReset(*this, reason, std::string(transportFailureReason));
}

void UpstreamRequest::resumeDownstream()
{
    while (m_downstreamPauses > 0)
        onBelowWriteBufferLowWatermark();
}

void UpstreamRequest::onAboveWriteBufferHighWatermark()
{
    m_cluster->stats().flowBackedUp.inc();
    ++m_downstreamPauses;
    m_router.stream().pauseRequest(true);
}

void UpstreamRequest::onBelowWriteBufferLowWatermark()
{
    if (m_downstreamPauses == 0)
        return;
    m_cluster->stats().flowDrained.inc();
    --m_downstreamPauses;
    m_router.stream().pauseRequest(false);
}

} // namespace sallyport::server
