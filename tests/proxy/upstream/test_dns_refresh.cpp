// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/dns_refresh.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::upstream;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// When a name is asked for again (envoy-behaviour.md 4.10): the random number is given. A word an answer:
/// `ok`, `ok:7` (records live for so many seconds), `fails`.
class TestDnsRefresh : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void waits_data();
    void waits();
};

void TestDnsRefresh::waits_data()
{
    QTest::addColumn<QByteArray>("kind");
    QTest::addColumn<QByteArray>("answers");
    QTest::addColumn<QList<int>>("least");   ///< milliseconds, after each
    QTest::addColumn<QList<int>>("longest"); ///< the same, with the largest random number
    const auto row = [](const char *name, const char *kind, const char *answers, const QList<int> &least,
                        const QList<int> &longest) {
        QTest::newRow(name) << QByteArray(kind) << QByteArray(answers) << least << longest;
    };
    row("4.10 as often as configured", "", "ok ok:7 fails", {5000, 5000, 5000}, {5000, 5000, 5000});
    row("4.10 as records allow", "ttl", "ok:7 ok:1 ok fails", {7000, 1000, 5000, 5000},
        {7000, 1000, 5000, 5000});
    row("4.10 with jitter", "jitter", "ok ok:7", {5000, 5000}, {5999, 5999});
    row("4.10 with jitter as records allow", "ttl jitter", "ok:7", {7000}, {7999});
    row("4.10 failures are not jittered", "jitter", "fails", {5000}, {5000});
    // Full jitter below a window that doubles, from two seconds to ten times as much; an answer ends a row.
    row("4.10 failures in a row", "failure", "fails fails fails fails fails fails", {1, 1, 1, 1, 1, 1},
        {1999, 3999, 7999, 15'999, 19'999, 19'999});
    row("4.10 failures with their own most", "failure most", "fails fails fails", {1, 1, 1},
        {1999, 2999, 2999});
    row("4.10 a row ends with an answer", "failure", "fails fails ok fails", {1, 1, 5000, 1},
        {1999, 3999, 5000, 1999});
}

void TestDnsRefresh::waits()
{
    QFETCH(QByteArray, kind);
    QFETCH(QByteArray, answers);
    QFETCH(QList<int>, least);
    QFETCH(QList<int>, longest);
    dataplane::Cluster cluster;
    cluster.dnsRefreshRate = seconds(5);
    cluster.respectDnsTtl = kind.contains("ttl");
    if (kind.contains("jitter"))
        cluster.dnsJitter = seconds(1);
    if (kind.contains("failure"))
        cluster.dnsFailureRefreshRate = seconds(2);
    if (kind.contains("most"))
        cluster.dnsFailureMaxInterval = seconds(3);
    // A multiple of every window.
    constexpr std::uint64_t multiple = 48'000'000;
    for (const bool last : {false, true}) {
        DnsRefresh refresh;
        QList<int> waits;
        for (const QByteArray &answer : answers.split(' ')) {
            const std::uint64_t random = last ? multiple - 1 : multiple;
            const milliseconds wait =
                answer == "fails" ? refresh.afterFailure(cluster, random)
                                  : refresh.afterAnswer(cluster, seconds(answer.mid(3).toInt()), random);
            waits.append(static_cast<int>(wait.count()));
        }
        QCOMPARE(waits, last ? longest : least);
    }
}

QTEST_GUILESS_MAIN(TestDnsRefresh)
#include "test_dns_refresh.moc"
