// SPDX-License-Identifier: GPL-3.0-or-later
// What the admin interface answers, as envoy-behaviour.md 7 has it and Envoy 1.40 answered to the same
// request.
#include "proxy/admin/admin_endpoint.h"
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/server/running_server.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStandardPaths>

using namespace bootstrap_text;
using sallyport::admin::AdminAnswer;

namespace {

QString httpChain()
{
    return chain(
        filter("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
               QStringLiteral(R"("stat_prefix": "in", "route_config": {"name": "r", "virtual_hosts": [
            {"name": "v", "domains": ["*"], "routes": [
              {"match": {"path": "/direct"}, "direct_response": {"status": 418}},
              {"match": {"prefix": "/"}, "route": {"cluster": "up"}}]}]},
            "http_filters": [{"name": "envoy.filters.http.router", "typed_config": {%1}}])")
                   .arg(type("envoy.extensions.filters.http.router.v3.Router"))));
}

QByteArray configuration(quint16 port, quint16 upstream, const QString &more = {})
{
    return bootstrap(listener("main", port, httpChain()), cluster("up", {upstream})).chopped(1) +
           R"(, "stats_flush_on_admin": true, "layered_runtime": {"layers": [
                {"name": "base", "static_layer": {"a": {"b": 1}, "c": "x"}},
                {"name": "over", "static_layer": {"a.b": 2}}]})" +
           more.toUtf8() + '}';
}

} // namespace

class TestAdmin : public QObject
{
    Q_OBJECT

