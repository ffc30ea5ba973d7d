// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/arrival.h"

#include "core/dataplane/value_matchers.h"
#include "core/result/ascii_case.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sallyport::explain {

namespace {

using Configuration = dataplane::HttpConnectionManager;

constexpr std::string_view forwardedFor = "x-forwarded-for";
constexpr std::string_view forwardedProto = "x-forwarded-proto";
constexpr std::string_view clientCertHeader = "x-forwarded-client-cert";

/// Never believed when they come from outside.
constexpr std::array internalOnly = {"x-envoy-retriable-status-codes",
                                     "x-envoy-retriable-header-names",
                                     "x-envoy-retry-on",
                                     "x-envoy-retry-grpc-on",
                                     "x-envoy-max-retries",
                                     "x-envoy-upstream-alt-stat-name",
                                     "x-envoy-upstream-rq-timeout-ms",
                                     "x-envoy-upstream-rq-per-try-timeout-ms",
                                     "x-envoy-upstream-rq-timeout-alt-response",
                                     "x-envoy-expected-rq-timeout-ms",
                                     "x-envoy-force-trace",
                                     "x-envoy-ip-tags",
                                     "x-envoy-original-url",
                                     "x-envoy-hedge-on-per-try-timeout",
                                     "x-envoy-upstream-stream-duration-ms"};
constexpr std::array internalOnlyAtTheEdge = {
    "x-envoy-decorator-operation", "x-envoy-downstream-service-cluster", "x-envoy-downstream-service-node",
    "x-envoy-original-path", "x-envoy-original-host"};

std::string trimmed(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(' ');
    return first == std::string_view::npos
               ? std::string()
               : std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

/// The entry of x-forwarded-for that is `skipped` entries from its right end; empty if it is no address.
std::string forwardedAddress(std::string_view list, std::uint32_t skipped, bool &single)
{
    single = list.find(',') == std::string_view::npos;
    for (std::uint32_t i = 0; i < skipped; ++i) {
        const std::size_t comma = list.rfind(',');
        if (comma == std::string_view::npos)
            return {};
        list = list.substr(0, comma);
    }
    const std::size_t comma = list.rfind(',');
    std::string last = trimmed(comma == std::string_view::npos ? list : list.substr(comma + 1));
    return dataplane::IpAddress::parse(last).isValid() ? last : std::string();
}

/// Where nothing is said about it nobody is.
bool isInternal(const std::string &address, const Configuration &configuration)
{
    if (!configuration.internalAddresses)
        return false;
    const dataplane::IpAddress ip = dataplane::IpAddress::parse(address);
    const std::vector<dataplane::CidrRange> &ranges = configuration.internalAddresses->rangesInForce();
    return std::any_of(ranges.begin(), ranges.end(), [&ip](const dataplane::CidrRange &range) {
        return dataplane::CompiledRange(range).contains(ip);
    });
}

void stripPort(CarriedRequest &request, const Configuration &configuration, std::uint16_t localPort)
{
    std::string host(request.authority());
    if (configuration.stripTrailingHostDot) {
        const std::size_t end = std::min(host.rfind(':'), host.size());
        if (end > 0 && host[end - 1] == '.')
            host.erase(end - 1, 1);
    }
    const std::size_t colon = host.rfind(':');
    if ((configuration.stripAnyHostPort || configuration.stripMatchingHostPort) &&
        colon != std::string::npos && host.find(']', colon) == std::string::npos) {
        std::uint32_t port = 0;
        const char *last = host.data() + host.size();
        const auto [end, error] = std::from_chars(host.data() + colon + 1, last, port);
        if (error == std::errc() && end == last && (configuration.stripAnyHostPort || port == localPort))
            host.resize(colon);
    }
    request.setAuthority(std::move(host));
}

void setClientCert(CarriedRequest &request, const Configuration &configuration, const std::string &element)
{
    using Details = Configuration::ClientCertDetails;
    if (configuration.clientCert == Details::AlwaysForwardOnly)
        return;
    if (configuration.clientCert == Details::Sanitize || element.empty())
        request.remove(clientCertHeader);
    else if (configuration.clientCert == Details::AppendForward)
        request.append(clientCertHeader, element, ",");
    else if (configuration.clientCert == Details::SanitizeSet)
        request.set(clientCertHeader, element);
}

} // namespace

bool isKnownMethod(std::string_view method)
{
    static constexpr std::array<std::string_view, 35> methods = {
        "ACL",       "BIND",      "CHECKOUT", "CONNECT", "COPY",       "DELETE",     "GET",
        "HEAD",      "LINK",      "LOCK",     "MERGE",   "MKACTIVITY", "MKCALENDAR", "MKCOL",
        "MOVE",      "MSEARCH",   "NOTIFY",   "OPTIONS", "PATCH",      "POST",       "PROPFIND",
        "PROPPATCH", "PURGE",     "PUT",      "QUERY",   "REBIND",     "REPORT",     "SEARCH",
        "SOURCE",    "SUBSCRIBE", "TRACE",    "UNBIND",  "UNLINK",     "UNLOCK",     "UNSUBSCRIBE"};
    return std::find(methods.begin(), methods.end(), method) != methods.end();
}

std::string arrive(CarriedRequest &request, const Configuration &configuration, const ArrivedOn &connection)
{
    request.dynamicMetadata() = {};
    stripPort(request, configuration, connection.localPort);
    for (const char *name :
         {"connection", "upgrade", "keep-alive", "proxy-connection", "transfer-encoding", "x-envoy-internal"})
        request.remove(name);
    const std::string scheme = connection.tls ? "https" : "http";
    std::string client = connection.peerAddress;
    bool single = true;
    const bool hadForwardedFor = request.has(forwardedFor);
    if (configuration.useRemoteAddress) {
        const std::uint32_t hops = configuration.xffNumTrustedHops;
        if (hops > 0) {
            const std::string told = forwardedAddress(request.get(forwardedFor), hops - 1, single);
            if (!told.empty())
                client = told;
        }
        single = !hadForwardedFor;
        if (!configuration.skipXffAppend)
            request.append(forwardedFor, connection.peerAddress, ",");
        if (hops == 0 || !request.has(forwardedProto))
            request.set(forwardedProto, scheme);
    } else {
        const std::string told =
            forwardedAddress(request.get(forwardedFor), configuration.xffNumTrustedHops, single);
        if (!told.empty())
            client = told;
    }
    if (!request.has(forwardedProto))
        request.set(forwardedProto, scheme);
    // HTTP/1 says no scheme: what is told counts, if it is one.
    if (!connection.http2) {
        const std::string told = asciiLowered(request.get(forwardedProto));
        request.setScheme(told == "http" || told == "https" ? told : scheme);
    }
    if (!configuration.schemeOverwrite.empty()) {
        request.setScheme(configuration.schemeOverwrite);
        request.set(forwardedProto, configuration.schemeOverwrite);
    }
    const bool internal = (configuration.useRemoteAddress ? single : single && hadForwardedFor) &&
                          isInternal(client, configuration);
    if (internal) {
        request.set("x-envoy-internal", "true");
    } else {
        for (const char *name : internalOnly)
            request.remove(name);
        if (configuration.useRemoteAddress) {
            for (const char *name : internalOnlyAtTheEdge)
                request.remove(name);
            request.set("x-envoy-external-address", client);
        }
        for (const std::string &name : configuration.routes.internalOnlyHeaders)
            request.remove(lowered(name));
    }
    setClientCert(request, configuration, connection.clientCert);
    return client;
}

} // namespace sallyport::explain
