// SPDX-License-Identifier: GPL-3.0-or-later
// Connections to upstream hosts and the timers of a request: envoy-behaviour 4.2, 4.3, 4.8 and 4.9.
#include "tests/e2e/reference/statement_test.h"

class TestUpstreamConnections : public reference::StatementTest
{
    QJsonObject upstreams() const override
    {
        const QString head = QStringLiteral("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n");
        const QJsonObject wait{{"sleep_ms", 1500}};
        return {{"up", QJsonObject{{"raw", QJsonObject{{"/begun", QJsonArray{head + "abc", wait}},
                                                       {"/slow", QJsonArray{wait}}}}}},
                {"early", QJsonObject{{"answer_before_body", true}}}};
    }

    /// Fields of a cluster with these of its HTTP options.
    static QString options(const QString &common)
    {
        return httpOptions(QString(R"("common_http_protocol_options": {%1},
            "explicit_http_config": {"http_protocol_options": {}})")
                               .arg(common));
    }

    void connections()
    {
        const QString count = "cluster.c@n@.upstream_";
        stateOfRoute("4.2 an idle connection is used again", {})
            .asks(get("/1"))
            .does("sleep_ms", 20)
            .asks(get("/2"))
            .says("200 OK = ok")
            .says("200 OK = ok")
            .counts(count + "cx_total", 1)
            .counts(count + "cx_active", 1)
            .counts(count + "cx_http1_total", 1)
            .counts(count + "rq_pending_total", 1);
        stateOfRoute("4.2 an idle connection is closed in time", {}, options(R"("idle_timeout": "0.05s")"))
            .asks(get("/1"))
            .does("response", "GET")
            .does("sleep_ms", 300)
            .asks(get("/2"))
            .says("200 OK = ok")
            .says("200 OK = ok")
            .counts(count + "cx_total", 2)
            .counts(count + "cx_idle_timeout", 2)
            .counts(count + "cx_destroy_local", 2)
            .counts(count + "cx_destroy_with_active_rq", 0);
        stateOfRoute("4.2 a connection for each request", {}, options(R"("max_requests_per_connection": 1)"))
            .asks(get("/1"))
            .does("response", "GET")
            .asks(get("/2"))
            .says("200 OK = ok")
            .says("200 OK = ok")
            .counts(count + "cx_total", 2)
            .counts(count + "cx_max_requests", 2)
            .counts(count + "cx_active", 0);
        stateOfRoute("4.2 a connection for two requests", {}, options(R"("max_requests_per_connection": 2)"))
            .asks(get("/1"))
            .does("response", "GET")
            .asks(get("/2"))
            .does("response", "GET")
            .asks(get("/3"))
            .says("200 OK = ok")
            .says("200 OK = ok")
            .says("200 OK = ok")
            .counts(count + "cx_total", 2)
            .counts(count + "cx_max_requests", 1);
        stateOfRoute("4.2 a connection that cannot be made", {}, {}, "nobody")
            .asks(get("/"))
            .says(
                "503 Service Unavailable = upstream connect error or disconnect/reset before headers. reset "
                "reason: remote connection failure")
            .counts(count + "cx_connect_fail", 1)
            .counts(count + "cx_connect_timeout", 0)
            .counts(count + "rq_pending_failure_eject", 1)
            .counts(count + "rq_pending_active", 0)
            .counts(count + "rq_total", 0);
        stateOfRoute("4.2 an answer before the request's end closes the connection", {}, {}, "early")
            .asks(request("POST", "/", "content-length: 9\r\n", "abc"), {})
            .does("response", "POST")
            .does("sleep_ms", 50)
            .answersSomehow()
            .closes()
            .counts(count + "cx_total", 1)
            .counts(count + "cx_active", 0)
            .counts(count + "cx_destroy_local_with_active_rq", 1);
        stateOfRoute("4.2 connections ahead", {},
                     R"("preconnect_policy": {"per_upstream_preconnect_ratio": 1.5})")
            .asks(get("/"))
            .says("200 OK = ok")
            .counts(count + "cx_total", 2)
            .counts(count + "rq_total", 1);
    }

