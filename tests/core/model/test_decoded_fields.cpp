// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/model/project_text.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::model;

/// Every field of every kind comes where it belongs.
class TestDecodedFields : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fieldsOfTheRoutingKinds();
    void fieldsOfTheOtherKinds();
    void meshConfig();
};

void TestDecodedFields::fieldsOfTheRoutingKinds()
{
    const Project project = projectOf(R"(apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a, namespace: b}
spec:
  hosts: [test.com]
  gateways: [mesh, ns/gw]
  exportTo: [.]
  http:
  - name: r
    match:
    - name: m
      uri: {prefix: /a}
      method: {exact: GET}
      scheme: {regex: http.*}
      authority: {exact: test.com}
      headers: {x: {exact: "1"}, y-z: {}}
      withoutHeaders: {w: {prefix: p}}
      queryParams: {q: {regex: "*"}}
      port: 80
      sourceLabels: {app: sleep}
      sourceNamespace: default
      gateways: [mesh]
      ignoreUriCase: true
      statPrefix: s
    route:
    - destination: {host: v1, subset: s1, port: {number: 8080}}
      weight: 60
      headers: {request: {set: {a: b}, add: {c: d}, remove: [e]}, response: {set: {f: g}}}
    - destination: {host: v2}
      weight: 40
    rewrite: {uri: /b, authority: c.com}
    timeout: 1.5s
    retries: {attempts: 3, perTryTimeout: 300ms, retryOn: "5xx,503", backoff: 25ms, retryRemoteLocalities: true}
    fault:
      delay: {percentage: {value: 50}, fixedDelay: 1m}
      abort: {percentage: {value: 0.5}, httpStatus: 503}
    mirrors: [{destination: {host: m}, percentage: {value: 10}}]
    corsPolicy: {allowOrigins: [{exact: "https://a"}], allowMethods: [GET], maxAge: 1h, allowCredentials: true, unmatchedPreflights: IGNORE}
    headers: {response: {remove: [server]}}
  - redirect: {uri: /x, authority: a.b, scheme: https, port: 8443, redirectCode: 302}
  tcp:
  - match: [{destinationSubnets: [10.0.0.0/8], port: 9000}]
    route: [{destination: {host: t}}]
  tls:
  - match: [{sniHosts: [test.com], port: 443}]
    route: [{destination: {host: s}}]
)");
    QVERIFY2(project.problems.empty(), listed(project.problems).constData());
    const VirtualService &service = project.meshes.at(0).virtualServices.at(0);
    QCOMPARE(service.gateways, (std::vector<std::string>{"mesh", "ns/gw"}));
    const HttpRoute &route = service.http.at(0);
    QCOMPARE(route.fieldPath, std::string("spec.http[0]"));
    const HttpMatch &match = route.match.at(0);
    QCOMPARE(match.uri->kind, StringMatch::Kind::Prefix);
    QCOMPARE(match.scheme->kind, StringMatch::Kind::Regex);
    QCOMPARE(match.headers.at("y-z").kind, StringMatch::Kind::Unset);
    QCOMPARE(match.withoutHeaders.at("w").value, std::string("p"));
    QCOMPARE(match.port, 80U);
    QVERIFY(match.ignoreUriCase);
    QCOMPARE(match.sourceLabels.at("app"), std::string("sleep"));
    QCOMPARE(route.route.at(0).destination.subset, std::string("s1"));
    QCOMPARE(route.route.at(0).headers.request.remove, std::vector<std::string>{"e"});
    QCOMPARE(route.route.at(1).weight, 40);
    QCOMPARE(*route.timeout, Duration(std::chrono::milliseconds(1500)));
    QCOMPARE(*route.retries->perTryTimeout, Duration(std::chrono::milliseconds(300)));
    QCOMPARE(route.retries->retryRemoteLocalities, std::optional(true));
    QCOMPARE(*route.fault->delay->fixedDelay, Duration(std::chrono::minutes(1)));
    QCOMPARE(*route.fault->abort->percentage, 0.5);
    QCOMPARE(*route.mirrors.at(0).percentage, 10.0);
    QVERIFY(route.cors->ignoreUnmatchedPreflights);
    QCOMPARE(*route.cors->maxAge, Duration(std::chrono::hours(1)));
    QCOMPARE(service.http.at(1).redirect->redirectCode, 302U);
    QCOMPARE(service.tcp.at(0).match.at(0).destinationSubnets, std::vector<std::string>{"10.0.0.0/8"});
    QCOMPARE(service.tls.at(0).match.at(0).sniHosts, std::vector<std::string>{"test.com"});
    QCOMPARE(service.place("spec.tls[0].match[0].port").line, 45);
}

