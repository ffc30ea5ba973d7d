// SPDX-License-Identifier: GPL-3.0-or-later
#include "cases.h"

namespace cases {

namespace {

constexpr const char *principal = "cluster.local/ns/default/sa/sleep";
constexpr const char *source = "        principals:\n        - cluster.local/ns/default/sa/sleep\n";
constexpr const char *paths = "        - /headers\n";
constexpr const char *hosts = "        hosts:\n        - test.com\n";
constexpr const char *selector = "  selector:\n    matchLabels:\n      istio: egressgateway\n";
constexpr const char *tokens = "apiVersion: security.istio.io/v1\nkind: RequestAuthentication\n"
                               "metadata: {name: tokens, namespace: istio-system}\nspec:\n  selector: "
                               "{matchLabels: {istio: egressgateway}}\n"
                               "  jwtRules: [{issuer: issuer.example, jwks: '{\"keys\":[]}'}]\n";
constexpr const char *usableTokens =
    "apiVersion: security.istio.io/v1\nkind: RequestAuthentication\n"
    "metadata: {name: tokens, namespace: istio-system}\nspec:\n"
    "  jwtRules: [{issuer: issuer.example, jwks: '{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}'}]\n";

} // namespace

std::vector<Case> authorization()
{
    return {
        {"EGR0601", "in the client's namespace", true, "authz-namespace-wrong", {}},
        {"EGR0601", "in the gateway's namespace", false, "guide-stage-5", {}},
        {"EGR0602",
         "a policy on the client",
         true,
         "guide-stage-5",
         {{policy, "namespace: istio-system", "namespace: default"},
          {policy, "istio: egressgateway\n", "app: sleep\n"}}},
        {"EGR0602", "a policy on the gateway", false, "guide-stage-5", {}},
        {"EGR0604", "a plaintext gateway", true, "hop1-plain", {}},
        {"EGR0604", "a gateway with mutual TLS", false, "guide-stage-5", {}},
        {"EGR0605", "for everybody", true, "authz-root-namespace", {}},
        {"EGR0605", "for the gateway", false, "guide-stage-5", {}},
        {"EGR0606",
         "an unknown account",
         true,
         "guide-stage-5",
         {{policy, principal, "cluster.local/ns/default/sa/slep"}}},
        {"EGR0606",
         "an account of another mesh",
         false,
         "guide-stage-5",
         {{policy, principal, "other.example/ns/default/sa/slep"}}},
        {"EGR0607", "another trust domain", true, "authz-trust-domain", {}},
        {"EGR0607", "cluster.local", false, "guide-stage-5", {}},
        {"EGR0608", "a DENY and a passthrough port", true, "authz-tcp-widening", {}},
        {"EGR0608", "with ports", false, "authz-tcp-ports", {}},
        {"EGR0609", "the guide's host", true, "guide-stage-5", {}},
        {"EGR0609",
         "with its twin",
         false,
         "guide-stage-5",
         {{policy, hosts, "        hosts: [test.com, 'test.com:*']\n"}}},
        {"EGR0610", "lower case", true, "guide-stage-5", {{policy, hosts, "        methods: [get]\n"}}},
        {"EGR0610", "a pattern", false, "guide-stage-5", {{policy, hosts, "        methods: ['P*']\n"}}},
        {"EGR0611",
         "a host that no route has",
         true,
         "guide-stage-5",
         {{policy, hosts, "        hosts: [elsewhere.example]\n"}}},
        {"EGR0611",
         "a pattern that fits one",
         false,
         "guide-stage-5",
         {{policy, hosts, "        hosts: ['*.com']\n"}}},
        {"EGR0612", "the guide's path", true, "guide-stage-5", {}},
        {"EGR0612",
         "an ALLOW",
         false,
         "guide-stage-5",
         {{policy, "action: DENY", "action: ALLOW"},
          {"external/05-policy.yaml", "action: DENY", "action: ALLOW"}}},
        {"EGR0612",
         "normalised further",
         false,
         "authz-normalization-decode-and-merge-slashes",
         {{"external/05-policy.yaml", "action: DENY", "action: ALLOW"}}},
        {"EGR0613", "a star in the middle", true, "guide-stage-5", {{policy, paths, "        - /a/*/b\n"}}},
        {"EGR0613", "a query", true, "guide-stage-5", {{policy, paths, "        - /a?b=c\n"}}},
        {"EGR0613", "a prefix", false, "guide-stage-5", {{policy, paths, "        - /a/*\n"}}},
        {"EGR0614",
         "another host is routed",
         true,
         "chain-two-hosts",
         {{more, "",
           "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: only, namespace: "
           "istio-system}\nspec: {selector: {matchLabels: {istio: egressgateway}}, action: ALLOW, rules: "
           "[{to: "
           "[{operation: {hosts: [test.com]}}]}]}\n"}}},
        {"EGR0614",
         "all that is routed",
         false,
         "guide-stage-5",
         {{policy, "action: DENY", "action: ALLOW"}}},
        {"EGR0615",
         "dry run",
         true,
         "guide-stage-5",
         {{policy, "metadata:\n", "metadata:\n  annotations: {istio.io/dry-run: 'true'}\n"}}},
        {"EGR0615",
         "enforced",
         false,
         "guide-stage-5",
         {{policy, "metadata:\n", "metadata:\n  annotations: {istio.io/dry-run: 'false'}\n"}}},
        {"EGR0616", "the Service's port", true, "hop1-target-port-policy", {}},
        {"EGR0616", "the pod's port", false, "authz-methods-ports", {}},
        {"EGR0617", "spiffe://", true, "authz-principals", {}},
        {"EGR0617", "without", false, "guide-stage-5", {}},
        {"EGR0618", "no namespace", true, "authz-identity-fields", {}},
        {"EGR0618",
         "with its namespace",
         false,
         "guide-stage-5",
         {{policy, source, "        serviceAccounts: [default/sleep]\n"}}},
        {"EGR0619",
         "tokens nobody verifies",
         true,
         "guide-stage-5",
         {{policy, source, "        requestPrincipals: ['*']\n"}}},
        {"EGR0619",
         "tokens that are verified",
         false,
         "guide-stage-5",
         {{policy, source, "        requestPrincipals: ['*']\n"}, {more, "", tokens}}},
        {"EGR0624", "a set without a key", true, "guide-stage-5", {{more, "", tokens}}},
        {"EGR0624", "a set with a key", false, "guide-stage-5", {{more, "", usableTokens}}},
        {"EGR0621", "no policy", true, "guide-stage-4", {}},
        {"EGR0621", "a policy", false, "guide-stage-5", {}},
        {"EGR0622",
         "an ALLOW with paths and a passthrough port",
         true,
         "authz-tcp-widening",
         {{policy, "action: DENY", "action: ALLOW"}}},
        {"EGR0622",
         "an ALLOW where all is HTTP",
         false,
         "guide-stage-5",
         {{policy, "action: DENY", "action: ALLOW"}}},
        {"EGR0623", "an empty policy", true, "authz-allow-nothing", {}},
        {"EGR0623", "a DENY", false, "guide-stage-5", {}},
        {"EGR0601",
         "labels that no pod has",
         true,
         "guide-stage-5",
         {{policy, selector, "  selector:\n    matchLabels:\n      istio: egressgatewy\n"}}},
    };
}

} // namespace cases
