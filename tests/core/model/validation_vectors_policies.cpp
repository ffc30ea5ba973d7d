// SPDX-License-Identifier: GPL-3.0-or-later
#include "validation_vectors.h"

namespace {

std::string policy(const std::string &trafficPolicy)
{
    return "host: reviews\ntrafficPolicy: " + trafficPolicy + '\n';
}

std::string source(const std::string &action, const std::string &fields)
{
    return "action: " + action + "\nrules: [{from: [{source: {" + fields + "}}]}]\n";
}

std::string operation(const std::string &action, const std::string &fields)
{
    return "action: " + action + "\nrules: [{to: [{operation: {" + fields + "}}]}]\n";
}

std::string times(const std::string &text, int count)
{
    std::string list;
    for (int i = 0; i < count; ++i)
        list += (i == 0 ? "" : ", ") + text;
    return list;
}

std::string when(const std::string &fields)
{
    return "rules: [{when: [{" + fields + "}]}]\n";
}

} // namespace

std::vector<Vector> policyVectors()
{
    using enum Verdict;
    const char *rule = "DestinationRule";
    const char *authz = "AuthorizationPolicy";
    const auto tls = [](const std::string &fields) { return policy("{tls: {" + fields + "}}"); };
    const auto hash = [](const std::string &fields) {
        return policy("{loadBalancer: {consistentHash: {" + fields + "}}}");
    };
    const std::string custom = "action: CUSTOM\nprovider: {name: my-custom-authz}\n";
    std::vector<Vector> vectors{
        {"D1", rule,
         "host: reviews\nsubsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]\n",
         Accept},
        {"D1 selector", rule, "host: reviews\nworkloadSelector: {}\n", Warn, "no labels"},
        {"D1 no host", rule, "host: ''\n", Reject, "needs a host"},
        {"D1 no subset name", rule, "host: reviews\nsubsets: [{name: '', labels: {version: v1}}]\n", Reject,
         "needs a name"},
        {"D1 subset twice", rule, "host: reviews\nsubsets: [{name: foo}, {name: foo}]\n", Reject, "twice"},
        {"D2", rule, policy("{}"), Reject, "empty"},
        {"D3", rule, policy("{connectionPool: {}}"), Reject, "connection pool"},
        {"D3 subset", rule, "host: reviews\nsubsets: [{name: v1, trafficPolicy: {connectionPool: {}}}]\n",
         Reject, "connection pool"},
        {"D4", rule, policy("{portLevelSettings: [{loadBalancer: {simple: RANDOM}}]}"), Reject,
         "needs a port"},
        {"D5 -1", rule, policy("{outlierDetection: {minHealthPercent: -1}}"), Reject, "percentage"},
        {"D5 101", rule, policy("{outlierDetection: {minHealthPercent: 101}}"), Reject, "percentage"},
        {"D5 105", rule, policy("{outlierDetection: {maxEjectionPercent: 105}}"), Reject, "percentage"},
        {"D5 interval", rule, policy("{outlierDetection: {interval: 2.000000005s}}"), Reject, "milliseconds"},
        {"D6", rule, policy("{outlierDetection: {consecutiveErrors: 101}}"), Warn, "deprecated"},
        {"D6 local", rule, policy("{outlierDetection: {consecutiveLocalOriginFailures: 10}}"), Reject,
         "split"},
        {"D7", rule, policy("{connectionPool: {tcp: {maxConnectionDuration: 500ns}}}"), Reject, "1ms"},
        {"D7 idle", rule, policy("{connectionPool: {tcp: {idleTimeout: 0s}}}"), Accept},
        {"D8", rule, policy("{connectionPool: {http: {h2UpgradePolicy: UPGRADE, useClientProtocol: true}}}"),
         Reject, "useClientProtocol"},
        {"D9 timeout", rule, policy("{connectionPool: {http: {http2KeepAlive: {timeout: 1s}}}}"), Reject,
         "http2KeepAlive"},
        {"D9 interval", rule, policy("{connectionPool: {http: {http2KeepAlive: {interval: 1s}}}}"), Reject,
         "http2KeepAlive"},
        {"D10 cookie", rule, hash("httpCookie: {ttl: 1s}"), Reject, "cookie needs a name"},
        {"D10 maglev", rule, hash("useSourceIp: true, maglev: {tableSize: 1000}"), Reject, "prime"},
        {"D10 maglev without a size", rule, hash("useSourceIp: true, maglev: {}"), Reject, "prime"},
        {"D10 maglev at the limit", rule, hash("useSourceIp: true, maglev: {tableSize: 5000011}"), Reject,
         "prime"},
        {"D10 ring twice", rule,
         hash("useSourceIp: true, minimumRingSize: 5, ringHash: {minimumRingSize: 5}"), Reject, "ringHash"},
        {"4.2 nothing to hash", rule, hash(""), Warn, "random"},
        {"4.2 regions fail over", rule,
         policy(
             "{outlierDetection: {}, loadBalancer: {localityLbSetting: {failover: [{from: a/b, to: c}]}}}"),
         Reject, "without zones"},
        {"4.2 weights", rule,
         policy("{loadBalancer: {localityLbSetting: {distribute: [{from: a, to: {b: 0, c: 100}}]}}}"), Reject,
         "1 to 100"},
        {"4.2 regions twice", rule,
         policy("{outlierDetection: {}, loadBalancer: {localityLbSetting: {failover: [{from: a, to: b}], "
                "failoverPriority: [topology.kubernetes.io/region]}}}"),
         Reject, "already orders"},
        {"4.2 zones", rule,
         policy("{outlierDetection: {}, loadBalancer: {zoneAwareLbSetting: {minClusterSize: 3, failover: "
                "[{from: a, to: b}]}}}"),
         Accept},
        {"4.2 zones without outliers", rule,
         policy("{loadBalancer: {zoneAwareLbSetting: {failover: [{from: a, to: b}]}}}"), Warn,
         "outlierDetection"},
        {"4.2 zones by label", rule,
         policy("{outlierDetection: {}, loadBalancer: {zoneAwareLbSetting: {failoverPriority: "
                "[topology.kubernetes.io/zone]}}}"),
         Reject, "without being named"},
        {"4.2 zones of nobody", rule, policy("{loadBalancer: {zoneAwareLbSetting: {minClusterSize: 0}}}"),
         Reject, "at least 1"},
        {"4.2 an unknown field of zones", rule, policy("{loadBalancer: {zoneAwareLbSetting: {minSize: 1}}}"),
         Reject, "unknown field"},
        {"4.2 warm-up", rule, policy("{loadBalancer: {warmup: {duration: 1s, minimumPercent: 101}}}"), Reject,
         "at most 100"},
        {"4.2 warm-up's aggression", rule, policy("{loadBalancer: {warmup: {duration: 1s, aggression: 0}}}"),
         Reject, "greater than 0"},
        {"4.2 two warm-ups", rule, policy("{loadBalancer: {warmup: {duration: 1s}, warmupDurationSecs: 1s}}"),
         Reject, "together"},
        {"4.2 keepalive's time", rule, policy("{connectionPool: {tcp: {tcpKeepalive: {time: 1ns}}}}"), Reject,
         "1ms"},
        {"4.2 keepalive's interval", rule,
         policy("{connectionPool: {tcp: {tcpKeepalive: {interval: 1500us}}}}"), Reject, "milliseconds"},
        {"4.2 HTTP/2 keepalive", rule,
         policy("{connectionPool: {http: {http2KeepAlive: {interval: 1ns, timeout: 1s}}}}"), Reject, "1ms"},
        {"4.2 exportTo nobody", rule, "host: reviews\nexportTo: ['~']\n", Reject, "no namespace to export"},
        {"4.2 labels of a subset", rule, "host: reviews\nsubsets: [{name: v1, labels: {v: 'a b'}}]\n", Reject,
         "value of a label"},
        {"4.2 configmap without a namespace", rule, tls("mode: SIMPLE, credentialName: 'configmap://name'"),
         Reject, "namespace"},
        {"4.2 4097 ports", rule,
         policy("{portLevelSettings: [" + times("{port: {number: 1}, loadBalancer: {simple: RANDOM}}", 4097) +
                "]}"),
         Reject, "4096"},
        {"D10 attribute", rule,
         hash("httpCookie: {name: a, attributes: [{name: SameSite, value: Strict}, {name: SameSite, value: "
              "Lax}]}"),
         Reject, "twice"},
        {"D10 locality", rule, policy("{loadBalancer: {localityLbSetting: {}, zoneAwareLbSetting: {}}}"),
         Reject, "zoneAwareLbSetting"},
        {"D11 CA", rule, tls("mode: SIMPLE, caCertificates: test, subjectAltNames: [reviews.default]"),
         Accept},
        {"D11 credential", rule,
         tls("mode: SIMPLE, credentialName: test, subjectAltNames: [reviews.default]"), Accept},
        {"D12 credential", rule, tls("mode: SIMPLE, credentialName: a, insecureSkipVerify: true"), Reject,
         "insecureSkipVerify"},
        {"D12 CA", rule, tls("mode: SIMPLE, caCertificates: a, insecureSkipVerify: true"), Reject,
         "insecureSkipVerify"},
        {"D12 SAN", rule, tls("mode: SIMPLE, subjectAltNames: [a], insecureSkipVerify: true"), Reject,
         "insecureSkipVerify"},
        {"D13 credential", rule, tls("mode: MUTUAL, credentialName: a, insecureSkipVerify: true"), Accept},
        {"D13 files", rule,
         tls("mode: MUTUAL, clientCertificate: a, privateKey: b, insecureSkipVerify: true"), Accept},
        {"D13 CA", rule,
         tls("mode: MUTUAL, clientCertificate: a, privateKey: b, caCertificates: c, insecureSkipVerify: "
             "true"),
         Reject, "insecureSkipVerify"},
        {"D13 SAN", rule,
         tls("mode: MUTUAL, clientCertificate: a, privateKey: b, subjectAltNames: [c], insecureSkipVerify: "
             "true"),
         Reject, "insecureSkipVerify"},
        {"D14 certificate", rule, tls("mode: MUTUAL, credentialName: a, clientCertificate: b"), Reject,
         "together"},
        {"D14 key", rule, tls("mode: MUTUAL, credentialName: a, privateKey: b"), Reject, "together"},
        {"D14 CA", rule, tls("mode: SIMPLE, credentialName: a, caCertificates: b"), Reject, "together"},
        {"D14 CRL", rule, tls("mode: MUTUAL, credentialName: a, caCrl: b"), Reject, "together"},
        {"D14 SIMPLE certificate", rule, tls("mode: SIMPLE, credentialName: a, clientCertificate: b"), Reject,
         "together"},
        {"D14 SIMPLE key", rule, tls("mode: SIMPLE, credentialName: a, privateKey: b"), Reject, "together"},
        {"D14 MUTUAL CA", rule, tls("mode: MUTUAL, credentialName: a, caCertificates: b"), Reject,
         "together"},
        {"V39 address", rule, "host: 1.1.1.1\n", Reject, "no host name"},
        {"V39 any", rule, "host: '*'\n", Accept},
        {"V39 suffix", rule, "host: '*foo'\n", Accept},
        {"V39 *-foo", rule, "host: '*-foo.bar.com'\n", Accept},
        {"V39 foo.*.com", rule, "host: 'foo.*.com'\n", Reject, "no host name"},
        {"V39 foo*.bar.com", rule, "host: 'foo*.bar.com'\n", Reject, "no host name"},
        {"D15 certificate", rule, tls("mode: MUTUAL, clientCertificate: a"), Reject, "private key"},
        {"D15 key", rule, tls("mode: MUTUAL, privateKey: a"), Reject, "client certificate"},
        {"D15", rule, tls("mode: MUTUAL, clientCertificate: a, privateKey: b"), Accept},
        {"4.2 ISTIO_MUTUAL with fields", rule,
         tls("mode: ISTIO_MUTUAL, clientCertificate: a, caCertificates: b"), Accept},
        {"4.2 configmap", rule, tls("mode: SIMPLE, credentialName: 'configmap://other/name'"), Reject,
         "namespace"},
        {"4.2 port setting without policy", rule, policy("{portLevelSettings: [{port: {number: 80}}]}"),
         Reject, "needs a policy"},
        {"4.2 tunnel", rule, policy("{tunnel: {protocol: GET, targetHost: a.b, targetPort: 1}}"), Reject,
         "CONNECT"},
        {"4.2 tunnel and proxy protocol", rule,
         policy("{tunnel: {targetHost: a.b, targetPort: 1}, proxyProtocol: {version: V2}}"), Reject,
         "together"},
        {"4.2 distribute", rule,
         policy("{loadBalancer: {localityLbSetting: {distribute: [{from: a, to: {b: 60, c: 30}}]}}}"), Reject,
         "100"},
        {"4.2 failover", rule, policy("{loadBalancer: {localityLbSetting: {failover: [{from: a, to: b}]}}}"),
         Warn, "outlierDetection"},
        {"4.2 exportTo with selector", rule,
         "host: a\nworkloadSelector: {matchLabels: {app: b}}\nexportTo: ['*']\n", Reject, "exported"},
        {"4.2 ring size", rule, hash("useSourceIp: true, minimumRingSize: 1, ringHash: {}"), Reject,
         "ringHash"},
        {"4.2 old ring size", rule, hash("useSourceIp: true, minimumRingSize: 1"), Warn, "deprecated"},

        {"A1 ALLOW", authz, "action: ALLOW\n", Accept},
        {"A1 DENY", authz, "action: DENY\n", Reject, "needs rules"},
        {"A2", authz, custom + "rules: [{}]\n", Accept},
        {"A2 no name", authz, "action: CUSTOM\nprovider: {name: ''}\nrules: [{}]\n", Reject, "provider"},
        {"A2 no provider", authz, "action: CUSTOM\nrules: [{}]\n", Reject, "provider"},
        {"A3", authz, custom + "rules: [{from: [{source: {namespaces: [ns]}}]}]\n", Reject, "namespaces"},
        {"A4", authz, "action: ALLOW\nprovider: {name: a}\nrules: [{}]\n", Reject, "only CUSTOM"},
        {"A5", authz, "rules: [{}]\n", Accept, "",
         "{name: a, namespace: b, annotations: {istio.io/dry-run: 'true'}}"},
        {"A5 foo", authz, "rules: [{}]\n", Reject, "dry-run",
         "{name: a, namespace: b, annotations: {istio.io/dry-run: foo}}"},
        {"A5 CUSTOM", authz, custom + "rules: [{}]\n", Reject, "run dry",
         "{name: a, namespace: b, annotations: {istio.io/dry-run: 'true'}}"},
        {"A5 AUDIT", authz, "action: AUDIT\nrules: [{}]\n", Reject, "run dry",
         "{name: a, namespace: b, annotations: {istio.io/dry-run: 'true'}}"},
        {"A6 empty value", authz, "selector: {matchLabels: {app: ''}}\nrules: [{}]\n", Accept},
        {"A6 empty key", authz, "selector: {matchLabels: {'': v1}}\nrules: [{}]\n", Reject, "empty key"},
        {"A6 empty", authz, "selector: {matchLabels: {}}\nrules: [{}]\n", Warn, "no labels"},
        {"A6 wildcard value", authz, "selector: {matchLabels: {app: 'httpbin-*'}}\nrules: [{}]\n", Reject,
         "wildcards"},
        {"A6 wildcard key", authz, "selector: {matchLabels: {'app-*': x}}\nrules: [{}]\n", Reject,
         "wildcards"},
        {"A7 selector", authz,
         "selector: {matchLabels: {a: b}}\ntargetRef: {kind: Service, name: a}\nrules: [{}]\n", Reject,
         "together"},
        {"A7 no name", authz, "targetRef: {kind: Service}\nrules: [{}]\n", Reject, "needs a name"},
        {"A7 namespace", authz, "targetRef: {kind: Service, name: a, namespace: other}\nrules: [{}]\n",
         Reject, "own namespace"},
        {"A7 kind", authz, "targetRef: {kind: Pod, name: a}\nrules: [{}]\n", Reject, "attached"},
        {"A8 from", authz, "rules: [{from: []}]\n", Reject, "empty"},
        {"A8 from {}", authz, "rules: [{from: [{}]}]\n", Reject, "needs a source"},
        {"A8 source {}", authz, "rules: [{from: [{source: {}}]}]\n", Reject, "source is empty"},
        {"A8 to", authz, "rules: [{to: []}]\n", Reject, "empty"},
        {"A8 operation {}", authz, "rules: [{to: [{operation: {}}]}]\n", Reject, "operation is empty"},
        {"A10", authz, source("ALLOW", "serviceAccounts: [ns1/sa1], namespaces: [ns]"), Reject, "together"},
        {"A11 ip", authz, source("ALLOW", "ipBlocks: [ip1]"), Reject, "no IP address"},
        {"A11 port", authz, operation("ALLOW", "ports: [port1]"), Reject, "no port number"},
        {"A12 empty key", authz, when("key: '', values: [a]"), Reject, "needs a key"},
        {"A12 unknown key", authz, when("key: key1, values: [a]"), Reject, "key1"},
        {"A12 no values", authz, when("key: source.principal"), Reject, "values"},
        {"A12 ip", authz, when("key: source.ip, values: [a.b.c.d]"), Reject, "no IP address"},
        {"A13 requestPrincipals", authz, source("DENY", "requestPrincipals: [a/b]"), Warn, "TCP ports"},
        {"A13 trustDomains", authz, source("DENY", "trustDomains: [td]"), Warn, "TCP ports"},
        {"A13 trustDomains and namespaces", authz, source("DENY", "trustDomains: [td], namespaces: [a]"),
         Accept},
        {"A13 methods", authz, operation("DENY", "methods: [GET]"), Warn, "TCP ports"},
        {"A13 one operation of two names ports", authz,
         "action: DENY\nrules: [{to: [{operation: {methods: [GET]}}, {operation: {notPorts: ['80']}}]}]\n",
         Accept},
        {"A13 no operation of two names ports", authz,
         "action: DENY\nrules: [{to: [{operation: {methods: [GET]}}, {operation: {paths: [/a]}}]}]\n", Warn,
         "TCP ports"},
        {"A13 both", authz,
         "action: DENY\nrules: [{from: [{source: {principals: [a]}}], to: [{operation: {methods: "
         "[GET]}}]}]\n",
         Warn, "TCP ports"},
        {"A14", authz,
         "action: DENY\nrules: [{from: [{source: {principals: [a]}}], to: [{operation: {ports: ['80'], "
         "methods: "
         "[GET]}}]}]\n",
         Accept},
        {"0.2 513 rules", authz, "rules: [" + times("{}", 513) + "]\n", Reject, "512"},
        {"0.2 513 sources", authz, "rules: [{from: [" + times("{source: {namespaces: [a]}}", 513) + "]}]\n",
         Reject, "512"},
        {"0.2 17 targets", authz,
         "targetRefs: [" + times("{kind: Service, name: a}", 17) + "]\nrules: [{}]\n", Reject, "16"},
        {"0.2 16 targets", authz,
         "targetRefs: [" + times("{kind: Service, name: a}", 16) + "]\nrules: [{}]\n", Accept},
        {"5.2 wildcard account", authz, source("ALLOW", "serviceAccounts: ['ns/*']"), Reject,
         "service account"},
        {"5.2 trust domain", authz, source("ALLOW", "trustDomains: ['*td*']"), Reject, "trust domain"},
        {"5.2 port range", authz, operation("ALLOW", "ports: ['80-90']"), Reject, "no port number"},
        {"5.2 number as port", authz, operation("ALLOW", "ports: [80]"), Reject, "must be text"},
        {"5.2 template", authz, operation("ALLOW", "paths: ['/a/{*}/b', '/{**}/c']"), Accept},
        {"5.2 template behind **", authz, operation("ALLOW", "paths: ['/{**}/a/{*}']"), Reject, "{**}"},
        {"5.2 template with *", authz, operation("ALLOW", "paths: ['/a*/{*}']"), Reject, "segment"},
        {"5.2 removed key", authz, when("key: destination.labels, values: [a]"), Reject,
         "destination.labels"},
        {"5.2 claims", authz, when("key: 'request.auth.claims[a][b]', values: [c]"), Accept},
        {"5.2 headers", authz, when("key: 'request.headers[X-Token]', notValues: [c]"), Accept},
        {"CEL", "Telemetry",
         "accessLogging: [{filter: {expression: 'response.code >= 400 && request.duration > "
         "duration(\"1s\")'}}]\n",
         Accept},
        {"CEL too short", "Telemetry", "accessLogging: [{filter: {expression: 'response.code >='}}]\n",
         Reject, "the expression ends too early"},
        {"CEL unknown attribute", "Telemetry", "accessLogging: [{filter: {expression: response.cod == 1}}]\n",
         Reject, "'response.cod' is not supported"},
    };
    // A9: an empty text in any list.
    for (const char *field :
         {"principals", "notPrincipals", "requestPrincipals", "notRequestPrincipals", "namespaces",
          "notNamespaces", "serviceAccounts", "notServiceAccounts", "trustDomains", "notTrustDomains",
          "ipBlocks", "notIpBlocks", "remoteIpBlocks", "notRemoteIpBlocks"})
        vectors.push_back({"A9 source", authz, source("ALLOW", std::string(field) + ": ['']"), Reject,
                           "an entry of the list is empty"});
    for (const char *field :
         {"hosts", "notHosts", "ports", "notPorts", "methods", "notMethods", "paths", "notPaths"})
        vectors.push_back({"A9 operation", authz, operation("ALLOW", std::string(field) + ": ['']"), Reject,
                           "an entry of the list is empty"});
    return vectors;
}
