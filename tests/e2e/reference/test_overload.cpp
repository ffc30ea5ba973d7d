// SPDX-License-Identifier: GPL-3.0-or-later
// Circuit breakers and outlier detection: envoy-behaviour 4.5 and 4.6.
#include "tests/e2e/reference/statement_test.h"

class TestOverload : public reference::StatementTest
{
    const QByteArray m_failed =
        "503 Service Unavailable = upstream connect error or disconnect/reset before headers. ";

    void breakers()
    {
        const QString retries = R"("circuit_breakers": {"thresholds": [{%1}]})";
        const auto row = [&](const char *what, const QString &thresholds) -> reference::Statement & {
            return stateOfPolicy(QString("4.5 ") + what, R"("retry_on": "5xx")", retries.arg(thresholds))
                .asks(flaky(1, 503));
        };
        row("max_retries 0", R"("max_retries": 0)")
            .says("503 Service Unavailable = flaky")
            .logs("503 UO via_upstream")
            .counts("cluster.c@n@.upstream_rq_retry_overflow", 1);
        row("max_retries by default", {})
            .says("200 OK = recovered")
            .counts("cluster.c@n@.circuit_breakers.default.rq_retry_open", 0);
        row("a retry budget replaces max_retries", R"("max_retries": 0, "retry_budget": {})")
            .says("200 OK = recovered");
        row("an empty retry budget",
            R"("retry_budget": {"budget_percent": {"value": 0}, "min_retry_concurrency": 0})")
            .says("503 Service Unavailable = flaky")
            .logs("503 UO via_upstream")
            .counts("cluster.c@n@.upstream_rq_retry_overflow", 1);
        row("a retry budget of all that run",
            R"("retry_budget": {"budget_percent": {"value": 100}, "min_retry_concurrency": 0})")
            .says("200 OK = recovered");
        row("a retry budget's least concurrency",
            R"("retry_budget": {"budget_percent": {"value": 0}, "min_retry_concurrency": 1})")
            .says("200 OK = recovered");
        stateOfPolicy("4.5 max_requests 0", {}, retries.arg(R"("max_requests": 0)"))
            .asks(get("/"))
            .says(m_failed + "reset reason: overflow")
            .counts("cluster.c@n@.upstream_rq_active_overflow", 1)
            .counts("cluster.c@n@.upstream_rq_pending_overflow", 0)
            .counts("cluster.c@n@.upstream_rq_total", 0);
        stateOfPolicy("4.5 max_connections 0 still opens one", {}, retries.arg(R"("max_connections": 0)"))
            .asks(get("/"))
            .says("200 OK = ok")
            .counts("cluster.c@n@.upstream_cx_overflow", 1)
            .counts("cluster.c@n@.circuit_breakers.default.cx_open", 1);
        stateOfPolicy("4.5 another priority's limits", {},
                      R"("circuit_breakers": {"thresholds": [{"priority": "HIGH", "max_requests": 0}]})")
            .asks(get("/"))
            .says("200 OK = ok")
            .counts("cluster.c@n@.circuit_breakers.default.rq_open", 0);
        stateOfPolicy("4.5 what remains", {}, retries.arg(R"("track_remaining": true, "max_requests": 7)"))
            .asks(get("/"))
            .says("200 OK = ok")
            .counts("cluster.c@n@.circuit_breakers.default.remaining_rq", 7)
            .counts("cluster.c@n@.circuit_breakers.default.remaining_retries", 3)
            .counts("cluster.c@n@.circuit_breakers.default.remaining_pending", 1024);
    }