void TestDecodedFields::fieldsOfTheOtherKinds()
{
    const Project project = projectOf(R"(apiVersion: networking.istio.io/v1beta1
kind: DestinationRule
metadata: {name: d, namespace: n}
spec:
  host: test.com
  workloadSelector: {matchLabels: {app: x}}
  trafficPolicy:
    loadBalancer:
      consistentHash: {httpCookie: {name: c, ttl: 1s, path: /, attributes: [{name: SameSite, value: Lax}]}, maglev: {tableSize: 65537}}
      warmup: {duration: 10s, minimumPercent: 20, aggression: 1.5}
    connectionPool:
      tcp: {maxConnections: 10, connectTimeout: 1s, tcpKeepalive: {probes: 3, time: 10s}}
      http: {http1MaxPendingRequests: 1, h2UpgradePolicy: UPGRADE, http2KeepAlive: {interval: 1s, timeout: 2s}}
    outlierDetection: {consecutive5xxErrors: 0, interval: 5s, outlierDetectionHttpErrorCodes: [500, 503]}
    portLevelSettings:
    - port: {number: 443}
      tls: {mode: MUTUAL, credentialName: c, sni: test.com, subjectAltNames: [a], insecureSkipVerify: false}
    proxyProtocol: {version: V2}
    retryBudget: {percent: 25.5, minRetryConcurrency: 4}
  subsets: [{name: v1, labels: {version: v1}}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: g, namespace: n}
spec:
  selector: {istio: egressgateway}
  servers:
  - port: {number: 443, name: https, protocol: HTTPS}
    bind: 127.0.0.1
    hosts: [./a.com]
    tls: {mode: OPTIONAL_MUTUAL, credentialName: c, minProtocolVersion: TLSV1_2, cipherSuites: [AES128-SHA]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: s, namespace: n}
spec:
  hosts: [a.com]
  location: MESH_INTERNAL
  resolution: DNS
  ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}]
  endpoints: [{address: b.com, ports: {http: 81}, labels: {x: y}, locality: r/z/s, weight: 3, serviceAccount: sa, network: net}]
  subjectAltNames: [b.com]
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: sc, namespace: n}
spec:
  egress: [{hosts: ['./*']}]
  outboundTrafficPolicy: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: p, namespace: n, annotations: {istio.io/dry-run: "true"}}
spec:
  action: ALLOW
  rules:
  - from: [{source: {principals: [a], notNamespaces: [b]}}]
    to: [{operation: {paths: [/x], notMethods: [GET]}}]
    when: [{key: 'request.headers[x]', values: [v]}]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: pa, namespace: n}
spec: {selector: {matchLabels: {app: x}}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}}
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: t, namespace: n}
spec:
  accessLogging: [{providers: [{name: envoy}], disabled: false, match: {mode: CLIENT}, filter: {expression: 'response.code >= 400'}}]
---
apiVersion: v1
kind: Service
metadata: {name: svc, namespace: n}
spec:
  type: LoadBalancer
  selector: {app: x}
  externalIPs: [1.2.3.4]
  ports: [{name: http, port: 80, targetPort: web, appProtocol: http}, {name: tcp, port: 81, targetPort: 8081}]
status: {loadBalancer: {ingress: [{ip: 5.6.7.8}, {hostname: lb.example}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: dep, namespace: n}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: x}, annotations: {inject.istio.io/templates: gateway}}
    spec:
      serviceAccountName: sa
      containers: [{name: c, image: httpbin, ports: [{name: web, containerPort: 80}], resources: {limits: {cpu: 1}}}]
