// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

namespace {

constexpr const char *upstreamTlsType = "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext";
constexpr const char *rawBufferType = "envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer";
constexpr const char *proxyProtocolType =
    "envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport";

} // namespace

void readTransport(JsonReader &a, UpstreamTransport &m)
{
    a.group("transport_socket", [&](JsonReader &socket) {
        socket.ignored({"name"});
        const bool typed = socket.any("typed_config", [&](JsonReader &config, const std::string &type) {
            if (type == upstreamTlsType) {
                describe(config, m.tls.emplace());
            } else if (type == proxyProtocolType) {
                m.proxyProtocol.emplace();
                config.group("config", [&](JsonReader &inner) { describe(inner, *m.proxyProtocol); });
                readTransport(config, m);
            } else if (type != rawBufferType) {
                config.fail("@type", "this transport socket is not supported by this gateway: " + type);
                config.ignoreRest();
            }
        });
        socket.check(typed || socket.state().asked != nullptr, "typed_config",
                     "a transport socket needs its configuration");
    });
}

void writeTransport(JsonWriter &a, const UpstreamTransport &m)
{
    JsonWriter socket;
    if (m.tls) {
        socket.set("name", QStringLiteral("envoy.transport_sockets.tls"));
        writeAny(socket, "typed_config", upstreamTlsType, *m.tls);
    } else if (m.proxyProtocol) {
        socket.set("name", QStringLiteral("envoy.transport_sockets.raw_buffer"));
        socket.set("typed_config", QJsonObject{{QStringLiteral("@type"),
                                                QLatin1String(typePrefix) + QLatin1String(rawBufferType)}});
    }
    if (m.proxyProtocol) {
        const QJsonObject config{
            {QStringLiteral("@type"), QLatin1String(typePrefix) + QLatin1String(proxyProtocolType)},
            {QStringLiteral("config"), JsonWriter::write(*m.proxyProtocol)},
            {QStringLiteral("transport_socket"), socket.object()}};
        a.set("transport_socket",
              QJsonObject{
                  {QStringLiteral("name"), QStringLiteral("envoy.transport_sockets.upstream_proxy_protocol")},
                  {QStringLiteral("typed_config"), config}});
    } else if (!socket.object().isEmpty()) {
        a.set("transport_socket", socket.object());
    }
}

template<typename A>
void describe(A &a, TransportSocketMatch &m)
{
    a.message("envoy.config.cluster.v3.Cluster.TransportSocketMatch");
    a.field("name", m.name);
    a.field("match", m.match);
    if constexpr (std::is_same_v<A, JsonReader>) {
        a.check(a.has("transport_socket"), "transport_socket", "a transport socket is required");
        readTransport(a, m.transport);
    } else {
        writeTransport(a, m.transport);
        if (!m.transport.tls && !m.transport.proxyProtocol)
            a.set("transport_socket",
                  QJsonObject{{QStringLiteral("name"), QStringLiteral("envoy.transport_sockets.raw_buffer")},
                              {QStringLiteral("typed_config"),
                               QJsonObject{{QStringLiteral("@type"),
                                            QLatin1String(typePrefix) + QLatin1String(rawBufferType)}}}});
    }
}
SALLYPORT_DESCRIBED(TransportSocketMatch)

} // namespace sallyport::dataplane
