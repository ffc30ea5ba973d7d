// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/http/http1_client.h"

#include "proxy/http/http1_syntax.h"
#include "proxy/http/http1_writer.h"
#include "proxy/net/connection.h"

#include <utility>

namespace sallyport::http {

namespace {

/// Answers to GET-like requests without body carry no content-length.
bool needsNoLength(std::string_view method)
{
    return method == "GET" || method == "HEAD" || method == "DELETE" || method == "TRACE" ||
           method == "CONNECT";
}

bool isInformational(unsigned status)
{
    return status >= 100 && status < 200;
}

} // namespace

Http1Client::Http1Client(net::Connection &connection, ConnectionObserver &callbacks,
                         const CodecSettings &settings, CodecObserver *observer)
    : Http1Stream(connection)
    , m_callbacks(callbacks)
    , m_settings(settings)
    , m_parser(Http1Parser::Kind::Response, settings, observer)
{
    m_connection.goesThrough(net::IoHandler::Step::Codec, this);
}

RequestEncoder &Http1Client::newStream(ResponseDecoder &decoder)
{
    m_decoder = &decoder;
    m_streamCallbacks = nullptr;
    m_bytes = {};
    m_details = {};
    m_requestComplete = false;
    m_headRequest = false;
    m_connectRequest = false;
    m_upgradeRequest = false;
    m_chunked = false;
    m_finalHeadSeen = false;
    m_responding = false;
    return *this;
}

bool Http1Client::encodeHeaders(const HeaderMap &headers, bool endStream)
{
    const std::string_view method = headers.get(Known::Method);
    const std::string_view authority = headers.get(Known::Authority);
    const std::string_view path = headers.get(Known::Path);
    m_headRequest = method == "HEAD";
    m_connectRequest = method == "CONNECT";
    m_upgradeRequest = isUpgrade(headers);
    if (method.empty() || (m_connectRequest ? authority.empty() : path.empty()) || !isSafeValue(method) ||
        !isSafeValue(path))
        return false;

    Http1Framing framing = Http1Framing::None;
    m_chunked = false;
    if (headers.has(Known::ContentLength) || m_connectRequest || m_upgradeRequest) {
        // as it stands
    } else if (!endStream) {
        framing = Http1Framing::Chunked;
        m_chunked = true;
    } else if (!needsNoLength(method)) {
        framing = Http1Framing::EmptyBody;
    }
    const bool whole = m_settings.sendFullyQualifiedUrl && !m_connectRequest;
    const std::initializer_list<std::string_view> firstLine = {
        method,
        " ",
        whole ? headers.get(Known::Scheme) : std::string_view(),
        whole ? "://" : "",
        whole || m_connectRequest ? authority : std::string_view(),
        m_connectRequest ? std::string_view() : path,
        " HTTP/1.1"};
    const std::size_t before = m_out.size();
    if (!writeHttp1Head(m_out, firstLine, headers, framing, m_settings.headerCase, true))
        return false;
    if (m_connectRequest)
        m_connection.enableHalfClose(true);
    m_bytes.headerSent = headerBytes(m_out.size() - before, firstLine);
    m_bytes.decompressedHeaderSent = m_bytes.headerSent;
    if (endStream)
        endRequest();
    else
        flush();
    return true;
}

void Http1Client::encodeData(net::Buffer &data, bool endStream)
{
    if (m_chunked)
        writeHttp1Chunk(m_out, data);
    else
        m_out.move(data);
    if (endStream)
        endRequest();
    else
        flush();
}

void Http1Client::encodeTrailers(const HeaderMap &trailers)
{
    if (m_chunked) {
        m_bytes.headerSent += writeHttp1LastChunk(m_out, m_settings.enableTrailers ? &trailers : nullptr);
        m_bytes.decompressedHeaderSent = m_bytes.headerSent;
        m_chunked = false;
    }
    endRequest();
}

void Http1Client::flush()
{
    m_bytes.wireSent += m_out.size();
    writeOut(m_out);
}

void Http1Client::endRequest()
{
    if (m_chunked)
        writeHttp1LastChunk(m_out, nullptr);
    flush();
    m_requestComplete = true;
    // The end of a tunnel's direction is told by closing.
    if (m_connectRequest)
        m_connection.close(net::CloseType::Flush);
}

CodecStatus Http1Client::dispatch(net::Buffer &data)
{
    // Heads and trailers stay in the buffer until they are whole: they are counted once.
    m_bytes.wireReceived += data.size() - m_left;
    CodecStatus status = read(data);
    m_left = data.size();
    return status;
}

CodecStatus Http1Client::read(net::Buffer &data)
{
    for (;;) {
        switch (m_parser.next(data)) {
        case Http1Parser::Event::NeedMore:
            return {};
        case Http1Parser::Event::Begin:
            m_responding = true;
            break;
        case Http1Parser::Event::Head:
            if (CodecStatus status = onHead(); !status.ok())
                return status;
            break;
        case Http1Parser::Event::Body:
            // The end comes by itself, as from Envoy's codec: HTTP/2 tells it by a frame of its own.
            if (m_decoder != nullptr && !m_parser.body().isEmpty())
                m_decoder->decodeData(m_parser.body(), false);
            m_parser.body().clear();
            if (!m_parser.bodyIsLast())
                break;
            deliverEnd();
            if (!data.isEmpty())
                return fail({.message = "extraneous data after response complete"});
            return {};
        case Http1Parser::Event::End:
            if (isInformational(m_parser.status()) && m_parser.status() != 101) {
                // An interim answer: the real one follows.
                resetParser();
                break;
            }
            deliverEnd();
            if (!data.isEmpty())
                return fail({.message = "extraneous data after response complete"});
            return {};
        case Http1Parser::Event::Error:
            return fail(m_parser.error());
        }
    }
}

CodecStatus Http1Client::dispatchEnd()
{
    switch (m_parser.atEnd()) {
    case Http1Parser::Event::End:
        deliverEnd();
        return {};
    case Http1Parser::Event::Error:
        return fail(m_parser.error());
    default:
        // Only a connection that a CONNECT was sent on tells of its end before it is closed. Envoy's codec
        // client closes it then, as if by itself.
        if (m_connectRequest && m_connection.state() != net::Connection::State::Closed)
            m_connection.close(net::CloseType::NoFlush);
        return {};
    }
}

CodecStatus Http1Client::fail(const Http1Error &error)
{
    m_reusable = false;
    if (m_decoder != nullptr) {
        m_details = error.details;
        // What was read of the headers counts, up to the one that is wrong.
        countHeaders();
    }
    return {.kind = CodecStatus::Kind::ProtocolError,
            .message = "http/1.1 protocol error: " + std::string(error.message)};
}

CodecStatus Http1Client::onHead()
{
    const unsigned status = m_parser.status();
    if (m_decoder == nullptr) {
        m_reusable = false;
        return {.kind = CodecStatus::Kind::PrematureResponse,
                .message = "http/1.1 premature response",
                .status = status};
    }
    HeaderMapPtr headers = m_parser.takeHeaders();
    headers->setStatus(status);
    countHeaders();
    // As Envoy's codec counts: with each block of headers everything that its meter has come to.
    m_bytes.decompressedHeaderReceived += m_bytes.headerReceived;
    ++m_bytes.blocksReceived;
    if (m_finalHeadSeen)
        return fail({.message = "headers after the final ones"});

    bool tunnel = m_connectRequest && status >= 200 && status < 300;
    if (m_upgradeRequest && isUpgrade(*headers))
        tunnel = true;
    if (m_parser.hasTransferEncoding() && headers->has(Known::ContentLength)) {
        if (!m_parser.isChunked() || !m_settings.allowChunkedLength)
            return fail({.message = "both 'Content-Length' and 'Transfer-Encoding' are set.",
                         .details = "http1.content_length_and_chunked_not_allowed"});
        headers->remove(Known::ContentLength);
    }
    if (const Header *encoding = headers->find(Known::TransferEncoding);
        encoding != nullptr && !equalsIgnoreCase(encoding->value, "chunked"))
        return fail(
            {.message = "unsupported transfer encoding", .details = "http1.invalid_transfer_encoding"});
    if (status < 200 || status == 204) {
        if (headers->has(Known::TransferEncoding))
            return fail({.message = "transfer encoding not allowed in 1xx or 204",
                         .details = "http1.transfer_encoding_not_allowed"});
        if (headers->has(Known::ContentLength)) {
            if (headers->get(Known::ContentLength) != "0")
                return fail({.message = "content length not allowed in 1xx or 204",
                             .details = "http1.content_length_not_allowed"});
            headers->remove(Known::ContentLength);
        }
    }
    if (isInformational(status) && status != 101) {
        m_decoder->decodeInformational(std::move(headers));
        return {};
    }

    m_finalHeadSeen = true;
    const bool close = (m_parser.isHttp11() ? listContains(headers->get(Known::Connection), "close")
                                            : !listContains(headers->get(Known::Connection), "keep-alive")) ||
                       listContains(headers->get(Known::ProxyConnection), "close");
    if (close)
        m_callbacks.onCloseAnnounced();
    if (close || tunnel || m_parser.endsWithClose())
        m_reusable = false;
    if (tunnel) {
        m_parser.becomeTunnel();
        m_decoder->decodeHeaders(std::move(headers), false);
        return {};
    }
    const bool bodiless =
        m_headRequest || status == 204 || status == 304 ||
        (status >= 200 && !m_parser.isChunked() && m_parser.contentLength() == std::uint64_t{0});
    if (bodiless) {
        m_parser.skipBody();
        m_heldHeaders = std::move(headers);
    } else {
        m_decoder->decodeHeaders(std::move(headers), false);
    }
    return {};
}

void Http1Client::countHeaders()
{
    const std::uint64_t read = m_parser.headerBytes();
    m_bytes.headerReceived += read - std::exchange(m_headBytes, read);
}

void Http1Client::resetParser()
{
    m_parser.reset();
    m_headBytes = 0;
}

void Http1Client::deliverEnd()
{
    HeaderMapPtr trailers = m_parser.takeTrailers();
    if (trailers != nullptr)
        countHeaders();
    HeaderMapPtr headers = std::move(m_heldHeaders);
    // The connection may be given its next exchange from within the last call.
    resetParser();
    ResponseDecoder *decoder = m_decoder;
    if (decoder == nullptr)
        return;
    if (!m_requestComplete)
        m_reusable = false;
    releaseRequest();
    if (headers != nullptr) {
        decoder->decodeHeaders(std::move(headers), true);
    } else if (trailers != nullptr) {
        decoder->decodeTrailers(std::move(trailers));
    } else {
        net::Buffer nothing;
        decoder->decodeData(nothing, true);
    }
}

void Http1Client::releaseRequest()
{
    m_decoder = nullptr;
    release();
}

void Http1Client::end(ResetReason reason, std::string_view transportFailureReason)
{
    if (m_decoder == nullptr)
        return;
    m_reusable = false;
    StreamCallbacks *callbacks = m_streamCallbacks;
    releaseRequest();
    if (callbacks != nullptr)
        callbacks->onResetStream(reason, transportFailureReason);
}

void Http1Client::resetStream(ResetReason reason)
{
    end(reason, {});
}

void Http1Client::connectionEnded(ResetReason reason, std::string_view transportFailureReason)
{
    end(reason, transportFailureReason);
}

} // namespace sallyport::http
