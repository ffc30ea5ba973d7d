// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/bootstrap.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::dataplane;

/// A field that is read is kept, and written again so that it is read as the same.
class TestWrittenAgain : public QObject
{
    Q_OBJECT

    /// Where a row's fields stand.
    enum Place { Manager, Host, Route, Match, Action, Filter, OfCluster, Router, Top };

    static QByteArray bootstrap(Place place, const QString &fields)
    {
        QString text = QStringLiteral(R"({"static_resources": {"listeners": [{"name": "l", "address":
            {"socket_address": {"address": "127.0.0.1", "port_value": 1}}, "filter_chains": [{"filters": [{
            "name": "h", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.network.)"
                                      R"(http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": "p", "http_filters": [$Filter{"name": "r", "typed_config": {$Router "@type":
            "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}], $Manager
            "route_config": {"virtual_hosts": [{"name": "v", "domains": ["*"], $Host
            "routes": [{$Route "match": {$Match "prefix": "/"}, $Action}]}]}}}]}]}],
            "clusters": [{$Cluster "name": "c", "connect_timeout": "1s"}]}, $Top "node": {}})");
        const char *const names[] = {"$Manager", "$Host",    "$Route ", "$Match", "$Action",
                                     "$Filter",  "$Cluster", "$Router", "$Top"};
        for (int i = 0; i < 9; ++i) {
            QString here = i == place && !fields.isEmpty() ? fields + QStringLiteral(",") : QString();
            // Rows of an action bring it whole.
            if (i == Action)
                here =
                    i == place && !fields.isEmpty() ? fields : QStringLiteral(R"("route": {"cluster": "c"})");
            text.replace(QLatin1String(names[i]), here);
        }
        return text.toUtf8();
    }

