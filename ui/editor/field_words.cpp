// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/field_words.h"

#include <QCoreApplication>
#include <QRegularExpression>

namespace sallyport::editor {

namespace {

/// Of a field; of a value, which then stands in place of the kind.
struct Words
{
    const char *kind; ///< empty: any
    const char *end;  ///< the path, or its last parts
    const char *text;
};

#define TEXT(text) QT_TRANSLATE_NOOP("FieldWords", text)

// clang-format off
constexpr Words fields[] = {
    {"", "metadata.name", TEXT("unique for its kind in the namespace")},
    {"", "metadata.namespace", TEXT("whose proxies it is for; the root namespace means the whole mesh")},
    {"", "metadata.labels", TEXT("what selectors find it by")},
    {"", "selector.matchLabels", TEXT("only workloads with these labels; none: all of the namespace")},
    {"", "exportTo", TEXT("which namespaces see it: . is its own, * is all")},
    {"", "workloadSelector.labels", TEXT("only workloads with these labels")},

    {"DestinationRule", "spec.host", TEXT("whose connections this rules, a name of the registry")},
    {"DestinationRule", "tls.mode", TEXT("how the proxy connects to the host")},
    {"DestinationRule", "tls.credentialName", TEXT("the imported credential: key, certificate and CA")},
    {"DestinationRule", "tls.sni", TEXT("the name asked for in the handshake")},
    {"DestinationRule", "tls.subjectAltNames", TEXT("the server's certificate must be for one of these names")},
    {"DestinationRule", "tls.clientCertificate", TEXT("file of the certificate that the proxy shows")},
    {"DestinationRule", "tls.privateKey", TEXT("file of that certificate's key")},
    {"DestinationRule", "tls.caCertificates", TEXT("file of the CA that the server's certificate must be from")},
    {"DestinationRule", "tls.caCrl", TEXT("file of certificates that were revoked")},
    {"DestinationRule", "tls.insecureSkipVerify", TEXT("accept any certificate of the server")},
    {"DestinationRule", "loadBalancer.simple", TEXT("which of the endpoints takes the next request")},
    {"DestinationRule", "loadBalancer.warmupDurationSecs", TEXT("how long a new endpoint gets less than its share")},
    {"DestinationRule", "consistentHash.httpHeaderName", TEXT("requests with the same header value go to the same endpoint")},
    {"DestinationRule", "consistentHash.useSourceIp", TEXT("requests from one address go to the same endpoint")},
    {"DestinationRule", "tcp.maxConnections", TEXT("more connections than this to the host are not made")},
    {"DestinationRule", "tcp.connectTimeout", TEXT("how long a connection may take to be made")},
    {"DestinationRule", "http.http1MaxPendingRequests", TEXT("how many requests may wait for a connection; more get 503 UO")},
    {"DestinationRule", "http.http2MaxRequests", TEXT("how many requests may be under way; more get 503 UO")},
    {"DestinationRule", "http.maxRequestsPerConnection", TEXT("then the connection is closed; 1: no keep-alive")},
    {"DestinationRule", "http.maxRetries", TEXT("how many retries may be under way at once")},
    {"DestinationRule", "http.idleTimeout", TEXT("how long an unused connection stays open")},
    {"DestinationRule", "http.h2UpgradePolicy", TEXT("whether HTTP/1.1 becomes HTTP/2 on the way to the host")},
    {"DestinationRule", "http.useClientProtocol", TEXT("speak to the host what the client speaks")},
    {"DestinationRule", "outlierDetection.consecutive5xxErrors", TEXT("after so many errors in a row an endpoint is ejected")},
    {"DestinationRule", "outlierDetection.consecutiveGatewayErrors", TEXT("the same, of 502, 503 and 504 only")},
    {"DestinationRule", "outlierDetection.interval", TEXT("how often the endpoints are looked at")},
    {"DestinationRule", "outlierDetection.baseEjectionTime", TEXT("how long the first ejection lasts; each further one longer")},
    {"DestinationRule", "outlierDetection.maxEjectionPercent", TEXT("no more of the endpoints than this are ejected")},
    {"DestinationRule", "outlierDetection.minHealthPercent", TEXT("below this share of healthy endpoints none is avoided")},
    {"DestinationRule", "portLevelSettings.port.number", TEXT("the port of the host that these settings are for")},
    {"DestinationRule", "proxyProtocol.version", TEXT("tell the client's address in a PROXY header")},
    {"DestinationRule", "subsets.name", TEXT("what routes call these endpoints")},
    {"DestinationRule", "subsets.labels", TEXT("which endpoints belong to it")},

    {"VirtualService", "spec.hosts", TEXT("requests for these names are routed here")},
    {"VirtualService", "spec.gateways", TEXT("where it holds: mesh means the sidecars, else a Gateway")},
    {"VirtualService", "http.name", TEXT("a name for the route in logs")},
    {"VirtualService", "match.gateways", TEXT("only at these gateways; mesh means the sidecars")},
    {"VirtualService", "match.port", TEXT("only requests for this port")},
    {"VirtualService", "match.sourceLabels", TEXT("only from workloads with these labels")},
    {"VirtualService", "match.sourceNamespace", TEXT("only from workloads of this namespace")},
    {"VirtualService", "match.sniHosts", TEXT("only TLS connections that ask for these names")},
    {"VirtualService", "match.ignoreUriCase", TEXT("capitals do not matter in the path")},
    {"VirtualService", "exact", TEXT("the whole value, as it is")},
    {"VirtualService", "prefix", TEXT("what the value begins with")},
    {"VirtualService", "regex", TEXT("an RE2 expression for the whole value")},
    {"VirtualService", "destination.host", TEXT("where it goes, a name of the registry")},
    {"VirtualService", "destination.port.number", TEXT("at which port; needed where the host has several")},
    {"VirtualService", "destination.subset", TEXT("a subset of the host's DestinationRule")},
    {"VirtualService", "route.weight", TEXT("its share among the destinations")},
    {"VirtualService", "http.timeout", TEXT("how long an answer may take; then 504")},
    {"VirtualService", "retries.attempts", TEXT("how often it is tried again; 0: never")},
    {"VirtualService", "retries.perTryTimeout", TEXT("how long each attempt may take")},
    {"VirtualService", "retries.retryOn", TEXT("which failures are tried again, by Envoy's names")},
    {"VirtualService", "rewrite.uri", TEXT("replaces the path, or the prefix that matched")},
    {"VirtualService", "rewrite.authority", TEXT("replaces the host of the request")},
    {"VirtualService", "redirect.uri", TEXT("the path to send the client to")},
    {"VirtualService", "redirect.authority", TEXT("the host to send the client to")},
    {"VirtualService", "redirect.redirectCode", TEXT("the status of the answer, 301 if it is not given")},
    {"VirtualService", "directResponse.status", TEXT("the status that the proxy answers by itself")},
    {"VirtualService", "fault.delay.fixedDelay", TEXT("how long requests are held back")},
    {"VirtualService", "fault.abort.httpStatus", TEXT("the status that requests end with")},
    {"VirtualService", "percentage.value", TEXT("of how many requests, in percent")},
    {"VirtualService", "mirrorPercentage.value", TEXT("of how many requests a copy is sent, in percent")},
    {"VirtualService", "mirror.host", TEXT("gets a copy of each request; its answers are dropped")},
    {"VirtualService", "headers.request.set", TEXT("headers that the request gets, in place of what it had")},
    {"VirtualService", "headers.request.add", TEXT("headers that are added to the request")},
    {"VirtualService", "headers.request.remove", TEXT("headers that are taken out of the request")},
    {"VirtualService", "headers.response.set", TEXT("headers that the answer gets, in place of what it had")},
    {"VirtualService", "headers.response.add", TEXT("headers that are added to the answer")},
    {"VirtualService", "headers.response.remove", TEXT("headers that are taken out of the answer")},

    {"Gateway", "spec.selector", TEXT("which gateway pods open these servers")},
    {"Gateway", "servers.hosts", TEXT("names that are served here, perhaps as namespace/name")},
    {"Gateway", "servers.name", TEXT("a name of its own for the server")},
    {"Gateway", "port.number", TEXT("the port that the pods open")},
    {"Gateway", "port.name", TEXT("of the port; its beginning names the protocol")},
    {"Gateway", "port.protocol", TEXT("what is spoken on the port")},
    {"Gateway", "tls.mode", TEXT("how TLS of the clients ends here")},
    {"Gateway", "tls.credentialName", TEXT("the imported credential that the clients see")},
    {"Gateway", "tls.subjectAltNames", TEXT("a client's certificate must be for one of these names")},
    {"Gateway", "tls.httpsRedirect", TEXT("plain requests are sent to https with 301")},
    {"Gateway", "tls.minProtocolVersion", TEXT("the oldest TLS that is accepted")},
    {"Gateway", "tls.maxProtocolVersion", TEXT("the newest TLS that is accepted")},
    {"Gateway", "tls.cipherSuites", TEXT("only these, of TLS 1.2 and older")},

    {"ServiceEntry", "spec.hosts", TEXT("names outside of the mesh that its proxies learn to know")},
    {"ServiceEntry", "spec.addresses", TEXT("addresses that stand for these names, for TCP")},
    {"ServiceEntry", "ports.number", TEXT("the port that clients ask for")},
    {"ServiceEntry", "ports.name", TEXT("unique in this entry")},
    {"ServiceEntry", "ports.protocol", TEXT("what is spoken on the port")},
    {"ServiceEntry", "ports.targetPort", TEXT("the port of the endpoint, if it is another")},
    {"ServiceEntry", "spec.location", TEXT("whether the servers are part of the mesh; outside means no mesh mTLS")},
    {"ServiceEntry", "spec.resolution", TEXT("how the proxies find the addresses")},
    {"ServiceEntry", "endpoints.address", TEXT("a server behind the names")},
    {"ServiceEntry", "spec.subjectAltNames", TEXT("the servers' certificates must be for one of these names")},

    {"AuthorizationPolicy", "spec.action", TEXT("what becomes of requests that match a rule")},
    {"AuthorizationPolicy", "source.principals", TEXT("who sends it: the identity of its mesh certificate")},
    {"AuthorizationPolicy", "source.notPrincipals", TEXT("anybody but these identities")},
    {"AuthorizationPolicy", "source.namespaces", TEXT("from workloads of these namespaces")},
    {"AuthorizationPolicy", "source.requestPrincipals", TEXT("issuer/subject of the request's token")},
    {"AuthorizationPolicy", "source.ipBlocks", TEXT("from these addresses, as the connection has them")},
    {"AuthorizationPolicy", "source.remoteIpBlocks", TEXT("from these addresses, as the forwarding headers say")},
    {"AuthorizationPolicy", "operation.hosts", TEXT("for these hosts")},
    {"AuthorizationPolicy", "operation.ports", TEXT("to these ports")},
    {"AuthorizationPolicy", "operation.methods", TEXT("with these methods")},
    {"AuthorizationPolicy", "operation.paths", TEXT("for these paths; a * at an end matches any rest")},
    {"AuthorizationPolicy", "operation.notPaths", TEXT("for any path but these")},
    {"AuthorizationPolicy", "when.key", TEXT("a property of the request, such as request.headers[x]")},
    {"AuthorizationPolicy", "when.values", TEXT("one of these values")},
    {"AuthorizationPolicy", "when.notValues", TEXT("none of these values")},

    {"PeerAuthentication", "mtls.mode", TEXT("whether workloads take plaintext, mutual TLS or both")},
    {"RequestAuthentication", "jwtRules.issuer", TEXT("who must have made the token")},
    {"RequestAuthentication", "jwtRules.jwksUri", TEXT("where its keys are fetched")},
    {"RequestAuthentication", "jwtRules.jwks", TEXT("its keys, as JSON")},
    {"RequestAuthentication", "jwtRules.audiences", TEXT("for whom the token must be")},
    {"RequestAuthentication", "jwtRules.forwardOriginalToken", TEXT("the token stays in the request")},
    {"Sidecar", "egress.hosts", TEXT("what the sidecars know, as namespace/name")},
    {"Sidecar", "outboundTrafficPolicy.mode", TEXT("what becomes of hosts that the mesh does not know")},
    {"ConfigMap", "outboundTrafficPolicy.mode", TEXT("what becomes of hosts that the mesh does not know")},
    {"ConfigMap", "trustDomain", TEXT("the first part of every identity of the mesh")},
    {"ConfigMap", "trustDomainAliases", TEXT("older trust domains that policies go on to mean")},
    {"ConfigMap", "accessLogFile", TEXT("where the proxies write their logs; empty: nowhere")},
    {"ConfigMap", "accessLogEncoding", TEXT("how a log line is written")},
    {"ConfigMap", "enableAutoMtls", TEXT("sidecars speak mutual TLS to each other by themselves")},
    {"ConfigMap", "rootNamespace", TEXT("resources in it hold for the whole mesh")},
    {"Telemetry", "accessLogging.disabled", TEXT("no lines are written")},
    {"Service", "ports.port", TEXT("the port that clients ask for")},
    {"Service", "ports.targetPort", TEXT("the port of the pods")},
    {"Service", "ports.appProtocol", TEXT("what is spoken on the port")},
    {"Service", "spec.selector", TEXT("which pods are behind it")},
    {"Deployment", "spec.replicas", TEXT("how many pods there are")},
};

constexpr Words values[] = {
    {"DISABLE", "tls.mode", TEXT("plaintext")},
    {"SIMPLE", "tls.mode", TEXT("TLS, no client certificate")},
    {"MUTUAL", "tls.mode", TEXT("client certificate, server verified")},
    {"ISTIO_MUTUAL", "tls.mode", TEXT("both show their mesh certificate")},
    {"PASSTHROUGH", "tls.mode", TEXT("TLS goes on unopened, routed by its server name")},
    {"AUTO_PASSTHROUGH", "tls.mode", TEXT("TLS goes on unopened, the server name says where")},
    {"OPTIONAL_MUTUAL", "tls.mode", TEXT("a client certificate is verified if there is one")},
    {"STRICT", "mtls.mode", TEXT("plaintext is refused")},
    {"PERMISSIVE", "mtls.mode", TEXT("plaintext and mutual TLS are both taken")},
    {"DISABLE", "mtls.mode", TEXT("plaintext only")},
    {"UNSET", "mtls.mode", TEXT("as the level above says")},
    {"ROUND_ROBIN", "loadBalancer.simple", TEXT("each endpoint in turn")},
    {"LEAST_REQUEST", "loadBalancer.simple", TEXT("of two, the one that has less to do")},
    {"RANDOM", "loadBalancer.simple", TEXT("any of them")},
    {"PASSTHROUGH", "loadBalancer.simple", TEXT("the address that the client asked for")},
    {"ALLOW", "spec.action", TEXT("let through; whatever no ALLOW policy matches is refused")},
    {"DENY", "spec.action", TEXT("refused with 403, before any ALLOW policy is asked")},
    {"AUDIT", "spec.action", TEXT("noted only")},
    {"CUSTOM", "spec.action", TEXT("an external service decides")},
    {"MESH_EXTERNAL", "spec.location", TEXT("outside: no mesh identity, no mesh mTLS")},
    {"MESH_INTERNAL", "spec.location", TEXT("part of the mesh: its workloads have identities")},
    {"NONE", "spec.resolution", TEXT("the address that the client asked for")},
    {"STATIC", "spec.resolution", TEXT("the addresses given as endpoints")},
    {"DNS", "spec.resolution", TEXT("looked up by name; all addresses are used")},
    {"DNS_ROUND_ROBIN", "spec.resolution", TEXT("looked up by name; the first address is used")},
    {"REGISTRY_ONLY", "outboundTrafficPolicy.mode", TEXT("refused with 502")},
    {"ALLOW_ANY", "outboundTrafficPolicy.mode", TEXT("let through as they are")},
};
// clang-format on
#undef TEXT

QString withoutIndexes(QString path)
{
    static const QRegularExpression index(QStringLiteral(R"(\[[^\]]*\])"));
    return path.remove(index);
}

bool endsWith(const QString &path, const QString &end)
{
    return path == end || path.endsWith(QLatin1Char('.') + end);
}

} // namespace

QString fieldWords(const QString &kind, const QString &path)
{
    const QString plain = withoutIndexes(path);
    const Words *best = nullptr;
    std::size_t length = 0;
    for (const Words &words : fields) {
        const std::size_t mine = qstrlen(words.end);
        if ((!*words.kind || kind == QLatin1String(words.kind)) && mine > length &&
            endsWith(plain, QString::fromLatin1(words.end))) {
            best = &words;
            length = mine;
        }
    }
    return best ? QCoreApplication::translate("FieldWords", best->text) : QString();
}

QString valueWords(const QString &path, const QString &value)
{
    const QString plain = withoutIndexes(path);
    for (const Words &words : values) {
        if (value == QLatin1String(words.kind) && endsWith(plain, QString::fromLatin1(words.end)))
            return QCoreApplication::translate("FieldWords", words.text);
    }
    return {};
}

} // namespace sallyport::editor
