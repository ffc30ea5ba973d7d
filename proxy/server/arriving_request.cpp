// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/arriving_request.h"

#include "core/result/ascii_case.h"
#include "proxy/http/http1_syntax.h"
#include "proxy/server/connection_facts.h"
#include "proxy/server/forwarded_client_cert.h"
#include "proxy/server/request_id.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <ifaddrs.h>

namespace sallyport::server {

namespace {

using http::HeaderMap;
using http::Known;

/// Never believed when it comes from outside (envoy-behaviour.md 3.3).
constexpr Known internalOnly[] = {
    Known::EnvoyRetriableStatusCodes,
    Known::EnvoyRetriableHeaderNames,
    Known::EnvoyRetryOn,
    Known::EnvoyRetryGrpcOn,
    Known::EnvoyMaxRetries,
    Known::EnvoyUpstreamAltStatName,
    Known::EnvoyUpstreamRequestTimeout,
    Known::EnvoyUpstreamRequestPerTryTimeout,
    Known::EnvoyUpstreamRequestTimeoutAltResponse,
    Known::EnvoyExpectedRequestTimeout,
    Known::EnvoyForceTrace,
    Known::EnvoyIpTags,
    Known::EnvoyOriginalUrl,
    Known::EnvoyHedgeOnPerTryTimeout,
    Known::EnvoyUpstreamStreamDuration,
};
constexpr Known internalOnlyAtTheEdge[] = {
    Known::EnvoyDecoratorOperation,    Known::EnvoyDownstreamServiceCluster,
    Known::EnvoyDownstreamServiceNode, Known::EnvoyOriginalPath,
    Known::EnvoyOriginalHost,
};

/// Envoy means 127.0.0.1 and ::1 only, not the whole loopback range.
bool isLocalhost(const net::Address &address)
{
    return address.isLoopback() &&
           (address.family() == net::Address::Family::V6 || address.v4() == 0x7F000001);
}

/// A URL without user and fragment, or a reference relative to one, which may be empty.
bool isValidReferer(std::string_view value)
{
    http::TargetParts parts;
    const std::size_t scheme = value.find("://");
    if (scheme != std::string_view::npos && http::splitTarget(value, false, parts)) {
        const std::string_view rest = value.substr(scheme + 3);
        return rest.find('#') == std::string_view::npos &&
               rest.substr(0, rest.find_first_of("/?")).find('@') == std::string_view::npos;
    }
    constexpr std::string_view others = "-._~!$&'()*+,;=@%?";
    bool inPath = false;
    return std::all_of(value.begin(), value.end(), [&](unsigned char c) {
        if (c == '/')
            inPath = true;
        return c == '/' || (c == ':' && inPath) || (c < 0x80 && std::isalnum(c) != 0) ||
               others.find(static_cast<char>(c)) != std::string_view::npos;
    });
}

/// Only in lower case: `Trailers` is another coding.
bool acceptsTrailers(std::string_view list)
{
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        if (http::trimmed(list.substr(0, comma)) == "trailers")
            return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

void sanitizeTe(HeaderMap &headers)
{
    if (!headers.has(Known::Te))
        return;
    if (acceptsTrailers(headers.get(Known::Te)))
        headers.set(Known::Te, "trailers");
    else
        headers.remove(Known::Te);
}

void appendPeer(HeaderMap &headers, const net::Address &peer)
{
    if (!peer.isIp())
        return;
    const std::string text = (isLocalhost(peer) ? ownAddress() : peer).ipText();
    headers.append(Known::ForwardedFor, text, ",");
}

std::string_view schemeOf(bool tls)
{
    return tls ? "https" : "http";
}

bool isScheme(std::string_view text)
{
    return http::equalsIgnoreCase(text, "http") || http::equalsIgnoreCase(text, "https");
}

/// What a proxy before said, if it is a scheme, else what is spoken here.
std::string_view toldScheme(const HeaderMap &headers, bool tls)
{
    const std::string_view told = headers.get(Known::ForwardedProto);
    return isScheme(told) ? told : schemeOf(tls);
}

} // namespace

const net::Address &ownAddress()
{
    static const net::Address own = [] {
        ifaddrs *list = nullptr;
        net::Address found = net::Address::v4(0x7F000001, 0);
        if (::getifaddrs(&list) != 0)
            return found;
        for (const ifaddrs *each = list; each != nullptr; each = each->ifa_next) {
            if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET)
                continue;
            const net::Address address = net::Address::fromSockaddr(each->ifa_addr, sizeof(sockaddr_in));
            if (!address.isLoopback()) {
                found = address;
                break;
            }
        }
        ::freeifaddrs(list);
        return found;
    }();
    return own;
}

ArrivalPolicy::ArrivalPolicy(const dataplane::HttpConnectionManager &configuration,
                             const dataplane::Bootstrap::Node &node)
    : ipDetections(configuration.ipDetections)
{
    if (configuration.addUserAgent)
        userAgent = UserAgent{node.cluster, node.id};
    if (!configuration.internalAddresses)
        return;
    internalUnixSockets = configuration.internalAddresses->unixSockets;
    for (const dataplane::CidrRange &range : configuration.internalAddresses->rangesInForce())
        internalRanges.emplace_back(range);
}

bool ArrivalPolicy::isInternal(const net::Address &address) const
{
    if (address.family() == net::Address::Family::Pipe)
        return internalUnixSockets;
    const dataplane::IpAddress ip = ipAddressOf(address);
    return std::any_of(internalRanges.begin(), internalRanges.end(),
                       [&](const dataplane::CompiledRange &range) { return range.contains(ip); });
}

bool isUpgradeRequest(const HeaderMap &headers)
{
    return headers.has(Known::Upgrade) && http::listContains(headers.get(Known::Connection), "upgrade");
}

bool isGrpcRequest(const HeaderMap &headers)
{
    constexpr std::string_view grpc = "application/grpc";
    const std::string_view type = headers.get(Known::ContentType);
    // What has no path (CONNECT) is none, whatever its type.
    return headers.has(Known::Path) && type.starts_with(grpc) &&
           (type.size() == grpc.size() || type[grpc.size()] == '+');
}

Arrival mutateArrivingRequest(HeaderMap &headers, const dataplane::HttpConnectionManager &configuration,
                              const ArrivalPolicy &policy,
                              const std::vector<std::string> &internalOnlyHeaders,
                              const net::Connection &connection, std::mt19937_64 &random)
{
    const net::Address &peer = connection.addresses().remote;
    const bool tls = connection.tls() != nullptr;
    if (!isUpgradeRequest(headers)) {
        headers.remove(Known::Connection);
        headers.remove(Known::Upgrade);
        sanitizeTe(headers);
    }
    headers.remove(Known::EnvoyInternal);
    headers.remove(Known::KeepAlive);
    headers.remove(Known::ProxyConnection);
    headers.remove(Known::TransferEncoding);
    if (headers.has(Known::Referer) &&
        (headers.count("referer") > 1 || !isValidReferer(headers.get(Known::Referer))))
        headers.remove(Known::Referer);

    net::Address client = peer;
    bool singleXff = true;
    if (configuration.useRemoteAddress) {
        const std::uint32_t hops = configuration.xffNumTrustedHops;
        if (hops > 0) {
            const net::Address told = forwardedAddress(headers.get(Known::ForwardedFor), hops - 1, singleXff);
            if (told.isValid())
                client = told;
        }
        singleXff = !headers.has(Known::ForwardedFor);
        if (!configuration.skipXffAppend)
            appendPeer(headers, peer);
        // From a trusted proxy the header is believed; from others it says what was really spoken.
        if (hops == 0 || !headers.has(Known::ForwardedProto))
            headers.set(Known::ForwardedProto, schemeOf(tls));
        if (configuration.appendXForwardedPort && (hops == 0 || !headers.has(Known::ForwardedPort)))
            headers.setNumber(Known::ForwardedPort, connection.addresses().local.port());
    } else if (policy.ipDetections.isEmpty()) {
        const net::Address told =
            forwardedAddress(headers.get(Known::ForwardedFor), configuration.xffNumTrustedHops, singleXff);
        if (told.isValid())
            client = told;
        singleXff = singleXff && told.isValid();
    } else {
        const DetectedClient told = policy.ipDetections.detect(headers, peer);
        if (told.rejectsWith)
            return {peer, told.rejectsWith};
        if (told.address.isValid())
            client = told.address;
        singleXff = told.trusted;
        if (told.appendsPeer)
            appendPeer(headers, peer);
    }
    if (!headers.has(Known::ForwardedProto))
        headers.set(Known::ForwardedProto, schemeOf(tls));
    if (configuration.appendXForwardedPort && !headers.has(Known::ForwardedPort))
        headers.setNumber(Known::ForwardedPort, connection.addresses().local.port());
    if (!configuration.schemeOverwrite.empty()) {
        headers.set(Known::Scheme, configuration.schemeOverwrite);
        headers.set(Known::ForwardedProto, configuration.schemeOverwrite);
    }
    const std::string scheme =
        asciiLowered(headers.has(Known::Scheme) ? headers.get(Known::Scheme) : toldScheme(headers, tls));
    if (headers.get(Known::Scheme) != scheme)
        headers.set(Known::Scheme, scheme);

    const bool internal = singleXff && policy.isInternal(client);
    const bool edge = !internal && configuration.useRemoteAddress;
    if (internal) {
        headers.set(Known::EnvoyInternal, "true");
    } else {
        for (const Known name : internalOnly)
            headers.remove(name);
        if (edge) {
            for (const Known name : internalOnlyAtTheEdge)
                headers.remove(name);
        }
        for (const std::string &name : internalOnlyHeaders)
            headers.remove(std::string_view(name));
    }
    if (policy.userAgent) {
        headers.set(Known::EnvoyDownstreamServiceCluster, policy.userAgent->cluster);
        if (headers.get(Known::UserAgent).empty())
            headers.set(Known::UserAgent, policy.userAgent->cluster);
        if (!policy.userAgent->node.empty())
            headers.set(Known::EnvoyDownstreamServiceNode, policy.userAgent->node);
    }
    if (!configuration.via.empty())
        headers.append(Known::Via, configuration.via, ", ");
    if (edge)
        headers.set(Known::EnvoyExternalAddress, client.ipText());
    setRequestId(headers, configuration, edge, random);
    mutateForwardedClientCert(headers, configuration, connection.tls());
    return {client, std::nullopt};
}

void settleScheme(HeaderMap &headers, bool tls)
{
    if (!isScheme(headers.get(Known::Scheme)))
        headers.set(Known::Scheme, toldScheme(headers, tls));
}

std::uint16_t normalizeHost(HeaderMap &headers, const dataplane::HttpConnectionManager &configuration,
                            std::uint16_t localPort)
{
    std::string_view host = headers.get(Known::Authority);
    if (configuration.stripTrailingHostDot) {
        const std::size_t colon = host.rfind(':');
        const std::size_t end =
            colon == std::string_view::npos || host.find(']', colon) != std::string_view::npos ? host.size()
                                                                                               : colon;
        if (end > 0 && host[end - 1] == '.') {
            const std::string shorter = std::string(host.substr(0, end - 1)) + std::string(host.substr(end));
            headers.set(Known::Authority, shorter);
            host = headers.get(Known::Authority);
        }
    }
    if (!configuration.stripAnyHostPort && !configuration.stripMatchingHostPort)
        return 0;
    const std::size_t colon = host.rfind(':');
    if (colon == std::string_view::npos || host.find(']', colon) != std::string_view::npos)
        return 0;
    const std::string_view digits = host.substr(colon + 1);
    std::uint32_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size())
        return 0;
    if (!configuration.stripAnyHostPort && port != localPort)
        return 0;
    const std::string bare(host.substr(0, colon));
    headers.set(Known::Authority, bare);
    return headers.get(Known::Method) == "CONNECT" ? static_cast<std::uint16_t>(port) : std::uint16_t{0};
}

} // namespace sallyport::server
