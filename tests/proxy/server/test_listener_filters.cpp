// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/proxy_protocol.h"
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/server/running_server.h"

using namespace bootstrap_text;
using sallyport::net::Address;

/// What a listener learns of a connection before a filter chain has it: PROXY protocol, the first bytes of
/// TLS.
class TestListenerFilters : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    QString logPath() const { return m_folder.filePath("log"); }
    QString logs() const
    {
        return accessLog(logPath(), "%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %REQUESTED_SERVER_NAME% "
                                    "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_LOCAL_ADDRESS% "
                                    "%CONNECTION_TERMINATION_DETAILS% %FILTER_CHAIN_NAME%");
    }

private Q_SLOTS:
    void init() { QFile::remove(logPath()); }

    void proxyHeaderSetsAddresses_data()
    {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<QByteArray>("line");
        const auto v2 = [](const char *source, const char *destination) {
            return QByteArray::fromStdString(sallyport::net::proxyHeaderV2(
                *Address::parseIp(source, 11), *Address::parseIp(destination, 22)));
        };
        QTest::newRow("v1") << QByteArray("PROXY TCP4 1.2.3.4 5.6.7.8 11 22\r\n")
                            << QByteArray("1.2.3.4 5.6.7.8:22");
        QTest::newRow("v2") << v2("1.2.3.4", "5.6.7.8") << QByteArray("1.2.3.4 5.6.7.8:22");
        QTest::newRow("v2, IPv6") << v2("fd00::1", "fd00::2") << QByteArray("fd00::1 [fd00::2]:22");
        QTest::newRow("unknown") << QByteArray("PROXY UNKNOWN\r\n") << QByteArray("127.0.0.1 127.0.0.1:PORT");
        QTest::newRow("local") << QByteArray("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16)
                               << QByteArray("127.0.0.1 127.0.0.1:PORT");
    }
    void proxyHeaderSetsAddresses()
    {
        QFETCH(QByteArray, header);
        QFETCH(QByteArray, line);
        RunningServer gateway(bootstrap(listener("in", 0, chain(directResponse("x")),
                                                 listenerFilters(proxyProtocolFilter()) + ", " + logs()),
                                        {}));
        QTRY_VERIFY(gateway.live);
        const quint16 port = gateway.port("in");
        Client client(port);
        // Byte by byte: a header may come in any pieces.
        for (const char byte : header)
            client.send(std::string_view(&byte, 1));
        QCOMPARE(client.readAll(), std::string("x"));
        QTRY_COMPARE(gateway.log(logPath()).size(), 1);
        QCOMPARE(gateway.log(logPath())[0],
                 "- direct_response - " + line.replace("PORT", QByteArray::number(port)) + " - -");
    }

    void badProxyHeaderIsRefused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("counter");
        QTest::newRow("none") << QByteArray("GET / HTTP/1.1\r\n\r\n") << "proxy_proto.not_found_disallowed";
        QTest::newRow("v1") << QByteArray("PROXY TCP4 x y\r\n") << "proxy_proto.versions.v1.error";
        QTest::newRow("v2") << QByteArray("\r\n\r\n\0\r\nQUIT\n\x99\x11\0\x0c", 16)
                            << "proxy_proto.versions.v2.error";
    }
    void badProxyHeaderIsRefused()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, counter);
        RunningServer gateway(bootstrap(listener("in", 0, chain(directResponse("x")),
                                                 listenerFilters(proxyProtocolFilter()) + ", " + logs()),
                                        {}));
        QTRY_VERIFY(gateway.live);
        Client client(gateway.port("in"));
        client.send(bytes.toStdString());
        QCOMPARE(client.readAll(), std::string());
        QVERIFY(!client.stillOpen);
        QCOMPARE(gateway.counter(counter.toStdString()), 1U);
        QCOMPARE(gateway.counter("downstream_cx_proxy_proto_error"), 1U);
        QTRY_COMPARE(gateway.log(logPath()).size(), 1);
        QTRY_COMPARE(gateway.gauge("listener.127.0.0.1_0.downstream_pre_cx_active"), 0);
    }

    void proxyHeaderMayBeOptional()
    {
        RunningServer gateway(bootstrap(listener("in", 0, chain(directResponse("x")),
                                                 listenerFilters(proxyProtocolFilter(
                                                     R"("allow_requests_without_proxy_protocol": true)"))),
                                        {}));
        QTRY_VERIFY(gateway.live);
        Client plain(gateway.port("in"));
        plain.send("GET / HTTP/1.1\r\n\r\n");
        QCOMPARE(plain.readAll(), std::string("x"));
        QCOMPARE(gateway.counter("proxy_proto.not_found_allowed"), 1U);
    }

    /// As a sidecar's outbound listener does: the listener of the destination takes over.
    void handsOverToTheListenerOfTheDestination()
    {
        const QString virtualListener =
            R"({"name": "%1", "address": %2, "bind_to_port": false, "filter_chains": [%3]})";
        RunningServer gateway(bootstrap(
            listener("outbound", 0, chain(directResponse("passthrough")),
                     listenerFilters(proxyProtocolFilter()) + R"(, "use_original_dst": true)") +
                ',' + virtualListener.arg("a", address(80, "0.0.0.0"), chain(directResponse("any"))) + ',' +
                virtualListener.arg("b", address(80, "10.0.0.1"), chain(directResponse("exact"))),
            {}));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        const auto answer = [&](const char *destination, quint16 port) {
            Client client(gateway.port("outbound"));
            client.send(sallyport::net::proxyHeaderV2(*Address::parseIp("1.1.1.1", 7),
                                                      *Address::parseIp(destination, port)));
            return client.readAll();
        };
        QCOMPARE(answer("10.0.0.1", 80), std::string("exact"));
        QCOMPARE(answer("10.0.0.2", 80), std::string("any"));
        QCOMPARE(answer("10.0.0.2", 81), std::string("passthrough"));
        QCOMPARE(gateway.counter("listener.10.0.0.1_80.downstream_cx_total"), 1U);
    }

    void inspectionTimesOut()
    {
        const QString filters = listenerFilters(listenerFilter("tls_inspector", "TlsInspector")) +
                                R"(, "listener_filters_timeout": "0.1s", )";
        RunningServer gateway(
            bootstrap(listener("strict", 0, chain(directResponse("x")), filters + logs()) + ',' +
                          listener("lenient", 0, chain(directResponse("x")),
                                   filters + R"("continue_on_listener_filters_timeout": true)", "127.0.0.2"),
                      {}));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        Client strict(gateway.port("strict"));
        QCOMPARE(strict.readAll(), std::string());
        QVERIFY(!strict.stillOpen);
        QCOMPARE(gateway.counter("listener.127.0.0.1_0.downstream_pre_cx_timeout"), 1U);
        QTRY_COMPARE(gateway.log(logPath()).size(), 1);
        Client lenient(gateway.port("lenient"), nullptr, "127.0.0.2");
        QCOMPARE(lenient.readAll(), std::string("x"));
        QCOMPARE(gateway.counter("listener.127.0.0.2_0.downstream_pre_cx_timeout"), 1U);
    }

    void peerThatLeavesDuringInspectionIsCounted()
    {
        RunningServer gateway(
            bootstrap(listener("in", 0, chain(directResponse("x")),
                               listenerFilters(listenerFilter("tls_inspector", "TlsInspector"))),
                      {}));
        QTRY_VERIFY(gateway.live);
        {
            Client client(gateway.port("in"));
            client.send("\x16\x03");
        }
        QTRY_COMPARE(gateway.counter("listener.127.0.0.1_0.downstream_listener_filter_remote_close"), 1U);
        QTRY_COMPARE(gateway.gauge("listener.127.0.0.1_0.downstream_pre_cx_active"), 0);
    }
};

SALLYPORT_EPOLL_MAIN(TestListenerFilters)
#include "test_listener_filters.moc"
