// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/application/dns_message.h"
#include "proxy/net/resolver.h"
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/net/test_names.h"

#include <QNetworkDatagram>
#include <QTcpServer>
#include <QTcpSocket>
#include <QUdpSocket>
#include <optional>

using namespace sallyport::net;
using sallyport::application::dnsAnswer;

Q_DECLARE_METATYPE(DnsAnswer::Status)

class TestResolver : public QObject
{
    Q_OBJECT

    static DnsAnswer asked(Resolver &resolver, const std::string &name, DnsFamily family)
    {
        std::optional<DnsAnswer> answer;
        const auto query = resolver.resolve(name, family, [&answer](const DnsAnswer &got) { answer = got; });
        [&] { QVERIFY(!answer); }(); // never from within the call
        [&] { QTRY_VERIFY_WITH_TIMEOUT(answer, 10'000); }();
        return *answer;
    }
    static std::string text(const DnsAnswer &answer)
    {
        std::string all;
        for (const Address &address : answer.addresses)
            all += (all.empty() ? "" : " ") + address.ipText();
        return all;
    }

private Q_SLOTS:
    void nameServer()
    {
        TestNames names;
        names.set("10.0.0.1 test.com alias.test,10.0.0.2 test.com,::7 test.com");
        Resolver resolver(names.resolver());
        QCOMPARE(text(asked(resolver, "test.com", DnsFamily::V4Only)), std::string("10.0.0.1 10.0.0.2"));
        QCOMPARE(text(asked(resolver, "TEST.com.", DnsFamily::Auto)), std::string("::7"));
        QCOMPARE(text(asked(resolver, "test.com", DnsFamily::V4Preferred)), std::string("10.0.0.1 10.0.0.2"));
        QCOMPARE(text(asked(resolver, "test.com", DnsFamily::All)), std::string("::7 10.0.0.1 10.0.0.2"));
        const DnsAnswer alias = asked(resolver, "alias.test", DnsFamily::Auto);
        QCOMPARE(text(alias), std::string("10.0.0.1"));
        QCOMPARE(alias.ttl, std::chrono::seconds(5));
        QCOMPARE(text(asked(resolver, "192.0.2.7", DnsFamily::Auto)), std::string("192.0.2.7"));
        names.set("10.0.0.9 test.com");
        QCOMPARE(text(asked(resolver, "test.com", DnsFamily::Auto)), std::string("10.0.0.9"));
    }

    /// The words are those of Envoy 1.40 behind `dns_resolution_failure`.
    void noAddress_data()
    {
        QTest::addColumn<int>("answer"); ///< DNS's response code; -1: no answer
        QTest::addColumn<DnsAnswer::Status>("status");
        QTest::addColumn<QByteArray>("error");
        using Status = DnsAnswer::Status;
        QTest::newRow("no records") << 0 << Status::NoSuchName
                                    << QByteArray("cares_norecords:DNS_server_returned_answer_with_no_data");
        // Which words it has for servers that fail is a matter of c-ares's version.
        QTest::newRow("SERVFAIL") << 2 << Status::Failure << QByteArray("cares_failure:");
        QTest::newRow("NXDOMAIN") << 3 << Status::NoSuchName
                                  << QByteArray("cares_norecords:Domain_name_not_found");
        QTest::newRow("REFUSED") << 5 << Status::Failure << QByteArray("cares_failure:");
    }
    void noAddress()
    {
        QFETCH(int, answer);
        QUdpSocket server;
        QVERIFY(server.bind(QHostAddress::LocalHost));
        connect(&server, &QUdpSocket::readyRead, &server, [&server, answer] {
            while (server.hasPendingDatagrams()) {
                const QNetworkDatagram query = server.receiveDatagram();
                QByteArray reply = query.data();
                reply[2] = static_cast<char>(0x84);
                reply[3] = static_cast<char>(answer);
                // Nothing but the question: no record of EDNS either.
                const auto question = sallyport::application::DnsQuestion::parse(query.data());
                reply = reply.left(question->end);
                reply[11] = 0;
                server.writeDatagram(query.makeReply(reply));
            }
        });
        sallyport::dataplane::DnsResolver configuration;
        configuration.resolvers.push_back({"127.0.0.1", server.localPort(), {}});
        configuration.queryTries = 1;
        Resolver resolver(configuration);
        const DnsAnswer got = asked(resolver, "some.test", DnsFamily::V4Only);
        QTEST(got.status, "status");
        QFETCH(QByteArray, error);
        QVERIFY2(QByteArray::fromStdString(got.error).startsWith(error), got.error.c_str());
        QVERIFY(got.addresses.empty());
    }

    /// Nobody answers: the look-up ends by itself, with the tries that were asked for.
    void silentServer()
    {
        QUdpSocket server;
        QVERIFY(server.bind(QHostAddress::LocalHost));
        sallyport::dataplane::DnsResolver configuration;
        configuration.resolvers.push_back({"127.0.0.1", server.localPort(), {}});
        configuration.queryTries = 1;
        configuration.queryTimeoutSeconds = 1;
        Resolver resolver(configuration);
        const DnsAnswer got = asked(resolver, "some.test", DnsFamily::V4Only);
        QCOMPARE(got.status, DnsAnswer::Status::Failure);
        QCOMPARE(got.error, std::string("cares_failure:Timeout_while_contacting_DNS_servers"));
        int queries = 0;
        for (; server.hasPendingDatagrams(); ++queries)
            server.receiveDatagram();
        QCOMPARE(queries, 1);
    }

    void overTcp()
    {
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        sallyport::dataplane::DnsResolver configuration;
        configuration.resolvers.push_back({"127.0.0.1", server.serverPort(), {}});
        configuration.useTcp = true;
        Resolver resolver(configuration);
        connect(&server, &QTcpServer::newConnection, &server, [&server] {
            QTcpSocket *client = server.nextPendingConnection();
            connect(client, &QTcpSocket::readyRead, client, [client] {
                // A length goes before each message.
                const QByteArray query = client->readAll().mid(2);
                const auto question = sallyport::application::DnsQuestion::parse(query);
                if (!question)
                    return;
                const QByteArray reply =
                    dnsAnswer(query, *question, true, {QHostAddress(QStringLiteral("10.0.0.3"))});
                client->write(QByteArray(1, '\0') + static_cast<char>(reply.size()) + reply);
            });
        });
        QCOMPARE(text(asked(resolver, "test.com", DnsFamily::V4Only)), std::string("10.0.0.3"));
    }

    void searchDomains()
    {
        TestNames names;
        names.set("10.0.0.1 short");
        sallyport::dataplane::DnsResolver configuration = names.resolver();
        configuration.noDefaultSearchDomain = true;
        Resolver resolver(configuration);
        QCOMPARE(text(asked(resolver, "short", DnsFamily::V4Only)), std::string("10.0.0.1"));
    }

    void systemHostsAreKnown_data()
    {
        QTest::addColumn<bool>("system");
        QTest::newRow("c-ares") << false;
        QTest::newRow("getaddrinfo") << true;
    }
    void systemHostsAreKnown()
    {
        QFETCH(bool, system);
        sallyport::dataplane::DnsResolver configuration;
        configuration.system = system;
        Resolver resolver(configuration);
        QCOMPARE(text(asked(resolver, "localhost", DnsFamily::V4Only)), std::string("127.0.0.1"));
    }

    void droppedQueriesStaySilent()
    {
        Resolver resolver;
        bool answered = false;
        auto query = resolver.resolve("127.0.0.1", DnsFamily::Auto,
                                      [&answered](const DnsAnswer &) { answered = true; });
        query.reset();
        QTest::qWait(20);
        QVERIFY(!answered);
    }
};

SALLYPORT_EPOLL_MAIN(TestResolver)
#include "test_resolver.moc"
