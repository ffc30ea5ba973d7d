// SPDX-License-Identifier: GPL-3.0-or-later
#include "field_rows.h"

#include <QtTest>
#include <algorithm>

using namespace fixture;

namespace {

const char *const egress = "istio-system/egress";
const char *const server = "default/httpbin";

const std::string entry =
    object("ServiceEntry", "x",
           "{hosts: [x.example], ports: [{number: 80, name: http, protocol: HTTP}, {number: 5432, name: tcp, "
           "protocol: TCP}], resolution: STATIC, endpoints: [{address: 203.0.113.10}]}");
const std::string httpbin =
    service("default", "httpbin", "{app: httpbin}", "{name: http, port: 80}") + "---\n";
const std::string gateway =
    object("Gateway", "g",
           "{selector: {istio: egress}, servers: [{port: {number: 8080, name: a, protocol: HTTP}, hosts: "
           "['*']}]}");

std::string mesh(const std::string &config)
{
    return meshConfig(config) + "---\n" + entry + httpbin + gateway;
}

std::string settings(const std::string &text)
{
    return mesh("defaultConfig: {connectionSettings: {" + text + "}}");
}

/// Resources and a Namespace for each label text.
std::string nameSpace(const std::string &name, const std::string &labels)
{
    return "apiVersion: v1\nkind: Namespace\nmetadata: {name: " + name + ", labels: " + labels + "}\n---\n";
}

const std::string manager = "listeners[0.0.0.0_80]/filter_chains[0]/filters[0]/typed_config/";
const std::string inboundManager =
    "listeners[virtualInbound]/filter_chains[0.0.0.0_80]/filters[0]/typed_config/";
const std::string edge = "listeners[0.0.0.0_8080]/filter_chains[0]/filters[0]/typed_config/";

} // namespace

/// What MeshConfig and ProxyConfig make of listeners and connection managers (istio:pilot/pkg/networking/core
/// connection_settings.go, listener_builder.go, gateway.go, accesslog.go).
class TestMeshSettings : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fields_data();
    void fields();
    void annotationGoesBefore();
    void hiddenNamespacesAreSaid();

private:
    static void connections();
    static void topology();
    static void discovery();
};

void TestMeshSettings::fields_data()
{
    addColumns();
    connections();
    topology();
    discovery();
    row("listener log", mesh("accessLogFile: /dev/stdout"), "listeners[virtualOutbound]/access_log[0]/name",
        R"("envoy.access_loggers.file")");
    const std::string silent = mesh("accessLogFile: /dev/stdout\ndisableEnvoyListenerLog: true");
    row("disableEnvoyListenerLog", silent, "listeners[virtualOutbound]/access_log", "absent");
    row("disableEnvoyListenerLog inbound", silent, "listeners[virtualInbound]/access_log", "absent", server);
    row("disableEnvoyListenerLog at a gateway", silent, "listeners[0.0.0.0_8080]/access_log", "absent",
        egress);
    row("requests are logged all the same", silent, manager + "access_log[0]/name",
        R"("envoy.access_loggers.file")");
    const std::string old = mesh("defaultConfig: {proxyMetadata: {ISTIO_META_HTTP10: '1'}}");
    row("HTTP/1.0", old, manager + "http_protocol_options/accept_http_10", "true");
    row("HTTP/1.0 inbound", old, inboundManager + "http_protocol_options/accept_http_10", "true", server);
    row("HTTP/1.0 at a gateway", old, edge + "http_protocol_options/accept_http_10", "true", egress);
    row("no HTTP/1.0", mesh("defaultConfig: {proxyMetadata: {ISTIO_META_HTTP10: 'true'}}"),
        manager + "http_protocol_options", "absent");
    const std::string idle = mesh("defaultConfig: {proxyMetadata: {ISTIO_META_IDLE_TIMEOUT: 7s}}");
    const std::string bytes = "listeners[0.0.0.0_5432]/filter_chains[0]/filters[0]/typed_config/idle_timeout";
    row("idle connections of HTTP", idle, manager + "common_http_protocol_options/idle_timeout", R"("7s")");
    row("idle connections of bytes", idle, bytes, R"("7s")");
    row("a rule goes before",
        idle + object("DestinationRule", "r",
                      "{host: x.example, trafficPolicy: {connectionPool: {tcp: {idleTimeout: 8s}}}}"),
        bytes, R"("8s")");
    const auto normalized = [](const char *name, const char *what, const char *path, const char *merge) {
        const std::string resources = mesh(std::string("pathNormalization: {normalization: ") + what + "}");
        row((std::string(name) + ", path").c_str(), resources, manager + "normalize_path", path);
        row((std::string(name) + ", slashes").c_str(), resources, manager + "merge_slashes", merge);
    };
    normalized("NONE", "NONE", "false", "absent");
    normalized("BASE", "BASE", "true", "absent");
    normalized("MERGE_SLASHES", "MERGE_SLASHES", "true", "true");
    row("protocolDetectionTimeout", mesh("protocolDetectionTimeout: 3s"),
        "listeners[virtualInbound]/listener_filters_timeout", R"("3s")", server);
}

