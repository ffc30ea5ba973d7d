// SPDX-License-Identifier: GPL-3.0-or-later
#include "recorded_entries.h"
#include "ui/traffic/request_table_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>
#include <algorithm>

using namespace sallyport;
using namespace sallyport::traffic;

namespace {

LabNames guideNames()
{
    LabNames names;
    names.proxies = {"primary:default/sleep", "primary:istio-system/istio-egressgateway",
                     "external:istio-system/istio-ingressgateway", "external:default/httpbin"};
    names.servers.insert("external|httpbin.default.svc.cluster.local", "external:default/httpbin");
    names.servers.insert("primary|test.com", "external:istio-system/istio-ingressgateway");
    return names;
}

/// One line of a sidecar that answers alone.
control::LogEntry entry(int i, int status)
{
    control::LogEntry made;
    made.proxy = QStringLiteral("primary:default/sleep");
    made.receivedUs = 1'785'000'000'000'000 + i * 1'000;
    const auto started = QDateTime::fromMSecsSinceEpoch(made.receivedUs / 1'000, Qt::UTC);
    made.fields =
        QJsonObject{{"start_time", started.toString(Qt::ISODateWithMs)},
                    {"method", "GET"},
                    {"authority", "test.com"},
                    {"path", QStringLiteral("/%1").arg(i)},
                    {"response_code", status},
                    {"response_code_details", status == 404 ? "route_not_found" : "direct_response"},
                    {"response_flags", status == 404 ? "NR" : "-"},
                    {"duration", i % 50},
                    {"request_id", QStringLiteral("id-%1").arg(i)}};
    return made;
}

QList<control::LogEntry> entries(int from, int count)
{
    QList<control::LogEntry> all;
    for (int i = from; i < from + count; ++i)
        all.append(entry(i, i % 4 == 0 ? 404 : 200));
    return all;
}

struct Table
{
    RequestFeed feed;
    RequestTableModel model;
    std::unique_ptr<QAbstractItemModelTester> tester;

    /// The tester looks at every row at every change: not in a flood.
    explicit Table(std::size_t limit = 200'000, bool tested = true)
        : feed(limit)
        , model(feed)
    {
        if (tested)
            tester = std::make_unique<QAbstractItemModelTester>(
                &model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        feed.setNames(guideNames());
    }
    void settle()
    {
        QSignalSpy spy(&feed, &RequestFeed::finished);
        feed.flush();
        QVERIFY(spy.wait(30'000));
    }
    QString text(int row, Column column) const { return model.index(row, int(column)).data().toString(); }
    QStringList texts(Column column) const
    {
        QStringList all;
        for (int row = 0; row < model.rowCount(); ++row)
            all.append(text(row, column));
        return all;
    }
    int rowOfPath(const QString &path) const { return int(texts(Column::Path).indexOf(path)); }
};

Filter filter(const char *text)
{
    return *Filter::parse(QString::fromLatin1(text));
}

} // namespace

class TestRequestTableModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(".*")); }
    void recordedRequests();
    void newestFirstAndTheOtherWay();
    void whatTookLongStandsWhereItBegan();
    void anEarlierLineMovesItsRow();
    void filterChooses();
    void sortsByColumns_data();
    void sortsByColumns();
    void lateLinesChangeTheirRow();
    void aLateLineCanTakeARowOutOfTheFilter();
    void pausedStandsStill();
    void oldRowsGo();
    void oldRowsGoWhileSorted();
    void clears();
    void everyColumnHasTitleAndText();
    void floods();
};

void TestRequestTableModel::recordedRequests()
{
    Table table;
    table.feed.add(test::recordedEntries());
    table.settle();
    QCOMPARE(table.model.rowCount(), 8);
    QCOMPARE(table.model.total(), quint64(8));
    const int teapot = table.rowOfPath("/status/418");
    QVERIFY(teapot >= 0);
    QCOMPARE(table.text(teapot, Column::Status), "403");
    QCOMPARE(table.text(teapot, Column::Decision), "restrict-test-client @ istio-ingressgateway");
    QCOMPARE(table.text(teapot, Column::Cluster), "outbound|443||test.com");
    QCOMPARE(table.text(teapot, Column::Flags), "-");
    const auto row = table.model.request(teapot);
    QVERIFY(row);
    QCOMPARE(row->hops,
             std::vector<HopMark>({{"primary:default/sleep", Outcome::Passed, 1},
                                   {"primary:istio-system/istio-egressgateway", Outcome::Passed, 1},
                                   {"external:istio-system/istio-ingressgateway", Outcome::Refused, 1},
                                   {"external:default/httpbin", Outcome::NotReached, 0}}));
    // Known from what the request before it did: it does not get beyond the egress gateway.
    const auto headers = table.model.request(table.rowOfPath("/headers"));
    QVERIFY(headers);
    QCOMPARE(headers->hops.size(), std::size_t(4));
    QCOMPARE(headers->hops[1].outcome, Outcome::Refused);
    QCOMPARE(headers->hops[2].outcome, Outcome::NotReached);
    QCOMPARE(headers->hops[3].proxy, "external:default/httpbin");
    QCOMPARE(headers->decision(), "test @ istio-egressgateway");
    const auto other = table.model.request(table.rowOfPath("/"));
    QVERIFY(other);
    QCOMPARE(other->hops.size(), std::size_t(1));
    QCOMPARE(other->decision(), "REGISTRY_ONLY @ sleep");
    const auto slow = table.model.request(table.rowOfPath("/delay/1"));
    QCOMPARE(slow->durationMs, 1002.0);
    // The row as a sentence, and all lines behind it.
    QVERIFY(
        table.model.index(teapot, 0).data(Qt::AccessibleTextRole).toString().contains("refused, status 403"));
    QCOMPARE(table.feed.store().entries(row->number).size(), 3);
    QCOMPARE(table.feed.store().find(row->requestId), row->number);
    // By any gateway's id as well.
    const QString inner =
        table.feed.store().entries(row->number).last().fields.value("request_id").toString();
    QCOMPARE(table.feed.store().find(inner), row->number);
}

void TestRequestTableModel::newestFirstAndTheOtherWay()
{
    Table table;
    table.feed.add(entries(0, 3));
    table.settle();
    table.feed.add(entries(3, 2));
    table.settle();
    QCOMPARE(table.texts(Column::Path), QStringList({"/4", "/3", "/2", "/1", "/0"}));
    table.model.sort(int(Column::Time), Qt::AscendingOrder);
    table.feed.add(entries(5, 1));
    table.settle();
    QCOMPARE(table.texts(Column::Path), QStringList({"/0", "/1", "/2", "/3", "/4", "/5"}));
    for (int row = 0; row < table.model.rowCount(); ++row)
        QCOMPARE(table.model.rowOf(table.model.number(row)), row);
    QCOMPARE(table.model.rowOf(12345), -1);
}

void TestRequestTableModel::whatTookLongStandsWhereItBegan()
{
    Table table;
    for (const int i : {0, 1, 3, 5}) {
        table.feed.add(entries(i, 1));
        table.settle();
    }
    table.feed.add({entry(6, 200), entry(2, 200), entry(4, 200)});
    table.settle();
    QCOMPARE(table.texts(Column::Path), QStringList({"/6", "/5", "/4", "/3", "/2", "/1", "/0"}));
    table.model.sort(int(Column::Time), Qt::AscendingOrder);
    table.feed.add(entries(8, 1));
    table.feed.add(entries(7, 1));
    table.settle();
    QCOMPARE(table.texts(Column::Path), QStringList({"/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8"}));
    for (int row = 0; row < table.model.rowCount(); ++row)
        QCOMPARE(table.model.rowOf(table.model.number(row)), row);
}

void TestRequestTableModel::anEarlierLineMovesItsRow()
{
    Table table;
    QList<control::LogEntry> late;
    QList<control::LogEntry> first;
    for (const control::LogEntry &line : test::recordedEntries())
        (line.proxy.contains("sleep") ? late : first).append(line);
    table.feed.add(first);
    table.settle();
    // One whose first line comes now, between others: it began before all of them.
    std::reverse(late.begin(), late.end());
    for (const control::LogEntry &line : late) {
        table.feed.add({line});
        table.settle();
        std::vector<qint64> starts;
        for (int row = 0; row < table.model.rowCount(); ++row)
            starts.push_back(table.model.request(row)->startUs);
        QVERIFY(std::is_sorted(starts.rbegin(), starts.rend()));
    }
    QCOMPARE(table.model.rowCount(), 8);
}

void TestRequestTableModel::filterChooses()
{
    Table table;
    table.feed.add(entries(0, 100));
    table.settle();
    table.model.setFilter(filter("status == 404"));
    table.feed.add(entries(100, 8));
    table.settle();
    QCOMPARE(table.model.rowCount(), 27);
    QCOMPARE(table.model.total(), quint64(108));
    QCOMPARE(table.text(0, Column::Path), "/104");
    table.model.setFilter(filter("path == /7"));
    table.settle();
    QCOMPARE(table.texts(Column::Path), QStringList{"/7"});
    table.model.setFilter({});
    table.settle();
    QCOMPARE(table.model.rowCount(), 108);
}

void TestRequestTableModel::sortsByColumns_data()
{
    QTest::addColumn<Column>("column");
    QTest::addColumn<QStringList>("paths");
    QTest::newRow("duration") << Column::Duration << QStringList{"/49", "/99"};
    QTest::newRow("status") << Column::Status << QStringList{"/96", "/92"};
    QTest::newRow("path") << Column::Path << QStringList{"/99", "/98"};
    QTest::newRow("flags") << Column::Flags << QStringList{"/96", "/92"};
    QTest::newRow("decision") << Column::Decision << QStringList{"/96", "/92"};
    QTest::newRow("id") << Column::RequestId << QStringList{"/99", "/98"};
}

void TestRequestTableModel::sortsByColumns()
{
    QFETCH(Column, column);
    QFETCH(QStringList, paths);
    Table table;
    table.feed.add(entries(0, 100));
    table.model.sort(int(column), Qt::DescendingOrder);
    table.settle();
    QStringList first{table.text(0, Column::Path), table.text(1, Column::Path)};
    if (column == Column::Duration)
        first.sort();
    QCOMPARE(first, paths);
    // New rows find their place a moment later.
    control::LogEntry extreme = entry(999, 404);
    extreme.fields["duration"] = 5000;
    extreme.fields["path"] = "/zzz";
    extreme.fields["request_id"] = "zzz";
    table.feed.add({extreme});
    QTRY_COMPARE_WITH_TIMEOUT(table.text(0, Column::Path), QStringLiteral("/zzz"), 10'000);
    QCOMPARE(table.model.rowCount(), 101);
}

void TestRequestTableModel::lateLinesChangeTheirRow()
{
    Table table;
    QList<control::LogEntry> late;
    QList<control::LogEntry> first;
    for (const control::LogEntry &line : test::recordedEntries())
        (line.proxy.contains("ingressgateway") ? late : first).append(line);
    table.feed.add(first);
    table.settle();
    const int before = table.rowOfPath("/status/418");
    QCOMPARE(table.text(before, Column::Decision), "application @ istio-ingressgateway");
    QSignalSpy changed(&table.model, &QAbstractItemModel::dataChanged);
    table.feed.add(late);
    table.settle();
    QVERIFY(changed.size() > 0);
    const int after = table.rowOfPath("/status/418");
    QCOMPARE(table.text(after, Column::Decision), "restrict-test-client @ istio-ingressgateway");
    QCOMPARE(table.model.rowCount(), 8);
}

void TestRequestTableModel::aLateLineCanTakeARowOutOfTheFilter()
{
    Table table;
    table.model.setFilter(filter("decided contains application"));
    QList<control::LogEntry> late;
    QList<control::LogEntry> first;
    for (const control::LogEntry &line : test::recordedEntries())
        (line.proxy.contains("ingressgateway") ? late : first).append(line);
    table.feed.add(first);
    table.settle();
    QVERIFY(table.rowOfPath("/status/418") >= 0);
    table.feed.add(late);
    table.settle();
    QCOMPARE(table.rowOfPath("/status/418"), -1);
    QVERIFY(table.rowOfPath("/status/503") >= 0);
}

void TestRequestTableModel::pausedStandsStill()
{
    Table table;
    table.feed.add(entries(0, 10));
    table.settle();
    table.model.setPaused(true);
    table.feed.add(entries(10, 5));
    table.settle();
    QCOMPARE(table.model.rowCount(), 10);
    QCOMPARE(table.model.missed(), quint64(5));
    QCOMPARE(table.model.total(), quint64(15));
    table.model.setPaused(false);
    table.settle();
    QCOMPARE(table.model.rowCount(), 15);
    QCOMPARE(table.model.missed(), quint64(0));
    QCOMPARE(table.text(0, Column::Path), "/14");
}

void TestRequestTableModel::oldRowsGo()
{
    const int limit = 2 * int(RequestBlock::capacity);
    Table table{std::size_t(limit)};
    for (int i = 0; i < 5; ++i) {
        table.feed.add(entries(i * limit, limit));
        table.settle();
        QVERIFY(table.model.rowCount() < limit + int(RequestBlock::capacity));
        QVERIFY(table.model.rowCount() >= limit);
        QCOMPARE(quint64(table.model.rowCount()), table.model.total());
    }
    QCOMPARE(table.text(0, Column::Path), QStringLiteral("/%1").arg(5 * limit - 1));
    // Also what stands still.
    table.model.setPaused(true);
    table.feed.add(entries(5 * limit, 4 * limit));
    table.settle();
    QCOMPARE(table.model.rowCount(), 0);
}

void TestRequestTableModel::oldRowsGoWhileSorted()
{
    const int limit = 2 * int(RequestBlock::capacity);
    Table table{std::size_t(limit)};
    table.model.sort(int(Column::Path), Qt::AscendingOrder);
    for (int i = 0; i < 3; ++i)
        table.feed.add(entries(i * limit, limit));
    table.settle();
    QTRY_VERIFY_WITH_TIMEOUT(table.model.rowCount() >= limit, 10'000);
    for (int row = 0; row < table.model.rowCount(); row += 100)
        QVERIFY(table.model.request(row));
}

void TestRequestTableModel::clears()
{
    Table table;
    table.feed.add(entries(0, 10));
    table.settle();
    const quint64 old = table.model.number(0);
    table.feed.clear();
    table.settle();
    QCOMPARE(table.model.rowCount(), 0);
    QCOMPARE(table.model.total(), quint64(0));
    table.feed.add(entries(0, 1));
    table.settle();
    QCOMPARE(table.model.rowCount(), 1);
    QVERIFY(table.model.number(0) > old);
}

void TestRequestTableModel::everyColumnHasTitleAndText()
{
    Table table;
    table.feed.add(test::recordedEntries());
    table.settle();
    for (int column = 0; column < table.model.columnCount(); ++column) {
        QVERIFY(!table.model.headerData(column, Qt::Horizontal).toString().isEmpty());
        for (int row = 0; row < table.model.rowCount(); ++row) {
            const QModelIndex index = table.model.index(row, column);
            if (Column(column) != Column::Decision)
                QVERIFY(!index.data().toString().isEmpty());
            QVERIFY(index.data(Qt::TextAlignmentRole).isValid());
        }
    }
}

void TestRequestTableModel::floods()
{
    // 200,000 requests of two lines in batches, with filters set between.
    Table table(200'000, false);
    const QList<control::LogEntry> recorded = test::recordedEntries();
    const control::LogEntry outer = recorded[5];
    const control::LogEntry inner = recorded[10];
    QVERIFY(outer.proxy.endsWith("sleep") && inner.proxy.endsWith("egressgateway"));
    QCOMPARE(outer.fields["path"], inner.fields["path"]);
    const auto id = [](int i) { return QStringLiteral("%1").arg(i, 36, 10, QChar(u'0')); };
    int sent = 0;
    for (int batch = 0; batch < 200; ++batch) {
        QList<control::LogEntry> lines;
        for (int i = 0; i < 1'000; ++i, ++sent) {
            const QString connection = QStringLiteral("127.5.6.11:%1").arg(20'000 + sent % 40'000);
            const qint64 start = 1'795'626'000'000 + sent / 10;
            const QString time = QDateTime::fromMSecsSinceEpoch(start, Qt::UTC).toString(Qt::ISODateWithMs);
            // Copies: an object that is written to again and again never shrinks.
            control::LogEntry second = inner;
            control::LogEntry first = outer;
            for (control::LogEntry *line : {&second, &first}) {
                line->fields["start_time"] = time;
                line->fields["path"] = QStringLiteral("/item/%1").arg(sent % 5'000);
            }
            first.fields["request_id"] = id(2 * sent);
            second.fields["request_id"] = id(2 * sent + 1);
            first.upstreamLocal = second.downstreamPeer = connection;
            lines.append(second);
            lines.append(first);
        }
        table.feed.add(lines);
        if (batch % 10 == 0) {
            table.model.setFilter(batch % 20 == 0 ? filter("path contains 77 && proxy == sleep") : Filter());
            table.settle();
        }
    }
    table.model.setFilter({});
    table.settle();
    QCOMPARE(table.feed.dropped(), quint64(0));
    QCOMPARE(table.model.total(), quint64(200'000));
    QCOMPARE(table.model.rowCount(), 200'000);
    for (int row = 0; row < 200'000; row += 1'777)
        QCOMPARE(table.model.request(row)->hops.size(), std::size_t(2));
    qInfo("%.1f MB for 200,000 requests of 2 lines", double(table.feed.store().bytes()) / 1e6);
}

QTEST_GUILESS_MAIN(TestRequestTableModel)
#include "test_request_table_model.moc"
