// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/http/codec.h"

#include "proxy/http/http1_client.h"
#include "proxy/http/http1_server.h"
#include "proxy/http/http2_client.h"
#include "proxy/http/http2_server.h"

namespace sallyport::http {

std::string_view protocolName(Protocol protocol)
{
    switch (protocol) {
    case Protocol::Http10:
        return "HTTP/1.0";
    case Protocol::Http11:
        return "HTTP/1.1";
    case Protocol::Http2:
        break;
    }
    return "HTTP/2";
}

std::string_view resetReasonText(ResetReason reason)
{
    switch (reason) {
    case ResetReason::LocalReset:
        return "local reset";
    case ResetReason::LocalRefusedStreamReset:
        return "local refused stream reset";
    case ResetReason::RemoteReset:
        return "remote reset";
    case ResetReason::RemoteRefusedStreamReset:
        return "remote refused stream reset";
    case ResetReason::LocalConnectionFailure:
        return "local connection failure";
    case ResetReason::RemoteConnectionFailure:
        return "remote connection failure";
    case ResetReason::ConnectionTimeout:
        return "connection timeout";
    case ResetReason::ConnectionTermination:
        return "connection termination";
    case ResetReason::Overflow:
        return "overflow";
    case ResetReason::ConnectError:
        return "remote error with CONNECT request";
    case ResetReason::ProtocolError:
        return "protocol error";
    case ResetReason::OverloadManager:
        return "overload manager reset";
    case ResetReason::Http1PrematureUpstreamHalfClose:
        break;
    }
    return "HTTP/1 premature upstream half close";
}

std::string_view reasonPhrase(unsigned status)
{
    switch (status) {
    case 100:
        return "Continue";
    case 101:
        return "Switching Protocols";
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 203:
        return "Non-Authoritative Information";
    case 204:
        return "No Content";
    case 205:
        return "Reset Content";
    case 206:
        return "Partial Content";
    case 207:
        return "Multi-Status";
    case 208:
        return "Already Reported";
    case 226:
        return "IM Used";
    case 300:
        return "Multiple Choices";
    case 301:
        return "Moved Permanently";
    case 302:
        return "Found";
    case 303:
        return "See Other";
    case 304:
        return "Not Modified";
    case 305:
        return "Use Proxy";
    case 307:
        return "Temporary Redirect";
    case 308:
        return "Permanent Redirect";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 402:
        return "Payment Required";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 406:
        return "Not Acceptable";
    case 407:
        return "Proxy Authentication Required";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 410:
        return "Gone";
    case 411:
        return "Length Required";
    case 412:
        return "Precondition Failed";
    case 413:
        return "Payload Too Large";
    case 414:
        return "URI Too Long";
    case 415:
        return "Unsupported Media Type";
    case 416:
        return "Range Not Satisfiable";
    case 417:
        return "Expectation Failed";
    case 421:
        return "Misdirected Request";
    case 422:
        return "Unprocessable Entity";
    case 423:
        return "Locked";
    case 424:
        return "Failed Dependency";
    case 425:
        return "Too Early";
    case 426:
        return "Upgrade Required";
    case 428:
        return "Precondition Required";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 502:
        return "Bad Gateway";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    case 505:
        return "HTTP Version Not Supported";
    case 506:
        return "Variant Also Negotiates";
    case 507:
        return "Insufficient Storage";
    case 508:
        return "Loop Detected";
    case 510:
        return "Not Extended";
    case 511:
        return "Network Authentication Required";
    case 599:
        return "Last Unassigned Server Error Code";
    default:
        return "Unknown";
    }
}

Protocol protocolOfFirstBytes(std::string_view bytes)
{
    // As much of the preface as no HTTP/1 request can begin with.
    return bytes.starts_with("PRI * HTTP/2") ? Protocol::Http2 : Protocol::Http11;
}

std::unique_ptr<ServerCodec> makeServerCodec(Protocol protocol, net::Connection &connection,
                                             ServerConnectionCallbacks &callbacks,
                                             const CodecSettings &settings, CodecObserver *observer)
{
    if (observer != nullptr)
        observer->onCodecMade(protocol, true);
    if (protocol == Protocol::Http2)
        return std::make_unique<Http2Server>(connection, callbacks, settings, observer);
    return std::make_unique<Http1Server>(connection, callbacks, settings, observer);
}

std::unique_ptr<ClientCodec> makeClientCodec(Protocol protocol, net::Connection &connection,
                                             ConnectionObserver &callbacks, const CodecSettings &settings,
                                             CodecObserver *observer)
{
    if (observer != nullptr)
        observer->onCodecMade(protocol, false);
    if (protocol == Protocol::Http2)
        return std::make_unique<Http2Client>(connection, callbacks, settings, observer);
    return std::make_unique<Http1Client>(connection, callbacks, settings, observer);
}

} // namespace sallyport::http
