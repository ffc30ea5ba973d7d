// SPDX-License-Identifier: GPL-3.0-or-later
#include "field_rows.h"

#include <QtTest>

using namespace fixture;

namespace {

const char *const server = "default/httpbin";

std::string entry(const std::string &host, const std::string &nameSpace = "default",
                  const std::string &more = {})
{
    return object("ServiceEntry", host,
                  "{hosts: [" + host +
                      "], ports: [{number: 80, name: http, protocol: HTTP}], resolution: STATIC, endpoints: "
                      "[{address: 203.0.113.10}]" +
                      more + "}",
                  nameSpace);
}

std::string routed(const std::string &route)
{
    return entry("x.example") +
           object("VirtualService", "v", "{hosts: [x.example], http: [{" + route + "}]}");
}

std::string to(const std::string &more)
{
    return routed(more + ", route: [{destination: {host: x.example}}]");
}

std::string mesh(const std::string &config, const std::string &resources)
{
    return meshConfig(config) + "---\n" + resources;
}

std::string port(const std::string &fields)
{
    return service("default", "httpbin", "{app: httpbin}", fields) + "---\n";
}

std::string mutual(const std::string &name, const std::string &spec, const std::string &nameSpace = "default",
                   const std::string &metadata = {})
{
    return object("PeerAuthentication", name, spec, nameSpace, metadata);
}

const std::string routes =
    "listeners[0.0.0.0_80]/filter_chains[0]/filters[0]/typed_config/route_config/virtual_hosts[x.example:80]/"
    "routes[0]/";
const std::string cluster = "clusters[outbound|80||x.example]/name";
const char *const known = R"("outbound|80||x.example")";

} // namespace

/// What becomes of single fields of routes, exports, ports and mTLS, by the file of istiod's that decides.
class TestRouteActions : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fields_data();
    void fields();

private:
    static void actions();
    static void exports();
    static void protocols();
    static void mutualTls();
    static void retries();
    static void authorizers();
};

void TestRouteActions::fields_data()
{
    addColumns();
    actions();
    exports();
    protocols();
    mutualTls();
    retries();
    authorizers();
}

void TestRouteActions::actions()
{
    const auto redirect = [](const char *fields) {
        return routed("redirect: {" + std::string(fields) + "}");
    };
    row("redirect to the request's port", redirect("uri: /a, derivePort: FROM_REQUEST_PORT, scheme: https"),
        routes + "redirect", R"({"path_redirect":"/a","port_redirect":80,"scheme_redirect":"https"})");
    row("redirect to the protocol's port", redirect("uri: /a, derivePort: FROM_PROTOCOL_DEFAULT"),
        routes + "redirect", R"({"path_redirect":"/a"})");
    row("redirect to a usual port", redirect("uri: /a, derivePort: FROM_REQUEST_PORT, scheme: http"),
        routes + "redirect/port_redirect", "absent");
    row("redirect of a prefix",
        routed("match: [{uri: {prefix: /a}}], redirect: {prefixRewrite: /b, redirectCode: 308}"),
        routes + "redirect", R"({"prefix_rewrite":"/b","response_code":"PERMANENT_REDIRECT"})");
    row("bytes of a direct response", routed("directResponse: {status: 418, body: {bytes: YWJj}}"),
        routes + "direct_response", R"({"body":{"inline_string":"abc"},"status":418})");
    const std::string cors = routes + "typed_per_filter_config/envoy.filters.http.cors/";
    row("other preflights are passed on", to("corsPolicy: {allowOrigins: [{exact: a}]}"),
        cors + "forward_not_matching_preflights", "true");
    row("FORWARD", to("corsPolicy: {allowOrigins: [{exact: a}], unmatchedPreflights: FORWARD}"),
        cors + "forward_not_matching_preflights", "true");
    row("IGNORE", to("corsPolicy: {allowOrigins: [{exact: a}], unmatchedPreflights: IGNORE}"),
        cors + "forward_not_matching_preflights", "false");
}

