// SPDX-License-Identifier: GPL-3.0-or-later
#include "recorded_entries.h"
#include "ui/traffic/request_joiner.h"
#include "ui/traffic/request_row.h"

#include <QRandomGenerator>
#include <QtTest>

using namespace sallyport;
using namespace sallyport::traffic;

namespace {

const QSet<QString> proxies{"primary:default/sleep", "primary:istio-system/istio-egressgateway",
                            "external:istio-system/istio-ingressgateway", "external:default/httpbin"};

/// A request through two proxies over one pooled connection, times in ms.
std::pair<LogLine, LogLine> request(const QString &path, int start, int duration, const QString &connection,
                                    int status = 200)
{
    LogLine sleep;
    sleep.proxy = QStringLiteral("primary:default/sleep");
    sleep.startUs = start * 1'000;
    sleep.durationMs = duration;
    sleep.method = QStringLiteral("GET");
    sleep.authority = QStringLiteral("test.com");
    sleep.path = path;
    sleep.status = status;
    sleep.details = QStringLiteral("via_upstream");
    sleep.requestId = QStringLiteral("sleep %1 %2").arg(path).arg(start);
    sleep.upstreamHost = QStringLiteral("primary:istio-system/istio-egressgateway:80");
    sleep.downstreamRemote = QStringLiteral("primary:default/sleep:*");
    sleep.upstreamLocal = connection;
    LogLine egress = sleep;
    egress.proxy = QStringLiteral("primary:istio-system/istio-egressgateway");
    egress.requestId = QStringLiteral("egress %1 %2").arg(path).arg(start);
    egress.peer = connection;
    egress.upstreamLocal = QString();
    egress.upstreamHost = QString();
    return {sleep, egress};
}

struct Rows
{
    RequestJoiner joiner;
    std::vector<LogLine> lines;
    QHash<quint64, std::vector<quint64>> rows;
    quint64 next = 1;

    Rows() { joiner.setProxies(proxies); }
    void add(const LogLine &line, qint64 now)
    {
        lines.push_back(line);
        joiner.add(line, lines.size() - 1, now);
    }
    void take(qint64 now, bool all = false)
    {
        for (const RequestJoiner::Update &update : joiner.take(now, all)) {
            for (const quint64 absorbed : update.absorbedRows)
                rows.remove(absorbed);
            const quint64 row = update.row == 0 ? next++ : update.row;
            joiner.setRow(update.group, row);
            rows[row] = update.lines;
        }
    }
    /// `proxy path` of each line of each row, rows and lines sorted.
    QStringList content() const
    {
        QStringList all;
        for (const std::vector<quint64> &numbers : rows) {
            QStringList parts;
            for (const quint64 number : numbers)
                parts.append(shortName(lines[number].proxy) + ' ' + lines[number].path);
            parts.sort();
            all.append(parts.join(", "));
        }
        all.sort();
        return all;
    }
};

} // namespace

class TestRequestJoiner : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void recordedRequestsAreJoined_data();
    void recordedRequestsAreJoined();
    void requestsOnOneConnectionAreKeptApart();
    void aLateLineJoinsItsRow();
    void rowsThatTurnOutToBeOneAreMerged();
    void retriesOverOneConnection();
    void aServiceAddressBetweenThemHidesTheConnection();
    void aChainWhoseConnectionsAreHiddenIsOneRow();
    void aRewrittenPathIsJoinedByItsConnection();
    void linesWithoutIdsStandAlone();
    void whatIsIncompleteWaitsButNotForever();
    void memoryIsBounded();
};

void TestRequestJoiner::recordedRequestsAreJoined_data()
{
    QTest::addColumn<uint>("seed");
    QTest::newRow("as they came") << 0u;
    // Processes are read one after another in any order, and batches end anywhere.
    for (uint seed = 1; seed <= 20; ++seed)
        QTest::addRow("shuffled %u", seed) << seed;
}

void TestRequestJoiner::recordedRequestsAreJoined()
{
    QFETCH(uint, seed);
    QList<control::LogEntry> entries = test::recordedEntries();
    QCOMPARE(entries.size(), 26);
    QRandomGenerator random(seed);
    if (seed != 0)
        std::shuffle(entries.begin(), entries.end(), random);
    Rows rows;
    qint64 now = 0;
    for (const control::LogEntry &entry : entries) {
        rows.add(LogLine::from(entry), now);
        now += 10'000;
        if (random.bounded(3) == 0)
            rows.take(now);
    }
    rows.take(now, true);
    QCOMPARE(
        rows.content(),
        QStringList(
            {"httpbin /delay/1, istio-egressgateway /delay/1, istio-ingressgateway /delay/1, sleep /delay/1",
             "httpbin /get, istio-egressgateway /get, istio-ingressgateway /get, sleep /get",
             "httpbin /post, istio-egressgateway /post, istio-ingressgateway /post, sleep /post",
             "httpbin /status/200, istio-egressgateway /status/200, istio-ingressgateway /status/200, sleep "
             "/status/200",
             "httpbin /status/503, istio-egressgateway /status/503, istio-ingressgateway /status/503, sleep "
             "/status/503",
             "istio-egressgateway /headers, sleep /headers",
             "istio-egressgateway /status/418, istio-ingressgateway /status/418, sleep /status/418",
             "sleep /"}));
}

