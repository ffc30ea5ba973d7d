// SPDX-License-Identifier: GPL-3.0-or-later
// What answers look like whoever gives them: envoy-behaviour 2.1 (gRPC, early answers), 2.2 (reason
// phrases), 2.4 (ends of connections) and 9.4.
#include "tests/e2e/reference/statement_test.h"

class TestAnswerForms : public reference::StatementTest
{
    const QString m_rbac = extension("extensions.filters.http.rbac.v3.RBAC",
                                     R"("rules": {"action": "DENY", "policies": {"no body": {
            "permissions": [{"any": true}], "principals": [{"any": true}]}}})");
    const QString m_abort = extension("extensions.filters.http.fault.v3.HTTPFault",
                                      R"("abort": {"http_status": 555, "percentage": {"numerator": 100}})");
    const QByteArray m_resetReason =
        "upstream connect error or disconnect/reset before headers. reset reason: ";

    /// 2.1: HTTP statuses as gRPC has them. 9.4: what is a gRPC request.
    void repliesToGrpc()
    {
        for (const auto &[status, grpc] : {std::pair{200, 2},
                                           {401, 16},
                                           {403, 7},
                                           {404, 12},
                                           {418, 2},
                                           {429, 14},
                                           {500, 2},
                                           {501, 2},
                                           {502, 14},
                                           {503, 14},
                                           {504, 14}})
            state(QString("2.1 gRPC for %1").arg(status))
                .withRoutes(direct(status))
                .asks(get("/", "content-type: application/grpc\r\n"))
                .answers("200 OK | content-type: application/grpc | grpc-status: " +
                         QByteArray::number(grpc) + " | content-length: 0");
        state("2.1 gRPC for 400")
            .withRoutes(direct(400))
            .asks(get("/", "content-type: application/grpc\r\n"))
            .answers("200 OK | content-type: application/grpc | grpc-status: 13 | connection: close | "
                     "content-length: 0")
            .closes();
        state("2.1 gRPC with a message")
            .withRoutes(direct(403, "no % way, é"))
            .asks(get("/", "content-type: application/grpc+proto\r\n"))
            .answers("200 OK | content-type: application/grpc | grpc-status: 7 | grpc-message: no %25 way, "
                     "%C3%A9 | content-length: 0");
        for (const char *type :
             {"application/grpc-web", "application/grpcx", "text/plain", "application/grpc;a=b"})
            state(QString("9.4 no gRPC: ") + type)
                .withRoutes(direct(403))
                .asks(get("/", QByteArray("content-type: ") + type + "\r\n"))
                .answers(withoutText("403 Forbidden"));
        state("9.4 gRPC by application/grpc+json")
            .withRoutes(direct(403))
            .asks(get("/", "content-type: application/grpc+json\r\n"))
            .answers("200 OK | content-type: application/grpc | grpc-status: 7 | content-length: 0");
    }

    /// 2.1, 2.4 and trap 6: an answer before the request is complete closes.
    void endsOfConnections()
    {
        const QByteArray post = request("POST", "/", "content-length: 2\r\n", "ab");
        const auto closing = [&](const char *what) -> reference::Statement & {
            return state(QString("2.1 a POST answered at once: ") + what).asks(post).closes();
        };
        closing("404")
            .withRoutes(routeTo("up", {}, "/a"))
            .answers(withoutText("404 Not Found", " | connection: close"))
            .counts("http.s@n@.downstream_rq_response_before_rq_complete", 1);
        closing("403").withFilters(m_rbac).answers(
            withText("403 Forbidden", "RBAC: access denied", " | connection: close"));
        closing("UH")
            .withRoutes(routeTo("empty"))
            .answers(withText("503 Service Unavailable", "no healthy upstream", " | connection: close"));
        closing("direct response")
            .withRoutes(direct(200))
            .answers(withoutText("200 OK", " | connection: close"));
        closing("fault").withFilters(m_abort).answers(
            withText("555 Unknown", "fault filter abort", " | connection: close"));
        state("2.1 a POST after a failed connect stays open")
            .withRoutes(routeTo("down"))
            .asks(post)
            .says("503 Service Unavailable = " + m_resetReason + "remote connection failure");
        for (const char *line : {"connection: close", "proxy-connection: close", "Connection: CLOSE"})
            state(QString("2.4 ") + line)
                .asks(get("/", QByteArray(line) + "\r\n"))
                .answers(
                    "200 OK | content-type: text/plain | x-upstream: up | content-length: 2 | connection: "
                    "close | = ok")
                .closes();
        state("2.4 max_requests_per_connection")
            .withManager(R"("common_http_protocol_options": {"max_requests_per_connection": 1})")
            .asks(get("/"))
            .answers(
                "200 OK | content-type: text/plain | x-upstream: up | content-length: 2 | connection: close "
                "| = ok")
            .closes()
            .counts("http.s@n@.downstream_cx_max_requests_reached", 1);
        state("2.1 400 does not close where errors are the stream's")
            .withManager(R"("stream_error_on_invalid_http_message": true)")
            .asks(get("/a#b"))
            .answers(withoutText("400 Bad Request"));
    }

    /// 2.2: reason phrases are Envoy's own.
    void reasonPhrases()
    {
        const std::pair<int, const char *> phrases[] = {{200, "OK"},
                                                        {201, "Created"},
                                                        {202, "Accepted"},
                                                        {203, "Non-Authoritative Information"},
                                                        {205, "Reset Content"},
                                                        {206, "Partial Content"},
                                                        {207, "Multi-Status"},
                                                        {208, "Already Reported"},
                                                        {226, "IM Used"},
                                                        {300, "Multiple Choices"},
                                                        {305, "Use Proxy"},
                                                        {402, "Payment Required"},
                                                        {405, "Method Not Allowed"},
                                                        {406, "Not Acceptable"},
                                                        {407, "Proxy Authentication Required"},
                                                        {408, "Request Timeout"},
                                                        {409, "Conflict"},
                                                        {410, "Gone"},
                                                        {411, "Length Required"},
                                                        {412, "Precondition Failed"},
                                                        {413, "Payload Too Large"},
                                                        {414, "URI Too Long"},
                                                        {415, "Unsupported Media Type"},
                                                        {416, "Range Not Satisfiable"},
                                                        {417, "Expectation Failed"},
                                                        {418, "Unknown"},
                                                        {421, "Misdirected Request"},
                                                        {422, "Unprocessable Entity"},
                                                        {423, "Locked"},
                                                        {424, "Failed Dependency"},
                                                        {425, "Too Early"},
                                                        {426, "Upgrade Required"},
                                                        {428, "Precondition Required"},
                                                        {429, "Too Many Requests"},
                                                        {431, "Request Header Fields Too Large"},
                                                        {451, "Unknown"},
                                                        {499, "Unknown"},
                                                        {501, "Not Implemented"},
                                                        {502, "Bad Gateway"},
                                                        {504, "Gateway Timeout"},
                                                        {505, "HTTP Version Not Supported"},
                                                        {506, "Variant Also Negotiates"},
                                                        {507, "Insufficient Storage"},
                                                        {508, "Loop Detected"},
                                                        {510, "Not Extended"},
                                                        {511, "Network Authentication Required"},
                                                        {599, "Last Unassigned Server Error Code"}};
        for (const auto &[status, phrase] : phrases) {
            const QByteArray code = QByteArray::number(status);
            state("2.2 phrase of " + code)
                .asks(get("/status/" + code))
                .says(code + ' ' + phrase + " = status " + code);
        }
    }

    void statements() override
    {
        repliesToGrpc();
        endsOfConnections();
        reasonPhrases();
    }
};

QTEST_GUILESS_MAIN(TestAnswerForms)
