// SPDX-License-Identifier: GPL-3.0-or-later
#include "recorded_entries.h"
#include "ui/traffic/filter.h"
#include "ui/traffic/request_store.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::traffic;

class TestFilter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void matches_data();
    void matches();
    void errors_data();
    void errors();
    void completion_data();
    void completion();
    void deepNestingIsRefused();
    void anyTextIsReadOrRefused();

private:
    QStringList found(const Filter &filter) const;

    RequestStore m_store;
};

void TestFilter::initTestCase()
{
    // The guide's stage 5, one row per exchange, and a TCP connection.
    for (const QJsonValue value : test::goldenExchanges(QStringLiteral("guide-stage-5"))) {
        const QString url = value["request"]["url"].toString();
        std::vector<LogLine> lines;
        std::vector<quint64> numbers;
        for (const control::LogEntry &entry : test::goldenEntries(value.toObject(), "id of " + url)) {
            numbers.push_back(m_store.addLine(entry));
            lines.push_back(LogLine::from(entry));
        }
        m_store.add(summarize(lines), numbers);
    }
    control::LogEntry tcp;
    tcp.proxy = QStringLiteral("primary:default/sleep");
    tcp.fields = QJsonObject{{"response_code", 0},
                             {"response_flags", "UH"},
                             {"upstream_cluster", "BlackHoleCluster"},
                             {"downstream_local_address", "198.51.100.31:9000"},
                             {"duration", 250}};
    const quint64 number = m_store.addLine(tcp);
    std::vector<LogLine> lines{LogLine::from(tcp)};
    m_store.add(summarize(lines), std::vector<quint64>{number});
}

QStringList TestFilter::found(const Filter &filter) const
{
    QStringList rows;
    m_store.visit(0, m_store.endNumber(), [&](const FilterSubject &subject) {
        if (filter.matches(subject)) {
            const RequestView &row = subject.request();
            rows.append(QString::fromStdString(std::string(row.host) + std::string(row.path)));
        }
    });
    rows.removeDuplicates();
    return rows;
}

void TestFilter::matches_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("rows");
    const QString ok = "test.com/status/200";
    const QString teapot = "test.com/status/418";
    const QString headers = "test.com/headers";
    const QString other = "other.com/";
    const QString tcp = "198.51.100.31:9000";
    const auto row = [](const char *text, const QStringList &rows) { QTest::newRow(text) << text << rows; };
    row("status >= 500", {other});
    row("status>=500", {other});
    row("status ≥ 500", {other});
    row("status == 5xx", {other});
    row("status == 403", {teapot, headers});
    row("status == \"403\" && path == /headers", {headers});
    row("status >= 400 && host == \"test.com\"", {teapot, headers});
    row("status >= 500 || path == '/headers'", {headers, other});
    row("host == TEST.com && status != 403", {ok});
    row("path ~ \"^/status/\\d+$\"", {ok, teapot});
    row("path !~ status && host == test.com", {headers});
    row("path contains STATUS", {ok, teapot});
    row("!(host == test.com)", {other, tcp});
    row("!host == test.com && method != TCP", {other});
    row("method == tcp", {tcp});
    row("policy == restrict-test-client", {teapot});
    row("policy ~ .", {teapot, headers});
    row("decided contains registry_only", {other, tcp});
    row("decided contains ingressgateway", {teapot});
    row("proxy == httpbin", {ok});
    row("proxy == istio-system/istio-ingressgateway", {ok, teapot});
    row("proxy == external:default/httpbin", {ok});
    row("proxy == bin", {});
    row("from == sleep && hops == 2", {headers});
    row("hops < 2", {other, tcp});
    row("flags == UH", {tcp});
    row("flags == U", {});
    row("cluster == outbound|443||test.com", {ok, teapot, headers});
    row("cluster == 'outbound|8000||httpbin.default.svc.cluster.local'", {ok, teapot});
    row("details contains matched_policy", {teapot, headers});
    row("outcome == refused", {teapot, headers});
    row("outcome == failed", {other, tcp});
    row("ms >= 200", {tcp});
    row("ms >= 200ms", {tcp});
    row("id contains status/418", {teapot});
    row("route_name == block_all", {other});
    row("requested_server_name == test.com", {ok, teapot});
    row("bytes_sent == 19", {teapot, headers});
    row("bytes_sent > 10 && bytes_sent < 20", {teapot, headers});
    row("restrict", {teapot});
    row("STATUS 418", {teapot});
    row("\"status/2\"", {ok});
    row("blackhole", {tcp});
    row("", {ok, teapot, headers, other, tcp});
    row("   ", {ok, teapot, headers, other, tcp});
}

