// SPDX-License-Identifier: GPL-3.0-or-later
// TLS against programs that are not ours: curl and `openssl s_client` as clients, `openssl s_server` as
// server.
#include "proxy/net/secret_store.h"
#include "proxy/net/tls_context.h"
#include "proxy/net/tls_verifier.h"
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/net/peers.h"
#include "tests/proxy/net/test_pki.h"

#include <QProcess>
#include <QRegularExpression>
#include <QSocketNotifier>
#include <map>

using namespace sallyport;
using namespace sallyport::net;

namespace {

struct Counts final : TlsObserver
{
    void onTlsEvent(TlsEvent event) override { ++events[event]; }
    void onTlsNegotiated(std::string_view version, std::string_view cipher, std::string_view curve,
                         std::string_view sigalg) override
    {
        negotiated = std::string(version) + ' ' + std::string(cipher) + ' ' + std::string(curve) + ' ' +
                     std::string(sigalg);
    }
    std::map<TlsEvent, int> events;
    std::string negotiated;
};

/// Accepts on a port of its own and answers each connection's first bytes with what it knows of the client.
class Server
{
public:
    explicit Server(std::shared_ptr<TlsServerContext> context)
        : m_context(std::move(context))
        , m_listener(std::move(*listenOn(*Address::parseIp("127.0.0.1", 0))))
        , port(localAddressOf(m_listener.get()).port())
        , m_notifier(m_listener.get(), QSocketNotifier::Read)
    {
        QObject::connect(&m_notifier, &QSocketNotifier::activated, &m_notifier, [this] { accept(); });
    }
    ~Server()
    {
        for (const auto &client : clients)
            client->connection->close(CloseType::NoFlush);
    }

    struct Client
    {
        Recorder recorder;
        std::unique_ptr<Connection> connection;
    };
    std::vector<std::unique_ptr<Client>> clients;
    Counts counts;
    std::function<void(Connection &)> respond; ///< instead of the usual answer

private:
    void accept()
    {
        Address remote;
        int error = 0;
        Descriptor fd = acceptFrom(m_listener.get(), remote, error);
        if (!fd.isOpen())
            return;
        auto client = std::make_unique<Client>();
        client->connection = Connection::accepted(*EpollDispatcher::current(), std::move(fd), {},
                                                  m_context->makeTransport(&counts));
        Connection *connection = client->connection.get();
        connection->setCallbacks(&client->recorder);
        client->recorder.react = [this, connection] {
            if (respond) {
                respond(*connection);
                return;
            }
            const TlsInfo &tls = *connection->tls();
            std::string body = tls.version() + " sni=" + tls.sni() + " alpn=" + tls.alpn() +
                               " resumed=" + (tls.resumed() ? "1" : "0");
            if (tls.peer() != nullptr)
                body += " peer=" + tls.peer()->subject + ' ' +
                        (tls.peer()->uriSans.empty() ? "" : tls.peer()->uriSans[0]) +
                        " validated=" + (tls.peerValidated() ? "1" : "0");
            connection->write("HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(body.size()) +
                              "\r\n\r\n" + body);
        };
        connection->start();
        clients.push_back(std::move(client));
    }

    std::shared_ptr<TlsServerContext> m_context;
    Descriptor m_listener;

public:
    const std::uint16_t port;

private:
    QSocketNotifier m_notifier;
};

/// A program that runs while the event loop of the test goes on.
struct Program
{
    Program(const QString &name, const QStringList &arguments)
    {
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(name, arguments);
    }
    ~Program()
    {
        process.kill();
        process.waitForFinished();
    }
    QByteArray finish()
    {
        process.closeWriteChannel();
        [this] { QTRY_COMPARE_WITH_TIMEOUT(process.state(), QProcess::NotRunning, 10'000); }();
        return output += process.readAll();
    }
    QProcess process;
    QByteArray output;
};

} // namespace

class TestTls : public QObject
{
    Q_OBJECT

    std::unique_ptr<TestPki> m_pki;

