// SPDX-License-Identifier: GPL-3.0-or-later
// TLS clients of a program that is not ours: `openssl s_server`.
#include "proxy/net/tls_verifier.h"
#include "tests/proxy/net/tls_test.h"

#include <QRegularExpression>

class TestTlsClient : public TlsTest
{
    Q_OBJECT

    /// An upstream that is `openssl s_server`.
    struct Upstream
    {
        Upstream(const TestPki &pki, const QString &name, const QStringList &more,
                 const QStringList &mode = {"-www"})
            : program("openssl", QStringList{"s_server", "-accept", "127.0.0.1:0", "-cert",
                                             pki.path(name + ".pem"), "-key", pki.path(name + ".key")} +
                                     mode + more)
        {
            QByteArray &output = program.output;
            const QRegularExpression line("ACCEPT \\S*:(\\d+)");
            [&] {
                QTRY_VERIFY_WITH_TIMEOUT(
                    (output += program.process.readAll(), line.match(QString::fromUtf8(output)).hasMatch()),
                    5000);
            }();
            address = Address::v4(0x7F000001, line.match(QString::fromUtf8(output)).captured(1).toUShort());
        }
        Program program;
        Address address;
    };

    struct Outcome
    {
        Recorder recorder;
        std::string reason;
        std::string facts;
    };
    /// Connects, asks for a page and waits for its end.
    void ask(Outcome &outcome, TlsClientContext &context, const Address &to, Counts &counts,
             const TlsClientOverrides &overrides = {})
    {
        auto connection =
            Connection::client(*EpollDispatcher::current(), to, context.makeTransport(&counts, overrides));
        connection->setCallbacks(&outcome.recorder);
        Buffer request(std::string_view("GET / HTTP/1.0\r\n\r\n"));
        connection->write(request, false);
        connection->start();
        QTRY_VERIFY_WITH_TIMEOUT(outcome.recorder.closed, 5000);
        outcome.reason = connection->transportFailureReason();
        if (const TlsInfo *tls = connection->tls())
            outcome.facts = tls->version() + ' ' + tls->alpn() + (tls->resumed() ? " resumed" : "") +
                            (tls->peerValidated() ? " validated" : "") +
                            (tls->own() != nullptr ? " as " + tls->own()->subject : "");
        EpollDispatcher::current()->deferredDelete(std::move(connection));
    }

private Q_SLOTS:
    void upstreamIsVerified_data()
    {
        QTest::addColumn<QString>("server");
        QTest::addColumn<QString>("ca");
        QTest::addColumn<QString>("san");      // matcher; empty: none
        QTest::addColumn<QString>("override"); // auto_san_validation
        QTest::addColumn<QString>("reason");
        const QString failed =
            "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify cert "
            "failed: %1:TLS_error_end";
        const QString chain = failed.arg("X509_verify_cert: certificate verification error at depth 0: %1");
        QTest::newRow("good") << "server"
                              << "ca"
                              << ""
                              << ""
                              << "";
        QTest::newRow("no verification") << "expired"
                                         << ""
                                         << ""
                                         << ""
                                         << "";
        QTest::newRow("foreign") << "server"
                                 << "other-ca"
                                 << ""
                                 << "" << chain.arg("unable to get local issuer certificate");
        QTest::newRow("expired") << "expired"
                                 << "ca"
                                 << ""
                                 << "" << chain.arg("certificate has expired");
        QTest::newRow("name") << "server"
                              << "ca"
                              << "test.com"
                              << ""
                              << "";
        QTest::newRow("wildcard") << "server"
                                  << "ca"
                                  << "b.example.com"
                                  << ""
                                  << "";
        QTest::newRow("wildcard is one label")
            << "server"
            << "ca"
            << "a.b.example.com"
            << "" << failed.arg("SAN matcher, certificate SANs are [test.com, *.example.com]");
        QTest::newRow("auto name") << "server"
                                   << "ca"
                                   << ""
                                   << "test.com"
                                   << "";
        QTest::newRow("auto other name") << "server"
                                         << "ca"
                                         << ""
                                         << "wrong.org"
                                         << failed.arg("verify SAN list, expected SANs: [wrong.org], "
                                                       "certificate SANs: [test.com, *.example.com]");
        QTest::newRow("auto address") << "second"
                                      << "ca"
                                      << ""
                                      << "127.0.0.1"
                                      << "";
    }
    void upstreamIsVerified()
    {
        QFETCH(QString, server);
        QFETCH(QString, ca);
        QFETCH(QString, san);
        QFETCH(QString, override);
        QFETCH(QString, reason);
        Upstream upstream(*m_pki, server, {});
        dataplane::UpstreamTlsContext configuration;
        if (!ca.isEmpty())
            configuration.common.validation = trusting(ca);
        if (!san.isEmpty()) {
            dataplane::SubjectAltNameMatcher matcher;
            matcher.matcher.value = san.toStdString();
            configuration.common.validation->subjectAltNames = {matcher};
        }
        const auto context = TlsClientContext::create(configuration, nullptr);
        QVERIFY(context.has_value());
        Counts counts;
        Outcome outcome;
        ask(outcome, **context, upstream.address, counts,
            {.sni = "test.com",
             .verifySans = override.isEmpty() ? std::vector<std::string>()
                                              : std::vector<std::string>{override.toStdString()},
             .alpn = {},
             .alpnFallback = {}});
        QCOMPARE(QString::fromStdString(outcome.reason), reason);
        QCOMPARE(outcome.recorder.connected, reason.isEmpty());
        QCOMPARE(counts.events[TlsEvent::ConnectionError], 0);
        if (reason.isEmpty()) {
            QVERIFY(outcome.recorder.received.find("HTTP/1.0 200") == 0);
            QCOMPARE(outcome.facts, std::string("TLSv1.2 ") + (ca.isEmpty() ? "" : " validated"));
        } else {
            QCOMPARE(
                counts.events[reason.contains("SAN") ? TlsEvent::FailVerifySan : TlsEvent::FailVerifyError],
                1);
        }
    }

