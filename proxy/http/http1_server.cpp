// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/http/http1_server.h"

#include "proxy/http/hop_by_hop.h"
#include "proxy/http/http1_syntax.h"
#include "proxy/http/http1_writer.h"
#include "proxy/net/connection.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sallyport::http {

Http1Server::Http1Server(net::Connection &connection, ServerConnectionCallbacks &callbacks,
                         const CodecSettings &settings, CodecObserver *observer)
    : Http1Stream(connection)
    , m_callbacks(callbacks)
    , m_settings(settings)
    , m_observer(observer)
    , m_parser(Http1Parser::Kind::Request, settings, observer)
{
    m_connection.goesThrough(net::IoHandler::Step::Codec, this);
}

CodecStatus Http1Server::dispatch(net::Buffer &data)
{
    if (m_dead) {
        data.clear();
        return {};
    }
    m_dispatched = data.size();
    // Heads and trailers stay in the buffer until they are whole: they are counted once. What comes while a
    // request is answered is not its own.
    if (m_decoder != nullptr && !m_requestComplete)
        m_bytes.wireReceived += m_dispatched - m_left;
    CodecStatus status = read(data);
    m_left = data.size();
    return status;
}

CodecStatus Http1Server::read(net::Buffer &data)
{
    for (;;) {
        if (m_decoder != nullptr && m_requestComplete) {
            // The next request waits in the buffer. Reading goes on when this one's answer is complete.
            if (!data.isEmpty())
                readDisable(true);
            return {};
        }
        if (m_dead || m_connection.state() != net::Connection::State::Open)
            return {};
        switch (m_parser.next(data)) {
        case Http1Parser::Event::NeedMore:
            return {};
        case Http1Parser::Event::Begin:
            m_dispatched = data.size();
            if (m_lastAnswered && m_callbacks.endsWithAnswer()) {
                m_dead = true;
                data.clear();
                return {};
            }
            if (CodecStatus status = beginRequest(); !status.ok())
                return status;
            break;
        case Http1Parser::Event::Head:
            if (CodecStatus status = onHead(); !status.ok())
                return status;
            break;
        case Http1Parser::Event::Body:
            if (m_decoder != nullptr && !m_parser.body().isEmpty())
                m_decoder->decodeData(m_parser.body(), false);
            m_parser.body().clear();
            // The end comes by itself, as from Envoy's codec.
            if (m_parser.bodyIsLast())
                deliverEnd();
            break;
        case Http1Parser::Event::End:
            deliverEnd();
            break;
        case Http1Parser::Event::Error:
            return refuse(m_parser.error());
        }
    }
}

CodecStatus Http1Server::dispatchEnd()
{
    if (m_dead || m_parser.atEnd() != Http1Parser::Event::Error)
        return {};
    return refuse(m_parser.error());
}

CodecStatus Http1Server::beginRequest()
{
    m_protocol = Protocol::Http11;
    m_requestComplete = false;
    m_responseStarted = false;
    m_headRequest = false;
    m_connectRequest = false;
    m_details = {};
    m_bytes = {};
    m_bytes.wireReceived = m_dispatched;
    m_streamCallbacks = nullptr;
    m_decoder = &m_callbacks.newStream(*this);
    // Answers that the client does not read pile up: no third one before the first has gone.
    const std::uint64_t gone =
        2 * (m_written - std::min<std::uint64_t>(m_written, m_connection.bytesToWrite()));
    if (m_responseEnds[0] > gone && m_responseEnds[1] > gone) {
        if (m_observer != nullptr)
            m_observer->onCodecEvent(CodecEvent::Http1ResponseFlood, 1);
        return {.kind = CodecStatus::Kind::BufferFlood, .message = "Too many responses queued."};
    }
    return {};
}

CodecStatus Http1Server::refuse(const Http1Error &error)
{
    if (m_decoder == nullptr && !m_dead) {
        if (CodecStatus status = beginRequest(); !status.ok())
            return status;
    }
    if (m_decoder != nullptr) {
        // What was read of the headers counts, up to the one that is wrong.
        m_bytes.headerReceived = m_parser.headerBytes();
        m_details = error.details;
        // What cannot be read is answered with a body whatever its method.
        m_headRequest = false;
        if (!m_responseStarted)
            m_decoder->sendLocalReply(error.status, reasonPhrase(error.status), error.details);
    }
    return {.kind = CodecStatus::Kind::ProtocolError,
            .message = "http/1.1 protocol error: " + std::string(error.message)};
}

