// SPDX-License-Identifier: GPL-3.0-or-later
// gRPC's own client and server on both sides of a gateway.
#include "tests/e2e/clients/script_of_peers.h"

using namespace bootstrap_text;

class TestGrpcClients : public QObject
{
    Q_OBJECT

    TestPki m_pki;

private Q_SLOTS:
    void initTestCase() { SALLYPORT_NEEDS_ENGINE(); }

    void calls_data()
    {
        QTest::addColumn<bool>("tls");
        QTest::newRow("plaintext") << false;
        QTest::newRow("mutual TLS") << true;
    }
    void calls()
    {
        QFETCH(bool, tls);
        ScriptOfPeers script("grpc-calls");
        QTemporaryDir folder;
        const QString log = folder.filePath("access.log");
        const QString manager = managerWith(
            R"({"match": {"prefix": "/test.Calls/"}, "route": {"cluster": "up", "timeout": "0s"}},
               {"match": {"prefix": "/test.Gone/"}, "route": {"cluster": "gone"}},
               {"match": {"prefix": "/test.Denied/"}, "direct_response": {"status": 403,
                "body": {"inline_string": "not for you"}}})",
            accessLog(log, "%REQ(:PATH)% %RESPONSE_CODE% %GRPC_STATUS% %RESPONSE_FLAGS%"));
        AttackedGateway gateway([&](quint16 port) {
            const QString http2 =
                QStringLiteral(
                    R"("typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions":
                    {%1, "explicit_http_config": {"http2_protocol_options": {}}}})")
                    .arg(type("envoy.extensions.upstreams.http.v3.HttpProtocolOptions"));
            return bootstrap(listener("main", port, tls ? mutualTlsChain(m_pki, manager) : chain(manager)),
                             cluster("up", {script.serverPort}, http2) + ',' +
                                 cluster("gone", {freePort()}, http2));
        });
        QCOMPARE(
            script.outcome(gateway.port, tls ? &m_pki : nullptr),
            QByteArray("well: unary\nwell: large\nwell: refused\nwell: server_streams\nwell: client_streams\n"
                       "well: both_stream\nwell: many_at_once\nwell: client_cancels\nwell: deadline\n"
                       "well: gateway_answers\n"));
        // One client's connection, one upstream's, and nothing that still runs.
        QCOMPARE(gateway.stat("cluster.up.upstream_cx_http2_total"), 1);
        QTRY_COMPARE(gateway.stat("http.in.downstream_rq_active"), 0);
        QCOMPARE(gateway.stat("cluster.up.upstream_rq_active"), 0);
        // The status that comes in the trailers is what is logged.
        for (const char *line :
             {"/test.Calls/Echo 200 OK -\n", "/test.Calls/Refuse 200 InvalidArgument -\n",
              "/test.Calls/None 200 Unimplemented -\n", "/test.Calls/Count 200 OK -\n",
              "/test.Denied/Any 200 PermissionDenied -\n", "/test.Gone/Any 200 Unavailable UF\n",
              "/test.Elsewhere/Any 200 Unimplemented NR\n"}) {
            const auto logged = [&] {
                QFile file(log);
                return file.open(QIODevice::ReadOnly) && file.readAll().contains(line);
            };
            QTRY_VERIFY2_WITH_TIMEOUT(logged(), line, 20000);
        }
        QVERIFY(gateway.terminates());
    }
};

QTEST_GUILESS_MAIN(TestGrpcClients)
#include "test_grpc_clients.moc"
