// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/http1_parser.h"
#include "proxy/http/http1_stream.h"

#include <array>

namespace sallyport::http {

/// The server's end of an HTTP/1 connection. Requests are handled one after the other: a pipelined one waits
/// in the connection's buffer, with reading off, until the answer before it is complete.
class Http1Server final : public ServerCodec, private ResponseEncoder, private Http1Stream
{
public:
    Http1Server(net::Connection &connection, ServerConnectionCallbacks &callbacks,
                const CodecSettings &settings, CodecObserver *observer);

    Protocol protocol() const override { return m_protocol; }
    CodecStatus dispatch(net::Buffer &data) override;
    CodecStatus dispatchEnd() override;
    void goAway() override {}
    void shutdownNotice() override {}
    bool wantsToWrite() const override { return false; }
    void onConnectionAboveHighWatermark() override { tellAboveHighWatermark(); }
    void onConnectionBelowLowWatermark() override { tellBelowLowWatermark(); }
    void connectionEnded(ResetReason reason, std::string_view transportFailureReason) override;

private:
    // ResponseEncoder
    void encodeInformational(const HeaderMap &headers) override;
    void encodeHeaders(const HeaderMap &headers, bool endStream) override;
    void encodeData(net::Buffer &data, bool endStream) override;
    void encodeTrailers(const HeaderMap &trailers) override;
    Stream &stream() override { return *this; }
    void setDecoder(RequestDecoder &decoder) override { m_decoder = &decoder; }
    bool streamErrorOnInvalidMessage() const override { return m_settings.http1StreamErrorOnInvalidMessage; }

    // Stream
    void resetStream(ResetReason reason) override;

    CodecStatus beginRequest();
    CodecStatus onHead();
    CodecStatus read(net::Buffer &data);
    CodecStatus refuse(const Http1Error &error);
    bool placeTarget(HeaderMap &headers, Http1Error &error);
    void deliverEnd();
    void flush();
    void endResponse();
    void releaseRequest();
    void end(ResetReason reason, std::string_view transportFailureReason);
    void writeHead(const HeaderMap &headers, bool endStream);

    ServerConnectionCallbacks &m_callbacks;
    const CodecSettings &m_settings;
    CodecObserver *m_observer;
    Http1Parser m_parser;
    net::Buffer m_out;
    Protocol m_protocol = Protocol::Http11;

    // The request at hand.
    RequestDecoder *m_decoder = nullptr; ///< null between requests
    HeaderMapPtr m_heldHeaders;          ///< of a request without body, delivered with its end
    bool m_requestComplete = false;
    bool m_responseStarted = false;
    bool m_headRequest = false;
    bool m_connectRequest = false;
    bool m_chunked = false;

    bool m_lastAnswered = false; ///< an answer said `connection: close`
    bool m_dead = false;         ///< a stream was reset: nothing more is read
    /// Ends of answers in twice the count of bytes written, while they may still be in the connection's
    /// buffer; odd ones lie behind the byte before.
    std::array<std::uint64_t, 2> m_responseEnds{};
    std::uint64_t m_written = 0;
    std::uint64_t m_dispatched = 0; ///< bytes handed to the current dispatch()
    std::size_t m_left = 0;         ///< of those: not consumed, yet counted
};

} // namespace sallyport::http
