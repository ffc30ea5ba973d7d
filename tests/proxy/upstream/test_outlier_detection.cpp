// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/cluster.h"

#include <QtTest>

#include <cmath>

using namespace sallyport;
using namespace sallyport::upstream;

/// What ejects a host (envoy-behaviour.md 4.6, and Envoy's documentation of outlier detection). A word an
/// attempt: a status; `up`, a connection for requests; `tcp`, one without; `down`, `slow`: none.
class TestOutlierDetection : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void ejections_data();
    void ejections();
    void durations_data();
    void durations();
    void successRates_data();
    void successRates();
};

void TestOutlierDetection::ejections_data()
{
    QTest::addColumn<QByteArray>("kind");
    QTest::addColumn<QByteArray>("attempts");
    QTest::addColumn<bool>("ejected");
    const auto row = [](const char *name, const char *kind, const char *attempts, bool ejected) {
        QTest::newRow(name) << QByteArray(kind) << QByteArray(attempts) << ejected;
    };
    // Three 5xx; two gateway errors; where local errors count alone, two of them.
    row("4.6 5xx", "5xx", "500 501 503", true);
    row("4.6 5xx with a success between", "5xx", "500 501 200 503 500", false);
    row("4.6 5xx in two", "5xx", "500 500", false);
    row("4.6 local errors are 5xx", "5xx", "down 500 slow", true);
    row("4.6 a connection is no answer", "5xx", "500 up 500 up 500", true);
    row("4.6 a connection without requests is one", "5xx", "down down tcp down", false);
    row("4.6 gateway errors", "gateway", "502 504", true);
    row("4.6 gateway errors with another between", "gateway", "502 500 503", false);
    row("4.6 local errors are gateway errors", "gateway", "down slow", true);
    row("4.6 local errors alone", "split", "down slow", true);
    row("4.6 a connection ends a row of local errors", "split", "down up down", false);
    row("4.6 so does one without requests", "split", "down tcp down", false);
    row("4.6 statuses are not local", "split", "down 503 down", true);
    row("4.6 local errors are no 5xx then", "split5xx", "500 500 down", false);
    row("4.6 5xx beside local errors", "split5xx", "500 down 500 500", true);
    // error_matcher (envoy.extensions.upstreams.http.v3.HttpProtocolOptions.OutlierDetection)
    row("error matcher", "matched", "404 404 404", true);
    row("error matcher instead of 5xx", "matched", "500 500 500", false);
    row("error matcher, another status ends a row", "matched", "404 404 500 404", false);
    row("error matcher, local errors count still", "matched", "404 down 404", true);
    row("error matcher and gateway errors", "matchedGateway", "502 502", true);
    row("error matcher, what it takes for an error is a 500", "matchedGateway", "404 404", false);
}

void TestOutlierDetection::ejections()
{
    QFETCH(QByteArray, kind);
    QFETCH(QByteArray, attempts);
    QFETCH(bool, ejected);
    telemetry::StatsStore store(1);
    net::SecretStore secrets;
    dataplane::Cluster configuration;
    configuration.name = "c";
    auto &outlier = configuration.outlierDetection.emplace();
    outlier.maxEjectionPercent = 100;
    outlier.consecutive5xx = 3;
    outlier.enforcingConsecutive5xx = kind == "5xx" || kind == "split5xx" || kind == "matched" ? 100 : 0;
    outlier.consecutiveGatewayFailure = 2;
    outlier.enforcingConsecutiveGatewayFailure = kind == "gateway" || kind == "matchedGateway" ? 100 : 0;
    outlier.splitExternalLocalOriginErrors = kind.startsWith("split");
    outlier.consecutiveLocalOriginFailure = 2;
    outlier.enforcingConsecutiveLocalOriginFailure = kind == "split" ? 100 : 0;
    if (kind.startsWith("matched")) {
        for (const char *status : {"404", "502"}) {
            dataplane::HeaderMatcher header;
            header.name = ":status";
            header.kind = dataplane::HeaderMatchKind::String;
            header.string = {dataplane::StringMatchKind::Exact, status, false};
            if (!configuration.http)
                configuration.http.emplace();
            configuration.http->outlierErrors.push_back({header});
        }
    }
    const auto cluster = ClusterInfo::create(configuration, store, secrets);
    QVERIFY(cluster);
    const auto host = std::make_shared<Host>(dataplane::LbEndpoint(), dataplane::Locality(), 0,
                                             *net::Address::parseIp("127.0.0.1", 1));
    (*cluster)->setHosts({host});
    for (const QByteArray &attempt : attempts.split(' ')) {
        if (attempt == "up") {
            (*cluster)->onConnected(*host);
        } else if (attempt == "tcp") {
            (*cluster)->onTcpConnected(*host);
        } else if (attempt == "down") {
            (*cluster)->onLocalOriginFailure(*host, http::ResetReason::RemoteConnectionFailure);
        } else if (attempt == "slow") {
            (*cluster)->onLocalOriginTimeout(*host);
        } else {
            const http::HeaderMapPtr answer = http::HeaderMap::create(http::HeaderMap::Kind::Response);
            answer->setStatus(attempt.toUInt());
            (*cluster)->onHttpResult(*host, *answer);
        }
    }
    QCOMPARE(host->ejected.load(), ejected);
}

