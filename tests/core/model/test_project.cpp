// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/project.h"
#include "core/yaml/node.h"

#include <QDirIterator>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>

using namespace sallyport;
using namespace sallyport::model;

namespace {

Project projectOf(const std::string &text, const std::string &path = "primary/a.yaml")
{
    return projectFromFiles("/p", {{path, text}}, {});
}

QByteArray listed(const std::vector<Problem> &problems)
{
    QByteArray text;
    for (const Problem &problem : problems)
        text += QByteArray::fromStdString(problem.code + ' ' + problem.place.toString() + ' ' +
                                          problem.fieldPath + ": " + problem.message + " (" + problem.hint +
                                          ")\n");
    return text;
}

void write(const QString &path, const QByteArray &text)
{
    QVERIFY(QDir().mkpath(QFileInfo(path).path()));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(text), text.size());
}

} // namespace

class TestProject : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void goldenStages_data();
    void goldenStages();
    void fieldsOfTheRoutingKinds();
    void fieldsOfTheOtherKinds();
    void meshConfig();
    void problems_data();
    void problems();
    void keptAsTheyAre();
    void apiVersions_data();
    void apiVersions();
    void listsAndSeveralDocuments();
    void brokenFilesLeaveTheRest();
    void foldersAreMeshes();
    void hosts();
    void noFolder();
    void aLinkToAFolderAboveIsNotFollowed();
};

void TestProject::goldenStages_data()
{
    QTest::addColumn<int>("stage");
    for (int stage = 1; stage <= 5; ++stage)
        QTest::addRow("stage %d", stage) << stage;
}

void TestProject::goldenStages()
{
    QFETCH(int, stage);
    const QString folder =
        QStringLiteral(SALLYPORT_SOURCE_DIR "/tests/golden/mesh/guide-stage-%1/project").arg(stage);
    std::vector<SourceFile> files;
    QDirIterator entries(folder, {"*.yaml"}, QDir::Files, QDirIterator::Subdirectories);
    while (entries.hasNext()) {
        QFile file(entries.next());
        QVERIFY(file.open(QIODevice::ReadOnly));
        QByteArray text = file.readAll(); // placeholders stand for base64
        const QString filled = QString::fromUtf8(text).replace(
            QRegularExpression(QStringLiteral("@pki:[^@]*@")), QStringLiteral("cGtp"));
        text = filled.toUtf8();
        files.push_back({QDir(folder).relativeFilePath(file.fileName()).toStdString(), text.toStdString()});
    }
    const Project project = projectFromFiles(folder.toStdString(), files, {});
    // The guide's last policy is what Istio warns of: an HTTP rule that is wider on TCP ports.
    const bool onlyWarnings =
        std::all_of(project.problems.begin(), project.problems.end(), [](const Problem &p) {
            return p.code == "EGR0107" && p.resource.starts_with("AuthorizationPolicy");
        });
    QVERIFY2(onlyWarnings, listed(project.problems).constData());
    QCOMPARE(project.meshes.size(), std::size_t(2));
    const Mesh &primary = project.meshes.at(0);
    QCOMPARE(primary.name, std::string("primary"));
    QCOMPARE(project.meshes.at(1).name, std::string("external"));
    QCOMPARE(project.meshes.at(1).config.trustDomain, std::string("external.local"));
    QCOMPARE(primary.config.outboundMode, stage >= 2 ? OutboundMode::RegistryOnly : OutboundMode::AllowAny);
    QCOMPARE(primary.config.accessLogEncoding, MeshConfig::LogEncoding::Json);
    QCOMPARE(primary.serviceEntries.size(), std::size_t(stage >= 2 ? 1 : 0));
    QCOMPARE(primary.virtualServices.size(), std::size_t(stage >= 3 ? 1 : 0));
    QCOMPARE(primary.authorizationPolicies.size(), std::size_t(stage >= 5 ? 1 : 0));
    if (stage >= 4) {
        const VirtualService &service = primary.virtualServices.front();
        QCOMPARE(service.http.at(1).route.at(0).destination.port, 443U);
        const Place place = service.place("spec.http[1].route[0].destination.port.number");
        QCOMPARE(place.toString(), std::string("primary/12-virtual-service.yaml:31:19"));
        QVERIFY(primary.findSecret("istio-system", "test.client"));
    }
}