    AdminAnswer ask(const char *method, const std::string &target)
    {
        return sallyport::admin::answerAdmin(sallyport::admin::parseAdminTarget(method, target),
                                             m_gateway->server);
    }
    /// The head of the answer to `/direct`, which has no body.
    static std::string directHead(Client &client)
    {
        client.send("GET /direct HTTP/1.1\r\nhost: a\r\n\r\n");
        std::string head;
        while (head.find("\r\n\r\n") == std::string::npos) {
            const std::string byte = client.read(1);
            if (byte.empty())
                break;
            head += byte;
        }
        return head;
    }
    QByteArray request(const char *path)
    {
        Client client(m_gateway->port("main"));
        client.send(std::string("GET ") + path + " HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        return QByteArray::fromStdString(client.readAll());
    }

    std::unique_ptr<Peer> m_up;
    std::unique_ptr<RunningServer> m_gateway;

private Q_SLOTS:
    void initTestCase()
    {
        m_up = std::make_unique<Peer>(answerEach);
        m_gateway = std::make_unique<RunningServer>(configuration(freePort(), m_up->port));
        QVERIFY2(m_gateway->started, m_gateway->started ? "" : m_gateway->started.error().toString().c_str());
        QTRY_VERIFY(m_gateway->live);
        QVERIFY(request("/").startsWith("HTTP/1.1 200"));
        QVERIFY(request("/direct").startsWith("HTTP/1.1 418"));
    }
    void cleanupTestCase()
    {
        m_gateway.reset();
        m_up.reset();
    }

    void answers_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("target");
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("begins");
        const auto row = [](const char *method, const char *target, int status, const char *begins) {
            QTest::addRow("%s %s", method, target)
                << QString(method) << QString(target) << status << QString(begins);
        };
        // 7.1: exact paths; what changes something wants POST, what does not takes any method.
        row("GET", "/nope", 404, "invalid path. admin commands are:\n  /: Admin home page\n");
        row("GET", "/ready/", 404, "invalid path.");
        row("GET", "//", 404, "invalid path.");
        for (const char *path :
             {"/healthcheck/fail", "/healthcheck/ok", "/quitquitquit", "/reset_counters", "/drain_listeners",
              "/reopen_logs", "/logging", "/runtime_modify", "/cpuprofiler", "/heapprofiler",
              "/allocprofiler", "/stats/recentlookups/enable", "/stats/recentlookups/disable",
              "/stats/recentlookups/clear"})
            row("GET", path, 405, "Method GET not allowed, POST required.");
        row("DELETE", "/clusters", 200, "up::observability_name::up\n");
        row("OPTIONS", "/server_info", 200, "{\n \"version\": ");
        row("POST", "/ready", 200, "LIVE\n");
        // 7.2
        row("GET", "/help", 200, "admin commands are:\n  /: Admin home page\n");
        row("GET", "/", 200, "<!DOCTYPE html>\n");
        row("GET", "/contention", 200, "Mutex contention tracing is not enabled");
        row("GET", "/init_dump", 200, "{}\n");
        row("GET", "/runtime", 200,
            "{\n \"layers\": [\n  \"base\",\n  \"over\"\n ],\n \"entries\": {\n  \"a.b\": {\n");
        row("POST", "/runtime_modify", 400, "usage: /runtime_modify?key1=value1");
        row("POST", "/runtime_modify?a=b", 503, "No admin layer specified");
        row("POST", "/cpuprofiler?enable=x", 400, "?enable=<y|n>\n");
        row("GET", "/listeners", 200, "main::127.0.0.1:");
        row("GET", "/listeners?format=json", 200,
            "{\n \"listener_statuses\": [\n  {\n   \"name\": \"main\",\n");
        row("GET", "/clusters?filter=(", 400, "Invalid re2 regex");
        row("GET", "/clusters?format=json", 200, "{\n \"cluster_statuses\": [\n  {\n   \"name\": \"up\",\n");
        row("GET", "/clusters?filter=none&format=json", 200, "{}\n");
        row("GET", "/certs", 200, "{\n \"certificates\": []\n}\n");
        row("POST", "/logging?level=bad", 400, "error: unknown logger level\n\nusage: ");
        row("POST", "/logging?nope=debug", 400, "error: unknown logger name\n\nusage: ");
        row("POST", "/logging?paths=bad", 400, "error: empty logger name or empty logger level\n\n");
        row("POST", "/logging?group=x", 400, "error: group parameter requires fine-grain logging");
        row("POST", "/logging?level=info&admin=info", 400, "error: invalid number of parameters\n\n");
        row("POST", "/logging?paths=", 200, "active loggers:\n  a2a: ");
        row("POST", "/logging?level=", 200, "active loggers:\n  a2a: ");
        row("POST", "/logging?conn_handler=info", 200, "active loggers:\n  a2a: ");
        // 6.7 and 6.8
        row("GET", "/stats?filter=^server.live$", 200, "server.live: 1\n");
        row("GET", "/stats?filter=^server&invert_filter&type=Gauges", 200, "cluster.up.");
        row("GET", "/stats?filter=(", 400, "Invalid re2 regex: missing ): (");
        row("GET", "/stats?type=Bad", 400, "invalid &type= param");
        row("GET", "/stats?format=bad", 400,
            "usage: /stats?format=(html|active-html|json|prometheus|text)\n\n");
        row("GET", "/stats?hidden=bad", 400, "usage: /stats?hidden=(include|only|exclude)\n\n");
        row("GET", "/stats?hidden=showonly", 400, "usage: /stats?hidden=(include|only|exclude)\n\n");
        row("GET", "/stats?type=&format=&filter=^server.live$", 200, "server.live: 1\n");
        row("GET", "/stats?histogram_buckets=none&filter=in.downstream_rq_time$", 200,
            "http.in.downstream_rq_time: P0(");
        row("GET", "/stats?histogram_buckets=prometheusnative", 400,
            "Invalid histogram_buckets type for non prometheus stats type");
        row("GET", "/stats/prometheus?histogram_buckets=prometheusnative", 400,
            "unsupported prometheusnative histogram type");
        row("GET", "/stats/prometheus?histogram_buckets=none&filter=in.downstream_rq_time$", 200,
            "# TYPE envoy_http_downstream_rq_time summary\n");
        row("GET", "/stats/prometheus?histogram_buckets=&filter=in.downstream_rq_time$", 200,
            "# TYPE envoy_http_downstream_rq_time histogram\n");
        row("GET", "/stats?histogram_buckets=bad", 400, "usage: /stats?histogram_buckets=(cumulative|");
        row("GET", "/stats?format=prometheus&histogram_buckets=bad", 400,
            "usage: /stats?histogram_buckets=(");
        row("GET", "/stats?format=html", 200, "<!DOCTYPE html>\n");
        row("GET", "/stats?format=json&filter=^server.live$", 200,
            R"({"stats":[{"name":"server.live","value":1}]})");
        row("GET", "/stats?histogram_buckets=detailed&filter=in.downstream_rq_time$", 200,
            "http.in.downstream_rq_time:\n  totals=");
        row("GET", "/stats?format=json&histogram_buckets=disjoint&filter=in.downstream_rq_time$", 200,
            R"({"stats":[{"histograms":[{"name":"http.in.downstream_rq_time","buckets":[{"upper_bound":0.5,)");
        row("GET", "/stats?format=json&histogram_buckets=detailed&filter=in.downstream_rq_time$", 200,
            R"({"stats":[{"histograms":{"supported_percentiles":[0,25,50,75,90,95,99,99.5,99.9,100],"details":[)");
        row("GET", "/stats/prometheus?histogram_buckets=summary&filter=in.downstream_rq_time$", 200,
            "# TYPE envoy_http_downstream_rq_time summary\n"
            "envoy_http_downstream_rq_time{envoy_http_conn_manager_prefix=\"in\",quantile=\"0\"} ");
        row("GET", "/stats/recentlookups", 200, "Lookup tracking is not enabled.");
        // config_dump
        row("GET", "/config_dump?resource=nope", 404, "nope not found in config dump");
        row("GET", "/config_dump?resource=bootstrap", 400,
            "bootstrap is not a repeated field. Use ?mask=bootstrap to get only this field");
        row("GET", "/config_dump?resource=dynamic_active_clusters", 200, "{}\n");
        row("GET", "/config_dump?name_regex=(", 400,
            "INVALID_ARGUMENT: Error while parsing name_regex from (: missing ): (");
        row("GET", "/config_dump?resource=version_info", 400, "version_info is not a repeated field.");
        row("GET", "/config_dump?resource=static_endpoint_configs", 404,
            "static_endpoint_configs not found in config dump");
        row("GET", "/config_dump?mask=static_clusters.cluster.name", 400,
            "FieldMask static_clusters.cluster.name could not be successfully applied to any configs.");
        row("GET", "/config_dump?resource=static_clusters&mask=cluster.name", 200,
            "{\n \"configs\": [\n  {\n   \"@type\": "
            "\"type.googleapis.com/envoy.admin.v3.ClustersConfigDump.StaticCluster\",\n   \"cluster\": {\n"
            "    \"@type\": \"type.googleapis.com/envoy.config.cluster.v3.Cluster\",\n    \"name\": \"up\"\n "
            "  }\n"
            "  }\n ]\n}\n");
        row("GET", "/config_dump?resource=static_endpoint_configs&include_eds", 200,
            "{\n \"configs\": [\n  {\n   \"@type\": "
            "\"type.googleapis.com/envoy.admin.v3.EndpointsConfigDump.StaticEndpointConfig\"");
    }
    void answers()
    {
        QFETCH(QString, method);
        QFETCH(QString, target);
        QFETCH(int, status);
        QFETCH(QString, begins);
        ask("GET", "/stats"); // flushes, for the one who asks next
        QCoreApplication::processEvents();
        const AdminAnswer answer = ask(qPrintable(method), target.toStdString());
        QCOMPARE(static_cast<int>(answer.status), status);
        QVERIFY2(QByteArray::fromStdString(answer.body).startsWith(begins.toUtf8()),
                 answer.body.substr(0, 400).c_str());
    }

