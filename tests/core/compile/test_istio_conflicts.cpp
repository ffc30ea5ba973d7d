// SPDX-License-Identifier: GPL-3.0-or-later
#include "field_rows.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

using namespace fixture;

namespace {

const std::string gatewayService =
    service("istio-system", "egress", "{istio: egress}", "{name: http, port: 8080, targetPort: 18080}") +
    "---\n";

std::string http(std::uint32_t port)
{
    return "ports: [{number: " + std::to_string(port) +
           ", name: http, protocol: HTTP}], resolution: STATIC, endpoints: [{address: 203.0.113.10}]";
}

std::string entry(const std::string &host, const std::string &rest)
{
    return object("ServiceEntry", "e", "{hosts: [" + host + "], " + rest + "}");
}

std::string rule(const std::string &policy)
{
    return object("DestinationRule", "r", "{host: x.example, trafficPolicy: " + policy + "}");
}

const std::string plain = entry("x.example", http(80));
const char *const cluster80 = "clusters[outbound|80||x.example]/";

std::string gateway(const std::string &servers)
{
    return object("Gateway", "g", "{selector: {istio: egress}, servers: [" + servers + "]}");
}

std::string routesOf(const std::string &listener)
{
    return "listeners[" + listener + "]/filter_chains[0]/filters[0]/typed_config/route_config/virtual_hosts";
}

/// A gateway that serves x.example on 8080.
const std::string served = gatewayService + plain +
                           gateway("{port: {number: 8080, name: a, protocol: HTTP}, hosts: ['*']}") +
                           object("VirtualService", "v",
                                  "{hosts: [x.example], gateways: [g], http: [{route: [{destination: {host: "
                                  "x.example, port: {number: 80}}}]}]}");

std::string patch(const std::string &text, const std::string &nameSpace = "istio-system",
                  const std::string &rest = {})
{
    return object("EnvoyFilter", "f" + std::to_string(text.size()),
                  "{" + rest + "configPatches: [" + text + "]}", nameSpace);
}

} // namespace

/// Where resources get into each other's way, or into Envoy's: what istiod and Envoy make of that.
class TestIstioConflicts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fields_data();
    void fields();
    void patchesThatCannotBe();
    void configurationOfOnePod();

private:
    static void entriesOfOneHost();
    static void refusedByEnvoy();
    static void patchedClusters();
    static void patchedListeners();
};

void TestIstioConflicts::fields_data()
{
    addColumns();
    entriesOfOneHost();
    refusedByEnvoy();
    patchedClusters();
    patchedListeners();
}