CodecStatus Http1Server::onHead()
{
    HeaderMapPtr headers = m_parser.takeHeaders();
    const std::string_view method = m_parser.method();
    m_bytes.headerReceived = m_parser.headerBytes();
    m_bytes.decompressedHeaderReceived = m_bytes.headerReceived;
    if (!m_parser.isHttp11())
        m_protocol = Protocol::Http10;
    m_headRequest = method == "HEAD";
    m_connectRequest = method == "CONNECT";

    settleUpgrade(*headers, m_settings.ignoredUpgrades);
    bool tunnel = isUpgrade(*headers);
    if (m_connectRequest) {
        if (const Header *length = headers->find(Known::ContentLength); length != nullptr) {
            if (length->value != "0")
                return refuse({.message = "unsupported content length", .details = "http1.body_disallowed"});
            headers->remove(Known::ContentLength);
        }
        tunnel = true;
    }
    if (m_parser.hasTransferEncoding() && headers->has(Known::ContentLength)) {
        if (!m_parser.isChunked() || !m_settings.allowChunkedLength)
            return refuse({.message = "both 'Content-Length' and 'Transfer-Encoding' are set.",
                           .details = "http1.content_length_and_chunked_not_allowed"});
        headers->remove(Known::ContentLength);
    }
    if (const Header *encoding = headers->find(Known::TransferEncoding);
        encoding != nullptr && (m_connectRequest || !equalsIgnoreCase(encoding->value, "chunked")))
        return refuse({.message = "unsupported transfer encoding",
                       .details = "http1.invalid_transfer_encoding",
                       .status = 501});
    if (!tunnel && headers->has(Known::Connection) && !sanitizeConnectionHeader(*headers))
        return refuse({.message = "Invalid nominated headers in Connection.",
                       .details = "http1.connection_header_rejected"});

    Http1Error error;
    if (!placeTarget(*headers, error))
        return refuse(error);
    headers->set(Known::Method, method);
    if (m_protocol == Protocol::Http10) {
        if (!m_settings.acceptHttp10)
            return refuse({.message = "Upgrade required for HTTP/1.0 or HTTP/0.9",
                           .details = "low_version",
                           .status = 426});
        if (!headers->has(Known::Authority) && !m_settings.defaultHostForHttp10.empty())
            headers->set(Known::Authority, m_settings.defaultHostForHttp10);
    }
    const auto invalid = [this](std::string_view details) {
        return refuse({.message = "request headers failed spec compliance checks", .details = details});
    };
    if (!isValidAuthority(headers->get(Known::Authority)))
        return invalid("http.invalid_authority");
    if (headers->get(Known::Scheme).find(',') != std::string_view::npos)
        return invalid("http.invalid_scheme");

    if (tunnel)
        m_parser.becomeTunnel();
    const bool body = m_parser.isChunked() || m_parser.contentLength().value_or(0) > 0 || tunnel;
    if (body)
        m_decoder->decodeHeaders(std::move(headers), false);
    else
        m_heldHeaders = std::move(headers);
    return {};
}

bool Http1Server::placeTarget(HeaderMap &headers, Http1Error &error)
{
    const std::string_view target = m_parser.target();
    const bool options = m_parser.method() == "OPTIONS";
    const bool isPath = target.front() == '/' || (options && target.front() == '*');
    if (!m_connectRequest && (isPath || !m_settings.allowAbsoluteUrl)) {
        headers.set(Known::Path, target);
        return true;
    }
    TargetParts parts;
    if (!splitTarget(target, m_connectRequest, parts)) {
        error = {.message = "invalid url in request line", .details = "http1.invalid_url"};
        return false;
    }
    // The target's host replaces the Host header (RFC 9112 3.2.2).
    headers.set(Known::Authority, parts.authority);
    if (!m_connectRequest) {
        const bool http = equalsIgnoreCase(parts.scheme, "http");
        if (!http && !equalsIgnoreCase(parts.scheme, "https")) {
            error = {.message = "invalid scheme", .details = "http1.invalid_scheme"};
            return false;
        }
        if (!http && m_settings.refusesHttpsInPlaintext && m_connection.tls() == nullptr) {
            error = {.message = "https in the clear",
                     .details = "http1.https_url_on_plaintext_connection",
                     .status = 403};
            return false;
        }
        headers.set(Known::Scheme, http ? "http" : "https");
    }
    if (!parts.pathAndQuery.empty())
        headers.set(Known::Path, parts.pathAndQuery);
    return true;
}

void Http1Server::deliverEnd()
{
    m_requestComplete = true;
    HeaderMapPtr trailers = m_parser.takeTrailers();
    if (trailers != nullptr)
        m_bytes.headerReceived = m_parser.headerBytes();
    HeaderMapPtr headers = std::move(m_heldHeaders);
    // From here on the parser is ready for the next request: the answer to this one may come at once.
    m_parser.reset();
    if (m_decoder == nullptr)
        return;
    if (headers != nullptr) {
        m_decoder->decodeHeaders(std::move(headers), true);
    } else if (trailers != nullptr) {
        m_decoder->decodeTrailers(std::move(trailers));
    } else {
        net::Buffer nothing;
        m_decoder->decodeData(nothing, true);
    }
}

