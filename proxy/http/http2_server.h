// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/http2_session.h"

namespace sallyport::http {

/// The server's end of an HTTP/2 connection.
class Http2Server final : public ServerCodec, private Http2Session
{
public:
    Http2Server(net::Connection &connection, ServerConnectionCallbacks &callbacks,
                const CodecSettings &settings, CodecObserver *observer);

    Protocol protocol() const override { return Protocol::Http2; }
    CodecStatus dispatch(net::Buffer &data) override { return receive(data); }
    CodecStatus dispatchEnd() override { return {}; }
    void goAway() override { endNow(); }
    void shutdownNotice() override { announceEnd(); }
    bool wantsToWrite() const override { return hasOpenStreams(); }
    void onConnectionAboveHighWatermark() override { onConnectionWatermark(true); }
    void onConnectionBelowLowWatermark() override { onConnectionWatermark(false); }
    void connectionEnded(ResetReason reason, std::string_view transportFailureReason) override
    {
        endAllStreams(reason, transportFailureReason);
    }

private:
    Http2Stream *openStream(std::int32_t id) override;
    void onLastStreamGone() override { m_callbacks.onStreamsFlushed(); }

    ServerConnectionCallbacks &m_callbacks;
};

} // namespace sallyport::http
