// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/control/envoy_stats.h"
#include "proxy/control/log_follower.h"

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

using namespace sallyport;
using namespace sallyport::control;

namespace {

QByteArray texts(const LogFollower::Found &found)
{
    QByteArray joined;
    for (const LogLine &line : found.lines)
        joined += line.bytes + '|';
    return joined;
}

/// As Envoy 1.40 answers `/stats?format=json&usedonly&histogram_buckets=detailed`.
QByteArray answer(int requests, const QByteArray &totals, const QByteArray &intervals, double p50)
{
    QByteArray percentiles;
    for (int i = 0; i < 10; ++i)
        percentiles += QByteArray(i ? "," : "") + "{\"cumulative\":" + QByteArray::number(p50 + i) +
                       ",\"interval\":" + QByteArray::number(p50 + 100 + i) + "}";
    return "{\"stats\":[{\"name\":\"cluster.outbound|443||test.com.upstream_rq_total\",\"value\":" +
           QByteArray::number(requests) +
           "},{\"name\":\"server.live\",\"value\":1},{\"name\":\"a.text\",\"value\":\"words\"},"
           "{\"histograms\":{\"supported_percentiles\":[0,25,50,75,90,95,99,99.5,99.9,100],\"details\":["
           "{\"name\":\"http.a.downstream_rq_time\",\"totals\":[" +
           totals + "],\"intervals\":[" + intervals + "],\"percentiles\":[" + percentiles + "]}]}}]}";
}

} // namespace

/// What is read of a real Envoy: statistics of its admin listener and its log file.
class TestEnvoyLink : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void statisticsAreToldByChange();
    void statisticsThatAreNotJson();
    void linesBeginAtTheEndOfTheFile();
    void aLineIsWholeOrWaits();
    void aShorterFileIsReadAnew();
    void aFloodKeepsTheNewestLines();
    void aFileThatComesLater();
};

void TestEnvoyLink::statisticsAreToldByChange()
{
    EnvoyStats stats;
    const QByteArray bucket =
        "{\"lower_bound\":1,\"width\":0.1,\"count\":3},{\"lower_bound\":2,\"width\":0.1,\"count\":4}";
    const auto first = stats.next(answer(5, bucket, {}, 2));
    QVERIFY(first);
    QVERIFY(first->first);
    QCOMPARE(first->values.size(), 2U);
    QCOMPARE(first->values[0], (StatValue{"cluster.outbound|443||test.com.upstream_rq_total", 5}));
    QCOMPARE(first->values[1], (StatValue{"server.live", 1}));
    QCOMPARE(first->histograms.size(), 1U);
    const HistogramValue &histogram = first->histograms[0];
    QCOMPARE(histogram.count, 7U);
    QVERIFY(std::isnan(histogram.interval.p50));
    QCOMPARE(histogram.cumulative.p50, 4.0);
    QCOMPARE(histogram.cumulative.p90, 6.0);
    QCOMPARE(histogram.cumulative.p99, 8.0);
    QCOMPARE(histogram.cumulative.p999, 10.0);
    const auto same = stats.next(answer(5, bucket, {}, 2));
    QVERIFY(same && !same->first && same->values.empty() && same->histograms.empty());
    const auto more = stats.next(answer(6, bucket, bucket, 2));
    QVERIFY(more);
    QCOMPARE(more->values.size(), 1U);
    QCOMPARE(more->histograms.size(), 1U);
    QCOMPARE(more->histograms[0].interval.p50, 104.0);
}

void TestEnvoyLink::statisticsThatAreNotJson()
{
    EnvoyStats stats;
    QVERIFY(!stats.next("upstream connect error"));
    const auto next = stats.next(answer(1, {}, {}, 0));
    QVERIFY(next && next->first);
}

void TestEnvoyLink::linesBeginAtTheEndOfTheFile()
{
    QTemporaryDir place;
    QFile log(place.filePath("access.log"));
    QVERIFY(log.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
    log.write("old\n");
    LogFollower follower(log.fileName(), true);
    QCOMPARE(texts(follower.poll()), QByteArray());
    log.write("one\ntwo\n\n");
    const LogFollower::Found found = follower.poll();
    QCOMPARE(texts(found), QByteArray("one|two|"));
    QVERIFY(found.lines[0].json);
    QCOMPARE(found.dropped, 0U);
}

void TestEnvoyLink::aLineIsWholeOrWaits()
{
    QTemporaryDir place;
    QFile log(place.filePath("access.log"));
    QVERIFY(log.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
    LogFollower follower(log.fileName(), false);
    log.write("one\ntw");
    QCOMPARE(texts(follower.poll()), QByteArray("one|"));
    log.write("o");
    QCOMPARE(texts(follower.poll()), QByteArray());
    log.write("\nthree\n");
    QCOMPARE(texts(follower.poll()), QByteArray("two|three|"));
}

void TestEnvoyLink::aShorterFileIsReadAnew()
{
    QTemporaryDir place;
    QFile log(place.filePath("access.log"));
    QVERIFY(log.open(QIODevice::WriteOnly | QIODevice::Unbuffered | QIODevice::Append));
    LogFollower follower(log.fileName(), true);
    log.write("a long line before\nand half");
    QCOMPARE(texts(follower.poll()), QByteArray("a long line before|"));
    QVERIFY(log.resize(0));
    log.write("new\n");
    QCOMPARE(texts(follower.poll()), QByteArray("new|"));
}

void TestEnvoyLink::aFloodKeepsTheNewestLines()
{
    QTemporaryDir place;
    QFile log(place.filePath("access.log"));
    QVERIFY(log.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
    LogFollower follower(log.fileName(), true);
    constexpr int written = 100'000;
    QByteArray flood;
    for (int i = 0; i < written; ++i)
        flood += QByteArray::number(i).rightJustified(99, ' ') + '\n';
    log.write(flood);
    const LogFollower::Found found = follower.poll();
    QVERIFY(found.dropped > 0);
    QCOMPARE(static_cast<quint64>(found.lines.size()) + found.dropped, quint64(written));
    QCOMPARE(found.lines.last().bytes.trimmed(), QByteArray::number(written - 1));
    QCOMPARE(found.lines.first().bytes.size(), 99);
}

void TestEnvoyLink::aFileThatComesLater()
{
    QTemporaryDir place;
    LogFollower follower(place.filePath("access.log"), true);
    QCOMPARE(texts(follower.poll()), QByteArray());
    QFile log(place.filePath("access.log"));
    QVERIFY(log.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
    log.write("first\n");
    QCOMPARE(texts(follower.poll()), QByteArray("first|"));
}

QTEST_GUILESS_MAIN(TestEnvoyLink)
#include "test_envoy_link.moc"
