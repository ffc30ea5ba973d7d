// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of a request on its way to the upstream: envoy-behaviour 3.2 to 3.6 and 3.11.
#include "tests/e2e/reference/statement_test.h"

class TestRequestPaths : public reference::StatementTest
{
    const QString m_edge = R"("use_remote_address": true, "skip_xff_append": true)";
    const QString m_trusting =
        R"("use_remote_address": true, "skip_xff_append": true, "internal_address_config":
            {"cidr_ranges": [{"address_prefix": "127.0.0.0", "prefix_len": 8}]})";
    const QByteArray m_badRequest = "400 Bad Request = Bad Request";

    reference::Statement &passes(const QString &id, const QByteArray &lines, const QByteArray &forwarded)
    {
        return state(id).asks(get("/", lines)).says("200 OK = ok").forwards("GET / | host: h" + forwarded);
    }

    /// 3.3: what an external client may not say.
    void strippedHeaders()
    {
        const QByteArrayList always{"x-envoy-retriable-status-codes",
                                    "x-envoy-retriable-header-names",
                                    "x-envoy-retry-on",
                                    "x-envoy-retry-grpc-on",
                                    "x-envoy-max-retries",
                                    "x-envoy-upstream-alt-stat-name",
                                    "x-envoy-upstream-rq-timeout-ms",
                                    "x-envoy-upstream-rq-per-try-timeout-ms",
                                    "x-envoy-upstream-rq-timeout-alt-response",
                                    "x-envoy-force-trace",
                                    "x-envoy-ip-tags",
                                    "x-envoy-original-url",
                                    "x-envoy-hedge-on-per-try-timeout"};
        for (const QByteArray &name : always) {
            passes("3.3 at the edge, stripped: " + name, name + ": 1\r\n",
                   " | x-envoy-external-address: 127.0.0.3")
                .withManager(m_edge)
                .as("from", "127.0.0.3");
            passes("3.3 further inside, stripped: " + name, name + ": 1\r\n", {});
        }
        for (const QByteArray name :
             {"x-envoy-decorator-operation", "x-envoy-downstream-service-cluster",
              "x-envoy-downstream-service-node", "x-envoy-original-path", "x-envoy-original-host"}) {
            passes("3.3 at the edge only, stripped: " + name, name + ": 1\r\n",
                   " | x-envoy-external-address: 127.0.0.3")
                .withManager(m_edge)
                .as("from", "127.0.0.3");
            passes("3.3 further inside, kept: " + name, name + ": 1\r\n", " | " + name + ": 1");
        }
        passes("3.3 the route configuration's own", "x-mine: 1\r\nx-other: 2\r\n", " | x-other: 2")
            .withRouteConfiguration(R"("internal_only_headers": ["x-mine"])");
        passes("3.3 the route configuration's own, from inside", "x-mine: 1\r\n",
               " | x-mine: 1 | x-envoy-internal: true")
            .withManager(m_trusting)
            .withRouteConfiguration(R"("internal_only_headers": ["x-mine"])");
    }

    /// 3.2, by the steps' numbers.
    void arrivingHeaders()
    {
        passes("3.2 #2 connection and upgrade", "connection: keep-alive\r\nupgrade: foo\r\n", {});
        for (const auto &[te, kept] : {std::pair<QByteArray, bool>{"trailers", true},
                                       {"gzip, trailers", true},
                                       {"trailers;q=1", false},
                                       {"gzip", false},
                                       {"Trailers", false}})
            passes("3.2 #2 TE " + te, "te: " + te + "\r\n", kept ? " | te: trailers" : "");
        for (const char *name : {"x-envoy-internal", "keep-alive", "proxy-connection"})
            passes(QString("3.2 #3 ") + name, QByteArray(name) + ": true\r\n", {});
        passes("3.2 #4 a good referer", "referer: http://a/b\r\n", " | referer: http://a/b");
        passes("3.2 #4 a relative referer", "referer: /b\r\n", " | referer: /b");
        passes("3.2 #4 a bad referer", "referer: b c\r\n", {});
        passes("3.2 #4 two referers", "referer: http://a/\r\nreferer: http://b/\r\n",
               " | referer: http://a/,http://b/");
        passes("3.2 #5 XFF is appended", "x-forwarded-for: 9.9.9.9\r\n",
               " | x-forwarded-for: 9.9.9.9,127.0.0.3 | x-envoy-external-address: 127.0.0.3")
            .withManager(R"("use_remote_address": true)")
            .as("from", "127.0.0.3");
        passes("3.2 #5 x-forwarded-proto is overwritten", "x-forwarded-proto: https\r\n",
               " | x-forwarded-proto: http | x-envoy-external-address: 127.0.0.3")
            .withManager(m_edge)
            .showing({"x-forwarded-proto"})
            .as("from", "127.0.0.3");
        passes("3.2 #6 XFF is left alone", "x-forwarded-for: 9.9.9.9\r\n", " | x-forwarded-for: 9.9.9.9");
        for (const auto &[hops, xff, logged] :
             {std::tuple<int, QByteArray, QByteArray>{0, "1.1.1.1, 2.2.2.2", "2.2.2.2:0"},
              {1, "1.1.1.1, 2.2.2.2", "1.1.1.1:0"},
              {1, "2.2.2.2", "127.0.0.3:"},
              {0, "words", "127.0.0.3:"}})
            passes(QString("3.2 #6 hops %1 of %2").arg(hops).arg(xff), "x-forwarded-for: " + xff + "\r\n",
                   " | x-forwarded-for: " + xff)
                .withManager(QString(R"("xff_num_trusted_hops": %1)").arg(hops))
                .withFormat("%DOWNSTREAM_REMOTE_ADDRESS%")
                .as("from", "127.0.0.3")
                .logsLike(QRegularExpression::escape(logged) + (logged.endsWith(':') ? "\\d+" : ""));
        passes("3.2 #7 x-forwarded-proto", {}, " | x-forwarded-proto: http")
            .showing({"x-forwarded-proto"})
            .withFormat("%REQ(:SCHEME)%")
            .logs("http");
        passes("3.2 #7 a client's x-forwarded-proto", "x-forwarded-proto: HTTPS\r\n",
               " | x-forwarded-proto: HTTPS")
            .showing({"x-forwarded-proto"})
            .withFormat("%REQ(:SCHEME)%")
            .logs("https");
        passes("3.2 #7 scheme_header_transformation", {}, " | x-forwarded-proto: https")
            .withManager(R"("scheme_header_transformation": {"scheme_to_overwrite": "https"})")
            .showing({"x-forwarded-proto"})
            .withFormat("%REQ(:SCHEME)%")
            .logs("https");
        passes("3.2 #8 RFC 1918 is not internal", "x-forwarded-for: 10.0.0.1\r\n",
               " | x-forwarded-for: 10.0.0.1");
        passes("3.2 #8 an internal address", "x-forwarded-for: 10.0.0.1\r\n",
               " | x-forwarded-for: 10.0.0.1 | x-envoy-internal: true")
            .withManager(
                R"("internal_address_config": {"cidr_ranges": [{"address_prefix": "10.0.0.0", "prefix_len": 8}]})");
        passes("3.2 #8 two addresses are not internal", "x-forwarded-for: 10.0.0.1, 10.0.0.2\r\n",
               " | x-forwarded-for: 10.0.0.1, 10.0.0.2")
            .withManager(
                R"("internal_address_config": {"cidr_ranges": [{"address_prefix": "10.0.0.0", "prefix_len": 8}]})");
        passes("3.2 #10 via", {}, " | via: gw").withManager(R"("via": "gw")");
        passes("3.2 #10 via is appended", "via: other\r\n", " | via: other, gw")
            .withManager(R"("via": "gw")");
        const QByteArray mine = "11111111-2222-4333-8444-555555555555";
        passes("3.2 #12 a request id is kept inside", "x-request-id: " + mine + "\r\n",
               " | x-request-id: " + mine)
            .showing({"x-request-id"});
        passes("3.2 #12 a request id of any form is kept inside", "x-request-id: mine\r\n",
               " | x-request-id: mine")
            .showing({"x-request-id"});
        passes("3.2 #12 a request id is preserved at the edge if wanted", "x-request-id: " + mine + "\r\n",
               " | x-request-id: " + mine + " | x-envoy-external-address: 127.0.0.3")
            .withManager(m_edge + R"(, "preserve_external_request_id": true)")
            .as("from", "127.0.0.3")
            .showing({"x-request-id"});
        passes("3.2 #12 no request id", {}, {})
            .withManager(R"("generate_request_id": false)")
            .showing({"x-request-id"});
        state("3.2 #12 a request id is replaced at the edge")
            .withManager(m_edge)
            .withFormat("%REQ(X-REQUEST-ID)%")
            .as("from", "127.0.0.3")
            .asks(get("/", "x-request-id: mine\r\n"))
            .says("200 OK = ok")
            .logsLike("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
        state("3.2 #12 an empty request id is replaced")
            .withFormat("%REQ(X-REQUEST-ID)%")
            .asks(get("/", "x-request-id:\r\n"))
            .says("200 OK = ok")
            .logsLike("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
        passes("3.2 #13 XFCC is removed", "x-forwarded-client-cert: By=a\r\n", {});
    }

    /// 3.5
    void connectionHeader()
    {
        const auto nominated = [this](const char *what, const QByteArray &lines,
                                      const QByteArray &forwarded) {
            passes(QString("3.5 ") + what, lines, forwarded);
        };
        const auto refused = [this](const char *what, const QByteArray &lines) {
            state(QString("3.5 ") + what)
                .asks(get("/", lines))
                .says(m_badRequest)
                .closes()
                .forwardsNothing()
                .logs("400 DPE http1.connection_header_rejected");
        };
        nominated("nine tokens", "connection: a,b,c,d,e,f,g,h,i\r\ni: 1\r\nj: 2\r\n", " | j: 2");
        refused("ten tokens", "connection: a,b,c,d,e,f,g,h,i,j\r\n");
        for (const char *name : {"x-forwarded-for", "X-Forwarded-Host", "x-forwarded-proto", ":path", ":x"})
            refused(name, QByteArray("connection: ") + name + "\r\n");
        refused("a long te", "connection: te\r\nte: " + QByteArray(256, 'a') + "\r\n");
        nominated("a te just short enough", "connection: te\r\nte: " + QByteArray(255, 'a') + "\r\n", {});
        nominated("te with trailers", "connection: te\r\nte: trailers, gzip\r\n", " | te: trailers");
        nominated("te without trailers", "connection: te\r\nte: gzip\r\n", {});
        nominated("connection itself", "connection: connection\r\nx: 1\r\n", " | x: 1");
        nominated("any other", "connection: x-a , X-B\r\nx-a: 1\r\nx-b: 2\r\nx-c: 3\r\n", " | x-c: 3");
        nominated("keep-alive", "connection: keep-alive\r\nkeep-alive: 5\r\n", {});
        nominated("h2c",
                  "connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAA\r\nx: 1\r\n",
                  " | x: 1");
    }

    /// 3.6
    void hosts()
    {
        const auto host = [this](const QByteArray &value) -> reference::Statement & {
            return state("3.6 Host " + value).asks("GET / HTTP/1.1\r\nhost: " + value + "\r\n\r\n");
        };
        for (const char c : QByteArray("!$%&'()*+,-.:;=@[]_~0aZ"))
            host(QByteArray("a") + c + "b")
                .says("200 OK = ok")
                .forwards(QByteArray("GET / | host: a") + c + "b");
        for (const char c : QByteArray("/\"<>?# \\^`{}|\x80\xFF"))
            host(QByteArray("a") + c + "b")
                .says(m_badRequest)
                .closes()
                .forwardsNothing()
                .logs("400 DPE http.invalid_authority");
        state("3.6 several Hosts")
            .asks("GET / HTTP/1.1\r\nhost: a.com\r\nHost: b.com\r\n\r\n")
            .says("200 OK = ok")
            .forwards("GET / | host: a.com,b.com");
        state("3.6 an empty Host")
            .asks("GET / HTTP/1.1\r\nhost:\r\n\r\n")
            .says("200 OK = ok")
            .forwards("GET / | host: ");
        state("3.6 the host of a URL counts")
            .asks("GET http://b.com:8/p?q HTTP/1.1\r\nhost: a.com\r\n\r\n")
            .says("200 OK = ok")
            .forwards("GET /p?q | host: b.com:8");
        state("3.6 a URL without a path")
            .asks("GET http://b.com HTTP/1.1\r\nhost: a.com\r\n\r\n")
            .says("200 OK = ok")
            .forwards("GET / | host: b.com");
        state("3.6 a URL without a path, but a query")
            .asks("GET http://b.com?q HTTP/1.1\r\nhost: a.com\r\n\r\n")
            .says("404 Not Found")
            .logs("404 - absolute_path_rejected");
        const auto stripped = [this](const char *options, const QByteArray &from, const QByteArray &to) {
            state(QString("3.6 %1 of %2").arg(options, from))
                .withManager(QString(R"("%1": true)").arg(options))
                .asks("GET / HTTP/1.1\r\nhost: " + from + "\r\n\r\n")
                .says("200 OK = ok")
                .forwards("GET / | host: " + to);
        };
        for (const auto &[from, to] : {std::pair<QByteArray, QByteArray>{"a.com:80", "a.com"},
                                       {"a.com:x", "a.com:x"},
                                       {"a.com:", "a.com:"},
                                       {"[::1]:80", "[::1]"},
                                       {"[::1]", "[::1]"},
                                       {"a:b:80", "a:b"}})
            stripped("strip_any_host_port", from, to);
        stripped("strip_matching_host_port", "a.com:80", "a.com:80");
        stripped("strip_trailing_host_dot", "a.com.", "a.com");
        stripped("strip_trailing_host_dot", "a.com.:80", "a.com:80");
    }

    /// 3.6 and 3.11, by their numbers.
    void paths()
    {
        const auto normal = [this](const char *id, const QByteArray &from,
                                   const QByteArray &to) -> reference::Statement & {
            return state(QString("3.11 %1 %2").arg(id, from))
                .withManager(R"("normalize_path": true)")
                .asks(get(from))
                .says("200 OK = ok")
                .forwards("GET " + to + " | host: h");
        };
        normal("#107", "/a/b/../c", "/a/c");
        normal("#108", "/a/b/./c", "/a/b/c");
        normal("#110", "/a/b/../../../../c", "/c");
        normal("#111", "/a/..\\c", "/c");
        normal("#112", "/%c0%af", "/%c0%af");
        normal("#113", "/%5c%25", "/%5c%25");
        normal("#114", "/a/b/%2E%2E/c", "/a/c");
        for (const char *bad : {"/xyz/.%00../abc", "/xyz/%00.%00./abc", "/xyz/AAAAA%%0000/abc"})
            state(QString("3.11 #115 ") + bad)
                .withManager(R"("normalize_path": true)")
                .asks(get(bad))
                .says("400 Bad Request")
                .closes()
                .forwardsNothing()
                .logs("400 - path_normalization_failed");
        normal("#116", "/A/B/C", "/A/B/C");
        normal("#117", "/a/%2F%2f/c", "/a/%2F%2f/c");
        normal("the query", "/a/../b?c=/../d", "/b?c=/../d");
        normal("unreserved escapes", "/%7Ea%2Db%5Fc%41", "/~a-b_cA");
        normal("ends", "/a/b/..", "/a/");
        normal("ends", "/a/b/.", "/a/b/");
        normal("dots that are names", "/a/..b/c..", "/a/..b/c..");
        const auto merged = [this](const char *id, const QByteArray &from, const QByteArray &to) {
            state(QString("3.11 %1 %2").arg(id, from))
                .withManager(R"("merge_slashes": true)")
                .asks(get(from))
                .says("200 OK = ok")
                .forwards("GET " + to + " | host: h");
        };
        merged("#118", "//a/b/c", "/a/b/c");
        merged("#119", "/a//b/c/", "/a/b/c/");
        merged("#120", "/a//b?a=///c", "/a/b?a=///c");
        merged("#121", "/a/b/c//", "/a/b/c/");
        merged("#122", "//a/?b", "/a/?b");
        merged("#123", "///", "//");
        const auto escaped = [this](const char *action, const QByteArray &from) -> reference::Statement & {
            return state(QString("3.6 %1 %2").arg(action, from))
                .withManager(QString(R"("path_with_escaped_slashes_action": "%1")").arg(action))
                .asks(get(from));
        };
        for (const QByteArray escape : {"%2F", "%2f", "%5C", "%5c"}) {
            const QByteArray from = "/a" + escape + "b";
            const QByteArray to = escape.toLower() == "%2f" ? "/a/b" : "/a\\b";
            escaped("KEEP_UNCHANGED", from).says("200 OK = ok").forwards("GET " + from + " | host: h");
            escaped("REJECT_REQUEST", from)
                .says("400 Bad Request")
                .closes()
                .logs("400 - path_normalization_failed");
            escaped("UNESCAPE_AND_FORWARD", from).says("200 OK = ok").forwards("GET " + to + " | host: h");
            escaped("UNESCAPE_AND_REDIRECT", from)
                .answers("307 Temporary Redirect | location: " + to + " | content-length: 0");
        }
        escaped("REJECT_REQUEST", "/a?b=%2F").says("200 OK = ok").forwards("GET /a?b=%2F | host: h");
    }

    void statements() override
    {
        strippedHeaders();
        arrivingHeaders();
        connectionHeader();
        hosts();
        paths();
    }
};

QTEST_GUILESS_MAIN(TestRequestPaths)
