// SPDX-License-Identifier: GPL-3.0-or-later
// What tracers make of a request's headers, measured with Envoy 1.40: Zipkin's B3 and W3C Trace Context.
#include "tests/e2e/reference/statement_test.h"

namespace {

const QByteArray A = "aaaaaaaaaaaaaaaa";
const QByteArray B = "bbbbbbbbbbbbbbbb";
const QByteArray C = "cccccccccccccccc";
const QString Id = QStringLiteral("[0-9a-f]{16}");
const QString Wide = QStringLiteral("[0-9a-f]{32}");

QByteArray b3(const QByteArray &trace, const QByteArray &span, const QByteArray &more = {})
{
    return "x-b3-traceid: " + trace + "\r\nx-b3-spanid: " + span + "\r\n" + more;
}

} // namespace

class TestTracing : public reference::StatementTest
{
    const QString m_format = QStringLiteral(
        "T=%TRACE_ID% S=%SPAN_ID% B=%REQ(X-B3-TRACEID)%/%REQ(X-B3-SPANID)%/%REQ(X-B3-PARENTSPANID)%/"
        "%REQ(X-B3-SAMPLED)% 1=%REQ(B3)% W=%REQ(TRACEPARENT)%");

    /// `expected`: the log's line without its trace and span.
    reference::Statement &traced(const QString &id, const QString &tracer, const QByteArray &lines,
                                 const QString &expected, const QString &more = {})
    {
        return state(id)
            .withManager(QString(R"("tracing": {"provider": %1%2})").arg(tracer, more))
            .withListener(R"("traffic_direction": "OUTBOUND")")
            .withFormat(m_format.toLatin1())
            .asks(get("/", lines))
            .says("200 OK = ok")
            .logsLike('^' + expected + '$');
    }

