// SPDX-License-Identifier: GPL-3.0-or-later
// Local replies: envoy-behaviour 2.1, 2.2 and 2.3, with the flags and details of 1.4 and 1.5.
#include "tests/e2e/reference/statement_test.h"

class TestLocalReplies : public reference::StatementTest
{
    const QString m_rbac = extension("extensions.filters.http.rbac.v3.RBAC",
                                     R"("rules": {"action": "DENY", "policies": {"no body": {
            "permissions": [{"any": true}], "principals": [{"any": true}]}}})");
    const QString m_noMatch =
        extension("extensions.filters.http.rbac.v3.RBAC", R"("rules": {"action": "ALLOW"})");
    const QString m_abort = extension("extensions.filters.http.fault.v3.HTTPFault",
                                      R"("abort": {"http_status": 555, "percentage": {"numerator": 100}})");
    const QString m_oneBucket =
        extension("extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
                  R"("stat_prefix": "l", "token_bucket": {"max_tokens": 1, "fill_interval": "3600s"},
            "filter_enabled": {"default_value": {"numerator": 100}},
            "filter_enforced": {"default_value": {"numerator": 100}})");
    const QString m_internal = R"("use_remote_address": true, "internal_address_config": {"cidr_ranges":
            [{"address_prefix": "127.0.0.0", "prefix_len": 8}]})";
    const QByteArray m_resetReason =
        "upstream connect error or disconnect/reset before headers. reset reason: ";

    static QString redirect(const QString &fields)
    {
        return QString(R"({"match": {"prefix": "/"}, "redirect": {%1}})").arg(fields);
    }

    QJsonObject upstreams() const override
    {
        return {{"up", QJsonObject{
                           {"raw", QJsonObject{{"/half-head", QJsonArray{"HTTP/1.1 200 OK\r\nx: ",
                                                                         QJsonObject{{"close", true}}}}}}}}};
    }

    void repliesOfRoutes()
    {
        state("2.2 no route")
            .withRoutes(routeTo("up", {}, "/a"))
            .asks(get("/b"))
            .answers(withoutText("404 Not Found"))
            .logs("404 NR route_not_found");
        for (const auto &[option, status] :
             {std::pair<QString, QByteArray>{"", "503 Service Unavailable"},
              {R"("cluster_not_found_response_code": "SERVICE_UNAVAILABLE")", "503 Service Unavailable"},
              {R"("cluster_not_found_response_code": "NOT_FOUND")", "404 Not Found"},
              {R"("cluster_not_found_response_code": "INTERNAL_SERVER_ERROR")", "500 Internal Server Error"}})
            state("2.2 cluster not found " + status)
                .withRoutes(routeTo("nowhere", option))
                .withRouteConfiguration(R"("validate_clusters": false)")
                .asks(get("/"))
                .answers(withoutText(status))
                .logs(status.left(3) + " NC cluster_not_found");
        state("2.2 no healthy upstream")
            .withRoutes(routeTo("empty"))
            .asks(get("/"))
            .answers(withText("503 Service Unavailable", "no healthy upstream"))
            .logs("503 UH no_healthy_upstream")
            .counts("cluster.empty.upstream_cx_none_healthy", 1);
        state("2.2 direct response")
            .withRoutes(direct(299, "words"))
            .asks(get("/"))
            .answers(withText("299 Unknown", "words"))
            .logs("299 - direct_response");
        state("2.2 a location on a direct response")
            .withRoutes(direct(201))
            .asks(get("/"))
            .answers(withoutText("201 Created", " | location: http://h/"))
            .logs("201 - direct_response");
        for (const auto &[code, status] :
             {std::pair<QString, QByteArray>{"MOVED_PERMANENTLY", "301 Moved Permanently"},
              {"FOUND", "302 Found"},
              {"SEE_OTHER", "303 See Other"},
              {"TEMPORARY_REDIRECT", "307 Temporary Redirect"},
              {"PERMANENT_REDIRECT", "308 Permanent Redirect"}})
            state("2.2 redirect " + code)
                .withRoutes(redirect(QString(R"("path_redirect": "/x", "response_code": "%1")").arg(code)))
                .asks(get("/"))
                .answers(withoutText(status, " | location: http://h/x"))
                .logs(status.left(3) + " - direct_response");
        state("2.2 redirect is 301 by itself")
            .withRoutes(redirect(R"("host_redirect": "other")"))
            .asks(get("/p?q"))
            .answers(withoutText("301 Moved Permanently", " | location: http://other/p?q"));
        state("2.1 a route's response headers are on local replies")
            .withRoutes(
                R"({"match": {"prefix": "/"}, "route": {"cluster": "empty"}, "response_headers_to_add":
                [{"header": {"key": "x-route", "value": "r"}}], "response_headers_to_remove": ["content-type"]})")
            .asks(get("/"))
            .answers("503 Service Unavailable | x-route: r | content-length: 19 | content-type: text/plain | "
                     "= no healthy upstream");
        state("2.1 HEAD of a reply with a body")
            .withRoutes(direct(404, "words"))
            .asks(request("HEAD", "/"), "HEAD")
            .answers("404 Not Found | content-length: 5 | content-type: text/plain");
        state("2.1 HEAD of a reply without a body")
            .withRoutes(direct(404))
            .asks(request("HEAD", "/"), "HEAD")
            .answers("404 Not Found | transfer-encoding: chunked");
    }

    void repliesOfFilters()
    {
        state("2.2 RBAC deny")
            .withFilters(m_rbac)
            .asks(get("/"))
            .answers(withText("403 Forbidden", "RBAC: access denied"))
            .logs("403 - rbac_access_denied_matched_policy[no_body]")
            .counts("http.s@n@.rbac.denied", 1);
        state("2.2 RBAC without a match")
            .withFilters(m_noMatch)
            .asks(get("/"))
            .answers(withText("403 Forbidden", "RBAC: access denied"))
            .logs("403 - rbac_access_denied_matched_policy[none]");
        state("2.2 fault abort")
            .withFilters(m_abort)
            .asks(get("/"))
            .answers(withText("555 Unknown", "fault filter abort"))
            .logs("555 FI fault_filter_abort")
            .counts("http.s@n@.fault.aborts_injected", 1);
        state("2.2 local rate limit")
            .withFilters(m_oneBucket)
            .asks(get("/"))
            .asks(get("/"))
            .says("200 OK = ok")
            .says("429 Too Many Requests = local_rate_limited")
            .logs("200 - via_upstream\n429 RL local_rate_limited");
        state("2.2 upgrade refused")
            .asks(get("/", "connection: upgrade\r\nupgrade: websocket\r\n"))
            .answers("403 Forbidden | connection: close | content-length: 0")
            .closes()
            .logs("403 - upgrade_failed")
            .counts("http.s@n@.downstream_rq_ws_on_non_ws_route", 1);
        const QString strict =
            R"("strict_check_headers": ["x-envoy-upstream-rq-timeout-ms", "x-envoy-upstream-rq-per-try-timeout-ms",
               "x-envoy-max-retries", "x-envoy-retry-on", "x-envoy-retry-grpc-on"])";
        for (const auto &[name, value] :
             {std::pair<QByteArray, QByteArray>{"x-envoy-upstream-rq-timeout-ms", "abc"},
              {"x-envoy-upstream-rq-per-try-timeout-ms", "1.5"},
              {"x-envoy-max-retries", "-1"},
              {"x-envoy-retry-on", "5xx,nothing"},
              {"x-envoy-retry-grpc-on", "cancelled,5xx"}})
            state("2.2 strict check of " + name)
                .withManager(m_internal)
                .withRouter(strict)
                .asks(get("/", name + ": " + value + "\r\n"))
                .says("400 Bad Request = invalid header '" + name + "' with value '" + value + "'")
                .closes()
                .logs("400 IH request_headers_failed_strict_check{" + name + "}");
    }

    void repliesOfTheCodec()
    {
        const auto refused = [this](const char *what, const QByteArray &bytes, const QByteArray &status,
                                    const QByteArray &body,
                                    const QByteArray &record) -> reference::Statement & {
            return state(QString("2.2 ") + what)
                .asks(bytes)
                .answers(body.isEmpty() ? status + " | connection: close | content-length: 0"
                                        : withText(status, body, " | connection: close"))
                .closes()
                .logs(status.left(3) + record);
        };
        refused("headers too large", get("/", "a: " + QByteArray(61440, 'a') + "\r\n"),
                "431 Request Header Fields Too Large", "Request Header Fields Too Large",
                " DPE http1.headers_too_large");
        refused("too many headers", get("/", QByteArray("a: b\r\n").repeated(101)),
                "431 Request Header Fields Too Large", "Request Header Fields Too Large",
                " DPE http1.too_many_headers");
        refused("malformed", "GET / HTTP/1.1\r\n: x\r\n\r\n", "400 Bad Request", "Bad Request",
                " DPE http1.codec_error")
            .counts("http.s@n@.downstream_cx_protocol_error", 1)
            .counts("http.s@n@.downstream_rq_4xx", 1);
        refused("version", "GET / HTTP/1.0\r\n\r\n", "426 Upgrade Required", "Upgrade Required",
                " DPE low_version");
        refused("missing Host", "GET / HTTP/1.1\r\n\r\n", "400 Bad Request", {}, " - missing_host_header");
        refused("transfer encoding", request("POST", "/", "transfer-encoding: gzip\r\n"),
                "501 Not Implemented", "Not Implemented", " DPE http1.invalid_transfer_encoding");
        refused("CONNECT with a length", "CONNECT h:1 HTTP/1.1\r\nhost: h:1\r\ncontent-length: 1\r\n\r\n",
                "400 Bad Request", "Bad Request", " DPE http1.body_disallowed");
        refused("scheme", "GET ftp://h/ HTTP/1.1\r\nhost: h\r\n\r\n", "400 Bad Request", "Bad Request",
                " DPE http1.invalid_scheme");
        refused("Connection header", get("/", "connection: a,b,c,d,e,f,g,h,i,j\r\n"), "400 Bad Request",
                "Bad Request", " DPE http1.connection_header_rejected");
        refused("authority", "GET / HTTP/1.1\r\nhost: a/b\r\n\r\n", "400 Bad Request", "Bad Request",
                " DPE http.invalid_authority");
        refused("fragment", get("/a#b"), "400 Bad Request", {}, " - path_normalization_failed")
            .counts("http.s@n@.downstream_rq_failed_path_normalization", 1);
        state("2.2 path without slash")
            .asks("OPTIONS * HTTP/1.1\r\nhost: h\r\n\r\n")
            .answers(withoutText("404 Not Found"))
            .logs("404 - absolute_path_rejected")
            .counts("http.s@n@.downstream_rq_non_relative_path", 1);
        state("2.2 path normalisation redirect")
            .withManager(R"("path_with_escaped_slashes_action": "UNESCAPE_AND_REDIRECT")")
            .asks(get("/a%2Fb"))
            .answers(withoutText("307 Temporary Redirect", " | location: /a/b"))
            .logs("307 - path_normalization_failed")
            .counts("http.s@n@.downstream_rq_redirected_with_normalized_path", 1);
        state("2.2 path normalisation redirect of gRPC")
            .withManager(R"("path_with_escaped_slashes_action": "UNESCAPE_AND_REDIRECT")")
            .asks(get("/a%2Fb", "content-type: application/grpc\r\n"))
            .says("200 OK")
            .logs("200 - path_normalization_failed");
    }

    void repliesOfUpstreams()
    {
        state("2.2 connect failure")
            .withRoutes(routeTo("down"))
            .asks(get("/"))
            .answers(withText("503 Service Unavailable", m_resetReason + "remote connection failure"))
            .logs("503 UF upstream_reset_before_response_started{remote_connection_failure|delayed_connect_"
                  "error:_Connection_refused}");
        state("2.2 connect failure after a retry")
            .withRoutes(
                routeTo("down", R"("retry_policy": {"retry_on": "connect-failure", "num_retries": 1})"))
            .asks(get("/"))
            .answers(withText("503 Service Unavailable",
                              "upstream connect error or disconnect/reset before headers. retried and the "
                              "latest reset reason: remote connection failure"))
            .logs("503 URX,UF upstream_reset_before_response_started{remote_connection_failure|delayed_"
                  "connect_error:_Connection_refused}");
        state("2.3 connection termination")
            .asks(get("/close"))
            .answers(withText("503 Service Unavailable", m_resetReason + "connection termination"))
            .logs("503 UC upstream_reset_before_response_started{connection_termination}");
        state("2.3 protocol error")
            .asks(get("/garbage"))
            .answers(withText("502 Bad Gateway", m_resetReason + "protocol error"))
            .logs("502 UPE upstream_reset_before_response_started{protocol_error}");
        state("2.3 FIN inside the head")
            .asks(get("/half-head"))
            .answers(withText("502 Bad Gateway", m_resetReason + "protocol error"))
            .logs("502 UPE upstream_reset_before_response_started{protocol_error}");
        state("2.3 FIN inside the body")
            .asks(get("/cut"))
            .says("200 OK = only this | cut")
            .closes()
            .logs("200 UPE upstream_reset_after_response_started{protocol_error}");
        stateOfRoute("2.3 overflow", {},
                     R"("circuit_breakers": {"thresholds": [{"max_pending_requests": 0}]})")
            .asks(get("/"))
            .answers("503 Service Unavailable | x-envoy-overloaded: true | content-length: 81 | "
                     "content-type: text/plain | = " +
                     m_resetReason + "overflow")
            .logs("503 UO upstream_reset_before_response_started{overflow}")
            .counts("cluster.c@n@.upstream_rq_pending_overflow", 1);
        const QByteArray timedOut = withText("504 Gateway Timeout", "upstream request timeout");
        state("2.2 global timeout")
            .withRoutes(routeTo("up", R"("timeout": "0.1s")"))
            .asks(get("/hang"))
            .answers(timedOut)
            .logs("504 UT response_timeout");
        state("2.2 global timeout with an alternative")
            .withManager(m_internal)
            .withRoutes(routeTo("up", R"("timeout": "0.1s")"))
            .asks(get("/hang", "x-envoy-upstream-rq-timeout-alt-response: 1\r\n"))
            .answers("204 No Content")
            .logs("204 UT response_timeout");
        state("2.2 per-try timeout")
            .withRoutes(routeTo("up", R"("retry_policy": {"retry_on": "5xx", "num_retries": 1,
                "per_try_timeout": "0.1s"})"))
            .asks(get("/hang"))
            .answers(timedOut)
            .logs("504 URX,UT upstream_per_try_timeout");
        state("2.2 per-try idle timeout")
            .withRoutes(routeTo("up", R"("retry_policy": {"per_try_idle_timeout": "0.1s"})"))
            .asks(get("/hang"))
            .answers(timedOut)
            .logs("504 UT upstream_per_try_idle_timeout");
        stateOfRoute("2.2 upstream max stream duration", {}, httpOptions(R"(
                "common_http_protocol_options": {"max_stream_duration": "0.1s"},
                "explicit_http_config": {"http_protocol_options": {}})"))
            .asks(get("/hang"))
            .answers(withText("504 Gateway Timeout", "upstream max stream duration reached"))
            .logs("504 UMSDR upstream_max_stream_duration_reached")
            .counts("cluster.c@n@.upstream_rq_max_duration_reached", 1);
    }

    void repliesOfTimers()
    {
        const QByteArray half = request("POST", "/", "content-length: 2\r\n", "a");
        state("2.2 stream idle timeout")
            .withManager(R"("stream_idle_timeout": "0.1s")")
            .asks(get("/hang"))
            .answers(withText("504 Gateway Timeout", "stream timeout"))
            .logs("504 SI stream_idle_timeout")
            .counts("http.s@n@.downstream_rq_idle_timeout", 1);
        state("2.2 stream idle timeout, incomplete")
            .withManager(R"("stream_idle_timeout": "0.1s")")
            .asks(half)
            .answers(withText("408 Request Timeout", "stream timeout", " | connection: close"))
            .closes()
            .logs("408 SI stream_idle_timeout");
        state("2.2 request timeout")
            .withManager(R"("request_timeout": "0.1s")")
            .asks(half)
            .answers(withText("408 Request Timeout", "request timeout", " | connection: close"))
            .closes()
            .logs("408 - request_overall_timeout")
            .counts("http.s@n@.downstream_rq_timeout", 1);
        state("2.2 request headers timeout")
            .withManager(R"("request_headers_timeout": "0.1s")")
            .asks("GET / HTTP/1.1\r\nhos")
            .answers(withText("408 Request Timeout", "request header timeout", " | connection: close"))
            .closes()
            .logs("408 - request_header_timeout")
            .counts("http.s@n@.downstream_rq_header_timeout", 1);
        const QString longest = R"("common_http_protocol_options": {"max_stream_duration": "0.1s"})";
        state("2.2 max stream duration")
            .withManager(longest)
            .asks(get("/hang"))
            .answers(withText("504 Gateway Timeout", "downstream duration timeout"))
            .logs("504 - max_duration_timeout")
            .counts("http.s@n@.downstream_rq_max_duration_reached", 1);
        state("2.2 max stream duration, incomplete")
            .withManager(longest)
            .asks(half)
            .answers(withText("408 Request Timeout", "downstream duration timeout", " | connection: close"))
            .closes()
            .logs("408 - max_duration_timeout");
        state("2.2 max stream duration of a route")
            .withRoutes(routeTo("up", R"("max_stream_duration": {"max_stream_duration": "0.1s"})"))
            .asks(get("/hang"))
            .answers(withText("504 Gateway Timeout", "downstream duration timeout"))
            .logs("504 - max_duration_timeout");
        state("2.2 max stream duration of gRPC")
            .withManager(longest)
            .asks(get("/hang", "content-type: application/grpc\r\n"))
            .answers("200 OK | content-type: application/grpc | grpc-status: 4 | grpc-message: downstream "
                     "duration timeout | content-length: 0")
            .logs("200 - max_duration_timeout");
    }

    void statements() override
    {
        repliesOfRoutes();
        repliesOfFilters();
        repliesOfTheCodec();
        repliesOfUpstreams();
        repliesOfTimers();
    }
};

QTEST_GUILESS_MAIN(TestLocalReplies)