    dataplane::TlsCertificate certificate(const QString &name) const
    {
        dataplane::TlsCertificate certificate;
        certificate.certificateChain.filename = m_pki->file(name + ".pem");
        certificate.privateKey.filename = m_pki->file(name + ".key");
        return certificate;
    }
    dataplane::CertificateValidationContext trusting(const QString &ca) const
    {
        dataplane::CertificateValidationContext validation;
        validation.trustedCa.filename = m_pki->file(ca + ".pem");
        return validation;
    }
    dataplane::DownstreamTlsContext serving(const QString &name) const
    {
        dataplane::DownstreamTlsContext configuration;
        configuration.common.certificates = {certificate(name)};
        return configuration;
    }
    static std::shared_ptr<TlsServerContext> made(const dataplane::DownstreamTlsContext &configuration,
                                                  SecretStore *secrets = nullptr)
    {
        auto context = TlsServerContext::create(configuration, secrets);
        if (!context)
            qFatal("%s", context.error().toString().c_str());
        return *context;
    }

    QByteArray curl(const Server &server, const QStringList &more) const
    {
        Program program("curl", QStringList{"-sS", "--max-time", "5", "--cacert", m_pki->path("ca.pem"),
                                            "--connect-to", "::127.0.0.1:" + QString::number(server.port)} +
                                    more);
        return program.finish();
    }

    /// An upstream that is `openssl s_server -www`.
    struct Upstream
    {
        Upstream(const TestPki &pki, const QString &name, const QStringList &more)
            : program("openssl",
                      QStringList{"s_server", "-accept", "127.0.0.1:0", "-cert", pki.path(name + ".pem"),
                                  "-key", pki.path(name + ".key"), "-www"} +
                          more)
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
    void initTestCase() { m_pki = std::make_unique<TestPki>(); }

    void curlGetsAnAnswer()
    {
        auto configuration = serving("server");
        configuration.common.alpnProtocols = {"h3", "http/1.1"};
        Server server(made(configuration));
        QCOMPARE(curl(server, {"https://test.com/"}),
                 QByteArray("TLSv1.3 sni=test.com alpn=http/1.1 resumed=0"));
        QCOMPARE(curl(server, {"--tls-max", "1.2", "--no-alpn", "https://a.example.com/"}),
                 QByteArray("TLSv1.2 sni=a.example.com alpn= resumed=0"));
        QCOMPARE(server.counts.events[TlsEvent::Handshake], 2);
        QCOMPARE(server.counts.events[TlsEvent::NoCertificate], 2);
        QCOMPARE(server.counts.events[TlsEvent::ConnectionError], 0);
        QCOMPARE(server.counts.negotiated, std::string("TLSv1.2 ECDHE-ECDSA-CHACHA20-POLY1305 X25519 "));
    }

    void clientCertificates_data()
    {
        QTest::addColumn<QString>("client");
        QTest::addColumn<bool>("required");
        QTest::addColumn<QString>("says"); // in curl's output
        QTest::addColumn<int>("event");    // what is counted beside
        QTest::newRow("good") << "client" << true << "peer=CN=client,O=Tests spiffe://test.client validated=1"
                              << -1;
        QTest::newRow("absent") << "" << true << "alert" << static_cast<int>(TlsEvent::FailVerifyNoCert);
        QTest::newRow("foreign") << "client-other" << true << "unknown ca"
                                 << static_cast<int>(TlsEvent::FailVerifyError);
        QTest::newRow("expired") << "expired" << true << "certificate verification failed|certificate expired"
                                 << static_cast<int>(TlsEvent::FailVerifyError);
        QTest::newRow("wrong name") << "client-nosan" << true << "certificate unknown"
                                    << static_cast<int>(TlsEvent::FailVerifySan);
        // Who names whom to let in wants a certificate, also where none is required (Envoy's
        // default_validator).
        QTest::newRow("optional, absent, but a name is asked for")
            << "" << false << "alert" << static_cast<int>(TlsEvent::FailVerifyNoCert);
        QTest::newRow("optional, foreign")
            << "client-other" << false << "unknown ca" << static_cast<int>(TlsEvent::FailVerifyError);
    }
    void clientCertificates()
    {
        QFETCH(QString, client);
        QFETCH(bool, required);
        QFETCH(QString, says);
        QFETCH(int, event);
        auto configuration = serving("server");
        configuration.requireClientCertificate = required;
        configuration.common.validation = trusting("ca");
        dataplane::SubjectAltNameMatcher matcher;
        matcher.type = dataplane::SubjectAltNameMatcher::Type::Uri;
        matcher.matcher.kind = dataplane::StringMatchKind::Prefix;
        matcher.matcher.value = "spiffe://test.";
        configuration.common.validation->subjectAltNames = {matcher};
        QStringList with;
        if (!client.isEmpty())
            with = {"--cert", m_pki->path(client + ".pem"), "--key", m_pki->path(client + ".key")};
        for (const char *version : {"1.2", "1.3"}) {
            Server server(made(configuration));
            const QByteArray output =
                curl(server, QStringList{"--tls-max", version, "https://test.com/"} + with);
            const QStringList either = says.split('|');
            const auto said = [&output](const QString &text) { return output.contains(text.toUtf8()); };
            QVERIFY2(std::any_of(either.begin(), either.end(), said), output.constData());
            if (event >= 0)
                QCOMPARE(server.counts.events[static_cast<TlsEvent>(event)], 1);
            QCOMPARE(server.counts.events[TlsEvent::ConnectionError], 0);
        }
    }

