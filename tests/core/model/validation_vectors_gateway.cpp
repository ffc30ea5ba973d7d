// SPDX-License-Identifier: GPL-3.0-or-later
#include "validation_vectors.h"

namespace {

std::string server(const std::string &hosts, const std::string &port, const std::string &rest = {})
{
    return "servers:\n- hosts: " + hosts + "\n  port: " + port + "\n" + rest;
}

/// A server of protocol HTTPS with these TLS settings.
std::string tls(const std::string &settings)
{
    return server("[foo.bar.com]", "{name: https, number: 443, protocol: HTTPS}",
                  "  tls: {" + settings + "}\n");
}

const std::string http = "{name: name1, number: 7, protocol: http}";

} // namespace

std::vector<Vector> gatewayVectors()
{
    using enum Verdict;
    const char *kind = "Gateway";
    return {
        {"G1", kind, "{}", Reject, "server"},
        {"G2", kind, server("[foo.bar.com]", http), Accept},
        {"G3", kind, server("['~/foo.bar.com']", http), Reject, "invalid namespace value"},
        {"G4", kind, server("[foo.bar.com]", "{name: name1, number: 66000, protocol: http}"), Reject, "port"},
        {"G5", kind,
         "servers:\n- {hosts: [foo.bar.com], port: {name: foo, number: 80, protocol: http}}\n"
         "- {hosts: [scooby.doo.com], port: {name: foo, number: 8080, protocol: http}}",
         Reject, "port names"},
        {"G6", kind, server("[foo.*.bar.com]", http), Reject, "domain"},
        {"G7", kind,
         server("['*']", "{name: http, number: 80, protocol: http}", "  tls: {httpsRedirect: true}\n"),
         Accept},
        {"G8", kind,
         server("['*']", "{name: https, number: 80, protocol: https}", "  tls: {httpsRedirect: true}\n"),
         Warn, "httpsRedirect should only be used with http servers"},
        {"G9", kind,
         server("['*bar.com']", "{name: tls, number: 443, protocol: tls}", "  tls: {mode: ISTIO_MUTUAL}\n"),
         Reject, "partial wildcard"},
        {"G10 host", kind, "servers:\n- {}", Reject, "host"},
        {"G10 port", kind, "servers:\n- {}", Reject, "port"},
        {"G11", kind, server("[1.1.1.1]", http), Accept},
        {"G12 namespace", kind, server("[ns1/foo.bar.com]", http), Accept},
        {"G12 any", kind, server("['*/foo.bar.com']", http), Accept},
        {"G12 own", kind, server("[./foo.bar.com]", http), Accept},
        {"G13", kind, server("[foo]", http), Reject, "short names"},
        {"G14", kind, server("[foo.bar.com]", "{name: name1, number: 7, protocol: https}"), Reject,
         "must have TLS"},
        {"G15", kind, server("[foo.bar.com]", http, "  tls: {mode: SIMPLE}\n"), Reject, "cannot have TLS"},
        {"G16 number", kind, server("[foo.bar.com]", http, "  bind: unix://@foobar\n"), Reject,
         "port number must be 0"},
        {"G16 zero", kind,
         server("[foo.bar.com]", "{name: name1, number: 0, protocol: http}", "  bind: unix://@foobar\n"),
         Accept},
        {"G17", kind, server("[foo.bar.com]", http, "  bind: foo.bar\n"), Reject, "not a valid IP"},
        {"G18 unknown", kind, server("[foo.bar.com]", "{name: h, number: 1, protocol: kafka}"), Reject,
         "invalid protocol"},
        {"G18 empty", kind, server("[foo.bar.com]", "{name: h, number: 1, protocol: ''}"), Reject,
         "invalid protocol"},
        {"G19", kind, server("[foo.bar.com]", "{name: h, number: 0, protocol: http}"), Reject, "port number"},
        {"G20", kind, tls("mode: SIMPLE, privateKey: /key"), Reject, "server certificate"},
        {"G21", kind, tls("mode: SIMPLE, credentialName: sds, serverCertificate: /c, privateKey: /k"), Reject,
         "one of credential_name"},
        {"G22", kind, tls("mode: SIMPLE, credentialName: sds, privateKey: /k"), Accept},
        {"G23", kind, tls("mode: MUTUAL, serverCertificate: /c, privateKey: /k"), Reject, "client CA bundle"},
        {"G24", kind, tls("mode: MUTUAL, credentialName: sds, caCertificates: /ca"), Accept},
        {"G25", kind,
         tls("mode: MUTUAL, caCertificates: /ca, tlsCertificates: [{serverCertificate: /c, privateKey: /k}]"),
         Accept},
        {"G25 CA inside", kind,
         tls("mode: MUTUAL, tlsCertificates: [{serverCertificate: /c, privateKey: /k, caCertificates: /ca}]"),
         Reject, "client CA bundle"},
        {"G26", kind, tls("mode: PASSTHROUGH, credentialName: sds"), Warn, "does not use certificates"},
        {"G27 bare", kind, tls("mode: ISTIO_MUTUAL"), Accept},
        {"G27 credential", kind, tls("mode: ISTIO_MUTUAL, credentialName: sds"), Reject, "credentialName"},
        {"G27 key", kind, tls("mode: ISTIO_MUTUAL, privateKey: /k"), Reject, "private key"},
        {"G28", kind, tls("mode: SIMPLE, credentialName: sds, cipherSuites: [not-a-cipher-suite]"), Warn,
         "unknown"},
        {"G29", kind, tls("mode: SIMPLE, credentialName: sds, cipherSuites: [-ECDHE-ECDSA-AES128-SHA]"),
         Accept},
        {"G30 files", kind, tls("mode: SIMPLE, serverCertificate: /c, privateKey: /k, caCrl: /crl"), Reject,
         "CRL is not supported with SIMPLE"},
        {"G30 credential", kind, tls("mode: SIMPLE, credentialName: sds, caCrl: /crl"), Accept},
        {"G31", kind,
         tls("mode: SIMPLE, tlsCertificates: [{serverCertificate: /a, privateKey: /a}, "
             "{serverCertificate: /b, privateKey: /b}, {serverCertificate: /c, privateKey: /c}]"),
         Warn, "up to 2"},
        {"2.2 two sources", kind,
         tls("mode: SIMPLE, credentialName: a, tlsCertificates: [{serverCertificate: /a, privateKey: /a}]"),
         Reject, "one of credential_name"},
        {"2.2 TCP with tls", kind,
         server("['*']", "{name: tcp, number: 9000, protocol: TCP}",
                "  tls: {mode: SIMPLE, credentialName: x}\n"),
         Reject, "cannot have TLS"},
        {"2.2 targetPort", kind,
         server("['*']", "{name: http, number: 80, protocol: HTTP, targetPort: 8080}"), Reject, "targetPort"},
        {"2.2 old TLS", kind, tls("mode: SIMPLE, credentialName: a, minProtocolVersion: TLSV1_0"), Warn,
         "1.2"},
        {"2.2 duplicate cipher", kind,
         tls("mode: SIMPLE, credentialName: a, cipherSuites: [AES128-SHA, AES128-SHA]"), Warn, "twice"},
        {"2.2 mode in small letters", kind, tls("mode: simple, credentialName: a"), Reject, "simple"},
        {"2.2 name with a dot", kind, server("['*']", http), Reject, "DNS label",
         "{name: a.b, namespace: default}"},
        {"2.2 two sources that pass", kind, tls("mode: PASSTHROUGH, credentialName: a, credentialNames: [b]"),
         Reject, "one of credential_name"},
        {"2.2 ciphers of mTLS", kind, tls("mode: ISTIO_MUTUAL, cipherSuites: [nothing]"), Warn, "unknown"},
        {"2.2 ciphers that pass", kind, tls("mode: PASSTHROUGH, cipherSuites: [nothing]"), Warn, "unknown"},
        {"2.2 old TLS of mTLS", kind, tls("mode: ISTIO_MUTUAL, minProtocolVersion: TLSV1_1"), Warn, "1.2"},
        {"0.2 always rejected", kind, server("['*']", http), Reject, "refuses whatever",
         "{name: a, namespace: b, annotations: {internal.istio.io/webhook-always-reject: x}}"},
        {"0.2 internal parents", kind, server("['*']", http), Reject, "istiod's own",
         "{name: a, namespace: b, annotations: {internal.istio.io/parents: x}}"},
        {"0.2 internal parent namespace", kind, server("['*']", http), Reject, "istiod's own",
         "{name: a, namespace: b, annotations: {internal.istio.io/parent-namespace: x}}"},
        {"0.2 dry run of a Gateway", kind, server("['*']", http), Reject, "run dry",
         "{name: a, namespace: b, annotations: {istio.io/dry-run: 'true'}}"},
        {"0.2 unknown top-level field", kind, server("['*']", http) + "selektor: {a: b}\n", Reject,
         "unknown field \"selektor\""},
    };
}
