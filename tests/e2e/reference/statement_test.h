// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/e2e/golden/gateway_run.h"
#include "tests/e2e/golden/upstream_server.h"
#include "tests/e2e/reference/statement.h"

#include <QTemporaryDir>
#include <QtTest>
#include <deque>
#include <memory>

namespace reference {

/// Asks one gateway, ours or the Envoy that SALLYPORT_ENGINE names, about many statements. A test derives
/// from it and lists its statements; the slots are here, so that it needs no meta-object of its own.
class StatementTest : public QObject
{
    Q_OBJECT

protected:
    /// To be called by statements(); the reference stays good.
    Statement &state(const QString &id) { return m_statements.emplace_back("envoy-behaviour " + id); }
    virtual void statements() = 0;
    /// Options of the golden upstreams beside `up`, by name.
    virtual QJsonObject upstreams() const { return {}; }

    /// One whose only route leads to a cluster of its own; further fields of the route's action, of the
    /// cluster.
    Statement &stateOfRoute(const QString &id, const QString &route, const QString &clusterFields = {},
                            const QString &port = QStringLiteral("up"));
    /// The same with these fields of a retry policy.
    Statement &stateOfPolicy(const QString &id, const QString &policy, const QString &clusterFields = {},
                             const QString &port = QStringLiteral("up"));

    static QByteArray get(const QByteArray &path, const QByteArray &lines = {})
    {
        return request("GET", path, lines);
    }
    static QByteArray request(const QByteArray &method, const QByteArray &path, const QByteArray &lines = {},
                              const QByteArray &body = {})
    {
        return method + ' ' + path + " HTTP/1.1\r\nhost: h\r\n" + lines + "\r\n" + body;
    }
    /// A request that the golden upstream answers with `code` this many times, then with 200.
    QByteArray flaky(int times, int code, const QByteArray &lines = {});
    /// A route with these fields of its action, for paths with this prefix.
    static QString routeTo(const QString &cluster, const QString &more = {},
                           const QString &prefix = QStringLiteral("/"));
    /// A route that answers by itself.
    static QString direct(int status, const QString &body = {});
    /// A local reply as a statement expects it.
    static QByteArray withText(const QByteArray &status, const QByteArray &body, const QByteArray &more = {});
    static QByteArray withoutText(const QByteArray &status, const QByteArray &more = {});
    /// An HTTP filter or another extension: `{"name": …, "typed_config": {…}}`.
    static QString extension(const QString &type, const QString &fields);
    /// A cluster with one endpoint on the port of this name.
    static QString cluster(const QString &name, const QString &port, const QString &more = {});
    /// Fields of a cluster with these of its HttpProtocolOptions.
    static QString httpOptions(const QString &fields);

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void holds_data();
    void holds();

private:
    QByteArray bootstrap();
    QString listener(int number);
    const golden::UpstreamServer *upstream(const QString &name) const;
    QByteArray record(int number) const;

    std::deque<Statement> m_statements;
    int m_flakyKeys = 0;
    QTemporaryDir m_folder;
    QTemporaryDir m_pki;
    std::unique_ptr<golden::Placeholders> m_placeholders;
    std::vector<std::unique_ptr<golden::UpstreamServer>> m_upstreams;
    std::unique_ptr<golden::GatewayRun> m_gateway;
};

} // namespace reference
