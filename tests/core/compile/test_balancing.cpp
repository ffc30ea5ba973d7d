// SPDX-License-Identifier: GPL-3.0-or-later
#include "field_rows.h"

#include <QtTest>

using namespace fixture;

namespace {

const std::string entry =
    object("ServiceEntry", "x",
           "{hosts: [x.example], ports: [{number: 80, name: http, protocol: HTTP}], resolution: STATIC, "
           "endpoints: [{address: 203.0.113.10}]}");

std::string rule(const std::string &policy)
{
    return entry + object("DestinationRule", "r", "{host: x.example, trafficPolicy: " + policy + "}");
}

std::string balancer(const std::string &text)
{
    return rule("{loadBalancer: {" + text + "}}");
}

std::string hash(const std::string &text)
{
    return balancer("consistentHash: {" + text + "}");
}

/// Places for a client in r1.z1: its own zone, the next one, and two other regions.
std::string places(const std::string &loadBalancer, const std::string &more = "outlierDetection: {}, ")
{
    return object(
               "ServiceEntry", "x",
               "{hosts: [x.example], ports: [{number: 80, name: http, protocol: HTTP}], resolution: STATIC, "
               "endpoints: [{address: 203.0.113.10, locality: r1/z1}, {address: 203.0.113.11, locality: "
               "r1/z2}, {address: 203.0.113.12, locality: r2/z1, labels: {v: new}}, {address: "
               "203.0.113.13, locality: r3/z1}]}") +
           object("DestinationRule", "r",
                  "{host: x.example, trafficPolicy: {" + more + "loadBalancer: {" + loadBalancer + "}}}");
}

const std::string cluster = "clusters[outbound|80||x.example]/";

} // namespace

/// How a cluster chooses hosts (istio:pilot/pkg/networking/core/cluster_traffic_policy.go, loadbalancer.go),
/// and what of a request it is chosen by (route.go, consistentHashToHashPolicy).
class TestBalancing : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fields_data();
    void fields();
    void zonesAreNoted();

private:
    static void hashes();
    static void zones();
};

void TestBalancing::fields_data()
{
    addColumns();
    row("LEAST_CONN", balancer("simple: LEAST_CONN"), cluster + "lb_policy", R"("LEAST_REQUEST")");
    row("RANDOM", balancer("simple: RANDOM"), cluster + "lb_policy", R"("RANDOM")");
    row("nothing", entry, cluster + "lb_policy", R"("LEAST_REQUEST")");
    const std::string limits = cluster + "circuit_breakers/thresholds[0]/retry_budget";
    row("retryBudget", rule("{retryBudget: {percent: 25.5, minRetryConcurrency: 7}}"), limits,
        R"({"budget_percent":{"value":25.5},"min_retry_concurrency":7})");
    row("retryBudget as it is", rule("{retryBudget: {}}"), limits, R"({"budget_percent":{"value":20}})");
    row("no retryBudget", entry, limits, "absent");
    const std::string named =
        object("ServiceEntry", "x",
               "{hosts: [x.example], ports: [{number: 80, name: http, protocol: HTTP}], resolution: "
               "DNS_ROUND_ROBIN, endpoints: [{address: 203.0.113.10}]}");
    row("DNS_ROUND_ROBIN", named, cluster + "type", R"("LOGICAL_DNS")");
    row("DNS_ROUND_ROBIN asks as often as Istio", named, cluster + "dns_refresh_rate", R"("60s")");
    const std::string original =
        object("ServiceEntry", "x",
               "{hosts: [x.example], ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}], "
               "resolution: NONE}");
    row("NONE", original, cluster + "type", R"("ORIGINAL_DST")");
    row("NONE with a target port", original, cluster + "original_dst_lb_config/upstream_port_override",
        "8080");
    hashes();
    zones();
}

