// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/decode.h"
#include "core/model/proxy_config.h"

#include "core/yaml/document.h"

namespace sallyport::model {

namespace {

/// What authorizers over gRPC and over HTTP have in common.
void decodeAuthorizer(Fields &fields, ExtensionProvider &provider)
{
    fields.text("service", provider.service);
    fields.number("port", provider.port);
    fields.duration("timeout", provider.timeout);
    fields.boolean("failOpen", provider.failOpen);
    fields.boolean("clearRouteCache", provider.clearRouteCache);
    fields.text("statusOnError", provider.statusOnError);
    fields.object("includeRequestBodyInCheck", [&](Fields &body) {
        body.number("maxRequestBytes", provider.maxRequestBytes);
        body.boolean("allowPartialMessage", provider.allowPartialMessage);
        body.boolean("packAsBytes", provider.packAsBytes);
    });
}

void decodeTracers(Fields &fields, ExtensionProvider &provider)
{
    const auto tracer = [&](const char *key, ExtensionProvider::Kind kind, auto &&more) {
        fields.object(key, [&](Fields &tracing) {
            provider.kind = kind;
            tracing.text("service", provider.service);
            tracing.number("port", provider.port);
            more(tracing);
            tracing.keepRest();
        });
    };
    tracer("zipkin", ExtensionProvider::Kind::Zipkin, [&](Fields &zipkin) {
        zipkin.text("path", provider.tracingPath);
        zipkin.boolean("enable64bitTraceId", provider.zipkin64BitTraceId);
        zipkin.duration("timeout", provider.timeout);
        int option = 0;
        zipkin.word("traceContextOption", option, {"USE_B3", "USE_B3_WITH_W3C_PROPAGATION"});
        provider.zipkinWithW3c = option == 1;
    });
    tracer("opentelemetry", ExtensionProvider::Kind::OpenTelemetry, [&](Fields &open) {
        open.object("http", [&](Fields &http) {
            provider.openTelemetryHttp = true;
            http.text("path", provider.tracingPath);
            http.duration("timeout", provider.timeout);
            http.keepRest();
        });
        open.object("grpc", [&](Fields &grpc) {
            grpc.duration("timeout", provider.timeout);
            grpc.keepRest();
        });
    });
    tracer("datadog", ExtensionProvider::Kind::OtherTracer, [](Fields &) {});
    tracer("skywalking", ExtensionProvider::Kind::OtherTracer,
           [&](Fields &) { provider.startsChildSpan = true; });
}

void decodeProvider(Fields &fields, ExtensionProvider &provider)
{
    fields.text("name", provider.name);
    fields.object("envoyFileAccessLog", [&](Fields &log) {
        provider.kind = ExtensionProvider::Kind::EnvoyFileAccessLog;
        log.text("path", provider.path);
        log.boolean("omitEmptyValues", provider.omitEmptyValues);
        log.object("logFormat", [&](Fields &format) {
            provider.hasLogFormat = true;
            format.text("text", provider.logText);
            provider.logLabels = format.node() ? format.node()->find("labels") : nullptr;
            format.keep({"labels"});
        });
    });
    fields.object("envoyExtAuthzGrpc", [&](Fields &authz) {
        provider.kind = ExtensionProvider::Kind::EnvoyExtAuthzGrpc;
        decodeAuthorizer(authz, provider);
    });
    fields.object("envoyExtAuthzHttp", [&](Fields &authz) {
        provider.kind = ExtensionProvider::Kind::EnvoyExtAuthzHttp;
        decodeAuthorizer(authz, provider);
        authz.text("pathPrefix", provider.pathPrefix);
        authz.texts("includeHeadersInCheck", provider.includeRequestHeadersInCheck);
        authz.texts("includeRequestHeadersInCheck", provider.includeRequestHeadersInCheck);
        authz.labels("includeAdditionalHeadersInCheck", provider.includeAdditionalHeadersInCheck);
        authz.texts("headersToUpstreamOnAllow", provider.headersToUpstreamOnAllow);
        authz.texts("headersToDownstreamOnDeny", provider.headersToDownstreamOnDeny);
        authz.texts("headersToDownstreamOnAllow", provider.headersToDownstreamOnAllow);
    });
    decodeTracers(fields, provider);
    for (const char *service : {"envoyHttpAls", "envoyTcpAls", "envoyOtelAls"}) {
        if (fields.present(service))
            provider.kind = ExtensionProvider::Kind::LogService;
    }
    fields.keepRest();
}

void decodeProxyConfig(Fields &fields, MeshConfig &config)
{
    fields.object("gatewayTopology", [&](Fields &topology) {
        topology.number("numTrustedProxies", config.numTrustedProxies);
        topology.text("forwardClientCertDetails", config.forwardClientCertDetails);
        config.gatewayProxyProtocol = config.gatewayProxyProtocol || topology.present("proxyProtocol");
    });
    fields.number("concurrency", config.concurrency);
    fields.object("tracing", [&](Fields &tracing) {
        tracing.real("sampling", config.tracingSampling);
        tracing.object("zipkin", [&](Fields &zipkin) { zipkin.text("address", config.zipkinAddress); });
        tracing.keepRest();
    });
    fields.object("proxyHeaders", [&](Fields &headers) {
        headers.text("forwardedClientCert", config.proxyHeaders.forwardedClientCert);
        const auto switchedOff = [&headers](const char *key, bool &on) {
            headers.object(key, [&](Fields &header) {
                bool disabled = !on;
                header.boolean("disabled", disabled);
                on = !disabled;
                header.keepRest();
            });
        };
        switchedOff("attemptCount", config.proxyHeaders.attemptCount);
        switchedOff("requestId", config.proxyHeaders.requestId);
        switchedOff("envoyDebugHeaders", config.proxyHeaders.debugHeaders);
        const auto switchedOn = [&headers](const char *key, bool &on) {
            headers.object(key, [&](Fields &header) {
                header.boolean("enabled", on);
                header.keepRest();
            });
        };
        switchedOn("xForwardedHost", config.proxyHeaders.xForwardedHost);
        switchedOn("xForwardedPort", config.proxyHeaders.xForwardedPort);
        headers.boolean("preserveHttp1HeaderCase", config.proxyHeaders.preserveHttp1HeaderCase);
        headers.object("setCurrentClientCertDetails", [&](Fields &details) {
            details.boolean("subject", config.proxyHeaders.certSubject);
            details.boolean("uri", config.proxyHeaders.certUri);
            details.boolean("dns", config.proxyHeaders.certDns);
            details.boolean("cert", config.proxyHeaders.certWhole);
            details.boolean("chain", config.proxyHeaders.certChain);
        });
        headers.object("server", [&](Fields &server) {
            server.boolean("disabled", config.proxyHeaders.serverDisabled);
            server.text("value", config.proxyHeaders.server);
        });
        headers.keepRest();
    });
    fields.keepRest();
}

} // namespace

void decode(Fields &spec, ProxyConfig &config)
{
    spec.object("selector",
                [&](Fields &selector) { selector.labels("matchLabels", config.selector.emplace()); });
    spec.number("concurrency", config.concurrency);
    for (const char *field : {"environmentVariables", "image"}) {
        if (spec.present(field))
            spec.context().report("EGR0110", Severity::Information,
                                  std::string("spec.") + field +
                                      " has no effect in a lab, but it has one in a cluster",
                                  config.place(std::string("spec.") + field), std::string("spec.") + field,
                                  "it is kept as it is");
    }
    spec.keep({"environmentVariables", "image"});
}

Result<MeshConfig> withProxyConfig(const MeshConfig &mesh, const std::string &annotation)
{
    const std::vector<yaml::Document> documents = yaml::parseDocuments(annotation, proxyConfigAnnotation);
    const bool usable = documents.size() == 1 && !documents.front().error && documents.front().root &&
                        documents.front().root->isMapping();
    if (!usable)
        return fail(std::string("the annotation ") + proxyConfigAnnotation + " is no YAML mapping");
    MeshConfig config = mesh;
    const DecodeContext context;
    Fields fields(documents.front().root, proxyConfigAnnotation, context);
    decodeProxyConfig(fields, config);
    return config;
}

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
    });
    fields.texts("defaultServiceExportTo", config.defaultServiceExportTo);
    fields.texts("defaultVirtualServiceExportTo", config.defaultVirtualServiceExportTo);
    fields.texts("defaultDestinationRuleExportTo", config.defaultDestinationRuleExportTo);
    fields.objects("extensionProviders", [&](Fields &provider) {
        decodeProvider(provider, config.extensionProviders.emplace_back());
    });
    fields.object("defaultProviders", [&](Fields &providers) {
        providers.texts("accessLogging", config.defaultAccessLogProviders);
        providers.texts("tracing", config.defaultTracingProviders);
        providers.keepRest();
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
        tls.text("minProtocolVersion", config.minTlsVersion);
        tls.texts("cipherSuites", config.meshMutualTlsCiphers);
        tls.keepRest();
    });
    fields.object("tlsDefaults", [&](Fields &tls) {
        tls.texts("cipherSuites", config.tlsDefaultCiphers);
        tls.texts("ecdhCurves", config.tlsDefaultCurves);
        tls.keepRest();
    });
    fields.object("defaultInboundHttpRetryPolicy",
                  [&](Fields &retry) { decodeRetry(retry, config.defaultInboundHttpRetryPolicy.emplace()); });
    fields.object("defaultHttpRetryPolicy",
                  [&](Fields &retry) { decodeRetry(retry, config.defaultHttpRetryPolicy.emplace()); });
    fields.object("defaultTrafficPolicy", [&](Fields &policy) {
        decodeTrafficPolicy(policy, config.defaultTrafficPolicy.emplace());
    });
    // What else MeshConfig has concerns istiod, the injector or telemetry back ends.
    fields.keep({"proxyListenPort",
                 "proxyInboundListenPort",
                 "proxyHttpPort",
                 "ingressClass",
                 "ingressService",
                 "ingressControllerMode",
                 "ingressSelector",
                 "enableEnvoyAccessLogService",
                 "disableEnvoyListenerLog",
                 "inboundTrafficPolicy",
                 "configSources",
                 "caCertificates",
                 "certificates",
                 "serviceSettings",
                 "enablePrometheusMerge",
                 "verifyCertificateAtClient",
                 "ca",
                 "discoverySelectors",
                 "serviceScopeConfigs",
                 "thriftConfig",
                 "sdsUdsPath",
                 "gatewayTopology"});
    return config;
}

} // namespace sallyport::model
