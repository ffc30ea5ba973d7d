// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/stream_attributes.h"

#include "core/result/ascii_case.h"
#include "proxy/telemetry/grpc_status.h"

#include <charconv>

namespace sallyport::telemetry {

namespace {

using Attribute = dataplane::CelAttribute;
using dataplane::CelValue;
using http::Known;

CelValue between(TimePoint from, const std::optional<TimePoint> &until)
{
    return until ? CelValue(dataplane::CelDuration{*until - from}) : CelValue::missing();
}

CelValue numberValue(std::uint64_t value)
{
    return {static_cast<std::int64_t>(value)};
}

/// An empty text stands for what was never set.
CelValue textValue(std::string_view value)
{
    return value.empty() ? CelValue::missing() : CelValue(std::string(value));
}

CelValue header(const http::HeaderMap *headers, Known name)
{
    return headers != nullptr && headers->has(name) ? CelValue(std::string(headers->get(name)))
                                                    : CelValue::missing();
}

CelValue first(const std::vector<std::string> &names)
{
    return names.empty() ? CelValue::missing() : CelValue(names.front());
}

CelValue address(const net::Address &value)
{
    return textValue(value.isIp() || value.family() == net::Address::Family::Pipe ? value.toString()
                                                                                  : std::string());
}

CelValue port(const net::Address &value)
{
    return value.isIp() ? numberValue(value.port()) : CelValue::missing();
}

std::string_view withoutQuery(std::string_view path)
{
    return path.substr(0, path.find('?'));
}

std::string_view queryOf(std::string_view path)
{
    const std::size_t question = path.find('?');
    if (question == std::string_view::npos)
        return {};
    path.remove_prefix(question + 1);
    return path.substr(0, path.find('#'));
}

/// What a TLS connection says of its two certificates.
CelValue ofTls(const net::TlsInfo *tls, Attribute attribute)
{
    if (tls == nullptr)
        return CelValue::missing();
    if (attribute == Attribute::ConnectionTlsVersion || attribute == Attribute::UpstreamTlsVersion)
        return textValue(tls->version());
    const bool own = attribute == Attribute::ConnectionSubjectLocalCertificate ||
                     attribute == Attribute::ConnectionDnsSanLocalCertificate ||
                     attribute == Attribute::ConnectionUriSanLocalCertificate ||
                     attribute == Attribute::UpstreamSubjectLocalCertificate ||
                     attribute == Attribute::UpstreamDnsSanLocalCertificate ||
                     attribute == Attribute::UpstreamUriSanLocalCertificate;
    const net::CertificateFacts *certificate = own ? tls->own() : tls->peer();
    if (certificate == nullptr)
        return CelValue::missing();
    switch (attribute) {
    case Attribute::ConnectionSubjectLocalCertificate:
    case Attribute::ConnectionSubjectPeerCertificate:
    case Attribute::UpstreamSubjectLocalCertificate:
    case Attribute::UpstreamSubjectPeerCertificate:
        return textValue(certificate->subject);
    case Attribute::ConnectionDnsSanLocalCertificate:
    case Attribute::ConnectionDnsSanPeerCertificate:
    case Attribute::UpstreamDnsSanLocalCertificate:
    case Attribute::UpstreamDnsSanPeerCertificate:
        return first(certificate->dnsSans);
    case Attribute::ConnectionUriSanLocalCertificate:
    case Attribute::ConnectionUriSanPeerCertificate:
    case Attribute::UpstreamUriSanLocalCertificate:
    case Attribute::UpstreamUriSanPeerCertificate:
        return first(certificate->uriSans);
    default:
        return textValue(certificate->sha256);
    }
}

} // namespace

CelValue StreamAttributes::ofRequest(Attribute attribute) const
{
    const http::HeaderMap *request = m_context.request;
    const StreamInfo &info = m_context.info;
    switch (attribute) {
    case Attribute::RequestPath:
        return header(request, Known::Path);
    case Attribute::RequestUrlPath:
        return request == nullptr ? CelValue::missing()
                                  : CelValue(std::string(withoutQuery(request->get(Known::Path))));
    case Attribute::RequestQuery:
        return request == nullptr ? CelValue::missing()
                                  : CelValue(std::string(queryOf(request->get(Known::Path))));
    case Attribute::RequestHost:
        return header(request, Known::Authority);
    case Attribute::RequestScheme:
        return header(request, Known::Scheme);
    case Attribute::RequestMethod:
        return header(request, Known::Method);
    case Attribute::RequestReferer:
        return header(request, Known::Referer);
    case Attribute::RequestUserAgent:
        return header(request, Known::UserAgent);
    case Attribute::RequestId:
        return header(request, Known::RequestId);
    case Attribute::RequestProtocol:
        return info.protocol ? textValue(http::protocolName(*info.protocol)) : CelValue::missing();
    case Attribute::RequestTime:
        return {dataplane::CelTime{info.startWall.time_since_epoch()}};
    case Attribute::RequestDuration:
        return between(info.start, info.end);
    case Attribute::RequestSize: {
        // What the client announced, else what came.
        if (request == nullptr || !request->has(Known::ContentLength))
            return numberValue(info.bytesReceived);
        const std::string_view length = request->get(Known::ContentLength);
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), value);
        return error == std::errc() && end == length.data() + length.size() ? CelValue(value)
                                                                            : CelValue::missing();
    }
    default:
        return numberValue(info.bytesReceived + (request != nullptr ? request->byteSize() : 0));
    }
}

