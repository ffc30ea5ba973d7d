// SPDX-License-Identifier: GPL-3.0-or-later
#include "field_rows.h"

#include <QtTest>

using namespace fixture;

namespace {

const std::string entry =
    object("ServiceEntry", "x",
           "{hosts: [x.example], location: MESH_INTERNAL, ports: [{number: 80, name: http, protocol: "
           "HTTP}, {number: 81, name: h2, "
           "protocol: HTTP2}, {number: 82, name: auto}], resolution: STATIC, endpoints: [{address: "
           "203.0.113.10, labels: {v: one}}], subjectAltNames: ['spiffe://old/ns/a/sa/b']}");
const std::string inside =
    service("default", "httpbin", "{app: httpbin}", "{name: http, port: 8000, targetPort: 80}") + "---\n" +
    workload("default", "httpbin", "{app: httpbin, v: one}") + "---\n";

std::string rule(const std::string &name, const std::string &spec, const std::string &host = "x.example",
                 const std::string &nameSpace = "default")
{
    return object("DestinationRule", name, "{host: '" + host + "', " + spec + "}", nameSpace);
}

std::string dynamic(const std::string &port)
{
    return object(
        "ServiceEntry", "d",
        "{hosts: ['*.d.example'], location: MESH_EXTERNAL, resolution: DYNAMIC_DNS, ports: [{number: "
        "8000, name: p, protocol: " +
            port + "}]}");
}

std::string lookedUp(const std::string &name, const std::string &address, const std::string &protocol)
{
    return object("ServiceEntry", name,
                  "{hosts: [" + name + ".example], addresses: [" + address +
                      "], ports: [{number: 5000, name: p, protocol: '" + protocol + "'}], resolution: NONE}");
}

std::string leadsTo(const std::string &name, const std::string &nameSpace, const std::string &more)
{
    return object("VirtualService", name,
                  "{hosts: [x.example], " + more + "http: [{name: " + name +
                      ", route: [{destination: {host: x.example, port: {number: 80}}}]}]}",
                  nameSpace);
}

std::string jwtRules(const std::string &name, const std::string &nameSpace, const std::string &audience)
{
    return object("RequestAuthentication", name,
                  "{jwtRules: [{issuer: i, audiences: [" + audience +
                      "], jwks: '{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}'}]}",
                  nameSpace);
}

constexpr const char *http80 = "clusters[outbound|80||x.example]/";
constexpr const char *httpOptions =
    "typed_extension_protocol_options/envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const std::string dynamicCluster = "clusters[outbound|8000||*.d.example]";

} // namespace

/// What istiod makes of resources that meet: found by compiling generated projects beside it.
class TestCombinations : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fields_data();
    void fields();
};