void TestOutlierDetection::durations_data()
{
    QTest::addColumn<int>("most");   ///< max_ejection_time in seconds; 0: none
    QTest::addColumn<int>("jitter"); ///< max_ejection_time_jitter in seconds
    QTest::addColumn<QList<int>>("quiet");
    QTest::addColumn<QList<int>>("seconds");
    const auto row = [](const char *name, int most, int jitter, const QList<int> &quiet,
                        const QList<int> &lasting) {
        QTest::newRow(name) << most << jitter << quiet << lasting;
    };
    // One ejection after the other: intervals that the host is well before it, and how long it is. The base
    // is half a minute.
    row("4.6 longer each time", 0, 0, {0, 0, 0, 0}, {30, 60, 90, 120});
    row("4.6 no longer than five minutes", 0, 0, QList<int>(12, 0),
        {30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300});
    row("4.6 its own most", 70, 0, {0, 0, 0, 0}, {30, 60, 70, 70});
    row("4.6 a most below the base", 10, 0, {0, 0}, {30, 30});
    row("4.6 with jitter", 0, 20, {0, 0, 0}, {30, 60, 90});
    row("4.6 shorter after each interval that it is well", 0, 0, {0, 0, 0, 1, 2, 9},
        {30, 60, 90, 90, 60, 30});
}

void TestOutlierDetection::durations()
{
    QFETCH(int, most);
    QFETCH(int, jitter);
    QFETCH(QList<int>, quiet);
    QFETCH(QList<int>, seconds);
    using std::chrono::milliseconds;
    telemetry::StatsStore store(1);
    net::SecretStore secrets;
    dataplane::Cluster configuration;
    configuration.name = "c";
    auto &outlier = configuration.outlierDetection.emplace();
    outlier.maxEjectionPercent = 100;
    outlier.consecutive5xx = 1;
    outlier.interval = std::chrono::seconds(10);
    outlier.baseEjectionTime = std::chrono::seconds(30);
    if (most > 0)
        outlier.maxEjectionTime = std::chrono::seconds(most);
    outlier.maxEjectionTimeJitter = std::chrono::seconds(jitter);
    const auto cluster = ClusterInfo::create(configuration, store, secrets);
    QVERIFY(cluster);
    const auto host = std::make_shared<Host>(dataplane::LbEndpoint(), dataplane::Locality(), 0,
                                             *net::Address::parseIp("127.0.0.1", 1));
    (*cluster)->setHosts({host});
    OutlierDetector &detector = *(*cluster)->outliers();
    const http::HeaderMapPtr answer = http::HeaderMap::create(http::HeaderMap::Kind::Response);
    answer->setStatus(500);
    net::Clock::time_point back;
    for (qsizetype i = 0; i < seconds.size(); ++i) {
        for (int n = 1; n <= quiet[i]; ++n)
            detector.onInterval(back + n * std::chrono::seconds(10));
        const net::Clock::time_point before = net::Clock::now();
        (*cluster)->onHttpResult(*host, *answer);
        const net::Clock::time_point after = net::Clock::now();
        QVERIFY(host->ejected);
        detector.onInterval(before + std::chrono::seconds(seconds[i]) - milliseconds(1));
        QVERIFY(host->ejected);
        back = after + std::chrono::seconds(seconds[i] + jitter);
        detector.onInterval(back);
        QVERIFY(!host->ejected);
    }
}