void TestRouteActions::exports()
{
    const std::string private_ = mesh("defaultServiceExportTo: ['.']", entry("x.example", "away"));
    row("defaultServiceExportTo", private_, cluster, "absent");
    row("an entry's own exportTo",
        mesh("defaultServiceExportTo: ['.']", entry("x.example", "away", ", exportTo: ['*']")), cluster,
        known);
    row("defaultServiceExportTo here", mesh("defaultServiceExportTo: ['.']", entry("x.example")), cluster,
        known);
    const std::string rule = "{host: x.example, trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}}";
    const std::string limit =
        "clusters[outbound|80||x.example]/circuit_breakers/thresholds[0]/max_connections";
    const std::string away = entry("x.example", "away") + object("DestinationRule", "r", rule, "away");
    row("a rule beside the service", away, limit, "1");
    row("defaultDestinationRuleExportTo", mesh("defaultDestinationRuleExportTo: ['.']", away), limit,
        "4294967295");
    const std::string service = entry("x.example") + object("VirtualService", "v",
                                                            "{hosts: [x.example], http: [{name: far, route: "
                                                            "[{destination: {host: x.example}}]}]}",
                                                            "away");
    row("a VirtualService elsewhere", service, routes + "name", R"("far")");
    row("defaultVirtualServiceExportTo", mesh("defaultVirtualServiceExportTo: ['.']", service),
        routes + "name", R"("default")");
    const std::string root = "rootNamespace: root";
    row("a rule of the root namespace",
        mesh(root, entry("x.example") + object("DestinationRule", "r", rule, "root")), limit, "1");
    row("no rule of what is not the root",
        mesh(root, entry("x.example") + object("DestinationRule", "r", rule, "istio-system")), limit,
        "4294967295");
    row("mTLS of the root namespace",
        mesh(root, port("{name: http, port: 80}") + mutual("p", "{mtls: {mode: STRICT}}", "root")),
        "listeners[virtualInbound]/filter_chains[0.0.0.0_80]/transport_socket/name",
        R"("envoy.transport_sockets.tls")", server);
}

void TestRouteActions::protocols()
{
    const std::string name = "clusters[outbound|80||httpbin.default.svc.cluster.local]/";
    const std::string http2 = name + "typed_extension_protocol_options/"
                                     "envoy.extensions.upstreams.http.v3.HttpProtocolOptions/"
                                     "explicit_http_config/http2_protocol_options";
    row("0.3 h2c", port("{name: a, port: 80, appProtocol: kubernetes.io/h2c}"), http2, "{}");
    row("0.3 the application protocol goes before the name",
        port("{name: tcp-a, port: 80, appProtocol: grpc}"), http2, "{}");
    row("0.3 grpc-web by name", port("{name: GRPC-Web-a, port: 80}"), http2, "{}");
    row("0.3 the word before the dash", port("{name: http2-a, port: 80}"), http2, "{}");
    const std::string sniffed = name + "typed_extension_protocol_options/"
                                       "envoy.extensions.upstreams.http.v3.HttpProtocolOptions/"
                                       "use_downstream_protocol_config";
    row("0.3 websockets", port("{name: a, port: 80, appProtocol: kubernetes.io/ws}"), sniffed, "absent");
    row("0.3 a name that is none", port("{name: any, port: 80}"), sniffed + "/http_protocol_options", "{}");
    const auto listener = [](const char *number) {
        return "listeners[virtualInbound]/filter_chains[0.0.0.0_" + std::string(number) + "]/filters[0]/name";
    };
    const char *bytes = R"("envoy.filters.network.tcp_proxy")";
    row("0.3 secure websockets", port("{name: a, port: 80, appProtocol: kubernetes.io/wss}"), listener("80"),
        bytes, server);
    row("0.3 a well-known port", port("{name: any, port: 3306}"), listener("3306"), bytes, server);
    row("0.3 a well-known port with a name", port("{name: http, port: 3306}"), listener("3306"),
        R"("envoy.filters.network.http_connection_manager")", server);
}

