// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/cel_attribute.h"

#include <algorithm>
#include <array>

namespace sallyport::dataplane {

namespace {

struct Named
{
    std::string_view name;
    CelAttribute attribute;
};
using enum CelAttribute;
constexpr std::array known{
    Named{"request.path", RequestPath},
    Named{"request.url_path", RequestUrlPath},
    Named{"request.host", RequestHost},
    Named{"request.scheme", RequestScheme},
    Named{"request.method", RequestMethod},
    Named{"request.headers", RequestHeaders},
    Named{"request.referer", RequestReferer},
    Named{"request.useragent", RequestUserAgent},
    Named{"request.id", RequestId},
    Named{"request.protocol", RequestProtocol},
    Named{"request.query", RequestQuery},
    Named{"request.size", RequestSize},
    Named{"request.total_size", RequestTotalSize},
    Named{"request.time", RequestTime},
    Named{"request.duration", RequestDuration},
    Named{"response.code", ResponseCode},
    Named{"response.code_details", ResponseCodeDetails},
    Named{"response.flags", CelAttribute::ResponseFlags},
    Named{"response.grpc_status", ResponseGrpcStatus},
    Named{"response.headers", ResponseHeaders},
    Named{"response.trailers", ResponseTrailers},
    Named{"response.size", ResponseSize},
    Named{"response.total_size", ResponseTotalSize},
    Named{"response.backend_latency", ResponseBackendLatency},
    Named{"source.address", SourceAddress},
    Named{"source.port", SourcePort},
    Named{"destination.address", DestinationAddress},
    Named{"destination.port", DestinationPort},
    Named{"connection.id", ConnectionId},
    Named{"connection.mtls", ConnectionMtls},
    Named{"connection.requested_server_name", ConnectionRequestedServerName},
    Named{"connection.tls_version", ConnectionTlsVersion},
    Named{"connection.subject_local_certificate", ConnectionSubjectLocalCertificate},
    Named{"connection.subject_peer_certificate", ConnectionSubjectPeerCertificate},
    Named{"connection.dns_san_local_certificate", ConnectionDnsSanLocalCertificate},
    Named{"connection.dns_san_peer_certificate", ConnectionDnsSanPeerCertificate},
    Named{"connection.uri_san_local_certificate", ConnectionUriSanLocalCertificate},
    Named{"connection.uri_san_peer_certificate", ConnectionUriSanPeerCertificate},
    Named{"connection.sha256_peer_certificate_digest", ConnectionSha256PeerCertificateDigest},
    Named{"connection.termination_details", CelAttribute::ConnectionTerminationDetails},
    Named{"connection.transport_failure_reason", ConnectionTransportFailureReason},
    Named{"upstream.address", UpstreamAddress},
    Named{"upstream.port", UpstreamPort},
    Named{"upstream.local_address", UpstreamLocalAddress},
    Named{"upstream.tls_version", UpstreamTlsVersion},
    Named{"upstream.subject_local_certificate", UpstreamSubjectLocalCertificate},
    Named{"upstream.subject_peer_certificate", UpstreamSubjectPeerCertificate},
    Named{"upstream.dns_san_local_certificate", UpstreamDnsSanLocalCertificate},
    Named{"upstream.dns_san_peer_certificate", UpstreamDnsSanPeerCertificate},
    Named{"upstream.uri_san_local_certificate", UpstreamUriSanLocalCertificate},
    Named{"upstream.uri_san_peer_certificate", UpstreamUriSanPeerCertificate},
    Named{"upstream.sha256_peer_certificate_digest", UpstreamSha256PeerCertificateDigest},
    Named{"upstream.transport_failure_reason", UpstreamTransportFailureReason},
    Named{"upstream.request_attempt_count", UpstreamRequestAttemptCount},
    Named{"upstream.cx_pool_ready_duration", UpstreamPoolReadyDuration},
    Named{"xds.cluster_name", XdsClusterName},
    Named{"xds.route_name", XdsRouteName},
    Named{"xds.virtual_host_name", XdsVirtualHostName},
    Named{"xds.filter_chain_name", XdsFilterChainName},
};

} // namespace

std::optional<CelAttribute> celAttribute(std::string_view name)
{
    const auto found =
        std::find_if(known.begin(), known.end(), [name](const Named &each) { return each.name == name; });
    return found == known.end() ? std::nullopt : std::optional(found->attribute);
}

bool isCelMap(CelAttribute attribute)
{
    return attribute == RequestHeaders || attribute == ResponseHeaders || attribute == ResponseTrailers;
}

} // namespace sallyport::dataplane
