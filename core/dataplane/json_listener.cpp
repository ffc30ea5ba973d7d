// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

namespace {

constexpr const char *managerType =
    "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
constexpr const char *tcpProxyType = "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy";
constexpr const char *networkRbacType = "envoy.extensions.filters.network.rbac.v3.RBAC";
constexpr const char *sniClusterType = "envoy.extensions.filters.network.sni_cluster.v3.SniCluster";
constexpr const char *sniForwardProxyType =
    "envoy.extensions.filters.network.sni_dynamic_forward_proxy.v3.FilterConfig";
constexpr const char *directResponseType = "envoy.extensions.filters.network.direct_response.v3.Config";
constexpr const char *downstreamTlsType = "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext";
constexpr const char *rawBufferType = "envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer";

void readFilterConfig(JsonReader &inner, const std::string &type, NetworkFilter &m)
{
    if (type == managerType) {
        describe(inner, m.config.emplace<HttpConnectionManager>());
    } else if (type == tcpProxyType) {
        describe(inner, m.config.emplace<TcpProxy>());
    } else if (type == networkRbacType) {
        describe(inner, m.config.emplace<Rbac>());
    } else if (type == sniClusterType) {
        m.config.emplace<SniCluster>();
    } else if (type == sniForwardProxyType) {
        describe(inner, m.config.emplace<SniDynamicForwardProxy>());
    } else if (type == directResponseType) {
        inner.field("response", m.config.emplace<NetworkDirectResponse>().response);
    } else if (type == "udpa.type.v1.TypedStruct" || type == "xds.type.v3.TypedStruct" ||
               type.starts_with("stats.") || type.starts_with("envoy.tcp.metadataexchange")) {
        m.config = OpaqueConfig{type, inner.object()};
        inner.ignoreRest();
    } else {
        inner.fail("@type", "this network filter is not supported by this gateway: " + type);
        inner.ignoreRest();
    }
}

void readTransportSocket(JsonReader &a, FilterChain &m)
{
    a.group("transport_socket", [&](JsonReader &socket) {
        socket.ignored({"name"});
        const bool typed = socket.any("typed_config", [&](JsonReader &config, const std::string &type) {
            if (type == downstreamTlsType) {
                describe(config, m.tls.emplace());
            } else if (type != rawBufferType) {
                config.fail("@type", "this transport socket is not supported by this gateway: " + type);
                config.ignoreRest();
            }
        });
        socket.check(typed, "typed_config", "a transport socket needs its configuration");
    });
}

} // namespace

template<typename A>
void describe(A &a, SniDynamicForwardProxy &m)
{
    a.message("envoy.extensions.filters.network.sni_dynamic_forward_proxy.v3.FilterConfig");
    a.group("dns_cache_config", [&](A &inner) { describe(inner, m.cache); });
    // Where it is not given names are not looked up, and 443 is to be written.
    if constexpr (A::reading)
        m.port = 0;
    a.field("port_value", m.port);
    a.ignored({"save_upstream_address"});
}
SALLYPORT_DESCRIBED(SniDynamicForwardProxy)

template<typename A>
void describe(A &a, NetworkFilter &m)
{
    a.message("envoy.config.listener.v3.Filter");
    a.field("name", m.name);
    a.refused({"config_discovery"});
    if constexpr (A::reading) {
        const bool typed = a.any("typed_config", [&](JsonReader &inner, const std::string &type) {
            readFilterConfig(inner, type, m);
        });
        a.check(typed, "typed_config", "a filter needs its configuration");
    } else {
        std::visit(
            [&](const auto &config) {
                using T = std::decay_t<decltype(config)>;
                if constexpr (std::is_same_v<T, OpaqueConfig>)
                    a.set("typed_config", config.value);
                else if constexpr (std::is_same_v<T, SniCluster>)
                    a.set("typed_config",
                          QJsonObject{{QStringLiteral("@type"),
                                       QLatin1String(typePrefix) + QLatin1String(sniClusterType)}});
                else if constexpr (std::is_same_v<T, NetworkDirectResponse>)
                    a.set("typed_config",
                          QJsonObject{{QStringLiteral("@type"),
                                       QLatin1String(typePrefix) + QLatin1String(directResponseType)},
                                      {QStringLiteral("response"), JsonWriter::write(config.response)}});
                else
                    writeAny(a, "typed_config",
                             std::is_same_v<T, HttpConnectionManager>    ? managerType
                             : std::is_same_v<T, TcpProxy>               ? tcpProxyType
                             : std::is_same_v<T, SniDynamicForwardProxy> ? sniForwardProxyType
                                                                         : networkRbacType,
                             config);
            },
            m.config);
    }
}
SALLYPORT_DESCRIBED(NetworkFilter)

