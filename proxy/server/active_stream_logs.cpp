// SPDX-License-Identifier: GPL-3.0-or-later
// The records of a stream: at its end, and before it as access_log_options say.
#include "proxy/server/active_stream.h"

namespace sallyport::server {

using http::Known;

void ActiveStream::armLogTimer()
{
    if (m_manager->logInterval.count() == 0)
        return;
    if (!m_logTimer) {
        m_logTimer.emplace(dispatcher(), [this] {
            writeLogs("DownstreamPeriodic");
            armLogTimer();
        });
    }
    m_logTimer->arm(m_manager->logInterval);
}

/// What others know of the stream and only logs ask for.
void ActiveStream::noteForLogs()
{
    if (m_requestHeaders) {
        m_info.requestHeaderBytes = m_requestHeaders->byteSize();
        // A request that was refused early has its id as it came.
        if (m_info.requestId.empty())
            m_info.requestId = m_requestHeaders->get(Known::RequestId);
    }
    const http::BytesMeter &bytes = m_encoder.stream().bytes();
    m_info.downstreamWireReceived = bytes.wireReceived;
    m_info.downstreamWireSent = bytes.wireSent;
    m_info.downstreamHeaderReceived = bytes.headerReceived;
    m_info.downstreamHeaderSent = bytes.headerSent;
    m_info.downstreamDecompressedHeaderReceived = bytes.decompressedHeaderReceived;
    m_info.downstreamDecompressedHeaderSent = bytes.decompressedHeaderSent;
    const net::Connection &downstream = m_connection.connection();
    m_info.connectionTerminationDetails = downstream.terminationDetails();
    m_info.downstreamLocalCloseReason = downstream.localCloseReason();
}

telemetry::StreamInfo ActiveStream::infoSoFar()
{
    if (!m_ended)
        noteForLogs();
    telemetry::StreamInfo info = m_info;
    if (m_router)
        m_router->addMeters(info);
    if (!info.end)
        info.end = dispatcher().updateNow();
    return info;
}

void ActiveStream::writeLogs(std::string_view type)
{
    if (m_manager->logs().empty())
        return;
    const auto write = [this](const telemetry::StreamInfo &info) {
        const telemetry::LogContext context{
            info, m_requestHeaders.get(), m_responseHeaders.get(), m_responseTrailers.get(), {}};
        for (const auto &log : m_manager->logs())
            log->log(context);
    };
    if (m_ended) {
        m_info.logType = type;
        write(m_info);
        return;
    }
    telemetry::StreamInfo info = infoSoFar();
    info.logType = type;
    write(info);
}

} // namespace sallyport::server