    void sectionsOfADump()
    {
        const auto types = [&](const char *target) {
            const AdminAnswer answer = ask("GET", target);
            QStringList names;
            for (const QJsonValue config : QJsonDocument::fromJson(QByteArray::fromStdString(answer.body))
                                               .object()["configs"]
                                               .toArray())
                names.append(config.toObject()["@type"].toString().section(u'.', -1).chopped(10));
            return names.join(u' ');
        };
        QCOMPARE(types("/config_dump"), QString("Bootstrap Clusters Listeners ScopedRoutes Routes Secrets"));
        QCOMPARE(types("/config_dump?include_eds"),
                 QString("Bootstrap Clusters Endpoints Listeners ScopedRoutes Routes Secrets"));
        QCOMPARE(types("/config_dump?mask=bootstrap"), QString("Bootstrap"));
        const AdminAnswer chosen = ask("GET", "/config_dump?name_regex=up");
        QVERIFY(chosen.body.find("static_clusters") != std::string::npos);
        QVERIFY(chosen.body.find("static_listeners") == std::string::npos);
    }

    /// 8: an egress listener with MODIFY_ONLY keeps its connections when the health check fails.
    void drainType_data()
    {
        QTest::addColumn<QString>("drainType");
        QTest::addColumn<bool>("closes");
        QTest::newRow("DEFAULT") << "DEFAULT" << true;
        QTest::newRow("MODIFY_ONLY") << "MODIFY_ONLY" << false;
    }
    void drainType()
    {
        QFETCH(QString, drainType);
        QFETCH(bool, closes);
        const quint16 port = freePort();
        RunningServer gateway(bootstrap(
            listener("main", port, httpChain(), QStringLiteral(R"("drain_type": "%1")").arg(drainType)),
            cluster("up", {m_up->port})));
        QVERIFY(gateway.started);
        QTRY_VERIFY(gateway.live);
        gateway.server.setHealthcheckFailed(true);
        Client client(port);
        QCOMPARE(directHead(client).find("connection: close") != std::string::npos, closes);
        QCOMPARE(gateway.counter("http.in.downstream_cx_drain_close"), closes ? 1U : 0U);
    }