void TestProject::fieldsOfTheRoutingKinds()
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

void TestProject::fieldsOfTheOtherKinds()
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

void TestProject::meshConfig()
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

void TestProject::problems_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("code");
    QTest::addColumn<QByteArray>("place");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("says");

    const auto row = [](const char *name, const char *text, const char *code, const char *place,
                        const char *path, const char *says) {
        QTest::newRow(name) << QByteArray(text) << QByteArray(code) << QByteArray(place) << QByteArray(path)
                            << QByteArray(says);
    };
#define DR                                                                                                   \
    "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: a, namespace: b}\nspec:\n " \
    " host: a.b\n"
    row("unknown field", DR "  trafficPolcy: {}\n", "EGR0102", "6:3", "spec.trafficPolcy", "trafficPolicy");
    row("wrong level", DR "  tls: {mode: SIMPLE}\n", "EGR0102", "6:3", "spec.tls", "unknown field \"tls\"");
    row("snake case", DR "  traffic_policy: {}\n", "EGR0102", "6:3", "spec.traffic_policy", "trafficPolicy");
    row("unknown top-level field", DR "statos: {}\n", "EGR0102", "6:1", "statos", "status");
    row("list for a mapping", DR "  trafficPolicy: []\n", "EGR0102", "6:18", "spec.trafficPolicy",
        "must be a mapping");
    row("mapping for a list", DR "  subsets: {name: a}\n", "EGR0102", "6:12", "spec.subsets",
        "must be a list");
    row("text for a list", DR "  exportTo: .\n", "EGR0102", "6:13", "spec.exportTo", "must be a list");
    row("mapping for text", DR "  trafficPolicy: {tls: {sni: {}}}\n", "EGR0102", "6:30",
        "spec.trafficPolicy.tls.sni", "must be text");
    row("number for text", DR "  subsets: [{name: v1, labels: {version: 1.0}}]\n", "EGR0102", "6:42",
        "spec.subsets[0].labels.version", "in quotes");
    row("boolean for text", DR "  subsets: [{name: v1, labels: {canary: true}}]\n", "EGR0102", "6:41",
        "spec.subsets[0].labels.canary", "a boolean");
    row("text for a number", DR "  trafficPolicy: {connectionPool: {tcp: {maxConnections: '1'}}}\n",
        "EGR0102", "6:58", "spec.trafficPolicy.connectionPool.tcp.maxConnections", "without quotes");
    row("no number", DR "  trafficPolicy: {connectionPool: {tcp: {maxConnections: many}}}\n", "EGR0102",
        "6:58", "spec.trafficPolicy.connectionPool.tcp.maxConnections", "whole number");
    row("number out of range", DR "  trafficPolicy: {connectionPool: {tcp: {maxConnections: 3000000000}}}\n",
        "EGR0105", "6:58", "spec.trafficPolicy.connectionPool.tcp.maxConnections", "range");
    row("text for a boolean", DR "  trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: 'true'}}\n",
        "EGR0102", "6:59", "spec.trafficPolicy.tls.insecureSkipVerify", "without quotes");
    row("number for a duration", DR "  trafficPolicy: {connectionPool: {tcp: {connectTimeout: 5}}}\n",
        "EGR0102", "6:58", "spec.trafficPolicy.connectionPool.tcp.connectTimeout", "needs its unit");
    row("unknown word", DR "  trafficPolicy: {tls: {mode: MTLS}}\n", "EGR0105", "6:31",
        "spec.trafficPolicy.tls.mode", "ISTIO_MUTUAL");
#undef DR
    row("no namespace", "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n", "EGR0108", "3:1",
        "metadata.namespace", "namespace");
    row("no name", "apiVersion: v1\nkind: ServiceAccount\nmetadata: {namespace: a}\n", "EGR0103", "3:1",
        "metadata.name", "missing");
    row("no kind", "a: b\n", "EGR0103", "1:1", "kind", "no \"kind\"");
    row("no mapping", "- a\n", "EGR0103", "1:1", "kind", "no \"kind\"");
    row("defined twice",
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\napiVersion: v1\nkind: "
        "Namespace\nmetadata: {name: a}\n",
        "EGR0109", "7:18", "metadata.name", "a.yaml:1:1");
    row("key twice", "apiVersion: v1\nkind: Namespace\nkind: Namespace\nmetadata: {name: a}\n", "EGR0101",
        "3:1", "", "twice");
    row("no base64", "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\ndata: {x: 'a!'}\n",
        "EGR0105", "4:11", "data[\"x\"]", "base64");
    row("private key",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\nstringData: {tls.key: '-----BEGIN "
        "PRIVATE KEY-----'}\n",
        "EGR0521", "4:23", "stringData[\"tls.key\"]", "private key");
    row("no effect",
        "apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: {name: a, namespace: "
        "b}\nspec: {any: thing}\n",
        "EGR0110", "1:1", "", "no effect");
}