void TestFilter::matches()
{
    QFETCH(QString, text);
    QFETCH(QStringList, rows);
    const auto filter = Filter::parse(text);
    QVERIFY2(filter, qPrintable(filter ? QString() : filter.error().message));
    QStringList seen = found(*filter);
    // The vector has more paths than this test names.
    const QStringList named{"test.com/status/200", "test.com/status/418", "test.com/headers", "other.com/",
                            "198.51.100.31:9000"};
    seen.removeIf([&named](const QString &row) { return !named.contains(row); });
    seen.sort();
    rows.sort();
    QCOMPARE(seen, rows);
    QCOMPARE(filter->isEmpty(), text.trimmed().isEmpty());
}

void TestFilter::errors_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("at");
    QTest::addColumn<int>("length");
    QTest::addColumn<QString>("message");
    const auto row = [](const char *text, int at, int length, const char *message) {
        QTest::newRow(text) << text << at << length << message;
    };
    row("status >=", 7, 2, "a value is missing");
    row("status >= && x", 10, 2, "a value is missing");
    row("status >= abc", 10, 3, "is a number");
    row("statu >= 4", 0, 5, "Is `status` meant?");
    row("code == 4", 0, 4, "Is `status` meant?");
    row("wholly_unknown == 4", 0, 14, "no field");
    row("host > a", 5, 1, "is a text");
    row("host = a", 5, 1, "Write ==");
    row("(status == 200", 0, 1, "closing parenthesis");
    row("status == 200)", 13, 1, "no opening parenthesis");
    row("path == \"/a", 8, 3, "closing quote");
    row("path ~ \"(\"", 7, 3, "no regular expression");
    row("path == /get?x=1", 14, 1, "quotes");
    row("status == 200 &&", 16, 0, "missing at the end");
    row("|| x", 0, 2, "missing before");
    row("!", 1, 0, "missing at the end");
    row("\"\"", 0, 2, "nothing between the quotes");
}

void TestFilter::errors()
{
    QFETCH(QString, text);
    QFETCH(int, at);
    QFETCH(int, length);
    QFETCH(QString, message);
    const auto filter = Filter::parse(text);
    QVERIFY(!filter);
    QVERIFY2(filter.error().message.contains(message), qPrintable(filter.error().message));
    QCOMPARE(filter.error().at, at);
    QCOMPARE(filter.error().length, length);
}

void TestFilter::completion_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("cursor");
    QTest::addColumn<int>("at");
    QTest::addColumn<QString>("first");
    QTest::addColumn<bool>("onlyOne");
    QTest::newRow("empty") << "" << 0 << 0 << "status" << false;
    QTest::newRow("a field begun") << "sta" << 3 << 0 << "status" << false;
    QTest::newRow("a log field begun") << "requested" << 9 << 0 << "requested_server_name" << true;
    QTest::newRow("an operator") << "host " << 5 << 5 << "==" << false;
    QTest::newRow("an operator of numbers") << "status " << 7 << 7 << "==" << false;
    QTest::newRow("a value") << "outcome == re" << 13 << 11 << "refused" << true;
    QTest::newRow("a value after nothing") << "outcome == " << 11 << 11 << "passed" << false;
    QTest::newRow("after and") << "status == 403 && ho" << 19 << 17 << "host" << false;
    QTest::newRow("contains") << "host con" << 8 << 5 << "contains" << true;
    QTest::newRow("in the middle") << "ho == test.com" << 2 << 0 << "host" << false;
    QTest::newRow("nothing inside quotes") << "path == \"/st" << 12 << 12 << "" << true;
}

void TestFilter::completion()
{
    QFETCH(QString, text);
    QFETCH(int, cursor);
    QFETCH(int, at);
    QFETCH(QString, first);
    QFETCH(bool, onlyOne);
    const FilterCompletion completion = completeFilter(text, cursor);
    QCOMPARE(int(completion.at), at);
    QCOMPARE(completion.candidates.value(0), first);
    if (onlyOne)
        QVERIFY(completion.candidates.size() <= 1);
}

void TestFilter::deepNestingIsRefused()
{
    const auto filter = Filter::parse(QString(100'000, u'(') + u'x' + QString(100'000, u')'));
    QVERIFY(!filter);
    QVERIFY(!Filter::parse(QString(100'000, u'!') + u'x'));
}

void TestFilter::anyTextIsReadOrRefused()
{
    // Every place of every error lies inside the text, whatever is typed.
    const QStringList pieces{"status", "==", ">=", "(",   ")", "\"", "'", "!",  "~", "&&",
                             "||",     " ",  "x",  "403", "=", "&",  "|", "\\", "≥"};
    QRandomGenerator random(7);
    for (int i = 0; i < 5'000; ++i) {
        QString text;
        for (int j = random.bounded(12); j >= 0; --j)
            text += pieces[random.bounded(int(pieces.size()))];
        const auto filter = Filter::parse(text);
        if (!filter) {
            QVERIFY2(filter.error().at >= 0 && filter.error().at + filter.error().length <= text.size(),
                     qPrintable(text));
            QVERIFY(!filter.error().message.isEmpty());
        } else {
            found(*filter);
        }
        completeFilter(text, random.bounded(int(text.size()) + 1));
    }
}

QTEST_GUILESS_MAIN(TestFilter)
#include "test_filter.moc"
