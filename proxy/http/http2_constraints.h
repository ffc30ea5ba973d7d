// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/codec.h"

#include <deque>

namespace sallyport::http {

/// What one peer of an HTTP/2 connection may cost: frames that wait to be written for it, and frames without
/// use that it sends (source/common/http/http2/protocol_constraints.cc). The first violation stays.
class Http2Constraints
{
public:
    Http2Constraints(const CodecSettings &settings, CodecObserver *observer);

    /// A frame of the peer; `length` without padding.
    CodecStatus onFrameReceived(std::uint8_t type, std::uint8_t flags, std::size_t length);
    void onStreamOpened() { ++m_streams; }
    void onDataFrameSent() { ++m_dataFramesSent; }
    /// A frame was handed to the connection; its last byte is number `end` of all that were. `control`: an
    /// answer that the peer provoked (ACK, RST_STREAM).
    void onFrameWritten(std::uint64_t end, bool control);
    /// `flushed` bytes of all have left the connection's buffer.
    CodecStatus checkOutbound(std::uint64_t flushed);

private:
    struct Waiting
    {
        std::uint64_t end;
        bool control;
    };
    CodecStatus violate(CodecEvent event, std::string message,
                        CodecStatus::Kind kind = CodecStatus::Kind::BufferFlood);

    const CodecSettings &m_settings;
    CodecObserver *m_observer;
    CodecStatus m_status;
    std::deque<Waiting> m_waiting;
    std::size_t m_controlWaiting = 0;
    std::uint64_t m_streams = 0;
    std::uint64_t m_dataFramesSent = 0;
    std::uint64_t m_priorityFrames = 0;
    std::uint64_t m_windowUpdates = 0;
    std::uint32_t m_emptyFrames = 0; ///< one after the other
};

} // namespace sallyport::http