void TestMeshSettings::connections()
{
    const std::string common = "common_http_protocol_options";
    const std::string all = settings(
        "httpIdleTimeout: 11s, httpMaxConnectionDuration: 12s, httpMaxStreamDuration: 13s, "
        "httpStreamIdleTimeout: 14s, httpRequestTimeout: 15s, httpRequestHeadersTimeout: 16s, "
        "httpDrainTimeout: 17s, httpMaxConcurrentStreams: 18, http2InitialStreamWindowSize: 70000, "
        "http2InitialConnectionWindowSize: 80000, httpHeadersWithUnderscoresAction: "
        "HEADERS_WITH_UNDERSCORES_DROP_HEADER, httpMergeSlashes: true, httpPathWithEscapedSlashesAction: "
        "REJECT_REQUEST, listenerPerConnectionBufferLimitBytes: 4096, globalDownstreamConnectionLimit: 19");
    row("connectionSettings, all of HTTP", all, manager + common,
        R"({"headers_with_underscores_action":"DROP_HEADER","idle_timeout":"11s","max_connection_duration":"12s","max_stream_duration":"13s"})");
    row("connectionSettings, streams", all, manager + "stream_idle_timeout", R"("14s")");
    row("connectionSettings, requests", all, manager + "request_timeout", R"("15s")");
    row("connectionSettings, headers", all, manager + "request_headers_timeout", R"("16s")");
    row("connectionSettings, drain", all, manager + "drain_timeout", R"("17s")");
    row("connectionSettings, HTTP/2", all, manager + "http2_protocol_options",
        R"({"initial_connection_window_size":80000,"initial_stream_window_size":70000,"max_concurrent_streams":18})");
    row("connectionSettings, slashes", all, manager + "merge_slashes", "true");
    row("connectionSettings, escaped slashes", all, manager + "path_with_escaped_slashes_action",
        R"("REJECT_REQUEST")");
    row("connectionSettings inbound", all, inboundManager + "request_timeout", R"("15s")", server);
    row("connectionSettings at a gateway", all, edge + "request_timeout", R"("15s")", egress);
    row("buffers of a gateway", all, "listeners[0.0.0.0_8080]/per_connection_buffer_limit_bytes", "4096",
        egress);
    row("buffers of a sidecar", all, "listeners[virtualOutbound]/per_connection_buffer_limit_bytes",
        "absent");
    const std::string advice = settings("profile: EDGE, httpRequestTimeout: 1s");
    row("the edge, HTTP", advice, edge + common,
        R"({"headers_with_underscores_action":"REJECT_REQUEST","idle_timeout":"3600s"})", egress);
    row("the edge, streams", advice, edge + "stream_idle_timeout", R"("300s")", egress);
    row("the edge, requests as they are set", advice, edge + "request_timeout", R"("1s")", egress);
    row("the edge, headers", advice, edge + "request_headers_timeout", R"("60s")", egress);
    row("the edge, HTTP/2", advice, edge + "http2_protocol_options",
        R"({"initial_connection_window_size":1048576,"initial_stream_window_size":65536,"max_concurrent_streams":100})",
        egress);
    row("the edge, slashes", advice, edge + "merge_slashes", "true", egress);
    row("the edge, escaped slashes", advice, edge + "path_with_escaped_slashes_action",
        R"("UNESCAPE_AND_REDIRECT")", egress);
    row("the edge, buffers", advice, "listeners[0.0.0.0_8080]/per_connection_buffer_limit_bytes", "32768",
        egress);
    row("a sidecar is at no edge", advice, manager + common, "absent");
    row("settings go before pathNormalization",
        mesh("pathNormalization: {normalization: DECODE_AND_MERGE_SLASHES}\ndefaultConfig: "
             "{connectionSettings: {httpMergeSlashes: false, httpPathWithEscapedSlashesAction: "
             "KEEP_UNCHANGED}}"),
        manager + "merge_slashes", "absent");
}