    QString zipkin(const QString &more = {}) const
    {
        return extension("config.trace.v3.ZipkinConfig",
                         R"("collector_cluster": "down", "collector_endpoint": "/api/v2/spans",
                         "collector_endpoint_version": "HTTP_JSON")" +
                             more);
    }
    QString openTelemetry() const
    {
        return extension("config.trace.v3.OpenTelemetryConfig",
                         R"("grpc_service": {"envoy_grpc": {"cluster_name": "down"}}, "service_name": "s")");
    }

    void zipkinRoots()
    {
        const QString none = R"(, "random_sampling": {"value": 0})";
        traced("Zipkin: a trace begins", zipkin(), {}, QString("T=(%1) S=- B=\\1/\\1/-/1 1=- W=-").arg(Id));
        traced("Zipkin: a trace of 128 bits begins", zipkin(R"(, "trace_id_128bit": true)"), {},
               QString("T=(%1(%1)) S=- B=\\1/\\2/-/1 1=- W=-").arg(Id));
        traced("Zipkin: not sampled", zipkin(), {}, QString("T=(%1) S=- B=\\1/\\1/-/0 1=- W=-").arg(Id),
               none);
        traced("Zipkin: overall sampling", zipkin(), {}, QString("T=(%1) S=- B=\\1/\\1/-/0 1=- W=-").arg(Id),
               R"(, "overall_sampling": {"value": 0})");
        traced("Zipkin: the client decides", zipkin(), "x-b3-sampled: 1\r\n",
               QString("T=(%1) S=- B=\\1/\\1/-/1 1=- W=-").arg(Id), none);
        traced("Zipkin: the client wants none", zipkin(), "x-b3-sampled: 0\r\n",
               QString("T=(%1) S=- B=\\1/\\1/-/0 1=- W=-").arg(Id));
        traced("Zipkin: a trace without a span", zipkin(), "x-b3-traceid: " + A + "\r\n",
               QString("T=(?!a{16})(%1) S=- B=\\1/\\1/-/1 1=- W=-").arg(Id));
        traced("Zipkin: one line that only decides", zipkin(), "b3: 0\r\n",
               QString("T=(%1) S=- B=-/-/-/- 1=\\1-\\1-0 W=-").arg(Id));
        traced("Zipkin: a span of the attempt", zipkin(R"(, "shared_span_context": false)"), {},
               QString("T=(%1) S=- B=\\1/(?!\\1)%1/\\1/1 1=- W=-").arg(Id),
               R"(, "spawn_upstream_span": true)");
        traced("Zipkin: nothing goes on", zipkin(), {}, QString("T=%1 S=- B=-/-/-/- 1=- W=-").arg(Id),
               R"(, "no_context_propagation": true)");
    }

    void zipkinContexts()
    {
        const QString joined = QString("T=%1 S=- B=%1/%2/%3/%4 1=- W=-");
        const QString own = "(?!b{16})" + Id;
        const auto of = [&](const QString &trace, const QString &sampled) {
            return joined.arg(trace, own, QString(B), sampled);
        };
        traced("Zipkin: a client's span is the parent", zipkin(), b3(A, B), of(A, "1"));
        traced("Zipkin: a client's decision holds", zipkin(), b3(A, B, "x-b3-sampled: 0\r\n"), of(A, "0"));
        traced("Zipkin: words for a decision", zipkin(), b3(A, B, "x-b3-sampled: true\r\n"), of(A, "1"));
        traced("Zipkin: other words for one", zipkin(), b3(A, B, "x-b3-sampled: d\r\n"), of(A, "0"));
        traced("Zipkin: a parent's parent", zipkin(), b3(A, B, "x-b3-parentspanid: " + C + "\r\n"),
               of(A, "1"));
        traced("Zipkin: a trace of 128 bits", zipkin(), b3(A + C, B), of(A + C, "1"));
        traced("Zipkin: short ids", zipkin(), b3("1", "2"),
               joined.arg(QString(15, '0') + '1', Id, QString(15, '0') + '2', "1"));
        traced("Zipkin: capital letters", zipkin(), b3("ABCDEFABCDEFABCD", "ABCDEF1234567890"),
               joined.arg("abcdefabcdefabcd", Id, "abcdef1234567890", "1"));
        traced("Zipkin: a context that is none", zipkin(), b3("xyz", B), "T=- S=- B=xyz/b{16}/-/- 1=- W=-");
        traced("Zipkin: a bad parent", zipkin(), b3(A, B, "x-b3-parentspanid: q\r\n"),
               "T=- S=- B=a{16}/b{16}/q/- 1=- W=-");
        traced("Zipkin: a server shares its client's span", zipkin(),
               b3(A, B, "x-b3-parentspanid: " + C + "\r\n"), "T=a{16} S=- B=a{16}/b{16}/c{16}/1 1=- W=-")
            .withListener(R"("traffic_direction": "INBOUND")");
        traced("Zipkin: a server that does not", zipkin(R"(, "shared_span_context": false)"), b3(A, B),
               of(A, "1"))
            .withListener(R"("traffic_direction": "INBOUND")");
        traced("Zipkin: one line", zipkin(), "b3: " + A + '-' + B + "-1\r\n",
               QString("T=a{16} S=- B=-/-/-/- 1=a{16}-%1-1-b{16} W=-").arg(own));
        traced("Zipkin: one line of all", zipkin(), "b3: " + A + C + '-' + B + "-0-" + C + "\r\n",
               QString("T=a{16}c{16} S=- B=-/-/-/- 1=a{16}c{16}-%1-0-b{16} W=-").arg(own));
        traced("Zipkin: one line without a decision", zipkin(), "b3: " + A + '-' + B + "\r\n",
               QString("T=a{16} S=- B=-/-/-/- 1=a{16}-%1-1-b{16} W=-").arg(own));
        traced("Zipkin: one bad line", zipkin(), "b3: " + A + '-' + B + "-x\r\n",
               "T=- S=- B=-/-/-/- 1=a{16}-b{16}-x W=-");
    }

    void both()
    {
        const QString tracer =
            zipkin(R"(, "trace_context_option": "USE_B3_WITH_W3C_PROPAGATION", "trace_id_128bit": true)");
        traced("Zipkin and W3C: a trace begins", tracer, {},
               QString("T=(%1(%1)) S=- B=\\1/\\2/-/1 1=- W=00-\\1-\\2-01").arg(Id));
        traced("Zipkin and W3C: 64 bits", tracer, b3(A, B, "x-b3-sampled: 0\r\n"),
               QString("T=a{16} S=- B=a{16}/(%1)/b{16}/0 1=- W=00-0{16}a{16}-\\1-00").arg(Id));
        traced("Zipkin and W3C: of W3C", tracer, "traceparent: 00-" + A + C + '-' + B + "-01\r\n",
               QString("T=a{16}c{16} S=- B=a{16}c{16}/(%1)/b{16}/1 1=- W=00-a{16}c{16}-\\1-01").arg(Id));
        traced("Zipkin and W3C: bad W3C", tracer, "traceparent: 00-x\r\n",
               QString("T=(%1(%1)) S=- B=\\1/\\2/-/1 1=- W=00-\\1-\\2-01").arg(Id));
    }

    void w3c()
    {
        const QString tracer = openTelemetry();
        const QByteArray parent = "traceparent: 00-" + A + C + '-' + B;
        const QString joined =
            QString("T=a{16}c{16} S=((?!b{16})%1) B=-/-/-/- 1=- W=00-a{16}c{16}-\\1-%2").arg(Id);
        traced("OpenTelemetry: a trace begins", tracer, {},
               QString("T=(%1) S=(%2) B=-/-/-/- 1=- W=00-\\1-\\2-01").arg(Wide, Id));
        traced("OpenTelemetry: not sampled", tracer, {},
               QString("T=(%1) S=(%2) B=-/-/-/- 1=- W=00-\\1-\\2-00").arg(Wide, Id),
               R"(, "random_sampling": {"value": 0})");
        traced("OpenTelemetry: a parent", tracer, parent + "-01\r\n", joined.arg("01"));
        traced("OpenTelemetry: a parent that is not sampled", tracer, parent + "-00\r\n", joined.arg("00"));
        traced("OpenTelemetry: a sampled parent, and not sampled", tracer, parent + "-01\r\n",
               joined.arg("00"), R"(, "random_sampling": {"value": 0})");
        traced("OpenTelemetry: another version", tracer, "traceparent: ff" + parent.mid(15) + "-03\r\n",
               joined.arg("01"));
        traced("OpenTelemetry: a bad parent", tracer, "traceparent: 00-x\r\n",
               "T=- S=- B=-/-/-/- 1=- W=00-x");
        traced("OpenTelemetry: a trace of nothing", tracer,
               "traceparent: 00-" + QByteArray(32, '0') + '-' + B + "-01\r\n",
               "T=- S=- B=-/-/-/- 1=- W=00-0{32}-b{16}-01");
        traced("OpenTelemetry: B3 goes on", tracer, b3(A, B),
               QString("T=(%1) S=(%2) B=a{16}/b{16}/-/- 1=- W=00-\\1-\\2-01").arg(Wide, Id));
        traced("OpenTelemetry: a span of the attempt", tracer, parent + "-01\r\n",
               QString("T=a{16}c{16} S=(%1) B=-/-/-/- 1=- W=00-a{16}c{16}-(?!\\1)%1-01").arg(Id),
               R"(, "spawn_upstream_span": true)");
        for (const auto &[given, kept] :
             {std::pair<QByteArray, QByteArray>{"tracestate: k=v\r\ntracestate: l=w\r\n", "k=v,l=w"},
              {"", ""}})
            traced("OpenTelemetry: tracestate " + kept, tracer, parent + "-01\r\n" + given, "a=.* s=" + kept)
                .withFormat("a=%TRACE_ID% s=%REQ(TRACESTATE)%");
    }

    void elsewhere()
    {
        traced("Zipkin: a direct response has a trace", zipkin(), {}, QString("T=%1 S=- B=-.*").arg(Id))
            .withRoutes(direct(200, "ok"));
        const QString policy = R"("retry_policy": {"retry_on": "5xx", "num_retries": 2})";
        traced("Zipkin: an attempt's own span", zipkin(R"(, "shared_span_context": false)"), {},
               QString("T=(%1) S=- B=\\1/(?!\\1)%1/\\1/1 1=- W=-").arg(Id),
               R"(, "spawn_upstream_span": true)")
            .withRoutes(routeTo("up", policy));
        state("tracing without a tracer")
            .withManager(R"("tracing": {})")
            .withFormat(m_format.toLatin1())
            .asks(get("/", b3(A, B)))
            .says("200 OK = ok")
            .logs("T=- S=- B=" + A + '/' + B + "/-/- 1=- W=-");
    }

    void statements() override
    {
        zipkinRoots();
        zipkinContexts();
        both();
        w3c();
        elsewhere();
    }
};

QTEST_GUILESS_MAIN(TestTracing)
