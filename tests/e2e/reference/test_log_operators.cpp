// SPDX-License-Identifier: GPL-3.0-or-later
// The access log's formats: envoy-behaviour 1.1 and 1.3, each operator as text and as a value of JSON.
#include "tests/e2e/reference/statement_test.h"

class TestLogOperators : public reference::StatementTest
{
    const QString m_serverTls =
        R"("transport_socket": {"name": "tls", "typed_config": {"@type":
            "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
            "common_tls_context": {"tls_certificates": [{"certificate_chain": {"filename": "@pki@/server.pem"},
            "private_key": {"filename": "@pki@/server.key"}}], "validation_context": {"trusted_ca": {"filename":
            "@pki@/ca.pem"}}}}})";
    const QString m_inspector =
        R"("listener_filters": [{"name": "i", "typed_config": {"@type":
            "type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector"}}])";
    const QString m_upstreamTls =
        R"("transport_socket": {"name": "tls", "typed_config": {"@type":
            "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext", "sni": "test.com",
            "common_tls_context": {"tls_certificates": [{"certificate_chain": {"filename": "@pki@/client.pem"},
            "private_key": {"filename": "@pki@/client.key"}}]}}})";

    QJsonObject upstreams() const override
    {
        return {{"secure", QJsonObject{{"tls", QJsonObject{{"ca", "@pki@/ca.pem"}, {"max", "1.2"}}}}}};
    }

    /// A request with a little of everything.
    static QByteArray rich()
    {
        return request("POST", "/a/b?x=1&y=%20z&x=2",
                       "x-a: value\r\nx-a: second\r\nx-empty:\r\nuser-agent: ua\r\ncontent-length: 5\r\n",
                       "hello");
    }
    static QString named(const QString &action = R"("route": {"cluster": "up"})")
    {
        return R"({"name": "main route", "match": {"prefix": "/"}, )" + action + '}';
    }
    static QByteArray json(const QByteArray &op) { return "{\"v\": \"" + op + "\"}"; }
    /// One operator in both forms. `value` is JSON's; the text is the same without quotes, `-` for null.
    void op(const QByteArray &name, const QByteArray &value, const QString &section = "1.3")
    {
        QByteArray text = value;
        if (text.startsWith('"'))
            text = text.mid(1, text.size() - 2);
        else if (text == "null")
            text = "-";
        state(section + ' ' + name + " in text")
            .withRoutes(named())
            .withFormat('<' + name + '>')
            .asks(rich())
            .says("200 OK = ok")
            .logs('<' + text + '>');
        state(section + ' ' + name + " in JSON")
            .withRoutes(named())
            .withJsonFormat(json(name))
            .asks(rich())
            .says("200 OK = ok")
            .logs(R"({"v":)" + value + '}');
    }
    /// One that differs from run to run; `pattern` is JSON's.
    void opLike(const QByteArray &name, const QString &pattern)
    {
        QString text = pattern;
        if (text.startsWith('"'))
            text = text.mid(1, text.size() - 2);
        state("1.3 " + name + " in text")
            .withFormat('<' + name + '>')
            .asks(rich())
            .says("200 OK = ok")
            .logsLike('<' + text + '>');
        state("1.3 " + name + " in JSON")
            .withJsonFormat(json(name))
            .asks(rich())
            .says("200 OK = ok")
            .logsLike(R"(\{"v":)" + pattern + R"(\})");
    }
    reference::Statement &formatted(const char *what, const QByteArray &format, const QByteArray &record)
    {
        return state(QString("1.1 ") + what)
            .withRoutes(named())
            .withFormat(format)
            .asks(rich())
            .says("200 OK = ok")
            .logs(record);
    }
    reference::Statement &formattedJson(const char *what, const QByteArray &format, const QByteArray &record)
    {
        return formatted(what, {}, record).withJsonFormat(format);
    }

    void rules()
    {
        formatted("a percent sign", "100%% %%REQ%%", "100% %REQ%");
        formatted("alternatives, the first", "%REQ(X-A?USER-AGENT)%", "value");
        formatted("alternatives, the second", "%REQ(X-NONE?X-A)%", "value");
        formatted("alternatives, empty is present", "<%REQ(X-EMPTY?X-A)%>", "<>");
        formatted("names are case-insensitive", "%REQ(x-A)% %RESP(CONTENT-Type)%", "value text/plain");
        formatted("only the first of several values", "%REQ(x-a)%", "value");
        formatted("bytes are cut", "%REQ(x-a):2% %REQ(x-a):0%| %REQ(x-a):99%", "va | value");
        formatted("null is a hyphen", "%REQ(x-none)%%RESP(x-none)%%TRAILER(x-none)%", "---");
        formatted("null with omit_empty_values", "<%REQ(x-none)%>", "<>").omittingEmptyValues();
        formatted("a header that is present and empty", "<%REQ(x-empty)%>", "<>");
        formattedJson("keys are sorted at every level",
                      R"({"b": "1", "a": {"z": "x", "Z": "y", "_": "u"}, "B": "2", "a-": "3"})",
                      R"({"B":"2","a":{"Z":"y","_":"u","z":"x"},"a-":"3","b":"1"})");
        formattedJson("one operator keeps its type",
                      R"({"a": "%RESPONSE_CODE%", "b": "%REQ(x-none)%", "c": "%REQ(x-a)%"})",
                      R"({"a":200,"b":null,"c":"value"})");
        formattedJson(
            "several pieces make a string",
            R"({"a": "%RESPONSE_CODE% ", "b": "%RESPONSE_CODE%%BYTES_SENT%", "c": "x%REQ(x-none)%"})",
            R"({"a":"200 ","b":"2002","c":"x-"})");
        formattedJson("several pieces with omit_empty_values", R"({"c": "x%REQ(x-none)%y"})", R"({"c":"xy"})")
            .omittingEmptyValues();
        formattedJson(
            "null keys are omitted",
            R"({"a": "%REQ(x-none)%", "b": {"c": "%REQ(x-none)%", "d": "1"}, "e": null, "f": "%RESPONSE_FLAGS%"})",
            R"({"b":{"d":"1"},"f":"-"})")
            .omittingEmptyValues();
        formattedJson(
            "literals",
            R"({"n": 1, "b": true, "l": [1, "%RESPONSE_CODE%", {"k": "%PROTOCOL%"}], "s": "text", "d": 1.5, "z": null})",
            R"({"b":true,"d":1.5,"l":[1,200,{"k":"HTTP/1.1"}],"n":1,"s":"text","z":null})");
        formattedJson("escaping", "{\"s\": \"q\\\" b\\\\ n\\n t\\t u\\u0001 é\"}",
                      "{\"s\":\"q\\\" b\\\\ n\\n t\\t u\\u0001 \xC3\xA9\"}");
        state("1.1 bytes that are no UTF-8")
            .withJsonFormat(json("%REQ(x-a)%"))
            .asks(get("/", "x-a: \xC3\xA9\xFF\x80 b\r\n"))
            .says("200 OK = ok")
            .logs("{\"v\":\"\\u00c3\\u00a9\\u00ff\\u0080 b\"}");
    }

    void ofHeaders()
    {
        op("%REQ(:METHOD)%", R"("POST")");
        op("%REQ(:PATH)%", R"("/a/b?x=1&y=%20z&x=2")");
        op("%REQ(:AUTHORITY)%", R"("h")");
        op("%REQ(:SCHEME)%", R"("http")");
        op("%REQUEST_HEADER(x-a)%", R"("value")");
        op("%RESPONSE_HEADER(x-upstream)%", R"("up")");
        op("%RESP(:STATUS)%", R"("200")");
        op("%QUERY_PARAM(x)%", R"("1")");
        op("%QUERY_PARAM(y)%", R"(" z")");
        op("%QUERY_PARAM(none)%", "null");
        op("%PATH%", R"("/a/b?x=1&y=%20z&x=2")");
        op("%PATH(NQ)%", R"("/a/b")");
        op("%PATH(WQ:PATH)%", R"("/a/b?x=1&y=%20z&x=2")");
        op("%PATH(NQ:ORIG)%", "null");
        op("%PATH(NQ:ORIG_OR_PATH):3%", R"("/a/")");
        op("%GRPC_STATUS%", "null");
        op("%ENVIRONMENT(NO_SUCH_VARIABLE)%", R"("-")");
        state("1.3 TRAILER")
            .withFormat("%TRAILER(X-CHECKSUM)% %RESPONSE_TRAILER(x-checksum)%")
            .withManager(R"("http_protocol_options": {"enable_trailers": true})")
            .asks(get("/trailers"))
            .says("200 OK = body")
            .logs("- -");
    }

    void ofStreams()
    {
        op("%PROTOCOL%", R"("HTTP/1.1")");
        op("%UPSTREAM_PROTOCOL%", R"("HTTP/1.1")");
        op("%RESPONSE_CODE%", "200");
        op("%RESPONSE_CODE_DETAILS%", R"("via_upstream")");
        op("%CONNECTION_TERMINATION_DETAILS%", "null");
        op("%RESPONSE_FLAGS%", R"("-")");
        op("%RESPONSE_FLAGS_LONG%", R"("-")");
        op("%CUSTOM_FLAGS%", R"("")");
        op("%UPSTREAM_TRANSPORT_FAILURE_REASON%", "null");
        op("%DOWNSTREAM_TRANSPORT_FAILURE_REASON%", "null");
        op("%BYTES_RECEIVED%", "5");
        op("%BYTES_SENT%", "2");
        op("%RESPONSE_TRAILERS_BYTES%", "0");
        op("%UPSTREAM_CLUSTER%", R"("up")");
        op("%UPSTREAM_CLUSTER_RAW%", R"("up")");
        op("%UPSTREAM_REQUEST_ATTEMPT_COUNT%", "1");
        op("%ROUTE_NAME%", R"("main route")");
        op("%VIRTUAL_CLUSTER_NAME%", "null");
        op("%FILTER_CHAIN_NAME%", "null");
        op("%REQUESTED_SERVER_NAME%", "null");
        op("%LOCAL_REPLY_BODY%", R"("")");
        op("%ACCESS_LOG_TYPE%", R"("DownstreamEnd")");
        op("%TRACE_ID%", "null");
        op("%TLS_JA3_FINGERPRINT%", "null");
        op("%TLS_JA4_FINGERPRINT%", "null");
        for (const char *metadata : {"DYNAMIC_METADATA", "CLUSTER_METADATA", "UPSTREAM_METADATA"})
            op(QByteArray("%") + metadata + "(a:b)%", "null");
        op("%FILTER_STATE(k)%", "null");
        op("%UPSTREAM_HOST%", R"("127.0.0.1:@port:up@")");
        op("%UPSTREAM_HOST_NAME%", R"("127.0.0.1:@port:up@")");
        op("%UPSTREAM_REMOTE_ADDRESS%", R"("127.0.0.1:@port:up@")");
        op("%UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%", R"("127.0.0.1")");
        op("%UPSTREAM_REMOTE_PORT%", "@port:up@");
        op("%UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT%", R"("127.0.0.1")");
        op("%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT%", R"("127.0.0.1")");
        op("%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%", R"("127.0.0.1")");
        op("%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%", R"("127.0.0.1")");
        opLike("%UPSTREAM_LOCAL_ADDRESS%", R"("127\.0\.0\.1:\d+")");
        opLike("%UPSTREAM_LOCAL_PORT%", R"(\d+)");
        opLike("%DOWNSTREAM_LOCAL_ADDRESS%", R"("127\.0\.0\.1:\d+")");
        opLike("%DOWNSTREAM_LOCAL_PORT%", R"(\d+)");
        opLike("%DOWNSTREAM_REMOTE_ADDRESS%", R"("127\.0\.0\.1:\d+")");
        opLike("%DOWNSTREAM_REMOTE_PORT%", R"(\d+)");
        opLike("%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%", R"("127\.0\.0\.1:\d+")");
        opLike("%CONNECTION_ID%", R"([1-9]\d*)");
        opLike("%UPSTREAM_CONNECTION_ID%", R"([1-9]\d*)");
        opLike("%STREAM_ID%", R"("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")");
        opLike("%UNIQUE_ID%", R"("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")");
        opLike("%HOSTNAME%", R"("[\w.-]+")");
        for (const char *name :
             {"DURATION", "REQUEST_DURATION", "REQUEST_TX_DURATION", "RESPONSE_DURATION",
              "RESPONSE_TX_DURATION", "UPSTREAM_CONNECTION_POOL_READY_DURATION",
              "COMMON_DURATION(DS_RX_BEG:DS_TX_END)", "COMMON_DURATION(DS_RX_BEG:US_RX_BEG:us)",
              "COMMON_DURATION(DS_RX_BEG:DS_RX_END:ns)", "REQUEST_HEADERS_BYTES", "RESPONSE_HEADERS_BYTES",
              "DOWNSTREAM_WIRE_BYTES_RECEIVED", "DOWNSTREAM_WIRE_BYTES_SENT", "UPSTREAM_WIRE_BYTES_RECEIVED",
              "UPSTREAM_WIRE_BYTES_SENT"})
            opLike(QByteArray("%") + name + '%', R"(\d+)");
        op("%COMMON_DURATION(DS_TX_END:DS_RX_BEG)%", "null");
        op("%COMMON_DURATION(DS_RX_BEG:NOTHING)%", "null");
        op("%DOWNSTREAM_HANDSHAKE_DURATION%", "null");
    }

    void ofTimes()
    {
        const QString day = R"(20\d\d-[01]\d-[0-3]\d)";
        opLike("%START_TIME%", '"' + day + R"(T[0-2]\d:[0-5]\d:[0-5]\d\.\d{3}Z)" + '"');
        opLike("%EMIT_TIME%", '"' + day + R"(T[0-2]\d:[0-5]\d:[0-5]\d\.\d{3}Z)" + '"');
        opLike("%START_TIME_LOCAL%", '"' + day + R"(T[0-2]\d:[0-5]\d:[0-5]\d\.\d{3}[+-]\d{4})" + '"');
        opLike("%START_TIME(%Y/%m/%d)%", R"("20\d\d/[01]\d/[0-3]\d")");
        opLike("%START_TIME(%s)%", R"("1\d{9}")");
        opLike("%START_TIME(%s.%3f)%", R"("1\d{9}\.\d{3}")");
        opLike("%START_TIME(%s%3f)%", R"("1\d{12}")");
        opLike("%START_TIME(%f)%", R"("\d{9}")");
        for (int digits = 1; digits <= 9; ++digits)
            opLike("%START_TIME(%" + QByteArray::number(digits) + "f)%", QString(R"("\d{%1}")").arg(digits));
        opLike("%START_TIME(%H:%M:%S.%6f %z)%", R"("[0-2]\d:[0-5]\d:[0-5]\d\.\d{6} \+0000")");
    }

    void ofLocalReplies()
    {
        const auto unset = [this](const char *name, const QByteArray &value) {
            state(QString("1.3 %1 where no upstream was asked").arg(name))
                .withRoutes(named(R"("direct_response": {"status": 418, "body": {"inline_string": "tea"}})"))
                .withJsonFormat(json(QByteArray("%") + name + '%'))
                .asks(get("/"))
                .says("418 Unknown = tea")
                .logs(R"({"v":)" + value + '}');
        };
        for (const char *name :
             {"UPSTREAM_PROTOCOL", "UPSTREAM_HOST", "UPSTREAM_HOST_NAME", "UPSTREAM_REMOTE_ADDRESS",
              "UPSTREAM_REMOTE_PORT", "UPSTREAM_LOCAL_ADDRESS", "UPSTREAM_LOCAL_PORT", "UPSTREAM_CLUSTER",
              "UPSTREAM_CLUSTER_RAW", "REQUEST_TX_DURATION", "RESPONSE_DURATION", "RESPONSE_TX_DURATION",
              "UPSTREAM_CONNECTION_POOL_READY_DURATION", "UPSTREAM_TLS_VERSION", "UPSTREAM_TLS_CIPHER",
              "UPSTREAM_PEER_URI_SAN", "DOWNSTREAM_TLS_VERSION", "DOWNSTREAM_PEER_SUBJECT",
              "DOWNSTREAM_PEER_CERT"})
            unset(name, "null");
        unset("UPSTREAM_REQUEST_ATTEMPT_COUNT", "0");
        unset("UPSTREAM_WIRE_BYTES_SENT", "0");
        unset("UPSTREAM_CONNECTION_ID", "0");
        unset("BYTES_SENT", "3");
        unset("RESPONSE_CODE_DETAILS", R"("direct_response")");
        unset("ROUTE_NAME", R"("main route")");
        state("1.3 UPSTREAM_CLUSTER of a local reply after routing")
            .withRoutes(routeTo("empty"))
            .withFormat("%UPSTREAM_CLUSTER% %UPSTREAM_HOST% %UPSTREAM_REQUEST_ATTEMPT_COUNT%")
            .asks(get("/"))
            .says("503 Service Unavailable = no healthy upstream")
            .logs("empty - 1");
        state("1.3 UPSTREAM_HOST of a failed connect")
            .withRoutes(routeTo("down"))
            .withFormat("%UPSTREAM_HOST% %UPSTREAM_LOCAL_ADDRESS% %UPSTREAM_TRANSPORT_FAILURE_REASON%")
            .asks(get("/"))
            .says("503 Service Unavailable = upstream connect error or disconnect/reset before headers. "
                  "reset reason: remote connection failure")
            .logs("127.0.0.1:@port:nobody@ - delayed_connect_error:_Connection_refused");
        stateOfRoute("1.3 UPSTREAM_CLUSTER is the observability name", {}, R"("alt_stat_name": "other")")
            .withFormat("%UPSTREAM_CLUSTER%")
            .asks(get("/"))
            .says("200 OK = ok")
            .logs("other");
        state("1.3 DOWNSTREAM_REMOTE_ADDRESS of X-Forwarded-For")
            .withFormat("%DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_REMOTE_PORT% "
                        "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%")
            .asks(get("/", "x-forwarded-for: 9.9.9.9, 10.0.0.1\r\n"))
            .says("200 OK = ok")
            .logs("10.0.0.1:0 0 127.0.0.1");
        state("1.3 flags in words")
            .withRoutes(routeTo("empty"))
            .withFormat("%RESPONSE_FLAGS% %RESPONSE_FLAGS_LONG%")
            .asks(get("/"))
            .says("503 Service Unavailable = no healthy upstream")
            .logs("UH NoHealthyUpstream");
    }

    void ofTls()
    {
        const QJsonObject mutual{
            {"sni", "Test.COM"}, {"cert", "@pki@/client.pem"}, {"key", "@pki@/client.key"}};
        const auto over = [&](const QByteArray &op, const QByteArray &value) {
            stateOfRoute("1.3 " + op + " over TLS", {}, m_upstreamTls, "secure")
                .withChain(m_serverTls)
                .withListener(m_inspector)
                .withJsonFormat(json(op))
                .as("tls", mutual)
                .asks(get("/"))
                .says("200 OK = ok")
                .logs(R"({"v":)" + value + '}');
        };
        over("%REQUESTED_SERVER_NAME%", R"("test.com")");
        over("%REQUESTED_SERVER_NAME(HOST_FIRST)%", R"("h")");
        over("%DOWNSTREAM_TLS_VERSION%", R"("TLSv1.3")");
        over("%DOWNSTREAM_TLS_CIPHER%", R"("TLS_AES_256_GCM_SHA384")");
        over("%UPSTREAM_TLS_VERSION%", R"("TLSv1.2")");
        over("%UPSTREAM_TLS_CIPHER%", R"("ECDHE-ECDSA-AES128-GCM-SHA256")");
        over("%DOWNSTREAM_PEER_URI_SAN%", R"("spiffe://test.client")");
        over("%DOWNSTREAM_PEER_DNS_SAN%", "null");
        over("%DOWNSTREAM_PEER_IP_SAN%", "null");
        over("%DOWNSTREAM_PEER_EMAIL_SAN%", "null");
        over("%DOWNSTREAM_LOCAL_DNS_SAN%", R"("test.com,*.example.com")");
        over("%DOWNSTREAM_LOCAL_URI_SAN%", "null");
        over("%UPSTREAM_PEER_DNS_SAN%", R"("test.com,*.example.com")");
        over("%UPSTREAM_LOCAL_URI_SAN%", R"("spiffe://test.client")");
        over("%DOWNSTREAM_PEER_SUBJECT%", R"("CN=test.client,O=Gateway Tests")");
        over("%DOWNSTREAM_PEER_ISSUER%", R"("CN=Test CA,O=Gateway Tests")");
        over("%DOWNSTREAM_LOCAL_SUBJECT%", R"("CN=test.com,O=Gateway Tests")");
        over("%UPSTREAM_PEER_SUBJECT%", R"("CN=test.com,O=Gateway Tests")");
        over("%UPSTREAM_PEER_ISSUER%", R"("CN=Test CA,O=Gateway Tests")");
        over("%DOWNSTREAM_PEER_FINGERPRINT_256%",
             R"("cb74d9c208b08091949b1db4b936331b3fe954336bb5c0d31f8ac2af6560b5b9")");
        over("%DOWNSTREAM_PEER_FINGERPRINT_1%", R"("ad34eb5194a258e9ad87f5d5a9fd81e66c8c5a70")");
        over("%DOWNSTREAM_PEER_SERIAL%", R"("100a")");
        over("%DOWNSTREAM_PEER_CERT_V_START%", R"("2024-01-01T00:00:00.000Z")");
        over("%DOWNSTREAM_PEER_CERT_V_END%", R"("2126-01-01T00:00:00.000Z")");
        over("%DOWNSTREAM_PEER_CERT_V_END(%b %e %H:%M:%S %Y)%", R"("Jan  1 00:00:00 2126")");
        over("%UPSTREAM_PEER_CERT_V_START%", R"("2024-01-01T00:00:00.000Z")");
        over("%UPSTREAM_PEER_CERT_V_END%", R"("2126-01-01T00:00:00.000Z")");
        state("1.3 DOWNSTREAM_PEER_CERT")
            .withChain(m_serverTls)
            .withFormat("%DOWNSTREAM_PEER_CERT%")
            .as("tls", mutual)
            .asks(get("/"))
            .says("200 OK = ok")
            .logsLike("-----BEGIN%20CERTIFICATE-----%0A[A-Za-z0-9%]+-----END%20CERTIFICATE-----%0A");
        state("1.3 REQUESTED_SERVER_NAME without tls_inspector")
            .withChain(m_serverTls)
            .withFormat("%REQUESTED_SERVER_NAME%")
            .as("tls", mutual)
            .asks(get("/"))
            .says("200 OK = ok")
            .logs("-");
        state("1.3 REQUESTED_SERVER_NAME with odd characters")
            .withChain(m_serverTls)
            .withListener(m_inspector)
            .withFormat("%REQUESTED_SERVER_NAME%")
            .as("tls", QJsonObject{{"sni", "bad name!"}})
            .asks(get("/"))
            .says("200 OK = ok")
            .logs("invalid:bad_name_");
    }

    void statements() override
    {
        rules();
        ofHeaders();
        ofStreams();
        ofTimes();
        ofLocalReplies();
        ofTls();
    }
};

QTEST_GUILESS_MAIN(TestLogOperators)