    void sessionsResume()
    {
        auto configuration = serving("server");
        for (const QString version : {"-tls1_2", "-tls1_3"}) {
            Server server(made(configuration));
            const QString session = m_pki->path("session");
            const QStringList base = {"s_client",    "-connect", "127.0.0.1:" + QString::number(server.port),
                                      "-servername", "test.com", version,
                                      "-ign_eof"};
            for (const QStringList &step :
                 {QStringList{"-sess_out", session}, QStringList{"-sess_in", session}}) {
                Program client("openssl", base + step);
                client.process.write("GET /\r\n\r\n");
                QTRY_VERIFY_WITH_TIMEOUT((client.output += client.process.readAll()).contains("resumed="),
                                         5000);
                QCOMPARE(client.output.contains("resumed=1"), step.first() == "-sess_in");
            }
            QCOMPARE(server.counts.events[TlsEvent::SessionReused], 1);
        }
        configuration.disableStatelessSessionResumption = true;
        configuration.disableStatefulSessionResumption = true;
        Server server(made(configuration));
        Program client("openssl", {"s_client", "-connect", "127.0.0.1:" + QString::number(server.port),
                                   "-reconnect", "-tls1_2"});
        client.finish();
        QCOMPARE(server.counts.events[TlsEvent::SessionReused], 0);
    }

    void certificateByServerName()
    {
        auto configuration = serving("server");
        configuration.common.certificates.push_back(certificate("second"));
        Server server(made(configuration));
        QVERIFY(curl(server, {"https://second.test/"}).contains("sni=second.test"));
        QVERIFY(curl(server, {"https://test.com/"}).contains("sni=test.com"));
        QVERIFY(curl(server, {"https://third.test/"}).contains("no alternative certificate subject name"));
    }

    void plaintextOnATlsPortIsClosed()
    {
        Server server(made(serving("server")));
        const QByteArray output = curl(server, {"http://test.com/"});
        QVERIFY2(output.contains("Empty reply") || output.contains("reset"), output.constData());
        QCOMPARE(server.counts.events[TlsEvent::ConnectionError], 1);
        QTRY_VERIFY(server.clients[0]->recorder.closed);
        QCOMPARE(
            server.clients[0]->connection->transportFailureReason(),
            std::string("TLS_error:|268435612:SSL routines:OPENSSL_internal:HTTP_REQUEST:TLS_error_end"));
    }

    void configurationErrorsNameTheFile()
    {
        auto configuration = serving("server");
        configuration.common.certificates[0].privateKey.filename = m_pki->file("client.key");
        QVERIFY(TlsServerContext::create(configuration, nullptr).error().what.find("client.key") !=
                std::string::npos);
        configuration = serving("absent");
        QVERIFY(TlsServerContext::create(configuration, nullptr).error().where.file.find("absent.pem") !=
                std::string::npos);
        configuration = serving("server");
        configuration.common.parameters.cipherSuites = {"NO-SUCH-CIPHER"};
        QVERIFY(!TlsServerContext::create(configuration, nullptr));
    }

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

