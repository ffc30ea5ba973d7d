// SPDX-License-Identifier: GPL-3.0-or-later
// MeshConfig: the key `mesh` of ConfigMap `istio`.
#include "core/model/decode.h"
#include "core/model/lexical.h"
#include "core/yaml/document.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace sallyport::model {

namespace {

void decodeMeshTls(Fields &fields, MeshTls &tls)
{
    fields.word("minProtocolVersion", tls.minProtocolVersion, {"TLS_AUTO", "TLSV1_2", "TLSV1_3"});
    fields.texts("cipherSuites", tls.cipherSuites);
    fields.texts("ecdhCurves", tls.ecdhCurves);
}

/// What istiod says of curves that BoringSSL does not know (validation/agent, ValidateMeshTLSDefaults).
void checkCurves(Fields &tls, const std::vector<std::string> &curves)
{
    std::set<std::string> seen;
    for (const std::string &curve : curves) {
        if (!isEcdhCurve(curve))
            tls.report("EGR0107", Severity::Warning, "the ECDH curve \"" + curve + "\" is unknown",
                       "ecdhCurves", "Envoy refuses what is configured with it");
        else if (!seen.insert(curve).second)
            tls.report("EGR0107", Severity::Warning, "the ECDH curve \"" + curve + "\" is given twice",
                       "ecdhCurves");
    }
}

void decodeLabelSelector(Fields &fields, LabelSelector &selector)
{
    fields.labels("matchLabels", selector.labels);
    fields.objects("matchExpressions", [&](Fields &inner) {
        LabelSelector::Requirement &requirement = selector.requirements.emplace_back();
        inner.text("key", requirement.key);
        inner.text("operator", requirement.op);
        inner.texts("values", requirement.values);
        static constexpr std::string_view known[] = {"In", "NotIn", "Exists", "DoesNotExist"};
        if (std::find(std::begin(known), std::end(known), requirement.op) == std::end(known))
            inner.report("EGR0105", Severity::Error, '"' + requirement.op + "\" is no operator of a selector",
                         "operator", "one of In, NotIn, Exists, DoesNotExist");
    });
}

/// `LOCALHOST` would send what comes in to the loopback address; a lab's applications listen where the proxy
/// looks for them.
void decodeInboundMode(Fields &policy)
{
    int mode = 0;
    policy.word("mode", mode, {"PASSTHROUGH", "LOCALHOST"});
    if (mode == 1)
        policy.withoutEffect({"mode"});
}

} // namespace

