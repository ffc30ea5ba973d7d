// SPDX-License-Identifier: GPL-3.0-or-later
// External authorization over HTTP: envoy-behaviour 1.4 (UAEX), 1.5 and 2.2, field by field of Envoy's
// ExtAuthz.
#include "tests/e2e/reference/statement_test.h"

class TestExtAuthz : public reference::StatementTest
{
    static QJsonArray answer(const QByteArray &status, const QByteArray &lines, const QByteArray &body = {})
    {
        return {QString::fromLatin1("HTTP/1.1 " + status + "\r\n" + lines + "content-length: " +
                                    QByteArray::number(body.size()) + "\r\n\r\n" + body)};
    }
    QJsonObject upstreams() const override
    {
        const QByteArray many = "x-u: 1\r\nx-u: 2\r\nx-v: 3\r\nx-c: 4\r\nset-cookie: s=1\r\n";
        return {
            {"authz",
             QJsonObject{
                 {"raw",
                  QJsonObject{{"/ok", answer("200 OK", many)},
                              {"/created", answer("201 Created", {}, "no")},
                              {"/no-content", QJsonArray{"HTTP/1.1 204 No Content\r\n\r\n"}},
                              {"/remove",
                               answer("200 OK", "x-envoy-auth-headers-to-remove: X-A, host,:path, x-b\r\n")},
                              {"/route", answer("200 OK", "x-u: elsewhere\r\n")},
                              {"/deny", answer("403 Forbidden",
                                               many + "content-type: text/html\r\nwww-authenticate: "
                                                      "Basic\r\nlocation: /l\r\nserver: authz\r\ndate: d\r\n",
                                               "why")},
                              {"/deny-empty", answer("401 Unauthorized", {})},
                              {"/limit", answer("429 Too Many", "retry-after: 3\r\n", "slow")},
                              {"/login", answer("302 Found", "location: http://login/\r\n")},
                              {"/broken", answer("500 Internal", {}, "oh")},
                              {"/bad-gateway", answer("502 Bad", {})},
                              {"/late", QJsonArray{QJsonObject{{"sleep_ms", 1500}},
                                                   "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"}},
                              {"/gone", QJsonArray{QJsonObject{{"close", true}}}},
                              {"/nonsense", QJsonArray{"what?\r\n\r\n", QJsonObject{{"close", true}}}},
                              {"/pre/x", answer("200 OK", {})}}}}}};
    }

    static QString service(const QString &fields = {}, const QString &to = "c@n@")
    {
        return QString(R"("server_uri": {"uri": "authz", "cluster": "%1", "timeout": "0.3s"}%2)")
            .arg(to, fields.isEmpty() ? fields : ", " + fields);
    }
    /// A filter with these fields, its service with those.
    reference::Statement &checked(const QString &what, const QByteArray &path, const QString &fields = {},
                                  const QString &serviceFields = {}, const QString &to = "c@n@")
    {
        const QString filter =
            extension("extensions.filters.http.ext_authz.v3.ExtAuthz",
                      QString(R"("transport_api_version": "V3", "http_service": {%1}%2)")
                          .arg(service(serviceFields, to), fields.isEmpty() ? fields : ", " + fields));
        return state("2.2 ext_authz " + what)
            .withFilters(filter)
            .withClusters(cluster("c@n@", "authz"))
            .asks(get(path, "x-a: 1\r\nx-b: 2\r\nauthorization: Bearer t\r\ncookie: c=1\r\n"));
    }
    const QByteArray m_all = "x-a: 1 | x-b: 2 | authorization: Bearer t | cookie: c=1";

    static QString names(const char *field, const QString &patterns)
    {
        return QString(R"("%1": {"patterns": [%2]})").arg(field, patterns);
    }

