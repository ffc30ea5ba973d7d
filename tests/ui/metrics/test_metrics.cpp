// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/metrics/chart_scale.h"
#include "ui/metrics/metric_store.h"
#include "ui/metrics/statistic_filter.h"
#include "ui/metrics/statistic_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>
#include <cmath>

using namespace sallyport;
using namespace sallyport::metrics;

namespace {

constexpr qint64 second = 1'000'000;
const QString sidecar = QStringLiteral("primary:default/sleep");
const QString egress = QStringLiteral("primary:istio-system/istio-egressgateway");

control::StatsSnapshot snapshot(const QString &proxy, qint64 timeUs, bool first,
                                std::vector<control::StatValue> values,
                                std::vector<control::HistogramValue> histograms = {})
{
    return {proxy, proxy, timeUs, first, std::move(values), std::move(histograms)};
}

control::HistogramValue histogram(const QString &name, quint64 count, double p50, double p90, double p99)
{
    return {name, count, {p50, p90, p99, p99}, {1, 2, 3, 4}};
}

bool nan(float value)
{
    return std::isnan(value);
}

} // namespace

class TestMetrics : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(".*")); }
    void parts_data();
    void parts();
    void ratesComeFromDifferences();
    void theBusiestConnectionManagerTellsTheLatency();
    void aNewProcessBeginsAnew();
    void tenMinutesAreKept();
    void valuesAsText_data();
    void valuesAsText();
    void scales_data();
    void scales();
    void linesKeepPeaksAndGaps();
    void theNearestFrame();
    void statistics();
    void statisticsOfANewProcess();
    void statisticsFilter();
    void statisticsStandStillWhilePaused();
};

void TestMetrics::parts_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<int>("part");
    const auto row = [](const char *name, Part part) {
        QTest::newRow(name) << QByteArray(name) << int(part);
    };
    // Names as Envoy 1.40 gave them for the guide's stage 5.
    row("http.outbound_0.0.0.0_80;.downstream_rq_completed", Part::Requests);
    row("http.outbound_0.0.0.0_80;.downstream_rq_5xx", Part::ServerErrors);
    row("http.outbound_0.0.0.0_80;.downstream_rq_4xx", Part::ClientErrors);
    row("http.outbound_0.0.0.0_80;.downstream_cx_rx_bytes_total", Part::BytesIn);
    row("tcp.outbound|9000||db.test.com;.downstream_cx_tx_bytes_total", Part::BytesOut);
    row("listener.0.0.0.0_80.downstream_cx_active", Part::DownstreamConnections);
    row("listener.127.5.6.12_80.ssl.handshake", Part::Handshakes);
    row("cluster.outbound|443||test.com;.ssl.handshake", Part::Handshakes);
    row("cluster.outbound|443||test.com;.ssl.fail_verify_san", Part::TlsErrors);
    row("listener.127.5.6.12_80.ssl.connection_error", Part::TlsErrors);
    row("cluster.outbound|443||test.com;.upstream_cx_active", Part::UpstreamConnections);
    row("cluster.outbound|443||test.com;.upstream_rq_retry", Part::Retries);
    // What would count twice, or is the lab's own looking.
    row("listener.0.0.0.0_80.worker_0.downstream_cx_active", Part::None);
    row("listener.admin.main_thread.downstream_cx_active", Part::None);
    row("listener.admin.downstream_cx_active", Part::None);
    row("http.admin.downstream_rq_completed", Part::None);
    row("listener.0.0.0.0_80.http.outbound_0.0.0.0_80;.downstream_rq_completed", Part::None);
    row("cluster.outbound|443||test.com;.upstream_rq_retry_success", Part::None);
    row("cluster.outbound|443||test.com;.external.upstream_rq_5xx", Part::None);
    row("server.uptime", Part::None);
    row("", Part::None);
}

void TestMetrics::parts()
{
    QFETCH(QByteArray, name);
    QFETCH(int, part);
    QCOMPARE(int(partOf(name.toStdString())), part);
}

