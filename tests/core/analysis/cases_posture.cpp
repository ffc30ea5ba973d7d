// SPDX-License-Identifier: GPL-3.0-or-later
#include "cases.h"

namespace cases {

std::vector<Case> posture()
{
    return {
        {"EGR0701", "stage 2", true, "guide-stage-2", {}},
        {"EGR0701", "the entry's other port", true, "guide-stage-5", {}},
        {"EGR0701",
         "all that is there goes through the gateway",
         false,
         "guide-stage-5",
         {{entry, "  - name: https\n    number: 443\n    protocol: HTTPS\n", ""}}},
        {"EGR0703",
         "ALLOW_ANY beside a gateway",
         true,
         "guide-stage-5",
         {{"primary/01-mesh.yaml", "REGISTRY_ONLY", "ALLOW_ANY"}}},
        {"EGR0703", "REGISTRY_ONLY", false, "guide-stage-5", {}},
        {"EGR0704", "https beside the guide's policy", true, "guide-stage-5", {}},
        {"EGR0704", "no policy about paths", false, "guide-stage-4", {}},
        {"EGR0706",
         "a wildcard, and a rule for one host of it",
         true,
         "guide-stage-5",
         {{entry, "  - test.com\n", "  - test.com\n  - '*.test.com'\n"},
          {entry, "  resolution: STATIC", "  resolution: NONE"},
          {entry, "  endpoints:\n  - address: 203.0.113.10\n", ""},
          {routes, "  - test.com\n", "  - test.com\n  - api.test.com\n"}}},
        {"EGR0706", "a wildcard that is routed whole", false, "chain-wildcard", {}},
        {"EGR0707",
         "excluded ports",
         true,
         "guide-stage-5",
         {{"primary/02-sleep.yaml", "  template:\n    metadata:\n",
           "  template:\n    metadata:\n      annotations:\n        "
           "traffic.sidecar.istio.io/excludeOutboundPorts: '443'\n"}}},
        {"EGR0707",
         "everything included",
         false,
         "guide-stage-5",
         {{"primary/02-sleep.yaml", "  template:\n    metadata:\n",
           "  template:\n    metadata:\n      annotations:\n        "
           "traffic.sidecar.istio.io/includeOutboundIPRanges: '*'\n"}}},
        {"EGR0710", "ALLOW_ANY for some", true, "outbound-sidecar-selector", {}},
        {"EGR0710", "the mesh's mode", false, "chain-sidecar-scope", {}},
        {"EGR0713",
         "a namespace without the label",
         true,
         "guide-stage-5",
         {{"primary/00-namespaces.yaml", "istio-injection: enabled", "team: one"}}},
        {"EGR0713", "a pod that says no", false, "authz-uninjected-client", {}},
        {"EGR0906",
         "a Gateway without rules",
         true,
         "guide-stage-5",
         {{more, "",
           "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: idle, namespace: default}\n"
           "spec: {selector: {istio: egressgateway}, servers: [{hosts: [idle.example], port: {name: idle, "
           "number: 80, protocol: HTTP}}]}\n"}}},
        {"EGR0906",
         "a credential that no rule names",
         true,
         "guide-stage-5",
         {{secret, "name: test.client", "name: test.spare"}}},
        {"EGR0906", "all of the guide", false, "guide-stage-5", {}},
        {"EGR0901", "v1beta1", true, "guide-stage-5", {}},
        {"EGR0901",
         "v1",
         false,
         "guide-stage-5",
         {{"*", "networking.istio.io/v1alpha3", "networking.istio.io/v1"},
          {"*", "networking.istio.io/v1beta1", "networking.istio.io/v1"},
          {"*", "security.istio.io/v1beta1", "security.istio.io/v1"}}},
    };
}

} // namespace cases
