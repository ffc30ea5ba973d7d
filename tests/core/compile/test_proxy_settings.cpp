// SPDX-License-Identifier: GPL-3.0-or-later
#include "field_rows.h"

#include <QtTest>

using namespace fixture;

namespace {

const std::string collector =
    object("ServiceEntry", "x",
           "{hosts: [x.example], ports: [{number: 80, name: http, protocol: HTTP}], resolution: STATIC, "
           "endpoints: [{address: 203.0.113.10}]}");

std::string mesh(const std::string &config)
{
    return meshConfig(config) + "---\n" + collector;
}

std::string telemetry(const std::string &tracing, const std::string &nameSpace = "istio-system",
                      const std::string &more = {})
{
    return object("Telemetry", "t" + std::to_string(tracing.size()),
                  "{" + more + "tracing: [" + tracing + "]}", nameSpace);
}

std::string proxyConfig(const std::string &name, const std::string &spec,
                        const std::string &nameSpace = "default")
{
    return object("ProxyConfig", name, spec, nameSpace);
}

const std::string providers =
    "extensionProviders:\n- {name: z, zipkin: {service: x.example, port: 80}}\n"
    "- {name: z64, zipkin: {service: default/x.example, port: 80, path: /p, enable64bitTraceId: true, "
    "traceContextOption: USE_B3_WITH_W3C_PROPAGATION, timeout: 3s}}\n"
    "- {name: grpc, opentelemetry: {service: x.example, port: 80}}\n"
    "- {name: http, opentelemetry: {service: x.example, port: 80, http: {path: v1/traces, timeout: 2s}}}\n"
    "- {name: dd, datadog: {service: x.example, port: 80}}\n"
    "- {name: nowhere, zipkin: {service: y.example, port: 80}}\n"
    "- {name: log, envoyFileAccessLog: {path: /dev/stdout}}\n"
    "- {name: brief, envoyFileAccessLog: {path: /dev/stdout, logFormat: {text: \"%RESPONSE_CODE%\\n\"}, "
    "omitEmptyValues: true}}\n";

const std::string traced = "listeners[0.0.0.0_80]/filter_chains[0]/filters[0]/typed_config/tracing";
const std::string config = traced + "/provider/typed_config";

} // namespace

