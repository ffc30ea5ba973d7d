// SPDX-License-Identifier: GPL-3.0-or-later
// Retries: envoy-behaviour 4.4.
#include "tests/e2e/reference/statement_test.h"

class TestRetries : public reference::StatementTest
{
    const QByteArray m_failed =
        "503 Service Unavailable = upstream connect error or disconnect/reset before headers. ";
    const QString m_internal =
        R"("use_remote_address": true, "skip_xff_append": true, "internal_address_config":
            {"cidr_ranges": [{"address_prefix": "127.0.0.0", "prefix_len": 8}]})";

    static QJsonArray script(const QByteArray &head)
    {
        return {QString::fromLatin1("HTTP/1.1 " + head + "\r\ncontent-length: 0\r\n\r\n")};
    }
    QJsonObject upstreams() const override
    {
        return {
            {"up",
             QJsonObject{{"raw", QJsonObject{{"/limited", script("503 x\r\nx-envoy-ratelimited: true")},
                                             {"/limited-200", script("200 x\r\nx-envoy-ratelimited: true")},
                                             {"/reset-header", script("503 x\r\nretry-after: 1")}}}}},
            {"h2", QJsonObject{{"protocol", "h2"}}}};
    }

    /// Whether a first answer of this status is tried again under `retry_on`.
    void ofStatus(const QString &on, int code, bool retried, const QString &more = {})
    {
        const QByteArray status = QByteArray::number(code);
        stateOfPolicy(QString("4.4 %1: %2 is %3retried").arg(on).arg(code).arg(retried ? "" : "not "),
                      QString(R"("retry_on": "%1"%2)").arg(on, more))
            .asks(flaky(1, code))
            .logsLike(retried ? "200 - via_upstream" : status + " - via_upstream")
            .counts("cluster.c@n@.upstream_rq_retry", retried ? 1 : 0)
            .counts("cluster.c@n@.upstream_rq_retry_success", retried ? 1 : 0)
            .counts("cluster.c@n@.upstream_rq_retry_backoff_exponential", retried ? 1 : 0)
            .counts("cluster.c@n@.retry.upstream_rq_" + status,
                    retried ? std::optional<qint64>(1) : std::nullopt)
            .counts("cluster.c@n@.upstream_rq_" + status, retried ? std::nullopt : std::optional<qint64>(1))
            .answersSomehow();
    }

    void statuses()
    {
        for (const int code : {500, 501, 502, 503, 504, 599})
            ofStatus("5xx", code, true);
        for (const int code : {200, 404, 429, 499})
            ofStatus("5xx", code, false);
        for (const int code : {502, 503, 504})
            ofStatus("gateway-error", code, true);
        for (const int code : {500, 501, 505})
            ofStatus("gateway-error", code, false);
        ofStatus("retriable-4xx", 409, true);
        for (const int code : {400, 404, 408, 429})
            ofStatus("retriable-4xx", code, false);
        const QString codes = R"(, "retriable_status_codes": [418, 299])";
        for (const int code : {418, 299})
            ofStatus("retriable-status-codes", code, true, codes);
        ofStatus("retriable-status-codes", 503, false, codes);
        const QString headers =
            R"(, "retriable_headers": [{"name": "x-upstream", "string_match": {"exact": "up"}}])";
        ofStatus("retriable-headers", 201, false, R"(, "retriable_headers": [{"name": "x-none"}])");
        for (const char *word :
             {"reset", "connect-failure", "refused-stream", "reset-before-request", "nothing"})
            ofStatus(word, 503, false);
        ofStatus("connect-failure,gateway-error", 503, true);
        ofStatus("connect-failure, gateway-error", 503, true);
        stateOfPolicy("4.4 retriable-headers", R"("retry_on": "retriable-headers")" + headers)
            .asks(flaky(1, 201))
            .says("200 OK = recovered")
            .logs("200 URX via_upstream");
    }

    void failures()
    {
        const auto reset = [this](const QString &on, const char *what,
                                  bool retried) -> reference::Statement & {
            const bool connect = QByteArray(what) == "connect failure";
            return stateOfPolicy(QString("4.4 %1: a %2 is %3retried").arg(on, what, retried ? "" : "not "),
                                 QString(R"("retry_on": "%1", "num_retries": 2)").arg(on), {},
                                 connect ? "nobody" : "up")
                .asks(get("/close"))
                .says(m_failed + (retried ? "retried and the latest reset reason: " : "reset reason: ") +
                      (connect ? "remote connection failure" : "connection termination"))
                .logsLike(QString(retried ? "503 URX,%1 .*" : "503 %1 .*").arg(connect ? "UF" : "UC"))
                .counts("cluster.c@n@.upstream_rq_retry", retried ? 2 : 0)
                .counts("cluster.c@n@.upstream_rq_retry_limit_exceeded", retried ? 1 : 0)
                .counts("cluster.c@n@.upstream_rq_retry_success", 0);
        };
        for (const char *on : {"5xx", "gateway-error", "reset"}) {
            reset(on, "connect failure", true);
            reset(on, "connection termination", true);
        }
        for (const char *on : {"connect-failure", "reset-before-request"}) {
            reset(on, "connect failure", true);
            reset(on, "connection termination", false);
        }
        for (const char *on : {"refused-stream", "retriable-4xx", "retriable-status-codes"}) {
            reset(on, "connect failure", false);
            reset(on, "connection termination", false);
        }
        const QString h2 = httpOptions(R"("explicit_http_config": {"http2_protocol_options": {}})");
        const auto h2Reset = [&](const QByteArray &error, const QByteArray &on, bool retried) {
            stateOfPolicy("4.4 " + on + ": " + error, "\"retry_on\": \"" + on + '"', h2, "h2")
                .asks(get("/h2-reset/" + error))
                .says(m_failed + (retried ? "retried and the latest reset reason: " : "reset reason: ") +
                      (error == "REFUSED_STREAM" ? "remote refused stream reset" : "remote reset"))
                .logsLike(retried ? "503 URX,UR .*" : "503 UR .*");
        };
        h2Reset("REFUSED_STREAM", "refused-stream", true);
        h2Reset("CANCEL", "refused-stream", false);
        h2Reset("CANCEL", "reset", true);
        h2Reset("REFUSED_STREAM", "connect-failure", false);
        stateOfPolicy("4.4 overflow is never retried", R"("retry_on": "5xx,reset,connect-failure")",
                      R"("circuit_breakers": {"thresholds": [{"max_pending_requests": 0}]})")
            .asks(get("/"))
            .says(m_failed + "reset reason: overflow")
            .logs("503 UO upstream_reset_before_response_started{overflow}")
            .counts("cluster.c@n@.upstream_rq_retry", 0);
        stateOfPolicy("4.4 the global timeout is never retried", R"("retry_on": "5xx,reset")")
            .withRoutes(routeTo("c@n@", R"("timeout": "0.1s", "retry_policy": {"retry_on": "5xx,reset"})"))
            .asks(get("/hang"))
            .says("504 Gateway Timeout = upstream request timeout")
            .logs("504 UT response_timeout")
            .counts("cluster.c@n@.upstream_rq_retry", 0)
            .counts("cluster.c@n@.upstream_rq_timeout", 1);
        stateOfPolicy("4.4 a per-try timeout is a reset", R"("retry_on": "reset", "per_try_timeout": "0.1s")")
            .asks(get("/hang"))
            .says("504 Gateway Timeout = upstream request timeout")
            .logs("504 URX,UT upstream_per_try_timeout")
            .counts("cluster.c@n@.upstream_rq_per_try_timeout", 2);
        stateOfPolicy("4.4 a per-try timeout that no word covers",
                      R"("retry_on": "connect-failure", "per_try_timeout": "0.1s")")
            .asks(get("/hang"))
            .says("504 Gateway Timeout = upstream request timeout")
            .logs("504 UT upstream_per_try_timeout");
    }

    void grpc()
    {
        for (const auto &[word, status] : {std::pair{"cancelled", 1},
                                           {"deadline-exceeded", 4},
                                           {"resource-exhausted", 8},
                                           {"internal", 13},
                                           {"unavailable", 14}}) {
            for (const int answered : {status, 2, 0})
                stateOfPolicy(QString("4.4 %1: grpc-status %2").arg(word).arg(answered),
                              QString(R"("retry_on": "%1")").arg(word))
                    .asks(get("/response-headers?grpc-status=" + QByteArray::number(answered)))
                    .says("200 OK = ok")
                    .logs(answered == status ? "200 URX via_upstream" : "200 - via_upstream")
                    .counts("cluster.c@n@.upstream_rq_retry", answered == status ? 1 : 0);
        }
    }

    void rules()
    {
        stateOfPolicy("4.1 one retry by default", R"("retry_on": "5xx")")
            .asks(flaky(2, 503))
            .says("503 Service Unavailable = flaky")
            .logs("503 URX via_upstream")
            .counts("cluster.c@n@.upstream_rq_retry", 1)
            .counts("cluster.c@n@.upstream_rq_retry_limit_exceeded", 1);
        stateOfPolicy("4.4 no retries at all", R"("retry_on": "5xx", "num_retries": 0)")
            .asks(flaky(1, 503))
            .says("503 Service Unavailable = flaky")
            .logs("503 URX via_upstream")
            .counts("cluster.c@n@.upstream_rq_retry_limit_exceeded", 1);
        stateOfPolicy("4.4 envoy-ratelimited", R"("retry_on": "envoy-ratelimited")")
            .asks(get("/limited"))
            .says("503 Service Unavailable")
            .logs("503 URX via_upstream");
        stateOfPolicy("4.4 envoy-ratelimited with any status", R"("retry_on": "envoy-ratelimited")")
            .asks(get("/limited-200"))
            .says("200 OK")
            .logs("200 URX via_upstream");
        stateOfPolicy("4.4 rate limited answers are not retried without that word", R"("retry_on": "5xx")")
            .asks(get("/limited"))
            .says("503 Service Unavailable")
            .logs("503 - via_upstream")
            .counts("cluster.c@n@.upstream_rq_retry", 0);
        const QString limited = R"("retry_on": "5xx", "rate_limited_retry_back_off": {"reset_headers":
            [{"name": "retry-after", "format": "SECONDS"}], "max_interval": "%1"})";
        stateOfPolicy("4.4 a rate-limited back-off", limited.arg("2s"))
            .asks(get("/reset-header"))
            .says("503 Service Unavailable")
            .logs("503 URX via_upstream")
            .counts("cluster.c@n@.upstream_rq_retry_backoff_ratelimited", 1)
            .counts("cluster.c@n@.upstream_rq_retry_backoff_exponential", 0);
        stateOfPolicy("4.4 a rate-limited back-off above the longest", limited.arg("0.5s"))
            .asks(get("/reset-header"))
            .says("503 Service Unavailable")
            .logs("503 URX via_upstream")
            .counts("cluster.c@n@.upstream_rq_retry_backoff_ratelimited", 0)
            .counts("cluster.c@n@.upstream_rq_retry_backoff_exponential", 1);
        stateOfPolicy("4.4 a body is replayed", R"("retry_on": "5xx")")
            .asks(request("POST", "/flaky/body/1/503", "content-length: 4\r\n", "body"))
            .says("200 OK = recovered")
            .forwards("POST /flaky/body/1/503 | host: h | content-length: 4 | = body\nPOST /flaky/body/1/503 "
                      "| host: h | content-length: 4 | = body");
        stateOfPolicy("4.4 a body above the limit is not", R"("retry_on": "5xx")")
            .withHost(R"("per_request_buffer_limit_bytes": 3)")
            .asks(request("POST", "/flaky/large/1/503", "content-length: 4\r\n", "body"))
            .says("503 Service Unavailable = flaky")
            .counts("cluster.c@n@.retry_or_shadow_abandoned", 1)
            .counts("cluster.c@n@.upstream_rq_retry", 0);
        stateOfPolicy("3.4 attempts are counted for both sides", R"("retry_on": "5xx")")
            .withHost(R"("include_request_attempt_count": true, "include_attempt_count_in_response": true)")
            .asks(get("/flaky/count/1/503"))
            .answers("200 OK | content-type: text/plain | x-upstream: up | x-attempts: 2 | content-length: 9 "
                     "| x-envoy-attempt-count: 2 | = recovered")
            .forwards("GET /flaky/count/1/503 | host: h | x-envoy-attempt-count: 1\nGET /flaky/count/1/503 | "
                      "host: h | x-envoy-attempt-count: 2");
    }

    void requestsOwnWords()
    {
        const auto own = [this](const char *what, const QByteArray &lines, int times,
                                int code) -> reference::Statement & {
            return stateOfPolicy(QString("4.4 an internal client's ") + what, {})
                .withManager(m_internal)
                .asks(flaky(times, code, lines));
        };
        own("x-envoy-retry-on", "x-envoy-retry-on: 5xx\r\n", 1, 503).says("200 OK = recovered");
        own("x-envoy-max-retries", "x-envoy-retry-on: 5xx\r\nx-envoy-max-retries: 3\r\n", 3, 503)
            .says("200 OK = recovered")
            .counts("cluster.c@n@.upstream_rq_retry", 3);
        own("x-envoy-retriable-status-codes",
            "x-envoy-retry-on: retriable-status-codes\r\nx-envoy-retriable-status-codes: 418, 419\r\n", 1,
            419)
            .says("200 OK = recovered");
        own("x-envoy-retriable-header-names",
            "x-envoy-retry-on: retriable-headers\r\nx-envoy-retriable-header-names: X-None,x-upstream\r\n", 1,
            204)
            .says("200 OK = recovered");
        own("x-envoy-max-retries without a word", "x-envoy-max-retries: 3\r\n", 1, 503)
            .says("503 Service Unavailable = flaky");
        const auto timeouts = [this](const char *what, const QByteArray &lines, const QByteArray &forwarded) {
            state(QString("4.4 ") + what)
                .withManager(m_internal)
                .withRoutes(routeTo("up", R"("timeout": "9s")"))
                .showing({"x-envoy-expected-rq-timeout-ms"})
                .asks(get("/", lines))
                .says("200 OK = ok")
                .forwards("GET / | host: h | x-envoy-internal: true" + forwarded);
        };
        timeouts("the route's timeout", {}, " | x-envoy-expected-rq-timeout-ms: 9000");
        timeouts("x-envoy-upstream-rq-timeout-ms", "x-envoy-upstream-rq-timeout-ms: 8000\r\n",
                 " | x-envoy-expected-rq-timeout-ms: 8000");
        timeouts("x-envoy-upstream-rq-timeout-ms of 0", "x-envoy-upstream-rq-timeout-ms: 0\r\n", {});
        timeouts("x-envoy-upstream-rq-per-try-timeout-ms", "x-envoy-upstream-rq-per-try-timeout-ms: 700\r\n",
                 " | x-envoy-expected-rq-timeout-ms: 700");
        timeouts("a per-try timeout above the global one is ignored",
                 "x-envoy-upstream-rq-timeout-ms: 800\r\nx-envoy-upstream-rq-per-try-timeout-ms: 900\r\n",
                 " | x-envoy-expected-rq-timeout-ms: 800");
        timeouts("a per-try timeout equal to the global one is ignored",
                 "x-envoy-upstream-rq-timeout-ms: 800\r\nx-envoy-upstream-rq-per-try-timeout-ms: 800\r\n",
                 " | x-envoy-expected-rq-timeout-ms: 800");
    }

    void statements() override
    {
        statuses();
        failures();
        grpc();
        rules();
        requestsOwnWords();
    }
};

QTEST_GUILESS_MAIN(TestRetries)
