// SPDX-License-Identifier: GPL-3.0-or-later
#include "field_rows.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

using namespace fixture;

namespace {

QByteArray bytes(const std::string &text)
{
    return QByteArray::fromStdString(text);
}

std::string rule(const std::string &policy, const std::string &host = "x.example")
{
    return object("DestinationRule", "r", "{host: " + host + ", trafficPolicy: " + policy + "}");
}

const std::string entry =
    object("ServiceEntry", "x",
           "{hosts: [x.example], ports: [{number: 80, name: http, protocol: HTTP}, {number: 443, name: tls, "
           "protocol: TLS}, {number: 5432, name: tcp, protocol: TCP}], resolution: STATIC, endpoints: "
           "[{address: 203.0.113.10}]}");
const std::string httpbin =
    service("default", "httpbin", "{app: httpbin}", "{name: http, port: 8000, targetPort: 80}") + "---\n";

constexpr const char *http80 = "clusters[outbound|80||x.example]/";
constexpr const char *httpOptions =
    "typed_extension_protocol_options/envoy.extensions.upstreams.http.v3.HttpProtocolOptions/";
constexpr const char *outbound443 =
    "listeners[0.0.0.0_443]/filter_chains[0]/filters[envoy.filters.network.tcp_proxy]/typed_config/";

} // namespace

/// Fields of a bootstrap as istiod writes them, by resource and the file of istiod's that decides.
class TestTranslatedFields : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fields_data();
    void fields();
    void cannotBeCompiled();
    void saysWhatALabDoesNot_data();
    void saysWhatALabDoesNot();
};