void TestProject::problems()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, code);
    QFETCH(QByteArray, place);
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, says);
    const Project project = projectOf(text.toStdString());
    QVERIFY2(project.problems.size() == 1, listed(project.problems).constData());
    const Problem &problem = project.problems.front();
    QCOMPARE(QByteArray::fromStdString(problem.code), code);
    QCOMPARE(QByteArray::fromStdString(problem.place.toString()), "primary/a.yaml:" + place);
    QCOMPARE(QByteArray::fromStdString(problem.fieldPath), path);
    QVERIFY2(listed(project.problems).contains(says), listed(project.problems).constData());
    QCOMPARE(problem.mesh, std::string("primary"));
}

void TestProject::keptAsTheyAre()
{
    const std::string text = "apiVersion: example.com/v7\nkind: Teapot\nmetadata: {name: a, namespace: "
                             "b}\nspec: {spout: [1, x]}\n";
    const Project project = projectOf(text);
    QVERIFY2(project.problems.empty(), listed(project.problems).constData());
    QCOMPARE(project.meshes.at(0).others.size(), std::size_t(1));
    QCOMPARE(project.meshes.at(0).others.at(0).title(), std::string("Teapot b/a"));
    QCOMPARE(project.files.at(0).text, text);
    QVERIFY(project.meshes.at(0).others.at(0).node->at("spec.spout"));
}

void TestProject::apiVersions_data()
{
    QTest::addColumn<QByteArray>("apiVersion");
    QTest::addColumn<QByteArray>("kind");
    QTest::addColumn<bool>("known");
    QTest::addColumn<bool>("refused");
    const auto row = [](const char *apiVersion, const char *kind, bool known, bool refused = false) {
        QTest::addRow("%s %s", apiVersion, kind)
            << QByteArray(apiVersion) << QByteArray(kind) << known << refused;
    };
    row("networking.istio.io/v1alpha3", "WorkloadEntry", true);
    row("networking.istio.io/v1beta1", "WorkloadEntry", true);
    row("networking.istio.io/v1", "WorkloadEntry", true);
    row("networking.istio.io/v2", "WorkloadEntry", true, true);
    row("gateway.networking.k8s.io/v1", "Gateway", false);
    row("security.istio.io/v1alpha3", "PeerAuthentication", true, true);
    row("telemetry.istio.io/v1alpha1", "Telemetry", true);
    row("serving.knative.dev/v1", "Service", false);
}

void TestProject::apiVersions()
{
    QFETCH(QByteArray, apiVersion);
    QFETCH(QByteArray, kind);
    QFETCH(bool, known);
    QFETCH(bool, refused);
    const Project project =
        projectOf("apiVersion: " + apiVersion.toStdString() + "\nkind: " + kind.toStdString() +
                  "\nmetadata: {name: a, namespace: b}\nspec: {address: 1.2.3.4}\n");
    const bool named =
        std::any_of(project.problems.begin(), project.problems.end(), [](const Problem &problem) {
            return problem.message.find("has no version") != std::string::npos &&
                   problem.fieldPath == "apiVersion";
        });
    QCOMPARE(named, refused);
    QCOMPARE(project.meshes.at(0).others.empty(), known);
}