private Q_SLOTS:
    void fields_data()
    {
        QTest::addColumn<int>("place");
        QTest::addColumn<QString>("with");
        QTest::addColumn<QString>("without");
        const auto row = [](const char *name, Place place, const char *with, const char *without = "") {
            QTest::newRow(name) << static_cast<int>(place) << QString::fromUtf8(with)
                                << QString::fromUtf8(without);
        };
        row("tracing of a route", Route,
            R"("tracing": {"client_sampling": {"numerator": 1}, "random_sampling": {"numerator": 2, "denominator": "TEN_THOUSAND"}, "overall_sampling": {"numerator": 0}})");
        row("types of logs", Manager,
            R"("access_log": [{"name": "f", "filter": {"log_type_filter": {"types": ["DownstreamEnd"], "exclude": true}}, "typed_config": {"@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog", "path": "/dev/null"}}])",
            R"("access_log": [{"name": "f", "filter": {"log_type_filter": {"types": ["DownstreamEnd"]}}, "typed_config": {"@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog", "path": "/dev/null"}}])");
        row("logs by metadata", Manager,
            R"("access_log": [{"name": "f", "filter": {"metadata_filter": {"matcher": {"filter": "a", "path": [{"key": "b"}], "value": {"bool_match": true}}, "match_if_key_not_found": false}}, "typed_config": {"@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog", "path": "/dev/null"}}])",
            R"("access_log": [{"name": "f", "filter": {"metadata_filter": {"matcher": {"filter": "a", "path": [{"key": "b"}], "value": {"bool_match": true}}}}, "typed_config": {"@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog", "path": "/dev/null"}}])");
        row("cookies", Match,
            R"("cookies": [{"name": "a", "string_match": {"exact": "b"}, "invert_match": true}, {"name": "c", "string_match": {"prefix": "d"}}])");
        row("the header that picks a cluster", Action,
            R"("route": {"weighted_clusters": {"clusters": [{"name": "c", "weight": 1}], "header_name": "x-pick"}})",
            R"("route": {"weighted_clusters": {"clusters": [{"name": "c", "weight": 1}]}})");
        row("the host of a mirror", Action,
            R"("route": {"cluster": "c", "request_mirror_policies": [{"cluster": "c", "host_rewrite_literal": "m"}]})",
            R"("route": {"cluster": "c", "request_mirror_policies": [{"cluster": "c"}]})");
        row("the form of a direct response", Action,
            R"("direct_response": {"status": 200, "body_format": {"json_format": {"a": "%PATH%"}, "content_type": "a/b"}})",
            R"("direct_response": {"status": 200})");
        row("the offset of gRPC timeouts", Action,
            R"("route": {"cluster": "c", "grpc_timeout_offset": "0.5s"})");
        row("the offset of gRPC timeouts of streams", Action,
            R"("route": {"cluster": "c", "max_stream_duration": {"grpc_timeout_header_offset": "0.5s"}})");
        row("the buffer of a route", Route, R"("request_body_buffer_limit": "5000000000")");
        row("the older name of the buffer", Route, R"("per_request_buffer_limit_bytes": 5)");
        row("the buffer of a virtual host", Host,
            R"("per_request_buffer_limit_bytes": 5, "request_body_buffer_limit": 6)",
            R"("per_request_buffer_limit_bytes": 5)");
        row("virtual clusters", Host,
            R"("virtual_clusters": [{"name": "a", "headers": [{"name": "x", "present_match": true}]}])");
        row("a tracer", Manager,
            R"("tracing": {"spawn_upstream_span": true, "provider": {"name": "z", "typed_config": {"@type": "type.googleapis.com/envoy.config.trace.v3.ZipkinConfig", "collector_cluster": "c", "collector_endpoint": "/s", "collector_endpoint_version": "HTTP_JSON", "trace_id_128bit": true}}})",
            R"("tracing": {"spawn_upstream_span": true})");
        row("what requests tell filters", Filter,
            R"({"name": "s", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.set_filter_state.v3.Config", "on_request_headers": [{"object_key": "envoy.upstream.dynamic_port", "format_string": {"text_format_source": {"inline_string": "%REQ(port)%"}}, "skip_if_empty": true}]}})");
        row("name servers of a DNS cache", Filter,
            R"({"name": "d", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig", "dns_cache_config": {"name": "c", "typed_dns_resolver_config": {"name": "r", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig", "resolvers": [{"socket_address": {"address": "127.0.0.1", "port_value": 53}}], "dns_resolver_options": {"no_default_search_domain": true}, "query_tries": 2}}}}})",
            R"({"name": "d", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig", "dns_cache_config": {"name": "c"}}})");
        row("what a DNS cache waits for", Filter,
            R"({"name": "d", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig", "allow_dynamic_host_from_filter_state": true, "dns_cache_config": {"name": "c", "dns_refresh_rate": "10s", "dns_min_refresh_rate": "2s", "host_ttl": "20s", "dns_failure_refresh_rate": {"base_interval": "1s", "max_interval": "3s"}, "dns_query_timeout": "3s", "dns_cache_circuit_breaker": {"max_pending_requests": 7}, "disable_dns_refresh_on_failure": true}}})",
            R"({"name": "d", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig", "dns_cache_config": {"name": "c"}}})");
        row("what requests tell connections", Filter,
            R"({"name": "s", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.set_filter_state.v3.Config", "clear_route_cache": true, "on_request_headers": [{"object_key": "a", "factory_key": "envoy.string", "format_string": {"text_format_source": {"inline_string": "%REQ(port)%"}}, "shared_with_upstream": "TRANSITIVE"}]}})",
            R"({"name": "s", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.set_filter_state.v3.Config", "on_request_headers": [{"object_key": "a", "factory_key": "envoy.string", "format_string": {"text_format_source": {"inline_string": "%REQ(port)%"}}}]}})");
        row("who is internal", Manager, R"("internal_address_config": {"unix_sockets": true})");
        row("early mutations", Manager,
            R"("early_header_mutation_extensions": [{"name": "e", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation", "mutations": [{"remove": "x-a"}, {"append": {"header": {"key": "x-b", "value": "%PROTOCOL%"}}}]}}])");
        row("a filter of header mutations", Filter,
            R"({"name": "m", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation", "mutations": {"request_mutations": [{"remove": "x-a"}], "response_mutations": [{"append": {"header": {"key": "x", "value": "y"}}}]}, "most_specific_header_mutations_wins": true}})");
        row("header mutations of a route", Route,
            R"("typed_per_filter_config": {"m": {"@type": "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute", "mutations": {"request_mutations": [{"remove": "x-a"}]}}})");
        row("logs before the end", Manager,
            R"("access_log_options": {"access_log_flush_interval": "2s", "flush_access_log_on_new_request": true, "flush_log_on_tunnel_successfully_established": true})");
        row("logs before the end, older", Manager, R"("access_log_flush_interval": "2s")",
            R"("flush_access_log_on_new_request": true)");
        row("logs of attempts", Router,
            R"("upstream_log": [{"name": "f", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog", "path": "/dev/null"}}], "upstream_log_options": {"flush_upstream_log_on_upstream_stream": true, "upstream_log_flush_interval": "3s"})");
        row("user agent", Manager, R"("add_user_agent": true)");
        row("ignored upgrades", Manager,
            R"("http_protocol_options": {"ignore_http_11_upgrade": [{"prefix": "TLS/"}]})");
        row("original addresses", Manager,
            R"("original_ip_detection_extensions": [{"name": "c", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig", "header_name": "x-real", "allow_extension_to_set_address_as_trusted": true, "reject_with_status": {"code": "NotFound"}}}, {"name": "x", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.http.original_ip_detection.xff.v3.XffConfig", "xff_trusted_cidrs": {"cidrs": [{"address_prefix": "10.0.0.0", "prefix_len": 8}]}, "skip_xff_append": false}}, {"name": "y", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.http.original_ip_detection.xff.v3.XffConfig", "xff_num_trusted_hops": 2}}])");
        row("flush timeout", Manager, R"("stream_flush_timeout": "2s")");
        row("flush timeout of a route", Action, R"("route": {"cluster": "c", "flush_timeout": "2s"})",
            R"("route": {"cluster": "c"})");
        row("internal redirects", Action,
            R"("route": {"cluster": "c", "internal_redirect_policy": {"max_internal_redirects": 3, "redirect_response_codes": [301], "allow_cross_scheme_redirect": true, "response_headers_to_copy": ["x-a"], "predicates": [{"name": "p", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.internal_redirect.previous_routes.v3.PreviousRoutesConfig"}}, {"name": "a", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.internal_redirect.allow_listed_routes.v3.AllowListedRoutesConfig", "allowed_route_names": ["r"]}}, {"name": "s", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.internal_redirect.safe_cross_scheme.v3.SafeCrossSchemeConfig"}}]}})",
            R"("route": {"cluster": "c", "internal_redirect_policy": {}})");
        row("mirrors of a virtual host", Host, R"("request_mirror_policies": [{"cluster": "c"}])");
        row("a client's certificate", Match, R"("tls_context": {"presented": true, "validated": false})");
        row("the buffer filter", Filter,
            R"({"name": "b", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer", "max_request_bytes": 5}})");
        row("the buffer filter of a route", Route,
            R"("typed_per_filter_config": {"b": {"@type": "type.googleapis.com/envoy.extensions.filters.http.buffer.v3.BufferPerRoute", "buffer": {"max_request_bytes": 5}}, "c": {"@type": "type.googleapis.com/envoy.extensions.filters.http.buffer.v3.BufferPerRoute", "disabled": true}})");
        row("conditions of RBAC", Filter,
            R"({"name": "b", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC", "track_per_rule_stats": true, "rules": {"policies": {"p": {"permissions": [{"any": true}], "principals": [{"any": true}], "condition": {"const_expr": {"bool_value": true}}}}}}})");
        row("the overload manager", Top,
            R"("overload_manager": {"refresh_interval": "2s", "resource_monitors": [{"name": "h", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig", "max_heap_size_bytes": "5000000000"}}, {"name": "envoy.resource_monitors.global_downstream_max_connections", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig", "max_active_downstream_connections": "6"}}, {"name": "i", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.resource_monitors.injected_resource.v3.InjectedResourceConfig", "filename": "/f"}}], "actions": [{"name": "envoy.overload_actions.stop_accepting_requests", "triggers": [{"name": "h", "threshold": {"value": 0.5}}, {"name": "i", "scaled": {"scaling_threshold": 0.25, "saturation_threshold": 0.75}}]}]})");
        row("what a host says of filters", Host,
            R"("typed_per_filter_config": {"off": {"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "disabled": true}, "my.fault": {"@type": "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault", "abort": {"http_status": 410, "percentage": {"numerator": 1}}}, "jwt": {"@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig", "requirement_name": "r"}, "no jwt": {"@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig", "disabled": true}, "authz": {"@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute", "disabled": true}, "rbac": {"@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBACPerRoute"}})");
        row("hedging of a host", Host, R"("hedge_policy": {"hedge_on_per_try_timeout": true})");
        row("hedging of a route", Action,
            R"("route": {"cluster": "c", "hedge_policy": {"hedge_on_per_try_timeout": true}})");
        row("no hedging of a route", Action, R"("route": {"cluster": "c", "hedge_policy": {}})");
        row("a header of retries after timeouts", Host, R"("include_is_timeout_retry_header": true)");
        row("connections ahead", OfCluster, R"("preconnect_policy": {"per_upstream_preconnect_ratio": 1.5})");
        row("what is dropped", OfCluster,
            R"("load_assignment": {"cluster_name": "c", "policy": {"drop_overloads": [{"category": "a", "drop_percentage": {"numerator": 5, "denominator": "MILLION"}}]}})",
            R"("load_assignment": {"cluster_name": "c"})");
        row("several health checks", OfCluster,
            R"("health_checks": [{"name": "a", "timeout": "1s", "interval": "1s", "unhealthy_threshold": 1, "healthy_threshold": 1, "tcp_health_check": {}}, {"name": "b", "timeout": "1s", "interval": "1s", "unhealthy_threshold": 1, "healthy_threshold": 1, "http_health_check": {"path": "/"}}])",
            R"("health_checks": [{"name": "a", "timeout": "1s", "interval": "1s", "unhealthy_threshold": 1, "healthy_threshold": 1, "tcp_health_check": {}}])");
        row("a bias of least requests", OfCluster,
            R"("lb_policy": "LEAST_REQUEST", "least_request_lb_config": {"active_request_bias": {"default_value": 0.5, "runtime_key": "k"}})",
            R"("lb_policy": "LEAST_REQUEST")");
        row("zones", OfCluster,
            R"("common_lb_config": {"zone_aware_lb_config": {"routing_enabled": {"value": 5}, "min_cluster_size": 0, "fail_traffic_on_panic": true}})",
            R"("common_lb_config": {"zone_aware_lb_config": {}})");
        row("an optional filter that nobody has", Filter, R"({"name": "x", "is_optional": true})");
        row("endpoints of a control plane", OfCluster,
            R"("type": "EDS", "eds_cluster_config": {"eds_config": {"ads": {}}})");
        row("a forward proxy without a cache", OfCluster,
            R"("lb_policy": "CLUSTER_PROVIDED", "cluster_type": {"name": "d", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig"}})");
        row("zones by default", OfCluster, R"("common_lb_config": {"zone_aware_lb_config": {}})");
        const auto policy = [&row](const char *name, const char *type, const char *fields,
                                   const char *without) {
            const auto text = [type](const char *more) {
                return QStringLiteral(R"("load_balancing_policy": {"policies": [{"typed_extension_config":
                    {"name": "b", "typed_config": {"@type":
                    "type.googleapis.com/envoy.extensions.load_balancing_policies.%1"%2}}}]})")
                    .arg(QLatin1String(type), QLatin1String(more))
                    .toUtf8();
            };
            row(name, OfCluster, text(fields).constData(),
                without != nullptr ? text(without).constData() : "");
        };
        policy("round robin as a policy", "round_robin.v3.RoundRobin", "", nullptr);
        policy("round robin as a policy, with slow start", "round_robin.v3.RoundRobin",
               R"(, "slow_start_config": {"slow_start_window": "5s", "min_weight_percent": {"value": 20}})",
               "");
        policy("round robin as a policy, with weights", "round_robin.v3.RoundRobin",
               R"(, "locality_lb_config": {"locality_weighted_lb_config": {}})", "");
        policy("round robin as a policy, with zones", "round_robin.v3.RoundRobin",
               R"(, "locality_lb_config": {"zone_aware_lb_config": {"min_cluster_size": 2}})", "");
        policy("least request as a policy", "least_request.v3.LeastRequest",
               R"(, "choice_count": 3, "active_request_bias": {"default_value": 0, "runtime_key": "k"})", "");
        policy("all hosts' least requests", "least_request.v3.LeastRequest",
               R"(, "selection_method": "FULL_SCAN")", "");
        policy("all hosts' least requests, said otherwise", "least_request.v3.LeastRequest",
               R"(, "enable_full_scan": true)", "");
        policy("random as a policy", "random.v3.Random",
               R"(, "locality_lb_config": {"zone_aware_lb_config": {"fail_traffic_on_panic": true}})", "");
        policy(
            "a ring as a policy", "ring_hash.v3.RingHash",
            R"(, "hash_function": "MURMUR_HASH_2", "minimum_ring_size": 5, "maximum_ring_size": 50, "locality_weighted_lb_config": {}, "consistent_hashing_lb_config": {"hash_balance_factor": 150})",
            "");
        policy("a ring as a policy, in its older fields", "ring_hash.v3.RingHash",
               R"(, "hash_balance_factor": 150)", "");
        policy("Maglev as a policy", "maglev.v3.Maglev",
               R"(, "table_size": 17, "consistent_hashing_lb_config": {"hash_balance_factor": 150})", "");
        row("a cluster that this node is of", Top, R"("cluster_manager": {"local_cluster_name": "c"})");
    }
    void fields()
    {
        QFETCH(int, place);
        QFETCH(QString, with);
        QFETCH(QString, without);
        const Result<Bootstrap> parsed = parseBootstrap(bootstrap(static_cast<Place>(place), with));
        QVERIFY2(parsed, parsed ? "" : parsed.error().toString().c_str());
        const Result<Bootstrap> plain = parseBootstrap(bootstrap(static_cast<Place>(place), without));
        QVERIFY2(plain, plain ? "" : plain.error().toString().c_str());
        QVERIFY(!(*parsed == *plain));
        const QByteArray written = encodeBootstrap(*parsed);
        const Result<Bootstrap> again = parseBootstrap(written);
        QVERIFY2(again, again ? "" : again.error().toString().c_str());
        QVERIFY2(*again == *parsed, written.constData());
    }
};

QTEST_APPLESS_MAIN(TestWrittenAgain)
#include "test_written_again.moc"