---
apiVersion: v1
kind: Secret
metadata: {name: sec, namespace: n}
data: {ca.crt: YWJj}
stringData: {other: plain}
)");
    QVERIFY2(project.problems.empty(), listed(project.problems).constData());
    const Mesh &mesh = project.meshes.at(0);
    const TrafficPolicy &policy = *mesh.destinationRules.at(0).trafficPolicy;
    QCOMPARE(policy.loadBalancer->consistentHash->key, ConsistentHash::Key::Cookie);
    QCOMPARE(policy.loadBalancer->consistentHash->cookieAttributes.at(0).second, std::string("Lax"));
    QCOMPARE(*policy.loadBalancer->consistentHash->maglevTableSize, std::uint64_t(65537));
    QCOMPARE(*policy.loadBalancer->warmup->aggression, 1.5);
    QCOMPARE(policy.connectionPool->h2Upgrade, ConnectionPool::H2Upgrade::Upgrade);
    QCOMPARE(*policy.connectionPool->http2KeepAliveTimeout, Duration(std::chrono::seconds(2)));
    QCOMPARE(policy.outlierDetection->consecutive5xxErrors, std::optional(0U));
    QCOMPARE(policy.outlierDetection->httpErrorCodes, (std::vector<std::uint32_t>{500, 503}));
    QCOMPARE(policy.portLevel.at(0).port, 443U);
    QCOMPARE(policy.portLevel.at(0).policy.tls->mode, ClientTls::Mode::Mutual);
    QCOMPARE(*policy.proxyProtocolVersion, 2U);
    QCOMPARE(*policy.retryBudget->percent, 25.5);
    const Gateway::Server &server = mesh.gateways.at(0).servers.at(0);
    QCOMPARE(server.tls->mode, ServerTls::Mode::OptionalMutual);
    QCOMPARE(server.tls->minProtocolVersion, ServerTls::Version::Tls12);
    const ServiceEntry &entry = mesh.serviceEntries.at(0);
    QCOMPARE(entry.location, ServiceEntry::Location::MeshInternal);
    QCOMPARE(entry.endpoints.at(0).ports.at("http"), 81U);
    QCOMPARE(entry.endpoints.at(0).weight, 3U);
    QCOMPARE(*mesh.sidecars.at(0).outboundMode, OutboundMode::RegistryOnly);
    const AuthorizationPolicy &authorization = mesh.authorizationPolicies.at(0);
    QVERIFY(authorization.isDryRun());
    QCOMPARE(authorization.rules->at(0).from.at(0).namespaces.notValues, std::vector<std::string>{"b"});
    QCOMPARE(authorization.rules->at(0).when.at(0).key, std::string("request.headers[x]"));
    QCOMPARE(mesh.peerAuthentications.at(0).portLevel.at(8080), PeerAuthentication::Mode::Disable);
    QCOMPARE(mesh.telemetries.at(0).accessLogging.at(0).mode, Telemetry::LogMode::Client);
    const Service &service = mesh.services.at(0);
    QCOMPARE(service.ports.at(0).targetPortName, std::string("web"));
    QCOMPARE(service.ports.at(1).targetPort, 8081U);
    QCOMPARE(service.loadBalancerIps, std::vector<std::string>{"5.6.7.8"});
    QCOMPARE(service.loadBalancerHostnames, std::vector<std::string>{"lb.example"});
    const Workload &workload = mesh.workloads.at(0);
    QCOMPARE(workload.replicas, 2U);
    QCOMPARE(workload.pod.containers.at(0).ports.at(0).containerPort, 80U);
    QCOMPARE(mesh.secrets.at(0).data.at("ca.crt"), std::string("abc"));
    QCOMPARE(mesh.secrets.at(0).data.at("other"), std::string("plain"));
    QCOMPARE(mesh.allResources().size(), std::size_t(10));
}

void TestDecodedFields::meshConfig()
{
    const Project project = projectOf(R"(apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    trustDomain: corp
    trustDomainAliases: [old]
    outboundTrafficPolicy:
      mode: REGISTRY_ONLI
    pathNormalization: {normalization: NONE}
    defaultConfig: {gatewayTopology: {numTrustedProxies: 2}}
    tlsDefaults: {ecdhCurves: [P-256]}
    localityLbSetting: {enabled: false}
    acessLogFile: /dev/stdout
    extensionProviders:
    - name: authz
      envoyExtAuthzHttp: {service: a.b, port: 80, timeout: 1s, failOpen: true}
)");
    const MeshConfig &config = project.meshes.at(0).config;
    QCOMPARE(config.trustDomain, std::string("corp"));
    QCOMPARE(config.trustDomainAliases, std::vector<std::string>{"old"});
    QCOMPARE(config.pathNormalization, MeshConfig::PathNormalization::None);
    QCOMPARE(config.numTrustedProxies, 2U);
    QCOMPARE(config.localityLb->enabled, std::optional(false));
    QCOMPARE(config.extensionProviders.at(0).kind, ExtensionProvider::Kind::EnvoyExtAuthzHttp);
    QCOMPARE(project.problems.size(), std::size_t(2));
    QCOMPARE(project.problems.at(0).place.toString(), std::string("primary/a.yaml:9:13"));
    QCOMPARE(project.problems.at(0).code, std::string("EGR0105"));
    QCOMPARE(project.problems.at(1).place.toString(), std::string("primary/a.yaml:14:5"));
    QVERIFY(project.problems.at(1).hint.find("accessLogFile") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestDecodedFields)
#include "test_decoded_fields.moc"
