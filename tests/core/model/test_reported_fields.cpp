// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/model/project_text.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::model;

namespace {

std::string mesh(const std::string &config, const std::string &more = {})
{
    return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n" +
           more + "  mesh: |\n    " + config + '\n';
}

std::string pod(const std::string &annotation)
{
    return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  namespace: n\n  annotations:\n    " +
           annotation + "\nspec: {containers: [{name: a, image: b}]}\n";
}

std::string object(const std::string &apiVersion, const std::string &kind, const std::string &spec)
{
    return "apiVersion: " + apiVersion + "\nkind: " + kind +
           "\nmetadata: {name: a, namespace: b}\nspec: " + spec + "\n";
}

} // namespace

/// What a lab does not follow, and what nobody follows, is said with its place; nothing is swallowed.
class TestReportedFields : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fields_data();
    void fields();
};

void TestReportedFields::fields_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("code"); ///< empty: nothing is reported
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("says");
    const auto row = [](const char *name, const std::string &text, const char *code, const char *path = "",
                        const char *says = "") {
        QTest::newRow(name) << QByteArray::fromStdString(text) << QByteArray(code) << QByteArray(path)
                            << QByteArray(says);
    };
    const char *unknown = "EGR0102";
    const char *none = "EGR0110";
    const char *words = "no effect in a lab";
    row("typo in defaultConfig", mesh("defaultConfig: {concurency: 2}"), unknown,
        "data.mesh.defaultConfig.concurency", "concurrency");
    row("typo in gatewayTopology", mesh("defaultConfig: {gatewayTopology: {numTrustedProxy: 1}}"), unknown,
        "data.mesh.defaultConfig.gatewayTopology.numTrustedProxy", "numTrustedProxies");
    row("typo in proxyHeaders", mesh("defaultConfig: {proxyHeaders: {requestID: {disabled: true}}}"), unknown,
        "data.mesh.defaultConfig.proxyHeaders.requestID", "requestId");
    row("typo in a header's switch", mesh("defaultConfig: {proxyHeaders: {requestId: {disable: true}}}"),
        unknown, "data.mesh.defaultConfig.proxyHeaders.requestId.disable", "disabled");
    row("typo in tracing", mesh("defaultConfig: {tracing: {samplings: 1}}"), unknown,
        "data.mesh.defaultConfig.tracing.samplings", "sampling");
    row("typo in tlsDefaults", mesh("tlsDefaults: {minProtocol: TLSV1_3}"), unknown,
        "data.mesh.tlsDefaults.minProtocol", "unknown field");
    row("typo in meshMTLS", mesh("meshMTLS: {cipherSuite: [A]}"), unknown, "data.mesh.meshMTLS.cipherSuite",
        "cipherSuites");
    row("typo in defaultProviders", mesh("defaultProviders: {accessLog: [a]}"), unknown,
        "data.mesh.defaultProviders.accessLog", "unknown field");
    row("typo in a provider", mesh("extensionProviders: [{name: a, envoyFileAccessLogs: {path: b}}]"),
        unknown, "data.mesh.extensionProviders[0].envoyFileAccessLogs", "envoyFileAccessLog");
    row("typo in connectionSettings", mesh("defaultConfig: {connectionSettings: {httpIdle: 1s}}"), unknown,
        "data.mesh.defaultConfig.connectionSettings.httpIdle", "unknown field");
    row("gatewayTopology of the mesh", mesh("gatewayTopology: {numTrustedProxies: 1}"), unknown,
        "data.mesh.gatewayTopology", "unknown field");
    row("typo in an annotation", pod("proxy.istio.io/config: |\n      concurency: 2"), unknown,
        "proxy.istio.io/config.concurency", "concurrency");
    row("an annotation", pod("proxy.istio.io/config: |\n      concurrency: 2"), "");
    row("a version that is none", mesh("tlsDefaults: {minProtocolVersion: TLSV1_1}"), "EGR0105",
        "data.mesh.tlsDefaults.minProtocolVersion", "no value of");
    row("a curve that is none", mesh("tlsDefaults: {ecdhCurves: [P-257]}"), "EGR0107",
        "data.mesh.tlsDefaults.ecdhCurves", "P-257");
    row("a curve twice", mesh("tlsDefaults: {ecdhCurves: [P-256, P-256]}"), "EGR0107",
        "data.mesh.tlsDefaults.ecdhCurves", "twice");
    row("curves of mesh mTLS", mesh("meshMTLS: {ecdhCurves: [P-256]}"), "EGR0105",
        "data.mesh.meshMTLS.ecdhCurves", "no ECDH curves");
    row("a window too small",
        mesh("defaultConfig: {connectionSettings: {http2InitialStreamWindowSize: 65534}}"), "EGR0105",
        "data.mesh.defaultConfig.connectionSettings.http2InitialStreamWindowSize", "65535");
    row("no streams", mesh("defaultConfig: {connectionSettings: {httpMaxConcurrentStreams: 0}}"), "EGR0105",
        "data.mesh.defaultConfig.connectionSettings.httpMaxConcurrentStreams", "at least 1");
    row("an operator that is none",
        mesh("discoverySelectors: [{matchExpressions: [{key: a, operator: Is}]}]"), "EGR0105",
        "data.mesh.discoverySelectors[0].matchExpressions[0].operator", "operator");

    const char *ofMesh[] = {"proxyHttpPort: 15080",
                            "enableEnvoyAccessLogService: true",
                            "verifyCertificateAtClient: true",
                            "caCertificates: [{pem: a}]",
                            "serviceEntryVisibility: {applyToSidecars: true}",
                            "configSources: [{address: a}]",
                            "proxyListenPort: 15002"};
    for (const char *field : ofMesh) {
        const std::string path = "data.mesh." + std::string(field).substr(0, std::string(field).find(':'));
        row(field, mesh(field), none, path.c_str(), words);
    }
    row("inboundTrafficPolicy", mesh("inboundTrafficPolicy: {mode: LOCALHOST}"), none,
        "data.mesh.inboundTrafficPolicy.mode", words);
    row("inboundTrafficPolicy as it is", mesh("inboundTrafficPolicy: {mode: PASSTHROUGH}"), "");
    row("TLS of unknown destinations",
        mesh("outboundTrafficPolicy: {mode: ALLOW_ANY_DYNAMIC_DNS, tls: {mode: SIMPLE}}"), none,
        "data.mesh.outboundTrafficPolicy.tls", words);
    row("what concerns istiod",
        mesh("ingressClass: istio\n    enablePrometheusMerge: true\n    "
             "serviceSettings: [{hosts: ['*'], settings: {clusterLocal: true}}]"),
        "");
    row("networks", mesh("trustDomain: a", "  meshNetworks: |\n    networks: {n: {endpoints: []}}\n"), none,
        "data.meshNetworks", words);
    row("no networks", mesh("trustDomain: a", "  meshNetworks: 'networks: {}'\n"), "");
    const char *ofProxy[] = {"interceptionMode: TPROXY", "customConfigFile: a",
                             "proxyStatsMatcher: {inclusionPrefixes: [a]}", "privateKeyProvider: {qat: {}}",
                             "caCertificatesPem: [a]"};
    for (const char *field : ofProxy) {
        const std::string path =
            "data.mesh.defaultConfig." + std::string(field).substr(0, std::string(field).find(':'));
        row(field, mesh("defaultConfig: {" + std::string(field) + "}"), none, path.c_str(), words);
    }
    row("metadata", mesh("defaultConfig: {proxyMetadata: {ISTIO_META_DNS_CAPTURE: 'true'}}"), none,
        "data.mesh.defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE", words);
    row("metadata that is followed",
        mesh("defaultConfig: {proxyMetadata: {ISTIO_META_HTTP10: '1', OTHER: a}}"), "");
    row("runtime values", mesh("defaultConfig: {runtimeValues: {a: b, envoy.reloadable_features.x: 'true'}}"),
        none, R"(data.mesh.defaultConfig.runtimeValues["envoy.reloadable_features.x"])", words);
    row("runtime values that are followed",
        mesh("defaultConfig: {runtimeValues: {overload.global_downstream_max_connections: '9'}}"), "");
    row("how a proxy is started",
        mesh("defaultConfig: {drainDuration: 45s, holdApplicationUntilProxyStarts: true}"), "");

    for (const char *annotation :
         {"traffic.sidecar.istio.io/excludeOutboundPorts", "traffic.sidecar.istio.io/includeInboundPorts",
          "sidecar.istio.io/interceptionMode", "sidecar.istio.io/bootstrapOverride"}) {
        const std::string path = "metadata.annotations[\"" + std::string(annotation) + "\"]";
        row(annotation, pod(std::string(annotation) + ": 'x'"), none, path.c_str(), words);
    }
    row("other annotations", pod("sidecar.istio.io/proxyCPU: 100m"), "");

    row("a Gateway of the Gateway API", object("gateway.networking.k8s.io/v1", "Gateway", "{}"), none, "",
        "Gateway has no effect");
    row("an HTTPRoute", object("gateway.networking.k8s.io/v1", "HTTPRoute", "{}"), none, "",
        "HTTPRoute has no effect");
    row("an Ingress", object("networking.k8s.io/v1", "Ingress", "{}"), none, "", "Ingress has no effect");
    row("a NetworkPolicy", object("networking.k8s.io/v1", "NetworkPolicy", "{}"), none, "",
        "NetworkPolicy has no effect");
    row("an IstioOperator", object("install.istio.io/v1alpha1", "IstioOperator", "{}"), none, "",
        "IstioOperator has no effect");
    row("a kind that is none", object("networking.istio.io/v1", "DestinationRules", "{}"), "EGR0105", "kind",
        "DestinationRule");
    row("a kind of another group", object("example.com/v1", "DestinationRules", "{}"), "");

    const std::string metrics = "{metrics: [{providers: [{name: prometheus}]}]}";
    row("metrics", object("telemetry.istio.io/v1", "Telemetry", metrics), none, "spec.metrics", words);
    row("tags of spans",
        object("telemetry.istio.io/v1", "Telemetry", "{tracing: [{customTags: {a: {literal: {value: b}}}}]}"),
        none, "spec.tracing[0].customTags", words);
    row("typo in a Telemetry's tracing",
        object("telemetry.istio.io/v1", "Telemetry", "{tracing: [{randomSampling: 5}]}"), unknown,
        "spec.tracing[0].randomSampling", "unknown field");
    const std::string target = "{targetRefs: [{kind: Service, name: s}], ";
    row("a policy with targets",
        object("security.istio.io/v1", "AuthorizationPolicy", target + "rules: [{}]}"), none,
        "spec.targetRefs", "attached by targetRefs");
    row("tokens with targets",
        object("security.istio.io/v1", "RequestAuthentication",
               "{targetRef: {kind: Service, name: s}, jwtRules: [{issuer: a, jwksUri: 'https://a'}]}"),
        none, "spec.targetRef", "attached by targetRef");
    row("a Telemetry with targets",
        object("telemetry.istio.io/v1", "Telemetry", target + "accessLogging: [{}]}"), none,
        "spec.targetRefs", "attached by targetRefs");

    const auto patches = [](const std::string &patch, const std::string &more = {}) {
        return object("networking.istio.io/v1alpha3", "EnvoyFilter",
                      "{" + more + "configPatches: [" + patch + "]}");
    };
    const std::string merge = "patch: {operation: MERGE, value: {connect_timeout: 1s}}";
    row("a patch",
        patches("{applyTo: CLUSTER, match: {context: ANY, cluster: {service: a, portNumber: 80}}, " + merge +
                "}"),
        "");
    row("typo in a patch", patches("{applyTo: CLUSTER, matches: {}, " + merge + "}"), unknown,
        "spec.configPatches[0].matches", "match");
    row("typo in a match", patches("{applyTo: CLUSTER, match: {cluster: {servic: a}}, " + merge + "}"),
        unknown, "spec.configPatches[0].match.cluster.servic", "service");
    row("typo in an EnvoyFilter", patches("{applyTo: CLUSTER, " + merge + "}", "workloadselector: {}, "),
        unknown, "spec.workloadselector", "workloadSelector");
    row("an operation that is none", patches("{applyTo: CLUSTER, patch: {operation: MERG, value: {a: b}}}"),
        "EGR0105", "spec.configPatches[0].patch.operation", "no value of");
    row("no operation", patches("{applyTo: CLUSTER, patch: {value: {a: b}}}"), "EGR0103",
        "spec.configPatches[0].patch", "needs an operation");
    row("no value", patches("{applyTo: CLUSTER, patch: {operation: MERGE}}"), "EGR0103",
        "spec.configPatches[0].patch", "needs a value");
    row("no patch", patches("{applyTo: CLUSTER}"), "EGR0103", "spec.configPatches[0]", "nothing to patch");
    row("what is patched", patches("{" + merge + "}"), "EGR0103", "spec.configPatches[0]", "applyTo");
    row("another kind of match",
        patches("{applyTo: CLUSTER, match: {listener: {portNumber: 80}}, " + merge + "}"), "EGR0104",
        "spec.configPatches[0].match.listener", "found by");
    row("filterClass",
        patches("{applyTo: HTTP_FILTER, patch: {operation: ADD, filterClass: AUTHZ, value: {name: a}}}"),
        none, "spec.configPatches[0].patch.filterClass", words);
    row("an EnvoyFilter with targets",
        patches("{applyTo: CLUSTER, " + merge + "}", "targetRefs: [{kind: Gateway, name: a}], "), none,
        "spec.targetRefs", "targetRefs has no effect");
}

void TestReportedFields::fields()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, code);
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, says);
    const Project project = projectOf(text.toStdString());
    if (code.isEmpty()) {
        QVERIFY2(project.problems.empty(), listed(project.problems).constData());
        return;
    }
    QVERIFY2(project.problems.size() == 1, listed(project.problems).constData());
    const Problem &problem = project.problems.front();
    QCOMPARE(QByteArray::fromStdString(problem.code), code);
    QCOMPARE(QByteArray::fromStdString(problem.fieldPath), path);
    QVERIFY2(QByteArray::fromStdString(problem.message + problem.hint).contains(says),
             listed(project.problems).constData());
    QVERIFY(problem.place.line > 0);
}

QTEST_GUILESS_MAIN(TestReportedFields)
#include "test_reported_fields.moc"
