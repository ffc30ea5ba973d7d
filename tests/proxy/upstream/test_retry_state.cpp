// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/retry_state.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::upstream;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// How long a retry waits (envoy-behaviour.md 4.4): the random number is given.
class TestRetryState : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void waits_data();
    void waits();
    void askedFor_data();
    void askedFor();

private:
    static http::HeaderMapPtr request() { return http::HeaderMap::create(http::HeaderMap::Kind::Request); }
};

void TestRetryState::waits_data()
{
    QTest::addColumn<int>("base");
    QTest::addColumn<int>("most");
    QTest::addColumn<QList<int>>("windows"); ///< of one retry after the other: each waits less than this
    const auto row = [](const char *name, int base, int most, const QList<int> &windows) {
        QTest::newRow(name) << base << most << windows;
    };
    row("4.4 by default", 25, 0, {25, 50, 100, 200, 250, 250});
    row("4.4 its own most", 10, 35, {10, 20, 35, 35});
    row("4.4 ten times its own base", 2, 0, {2, 4, 8, 16, 20, 20});
    row("4.4 always the same", 40, 40, {40, 40, 40});
    row("4.4 a millisecond", 1, 1, {1, 1});
}

void TestRetryState::waits()
{
    QFETCH(int, base);
    QFETCH(int, most);
    QFETCH(QList<int>, windows);
    dataplane::RetryPolicy policy;
    policy.retryOn = "5xx";
    policy.backOffBase = milliseconds(base);
    if (most > 0)
        policy.backOffMax = milliseconds(most);
    RetryState least(&policy, *request());
    RetryState longest(&policy, *request());
    for (const int window : windows) {
        const auto multiple = static_cast<std::uint64_t>(window) * 1000;
        const RetryState::BackOff none = least.nextBackOff(multiple);
        const RetryState::BackOff all = longest.nextBackOff(multiple - 1);
        QCOMPARE(none.wait.count(), 0);
        QCOMPARE(all.wait.count(), window - 1);
        QVERIFY(!none.rateLimited && !all.rateLimited);
    }
}

void TestRetryState::askedFor_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<int>("least"); ///< milliseconds; 0: nothing was asked for
    QTest::addColumn<int>("longest");
    const auto row = [](const char *name, const char *header, const char *value, int least, int longest) {
        QTest::newRow(name) << QByteArray(header) << QByteArray(value) << least << longest;
    };
    // Until half as much again; at 1000 seconds after 1970.
    row("4.4 seconds", "retry-after", "2", 2000, 2999);
    row("4.4 one second", "retry-after", "1", 1000, 1499);
    row("4.4 as long as may be", "retry-after", "300", 300'000, 449'999);
    row("4.4 too long", "retry-after", "301", 0, 24);
    row("4.4 no time", "retry-after", "0", 0, 24);
    row("4.4 no number", "retry-after", "soon", 0, 24);
    row("4.4 a point in time", "x-reset-at", "1010", 10'000, 14'999);
    row("4.4 a point in time that is over", "x-reset-at", "999", 0, 24);
    row("4.4 another header", "x-other", "2", 0, 24);
}

void TestRetryState::askedFor()
{
    QFETCH(QByteArray, header);
    QFETCH(QByteArray, value);
    QFETCH(int, least);
    QFETCH(int, longest);
    dataplane::RetryPolicy policy;
    policy.retryOn = "5xx";
    policy.rateLimitedResets.push_back({.header = "retry-after"});
    policy.rateLimitedResets.push_back({.header = "x-reset-at", .unixTimestamp = true});
    const http::HeaderMapPtr response = http::HeaderMap::create(http::HeaderMap::Kind::Response);
    response->set(std::string_view(header.constData()), std::string_view(value.constData()));
    const bool asked = least > 0;
    // A multiple of every window.
    constexpr std::uint64_t multiple = 3'600'000'000;
    for (const bool last : {false, true}) {
        RetryState state(&policy, *request());
        state.heedRateLimit(*response, std::chrono::system_clock::time_point(seconds(1000)));
        const RetryState::BackOff backOff = state.nextBackOff(last ? multiple - 1 : multiple);
        QCOMPARE(backOff.wait.count(), last ? longest : least);
        QCOMPARE(backOff.rateLimited, asked);
        // It holds for one wait, and does not double the next.
        const RetryState::BackOff next = state.nextBackOff(multiple - 1);
        QVERIFY(!next.rateLimited);
        QCOMPARE(next.wait.count(), asked ? 24 : 49);
    }
}

QTEST_GUILESS_MAIN(TestRetryState)
#include "test_retry_state.moc"
