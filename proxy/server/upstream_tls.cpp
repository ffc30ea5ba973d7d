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

std::vector<std::string> commaSeparated(std::string_view text)
{
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        parts.emplace_back(text.substr(0, comma));
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
    return parts;
}

} // namespace

net::TlsClientOverrides upstreamTlsOverrides(const upstream::ClusterInfo &cluster,
                                             const http::HeaderMap &headers,
                                             const telemetry::FilterState &filterState,
                                             const dataplane::IstioAlpn *alpn, http::Protocol protocol)
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
    // What a filter has said goes before all of that.
    if (const std::string_view name = filterState.text(dataplane::upstreamServerNameKey); !name.empty())
        overrides.sni = name;
    if (const auto names = commaSeparated(filterState.text(dataplane::upstreamAltNamesKey)); !names.empty())
        overrides.verifySans = names;
    if (auto protocols = commaSeparated(filterState.text(dataplane::applicationProtocolsKey));
        !protocols.empty())
        overrides.alpn = std::move(protocols);
    if (cluster.usesAlpnProtocol())
        overrides.alpnFallback = {"h2", "http/1.1"};
    else if (protocol == http::Protocol::Http2)
        overrides.alpnFallback = {"h2"};
    return overrides;
}

} // namespace sallyport::server