MeshConfig decodeMeshConfig(const ConfigMap &map, const DecodeContext &context)
{
    MeshConfig config;
    config.place = map.place("data.mesh");
    const yaml::NodePtr text = map.node ? map.node->at("data.mesh") : nullptr;
    const std::optional<yaml::Document> document =
        text && text->isScalar() ? yaml::parseEmbedded(*text) : std::nullopt;
    if (!document)
        return config;
    if (document->error) {
        context.report("EGR0101", Severity::Error, document->error->what, document->error->where, "data.mesh",
                       document->error->hint);
        return config;
    }
    for (const Error &duplicate : document->duplicateKeys)
        context.report("EGR0101", Severity::Error, duplicate.what, duplicate.where, "data.mesh",
                       duplicate.hint);
    if (!document->root->isMapping()) {
        context.report("EGR0102", Severity::Error, "the mesh configuration is not a mapping", config.place,
                       "data.mesh");
        return config;
    }
    Fields fields(document->root, "data.mesh", context);
    fields.text("rootNamespace", config.rootNamespace);
    fields.text("trustDomain", config.trustDomain);
    fields.texts("trustDomainAliases", config.trustDomainAliases);
    fields.text("accessLogFile", config.accessLogFile);
    fields.text("accessLogFormat", config.accessLogFormat);
    fields.text("inboundClusterStatName", config.inboundClusterStatName);
    fields.text("outboundClusterStatName", config.outboundClusterStatName);
    fields.word("accessLogEncoding", config.accessLogEncoding, {"TEXT", "JSON"});
    fields.object("outboundTrafficPolicy", [&](Fields &policy) {
        config.outboundMode = OutboundMode::RegistryOnly;
        decodeOutboundMode(policy, config.outboundMode);
        policy.withoutEffect({"tls"});
    });
    fields.object("inboundTrafficPolicy", decodeInboundMode);
    fields.texts("defaultServiceExportTo", config.defaultServiceExportTo);
    fields.texts("defaultVirtualServiceExportTo", config.defaultVirtualServiceExportTo);
    fields.texts("defaultDestinationRuleExportTo", config.defaultDestinationRuleExportTo);
    fields.objects("extensionProviders", [&](Fields &provider) {
        decodeExtensionProvider(provider, config.extensionProviders.emplace_back());
    });
    fields.object("defaultProviders", [&](Fields &providers) {
        providers.texts("accessLogging", config.defaultAccessLogProviders);
        providers.texts("tracing", config.defaultTracingProviders);
        providers.keep({"metrics"});
    });
    fields.object("pathNormalization", [&](Fields &normalization) {
        normalization.word("normalization", config.pathNormalization,
                           {"DEFAULT", "NONE", "BASE", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES"});
    });
    int upgrade = 0;
    fields.word("h2UpgradePolicy", upgrade, {"DO_NOT_UPGRADE", "UPGRADE"});
    config.h2Upgrade = upgrade == 1;
    fields.object("localityLbSetting",
                  [&](Fields &locality) { decodeLocality(locality, config.localityLb.emplace()); });
    fields.object("zoneAwareLbSetting",
                  [&](Fields &zones) { decodeZoneAware(zones, config.zoneAware.emplace()); });
    fields.boolean("enableAutoMtls", config.enableAutoMtls);
    fields.boolean("enableTracing", config.enableTracing);
    std::optional<Duration> connectTimeout;
    fields.duration("connectTimeout", connectTimeout);
    config.connectTimeout = connectTimeout.value_or(config.connectTimeout);
    fields.object("tcpKeepalive", [&](Fields &keepalive) {
        keepalive.number("probes", config.keepaliveProbes);
        keepalive.duration("time", config.keepaliveTime);
        keepalive.duration("interval", config.keepaliveInterval);
    });
    fields.duration("protocolDetectionTimeout", config.protocolDetectionTimeout);
    std::optional<Duration> dnsRefreshRate;
    fields.duration("dnsRefreshRate", dnsRefreshRate);
    config.dnsRefreshRate = dnsRefreshRate.value_or(config.dnsRefreshRate);
    fields.object("defaultConfig", [&](Fields &proxy) { decodeProxyConfig(proxy, config); });
    fields.object("meshMTLS", [&](Fields &tls) {
        decodeMeshTls(tls, config.meshMutualTls);
        if (!config.meshMutualTls.ecdhCurves.empty())
            tls.report("EGR0105", Severity::Error, "mesh mTLS has no ECDH curves of its own", "ecdhCurves",
                       "take them out: istiod refuses the whole mesh configuration");
    });
    fields.object("tlsDefaults", [&](Fields &tls) {
        decodeMeshTls(tls, config.tlsDefaults);
        checkCurves(tls, config.tlsDefaults.ecdhCurves);
    });
    bool listenerLogOff = false;
    fields.boolean("disableEnvoyListenerLog", listenerLogOff);
    config.listenerLog = !listenerLogOff;
    fields.objects("discoverySelectors", [&](Fields &selector) {
        decodeLabelSelector(selector, config.discoverySelectors.emplace_back());
    });
    fields.object("defaultInboundHttpRetryPolicy",
                  [&](Fields &retry) { decodeRetry(retry, config.defaultInboundHttpRetryPolicy.emplace()); });
    fields.object("defaultHttpRetryPolicy",
                  [&](Fields &retry) { decodeRetry(retry, config.defaultHttpRetryPolicy.emplace()); });
    fields.object("defaultTrafficPolicy", [&](Fields &policy) {
        decodeTrafficPolicy(policy, config.defaultTrafficPolicy.emplace());
    });
    fields.withoutEffect({"proxyListenPort", "proxyInboundListenPort", "proxyHttpPort",
                          "enableEnvoyAccessLogService", "configSources", "caCertificates", "certificates",
                          "verifyCertificateAtClient", "serviceEntryVisibility"});
    // What else MeshConfig has concerns istiod, Ingresses, several clusters and the ambient mode.
    fields.keep({"ingressClass", "ingressService", "ingressControllerMode", "ingressSelector",
                 "serviceSettings", "serviceScopeConfigs", "enablePrometheusMerge", "ca",
                 "hboneIdleTimeout"});
    return config;
}

} // namespace sallyport::model
