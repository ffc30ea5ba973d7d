// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/plan.h"
#include "ui/request/answer_text.h"
#include "ui/request/curl_line.h"
#include "ui/request/header_table_model.h"
#include "ui/request/request_history.h"
#include "ui/request/request_presets.h"

#include <QAbstractItemModelTester>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

using namespace sallyport;
using namespace sallyport::request;

namespace {

RequestDraft draft(const QString &method, const QString &url)
{
    RequestDraft made;
    made.instance = QStringLiteral("primary:default/sleep");
    made.method = method;
    made.url = url;
    return made;
}

} // namespace

class TestRequestModels : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(".*")); }
    void drafts_data();
    void drafts();
    void draftsAsJson();
    void curlLines_data();
    void curlLines();
    void curlLinesAreReadBackByAShell();
    void localLines();
    void history();
    void historyKeepsNoCredentials();
    void historyOfABrokenFile();
    void headers();
    void presetsOfTheGuide_data();
    void presetsOfTheGuide();
    void bodies();
    void json_data();
    void json();
};

void TestRequestModels::drafts_data()
{
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("host");
    QTest::addColumn<int>("port");
    QTest::addColumn<QString>("target");
    QTest::newRow("plain") << "GET"
                           << "http://test.com/status/418"
                           << "test.com" << 80 << "/status/418";
    QTest::newRow("without scheme") << "GET"
                                    << "test.com/get?x=1"
                                    << "test.com" << 80 << "/get?x=1";
    QTest::newRow("port") << "DELETE"
                          << " http://test.com:8080 "
                          << "test.com" << 8080 << "/";
    QTest::newRow("https is curl's job") << "GET"
                                         << "https://test.com/"
                                         << "" << 0 << "";
    QTest::newRow("nothing") << "GET"
                             << ""
                             << "" << 0 << "";
    QTest::newRow("no method") << "G T"
                               << "http://test.com/"
                               << "" << 0 << "";
}

void TestRequestModels::drafts()
{
    QFETCH(QString, method);
    QFETCH(QString, url);
    QFETCH(QString, host);
    QFETCH(int, port);
    QFETCH(QString, target);
    RequestDraft made = draft(method, url);
    made.headers = {{"X-One", " 1 ", true}, {"X-Off", "2", false}, {"X-Empty", "", true}, {"", "lost", true}};
    const auto request = made.request();
    QCOMPARE(request.has_value(), !host.isEmpty());
    if (!request) {
        QVERIFY(!request.error().what.empty());
        return;
    }
    QCOMPARE(QString::fromStdString(request->host), host);
    QCOMPARE(request->port, port);
    QCOMPARE(QString::fromStdString(request->target), target);
    const QString bytes = QString::fromStdString(request->bytes());
    QVERIFY(bytes.contains("X-One: 1\r\n"));
    QVERIFY(bytes.contains("X-Empty:\r\n"));
    QVERIFY(!bytes.contains("X-Off"));
    QVERIFY(!bytes.contains("lost"));
    made.headers = {{"bad name", "1", true}};
    QVERIFY(!made.request());
    made.headers.clear();
    made.method = "POST";
    QVERIFY(QString::fromStdString(made.request()->bytes()).contains("Content-Length: 0\r\n"));
    made.body = "ü";
    QVERIFY(QString::fromStdString(made.request()->bytes()).endsWith("\r\n\r\nü"));
}

void TestRequestModels::draftsAsJson()
{
    RequestDraft made = draft("PUT", "http://test.com/put");
    made.headers = {{"A", "1", true}, {"B", "2", false}};
    made.body = "{}\n";
    QCOMPARE(RequestDraft::fromJson(made.toJson()), made);
    QCOMPARE(RequestDraft::fromJson({}).method, "GET");
}