    void allowed()
    {
        checked("200 lets through", "/ok")
            .says("200 OK = ok")
            .forwards("GET /ok | host: h | " + m_all)
            .logs("200 - via_upstream")
            .counts("http.s@n@.ext_authz.ok", 1)
            .counts("http.s@n@.ext_authz.denied", 0);
        checked("asks with the method, path, host and authorization only", "/ok?q=1")
            .forwardsTo("authz", "GET /ok?q=1 | host: h | content-length: 0 | authorization: Bearer t | "
                                 "x-envoy-internal: true")
            .says("200 OK = ok");
        // Envoy has them in no particular order.
        checked("allowed_headers of the filter", "/ok", names("allowed_headers", R"({"prefix": "x-b"})"))
            .forwardsTo("authz", "GET /ok | host: h | content-length: 0 | x-b: 2 | x-envoy-internal: true")
            .says("200 OK = ok")
            .steps = {QString::fromLatin1(get("/ok", "x-a: 1\r\nx-b: 2\r\n"))};
        checked("allowed_headers, exactly and in any case", "/ok",
                names("allowed_headers", R"({"exact": "X-A", "ignore_case": true})"))
            .forwardsTo("authz", "GET /ok | host: h | content-length: 0 | x-a: 1 | x-envoy-internal: true")
            .says("200 OK = ok")
            .steps = {QString::fromLatin1(get("/ok", "x-a: 1\r\nx-b: 2\r\n"))};
        checked(
            "headers_to_add", "/ok", {},
            R"("authorization_request": {"headers_to_add": [{"key": "x-new", "value": "v"}, {"key": "authorization", "value": "mine"}]})")
            .forwardsTo("authz", "GET /ok | host: h | content-length: 0 | x-new: v | authorization: mine | "
                                 "x-envoy-internal: true")
            .says("200 OK = ok");
        checked("path_prefix", "/x", {}, R"("path_prefix": "/pre")")
            .forwardsTo(
                "authz",
                "GET /pre/x | host: h | content-length: 0 | authorization: Bearer t | x-envoy-internal: true")
            .says("200 OK = ok");
        const auto response = [&](const char *what, const QString &fields) -> reference::Statement & {
            return checked(what, "/ok", {}, QString(R"("authorization_response": {%1})").arg(fields))
                .says("200 OK = ok");
        };
        response("allowed_upstream_headers", names("allowed_upstream_headers", R"({"exact": "x-u"})"))
            .forwards("GET /ok | host: h | " + m_all + " | x-u: 2");
        response("allowed_upstream_headers_to_append",
                 names("allowed_upstream_headers_to_append", R"({"exact": "x-u"}, {"exact": "x-v"})"))
            .forwards("GET /ok | host: h | " + m_all + " | x-u: 1 | x-u: 2 | x-v: 3");
        response("allowed_client_headers_on_success",
                 names("allowed_client_headers_on_success", R"({"exact": "x-c"}, {"exact": "set-cookie"})"))
            .forwards("GET /ok | host: h | " + m_all);
        checked(
            "allowed_client_headers_on_success reach the client", "/ok", {},
            R"("authorization_response": {)" +
                names("allowed_client_headers_on_success", R"({"exact": "x-c"}, {"exact": "set-cookie"})") +
                "}")
            .answers("200 OK | content-type: text/plain | x-upstream: up | content-length: 2 | x-c: 4 | "
                     "set-cookie: s=1 | = ok");
        checked("x-envoy-auth-headers-to-remove", "/remove")
            .says("200 OK = ok")
            .forwards("GET /remove | host: h | authorization: Bearer t | cookie: c=1");
        checked("the route is kept", "/route", {},
                R"("authorization_response": {)" + names("allowed_upstream_headers", R"({"exact": "x-u"})") +
                    "}")
            .withRoutes(
                R"({"match": {"prefix": "/", "headers": [{"name": "x-u", "present_match": true}]}, "direct_response": {"status": 299}}, )" +
                routeTo("up"))
            .says("200 OK = ok");
        checked("clear_route_cache chooses again", "/route", R"("clear_route_cache": true)",
                R"("authorization_response": {)" + names("allowed_upstream_headers", R"({"exact": "x-u"})") +
                    "}")
            .withRoutes(
                R"({"match": {"prefix": "/", "headers": [{"name": "x-u", "present_match": true}]}, "direct_response": {"status": 299}}, )" +
                routeTo("up"))
            .says("299 Unknown");
        checked("clear_route_cache without a change", "/created", R"("clear_route_cache": true)")
            .says("201 Created = no");
    }

