// SPDX-License-Identifier: GPL-3.0-or-later
#include "field_rows.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

using namespace fixture;

namespace {

const std::string gatewayService =
    service("istio-system", "egress", "{istio: egress}",
            "{name: http, port: 8080, targetPort: 18080}, {name: http-b, port: 8081, targetPort: 18080}") +
    "---\n";

std::string entry(const std::string &host, const std::string &rest, const std::string &nameSpace = "default",
                  const std::string &metadata = {})
{
    return object("ServiceEntry", "e" + std::to_string(host.size()) + nameSpace.substr(0, 2),
                  "{hosts: [" + host + "], " + rest + "}", nameSpace, metadata);
}

std::string http(std::uint32_t port, const char *endpoints = "{address: 203.0.113.10}")
{
    return "ports: [{number: " + std::to_string(port) +
           ", name: http, protocol: HTTP}], resolution: STATIC, endpoints: [" + endpoints + "]";
}

std::string rule(const std::string &policy)
{
    return object("DestinationRule", "r", "{host: x.example, trafficPolicy: " + policy + "}");
}

const std::string plain = entry("x.example", http(80));
const std::string spread =
    entry("x.example", http(80, "{address: 203.0.113.10, locality: r1/z1/s1, weight: 3, labels: {k: a}}, "
                                "{address: 203.0.113.11, locality: r2/z1}, {address: 203.0.113.12}"));

const char *const cluster80 = "clusters[outbound|80||x.example]/";
const char *const groups = "clusters[outbound|80||x.example]/load_assignment/endpoints";

std::string gateway(const std::string &servers)
{
    return object("Gateway", "g", "{selector: {istio: egress}, servers: [" + servers + "]}");
}

std::string routesOf(const std::string &listener)
{
    return "listeners[" + listener + "]/filter_chains[0]/filters[0]/typed_config/route_config/virtual_hosts";
}

} // namespace

/// What istiod makes of resources, by the section of the semantics reference that states it.
class TestIstioSemantics : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fields_data();
    void fields();

private:
    static void localities();
    static void hostsAndGateways();
    static void policies();
    static void meshConfiguration();
    static void machines();
    static void exclusions();
};

void TestIstioSemantics::fields_data()
{
    addColumns();
    localities();
    hostsAndGateways();
    policies();
    meshConfiguration();
    machines();
    exclusions();
}

void TestIstioSemantics::localities()
{
    const std::string priority = "[0]/priority";
    row("4.1 without outlier detection places are alike", spread, std::string(groups) + priority, "absent");
    row("4.1 with outlier detection the own place is preferred", spread + rule("{outlierDetection: {}}"),
        std::string(groups) + priority, "1");
    row("4.1 the own place", spread + rule("{outlierDetection: {}}"), std::string(groups) + "[2]/priority",
        "absent");
    row("4.1 locality balancing switched off",
        spread + rule("{outlierDetection: {}, loadBalancer: {localityLbSetting: {enabled: false}}}"),
        std::string(groups) + priority, "absent");
    row("4.1 locality balancing switched off in the mesh",
        meshConfig("localityLbSetting: {enabled: false}") + "---\n" + spread + rule("{outlierDetection: {}}"),
        std::string(groups) + priority, "absent");
    const std::string byLabel =
        spread +
        rule("{outlierDetection: {}, loadBalancer: {localityLbSetting: {failoverPriority: ['k=a']}}}");
    row("4.1 failoverPriority", byLabel, std::string(groups) + priority, "absent");
    row("4.1 failoverPriority, others", byLabel, std::string(groups) + "[1]/priority", "1");
    row("4.1 failoverPriority counts weights", byLabel,
        std::string(cluster80) + "common_lb_config/locality_weighted_lb_config", "{}");
    const std::string distribute =
        spread + rule("{loadBalancer: {localityLbSetting: {distribute: [{from: 'elsewhere/*', to: {'r2/*': "
                      "100}}, {from: '*', to: {'r1/z1/*': 20, r2: 80}}]}}}");
    row("4.1 distribute", distribute, std::string(groups) + "[0]/load_balancing_weight", "20");
    row("4.1 distribute, the other", distribute, std::string(groups) + "[1]/load_balancing_weight", "80");
    row("4.1 distribute leaves out what it does not name", distribute, std::string(groups) + "[2]", "absent");
    const std::string failover =
        spread + object("DestinationRule", "r",
                        "{host: x.example, trafficPolicy: {outlierDetection: {}, loadBalancer: "
                        "{localityLbSetting: {failover: [{from: r3, to: r2}]}}}}");
    row("4.1 failover to a region", failover, std::string(groups) + "[1]/priority", "absent",
        "default/placed");
    row("4.1 failover, other regions", failover, std::string(groups) + priority, "1", "default/placed");
}

