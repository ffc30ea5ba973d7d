// SPDX-License-Identifier: GPL-3.0-or-later
#include "recorded_entries.h"
#include "ui/traffic/request_store.h"

#include <QtTest>
#include <atomic>
#include <thread>

using namespace sallyport;
using namespace sallyport::traffic;

class TestRequestStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void entriesComeBackWhole();
    void textsAreKeptOnce();
    void rowsComeBackWhole();
    void oldestGoFirst();
    void numbersAreNeverUsedTwice();
    void readersAndTheWriterDoNotMeet();
    void startTimes_data();
    void startTimes();
    void endpoints();
};

void TestRequestStore::entriesComeBackWhole()
{
    RequestStore store;
    QList<control::LogEntry> entries = test::recordedEntries();
    control::LogEntry odd;
    odd.proxy = QStringLiteral("primary:default/sleep");
    odd.fields = QJsonObject{{"number", 0.25},       {"big", 1785000000000.0},
                             {"true", true},         {"false", false},
                             {"null", QJsonValue()}, {"array", QJsonArray{1, "two", QJsonValue()}},
                             {"empty", ""},          {"object", QJsonObject{{"a", QJsonObject{{"b", "ü"}}}}}};
    entries.append(odd);
    for (const control::LogEntry &entry : std::as_const(entries))
        store.addLine(entry);
    for (int i = 0; i < entries.size(); ++i) {
        const auto back = store.line(quint64(i));
        QVERIFY(back);
        QCOMPARE(back->fields, entries[i].fields);
        QCOMPARE(back->proxy, entries[i].proxy);
        QCOMPARE(back->process, entries[i].process);
        QCOMPARE(back->receivedUs, entries[i].receivedUs);
        QCOMPARE(back->downstreamPeer, entries[i].downstreamPeer);
        QCOMPARE(back->upstreamLocal, entries[i].upstreamLocal);
    }
    QVERIFY(!store.line(quint64(entries.size())));
}

