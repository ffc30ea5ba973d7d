// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/proxy_protocol.h"
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/net/test_pki.h"
#include "tests/proxy/server/running_server.h"

using namespace bootstrap_text;
using sallyport::net::Address;

namespace {

const QString LogFormat =
    QStringLiteral("%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %REQUESTED_SERVER_NAME% "
                   "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% "
                   "%DOWNSTREAM_LOCAL_ADDRESS% %CONNECTION_TERMINATION_DETAILS% %FILTER_CHAIN_NAME%");

QString match(const QString &fields)
{
    return QStringLiteral(R"("filter_chain_match": {%1})").arg(fields);
}

/// What `openssl s_client` gets from the port; empty if the handshake fails.
QByteArray overTls(quint16 port, const QStringList &more)
{
    ChildProgram openssl(
        QStringList{"openssl", "s_client", "-connect", QString("127.0.0.1:%1").arg(port), "-quiet"} + more);
    openssl.read(std::numeric_limits<qsizetype>::max(), 10000);
    openssl.finish();
    return openssl.out;
}

} // namespace

class TestListener : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    TestPki m_pki;
    QString logPath() const { return m_folder.filePath("log"); }
    QString logs() const { return accessLog(logPath(), LogFormat); }
    QString tls(const QString &name, const QString &more = {}) const
    {
        return serverTls(m_pki.path(name + ".pem"), m_pki.path(name + ".key"), more);
    }