void TestIstioSemantics::hostsAndGateways()
{
    const char *egress = "istio-system/egress";
    const std::string two =
        entry("two.example", http(8101), "aa") + entry("two.example", http(8102), "istio-system");
    row("1.3 a gateway takes the oldest entry of a host", two, "clusters[outbound|8101||two.example]/name",
        R"("outbound|8101||two.example")", egress);
    row("1.3 and none of its own namespace", two, "clusters[outbound|8102||two.example]", "absent", egress);
    const std::string exported =
        entry("two.example", http(8101), "aa") +
        object("ServiceEntry", "e", "{hosts: [two.example], exportTo: [default], " + http(8103) + "}", "zz");
    row("1.3 what is exported by name comes first", exported, "clusters[outbound|8103||two.example]/name",
        R"("outbound|8103||two.example")");
    const std::string named =
        entry("x.example", "ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS, endpoints: "
                           "[{address: a.example, labels: {v: a}}]") +
        object("DestinationRule", "r",
               "{host: x.example, subsets: [{name: a, labels: {v: a}}, {name: b, labels: {v: b}}]}");
    row("1.3 a subset of a DNS entry", named, "clusters[outbound|80|a|x.example]/name",
        R"("outbound|80|a|x.example")");
    row("1.3 a DNS entry's subset without endpoints has no cluster", named,
        "clusters[outbound|80|b|x.example]", "absent");
    const std::string narrow =
        entry("x.example", "ports: [{number: 80, name: http, protocol: HTTP}, {number: 8080, name: alt, "
                           "protocol: HTTP}, {number: 90, name: other, protocol: HTTP}], resolution: DNS") +
        object("Sidecar", "s",
               "{egress: [{port: {number: 8080, protocol: HTTP, name: alt}, hosts: ['./*']}, {hosts: "
               "['istio-system/*']}]}") +
        object(
            "VirtualService", "v",
            "{hosts: [v.example], http: [{route: [{destination: {host: x.example, port: {number: 80}}}]}]}",
            "istio-system");
    row("3.7 a VirtualService leads to ports that its listener has not", narrow,
        "clusters[outbound|80||x.example]/name", R"("outbound|80||x.example")");
    row("3.7 and to no others", narrow, "clusters[outbound|90||x.example]", "absent");
    row("1.1 the port of an HTTP proxy takes everything",
        entry("x.example", "ports: [{number: 3128, name: proxy, protocol: HTTP_PROXY}], resolution: DNS"),
        "listeners[0.0.0.0_3128]/filter_chains[0]/filter_chain_match", "absent");

    const std::string sharedPort =
        gatewayService + plain +
        gateway("{port: {number: 8080, name: a, protocol: HTTP}, hosts: [a.example, both.example]}, "
                "{port: {number: 8081, name: b, protocol: HTTP}, hosts: [b.example, both.example]}") +
        object("VirtualService", "v",
               "{hosts: [a.example, b.example, both.example], gateways: [g], http: [{match: [{port: 8081}], "
               "name: second, route: [{destination: {host: x.example}}]}, {name: rest, route: "
               "[{destination: {host: x.example}}]}]}");
    row("2.6 servers that share a port share the first one's routes", sharedPort,
        routesOf("0.0.0.0_18080") + "[a.example:8080]/routes[0]/name", R"("rest")", egress);
    row("2.6 and a virtual host", sharedPort, routesOf("0.0.0.0_18080") + "[a.example:8080]/domains",
        R"(["a.example","b.example"])", egress);
    row("2.6 but not where both servers have the host", sharedPort,
        routesOf("0.0.0.0_18080") + "[both.example:8080]/domains", R"(["both.example"])", egress);
    const std::string redirects =
        gateway("{port: {number: 90, name: a, protocol: HTTP}, hosts: [./own.example, '*/any.example', "
                "Plain.example], tls: {httpsRedirect: true}}");
    row("2.6 httpsRedirect needs no VirtualService", redirects,
        routesOf("0.0.0.0_90") + "[plain.example:90]/require_tls", R"("ALL")", egress);
    row("2.6 httpsRedirect of a host for every namespace", redirects,
        routesOf("0.0.0.0_90") + "[plain.example:90]/domains", R"(["plain.example","any.example"])", egress);
    row("2.6 httpsRedirect of a host for one namespace needs one", redirects,
        routesOf("0.0.0.0_90") + "[own.example:90]", "absent", egress);
    const std::string sameHosts =
        gateway("{port: {number: 9443, name: a, protocol: HTTPS}, hosts: ['*/a.example'], tls: {mode: "
                "ISTIO_MUTUAL}}, {port: {number: 9443, name: b, protocol: HTTPS}, hosts: [a.example, "
                "b.example], tls: {mode: ISTIO_MUTUAL}}");
    row("2.4 a host for every namespace is that host", sameHosts, "listeners[0.0.0.0_9443]/filter_chains[1]",
        "absent", egress);

    const std::string tcpChain = "listeners[0.0.0.0_443]/filter_chains[0]/filter_chain_match/server_names";
    row("3.9 a rule for a part of a wildcard service's names is its only one",
        entry("'*.example'", "ports: [{number: 443, name: tls, protocol: TLS}], resolution: NONE") +
            object("VirtualService", "v",
                   "{hosts: ['*.w.example'], tls: [{match: [{sniHosts: [a.w.example], port: 443}], route: "
                   "[{destination: {host: '*.example', port: {number: 443}}}]}]}"),
        tcpChain, R"(["a.w.example"])");
    row("3.9 subnets of a match hold for those after it",
        entry("'*.example'", "ports: [{number: 443, name: tls, protocol: TLS}], resolution: NONE") +
            object("VirtualService", "v",
                   "{hosts: ['*.example'], tls: [{match: [{sniHosts: [a.example], destinationSubnets: "
                   "[198.51.100.0/24]}, {sniHosts: [b.example], port: 443}], route: [{destination: {host: "
                   "'*.example', port: {number: 443}}}]}]}"),
        "listeners[0.0.0.0_443]/filter_chains[1]/filter_chain_match/prefix_ranges[0]/address_prefix",
        R"("198.51.100.0")");

    const auto mirrors = [](const char *root, const char *delegate) {
        return plain +
               object("VirtualService", "root",
                      std::string("{hosts: [v.example], http: [{match: [{uri: {prefix: /}}], "
                                  "delegate: {name: part}, ") +
                          root + "}]}") +
               object("VirtualService", "part",
                      std::string("{http: [{route: [{destination: {host: x.example}}], ") + delegate + "}]}");
    };
    const std::string policies =
        "listeners[0.0.0.0_80]/filter_chains[0]/filters[0]/typed_config/route_config/"
        "virtual_hosts[v.example:80]/routes[0]/route/request_mirror_policies";
    row("3.8 mirror and mirrors are inherited each",
        mirrors("mirror: {host: x.example}, mirrorPercentage: {value: 5}",
                "mirrors: [{destination: {host: y.example}}]"),
        policies + "[1]/cluster", R"("outbound|80||y.example")");
    row("3.8 mirrorPercentage is inherited",
        mirrors("mirror: {host: x.example}, mirrorPercentage: {value: 5}", "mirror: {host: y.example}"),
        policies + "[0]/runtime_fraction/default_value/numerator", "50000");
}