    void outliers()
    {
        const auto row = [this](const char *what, const QString &detection, const QList<int> &statuses,
                                const QString &port = "up") -> reference::Statement & {
            reference::Statement &made = stateOfPolicy(
                QString("4.6 ") + what, {},
                QString(
                    R"("common_lb_config": {"healthy_panic_threshold": {"value": 0}}, "outlier_detection": {%1})")
                    .arg(detection),
                port);
            // An ejection takes its way over another thread.
            for (const int status : statuses)
                made.asks(get("/status/" + QByteArray::number(status)), {})
                    .does("response", "GET")
                    .does("sleep_ms", 100);
            made.methods = {};
            return made.answersSomehow();
        };
        const QString prefix = "cluster.c@n@.outlier_detection.";
        const QString all = R"(, "max_ejection_percent": 100)";
        row("5xx in a row eject", R"("consecutive_5xx": 2)" + all, {503, 500, 200})
            .counts(prefix + "ejections_enforced_consecutive_5xx", 1)
            .counts(prefix + "ejections_detected_consecutive_5xx", 1)
            .counts(prefix + "ejections_active", 1)
            .counts(prefix + "ejections_enforced_total", 1)
            .counts("cluster.c@n@.upstream_cx_none_healthy", 1)
            .logs("503 - via_upstream\n500 - via_upstream\n503 UH no_healthy_upstream");
        row("any other status resets the count", R"("consecutive_5xx": 2)" + all, {503, 404, 503, 200})
            .counts(prefix + "ejections_detected_consecutive_5xx", 0)
            .logs("503 - via_upstream\n404 - via_upstream\n503 - via_upstream\n200 - via_upstream");
        row("10 % of one host is none", R"("consecutive_5xx": 2)", {503, 503, 200})
            .counts(prefix + "ejections_overflow", 1)
            .counts(prefix + "ejections_enforced_total", 0)
            .logs("503 - via_upstream\n503 - via_upstream\n200 - via_upstream");
        row("five in a row by default", QString(R"("max_ejection_percent": 100)"), {500, 500, 500, 500, 200})
            .counts(prefix + "ejections_detected_consecutive_5xx", 0);
        row("five in a row by default eject", QString(R"("max_ejection_percent": 100)"),
            {500, 500, 500, 500, 500})
            .counts(prefix + "ejections_enforced_consecutive_5xx", 1);
        row("not enforced", R"("consecutive_5xx": 1, "enforcing_consecutive_5xx": 0)" + all, {503, 200})
            .counts(prefix + "ejections_detected_consecutive_5xx", 1)
            .counts(prefix + "ejections_enforced_consecutive_5xx", 0)
            .logs("503 - via_upstream\n200 - via_upstream");
        row("gateway failures are not enforced by default", R"("consecutive_gateway_failure": 2)" + all,
            {503, 504, 200})
            .counts(prefix + "ejections_detected_consecutive_gateway_failure", 1)
            .counts(prefix + "ejections_enforced_consecutive_gateway_failure", 0);
        row("another 5xx resets the gateway failures",
            R"("consecutive_gateway_failure": 2, "enforcing_consecutive_gateway_failure": 100)" + all,
            {503, 500, 502, 200})
            .counts(prefix + "ejections_detected_consecutive_gateway_failure", 0);
        row("gateway failures eject",
            R"("consecutive_gateway_failure": 2, "enforcing_consecutive_gateway_failure": 100)" + all,
            {503, 502})
            .counts(prefix + "ejections_enforced_consecutive_gateway_failure", 1);
        row("a failed connect counts as 503", R"("consecutive_5xx": 2)" + all, {1, 1}, "nobody")
            .counts(prefix + "ejections_enforced_consecutive_5xx", 1);
        row("split: a failed connect is of local origin",
            R"("split_external_local_origin_errors": true, "consecutive_local_origin_failure": 2)" + all,
            {1, 1}, "nobody")
            .counts(prefix + "ejections_enforced_consecutive_local_origin_failure", 1)
            .counts(prefix + "ejections_detected_consecutive_5xx", 0);
    }

    void statements() override
    {
        breakers();
        outliers();
    }
};

QTEST_GUILESS_MAIN(TestOverload)
