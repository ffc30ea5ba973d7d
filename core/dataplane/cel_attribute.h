// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/cel_value.h"

#include <optional>
#include <string>
#include <string_view>

namespace sallyport::dataplane {

/// What an expression may ask of a stream, of Envoy's attributes (docs:
/// intro/arch_overview/advanced/attributes).
enum class CelAttribute : std::uint8_t {
    RequestPath,
    RequestUrlPath,
    RequestHost,
    RequestScheme,
    RequestMethod,
    RequestHeaders, ///< a map
    RequestReferer,
    RequestUserAgent,
    RequestId,
    RequestProtocol,
    RequestQuery,
    RequestSize,
    RequestTotalSize,
    RequestTime,     ///< when it began
    RequestDuration, ///< until its end
    ResponseCode,
    ResponseCodeDetails,
    ResponseFlags,
    ResponseGrpcStatus,
    ResponseHeaders,  ///< a map
    ResponseTrailers, ///< a map
    ResponseSize,
    ResponseTotalSize,
    ResponseBackendLatency, ///< from the last byte sent to the upstream to the first of its answer
    SourceAddress,
    SourcePort,
    DestinationAddress,
    DestinationPort,
    ConnectionId,
    ConnectionMtls,
    ConnectionRequestedServerName,
    ConnectionTlsVersion,
    ConnectionSubjectLocalCertificate,
    ConnectionSubjectPeerCertificate,
    ConnectionDnsSanLocalCertificate,
    ConnectionDnsSanPeerCertificate,
    ConnectionUriSanLocalCertificate,
    ConnectionUriSanPeerCertificate,
    ConnectionSha256PeerCertificateDigest,
    ConnectionTerminationDetails,
    ConnectionTransportFailureReason,
    UpstreamAddress,
    UpstreamPort,
    UpstreamLocalAddress,
    UpstreamTlsVersion,
    UpstreamSubjectLocalCertificate,
    UpstreamSubjectPeerCertificate,
    UpstreamDnsSanLocalCertificate,
    UpstreamDnsSanPeerCertificate,
    UpstreamUriSanLocalCertificate,
    UpstreamUriSanPeerCertificate,
    UpstreamSha256PeerCertificateDigest,
    UpstreamTransportFailureReason,
    UpstreamRequestAttemptCount,
    UpstreamPoolReadyDuration,
    XdsClusterName,
    XdsRouteName,
    XdsVirtualHostName,
    XdsFilterChainName,
};

/// `response.code` → ResponseCode; nothing for what is not supported here.
std::optional<CelAttribute> celAttribute(std::string_view name);
bool isCelMap(CelAttribute attribute);

/// Where the values come from.
class CelAttributes
{
public:
    virtual ~CelAttributes() = default;
    /// Not for maps. CelValue::missing() if the stream has none.
    virtual CelValue value(CelAttribute attribute) const = 0;
    /// Of a map; nothing if the key is not there.
    virtual std::optional<std::string> entry(CelAttribute map, const std::string &key) const = 0;
};

} // namespace sallyport::dataplane