void TestRequestModels::curlLines_data()
{
    QTest::addColumn<RequestDraft>("request");
    QTest::addColumn<QString>("line");
    QTest::newRow("the guide's teapot") << draft("GET", "http://test.com/status/418")
                                        << "kubectl exec deploy/sleep -- curl -i http://test.com/status/418";
    RequestDraft byHeader = draft("GET", "http://203.0.113.10/status/418");
    byHeader.headers = {{"host", "test.com", true}};
    QTest::newRow("the guide's host header")
        << byHeader
        << "kubectl exec deploy/sleep -- curl -i -H 'host: test.com' http://203.0.113.10/status/418";
    QTest::newRow("head") << draft("HEAD", "http://test.com/status/200")
                          << "kubectl exec deploy/sleep -- curl -I http://test.com/status/200";
    RequestDraft post = draft("POST", "http://test.com/post?a=b&c=d");
    post.body = "it's";
    QTest::newRow("post")
        << post
        << "kubectl exec deploy/sleep -- curl -i --data-raw 'it'\\''s' 'http://test.com/post?a=b&c=d'";
    RequestDraft put = draft("PUT", "test.com/put");
    QTest::newRow("put") << put
                         << "kubectl exec deploy/sleep -- curl -i -X PUT --data-raw '' http://test.com/put";
    RequestDraft elsewhere = draft("GET", "http://test.com/");
    elsewhere.instance = "primary:shop/orders#1";
    QTest::newRow("another namespace, second instance")
        << elsewhere << "kubectl -n shop exec deploy/orders -- curl -i http://test.com/";
}

void TestRequestModels::curlLines()
{
    QFETCH(RequestDraft, request);
    QFETCH(QString, line);
    QCOMPARE(kubectlLine(request), line);
}

void TestRequestModels::curlLinesAreReadBackByAShell()
{
    for (const QString &word : {QString("a b"), QString("it's \"quoted\" $HOME `x` \\ * ? !"), QString("-x"),
                                QString("ü\n2"), QString()}) {
        QProcess shell;
        shell.start("/bin/sh", {"-c", "printf %s " + shellQuoted(word)});
        QVERIFY(shell.waitForFinished());
        QCOMPARE(QString::fromUtf8(shell.readAllStandardOutput()), word);
    }
}

void TestRequestModels::localLines()
{
    lab::Instance instance;
    QCOMPARE(localLine(draft("GET", "http://test.com/"), instance), QString());
    instance.forward = {"127.5.6.11", 15080};
    QCOMPARE(localLine(draft("GET", "http://test.com/"), instance),
             "curl -x http://127.5.6.11:15080 -i http://test.com/");
}

void TestRequestModels::history()
{
    QTemporaryDir folder;
    RequestHistory history(folder.path());
    QAbstractItemModelTester tester(&history, QAbstractItemModelTester::FailureReportingMode::QtTest);
    history.setProject("/projects/a");
    const QDateTime when = QDateTime::currentDateTime();
    for (int i = 0; i < RequestHistory::limit + 10; ++i)
        history.add({draft("GET", QStringLiteral("http://test.com/%1").arg(i)), when, 200, 1500});
    QCOMPARE(history.rowCount(), RequestHistory::limit);
    history.add({draft("GET", "http://test.com/50"), when, 403, 1500});
    QCOMPARE(history.rowCount(), RequestHistory::limit);
    QCOMPARE(history.items().first().draft.url, "http://test.com/50");
    QCOMPARE(history.items().first().status, 403);
    QVERIFY(history.index(0).data().toString().contains("403"));
    QVERIFY(history.find("get", "http://test.com/60"));
    QVERIFY(!history.find("POST", "http://test.com/60"));

    RequestHistory again(folder.path());
    again.setProject("/projects/a");
    QCOMPARE(again.items().size(), history.items().size());
    QCOMPARE(again.items().first().draft, history.items().first().draft);
    QCOMPARE(again.items().first().when.toSecsSinceEpoch(), when.toSecsSinceEpoch());
    again.setProject("/projects/b");
    QCOMPARE(again.rowCount(), 0);
    again.setProject({});
    again.add({draft("GET", "http://test.com/"), when, 200, 1});
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files).size(), 1);
    history.clear();
    again.setProject("/projects/a");
    QCOMPARE(again.rowCount(), 0);
}