void TestRequestStore::textsAreKeptOnce()
{
    TextArena arena;
    const quint32 a = arena.add(QStringView(u"outbound|443||test.com"));
    QCOMPARE(arena.add(std::string_view("outbound|443||test.com")), a);
    QCOMPARE(arena.add(QStringView()), quint32(0));
    std::vector<quint32> numbers;
    for (int i = 0; i < 5'000; ++i)
        numbers.push_back(arena.add(QStringView(QString::number(i))));
    for (int i = 0; i < 5'000; ++i) {
        QCOMPARE(arena.add(QStringView(QString::number(i))), numbers[std::size_t(i)]);
        QCOMPARE(arena.string(numbers[std::size_t(i)]), QString::number(i));
    }
    arena.seal();
    QCOMPARE(arena.string(a), QStringLiteral("outbound|443||test.com"));
}

void TestRequestStore::rowsComeBackWhole()
{
    RequestStore store;
    RequestRow row;
    row.startUs = 1785000000123456;
    row.durationMs = 12;
    row.source = "primary:default/sleep";
    row.method = "GET";
    row.host = "test.com";
    row.path = "/status/418";
    row.protocol = "HTTP/1.1";
    row.status = 403;
    row.outcome = Outcome::Refused;
    row.flags = "URX,UF";
    row.details = "via_upstream";
    row.kind = Decision::Kind::Policy;
    row.decidedBy = "test";
    row.decidedAt = "primary:istio-system/istio-egressgateway";
    row.cluster = "outbound|443||test.com";
    row.requestId = "a10bcab7-c3cf-441b-96d6-17a32192cdcf";
    row.hops = {{"primary:default/sleep", Outcome::Passed, 1},
                {"primary:istio-system/istio-egressgateway", Outcome::Refused, 2}};
    const quint64 number = store.add(row, {});
    const auto back = store.row(number);
    QVERIFY(back);
    QCOMPARE(back->number, number);
    QCOMPARE(back->startUs, row.startUs);
    QCOMPARE(back->durationMs, row.durationMs);
    QCOMPARE(back->source, row.source);
    QCOMPARE(back->path, row.path);
    QCOMPARE(back->protocol, row.protocol);
    QCOMPARE(back->status, row.status);
    QCOMPARE(back->outcome, row.outcome);
    QCOMPARE(back->flags, row.flags);
    QCOMPARE(back->details, row.details);
    QCOMPARE(back->kind, row.kind);
    QCOMPARE(back->decision(), QStringLiteral("test @ istio-egressgateway"));
    QCOMPARE(back->cluster, row.cluster);
    QCOMPARE(back->requestId, row.requestId);
    QCOMPARE(back->hops, row.hops);
    QCOMPARE(store.find(row.requestId), number);
    QCOMPARE(store.find(QStringLiteral("another")), quint64(0));
    row.requestId.clear();
    const quint64 nameless = store.add(row, {});
    const QString name = store.row(nameless)->requestId;
    QCOMPARE(name, QStringLiteral("row-%1").arg(nameless));
    QCOMPARE(store.find(name), nameless);
}

void TestRequestStore::oldestGoFirst()
{
    const std::size_t limit = 3 * RequestBlock::capacity;
    RequestStore store(limit);
    const control::LogEntry entry = test::recordedEntries().first();
    for (int i = 0; i < 10 * int(RequestBlock::capacity); ++i) {
        RequestRow row;
        row.path = QString::number(i);
        const quint64 line = store.addLine(entry);
        store.add(row, std::vector<quint64>{line});
        store.evict(store.endLine());
        QVERIFY(store.count() <= limit + RequestBlock::capacity);
    }
    QVERIFY(store.count() >= limit);
    const quint64 first = store.firstNumber();
    QVERIFY(!store.row(first - 1));
    QCOMPARE(store.row(first)->path, QString::number(first - 1));
    QCOMPARE(store.entries(first).size(), 1);
    QCOMPARE(store.entries(store.endNumber() - 1).first().fields, entry.fields);
    QVERIFY(!store.line(0));
    // A line that nobody has yet keeps its block.
    RequestStore waiting(RequestBlock::capacity);
    waiting.addLine(entry);
    for (int i = 0; i < 5 * int(RequestBlock::capacity); ++i) {
        waiting.add(RequestRow(), std::vector<quint64>{waiting.addLine(entry)});
        waiting.evict(0);
    }
    QVERIFY(waiting.line(0));
}

void TestRequestStore::numbersAreNeverUsedTwice()
{
    RequestStore store;
    const quint64 line = store.addLine({});
    const quint64 row = store.add(RequestRow(), std::vector<quint64>{line});
    store.clear();
    QCOMPARE(store.count(), std::size_t(0));
    QVERIFY(!store.row(row));
    QVERIFY(!store.line(line));
    QVERIFY(store.addLine({}) > line);
    QVERIFY(store.add(RequestRow(), {}) > row);
    QVERIFY(!store.row(row));
}

void TestRequestStore::readersAndTheWriterDoNotMeet()
{
    RequestStore store(RequestBlock::capacity);
    std::atomic<bool> done = false;
    std::atomic<int> torn = 0;
    std::thread reader([&] {
        while (!done) {
            for (quint64 number = store.firstNumber(); number < store.endNumber(); number += 97) {
                const auto row = store.row(number);
                if (row && row->path != row->host)
                    ++torn;
                store.entries(number);
            }
            store.visit(0, store.endNumber(), [&](const FilterSubject &subject) {
                if (subject.request().path != subject.request().host)
                    ++torn;
            });
        }
    });
    const control::LogEntry entry = test::recordedEntries().first();
    for (int i = 0; i < 4 * int(RequestBlock::capacity); ++i) {
        RequestRow row;
        row.path = row.host = QString::number(i);
        const quint64 number = store.add(row, std::vector<quint64>{store.addLine(entry)});
        if (i % 3 == 0)
            store.replace(number, row, {});
        if (i % 7 == 0)
            store.remove(number);
        if (i % 64 == 0)
            store.evict(store.endLine());
    }
    done = true;
    reader.join();
    QCOMPARE(torn.load(), 0);
}

void TestRequestStore::startTimes_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("us");
    QTest::newRow("milliseconds") << "2026-11-25T17:01:20.989Z" << Q_INT64_C(1795626080989000);
    QTest::newRow("microseconds") << "2026-11-25T17:01:20.989123Z" << Q_INT64_C(1795626080989123);
    QTest::newRow("seconds") << "1970-01-01T00:00:01Z" << Q_INT64_C(1000000);
    QTest::newRow("leap day") << "2024-02-29T00:00:00.000Z" << Q_INT64_C(1709164800000000);
    for (const char *bad :
         {"", "-", "2026-11-25 17:01:20.989Z", "2026-13-25T17:01:20.989Z", "2026-11-25T17:01:20.989",
          "2026-11-25T17:01:20.98xZ", "2026-11-25T17:01:20+01:00", "25/Nov/2026:17:01:20 +0000"})
        QTest::newRow(bad) << bad << Q_INT64_C(-1);
}

void TestRequestStore::startTimes()
{
    QFETCH(QString, text);
    QFETCH(qint64, us);
    QCOMPARE(parseStartTime(text), us);
    if (us >= 0)
        QCOMPARE(parseStartTime(text) / 1000,
                 QDateTime::fromString(text, Qt::ISODateWithMs).toMSecsSinceEpoch());
}

void TestRequestStore::endpoints()
{
    QCOMPARE(workloadOf(u"primary:default/sleep:*"), QStringLiteral("primary:default/sleep"));
    QCOMPARE(workloadOf(u"primary:default/sleep#1"), QStringLiteral("primary:default/sleep"));
    QCOMPARE(workloadOf(u"external:default/httpbin:80"), QStringLiteral("external:default/httpbin"));
    QCOMPARE(workloadOf(u"127.0.0.6:43810"), QString());
    QCOMPARE(workloadOf(u"[::1]:80"), QString());
    QCOMPARE(workloadOf(u""), QString());
    QCOMPARE(shortName(u"primary:istio-system/istio-egressgateway#1"),
             QStringLiteral("istio-egressgateway#1"));
}

QTEST_GUILESS_MAIN(TestRequestStore)
#include "test_request_store.moc"
