// SPDX-License-Identifier: GPL-3.0-or-later
// The router's own log: a record of each attempt (upstream_log, upstream_log_options).
#include "proxy/server/upstream_request.h"

#include "proxy/server/active_stream.h"
#include "proxy/server/upstream_facts.h"

namespace sallyport::server {

std::uint64_t percentOf(std::chrono::milliseconds timeout, net::Clock::duration used)
{
    // Of a time without end nothing is ever used.
    if (timeout.count() == 0)
        return 0;
    return static_cast<std::uint64_t>(used / std::chrono::milliseconds(1) * 100 / timeout.count());
}

void UpstreamRequest::armLogTimer()
{
    const HttpManager &manager = m_router.stream().manager();
    if (manager.upstreamLogs().empty() || manager.upstreamLogInterval.count() == 0)
        return;
    if (!m_logTimer) {
        m_logTimer.emplace(m_router.dispatcher(), [this] {
            writeLogs("UpstreamPeriodic");
            armLogTimer();
        });
    }
    m_logTimer->arm(manager.upstreamLogInterval);
}

void UpstreamRequest::noteReset(http::ResetReason reason)
{
    if (const auto flag = telemetry::flagOfReset(reason))
        m_flags.set(*flag);
}

void UpstreamRequest::addMeters(telemetry::StreamInfo &info) const
{
    if (!m_lease || m_metersTaken)
        return;
    addUpstreamBytes(info, m_lease->encoder().stream().bytes());
}

/// The stream's facts as the attempt sees them: what the client's side came to is not its own, and what goes
/// to the upstream is what it sends.
telemetry::StreamInfo UpstreamRequest::ownInfo() const
{
    telemetry::StreamInfo info = m_router.stream().infoSoFar();
    info.startWall = m_startWall;
    info.start = m_start;
    info.end = m_router.dispatcher().updateNow();
    info.lastDownstreamRx.reset();
    info.firstDownstreamTx.reset();
    info.lastDownstreamTx.reset();
    info.protocol = info.upstreamProtocol;
    info.requestId.clear();
    info.attemptCount = 0;
    info.virtualClusterName = {};
    info.dynamicMetadata = {};
    info.filterState = {};
    info.virtualHostMetadata = {};
    info.responseCode = m_status;
    info.responseCodeDetails.clear();
    info.flags = m_flags;
    info.bytesReceived = m_bytesReceived;
    info.bytesSent = m_bytesSent;
    info.responseHeaderBytes = m_responseHeaders ? m_responseHeaders->byteSize() : 0;
    info.responseTrailerBytes = m_responseTrailers ? m_responseTrailers->byteSize() : 0;
    info.connectionTerminationDetails.clear();
    info.downstreamLocalCloseReason.clear();
    if (!info.upstreamRemoteAddress.isValid()) {
        // Nobody has told the attempt of the client's bytes before it has a connection.
        info.downstreamWireReceived = info.downstreamWireSent = 0;
        info.downstreamHeaderReceived = info.downstreamHeaderSent = 0;
        info.downstreamDecompressedHeaderReceived = info.downstreamDecompressedHeaderSent = 0;
    }
    return info;
}

void UpstreamRequest::writeLogs(std::string_view type) const
{
    ActiveStream &stream = m_router.stream();
    if (stream.manager().upstreamLogs().empty())
        return;
    telemetry::StreamInfo info = ownInfo();
    info.logType = type;
    const telemetry::LogContext context{
        info, &stream.requestHeaders(), m_responseHeaders.get(), m_responseTrailers.get(), {}};
    for (const auto &log : stream.manager().upstreamLogs())
        log->log(context);
}

/// The attempt is over, for whatever reason.
void UpstreamRequest::finishLogs()
{
    m_logTimer.reset();
    if (std::exchange(m_logged, true))
        return;
    writeLogs("UpstreamEnd");
    countTracked();
}

/// What track_cluster_stats asks for.
void UpstreamRequest::countTracked()
{
    const upstream::ClusterStats &stats = m_cluster->stats();
    if (stats.sizes) {
        const http::HeaderMap &headers = m_router.stream().requestHeaders();
        stats.sizes->requestHeaders.record(headers.byteSize());
        stats.sizes->requestHeaderCount.record(headers.size());
        stats.sizes->requestBody.record(m_bytesSent);
        if (m_responseSize) {
            stats.sizes->responseHeaders.record(m_responseSize->first);
            stats.sizes->responseHeaderCount.record(m_responseSize->second);
            stats.sizes->responseBody.record(m_bytesReceived);
        }
    }
    if (stats.timeoutBudgets && m_budgeted)
        stats.timeoutBudgets->attempt.record(
            percentOf(m_router.perTryTimeout(), m_router.dispatcher().updateNow() - m_start));
}

} // namespace sallyport::server