void TestRequestJoiner::requestsOnOneConnectionAreKeptApart()
{
    // The same path again and again, without a pause that milliseconds could show.
    Rows rows;
    for (int i = 0; i < 500; ++i) {
        const auto [sleep, egress] = request("/get", 1000 + i, 1, "127.0.0.1:40000");
        rows.add(egress, i * 1'000);
        rows.add(sleep, i * 1'000);
        if (i % 50 == 0)
            rows.take(i * 1'000);
    }
    rows.take(500'000, true);
    QCOMPARE(rows.rows.size(), 500);
    for (const QString &row : rows.content())
        QCOMPARE(row, QStringLiteral("istio-egressgateway /get, sleep /get"));
}

void TestRequestJoiner::aLateLineJoinsItsRow()
{
    Rows rows;
    const auto [sleep, egress] = request("/get", 1000, 5, "127.0.0.1:40000");
    rows.add(sleep, 0);
    rows.take(RequestJoiner::patience);
    QCOMPARE(rows.content(), QStringList{"sleep /get"});
    const QList<quint64> before = rows.rows.keys();
    rows.add(egress, 3'000'000);
    rows.take(3'000'000);
    QCOMPARE(rows.content(), QStringList{"istio-egressgateway /get, sleep /get"});
    QCOMPARE(rows.rows.keys(), before);
}

void TestRequestJoiner::rowsThatTurnOutToBeOneAreMerged()
{
    Rows rows;
    const auto [sleep, egress] = request("/get", 1000, 5, "127.0.0.1:40000");
    rows.add(egress, 0);
    rows.take(RequestJoiner::patience);
    LogLine alone = sleep;
    alone.requestId = egress.requestId + "x";
    alone.upstreamLocal.clear();
    alone.path = QStringLiteral("/other");
    rows.add(alone, 1'000'000);
    rows.take(2'600'000);
    QCOMPARE(rows.rows.size(), 2);
    // One id for both: a line that has it joins them.
    LogLine link = sleep;
    link.requestId = alone.requestId;
    rows.add(link, 3'000'000);
    rows.take(3'000'000);
    QCOMPARE(rows.content(), QStringList{"istio-egressgateway /get, sleep /get, sleep /other"});
}

void TestRequestJoiner::retriesOverOneConnection()
{
    Rows rows;
    auto [sleep, first] = request("/status/503", 1000, 90, "127.0.0.1:40000", 503);
    for (int attempt = 0; attempt < 3; ++attempt) {
        LogLine line = first;
        line.startUs += attempt * 30'000;
        line.durationMs = 2;
        line.requestId += QString::number(attempt);
        rows.add(line, attempt * 30'000);
    }
    const auto [nextSleep, nextEgress] = request("/status/503", 1092, 2, "127.0.0.1:40000", 503);
    rows.add(nextEgress, 95'000);
    rows.add(sleep, 95'000);
    rows.add(nextSleep, 95'000);
    rows.take(100'000);
    QCOMPARE(rows.content(), QStringList({"istio-egressgateway /status/503, istio-egressgateway /status/503, "
                                          "istio-egressgateway /status/503, sleep /status/503",
                                          "istio-egressgateway /status/503, sleep /status/503"}));
}

void TestRequestJoiner::aServiceAddressBetweenThemHidesTheConnection()
{
    // kube-proxy's part opens a connection of its own: another port.
    Rows rows;
    auto [sleep, egress] = request("/get", 1000, 5, "127.0.0.1:40000");
    egress.peer = QStringLiteral("127.0.0.1:50000");
    rows.add(egress, 0);
    rows.add(sleep, 1'000);
    rows.take(10'000);
    QCOMPARE(rows.rows.size(), 0);
    QVERIFY(rows.joiner.isWaiting());
    rows.take(RequestJoiner::patience + 1'000);
    QCOMPARE(rows.content(), QStringList{"istio-egressgateway /get, sleep /get"});
}

void TestRequestJoiner::aChainWhoseConnectionsAreHiddenIsOneRow()
{
    // Each line as a proxy wrote it of whose connections none is the other end's: something stands between
    // all.
    const QStringList chain{QStringLiteral("primary:default/sleep"),
                            QStringLiteral("primary:istio-system/istio-egressgateway"),
                            QStringLiteral("external:istio-system/istio-ingressgateway"),
                            QStringLiteral("external:default/httpbin")};
    std::vector<LogLine> lines;
    for (int i = 0; i < 4; ++i) {
        LogLine line = request("/get", 1000 + i, 8 - 2 * i, QStringLiteral("127.0.0.1:4000%1").arg(i)).first;
        line.proxy = chain[i];
        line.peer = QStringLiteral("127.0.0.1:5000%1").arg(i);
        line.downstreamRemote = chain[std::max(i - 1, 0)] + QStringLiteral(":*");
        line.upstreamHost = chain[std::min(i + 1, 3)] + QStringLiteral(":80");
        line.requestId = QString::number(std::min(i, 2)); // a sidecar keeps the id, gateways give a new one
        lines.push_back(line);
    }
    std::vector<int> order{0, 1, 2, 3};
    do {
        Rows rows;
        for (std::size_t i = 0; i < order.size(); ++i) {
            rows.add(lines[static_cast<std::size_t>(order[i])], static_cast<qint64>(i) * 1'000);
            rows.take(static_cast<qint64>(i) * 1'000);
        }
        rows.take(RequestJoiner::patience + 10'000);
        QCOMPARE(rows.content(),
                 QStringList{"httpbin /get, istio-egressgateway /get, istio-ingressgateway /get, "
                             "sleep /get"});
    } while (std::next_permutation(order.begin(), order.end()));
}

void TestRequestJoiner::aRewrittenPathIsJoinedByItsConnection()
{
    Rows rows;
    auto [sleep, egress] = request("/old", 1000, 5, "127.0.0.1:40000");
    egress.path = QStringLiteral("/new");
    rows.add(egress, 0);
    rows.add(sleep, 1'000);
    const auto [next, nextEgress] = request("/other", 1006, 5, "127.0.0.1:40000");
    rows.add(next, 10'000);
    rows.add(nextEgress, 10'000);
    rows.take(20'000);
    QCOMPARE(rows.content(), QStringList{"istio-egressgateway /other, sleep /other"});
    rows.take(RequestJoiner::patience + 1'000);
    QCOMPARE(rows.content(), QStringList({"istio-egressgateway /new, sleep /old",
                                          "istio-egressgateway /other, sleep /other"}));
}

void TestRequestJoiner::linesWithoutIdsStandAlone()
{
    Rows rows;
    for (int i = 0; i < 3; ++i) {
        LogLine line;
        line.proxy = QStringLiteral("primary:default/sleep");
        line.path = QString::number(i);
        rows.add(line, 0);
    }
    rows.take(0);
    QCOMPARE(rows.content(), QStringList({"sleep 0", "sleep 1", "sleep 2"}));
}

void TestRequestJoiner::whatIsIncompleteWaitsButNotForever()
{
    Rows rows;
    const auto [sleep, egress] = request("/get", 1000, 5, "127.0.0.1:40000");
    rows.add(egress, 0);
    rows.take(0);
    QCOMPARE(rows.rows.size(), 0);
    QCOMPARE(rows.joiner.firstWaitingLine(99), quint64(0));
    rows.take(RequestJoiner::patience);
    QCOMPARE(rows.rows.size(), 1);
    QVERIFY(!rows.joiner.isWaiting());
    QCOMPARE(rows.joiner.firstWaitingLine(99), quint64(99));
    // An application without a proxy of its own causes no line: nothing to wait for.
    LogLine fromOutside = egress;
    fromOutside.requestId = QStringLiteral("other");
    fromOutside.downstreamRemote = QStringLiteral("primary:default/raw:*");
    fromOutside.peer = QStringLiteral("127.0.0.1:41000");
    rows.add(fromOutside, 0);
    rows.take(0);
    QCOMPARE(rows.rows.size(), 2);
}

void TestRequestJoiner::memoryIsBounded()
{
    // Twice the time that lines are remembered, then the old ids are new ones.
    Rows rows;
    const auto [sleep, egress] = request("/get", 1000, 5, "127.0.0.1:40000");
    rows.add(sleep, 0);
    rows.add(egress, 0);
    rows.take(0);
    QCOMPARE(rows.rows.size(), 1);
    for (int i = 1; i <= 20; ++i) {
        const auto [a, b] = request(QStringLiteral("/%1").arg(i), 1000 + i * 1000, 5, "127.0.0.1:40000");
        rows.add(a, i * 1'000'000);
        rows.add(b, i * 1'000'000);
        rows.take(i * 1'000'000);
    }
    QCOMPARE(rows.rows.size(), 21);
    rows.add(sleep, 21'000'000);
    rows.take(23'000'000);
    QCOMPARE(rows.rows.size(), 22);
}

QTEST_GUILESS_MAIN(TestRequestJoiner)
#include "test_request_joiner.moc"
