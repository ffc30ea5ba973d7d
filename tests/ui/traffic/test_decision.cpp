// SPDX-License-Identifier: GPL-3.0-or-later
#include "recorded_entries.h"
#include "ui/traffic/decision.h"
#include "ui/traffic/request_row.h"
#include "ui/traffic/tls_failure.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::traffic;

namespace {

std::vector<LogLine> linesOf(const QJsonObject &exchange)
{
    std::vector<LogLine> lines;
    for (const control::LogEntry &entry : test::goldenEntries(exchange, QStringLiteral("id")))
        lines.push_back(LogLine::from(entry));
    return lines;
}

/// One line of a gateway as Istio's JSON log has it.
LogLine line(int status, const QString &flags, const QString &details, const QString &failure = {})
{
    LogLine made;
    made.proxy = QStringLiteral("primary:istio-system/istio-egressgateway");
    made.method = QStringLiteral("GET");
    made.authority = QStringLiteral("test.com");
    made.path = QStringLiteral("/get");
    made.status = status;
    made.flags = flags;
    made.details = details;
    made.failure = failure;
    made.cluster = QStringLiteral("outbound|443||test.com");
    made.durationMs = 12;
    return made;
}

QString rbac(const char *rule)
{
    return QStringLiteral("rbac_access_denied_matched_policy[%1]").arg(QLatin1String(rule));
}

} // namespace

class TestDecision : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void guideStages_data();
    void guideStages();
    void everyGoldenAnswerIsExplained();
    void details_data();
    void details();
    void tcp_data();
    void tcp();
    void tlsFailures_data();
    void tlsFailures();
    void policyRules();
    void theHopBeforeACutConnectionDecides();
    void retriesAreAttemptsOfOneHop();
};

void TestDecision::guideStages_data()
{
    QTest::addColumn<int>("stage");
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("decision");
    QTest::addColumn<QString>("cluster");
    QTest::addColumn<QList<int>>("hops");
    const int ok = int(Outcome::Passed);
    const int no = int(Outcome::Refused);
    const int bad = int(Outcome::Failed);
    QTest::newRow("stage 1, the teapot is the application's own answer")
        << 1 << "http://test.com/status/418"
        << "application @ httpbin"
        << "PassthroughCluster" << QList<int>{ok, ok, no};
    QTest::newRow("stage 2, unregistered host") << 2 << "http://other.com/"
                                                << "REGISTRY_ONLY @ sleep"
                                                << "" << QList<int>{bad};
    QTest::newRow("stage 3, through the egress gateway in plaintext")
        << 3 << "http://test.com/status/200"
        << ""
        << "outbound|80||test.com" << QList<int>{ok, ok, ok, ok};
    QTest::newRow("stage 4, mTLS, allowed") << 4 << "http://test.com/status/200"
                                            << ""
                                            << "outbound|443||test.com" << QList<int>{ok, ok, ok, ok};
    QTest::newRow("stage 4, refused by the external gateway's policy")
        << 4 << "http://test.com/status/418"
        << "restrict-test-client @ istio-ingressgateway"
        << "outbound|443||test.com" << QList<int>{ok, ok, no};
    QTest::newRow("stage 5, refused at the egress") << 5 << "http://test.com/headers"
                                                    << "test @ istio-egressgateway"
                                                    << "outbound|443||test.com" << QList<int>{ok, no};
    QTest::newRow("stage 5, unregistered host") << 5 << "http://other.com/"
                                                << "REGISTRY_ONLY @ sleep"
                                                << "" << QList<int>{bad};
}

void TestDecision::guideStages()
{
    QFETCH(int, stage);
    QFETCH(QString, url);
    QFETCH(QString, decision);
    QFETCH(QString, cluster);
    QFETCH(QList<int>, hops);
    bool found = false;
    for (const QJsonValue value : test::goldenExchanges(QStringLiteral("guide-stage-%1").arg(stage))) {
        const QJsonObject exchange = value.toObject();
        if (exchange["request"]["url"].toString() != url)
            continue;
        found = true;
        std::vector<LogLine> lines = linesOf(exchange);
        const RequestRow row = summarize(lines);
        QCOMPARE(row.decision(), decision);
        QCOMPARE(row.status, exchange["answer"]["status"].toInt());
        QCOMPARE(row.cluster, cluster);
        QCOMPARE(row.source, QStringLiteral("primary:default/sleep"));
        QList<int> marks;
        for (const HopMark &hop : row.hops)
            marks.append(int(hop.outcome));
        QCOMPARE(marks, hops);
        break;
    }
    QVERIFY2(found, "the vector has no such request");
}

