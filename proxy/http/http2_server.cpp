// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/http/http2_server.h"

#include "proxy/http/http1_writer.h"

namespace sallyport::http {

namespace {

/// A request from a client, and the way to answer it.
class Http2ServerStream final : public Http2Stream, public ResponseEncoder
{
public:
    Http2ServerStream(Http2Session &owner, std::int32_t id)
        : Http2Stream(owner)
    {
        setId(id);
    }

    // ResponseEncoder
    void encodeInformational(const HeaderMap &headers) override
    {
        if (wasReset())
            return;
        session().submitInterim(*this, headers);
        session().sendPendingOrClose();
    }
    void encodeHeaders(const HeaderMap &headers, bool endStream) override
    {
        if (wasReset())
            return;
        if (isUpgrade(headers)) {
            const HeaderMapPtr answer = headers.clone();
            upgradeAnswerToHttp2(*answer);
            session().submitAnswer(*this, *answer, endStream);
        } else {
            session().submitAnswer(*this, headers, endStream);
        }
        onHeadersSubmitted(endStream);
    }
    void encodeData(net::Buffer &data, bool endStream) override { writeData(data, endStream); }
    void encodeTrailers(const HeaderMap &trailers) override { writeTrailers(trailers); }
    Stream &stream() override { return *this; }
    void setDecoder(RequestDecoder &decoder) override { m_decoder = &decoder; }
    Protocol protocol() const override { return Protocol::Http2; }
    bool streamErrorOnInvalidMessage() const override { return m_streamErrors; }
    void setStreamErrors(bool on) { m_streamErrors = on; }

private:
    HeaderMap::Kind nextBlock() override
    {
        return m_headersDelivered ? HeaderMap::Kind::Trailers : HeaderMap::Kind::Request;
    }
    void deliverHeaders(HeaderMapPtr headers, bool endStream) override
    {
        m_headersDelivered = true;
        if (isExtendedConnect(*headers))
            upgradeRequestToHttp1(*headers);
        if (m_decoder != nullptr)
            m_decoder->decodeHeaders(std::move(headers), endStream);
    }
    void deliverData(net::Buffer &data, bool endStream) override
    {
        if (m_decoder != nullptr)
            m_decoder->decodeData(data, endStream);
    }
    void deliverTrailers(HeaderMapPtr trailers) override
    {
        if (m_decoder != nullptr)
            m_decoder->decodeTrailers(std::move(trailers));
    }
    void release() override { m_decoder = nullptr; }

    RequestDecoder *m_decoder = nullptr;
    bool m_headersDelivered = false;
    bool m_streamErrors = false;
};

} // namespace

Http2Server::Http2Server(net::Connection &connection, ServerConnectionCallbacks &callbacks,
                         const CodecSettings &settings, CodecObserver *observer)
    : Http2Session(Side::Server, connection, callbacks, settings, observer)
    , m_callbacks(callbacks)
{
}

Http2Stream *Http2Server::openStream(std::int32_t id)
{
    Http2Session &owner = *this;
    auto opened = std::make_unique<Http2ServerStream>(owner, id);
    Http2ServerStream &stream = *opened;
    stream.setStreamErrors(settings().http2StreamErrorOnInvalidMessage);
    adopt(std::move(opened));
    stream.setDecoder(m_callbacks.newStream(stream));
    return &stream;
}

} // namespace sallyport::http
