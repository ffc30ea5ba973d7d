// SPDX-License-Identifier: GPL-3.0-or-later
#include "cases.h"

namespace cases {

namespace {

constexpr const char *secondService =
    "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: second, namespace: default}\n"
    "spec: {hosts: [test.com], http: [{route: [{destination: {host: test.com, port: {number: 80}}}]}]}\n";
constexpr const char *otherHostService =
    "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: second, namespace: default}\n"
    "spec: {hosts: [sleep], http: [{route: [{destination: {host: sleep, port: {number: 80}}}]}]}\n";

constexpr const char *plainServer =
    "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: plain, namespace: default}\n"
    "spec: {selector: {istio: egressgateway}, servers: [{hosts: ['*'], port: {name: plain, number: 80, "
    "protocol: HTTP}}]}\n";
constexpr const char *plainServerElsewhere =
    "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: plain, namespace: default}\n"
    "spec: {selector: {istio: egressgateway}, servers: [{hosts: ['*'], port: {name: plain, number: 443, "
    "protocol: HTTP}}]}\n";

} // namespace

std::vector<Case> routing()
{
    return {
        {"EGR0301",
         "no rule at the gateway for a host that is sent there",
         true,
         "routing-host-outside-gateway",
         {}},
        {"EGR0301", "a rule for some paths only", false, "routing-paths", {}},
        {"EGR0302", "the gateway has other hosts", true, "routing-host-outside-gateway", {}},
        {"EGR0302",
         "the gateway has a wildcard for it",
         false,
         "guide-stage-5",
         {{gateway, "    - '*'\n", "    - 'default/*.com'\n"}}},
        {"EGR0303", "spec.gateways lacks mesh", true, "guide-stage-5", {{routes, "  - mesh\n", ""}}},
        {"EGR0303",
         "another spelling of the same gateway",
         false,
         "guide-stage-5",
         {{routes, "      - egress-gateway\n", "      - default/egress-gateway\n"}}},
        {"EGR0304",
         "no Service has the port",
         true,
         "guide-stage-5",
         {{gateway, "      number: 80\n", "      number: 81\n"}}},
        {"EGR0304", "a Service has it as targetPort", false, "hop1-target-port-policy", {}},
        {"EGR0305",
         "two ports and none chosen",
         true,
         "guide-stage-5",
         {{routes, "        host: test.com\n        port:\n          number: 443\n",
           "        host: test.com\n"}}},
        {"EGR0305",
         "one port and none chosen",
         false,
         "guide-stage-5",
         {{routes, "        host: test.com\n        port:\n          number: 443\n",
           "        host: sleep.default.svc.cluster.local\n"}}},
        {"EGR0306",
         "a port that the gateway does not have",
         true,
         "guide-stage-5",
         {{routes, "      - egress-gateway\n      port: 80\n", "      - egress-gateway\n      port: 81\n"}}},
        {"EGR0306",
         "a port that the entry has",
         false,
         "guide-stage-5",
         {{routes, "      - mesh\n      port: 80\n", "      - mesh\n      port: 443\n"}}},
        {"EGR0307",
         "http rules for a TLS server",
         true,
         "guide-stage-5",
         {{gateway, "      protocol: HTTPS\n", "      protocol: TLS\n"}}},
        {"EGR0307", "a plain server that redirects to https", false, "external-https-redirect", {}},
        {"EGR0310", "two for one host", true, "routing-two-for-one-host", {}},
        {"EGR0310", "again two", true, "guide-stage-5", {{more, "", secondService}}},
        {"EGR0310", "two for two hosts", false, "guide-stage-5", {{more, "", otherHostService}}},
        {"EGR0313", "the same host twice", true, "hop1-two-gateways-duplicate", {}},
        {"EGR0313", "different hosts", false, "hop1-two-gateways-merge", {}},
        {"EGR0314", "plaintext beside TLS", true, "guide-stage-5", {{more, "", plainServer}}},
        {"EGR0314", "plaintext on another port", false, "guide-stage-5", {{more, "", plainServerElsewhere}}},
        {"EGR0315", "the guide's gateway", true, "guide-stage-5", {}},
        {"EGR0315",
         "hosts of one namespace",
         false,
         "guide-stage-5",
         {{gateway, "    - '*'\n", "    - 'default/*'\n"}}},
        {"EGR0321",
         "the gateway's rule leads back",
         true,
         "guide-stage-5",
         {{routes, "    - gateways:\n      - mesh\n      port: 80\n", "    - port: 80\n"}}},
        {"EGR0321", "only the sidecars' rule leads there", false, "guide-stage-5", {}},
        {"EGR0801", "443 as HTTP", true, "outbound-443-as-http", {}},
        {"EGR0801",
         "8080 as HTTP",
         false,
         "guide-stage-5",
         {{entry, "    number: 80\n", "    number: 8080\n"}}},
        {"EGR0802",
         "the same in another namespace",
         true,
         "guide-stage-5",
         {{more, "",
           "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: again, namespace: "
           "istio-system}\nspec: {hosts: [test.com], ports: [{name: http, number: 80, protocol: HTTP}], "
           "resolution: STATIC, endpoints: [{address: 203.0.113.10}]}\n"}}},
        {"EGR0802",
         "another port in another namespace",
         false,
         "guide-stage-5",
         {{more, "",
           "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: again, namespace: "
           "istio-system}\nspec: {hosts: [test.com], ports: [{name: http, number: 8080, protocol: HTTP}], "
           "resolution: STATIC, endpoints: [{address: 203.0.113.10}]}\n"}}},
        {"EGR0322", "no sidecar sends there", true, "routing-without-mesh", {}},
        {"EGR0322",
         "TLS that no rule of the gateway takes on",
         true,
         "guide-stage-5",
         {{more, "",
           "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: half, namespace: "
           "default}\n"
           "spec: {hosts: [half.example], tls: [{match: [{port: 443, sniHosts: [half.example]}], route: "
           "[{destination: {host: istio-egressgateway.istio-system.svc.cluster.local, port: {number: "
           "443}}}]}]}\n"}}},
        {"EGR0322", "both hops", false, "guide-stage-5", {}},
        {"EGR0322", "both hops, in TLS that is passed through", false, "routing-tls-passthrough", {}},
        {"EGR0804",
         "bytes on the port of HTTP",
         true,
         "guide-stage-5",
         {{more, "",
           "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: bytes, namespace: "
           "default}\n"
           "spec: {hosts: [bytes.example], ports: [{number: 80, name: bytes, protocol: TCP}], resolution: "
           "STATIC, endpoints: [{address: 203.0.113.90}]}\n"}}},
        {"EGR0804",
         "TLS on the port of HTTP",
         false,
         "guide-stage-5",
         {{more, "",
           "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: bytes, namespace: "
           "default}\n"
           "spec: {hosts: [bytes.example], ports: [{number: 80, name: bytes, protocol: TLS}], resolution: "
           "STATIC, endpoints: [{address: 203.0.113.90}]}\n"}}},
        {"EGR0804",
         "bytes on an address of their own",
         false,
         "guide-stage-5",
         {{more, "",
           "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: bytes, namespace: "
           "default}\n"
           "spec: {hosts: [bytes.example], addresses: [203.0.113.90], ports: [{number: 80, name: bytes, "
           "protocol: TCP}], resolution: STATIC, endpoints: [{address: 203.0.113.90}]}\n"}}},
        {"EGR0815",
         "the address of a named host",
         true,
         "guide-stage-5",
         {{routes, "  - test.com\n", "  - 203.0.113.10\n"}}},
        {"EGR0815", "the name", false, "guide-stage-5", {}},
        {"EGR0803",
         "another protocol",
         true,
         "guide-stage-5",
         {{more, "",
           "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: again, namespace: "
           "default}\nspec: {hosts: [test.com], ports: [{name: tcp, number: 80, protocol: TLS}], "
           "resolution: STATIC, endpoints: [{address: 203.0.113.10}]}\n"}}},
        {"EGR0803", "two entries with two ports", false, "outbound-two-entries-ports", {}},
        {"EGR0819", "two entries with two ports", false, "outbound-two-entries-ports", {}},
        {"EGR0819",
         "another resolution",
         true,
         "guide-stage-5",
         {{more, "",
           "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: again, namespace: "
           "default}\nspec: {hosts: [test.com], ports: [{name: more, number: 8081, protocol: HTTP}], "
           "resolution: DNS}\n"}}},
        {"EGR0805", "TCP without addresses", true, "outbound-443-as-tcp", {}},
        {"EGR0805", "TCP with an address", false, "chain-tcp", {}},
        {"EGR0806",
         "TCP on a port of TLS entries",
         true,
         "guide-stage-5",
         {{more, "",
           "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: db, namespace: "
           "default}\n"
           "spec: {hosts: [db.example], ports: [{name: tcp, number: 443, protocol: TCP}], resolution: "
           "STATIC, "
           "endpoints: [{address: 203.0.113.10}]}\n"}}},
        {"EGR0806",
         "TCP on a port of its own",
         false,
         "guide-stage-5",
         {{more, "",
           "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: db, namespace: "
           "default}\n"
           "spec: {hosts: [db.example], ports: [{name: tcp, number: 9000, protocol: TCP}], resolution: "
           "STATIC, "
           "endpoints: [{address: 203.0.113.10}]}\n"}}},
        {"EGR0807",
         "a wildcard without an address at a gateway",
         true,
         "chain-wildcard",
         {{entry, "  endpoints:\n  - address: 203.0.113.10\n", ""}, {entry, "STATIC", "NONE"}}},
        {"EGR0807", "with one shared server", false, "chain-wildcard", {}},
        {"EGR0809", "HTTP/2 outside", true, "outbound-http2-upstreams", {}},
        {"EGR0809", "HTTP outside", false, "guide-stage-5", {}},
        {"EGR0810", "the guide's http that is HTTPS", true, "guide-stage-5", {}},
        {"EGR0810",
         "a name that says nothing",
         false,
         "guide-stage-5",
         {{gateway, "      name: http\n", "      name: entrance\n"}}},
        {"EGR0813", "upper case", true, "guide-stage-5", {{entry, "  - test.com\n", "  - Test.com\n"}}},
        {"EGR0813", "lower case", false, "guide-stage-5", {}},
        {"EGR0817",
         "a public address inside",
         true,
         "guide-stage-5",
         {{entry, "MESH_EXTERNAL", "MESH_INTERNAL"}}},
        {"EGR0817",
         "a private address inside",
         false,
         "guide-stage-5",
         {{entry, "MESH_EXTERNAL", "MESH_INTERNAL"}, {entry, "203.0.113.10", "10.1.2.3"}}},
        {"EGR0818",
         "the guide's placeholder",
         true,
         "guide-stage-5",
         {{entry, "203.0.113.10", "<ingress-gateway-ip>"}}},
        {"EGR0818", "STATIC without endpoints", true, "outbound-endpoint-ports", {}},
        {"EGR0818", "DNS without endpoints", false, "outbound-resolution-dns", {}},
    };
}

} // namespace cases