    void upstreamRefusals_data()
    {
        QTest::addColumn<QStringList>("server");
        QTest::addColumn<QString>("client");
        QTest::addColumn<QString>("reason");
        QTest::newRow("certificate presented")
            << QStringList{"-Verify", "1", "-verify_return_error", "-CAfile", "ca.pem"} << "client"
            << "";
        QTest::newRow("certificate missing")
            << QStringList{"-Verify", "1", "-verify_return_error", "-CAfile", "ca.pem"} << ""
            << "TLS_error:|268436496:SSL "
               "routines:OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE:TLS_error_end";
        QTest::newRow("certificate foreign")
            << QStringList{"-Verify", "1", "-verify_return_error", "-CAfile", "ca.pem"} << "client-other"
            << "TLS_error:|268436504:SSL routines:OPENSSL_internal:TLSV1_ALERT_UNKNOWN_CA:TLS_error_end";
        QTest::newRow("version") << QStringList{"-tls1_3"} << ""
                                 << "TLS_error:|268436526:SSL "
                                    "routines:OPENSSL_internal:TLSV1_ALERT_PROTOCOL_VERSION:TLS_error_end";
    }
    void upstreamRefusals()
    {
        QFETCH(QStringList, server);
        QFETCH(QString, client);
        QFETCH(QString, reason);
        server.replaceInStrings(QRegularExpression("^ca.pem$"), m_pki->path("ca.pem"));
        Upstream upstream(*m_pki, "server", server);
        dataplane::UpstreamTlsContext configuration;
        if (!client.isEmpty())
            configuration.common.certificates = {certificate(client)};
        const auto context = TlsClientContext::create(configuration, nullptr);
        Counts counts;
        Outcome outcome;
        ask(outcome, **context, upstream.address, counts);
        QCOMPARE(QString::fromStdString(outcome.reason), reason);
        QCOMPARE(counts.events[TlsEvent::ConnectionError], reason.isEmpty() ? 0 : 1);
        if (reason.isEmpty())
            QCOMPARE(outcome.facts, std::string("TLSv1.2  as CN=client,O=Tests"));
    }

    void plaintextUpstreamIsAWrongVersion()
    {
        const auto listener = listenOn(*Address::parseIp("127.0.0.1", 0));
        const auto context = TlsClientContext::create({}, nullptr);
        Counts counts;
        Recorder recorder;
        auto connection = Connection::client(*EpollDispatcher::current(), localAddressOf(listener->get()),
                                             (*context)->makeTransport(&counts));
        connection->setCallbacks(&recorder);
        connection->start();
        Address remote;
        int error = 0;
        Descriptor accepted;
        QTest::qWait(10);
        accepted = acceptFrom(listener->get(), remote, error);
        QVERIFY(accepted.isOpen());
        const std::string answer = "HTTP/1.1 400 Bad Request\r\n\r\n";
        QCOMPARE(::send(accepted.get(), answer.data(), answer.size(), 0),
                 static_cast<ssize_t>(answer.size()));
        QTRY_VERIFY(recorder.closed);
        QCOMPARE(
            connection->transportFailureReason(),
            std::string(
                "TLS_error:|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end"));
        QCOMPARE(recorder.closed, std::optional(CloseEvent::RemoteClose));
    }

