// SPDX-License-Identifier: GPL-3.0-or-later
// Durations in proto3 JSON: what is one, what is not, and how it is written again.
#include "core/dataplane/bootstrap.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::dataplane;

class TestDurations : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void durations_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("good");
        QTest::addColumn<qlonglong>("nanoseconds");
        QTest::addColumn<QByteArray>("written"); // with three, six or nine digits, as protobuf writes it
        QTest::newRow("whole") << QByteArray("5s") << true << 5'000'000'000LL << QByteArray("\"5s\"");
        QTest::newRow("fraction") << QByteArray("1.5s") << true << 1'500'000'000LL
                                  << QByteArray("\"1.500s\"");
        QTest::newRow("micro") << QByteArray("0.00012s") << true << 120'000LL << QByteArray("\"0.000120s\"");
        QTest::newRow("smallest") << QByteArray("0.000000001s") << true << 1LL
                                  << QByteArray("\"0.000000001s\"");
        QTest::newRow("largest") << QByteArray("9223372035s") << true << 9'223'372'035'000'000'000LL
                                 << QByteArray("\"9223372035s\"");
        for (const char *bad : {"9223372037s", "315576000000s", "99999999999999999999s", "5", "s", "1.s",
                                "0.-5s", "-0.5s", "-2.25s", "+1s", " 1s", "--1s", "1.0000000001s"})
            QTest::newRow(bad) << QByteArray(bad) << false << 0LL << QByteArray();
    }
    void durations()
    {
        QFETCH(QByteArray, text);
        QFETCH(bool, good);
        QFETCH(qlonglong, nanoseconds);
        QFETCH(QByteArray, written);
        const Result<Bootstrap> read = parseBootstrap(
            R"({"static_resources": {"clusters": [{"name": "c", "cleanup_interval": ")" + text + R"("}]}})");
        QCOMPARE(read.has_value(), good);
        if (!good) {
            QCOMPARE(read.error().where.file, std::string("static_resources.clusters[0].cleanup_interval"));
            return;
        }
        const std::optional<Duration> interval = read->clusters.front().cleanupInterval;
        QVERIFY(interval);
        QCOMPARE(static_cast<qlonglong>(interval->count()), nanoseconds);
        QVERIFY(encodeBootstrap(*read).contains(written));
    }
};

QTEST_GUILESS_MAIN(TestDurations)
#include "test_durations.moc"
