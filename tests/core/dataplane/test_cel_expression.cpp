// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/cel_expression.h"

#include <QtTest>

#include <map>

using namespace sallyport::dataplane;

namespace {

/// One stream: a refused POST over mutual TLS, without a second certificate and without trailers.
class Stream : public CelAttributes
{
public:
    CelValue value(CelAttribute attribute) const override
    {
        switch (attribute) {
        case CelAttribute::ResponseCode:
            return {std::int64_t{403}};
        case CelAttribute::ConnectionMtls:
            return {true};
        case CelAttribute::ConnectionId:
            return {std::uint64_t{7}};
        case CelAttribute::RequestUrlPath:
            return {std::string("/status/403")};
        case CelAttribute::RequestHost:
            return {std::string("test.com")};
        case CelAttribute::RequestMethod:
            return {std::string("POST")};
        case CelAttribute::RequestDuration:
            return {CelDuration{std::chrono::milliseconds(1500)}};
        case CelAttribute::RequestTime:
            return {*parseCelTime("2026-11-29T18:30:15.5Z")};
        case CelAttribute::ResponseFlags:
            return {std::int64_t{0}};
        default:
            return CelValue::missing();
        }
    }
    std::optional<std::string> entry(CelAttribute map, const std::string &key) const override
    {
        if (map != CelAttribute::RequestHeaders)
            return std::nullopt;
        static const std::map<std::string, std::string> headers{{"x-team", "blue"}, {"via", ""}};
        const auto found = headers.find(key);
        return found == headers.end() ? std::nullopt : std::optional(found->second);
    }
};

} // namespace