void TestMeshSettings::topology()
{
    const auto gatewayTopology = [](const std::string &text) {
        return mesh("defaultConfig: {gatewayTopology: {" + text + "}}");
    };
    row("numTrustedProxies", gatewayTopology("numTrustedProxies: 2"), edge + "xff_num_trusted_hops", "2",
        egress);
    row("numTrustedProxies of a sidecar", gatewayTopology("numTrustedProxies: 2"),
        inboundManager + "xff_num_trusted_hops", "absent", server);
    row("forwardClientCertDetails", gatewayTopology("forwardClientCertDetails: APPEND_FORWARD"),
        edge + "forward_client_cert_details", R"("APPEND_FORWARD")", egress);
    row("set with it", gatewayTopology("forwardClientCertDetails: APPEND_FORWARD"),
        edge + "set_current_client_cert_details", R"({"cert":true,"dns":true,"subject":true,"uri":true})",
        egress);
    row("forwarded alone", gatewayTopology("forwardClientCertDetails: ALWAYS_FORWARD_ONLY"),
        edge + "set_current_client_cert_details", "absent", egress);
    row("forwardClientCertDetails as it is", mesh("trustDomain: td"), edge + "forward_client_cert_details",
        R"("SANITIZE_SET")", egress);
    row("proxyProtocol", gatewayTopology("proxyProtocol: {}"),
        "listeners[0.0.0.0_8080]/listener_filters[0]/name", R"("envoy.filters.listener.proxy_protocol")",
        egress);
}

void TestMeshSettings::discovery()
{
    const auto away = [](const std::string &labels) {
        return nameSpace("away", labels) +
               object("ServiceEntry", "y",
                      "{hosts: [y.example], ports: [{number: 80, name: http, protocol: HTTP}], resolution: "
                      "STATIC, endpoints: [{address: 203.0.113.11}]}",
                      "away");
    };
    const std::string here = nameSpace("default", "{seen: 'yes'}");
    const char *cluster = "clusters[outbound|80||y.example]/name";
    const char *there = R"("outbound|80||y.example")";
    const std::string selected = mesh("discoverySelectors: [{matchLabels: {seen: 'yes'}}]") + here;
    row("a namespace that is seen", selected + away("{seen: 'yes'}"), cluster, there);
    row("a namespace that is not", selected + away("{seen: 'no'}"), cluster, "absent");
    row("no selectors", mesh("trustDomain: td") + away("{}"), cluster, there);
    const auto expression = [&](const char *text) {
        return mesh(std::string("discoverySelectors: [{matchExpressions: [") + text + "]}]") + here;
    };
    row("In", expression("{key: seen, operator: In, values: ['yes', maybe]}") + away("{seen: maybe}"),
        cluster, there);
    row("NotIn", expression("{key: seen, operator: NotIn, values: [maybe]}") + away("{seen: maybe}"), cluster,
        "absent");
    row("NotIn without the label", expression("{key: seen, operator: NotIn, values: [maybe]}") + away("{}"),
        cluster, there);
    row("Exists", expression("{key: seen, operator: Exists}") + away("{}"), cluster, "absent");
    row("DoesNotExist", expression("{key: hidden, operator: DoesNotExist}") + away("{}"), cluster, there);
    row("its name",
        expression("{key: kubernetes.io/metadata.name, operator: In, values: [away]}") + away("{}"), cluster,
        there);
    row("one of two selectors",
        mesh("discoverySelectors: [{matchLabels: {seen: 'yes'}}, {matchLabels: {also: 'yes'}}]") + here +
            away("{also: 'yes'}"),
        cluster, there);
    row("rules of a namespace that is not seen",
        mesh("discoverySelectors: [{matchLabels: {seen: 'yes'}}]") + here + nameSpace("away", "{}") +
            object("DestinationRule", "r",
                   "{host: x.example, trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}}", "away"),
        "clusters[outbound|80||x.example]/circuit_breakers/thresholds[0]/max_connections", "4294967295");
}

