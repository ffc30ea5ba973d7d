// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/sidecar.h"
#include "core/model/virtual_service.h"

namespace sallyport::model {

/// An extension provider: an access log or an external authorizer.
struct ExtensionProvider
{
    enum class Kind {
        Other,
        EnvoyFileAccessLog,
        LogService, ///< envoyHttpAls, envoyTcpAls, envoyOtelAls
        EnvoyExtAuthzHttp,
        EnvoyExtAuthzGrpc,
        Zipkin,
        OpenTelemetry,
        OtherTracer ///< Datadog, SkyWalking
    };
    std::string name;
    Kind kind = Kind::Other;
    // EnvoyFileAccessLog
    std::string path = "/dev/stdout";
    std::string logText;
    std::shared_ptr<const yaml::Node> logLabels; ///< JSON format, objects within objects; null: text
    bool hasLogFormat = false;
    bool omitEmptyValues = false;
    // EnvoyExtAuthzHttp, and of EnvoyExtAuthzGrpc what it has of them
    std::string service;
    std::uint32_t port = 0;
    std::optional<Duration> timeout;
    std::string pathPrefix;
    bool failOpen = false;
    bool clearRouteCache = false;
    std::string statusOnError;
    std::vector<std::string> includeRequestHeadersInCheck;
    std::map<std::string, std::string> includeAdditionalHeadersInCheck;
    std::vector<std::string> headersToUpstreamOnAllow;
    std::vector<std::string> headersToDownstreamOnDeny;
    std::vector<std::string> headersToDownstreamOnAllow;
    std::optional<std::uint32_t> maxRequestBytes;
    bool allowPartialMessage = false;
    bool packAsBytes = false;
    // Zipkin and OpenTelemetry, besides service, port and timeout
    std::string tracingPath;
    bool zipkin64BitTraceId = false;
    bool zipkinWithW3c = false;     ///< USE_B3_WITH_W3C_PROPAGATION
    bool openTelemetryHttp = false; ///< else gRPC
    bool startsChildSpan = false;   ///< SkyWalking: also in sidecars
};

/// MeshConfig, the `mesh` key of ConfigMap `istio` in the root namespace, with Istio's defaults.
/// ProxyConfig.proxyHeaders: which headers a proxy adds or overwrites.
struct ProxyHeaders
{
    std::string forwardedClientCert; ///< of sidecars, inbound
    bool attemptCount = true;
    bool requestId = true;
    bool debugHeaders = true;
    bool serverDisabled = false; ///< `server` passes as the upstream sent it
    std::string server;
    bool xForwardedHost = false; ///< of routes that rewrite, and of unknown destinations
    bool xForwardedPort = false;
    bool preserveHttp1HeaderCase = false;
    /// setCurrentClientCertDetails: what a sidecar's x-forwarded-client-cert says of the client, inbound.
    bool certSubject = true;
    bool certUri = true;
    bool certDns = true;
    bool certWhole = false; ///< `cert`
    bool certChain = false;
    bool operator==(const ProxyHeaders &) const = default;
};

/// ProxyConfig.connectionSettings: limits of the connections that a proxy accepts. Sizes in bytes.
struct ConnectionSettings
{
    enum class Profile { Sidecar, Edge }; ///< Edge: a gateway has Envoy's limits for the edge
    enum class Underscores { Unspecified, Allow, Reject, Drop };
    enum class EscapedSlashes { Unspecified, Keep, Reject, UnescapeAndRedirect, UnescapeAndForward };
    Profile profile = Profile::Sidecar;
    std::optional<std::int32_t> listenerBufferLimit; ///< of gateways' listeners
    std::optional<Duration> httpIdleTimeout;
    std::optional<Duration> httpMaxConnectionDuration;
    std::optional<Duration> httpMaxStreamDuration;
    std::optional<Duration> httpStreamIdleTimeout;
    std::optional<Duration> httpRequestTimeout;
    std::optional<Duration> httpRequestHeadersTimeout;
    std::optional<Duration> httpDrainTimeout;
    std::optional<std::int32_t> maxConcurrentStreams;
    std::optional<std::int32_t> initialStreamWindow;
    std::optional<std::int32_t> initialConnectionWindow;
    Underscores underscores = Underscores::Unspecified;
    std::optional<bool> mergeSlashes;
    EscapedSlashes escapedSlashes = EscapedSlashes::Unspecified;
    std::optional<std::int32_t> globalConnectionLimit; ///< of the whole proxy
    bool operator==(const ConnectionSettings &) const = default;
};

/// MeshConfig.TLSConfig: what TLS is like where nothing nearer says so.
struct MeshTls
{
    enum class Version { Auto, Tls12, Tls13 };
    Version minProtocolVersion = Version::Auto;
    std::vector<std::string> cipherSuites;
    std::vector<std::string> ecdhCurves;
};

/// A LabelSelector: all of its labels and requirements.
struct LabelSelector
{
    struct Requirement
    {
        std::string key;
        std::string op; ///< In, NotIn, Exists, DoesNotExist
        std::vector<std::string> values;
    };
    Labels labels;
    std::vector<Requirement> requirements;