void TestCombinations::fields_data()
{
    addColumns();
    // destination_rule.go
    const std::string slow = "trafficPolicy: {connectionPool: {tcp: {connectTimeout: 7s}}}";
    const std::string timeout = std::string(http80) + "connect_timeout";
    row("rules-of-one-host-merge", entry + rule("r1", slow) + rule("r2", "subsets: []"), timeout, R"("7s")");
    const std::string root = "istio-system";
    row("rules-of-one-host-after-one-for-others",
        entry + rule("r1", slow, "x.example", root) + rule("r2", "exportTo: [other]", "x.example", root) +
            rule("r3", "subsets: []", "x.example", root),
        timeout, R"("10s")");
    row("rules-exported-to-all-in-two-ways", entry + rule("r1", slow) + rule("r2", "exportTo: ['*']"),
        timeout, R"("10s")");
    row("rule-exported-further",
        entry + rule("r1", "exportTo: [.], " + slow) +
            rule("r2", "exportTo: [., other], subsets: [{name: one, labels: {v: one}}]"),
        "clusters[outbound|80|one|x.example]/connect_timeout", R"("7s")");
    row("private-rules-of-the-root-for-others-too",
        entry + rule("r1", "exportTo: [., default], " + slow, "x.example", "istio-system"), timeout,
        R"("7s")");

    // virtualservice.go, SelectVirtualServices
    const std::string firstRoute = "listeners[0.0.0.0_80]/filter_chains[0]/filters[0]/typed_config/"
                                   "route_config/virtual_hosts[x.example:80]/routes[0]/name";
    row("virtual-services-by-age", entry + leadsTo("a", "default", "") + leadsTo("b", "other", ""),
        firstRoute, R"("a")");
    row("virtual-service-exported-by-name",
        entry + leadsTo("a", "default", "") + leadsTo("b", "other", "exportTo: [default], "), firstRoute,
        R"("b")");
    row("virtual-service-of-its-own-namespace",
        entry + leadsTo("b", "other", "exportTo: [default], ") + leadsTo("c", "default", "exportTo: [.], "),
        firstRoute, R"("c")");

    // virtualservice.go, stringMatchConflict
    const auto delegate = [](const std::string &name, const std::string &match) {
        return object("VirtualService", name,
                      "{" + match + ", {route: [{destination: {host: x.example, port: {number: 80}}}]}]}");
    };
    const std::string delegating =
        object("VirtualService", "root",
               "{hosts: [x.example], http: [{match: [{headers: {x-a: {prefix: a}}}], "
               "delegate: {name: own}}]}");
    row("delegate-asks-for-the-same-header",
        entry + delegating +
            delegate("own", "http: [{name: inner, match: [{headers: {x-a: {exact: ab}}}], directResponse: "
                            "{status: 200}}"),
        firstRoute, R"("inner")");
    row("delegate-asks-whether-the-header-is-there",
        entry + delegating +
            delegate("own", "http: [{name: inner, match: [{headers: {x-a: {}}}], directResponse: {status: "
                            "200}}"),
        firstRoute, "absent");

    // cluster_traffic_policy.go
    const std::string asClient =
        rule("r", "trafficPolicy: {connectionPool: {http: {useClientProtocol: true}}}");
    row("client-protocol-over-http2", entry + asClient,
        std::string("clusters[outbound|81||x.example]/") + httpOptions + "/explicit_http_config", "absent");
    row("client-protocol-of-the-mesh",
        entry + meshConfig("defaultTrafficPolicy: {connectionPool: {http: {useClientProtocol: true}}}"),
        std::string("clusters[outbound|81||x.example]/") + httpOptions + "/explicit_http_config", "absent");
    row("no-upgrade-of-what-is-sniffed",
        entry + rule("r", "trafficPolicy: {connectionPool: {http: {h2UpgradePolicy: UPGRADE}}}"),
        std::string("clusters[outbound|82||x.example]/") + httpOptions + "/explicit_http_config", "absent");
    row("subset-of-what-passes-through",
        entry + rule("r",
                     "trafficPolicy: {portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: "
                     "PASSTHROUGH}}]}, subsets: [{name: one, labels: {v: one}, trafficPolicy: {loadBalancer: "
                     "{simple: RANDOM}}}]"),
        "clusters[outbound|80|one|x.example]/type", R"("ORIGINAL_DST")");
    // A port's own balancer does not say whether all endpoints must have mesh TLS.
    row("mesh-tls-where-a-port-passes-through",
        entry + rule("r", "trafficPolicy: {portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: "
                          "PASSTHROUGH}}]}"),
        std::string(http80) + "transport_socket/name", R"("envoy.transport_sockets.tls")");
    row("proxy-header-before-offered-tls",
        inside + rule("r", "trafficPolicy: {proxyProtocol: {version: V2}}", "httpbin"),
        "clusters[outbound|8000||httpbin.default.svc.cluster.local]/transport_socket_matches[tlsMode-istio]/"
        "transport_socket/name",
        R"("envoy.transport_sockets.upstream_proxy_protocol")");

    row("port-of-a-subset-stands-for-all-of-it",
        entry + rule("r",
                     "subsets: [{name: one, labels: {v: one}, trafficPolicy: {proxyProtocol: {version: "
                     "V1}, portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: RANDOM}}]}}]"),
        "clusters[outbound|80|one|x.example]/transport_socket_matches[tlsMode-istio]/transport_socket/name",
        R"("envoy.transport_sockets.tls")");
    // mtls_checker.go
    const std::string member = "clusters[outbound|8000||httpbin.default.svc.cluster.local]/load_assignment/"
                               "endpoints[0]/lb_endpoints[0]/metadata/filter_metadata/"
                               "envoy.transport_socket_match";
    row("mesh-tls-is-offered", inside, member, R"({"tlsMode":"istio"})");
    row("mesh-tls-is-withheld-above-a-port",
        inside + rule("r",
                      "trafficPolicy: {tls: {mode: DISABLE}, portLevelSettings: [{port: {number: 8000}, "
                      "loadBalancer: {simple: RANDOM}}]}",
                      "httpbin"),
        member, "absent");

    // cluster_tls.go
    row("names-of-an-entry-in-every-alias",
        entry + rule("r", "trafficPolicy: {tls: {mode: SIMPLE, caCertificates: /ca.pem}}") +
            meshConfig("trustDomainAliases: [old, older]"),
        std::string(http80) + "transport_socket/typed_config/common_tls_context/combined_validation_context/"
                              "default_validation_context/match_subject_alt_names",
        R"([{"exact":"spiffe://old/ns/a/sa/b"},{"exact":"spiffe://older/ns/a/sa/b"}])");
    row("names-of-an-entry-without-aliases",
        entry + rule("r", "trafficPolicy: {tls: {mode: SIMPLE, caCertificates: /ca.pem}}"),
        std::string(http80) + "transport_socket/typed_config/common_tls_context/combined_validation_context/"
                              "default_validation_context/match_subject_alt_names",
        R"([{"exact":"spiffe://old/ns/a/sa/b"}])");
    row("names-of-members-with-addresses",
        inside +
            object("WorkloadEntry", "named",
                   "{address: vm.example, serviceAccount: vm, labels: {app: httpbin}}") +
            object("WorkloadEntry", "vm",
                   "{address: 203.0.113.40, serviceAccount: other, labels: {app: httpbin}}"),
        "clusters[outbound|8000||httpbin.default.svc.cluster.local]/transport_socket_matches[tlsMode-istio]/"
        "transport_socket/typed_config/common_tls_context/combined_validation_context/"
        "default_validation_context/match_subject_alt_names",
        R"([{"exact":"spiffe://cluster.local/ns/default/sa/httpbin"},{"exact":"spiffe://cluster.local/ns/default/sa/other"}])");
    row("dynamic-name-over-http2", dynamic("HTTP2"), dynamicCluster, "absent");
    row("dynamic-name-with-limits",
        dynamic("HTTP") +
            rule("r", "trafficPolicy: {connectionPool: {http: {idleTimeout: 5s}}}", "*.d.example"),
        dynamicCluster, "absent");
    const std::string typed = dynamicCluster + "/cluster_type/typed_config/allow_insecure_cluster_options";
    row("dynamic-name-with-tls",
        dynamic("HTTP2") + rule("r", "trafficPolicy: {tls: {mode: SIMPLE}}", "*.d.example"), typed, "absent");
    row("dynamic-name-with-an-sni",
        dynamic("HTTP") + rule("r", "trafficPolicy: {tls: {mode: SIMPLE, sni: a}}", "*.d.example"), typed,
        "true");
    row("dynamic-name-in-mesh-tls",
        dynamic("HTTP") + rule("r", "trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}", "*.d.example"),
        dynamicCluster + "/transport_socket/typed_config/sni", "absent");
    row("dynamic-port-of-tls", dynamic("TLS"),
        "listeners[0.0.0.0_8000]/filter_chains[0]/filters[0]/typed_config/port_value", "8000");

    row("dynamic-name-of-tls-under-policies",
        dynamic("TLS") +
            object("AuthorizationPolicy", "p", "{rules: [{from: [{source: {namespaces: [a]}}]}]}"),
        "listeners[0.0.0.0_8000]/filter_chains[0]/filters[0]/name", R"("envoy.filters.network.rbac")");

    // tls.go: the subnets of a match hold for the next one, too, and Envoy refuses two equal chains.
    const std::string passed =
        object("ServiceEntry", "t",
               "{hosts: [t.example], ports: [{number: 6000, name: tls, protocol: TLS}], "
               "resolution: NONE}");
    const auto bySni = [](const std::string &matches) {
        return object("VirtualService", "t",
                      "{hosts: [t.example], tls: [{match: [" + matches +
                          "], route: [{destination: {host: t.example}}]}]}");
    };
    row("one-tls-match-twice",
        passed +
            bySni("{sniHosts: [t.example], destinationSubnets: [203.0.113.0/24]}, {sniHosts: [t.example]}"),
        "listeners[0.0.0.0_6000]", "absent");
    row("every-name-of-a-subnet",
        passed + bySni("{sniHosts: [t.example, '*'], destinationSubnets: [203.0.113.0/24]}"),
        "listeners[0.0.0.0_6000]/filter_chains[0]/filter_chain_match",
        R"({"prefix_ranges":[{"address_prefix":"203.0.113.0","prefix_len":24}]})");

    row("tls-match-for-others-by-label",
        passed + bySni("{sniHosts: [t.example], gateways: [mesh], sourceLabels: {app: other}}"),
        "listeners[0.0.0.0_6000]/filter_chains[0]/metadata", "absent");

    // listener.go, isConflictWithWellKnownPort
    const std::string chain = "listeners[203.0.113.5_5000]/filter_chains[0]/filter_chain_match";
    row("sniffed-beside-tcp", lookedUp("a", "203.0.113.5", "TCP") + lookedUp("b", "203.0.113.5", ""),
        chain + "/transport_protocol", R"("raw_buffer")");
    row("sniffed-beside-what-speaks-first",
        lookedUp("a", "203.0.113.5", "MySQL") + lookedUp("b", "203.0.113.5", ""), chain, "absent");
    row("tls-where-only-plaintext-is-served",
        object(
            "Gateway", "g",
            "{selector: {istio: egress}, servers: [{port: {number: 80, name: t, protocol: TLS}, hosts: "
            "[x.example], tls: {mode: ISTIO_MUTUAL}}, {port: {number: 80, name: h, protocol: HTTP}, hosts: "
            "[y.example]}]}"),
        "listeners[0.0.0.0_80]/listener_filters", "absent", "istio-system/egress");

    row("server-with-a-name",
        object("Gateway", "g",
               "{selector: {istio: egress}, servers: [{name: mine, port: {number: 443, name: t, protocol: "
               "HTTPS}, hosts: [x.example], tls: {mode: ISTIO_MUTUAL}}]}"),
        "listeners[0.0.0.0_443]/filter_chains[0]/filters[0]/typed_config/stat_prefix", R"("mine")",
        "istio-system/egress");

    // service.go, GetTrafficDistribution
    const auto spread = [](const std::string &metadata) {
        return object(
            "ServiceEntry", "n",
            "{hosts: [n.example], ports: [{number: 80, name: http, protocol: HTTP}], resolution: STATIC, "
            "endpoints: [{address: 203.0.113.11}, {address: 203.0.113.10, locality: us/a}]}",
            "default", metadata);
    };
    const std::string far = "clusters[outbound|80||n.example]/load_assignment/endpoints[1]/priority";
    row("endpoints-anywhere", spread({}), far, "absent");
    row("endpoints-that-are-near",
        spread("annotations: {networking.istio.io/traffic-distribution: PreferClose}"), far, "1");
    row("endpoints-that-are-near-by-their-namespace",
        spread({}) + "apiVersion: v1\nkind: Namespace\nmetadata: {name: default, annotations: "
                     "{networking.istio.io/traffic-distribution: PreferSameNode}}\n---\n",
        far, "1");
    row("a-rule-says-more-than-the-service",
        spread("annotations: {networking.istio.io/traffic-distribution: PreferClose}") +
            rule("r", "trafficPolicy: {loadBalancer: {localityLbSetting: {enabled: false}}}", "n.example"),
        far, "absent");
    row("pods-that-are-near",
        "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: default}\nspec: {selector: {app: s}, "
        "trafficDistribution: PreferClose, ports: [{name: http, port: 80}]}\n---\n" +
            workload("default", "s", "{app: s}") + "---\n" +
            workload("default", "t", "{app: s, istio-locality: us.a}") + "---\n",
        "clusters[outbound|80||s.default.svc.cluster.local]/load_assignment/endpoints[1]/priority", "1");

    // cluster.go, insertedClusters
    row("cluster-for-the-inbound-side",
        "apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: {name: f, namespace: "
        "default}\n"
        "spec: {configPatches: [{applyTo: CLUSTER, match: {context: SIDECAR_INBOUND}, patch: {operation: "
        "ADD, "
        "value: {name: extra, type: STATIC, connect_timeout: 1s}}}]}\n---\n",
        "clusters[extra]/name", R"("extra")");

    // listener_inbound.go, populateListenerFilters
    const std::string plain = object("PeerAuthentication", "p", "{mtls: {mode: DISABLE}}");
    const std::string partly = object("PeerAuthentication", "p",
                                      "{selector: {matchLabels: {app: httpbin}}, mtls: {mode: DISABLE}, "
                                      "portLevelMtls: {80: {mode: STRICT}}}");
    const std::string filters = "listeners[virtualInbound]/listener_filters";
    const char *httpbin = "default/httpbin";
    row("nobody-looks-for-tls-without-mesh-tls", inside + plain,
        filters + "[envoy.filters.listener.tls_inspector]", "absent", httpbin);
    row("bytes-as-they-come-without-mesh-tls", inside + plain,
        "listeners[virtualInbound]/filter_chains[0.0.0.0_80]/filter_chain_match/transport_protocol",
        R"("raw_buffer")", httpbin);
    row("tls-is-looked-for-on-one-port", inside + partly,
        filters + "[envoy.filters.listener.tls_inspector]/filter_disabled",
        R"({"not_match":{"destination_port_range":{"end":81,"start":80}}})", httpbin);
    row("http-is-looked-for-where-no-protocol-is-named", inside + plain,
        filters + "[envoy.filters.listener.http_inspector]/filter_disabled/or_match/rules",
        R"([{"destination_port_range":{"end":81,"start":80}},{"destination_port_range":{"end":15007,"start":15006}}])",
        httpbin);

    // telemetry.go, BuildStatPrefix
    const std::string patterns =
        meshConfig("outboundClusterStatName: 'to %SERVICE%:%SERVICE_PORT_NAME%/%SUBSET_NAME%'\n"
                   "inboundClusterStatName: '%SERVICE_NAME%.%SERVICE_PORT%.%TARGET_PORT% %SERVICE_FQDN%'\n") +
        "---\n";
    row("outbound-statistics-by-a-pattern", patterns + inside,
        "clusters[outbound|8000||httpbin.default.svc.cluster.local]/alt_stat_name",
        R"("to httpbin.default:http/;")");
    row("statistics-of-an-entry-by-a-pattern",
        patterns + entry + rule("r", "subsets: [{name: one, labels: {v: one}}]"),
        "clusters[outbound|81|one|x.example]/alt_stat_name", R"("to x.example:h2/one;")");
    row("inbound-statistics-by-a-pattern", patterns + inside, "clusters[inbound|80||]/alt_stat_name",
        R"("httpbin.8000.80 httpbin.default.svc.cluster.local;")", httpbin);
    row("statistics-without-a-pattern", inside,
        "clusters[outbound|8000||httpbin.default.svc.cluster.local]/alt_stat_name",
        R"("outbound|8000||httpbin.default.svc.cluster.local;")");

    // authentication.go, getConfigsForWorkload
    row("tokens-of-the-own-namespace-first",
        jwtRules("a", "istio-system", "root") + jwtRules("b", "default", "own"),
        "listeners[virtualInbound]/filter_chains[virtualInbound-catchall-http]/filters[0]/typed_config/"
        "http_filters[envoy.filters.http.jwt_authn]/typed_config/providers/origins-0/audiences",
        R"(["own"])");
}

void TestCombinations::fields()
{
    QFETCH(const QByteArray, expected);
    QCOMPARE(fieldOfRow({workload("default", "sleep", "{app: sleep}"),
                         workload("istio-system", "egress", "{istio: egress}", "gateway")}),
             expected);
}

QTEST_GUILESS_MAIN(TestCombinations)
#include "test_combinations.moc"