void TestMeshSettings::fields()
{
    QFETCH(QByteArray, expected);
    QCOMPARE(fieldOfRow({workload("default", "sleep", "{app: sleep}"),
                         workload("default", "httpbin", "{app: httpbin}", "sidecar", "{containerPort: 80}"),
                         workload("istio-system", "egress", "{istio: egress}", "gateway")}),
             expected);
}

/// A pod's ProxyConfig over the mesh's, and what limits the whole process.
void TestMeshSettings::annotationGoesBefore()
{
    const std::string pod =
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: own\n  namespace: default\n  labels: {app: own}\n  "
        "annotations:\n    sidecar.istio.io/inject: 'true'\n    proxy.istio.io/config: |\n      "
        "connectionSettings: {httpRequestTimeout: 9s, globalDownstreamConnectionLimit: 5}\nspec: "
        "{containers: "
        "[{name: c, image: httpbin}]}\n---\n";
    const Mesh of(documents({workload("default", "sleep", "{app: sleep}"), pod,
                             settings("httpRequestTimeout: 8s, httpDrainTimeout: 7s")}));
    const auto bootstrap = [&of](const char *proxy) {
        return QJsonDocument::fromJson(dataplane::encodeBootstrap(of.proxy(proxy).bootstrap)).object();
    };
    const auto field = [&](const char *proxy, const std::string &name) {
        return jsonOf(fieldAt(bootstrap(proxy)[QStringLiteral("static_resources")],
                              QByteArray::fromStdString(manager + name)));
    };
    QCOMPARE(field("default/own", "request_timeout"), QByteArray(R"("9s")"));
    QCOMPARE(field("default/own", "drain_timeout"), QByteArray(R"("7s")"));
    QCOMPARE(field("default/sleep", "request_timeout"), QByteArray(R"("8s")"));
    const QJsonValue limit =
        fieldAt(bootstrap("default/own"), "overload_manager/resource_monitors[0]/typed_config/"
                                          "max_active_downstream_connections");
    QCOMPARE(jsonOf(limit), QByteArray("5"));
    QVERIFY(!bootstrap("default/sleep").contains(QStringLiteral("overload_manager")));
}

void TestMeshSettings::hiddenNamespacesAreSaid()
{
    const Mesh of(documents({workload("default", "sleep", "{app: sleep}"),
                             mesh("discoverySelectors: [{matchLabels: {seen: 'yes'}}]") +
                                 nameSpace("default", "{seen: 'yes'}") +
                                 object("Telemetry", "t", "{accessLogging: [{}]}", "away")}));
    const auto &warnings = of.compiled().warnings;
    const auto said = [&warnings](const char *name) {
        return std::count_if(warnings.begin(), warnings.end(), [name](const Error &warning) {
            return warning.what.find(std::string("the namespace ") + name + ':') != std::string::npos;
        });
    };
    QCOMPARE(said("away"), 1);
    QCOMPARE(said("default"), 0);
}

QTEST_GUILESS_MAIN(TestMeshSettings)
#include "test_mesh_settings.moc"
