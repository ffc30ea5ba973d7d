// SPDX-License-Identifier: GPL-3.0-or-later
// ProxyConfig: what a proxy is started with, as the mesh's defaultConfig, as a pod's annotation and as a
// resource.
#include "core/model/decode.h"
#include "core/model/proxy_config.h"

#include "core/yaml/document.h"

namespace sallyport::model {

namespace {

void decodeProxyHeaders(Fields &headers, ProxyHeaders &into)
{
    headers.text("forwardedClientCert", into.forwardedClientCert);
    const auto switchedOff = [&headers](const char *key, bool &on) {
        headers.object(key, [&](Fields &header) {
            bool disabled = !on;
            header.boolean("disabled", disabled);
            on = !disabled;
        });
    };
    switchedOff("attemptCount", into.attemptCount);
    switchedOff("requestId", into.requestId);
    switchedOff("envoyDebugHeaders", into.debugHeaders);
    const auto switchedOn = [&headers](const char *key, bool &on) {
        headers.object(key, [&](Fields &header) { header.boolean("enabled", on); });
    };
    switchedOn("xForwardedHost", into.xForwardedHost);
    switchedOn("xForwardedPort", into.xForwardedPort);
    headers.boolean("preserveHttp1HeaderCase", into.preserveHttp1HeaderCase);
    headers.object("setCurrentClientCertDetails", [&](Fields &details) {
        details.boolean("subject", into.certSubject);
        details.boolean("uri", into.certUri);
        details.boolean("dns", into.certDns);
        details.boolean("cert", into.certWhole);
        details.boolean("chain", into.certChain);
    });
    headers.object("server", [&](Fields &server) {
        server.boolean("disabled", into.serverDisabled);
        server.text("value", into.server);
    });
    // Who the peer is, for statistics: the lab's proxies are told without asking.
    headers.keep({"metadataExchangeHeaders"});
}

void decodeConnectionSettings(Fields &fields, ConnectionSettings &settings)
{
    fields.word("profile", settings.profile, {"SIDECAR", "EDGE"});
    fields.number("listenerPerConnectionBufferLimitBytes", settings.listenerBufferLimit);
    fields.duration("httpIdleTimeout", settings.httpIdleTimeout);
    fields.duration("httpMaxConnectionDuration", settings.httpMaxConnectionDuration);
    fields.duration("httpDrainTimeout", settings.httpDrainTimeout);
    fields.duration("httpRequestTimeout", settings.httpRequestTimeout);
    fields.duration("httpRequestHeadersTimeout", settings.httpRequestHeadersTimeout);
    fields.duration("httpStreamIdleTimeout", settings.httpStreamIdleTimeout);
    fields.duration("httpMaxStreamDuration", settings.httpMaxStreamDuration);
    fields.number("httpMaxConcurrentStreams", settings.maxConcurrentStreams);
    fields.number("http2InitialStreamWindowSize", settings.initialStreamWindow);
    fields.number("http2InitialConnectionWindowSize", settings.initialConnectionWindow);
    fields.word("httpHeadersWithUnderscoresAction", settings.underscores,
                {"HEADERS_WITH_UNDERSCORES_UNSPECIFIED", "HEADERS_WITH_UNDERSCORES_ALLOW",
                 "HEADERS_WITH_UNDERSCORES_REJECT_REQUEST", "HEADERS_WITH_UNDERSCORES_DROP_HEADER"});
    fields.boolean("httpMergeSlashes", settings.mergeSlashes);
    fields.word("httpPathWithEscapedSlashesAction", settings.escapedSlashes,
                {"PATH_WITH_ESCAPED_SLASHES_UNSPECIFIED", "KEEP_UNCHANGED", "REJECT_REQUEST",
                 "UNESCAPE_AND_REDIRECT", "UNESCAPE_AND_FORWARD"});
    fields.number("globalDownstreamConnectionLimit", settings.globalConnectionLimit);
    // istiod of this release takes them and applies them nowhere.
    fields.keep({"clusterPerConnectionBufferLimitBytes", "listenerConnectionLimit"});
}

void checkConnectionSettings(Fields &fields, const ConnectionSettings &settings)
{
    const auto refuse = [&fields](const char *key, const std::string &what) {
        fields.report("EGR0105", Severity::Error, std::string("\"") + key + "\" " + what, key);
    };
    const auto atLeast = [&](const char *key, std::optional<std::int32_t> value, std::int32_t least) {
        if (value && *value < least)
            refuse(key, "is at least " + std::to_string(least));
    };
    constexpr std::int32_t smallestWindow = 65535;
    atLeast("listenerPerConnectionBufferLimitBytes", settings.listenerBufferLimit, 0);
    atLeast("httpMaxConcurrentStreams", settings.maxConcurrentStreams, 1);
    atLeast("http2InitialStreamWindowSize", settings.initialStreamWindow, smallestWindow);
    atLeast("http2InitialConnectionWindowSize", settings.initialConnectionWindow, smallestWindow);
    atLeast("globalDownstreamConnectionLimit", settings.globalConnectionLimit, 1);
    const std::pair<const char *, const std::optional<Duration> &> durations[] = {
        {"httpIdleTimeout", settings.httpIdleTimeout},
        {"httpMaxConnectionDuration", settings.httpMaxConnectionDuration},
        {"httpDrainTimeout", settings.httpDrainTimeout},
        {"httpRequestTimeout", settings.httpRequestTimeout},
        {"httpRequestHeadersTimeout", settings.httpRequestHeadersTimeout},
        {"httpStreamIdleTimeout", settings.httpStreamIdleTimeout},
        {"httpMaxStreamDuration", settings.httpMaxStreamDuration}};
    for (const auto &[key, value] : durations) {
        if (value && *value < Duration::zero())
            refuse(key, "is not negative");
    }
}

/// Of the environment of a proxy only what istiod reads: `ISTIO_META_…`.
void decodeMetadata(Fields &fields, MeshConfig &config)
{
    constexpr std::string_view prefix = "ISTIO_META_";
    constexpr const char *http10 = "ISTIO_META_HTTP10";
    constexpr const char *idleTimeout = "ISTIO_META_IDLE_TIMEOUT";
    Labels metadata;
    fields.labels("proxyMetadata", metadata);
    if (const auto found = metadata.find(http10); found != metadata.end())
        config.http10 = found->second == "1";
    if (metadata.empty())
        return;
    fields.object("proxyMetadata", [&](Fields &names) {
        for (const auto &[name, value] : metadata) {
            if (name == idleTimeout)
                names.duration(idleTimeout, config.idleTimeout);
            else if (name != http10 && name.starts_with(prefix))
                names.withoutEffect({name});
        }
        names.keepRest();
    });
}

/// A pod's take the place of all of the mesh's.
void decodeRuntimeValues(Fields &fields, MeshConfig &config)
{
    if (!fields.present("runtimeValues"))
        return;
    config.runtimeValues.clear();
    fields.labels("runtimeValues", config.runtimeValues);
    // Guards of Envoy's own code have their like in the gateway only where a lab's requests can meet them.
    constexpr std::string_view guards = "envoy.reloadable_features.";
    constexpr std::string_view known = "envoy.reloadable_features.http_reject_path_with_fragment";
    fields.object("runtimeValues", [&](Fields &names) {
        for (const auto &[name, value] : config.runtimeValues) {
            if (name.starts_with(guards) && name != known)
                names.withoutEffect({name});
            else
                names.keep({name});
        }
    });
}

} // namespace

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
        // What spans hold and how they are sent: a lab reports none.
        tracing.keep({"customTags", "maxPathTagLength", "tlsSettings", "enableIstioTags"});
        tracing.withoutEffect({"lightstep", "datadog", "stackdriver", "openCensusAgent"});
    });
    fields.object("proxyHeaders", [&](Fields &headers) { decodeProxyHeaders(headers, config.proxyHeaders); });
    fields.object("connectionSettings", [&](Fields &settings) {
        if (!config.connectionSettings)
            config.connectionSettings.emplace();
        decodeConnectionSettings(settings, *config.connectionSettings);
        checkConnectionSettings(settings, *config.connectionSettings);
    });
    decodeMetadata(fields, config);
    decodeRuntimeValues(fields, config);
    fields.withoutEffect({"customConfigFile", "proxyBootstrapTemplatePath", "interceptionMode",
                          "envoyAccessLogService", "envoyMetricsService", "envoyMetricsServiceAddress",
                          "statsdUdpAddress", "zipkinAddress", "extraStatTags", "proxyStatsMatcher",
                          "caCertificatesPem", "privateKeyProvider"});
    // Of how the process is started, found and stopped.
    fields.keep({"configPath",
                 "binaryPath",
                 "serviceCluster",
                 "tracingServiceName",
                 "drainDuration",
                 "discoveryAddress",
                 "discoveryRefreshDelay",
                 "proxyAdminPort",
                 "availabilityZone",
                 "controlPlaneAuthPolicy",
                 "statNameLength",
                 "sds",
                 "statusPort",
                 "terminationDrainDuration",
                 "meshId",
                 "readinessProbe",
                 "holdApplicationUntilProxyStarts",
                 "image",
                 "fileFlushInterval",
                 "fileFlushMinSizeKb",
                 "statsCompression"});
}