template<typename A>
void describe(A &a, FilterChainMatch &m)
{
    a.message("envoy.config.listener.v3.FilterChainMatch");
    a.field("destination_port", m.destinationPort);
    a.field("prefix_ranges", m.prefixRanges);
    a.field("direct_source_prefix_ranges", m.directSourcePrefixRanges);
    a.word("source_type", m.sourceType, {"ANY", "SAME_IP_OR_LOOPBACK", "EXTERNAL"});
    a.field("source_prefix_ranges", m.sourcePrefixRanges);
    a.field("source_ports", m.sourcePorts);
    a.field("server_names", m.serverNames);
    a.field("transport_protocol", m.transportProtocol);
    a.field("application_protocols", m.applicationProtocols);
    a.refused({"address_suffix", "suffix_len"});
    for (const std::string &name : m.serverNames)
        a.check(name.find('*') == std::string::npos || name == "*" ||
                    (name.starts_with("*.") && name.find('*', 1) == std::string::npos),
                "server_names", "partial wildcards are not supported in server_names");
}
SALLYPORT_DESCRIBED(FilterChainMatch)

template<typename A>
void describe(A &a, FilterChain &m)
{
    a.message("envoy.config.listener.v3.FilterChain");
    a.field("name", m.name);
    a.group("filter_chain_match", [&](A &inner) { describe(inner, m.match); });
    a.field("filters", m.filters);
    if constexpr (std::is_same_v<A, JsonReader>) {
        readTransportSocket(a, m);
    } else {
        if (m.tls) {
            JsonWriter socket;
            socket.set("name", QStringLiteral("envoy.transport_sockets.tls"));
            writeAny(socket, "typed_config", downstreamTlsType, *m.tls);
            a.set("transport_socket", socket.object());
        }
    }
    a.field("transport_socket_connect_timeout", m.transportSocketConnectTimeout);
    if (A::reading || !m.metadata.filters.isEmpty())
        a.field("metadata", m.metadata);
    a.refused({"use_proxy_proto"});
}
SALLYPORT_DESCRIBED(FilterChain)

template<typename A>
void describe(A &a, Listener &m)
{
    a.message("envoy.config.listener.v3.Listener");
    a.field("name", m.name);
    if constexpr (A::reading)
        a.check(a.has("address"), "address", "a listener needs an address");
    a.field("address", m.address);
    if constexpr (A::reading) {
        const QJsonArray array = a.take("additional_addresses").toArray();
        for (qsizetype i = 0; i < array.size(); ++i) {
            JsonReader inner(array.at(i).toObject(),
                             a.child("additional_addresses") + '[' + std::to_string(i) + ']', a.state());
            inner.check(inner.has("address"), "address", "an address is required");
            inner.field("address", m.additionalAddresses.emplace_back());
            inner.refused({"socket_options", "tcp_keepalive"});
            inner.finish();
        }
    } else if (!m.additionalAddresses.empty()) {
        QJsonArray array;
        for (const SocketAddress &address : m.additionalAddresses)
            array.append(QJsonObject{{QStringLiteral("address"), JsonWriter::write(address)}});
        a.set("additional_addresses", array);
    }
    a.field("stat_prefix", m.statPrefix);
    a.field("filter_chains", m.filterChains);
    a.field("default_filter_chain", m.defaultFilterChain);
    a.field("listener_filters", m.listenerFilters);
    a.field("listener_filters_timeout", m.listenerFiltersTimeout);
    a.field("continue_on_listener_filters_timeout", m.continueOnListenerFiltersTimeout);
    a.field("use_original_dst", m.useOriginalDst);
    a.field("bind_to_port", m.bindToPort, true);
    if constexpr (A::reading) {
        bool bindAsBefore = true;
        a.group("deprecated_v1", [&](A &inner) { inner.field("bind_to_port", bindAsBefore); });
        m.bindToPort = m.bindToPort && bindAsBefore;
    }
    a.field("transparent", m.transparent);
    a.field("per_connection_buffer_limit_bytes", m.perConnectionBufferLimit, 1U << 20U);
    a.word("traffic_direction", m.direction, {"UNSPECIFIED", "INBOUND", "OUTBOUND"});
    a.field("access_log", m.accessLogs);
    a.field("tcp_backlog_size", m.tcpBacklogSize);
    a.field("enable_reuse_port", m.enableReusePort);
    a.field("max_connections_to_accept_per_socket_event", m.maxConnectionsToAcceptPerSocketEvent);
    a.field("bypass_overload_manager", m.bypassOverloadManager);
    a.field("ignore_global_conn_limit", m.ignoreGlobalConnLimit);
    if (A::reading || !m.metadata.filters.isEmpty())
        a.field("metadata", m.metadata);
    a.word("drain_type", m.drainType, {"DEFAULT", "MODIFY_ONLY"});
    a.ignored({"connection_balance_config", "reuse_port", "enable_mptcp", "tcp_fast_open_queue_length"});
    a.refused({"freebind", "socket_options", "api_listener", "udp_listener_config", "filter_chain_matcher",
               "internal_listener", "fcds_config"});
    if constexpr (A::reading)
        a.check(!m.filterChains.empty() || m.defaultFilterChain, "filter_chains",
                "a listener needs at least one filter chain");
}
SALLYPORT_DESCRIBED(Listener)

} // namespace sallyport::dataplane
