// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/known_attributes.h"

#include <charconv>

namespace sallyport::explain {

namespace {

using Attribute = dataplane::CelAttribute;
using dataplane::CelValue;

/// An empty text stands for what was never set.
CelValue known(std::string_view value)
{
    return value.empty() ? CelValue::missing() : CelValue(std::string(value));
}

CelValue first(const std::vector<std::string> *names)
{
    return names == nullptr || names->empty() ? CelValue::missing() : CelValue(names->front());
}

std::string queryOf(std::string_view path)
{
    const std::size_t question = path.find('?');
    if (question == std::string_view::npos)
        return {};
    path.remove_prefix(question + 1);
    return std::string(path.substr(0, path.find('#')));
}

} // namespace

CelValue KnownAttributes::unknown() const
{
    m_askedForUnknown = true;
    return CelValue::missing();
}

CelValue KnownAttributes::ofHeader(const char *name) const
{
    return m_request.has(name) ? CelValue(m_request.get(name)) : CelValue::missing();
}

CelValue KnownAttributes::ofRequest(Attribute attribute) const
{
    const std::string_view path = m_request.path();
    switch (attribute) {
    case Attribute::RequestPath:
        return {std::string(path)};
    case Attribute::RequestUrlPath:
        return {std::string(path.substr(0, path.find('?')))};
    case Attribute::RequestQuery:
        return {queryOf(path)};
    case Attribute::RequestHost:
        return {std::string(m_request.authority())};
    case Attribute::RequestScheme:
        return {std::string(m_request.scheme())};
    case Attribute::RequestMethod:
        return {std::string(m_request.method())};
    case Attribute::RequestReferer:
        return ofHeader("referer");
    case Attribute::RequestUserAgent:
        return ofHeader("user-agent");
    case Attribute::RequestProtocol:
        return {std::string(m_place.http2 ? "HTTP/2" : "HTTP/1.1")};
    case Attribute::RequestDuration:
        return CelValue::missing();
    case Attribute::RequestSize: {
        // What the client announced; else nothing has come yet.
        const std::string length = m_request.get("content-length");
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), value);
        const bool read = error == std::errc() && end == length.data() + length.size();
        return read || length.empty() ? CelValue(value) : CelValue::missing();
    }
    default: // the id that a proxy gives it, the size of its head, its time
        return unknown();
    }
}

CelValue KnownAttributes::value(Attribute attribute) const
{
    if (attribute <= Attribute::RequestDuration)
        return ofRequest(attribute);
    switch (attribute) {
    case Attribute::ResponseFlags:
    case Attribute::ResponseSize:
    case Attribute::ResponseTotalSize:
        return {std::int64_t{0}};
    case Attribute::DestinationAddress:
        return known(m_connection.localIp.toString() + ':' + std::to_string(m_connection.localPort));
    case Attribute::DestinationPort:
        return {std::int64_t{m_connection.localPort}};
    case Attribute::ConnectionMtls:
        return {m_connection.peerPresented};
    case Attribute::ConnectionRequestedServerName:
        return {std::string(m_connection.requestedServerName)};
    case Attribute::ConnectionSubjectPeerCertificate:
        return known(m_connection.subject);
    case Attribute::ConnectionDnsSanPeerCertificate:
        return first(m_connection.dnsSans);
    case Attribute::ConnectionUriSanPeerCertificate:
        return first(m_connection.uriSans);
    case Attribute::XdsClusterName:
        return known(m_place.cluster);
    case Attribute::XdsRouteName:
        return known(m_place.route);
    case Attribute::XdsVirtualHostName:
        return known(m_place.virtualHost);
    case Attribute::XdsFilterChainName:
        return known(m_place.filterChain);
    case Attribute::SourceAddress:
    case Attribute::SourcePort:
    case Attribute::ConnectionId:
        return unknown();
    case Attribute::ConnectionTlsVersion:
    case Attribute::ConnectionSubjectLocalCertificate:
    case Attribute::ConnectionDnsSanLocalCertificate:
    case Attribute::ConnectionUriSanLocalCertificate:
    case Attribute::ConnectionSha256PeerCertificateDigest:
        return m_connection.tls ? unknown() : CelValue::missing();
    default: // the answer and the upstream are still to come
        return CelValue::missing();
    }
}

std::optional<std::string> KnownAttributes::entry(Attribute map, const std::string &key) const
{
    if (map != Attribute::RequestHeaders)
        return std::nullopt;
    if (key == "x-request-id" && !m_request.has(key))
        m_askedForUnknown = true;
    std::string scratch;
    const auto value = m_request.header(lowered(key), scratch);
    return value ? std::optional(std::string(*value)) : std::nullopt;
}

} // namespace sallyport::explain