void decode(Fields &spec, ProxyConfig &config)
{
    spec.object("selector",
                [&](Fields &selector) { selector.labels("matchLabels", config.selector.emplace()); });
    spec.number("concurrency", config.concurrency);
    spec.withoutEffect({"environmentVariables", "image"});
}

void checkProxyConfig(const yaml::Node &annotation, const DecodeContext &context)
{
    const std::optional<yaml::Document> document = yaml::parseEmbedded(annotation);
    // What is no mapping cannot be compiled, which is said then.
    if (!document || document->error || !document->root || !document->root->isMapping())
        return;
    MeshConfig config;
    Fields fields(document->root, proxyConfigAnnotation, context);
    decodeProxyConfig(fields, config);
}

Result<MeshConfig> withProxyConfig(const MeshConfig &mesh, const std::string &annotation)
{
    const std::vector<yaml::Document> documents = yaml::parseDocuments(annotation, proxyConfigAnnotation);
    const bool usable = documents.size() == 1 && !documents.front().error && documents.front().root &&
                        documents.front().root->isMapping();
    if (!usable)
        return fail("the annotation proxy.istio.io/config is no YAML mapping");
    MeshConfig config = mesh;
    // What is wrong in it was said when it was read.
    std::vector<Problem> problems;
    DecodeContext context;
    context.problems = &problems;
    Fields fields(documents.front().root, proxyConfigAnnotation, context);
    decodeProxyConfig(fields, config);
    return config;
}

} // namespace sallyport::model