void TestIstioConflicts::entriesOfOneHost()
{
    const auto aged = [](int day, const std::string &name, const std::string &rest,
                         const std::string &nameSpace = "default") {
        return object("ServiceEntry", name, "{hosts: [one.example], " + rest + "}", nameSpace,
                      "creationTimestamp: '2024-01-0" + std::to_string(day) + "T00:00:00Z'");
    };
    const std::string ports = "ports: [{number: 80, name: http, protocol: HTTP}, {number: 81, name: more, "
                              "protocol: HTTP}], ";
    const char *egress = "istio-system/egress";
    const char *cluster81 = "clusters[outbound|81||one.example]";
    const std::string alike =
        aged(1, "a", http(80)) +
        aged(2, "b", ports + "resolution: STATIC, endpoints: [{address: 203.0.113.11}]");
    row("1.3 entries that are alike are one service", alike, std::string(cluster81) + "/name",
        R"("outbound|81||one.example")");
    row("1.3 and have their endpoints in common", alike,
        "clusters[outbound|80||one.example]/load_assignment/endpoints[0]/lb_endpoints[1]/endpoint/address/"
        "socket_address/port_value",
        "80");
    row("1.3 by the name of the port", alike,
        std::string(cluster81) + "/load_assignment/endpoints[0]/lb_endpoints[1]", "absent");
    const std::string otherwise =
        aged(1, "a", http(80)) + aged(2, "b", ports + "resolution: DNS, endpoints: [{address: a.example}]");
    row("1.3 entries of different resolution are not merged", otherwise, cluster81, "absent");
    row("1.3 not at a gateway either", otherwise, cluster81, "absent", egress);
    row("1.3 the port of the younger one has a listener all the same", otherwise,
        "listeners[0.0.0.0_81]/name", R"("0.0.0.0_81")");
    row("1.3 whose requests find no cluster", otherwise,
        routesOf("0.0.0.0_81") + "[one.example:81]/routes[0]/route/cluster", R"("outbound|81||one.example")");
    row("1.3 the older one has the host", otherwise, "clusters[outbound|80||one.example]/type", "absent");
    row("1.3 endpoints of another port name are not the port's",
        aged(1, "a", http(80)) +
            aged(2, "b",
                 "ports: [{number: 80, name: web, protocol: HTTP}], resolution: STATIC, endpoints: "
                 "[{address: 203.0.113.11}]"),
        "clusters[outbound|80||one.example]/load_assignment/endpoints[0]/lb_endpoints[1]", "absent");
    const std::string apart = aged(1, "a", http(80), "aa") + aged(2, "b", ports + "resolution: STATIC", "bb");
    row("1.3 entries of two namespaces are not merged", apart, cluster81, "absent");
    row("1.3 of a namespace that does not have the host there is no listener", apart, "listeners[0.0.0.0_81]",
        "absent");
    row("1.3 a sidecar has the entry of its own namespace",
        aged(1, "a", http(80), "aa") + aged(2, "b", ports + "resolution: STATIC"),
        std::string(cluster81) + "/name", R"("outbound|81||one.example")");
    row("1.3 the last of an entry's addresses is a name of it",
        entry("x.example", "addresses: [203.0.113.5, 203.0.113.6], " + http(80)),
        routesOf("0.0.0.0_80") + "[x.example:80]/domains", R"(["x.example","x.example.","203.0.113.6"])");
    row("3.7 Sidecar hosts written in full are one entry each",
        aged(1, "a", http(80), "aa") + aged(2, "b", ports + "resolution: STATIC", "aa") +
            object("Sidecar", "s", "{egress: [{hosts: ['aa/one.example']}]}"),
        cluster81, "absent");
    row("1.3 ports of the sidecar's own listeners", entry("x.example", http(15001)),
        "listeners[0.0.0.0_15001]", "absent");
    const std::string udp = service("default", "udp", "{app: httpbin}",
                                    "{name: udp, port: 9006, protocol: UDP, targetPort: 9007}");
    row("1.3 UDP has no listener", udp, "listeners[0.0.0.0_9006]", "absent");
    row("1.3 at the server a UDP port is taken for bytes", udp, "clusters[inbound|9007||]/name",
        R"("inbound|9007||")", "default/httpbin");
    const std::string elsewhere =
        aged(1, "a", http(80), "aa") + object("Sidecar", "s", "{egress: [{hosts: ['istio-system/*']}]}") +
        object("VirtualService", "v",
               "{hosts: [v.example], http: [{match: [{sourceNamespace: zz}], route: [{destination: {host: "
               "one.example}}]}]}",
               "istio-system");
    row("3.7 a route for another namespace leads to nothing here", elsewhere,
        "clusters[outbound|80||one.example]", "absent");
}

void TestIstioConflicts::refusedByEnvoy()
{
    const auto tokens = [](const std::string &keys, const char *nameSpace) {
        return object("RequestAuthentication", "r", "{jwtRules: [{issuer: i, jwks: '" + keys + "'}]}",
                      nameSpace);
    };
    const char *egress = "istio-system/egress";
    const char *server = "default/httpbin";
    row("5.7 keys that cannot be used take the listener", served + tokens(R"({"keys": []})", "istio-system"),
        "listeners[0.0.0.0_18080]", "absent", egress);
    row("5.7 one that can keeps it",
        served + tokens(R"({"keys": [{"kty": "XX"}, {"kty": "oct", "k": "AAAA"}]})", "istio-system"),
        "listeners[0.0.0.0_18080]/name", R"("0.0.0.0_18080")", egress);
    row("5.7 the clusters stay", served + tokens(R"({"keys": []})", "istio-system"),
        std::string(cluster80) + "name", R"("outbound|80||x.example")", egress);
    row("5.7 a server without its listener", tokens(R"({"kty": "RSA"})", "default"),
        "listeners[virtualInbound]", "absent", server);
    row("5.7 sends on", tokens(R"({"kty": "RSA"})", "default"), "listeners[virtualOutbound]/name",
        R"("virtualOutbound")", server);
    const auto ciphers = [](const char *where) {
        return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n  "
               "mesh: |-\n    " +
               std::string(where) + ": {cipherSuites: [ECDHE-RSA-AES128-GCM-SHA256, FOO]}\n---\n";
    };
    row("meshMTLS.cipherSuites with an unknown one", ciphers("meshMTLS"), "listeners[virtualInbound]",
        "absent", server);
    row("tlsDefaults.cipherSuites with an unknown one",
        ciphers("tlsDefaults") + plain + rule("{tls: {mode: SIMPLE}}"), "clusters[outbound|80||x.example]",
        "absent");
    row("tlsDefaults.cipherSuites and plaintext", ciphers("tlsDefaults") + plain,
        std::string(cluster80) + "name", R"("outbound|80||x.example")");
    row("2.2 operators among a server's cipher suites",
        gatewayService + plain +
            gateway(
                "{port: {number: 9443, name: s, protocol: HTTPS}, hosts: [x.example], tls: {mode: SIMPLE, "
                "credentialName: c, cipherSuites: [ECDHE-RSA-AES128-GCM-SHA256, FOO, '-ALL']}}"),
        "listeners[0.0.0.0_9443]/filter_chains[0]/transport_socket/typed_config/common_tls_context/"
        "tls_params/"
        "cipher_suites",
        R"(["ECDHE-RSA-AES128-GCM-SHA256","-ALL"])", egress);
}