void TestDecision::everyGoldenAnswerIsExplained()
{
    int checked = 0;
    for (int stage = 1; stage <= 5; ++stage) {
        for (const QJsonValue value : test::goldenExchanges(QStringLiteral("guide-stage-%1").arg(stage))) {
            const QJsonObject exchange = value.toObject();
            std::vector<LogLine> lines = linesOf(exchange);
            const RequestRow row = summarize(lines);
            const Decision decision = decide(lines);
            const QString body = exchange["answer"]["body"].toString();
            const int status = exchange["answer"]["status"].toInt();
            QCOMPARE(row.status, status);
            // The hops come in the vector's order, which is the way of the request.
            const QJsonArray hops = exchange["hops"].toArray();
            QCOMPARE(lines.size(), std::size_t(hops.size()));
            for (qsizetype i = 0; i < hops.size(); ++i)
                QCOMPARE(lines[std::size_t(i)].proxy, hops[i]["proxy"].toString());
            if (body == QLatin1String("RBAC: access denied")) {
                QVERIFY(decision.kind == Decision::Kind::Policy ||
                        decision.kind == Decision::Kind::NoAllowPolicy);
                QVERIFY(
                    lines[std::size_t(decision.hop)].details.startsWith(QLatin1String("rbac_access_denied")));
            }
            const bool decided = lines.back().details != QLatin1String("via_upstream") || status >= 400;
            QCOMPARE(decision.by.isEmpty(), !decided);
            QCOMPARE(decision.sentence.isEmpty(), !decided);
            ++checked;
        }
    }
    QVERIFY(checked >= 20);
}

