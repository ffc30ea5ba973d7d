// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/http1_parser.h"
#include "proxy/http/http1_stream.h"

namespace sallyport::http {

/// The client's end of an HTTP/1 connection: one exchange at a time.
class Http1Client final : public ClientCodec, private RequestEncoder, private Http1Stream
{
public:
    Http1Client(net::Connection &connection, ConnectionObserver &callbacks, const CodecSettings &settings,
                CodecObserver *observer);

    Protocol protocol() const override { return Protocol::Http11; }
    CodecStatus dispatch(net::Buffer &data) override;
    CodecStatus dispatchEnd() override;
    void goAway() override {}
    void shutdownNotice() override {}
    bool wantsToWrite() const override { return false; }
    void onConnectionAboveHighWatermark() override { tellAboveHighWatermark(); }
    void onConnectionBelowLowWatermark() override { tellBelowLowWatermark(); }
    void connectionEnded(ResetReason reason, std::string_view transportFailureReason) override;
    RequestEncoder &newStream(ResponseDecoder &decoder) override;
    bool reusable() const override { return m_reusable && m_decoder == nullptr && m_requestComplete; }

private:
    // RequestEncoder
    bool encodeHeaders(const HeaderMap &headers, bool endStream) override;
    void encodeData(net::Buffer &data, bool endStream) override;
    void encodeTrailers(const HeaderMap &trailers) override;
    Stream &stream() override { return *this; }

    // Stream
    void resetStream(ResetReason reason) override;

    CodecStatus read(net::Buffer &data);
    CodecStatus fail(const Http1Error &error);
    CodecStatus onHead();
    void countHeaders();
    void resetParser();
    void deliverEnd();
    void flush();
    void endRequest();
    void releaseRequest();
    void end(ResetReason reason, std::string_view transportFailureReason);

    ConnectionObserver &m_callbacks;
    const CodecSettings &m_settings;
    Http1Parser m_parser;
    net::Buffer m_out;

    // The exchange at hand.
    ResponseDecoder *m_decoder = nullptr; ///< null when no answer is awaited
    HeaderMapPtr m_heldHeaders;
    std::uint64_t m_headBytes = 0; ///< of the message at hand, as far as they are counted
    std::size_t m_left = 0;        ///< of the bytes that came: not consumed, yet counted
    bool m_requestComplete = true;
    bool m_headRequest = false;
    bool m_connectRequest = false;
    bool m_upgradeRequest = false;
    bool m_chunked = false;
    bool m_finalHeadSeen = false;
    bool m_reusable = true;
    bool m_responding = false; ///< a byte of the answer was seen
};

} // namespace sallyport::http