void TestIstioConflicts::patchedClusters()
{
    const char *egress = "istio-system/egress";
    const std::string limit =
        patch("{applyTo: CLUSTER, match: {context: SIDECAR_OUTBOUND, cluster: {service: "
              "x.example, portNumber: 80}}, patch: {operation: MERGE, value: "
              "{connectTimeout: 3s, upstream_connection_options: {tcp_keepalive: "
              "{keepalive_time: 7}}}}}",
              "default");
    row("EnvoyFilter: a cluster", plain + limit, std::string(cluster80) + "connect_timeout", R"("3s")");
    row("EnvoyFilter: what the cluster did not have", plain + limit,
        std::string(cluster80) + "upstream_connection_options/tcp_keepalive/keepalive_time", "7");
    row("EnvoyFilter: other clusters", plain + limit, "clusters[BlackHoleCluster]/connect_timeout",
        R"("10s")");
    row("EnvoyFilter: another namespace's proxies", served + limit,
        std::string(cluster80) + "connect_timeout", R"("10s")", egress);
    const auto timeout = [](const char *value) {
        return std::string("{applyTo: CLUSTER, match: {context: ANY}, patch: {operation: MERGE, value: "
                           "{connect_timeout: ") +
               value + "}}}";
    };
    row("EnvoyFilter: the root namespace's come first",
        plain + patch(timeout("2s"), "default") + patch(timeout("11s")),
        std::string(cluster80) + "connect_timeout", R"("2s")");
    row("EnvoyFilter: priority decides",
        plain + patch(timeout("2s"), "default", "priority: -1, ") + patch(timeout("11s")),
        std::string(cluster80) + "connect_timeout", R"("11s")");
    row("EnvoyFilter: for other workloads",
        plain + patch(timeout("2s"), "default", "workloadSelector: {labels: {app: other}}, "),
        std::string(cluster80) + "connect_timeout", R"("10s")");
    row("EnvoyFilter: a cluster less",
        plain + patch("{applyTo: CLUSTER, match: {cluster: {name: 'outbound|80||x.example'}}, patch: "
                      "{operation: REMOVE}}"),
        "clusters[outbound|80||x.example]", "absent");
    row("EnvoyFilter: a cluster more",
        plain + patch("{applyTo: CLUSTER, patch: {operation: ADD, value: {name: own, connect_timeout: 1s}}}"),
        "clusters[own]/connect_timeout", R"("1s")");
    row("EnvoyFilter: into the TLS of a cluster",
        plain + rule("{tls: {mode: SIMPLE, sni: a.example}}") +
            patch(
                "{applyTo: CLUSTER, match: {cluster: {service: x.example}}, patch: {operation: MERGE, value: "
                "{transport_socket: {name: envoy.transport_sockets.tls, typed_config: {'@type': "
                "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext, sni: "
                "b.example}}}}}"),
        std::string(cluster80) + "transport_socket/typed_config/sni", R"("b.example")");
}

