// SPDX-License-Identifier: GPL-3.0-or-later
#include "cases.h"

namespace cases {

namespace {

/// A port of the egress gateway that passes TLS through to test.com.
constexpr const char *passthrough =
    "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: through, namespace: default}\n"
    "spec: {selector: {istio: egressgateway}, servers: [{hosts: [test.com], port: {name: tls, number: 443, "
    "protocol: TLS}, tls: {mode: PASSTHROUGH}}]}\n---\n"
    "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: through, namespace: "
    "default}\n"
    "spec: {hosts: [test.com], gateways: [through], tls: [{match: [{port: 443, sniHosts: [test.com]}], "
    "route: "
    "[{destination: {host: test.com, port: {number: 443}}}]}]}\n";
/// A port that ends mesh TLS around bytes that are no HTTP.
constexpr const char *bytes =
    "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: bytes, namespace: default}\n"
    "spec: {selector: {istio: egressgateway}, servers: [{hosts: [test.com], port: {name: tls, number: 443, "
    "protocol: TLS}, tls: {mode: ISTIO_MUTUAL}}]}\n---\n"
    "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: bytes, namespace: default}\n"
    "spec: {hosts: [test.com], gateways: [bytes], tcp: [{route: [{destination: {host: test.com, port: "
    "{number: "
    "443}}}]}]}\n";
constexpr const char *httpbinRule =
    "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: httpbin, namespace: "
    "default}\n"
    "spec: {host: httpbin.default.svc.cluster.local, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}\n";
constexpr const char *strictOff = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: "
                                  "{name: without, namespace: default}\n"
                                  "spec: {mtls: {mode: DISABLE}}\n";
constexpr const char *strictOn =
    "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: with, namespace: default}\n"
    "spec: {mtls: {mode: STRICT}}\n";
constexpr const char *externalMore = "external/90-more.yaml";

} // namespace

std::vector<Case> tls()
{
    return {
        {"EGR0401", "no rule for the gateway", true, "hop1-no-rule", {}},
        {"EGR0401", "a rule that a namespace keeps", true, "hop1-rule-exportto", {}},
        {"EGR0401", "a port without mTLS", true, "hop1-rule-port-level", {}},
        {"EGR0401", "mTLS to a plaintext port", true, "hop1-server-plain-rule-mtls", {}},
        {"EGR0401", "TLS without a certificate", true, "hop1-simple-insecure", {}},
        {"EGR0401", "plaintext on both sides", false, "hop1-plain", {}},
        {"EGR0402", "a server with a host", true, "hop1-gateway-hosts-no-sni", {}},
        {"EGR0402", "an SNI that the partner does not have", true, "origination-wrong-sni", {}},
        {"EGR0402", "a server with a host and its SNI", false, "hop1-gateway-hosts-sni", {}},
        {"EGR0403", "TLS around TLS", true, "origination-insecure-simple", {}},
        {"EGR0403", "a credential, which sidecars ignore", false, "guide-stage-5", {}},
        {"EGR0404", "passed through, then encrypted", true, "guide-stage-5", {{more, "", passthrough}}},
        {"EGR0404", "passed through as it is", false, "routing-tls-passthrough", {}},
        {"EGR0405",
         "bytes and no SNI",
         true,
         "guide-stage-5",
         {{more, "", bytes}, {origination, "        sni: test.com\n", ""}}},
        {"EGR0405", "bytes and an SNI", false, "guide-stage-5", {{more, "", bytes}}},
        {"EGR0406", "the name of another", true, "origination-wrong-sni", {}},
        {"EGR0406", "a name of the host", false, "guide-stage-5", {}},
        {"EGR0407", "the certificate has another name", true, "origination-no-sni-wrong-name", {}},
        {"EGR0407", "names that the certificate has", false, "origination-san-right", {}},
        {"EGR0408", "no client certificate", true, "origination-simple-to-mutual", {}},
        {"EGR0408", "no TLS at all", true, "origination-disable", {}},
        {"EGR0408", "TLS to a plaintext port", true, "origination-tls-to-plain-port", {}},
        {"EGR0408", "a certificate", false, "guide-stage-5", {}},
        {"EGR0409", "a sidecar with a credential", true, "origination-sidecar-credential", {}},
        {"EGR0409", "with a selector", false, "origination-sidecar-selector", {}},
        {"EGR0410", "stage 3", true, "guide-stage-3", {}},
        {"EGR0410", "stage 4", false, "guide-stage-4", {}},
        {"EGR0308",
         "plaintext to a gateway that originates TLS",
         true,
         "guide-stage-5",
         {{gateway, "protocol: HTTPS\n    tls:\n      mode: ISTIO_MUTUAL\n", "protocol: HTTP\n"}}},
        {"EGR0308", "mesh TLS to it", false, "guide-stage-5", {}},
        {"EGR0308",
         "a rule that says https",
         false,
         "guide-stage-5",
         {{gateway, "protocol: HTTPS\n    tls:\n      mode: ISTIO_MUTUAL\n", "protocol: HTTP\n"},
          {routes, "    - destination:\n        host: test.com\n",
           "    - headers: {request: {set: {x-forwarded-proto: https}}}\n      destination:\n        host: "
           "test.com\n"}}},
        {"EGR0414",
         "a private address and nobody's CA",
         true,
         "guide-stage-5",
         {{origination, "mode: MUTUAL\n        credentialName: test.client\n", "mode: SIMPLE\n"},
          {entry, "203.0.113.10", "10.1.2.3"}}},
        {"EGR0414",
         "a public address",
         false,
         "guide-stage-5",
         {{origination, "mode: MUTUAL\n        credentialName: test.client\n", "mode: SIMPLE\n"}}},
        {"EGR0414",
         "a private address and its CA",
         false,
         "guide-stage-5",
         {{entry, "203.0.113.10", "10.1.2.3"}}},
        {"EGR0418",
         "two hosts under one name",
         true,
         "chain-two-hosts",
         {{gateway, "- '*'\n", "- test.com\n"},
          {gateway, "  trafficPolicy:\n    tls:\n      mode: ISTIO_MUTUAL",
           "  trafficPolicy:\n    tls:\n      mode: ISTIO_MUTUAL\n      sni: test.com"}}},
        {"EGR0418",
         "a server for every host",
         false,
         "chain-two-hosts",
         {{gateway, "  trafficPolicy:\n    tls:\n      mode: ISTIO_MUTUAL",
           "  trafficPolicy:\n    tls:\n      mode: ISTIO_MUTUAL\n      sni: test.com"}}},
        {"EGR0411", "the guide's rule", true, "guide-stage-4", {}},
        {"EGR0411",
         "with names",
         false,
         "guide-stage-4",
         {{origination, "        sni: test.com\n",
           "        sni: test.com\n        subjectAltNames: [test.com]\n"}}},
        {"EGR0412", "anything goes", true, "origination-insecure-simple", {}},
        {"EGR0412", "verified", false, "guide-stage-4", {}},
        {"EGR0415",
         "the route leads to the plaintext port",
         true,
         "guide-stage-5",
         {{routes, "number: 443", "number: 80"}}},
        {"EGR0415", "the route leads to it", false, "guide-stage-5", {}},
        {"EGR0417",
         "mTLS where it is switched off",
         true,
         "guide-stage-5",
         {{externalMore, "", httpbinRule}, {externalMore, "", strictOff}}},
        {"EGR0417",
         "mTLS where it is demanded",
         false,
         "guide-stage-5",
         {{externalMore, "", httpbinRule}, {externalMore, "", strictOn}}},
        {"EGR0419", "the guide's balancer", true, "guide-stage-4", {}},
        {"EGR0419",
         "repeated for the port",
         false,
         "guide-stage-4",
         {{origination, "      tls:\n", "      loadBalancer:\n        simple: ROUND_ROBIN\n      tls:\n"}}},
        {"EGR0420",
         "TLS 1.0",
         true,
         "guide-stage-5",
         {{"external/04-gateway.yaml", "      mode: MUTUAL\n",
           "      mode: MUTUAL\n      minProtocolVersion: TLSV1_0\n"}}},
        {"EGR0420",
         "TLS 1.3",
         false,
         "guide-stage-5",
         {{"external/04-gateway.yaml", "      mode: MUTUAL\n",
           "      mode: MUTUAL\n      minProtocolVersion: TLSV1_3\n"}}},
        {"EGR0512", "another CA", true, "origination-wrong-ca", {}},
        {"EGR0512", "the server's CA", false, "guide-stage-5", {}},
        {"EGR0525", "a certificate of another CA", true, "origination-client-other-ca", {}},
        {"EGR0525", "a name that the server does not admit", true, "external-client-names", {}},
        {"EGR0525", "a certificate of the server's CA", false, "guide-stage-5", {}},
    };
}

} // namespace cases
