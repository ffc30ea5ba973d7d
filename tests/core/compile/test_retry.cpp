// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/retry_policy.h"

#include <QtTest>

using namespace sallyport;

namespace {

const std::string byDefault = "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes";

model::HttpRetry retries(int attempts, const std::string &retryOn = {})
{
    model::HttpRetry retry;
    retry.attempts = attempts;
    retry.retryOn = retryOn;
    return retry;
}

} // namespace

/// istio-semantics §9.7, by the number of the row.
class TestRetry : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void conditions_data();
    void conditions();
    void policies();
};

void TestRetry::conditions_data()
{
    QTest::addColumn<QByteArray>("given");
    QTest::addColumn<QByteArray>("words");
    QTest::addColumn<QByteArray>("codes");
    QTest::addRow("T4") << QByteArray("some,fake,5xx,404,conditions,503")
                        << QByteArray("some,fake,5xx,conditions,retriable-status-codes")
                        << QByteArray("404 503 ");
    QTest::addRow("T5") << QByteArray("gateway-error,retriable-status-codes,503")
                        << QByteArray("gateway-error,retriable-status-codes") << QByteArray("503 ");
    QTest::addRow("T6") << QByteArray(" some,\t,fake ,\tconditions, ,") << QByteArray("some,fake,conditions")
                        << QByteArray();
    QTest::addRow("T7") << QByteArray("5xx,1000") << QByteArray("5xx,1000") << QByteArray();
    QTest::addRow("unassigned") << QByteArray("599,reset") << QByteArray("599,reset") << QByteArray();
}

void TestRetry::conditions()
{
    QFETCH(QByteArray, given);
    QFETCH(QByteArray, words);
    QFETCH(QByteArray, codes);
    const compile::RetryConditions parsed = compile::parseRetryOn(given.toStdString());
    QCOMPARE(QByteArray::fromStdString(parsed.words), words);
    QByteArray list;
    for (const std::uint32_t code : parsed.statusCodes)
        list += QByteArray::number(code) + ' ';
    QCOMPARE(list, codes);
}

void TestRetry::policies()
{
    const auto unset = compile::retryPolicy(std::nullopt, std::nullopt, false); // T1
    QVERIFY(unset);
    QCOMPARE(unset->retryOn, byDefault);
    QCOMPARE(unset->numRetries, 2U);
    QVERIFY(unset->avoidPreviousHosts);
    QCOMPARE(unset->hostSelectionMaxAttempts, std::int64_t{5});
    QVERIFY(unset->retriableStatusCodes.empty());

    QVERIFY(!compile::retryPolicy(retries(0), std::nullopt, false)); // T2

    const auto plain = compile::retryPolicy(retries(2), std::nullopt, false); // T3
    QCOMPARE(plain->retryOn, byDefault);
    QVERIFY(!plain->perTryTimeout);

    model::HttpRetry remote = retries(2); // T8
    remote.retryRemoteLocalities = true;
    QCOMPARE(compile::retryPolicy(remote, std::nullopt, false)->previousPrioritiesUpdate, 2U);
    remote.retryRemoteLocalities = false;
    QCOMPARE(compile::retryPolicy(remote, std::nullopt, false)->previousPrioritiesUpdate, 0U);

    QVERIFY(!compile::retryPolicy(std::nullopt, std::nullopt, true)->avoidPreviousHosts); // T9
    model::HttpRetry ignoring = retries(2);
    ignoring.retryIgnorePreviousHosts = true;
    QVERIFY(compile::retryPolicy(ignoring, std::nullopt, true)->avoidPreviousHosts);
    ignoring.retryIgnorePreviousHosts = false;
    QVERIFY(!compile::retryPolicy(ignoring, std::nullopt, false)->avoidPreviousHosts);

    // T10
    QCOMPARE(compile::inboundRetryPolicy(std::nullopt)->retryOn, std::string("reset-before-request"));
    QCOMPARE(compile::inboundRetryPolicy(std::nullopt)->numRetries, 2U);
    model::HttpRetry mesh;
    QVERIFY(!compile::inboundRetryPolicy(mesh));
    mesh.attempts = 5;
    QCOMPARE(compile::inboundRetryPolicy(mesh)->retryOn, std::string("reset-before-request"));
    QCOMPARE(compile::inboundRetryPolicy(mesh)->numRetries, 5U);
    mesh.retryOn = "reset,503";
    QCOMPARE(compile::inboundRetryPolicy(mesh)->retryOn, std::string("reset,retriable-status-codes"));
    QCOMPARE(compile::inboundRetryPolicy(mesh)->retriableStatusCodes, std::vector<std::uint32_t>{503});

    const auto ofMesh = compile::retryPolicy(std::nullopt, retries(4, "5xx"), false);
    QCOMPARE(ofMesh->numRetries, 4U);
    QCOMPARE(ofMesh->retryOn, std::string("5xx"));
    QVERIFY(!compile::retryPolicy(std::nullopt, retries(0), false));
}

QTEST_GUILESS_MAIN(TestRetry)
#include "test_retry.moc"