void TestRequestModels::historyKeepsNoCredentials()
{
    QTemporaryDir folder;
    RequestHistory history(folder.path());
    history.setProject("/projects/a");
    RequestDraft secret = draft("GET", "http://test.com/");
    secret.headers = {{"Authorization", "Bearer s3cr3t", true},
                      {"cookie", "s3cr3t", true},
                      {"X-Api-Key", "s3cr3t", true},
                      {"X-Auth-Token", "s3cr3t", true},
                      {"Accept", "text/html", true}};
    history.add({secret, QDateTime::currentDateTime(), 200, 1});
    QCOMPARE(history.items().first().draft, secret);
    const QStringList files = QDir(folder.path()).entryList(QDir::Files);
    QCOMPARE(files.size(), 1);
    QFile file(folder.filePath(files.first()));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray text = file.readAll();
    QVERIFY(!text.contains("s3cr3t"));
    QVERIFY(text.contains("text/html"));
    QCOMPARE(file.permissions() &
                 (QFile::ReadGroup | QFile::ReadOther | QFile::WriteGroup | QFile::WriteOther),
             QFile::Permissions());
}

void TestRequestModels::historyOfABrokenFile()
{
    QTemporaryDir folder;
    {
        RequestHistory history(folder.path());
        history.setProject("/projects/a");
        history.add({draft("GET", "http://test.com/"), QDateTime::currentDateTime(), 200, 1});
    }
    const QString path = folder.filePath(QDir(folder.path()).entryList(QDir::Files).first());
    for (const char *text : {"", "{", "[]", "{\"requests\": [1, {\"url\": 5}, {}]}"}) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
        file.close();
        RequestHistory history(folder.path());
        history.setProject("/projects/a");
        QCOMPARE(history.rowCount(), 0);
    }
}

void TestRequestModels::headers()
{
    HeaderTableModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QSignalSpy edited(&model, &HeaderTableModel::edited);
    QCOMPARE(model.rowCount(), 1);
    QVERIFY(!model.setData(model.index(0, 0), "  "));
    QVERIFY(model.setData(model.index(0, 0), "X-One: 1"));
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.headers(), QList<Header>({{"X-One", "1", true}}));
    QVERIFY(model.setData(model.index(0, 1), "2"));
    QVERIFY(model.setData(model.index(0, 0), Qt::Unchecked, Qt::CheckStateRole));
    QCOMPARE(model.headers(), QList<Header>({{"X-One", "2", false}}));
    QVERIFY(model.setData(model.index(1, 1), "value first"));
    QCOMPARE(model.headers().last(), (Header{"", "value first", true}));
    QVERIFY(!model.index(2, 0).flags().testFlag(Qt::ItemIsUserCheckable));
    model.remove(0);
    model.remove(7);
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(edited.size(), 5);
    model.setHeaders({});
    QCOMPARE(model.rowCount(), 1);
}

void TestRequestModels::presetsOfTheGuide_data()
{
    QTest::addColumn<int>("stage");
    QTest::addColumn<QString>("request");
    QTest::newRow("1") << 1 << "GET http://203.0.113.10/status/418";
    QTest::newRow("2") << 2 << "GET http://other.com/";
    QTest::newRow("3") << 3 << "GET http://test.com/status/418";
    QTest::newRow("4") << 4 << "GET http://test.com/status/200";
    QTest::newRow("5") << 5 << "GET http://test.com/headers";
}

