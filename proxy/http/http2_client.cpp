// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/http/http2_client.h"

#include "proxy/http/http1_writer.h"

namespace sallyport::http {

namespace {

/// A request to a server, and where its answer goes.
class Http2ClientStream final : public Http2Stream, public RequestEncoder
{
public:
    Http2ClientStream(Http2Session &owner, ResponseDecoder &decoder)
        : Http2Stream(owner)
        , m_decoder(&decoder)
    {
    }

    // RequestEncoder
    bool encodeHeaders(const HeaderMap &headers, bool endStream) override
    {
        const bool connect = headers.get(Known::Method) == "CONNECT";
        const bool upgrade = isUpgrade(headers);
        if (headers.get(Known::Method).empty() ||
            headers.get(connect ? Known::Authority : Known::Path).empty())
            return false;
        if (wasReset())
            return true;
        std::int32_t id = 0;
        if (connect || upgrade) {
            const HeaderMapPtr changed = headers.clone();
            if (upgrade) {
                m_upgrade = headers.get(Known::Upgrade);
                upgradeRequestToHttp2(*changed);
            } else {
                changed->remove(Known::Scheme);
                changed->remove(Known::Path);
                changed->remove(Known::Protocol);
            }
            id = session().submitRequest(*this, *changed, endStream);
        } else {
            id = session().submitRequest(*this, headers, endStream);
        }
        if (id < 0)
            return false; // the connection has no stream id left
        setId(id);
        onHeadersSubmitted(endStream);
        return true;
    }
    void encodeData(net::Buffer &data, bool endStream) override { writeData(data, endStream); }
    void encodeTrailers(const HeaderMap &trailers) override { writeTrailers(trailers); }
    Stream &stream() override { return *this; }
    Protocol protocol() const override { return Protocol::Http2; }

private:
    HeaderMap::Kind nextBlock() override
    {
        return m_finalHeadersDelivered ? HeaderMap::Kind::Trailers : HeaderMap::Kind::Response;
    }
    void deliverHeaders(HeaderMapPtr headers, bool endStream) override
    {
        if (!m_upgrade.empty())
            upgradeAnswerToHttp1(*headers, m_upgrade);
        const unsigned status = headers->status();
        if (status >= 100 && status < 200 && status != 101) {
            if (m_decoder != nullptr)
                m_decoder->decodeInformational(std::move(headers));
            return;
        }
        m_finalHeadersDelivered = true;
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
    void release() override
    {
        takeCallbacks();
        m_decoder = nullptr;
    }

    ResponseDecoder *m_decoder;
    std::string m_upgrade; ///< the protocol asked for
    bool m_finalHeadersDelivered = false;
};

} // namespace

Http2Client::Http2Client(net::Connection &connection, ConnectionObserver &callbacks,
                         const CodecSettings &settings, CodecObserver *observer)
    : Http2Session(Side::Client, connection, callbacks, settings, observer)
{
}

RequestEncoder &Http2Client::newStream(ResponseDecoder &decoder)
{
    Http2Session &owner = *this;
    auto opened = std::make_unique<Http2ClientStream>(owner, decoder);
    Http2ClientStream &stream = *opened;
    adopt(std::move(opened));
    return stream;
}

} // namespace sallyport::http
