// SPDX-License-Identifier: GPL-3.0-or-later
// TLS servers for programs that are not ours: curl and `openssl s_client`.
#include "proxy/net/key_log.h"
#include "proxy/net/secret_store.h"
#include "tests/proxy/net/tls_server.h"

class TestTlsServer : public TlsServerTest
{
    Q_OBJECT

    QByteArray curl(const Server &server, const QStringList &more) const
    {
        Program program("curl", QStringList{"-sS", "--max-time", "5", "--cacert", m_pki->path("ca.pem"),
                                            "--connect-to", "::127.0.0.1:" + QString::number(server.port)} +
                                    more);
        return program.finish();
    }

private Q_SLOTS:
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

    /// Who is refused sees the alert and an end, never a reset, also when its first request came with the
    /// rest of its handshake: what a proxy between them logs must not depend on which came first.
    void aRefusalIsNoReset()
    {
        Server server(made(serving("server")));
        const Descriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        sockaddr_storage storage;
        const socklen_t length = Address::parseIp("127.0.0.1", server.port)->toSockaddr(storage);
        ::connect(client.get(), reinterpret_cast<const sockaddr *>(&storage), length);
        const std::string request =
            std::string("\x16\x03\x01\x00\x04\x01\x00\x00\x00", 9) + std::string(40'000, '.');
        QCOMPARE(::send(client.get(), request.data(), request.size(), MSG_NOSIGNAL),
                 static_cast<ssize_t>(request.size()));
        std::string answer;
        ssize_t got = -1;
        const auto read = [&] {
            char buffer[100];
            while ((got = ::recv(client.get(), buffer, sizeof buffer, 0)) > 0)
                answer.append(buffer, static_cast<std::size_t>(got));
            return got == 0 || errno != EAGAIN;
        };
        QTRY_VERIFY(read());
        QCOMPARE(got, 0);
        QVERIFY(answer.starts_with("\x15\x03"));
        QCOMPARE(server.counts.events[TlsEvent::ConnectionError], 1);
    }

    /// Both sides write the same secrets, of connections between the addresses asked for.
    void keysAreLogged()
    {
        const auto lines = [this](const QString &name) {
            QList<QByteArray> sorted;
            for (const QByteArray &line : m_pki->read(name).split('\n')) {
                if (!line.isEmpty() && !line.startsWith('#'))
                    sorted.append(line);
            }
            std::sort(sorted.begin(), sorted.end());
            return sorted;
        };
        for (const QString version : {"-tls1_2", "-tls1_3"}) {
            for (const char *range : {"", "127.0.0.0", "127.0.1.0"}) {
                QFile::remove(m_pki->path("client.keys"));
                QFile::remove(m_pki->path("server.keys"));
                auto configuration = serving("server");
                configuration.common.keyLog.emplace().path = m_pki->file("server.keys");
                if (*range != '\0')
                    configuration.common.keyLog->remoteRanges = {{range, 24}};
                Server server(made(configuration));
                Program client("openssl",
                               {"s_client", "-connect", "127.0.0.1:" + QString::number(server.port), version,
                                "-ign_eof", "-keylogfile", m_pki->path("client.keys")});
                client.process.write("GET /\r\n\r\n");
                QTRY_VERIFY((client.output += client.process.readAll()).contains("resumed="));
                QVERIFY(lines("client.keys").size() == (version == "-tls1_2" ? 1 : 5));
                QCOMPARE(lines("server.keys"),
                         QByteArray(range) == "127.0.1.0" ? QList<QByteArray>() : lines("client.keys"));
                QCOMPARE(QFile::permissions(m_pki->path("server.keys")) &
                             (QFile::ReadGroup | QFile::ReadOther),
                         QFile::Permissions());
            }
        }
        auto configuration = serving("server");
        configuration.common.keyLog.emplace().path = m_pki->file("absent/keys");
        QVERIFY(TlsServerContext::create(configuration, nullptr).error().what.find("unable to open file") !=
                std::string::npos);
    }

    /// Who moves a key log away has it begun anew.
    void aKeyLogIsReopened()
    {
        auto configuration = serving("server");
        configuration.common.keyLog.emplace().path = m_pki->file("moved.keys");
        Server server(made(configuration));
        const auto connect = [&server] {
            Program client("openssl",
                           {"s_client", "-connect", "127.0.0.1:" + QString::number(server.port), "-ign_eof"});
            client.process.write("GET /\r\n\r\n");
            QTRY_VERIFY((client.output += client.process.readAll()).contains("resumed="));
        };
        connect();
        QVERIFY(QFile::rename(m_pki->path("moved.keys"), m_pki->path("moved.keys.1")));
        const qsizetype one = m_pki->read("moved.keys.1").size();
        connect();
        QVERIFY(m_pki->read("moved.keys.1").size() > one);
        const QByteArray before = m_pki->read("moved.keys.1");
        net::KeyLog::reopenAll();
        connect();
        QCOMPARE(m_pki->read("moved.keys.1"), before);
        QCOMPARE(m_pki->read("moved.keys").size(), one);
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
        QVERIFY(TlsServerContext::create(configuration, nullptr).error().toString().find("absent.pem") !=
                std::string::npos);
        configuration = serving("server");
        configuration.common.parameters.cipherSuites = {"NO-SUCH-CIPHER"};
        QVERIFY(!TlsServerContext::create(configuration, nullptr));
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
            void onSecretSubscribed(const std::string &) override {}
            void onSecretUpdate(const std::string &, SecretStore::Update update, const std::string &,
                                const std::string &) override
            {
                ++of[update];
            }
            std::map<SecretStore::Update, int> of;
        } updates;
        SecretStore store({}, &updates);
        dataplane::DownstreamTlsContext configuration;
        dataplane::SdsSecretConfig name;
        name.name = "own";
        name.source = dataplane::ConfigSource{.path = m_pki->file("sds.json"), .watchedDirectory = {}};
        configuration.common.certificateSecrets = {name};
        QFile::remove(m_pki->path("sds.json"));
        QVERIFY(TlsServerContext::create(configuration, &store).error().what.find("does not exist") !=
                std::string::npos);
        m_pki->write("sds.json", R"({"resources": []})");
        const auto context = made(configuration, &store);
        QCOMPARE(updates.of[SecretStore::Update::Rejected], 1);
        Server server(context);

        QVERIFY(!context->ready());
        curl(server, {"https://test.com/"});
        QCOMPARE(server.counts.events[TlsEvent::SecretsNotReady], 1);
        QCOMPARE(server.clients[0]->connection->transportFailureReason(),
                 std::string("TLS error: Secret is not supplied by SDS"));

        const auto move = [this](const QByteArray &content) {
            m_pki->write("sds.new", content);
            return std::rename(m_pki->file("sds.new").c_str(), m_pki->file("sds.json").c_str()) == 0;
        };
        QVERIFY(move(secret("server")));
        QTRY_VERIFY(context->ready());
        QVERIFY(curl(server, {"https://test.com/"}).contains("sni=test.com"));

        Program held("openssl",
                     {"s_client", "-connect", "127.0.0.1:" + QString::number(server.port), "-quiet"});
        QTRY_COMPARE(server.counts.events[TlsEvent::Handshake], 2);
        int rebuilt = 0;
        context->setOnUpdated([&rebuilt] { ++rebuilt; });
        QCOMPARE(rebuilt, 1);
        QVERIFY(move(secret("second")));
        QTRY_COMPARE(rebuilt, 2);
        QVERIFY(curl(server, {"https://second.test/"}).contains("sni=second.test"));
        held.process.write("still there?\n");
        QTRY_VERIFY((held.output += held.process.readAll()).contains("HTTP/1.1 200"));

        QVERIFY(move("{broken"));
        QTRY_COMPARE(updates.of[SecretStore::Update::Failed], 1);
        QByteArray mismatched = secret("second");
        mismatched.replace("second.key", "client.key");
        QVERIFY(move(mismatched));
        QTRY_COMPARE(updates.of[SecretStore::Update::Rejected], 2);
        // What is written in place waits for the next move.
        m_pki->write("sds.json", secret("server"));
        QVERIFY(curl(server, {"https://second.test/"}).contains("sni=second.test"));
        QCOMPARE(context->certificates().size(), std::size_t{1});
        QCOMPARE(context->certificates()[0].facts.dnsSans, std::vector<std::string>{"second.test"});
        QCOMPARE(updates.of[SecretStore::Update::Succeeded], 2);
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
};

SALLYPORT_EPOLL_MAIN(TestTlsServer)
#include "test_tls_server.moc"
