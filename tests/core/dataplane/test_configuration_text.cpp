// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/bootstrap.h"
#include "core/dataplane/configuration_text.h"
#include "core/dataplane/json_text.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QtTest>

using namespace sallyport;
using namespace sallyport::dataplane;

/// What Envoy 1.40 reads in the texts of configurations, measured: its config_dump shows the values.
class TestConfigurationText : public QObject
{
    Q_OBJECT

    static QByteArray compact(const QJsonObject &object)
    {
        return QJsonDocument(object).toJson(QJsonDocument::Compact);
    }

private Q_SLOTS:
    void yaml_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("json");
        const auto row = [](const char *name, const char *text, const char *json) {
            QTest::newRow(name) << QByteArray(text) << QByteArray(json);
        };
        row("switches", "v: [true, Yes, ON, y, n, false, No, OFF, yEs, oN]",
            R"([true,true,true,true,false,false,false,false,"yEs","oN"])");
        row("numbers", "v: [1, -1, +5, 0x10, -0x10, 010, 08, 1_000, 2147483647, 2147483648]",
            R"([1,-1,5,16,-16,8,"08","1_000",2147483647,"2147483648"])");
        row("no whole numbers", "v: [1.5, 1e3, .inf, 0o17, 12:30, 2020-01-01, 9223372036854775808]",
            R"(["1.5","1e3",".inf","0o17","12:30","2020-01-01","9223372036854775808"])");
        row("nothing", "v: [~, null, Null, NULL, '', 'null']", R"([null,null,null,null,"","null"])");
        row("quoted", "v: ['1', \"true\", '0x10']", R"(["1","true","0x10"])");
        row("tags go for nothing", "v: [!!str 5, !!int '5', !!str true]", R"([5,5,true])");
        row("blocks", "v:\n- a\n-  - b\n   - c\n", R"(["a",["b","c"]])");
        row("lines", "v:\n- |\n  5\n- >-\n  true\n", R"(["5\n","true"])");
        row("marked once", "# a\n---\n# b\nv: [1]\n---\n", "[1]");
        row("aliases", "v: [&a {x: 1}, *a]", R"([{"x":1},{"x":1}])");
        row("keys", "v: {1: a, true: b, ~: c, !ignore d: e}", R"({"1":"a","null":"c","true":"b"})");
    }
    void yaml()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, json);
        const Result<QByteArray> read = jsonText(text, TextForm::Yaml, "b.yaml");
        QVERIFY2(read, read ? "" : read.error().toString().c_str());
        QCOMPARE(*read, "{\"v\":" + json + '}');
    }

    void badYaml_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("says");
        QTest::newRow("empty") << QByteArray("# nothing\n") << "b.yaml: there is no configuration";
        QTest::newRow("nothing first")
            << QByteArray("# a\n---\n# b\n---\na: b\n") << "b.yaml: there is no configuration";
        QTest::newRow("a list") << QByteArray("- a\n") << "b.yaml:1:1: a mapping is expected";
        QTest::newRow("a text") << QByteArray("a") << "b.yaml:1:1: a mapping is expected";
        QTest::newRow("a key of keys") << QByteArray("a: b\n? [c]\n: d\n") << "b.yaml:2:3: a key is a text";
        QTest::newRow("no YAML") << QByteArray("a:\n  b: [\n") << "b.yaml:";
    }
    void badYaml()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, says);
        const Result<QByteArray> read = jsonText(text, TextForm::Yaml, "b.yaml");
        QVERIFY(!read);
        QVERIFY2(QString::fromStdString(read.error().toString()).startsWith(says),
                 read.error().toString().c_str());
    }

    void namesSayWhatIsInThem()
    {
        QCOMPARE(formOf("a.yaml"), TextForm::Yaml);
        QCOMPARE(formOf("a/b.YML"), TextForm::Yaml);
        QCOMPARE(formOf("a.json"), TextForm::Json);
        QCOMPARE(formOf("yaml"), TextForm::Json);
    }

    void json_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("object");
        const auto row = [](const char *name, const char *text, const char *object) {
            QTest::newRow(name) << QByteArray(text) << QByteArray(object);
        };
        row("commas at the end", R"({"a": [1, 2,], "b": {"c": 1,},})", R"({"a":[1,2],"b":{"c":1}})");
        row("single quotes", "{'a': 'b\"', \"c\": 'it\\'s'}", "{\"a\":\"b\\\"\",\"c\":\"it's\"}");
        row("bare names", R"({a: 1, _b$2: 2})", R"({"_b$2":2,"a":1})");
        row("lines in texts", "{\"a\": \"b\nc\td\"}", R"({"a":"b\nc\td"})");
        row("escapes", R"({"a": "\u0041\n\/\ud83d\ude00"})", "{\"a\":\"A\\n/\xF0\x9F\x98\x80\"}");
        row("numbers", R"({"a": [0, -1, 1.5, 1e2, -0.5E-1, 9223372036854775807]})",
            R"({"a":[0,-1,1.5,100,-0.05,9223372036854775807]})");
        row("twice", R"({"a": 1, "a": 2, "b": [1], "b": [2], "c": {"d": 1}, "c": {"e": [2]}})",
            R"({"a":2,"b":[1,2],"c":{"d":1,"e":[2]}})");
        row("blanks", " \n\t{\r\n} \n", "{}");
    }
    void json()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, object);
        const Result<JsonText> read = readJsonText(text);
        QVERIFY2(read, read ? "" : read.error().toString().c_str());
        QCOMPARE(compact(read->object), object);
    }

    void badJson_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("place");
        const auto row = [](const char *name, const char *text, const char *place) {
            QTest::newRow(name) << QByteArray(text) << QString::fromLatin1(place);
        };
        row("nothing", "", "line 1, column 1");
        row("a list", "[]", "line 1, column 1");
        row("no end", "{\n \"a\": 1", "line 2, column 8");
        row("two commas", R"({"a": [1,,2]})", "line 1, column 10");
        row("a comma first", "{,}", "line 1, column 2");
        row("no comma", "{\"a\": 1\n \"b\": 2}", "line 2, column 2");
        row("no colon", R"({"a" 1})", "line 1, column 6");
        row("a comment", "{// c\n}", "line 1, column 2");
        row("behind the end", "{} x", "line 1, column 4");
        row("a zero in front", R"({"a": 01})", "line 1, column 7");
        row("no digit behind the dot", R"({"a": 1.})", "line 1, column 7");
        row("no number", R"({"a": NaN})", "line 1, column 7");
        row("a large number", R"({"a": 1e400})", "line 1, column 7");
        row("half a pair", R"({"a": "\ud800"})", "line 1, column 14");
        row("no escape", R"({"a": "\x"})", "line 1, column 10");
        row("no text's end", "{\"a\": \"b}", "line 1, column 10");
        row("no UTF-8", "{\"a\": \"\xFF\"}", "line 1, column 10");
    }
    void badJson()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, place);
        const Result<JsonText> read = readJsonText(text);
        QVERIFY(!read);
        QVERIFY2(QString::fromStdString(read.error().what).endsWith(QStringLiteral(" at ") + place),
                 read.error().what.c_str());
    }

    /// Two texts that mean one thing.
    void sameMeaning_data()
    {
        QTest::addColumn<QString>("one");
        QTest::addColumn<QString>("other");
        const auto cluster = [](const char *name, const QString &one, const QString &other) {
            const QString text = QStringLiteral(R"({"static_resources": {"clusters": [{"name": "c", %1}]}})");
            QTest::newRow(name) << text.arg(one) << text.arg(other);
        };
        const auto route = [](const char *name, const QString &one, const QString &other) {
            const QString text = QStringLiteral(
                R"({"static_resources": {"listeners": [{"address": {"socket_address": {"address": "127.0.0.1",
                "port_value": 1}}, "filter_chains": [{"filters": [{"name": "h", "typed_config": {"@type":
                "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                "stat_prefix": "p", "route_config": {"virtual_hosts": [{"name": "v", "domains": ["a", "b"],
                "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "c", %1}}]}]}}}]}]}]}})");
            QTest::newRow(name) << text.arg(one) << text.arg(other);
        };
        cluster("a wrapper", QStringLiteral(R"("per_connection_buffer_limit_bytes": 5)"),
                QStringLiteral(R"("per_connection_buffer_limit_bytes": {"value": "5"})"));
        cluster("a wrapper of nothing", QStringLiteral(R"("per_connection_buffer_limit_bytes": 0)"),
                QStringLiteral(R"("per_connection_buffer_limit_bytes": {})"));
        cluster("a duration", QStringLiteral(R"("connect_timeout": "1.5s")"),
                QStringLiteral(R"("connect_timeout": {"seconds": 1, "nanos": "500000000"})"));
        cluster("a large number",
                QStringLiteral(R"("round_robin_lb_config": {}, "common_lb_config": {"zone_aware_lb_config":
                {"min_cluster_size": "18446744073709551615"}})"),
                QStringLiteral(R"("round_robin_lb_config": {}, "common_lb_config": {"zone_aware_lb_config":
                {"min_cluster_size": 18446744073709551615}})"));
        cluster("one for a list",
                QStringLiteral(R"("circuit_breakers": {"thresholds": [{"max_retries": 1}]})"),
                QStringLiteral(R"("circuit_breakers": {"thresholds": {"max_retries": 1}})"));
        cluster("lists in a list", QStringLiteral(R"("health_checks": [])"),
                QStringLiteral(R"("health_checks": [[], [[]]])"));
        cluster("what is standard", QStringLiteral(R"("type": "STATIC")"),
                QStringLiteral(
                    R"("type": "STATIC", "alt_stat_name": "", "lb_policy": 0, "respect_dns_ttl": false)"));
        const QString typed = QStringLiteral(R"("typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": {"http_protocol_options": {}}}})");
        cluster("options that are older", typed, typed + QLatin1String(R"(, "http2_protocol_options": {})"));
        cluster("both spellings, the camel's last", QStringLiteral(R"("alt_stat_name": "b")"),
                QStringLiteral(R"("alt_stat_name": "a", "altStatName": "b")"));
        cluster("both spellings, the camel's first", QStringLiteral(R"("alt_stat_name": "a")"),
                QStringLiteral(R"("altStatName": "b", "alt_stat_name": "a")"));
        const QString limit = QStringLiteral(R"({"priority": "%1", "max_retries": 1})");
        const QString normal = limit.arg(QLatin1String("DEFAULT"));
        const QString high = limit.arg(QLatin1String("HIGH"));
        cluster("both spellings of messages and lists",
                QLatin1String(R"("circuit_breakers": {"thresholds": [)") + normal + QLatin1String(", ") +
                    high + QLatin1String("]}"),
                QLatin1String(R"("circuitBreakers": {"thresholds": [)") + normal +
                    QLatin1String(R"(]}, "circuit_breakers": {"thresholds": [)") + high +
                    QLatin1String("]}"));
        route("a number of nothing", QStringLiteral(R"("retry_policy": {})"),
              QStringLiteral(R"("retry_policy": {"host_selection_retry_max_attempts": 0})"));
        route(
            "a hash of nothing", QStringLiteral(R"("hash_policy": [])"),
            QStringLiteral(
                R"("hash_policy": [{"connection_properties": {}}, {"connection_properties": {"source_ip": false}}])"));
    }
    void sameMeaning()
    {
        QFETCH(QString, one);
        QFETCH(QString, other);
        const Result<Bootstrap> first = parseBootstrap(one.toUtf8());
        const Result<Bootstrap> second = parseBootstrap(other.toUtf8());
        QVERIFY2(first, first ? "" : first.error().toString().c_str());
        QVERIFY2(second, second ? "" : second.error().toString().c_str());
        QVERIFY(*first == *second);
    }

    /// Whether Envoy takes a number of 64 bits that is written like this (recorded, 1.40).
    void largeNumbers_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("good");
        const auto row = [](const char *number, bool isSigned, bool good) {
            const QString policy =
                QStringLiteral(R"("retry_policy": {"host_selection_retry_max_attempts": %1})");
            const QString text = QStringLiteral(
                R"({"static_resources": {"listeners": [{"address": {"socket_address": {"address": "127.0.0.1",
                "port_value": 1}}, "filter_chains": [{"filters": [{"name": "h", "typed_config": {"@type":
                "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                "stat_prefix": "p", "route_config": {"virtual_hosts": [{"name": "v", "domains": ["a"],
                "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "c", %1}}]}]}}}]}]}]}})");
            const QString cluster = QStringLiteral(R"({"static_resources": {"clusters": [{"name": "c",
                "common_lb_config": {"zone_aware_lb_config": {"min_cluster_size": %1}}}]}})");
            QTest::newRow(qPrintable(QLatin1String(number) + QLatin1String(isSigned ? " signed" : "")))
                << (isSigned ? text.arg(policy) : cluster).arg(QLatin1String(number)) << good;
        };
        for (const char *good : {"1e3", "1.0", "\"1e3\"", "9007199254740992.0", "9.007199254740992e15",
                                 "9223372036854775807", "\"9223372036854775807\""}) {
            row(good, true, true);
            row(good, false, true);
        }
        row("-9223372036854775808", true, true);
        row("18446744073709551615", false, true);
        row("1.8014398509481984e16", false, true);
        for (const char *bad : {"1.5", "1e19", "36028797018963968.0", "\"1e19\"", "1e300", "true"}) {
            row(bad, true, false);
            row(bad, false, false);
        }
        for (const char *bad : {"1e18", "\"9.007199254740994e15\"", "-9223372036854775809", "-1e18"})
            row(bad, true, false);
        row("18446744073709551616", false, false);
        row("-1", false, false);
    }
    void largeNumbers()
    {
        QFETCH(QString, text);
        QFETCH(bool, good);
        QCOMPARE(static_cast<bool>(parseBootstrap(text.toUtf8())), good);
    }

    /// Of two values the last counts, but both have to be ones.
    void twoValues()
    {
        const auto read = [](const char *values) {
            return parseBootstrap(QByteArray(R"({"static_resources": {"clusters": [{"name": "c", )") +
                                  values + "}]}}");
        };
        const Result<Bootstrap> both = read(R"("alt_stat_name": "a", "alt_stat_name": "b")");
        QVERIFY2(both, both ? "" : both.error().toString().c_str());
        QVERIFY(!read(R"("alt_stat_name": 1, "alt_stat_name": "b")"));
        QVERIFY(!read(R"("per_connection_buffer_limit_bytes": "x", "per_connection_buffer_limit_bytes": 1)"));
    }

    void whatStandsTwiceInAStructIsRefused()
    {
        const Result<Bootstrap> read = parseBootstrap(R"({"node": {"metadata": {"a": {"b": 1, "b": 2}}}})");
        QVERIFY(!read);
        QCOMPARE(QString::fromStdString(read.error().where.file), QStringLiteral("node.metadata"));
        QVERIFY(parseBootstrap(R"({"node": {"id": "a", "id": "b"}, "node": {"cluster": "c"}})"));
        QVERIFY(!parseBootstrap(R"({"layered_runtime": {"layers": [{"name": "a", "admin_layer": {},
            "admin_layer": {}}]}})"));
    }

    void nestingIsBounded()
    {
        const auto nested = [](int depth) {
            return "{\"a\":" + QByteArray(depth, '[') + QByteArray(depth, ']') + '}';
        };
        QVERIFY(readJsonText(nested(99)));
        QVERIFY(!readJsonText(nested(100)));
        QVERIFY(!readJsonText(nested(200'000)));
    }
};

QTEST_APPLESS_MAIN(TestConfigurationText)
#include "test_configuration_text.moc"
