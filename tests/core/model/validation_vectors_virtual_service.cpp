// SPDX-License-Identifier: GPL-3.0-or-later
#include "validation_vectors.h"

namespace {

/// A VirtualService for foo.bar whose one http rule routes to foo.baz and has `fields` beside.
std::string rule(const std::string &fields)
{
    return "hosts: [foo.bar]\nhttp:\n- route: [{destination: {host: foo.baz}}]\n  " + fields + '\n';
}

/// The same without a route.
std::string bareRule(const std::string &fields)
{
    return "hosts: [foo.bar]\nhttp:\n- " + fields + '\n';
}

std::string route(const std::string &destinations)
{
    return bareRule("route: [" + destinations + "]");
}

std::string match(const std::string &fields)
{
    return rule("match: [{" + fields + "}]");
}

const std::string toBaz = "http: [{route: [{destination: {host: foo.baz}}]}]\n";

} // namespace

std::vector<Vector> virtualServiceVectors()
{
    using enum Verdict;
    const char *kind = "VirtualService";
    const auto withGateways = [](const std::string &gateways) {
        return "hosts: [foo.bar]\ngateways: " + gateways + '\n' + toBaz;
    };
    const auto host = [](const std::string &name) {
        return "hosts: ['" + name + "']\ngateways: [somegateway]\n" + toBaz;
    };
    const auto meshHost = [](const std::string &name, const char *gateways = "[somegateway]") {
        return "hosts: ['" + name + "']\ngateways: " + gateways + "\ntls:\n- match: [{sniHosts: ['" + name +
               "']}]\n  route: [{destination: {host: foo.baz}}]\n";
    };
    const auto sni = [](const std::string &names) {
        return "hosts: [foo.bar]\ntls:\n- match: [{sniHosts: " + names +
               "}]\n  route: [{destination: {host: foo.baz}}]\n";
    };
    return {
        {"V1", kind, "hosts: [foo.bar]\n" + toBaz, Accept},
        {"V2", kind, "hosts: ['*.foo.bar', '*.bar']\n" + toBaz, Reject, "overlap"},
        {"V3", kind, "hosts: [foo.ba!r]\n" + toBaz, Reject, "domain"},
        {"V4", kind, "hosts: [foo.bar]\n", Reject, "http, tls or tcp"},
        {"V5 bad", kind, withGateways("['b@dgateway']"), Reject, "names no gateway"},
        {"V5 dotted", kind, withGateways("[gateway.example.com]"), Warn, "deprecated"},
        {"V5 namespace", kind, withGateways("[ns1/gateway]"), Accept},
        {"V5 ns/*", kind, withGateways("['ns1/*']"), Reject, "names no gateway"},
        {"V5 */gateway", kind, withGateways("['*/gateway']"), Reject, "names no gateway"},
        {"V6 mesh", kind, "hosts: ['*']\n" + toBaz, Reject, "needs a gateway"},
        {"V6 gateway", kind, host("*"), Accept},
        {"V7 tcp", kind, "hosts: [foo.bar]\ntcp: [{match: [{port: 80}]}]\n", Reject, "needs a route"},
        {"V7 tls", kind, "hosts: [foo.bar]\ntls: [{match: [{sniHosts: [foo.bar]}]}]\n", Reject,
         "needs a route"},
        {"V8", kind, rule("mirror: {host: a.b}\n  mirrorPercent: 5"), Warn, "mirrorPercent"},
        {"V9 route", kind, rule("headers: {request: {set: {':authority': foo}}}"), Accept},
        {"V9 destination", kind,
         route("{destination: {host: foo.baz}, headers: {request: {set: {':authority': foo}}}}"), Accept},
        {"V10", kind, rule("rewrite: {authority: foo}\n  headers: {request: {set: {':authority': foo}}}"),
         Reject, "more than once"},
        {"V11", kind,
         rule("match: [{uri: {prefix: /api/v1/product}}, {uri: {prefix: /api/v1/products}, method: {exact: "
              "GET}}]"),
         Warn, "no effect"},
        {"V12", kind, rule("match: [{uri: {prefix: /}}, {uri: {exact: /}, method: {exact: GET}}]"), Accept},
        {"V13", kind,
         "hosts: [foo.bar]\ngateways: [mesh]\nhttp:\n- match: [{headers: {'@request.auth.claims.foo': "
         "{exact: "
         "bar}}}]\n  route: [{destination: {host: foo.baz}}]\n",
         Reject, "gateways only"},
        {"V13 gateway", kind,
         "hosts: [foo.bar]\ngateways: [gw]\nhttp:\n- match: [{headers: {'@request.auth.claims.foo': {exact: "
         "bar}}}]\n  route: [{destination: {host: foo.baz}}]\n",
         Accept},
        {"V14", kind, sni("[1.1.1.1]"), Warn, "no SNI"},
        {"V15", kind, sni("['foo.*.com']"), Reject, "domain"},
        {"V16", kind, toBaz, Accept},
        {"V16 gateways", kind, "gateways: [gw]\n" + toBaz, Reject, "needs hosts"},
        {"V16 tcp", kind, toBaz + "tcp: [{route: [{destination: {host: foo.baz}}]}]\n", Reject,
         "needs hosts"},
        {"V16 delegate", kind, "http: [{delegate: {name: a, namespace: b}}]\n", Reject, "delegate further"},
        {"V16 empty route", kind, "http: [{}]\n", Reject, "needs a route"},
        {"V17 550+500", kind,
         route("{destination: {host: a.b}, weight: 550}, {destination: {host: c.d}, weight: 500}"), Accept},
        {"V17 49+50", kind,
         route("{destination: {host: a.b}, weight: 49}, {destination: {host: c.d}, weight: 50}"), Accept},
        {"V17 100+0", kind,
         route("{destination: {host: a.b}, weight: 100}, {destination: {host: c.d}, weight: 0}"), Accept},
        {"V18 negative", kind,
         route("{destination: {host: a.b}, weight: 5}, {destination: {host: c.d}, weight: -1}"), Reject,
         "negative"},
        {"V18 zeros", kind,
         route("{destination: {host: a.b}, weight: 0}, {destination: {host: c.d}, weight: 0}"), Reject,
         "add up to 0"},
        {"V18 single", kind, route("{destination: {host: a.b}, weight: 0}"), Accept},
        {"V19 star", kind, route("{destination: {host: '*'}}"), Reject, "no host"},
        {"V19 foo.*", kind, route("{destination: {host: 'foo.*'}}"), Reject, "no host"},
        {"V19 slash", kind, route("{destination: {host: default/baz}}"), Reject, "no host"},
        {"V19 *-foo", kind, route("{destination: {host: '*-foo.baz'}}"), Accept},
        {"V20", kind, route("{destination: {host: foo.baz, port: {}}}"), Reject, "port"},
        {"V21", kind, rule("redirect: {uri: /new}"), Reject, "redirect and route"},
        {"V22 prefix", kind, bareRule("match: [{uri: {prefix: /a}}]\n  redirect: {prefixRewrite: /b}"),
         Accept},
        {"V22 exact", kind, bareRule("match: [{uri: {exact: /a}}]\n  redirect: {prefixRewrite: /b}"), Reject,
         "prefix of the path"},
        {"V22 regex", kind, bareRule("match: [{uri: {regex: /a}}]\n  redirect: {prefixRewrite: /b}"), Reject,
         "prefix of the path"},
        {"V22 header", kind, bareRule("match: [{headers: {x: {exact: y}}}]\n  redirect: {prefixRewrite: /b}"),
         Accept},
        {"V23 299", kind, bareRule("redirect: {uri: /b, redirectCode: 299}"), Reject, "300 to 399"},
        {"V23 400", kind, bareRule("redirect: {uri: /b, redirectCode: 400}"), Reject, "300 to 399"},
        {"V23 308", kind, bareRule("redirect: {uri: /b, redirectCode: 308}"), Accept},
        {"V23 0", kind, bareRule("redirect: {uri: /b, redirectCode: 0}"), Accept},
        {"V24", kind, bareRule("redirect: {uri: /b, prefixRewrite: /c}"), Reject, "uri and prefixRewrite"},
        {"V25 199", kind, bareRule("directResponse: {status: 199}"), Reject, "200 to 600"},
        {"V25 601", kind, bareRule("directResponse: {status: 601}"), Reject, "200 to 600"},
        {"V25 200", kind, bareRule("directResponse: {status: 200}"), Accept},
        {"V25 101 kB", kind,
         bareRule("directResponse: {status: 200, body: {string: " + std::string(103424, 'a') + "}}"), Warn,
         "100 kB"},
        {"V25 2 MB", kind,
         bareRule("directResponse: {status: 200, body: {string: " + std::string(std::size_t(2) << 20U, 'a') +
                  "}}"),
         Reject, "1 MB"},
        {"V26 percent", kind, rule("headers: {request: {set: {name: '100%%'}}}"), Accept},
        {"V26 variable", kind, rule("headers: {request: {set: {name: '%HOSTNAME%'}}}"), Accept},
        {"V26 lone", kind, rule("headers: {request: {set: {name: 'abcd%oijasodifj'}}}"), Reject, "%%"},
        {"V27 request add", kind, rule("headers: {request: {add: {'': x}}}"), Reject, "name is empty"},
        {"V27 request set", kind, rule("headers: {request: {set: {'': x}}}"), Reject, "name is empty"},
        {"V27 request remove", kind, rule("headers: {request: {remove: ['']}}"), Reject, "name is empty"},
        {"V27 response add", kind, rule("headers: {response: {add: {'': x}}}"), Reject, "name is empty"},
        {"V27 response set", kind, rule("headers: {response: {set: {'': x}}}"), Reject, "name is empty"},
        {"V27 response remove", kind, rule("headers: {response: {remove: ['']}}"), Reject, "name is empty"},
        {"V28 null", kind, match("headers: {x: null}"), Reject, "empty"},
        {"V28 prefix", kind, match("headers: {x: {prefix: ''}}"), Reject, "prefix is empty"},
        {"V29", kind, rule("match: [null]"), Accept},
        {"V30 101", kind, rule("mirror: {host: a.b}\n  mirrorPercentage: {value: 101}"), Reject,
         "percentage"},
        {"V30 -1", kind, rule("mirror: {host: a.b}\n  mirrorPercentage: {value: -1}"), Reject, "percentage"},
        {"V30 1", kind, rule("mirror: {host: a.b}\n  mirrorPercentage: {value: 1}"), Accept},
        {"V30 no destination", kind, rule("mirrors: [{percentage: {value: 1}}]"), Reject,
         "needs a destination"},
        {"V30 both", kind, rule("mirror: {host: a.b}\n  mirrors: [{destination: {host: a.b}}]"), Reject,
         "mirror and mirrors"},
        {"V31 9000", kind, rule("fault: {abort: {httpStatus: 9000}}"), Reject, "200 to 600"},
        {"V31 100", kind, rule("fault: {abort: {httpStatus: 100}}"), Reject, "200 to 600"},
        {"V31 200", kind, rule("fault: {abort: {httpStatus: 200}}"), Accept},
        {"V31 -10", kind, rule("fault: {abort: {httpStatus: 200, percentage: {value: -10}}}"), Reject,
         "percentage"},
        {"V31 0.001", kind, rule("fault: {abort: {httpStatus: 200, percentage: {value: 0.001}}}"), Accept},
        {"V32", kind, rule("fault: {abort: {grpcStatus: DEADLINE_EXCEEDED}}"), Accept},
        {"V32 bad", kind, rule("fault: {abort: {grpcStatus: BAD_STATUS}}"), Reject, "gRPC status"},
        {"V33 duration", kind, rule("fault: {delay: {fixedDelay: 3.000000042s, percentage: {value: 10}}}"),
         Reject, "milliseconds"},
        {"V33 percentage", kind, rule("fault: {delay: {fixedDelay: 3s, percentage: {value: 101}}}"), Reject,
         "percentage"},
        {"V34 0", kind, rule("fault: {abort: {httpStatus: 0}}"), Reject, "200 to 600"},
        {"V34 601", kind, rule("fault: {abort: {httpStatus: 601}}"), Reject, "200 to 600"},
        {"V34 600", kind, rule("fault: {abort: {httpStatus: 600}}"), Accept},
        {"V35 0", kind, rule("retries: {attempts: 0}"), Accept},
        {"V35 0 and words", kind, rule("retries: {attempts: 0, retryOn: 5xx}"), Reject, "0 attempts"},
        {"V35 -1", kind, rule("retries: {attempts: -1}"), Reject, "negative"},
        {"V35 10", kind, rule("retries: {attempts: 10, retryOn: '503,connect-failure'}"), Accept},
        {"V35 600", kind, rule("retries: {attempts: 10, retryOn: '600,connect-failure'}"), Reject, "600"},
        {"V35 blank", kind, rule("retries: {attempts: 10, retryOn: '5xx,invalid policy'}"), Reject,
         "invalid policy"},
        {"V35 999ns", kind, rule("retries: {attempts: 10, perTryTimeout: 999ns}"), Reject, "1ms"},
        {"V36", kind, rule("retries: {attempts: 0, retryRemoteLocalities: false}"), Reject, "0 attempts"},
        {"V37 empty", kind, rule("rewrite: {}"), Reject, "changes nothing"},
        {"V37 both", kind, rule("rewrite: {uri: /a, uriRegexRewrite: {match: b, rewrite: c}}"), Reject,
         "uri and uriRegexRewrite"},
        {"V37 authority", kind, rule("rewrite: {uri: /a, authority: b.com}"), Accept},
        {"V37 no rewrite", kind, rule("rewrite: {uriRegexRewrite: {match: b}}"), Reject, "needs a rewrite"},
        {"V37 RE2", kind, rule("rewrite: {uriRegexRewrite: {match: '[', rewrite: c}}"), Reject, "RE2"},
        {"V38 method", kind, rule("corsPolicy: {allowMethods: [PUTT]}"), Reject, "PUTT"},
        {"V38 maxAge", kind, rule("corsPolicy: {maxAge: 2.000000042s}"), Reject, "whole seconds"},
        {"V38 exposeHeaders", kind, rule("corsPolicy: {exposeHeaders: ['']}"), Reject, "name of a header"},
        {"V38 origin", kind, rule("corsPolicy: {allowOrigins: [{exact: ''}]}"), Reject, "origin is empty"},
        {"V39 *", kind, host("*"), Accept},
        {"V39 *.bar.com", kind, host("*.bar.com"), Accept},
        {"V39 *foo", kind, host("*foo"), Accept},
        {"V39 *-foo", kind, host("*-foo.bar.com"), Accept},
        {"V39 foo.*.com", kind, host("foo.*.com"), Reject, "domain"},
        {"V39 foo*.bar.com", kind, host("foo*.bar.com"), Reject, "domain"},
        {"V40", kind, meshHost("outbound_.80_._.e2e.foobar.mesh"), Accept},
        {"V40 subset", kind, meshHost("outbound_.80_.v1_.e2e.foobar.mesh"), Accept},
        {"V40 without sniHosts", kind, host("outbound_.80_._.e2e.foobar.mesh"), Reject, "domain"},
        {"V40 mesh", kind, meshHost("outbound_.80_._.e2e.foobar.mesh", "[mesh, somegateway]"), Reject,
         "domain"},
        {"V40 neverbound", kind, meshHost("neverbound_.80_._.e2e.foobar.mesh"), Reject, "domain"},
        {"V40 port", kind, meshHost("outbound_.thisIsNotAPort_._.e2e.foobar.mesh"), Reject, "domain"},
        {"V40 no host", kind, meshHost("outbound_.80_._"), Reject, "domain"},
        {"V6 mesh and gateway", kind, "hosts: ['*']\ngateways: [mesh, gw]\n" + toBaz, Reject,
         "needs a gateway"},
        {"V13 mesh and gateway", kind,
         "hosts: [foo.bar]\ngateways: [mesh, gw]\nhttp:\n- match: [{headers: {'@request.auth.claims.foo': "
         "{exact: bar}}}]\n  route: [{destination: {host: foo.baz}}]\n",
         Reject, "gateways only"},
        {"3.2 sourceLabels", kind, match("sourceLabels: {a: '*'}"), Reject, "value of a label"},
        {"3.9 sourceLabels", kind,
         "hosts: [foo.bar]\ntcp:\n- match: [{sourceLabels: {'!': b}}]\n  route: [{destination: {host: "
         "foo.baz}}]\n",
         Reject, "name of a label"},
        {"V41", kind, host("istio.io"), Accept},
        {"V41 dot", kind, host("istio.io."), Accept},
        {"V41 empty", kind, host(""), Reject, "domain"},
        {"V41 256", kind, host(std::string(256, 'x')), Reject, "domain"},
        {"3.1 IP host", kind, host("10.1.1.1"), Accept},
        {"3.1 unreachable", kind,
         "hosts: [foo.bar]\nhttp:\n- route: [{destination: {host: a.b}}]\n- match: [{uri: "
         "{prefix: /x}}]\n  route: [{destination: {host: c.d}}]\n",
         Warn, "never reached"},
        {"3.1 duplicate match", kind,
         "hosts: [foo.bar]\nhttp:\n- match: [{uri: {prefix: /x}}]\n  route: [{destination: "
         "{host: a.b}}]\n- match: [{uri: {prefix: /x}}]\n  route: [{destination: {host: "
         "c.d}}]\n",
         Warn, "never reached"},
        {"3.1 exportTo ~", kind, "hosts: [foo.bar]\nexportTo: ['~']\n" + toBaz, Reject, "export"},
        {"3.2 regex", kind, match("uri: {regex: '('}"), Reject, "RE2"},
        {"3.2 long regex", kind, match("uri: {regex: " + std::string(1025, 'a') + "}"), Reject, "1024"},
        {"3.2 header name", kind, match("headers: {'::': {exact: a}}"), Reject, "name of a header"},
        {"3.2 pseudo header", kind, match("headers: {':path': {exact: a}}"), Accept},
        {"3.2 strange header", kind, match("headers: {'funky!$#_': {exact: a}}"), Accept},
        {"3.2 presence", kind, match("headers: {x: {}}"), Accept},
        {"3.2 presence by star", kind, match("headers: {x: {regex: '*'}}"), Accept},
        {"3.3 timeout 0s", kind, rule("timeout: 0s"), Reject, "1ms"},
        {"3.3 redirect and rewrite", kind, bareRule("redirect: {uri: /a}\n  rewrite: {uri: /b}"), Reject,
         "redirect and rewrite"},
        {"3.3 response host", kind, rule("headers: {response: {set: {host: x}}}"), Reject,
         "cannot be changed"},
        {"3.3 remove host", kind, rule("headers: {request: {remove: [Host]}}"), Reject, "cannot be changed"},
        {"3.3 subset", kind, route("{destination: {host: a.b, subset: 'v1!'}}"), Reject, "subset"},
        {"3.3 abort without status", kind, rule("fault: {abort: {percentage: {value: 1}}}"), Warn,
         "no effect"},
        {"3.9 SNI outside", kind, sni("[other.com]"), Reject, "not covered"},
        {"3.9 no SNI", kind,
         "hosts: [foo.bar]\ntls:\n- match: [{port: 443}]\n  route: [{destination: {host: a.b}}]\n", Reject,
         "sniHosts"},
    };
}
