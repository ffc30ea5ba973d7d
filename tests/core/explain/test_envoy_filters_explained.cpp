// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/explain.h"
#include "sleep_and_httpbin.h"

#include <QtTest>
#include <algorithm>

using namespace sallyport;

namespace {

const std::string &mesh = explain_test::sleepAndHttpbin;

/// One patch of the client's sidecar.
std::string patch(const std::string &applyTo, const std::string &match, const std::string &operation,
                  const std::string &value)
{
    return "apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\n"
           "metadata: {name: f, namespace: default}\nspec:\n  workloadSelector: {labels: {app: sleep}}\n"
           "  configPatches:\n  - applyTo: " +
           applyTo + "\n    match: {context: SIDECAR_OUTBOUND" + match +
           "}\n    patch: {operation: " + operation + ", value: " + value + "}\n---\n";
}

std::string ofCluster(const std::string &value, const std::string &operation = "MERGE")
{
    return patch("CLUSTER", ", cluster: {service: httpbin.default.svc.cluster.local}", operation, value);
}

std::string filter(const std::string &name, const std::string &type, const std::string &config)
{
    return patch("HTTP_FILTER",
                 ", listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager, "
                 "subFilter: {name: envoy.filters.http.router}}}}",
                 "INSERT_BEFORE",
                 "{name: " + name +
                     ", typed_config: {'@type': type.googleapis.com/envoy.extensions.filters.http." + type +
                     (config.empty() ? "" : ", ") + config + "}}");
}

std::string runtime(const std::string &percent)
{
    return patch("BOOTSTRAP", "", "MERGE",
                 "{layered_runtime: {layers: [{name: more, static_layer: "
                 "{'upstream.maintenance_mode.outbound|80||httpbin.default.svc.cluster.local': " +
                     percent + "}}]}}");
}

/// A DENY policy that a CEL condition restricts: FIELD of the request is VALUE.
std::string condition(const std::string &of, const std::string &field, const std::string &value)
{
    return filter(
        "rbac", "rbac.v3.RBAC",
        "rules: {action: DENY, policies: {p: {permissions: [{any: true}], principals: [{any: true}], "
        "condition: {call_expr: {function: _==_, args: [{select_expr: {operand: {ident_expr: {name: " +
            of + "}}, field: " + field + "}}, {const_expr: " + value + "}]}}}}}");
}

std::string mutation(const std::string &mutations)
{
    return filter("mutation", "header_mutation.v3.HeaderMutation",
                  "mutations: {request_mutations: [" + mutations + "]}");
}

/// A local limit whose descriptor is the request's path.
std::string limitOf(const std::string &path, const std::string &tokens, const std::string &more = {})
{
    const std::string always = ": {default_value: {numerator: 100}}, ";
    return filter("limit", "local_ratelimit.v3.LocalRateLimit",
                  "stat_prefix: l, token_bucket: {max_tokens: 9, fill_interval: 60s}, filter_enabled" +
                      always + "filter_enforced" + always +
                      "rate_limits: [{actions: [{request_headers: {header_name: ':path', descriptor_key: "
                      "p}}]}], descriptors: [{entries: [{key: p, value: " +
                      path + "}], token_bucket: {max_tokens: " + tokens + ", fill_interval: 1s}" + more +
                      "}]");
}

std::string authorizer(const std::string &cluster, const std::string &more = {})
{
    return filter("authz", "ext_authz.v3.ExtAuthz",
                  "http_service: {server_uri: {uri: 'http://a', cluster: '" + cluster + "', timeout: 1s}}" +
                      more);
}

} // namespace

/// What only an EnvoyFilter brings: an explanation never says that a request is served which the proxy turns
/// away.
class TestEnvoyFiltersExplained : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void answers_data();
    void answers();
    void chanceIsSaid();
};

