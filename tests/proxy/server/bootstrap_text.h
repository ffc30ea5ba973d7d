// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

/// Pieces of Envoy's v3 API as text, for tests that put bootstraps together.
namespace bootstrap_text {

inline QString type(const char *name)
{
    return QStringLiteral("\"@type\": \"type.googleapis.com/%1\"").arg(QLatin1String(name));
}

inline QString address(quint16 port, const QString &ip = QStringLiteral("127.0.0.1"))
{
    return QStringLiteral(R"({"socket_address": {"address": "%1", "port_value": %2}})").arg(ip).arg(port);
}

inline QString filter(const char *typeName, const QString &fields)
{
    return QStringLiteral(R"({"name": "f", "typed_config": {%1%2%3}})")
        .arg(type(typeName), fields.isEmpty() ? QString() : QStringLiteral(", "), fields);
}

inline QString directResponse(const QString &text)
{
    return filter("envoy.extensions.filters.network.direct_response.v3.Config",
                  QStringLiteral(R"("response": {"inline_string": "%1"})").arg(text));
}

inline QString tcpProxy(const QString &more = QStringLiteral(R"("cluster": "up")"))
{
    return filter("envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
                  QStringLiteral(R"("stat_prefix": "tcp", %1)").arg(more));
}

/// A text access log with one line a record.
inline QString accessLog(const QString &path, const QString &format)
{
    return QStringLiteral(R"("access_log": [{"name": "l", "typed_config": {%1, "path": "%2",
        "log_format": {"text_format_source": {"inline_string": "%3\n"}}}}])")
        .arg(type("envoy.extensions.access_loggers.file.v3.FileAccessLog"), path, format);
}

/// `more` are further fields of the chain.
inline QString chain(const QString &filters, const QString &more = {})
{
    return QStringLiteral(R"({"filters": [%1]%2%3})")
        .arg(filters, more.isEmpty() ? QString() : QStringLiteral(", "), more);
}

inline QString serverTls(const QString &certificate, const QString &key, const QString &more = {})
{
    return QStringLiteral(R"("transport_socket": {"name": "tls", "typed_config": {%1,
        "common_tls_context": {"tls_certificates": [{"certificate_chain": {"filename": "%2"},
        "private_key": {"filename": "%3"}}]}%4}})")
        .arg(type("envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext"), certificate, key,
             more.isEmpty() ? QString() : QStringLiteral(", ") + more);
}

inline QString listenerFilter(const char *name, const char *typeName, const QString &fields = {})
{
    return QStringLiteral(R"({"name": "envoy.filters.listener.%1", "typed_config": {%2%3%4}})")
        .arg(QLatin1String(name),
             type(qPrintable(QStringLiteral("envoy.extensions.filters.listener.%1.v3.%2")
                                 .arg(QLatin1String(name), QLatin1String(typeName)))),
             fields.isEmpty() ? QString() : QStringLiteral(", "), fields);
}

/// The field of a listener.
inline QString listenerFilters(const QString &filters)
{
    return QStringLiteral(R"("listener_filters": [%1])").arg(filters);
}

inline QString proxyProtocolFilter(const QString &fields = {})
{
    return listenerFilter("proxy_protocol", "ProxyProtocol", fields);
}

inline QString listener(const QString &name, quint16 port, const QString &chains, const QString &more = {},
                        const QString &ip = QStringLiteral("127.0.0.1"))
{
    return QStringLiteral(R"({"name": "%1", "address": %2, "filter_chains": [%3]%4%5})")
        .arg(name, address(port, ip), chains, more.isEmpty() ? QString() : QStringLiteral(", "), more);
}

inline QString cluster(const QString &name, const QList<quint16> &ports, const QString &more = {})
{
    QStringList endpoints;
    for (const quint16 port : ports)
        endpoints.append(QStringLiteral(R"({"endpoint": {"address": %1}})").arg(address(port)));
    return QStringLiteral(R"({"name": "%1", "connect_timeout": "2s", "load_assignment": {
        "cluster_name": "%1", "endpoints": [{"lb_endpoints": [%2]}]}%3%4})")
        .arg(name, endpoints.join(QLatin1Char(',')), more.isEmpty() ? QString() : QStringLiteral(", "), more);
}

inline QByteArray bootstrap(const QString &listeners, const QString &clusters, const QString &more = {})
{
    return QStringLiteral(R"({"static_resources": {"listeners": [%1], "clusters": [%2]%3%4}})")
        .arg(listeners, clusters, more.isEmpty() ? QString() : QStringLiteral(", "), more)
        .toUtf8();
}

} // namespace bootstrap_text