void TestIstioSemantics::policies()
{
    const std::string httpFilters =
        "listeners[virtualInbound]/filter_chains[0.0.0.0_80]/filters[0]/typed_config/http_filters";
    const char *server = "default/httpbin";
    const std::string own =
        service("default", "httpbin", "{app: httpbin}", "{name: http, port: 80}") + "---\n";
    row("5.4 any trust domain",
        own + object("AuthorizationPolicy", "p", "{rules: [{from: [{source: {trustDomains: ['*']}}]}]}"),
        httpFilters + "[envoy.filters.http.rbac]/typed_config/rules/policies",
        R"({"ns[default]-policy[p]-rule[0]":{"permissions":[{"and_rules":{"rules":[{"any":true}]}}],"principals":[{"and_ids":{"ids":[{"or_ids":{"ids":[{"authenticated":{"principal_name":{"prefix":"spiffe://"}}}]}}]}}]}})",
        server);
    const auto custom = [&](const char *host) {
        return meshConfig(std::string("extensionProviders: [{name: asks, envoyExtAuthzHttp: {service: ") +
                          host + ", port: 80}}]") +
               "---\n" + own + plain +
               object("AuthorizationPolicy", "c", "{action: CUSTOM, provider: {name: asks}, rules: [{}]}");
    };
    const std::string asks = httpFilters + "[envoy.filters.http.ext_authz]/name";
    row("5.3 an authorizer", custom("x.example"), asks, R"("envoy.filters.http.ext_authz")", server);
    row("5.3 an authorizer in its namespace", custom("default/x.example"), asks,
        R"("envoy.filters.http.ext_authz")", server);
    row("5.3 an authorizer in another namespace", custom("other/x.example"), asks, "absent", server);

    const std::string claims =
        object("RequestAuthentication", "j",
               "{jwtRules: [{issuer: i, jwks: '{\"keys\": [{\"kty\": \"oct\", \"k\": \"AAAA\"}]}'}]}",
               "istio-system") +
        gateway("{port: {number: 90, name: a, protocol: HTTP}, hosts: ['*']}");
    const std::string provider =
        "filter_chains[0]/filters[0]/typed_config/http_filters[envoy.filters.http.jwt_authn]/typed_config/"
        "providers/origins-0/clear_route_cache";
    row("5.7 claims may lead a gateway to another route", claims, "listeners[0.0.0.0_90]/" + provider, "true",
        "istio-system/egress");
}

