// SPDX-License-Identifier: GPL-3.0-or-later
// Twenty thousand clients that keep their connections, or as many as the system lets two processes have.
#include "tests/e2e/hardness/attacked_gateway.h"
#include "tests/e2e/hardness/good_client.h"
#include "tests/e2e/hardness/odd_upstream.h"

class TestIdleConnections : public QObject
{
    Q_OBJECT

    /// Each client is a file here and one of the gateway's, which takes this limit over: the other files are
    /// those of its connections to the upstream, and a few.
    static constexpr rlim_t OtherFiles = 200;
    /// How many files a process may have, `wanted` of them if the system lets us say so.
    static rlim_t mostFiles(rlim_t wanted)
    {
        rlimit files{};
        getrlimit(RLIMIT_NOFILE, &files);
        const rlimit more{wanted, wanted};
        if (files.rlim_max < wanted && setrlimit(RLIMIT_NOFILE, &more) == 0)
            return wanted;
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
        return files.rlim_max;
    }

private Q_SLOTS:
    void initTestCase() { SALLYPORT_NEEDS_ENGINE(); }

    void cost()
    {
        const int clients =
            static_cast<int>(std::min<rlim_t>(20000, mostFiles(20000 + OtherFiles) - OtherFiles));

        OddUpstream upstream;
        AttackedGateway gateway(upstream.port());
        GoodClient good(gateway.port);
        std::vector<std::unique_ptr<Client>> idle;
        for (int i = 0; i < clients; ++i) {
            // There are fewer ports than that on one address.
            const QByteArray source = "127.0.1." + QByteArray::number(1 + i % 8);
            idle.push_back(std::make_unique<Client>(gateway.port, source.constData()));
            QVERIFY(idle.back()->connected);
            idle.back()->send("GET /good HTTP/1.1\r\nhost: h\r\n\r\n");
            if (i % 64 == 63 || i + 1 == clients) {
                for (int j = i - i % 64; j <= i; ++j)
                    QCOMPARE(idle[static_cast<std::size_t>(j)]->read(12), std::string("HTTP/1.1 200"));
            }
        }
        QVERIFY(gateway.stat("http.in.downstream_cx_active") >= clients);
        QVERIFY(good.isServed());
        const qint64 each = gateway.growth("idle connections") / clients;
        qInfo("%d connections, %lld bytes each", clients, each);
        QVERIFY(each < 32 * 1024);
        idle.clear();
        QTRY_VERIFY_WITH_TIMEOUT(gateway.stat("http.in.downstream_cx_active") < 10, 30000);
        QVERIFY(good.isServed());
        QVERIFY(gateway.terminates());
    }
};

QTEST_GUILESS_MAIN(TestIdleConnections)
#include "test_idle_connections.moc"