void TestIstioConflicts::patchedListeners()
{
    const char *egress = "istio-system/egress";
    const char *listener = "listeners[0.0.0.0_18080]/filter_chains[0]/filters[0]/typed_config/";
    const std::string limit =
        "value: {name: envoy.filters.http.local_ratelimit, typed_config: {'@type': "
        "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit, stat_prefix: "
        "l, "
        "token_bucket: {max_tokens: 1, fill_interval: 60s}, filter_enabled: {default_value: {numerator: "
        "100}}, filter_enforced: {default_value: {numerator: 100}}}}";
    const std::string manager = "filter: {name: envoy.filters.network.http_connection_manager";
    const std::string before =
        patch("{applyTo: HTTP_FILTER, match: {context: GATEWAY, listener: {filterChain: {" + manager +
              ", subFilter: {name: envoy.filters.http.router}}}}}, patch: "
              "{operation: INSERT_BEFORE, " +
              limit + "}}");
    row("EnvoyFilter: a filter before the router", served + before,
        std::string(listener) + "http_filters[3]/name", R"("envoy.filters.http.local_ratelimit")", egress);
    row("EnvoyFilter: the router after it", served + before, std::string(listener) + "http_filters[4]/name",
        R"("envoy.filters.http.router")", egress);
    row("EnvoyFilter: not in sidecars", served + before,
        "listeners[virtualInbound]/filter_chains[1]/filters[0]/typed_config/http_filters"
        "[envoy.filters.http.local_ratelimit]",
        "absent", "default/httpbin");
    row("EnvoyFilter: a filter first",
        served + patch("{applyTo: HTTP_FILTER, match: {listener: {portNumber: 18080}}, patch: {operation: "
                       "INSERT_FIRST, " +
                       limit + "}}"),
        std::string(listener) + "http_filters[0]/name", R"("envoy.filters.http.local_ratelimit")", egress);
    row("EnvoyFilter: another port",
        served + patch("{applyTo: HTTP_FILTER, match: {listener: {portNumber: 18081}}, patch: {operation: "
                       "INSERT_FIRST, " +
                       limit + "}}"),
        std::string(listener) + "http_filters[envoy.filters.http.local_ratelimit]", "absent", egress);
    row("EnvoyFilter: into the connection manager",
        served +
            patch("{applyTo: NETWORK_FILTER, match: {context: GATEWAY, listener: {filterChain: {" + manager +
                  "}}}}, patch: {operation: MERGE, value: {typed_config: {'@type': "
                  "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3."
                  "HttpConnectionManager, requestTimeout: 9s}}}}"),
        std::string(listener) + "request_timeout", R"("9s")", egress);
    const std::string host = std::string(listener) + "route_config/virtual_hosts[x.example:8080]/";
    row("EnvoyFilter: a route of a Service's port",
        served +
            patch("{applyTo: HTTP_ROUTE, match: {context: GATEWAY, routeConfiguration: {portNumber: 8080, "
                  "vhost: {name: 'x.example:8080', route: {action: ROUTE}}}}, patch: {operation: MERGE, "
                  "value: {route: {timeout: 4s}}}}"),
        host + "routes[0]/route/timeout", R"("4s")", egress);
    row("EnvoyFilter: a route becomes a direct response",
        served + patch("{applyTo: HTTP_ROUTE, match: {routeConfiguration: {vhost: {domainName: x.example}}}, "
                       "patch: {operation: MERGE, value: {directResponse: {status: 418}}}}"),
        host + "routes[0]/route", "absent", egress);
    const auto redirected = [](const std::string &redirect) {
        return "{applyTo: HTTP_ROUTE, match: {context: GATEWAY}, patch: {operation: MERGE, value: "
               "{redirect: " +
               redirect + "}}}";
    };
    row("EnvoyFilter: of a oneof the member that is set last remains",
        served + patch(redirected("{httpsRedirect: true, hostRedirect: y.example}") + ", " +
                       redirected("{schemeRedirect: http, port_redirect: 81}")),
        host + "routes[0]/redirect",
        R"({"host_redirect":"y.example","port_redirect":81,"scheme_redirect":"http"})", egress);
    row("EnvoyFilter: a virtual host",
        served + patch("{applyTo: VIRTUAL_HOST, match: {routeConfiguration: {portNumber: 8081}}, patch: "
                       "{operation: REMOVE}}"),
        host + "name", R"("x.example:8080")", egress);
    row("EnvoyFilter: an inbound port",
        patch("{applyTo: LISTENER, match: {context: SIDECAR_INBOUND}, patch: {operation: MERGE, value: "
              "{per_connection_buffer_limit_bytes: 4096}}}"),
        "listeners[virtualInbound]/per_connection_buffer_limit_bytes", "4096", "default/httpbin");
    row("EnvoyFilter: and no outbound one",
        patch("{applyTo: LISTENER, match: {context: SIDECAR_INBOUND}, patch: {operation: MERGE, value: "
              "{per_connection_buffer_limit_bytes: 4096}}}"),
        "listeners[virtualOutbound]/per_connection_buffer_limit_bytes", "absent", "default/httpbin");
}