CelValue StreamAttributes::ofResponse(Attribute attribute) const
{
    const StreamInfo &info = m_context.info;
    switch (attribute) {
    case Attribute::ResponseBackendLatency:
        return info.lastUpstreamTx ? between(*info.lastUpstreamTx, info.firstUpstreamRx)
                                   : CelValue::missing();
    case Attribute::ResponseCode:
        return info.responseCode == 0 ? CelValue::missing() : numberValue(info.responseCode);
    case Attribute::ResponseCodeDetails:
        return textValue(info.responseCodeDetails);
    case Attribute::ResponseFlags:
        return numberValue(info.flags.bits());
    case Attribute::ResponseGrpcStatus: {
        // Whatever the request was: an answer without a status of its own has its HTTP status for it.
        const std::optional<int> status = grpcStatusOf(m_context);
        return status ? CelValue(std::int64_t{*status}) : CelValue::missing();
    }
    case Attribute::ResponseSize:
        return numberValue(info.bytesSent);
    default:
        return numberValue(info.bytesSent +
                           (m_context.response != nullptr ? m_context.response->byteSize() : 0) +
                           (m_context.trailers != nullptr ? m_context.trailers->byteSize() : 0));
    }
}

CelValue StreamAttributes::ofConnection(Attribute attribute) const
{
    const StreamInfo &info = m_context.info;
    switch (attribute) {
    case Attribute::SourceAddress:
        return address(info.remoteAddress);
    case Attribute::SourcePort:
        return port(info.remoteAddress);
    case Attribute::DestinationAddress:
        return address(info.localAddress);
    case Attribute::DestinationPort:
        return port(info.localAddress);
    case Attribute::ConnectionId:
        return {info.connectionId};
    case Attribute::ConnectionMtls:
        return {info.downstreamTls != nullptr && info.downstreamTls->peerPresented()};
    case Attribute::ConnectionRequestedServerName:
        return {info.requestedServerName};
    case Attribute::ConnectionTerminationDetails:
        return textValue(info.connectionTerminationDetails);
    case Attribute::ConnectionTransportFailureReason:
        return textValue(info.downstreamTransportFailure);
    default:
        return ofTls(info.downstreamTls, attribute);
    }
}

CelValue StreamAttributes::ofUpstream(Attribute attribute) const
{
    const StreamInfo &info = m_context.info;
    switch (attribute) {
    case Attribute::UpstreamAddress:
        return address(info.upstreamHost);
    case Attribute::UpstreamPort:
        return port(info.upstreamHost);
    case Attribute::UpstreamLocalAddress:
        return address(info.upstreamLocalAddress);
    case Attribute::UpstreamTransportFailureReason:
        return info.upstreamHost.isValid() ? CelValue(info.upstreamTransportFailure)
                                           : textValue(info.upstreamTransportFailure);
    case Attribute::UpstreamPoolReadyDuration:
        return info.upstreamRequestCreated ? between(*info.upstreamRequestCreated, info.poolReady)
                                           : CelValue::missing();
    case Attribute::UpstreamRequestAttemptCount:
        return {std::uint64_t{info.attemptCount}};
    case Attribute::XdsClusterName:
        return textValue(info.upstreamClusterRaw);
    case Attribute::XdsRouteName:
        return info.hasRoute ? CelValue(std::string(info.routeName)) : CelValue::missing();
    case Attribute::XdsVirtualHostName:
        return textValue(info.virtualHostName);
    case Attribute::XdsFilterChainName:
        return {std::string(info.filterChainName)};
    default:
        return ofTls(info.upstreamTls.get(), attribute);
    }
}

CelValue StreamAttributes::value(Attribute attribute) const
{
    if (attribute <= Attribute::RequestDuration)
        return ofRequest(attribute);
    if (attribute <= Attribute::ResponseBackendLatency)
        return ofResponse(attribute);
    return attribute <= Attribute::ConnectionTransportFailureReason ? ofConnection(attribute)
                                                                    : ofUpstream(attribute);
}

std::optional<std::string> StreamAttributes::entry(Attribute map, const std::string &key) const
{
    const http::HeaderMap *headers = map == Attribute::RequestHeaders    ? m_context.request
                                     : map == Attribute::ResponseHeaders ? m_context.response
                                                                         : m_context.trailers;
    const std::string name = asciiLowered(key);
    std::string joined;
    if (headers == nullptr || headers->find(std::string_view(name)) == nullptr)
        return std::nullopt;
    return std::string(headers->getAll(name, joined));
}

} // namespace sallyport::telemetry
