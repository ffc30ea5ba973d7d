// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/dns_resolver.h"
#include "proxy/application/name_server.h"

#include <QStringList>
#include <QTest>

/// A name server of a test's own, on loopback.
class TestNames
{
public:
    /// What the names stand for from now on, as a hosts file has it with commas for lines:
    /// `127.0.0.1 a,127.0.0.2 a b`.
    void set(const QString &names)
    {
        sallyport::lab::NameServer server;
        server.at = {address, 0};
        for (const QString &line : names.split(',', Qt::SkipEmptyParts)) {
            const QStringList words = line.split(' ', Qt::SkipEmptyParts);
            for (qsizetype i = 1; i < words.size(); ++i)
                server.addresses[words[i].toStdString()].push_back(words.front().toStdString());
        }
        const auto served = m_server.setServers({server});
        [&] { QVERIFY(served); }();
    }
    quint16 port() const { return m_server.port(); }
    sallyport::dataplane::DnsResolver resolver() const
    {
        sallyport::dataplane::DnsResolver asked;
        asked.resolvers.push_back({address, m_server.port(), {}});
        return asked;
    }
    /// A bootstrap that asks it.
    QByteArray added(QByteArray bootstrap) const
    {
        const QString resolver =
            QStringLiteral(
                R"({"typed_dns_resolver_config": {"name": "envoy.network.dns_resolver.cares", "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig",
                "resolvers": [{"socket_address": {"address": "%2", "port_value": %1}}]}},)")
                .arg(m_server.port())
                .arg(QLatin1String(address));
        return bootstrap.replace(bootstrap.indexOf('{'), 1, resolver.toUtf8());
    }

private:
    /// As in a lab: not the first of its interface.
    static constexpr const char *address = "127.0.0.53";

    sallyport::application::NameServer m_server;
};