void TestDecision::details_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("flags");
    QTest::addColumn<QString>("details");
    QTest::addColumn<QString>("failure");
    QTest::addColumn<QString>("by");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("sentenceHas");
    using Kind = Decision::Kind;
    const auto row = [](const char *name, int status, const char *flags, const QString &details,
                        const QString &failure, const char *by, Kind kind, const char *sentence) {
        QTest::newRow(name) << status << flags << details << failure << by << int(kind) << sentence;
    };
    // Details, flags and failures as the golden meshes have them.
    row("policy", 403, "", rbac("ns[istio-system]-policy[test]-rule[0]"), {}, "test", Kind::Policy,
        "refused test.com/get: AuthorizationPolicy istio-system/test, rule 0, denies it");
    row("no allow policy", 403, "", rbac("none"), {}, "no ALLOW policy matches", Kind::NoAllowPolicy,
        "none of their rules");
    row("no route", 404, "NR", "route_not_found", {}, "no route", Kind::Route, "no route for test.com/get");
    row("unknown cluster", 503, "NC", "cluster_not_found", {}, "unknown destination", Kind::Route,
        "route for test.com/get, but does not know its destination");
    row("no endpoint", 503, "UH", "no_healthy_upstream", {}, "no endpoint", Kind::Connect,
        "outbound|443||test.com");
    row("refused connection", 503, "URX,UF",
        "upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_"
        "refused}",
        "delayed_connect_error:_Connection_refused", "connection refused", Kind::Connect,
        "nothing listens on that port. Its retries ended the same way.");
    row("reason only in the details", 503, "UF",
        "upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_"
        "refused}",
        {}, "connection refused", Kind::Connect, "nothing listens");
    row("connect timeout", 503, "UF", "upstream_reset_before_response_started{connection_timeout}", {},
        "connect timeout", Kind::Connect, "in time");
    row("closed", 503, "UC", "upstream_reset_before_response_started{connection_termination}", {},
        "connection closed", Kind::Connect, "TLS 1.3");
    row("overflow", 503, "UO", "upstream_reset_before_response_started{overflow}", {}, "circuit breaker",
        Kind::Filter, "connectionPool");
    row("no HTTP/2 there", 502, "UPE", "upstream_reset_before_response_started{protocol_error}", {},
        "protocol error", Kind::Protocol, "not the HTTP that was expected");
    row("broken off in the body", 200, "UPE", "upstream_reset_after_response_started{protocol_error}", {},
        "protocol error", Kind::Protocol, "did not understand");
    row("timeout", 504, "UT", "response_timeout", {}, "timeout", Kind::Timeout, "12 ms");
    row("per try", 504, "URX,UT", "upstream_per_try_timeout", {}, "timeout per try", Kind::Timeout,
        "perTryTimeout");
    row("fault", 555, "FI", "fault_filter_abort", {}, "fault injection", Kind::Route, "fault");
    row("redirect", 301, "", "direct_response", {}, "redirect", Kind::Route, "redirect");
    row("direct response", 503, "", "direct_response", {}, "direct response", Kind::Route,
        "answered 503 itself");
    row("CORS", 200, "", "cors_response", {}, "CORS policy", Kind::Route, "preflight");
    row("rate limit", 429, "RL", "local_rate_limited", {}, "rate limit", Kind::Filter, "rate limit");
    row("JWT", 401, "", "jwt_authn_access_denied{Jwt_is_missing}", {}, "JWT", Kind::Filter, "Jwt is missing");
    row("external authorization", 403, "UAEX", "ext_authz_denied", {}, "external authorization", Kind::Filter,
        "authorizer");
    row("TLS on a plaintext port", 400, "DPE", "http1.codec_error", {}, "not HTTP", Kind::Protocol,
        "plaintext port");
    row("old version", 426, "DPE", "low_version", {}, "old HTTP version", Kind::Protocol, "HTTP/1.1");
    row("bad path", 400, "", "path_normalization_failed", {}, "bad path", Kind::Protocol, "normalized");
    row("client left", 0, "DC", "downstream_remote_disconnect", {}, "client left", Kind::Client, "12 ms");
    row("something new", 507, "", "request_payload_exceeded_retry_buffer_limit", {},
        "request payload exceeded retry buffer limit", Kind::Other, "answered 507 itself");
    row("parser's own words", 431, "DPE", "http1.headers_too_large", {}, "http1.headers too large",
        Kind::Protocol, "431");
}

void TestDecision::details()
{
    QFETCH(int, status);
    QFETCH(QString, flags);
    QFETCH(QString, details);
    QFETCH(QString, failure);
    QFETCH(QString, by);
    QFETCH(int, kind);
    QFETCH(QString, sentenceHas);
    const std::vector<LogLine> lines{line(status, flags, details, failure)};
    const Decision decision = decide(lines);
    QCOMPARE(decision.by, by);
    QCOMPARE(int(decision.kind), kind);
    QCOMPARE(decision.proxy, lines.front().proxy);
    QVERIFY2(decision.sentence.contains(sentenceHas), qPrintable(decision.sentence));
    QVERIFY2(decision.sentence.startsWith(QLatin1String("istio-egressgateway ")),
             qPrintable(decision.sentence));
    QVERIFY2(!decision.sentence.contains(QLatin1Char('%')), qPrintable(decision.sentence));
}

void TestDecision::tcp_data()
{
    QTest::addColumn<QString>("flags");
    QTest::addColumn<QString>("cluster");
    QTest::addColumn<QString>("termination");
    QTest::addColumn<QString>("failure");
    QTest::addColumn<QString>("by");
    QTest::addColumn<int>("outcome");
    QTest::newRow("bytes went through") << ""
                                        << "outbound|9000||db.test.com"
                                        << ""
                                        << ""
                                        << "" << int(Outcome::Passed);
    QTest::newRow("black hole") << "UH"
                                << "BlackHoleCluster"
                                << ""
                                << ""
                                << "REGISTRY_ONLY" << int(Outcome::Failed);
    QTest::newRow("policy") << ""
                            << "outbound|9000||db.test.com" << rbac("ns[istio-system]-policy[wide]-rule[0]")
                            << ""
                            << "wide" << int(Outcome::Refused);
    QTest::newRow("refused") << "UF,URX"
                             << "PassthroughCluster"
                             << ""
                             << "delayed_connect_error:_Connection_refused"
                             << "connection refused" << int(Outcome::Failed);
    QTest::newRow("not TLS")
        << "UF,URX"
        << "outbound|443||test.com"
        << ""
        << "TLS_error:|268435703:SSL_routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end"
        << "TLS: plaintext server" << int(Outcome::Failed);
    QTest::newRow("reset") << "UR"
                           << "outbound|443||test.com"
                           << ""
                           << ""
                           << "connection reset" << int(Outcome::Failed);
}