void TestRouteActions::mutualTls()
{
    const std::string http = port("{name: http, port: 80}");
    // Three ways in: mesh TLS, other bytes, plaintext; with STRICT one, with DISABLE the last.
    const std::string ways = "listeners[virtualInbound]/filter_chains[4]/filter_chain_match";
    const std::string strict = "listeners[virtualInbound]/filter_chains[0.0.0.0_80]/transport_socket/name";
    const char *tls = R"("envoy.transport_sockets.tls")";
    const std::string selected = "selector: {matchLabels: {app: httpbin}}, ";
    const std::string root = mutual("mesh", "{mtls: {mode: STRICT}}", "istio-system");
    row("5.6 the mesh", http + root, strict, tls, server);
    row("5.6 the namespace before the mesh", http + root + mutual("ns", "{mtls: {mode: DISABLE}}"), strict,
        "absent", server);
    row("5.6 the workload before the namespace",
        http + root + mutual("ns", "{mtls: {mode: DISABLE}}") +
            mutual("own", "{" + selected + "mtls: {mode: STRICT}}"),
        strict, tls, server);
    row("5.6 the port before the workload",
        http + mutual("own", "{" + selected + "mtls: {mode: STRICT}, portLevelMtls: {80: {mode: DISABLE}}}"),
        strict, "absent", server);
    row("5.6 another port",
        http + mutual("own", "{" + selected + "mtls: {mode: STRICT}, portLevelMtls: {81: {mode: DISABLE}}}"),
        strict, tls, server);
    row("5.6 UNSET inherits",
        http + root + mutual("ns", "{mtls: {mode: UNSET}}") + mutual("own", "{" + selected + "mtls: {}}"),
        strict, tls, server);
    row("5.6 the oldest of a scope",
        http +
            mutual("a", "{mtls: {mode: DISABLE}}", "default", "creationTimestamp: '2024-01-02T00:00:00Z'") +
            mutual("b", "{mtls: {mode: STRICT}}", "default", "creationTimestamp: '2024-01-01T00:00:00Z'"),
        strict, tls, server);
    row("5.6 a selector in the root namespace is ignored",
        http + mutual("root", "{" + selected + "mtls: {mode: STRICT}}", "istio-system") +
            mutual("ns", "{mtls: {mode: DISABLE}}"),
        strict, "absent", server);
    row("L8 a headless Service without mTLS",
        "apiVersion: v1\nkind: Service\nmetadata: {name: head, namespace: default}\nspec: {clusterIP: None, "
        "selector: {app: plain}, ports: [{name: http, port: 80}]}\n---\n" +
            workload("default", "plain", "{app: plain}", "none", "{containerPort: 80}") + "---\n",
        "clusters[outbound|80||head.default.svc.cluster.local]/transport_socket", "absent");
    row("L8 a headless Service with mTLS",
        "apiVersion: v1\nkind: Service\nmetadata: {name: head, namespace: default}\nspec: {clusterIP: None, "
        "selector: {app: httpbin}, ports: [{name: http, port: 80}]}\n---\n",
        "clusters[outbound|80||head.default.svc.cluster.local]/transport_socket/name", tls);
    // A file of this machine that is there: its content does not matter to istiod.
    const std::string crl = QCoreApplication::applicationFilePath().toStdString();
    row("caCrl of a rule",
        entry("x.example") +
            object("DestinationRule", "r",
                   "{host: x.example, trafficPolicy: {tls: {mode: SIMPLE, caCertificates: /ca.pem, caCrl: " +
                       crl + "}}}"),
        "clusters[outbound|80||x.example]/transport_socket/typed_config/common_tls_context/"
        "combined_validation_context/default_validation_context/crl/filename",
        ('"' + crl + '"').c_str());
    row("L8 an external service", entry("x.example", "default", ", location: MESH_EXTERNAL"),
        "clusters[outbound|80||x.example]/transport_socket_matches", "absent");
}