    void upstreamSessionsResumeUnderTheSameNamesOnly()
    {
        Upstream upstream(*m_pki, "server", {"-alpn", "istio,h2"});
        dataplane::UpstreamTlsContext configuration;
        configuration.sni = "test.com";
        configuration.common.validation = trusting("ca");
        configuration.common.parameters.maximum = dataplane::TlsParameters::Version::Tls13;
        const auto context = TlsClientContext::create(configuration, nullptr);
        Counts counts;
        const auto facts = [&](const TlsClientOverrides &overrides) {
            Outcome outcome;
            ask(outcome, **context, upstream.address, counts, overrides);
            return outcome.facts;
        };
        QCOMPARE(facts({}), std::string("TLSv1.3  validated"));
        QCOMPARE(facts({}), std::string("TLSv1.3  resumed validated"));
        QCOMPARE(facts({.sni = {}, .verifySans = {"test.com"}, .alpn = {}, .alpnFallback = {"h2"}}),
                 std::string("TLSv1.3 h2 validated"));
        QCOMPARE(facts({.sni = "a.example.com", .verifySans = {}, .alpn = {"istio"}, .alpnFallback = {"h2"}}),
                 std::string("TLSv1.3 istio validated"));
        QCOMPARE(counts.events[TlsEvent::SessionReused], 1);
    }

    /// A server that wants new keys in the middle of a connection gets them if allow_renegotiation says so,
    /// or ends the connection.
    void renegotiation_data()
    {
        QTest::addColumn<bool>("allowed");
        QTest::newRow("allowed") << true;
        QTest::newRow("not allowed") << false;
    }
    void renegotiation()
    {
        QFETCH(bool, allowed);
        Upstream upstream(*m_pki, "server", {"-tls1_2"}, {});
        dataplane::UpstreamTlsContext configuration;
        configuration.allowRenegotiation = allowed;
        const auto context = TlsClientContext::create(configuration, nullptr);
        Counts counts;
        Recorder recorder;
        auto connection = Connection::client(*EpollDispatcher::current(), upstream.address,
                                             (*context)->makeTransport(&counts));
        connection->setCallbacks(&recorder);
        connection->start();
        QTRY_VERIFY(recorder.connected);
        QProcess &server = upstream.program.process;
        server.write("r\n");
        QTRY_VERIFY_WITH_TIMEOUT((upstream.program.output += server.readAll()).contains("SSL_do_handshake"),
                                 5000);
        if (allowed) {
            server.write("hello\n");
            QTRY_COMPARE(recorder.received, std::string("hello\n"));
            QVERIFY(!recorder.closed);
        } else {
            QTRY_COMPARE(recorder.closed, std::optional(CloseEvent::RemoteClose));
            QVERIFY(recorder.received.empty());
        }
        EpollDispatcher::current()->deferredDelete(std::move(connection));
    }

    void dnsNames_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<bool>("fits");
        QTest::newRow("equal") << "a.b"
                               << "A.B" << true;
        QTest::newRow("wildcard") << "a.b.c"
                                  << "*.b.c" << true;
        QTest::newRow("part") << "foobar.b"
                              << "f*r.b" << true;
        QTest::newRow("two labels") << "x.a.b"
                                    << "*.b" << false;
        QTest::newRow("none") << "b.c"
                              << "*.b.c" << false;
        QTest::newRow("inner") << "a.x.c"
                               << "a.*.c" << false;
        QTest::newRow("two stars") << "ab.c"
                                   << "**.c" << false;
        QTest::newRow("punycode") << "xn--a.b"
                                  << "xn--*.b" << false;
        QTest::newRow("one label") << "a"
                                   << "*" << false;
        QTest::newRow("empty") << ""
                               << "a" << false;
    }
    void dnsNames()
    {
        QFETCH(QString, name);
        QFETCH(QString, pattern);
        QFETCH(bool, fits);
        QCOMPARE(dnsNameMatches(name.toStdString(), pattern.toStdString()), fits);
    }
};

SALLYPORT_EPOLL_MAIN(TestTlsClient)
#include "test_tls_client.moc"
