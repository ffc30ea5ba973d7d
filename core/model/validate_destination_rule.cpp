// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/host_name.h"
#include "core/model/lexical.h"
#include "core/model/validation.h"

#include <algorithm>
#include <set>

namespace sallyport::model {

namespace {

bool isPrime(std::uint64_t number)
{
    if (number < 2)
        return false;
    for (std::uint64_t divisor = 2; divisor * divisor <= number; ++divisor) {
        if (number % divisor == 0)
            return false;
    }
    return true;
}

void validateConsistentHash(const ConsistentHash &hash, const std::string &path, Findings &findings)
{
    if (hash.key == ConsistentHash::Key::None)
        findings.warning(path, "consistentHash names nothing to hash: hosts are chosen at random",
                         "httpHeaderName, httpCookie, useSourceIp or httpQueryParameterName");
    if (hash.key == ConsistentHash::Key::Cookie) {
        if (hash.name.empty())
            findings.error(Rule::Missing, path + ".httpCookie.name", "a cookie needs a name");
        std::set<std::string> names;
        for (std::size_t i = 0; i < hash.cookieAttributes.size(); ++i) {
            const std::string &name = hash.cookieAttributes[i].first;
            const std::string at = item(path + ".httpCookie.attributes", i);
            if (name.empty())
                findings.error(Rule::Missing, at, "a cookie's attribute needs a name");
            else if (!names.insert(name).second)
                findings.error(Rule::Duplicate, at, "the attribute \"" + name + "\" is given twice");
        }
    }
    constexpr std::uint64_t tableLimit = 5'000'011;
    const std::uint64_t table = hash.maglevTableSize.value_or(0);
    if (hash.maglev && (table >= tableLimit || !isPrime(table)))
        findings.error(Rule::Value, path + ".maglev.tableSize",
                       "Maglev needs its table's size, a prime below 5000011", "65537 is the default");
    if (findings.given(path + ".minimumRingSize")) {
        if (findings.given(path + ".ringHash") || hash.maglev)
            findings.error(Rule::Exclusive, path + ".minimumRingSize",
                           "minimumRingSize cannot stand beside ringHash or maglev", "keep ringHash");
        findings.warning(path + ".minimumRingSize", "minimumRingSize is deprecated here",
                         "use ringHash.minimumRingSize");
    }
}

bool isTopologyLabel(const std::string &label)
{
    return label == "topology.kubernetes.io/region" || label == "topology.kubernetes.io/zone" ||
           label == "topology.istio.io/subzone";
}

void validateFailover(const std::vector<LocalityLb::Failover> &failover, const std::string &path,
                      Findings &findings)
{
    for (std::size_t i = 0; i < failover.size(); ++i) {
        const auto &[from, to] = failover[i];
        const std::string at = item(path + ".failover", i);
        if (from == to)
            findings.error(Rule::Value, at, "a locality cannot fail over to itself");
        if ((from + to).find_first_of("/*") != std::string::npos)
            findings.error(Rule::Value, at, "regions fail over to regions, without zones and wildcards");
    }
}

void validateLocality(const LocalityLb &locality, const std::string &path, Findings &findings)
{
    if (!locality.distribute.empty() && !locality.failover.empty())
        findings.error(Rule::Exclusive, path, "distribute and failover cannot be used together",
                       "keep one of them");
    constexpr std::uint32_t whole = 100;
    for (std::size_t i = 0; i < locality.distribute.size(); ++i) {
        const std::string at = item(path + ".distribute", i) + ".to";
        std::uint64_t sum = 0;
        for (const auto &[to, weight] : locality.distribute[i].to) {
            sum += weight;
            if (weight == 0 || weight > whole)
                findings.error(Rule::Value, at, "a weight is from 1 to 100");
        }
        if (sum != whole)
            findings.error(Rule::Value, at, "the weights must add up to 100");
    }
    const bool orders =
        std::any_of(locality.failoverPriority.begin(), locality.failoverPriority.end(), isTopologyLabel);
    if (!locality.failover.empty() && orders)
        findings.error(Rule::Exclusive, path + ".failoverPriority",
                       "failover already orders regions: no label of a region, zone or subzone can be used",
                       "keep one of them");
    validateFailover(locality.failover, path, findings);
}

void validateZoneAware(const ZoneAwareSetting &zones, const std::string &path, Findings &findings)
{
    for (std::size_t i = 0; i < zones.failoverPriority.size(); ++i) {
        if (isTopologyLabel(zones.failoverPriority[i]))
            findings.error(Rule::Value, item(path + ".failoverPriority", i),
                           "regions, zones and subzones are kept to without being named", "take it out");
    }
    if (zones.minClusterSize && *zones.minClusterSize == 0)
        findings.error(Rule::Value, path + ".minClusterSize", "minClusterSize is at least 1");
    validateFailover(zones.failover, path, findings);
}

void validateLoadBalancer(const LoadBalancer &balancer, const std::string &path, Findings &findings)
{
    if (balancer.consistentHash)
        validateConsistentHash(*balancer.consistentHash, path + ".consistentHash", findings);
    if (balancer.locality)
        validateLocality(*balancer.locality, path + ".localityLbSetting", findings);
    if (balancer.zoneAware)
        validateZoneAware(*balancer.zoneAware, path + ".zoneAwareLbSetting", findings);
    if (balancer.locality && balancer.zoneAware)
        findings.error(Rule::Exclusive, path + ".zoneAwareLbSetting",
                       "localityLbSetting and zoneAwareLbSetting cannot be used together",
                       "keep one of them");
    if (balancer.warmup && findings.given(path + ".warmup") && !balancer.warmup->duration)
        findings.error(Rule::Missing, path + ".warmup", "a warm-up needs a duration");
    if (!balancer.warmup)
        return;
    constexpr double wholePercent = 100;
    validateDuration(balancer.warmup->duration, path + ".warmup.duration", findings);
    if (balancer.warmup->minimumPercent.value_or(0) > wholePercent)
        findings.error(Rule::Value, path + ".warmup.minimumPercent", "a percentage is at most 100");
    if (balancer.warmup->aggression.value_or(1) <= 0)
        findings.error(Rule::Value, path + ".warmup.aggression", "aggression is greater than 0");
    if (findings.given(path + ".warmupDurationSecs") && findings.given(path + ".warmup"))
        findings.error(Rule::Exclusive, path + ".warmupDurationSecs",
                       "warmupDurationSecs and warmup cannot be used together", "keep warmup");
}

void validateOutlier(const OutlierDetection &outlier, const std::string &path, Findings &findings)
{
    if (outlier.consecutiveErrors != 0)
        findings.warning(path + ".consecutiveErrors", "consecutiveErrors is deprecated",
                         "use consecutiveGatewayErrors or consecutive5xxErrors");
    if (outlier.consecutiveLocalOriginFailures && !outlier.splitExternalLocalOriginErrors)
        findings.error(Rule::Exclusive, path + ".consecutiveLocalOriginFailures",
                       "consecutiveLocalOriginFailures needs splitExternalLocalOriginErrors: true");
    validateDuration(outlier.interval, path + ".interval", findings);
    validateDuration(outlier.baseEjectionTime, path + ".baseEjectionTime", findings);
    const auto percent = [&](std::int32_t value, const char *field) {
        if (value < 0 || value > 100)
            findings.error(Rule::Value, path + field, "a percentage is from 0 to 100");
    };
    percent(outlier.maxEjectionPercent, ".maxEjectionPercent");
    percent(outlier.minHealthPercent, ".minHealthPercent");
}

void validateClientTls(const ClientTls &tls, const std::string &path, Findings &findings)
{
    if (tls.mode != ClientTls::Mode::Simple && tls.mode != ClientTls::Mode::Mutual)
        return;
    const bool mutual = tls.mode == ClientTls::Mode::Mutual;
    if (!tls.credentialName.empty()) {
        const auto exclude = [&](const std::string &value, const char *field) {
            if (!value.empty())
                findings.error(Rule::Exclusive, path + '.' + field,
                               std::string("credentialName and ") + field + " cannot be used together",
                               "the certificates come from the one or from the other");
        };
        exclude(tls.clientCertificate, "clientCertificate");
        exclude(tls.privateKey, "privateKey");
        exclude(tls.caCertificates, "caCertificates");
        exclude(tls.caCrl, "caCrl");
        constexpr std::string_view scheme = "configmap://";
        const std::string_view name = tls.credentialName;
        if (name.starts_with(scheme)) {
            const std::string_view rest = name.substr(scheme.size());
            const std::size_t slash = rest.find('/');
            if (slash == std::string_view::npos || slash == 0 || slash + 1 == rest.size())
                findings.error(Rule::Value, path + ".credentialName",
                               "a ConfigMap is named with its namespace", "write configmap://namespace/name");
            else if (rest.substr(0, slash) != findings.resource().metadata.resourceNamespace)
                findings.error(Rule::Value, path + ".credentialName",
                               "a ConfigMap of another namespace cannot be used");
        }
    } else if (mutual) {
        if (tls.clientCertificate.empty())
            findings.error(Rule::Missing, path, "MUTUAL needs a client certificate",
                           "give credentialName, or clientCertificate and privateKey");
        if (tls.privateKey.empty())
            findings.error(Rule::Missing, path, "MUTUAL needs a private key",
                           "give credentialName, or clientCertificate and privateKey");
    }
    if (!tls.insecureSkipVerify.value_or(false))
        return;
    const bool verifies = !tls.caCertificates.empty() || !tls.subjectAltNames.empty();
    if (verifies || (!mutual && !tls.credentialName.empty()))
        findings.error(
            Rule::Exclusive, path + ".insecureSkipVerify",
            "insecureSkipVerify cannot be used together with what verifies the server",
            "take it out, or take caCertificates, subjectAltNames and SIMPLE's credentialName out");
}

void validatePolicies(const TrafficPolicy &policy, const std::string &path, Findings &findings)
{
    if (policy.loadBalancer)
        validateLoadBalancer(*policy.loadBalancer, path + ".loadBalancer", findings);
    if (policy.connectionPool)
        validateConnectionPool(*policy.connectionPool, path + ".connectionPool", findings);
    if (policy.outlierDetection)
        validateOutlier(*policy.outlierDetection, path + ".outlierDetection", findings);
    if (policy.tls)
        validateClientTls(*policy.tls, path + ".tls", findings);
    const auto failsOver = [](const auto &setting) {
        return setting && (!setting->failover.empty() || !setting->failoverPriority.empty());
    };
    if (policy.outlierDetection || !policy.loadBalancer)
        return;
    for (const auto &[here, field] :
         {std::pair(failsOver(policy.loadBalancer->locality), ".loadBalancer.localityLbSetting"),
          std::pair(failsOver(policy.loadBalancer->zoneAware), ".loadBalancer.zoneAwareLbSetting")}) {
        if (here)
            findings.warning(
                path + field,
                "locality fail-over needs outlierDetection: nothing else says that a locality has failed");
    }
}

void validateTunnel(const Tunnel &tunnel, const std::string &path, Findings &findings)
{
    if (!tunnel.protocol.empty() && tunnel.protocol != "CONNECT" && tunnel.protocol != "POST")
        findings.error(Rule::Value, path + ".protocol", "a tunnel's protocol is CONNECT or POST");
    if (!isFqdn(tunnel.targetHost) && !isIpAddress(tunnel.targetHost))
        findings.error(tunnel.targetHost.empty() ? Rule::Missing : Rule::Value, path + ".targetHost",
                       "a tunnel's target is a domain name or an IP address");
    if (!isPort(tunnel.targetPort))
        findings.error(Rule::Value, path + ".targetPort", "a port number is from 1 to 65535");
}

} // namespace

void validateConnectionPool(const ConnectionPool &pool, const std::string &path, Findings &findings)
{
    if (!findings.given(path + ".tcp") && !findings.given(path + ".http"))
        findings.error(Rule::Missing, path, "a connection pool needs tcp or http settings");
    const auto positive = [&](std::int32_t value, const char *field) {
        if (value < 0)
            findings.error(Rule::Value, path + field, "the number cannot be negative");
    };
    positive(pool.maxConnections, ".tcp.maxConnections");
    positive(pool.http1MaxPendingRequests, ".http.http1MaxPendingRequests");
    positive(pool.http2MaxRequests, ".http.http2MaxRequests");
    positive(pool.maxRequestsPerConnection, ".http.maxRequestsPerConnection");
    positive(pool.maxRetries, ".http.maxRetries");
    positive(pool.maxConcurrentStreams, ".http.maxConcurrentStreams");
    validateDuration(pool.connectTimeout, path + ".tcp.connectTimeout", findings);
    validateDuration(pool.maxConnectionDuration, path + ".tcp.maxConnectionDuration", findings);
    if (pool.tcpIdleTimeout != Duration::zero()) // 0s switches it off
        validateDuration(pool.tcpIdleTimeout, path + ".tcp.idleTimeout", findings);
    validateDuration(pool.keepaliveTime, path + ".tcp.tcpKeepalive.time", findings);
    validateDuration(pool.keepaliveInterval, path + ".tcp.tcpKeepalive.interval", findings);
    validateDuration(pool.httpIdleTimeout, path + ".http.idleTimeout", findings);
    validateDuration(pool.http2KeepAliveInterval, path + ".http.http2KeepAlive.interval", findings);
    validateDuration(pool.http2KeepAliveTimeout, path + ".http.http2KeepAlive.timeout", findings);
    if (pool.h2Upgrade == ConnectionPool::H2Upgrade::Upgrade && pool.useClientProtocol)
        findings.error(Rule::Exclusive, path + ".http.useClientProtocol",
                       "useClientProtocol cannot be used together with h2UpgradePolicy: UPGRADE",
                       "keep one of them");
    if (pool.http2KeepAliveInterval.has_value() != pool.http2KeepAliveTimeout.has_value())
        findings.error(Rule::Missing, path + ".http.http2KeepAlive",
                       "http2KeepAlive needs interval and timeout");
}

void validateTrafficPolicy(const TrafficPolicy &policy, const std::string &path, Findings &findings)
{
    if (findings.isEmpty(path))
        findings.error(Rule::Missing, path, "the traffic policy is empty", "take it out");
    validatePolicies(policy, path, findings);
    constexpr std::size_t mostPorts = 4096;
    validateCount(policy.portLevel.size(), mostPorts, path + ".portLevelSettings", findings);
    for (std::size_t i = 0; i < policy.portLevel.size(); ++i) {
        const auto &[port, settings] = policy.portLevel[i];
        const std::string at = item(path + ".portLevelSettings", i);
        if (!findings.given(at + ".port"))
            findings.error(Rule::Missing, at, "a port setting needs a port");
        else if (!isPort(port))
            findings.error(Rule::Value, at + ".port.number", "a port number is from 1 to 65535");
        if (!settings.loadBalancer && !settings.connectionPool && !settings.outlierDetection && !settings.tls)
            findings.error(Rule::Missing, at, "a port setting needs a policy",
                           "loadBalancer, connectionPool, outlierDetection or tls");
        validatePolicies(settings, at, findings);
    }
    if (policy.tunnel)
        validateTunnel(*policy.tunnel, path + ".tunnel", findings);
    if (policy.tunnel && policy.proxyProtocolVersion)
        findings.error(Rule::Exclusive, path + ".proxyProtocol",
                       "tunnel and proxyProtocol cannot be used together", "keep one of them");
    if (policy.retryBudget)
        validatePercent(policy.retryBudget->percent, path + ".retryBudget.percent", findings);
}

void validate(const DestinationRule &rule, Findings &findings)
{
    if (rule.host.empty())
        findings.error(Rule::Missing, "spec.host", "a DestinationRule needs a host");
    else if (!isWildcardDomain(rule.host))
        findings.error(Rule::Value, "spec.host", "\"" + rule.host + "\" is no host name");
    if (rule.trafficPolicy)
        validateTrafficPolicy(*rule.trafficPolicy, "spec.trafficPolicy", findings);
    std::set<std::string> names;
    for (std::size_t i = 0; i < rule.subsets.size(); ++i) {
        const DestinationRule::Subset &subset = rule.subsets[i];
        const std::string path = item("spec.subsets", i);
        if (!isDnsLabel(subset.name))
            findings.error(subset.name.empty() ? Rule::Missing : Rule::Value, path + ".name",
                           subset.name.empty() ? "a subset needs a name"
                                               : "the subset's name \"" + subset.name + "\" is no DNS label");
        else if (!names.insert(subset.name).second)
            findings.error(Rule::Duplicate, path + ".name",
                           "the subset \"" + subset.name + "\" is defined twice");
        validateLabels(subset.labels, path + ".labels", findings);
        if (subset.trafficPolicy)
            validateTrafficPolicy(*subset.trafficPolicy, path + ".trafficPolicy", findings);
    }
    validateExportTo(rule.exportTo, false, findings);
    validateSelector(rule.workloadSelector, "spec.workloadSelector", findings);
    const std::string &own = rule.metadata.resourceNamespace;
    const bool wider = std::any_of(rule.exportTo.begin(), rule.exportTo.end(),
                                   [&](const std::string &to) { return to != "." && to != own; });
    if (rule.workloadSelector && wider)
        findings.error(Rule::Exclusive, "spec.exportTo",
                       "a rule with a workloadSelector is for its own namespace: it cannot be exported",
                       "leave exportTo out, or use \".\"");
}

} // namespace sallyport::model