    void timers()
    {
        const QString count = "cluster.c@n@.upstream_";
        stateOfRoute("4.3 the route's timeout begins with the request's end", R"("timeout": "0.2s")")
            .asks(request("POST", "/", "content-length: 3\r\n"), {})
            .does("sleep_ms", 400)
            .asks("abc", "POST")
            .says("200 OK = ok")
            .counts(count + "rq_timeout", 0);
        stateOfRoute("4.3 the route's timeout", R"("timeout": "0.2s")")
            .asks(get("/slow"))
            .says("504 Gateway Timeout = upstream request timeout")
            .logs("504 UT response_timeout")
            .counts(count + "rq_timeout", 1)
            .counts(count + "rq_504", 1);
        stateOfRoute("4.3 the route's timeout after the answer has begun", R"("timeout": "0.2s")")
            .asks(get("/begun"))
            .answersSomehow()
            .closes()
            .logs("200 UT response_timeout")
            .counts(count + "rq_timeout", 1)
            .counts(count + "rq_200", 1)
            .counts(count + "rq_504", std::nullopt);
        stateOfRoute(
            "4.3 the route's timeout covers all attempts",
            R"("timeout": "0.5s", "retry_policy": {"retry_on": "5xx", "num_retries": 9, "per_try_timeout": "0.2s"})")
            .asks(get("/slow"))
            .says("504 Gateway Timeout = upstream request timeout")
            .logs("504 UT response_timeout")
            .counts(count + "rq_timeout", 1)
            .counts(count + "rq_per_try_timeout", 2);
        stateOfRoute("4.3 an attempt's timeout begins with the request's end",
                     R"("timeout": "0s", "retry_policy": {"retry_on": "5xx", "per_try_timeout": "0.2s"})")
            .asks(request("POST", "/", "content-length: 3\r\n"), {})
            .does("sleep_ms", 400)
            .asks("abc", "POST")
            .says("200 OK = ok")
            .counts(count + "rq_per_try_timeout", 0);
        // An attempt that takes too long goes on beside the next one, if an internal client asks for it.
        const QString internal =
            R"("use_remote_address": true, "skip_xff_append": true, "internal_address_config":
                {"cidr_ranges": [{"address_prefix": "127.0.0.0", "prefix_len": 8}]})";
        const QString attempts =
            R"("retry_policy": {"retry_on": "5xx", "num_retries": 1, "per_try_timeout": "0.3s"})";
        const QByteArray wish = "x-envoy-hedge-on-per-try-timeout: ";
        stateOfRoute("4.3 an internal client's wish for hedging", attempts)
            .withManager(internal)
            .asks(get("/delay/450", wish + "true\r\n"))
            .says("200 OK = late")
            .counts(count + "rq_per_try_timeout", 0)
            .counts(count + "rq_retry", 1)
            .counts(count + "rq_total", 2);
        stateOfRoute("4.3 an internal client's wish for none",
                     attempts + R"(, "hedge_policy": {"hedge_on_per_try_timeout": true})")
            .withManager(internal)
            .asks(get("/slow", wish + "false\r\n"))
            .says("504 Gateway Timeout = upstream request timeout")
            .logs("504 URX,UT upstream_per_try_timeout")
            .counts(count + "rq_per_try_timeout", 2);
        stateOfRoute("4.3 another word is none", attempts)
            .withManager(internal)
            .asks(get("/slow", wish + "yes\r\n"))
            .says("504 Gateway Timeout = upstream request timeout")
            .counts(count + "rq_per_try_timeout", 2);
        stateOfRoute("4.3 no timeout", R"("timeout": "0s")")
            .asks(get("/delay/300"))
            .says("200 OK = late")
            .counts(count + "rq_timeout", 0);
    }

    void balancing()
    {
        const QString hash = R"("hash_policy": [{"header": {"header_name": "x-none"}}])";
        for (const char *policy : {"RING_HASH", "MAGLEV"})
            stateOfRoute(qPrintable(QString("4.8 %1 without a hash").arg(policy)), hash,
                         QString(R"("lb_policy": "%1")").arg(policy))
                .asks(get("/"))
                .says("200 OK = ok");
        // A cluster whose only host is not well.
        const auto unwell = [this](const char *id, const QString &fields) -> reference::Statement & {
            return state(id)
                .withClusters(QString(R"({"name": "c@n@", "connect_timeout": "2s", "load_assignment": {
                    "cluster_name": "c@n@", "endpoints": [{"lb_endpoints": [{"health_status": "UNHEALTHY",
                    "endpoint": {"address": {"socket_address": {"address": "127.0.0.1",
                    "port_value": @port:up@}}}}]}]}, %1})")
                                  .arg(fields))
                .withRoutes(routeTo("c@n@"))
                .asks(get("/"));
        };
        const QString panics = "cluster.c@n@.lb_healthy_panic";
        unwell("4.9 panic", R"("lb_policy": "RANDOM")").says("200 OK = ok").counts(panics, 1);
        unwell("4.9 no panic at 0", R"("common_lb_config": {"healthy_panic_threshold": {"value": 0}})")
            .says("503 Service Unavailable = no healthy upstream")
            .logs("503 UH no_healthy_upstream")
            .counts(panics, 0)
            .counts("cluster.c@n@.upstream_cx_none_healthy", 1);
        unwell("4.9 panic fails",
               R"("common_lb_config": {"zone_aware_lb_config": {"fail_traffic_on_panic": true}})")
            .says("503 Service Unavailable = no healthy upstream")
            .logs("503 UH no_healthy_upstream")
            .counts(panics, 1);
        unwell(
            "4.9 panic fails, as a policy",
            R"("load_balancing_policy": {"policies": [{"typed_extension_config": {"name": "p", "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest",
                "locality_lb_config": {"zone_aware_lb_config": {"fail_traffic_on_panic": true}}}}}]})")
            .says("503 Service Unavailable = no healthy upstream")
            .counts(panics, 1);
    }

    void statements() override
    {
        connections();
        timers();
        balancing();
    }
};

QTEST_GUILESS_MAIN(TestUpstreamConnections)