void TestRequestModels::presetsOfTheGuide()
{
    QFETCH(int, stage);
    QFETCH(QString, request);
    QFile file(QStringLiteral(SALLYPORT_SOURCE_DIR
                              "/resources/templates/egress-mtls/stage-%1/.sallyport/expectations.yaml")
                   .arg(stage));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QList<RequestPreset> presets = presetsOf(file.readAll().toStdString());
    QStringList requests;
    for (const RequestPreset &preset : presets) {
        QVERIFY(!preset.name.isEmpty());
        QVERIFY(preset.draft.request());
        QCOMPARE(preset.draft.instance, "primary:default/sleep");
        requests.append(preset.draft.method + ' ' + preset.draft.url);
    }
    QVERIFY2(requests.contains(request), qPrintable(requests.join(", ")));
    QCOMPARE(requests.size(), QSet<QString>(requests.begin(), requests.end()).size());
    QVERIFY(presetsOf("checks: [").isEmpty());
    QVERIFY(presetsOf("").isEmpty());
}

void TestRequestModels::bodies()
{
    application::Answer answer;
    QCOMPARE(describeBody(answer).kind, AnswerText::Kind::Empty);
    answer.body = "RBAC: access denied";
    QCOMPARE(describeBody(answer).kind, AnswerText::Kind::Text);
    QCOMPARE(describeBody(answer).text, "RBAC: access denied");
    answer.body = "{\"b\":1,\"a\":[]}";
    AnswerText text = describeBody(answer);
    QCOMPARE(text.kind, AnswerText::Kind::Json);
    QCOMPARE(text.pretty, "{\n  \"b\": 1,\n  \"a\": []\n}");
    QCOMPARE(text.text, "{\"b\":1,\"a\":[]}");
    answer.body = std::string("\x89PNG\r\n\0\x01\x02", 9);
    text = describeBody(answer);
    QCOMPARE(text.kind, AnswerText::Kind::Binary);
    QCOMPARE(text.text, "00000000  89 50 4e 47 0d 0a 00 01 02                       .PNG.....\n");
    answer.body = std::string(2 * std::size_t(mostShown), 'x');
    text = describeBody(answer);
    QVERIFY(text.cut);
    QCOMPARE(text.text.size(), mostShown);
    QCOMPARE(text.size, 2 * mostShown);
    // Cut in the middle of a character.
    answer.body = std::string(std::size_t(mostShown) - 1, 'x') + "ü";
    QCOMPARE(describeBody(answer).kind, AnswerText::Kind::Text);
    QCOMPARE(statusText(418), "418 I'm a teapot");
    QCOMPARE(statusText(299), "299");
    QCOMPARE(durationText(1'440), "1.4 ms");
    QCOMPARE(durationText(412'345), "412 ms");
    QCOMPARE(durationText(2'050'000), "2.05 s");
}

void TestRequestModels::json_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("pretty");
    QTest::newRow("nested")
        << QByteArray("{\"a\":{\"b\":[1,2.50,true,null]}}")
        << "{\n  \"a\": {\n    \"b\": [\n      1,\n      2.50,\n      true,\n      null\n    ]\n  }\n}";
    QTest::newRow("signs in texts") << QByteArray("{\"a\":\"{[,:\\\"]}\"}")
                                    << "{\n  \"a\": \"{[,:\\\"]}\"\n}";
    QTest::newRow("indented already")
        << QByteArray("{\n    \"a\" : { },\n    \"b\": [\n]\n}") << "{\n  \"a\": {},\n  \"b\": []\n}";
    QTest::newRow("large numbers stay")
        << QByteArray("[12345678901234567890]") << "[\n  12345678901234567890\n]";
    QTest::newRow("text") << QByteArray("hello") << "";
    QTest::newRow("broken") << QByteArray("{\"a\":") << "";
    QTest::newRow("empty") << QByteArray() << "";
}

void TestRequestModels::json()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, pretty);
    QCOMPARE(indentedJson(text), pretty);
}

QTEST_GUILESS_MAIN(TestRequestModels)
#include "test_request_models.moc"