void TestProject::listsAndSeveralDocuments()
{
    const Project project = projectOf("apiVersion: v1\nkind: List\nitems:\n"
                                      "- apiVersion: v1\n  kind: Namespace\n  metadata: {name: a}\n"
                                      "- &two\n  apiVersion: v1\n  kind: Namespace\n  metadata: {name: b}\n"
                                      "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: c}\n");
    QVERIFY2(project.problems.empty(), listed(project.problems).constData());
    const std::vector<Namespace> &namespaces = project.meshes.at(0).namespaces;
    QCOMPARE(namespaces.size(), std::size_t(3));
    QCOMPARE(namespaces.at(1).metadata.name, std::string("b"));
    QCOMPARE(namespaces.at(1).listItem, 1);
    QCOMPARE(namespaces.at(1).document, 0);
    QCOMPARE(namespaces.at(2).listItem, -1);
    QCOMPARE(namespaces.at(2).document, 1);
    QCOMPARE(namespaces.at(2).order, 2);
    QCOMPARE(namespaces.at(1).place("metadata.name").line, 10);
}

void TestProject::brokenFilesLeaveTheRest()
{
    const Project project = projectFromFiles(
        "/p",
        {{"primary/a.yaml", "apiVersion: v1\nkind: [\n"},
         {"primary/b.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: b}\n---\n\tx: y\n"}},
        {});
    QCOMPARE(project.problems.size(), std::size_t(2));
    QCOMPARE(project.problems.at(0).place.file, std::string("primary/a.yaml"));
    QCOMPARE(project.problems.at(1).place.file, std::string("primary/b.yaml"));
    QCOMPARE(project.problems.at(1).place.line, 5);
    QCOMPARE(project.meshes.at(0).namespaces.size(), std::size_t(1));
}

void TestProject::foldersAreMeshes()
{
    const QByteArray manifest = "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n";
    QTemporaryDir folder;
    write(folder.filePath("east/b.yml"), manifest);
    write(folder.filePath("east/deeper/c.yaml"), manifest);
    write(folder.filePath("primary/z.yaml"), manifest);
    write(folder.filePath("primary/notes.txt"), "no: yaml: at: all");
    write(folder.filePath(".sallyport/layout.yaml"), "not: ours to read");
    write(folder.filePath(".sallyport/hosts"), "10.0.0.1 test.com\n");
    Result<Project> project = loadProject(folder.path().toStdString());
    QVERIFY(project);
    QCOMPARE(project->meshes.size(), std::size_t(2));
    QCOMPARE(project->meshes.at(0).name, std::string("primary"));
    QCOMPARE(project->meshes.at(1).name, std::string("east"));
    QCOMPARE(project->meshes.at(1).namespaces.size(), std::size_t(2));
    QCOMPARE(project->hosts.at("test.com"), std::vector<std::string>{"10.0.0.1"});
    QVERIFY(project->findMesh("east") && !project->findMesh("west"));
    QVERIFY(project->findFile("east/deeper/c.yaml"));

    QTemporaryDir flat;
    write(flat.filePath("a.yaml"), manifest);
    project = loadProject(flat.path().toStdString());
    QVERIFY(project);
    QCOMPARE(project->meshes.size(), std::size_t(1));
    QCOMPARE(project->meshes.at(0).name, std::string("primary"));
}

void TestProject::hosts()
{
    const auto hosts =
        parseHosts("# names\n10.0.0.1 a.com www.a.com # alias\n\n::1\tb.com\n10.0.0.2 a.com\nlonely\n");
    QCOMPARE(hosts.size(), std::size_t(3));
    QCOMPARE(hosts.at("a.com"), (std::vector<std::string>{"10.0.0.1", "10.0.0.2"}));
    QCOMPARE(hosts.at("www.a.com"), std::vector<std::string>{"10.0.0.1"});
    QCOMPARE(hosts.at("b.com"), std::vector<std::string>{"::1"});
}

void TestProject::noFolder()
{
    const Result<Project> project = loadProject("/nowhere/at/all");
    QVERIFY(!project);
    QCOMPARE(project.error().where.file, std::string("/nowhere/at/all"));
    QVERIFY(!project.error().hint.empty());
}

void TestProject::aLinkToAFolderAboveIsNotFollowed()
{
    QTemporaryDir folder;
    write(folder.filePath("primary/a.yaml"), "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n");
    QVERIFY(QFile::link(folder.path(), folder.filePath("primary/loop")));
    const Result<Project> project = loadProject(folder.path().toStdString());
    QVERIFY(project);
    QCOMPARE(project->files.size(), std::size_t(1));
}

QTEST_GUILESS_MAIN(TestProject)
#include "test_project.moc"
