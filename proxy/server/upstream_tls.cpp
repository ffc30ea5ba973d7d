// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/upstream_tls.h"

#include "core/dataplane/authority.h"
#include "core/result/ascii_case.h"
#include "proxy/net/address.h"

namespace sallyport::server {

namespace {

void applyIstioAlpn(net::TlsClientOverrides &overrides, const upstream::ClusterInfo &cluster,
                    const dataplane::IstioAlpn &alpn, http::Protocol protocol)
{
    const QJsonObject istio =
        cluster.configuration().metadata.filters.value(QLatin1String("istio")).toObject();
    if (istio.value(QLatin1String("alpn_override")).toString() == QLatin1String("false"))
        return;
    const auto found = alpn.overrides.find(protocol == http::Protocol::Http2 ? "HTTP2" : "HTTP11");
    if (found != alpn.overrides.end())
        overrides.alpn = found->second;
}

} // namespace

net::TlsClientOverrides upstreamTlsOverrides(const upstream::ClusterInfo &cluster,
                                             const http::HeaderMap &headers, const dataplane::IstioAlpn *alpn,
                                             http::Protocol protocol)
{
    net::TlsClientOverrides overrides;
    const auto &options = cluster.configuration().http;
    if (options && (options->autoSni || options->autoSanValidation)) {
        const std::string header = asciiLowered(options->overrideAutoSniHeader);
        std::string_view authority =
            header.empty() ? std::string_view() : headers.get(std::string_view(header));
        if (authority.empty())
            authority = headers.get(http::Known::Authority);
        std::string host = dataplane::hostOf(authority);
        if (options->autoSni && !host.empty() && !net::Address::isIpLiteral(host))
            overrides.sni = host;
        if (options->autoSanValidation && !host.empty())
            overrides.verifySans = {std::move(host)};
    }
    if (alpn != nullptr)
        applyIstioAlpn(overrides, cluster, *alpn, protocol);
    if (cluster.usesAlpnProtocol())
        overrides.alpnFallback = {"h2", "http/1.1"};
    else if (protocol == http::Protocol::Http2)
        overrides.alpnFallback = {"h2"};
    return overrides;
}

} // namespace sallyport::server
