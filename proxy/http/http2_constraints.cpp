// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/http/http2_constraints.h"

#include <nghttp2/nghttp2.h>

namespace sallyport::http {

namespace {

/// A client opens its windows before it has seen anything.
constexpr std::uint64_t FreeWindowUpdates = 5;

} // namespace

Http2Constraints::Http2Constraints(const CodecSettings &settings, CodecObserver *observer)
    : m_settings(settings)
    , m_observer(observer)
{
}

CodecStatus Http2Constraints::violate(CodecEvent event, std::string message, CodecStatus::Kind kind)
{
    if (m_observer != nullptr)
        m_observer->onCodecEvent(event, 1);
    m_status = {.kind = kind, .message = std::move(message)};
    return m_status;
}

CodecStatus Http2Constraints::onFrameReceived(std::uint8_t type, std::uint8_t flags, std::size_t length)
{
    if (!m_status.ok())
        return m_status;
    switch (type) {
    case NGHTTP2_HEADERS:
    case NGHTTP2_CONTINUATION:
    case NGHTTP2_DATA:
        if (length > 0 || (flags & NGHTTP2_FLAG_END_STREAM) != 0)
            m_emptyFrames = 0;
        else if (++m_emptyFrames > m_settings.maxConsecutiveEmptyInboundFrames)
            return violate(CodecEvent::Http2InboundEmptyFramesFlood,
                           "Too many consecutive frames with an empty payload",
                           CodecStatus::Kind::InboundEmptyFramesFlood);
        break;
    case NGHTTP2_PRIORITY:
        if (++m_priorityFrames > m_settings.maxInboundPriorityFramesPerStream * (1 + m_streams))
            return violate(CodecEvent::Http2InboundPriorityFramesFlood, "Too many PRIORITY frames");
        break;
    case NGHTTP2_WINDOW_UPDATE:
        if (++m_windowUpdates >
            FreeWindowUpdates +
                2 * (m_streams + m_settings.maxInboundWindowUpdatesPerDataFrameSent * m_dataFramesSent))
            return violate(CodecEvent::Http2InboundWindowUpdateFramesFlood, "Too many WINDOW_UPDATE frames");
        break;
    default:
        break;
    }
    return {};
}

void Http2Constraints::onFrameWritten(std::uint64_t end, bool control)
{
    m_waiting.push_back({end, control});
    if (control)
        ++m_controlWaiting;
}

CodecStatus Http2Constraints::checkOutbound(std::uint64_t flushed)
{
    while (!m_waiting.empty() && m_waiting.front().end <= flushed) {
        if (m_waiting.front().control)
            --m_controlWaiting;
        m_waiting.pop_front();
    }
    if (!m_status.ok())
        return m_status;
    if (m_waiting.size() > m_settings.maxOutboundFrames)
        return violate(CodecEvent::Http2OutboundFlood, "Too many frames in the outbound queue.");
    if (m_controlWaiting > m_settings.maxOutboundControlFrames)
        return violate(CodecEvent::Http2OutboundControlFlood,
                       "Too many control frames in the outbound queue.");
    return {};
}

} // namespace sallyport::http