    void secretsRotateWithoutDroppingConnections()
    {
        const auto secret = [this](const QString &name) {
            return QByteArray("{\"resources\":[{\"@type\":\"type.googleapis.com/"
                              "envoy.extensions.transport_sockets.tls.v3.Secret\",\"name\":\"own\","
                              "\"tls_certificate\":{\"certificate_chain\":{\"filename\":\"") +
                   m_pki->path(name + ".pem").toUtf8() + "\"},\"private_key\":{\"filename\":\"" +
                   m_pki->path(name + ".key").toUtf8() + "\"}}}]}";
        };
        struct Updates final : SecretStore::Observer
        {
            void onSecretUpdate(const std::string &, bool accepted, const std::string &) override
            {
                ++(accepted ? good : bad);
            }
            int good = 0;
            int bad = 0;
        } updates;
        SecretStore store({}, &updates);
        dataplane::DownstreamTlsContext configuration;
        dataplane::SdsSecretConfig name;
        name.name = "own";
        name.source = dataplane::ConfigSource{.path = m_pki->file("sds.json"), .watchedDirectory = {}};
        configuration.common.certificateSecrets = {name};
        QFile::remove(m_pki->path("sds.json"));
        const auto context = made(configuration, &store);
        Server server(context);

        QVERIFY(!context->ready());
        curl(server, {"https://test.com/"});
        QCOMPARE(server.counts.events[TlsEvent::SecretsNotReady], 1);
        QCOMPARE(server.clients[0]->connection->transportFailureReason(),
                 std::string("TLS error: Secret is not supplied by SDS"));

        m_pki->write("sds.new", secret("server"));
        QVERIFY(QFile::rename(m_pki->path("sds.new"), m_pki->path("sds.json")));
        QTRY_VERIFY(context->ready());
        QVERIFY(curl(server, {"https://test.com/"}).contains("sni=test.com"));

        Program held("openssl",
                     {"s_client", "-connect", "127.0.0.1:" + QString::number(server.port), "-quiet"});
        QTRY_COMPARE(server.counts.events[TlsEvent::Handshake], 2);
        int rebuilt = 0;
        context->setOnUpdated([&rebuilt] { ++rebuilt; });
        m_pki->write("sds.json", secret("second"));
        QTRY_COMPARE(rebuilt, 1);
        QVERIFY(curl(server, {"https://second.test/"}).contains("sni=second.test"));
        held.process.write("still there?\n");
        QTRY_VERIFY((held.output += held.process.readAll()).contains("HTTP/1.1 200"));

        m_pki->write("sds.json", "{broken");
        QTRY_COMPARE(updates.bad, 1);
        QByteArray mismatched = secret("second");
        mismatched.replace("second.key", "client.key");
        m_pki->write("sds.json", mismatched);
        QTRY_COMPARE(updates.bad, 2);
        QVERIFY(curl(server, {"https://second.test/"}).contains("sni=second.test"));
        QCOMPARE(context->certificates().size(), std::size_t{1});
        QCOMPARE(context->certificates()[0].facts.dnsSans, std::vector<std::string>{"second.test"});
    }

    void factsOfCertificates()
    {
        auto configuration = serving("server");
        configuration.common.validation = trusting("ca");
        Server server(made(configuration));
        curl(server,
             {"https://test.com/", "--cert", m_pki->path("client.pem"), "--key", m_pki->path("client.key")});
        const TlsInfo *tls = server.clients[0]->connection->tls();
        QVERIFY(tls != nullptr);
        const CertificateFacts &peer = *tls->peer();
        const auto openssl = [this](const QStringList &arguments) {
            Program program("openssl",
                            QStringList{"x509", "-noout", "-in", m_pki->path("client.pem")} + arguments);
            return program.finish().trimmed().toLower().replace(":", "").toStdString();
        };
        QVERIFY(openssl({"-fingerprint", "-sha256"}).ends_with(peer.sha256));
        QVERIFY(openssl({"-fingerprint", "-sha1"}).ends_with(peer.sha1));
        QCOMPARE(openssl({"-serial"}), "serial=" + peer.serial);
        QCOMPARE(peer.issuer, std::string("CN=ca,O=Tests"));
        QCOMPARE(QByteArray::fromPercentEncoding(QByteArray::fromStdString(peer.urlEncodedPem)),
                 m_pki->read("client.pem"));
        QVERIFY(peer.notBefore < peer.notAfter);
        QCOMPARE(tls->own()->dnsSans, (std::vector<std::string>{"test.com", "*.example.com"}));
    }

    void largeTransfersKeepTheirBytes()
    {
        Server server(made(serving("server")));
        std::string body;
        for (int i = 0; body.size() < 3'000'000; ++i)
            body += std::to_string(i) + '\n';
        server.respond = [&body](Connection &connection) {
            Buffer answer("HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n");
            Buffer bulk(body);
            answer.move(bulk);
            connection.write(answer, false);
            connection.close(CloseType::Flush);
        };
        Program client("curl", {"-sS", "--max-time", "10", "-k",
                                "https://127.0.0.1:" + QString::number(server.port) + "/"});
        const std::string got = client.finish().toStdString();
        QCOMPARE(got.size(), body.size());
        QVERIFY(got == body);
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

SALLYPORT_EPOLL_MAIN(TestTls)
#include "test_tls.moc"