void TestMetrics::ratesComeFromDifferences()
{
    MetricStore store;
    QSignalSpy proxies(&store, &MetricStore::proxiesChanged);
    store.add({snapshot(sidecar, second, true,
                        {{"http.a.downstream_rq_completed", 100},
                         {"http.a.downstream_rq_5xx", 50},
                         {"listener.x.downstream_cx_active", 3},
                         {"cluster.c.upstream_cx_active", 2}})});
    QCOMPARE(proxies.size(), 1);
    QCOMPARE(store.proxies(), QStringList{sidecar});
    const Frame first = store.frames(sidecar).back();
    QVERIFY(nan(first[Metric::RequestRate]));
    QCOMPARE(first[Metric::DownstreamConnections], 3.0f);
    store.add({snapshot(sidecar, 3 * second, false,
                        {{"http.a.downstream_rq_completed", 110},
                         {"http.b.downstream_rq_completed", 10},
                         {"http.a.downstream_rq_5xx", 55},
                         {"http.b.downstream_rq_4xx", 1},
                         {"listener.x.downstream_cx_active", 1},
                         {"cluster.c.ssl.handshake", 4},
                         {"listener.x.ssl.handshake", 2},
                         {"cluster.c.upstream_rq_retry", 1},
                         {"http.a.downstream_cx_rx_bytes_total", 2'000}})});
    const Frame frame = store.frames(sidecar).back();
    QCOMPARE(frame[Metric::RequestRate], 10.0f);
    QCOMPARE(frame[Metric::ServerErrors], 25.0f);
    QCOMPARE(frame[Metric::ClientErrors], 5.0f);
    QCOMPARE(frame[Metric::DownstreamConnections], 1.0f);
    QCOMPARE(frame[Metric::UpstreamConnections], 2.0f);
    QCOMPARE(frame[Metric::Handshakes], 3.0f);
    QCOMPARE(frame[Metric::Retries], 0.5f);
    QCOMPARE(frame[Metric::BytesIn], 1000.0f);
    QVERIFY(nan(frame[Metric::LatencyP99]));
    // What is not told has not changed.
    store.add({snapshot(sidecar, 4 * second, false, {{"server.uptime", 3}})});
    const Frame quiet = store.frames(sidecar).back();
    QCOMPARE(quiet[Metric::RequestRate], 0.0f);
    QCOMPARE(quiet[Metric::ServerErrors], 0.0f);
    QCOMPARE(quiet[Metric::UpstreamConnections], 2.0f);
    QCOMPARE(store.latestUs(), 4 * second);
    QVERIFY(store.frames("nobody").empty());
}

void TestMetrics::theBusiestConnectionManagerTellsTheLatency()
{
    MetricStore store;
    store.add({snapshot(sidecar, second, true, {}, {histogram("http.a.downstream_rq_time", 5, 1, 2, 3)})});
    QCOMPARE(store.frames(sidecar).back()[Metric::LatencyP50], 1.0f);
    store.add({snapshot(sidecar, 2 * second, false, {},
                        {histogram("http.a.downstream_rq_time", 6, 1, 2, 3),
                         histogram("http.b.downstream_rq_time", 10, 10, 20, 30),
                         histogram("http.admin.downstream_rq_time", 100, 7, 7, 7),
                         histogram("cluster.c.upstream_rq_time", 100, 8, 8, 8)})});
    QCOMPARE(store.frames(sidecar).back()[Metric::LatencyP50], 10.0f);
    QCOMPARE(store.frames(sidecar).back()[Metric::LatencyP99], 30.0f);
    // An interval without requests has no quantiles: a gap, not a zero.
    const double none = std::nan("");
    store.add({snapshot(sidecar, 3 * second, false, {},
                        {histogram("http.a.downstream_rq_time", 6, none, none, none),
                         histogram("http.b.downstream_rq_time", 10, none, none, none)})});
    QVERIFY(nan(store.frames(sidecar).back()[Metric::LatencyP50]));
}

void TestMetrics::aNewProcessBeginsAnew()
{
    MetricStore store;
    QSignalSpy restarted(&store, &MetricStore::restarted);
    store.add({snapshot(egress, second, true,
                        {{"http.a.downstream_rq_completed", 100}, {"cluster.c.upstream_cx_active", 9}})});
    store.add({snapshot(egress, 9 * second, true, {{"http.a.downstream_rq_completed", 5}})});
    QCOMPARE(restarted.size(), 1);
    QVERIFY(nan(store.frames(egress).back()[Metric::RequestRate]));
    QCOMPARE(store.frames(egress).back()[Metric::UpstreamConnections], 0.0f);
    store.add({snapshot(egress, 10 * second, false, {{"http.a.downstream_rq_completed", 9}})});
    QCOMPARE(store.frames(egress).back()[Metric::RequestRate], 4.0f);
    store.clear();
    QVERIFY(store.proxies().isEmpty());
}

void TestMetrics::tenMinutesAreKept()
{
    MetricStore store;
    for (int i = 0; i < 2 * 1'300; ++i)
        store.add({snapshot(sidecar, i * second / 2, i == 0, {{"http.a.downstream_rq_completed", i}})});
    QCOMPARE(store.frames(sidecar).size(), std::size_t(1'201));
    QCOMPARE(store.frames(sidecar).back().timeUs - store.frames(sidecar).front().timeUs, MetricStore::keptUs);
}

void TestMetrics::valuesAsText_data()
{
    QTest::addColumn<QString>("group");
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("text");
    QTest::newRow("none") << "Requests" << std::nan("") << "–";
    QTest::newRow("zero") << "Requests" << 0.0 << "0";
    QTest::newRow("little") << "Requests" << 0.25 << "0.25";
    QTest::newRow("some") << "Requests" << 4.25 << "4.3";
    QTest::newRow("many") << "Requests" << 1234.5 << "1,235";
    QTest::newRow("thousands") << "Requests" << 12'345.0 << "12 k";
    QTest::newRow("bytes") << "Bytes" << 512.0 << "512 B";
    QTest::newRow("kilobytes") << "Bytes" << 2'345.0 << "2.3 kB";
    QTest::newRow("megabytes") << "Bytes" << 23'456'789.0 << "23 MB";
}

void TestMetrics::valuesAsText()
{
    QFETCH(QString, group);
    QFETCH(double, value);
    QFETCH(QString, text);
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    bool found = false;
    for (const MetricGroup &each : metricGroups()) {
        if (groupTitle(each) == group) {
            found = true;
            QCOMPARE(valueText(each, value), text);
        }
    }
    QVERIFY(found);
}

void TestMetrics::scales_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<double>("least");
    QTest::addColumn<double>("top");
    QTest::newRow("nothing") << 0.0 << 5.0 << 5.0;
    QTest::newRow("exact") << 200.0 << 5.0 << 200.0;
    QTest::newRow("above") << 201.0 << 5.0 << 500.0;
    QTest::newRow("ten") << 9.7 << 5.0 << 10.0;
    QTest::newRow("small") << 0.03 << 0.0 << 0.05;
    QTest::newRow("percent") << 100.0 << 10.0 << 100.0;
    QTest::newRow("no number") << std::nan("") << 0.0 << 1.0;
    QTest::newRow("no end") << std::numeric_limits<double>::infinity() << 1.0 << 1.0;
}

void TestMetrics::scales()
{
    QFETCH(double, value);
    QFETCH(double, least);
    QFETCH(double, top);
    QCOMPARE(roundAbove(value, least), top);
}

void TestMetrics::linesKeepPeaksAndGaps()
{
    std::deque<Frame> frames;
    const auto add = [&frames](qint64 timeUs, float value) {
        Frame frame;
        frame.timeUs = timeUs;
        frame.values.fill(std::numeric_limits<float>::quiet_NaN());
        frame.values[std::size_t(Metric::RequestRate)] = value;
        frames.push_back(frame);
    };
    // 1,000 values on 100 pixels, one peak among them.
    for (int i = 0; i < 1'000; ++i)
        add(i * second / 10, i == 503 ? 90.0f : 10.0f);
    const QRectF area(0, 0, 100, 100);
    auto lines = linesOf(frames, Metric::RequestRate, 0, 100 * second, 100, area);
    QCOMPARE(lines.size(), 1);
    QVERIFY(lines[0].size() <= 2 * 101);
    double highestPoint = 100;
    double before = -1;
    for (const QPointF &point : lines[0]) {
        highestPoint = std::min(highestPoint, point.y());
        QVERIFY(point.x() >= before);
        before = point.x();
    }
    QCOMPARE(highestPoint, 100 - 90.0);
    QCOMPARE(highest(frames, std::array{Metric::RequestRate, Metric::Retries}, 0, 100 * second), 90.0);
    // Silence and NaN end a line; what lies above the top is cut there.
    frames.clear();
    add(1 * second, 10);
    add(2 * second, 500);
    add(10 * second, 20);
    add(11 * second, std::numeric_limits<float>::quiet_NaN());
    add(12 * second, 30);
    lines = linesOf(frames, Metric::RequestRate, 0, 20 * second, 100, area);
    QCOMPARE(lines.size(), 3);
    QCOMPARE(lines[0].last().y(), 0.0);
    QCOMPARE(lines[1].size(), 1);
    QVERIFY(linesOf(frames, Metric::RequestRate, 5, 5, 100, area).isEmpty());
    QVERIFY(linesOf({}, Metric::RequestRate, 0, 20 * second, 100, area).isEmpty());
}

void TestMetrics::theNearestFrame()
{
    std::deque<Frame> frames;
    for (const qint64 time : {10, 11, 20}) {
        Frame frame;
        frame.timeUs = time * second;
        frames.push_back(frame);
    }
    QCOMPARE(nearest(frames, 10 * second)->timeUs, 10 * second);
    QCOMPARE(nearest(frames, 10 * second + second * 2 / 3)->timeUs, 11 * second);
    QCOMPARE(nearest(frames, 12 * second)->timeUs, 11 * second);
    QVERIFY(!nearest(frames, 16 * second));
    QVERIFY(!nearest({}, second));
}

void TestMetrics::statistics()
{
    MetricStore store;
    StatisticModel model(store);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const auto text = [&model](const QString &name, int column) {
        for (int row = 0; row < model.rowCount(); ++row) {
            if (model.index(row, StatisticModel::Name).data().toString() == name)
                return model.index(row, column).data().toString();
        }
        return QString();
    };
    store.add({snapshot(sidecar, second, true,
                        {{"cluster.c.upstream_rq_total", 100}, {"cluster.c.upstream_cx_active", 5}},
                        {histogram("cluster.c.upstream_rq_time", 12, 1.5, 9, 34)})});
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(text("cluster.c.upstream_rq_total", StatisticModel::Value), "100");
    QCOMPARE(text("cluster.c.upstream_rq_total", StatisticModel::Delta), "+100");
    QCOMPARE(text("cluster.c.upstream_rq_total", StatisticModel::Rate), "–");
    QCOMPARE(text("cluster.c.upstream_rq_time", StatisticModel::Value), "p50 1.0 · p90 2.0 · p99 3.0");
    model.mark();
    store.add({snapshot(sidecar, 3 * second, false,
                        {{"cluster.c.upstream_rq_total", 103}, {"cluster.c.upstream_cx_active", 3}})});
    QCOMPARE(text("cluster.c.upstream_rq_total", StatisticModel::Delta), "+3");
    QCOMPARE(text("cluster.c.upstream_rq_total", StatisticModel::Rate), "1.5");
    QCOMPARE(text("cluster.c.upstream_cx_active", StatisticModel::Delta), "-2");
    // Nothing told: nothing changes any more.
    store.add({snapshot(sidecar, 4 * second, false, {})});
    QCOMPARE(text("cluster.c.upstream_rq_total", StatisticModel::Rate), "–");
    store.add({snapshot(egress, 4 * second, true, {{"cluster.c.upstream_rq_total", 7}})});
    QCOMPARE(model.rowCount(), 4);
    QCOMPARE(model.index(3, StatisticModel::Proxy).data().toString(), "istio-egressgateway");
    QCOMPARE(model.index(3, StatisticModel::Proxy).data(Qt::ToolTipRole).toString(), egress);
    store.clear();
    QCOMPARE(model.rowCount(), 0);
}

void TestMetrics::statisticsOfANewProcess()
{
    MetricStore store;
    StatisticModel model(store);
    store.add({snapshot(sidecar, second, true, {{"a", 100}, {"b", 7}})});
    model.mark();
    store.add({snapshot(sidecar, 5 * second, true, {{"a", 4}})});
    QCOMPARE(model.rowCount(), 2);
    for (int row = 0; row < 2; ++row) {
        const bool a = model.index(row, StatisticModel::Name).data().toString() == "a";
        QCOMPARE(model.index(row, StatisticModel::Value).data().toString(), a ? "4" : "0");
        QCOMPARE(model.index(row, StatisticModel::Delta).data().toString(), a ? "+4" : "0");
    }
}

void TestMetrics::statisticsFilter()
{
    MetricStore store;
    StatisticModel model(store);
    StatisticFilter filter;
    filter.setSourceModel(&model);
    QAbstractItemModelTester tester(&filter, QAbstractItemModelTester::FailureReportingMode::QtTest);
    store.add({snapshot(sidecar, second, true,
                        {{"cluster.outbound|443||test.com;.upstream_rq_total", 1},
                         {"cluster.outbound|80||test.com;.upstream_rq_total", 0},
                         {"http.a.downstream_rq_total", 1}})});
    QCOMPARE(filter.rowCount(), 2);
    filter.setZerosShown(true);
    QCOMPARE(filter.rowCount(), 3);
    filter.setWords("RQ_total cluster");
    QCOMPARE(filter.rowCount(), 2);
    filter.setWords("443 sleep");
    QCOMPARE(filter.rowCount(), 1);
    filter.setZerosShown(false);
    filter.setWords("|80|");
    QCOMPARE(filter.rowCount(), 0);
    store.add(
        {snapshot(sidecar, 2 * second, false, {{"cluster.outbound|80||test.com;.upstream_rq_total", 3}})});
    QCOMPARE(filter.rowCount(), 1);
}

void TestMetrics::statisticsStandStillWhilePaused()
{
    MetricStore store;
    StatisticModel model(store);
    store.add({snapshot(sidecar, second, true, {{"a", 1}})});
    model.setPaused(true);
    store.add({snapshot(sidecar, 2 * second, false, {{"a", 2}, {"b", 1}})});
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(model.index(0, StatisticModel::Value).data().toString(), "1");
    model.setPaused(false);
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.index(0, StatisticModel::Value).data().toString(), "2");
}

QTEST_GUILESS_MAIN(TestMetrics)
#include "test_metrics.moc"
