// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/http2_session.h"

namespace sallyport::http {

/// The client's end of an HTTP/2 connection; carries as many streams as the server allows.
class Http2Client final : public ClientCodec, private Http2Session
{
public:
    Http2Client(net::Connection &connection, ConnectionObserver &callbacks, const CodecSettings &settings,
                CodecObserver *observer);

    Protocol protocol() const override { return Protocol::Http2; }
    CodecStatus dispatch(net::Buffer &data) override { return receive(data); }
    CodecStatus dispatchEnd() override { return {}; }
    void goAway() override { endNow(); }
    void shutdownNotice() override {}
    bool wantsToWrite() const override { return hasOpenStreams(); }
    void onConnectionAboveHighWatermark() override { onConnectionWatermark(true); }
    void onConnectionBelowLowWatermark() override { onConnectionWatermark(false); }
    void connectionEnded(ResetReason reason, std::string_view transportFailureReason) override
    {
        endAllStreams(reason, transportFailureReason);
    }

    RequestEncoder &newStream(ResponseDecoder &decoder) override;
    bool reusable() const override { return !peerIsLeaving(); }
};

} // namespace sallyport::http