/// What proxies are started and watched with: tracing, worker threads, EnvoyFilters of listener filters.
class TestProxySettings : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void runtimeValues_data()
    {
        QTest::addColumn<QByteArray>("values");
        QTest::addColumn<QString>("key");
        QTest::addColumn<QByteArray>("expected");
        const QString regexSize = QStringLiteral("re2.max_program_size.error_level");
        const QString guard = QStringLiteral("envoy.reloadable_features.http_reject_path_with_fragment");
        QTest::newRow("Istio's own") << QByteArray("{}") << guard << QByteArray("false");
        QTest::newRow("a text") << QByteArray("{re2.max_program_size.error_level: '9'}") << regexSize
                                << QByteArray("\"9\"");
        QTest::newRow("a truth") << QByteArray(
                                        "{envoy.reloadable_features.http_reject_path_with_fragment: 'true'}")
                                 << guard << QByteArray("true");
        QTest::newRow("one taken away")
            << QByteArray("{re2.max_program_size.error_level: ''}") << regexSize << QByteArray("absent");
        QTest::newRow("one more") << QByteArray("{overload.global_downstream_max_connections: '5'}")
                                  << QStringLiteral("overload.global_downstream_max_connections")
                                  << QByteArray("\"5\"");
    }
    void runtimeValues()
    {
        QFETCH(const QByteArray, values);
        QFETCH(const QString, key);
        const Mesh all(
            documents({workload("default", "sleep", "{app: sleep}"),
                       meshConfig("defaultConfig: {runtimeValues: " + values.toStdString() + "}")}));
        const dataplane::Bootstrap &bootstrap = all.proxy("default/sleep").bootstrap;
        QCOMPARE(bootstrap.runtimeLayers.size(), std::size_t(1));
        QTEST(jsonOf(bootstrap.runtimeLayers[0].values[key]), "expected");
        // The connection managers know what the guard says.
        int managers = 0;
        for (const dataplane::Listener &listener : bootstrap.listeners) {
            for (const dataplane::FilterChain &chain : listener.filterChains) {
                const auto *manager =
                    std::get_if<dataplane::HttpConnectionManager>(&chain.filters.back().config);
                if (manager == nullptr)
                    continue;
                ++managers;
                QCOMPARE(manager->rejectsFragments, values.contains("'true'"));
            }
        }
        QVERIFY(managers > 0);
    }

    void fields_data()
    {
        addColumns();
        const std::string sampled = traced + "/random_sampling/value";
        const std::string z = mesh(providers + "defaultProviders: {tracing: [z]}\n");
        row("a mesh's own sampling", mesh("defaultConfig: {tracing: {sampling: 25.5}}"), sampled, "25.5");
        row("a sampling of nothing is istiod's", mesh("defaultConfig: {tracing: {sampling: 0}}"), sampled,
            "1");
        row("a sampling of too much is istiod's", mesh("defaultConfig: {tracing: {sampling: 101}}"), sampled,
            "1");
        row("Telemetry's sampling", z + telemetry("{randomSamplingPercentage: 5}"), sampled, "5");
        row("Telemetry samples nothing", z + telemetry("{randomSamplingPercentage: 0}"), sampled, "0");
        row("the nearer Telemetry's",
            z + telemetry("{randomSamplingPercentage: 5}") +
                telemetry("{randomSamplingPercentage: 50}", "default",
                          "selector: {matchLabels: {app: sleep}}, "),
            sampled, "50");
        row("Telemetry for servers", z + telemetry("{match: {mode: SERVER}, randomSamplingPercentage: 5}"),
            sampled, "1");
        // telemetry.go appends all that select a workload, not the oldest alone.
        const auto forSleep = [](const char *name, const std::string &spec) {
            return object("Telemetry", name, "{selector: {matchLabels: {app: sleep}}, " + spec + "}",
                          "default");
        };
        const std::string twice = mesh(providers + "defaultProviders: {accessLogging: [log]}\n") +
                                  forSleep("a", "accessLogging: [{filter: {expression: connection.mtls}}]") +
                                  forSleep("b", "accessLogging: [{providers: [{name: brief}]}]");
        const std::string logged =
            "listeners[0.0.0.0_80]/filter_chains[0]/filters[0]/typed_config/access_log[0]/"
            "typed_config/log_format/";
        row("every Telemetry of a workload", twice, logged + "text_format_source/inline_string",
            R"("%RESPONSE_CODE%\n")");
        row("a text without its empty values", twice, logged + "omit_empty_values", "true");
        row("not by request id", z + telemetry("{useRequestIdForTraceSampling: false}"),
            "listeners[0.0.0.0_80]/filter_chains[0]/filters[0]/typed_config/request_id_extension/"
            "typed_config/"
            "use_request_id_for_trace_sampling",
            "false");
        row("headers are not passed on", z + telemetry("{disableContextPropagation: true}"),
            traced + "/no_context_propagation", "true");

        row("Zipkin", z, config,
            R"({"@type":"type.googleapis.com/envoy.config.trace.v3.ZipkinConfig","collector_endpoint_version":"HTTP_JSON",)"
            R"("collector_service":{"http_uri":{"cluster":"outbound|80||x.example","timeout":"5s","uri":"http://x.example/api/v2/spans"}},)"
            R"("shared_span_context":false,"trace_id_128bit":true})");
        row("Zipkin as it is wanted", mesh(providers) + telemetry("{providers: [{name: z64}]}"), config,
            R"({"@type":"type.googleapis.com/envoy.config.trace.v3.ZipkinConfig","collector_endpoint_version":"HTTP_JSON",)"
            R"("collector_service":{"http_uri":{"cluster":"outbound|80||x.example","timeout":"3s","uri":"http://x.example/p"}},)"
            R"("shared_span_context":false,"trace_context_option":"USE_B3_WITH_W3C_PROPAGATION"})");
        row("OpenTelemetry over gRPC", mesh(providers) + telemetry("{providers: [{name: grpc}]}"), config,
            R"({"@type":"type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig",)"
            R"("grpc_service":{"envoy_grpc":{"authority":"x.example","cluster_name":"outbound|80||x.example"}}})");
        row("OpenTelemetry over HTTP", mesh(providers) + telemetry("{providers: [{name: http}]}"), config,
            R"({"@type":"type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig",)"
            R"("http_service":{"http_uri":{"cluster":"outbound|80||x.example","timeout":"2s","uri":"x.example/v1/traces"}}})");
        row("a sidecar's attempt has no span", z, traced + "/spawn_upstream_span", "absent");
        row("another tracer", mesh(providers) + telemetry("{providers: [{name: dd}]}"), config, "absent");
        row("another tracer samples", mesh(providers) + telemetry("{providers: [{name: dd}]}"), sampled, "1");
        row("a collector that is none", mesh(providers) + telemetry("{providers: [{name: nowhere}]}"), traced,
            "absent");
        row("a provider of another kind", mesh(providers) + telemetry("{providers: [{name: log}]}"), traced,
            "absent");
        row("a provider that is none", mesh(providers) + telemetry("{providers: [{name: never}]}"), traced,
            "absent");
        const std::string own =
            mesh("defaultConfig: {tracing: {zipkin: {address: 'zipkin.istio-system:9411'}}}");
        row("the mesh's own Zipkin", own, config,
            R"({"@type":"type.googleapis.com/envoy.config.trace.v3.ZipkinConfig","collector_cluster":"zipkin",)"
            R"("collector_endpoint":"/api/v2/spans","collector_endpoint_version":"HTTP_JSON",)"
            R"("shared_span_context":false,"trace_id_128bit":true})");
        row("the cluster of it", own, "clusters[zipkin]/name", R"("zipkin")");
        row("a collector that a Sidecar hides",
            mesh(providers + "defaultProviders: {tracing: [z]}\n") +
                object("ServiceEntry", "y",
                       "{hosts: [y.example], ports: [{number: 80, name: http, protocol: HTTP}], resolution: "
                       "STATIC, endpoints: [{address: 203.0.113.11}]}") +
                object("Sidecar", "s", "{egress: [{hosts: ['*/y.example']}]}"),
            traced + "/provider", "absent");

        const auto patch = [](const std::string &text) {
            return object("EnvoyFilter", "f", "{configPatches: [{applyTo: LISTENER_FILTER, " + text + "}]}");
        };
        const std::string inspector =
            "value: {name: own, typed_config: {'@type': "
            "type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector}}";
        const std::string filters = "listeners[virtualOutbound]/listener_filters";
        row("a listener filter more",
            patch("match: {context: SIDECAR_OUTBOUND}, patch: {operation: ADD, " + inspector + "}"),
            filters + "[own]/name", R"("own")");
        row("a listener filter first, after the lab's own",
            patch("match: {context: SIDECAR_OUTBOUND}, patch: {operation: INSERT_FIRST, " + inspector + "}"),
            filters + "[1]/name", R"("own")");
        row("a listener filter of the other side",
            patch("match: {context: SIDECAR_INBOUND}, patch: {operation: ADD, " + inspector + "}"),
            filters + "[own]", "absent");
        row("a listener filter less",
            patch("match: {context: SIDECAR_INBOUND, listener: {listenerFilter: "
                  "envoy.filters.listener.tls_inspector}}, patch: {operation: REMOVE}"),
            "listeners[virtualInbound]/listener_filters[envoy.filters.listener.tls_inspector]", "absent",
            "default/httpbin");
        row("a listener filter otherwise",
            patch("match: {context: SIDECAR_INBOUND, listener: {listenerFilter: "
                  "envoy.filters.listener.tls_inspector}}, patch: {operation: REPLACE, " +
                  inspector + "}"),
            "listeners[virtualInbound]/listener_filters[own]/name", R"("own")", "default/httpbin");
        row("the bootstrap itself",
            object(
                "EnvoyFilter", "f",
                "{configPatches: [{applyTo: BOOTSTRAP, patch: {operation: MERGE, value: {static_resources: "
                "{clusters: [{name: own, connect_timeout: 1s}]}}}}]}"),
            "clusters[own]/connect_timeout", R"("1s")");
    }
    void fields()
    {
        QFETCH(QByteArray, expected);
        QCOMPARE(fieldOfRow({workload("default", "sleep", "{app: sleep}"),
                             workload("default", "httpbin", "{app: httpbin}", "sidecar", "80"),
                             service("default", "httpbin", "{app: httpbin}",
                                     "{name: http, port: 8000, targetPort: 80}") +
                                 "---\n"}),
                 expected);
    }

    void concurrency_data()
    {
        QTest::addColumn<QByteArray>("resources");
        QTest::addColumn<int>("threads"); ///< of default/sleep; -1: nobody says
        const auto add = [](const char *name, const std::string &resources, int threads) {
            QTest::newRow(name) << QByteArray::fromStdString(resources) << threads;
        };
        const std::string common = mesh("defaultConfig: {concurrency: 3}");
        const std::string root = proxyConfig("root", "{concurrency: 4}", "istio-system");
        const std::string own = proxyConfig("ns", "{concurrency: 5}");
        const std::string selected =
            proxyConfig("pod", "{selector: {matchLabels: {app: sleep}}, concurrency: 0}");
        add("nobody", collector, -1);
        add("the mesh", common, 3);
        add("the root namespace", common + root, 4);
        add("the namespace", common + root + own, 5);
        add("the pod", common + root + own + selected, 0);
        add("another pod", common + proxyConfig("pod", "{selector: {matchLabels: {app: x}}, concurrency: 1}"),
            3);
        add("another namespace", common + proxyConfig("ns", "{concurrency: 5}", "other"), 3);
        add("a selector of nothing is none", common + proxyConfig("ns", "{selector: {}, concurrency: 5}"), 3);
        add("one that says nothing of it", common + proxyConfig("ns", "{image: {imageType: debug}}"), 3);
        add("of two of an age the first by name",
            proxyConfig("b", "{concurrency: 7}") + proxyConfig("a", "{concurrency: 8}"), 8);
    }
    void concurrency()
    {
        QFETCH(QByteArray, resources);
        QFETCH(int, threads);
        const Mesh of(documents({workload("default", "sleep", "{app: sleep}"), resources.toStdString()}));
        const std::optional<std::uint32_t> wanted = of.proxy("default/sleep").concurrency;
        QCOMPARE(wanted ? static_cast<int>(*wanted) : -1, threads);
    }

    /// What is not as in a cluster is said.
    void notices_data()
    {
        QTest::addColumn<QByteArray>("resources");
        QTest::addColumn<QByteArray>("words");
        const auto add = [](const char *name, const std::string &resources, const char *words) {
            QTest::newRow(name) << QByteArray::fromStdString(resources) << QByteArray(words);
        };
        add("spans", mesh(providers) + telemetry("{providers: [{name: z}]}"),
            "requests carry the headers of z's traces; spans are not reported");
        add("a log service",
            mesh("extensionProviders: [{name: als, envoyHttpAls: {service: x.example, port: 80}}]\n"
                 "defaultProviders: {accessLogging: [als]}"),
            "access log provider als would go to a service");
        add("another tracer", mesh(providers) + telemetry("{providers: [{name: dd}]}"),
            "the tracer of dd is not run here");
        add("a collector that is none", mesh(providers) + telemetry("{providers: [{name: nowhere}]}"),
            "nowhere has no service y.example in the mesh");
        add("a patch that fits nothing",
            object(
                "EnvoyFilter", "f",
                "{configPatches: [{applyTo: HTTP_FILTER, match: {listener: {filterChain: {filter: {name: "
                "envoy.filters.network.http_connection_manager, subFilter: {name: istio.stats}}}}}, patch: "
                "{operation: REMOVE}}]}"),
            "this patch of HTTP_FILTER changes nothing in any proxy");
        add("a patch for nobody",
            object("EnvoyFilter", "f",
                   "{workloadSelector: {labels: {app: none}}, configPatches: [{applyTo: CLUSTER, patch: "
                   "{operation: MERGE, value: {connect_timeout: 1s}}}]}"),
            "this patch of CLUSTER changes nothing in any proxy");
        add("a patch of a kind that is not followed",
            object("EnvoyFilter", "f",
                   "{configPatches: [{applyTo: EXTENSION_CONFIG, patch: {operation: ADD}}]}"),
            "patch of EXTENSION_CONFIG has no effect in a lab");
    }
    void notices()
    {
        QFETCH(QByteArray, resources);
        QFETCH(QByteArray, words);
        const Mesh of(
            documents({workload("default", "sleep", "{app: sleep}"), collector, resources.toStdString()}));
        int said = 0;
        for (const Error &warning : of.compiled().warnings)
            said += QByteArray::fromStdString(warning.what).contains(words);
        QCOMPARE(said, 1);
    }

    void usedPatchesAreNotNoticed()
    {
        const Mesh of(documents(
            {workload("default", "sleep", "{app: sleep}"), collector,
             object("EnvoyFilter", "f",
                    "{configPatches: [{applyTo: CLUSTER, match: {cluster: {service: x.example}}, patch: "
                    "{operation: MERGE, value: {connect_timeout: 1s}}}]}")}));
        QVERIFY(of.compiled().warnings.empty());
    }
};

QTEST_GUILESS_MAIN(TestProxySettings)
#include "test_proxy_settings.moc"
