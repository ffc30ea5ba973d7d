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
    std::optional<LocalityLb> localityLb; ///< localityLbSetting; without it, locality balancing is on
    std::uint32_t numTrustedProxies = 0;  ///< defaultConfig.gatewayTopology
    std::string forwardClientCertDetails;
    ProxyHeaders proxyHeaders;                ///< defaultConfig.proxyHeaders
    std::optional<std::uint32_t> concurrency; ///< defaultConfig.concurrency
    bool gatewayProxyProtocol = false;
    std::optional<std::string> minTlsVersion;      ///< meshMTLS.minProtocolVersion
    std::vector<std::string> meshMutualTlsCiphers; ///< meshMTLS.cipherSuites; empty: Istio's own six
    Duration dnsRefreshRate = std::chrono::seconds(60);
    std::vector<std::string> tlsDefaultCiphers;
    std::vector<std::string> tlsDefaultCurves;
    std::optional<HttpRetry> defaultHttpRetryPolicy;
    std::optional<HttpRetry> defaultInboundHttpRetryPolicy;
    std::optional<TrafficPolicy> defaultTrafficPolicy;
    std::vector<std::string> warnings; ///< fields that are known to Istio and have no effect here
    Place place;                       ///< of the ConfigMap
};

} // namespace sallyport::model