void TestIstioSemantics::meshConfiguration()
{
    const char *server = "default/httpbin";
    const std::string own =
        service("default", "httpbin", "{app: httpbin}", "{name: http, port: 80}") + "---\n";
    const auto mesh = [&](const char *text) { return meshConfig(text) + "---\n" + own + plain; };
    const std::string inboundChain = "listeners[virtualInbound]/filter_chains[0.0.0.0_80]/";
    row("meshMTLS.cipherSuites", mesh("meshMTLS: {cipherSuites: [ECDHE-RSA-AES256-GCM-SHA384]}"),
        "listeners[virtualInbound]/filter_chains[1]/transport_socket/typed_config/common_tls_context/"
        "tls_params/cipher_suites",
        R"(["ECDHE-RSA-AES256-GCM-SHA384"])", server);
    row("dnsRefreshRate",
        mesh("dnsRefreshRate: 7s") +
            entry("dns.example", "ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS"),
        "clusters[outbound|80||dns.example]/dns_refresh_rate", R"("7s")");
    row("defaultTrafficPolicy of unknown destinations",
        mesh("defaultTrafficPolicy: {connectionPool: {tcp: {maxConnections: 7}}}"),
        "clusters[PassthroughCluster]/circuit_breakers/thresholds[0]/max_connections", "7");
    row("setCurrentClientCertDetails",
        mesh("defaultConfig: {proxyHeaders: {setCurrentClientCertDetails: {subject: false, cert: true}}}"),
        inboundChain + "filters[0]/typed_config/set_current_client_cert_details",
        R"({"cert":true,"dns":true,"uri":true})", server);
    row("xForwardedPort", mesh("defaultConfig: {proxyHeaders: {xForwardedPort: {enabled: true}}}"),
        inboundChain + "filters[0]/typed_config/append_x_forwarded_port", "true", server);
    const std::string traced =
        "listeners[0.0.0.0_80]/filter_chains[0]/filters[0]/typed_config/tracing/random_sampling/value";
    const auto telemetry = [](const char *spec) { return object("Telemetry", "t", spec, "istio-system"); };
    row("7.4 tracing is on", plain, traced, "1");
    row("7.4 enableTracing: false", mesh("enableTracing: false"), traced, "absent");
    row("7.4 tracing without a provider is none",
        plain + telemetry("{tracing: [{randomSamplingPercentage: 5}]}"), traced, "absent");
    row("7.4 Telemetry without tracing", plain + telemetry("{metrics: []}"), traced, "1");
    const std::string zipkin =
        mesh("extensionProviders: [{name: z, zipkin: {service: x.example, port: 80}}]\nenableTracing: false");
    row("7.4 a tracing provider", zipkin + telemetry("{tracing: [{providers: [{name: z}]}]}"), traced, "1");
    row("7.4 spans that are not reported",
        zipkin + telemetry("{tracing: [{providers: [{name: z}], disableSpanReporting: true}]}"), traced,
        "absent");
    row("7.4 a tracing provider for the other side",
        zipkin + telemetry("{tracing: [{match: {mode: SERVER}, providers: [{name: z}]}]}"), traced, "absent");
    row("xForwardedHost of a rewrite",
        mesh("defaultConfig: {proxyHeaders: {xForwardedHost: {enabled: true}}}") +
            object("VirtualService", "v",
                   "{hosts: [v.example], http: [{rewrite: {uri: /}, route: [{destination: {host: "
                   "x.example}}]}]}"),
        "listeners[0.0.0.0_80]/filter_chains[0]/filters[0]/typed_config/route_config/"
        "virtual_hosts[v.example:80]/routes[0]/route/append_x_forwarded_host",
        "true");
    const std::string cased = mesh("defaultConfig: {proxyHeaders: {preserveHttp1HeaderCase: true}}");
    row("preserveHttp1HeaderCase", cased,
        inboundChain + "filters[0]/typed_config/http_protocol_options/header_key_format/stateful_formatter/"
                       "name",
        R"("preserve_case")", server);
    row("preserveHttp1HeaderCase upstream", cased,
        std::string(cluster80) +
            "typed_extension_protocol_options/envoy.extensions.upstreams.http.v3.HttpProtocolOptions/"
            "explicit_http_config/http_protocol_options/header_key_format/stateful_formatter/name",
        R"("preserve_case")");
}