    bool selects(const Labels &of) const;
};

/// istio.mesh.v1alpha1.MeshConfig, as far as a lab follows it
struct MeshConfig
{
    enum class LogEncoding { Text, Json };
    enum class PathNormalization { Default, None, Base, MergeSlashes, DecodeAndMergeSlashes };
    std::string rootNamespace = "istio-system";
    std::string trustDomain = "cluster.local";
    std::vector<std::string> trustDomainAliases;
    std::string accessLogFile; ///< empty: no log
    std::string accessLogFormat;
    Labels runtimeValues; ///< for Envoy's runtime, over Istio's own; an empty text takes one of those away
    std::string inboundClusterStatName; ///< patterns of what statistics are called; empty: Istio's own names
    std::string outboundClusterStatName;
    LogEncoding accessLogEncoding = LogEncoding::Text;
    OutboundMode outboundMode = OutboundMode::AllowAny;
    OutboundMode defaultOutboundMode = OutboundMode::AllowAny;
    std::vector<std::string> defaultServiceExportTo = {"*"};
    std::vector<std::string> defaultVirtualServiceExportTo = {"*"};
    std::vector<std::string> defaultDestinationRuleExportTo = {"*"};
    std::vector<ExtensionProvider> extensionProviders;
    std::vector<std::string> defaultAccessLogProviders;
    std::vector<std::string> defaultTracingProviders;
    bool enableTracing = true;
    std::optional<double> tracingSampling; ///< defaultConfig.tracing.sampling
    std::string zipkinAddress;             ///< defaultConfig.tracing.zipkin.address
    PathNormalization pathNormalization = PathNormalization::Default;
    bool h2Upgrade = false;
    bool enableAutoMtls = true;
    Duration connectTimeout = std::chrono::seconds(10);
    /// tcpKeepalive: what connection pools leave out of theirs.
    std::optional<std::uint32_t> keepaliveProbes;
    std::optional<Duration> keepaliveTime;
    std::optional<Duration> keepaliveInterval;
    std::optional<Duration> protocolDetectionTimeout;
    std::optional<LocalityLb> localityLb;      ///< localityLbSetting; without it, locality balancing is on
    std::optional<ZoneAwareSetting> zoneAware; ///< zoneAwareLbSetting: goes before localityLbSetting
    std::uint32_t numTrustedProxies = 0;       ///< defaultConfig.gatewayTopology
    std::string forwardClientCertDetails;
    ProxyHeaders proxyHeaders;                ///< defaultConfig.proxyHeaders
    std::optional<std::uint32_t> concurrency; ///< defaultConfig.concurrency
    bool gatewayProxyProtocol = false;
    std::optional<Duration> idleTimeout; ///< proxyMetadata ISTIO_META_IDLE_TIMEOUT: of connections
    bool http10 = false;                 ///< proxyMetadata ISTIO_META_HTTP10 is "1"
    std::optional<ConnectionSettings> connectionSettings; ///< defaultConfig.connectionSettings
    MeshTls meshMutualTls;                                ///< meshMTLS; no ciphers: Istio's own six
    MeshTls tlsDefaults;                                  ///< of all other TLS
    Duration dnsRefreshRate = std::chrono::seconds(60);
    bool listenerLog = true;                       ///< not disableEnvoyListenerLog
    std::vector<LabelSelector> discoverySelectors; ///< of namespaces; empty: all are seen
    std::optional<HttpRetry> defaultHttpRetryPolicy;
    std::optional<HttpRetry> defaultInboundHttpRetryPolicy;
    std::optional<TrafficPolicy> defaultTrafficPolicy;
    Place place; ///< of the ConfigMap
};

} // namespace sallyport::model