    /// 8: what a graceful drain does to connections: nothing to idle ones, and which answers close is the
    /// strategy's. Whoever was told to close is still answered.
    void drainStrategy_data()
    {
        QTest::addColumn<bool>("atOnce");
        QTest::addColumn<bool>("inboundOnly");
        QTest::addColumn<QString>("direction");
        QTest::addColumn<bool>("closes");
        QTest::newRow("8 immediate") << true << false << "UNSPECIFIED" << true;
        QTest::newRow("8 gradual, at its beginning") << false << false << "UNSPECIFIED" << false;
        QTest::newRow("8 inboundonly, and so the listener is") << true << true << "INBOUND" << true;
        QTest::newRow("8 inboundonly, and the listener is not") << true << true << "OUTBOUND" << false;
    }
    void drainStrategy()
    {
        QFETCH(bool, atOnce);
        QFETCH(bool, inboundOnly);
        QFETCH(QString, direction);
        QFETCH(bool, closes);
        const quint16 port = freePort();
        auto options = RunningServer::options(1);
        // So long that a share of it is none.
        options.commandLine.drainTime = std::chrono::seconds(1'000'000'000);
        options.commandLine.drainsAtOnce = atOnce;
        RunningServer gateway(
            bootstrap(listener("main", port, httpChain(),
                               QStringLiteral(R"("traffic_direction": "%1")").arg(direction)),
                      cluster("up", {m_up->port})),
            options);
        QVERIFY(gateway.started);
        QTRY_VERIFY(gateway.live);
        Client client(port);
        Client idle(port);
        for (Client *each : {&client, &idle})
            QCOMPARE(directHead(*each).find("connection: close"), std::string::npos);
        gateway.server.drainListeners({inboundOnly, true, true});
        QCOMPARE(gateway.server.lifecycle(), sallyport::admin::Lifecycle::Live);
        for (int i = 0; i < 2; ++i)
            QCOMPARE(directHead(client).find("connection: close") != std::string::npos, closes);
        Client fresh(port);
        QCOMPARE(directHead(fresh).find("connection: close") != std::string::npos, closes);
        QVERIFY(idle.isQuiet());
        QCOMPARE(gateway.counter("http.in.downstream_cx_drain_close"), closes ? 2U : 0U);
        QCOMPARE(gateway.counter("listener_manager.listener_stopped"), 0U);
    }

    void lookups()
    {
        QCOMPARE(ask("POST", "/stats/recentlookups/enable").body, std::string("OK\n"));
        m_gateway->counter("looked.up");
        m_gateway->counter("looked.up");
        const std::string body = ask("GET", "/stats/recentlookups").body;
        QVERIFY(body.starts_with("   Count Lookup\n"));
        QVERIFY2(body.find("       2 looked.up\n") != std::string::npos, body.c_str());
        QCOMPARE(ask("POST", "/stats/recentlookups/disable").body, std::string("OK\n"));
    }

    void countsTheRouter()
    {
        QCOMPARE(m_gateway->counter("http.in.rq_total"), 2U);
        QCOMPARE(m_gateway->counter("http.in.rq_direct_response"), 1U);
        QCOMPARE(m_gateway->gauge("thread_local_cluster_manager.worker_0.clusters_inflated"), 1);
        QCOMPARE(m_gateway->gauge("runtime.num_layers"), 2);
        QCOMPARE(m_gateway->gauge("runtime.num_keys"), 2);
        QVERIFY(m_gateway->counter("cluster.up.upstream_cx_tx_bytes_total") > 0);
    }

    /// 6.8 under traffic. The notes are on names, which are Envoy's: nothing else may be wrong.
    void promtoolReadsIt()
    {
        const QString promtool = QStandardPaths::findExecutable("promtool");
        if (promtool.isEmpty())
            QSKIP("promtool (Debian: prometheus) is not installed");
        QProcess process;
        process.start(promtool, {"check", "metrics"});
        process.write(QByteArray::fromStdString(ask("GET", "/stats?format=prometheus").body));
        process.closeWriteChannel();
        QVERIFY(process.waitForFinished());
        const QByteArray out = process.readAllStandardOutput() + process.readAllStandardError();
        QVERIFY2(process.exitCode() == 0 || process.exitCode() == 3, out.constData());
        for (const QByteArray &line : out.split('\n')) {
            static const QList<QByteArray> ofNames{"no help text",
                                                   "counter metrics should have \"_total\" suffix",
                                                   "metric names should not contain abbreviated units",
                                                   "use base unit \"seconds\"",
                                                   "should not have \"_count\" suffix",
                                                   "should not have \"_total\" suffix"};
            QVERIFY2(line.isEmpty() ||
                         std::any_of(ofNames.begin(), ofNames.end(),
                                     [&](const QByteArray &note) { return line.contains(note); }),
                     line.constData());
        }
    }

    /// 7.1: `http.admin.…`, `listener.admin.…` and the log; curl is the client.
    void countsItsOwnTraffic()
    {
        QTemporaryDir directory;
        const quint16 port = freePort();
        const QString path = directory.filePath("admin.log");
        const QString admin =
            QStringLiteral(R"(, "admin": {"address": %1, %2})")
                .arg(address(port), accessLog(path, "%REQ(:PATH)% %RESPONSE_CODE% "
                                                    "%RESPONSE_CODE_DETAILS% %BYTES_SENT%"));
        RunningServer gateway(configuration(freePort(), m_up->port, admin));
        QVERIFY(gateway.started);
        QTRY_VERIFY(gateway.live);
        const auto curl = [&](const QStringList &arguments) {
            QProcess process;
            process.start("curl", QStringList{"-s", "-i"} + arguments);
            if (!QTest::qWaitFor([&] { return process.state() == QProcess::NotRunning; }, 10000))
                return QByteArray("curl does not end");
            return process.readAllStandardOutput();
        };
        const QString url = QStringLiteral("http://127.0.0.1:%1").arg(port);
        const QByteArray ready = curl({url + "/ready"});
        QVERIFY2(
            ready.startsWith("HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=UTF-8\r\n"
                             "cache-control: no-cache, max-age=0\r\nx-content-type-options: nosniff\r\n"),
            ready.constData());
        QVERIFY(curl({url + "/quitquitquit"}).startsWith("HTTP/1.1 405"));
        QTRY_COMPARE(gateway.counter("http.admin.downstream_cx_destroy"), 2U);
        QCOMPARE(gateway.counter("http.admin.downstream_rq_total"), 2U);
        QCOMPARE(gateway.counter("http.admin.downstream_rq_2xx"), 1U);
        QCOMPARE(gateway.counter("http.admin.downstream_rq_4xx"), 1U);
        QCOMPARE(gateway.counter("listener.admin.http.admin.downstream_rq_4xx"), 1U);
        QCOMPARE(gateway.counter("listener.admin.downstream_cx_total"), 2U);
        QCOMPARE(gateway.counter("listener.admin.main_thread.downstream_cx_total"), 2U);
        QCOMPARE(gateway.gauge("listener.admin.downstream_cx_active"), 0);
        QCOMPARE(gateway.gauge("http.admin.downstream_rq_active"), 0);
        QVERIFY(gateway.counter("http.admin.downstream_cx_tx_bytes_total") > 0);
        QTRY_COMPARE(gateway.log(path), (QList<QByteArray>{"/ready 200 admin_filter_response 5",
                                                           "/quitquitquit 405 admin_filter_response 38"}));
        // Log files are counted as well: /stats brings these numbers up to date.
        gateway.server.refreshStats();
        QCOMPARE(gateway.counter("filesystem.write_buffered"), 2U);
        QVERIFY(gateway.counter("filesystem.write_completed") > 0);
    }
};

SALLYPORT_EPOLL_MAIN(TestAdmin)
#include "test_admin.moc"
