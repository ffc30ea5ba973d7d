// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/application/log_line.h"

#include <QtTest>

using namespace sallyport::application;

namespace {

// Istio's default text format (istio:pilot/pkg/model/telemetry_logging.go, EnvoyTextLogFormat).
constexpr const char *istioFormat =
    "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% "
    "%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "
    "\"%UPSTREAM_TRANSPORT_FAILURE_REASON%\" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% "
    "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" "
    "\"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER_RAW% "
    "%UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% "
    "%ROUTE_NAME%\n";

constexpr const char *line =
    "[2026-11-25T16:55:01.123Z] \"GET /status/418 HTTP/1.1\" 418 - via_upstream - \"-\" 0 135 7 6 \"-\" "
    "\"curl/7.88.1\" \"6f1d\" \"test.com\" \"127.1.1.12:443\" outbound|443||test.com 127.1.0.12:40000 "
    "127.1.0.12:80 127.1.0.11:40001 outbound_.80_._.istio-egressgateway.istio-system.svc.cluster.local "
    "default";

} // namespace

class TestLogLine : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void textSaysWhatJsonWouldSay();
    void ofAnUnknownLineOnlyTheLineIsLeft();
    void ownFormats();
    void volatilePartsBecomeStars();
};

void TestLogLine::textSaysWhatJsonWouldSay()
{
    const QJsonObject fields = TextLogFormat(istioFormat).fields(line);
    QCOMPARE(fields["line"].toString(), QString(line));
    QCOMPARE(fields["start_time"].toString(), QString("2026-11-25T16:55:01.123Z"));
    QCOMPARE(fields["method"].toString(), QString("GET"));
    QCOMPARE(fields["path"].toString(), QString("/status/418"));
    QCOMPARE(fields["protocol"].toString(), QString("HTTP/1.1"));
    QCOMPARE(fields["response_code"], QJsonValue(418));
    QCOMPARE(fields["response_flags"].toString(), QString("-"));
    QCOMPARE(fields["response_code_details"].toString(), QString("via_upstream"));
    QVERIFY(fields["connection_termination_details"].isNull());
    QVERIFY(fields["upstream_transport_failure_reason"].isNull());
    QCOMPARE(fields["bytes_sent"], QJsonValue(135));
    QCOMPARE(fields["duration"], QJsonValue(7));
    QCOMPARE(fields["upstream_service_time"].toString(), QString("6"));
    QVERIFY(fields["x_forwarded_for"].isNull());
    QCOMPARE(fields["authority"].toString(), QString("test.com"));
    QCOMPARE(fields["upstream_host"].toString(), QString("127.1.1.12:443"));
    QCOMPARE(fields["upstream_cluster"].toString(), QString("outbound|443||test.com"));
    QCOMPARE(fields["upstream_local_address"].toString(), QString("127.1.0.12:40000"));
    QCOMPARE(fields["downstream_remote_address"].toString(), QString("127.1.0.11:40001"));
    QCOMPARE(fields["route_name"].toString(), QString("default"));
}

void TestLogLine::ofAnUnknownLineOnlyTheLineIsLeft()
{
    QCOMPARE(TextLogFormat(istioFormat).fields("nonsense"), (QJsonObject{{"line", "nonsense"}}));
    QCOMPARE(TextLogFormat("").fields("nonsense"), (QJsonObject{{"line", "nonsense"}}));
}

void TestLogLine::ownFormats()
{
    const TextLogFormat format(
        "%START_TIME(%Y-%m-%dT%H:%M)% %req(:path)% %RESPONSE_CODE% 100%% %REQ(X-OWN)%\n");
    const QJsonObject fields = format.fields("2026-11-25T16:55 /a%20b 200 100% mine");
    QCOMPARE(fields["start_time"].toString(), QString("2026-11-25T16:55"));
    QCOMPARE(fields["path"].toString(), QString("/a%20b"));
    QCOMPARE(fields["response_code"], QJsonValue(200));
    QCOMPARE(fields.size(), 4);
}

void TestLogLine::volatilePartsBecomeStars()
{
    QCOMPARE(
        TextLogFormat(istioFormat).withoutVolatileParts(line),
        std::string(
            "[*] \"GET /status/418 HTTP/1.1\" 418 - via_upstream - \"-\" 0 135 * * \"-\" \"*\" \"*\" "
            "\"test.com\" \"127.1.1.12:443\" outbound|443||test.com 127.1.0.12:40000 127.1.0.12:80 "
            "127.1.0.11:40001 outbound_.80_._.istio-egressgateway.istio-system.svc.cluster.local default"));
    QCOMPARE(TextLogFormat(istioFormat).withoutVolatileParts("nonsense"), std::string("nonsense"));
}

QTEST_GUILESS_MAIN(TestLogLine)
#include "test_log_line.moc"