void TestTranslatedFields::fields_data()
{
    addColumns();
    const std::string lb = "{loadBalancer: ";

    // cluster_traffic_policy.go
    row("warmup",
        entry +
            rule(lb + "{simple: ROUND_ROBIN, warmup: {duration: 10s, minimumPercent: 20, aggression: 2}}}"),
        std::string(http80) + "round_robin_lb_config/slow_start_config",
        R"({"aggression":{"default_value":2,"runtime_key":"("},"min_weight_percent":{"value":20},"slow_start_window":"10s"})");
    row("warmup of the default balancer", entry + rule(lb + "{warmup: {duration: 3s}}}"),
        std::string(http80) + "least_request_lb_config/slow_start_config",
        R"({"aggression":{"default_value":1,"runtime_key":"("},"slow_start_window":"3s"})");
    row("warmupDurationSecs", entry + rule(lb + "{simple: LEAST_REQUEST, warmupDurationSecs: 5s}}"),
        std::string(http80) + "least_request_lb_config/slow_start_config/slow_start_window", R"("5s")");
    row("warmup of a random balancer", entry + rule(lb + "{simple: RANDOM, warmup: {duration: 3s}}}"),
        std::string(http80) + "least_request_lb_config", "absent");
    const std::string outliers =
        entry + rule("{outlierDetection: {consecutive5xxErrors: 3, consecutiveGatewayErrors: 2, interval: "
                     "5s, baseEjectionTime: 1m, maxEjectionPercent: 50, minHealthPercent: 20, "
                     "splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 4}}");
    row("outlier detection", outliers, std::string(http80) + "outlier_detection",
        R"({"base_ejection_time":"60s","consecutive_5xx":3,"consecutive_gateway_failure":2,"consecutive_local_origin_failure":4,)"
        R"("enforcing_consecutive_gateway_failure":100,"enforcing_local_origin_success_rate":0,"enforcing_success_rate":0,)"
        R"("interval":"5s","max_ejection_percent":50,"split_external_local_origin_errors":true})");
    row("outlier detection, minHealthPercent", outliers,
        std::string(http80) + "common_lb_config/healthy_panic_threshold", R"({"value":20})");
    row("consecutiveGatewayErrors 0",
        entry + rule("{outlierDetection: {consecutiveGatewayErrors: 0, consecutive5xxErrors: 0}}"),
        std::string(http80) + "outlier_detection",
        R"({"consecutive_5xx":0,"consecutive_gateway_failure":0,"enforcing_consecutive_5xx":0,"enforcing_success_rate":0})");
    row("consecutiveLocalOriginFailures alone",
        entry + rule("{outlierDetection: {splitExternalLocalOriginErrors: true}}"),
        std::string(http80) + "outlier_detection",
        R"({"enforcing_local_origin_success_rate":0,"enforcing_success_rate":0,"split_external_local_origin_errors":true})");
    row("outlierDetectionHttpErrorCodes",
        entry + rule("{outlierDetection: {outlierDetectionHttpErrorCodes: [500, 503]}}"),
        std::string(http80) + httpOptions +
            "outlier_detection/error_matcher/or_match/rules[1]/http_response_headers_match/headers[0]",
        R"({"name":":status","string_match":{"exact":"503"}})");
    row("one error code", entry + rule("{outlierDetection: {outlierDetectionHttpErrorCodes: [429]}}"),
        std::string(http80) + httpOptions +
            "outlier_detection/error_matcher/http_response_headers_match/headers[0]",
        R"({"name":":status","string_match":{"exact":"429"}})");
    row("http2KeepAlive",
        entry + rule("{connectionPool: {http: {h2UpgradePolicy: UPGRADE, maxConcurrentStreams: 8, "
                     "http2KeepAlive: {interval: 10s, timeout: 5s}}}}"),
        std::string(http80) + httpOptions + "explicit_http_config/http2_protocol_options",
        R"({"connection_keepalive":{"interval":"10s","timeout":"5s"},"max_concurrent_streams":8})");
    row("maxConcurrentStreams with the client's protocol",
        entry + rule("{connectionPool: {http: {useClientProtocol: true, maxConcurrentStreams: 8}}}"),
        std::string(http80) + httpOptions + "use_downstream_protocol_config/http2_protocol_options", "{}");

    // cluster_builder.go, buildInboundCluster: limits hold at the server too, and nothing else does
    const std::string inbound = "clusters[inbound|80||]/";
    const std::string limited =
        "{connectionPool: {tcp: {maxConnections: 7, connectTimeout: 2s, tcpKeepalive: {probes: 3, time: 60s, "
        "interval: 5s}}, http: {http1MaxPendingRequests: 4, http2MaxRequests: 5, maxRetries: 6, "
        "maxRequestsPerConnection: 9, idleTimeout: 30s}}, outlierDetection: {interval: 5s}, loadBalancer: "
        "{simple: RANDOM}}";
    const char *server = "default/httpbin";
    row("inbound limits", httpbin + rule(limited, "httpbin"), inbound + "circuit_breakers/thresholds[0]",
        R"({"max_connections":7,"max_pending_requests":4,"max_requests":5,"max_retries":6})", server);
    row("inbound connect timeout", httpbin + rule(limited, "httpbin"), inbound + "connect_timeout", R"("2s")",
        server);
    row("inbound keepalive", httpbin + rule(limited, "httpbin"),
        inbound + "upstream_connection_options/tcp_keepalive",
        R"({"keepalive_interval":5,"keepalive_probes":3,"keepalive_time":60})", server);
    row("inbound idle timeout", httpbin + rule(limited, "httpbin"),
        inbound + httpOptions + "common_http_protocol_options",
        R"({"idle_timeout":"30s","max_requests_per_connection":9})", server);
    row("inbound without outlier detection", httpbin + rule(limited, "httpbin"),
        inbound + "outlier_detection", "absent", server);
    row("inbound without balancer", httpbin + rule(limited, "httpbin"), inbound + "lb_policy", "absent",
        server);
    row("inbound rule", httpbin + rule(limited, "httpbin"), inbound + "metadata/filter_metadata/istio/config",
        R"("/apis/networking.istio.io/v1/namespaces/default/destination-rule/r")", server);
    row("inbound limits of the Service's port",
        httpbin +
            rule("{connectionPool: {tcp: {maxConnections: 1}}, portLevelSettings: [{port: {number: 8000}, "
                 "connectionPool: {tcp: "
                 "{maxConnections: 2}}}, {port: {number: 80}, connectionPool: {tcp: {maxConnections: 3}}}]}",
                 "httpbin"),
        inbound + "circuit_breakers/thresholds[0]/max_connections", "2", server);
    row("inbound limits of a rule for some clients",
        httpbin + object("DestinationRule", "r",
                         "{host: httpbin, workloadSelector: {matchLabels: {app: httpbin}}, trafficPolicy: "
                         "{connectionPool: {tcp: {maxConnections: 1}}}}"),
        inbound + "circuit_breakers/thresholds[0]/max_connections", "4294967295", server);
    row("inbound limits of the mesh",
        meshConfig("defaultTrafficPolicy: {connectionPool: {tcp: {maxConnections: 11}}}") + "---\n" + httpbin,
        inbound + "circuit_breakers/thresholds[0]/max_connections", "11", server);
    row("inboundConnectionPool",
        httpbin + rule(limited, "httpbin") +
            object("Sidecar", "s", "{inboundConnectionPool: {tcp: {maxConnections: 12}}}"),
        inbound + "circuit_breakers/thresholds[0]",
        R"({"max_connections":12,"max_pending_requests":4294967295,"max_requests":4294967295,"max_retries":4294967295})",
        server);

    // cluster.go, applyTCPKeepalive
    const std::string keepalive =
        meshConfig("tcpKeepalive: {time: 10s, probes: 2}\nconnectTimeout: 3s\n") + "---\n" + entry + httpbin;
    const char *options = "/upstream_connection_options/tcp_keepalive";
    row("tcpKeepalive", keepalive, std::string("clusters[outbound|80||x.example]") + options,
        R"({"keepalive_probes":2,"keepalive_time":10})");
    row("tcpKeepalive overridden in part",
        keepalive + rule("{connectionPool: {tcp: {tcpKeepalive: {time: 20s, interval: 4s}}}}"),
        std::string("clusters[outbound|80||x.example]") + options,
        R"({"keepalive_interval":4,"keepalive_probes":2,"keepalive_time":20})");
    row("tcpKeepalive of unknown destinations", keepalive,
        std::string("clusters[PassthroughCluster]") + options,
        R"({"keepalive_probes":2,"keepalive_time":10})");
    row("tcpKeepalive inbound", keepalive, std::string("clusters[inbound|80||]") + options,
        R"({"keepalive_probes":2,"keepalive_time":10})", server);
    row("no tcpKeepalive to nowhere", keepalive, std::string("clusters[BlackHoleCluster]") + options,
        "absent");
    row("connectTimeout", keepalive, "clusters[PassthroughCluster]/connect_timeout", R"("3s")");
    row("connectTimeout inbound", keepalive, "clusters[inbound|80||]/connect_timeout", R"("3s")", server);
    row("connectTimeout of a rule", keepalive + rule("{connectionPool: {tcp: {connectTimeout: 1s}}}"),
        "clusters[outbound|80||x.example]/connect_timeout", R"("1s")");

    // networkfilter.go, tunnelingconfig
    const std::string tunnel = "{tunnel: {protocol: CONNECT, targetHost: far.example, targetPort: 8443}}";
    const auto l4 = [](const char *kind, const char *match, const char *route) {
        return object("VirtualService", "v",
                      std::string("{hosts: [x.example], ") + kind + ": [{match: [" + match +
                          "], route: " + route + "}]}");
    };
    const char *toTunnel = R"({"hostname":"far.example:8443"})";
    row("tunnel of a TLS port", entry + rule(tunnel), std::string(outbound443) + "tunneling_config",
        toTunnel);
    row("tunnel of a TCP port", entry + rule(tunnel),
        "listeners[0.0.0.0_5432]/filter_chains[0]/filters[0]/typed_config/tunneling_config", toTunnel);
    row("tunnel by POST to an IPv6 address",
        entry + rule("{tunnel: {protocol: POST, targetHost: '2001:db8::1', targetPort: 9}}"),
        std::string(outbound443) + "tunneling_config", R"({"hostname":"[2001:db8::1]:9","use_post":true})");
    row("tunnel of a tls route",
        entry +
            l4("tls", "{port: 443, sniHosts: [x.example]}",
               "[{destination: {host: x.example, port: {number: 443}}}]") +
            rule(tunnel),
        std::string(outbound443) + "tunneling_config", toTunnel);
    row("tunnel of weighted destinations",
        entry +
            l4("tcp", "{port: 5432}",
               "[{destination: {host: x.example, port: {number: 5432}}, weight: 1}, {destination: {host: "
               "x.example, port: {number: 80}}, weight: 1}]") +
            rule(tunnel),
        "listeners[0.0.0.0_5432]/filter_chains[0]/filters[0]/typed_config/tunneling_config", toTunnel);
    const std::string subsetRule = object(
        "DestinationRule", "r",
        "{host: x.example, trafficPolicy: " + tunnel +
            ", subsets: [{name: v1, labels: {v: a}}, {name: v2, labels: {v: b}, trafficPolicy: {tunnel: "
            "{protocol: POST, targetHost: two.example, targetPort: 2}}}]}");
    const auto toSubset = [&](const char *subset) {
        return entry + subsetRule +
               l4("tls", "{port: 443, sniHosts: [x.example]}",
                  (std::string("[{destination: {host: x.example, subset: ") + subset +
                   ", port: {number: 443}}}]")
                      .c_str());
    };
    row("a subset has no tunnel of the rule", toSubset("v1"), std::string(outbound443) + "tunneling_config",
        "absent");
    row("a subset's own tunnel", toSubset("v2"), std::string(outbound443) + "tunneling_config",
        R"({"hostname":"two.example:2","use_post":true})");
    const std::string connection =
        entry + rule("{connectionPool: {tcp: {idleTimeout: 90s, maxConnectionDuration: 1h}}, loadBalancer: "
                     "{consistentHash: {useSourceIp: true}}}");
    row("idle timeout of a connection", connection, std::string(outbound443) + "idle_timeout", R"("90s")");
    row("longest time of a connection", connection,
        std::string(outbound443) + "max_downstream_connection_duration", R"("3600s")");
    row("hash of a connection", connection, std::string(outbound443) + "hash_policy",
        R"([{"source_ip":{}}])");
    row("the one port of a TCP destination",
        entry +
            object("ServiceEntry", "y",
                   "{hosts: [y.example], ports: [{number: 7, name: tcp, protocol: TCP}], resolution: DNS}") +
            l4("tcp", "{port: 5432}", "[{destination: {host: y.example}}]"),
        "listeners[0.0.0.0_5432]/filter_chains[0]/filters[0]/typed_config/cluster",
        R"("outbound|7||y.example")");

    // sidecar.go, listener.go: a Sidecar's own listeners
    const std::string ingress =
        httpbin +
        object(
            "Sidecar", "s",
            "{ingress: [{port: {number: 9080, protocol: HTTP, name: in}, defaultEndpoint: '127.0.0.1:8080', "
            "connectionPool: {tcp: {maxConnections: 3}}}, {port: {number: 9081, protocol: TCP, name: t}, "
            "captureMode: NONE, bind: 0.0.0.0, defaultEndpoint: 'unix:///tmp/app.sock'}]}");
    const std::string ingressCluster = "clusters[inbound|9080||]/";
    row("ingress endpoint", ingress,
        ingressCluster +
            "load_assignment/endpoints[0]/lb_endpoints[0]/endpoint/address/socket_address/port_value",
        "8080", server);
    row("ingress limits", ingress, ingressCluster + "circuit_breakers/thresholds[0]/max_connections", "3",
        server);
    row("ingress instead of the Service's ports", ingress, "clusters[inbound|80||]", "absent", server);
    row("ingress on a Unix socket", ingress,
        "clusters[inbound|9081||]/load_assignment/endpoints[0]/lb_endpoints[0]/endpoint/address/pipe/path",
        R"("/tmp/app.sock")", server);
    row("ingress without capture", ingress, "listeners[0.0.0.0_9081]/address/socket_address/port_value",
        "9081", server);
    const std::string egress =
        entry +
        object("ServiceEntry", "y",
               "{hosts: [y.example], ports: [{number: 80, name: http, protocol: HTTP}, {number: 443, name: "
               "tls, protocol: TLS}], resolution: STATIC, endpoints: [{address: 203.0.113.11}]}") +
        object("Sidecar", "s",
               "{egress: [{port: {number: 443, protocol: TLS, name: t}, hosts: ['./x.example']}, {port: "
               "{number: 9090, protocol: HTTP, name: h}, bind: 127.0.0.1, "
               "captureMode: NONE, hosts: ['./*']}, {hosts: ['./*']}]}");
    row("egress port has its hosts only", egress, "listeners[0.0.0.0_443]/filter_chains[1]", "absent");
    row("egress port's host", egress,
        "listeners[0.0.0.0_443]/filter_chains[0]/filter_chain_match/server_names", R"(["x.example"])");
    row("other egress ports have all", egress,
        "listeners[0.0.0.0_80]/filter_chains[0]/filters[0]/typed_config/route_config/"
        "virtual_hosts[y.example:80]/domains",
        R"(["y.example","y.example."])");
    const std::string led =
        entry +
        object("ServiceEntry", "y",
               "{hosts: [y.example], ports: [{number: 80, name: http, protocol: HTTP}, {number: 443, name: "
               "tls, protocol: TLS}, {number: 90, name: tcp, protocol: TCP}], resolution: STATIC, endpoints: "
               "[{address: 203.0.113.11}]}") +
        object(
            "VirtualService", "v",
            "{hosts: [x.example], http: [{route: [{destination: {host: y.example, port: {number: 80}}}]}]}") +
        object("Sidecar", "s",
               "{egress: [{port: {number: 443, protocol: TLS, name: t}, hosts: ['./x.example']}, {hosts: "
               "['./x.example']}]}");
    row("destination of a VirtualService", led, "clusters[outbound|80||y.example]/name",
        R"("outbound|80||y.example")");
    row("destination by an egress listener's port", led, "clusters[outbound|443||y.example]/name",
        R"("outbound|443||y.example")");
    row("destination's other ports", led, "clusters[outbound|90||y.example]", "absent");
    row("egress cluster of both listeners", egress, "clusters[outbound|80||x.example]/name",
        R"("outbound|80||x.example")");

    // push_context.go, resolveServiceAliases
    const std::string external =
        "apiVersion: v1\nkind: Service\nmetadata: {name: ext, namespace: default}\nspec: {type: "
        "ExternalName, externalName: x.example, ports: [{name: http, port: 80}]}\n---\n"
        "apiVersion: v1\nkind: Service\nmetadata: {name: of, namespace: away}\nspec: {type: ExternalName, "
        "externalName: ext.default.svc.cluster.local, ports: [{name: http, port: 80}]}\n---\n";
    row("aliases are domains", entry + external,
        "listeners[0.0.0.0_80]/filter_chains[0]/filters[0]/typed_config/route_config/"
        "virtual_hosts[x.example:80]/domains",
        R"(["x.example","x.example.","of.away.svc.cluster.local","of.away.svc.cluster.local.","of.away","of.away.svc","ext.default.svc.cluster.local","ext.default.svc.cluster.local.","ext","ext.default.svc","ext.default"])");
    row("an alias has no cluster", entry + external, "clusters[outbound|80||ext.default.svc.cluster.local]",
        "absent");
    row("an alias of a TLS port", entry + external,
        "listeners[0.0.0.0_443]/filter_chains[0]/filter_chain_match/server_names[1]",
        R"("of.away.svc.cluster.local")");
    row("an alias as destination",
        entry + external +
            object("VirtualService", "v",
                   "{hosts: [v.example], http: [{route: [{destination: {host: ext}}]}]}"),
        "listeners[0.0.0.0_80]/filter_chains[0]/filters[0]/typed_config/route_config/"
        "virtual_hosts[v.example:80]/routes[0]/route/cluster",
        R"("outbound|80||x.example")");

    // extauthz.go, generateGRPCConfig
    const std::string grpc =
        meshConfig("extensionProviders: [{name: asks, envoyExtAuthzGrpc: {service: "
                   "httpbin.default.svc.cluster.local, port: 8000, timeout: 1s, failOpen: true, "
                   "statusOnError: '503', "
                   "includeRequestBodyInCheck: {maxRequestBytes: 100}}}]") +
        "---\n" + httpbin +
        object("AuthorizationPolicy", "c",
               "{action: CUSTOM, provider: {name: asks}, rules: [{to: [{operation: {ports: ['80']}}]}]}");
    const std::string inboundHttp = "listeners[virtualInbound]/filter_chains[0.0.0.0_80]/filters[0]/"
                                    "typed_config/http_filters[envoy.filters.http.ext_authz]/typed_config/";
    row("authorizer over gRPC", grpc, inboundHttp + "grpc_service",
        R"({"envoy_grpc":{"authority":"httpbin.default.svc.cluster.local","cluster_name":"outbound|8000||httpbin.default.svc.cluster.local"},"timeout":"1s"})",
        server);
    row("authorizer over gRPC instead of HTTP", grpc, inboundHttp + "http_service", "absent", server);
    row("authorizer over gRPC asked by", grpc,
        inboundHttp + "filter_enabled_metadata/value/string_match/prefix", R"("istio-ext-authz-asks")",
        server);

    // telemetry_logging.go: labels are JSON, however deep
    const std::string labels =
        meshConfig("accessLogFile: /dev/stdout\nextensionProviders: [{name: deep, envoyFileAccessLog: {path: "
                   "/dev/stdout, logFormat: {labels: {a: '%REQ(X)%', b: {c: '%RESPONSE_CODE%', "
                   "d: [1, x, true]}}}}}]\ndefaultProviders: {accessLogging: [deep]}") +
        "---\n" + entry;
    const std::string format = "listeners[0.0.0.0_80]/filter_chains[0]/filters[0]/typed_config/access_log[0]/"
                               "typed_config/log_format/json_format";
    row("labels of a log provider", labels, format,
        R"({"a":"%REQ(X)%","b":{"c":"%RESPONSE_CODE%","d":[1,"x",true]}})");
    row("JSON accessLogFormat",
        meshConfig("accessLogFile: /dev/stdout\naccessLogEncoding: JSON\naccessLogFormat: '{\"a\": {\"b\": "
                   "\"%RESPONSE_CODE%\"}}'") +
            "---\n" + entry,
        format, R"({"a":{"b":"%RESPONSE_CODE%"}})");

    // cluster_builder.go buildDFPCluster; listener_builder.go: hosts that are looked up per request
    const std::string dynamic =
        object("ServiceEntry", "d",
               "{hosts: ['*.dyn.example'], ports: [{number: 80, name: http, protocol: HTTP}, {number: 443, "
               "name: tls, protocol: TLS}], resolution: DYNAMIC_DNS}");
    row("DYNAMIC_DNS cluster", dynamic,
        "clusters[outbound|80||*.dyn.example]/cluster_type/typed_config/dns_cache_config",
        R"({"dns_lookup_family":"V4_ONLY","name":"*.dyn.example_dfp_dns_cache"})");
    row("DYNAMIC_DNS balancer", dynamic, "clusters[outbound|80||*.dyn.example]/lb_policy",
        R"("CLUSTER_PROVIDED")");
    row("DYNAMIC_DNS filter", dynamic,
        "listeners[0.0.0.0_80]/filter_chains[0]/filters[0]/typed_config/"
        "http_filters[envoy.filters.http.dynamic_forward_proxy]/typed_config/dns_cache_config/name",
        R"("*.dyn.example_dfp_dns_cache")");
    row("DYNAMIC_DNS by SNI", dynamic,
        "listeners[0.0.0.0_443]/filter_chains[0]/filters[0]/typed_config/dns_cache_config/name",
        R"("*.dyn.example_dfp_dns_cache")");

    // retry.go
    row("retryRemoteLocalities",
        entry + object("VirtualService", "v",
                       "{hosts: [x.example], http: [{retries: {attempts: 3, retryRemoteLocalities: true}, "
                       "route: [{destination: {host: x.example}}]}]}"),
        "listeners[0.0.0.0_80]/filter_chains[0]/filters[0]/typed_config/route_config/"
        "virtual_hosts[x.example:80]/routes[0]/route/retry_policy/retry_priority",
        R"({"name":"envoy.retry_priorities.previous_priorities","typed_config":{"@type":"type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig","update_frequency":2}})");
}

void TestTranslatedFields::fields()
{
    QFETCH(QByteArray, expected);
    QCOMPARE(fieldOfRow({workload("default", "sleep", "{app: sleep}"),
                         workload("default", "httpbin", "{app: httpbin}", "sidecar", "80")}),
             expected);
}

void TestTranslatedFields::cannotBeCompiled()
{
    const auto complaints = [](const std::string &resources) {
        return bytes(
            Mesh(documents({workload("default", "sleep", "{app: sleep}"), entry + resources})).complaints());
    };
    QVERIFY(complaints(object("Sidecar", "s",
                              "{egress: [{port: {number: 9, protocol: HTTP_PROXY, name: p}, bind: 127.0.0.1, "
                              "hosts: ['*/*']}]}"))
                .contains("HTTP_PROXY"));
    QVERIFY(complaints(object("Sidecar", "s", "{egress: [{bind: 'unix:///tmp/s', hosts: ['*/*']}]}"))
                .contains("Unix socket"));
}

/// What a lab treats otherwise than a reader would expect is compiled, and said.
void TestTranslatedFields::saysWhatALabDoesNot_data()
{
    QTest::addColumn<QByteArray>("resources");
    QTest::addColumn<QByteArray>("word");
    QTest::newRow("authorizer over gRPC")
        << bytes(meshConfig("extensionProviders: [{name: asks, envoyExtAuthzGrpc: {service: x.example, "
                            "port: 80}}]") +
                 "---\n" +
                 object("AuthorizationPolicy", "c", "{action: CUSTOM, provider: {name: asks}, rules: [{}]}"))
        << QByteArray("gRPC");
    QTest::newRow("TLS of a Sidecar's ingress")
        << bytes(object("Sidecar", "s",
                        "{ingress: [{port: {number: 9080, protocol: HTTPS, name: in}, defaultEndpoint: "
                        "'127.0.0.1:8080', tls: {mode: SIMPLE, serverCertificate: /etc/c, privateKey: "
                        "/etc/k}}]}"))
        << QByteArray("TLS of a Sidecar's ingress");
}

void TestTranslatedFields::saysWhatALabDoesNot()
{
    QFETCH(QByteArray, resources);
    QFETCH(QByteArray, word);
    const Mesh mesh(
        documents({workload("default", "sleep", "{app: sleep}"), entry + resources.toStdString()}));
    QCOMPARE(bytes(mesh.complaints()), QByteArray());
    const std::vector<Error> &warnings = mesh.compiled().warnings;
    QVERIFY(std::any_of(warnings.begin(), warnings.end(),
                        [&word](const Error &warning) { return bytes(warning.toString()).contains(word); }));
}

QTEST_GUILESS_MAIN(TestTranslatedFields)
#include "test_translated_fields.moc"
