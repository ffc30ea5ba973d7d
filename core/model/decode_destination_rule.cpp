// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/decode.h"

namespace sallyport::model {

namespace {

void decodeConsistentHash(Fields &fields, ConsistentHash &hash)
{
    if (fields.present("httpHeaderName")) {
        hash.key = ConsistentHash::Key::Header;
        fields.text("httpHeaderName", hash.name);
    }
    fields.object("httpCookie", [&](Fields &cookie) {
        hash.key = ConsistentHash::Key::Cookie;
        cookie.text("name", hash.name);
        cookie.text("path", hash.cookiePath);
        cookie.duration("ttl", hash.cookieTtl);
        cookie.objects("attributes", [&](Fields &attribute) {
            auto &[name, value] = hash.cookieAttributes.emplace_back();
            attribute.text("name", name);
            attribute.text("value", value);
        });
    });
    bool sourceIp = false;
    fields.boolean("useSourceIp", sourceIp);
    if (sourceIp)
        hash.key = ConsistentHash::Key::SourceIp;
    if (fields.present("httpQueryParameterName")) {
        hash.key = ConsistentHash::Key::QueryParameter;
        fields.text("httpQueryParameterName", hash.name);
    }
    fields.number("minimumRingSize", hash.minimumRingSize);
    fields.object("ringHash", [&](Fields &ring) { ring.number("minimumRingSize", hash.minimumRingSize); });
    if (fields.present("maglev")) {
        hash.maglev = true;
        fields.object("maglev", [&](Fields &maglev) { maglev.number("tableSize", hash.maglevTableSize); });
    }
}

void decodeLoadBalancer(Fields &fields, LoadBalancer &balancer)
{
    fields.word("simple", balancer.simple,
                {"UNSPECIFIED", "LEAST_CONN", "RANDOM", "PASSTHROUGH", "ROUND_ROBIN", "LEAST_REQUEST"});
    fields.object("consistentHash",
                  [&](Fields &inner) { decodeConsistentHash(inner, balancer.consistentHash.emplace()); });
    fields.object("localityLbSetting",
                  [&](Fields &inner) { decodeLocality(inner, balancer.locality.emplace()); });
    std::optional<Duration> oldWarmup;
    fields.duration("warmupDurationSecs", oldWarmup);
    if (oldWarmup)
        balancer.warmup.emplace().duration = oldWarmup;
    fields.object("warmup", [&](Fields &inner) {
        Warmup &warmup = balancer.warmup.emplace();
        inner.duration("duration", warmup.duration);
        inner.real("minimumPercent", warmup.minimumPercent);
        inner.real("aggression", warmup.aggression);
    });
    fields.object("zoneAwareLbSetting",
                  [&](Fields &inner) { decodeZoneAware(inner, balancer.zoneAware.emplace()); });
}

void decodeOutlier(Fields &fields, OutlierDetection &outlier)
{
    fields.number("consecutiveErrors", outlier.consecutiveErrors);
    fields.number("consecutive5xxErrors", outlier.consecutive5xxErrors);
    fields.number("consecutiveGatewayErrors", outlier.consecutiveGatewayErrors);
    fields.boolean("splitExternalLocalOriginErrors", outlier.splitExternalLocalOriginErrors);
    fields.number("consecutiveLocalOriginFailures", outlier.consecutiveLocalOriginFailures);
    fields.duration("interval", outlier.interval);
    fields.duration("baseEjectionTime", outlier.baseEjectionTime);
    fields.number("maxEjectionPercent", outlier.maxEjectionPercent);
    fields.number("minHealthPercent", outlier.minHealthPercent);
    fields.numbers("outlierDetectionHttpErrorCodes", outlier.httpErrorCodes);
}

void decodeClientTls(Fields &fields, ClientTls &tls)
{
    fields.word("mode", tls.mode, {"DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"});
    fields.text("clientCertificate", tls.clientCertificate);
    fields.text("privateKey", tls.privateKey);
    fields.text("caCertificates", tls.caCertificates);
    fields.text("credentialName", tls.credentialName);
    fields.texts("subjectAltNames", tls.subjectAltNames);
    fields.text("sni", tls.sni);
    fields.boolean("insecureSkipVerify", tls.insecureSkipVerify);
    fields.text("caCrl", tls.caCrl);
}

/// The four policies that a port may have of its own.
void decodePolicies(Fields &fields, TrafficPolicy &policy)
{
    fields.object("loadBalancer",
                  [&](Fields &inner) { decodeLoadBalancer(inner, policy.loadBalancer.emplace()); });
    fields.object("connectionPool",
                  [&](Fields &inner) { decodeConnectionPool(inner, policy.connectionPool.emplace()); });
    fields.object("outlierDetection",
                  [&](Fields &inner) { decodeOutlier(inner, policy.outlierDetection.emplace()); });
    fields.object("tls", [&](Fields &inner) { decodeClientTls(inner, policy.tls.emplace()); });
}

} // namespace

void decodeLocality(Fields &fields, LocalityLb &locality)
{
    fields.boolean("enabled", locality.enabled);
    fields.objects("distribute", [&](Fields &inner) {
        LocalityLb::Distribute &distribute = locality.distribute.emplace_back();
        inner.text("from", distribute.from);
        inner.numbers("to", distribute.to);
    });
    fields.objects("failover", [&](Fields &inner) {
        LocalityLb::Failover &failover = locality.failover.emplace_back();
        inner.text("from", failover.from);
        inner.text("to", failover.to);
    });
    fields.texts("failoverPriority", locality.failoverPriority);
}

void decodeZoneAware(Fields &fields, ZoneAwareSetting &setting)
{
    fields.boolean("enabled", setting.enabled);
    fields.number("minClusterSize", setting.minClusterSize);
    fields.objects("failover", [&](Fields &inner) {
        LocalityLb::Failover &failover = setting.failover.emplace_back();
        inner.text("from", failover.from);
        inner.text("to", failover.to);
    });
    fields.texts("failoverPriority", setting.failoverPriority);
}

void decodeConnectionPool(Fields &fields, ConnectionPool &pool)
{
    fields.object("tcp", [&](Fields &tcp) {
        tcp.number("maxConnections", pool.maxConnections);
        tcp.duration("connectTimeout", pool.connectTimeout);
        tcp.duration("maxConnectionDuration", pool.maxConnectionDuration);
        tcp.duration("idleTimeout", pool.tcpIdleTimeout);
        tcp.object("tcpKeepalive", [&](Fields &keepalive) {
            keepalive.number("probes", pool.keepaliveProbes);
            keepalive.duration("time", pool.keepaliveTime);
            keepalive.duration("interval", pool.keepaliveInterval);
        });
    });
    fields.object("http", [&](Fields &http) {
        http.number("http1MaxPendingRequests", pool.http1MaxPendingRequests);
        http.number("http2MaxRequests", pool.http2MaxRequests);
        http.number("maxRequestsPerConnection", pool.maxRequestsPerConnection);
        http.number("maxRetries", pool.maxRetries);
        http.number("maxConcurrentStreams", pool.maxConcurrentStreams);
        http.duration("idleTimeout", pool.httpIdleTimeout);
        http.word("h2UpgradePolicy", pool.h2Upgrade, {"DEFAULT", "DO_NOT_UPGRADE", "UPGRADE"});
        http.boolean("useClientProtocol", pool.useClientProtocol);
        http.object("http2KeepAlive", [&](Fields &keepAlive) {
            keepAlive.duration("interval", pool.http2KeepAliveInterval);
            keepAlive.duration("timeout", pool.http2KeepAliveTimeout);
        });
    });
}

void decodeTrafficPolicy(Fields &fields, TrafficPolicy &policy)
{
    decodePolicies(fields, policy);
    fields.objects("portLevelSettings", [&](Fields &inner) {
        auto &[number, settings] = policy.portLevel.emplace_back();
        inner.object("port",
                     [&, &port = number](Fields &fieldsOfPort) { fieldsOfPort.number("number", port); });
        decodePolicies(inner, settings);
    });
    fields.object("tunnel", [&](Fields &inner) {
        Tunnel &tunnel = policy.tunnel.emplace();
        inner.text("protocol", tunnel.protocol);
        inner.text("targetHost", tunnel.targetHost);
        inner.number("targetPort", tunnel.targetPort);
    });
    fields.object("proxyProtocol", [&](Fields &inner) {
        std::uint32_t version = 0;
        inner.word("version", version, {"V1", "V2"});
        policy.proxyProtocolVersion = version + 1;
    });
    fields.object("retryBudget", [&](Fields &inner) {
        RetryBudget &budget = policy.retryBudget.emplace();
        inner.real("percent", budget.percent);
        inner.number("minRetryConcurrency", budget.minRetryConcurrency);
    });
}

void decode(Fields &spec, DestinationRule &rule)
{
    spec.text("host", rule.host);
    spec.object("trafficPolicy",
                [&](Fields &fields) { decodeTrafficPolicy(fields, rule.trafficPolicy.emplace()); });
    spec.objects("subsets", [&](Fields &fields) {
        DestinationRule::Subset &subset = rule.subsets.emplace_back();
        fields.text("name", subset.name);
        fields.labels("labels", subset.labels);
        fields.object("trafficPolicy",
                      [&](Fields &inner) { decodeTrafficPolicy(inner, subset.trafficPolicy.emplace()); });
    });
    spec.texts("exportTo", rule.exportTo);
    spec.object("workloadSelector",
                [&](Fields &fields) { fields.labels("matchLabels", rule.workloadSelector.emplace()); });
}

} // namespace sallyport::model