void TestBalancing::hashes()
{
    const std::string policies =
        "listeners[0.0.0.0_80]/filter_chains[0]/filters[0]/typed_config/route_config/"
        "virtual_hosts[x.example:80]/routes[0]/route/hash_policy";
    row("hash of a header", hash("httpHeaderName: x-user"), policies,
        R"([{"header":{"header_name":"x-user"}}])");
    row("hash of a cookie", hash("httpCookie: {name: c, path: /p, ttl: 5s}"), policies,
        R"([{"cookie":{"name":"c","path":"/p","ttl":"5s"}}])");
    row("hash of a cookie of the session", hash("httpCookie: {name: c, ttl: 0s}"), policies,
        R"([{"cookie":{"name":"c","ttl":"0s"}}])");
    row("attributes of a cookie",
        hash("httpCookie: {name: c, ttl: 5s, attributes: [{name: SameSite, value: Lax}]}"),
        policies + "[0]/cookie/attributes", R"([{"name":"SameSite","value":"Lax"}])");
    row("hash of the source", hash("useSourceIp: true"), policies,
        R"([{"connection_properties":{"source_ip":true}}])");
    row("hash of a parameter", hash("httpQueryParameterName: q"), policies,
        R"([{"query_parameter":{"name":"q"}}])");
    row("a ring", hash("httpHeaderName: a"), cluster + "lb_policy", R"("RING_HASH")");
    row("a ring's size", hash("httpHeaderName: a, ringHash: {minimumRingSize: 2048}"),
        cluster + "ring_hash_lb_config/minimum_ring_size", "2048");
    row("a ring's size as it was written once", hash("httpHeaderName: a, minimumRingSize: 512"),
        cluster + "ring_hash_lb_config/minimum_ring_size", "512");
    row("Maglev", hash("httpHeaderName: a, maglev: {tableSize: 131}"), cluster + "lb_policy", R"("MAGLEV")");
    row("Maglev's table", hash("httpHeaderName: a, maglev: {tableSize: 131}"),
        cluster + "maglev_lb_config/table_size", "131");
    row("a hash of nothing is a ring", hash(""), cluster + "lb_policy", R"("RING_HASH")");
    row("on which requests fall at random", hash(""), policies, "absent");
    const std::string predicate =
        "listeners[0.0.0.0_80]/filter_chains[0]/filters[0]/typed_config/route_config/"
        "virtual_hosts[x.example:80]/routes[0]/route/retry_policy/retry_host_predicate[0]/name";
    row("a route to a hash has no retries on other hosts",
        hash("httpHeaderName: a") +
            object("VirtualService", "v",
                   "{hosts: [x.example], http: [{route: [{destination: {host: x.example}}]}]}"),
        predicate, "absent");
    row("the default route has", hash("httpHeaderName: a"), predicate,
        R"("envoy.retry_host_predicates.previous_hosts")");
}

void TestBalancing::zones()
{
    const std::string settings = cluster + "common_lb_config/zone_aware_lb_config";
    const auto priority = [](const char *index) {
        return cluster + "load_assignment/endpoints[" + index + "]/priority";
    };
    const char *client = "default/placed";
    const std::string aware = places("zoneAwareLbSetting: {}");
    row("zones", aware, settings, "{}", client);
    row("the smallest cluster", places("zoneAwareLbSetting: {minClusterSize: 3}"), settings,
        R"({"min_cluster_size":3})", client);
    row("zones of one region are alike", aware, priority("1"), "absent", client);
    row("other regions come after", aware, priority("2"), "1", client);
    row("all of them alike", aware, priority("3"), "1", client);
    const std::string failover = places("zoneAwareLbSetting: {failover: [{from: r1, to: r3}]}");
    row("the region to fail over to comes before others", failover, priority("3"), "1", client);
    row("others come last", failover, priority("2"), "2", client);
    row("labels come before regions", places("zoneAwareLbSetting: {failoverPriority: [v=new]}"),
        priority("0"), "1", client);
    row("zones need no outliers", places("zoneAwareLbSetting: {}", ""), priority("2"), "1", client);
    row("zones that are off", places("zoneAwareLbSetting: {enabled: false, failover: [{from: r1, to: r3}]}"),
        settings, R"({"routing_enabled":{}})", client);
    row("regions of zones that are off", places("zoneAwareLbSetting: {enabled: false}"), priority("2"),
        "absent", client);
    const std::string ofMesh = meshConfig("zoneAwareLbSetting: {minClusterSize: 2}") + "---\n";
    row("zones of the mesh", ofMesh + places("simple: RANDOM"), settings, R"({"min_cluster_size":2})",
        client);
    row("a rule's localities before zones of the mesh", ofMesh + places("localityLbSetting: {}"), settings,
        "absent", client);
    row("a rule's zones before the mesh's localities",
        meshConfig("localityLbSetting: {distribute: [{from: 'r1/*', to: {'r2/*': 100}}]}") + "---\n" + aware,
        cluster + "load_assignment/endpoints[3]/locality/region", R"("r3")", client);
}

void TestBalancing::fields()
{
    QFETCH(QByteArray, expected);
    QCOMPARE(fieldOfRow({workload("default", "sleep", "{app: sleep}"),
                         workload("default", "placed", "{app: placed, istio-locality: r1.z1}")}),
             expected);
}

void TestBalancing::zonesAreNoted()
{
    const Mesh of(
        documents({workload("default", "sleep", "{app: sleep}"), places("zoneAwareLbSetting: {}")}));
    QCOMPARE(of.compiled().warnings.size(), 1U);
    QVERIFY(of.compiled().warnings.front().what.find("do not discover themselves") != std::string::npos);
    const Mesh off(documents(
        {workload("default", "sleep", "{app: sleep}"), places("zoneAwareLbSetting: {enabled: false}")}));
    QVERIFY(off.compiled().warnings.empty());
}

QTEST_GUILESS_MAIN(TestBalancing)
#include "test_balancing.moc"
