// SPDX-License-Identifier: GPL-3.0-or-later
// A WebSocket library's client and server on both sides of a gateway.
#include "tests/e2e/clients/script_of_peers.h"

using namespace bootstrap_text;

class TestWebsocketClients : public QObject
{
    Q_OBJECT

    TestPki m_pki;

private Q_SLOTS:
    void initTestCase() { SALLYPORT_NEEDS_ENGINE(); }

    void sessions_data()
    {
        QTest::addColumn<bool>("tls");
        QTest::newRow("plaintext") << false;
        QTest::newRow("mutual TLS") << true;
    }
    void sessions()
    {
        QFETCH(bool, tls);
        ScriptOfPeers script("websocket-sessions");
        const QString manager = managerWith(
            R"({"match": {"prefix": "/socket"}, "route": {"cluster": "up"}},
               {"match": {"prefix": "/off"}, "route": {"cluster": "up",
                "upgrade_configs": [{"upgrade_type": "websocket", "enabled": false}]}})",
            R"("upgrade_configs": [{"upgrade_type": "websocket"}], "delayed_close_timeout": "0.05s")");
        AttackedGateway gateway([&](quint16 port) {
            return bootstrap(listener("main", port, tls ? mutualTlsChain(m_pki, manager) : chain(manager)),
                             cluster("up", {script.serverPort}));
        });
        QCOMPARE(
            script.outcome(gateway.port, tls ? &m_pki : nullptr),
            QByteArray("well: messages\nwell: large_messages\nwell: pieces\nwell: pings\nwell: subprotocol\n"
                       "well: client_closes\nwell: server_closes\nwell: server_vanishes\nwell: many_at_once\n"
                       "well: refused\n"));
        // 8 sessions one by one, 50 together and the one that had no route; none is left.
        QCOMPARE(gateway.stat("http.in.downstream_cx_upgrades_total"), 59);
        QTRY_COMPARE(gateway.stat("http.in.downstream_cx_upgrades_active"), 0);
        QTRY_COMPARE(gateway.stat("cluster.up.upstream_cx_active"), 0);
        QVERIFY(gateway.terminates());
    }
};

QTEST_GUILESS_MAIN(TestWebsocketClients)
#include "test_websocket_clients.moc"
