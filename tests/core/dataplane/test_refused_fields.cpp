// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/bootstrap.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::dataplane;

/// Fields of Envoy's that would change what a gateway answers or logs, and that this one does not have, are
/// refused with their JSON path (design.md, idea 2). Switches that are off change nothing.
class TestRefusedFields : public QObject
{
    Q_OBJECT

    static QByteArray bootstrap(const QString &listener, const QString &cluster, const QString &top)
    {
        const auto more = [](const QString &fields) { return fields.isEmpty() ? QString() : ", " + fields; };
        return QStringLiteral(
                   R"({"static_resources": {"listeners": [{"name": "l", "address": {"socket_address":
            {"address": "127.0.0.1", "port_value": 1}}, "filter_chains": [{"filters": []}]%1}],
            "clusters": [{"name": "c", "connect_timeout": "1s"%2}]}%3})")
            .arg(more(listener), more(cluster), more(top))
            .toUtf8();
    }

private Q_SLOTS:
    void refused_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("path");
        const auto row = [](const char *name, const QByteArray &text, const char *path) {
            QTest::newRow(name) << text << QString(path);
        };
        const QString overload = R"("overload_manager": {"resource_monitors": [{"name": "m", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.resource_monitors.%1"}}]%2})";
        const QString heap = "fixed_heap.v3.FixedHeapConfig\", \"max_heap_size_bytes\": \"1";
        row("another resource",
            bootstrap({}, {}, overload.arg("cpu_utilization.v3.CpuUtilizationConfig", QString())),
            "overload_manager.resource_monitors[0].typed_config.@type");
        row("another action",
            bootstrap({}, {},
                      overload.arg(heap, R"(, "actions": [{"name": "envoy.overload_actions.shrink_heap",
            "triggers": [{"name": "m", "threshold": {"value": 1}}]}])")),
            "overload_manager.actions[0].name");
        row("points of shedding load",
            bootstrap({}, {}, overload.arg(heap, R"(, "loadshed_points": [{"name": "p"}])")),
            "overload_manager.loadshed_points");
        row("socket options", bootstrap(R"("socket_options": [{"level": 1}])", {}, {}),
            "static_resources.listeners[0].socket_options");
        row("network filters of a cluster", bootstrap({}, R"("filters": [{"name": "f"}])", {}),
            "static_resources.clusters[0].filters");
        row("connections by client",
            bootstrap({}, R"("connection_pool_per_downstream_connection": true)", {}),
            "static_resources.clusters[0].connection_pool_per_downstream_connection");
        row("degraded hosts", bootstrap({}, R"("outlier_detection": {"detect_degraded_hosts": true})", {}),
            "static_resources.clusters[0].outlier_detection.detect_degraded_hosts");
        const QString tls = R"("transport_socket": {"name": "t", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.%1TlsContext", %2}})";
        row("secrets for other protocols",
            bootstrap({},
                      tls.arg(QStringLiteral("Upstream"),
                              QStringLiteral(R"("common_tls_context": {"tls_certificates": [{
                    "certificate_chain": {"filename": "a"}, "private_key_provider": {"provider_name": "p"}}]})")),
                      {}),
            "static_resources.clusters[0].transport_socket.typed_config.common_tls_context."
            "tls_certificates[0].private_key_provider");
        const auto check = [](const QString &fields) {
            return bootstrap(
                {},
                R"("health_checks": [{"timeout": "1s", "interval": "1s", "unhealthy_threshold": 1,
                "healthy_threshold": 1, )" +
                    fields + "}]",
                {});
        };
        row("a health check of one's own", check(R"("custom_health_check": {"name": "redis"})"),
            "static_resources.clusters[0].health_checks[0].custom_health_check");
        row("an event log of health checks",
            check(R"("tcp_health_check": {}, "event_logger": [{"name": "file"}])"),
            "static_resources.clusters[0].health_checks[0].event_logger");
        row("a PROXY header of health checks", check(R"("tcp_health_check": {"proxy_protocol_config": {}})"),
            "static_resources.clusters[0].health_checks[0].tcp_health_check.proxy_protocol_config");
        row("an address family's other",
            bootstrap(R"("additional_addresses": [{"address": {"socket_address":
            {"address": "::", "port_value": 1, "ipv4_compat": true}}}])",
                      {}, {}),
            "static_resources.listeners[0].additional_addresses[0].address.socket_address.ipv4_compat");
        row("name servers as a fallback",
            bootstrap({}, {}, R"("typed_dns_resolver_config": {"name": "c", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig",
            "use_resolvers_as_fallback": true}})"),
            "typed_dns_resolver_config.typed_config.use_resolvers_as_fallback");
        row("another resolver",
            bootstrap({}, {}, R"("typed_dns_resolver_config": {"name": "a", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.network.dns_resolver.hickory.v3.HickoryDnsResolverConfig"}})"),
            "typed_dns_resolver_config.typed_config.@type");
        row("connections for the whole cluster",
            bootstrap({}, R"("preconnect_policy": {"predictive_preconnect_ratio": 1.5})", {}),
            "static_resources.clusters[0].preconnect_policy.predictive_preconnect_ratio");
        const auto policy = [](const char *type, const char *fields) {
            return bootstrap(
                {},
                QStringLiteral(R"("load_balancing_policy": {"policies": [{"typed_extension_config":
                {"name": "b", "typed_config": {"@type":
                "type.googleapis.com/envoy.extensions.load_balancing_policies.%1"%2}}}]})")
                    .arg(QLatin1String(type), QLatin1String(fields)),
                {});
        };
        constexpr const char *typed = "static_resources.clusters[0].load_balancing_policy.policies[0].typed_"
                                      "extension_config.typed_config.";
        row("subsets as a policy", policy("subset.v3.Subset", R"(, "fallback_policy": "ANY_ENDPOINT")"),
            (std::string(typed) + "@type").c_str());
        row("weights from load reports",
            policy("client_side_weighted_round_robin.v3.ClientSideWeightedRoundRobin", ""),
            (std::string(typed) + "@type").c_str());
        row("a hash policy of the balancer's",
            policy(
                "ring_hash.v3.RingHash",
                R"(, "consistent_hashing_lb_config": {"hash_policy": [{"header": {"header_name": "h"}}]})"),
            (std::string(typed) + "consistent_hashing_lb_config.hash_policy").c_str());
        row("predicates of a retry's options",
            bootstrap(R"("default_filter_chain": {"filters": [{"name": "h", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": "p", "http_filters": [{"name": "r", "typed_config": {"@type":
            "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}],
            "route_config": {"virtual_hosts": [{"name": "v", "domains": ["*"], "retry_policy": {
            "retry_options_predicates": [{"name": "p"}]}}]}}}]})",
                      {}, {}),
            "static_resources.listeners[0].default_filter_chain.filters[0].typed_config.route_config."
            "virtual_hosts[0].retry_policy.retry_options_predicates");
        row("source of all clusters", bootstrap({}, {}, R"("cluster_manager": {"upstream_bind_config": {}})"),
            "cluster_manager.upstream_bind_config");
        row("headers of one value", bootstrap({}, {}, R"("inline_headers": [{"inline_header_name": "x"}])"),
            "inline_headers");
        row("another regex engine",
            bootstrap({}, {}, R"("default_regex_engine": {"name": "h", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.regex_engines.hyperscan.v3alpha.Hyperscan"}})"),
            "default_regex_engine.typed_config.@type");
        row("an extension of the process",
            bootstrap({}, {}, R"("bootstrap_extensions": [{"name": "w", "typed_config":
            {"@type": "type.googleapis.com/envoy.extensions.wasm.v3.WasmService"}}])"),
            "bootstrap_extensions[0].typed_config.@type");
        row("other sockets", bootstrap({}, {}, R"("default_socket_interface": "mine")"),
            "default_socket_interface");
        row("a runtime from disk", bootstrap({}, {}, R"("layered_runtime": {"layers": [{"name": "d",
            "disk_layer": {"symlink_root": "/r"}}]})"),
            "layered_runtime.layers[0].disk_layer");
        row("metadata frames", bootstrap({}, R"("http2_protocol_options": {"allow_metadata": true})", {}),
            "static_resources.clusters[0].http2_protocol_options.allow_metadata");
        row("the upstream's reason",
            bootstrap({}, R"("typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": {"http_protocol_options": {"header_key_format": {"stateful_formatter": {
            "name": "p", "typed_config": {"@type":
            "type.googleapis.com/envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig",
            "forward_reason_phrase": true}}}}}}})",
                      {}),
            "static_resources.clusters[0].typed_extension_protocol_options.envoy.extensions.upstreams.http."
            "v3."
            "HttpProtocolOptions.explicit_http_config.http_protocol_options.header_key_format.stateful_"
            "formatter."
            "typed_config.forward_reason_phrase");
        row("a tracer",
            bootstrap(R"("default_filter_chain": {"filters": [{"name": "h", "typed_config": {"@type":
            "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": "p", "route_config": {"name": "r"}, "tracing": {"provider": {"name": "d", "typed_config": {"@type":
            "type.googleapis.com/envoy.config.trace.v3.DatadogConfig", "collector_cluster": "c"}}}}}]})",
                      {}, {}),
            "static_resources.listeners[0].default_filter_chain.filters[0].typed_config.tracing.provider."
            "typed_config.@type");
        row("sockets of the admin interface", bootstrap({}, {}, R"("admin": {"address": {"socket_address":
            {"address": "127.0.0.1", "port_value": 1}}, "socket_options": [{"level": 1}]})"),
            "admin.socket_options");
    }
    void refused()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, path);
        const Result<Bootstrap> parsed = parseBootstrap(text);
        QVERIFY(!parsed);
        QCOMPARE(QString::fromStdString(parsed.error().where.file), path);
        QVERIFY2(parsed.error().what.find("not supported") != std::string::npos, parsed.error().what.c_str());
    }

    /// What is deprecated in Envoy and still has its effect.
    void olderForms()
    {
        const Result<Bootstrap> parsed = parseBootstrap(
            bootstrap(R"("deprecated_v1": {"bind_to_port": false})", {},
                      R"("admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": 1}},
                         "access_log_path": "/dev/null"})"));
        QVERIFY2(parsed, parsed ? "" : parsed.error().toString().c_str());
        QVERIFY(!parsed->listeners.front().bindToPort);
        QCOMPARE(parsed->admin->accessLogs.size(), std::size_t{1});
        QCOMPARE(parsed->admin->accessLogs.front().path, std::string("/dev/null"));
        QVERIFY(!parsed->admin->accessLogs.front().format);
    }

    /// What is read is written again, and read as the same.
    void statisticsAndRuntimeComeBack()
    {
        const Result<Bootstrap> parsed = parseBootstrap(bootstrap({}, {}, R"(
            "statsConfig": {"useAllDefaultTags": false,
              "statsTags": [{"tagName": "a", "regex": "^b"}, {"tag_name": "c", "fixed_value": "d"}],
              "statsMatcher": {"inclusionList": {"patterns": [{"prefix": "x"}]}},
              "histogramBucketSettings": [{"match": {"suffix": "y"}, "buckets": [3, 1.5], "bins": 7}]},
            "layeredRuntime": {"layers": [{"name": "s", "staticLayer": {"k": 1}}, {"name": "t", "adminLayer": {}}]})"));
        QVERIFY2(parsed, parsed ? "" : parsed.error().toString().c_str());
        QCOMPARE(parsed->statsConfig.kept, StatsConfig::Kept::Only);
        QCOMPARE(parsed->statsConfig.histogramBounds.front().bounds, (std::vector<double>{1.5, 3}));
        QVERIFY(parsed->runtimeLayers[1].isAdmin);
        const Result<Bootstrap> again = parseBootstrap(encodeBootstrap(*parsed));
        QVERIFY2(again, again ? "" : again.error().toString().c_str());
        QVERIFY(*again == *parsed);
    }

    void whatIsOffChangesNothing()
    {
        const Result<Bootstrap> parsed =
            parseBootstrap(bootstrap(R"("socket_options": [], "drain_type": "MODIFY_ONLY")",
                                     R"("outlier_detection": {"detect_degraded_hosts": false})", {}));
        QVERIFY2(parsed, parsed ? "" : parsed.error().toString().c_str());
        QCOMPARE(parsed->listeners.front().drainType, Listener::DrainType::ModifyOnly);
    }
};

QTEST_APPLESS_MAIN(TestRefusedFields)
#include "test_refused_fields.moc"