void TestDecision::tcp()
{
    QFETCH(QString, flags);
    QFETCH(QString, cluster);
    QFETCH(QString, termination);
    QFETCH(QString, failure);
    QFETCH(QString, by);
    QFETCH(int, outcome);
    LogLine connection;
    connection.proxy = QStringLiteral("primary:default/sleep");
    connection.status = 0;
    connection.flags = flags;
    connection.cluster = cluster;
    connection.termination = termination;
    connection.failure = failure;
    connection.downstreamLocal = QStringLiteral("198.51.100.30:9000");
    std::vector<LogLine> lines{connection};
    const Decision decision = decide(lines);
    QCOMPARE(decision.by, by);
    QCOMPARE(int(decision.outcome), outcome);
    const RequestRow row = summarize(lines);
    QCOMPARE(row.method, QStringLiteral("TCP"));
    QCOMPARE(row.host, QStringLiteral("198.51.100.30:9000"));
}

void TestDecision::tlsFailures_data()
{
    QTest::addColumn<QString>("reason");
    QTest::addColumn<QString>("brief");
    QTest::addColumn<QString>("causeHas");
    const auto boring = [](const char *word) {
        return QStringLiteral("TLS_error:|268435581:SSL_routines:OPENSSL_internal:%1:TLS_error_end")
            .arg(QLatin1String(word));
    };
    QTest::newRow("unknown CA") << boring("CERTIFICATE_VERIFY_FAILED:verify_cert_failed:_X509_verify_cert:_"
                                          "certificate_verification_error_at_"
                                          "depth_0:_unable_to_get_local_issuer_certificate")
                                << "TLS: unknown CA"
                                << "not trusted";
    QTest::newRow("expired") << boring("CERTIFICATE_VERIFY_FAILED:verify_cert_failed:_X509_verify_cert:_"
                                       "certificate_verification_error_at_"
                                       "depth_0:_certificate_has_expired")
                             << "TLS: expired certificate"
                             << "expired";
    QTest::newRow("wrong name, all SANs known") << boring("CERTIFICATE_VERIFY_FAILED:verify_cert_failed:_"
                                                          "verify_SAN_list,_expected_SANs:_[a.b.test.com],_"
                                                          "certificate_SANs:_[test.com,_*.test.com]")
                                                << "TLS: wrong name"
                                                << "is for test.com, *.test.com, not for a.b.test.com";
    QTest::newRow("wrong name, as a matcher says it")
        << boring("CERTIFICATE_VERIFY_FAILED:verify_cert_failed:_SAN_matcher,_certificate_SANs_are_[a,_b]")
        << "TLS: wrong name"
        << "is for a, b, which is no name that is accepted";
    QTest::newRow("secret") << "TLS_error:_Secret_is_not_supplied_by_SDS"
                            << "TLS: secret missing"
                            << "never supplied";
    QTest::newRow("plaintext server") << boring("WRONG_VERSION_NUMBER") << "TLS: plaintext server"
                                      << "does not speak TLS";
    QTest::newRow("reset in the handshake")
        << "TLS_error:|33554536:system_library:OPENSSL_internal:Connection_reset_by_peer:TLS_error_end"
        << "TLS: closed in the handshake"
        << "during the TLS handshake";
    QTest::newRow("client certificate from another CA")
        << boring("TLSV1_ALERT_UNKNOWN_CA") << "TLS: client certificate from unknown CA"
        << "client certificate";
    QTest::newRow("client certificate wanted")
        << boring("TLSV1_ALERT_CERTIFICATE_REQUIRED") << "TLS: client certificate required"
        << "got none";
    QTest::newRow("versions") << boring("TLSV1_ALERT_PROTOCOL_VERSION") << "TLS: no common version"
                              << "version";
    QTest::newRow("OpenSSL's lower case with spaces")
        << "TLS error:|0A000086:SSL routines:tls_post_process_server_certificate:certificate verify "
           "failed:unable to get "
           "local issuer certificate:TLS_error_end"
        << "TLS: unknown CA"
        << "not trusted";
    QTest::newRow("a word of its own") << boring("BAD_DH_P_LENGTH") << "TLS error"
                                       << "BAD_DH_P_LENGTH";
    QTest::newRow("refused") << "delayed_connect_error:_Connection_refused"
                             << "connection refused"
                             << "nothing listens";
    QTest::newRow("reset without TLS") << "delayed_connect_error:_Connection_reset_by_peer"
                                       << "connection reset"
                                       << "reset";
    QTest::newRow("nothing known") << "something_else"
                                   << ""
                                   << "";
    QTest::newRow("nothing") << ""
                             << ""
                             << "";
}