    void denied()
    {
        checked("403 denies with what the service says", "/deny")
            .answers("403 Forbidden | x-u: 1 | x-u: 2 | x-v: 3 | x-c: 4 | set-cookie: s=1 | content-type: "
                     "text/html | www-authenticate: Basic | location: /l | content-length: 3 | = why")
            .forwardsNothing()
            .logs("403 UAEX ext_authz_denied")
            .counts("http.s@n@.ext_authz.denied", 1);
        checked("allowed_client_headers of a denial", "/deny", {},
                R"("authorization_response": {)" + names("allowed_client_headers", R"({"exact": "x-c"})") +
                    "}")
            .answers("403 Forbidden | x-c: 4 | www-authenticate: Basic | location: /l | content-length: 3 | "
                     "content-type: text/plain | = why")
            .logs("403 UAEX ext_authz_denied");
        checked("a denial without a body", "/deny-empty")
            .answers("401 Unauthorized | content-length: 0")
            .logs("401 UAEX ext_authz_denied");
        checked("201 denies", "/created")
            .says("201 Created = no")
            .forwardsNothing()
            .logs("201 UAEX ext_authz_denied");
        checked("204 denies", "/no-content")
            .answers("204 No Content")
            .forwardsNothing()
            .logs("204 UAEX ext_authz_denied");
        checked("429", "/limit")
            .answers("429 Too Many Requests | retry-after: 3 | content-length: 4 | content-type: text/plain "
                     "| = slow")
            .logs("429 UAEX ext_authz_denied");
        checked("a redirect", "/login")
            .answers("302 Found | location: http://login/ | content-length: 0")
            .logs("302 UAEX ext_authz_denied");
    }

    void failed()
    {
        const auto error = [&](const char *what, const QByteArray &path, const QString &to = "c@n@") {
            checked(QString("%1 is an error").arg(what), path, {}, {}, to)
                .answers("403 Forbidden | content-length: 0")
                .forwardsNothing()
                .logs("403 UAEX ext_authz_error")
                .counts("http.s@n@.ext_authz.error", 1)
                .counts("http.s@n@.ext_authz.denied", 0);
            checked(QString("%1 with status_on_error").arg(what), path,
                    R"("status_on_error": {"code": "ServiceUnavailable"})", {}, to)
                .answers("503 Service Unavailable | content-length: 0")
                .logs("503 UAEX ext_authz_error");
            checked(QString("%1 with failure_mode_allow").arg(what), path, R"("failure_mode_allow": true)",
                    {}, to)
                .says("200 OK = ok")
                .forwards("GET " + path + " | host: h | " + m_all)
                .counts("http.s@n@.ext_authz.failure_mode_allowed", 1)
                .counts("http.s@n@.ext_authz.error", 1);
        };
        error("500", "/broken");
        error("502", "/bad-gateway");
        error("a time-out", "/late");
        error("an end", "/gone");
        error("nonsense", "/nonsense");
        error("a refused connection", "/any", "down");
        error("no host", "/any", "empty");
        checked("failure_mode_allow_header_add", "/broken",
                R"("failure_mode_allow": true, "failure_mode_allow_header_add": true)")
            .says("200 OK = ok")
            .forwards("GET /broken | host: h | " + m_all + " | x-envoy-auth-failure-mode-allowed: true");
    }

    void bodies()
    {
        const auto body = [&](const char *what, const QString &fields) -> reference::Statement & {
            const QString filter = extension(
                "extensions.filters.http.ext_authz.v3.ExtAuthz",
                QString(R"("transport_api_version": "V3", "http_service": {%1}, "with_request_body": {%2})")
                    .arg(service(), fields));
            return state(QString("2.2 ext_authz ") + what)
                .withFilters(filter)
                .withClusters(cluster("c@n@", "authz"))
                .asks(request("POST", "/ok", "content-length: 6\r\n", "abcdef"));
        };
        body("with_request_body", R"("max_request_bytes": 6)")
            .says("200 OK = ok")
            .forwardsTo("authz", "POST /ok | host: h | content-length: 6 | x-envoy-auth-partial-body: false "
                                 "| x-envoy-internal: true | = abcdef")
            .forwards("POST /ok | host: h | content-length: 6 | = abcdef");
        body("a part of a body", R"("max_request_bytes": 4, "allow_partial_message": true)")
            .says("200 OK = ok")
            .forwardsTo("authz", "POST /ok | host: h | content-length: 4 | x-envoy-auth-partial-body: true | "
                                 "x-envoy-internal: true | = abcd")
            .forwards("POST /ok | host: h | content-length: 6 | = abcdef");
        body("a body above the limit", R"("max_request_bytes": 5)")
            .answers("413 Payload Too Large | content-length: 17 | content-type: text/plain | connection: "
                     "close | = Payload Too Large")
            .closes()
            .forwardsNothing()
            .forwardsTo("authz", {})
            .logs("413 - request_payload_too_large");
    }

    void statements() override
    {
        allowed();
        denied();
        failed();
        bodies();
    }
};

QTEST_GUILESS_MAIN(TestExtAuthz)