void TestIstioConflicts::fields()
{
    QFETCH(QByteArray, expected);
    QCOMPARE(fieldOfRow({workload("default", "sleep", "{app: sleep}"),
                         workload("default", "httpbin", "{app: httpbin}", "sidecar", "80"),
                         workload("istio-system", "egress", "{istio: egress}", "gateway")}),
             expected);
}

/// A pod's annotation goes before defaultConfig, field by field.
void TestIstioConflicts::configurationOfOnePod()
{
    const auto pod = [](const char *annotation) {
        return std::string("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: own, namespace: "
                           "default}\nspec:\n  selector: {matchLabels: {app: own}}\n  template:\n    "
                           "metadata:\n      labels: {app: own, sidecar.istio.io/inject: 'true'}\n      "
                           "annotations:\n        proxy.istio.io/config: |\n          ") +
               annotation +
               "\n    spec: {containers: [{name: c, image: httpbin, ports: [{containerPort: 80}]}]}\n---\n"
               "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n  "
               "mesh: |-\n    defaultConfig: {proxyHeaders: {requestId: {disabled: true}, server: {value: "
               "mesh}}}\n---\n";
    };
    const auto manager = [&](const char *annotation, const char *proxy) {
        const Mesh mesh(documents({workload("default", "sleep", "{app: sleep}"), plain, pod(annotation)}));
        const QJsonObject bootstrap =
            QJsonDocument::fromJson(dataplane::encodeBootstrap(mesh.proxy(proxy).bootstrap)).object();
        return fieldAt(bootstrap[QStringLiteral("static_resources")],
                       "listeners[0.0.0.0_80]/filter_chains[0]/filters[0]/typed_config")
            .toObject();
    };
    const char *other = "proxyHeaders: {server: {value: pod}}";
    QCOMPARE(manager(other, "default/own")[QStringLiteral("server_name")].toString(), QStringLiteral("pod"));
    QCOMPARE(manager(other, "default/own")[QStringLiteral("generate_request_id")], QJsonValue(false));
    QCOMPARE(manager(other, "default/sleep")[QStringLiteral("server_name")].toString(),
             QStringLiteral("mesh"));
    const Mesh broken(documents({plain, pod("[")}));
    QCOMPARE(broken.compiled().errors.size(), 1U);
}

/// What the gateway does not know is left out and said; the rest of the filter holds.
void TestIstioConflicts::patchesThatCannotBe()
{
    const std::string script = patch(
        "{applyTo: HTTP_FILTER, match: {context: GATEWAY}, patch: {operation: INSERT_FIRST, value: {name: "
        "lua, typed_config: {'@type': type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua}}}}, "
        "{applyTo: CLUSTER, patch: {operation: MERGE, value: {connect_timeout: 2s}}}, {applyTo: BOOTSTRAP, "
        "patch: {operation: MERGE, value: {}}}");
    const Mesh mesh(
        documents({workload("istio-system", "egress", "{istio: egress}", "gateway"), served + script}));
    QCOMPARE(mesh.compiled().errors.size(), 1U);
    QVERIFY2(mesh.compiled().errors.front().what.find("lua") != std::string::npos,
             mesh.compiled().errors.front().what.c_str());
    QCOMPARE(mesh.compiled().warnings.size(), 1U);
    QVERIFY(mesh.compiled().warnings.front().what.find("BOOTSTRAP") != std::string::npos);
    const QJsonObject bootstrap =
        QJsonDocument::fromJson(dataplane::encodeBootstrap(mesh.proxy("istio-system/egress").bootstrap))
            .object();
    QCOMPARE(jsonOf(fieldAt(bootstrap[QStringLiteral("static_resources")],
                            "clusters[outbound|80||x.example]/connect_timeout")),
             QByteArray(R"("2s")"));
}

QTEST_GUILESS_MAIN(TestIstioConflicts)
#include "test_istio_conflicts.moc"