/// WorkloadEntries that a Kubernetes Service selects (kube/controller/controller.go).
void TestIstioSemantics::machines()
{
    const std::string both =
        service("default", "vm", "{app: vm}",
                "{name: http, port: 80, targetPort: 9080}, {name: tcp, port: 81}, {name: "
                "named, port: 82, targetPort: web}") +
        "---\n" +
        object("WorkloadEntry", "v1",
               "{address: 203.0.113.10, labels: {app: vm, v: '1'}, serviceAccount: vmsa, "
               "weight: 3, ports: {http: 9999, web: 7070}}") +
        object("WorkloadEntry", "v2", "{address: 203.0.113.11, labels: {app: vm}}") +
        object("WorkloadEntry", "other", "{address: 203.0.113.12, labels: {app: vm}}", "istio-system");
    const std::string cluster = "clusters[outbound|80||vm.default.svc.cluster.local]/";
    const std::string members = cluster + "load_assignment/endpoints[0]/lb_endpoints";
    const char *port = "/endpoint/address/socket_address/port_value";
    row("a machine of a Service: the port's own name", both, members + "[0]" + port, "9999");
    row("a machine of a Service: its weight", both, members + "[0]/load_balancing_weight", "3");
    row("a machine of a Service: the target's number", both, members + "[1]" + port, "9080");
    row("a machine of a Service: of its namespace", both, members + "[2]", "absent");
    row("a machine of a Service: the target's name", both,
        "clusters[outbound|82||vm.default.svc.cluster.local]/load_assignment/endpoints[0]/lb_endpoints[0]" +
            std::string(port),
        "7070");
    row("a machine of a Service: not without that name", both,
        "clusters[outbound|82||vm.default.svc.cluster.local]/load_assignment/endpoints[0]/lb_endpoints[1]",
        "absent");
    row("a machine of a Service: its identity", both,
        cluster + "transport_socket_matches[0]/transport_socket/typed_config/common_tls_context/"
                  "combined_validation_context/default_validation_context/match_subject_alt_names[0]/"
                  "exact",
        R"("spiffe://cluster.local/ns/default/sa/vmsa")");
}

/// Hosts that a Sidecar leaves out (model/sidecar.go), and what passes a gateway by SNI.
void TestIstioSemantics::exclusions()
{
    const std::string two = plain + entry("y.example.org", http(81));
    const auto sidecar = [](const char *hosts) {
        return object("Sidecar", "s", std::string("{egress: [{hosts: [") + hosts + "]}]}");
    };
    const char *x = "clusters[outbound|80||x.example]/name";
    const char *y = "clusters[outbound|81||y.example.org]/name";
    row("~ leaves out everywhere", two + sidecar("'*/*', '~/x.example'"), x, "absent");
    row("~ leaves out nothing else", two + sidecar("'*/*', '~/x.example'"), y,
        R"("outbound|81||y.example.org")");
    row("~/* leaves out all", two + sidecar("'*/*', '~/*'"), y, "absent");
    row("~. leaves out the own namespace's", two + sidecar("'*/*', '~./x.example'"), x, "absent");
    row("~ leaves out another namespace's", two + sidecar("'*/*', '~other/x.example'"), x,
        R"("outbound|80||x.example")");

    const std::string passing =
        service("default", "web", "{app: httpbin}", "{name: http, port: 8000, targetPort: 80}") + "---\n" +
        gateway("{port: {number: 15443, name: tls, protocol: TLS}, hosts: ['*.local'], tls: {mode: "
                "AUTO_PASSTHROUGH}}") +
        object(
            "DestinationRule", "w",
            "{host: web.default.svc.cluster.local, trafficPolicy: {connectionPool: {tcp: {maxConnections: "
            "3}}, outlierDetection: {consecutive5xxErrors: 2}}, subsets: [{name: s, labels: {app: httpbin}, "
            "trafficPolicy: {connectionPool: {tcp: {maxConnections: 4}}}}]}");
    const std::string sni = "clusters[outbound_.8000_._.web.default.svc.cluster.local]/";
    row("what passes by SNI has the rule's limits", passing,
        sni + "circuit_breakers/thresholds[0]/max_connections", "3", "istio-system/egress");
    row("what passes by SNI has its outliers", passing, sni + "outlier_detection/consecutive_5xx", "2",
        "istio-system/egress");
    row("a subset that passes by SNI", passing,
        "clusters[outbound_.8000_.s_.web.default.svc.cluster.local]/circuit_breakers/thresholds[0]/"
        "max_connections",
        "4", "istio-system/egress");
}

void TestIstioSemantics::fields()
{
    QFETCH(QByteArray, expected);
    QCOMPARE(fieldOfRow({workload("default", "sleep", "{app: sleep}"),
                         workload("default", "placed", "{app: placed, istio-locality: r3.z9}"),
                         workload("default", "httpbin", "{app: httpbin}", "sidecar", "80"),
                         workload("istio-system", "egress", "{istio: egress}", "gateway")}),
             expected);
}

QTEST_GUILESS_MAIN(TestIstioSemantics)
#include "test_istio_semantics.moc"
