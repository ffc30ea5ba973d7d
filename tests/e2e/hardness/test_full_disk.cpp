// SPDX-License-Identifier: GPL-3.0-or-later
// A disk without room under the access log: requests are served, lost lines are counted, and once there is
// room again the log goes on.
#include "tests/e2e/hardness/attacked_gateway.h"
#include "tests/e2e/hardness/good_client.h"
#include "tests/e2e/hardness/odd_upstream.h"

class TestFullDisk : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { SALLYPORT_NEEDS_ENGINE(); }

    void goesOnServing()
    {
        QTemporaryDir folder;
        const QString log = folder.filePath("access.log");
        // Every write to it fails with ENOSPC.
        QVERIFY(QFile::link("/dev/full", log));
        OddUpstream upstream;
        // Lines of some size, so that what would be kept would be seen.
        const QString format = QString(2000, 'x') + "%PATH%";
        AttackedGateway gateway(upstream.port(), httpManager(bootstrap_text::accessLog(log, format)));
        GoodClient good(gateway.port);
        constexpr int Requests = 20000;
        std::vector<std::unique_ptr<Client>> clients;
        constexpr int AtOnce = 20;
        clients.reserve(AtOnce);
        for (int i = 0; i < AtOnce; ++i)
            clients.push_back(std::make_unique<Client>(gateway.port));
        for (int i = 0; i < Requests / AtOnce; ++i) {
            for (const auto &client : clients)
                client->send("GET /lost HTTP/1.1\r\nhost: h\r\n\r\n");
            for (const auto &client : clients) {
                const std::string answer = client->readUntil("\r\n\r\nanswered");
                QVERIFY(answer.starts_with("HTTP/1.1 200"));
            }
        }
        QVERIFY(good.isServed());
        QTRY_VERIFY(gateway.stat("filesystem.write_failed") > 0);
        // 40 MB of lines.
        QVERIFY(gateway.growth("full disk") < 24 * MiB);

        QVERIFY(QFile::remove(log));
        gateway.signal(SIGUSR1);
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(log), 20000);
        Client client(gateway.port);
        client.send("GET /kept HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
        QVERIFY(client.readAll().starts_with("HTTP/1.1 200"));
        const auto logged = [&log] {
            QFile file(log);
            return file.open(QIODevice::ReadOnly) && file.readAll().contains("x/kept\n");
        };
        QTRY_VERIFY_WITH_TIMEOUT(logged(), 20000);
        QVERIFY(good.isServed());
        QVERIFY(gateway.terminates());
    }

    /// It fills up in the middle of a line. What was written stays, what comes once there is room again is
    /// whole lines.
    void fillsUp()
    {
        // The size that a process may write is a disk that no other test shares. (Envoy would end by this
        // signal.)
        ::signal(SIGXFSZ, AttackedGateway::isEnvoy() ? SIG_IGN : SIG_DFL);
        QTemporaryDir folder;
        const QString log = folder.filePath("access.log");
        OddUpstream upstream;
        AttackedGateway gateway(upstream.port(),
                                httpManager(bootstrap_text::accessLog(log, QString(97, 'x') + "%PATH%")));
        const auto ask = [&gateway](const char *path) {
            Client client(gateway.port);
            client.send("GET " + std::string(path) + " HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
            return client.readAll().starts_with("HTTP/1.1 200");
        };
        const auto written = [&log] {
            QFile file(log);
            return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        };
        constexpr qint64 Room = 10'050;
        gateway.limitFileSize(Room);
        const QByteArray line = QByteArray(97, 'x') + "/1\n";
        for (int i = 0; i < 200; ++i)
            QVERIFY(ask("/1"));
        QTRY_COMPARE_WITH_TIMEOUT(written().size(), Room, 20000);
        QTRY_VERIFY(gateway.stat("filesystem.write_failed") > 0);
        const QByteArray full = written();
        QCOMPARE(full.left(Room - 50), line.repeated(100));

        gateway.limitFileSize(-1);
        QVERIFY(ask("/2"));
        QTRY_VERIFY_WITH_TIMEOUT(written().endsWith("x/2\n"), 20000);
        QVERIFY(written().startsWith(full));
        QVERIFY(ask("/good"));
        QVERIFY(gateway.terminates());
        QVERIFY(written().endsWith(QByteArray(97, 'x') + "/2\n" + QByteArray(97, 'x') + "/good\n"));
    }
};

QTEST_GUILESS_MAIN(TestFullDisk)
#include "test_full_disk.moc"
