// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions of TLS servers, resumed by `openssl s_client` (envoy-behaviour.md 5.4).
#include "tests/proxy/net/tls_server.h"

class TestTlsSessions : public TlsServerTest
{
    Q_OBJECT

    /// Whether the server takes a session of the file up; leaves the new one in there if it is to be kept.
    bool resumes(const Server &server, const QString &version, const QString &option)
    {
        Program client("openssl",
                       {"s_client", "-connect", "127.0.0.1:" + QString::number(server.port), "-servername",
                        "test.com", version, "-ign_eof", option, m_pki->path("session")});
        client.process.write("GET /\r\n\r\n");
        const bool answered = QTest::qWaitFor(
            [&] { return (client.output += client.process.readAll()).contains("resumed="); }, 5000);
        if (!answered)
            qWarning("no answer: %s", client.output.constData());
        return client.output.contains("resumed=1");
    }

    static std::vector<dataplane::DataSource> ticketKeys(const std::string &letters)
    {
        std::vector<dataplane::DataSource> keys;
        for (const char letter : letters)
            keys.emplace_back().inlineBytes = std::string(80, letter);
        return keys;
    }

private Q_SLOTS:
    void sessionsResume()
    {
        for (const QString version : {"-tls1_2", "-tls1_3"}) {
            Server server(made(serving("server")));
            QVERIFY(!resumes(server, version, "-sess_out"));
            QVERIFY(resumes(server, version, "-sess_in"));
            QCOMPARE(server.counts.events[TlsEvent::SessionReused], 1);
        }
    }

    void noneAreKeptWhereThatIsOff()
    {
        auto configuration = serving("server");
        configuration.disableStatelessSessionResumption = true;
        configuration.disableStatefulSessionResumption = true;
        Server server(made(configuration));
        Program client("openssl", {"s_client", "-connect", "127.0.0.1:" + QString::number(server.port),
                                   "-reconnect", "-tls1_2"});
        client.finish();
        QCOMPARE(server.counts.events[TlsEvent::SessionReused], 0);
    }

    /// What Envoy 1.40 tells clients of TLS 1.2, in seconds.
    void lifetimes_data()
    {
        QTest::addColumn<int>("timeout"); ///< milliseconds; -1: none is configured
        QTest::addColumn<QByteArray>("hint");
        QTest::newRow("by default") << -1 << QByteArray("7200");
        QTest::newRow("a minute") << 60'000 << QByteArray("60");
        QTest::newRow("more than a day") << 100'000'000 << QByteArray("100000");
        QTest::newRow("none") << 0 << QByteArray("7200");
        QTest::newRow("less than a second") << 500 << QByteArray("7200");
    }
    void lifetimes()
    {
        QFETCH(int, timeout);
        QFETCH(QByteArray, hint);
        auto configuration = serving("server");
        if (timeout >= 0)
            configuration.sessionTimeout = std::chrono::milliseconds(timeout);
        Server server(made(configuration));
        Program client("openssl", {"s_client", "-connect", "127.0.0.1:" + QString::number(server.port),
                                   "-servername", "test.com", "-tls1_2"});
        const QByteArray said = client.finish();
        QVERIFY2(said.contains("ticket lifetime hint: " + hint + " (seconds)"), said.constData());
    }

    void ticketsOfAnotherServer_data()
    {
        QTest::addColumn<std::string>("sealing");
        QTest::addColumn<std::string>("opening");
        QTest::addColumn<QString>("certificate");
        QTest::addColumn<bool>("resumed");
        QTest::newRow("the same key") << std::string("a") << std::string("a") << "server" << true;
        QTest::newRow("one of its keys") << std::string("a") << std::string("ba") << "server" << true;
        QTest::newRow("the first key seals") << std::string("ab") << std::string("b") << "server" << false;
        QTest::newRow("other keys") << std::string("a") << std::string("b") << "server" << false;
        QTest::newRow("keys of their own") << std::string() << std::string() << "server" << false;
        QTest::newRow("the same key, another certificate")
            << std::string("a") << std::string("a") << "client" << false;
    }

    void ticketsOfAnotherServer()
    {
        QFETCH(std::string, sealing);
        QFETCH(std::string, opening);
        QFETCH(QString, certificate);
        QFETCH(bool, resumed);
        auto first = serving("server");
        first.sessionTicketKeys = ticketKeys(sealing);
        auto second = serving(certificate);
        second.sessionTicketKeys = ticketKeys(opening);
        for (const QString version : {"-tls1_2", "-tls1_3"}) {
            Server one(made(first));
            Server other(made(second));
            QVERIFY(!resumes(one, version, "-sess_out"));
            QCOMPARE(resumes(other, version, "-sess_in"), resumed);
            QCOMPARE(other.counts.events[TlsEvent::SessionReused], resumed ? 1 : 0);
        }
    }
};

SALLYPORT_EPOLL_MAIN(TestTlsSessions)
#include "test_tls_sessions.moc"
