// SPDX-License-Identifier: GPL-3.0-or-later
#include "validation_vectors.h"

namespace {

std::string entry(const std::string &resolution, const std::string &hosts, const std::string &rest = {})
{
    return "resolution: " + resolution + "\nhosts: " + hosts + '\n' + rest;
}

std::string repeated(const std::string &text, int times)
{
    std::string result;
    for (int i = 0; i < times; ++i)
        result += (i == 0 ? "" : ", ") + text;
    return result;
}

/// `[n0.com, n1.com, …]`
std::string numbered(int count, const std::string &suffix, const std::string &prefix = "n")
{
    std::string result;
    for (int i = 0; i < count; ++i)
        result += (i == 0 ? "" : ", ") + prefix + std::to_string(i) + suffix;
    return '[' + result + ']';
}

std::string numberedPorts(int count)
{
    std::string result = "ports:\n";
    for (int i = 1; i <= count; ++i)
        result += "- {number: " + std::to_string(i) + ", name: p" + std::to_string(i) + ", protocol: http}\n";
    return result;
}

const std::string httpPorts = "ports:\n- {number: 80, name: http-valid1, protocol: http}\n"
                              "- {number: 8080, name: http-valid2, protocol: http}\n";

} // namespace

std::vector<Vector> serviceEntryVectors()
{
    using enum Verdict;
    const char *kind = "ServiceEntry";
    const auto one = [](const std::string &port) { return "ports: [" + port + "]\n"; };
    const std::string http80 = one("{number: 80, name: http, protocol: http}");
    const std::string tcp80 = one("{number: 80, name: tcp, protocol: TCP}");
    return {
        {"S1", kind,
         entry("DNS", "['*.google.com']",
               httpPorts + "endpoints:\n- {address: lon.google.com, ports: {http-valid1: 8080}}\n"
                           "- {address: in.google.com, ports: {http-valid2: 9080}}\n"),
         Accept},
        {"S2", kind, entry("DNS", "['*.google.com']", httpPorts), Reject, "wildcard"},
        {"S3", kind, entry("DNS", "[google.com]", httpPorts), Accept},
        {"S4", kind,
         entry("DNS", "['*.google.com']", httpPorts + "endpoints: [{address: '*.lon.google.com'}]\n"), Reject,
         "endpoint"},
        {"S5", kind, entry("DNS", "['*.google.com']", httpPorts + "endpoints: [{address: 'unix:///x'}]\n"),
         Reject, "endpoint"},
        {"S6", kind,
         entry("DNS", "[httpbin.org]",
               "addresses: [10.10.10.10]\n" +
                   one("{number: 80, name: http, protocol: http}, {number: 443, name: "
                       "https, protocol: https}")),
         Accept},
        {"S7", kind,
         entry("DNS", "[httpbin.org, wikipedia.org]",
               "addresses: [10.10.10.10]\n" +
                   one("{number: 80, name: http, protocol: http}, {number: 443, name: "
                       "https, protocol: https}")),
         Warn, "share these addresses"},
        {"S8 none", kind, entry("DNS", "[]", httpPorts), Reject, "host"},
        {"S8 dash", kind, entry("DNS", "['-']", httpPorts), Reject, "domain"},
        {"S8 star", kind, entry("NONE", "[foo.com, '*']", httpPorts), Reject, "every service"},
        {"S9", kind, entry("DNS", "[foo, bar.com]", httpPorts), Accept},
        {"S10", kind,
         entry("DNS", "[google.com]",
               httpPorts + "endpoints: [{address: lon.google.com, ports: {http-dne: 80}}]\n"),
         Reject, "http-dne"},
        {"S11", kind, entry("NONE", "[google.com]", httpPorts + "endpoints: [{address: lon.google.com}]\n"),
         Reject, "endpoints"},
        {"S12", kind, entry("NONE", "[google.com]", "addresses: [172.1.2.16/16]\n" + httpPorts), Accept},
        {"S13", kind,
         entry("STATIC", "[google.com]",
               "addresses: [172.1.2.16/16]\n" + httpPorts +
                   "endpoints: [{address: 1.1.1.1}, {address: 2.2.2.2}]\n"),
         Accept},
        {"S14", kind, entry("STATIC", "[google.com]", httpPorts + "endpoints: [{address: google.com}]\n"),
         Reject, "IP address"},
        {"S15", kind, entry("STATIC", "[google.com]", httpPorts), Accept},
        {"S16 name", kind,
         entry("NONE", "[google.com]",
               one("{number: 80, name: http, protocol: http}, {number: 8080, name: http, protocol: http}")),
         Reject, "\"http\" is used twice"},
        {"S16 number", kind,
         entry("NONE", "[google.com]",
               one("{number: 80, name: http1, protocol: http}, {number: 80, name: http2, protocol: http}")),
         Reject, "80 is used twice"},
        {"S17", kind,
         entry("STATIC", "[unix.domain]", http80 + "endpoints: [{address: 'unix:///path/to/socket'}]\n"),
         Accept},
        {"S17 relative", kind,
         entry("STATIC", "[unix.domain]", http80 + "endpoints: [{address: 'unix://./socket'}]\n"), Reject,
         "absolute"},
        {"S17 endpoint ports", kind,
         entry("STATIC", "[unix.domain]",
               http80 + "endpoints: [{address: 'unix:///s', ports: {http: 80}}]\n"),
         Reject, "has no ports"},
        {"S17 two ports", kind,
         entry("STATIC", "[unix.domain]", httpPorts + "endpoints: [{address: 'unix:///path/to/socket'}]\n"),
         Reject, "exactly one port"},
        {"S18 addresses", kind,
         entry("NONE", "[google.com]", "addresses: [1.2.3.4]\n" + one("{number: 80, name: x}")), Accept},
        {"S18 none", kind, entry("NONE", "[google.com]", one("{number: 80, name: x}")), Warn,
         "every connection"},
        {"S19", kind, entry("NONE", "[google.com]", tcp80), Warn, "every connection"},
        {"S20 DNS", kind, entry("DNS", "[google.com]", httpPorts + "workloadSelector: {labels: {app: x}}\n"),
         Accept},
        {"S20 NONE", kind,
         entry("NONE", "[google.com]", httpPorts + "workloadSelector: {labels: {app: x}}\n"), Warn,
         "no effect"},
        {"S20 endpoints", kind,
         entry("STATIC", "[google.com]",
               httpPorts + "workloadSelector: {labels: {app: x}}\nendpoints: [{address: 1.1.1.1}]\n"),
         Reject, "cannot be used together"},
        {"S20 empty labels", kind, entry("STATIC", "[google.com]", httpPorts + "workloadSelector: {}\n"),
         Warn, "no labels"},
        {"S20 empty key", kind,
         entry("STATIC", "[google.com]", httpPorts + "workloadSelector: {labels: {'': x}}\n"), Reject,
         "empty key"},
        {"S21", kind,
         entry("NONE", "[google.com]",
               one("{number: 80, name: a, protocol: http, targetPort: 80}, {number: 81, name: b, protocol: "
                   "http, "
                   "targetPort: 80}")),
         Accept},
        {"S22", kind,
         entry("NONE", "[google.com]", one("{number: 80, name: a, protocol: http, targetPort: 65536}")),
         Reject, "65535"},
        {"S23", kind,
         entry("STATIC", "[google.com]", http80 + "endpoints: [{address: 1.1.1.1, ports: {http: 65536}}]\n"),
         Reject, "65535"},
        {"S24 two", kind,
         entry("DNS_ROUND_ROBIN", "[google.com]",
               http80 + "endpoints: [{address: a.com}, {address: b.com}]\n"),
         Reject, "one endpoint"},
        {"S24 none", kind, entry("DNS_ROUND_ROBIN", "[google.com]", http80), Accept},
        {"S25", kind,
         entry("NONE", "['*.nytimes.com', '*washingtonpost.com']",
               one("{number: 443, name: https, protocol: HTTPS}")),
         Warn, "partial wildcard"},
        {"S26", kind, entry("STATIC", "[google.com]", http80 + "endpoints: [{network: cluster-1}]\n"), Warn,
         "network"},
        {"S27", kind, entry("DYNAMIC_DNS", "['*.google.com']", http80), Accept},
        {"S27 name", kind, entry("DYNAMIC_DNS", "[google.com]", http80), Reject, "wildcard hosts only"},
        {"S27 TCP", kind, entry("DYNAMIC_DNS", "['*.google.com']", tcp80), Reject, "HTTP"},
        {"S27 HTTPS", kind,
         entry("DYNAMIC_DNS", "['*.google.com']", one("{number: 443, name: https, protocol: HTTPS}")), Reject,
         "HTTP"},
        {"S27 gRPC-Web", kind,
         entry("DYNAMIC_DNS", "['*.google.com']", one("{number: 80, name: web, protocol: GRPC-Web}")), Reject,
         "HTTP"},
        {"S27 proxy", kind,
         entry("DYNAMIC_DNS", "['*.google.com']", one("{number: 80, name: proxy, protocol: HTTP_PROXY}")),
         Reject, "HTTP"},
        {"S27 TLS", kind,
         entry("DYNAMIC_DNS", "['*.google.com']", one("{number: 443, name: tls, protocol: tls}")), Accept},
        {"S27 HTTP2", kind,
         entry("DYNAMIC_DNS", "['*.google.com']", one("{number: 80, name: h2, protocol: HTTP2}")), Accept},
        {"S27 sniffed", kind, entry("DYNAMIC_DNS", "['*.google.com']", one("{number: 80, name: any}")),
         Reject, "HTTP"},
        {"S27 waypoint of none", kind,
         entry("DYNAMIC_DNS", "['*.google.com']", http80 + "location: MESH_INTERNAL\n"), Accept, "",
         "{name: a, namespace: b, labels: {istio.io/use-waypoint: none}}"},
        {"S27 addresses", kind, entry("DYNAMIC_DNS", "['*.google.com']", "addresses: [1.2.3.4]\n" + http80),
         Reject, "no addresses"},
        {"S27 endpoints", kind,
         entry("DYNAMIC_DNS", "['*.google.com']", http80 + "endpoints: [{address: a.com}]\n"), Reject,
         "no endpoints"},
        {"S27 GRPC", kind,
         entry("DYNAMIC_DNS", "['*.google.com']", one("{number: 80, name: grpc, protocol: GRPC}")), Accept},
        {"S27 internal", kind, entry("DYNAMIC_DNS", "['*.google.com']", http80 + "location: MESH_INTERNAL\n"),
         Accept},
        {"S27 waypoint", kind, entry("DYNAMIC_DNS", "['*.google.com']", http80 + "location: MESH_INTERNAL\n"),
         Reject, "waypoint", "{name: a, namespace: b, labels: {istio.io/use-waypoint: w}}"},
        {"1.2 CIDR with DNS", kind, entry("DNS", "[a.com]", "addresses: [10.0.0.0/8]\n" + http80), Reject,
         "range"},
        {"1.2 no address", kind, entry("STATIC", "[a.com]", "addresses: [a.com]\n" + http80), Reject,
         "no IP address"},
        {"1.2 two hosts on TCP", kind,
         entry("STATIC", "[a.com, b.com]",
               "addresses: [1.2.3.4]\n" + tcp80 + "endpoints: [{address: 1.1.1.1}]\n"),
         Reject, "told apart"},
        {"1.2 protocol", kind, entry("NONE", "[a.com]", one("{number: 80, name: a, protocol: kafka}")),
         Reject, "unsupported protocol"},
        {"1.2 null port", kind, entry("NONE", "[a.com]", "ports: [null]\n"), Reject, "empty"},
        {"1.2 exportTo", kind, entry("NONE", "[a.com]", http80 + "exportTo: ['*', ns]\n"), Reject,
         "every namespace"},
        {"1.2 exportTo twice", kind, entry("NONE", "[a.com]", http80 + "exportTo: [., default]\n"), Reject,
         "twice"},
        {"1.2 exportTo nowhere", kind, entry("NONE", "[a.com]", http80 + "exportTo: ['~']\n"), Accept},
        {"1.2 exportTo nowhere and here", kind, entry("NONE", "[a.com]", http80 + "exportTo: ['~', .]\n"),
         Reject, "no namespace"},
        {"1.2 selector and a wildcard", kind,
         entry("DNS", "['*.a.com']", http80 + "workloadSelector: {labels: {app: x}}\n"), Reject, "wildcard"},
        {"1.2 257 hosts", kind, entry("NONE", numbered(257, ".com"), http80), Reject, "256"},
        {"1.2 256 hosts", kind, entry("NONE", numbered(256, ".com"), http80), Accept},
        {"1.2 257 addresses", kind,
         entry("NONE", "[a.com]", http80 + "addresses: " + numbered(257, "::1", "") + "\n"), Reject, "256"},
        {"1.2 257 ports", kind, entry("NONE", "[a.com]", numberedPorts(257)), Reject, "256"},
        {"1.2 4097 endpoints", kind,
         entry("STATIC", "[a.com]", http80 + "endpoints: [" + repeated("{address: 1.1.1.1}", 4097) + "]\n"),
         Reject, "4096"},
        {"1.2 labels", kind,
         entry("STATIC", "[a.com]", http80 + "endpoints: [{address: 1.1.1.1, labels: {a: 'b c'}}]\n"), Reject,
         "value of a label"},
        {"1.2 names of labels", kind,
         entry("DNS", "[a.com]", http80 + "endpoints: [{address: 1.1.1.1, labels: {'a/b/c': d}}]\n"), Reject,
         "name of a label"},
        {"1.2 a label's domain", kind,
         entry("STATIC", "[a.com]",
               http80 + "endpoints: [{address: 1.1.1.1, labels: {a.example/b_c.d: 'E-1', f: ''}}]\n"),
         Accept},
        {"WorkloadEntry", "WorkloadEntry", "address: 1.1.1.1\nports: {http: 80}\n", Accept},
        {"WorkloadEntry unix", "WorkloadEntry", "address: 'unix:///a'\n", Accept},
        {"WorkloadEntry unix and ports", "WorkloadEntry", "address: 'unix:///a'\nports: {http: 80}\n", Reject,
         "no ports"},
        {"WorkloadEntry network", "WorkloadEntry", "network: n\n", Warn, "gateway"},
        {"WorkloadEntry port name", "WorkloadEntry", "address: 1.1.1.1\nports: {h_t: 80}\n", Reject,
         "no DNS label"},
        {"WorkloadEntry labels", "WorkloadEntry", "address: 1.1.1.1\nlabels: {-a: b}\n", Reject,
         "name of a label"},
        {"1.2 empty address", kind, entry("STATIC", "[a.com]", http80 + "endpoints: [{}]\n"), Reject,
         "needs an address"},
    };
}