void Http1Server::encodeInformational(const HeaderMap &headers)
{
    writeHead(headers, false);
    flush();
}

void Http1Server::encodeHeaders(const HeaderMap &headers, bool endStream)
{
    m_responseStarted = true;
    m_lastAnswered = m_lastAnswered || headers.get(Known::Connection) == "close";
    writeHead(headers, endStream);
    if (endStream)
        endResponse();
    else
        flush();
}

void Http1Server::writeHead(const HeaderMap &headers, bool endStream)
{
    const unsigned status = headers.status();
    if (status >= 300)
        m_connectRequest = false; // a refused CONNECT is answered like any request
    if (status == 101)
        m_headRequest = false; // what follows is another protocol's
    Http1Framing framing = Http1Framing::None;
    m_chunked = false;
    if (headers.has(Known::ContentLength) || status < 200 || status == 204 || status == 304) {
        // as it stands
    } else if (endStream && !m_headRequest) {
        framing = Http1Framing::EmptyBody;
    } else if (m_protocol != Protocol::Http10 && !m_connectRequest) {
        // For HEAD the header says what GET would have given.
        framing = Http1Framing::Chunked;
        m_chunked = !m_headRequest && !isUpgrade(headers);
    }
    char digits[12];
    const char *end = std::to_chars(digits, digits + sizeof digits, status).ptr;
    const std::string_view version =
        m_protocol == Protocol::Http10 && m_settings.acceptHttp10 ? "HTTP/1.0 " : "HTTP/1.1 ";
    const std::size_t before = m_out.size();
    const std::initializer_list<std::string_view> firstLine = {
        version, {digits, static_cast<std::size_t>(end - digits)}, " ", reasonPhrase(status)};
    if (!writeHttp1Head(m_out, firstLine, headers, framing, m_settings.headerCase, false)) {
        // A value that would break the head (made by configuration, since codecs let none in) is left out.
        HeaderMapPtr safe = headers.clone();
        safe->removeIf([](const Header &header) { return breaksHead(header.value); });
        writeHttp1Head(m_out, firstLine, *safe, framing, m_settings.headerCase, false);
    }
    m_bytes.headerSent += headerBytes(m_out.size() - before, firstLine);
    m_bytes.decompressedHeaderSent = m_bytes.headerSent;
}

void Http1Server::encodeData(net::Buffer &data, bool endStream)
{
    if (m_headRequest)
        data.clear();
    else if (m_chunked)
        writeHttp1Chunk(m_out, data);
    else
        m_out.move(data);
    if (endStream)
        endResponse();
    else
        flush();
}

void Http1Server::encodeTrailers(const HeaderMap &trailers)
{
    if (m_chunked) {
        m_bytes.headerSent += writeHttp1LastChunk(m_out, m_settings.enableTrailers ? &trailers : nullptr);
        m_bytes.decompressedHeaderSent = m_bytes.headerSent;
        m_chunked = false;
    }
    endResponse();
}

void Http1Server::flush()
{
    m_bytes.wireSent += m_out.size();
    m_written += m_out.size();
    writeOut(m_out);
}

void Http1Server::endResponse()
{
    if (m_chunked)
        writeHttp1LastChunk(m_out, nullptr);
    // An end without bytes of its own has gone only with what is written next: so Envoy's mark does.
    const std::uint64_t mark = 2 * m_written + (m_out.isEmpty() ? 1 : 2 * m_out.size());
    flush();
    m_responseEnds[0] = std::exchange(m_responseEnds[1], mark);
    // Answered before the request was complete: the stream stays, so that it can be reset with the
    // connection.
    if (m_requestComplete)
        releaseRequest();
}

void Http1Server::releaseRequest()
{
    m_decoder = nullptr;
    release();
}

void Http1Server::resetStream(ResetReason reason)
{
    end(reason, {});
}

void Http1Server::end(ResetReason reason, std::string_view transportFailureReason)
{
    m_dead = true;
    if (m_decoder == nullptr)
        return;
    StreamCallbacks *callbacks = m_streamCallbacks;
    releaseRequest();
    if (callbacks != nullptr)
        callbacks->onResetStream(reason, transportFailureReason);
}

void Http1Server::connectionEnded(ResetReason reason, std::string_view transportFailureReason)
{
    end(reason, transportFailureReason);
}

} // namespace sallyport::http