void TestEnvoyFiltersExplained::answers_data()
{
    QTest::addColumn<QByteArray>("yaml");
    QTest::addColumn<int>("bodySize");
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("flags");
    QTest::addColumn<QString>("details");
    const auto row = [](const char *name, const std::string &yaml, int status, const char *flags,
                        const char *details, int bodySize = 0) {
        QTest::newRow(name) << QByteArray::fromStdString(yaml) << bodySize << status << QString(flags)
                            << QString(details);
    };
    row("nothing", "", 200, "-", "via_upstream");
    const auto dropping = [](const char *percent) {
        return ofCluster(std::string("{load_assignment: {policy: {drop_overloads: [{category: c, "
                                     "drop_percentage: {numerator: ") +
                         percent + "}}]}}}");
    };
    row("everything-is-dropped", dropping("100"), 503, "UDO", "unconditional_drop_overload");
    row("most-is-dropped", dropping("80"), 503, "DO", "drop_overload");
    row("little-is-dropped", dropping("20"), 200, "-", "via_upstream");
    row("maintenance", runtime("100"), 503, "UO", "maintenance_mode");
    row("maintenance-of-a-part", runtime("30"), 200, "-", "via_upstream");
    row("no-pending-request",
        ofCluster("{circuit_breakers: {thresholds: [{max_pending_requests: 0}]}}", "MERGE_AND_REPLACE_LIST"),
        503, "UO", "upstream_reset_before_response_started{overflow}");
    row("condition-holds", condition("request", "url_path", "{string_value: /get}"), 403, "-",
        "rbac_access_denied_matched_policy[p]");
    row("condition-does-not-hold", condition("request", "url_path", "{string_value: /post}"), 200, "-",
        "via_upstream");
    row("condition-on-the-connection", condition("connection", "mtls", "{bool_value: false}"), 403, "-",
        "rbac_access_denied_matched_policy[p]");
    row("condition-on-the-route", condition("xds", "route_name", "{string_value: default}"), 403, "-",
        "rbac_access_denied_matched_policy[p]");
    row("header-that-a-filter-sets",
        filter(
            "allow", "rbac.v3.RBAC",
            "rules: {action: DENY, policies: {p: {permissions: [{header: {name: x-a, string_match: {exact: "
            "b}}}], principals: [{any: true}]}}}") +
            mutation("{append: {header: {key: x-a, value: b}}}"),
        200, "-", "via_upstream");
    row("header-that-a-filter-set-before",
        mutation("{append: {header: {key: x-a, value: b}}}") +
            filter("deny", "rbac.v3.RBAC",
                   "rules: {action: DENY, policies: {p: {permissions: [{header: {name: x-a, string_match: "
                   "{exact: "
                   "b}}}], principals: [{any: true}]}}}"),
        403, "-", "rbac_access_denied_matched_policy[p]");
    row("limit-of-this-path", limitOf("/get", "0"), 429, "RL", "local_rate_limited");
    row("limit-of-any-path", limitOf("''", "0"), 429, "RL", "local_rate_limited");
    row("limit-that-is-not-reached", limitOf("/get", "1"), 200, "-", "via_upstream");
    row("limit-of-another-path", limitOf("/post", "0"), 200, "-", "via_upstream");
    row("limit-in-shadow-mode", limitOf("/get", "0", ", shadow_mode: true"), 200, "-", "via_upstream");
    row("authorizer-of-no-cluster", authorizer("nobody"), 403, "UAEX", "ext_authz_error");
    row("authorizer-of-no-cluster-by-its-own-status", authorizer("nobody", ", status_on_error: {code: 503}"),
        503, "UAEX", "ext_authz_error");
    row("authorizer-that-may-fail", authorizer("nobody", ", failure_mode_allow: true"), 200, "-",
        "via_upstream");
    row("authorizer-without-endpoints", authorizer("BlackHoleCluster"), 403, "UAEX", "ext_authz_error");
    row("authorizer-that-is-there", authorizer("outbound|80||httpbin.default.svc.cluster.local"), 200, "-",
        "via_upstream");
    row("health-check",
        filter("health", "health_check.v3.HealthCheck",
               "pass_through_mode: false, headers: [{name: ':path', string_match: {exact: /get}}]"),
        200, "-", "health_check_ok");
    row("health-check-of-clusters",
        filter("health", "health_check.v3.HealthCheck",
               "pass_through_mode: false, cluster_min_healthy_percentages: {nobody: {value: 50}}"),
        503, "LH", "health_check_failed_no_cluster_found");
    row("health-check-of-others",
        filter("health", "health_check.v3.HealthCheck",
               "pass_through_mode: false, headers: [{name: ':path', string_match: {exact: "
               "/health}}]"),
        200, "-", "via_upstream");
    row("body-that-is-held", filter("buffer", "buffer.v3.Buffer", "max_request_bytes: 100"), 200, "-",
        "via_upstream", 100);
    row("body-that-is-too-large", filter("buffer", "buffer.v3.Buffer", "max_request_bytes: 100"), 413, "-",
        "request_payload_too_large", 101);
    row("fault-of-another-cluster",
        filter("fault", "fault.v3.HTTPFault",
               "upstream_cluster: other, abort: {http_status: 418, percentage: {numerator: 100}}"),
        200, "-", "via_upstream");
    row("fault-of-the-cluster",
        filter(
            "fault", "fault.v3.HTTPFault",
            "upstream_cluster: 'outbound|80||httpbin.default.svc.cluster.local', abort: {http_status: 418, "
            "percentage: {numerator: 100}}"),
        418, "FI", "fault_filter_abort");
}

void TestEnvoyFiltersExplained::answers()
{
    QFETCH(QByteArray, yaml);
    QFETCH(int, bodySize);
    QFETCH(int, status);
    QFETCH(QString, flags);
    QFETCH(QString, details);
    const model::Project project =
        model::projectFromFiles("/project", {{"primary/mesh.yaml", mesh + yaml.toStdString()}}, {});
    const auto scene = explain::Scene::of(project);
    QVERIFY(scene);
    explain::Request request =
        *explain::parseRequest(bodySize > 0 ? "POST http://httpbin/post" : "http://httpbin/get");
    request.from = "default/sleep";
    request.bodySize = static_cast<std::size_t>(bodySize);
    const auto explained = explain::explain(*scene, request);
    QVERIFY(explained);
    QCOMPARE(explained->outcome.status, status);
    QCOMPARE(QString::fromStdString(explained->outcome.details), details);
    QCOMPARE(QString::fromStdString(explained->outcome.flags), flags);
}

void TestEnvoyFiltersExplained::chanceIsSaid()
{
    const model::Project project =
        model::projectFromFiles("/project", {{"primary/mesh.yaml", mesh + runtime("30")}}, {});
    explain::Request request = *explain::parseRequest("http://httpbin/get");
    request.from = "default/sleep";
    const auto explained = explain::explain(*explain::Scene::of(project), request);
    QVERIFY(explained);
    QCOMPARE(explained->probability, 0.7);
    const std::vector<explain::Step> &steps = explained->hops[1].steps;
    const auto step = std::find_if(steps.begin(), steps.end(),
                                   [](const explain::Step &each) { return each.kind == "limit"; });
    QVERIFY(step != steps.end());
    QCOMPARE(step->mark, explain::Mark::Uncertain);
    QCOMPARE(step->decision,
             std::string("the maintenance mode of the runtime turns 30 % of such requests away"));
}

QTEST_GUILESS_MAIN(TestEnvoyFiltersExplained)
#include "test_envoy_filters_explained.moc"