void TestDecision::tlsFailures()
{
    QFETCH(QString, reason);
    QFETCH(QString, brief);
    QFETCH(QString, causeHas);
    const auto failure = explainTransportFailure(reason);
    QCOMPARE(failure.has_value(), !brief.isEmpty());
    if (failure) {
        QCOMPARE(failure->brief, brief);
        QVERIFY2(failure->cause.contains(causeHas), qPrintable(failure->cause));
    }
}

void TestDecision::policyRules()
{
    const auto rule = parsePolicyRule(u"ns[istio-system]-policy[restrict-test-client]-rule[12]");
    QVERIFY(rule);
    QCOMPARE(rule->nameSpace, QStringLiteral("istio-system"));
    QCOMPARE(rule->name, QStringLiteral("restrict-test-client"));
    QCOMPARE(rule->rule, 12);
    QVERIFY(!parsePolicyRule(u"none"));
    QVERIFY(!parsePolicyRule(u"ns[a]-policy[b]-rule[x]"));
    QVERIFY(!parsePolicyRule(u"ns[a]-policy[b"));
    QVERIFY(!parsePolicyRule(u""));
}

void TestDecision::theHopBeforeACutConnectionDecides()
{
    // routing-timeout: the egress gateway gives up and cuts off the gateway behind it.
    LogLine sleep = line(504, {}, "via_upstream");
    sleep.proxy = QStringLiteral("primary:default/sleep");
    const LogLine egress = line(504, "UT", "response_timeout");
    LogLine ingress = line(0, "DC", "downstream_remote_disconnect");
    ingress.proxy = QStringLiteral("external:istio-system/istio-ingressgateway");
    const std::vector<LogLine> lines{sleep, egress, ingress};
    const Decision decision = decide(lines);
    QCOMPARE(decision.kind, Decision::Kind::Timeout);
    QCOMPARE(decision.hop, 1);
    QCOMPARE(decision.outcome, Outcome::Failed);
}

void TestDecision::retriesAreAttemptsOfOneHop()
{
    // routing-retries: each attempt is a line in the next hop's log.
    LogLine egress = line(503, "URX", "via_upstream");
    egress.upstreamHost = QStringLiteral("external:istio-system/istio-ingressgateway:80");
    egress.durationMs = 90;
    std::vector<LogLine> lines{egress};
    for (int i = 0; i < 3; ++i) {
        LogLine attempt = line(503, {}, "via_upstream");
        attempt.proxy = QStringLiteral("external:istio-system/istio-ingressgateway");
        attempt.upstreamHost = QStringLiteral("external:default/httpbin:80");
        attempt.startUs = egress.startUs + 20'000 * (i + 1);
        lines.push_back(attempt);
    }
    const RequestRow row = summarize(lines);
    QCOMPARE(row.hops.size(), std::size_t(2));
    QCOMPARE(row.hops[1].attempts, 3);
    QCOMPARE(row.decision(), QStringLiteral("application @ httpbin"));
    QCOMPARE(row.flags, QStringLiteral("URX"));
}

QTEST_GUILESS_MAIN(TestDecision)
#include "test_decision.moc"
