// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/request/request_runner.h"

#include <QSignalSpy>
#include <QtTest>

using namespace sallyport;
using namespace sallyport::request;

namespace {

RequestDraft get(const QString &url)
{
    RequestDraft draft;
    draft.instance = QStringLiteral("primary:default/sleep");
    draft.method = QStringLiteral("GET");
    draft.url = url;
    return draft;
}

/// Requests that wait until the test answers them.
struct Waiting
{
    QList<std::function<void(const session::SentRequest &)>> requests;
    RequestRunner::Send send()
    {
        return [this](const QString &, const application::Request &,
                      std::function<void(const session::SentRequest &)> done) {
            requests.append(std::move(done));
        };
    }
    void answer(int status)
    {
        session::SentRequest sent;
        sent.answer.status = status;
        requests.takeFirst()(sent);
    }
};

} // namespace

/// One request, or many of them, at a time and to their end.
class TestRequestRunner : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(".*")); }
    void runsOnce();
    void runsManyTimes();
    void runsUntilStopped();
    void slowAnswersAreNotPiledUp();
    void whatCannotBeSentEndsTheRun();
};

void TestRequestRunner::runsOnce()
{
    Waiting waiting;
    RequestRunner runner(waiting.send());
    QSignalSpy answers(&runner, &RequestRunner::answer);
    QSignalSpy finished(&runner, &RequestRunner::finished);
    QVERIFY(!runner.start(get("https://test.com/"), {}));
    QVERIFY(!runner.isRunning());
    QVERIFY(runner.start(get("http://test.com/"), {}));
    QVERIFY(runner.isRunning());
    QCOMPARE(waiting.requests.size(), 1);
    waiting.answer(200);
    QCOMPARE(answers.size(), 1);
    QCOMPARE(finished.size(), 1);
    QVERIFY(!runner.isRunning());
}

void TestRequestRunner::runsManyTimes()
{
    Waiting waiting;
    RequestRunner runner(waiting.send());
    QVERIFY(runner.start(get("http://test.com/"), {10, 0, 3}));
    QCOMPARE(waiting.requests.size(), 3);
    for (int i = 0; i < 10; ++i)
        waiting.answer(i % 2 == 0 ? 200 : 403);
    QVERIFY(!runner.isRunning());
    QCOMPARE(runner.sent(), 10);
    QCOMPARE(runner.statuses(), (QMap<int, int>{{200, 5}, {403, 5}}));
    QVERIFY(waiting.requests.isEmpty());
}

void TestRequestRunner::runsUntilStopped()
{
    Waiting waiting;
    RequestRunner runner(waiting.send());
    QSignalSpy answers(&runner, &RequestRunner::answer);
    QVERIFY(runner.start(get("http://test.com/"), {0, 5, 4}));
    for (int i = 0; i < 5; ++i) {
        QTRY_VERIFY(!waiting.requests.isEmpty());
        waiting.answer(200);
    }
    QVERIFY(runner.isRunning());
    QTRY_VERIFY(!waiting.requests.isEmpty());
    runner.stop();
    QVERIFY(!runner.isRunning());
    // What was under way is dropped.
    waiting.answer(200);
    QCOMPARE(answers.size(), 5);
}

void TestRequestRunner::slowAnswersAreNotPiledUp()
{
    Waiting waiting;
    RequestRunner runner(waiting.send());
    QVERIFY(runner.start(get("http://test.com/"), {0, 1, 2}));
    QTRY_COMPARE(waiting.requests.size(), 2);
    QTest::qWait(50);
    QCOMPARE(waiting.requests.size(), 2);
    runner.stop();
}

void TestRequestRunner::whatCannotBeSentEndsTheRun()
{
    Waiting waiting;
    RequestRunner runner(waiting.send());
    QVERIFY(runner.start(get("http://nowhere/"), {100, 0, 1}));
    session::SentRequest failed;
    failed.error = "nowhere does not resolve";
    waiting.requests.takeFirst()(failed);
    QVERIFY(!runner.isRunning());
    QCOMPARE(runner.statuses(), (QMap<int, int>{{0, 1}}));
}

QTEST_GUILESS_MAIN(TestRequestRunner)
#include "test_request_runner.moc"