void TestRouteActions::retries()
{
    const std::string policy = routes + "route/retry_policy/";
    const std::string own =
        mesh("defaultHttpRetryPolicy: {attempts: 7, retryOn: 5xx, perTryTimeout: 2s}", entry("x.example"));
    row("defaultHttpRetryPolicy, attempts", own, policy + "num_retries", "7");
    row("defaultHttpRetryPolicy, conditions", own, policy + "retry_on", R"("5xx")");
    row("defaultHttpRetryPolicy, each attempt", own, policy + "per_try_timeout", R"("2s")");
    row("no defaultHttpRetryPolicy", mesh("defaultHttpRetryPolicy: {attempts: 0}", entry("x.example")),
        routes + "route/retry_policy", "absent");
    row("a route's own retries", mesh("defaultHttpRetryPolicy: {attempts: 7}", to("retries: {attempts: 3}")),
        policy + "num_retries", "3");
    row("defaultInboundHttpRetryPolicy",
        mesh("defaultInboundHttpRetryPolicy: {attempts: 5}", port("{name: http, port: 80}")),
        "listeners[virtualInbound]/filter_chains[0.0.0.0_80]/filters[0]/typed_config/route_config/"
        "virtual_hosts[0]/routes[0]/route/retry_policy/num_retries",
        "5", server);
}

void TestRouteActions::authorizers()
{
    const auto asks = [](const std::string &fields) {
        return mesh(
            "extensionProviders: [{name: a, envoyExtAuthzHttp: {service: x.example, port: 80, " + fields +
                "}}]",
            entry("x.example") + port("{name: http, port: 80}") +
                object("AuthorizationPolicy", "c", "{action: CUSTOM, provider: {name: a}, rules: [{}]}"));
    };
    const std::string filter = "listeners[virtualInbound]/filter_chains[0.0.0.0_80]/filters[0]/typed_config/"
                               "http_filters[envoy.filters.http.ext_authz]/typed_config/";
    const std::string http = filter + "http_service/";
    const std::string upstream = "outbound|80||x.example";
    row("where an authorizer is asked", asks("pathPrefix: /p, timeout: 3s"), http + "server_uri",
        (R"({"cluster":")" + upstream + R"(","timeout":"3s","uri":"http://x.example"})").c_str(), server);
    row("pathPrefix", asks("pathPrefix: /p"), http + "path_prefix", R"("/p")", server);
    row("failOpen", asks("failOpen: true"), filter + "failure_mode_allow", "true", server);
    row("statusOnError", asks("statusOnError: '503'"), filter + "status_on_error", R"({"code":503})", server);
    row("clearRouteCache", asks("clearRouteCache: true"), filter + "clear_route_cache", "true", server);
    row("includeRequestHeadersInCheck", asks("includeRequestHeadersInCheck: [x-a, 'x-b*', '*-c']"),
        http + "authorization_request/allowed_headers/patterns",
        R"([{"exact":"x-a","ignore_case":true},{"ignore_case":true,"prefix":"x-b"},{"ignore_case":true,"suffix":"-c"}])",
        server);
    row("includeAdditionalHeadersInCheck", asks("includeAdditionalHeadersInCheck: {x-d: e}"),
        http + "authorization_request/headers_to_add", R"([{"key":"x-d","value":"e"}])", server);
    row("includeRequestBodyInCheck",
        asks(
            "includeRequestBodyInCheck: {maxRequestBytes: 10, allowPartialMessage: true, packAsBytes: true}"),
        filter + "with_request_body",
        R"({"allow_partial_message":true,"max_request_bytes":10,"pack_as_bytes":true})", server);
    row("headersToUpstreamOnAllow", asks("headersToUpstreamOnAllow: [x-u]"),
        http + "authorization_response/allowed_upstream_headers/patterns",
        R"([{"exact":"x-u","ignore_case":true}])", server);
    row("headersToDownstreamOnDeny", asks("headersToDownstreamOnDeny: [x-n]"),
        http + "authorization_response/allowed_client_headers/patterns",
        R"([{"exact":"x-n","ignore_case":true}])", server);
    row("headersToDownstreamOnAllow", asks("headersToDownstreamOnAllow: [x-y]"),
        http + "authorization_response/allowed_client_headers_on_success/patterns",
        R"([{"exact":"x-y","ignore_case":true}])", server);
}

void TestRouteActions::fields()
{
    QFETCH(QByteArray, expected);
    QCOMPARE(fieldOfRow({workload("default", "sleep", "{app: sleep}"),
                         workload("default", "httpbin", "{app: httpbin}", "sidecar", "{containerPort: 80}")}),
             expected);
}

QTEST_GUILESS_MAIN(TestRouteActions)
#include "test_route_actions.moc"