void TestOutlierDetection::successRates_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QList<QList<int>>>("answers"); ///< of each host: good ones, bad ones
    QTest::addColumn<QList<double>>("rates");       ///< of each host, in percent
    QTest::addColumn<double>("average");
    QTest::addColumn<double>("threshold");
    QTest::addColumn<int>("detected");
    const auto row = [](const char *name, const char *kind, const QList<QList<int>> &answers,
                        const QList<double> &rates, double average, double threshold, int detected) {
        QTest::newRow(name) << QString(kind) << answers << rates << average << threshold << detected;
    };
    // Three hosts with five requests each at least; a deviation below the mean is too much.
    row("4.6 one of five fails", "", {{0, 20}, {20, 0}, {20, 0}, {20, 0}, {20, 0}}, {0, 100, 100, 100, 100},
        80, 40, 1);
    row("4.6 all the same", "", {{3, 3}, {5, 5}, {4, 4}}, {50, 50, 50}, 50, 50, 0);
    row("4.6 too few requests at one", "", {{4, 0}, {5, 0}, {0, 5}, {5, 0}}, {-1, 100, 0, 100}, 200.0 / 3,
        200.0 / 3 - std::sqrt(20000.0 / 9), 1);
    row("4.6 too few hosts", "", {{5, 0}, {0, 5}}, {-1, -1}, -1, -1, 0);
    row("4.6 enough hosts, too few with requests", "", {{5, 0}, {0, 5}, {1, 0}}, {100, 0, -1}, -1, -1, 0);
    row("4.6 of local origin", "split", {{0, 20}, {20, 0}, {20, 0}, {20, 0}, {20, 0}},
        {0, 100, 100, 100, 100}, 80, 40, 1);
}

void TestOutlierDetection::successRates()
{
    QFETCH(QString, kind);
    QFETCH(QList<QList<int>>, answers);
    QFETCH(QList<double>, rates);
    QFETCH(double, average);
    QFETCH(double, threshold);
    QFETCH(int, detected);
    const bool local = kind == "split";
    telemetry::StatsStore store(1);
    net::SecretStore secrets;
    dataplane::Cluster configuration;
    configuration.name = "c";
    auto &outlier = configuration.outlierDetection.emplace();
    outlier.consecutive5xx = 1000;
    outlier.consecutiveGatewayFailure = 1000;
    outlier.consecutiveLocalOriginFailure = 1000;
    outlier.successRateMinimumHosts = 3;
    outlier.successRateRequestVolume = 5;
    outlier.successRateStdevFactor = 1000;
    outlier.enforcingSuccessRate = 0;
    outlier.enforcingLocalOriginSuccessRate = 0;
    outlier.splitExternalLocalOriginErrors = local;
    const auto cluster = ClusterInfo::create(configuration, store, secrets);
    QVERIFY(cluster);
    std::vector<HostPtr> hosts;
    for (int i = 0; i < answers.size(); ++i)
        hosts.push_back(
            std::make_shared<Host>(dataplane::LbEndpoint(), dataplane::Locality(), 0,
                                   *net::Address::parseIp("127.0.0.1", static_cast<quint16>(1 + i))));
    (*cluster)->setHosts(hosts);
    for (int i = 0; i < answers.size(); ++i) {
        for (const bool good : {true, false}) {
            for (int n = answers[i][good ? 0 : 1]; n > 0; --n) {
                Host &host = *hosts[static_cast<std::size_t>(i)];
                const http::HeaderMapPtr answer = http::HeaderMap::create(http::HeaderMap::Kind::Response);
                answer->setStatus(good ? 200 : 500);
                if (!local)
                    (*cluster)->onHttpResult(host, *answer);
                else if (good)
                    (*cluster)->onConnected(host);
                else
                    (*cluster)->onLocalOriginFailure(host, http::ResetReason::RemoteConnectionFailure);
            }
        }
    }
    OutlierDetector &detector = *(*cluster)->outliers();
    QCOMPARE(detector.successRates(local).average, -1.0);
    detector.onInterval(net::Clock::now());
    QList<double> seen;
    for (const HostPtr &host : hosts) {
        seen.append(detector.successRate(*host, local));
        QCOMPARE(detector.successRate(*host, !local), -1.0);
    }
    QCOMPARE(seen, rates);
    QCOMPARE(detector.successRates(local).average, average);
    QCOMPARE(detector.successRates(local).ejectionThreshold, threshold);
    const std::string prefix = "cluster.c.outlier_detection.ejections_";
    QCOMPARE(store.counter(prefix + (local ? "detected_local_origin_success_rate" : "detected_success_rate"))
                 .value(),
             quint64(detected));
    // The older counter is for both.
    QCOMPARE(store.counter(prefix + "success_rate").value(), quint64(detected));
    // An interval without requests says nothing.
    detector.onInterval(net::Clock::now());
    QCOMPARE(detector.successRates(local).average, -1.0);
    QCOMPARE(detector.successRate(*hosts.front(), local), -1.0);
}

QTEST_GUILESS_MAIN(TestOutlierDetection)
#include "test_outlier_detection.moc"
