// SPDX-License-Identifier: GPL-3.0-or-later
#include "field_rows.h"

#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>

using namespace fixture;

namespace {

const char *const server = "default/httpbin";
const char *const keys = R"({"keys":[{"kty":"oct","k":"AAAA"}]})";

const std::string httpbin =
    service("default", "httpbin", "{app: httpbin}", "{name: http, port: 80}") + "---\n";

std::string tokens(const std::string &rules, const std::string &name = "j")
{
    return httpbin + object("RequestAuthentication", name, "{jwtRules: [" + rules + "]}");
}

std::string one(const std::string &fields)
{
    return tokens("{issuer: i, jwks: '" + std::string(keys) + "', " + fields + "}");
}

std::string allowed(const std::string &rule)
{
    return httpbin + object("AuthorizationPolicy", "p", "{rules: [" + rule + "]}");
}

std::string when(const std::string &condition)
{
    return allowed("{when: [{" + condition + "}]}");
}

const std::string filters =
    "listeners[virtualInbound]/filter_chains[0.0.0.0_80]/filters[0]/typed_config/http_filters";
const std::string jwt = filters + "[envoy.filters.http.jwt_authn]/typed_config/";
const std::string provider = jwt + "providers/origins-0/";
const std::string policies = filters + "[envoy.filters.http.rbac]/typed_config/rules/policies";

/// The one rule of policy p: what it asks of the client, and of what is asked for.
std::string policy(const std::string &who, const std::string &what = R"({"any":true})")
{
    return R"({"ns[default]-policy[p]-rule[0]":{"permissions":[{"and_rules":{"rules":[)" + what +
           R"(]}}],"principals":[{"and_ids":{"ids":[)" + who + "]}}]}}";
}

} // namespace

/// RequestAuthentications (istio:pilot/pkg/security/authn/policy_applier.go) and what policies ask of tokens
/// and of connections (istio:pilot/pkg/security/authz/model/generator.go).
class TestTokens : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fields_data();
    void fields();
    void keysInFiles_data();
    void keysInFiles();

private:
    static void whoAndWhat();
};

void TestTokens::fields_data()
{
    addColumns();
    row("fromHeaders", one("fromHeaders: [{name: x-t, prefix: 'T '}, {name: x-u}]"),
        provider + "from_headers", R"([{"name":"x-t","value_prefix":"T "},{"name":"x-u"}])", server);
    row("fromParams", one("fromParams: [a, b]"), provider + "from_params", R"(["a","b"])", server);
    row("fromCookies", one("fromCookies: [c]"), provider + "from_cookies", R"(["c"])", server);
    row("outputPayloadToHeader", one("outputPayloadToHeader: x-p"), provider + "forward_payload_header",
        R"("x-p")", server);
    row("outputClaimToHeaders", one("outputClaimToHeaders: [{header: x-g, claim: groups.a}]"),
        provider + "claim_to_headers", R"([{"claim_name":"groups.a","header_name":"x-g"}])", server);
    row("forwardOriginalToken", one("forwardOriginalToken: true"), provider + "forward", "true", server);
    row("tokens stay here", one("audiences: [a]"), provider + "forward", "absent", server);
    row("audiences", one("audiences: [a, b]"), provider + "audiences", R"(["a","b"])", server);
    row("payload", one("audiences: [a]"), provider + "payload_in_metadata", R"("payload")", server);
    row("claims of words", one("spaceDelimitedClaims: [roles]"),
        provider + "normalize_payload_in_metadata/space_delimited_claims",
        R"(["permission","roles","scope"])", server);
    row("keys", one("audiences: [a]"), provider + "local_jwks/inline_string",
        R"("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}")", server);
    row("preflights", one("audiences: [a]"), jwt + "bypass_cors_preflight", "true", server);
    row("one rule may be missing", one("audiences: [a]"), jwt + "rules[0]/requires",
        R"({"requires_any":{"requirements":[{"provider_name":"origins-0"},{"allow_missing":{}}]}})", server);
    const std::string two =
        tokens("{issuer: b, jwks: '" + std::string(keys) + "'}, {issuer: a, jwks: '" + keys + "'}");
    row("several rules by issuer", two, provider + "issuer", R"("a")", server);
    row("several rules", two, jwt + "rules[0]/requires",
        R"({"requires_any":{"requirements":[{"provider_name":"origins-0"},{"provider_name":"origins-1"},)"
        R"({"requires_all":{"requirements":[{"requires_any":{"requirements":[{"provider_name":"origins-0"},{"allow_missing":{}}]}},)"
        R"({"requires_any":{"requirements":[{"provider_name":"origins-1"},{"allow_missing":{}}]}}]}}]}})",
        server);
    whoAndWhat();
}