/// Rules of cel-spec's language definition (doc/langdef.md), in expressions as Istio's documentation of
/// Telemetry and Envoy's of attributes have them.
class TestCelExpression : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void holds_data()
    {
        QTest::addColumn<QString>("expression");
        QTest::addColumn<bool>("expected");
        const auto row = [](const char *expression, bool expected) {
            QTest::newRow(expression) << QString::fromUtf8(expression) << expected;
        };
        row("response.code >= 400", true);
        row("response.code >= 400 && response.code < 500", true);
        row("response.code == 403u", true);
        row("response.code == 403.0", true);
        row("response.code != 403", false);
        row("response.code > 0x193", false);
        row("response.code in [401, 403]", true);
        row("response.code in [401, 404,]", false);
        row("response.code == '403'", false);
        row("connection.mtls", true);
        row("!connection.mtls", false);
        row("!!connection.mtls", true);
        row("connection.mtls && request.url_path.startsWith('/status')", true);
        row("request.url_path.endsWith(\"/403\")", true);
        row("request.url_path.contains('tat')", true);
        row("request.url_path.matches('^/status/[0-9]+$')", true);
        row("matches(request.url_path, '[0-9]')", true);
        row(R"(request.url_path.matches(r'\d{3}'))", true);
        row(R"(request.host == "test\u002ecom")", true);
        row("request.headers['x-team'] == 'blue'", true);
        row("request.headers.via == ''", true);
        row("'x-team' in request.headers", true);
        row("'x-none' in request.headers", false);
        row("has(request.headers.via)", true);
        row("has(request.headers['x-none'])", false);
        row("has(response.grpc_status)", false);
        row("has(response.code)", true);
        row("size(request.host) == 8 && size([1, 2]) == 2 && request.host.size() == 8", true);
        row("size('größe') == 5", true);
        row("true ? connection.mtls : response.grpc_status == 0", true);
        row("request.method == 'GET' ? true : request.method == 'POST' ? true : false", true);
        row("1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && 7 % 4 == 3 && -7 / 2 == -3", true);
        row("int(connection.id) + 1 == 8 && uint(8) == 8u && double(1) / 2.0 == 0.5", true);
        row("null == null && null != false", true);
        row("[1, 'a'] == [1, 'a'] && [1] != [1, 2]", true);
        row("response.code >= 400 // refused", true);
        row("request.duration > duration('1s')", true);
        row("request.duration >= duration('1.5s') && request.duration <= duration('1500ms')", true);
        row("request.duration == duration('1s') + duration('0.5s')", true);
        row("duration('1h30m').getMinutes() == 90 && duration('-90s').getMinutes() == -1", true);
        row("duration('1.234s').getMilliseconds() == 234", true);
        row("request.time == timestamp('2026-11-29T18:30:15.5Z')", true);
        row("request.time == timestamp('2026-11-29T19:30:15.5+01:00')", true);
        row("request.time + duration('1m') > timestamp('2026-11-29T18:31:00Z')", true);
        row("request.time - timestamp('2026-11-29T18:30:00Z') == duration('15.5s')", true);
        row("request.time.getFullYear() == 2026 && request.time.getMonth() == 10", true);
        row("request.time.getDate() == 29 && request.time.getDayOfMonth() == 28", true);
        row("request.time.getDayOfWeek() == 0 && request.time.getDayOfYear() == 332", true);
        row("request.time.getHours() == 18 && request.time.getMinutes() == 30", true);
        row("request.time.getSeconds() == 15 && request.time.getMilliseconds() == 500", true);
        row("int(timestamp('1970-01-01T00:01:00Z')) == 60", true);
        row("request.time == request.duration", false);
        row("request.time > request.duration", false);
        row("response.backend_latency > duration('0')", false); // there was none
        row("'a' < 'b' && false < true", true);
        // An attribute or a key that is not there is an error, and an error is no match…
        row("response.grpc_status == 0", false);
        row("response.grpc_status != 0", false);
        row("!(response.grpc_status == 0)", false);
        row("request.headers['x-none'] != 'blue'", false);
        row("response.trailers['x'] == ''", false);
        row("1 / 0 == 1", false);
        row("9223372036854775807 + 1 > 0", false);
        row("'a' < 1", false);
        row("1 + 1u == 2", false);
        row("[1][2] == 1", false);
        // … unless the other side decides.
        row("response.grpc_status == 0 || connection.mtls", true);
        row("connection.mtls || response.grpc_status == 0", true);
        row("!(response.grpc_status == 0 && !connection.mtls)", true);
        row("response.grpc_status == 0 || false", false);
        // A value that is no bool selects nothing.
        row("response.code", false);
        row("'true'", false);
    }
    void holds()
    {
        QFETCH(QString, expression);
        const auto parsed = CelExpression::parse(expression.toStdString());
        QVERIFY2(parsed, parsed ? "" : parsed.error().what.c_str());
        QTEST(parsed->holds(Stream()), "expected");
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("expression");
        QTest::addColumn<QString>("why");
        const auto row = [](const char *expression, const char *why) {
            QTest::newRow(expression) << QString::fromUtf8(expression) << QString::fromUtf8(why);
        };
        row("", "the expression ends too early");
        row("response.code >=", "the expression ends too early");
        row("response.code 400", "unexpected");
        row("(response.code == 400", "')' is missing");
        row("[1, 2", "']' is missing");
        row("true ? 1", "':' is missing");
        row("response.cod == 1", "'response.cod' is not supported");
        row("metadata.filters == 1", "'metadata.filters' is not supported");
        row("request.tim == 1", "'request.tim' is not supported");
        row("request.duration > duration('1 s')", "duration() takes a text like '1.5s'");
        row("timestamp('2026-13-01T00:00:00Z') == request.time", "timestamp() takes a text like");
        row("request.time.getHours('Europe/Rome') == 1", "time zones are not supported");
        row("foo", "'foo' is not supported");
        row("[1].all(x, x > 0)", "the function 'all' is not supported");
        row("string(1) == '1'", "the function 'string' is not supported");
        row("b'abc' == b'abc'", "bytes are not supported");
        row("{'a': 1}", "maps are not supported");
        row("response.code.size", "nothing has a field 'size' here");
        row("response.code[0]", "this attribute has no elements");
        row("has(true)", "has() takes an attribute");
        row("size()", "another number of arguments");
        row("request.host.startsWith()", "another number of arguments");
        row("request.host.matches('(')", "a regular expression that is wrong");
        row("'abc", "a text without an end");
        row("'\\q'", "an escape that CEL does not know");
        row("'\\ud800'", "an escape that CEL does not know");
        row("9223372036854775808", "does not fit into an int");
        row("response.code == 1 ; drop", "unexpected ';'");
        row("1 in request.headers", "a map's keys are texts");
    }
    void refuses()
    {
        QFETCH(QString, expression);
        QFETCH(QString, why);
        const auto parsed = CelExpression::parse(expression.toStdString());
        QVERIFY(!parsed);
        QVERIFY2(QString::fromStdString(parsed.error().what).contains(why), parsed.error().what.c_str());
    }

    /// However deep the brackets, the stack is not.
    void deepNesting()
    {
        const std::string brackets(100'000, '(');
        QVERIFY(!CelExpression::parse(brackets));
        QVERIFY(!CelExpression::parse(std::string(100'000, '!').append("true")));
        QVERIFY(!CelExpression::parse(std::string(100'000, '[')));
        std::string chain = "true";
        for (int i = 0; i < 900; ++i)
            chain += " && true";
        QVERIFY(CelExpression::parse(chain)->holds(Stream()));
        for (int i = 0; i < 100'000; ++i)
            chain += " && true";
        QVERIFY(!CelExpression::parse(chain));
        QVERIFY(CelExpression::parse(std::string(50, '(') + "true" + std::string(50, ')')));
    }
};

QTEST_GUILESS_MAIN(TestCelExpression)
#include "test_cel_expression.moc"
