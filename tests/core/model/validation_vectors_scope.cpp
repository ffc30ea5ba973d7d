// SPDX-License-Identifier: GPL-3.0-or-later
#include "validation_vectors.h"

namespace {

std::string jwt(const std::string &fields)
{
    return "jwtRules: [{issuer: a, " + fields + "}]\n";
}

std::string egress(const std::string &hosts)
{
    return "egress: [{hosts: [" + hosts + "]}]\n";
}

std::string ingress(const std::string &fields,
                    const std::string &port = "number: 80, protocol: HTTP, name: a")
{
    return "ingress: [{port: {" + port + "}" + (fields.empty() ? "" : ", " + fields) + "}]\n";
}

std::string ingressTls(const std::string &fields)
{
    return ingress("tls: {" + fields + "}", "number: 443, protocol: HTTPS, name: a");
}

} // namespace

std::vector<Vector> scopeVectors()
{
    using enum Verdict;
    const char *sidecar = "Sidecar";
    const char *tokens = "RequestAuthentication";
    return {
        {"5.6 port level", "PeerAuthentication", "portLevelMtls: {8080: {mode: STRICT}}\n", Reject,
         "selector"},
        {"5.6 selected", "PeerAuthentication",
         "selector: {matchLabels: {a: b}}\nportLevelMtls: {8080: {mode: STRICT}}\n", Accept},
        {"5.6 mode", "PeerAuthentication", "mtls: {mode: MUTUAL}\n", Reject, "no value of"},
        {"5.7 issuer", "RequestAuthentication", "jwtRules: [{jwks: '{\"keys\": []}'}]\n", Reject, "issuer"},
        {"5.8 empty Sidecar", "Sidecar", "{}\n", Reject, "egress, ingress"},
        {"5.8 no hosts", "Sidecar", "egress: [{hosts: []}]\n", Reject, "needs hosts"},
        {"5.8 host without namespace", "Sidecar", "egress: [{hosts: [test.com]}]\n", Reject, "namespace"},
        {"5.8 egressProxy", "Sidecar",
         "outboundTrafficPolicy: {mode: REGISTRY_ONLY, egressProxy: {host: a.b, port: {number: 80}}}\n",
         Reject, "ALLOW_ANY"},
        {"5.7 jwks", tokens, jwt("jwks: '{\"keys\": []}'"), Accept},
        {"5.7 jwks and jwksUri", tokens, jwt("jwks: '{\"keys\": []}', jwksUri: 'https://a.b'"), Reject,
         "together"},
        {"5.7 jwksUri", tokens, jwt("jwksUri: 'https://a.b'"), Accept},
        {"5.7 jwksUri without an issuer", tokens, "jwtRules: [{jwksUri: 'https://a.b'}]\n", Accept},
        {"5.7 jwksUri with an empty issuer", tokens, "jwtRules: [{issuer: '', jwksUri: 'https://a.b'}]\n",
         Reject, "issuer"},
        {"5.7 jwksUri of a file", tokens, jwt("jwksUri: 'file:///a/b.json'"), Warn, "for a lab only"},
        {"5.7 jwksUri of a relative file", tokens, jwt("jwksUri: 'file://b.json'"), Reject, "http"},
        {"5.7 jwksUri of another scheme", tokens, jwt("jwksUri: 'ftp://a.b'"), Reject, "http"},
        {"5.7 fromParams", tokens, jwt("fromParams: ['']"), Reject, "query parameter"},
        {"5.7 fromCookies", tokens, jwt("fromCookies: [a, '']"), Reject, "cookie"},
        {"5.7 fromHeaders", tokens, jwt("fromHeaders: [{prefix: a}]"), Reject, "header needs a name"},
        {"5.7 audiences", tokens, jwt("audiences: ['']"), Reject, "audience"},
        {"5.7 outputClaimToHeaders", tokens, jwt("outputClaimToHeaders: [{header: 'a b', claim: c}]"), Reject,
         "name of a header"},
        {"0.2 dry run of tokens", tokens, jwt("jwksUri: 'https://a.b'"), Reject, "run dry",
         "{name: a, namespace: b, annotations: {istio.io/dry-run: 'true'}}"},
        {"0.2 dry run of mTLS", "PeerAuthentication", "mtls: {mode: STRICT}\n", Reject, "run dry",
         "{name: a, namespace: b, annotations: {istio.io/dry-run: 'false'}}"},

        {"5.8 Sidecar", sidecar, egress("./*, istio-system/*"), Accept},
        {"5.8 excluded", sidecar, egress("'*/*', '~/a.b', '~ns/a.b', '~./*', '~*/c.d'"), Accept},
        {"5.8 no namespace", sidecar, egress("/a.b"), Reject, "form namespace/host"},
        {"5.8 no name", sidecar, egress("./"), Reject, "form namespace/host"},
        {"5.8 namespace", sidecar, egress("'a_b/a.b'"), Reject, "invalid namespace"},
        {"5.8 short name", sidecar, egress("./foo"), Reject, "short names"},
        {"5.8 partial wildcard", sidecar, egress("'./*foo.com'"), Reject, "partial wildcard"},
        {"5.8 address", sidecar, egress("./1.2.3.4"), Reject, "domain"},
        {"5.8 host twice", sidecar, egress("./a.b, default/a.b"), Warn, "twice"},
        {"5.8 host and all", sidecar, egress("./a.b, './*'"), Warn, "twice"},
        {"5.8 host in two listeners", sidecar,
         "egress: [{port: {number: 80}, hosts: [./a.b]}, {hosts: [./a.b]}]\n", Accept},
        {"5.8 all and more", sidecar, egress("'*/*', ./a.b"), Warn, "every host"},
        {"5.8 targetPort", sidecar, "egress: [{port: {number: 80, targetPort: 81}, hosts: [./a.b]}]\n",
         Reject, "targetPort"},
        {"5.8 ports twice", sidecar,
         "egress: [{port: {number: 80}, hosts: [./a.b]}, {port: {number: 80}, hosts: [./c.d]}]\n", Reject,
         "already"},
        {"5.8 port name", sidecar, "egress: [{port: {number: 80, name: a_b}, hosts: [./a.b]}]\n", Reject,
         "DNS label"},
        {"5.8 socket", sidecar, "egress: [{port: {number: 0}, bind: 'unix:///a', hosts: [./a.b]}]\n", Accept},
        {"5.8 socket and a number", sidecar,
         "egress: [{port: {number: 80}, bind: 'unix:///a', hosts: [./a.b]}]\n", Reject, "valid IP"},
        {"5.8 captured socket", sidecar,
         "egress: [{port: {number: 0}, bind: 'unix:///a', captureMode: IPTABLES, hosts: [./a.b]}]\n", Reject,
         "captured"},
        {"5.8 no number", sidecar, "egress: [{port: {protocol: HTTP}, hosts: [./a.b]}]\n", Reject,
         "1 to 65535"},
        {"5.8 sockets twice", sidecar,
         "egress: [{port: {number: 0}, bind: 'unix:///a', hosts: [./a.b]}, {port: {number: 0}, bind: "
         "'unix:///a', hosts: [./c.d]}]\n",
         Reject, "socket"},
        {"5.8 dynamic DNS", sidecar, "outboundTrafficPolicy: {mode: ALLOW_ANY_DYNAMIC_DNS}\n", Reject,
         "whole mesh"},
        {"5.8 egressProxy's name", sidecar,
         "outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: '*.b', port: {number: 80}}}\n", Reject,
         "full domain name"},
        {"5.8 egressProxy of ALLOW_ANY", sidecar,
         "outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: a.b, port: {number: 80}}}\n", Accept},
        {"5.8 ingress", sidecar, ingress("defaultEndpoint: '127.0.0.1:8080'"), Accept},
        {"5.8 ingress of IPv6", sidecar, ingress("defaultEndpoint: '[::1]:8080'"), Accept},
        {"5.8 ingress without an address", sidecar, ingress("defaultEndpoint: ':8080'"), Accept},
        {"5.8 ingress on a socket", sidecar, ingress("defaultEndpoint: 'unix:///a'"), Accept},
        {"5.8 ingress elsewhere", sidecar, ingress("defaultEndpoint: '10.0.0.1:8080'"), Reject, "this pod"},
        {"5.8 ingress without a port", sidecar, ingress("defaultEndpoint: 127.0.0.1"), Reject, "no port"},
        {"5.8 ingress to no number", sidecar, ingress("defaultEndpoint: '127.0.0.1:http'"), Reject,
         "1 to 65535"},
        {"5.8 ingress to a relative socket", sidecar, ingress("defaultEndpoint: 'unix://a'"), Reject,
         "absolute"},
        {"5.8 ingress port 0", sidecar, ingress("", "number: 0, protocol: HTTP, name: a"), Reject,
         "1 to 65535"},
        {"5.8 ingress bound to a socket", sidecar, ingress("bind: 'unix:///a'"), Reject, "valid IP"},
        {"5.8 ingress twice", sidecar,
         "ingress: [{port: {number: 80, protocol: HTTP, name: a}}, {port: {number: 80, protocol: HTTP, name: "
         "b}}]\n",
         Reject, "already"},
        {"5.8 ingress of TLS", sidecar, ingressTls("mode: SIMPLE, serverCertificate: a, privateKey: b"),
         Accept},
        {"5.8 ingress of optional TLS", sidecar,
         ingressTls("mode: OPTIONAL_MUTUAL, serverCertificate: a, privateKey: b, caCertificates: c"), Accept},
        {"5.8 ingress of mesh TLS", sidecar, ingressTls("mode: ISTIO_MUTUAL"), Reject, "mode"},
        {"5.8 ingress of a credential", sidecar, ingressTls("mode: SIMPLE, credentialName: a"), Reject,
         "credentialName"},
        {"5.8 ingress with names", sidecar,
         ingressTls("mode: SIMPLE, serverCertificate: a, privateKey: b, subjectAltNames: [c]"), Reject,
         "subjectAltNames"},
        {"5.8 ingress that redirects", sidecar,
         ingressTls("mode: SIMPLE, serverCertificate: a, privateKey: b, httpsRedirect: true"), Reject,
         "httpsRedirect"},
        {"5.8 ingress without a key", sidecar, ingressTls("mode: SIMPLE, serverCertificate: a"), Reject,
         "private key"},
        {"5.8 plain ingress with TLS", sidecar,
         ingress("tls: {mode: SIMPLE, serverCertificate: a, privateKey: b}"), Reject, "HTTPS or TLS"},
        {"5.8 HTTP limits of bytes", sidecar,
         ingress("connectionPool: {http: {maxRetries: 1}}", "number: 80, protocol: TCP, name: a"), Warn,
         "no effect"},
    };
}