private Q_SLOTS:
    void init() { QFile::remove(logPath()); }

    void answersAndCloses()
    {
        RunningServer gateway(
            bootstrap(listener("in", 0, chain(directResponse("hello"), R"("name": "only")"), logs()), {}));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        const quint16 port = gateway.port("in");
        Client client(port);
        QCOMPARE(client.readAll(), std::string("hello"));
        QVERIFY(!client.wasReset);
        QTRY_COMPARE(
            gateway.log(logPath()),
            QList<QByteArray>{
                QStringLiteral("- direct_response - 127.0.0.1 127.0.0.1:%1 - only").arg(port).toUtf8()});
        QTRY_COMPARE(gateway.gauge("listener.127.0.0.1_0.downstream_cx_active"), 0);
        QCOMPARE(gateway.counter("listener.127.0.0.1_0.downstream_cx_total"), 1U);
        QCOMPARE(gateway.counter("listener.127.0.0.1_0.downstream_cx_destroy"), 1U);
        QCOMPARE(gateway.counter("listener.127.0.0.1_0.worker_0.downstream_cx_total") +
                     gateway.counter("listener.127.0.0.1_0.worker_1.downstream_cx_total"),
                 1U);
    }

    void everyWorkerAccepts()
    {
        RunningServer gateway(bootstrap(listener("in", 0, chain(directResponse("x"))), {}), 2);
        QTRY_VERIFY(gateway.live);
        for (int i = 0; i < 64; ++i) {
            Client client(gateway.port("in"));
            QCOMPARE(client.readAll(), std::string("x"));
        }
        // The kernel spreads by a hash of the addresses: 2^-63 that one gets nothing.
        QVERIFY(gateway.counter("listener.127.0.0.1_0.worker_0.downstream_cx_total") > 0);
        QVERIFY(gateway.counter("listener.127.0.0.1_0.worker_1.downstream_cx_total") > 0);
    }

    void sharedSocketServesToo()
    {
        RunningServer gateway(
            bootstrap(listener("in", 0, chain(directResponse("x")), R"("enable_reuse_port": false)"), {}), 2);
        QTRY_VERIFY(gateway.live);
        for (int i = 0; i < 20; ++i) {
            Client client(gateway.port("in"));
            QCOMPARE(client.readAll(), std::string("x"));
        }
    }

    void listensOnEveryAddress()
    {
        const QString path = m_folder.filePath("socket");
        RunningServer gateway(bootstrap(
            listener(
                "in", 0, chain(directResponse("x")),
                QStringLiteral(
                    R"("additional_addresses": [{"address": %1}, {"address": {"pipe": {"path": "%2"}}}])")
                    .arg(address(0, "127.0.0.7"), path)),
            {}));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        const auto status = gateway.server.listeners().front();
        QCOMPARE(status.additional.size(), 2U);
        QCOMPARE(status.additional[0].ipText(), std::string("127.0.0.7"));
        Client second(status.additional[0].port(), nullptr, "127.0.0.7");
        QCOMPARE(second.readAll(), std::string("x"));
        QCOMPARE(Client(path.toUtf8()).readAll(), std::string("x"));
    }

    void saysWhyItCannotBind()
    {
        const Peer taken(Peer::echo);
        const RunningServer gateway(bootstrap(listener("in", taken.port, chain(directResponse("x"))), {}));
        QVERIFY(!gateway.started);
        const sallyport::Error error = gateway.started.error();
        QCOMPARE(error.where.file, std::string("static_resources.listeners[0].address"));
        QVERIFY2(error.what.find("127.0.0.1:" + std::to_string(taken.port)) != std::string::npos,
                 error.what.c_str());
        QCOMPARE(error.hint, std::string("another process listens there"));
    }

    void twoListenersCannotShareAnAddress()
    {
        const quint16 port = freePort();
        const RunningServer gateway(bootstrap(listener("a", port, chain(directResponse("x"))) + ',' +
                                                  listener("b", port, chain(directResponse("y"))),
                                              {}));
        QVERIFY(!gateway.started);
        QCOMPARE(gateway.started.error().where.file, std::string("static_resources.listeners[1].address"));
    }

    void serverNameChoosesTheChain()
    {
        const QString names = R"("server_names": ["%1"])";
        RunningServer gateway(bootstrap(
            listener(
                "in", 0,
                chain(directResponse("one"), match(names.arg("test.com")) + ", " + tls("server")) + ',' +
                    chain(directResponse("two"), match(names.arg("*.example.com")) + ", " + tls("second")),
                listenerFilters(listenerFilter("tls_inspector", "TlsInspector")) + ", " + logs()),
            {}));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        const quint16 port = gateway.port("in");
        QCOMPARE(overTls(port, {"-servername", "TEST.com"}), QByteArray("one"));
        QCOMPARE(overTls(port, {"-servername", "a.example.com"}), QByteArray("two"));
        QCOMPARE(overTls(port, {"-servername", "unknown.org"}), QByteArray());
        QCOMPARE(gateway.counter("listener.127.0.0.1_0.no_filter_chain_match"), 1U);
        QCOMPARE(gateway.counter("tls_inspector.tls_found"), 3U);
        QCOMPARE(gateway.counter("tls_inspector.sni_found"), 3U);
        QTRY_COMPARE(gateway.log(logPath()).size(), 3);
        QVERIFY(gateway.log(logPath()).contains(
            QStringLiteral("NR filter_chain_not_found unknown.org 127.0.0.1 127.0.0.1:%1 - -")
                .arg(port)
                .toUtf8()));
        QCOMPARE(gateway.counter("listener.127.0.0.1_0.ssl.handshake"), 2U);
    }

    void withoutInspectorThereIsNoServerName()
    {
        RunningServer gateway(
            bootstrap(listener("in", 0,
                               chain(directResponse("one"),
                                     match(R"("server_names": ["test.com"])") + ", " + tls("server"))),
                      {}));
        QTRY_VERIFY(gateway.live);
        QCOMPARE(overTls(gateway.port("in"), {"-servername", "test.com"}), QByteArray());
        QCOMPARE(gateway.counter("listener.127.0.0.1_0.no_filter_chain_match"), 1U);
    }

    void transportAndProtocolChooseTheChain()
    {
        const QString filters = listenerFilter("tls_inspector", "TlsInspector") + ',' +
                                listenerFilter("http_inspector", "HttpInspector");
        RunningServer gateway(bootstrap(
            listener(
                "in", 0,
                chain(directResponse("tls"), match(R"("transport_protocol": "tls")") + ", " + tls("server")) +
                    ',' +
                    chain(directResponse("h2"), match(R"("transport_protocol": "tls",
                                                         "application_protocols": ["h2"])") +
                                                    ", " + tls("server")) +
                    ',' +
                    chain(directResponse("http"),
                          match(R"("application_protocols": ["http/1.0", "http/1.1"])")) +
                    ',' + chain(directResponse("h2c"), match(R"("application_protocols": ["h2c"])")) + ',' +
                    chain(directResponse("other"), match(R"("transport_protocol": "raw_buffer")")),
                listenerFilters(filters)),
            {}));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        const quint16 port = gateway.port("in");
        const auto answer = [port](const char *bytes) {
            Client client(port);
            client.send(bytes);
            const std::string all = client.readAll();
            // What nobody read must not turn the end into a reset.
            return client.wasReset ? "reset" : all;
        };
        QCOMPARE(overTls(port, {}), QByteArray("tls"));
        QCOMPARE(overTls(port, {"-alpn", "h2"}), QByteArray("h2"));
        QCOMPARE(answer("SSH-2.0\r\n"), std::string("other"));
        // A chain for raw_buffer is more specific than one that asks for a protocol only.
        QCOMPARE(answer("GET / HTTP/1.1\r\n"), std::string("other"));
        QCOMPARE(gateway.counter("http_inspector.http11_found"), 1U);
    }

    void sourceAndDestinationChooseTheChain()
    {
        RunningServer gateway(bootstrap(
            listener(
                "in", 0,
                chain(directResponse("port"), match(R"("destination_port": 8443)")) + ',' +
                    chain(directResponse("net"),
                          match(R"("prefix_ranges": [{"address_prefix": "10.1.0.0", "prefix_len": 16}])")) +
                    ',' +
                    chain(
                        directResponse("source"),
                        match(
                            R"("source_prefix_ranges": [{"address_prefix": "1.2.3.0", "prefix_len": 24}])")),
                listenerFilters(proxyProtocolFilter()) + R"(, "default_filter_chain": )" +
                    chain(directResponse("default"))),
            {}));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        const auto answer = [&](const char *source, const char *destination, quint16 port) {
            Client client(gateway.port("in"));
            client.send(sallyport::net::proxyHeaderV2(*Address::parseIp(source, 7),
                                                      *Address::parseIp(destination, port)));
            return client.readAll();
        };
        QCOMPARE(answer("9.9.9.9", "10.2.0.1", 8443), std::string("port"));
        QCOMPARE(answer("9.9.9.9", "10.1.0.1", 80), std::string("net"));
        QCOMPARE(answer("1.2.3.4", "10.2.0.1", 80), std::string("source"));
        QCOMPARE(answer("9.9.9.9", "10.2.0.1", 80), std::string("default"));
    }

    void handshakeTimesOut()
    {
        RunningServer gateway(
            bootstrap(listener("in", 0,
                               chain(directResponse("x"),
                                     tls("server") + R"(, "transport_socket_connect_timeout": "0.1s")"),
                               logs()),
                      {}));
        QTRY_VERIFY(gateway.live);
        Client client(gateway.port("in"));
        QCOMPARE(client.readAll(), std::string());
        QVERIFY(!client.stillOpen);
        QTRY_COMPARE(gateway.counter("listener.127.0.0.1_0.downstream_cx_transport_socket_connect_timeout"),
                     1U);
        QTRY_COMPARE(gateway.log(logPath()).size(), 1);
        QVERIFY2(gateway.log(logPath())[0].contains("transport socket timeout was reached"),
                 gateway.log(logPath())[0].constData());
    }

    void rbacEndsConnections()
    {
        Peer up(Peer::echo);
        const QString rbac =
            filter("envoy.extensions.filters.network.rbac.v3.RBAC",
                   R"("stat_prefix": "n", "rules": {"action": "DENY", "policies": {"not them": {
               "permissions": [{"any": true}], "principals": [{"direct_remote_ip": {
               "address_prefix": "127.0.5.0", "prefix_len": 24}}]}}},
               "shadow_rules": {"action": "ALLOW", "policies": {}})");
        RunningServer gateway(
            bootstrap(listener("in", 0, chain(rbac + ',' + tcpProxy()), logs()), cluster("up", {up.port})));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        Client refused(gateway.port("in"), "127.0.5.1");
        refused.send("x");
        QCOMPARE(refused.readAll(), std::string());
        QTRY_COMPARE(gateway.log(logPath()).size(), 1);
        QVERIFY(gateway.log(logPath())[0].contains("rbac_access_denied_matched_policy[not_them]"));
        Client allowed(gateway.port("in"), "127.0.6.1");
        allowed.send("x");
        QCOMPARE(allowed.read(1), std::string("x"));
        QCOMPARE(gateway.counter("n.rbac.denied"), 1U);
        QCOMPARE(gateway.counter("n.rbac.allowed"), 1U);
        QCOMPARE(gateway.counter("n.rbac.shadow_denied"), 2U);
    }

    void rbacKnowsTheClientCertificate()
    {
        Peer up(Peer::echo);
        const QString rbac =
            filter("envoy.extensions.filters.network.rbac.v3.RBAC",
                   R"("stat_prefix": "n", "rules": {"action": "ALLOW", "policies": {"client": {
                      "permissions": [{"requested_server_name": {"exact": "test.com"}}],
                      "principals": [{"authenticated": {"principal_name": {"exact": "CLIENT"}}}]}}})")
                .replace("CLIENT", QStringLiteral("spiffe:%1test.client")
                                       .arg("/"
                                            "/"));
        const QString mutual = serverTls(m_pki.path("server.pem"), m_pki.path("server.key"))
                                   .replace("\"common_tls_context\": {",
                                            QStringLiteral(R"("common_tls_context": {"validation_context": {
                                                "trusted_ca": {"filename": "%1"}}, )")
                                                .arg(m_pki.path("ca.pem")));
        RunningServer gateway(
            bootstrap(listener("in", 0, chain(rbac + ',' + tcpProxy(), mutual),
                               listenerFilters(listenerFilter("tls_inspector", "TlsInspector"))),
                      cluster("up", {up.port})));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        const auto allowed = [&](const QString &name) {
            ChildProgram openssl({"openssl", "s_client", "-connect",
                                  QString("127.0.0.1:%1").arg(gateway.port("in")), "-quiet", "-no_ign_eof",
                                  "-servername", name, "-cert", m_pki.path("client.pem"), "-key",
                                  m_pki.path("client.key")});
            openssl.write("hello\n");
            openssl.read(6, 10000);
            openssl.finish();
            return openssl.out == "hello\n";
        };
        QVERIFY(allowed("test.com"));
        QVERIFY(!allowed("other.com"));
        QCOMPARE(gateway.counter("n.rbac.denied"), 1U);
    }

    void connectionLimitRefuses_data()
    {
        QTest::addColumn<QString>("runtime");
        QTest::addColumn<QString>("counter");
        QTest::newRow("listener")
            << R"("envoy": {"resource_limits": {"listener": {"in": {"connection_limit": 2}}}})"
            << "downstream_cx_overflow";
        QTest::newRow("process") << R"("overload.global_downstream_max_connections": "2")"
                                 << "downstream_global_cx_overflow";
    }
    void connectionLimitRefuses()
    {
        QFETCH(QString, runtime);
        QFETCH(QString, counter);
        Peer up(Peer::echo);
        const QString layers =
            QStringLiteral(R"({"layered_runtime": {"layers": [{"name": "s", "static_layer": {%1}}]}, )")
                .arg(runtime);
        RunningServer gateway(bootstrap(listener("in", 0, chain(tcpProxy())), cluster("up", {up.port}))
                                  .replace(0, 1, layers.toUtf8()));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        Client first(gateway.port("in"));
        Client second(gateway.port("in"));
        for (Client *client : {&first, &second}) {
            client->send("x");
            QCOMPARE(client->read(1), std::string("x"));
        }
        Client third(gateway.port("in"));
        QCOMPARE(third.readAll(), std::string());
        QVERIFY(!third.stillOpen);
        QCOMPARE(gateway.counter("listener.127.0.0.1_0." + counter.toStdString()), 1U);
        first.close();
        QTRY_COMPARE(gateway.gauge("listener.127.0.0.1_0.downstream_cx_active"), 1);
        Client fourth(gateway.port("in"));
        fourth.send("y");
        QCOMPARE(fourth.read(1), std::string("y"));
    }

    void missingSecretClosesConnections()
    {
        const QString sds =
            QStringLiteral(
                R"("transport_socket": {"name": "tls", "typed_config": {%1, "common_tls_context":
            {"tls_certificate_sds_secret_configs": [{"name": "late", "sds_config": {"path_config_source":
            {"path": "%2"}}}]}}})")
                .arg(type("envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext"),
                     m_folder.filePath("late.json"));
        QFile empty(m_folder.filePath("late.json"));
        QVERIFY(empty.open(QIODevice::WriteOnly));
        empty.write(R"({"resources": []})");
        empty.close();
        // Envoy subscribes for a node that has a name only.
        const QByteArray text = bootstrap(listener("in", 0, chain(directResponse("x"), sds)), {});
        QVERIFY(!RunningServer(text).started);
        RunningServer gateway(R"({"node": {"id": "n", "cluster": "c"}, )" + text.mid(text.indexOf('{') + 1));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        QCOMPARE(overTls(gateway.port("in"), {}), QByteArray());
        QTRY_COMPARE(gateway.counter("listener.127.0.0.1_0.server_ssl_socket_factory."
                                     "downstream_context_secrets_not_ready"),
                     1U);

        QFile file(m_folder.filePath("late.json.new"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QStringLiteral(R"({"resources": [{%1, "name": "late", "tls_certificate": {
            "certificate_chain": {"filename": "%2"}, "private_key": {"filename": "%3"}}}]})")
                       .arg(type("envoy.extensions.transport_sockets.tls.v3.Secret"),
                            m_pki.path("server.pem"), m_pki.path("server.key"))
                       .toUtf8());
        file.close();
        QCOMPARE(std::rename(qPrintable(file.fileName()), qPrintable(m_folder.filePath("late.json"))), 0);
        QTRY_COMPARE(gateway.counter("sds.late.update_success"), 1U);
        QCOMPARE(overTls(gateway.port("in"), {}), QByteArray("x"));
    }
};

SALLYPORT_EPOLL_MAIN(TestListener)
#include "test_listener.moc"
