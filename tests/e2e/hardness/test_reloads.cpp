// SPDX-License-Identifier: GPL-3.0-or-later
// A thousand configurations one after the other, under load: no request fails, every one is logged, and what
// a configuration took is given back.
#include "proxy/control/control_client.h"
#include "tests/e2e/hardness/attacked_gateway.h"
#include "tests/e2e/hardness/good_client.h"
#include "tests/e2e/hardness/odd_upstream.h"

#include <QSignalSpy>

using namespace bootstrap_text;
using namespace sallyport;

class TestReloads : public QObject
{
    Q_OBJECT

    static QByteArray configuration(quint16 port, quint16 admin, quint16 upstream, const QString &log,
                                    int number)
    {
        // Something changes everywhere: a route, a cluster that comes and goes, a listener's settings.
        const QString routes =
            QStringLiteral(R"({"match": {"path": "/number"}, "direct_response": {"status": 200,
                "body": {"inline_string": "number %1"}}})")
                .arg(number);
        const QString clusters = cluster("up", {upstream}) + QStringLiteral(", ") +
                                 cluster(QStringLiteral("other%1").arg(number % 7), {upstream});
        const QByteArray text = bootstrap(
            listener("main", port, chain(httpManager(accessLog(log, "%REQ(:PATH)%"), routes)),
                     QStringLiteral(R"("per_connection_buffer_limit_bytes": %1)").arg(100000 + number % 3)),
            clusters);
        return "{\"admin\": {\"address\": " + address(admin).toUtf8() + "}, " + text.mid(1);
    }

private Q_SLOTS:
    void underLoad()
    {
        OddUpstream upstream;
        QTemporaryDir folder;
        const QString log = folder.filePath("access.log");
        const QString socket = folder.filePath("control/socket");
        AttackedGateway gateway(upstream.port(), httpManager(), {}, {"--control", socket});
        control::ControlClient owner(socket, true);
        QSignalSpy ready(&owner, &control::ControlClient::ready);
        QSignalSpy applied(&owner, &control::ControlClient::applied);
        owner.open();
        QTRY_VERIFY(ready.count() > 0);
        const auto reload = [&](int number) {
            owner.apply(configuration(gateway.port, gateway.adminPort, upstream.port(), log, number));
            return applied.count() == number || (applied.wait(20000) && applied.count() == number);
        };
        QVERIFY(reload(1));

        GoodClient fresh(gateway.port);
        GoodClient kept(gateway.port, GoodClient::Connections::Kept);
        qint64 settled = 0;
        for (int number = 2; number <= 1000; ++number) {
            QVERIFY2(reload(number), qPrintable(QString::number(number)));
            if (number % 100 == 0) {
                Client client(gateway.port);
                client.send("GET /number HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
                QVERIFY(client.readAll().ends_with("number " + std::to_string(number)));
                QVERIFY(fresh.isServed(5) && kept.isServed(5));
            }
            if (number == 200)
                settled = gateway.memory();
        }
        const qint64 after = gateway.memory();
        fresh.stop();
        kept.stop();
        qInfo("%d requests on fresh connections, %d on kept ones; %lld KiB after 200 reloads, %lld KiB after "
              "1000",
              fresh.served.load(), kept.served.load(), settled / 1024, after / 1024);
        QCOMPARE(fresh.failed.load(), 0);
        QCOMPARE(kept.failed.load(), 0);
        QVERIFY(!AttackedGateway::memoryCounts() || after - settled < 8 * MiB);

        QVERIFY(gateway.terminates());
        QFile written(log);
        QVERIFY(written.open(QIODevice::ReadOnly));
        const QByteArray lines = written.readAll();
        QCOMPARE(lines.count("/good\n"), fresh.served + kept.served);
        QCOMPARE(lines.count("/number\n"), 10);
    }
};

QTEST_GUILESS_MAIN(TestReloads)
#include "test_reloads.moc"