void TestTokens::whoAndWhat()
{
    const auto who = [](const char *name, const std::string &resources, const std::string &principal) {
        row(name, resources, policies, policy(principal).c_str(), server);
    };
    const auto what = [](const char *name, const std::string &resources, const std::string &permission) {
        row(name, resources, policies, policy(R"({"any":true})", permission).c_str(), server);
    };
    who("request.auth.principal", when("key: request.auth.principal, values: [i/s]"),
        R"({"or_ids":{"ids":[{"and_ids":{"ids":[)"
        R"({"metadata":{"filter":"envoy.filters.http.jwt_authn","path":[{"key":"payload"},{"key":"iss"}],"value":{"string_match":{"exact":"i"}}}},)"
        R"({"metadata":{"filter":"envoy.filters.http.jwt_authn","path":[{"key":"payload"},{"key":"sub"}],"value":{"string_match":{"exact":"s"}}}}]}}]}})");
    const auto claim = [](const char *path, const char *match) {
        return std::string(
                   R"({"or_ids":{"ids":[{"metadata":{"filter":"envoy.filters.http.jwt_authn","path":)") +
               R"([{"key":"payload"},)" + path + R"(],"value":{"or_match":{"value_matchers":[)" +
               R"({"string_match":)" + match + R"(},{"list_match":{"one_of":{"string_match":)" + match +
               R"(}}}]}}}}]}})";
    };
    who("request.auth.audiences", when("key: request.auth.audiences, values: [a]"),
        claim(R"({"key":"aud"})", R"({"exact":"a"})"));
    who("request.auth.presenter", when("key: request.auth.presenter, values: ['a*']"),
        claim(R"({"key":"azp"})", R"({"prefix":"a"})"));
    who("request.auth.claims", when("key: 'request.auth.claims[a][b]', values: [c]"),
        claim(R"({"key":"a"},{"key":"b"})", R"({"exact":"c"})"));
    who("remote.ip", when("key: remote.ip, values: [10.0.0.0/8]"),
        R"({"or_ids":{"ids":[{"remote_ip":{"address_prefix":"10.0.0.0","prefix_len":8}}]}})");
    who("source.ip", when("key: source.ip, notValues: [10.0.0.1]"),
        R"({"not_id":{"or_ids":{"ids":[{"direct_remote_ip":{"address_prefix":"10.0.0.1","prefix_len":32}}]}}})");
    who("Z12 trustDomains", allowed("{from: [{source: {trustDomains: [cluster.local]}}]}"),
        R"({"or_ids":{"ids":[{"authenticated":{"principal_name":{"prefix":"spiffe://cluster.local/"}}}]}})");
    who("Z12 notTrustDomains", allowed("{from: [{source: {notTrustDomains: ['bad*']}}]}"),
        R"({"not_id":{"or_ids":{"ids":[{"authenticated":{"principal_name":{"safe_regex":{"regex":"spiffe://bad[^/]*/.*"}}}}]}}})");
    who("Z10 principals",
        meshConfig("trustDomain: td1\ntrustDomainAliases: [cluster.local]") + "---\n" +
            allowed("{from: [{source: {principals: [cluster.local/ns/a/sa/b]}}]}"),
        R"({"or_ids":{"ids":[{"authenticated":{"principal_name":{"exact":"spiffe://td1/ns/a/sa/b"}}},{"authenticated":{"principal_name":{"exact":"spiffe://cluster.local/ns/a/sa/b"}}}]}})");
    what(
        "metadata of a filter", when("key: 'experimental.envoy.filters.a.b[c]', values: [v, '[w]']"),
        R"({"or_rules":{"rules":[{"metadata":{"filter":"envoy.filters.a.b","path":[{"key":"c"}],"value":{"string_match":{"exact":"v"}}}},)"
        R"({"metadata":{"filter":"envoy.filters.a.b","path":[{"key":"c"}],"value":{"list_match":{"one_of":{"string_match":{"exact":"w"}}}}}}]}})");
    what("connection.sni", when("key: connection.sni, values: ['*.a']"),
         R"({"or_rules":{"rules":[{"requested_server_name":{"suffix":".a"}}]}})");

    const std::string routed =
        object("Gateway", "g",
               "{selector: {istio: egress}, servers: [{port: {number: 8080, name: a, protocol: HTTP}, hosts: "
               "['*']}]}") +
        object("VirtualService", "v",
               "{hosts: [x.example], gateways: [g], http: [{match: [{headers: {'@request.auth.claims.a.b': "
               "{exact: c}}, withoutHeaders: {'@request.auth.claims[d.e]': {prefix: f}}}], route: "
               "[{destination: {host: x.example}}]}]}");
    const std::string match = "listeners[0.0.0.0_8080]/filter_chains[0]/filters[0]/typed_config/route_config/"
                              "virtual_hosts[x.example:8080]/routes[0]/match/dynamic_metadata";
    const char *egress = "istio-system/egress";
    row("a claim that leads a route", routed, match + "[0]/path",
        R"([{"key":"payload"},{"key":"a"},{"key":"b"}])", egress);
    row("what it is to be", routed, match + "[0]/value",
        R"({"or_match":{"value_matchers":[{"string_match":{"exact":"c"}},{"list_match":{"one_of":{"string_match":{"exact":"c"}}}}]}})",
        egress);
    row("a claim that must not be", routed, match + "[1]/invert", "true", egress);
    row("a claim with a dot", routed, match + "[1]/path", R"([{"key":"payload"},{"key":"d.e"}])", egress);
}

void TestTokens::fields()
{
    QFETCH(QByteArray, expected);
    QCOMPARE(fieldOfRow({workload("default", "httpbin", "{app: httpbin}", "sidecar", "{containerPort: 80}"),
                         workload("istio-system", "egress", "{istio: egress}", "gateway")}),
             expected);
}

/// `file://` is a key set of this machine: a lab reads it, a cluster refuses it, which is a warning.
void TestTokens::keysInFiles_data()
{
    QTest::addColumn<QByteArray>("content"); ///< of the file; null: there is none
    QTest::addColumn<bool>("used");
    QTest::newRow("keys") << QByteArray(keys) << true;
    QTest::newRow("no file") << QByteArray() << false;
    QTest::newRow("no keys") << QByteArray(R"({"keys":[]})") << false;
}

void TestTokens::keysInFiles()
{
    QFETCH(QByteArray, content);
    QFETCH(bool, used);
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("keys.json"));
    if (!content.isNull()) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(content), content.size());
    }
    const Mesh of(
        documents({workload("default", "httpbin", "{app: httpbin}", "sidecar", "{containerPort: 80}"),
                   tokens("{issuer: i, jwksUri: 'file://" + path.toStdString() + "'}")}));
    QCOMPARE(QByteArray::fromStdString(of.complaints()), QByteArray());
    const QJsonObject bootstrap =
        QJsonDocument::fromJson(dataplane::encodeBootstrap(of.proxy(server).bootstrap)).object();
    const QString set = fieldAt(bootstrap[QStringLiteral("static_resources")],
                                QByteArray::fromStdString(provider + "local_jwks/inline_string"))
                            .toString();
    QCOMPARE(set == QString::fromUtf8(content), used);
    // Some key is there in any case: without one Envoy would refuse the listener.
    QVERIFY(set.contains(QLatin1String("kty")));
    const auto &warnings = of.compiled().warnings;
    const bool said = std::any_of(warnings.begin(), warnings.end(), [](const Error &warning) {
        return warning.what.find("the key set file://") != std::string::npos;
    });
    QCOMPARE(said, !used);
}

QTEST_GUILESS_MAIN(TestTokens)
#include "test_tokens.moc"
