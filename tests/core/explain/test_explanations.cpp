// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/explain.h"
#include "core/explain/explanation_json.h"
#include "core/explain/explanation_text.h"
#include "sleep_and_httpbin.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QtTest>
#include <algorithm>
#include <thread>

using namespace sallyport;

namespace {

const std::string mesh = explain_test::sleepAndHttpbin + R"(apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data: {mesh: "accessLogFile: /dev/stdout\naccessLogEncoding: JSON\n"}
---
)";

/// `{"iss": ISSUER, "exp": EXP}` as the payload of a token that nobody signed.
std::string token(const char *issuer, long long expires)
{
    const QJsonObject payload{{"iss", issuer}, {"sub", "anna"}, {"exp", double(expires)}};
    const QByteArray text = QJsonDocument(payload).toJson(QJsonDocument::Compact);
    const auto base64 = [](const QByteArray &bytes) {
        return bytes.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals).toStdString();
    };
    return base64(R"({"alg":"RS256"})") + '.' + base64(text) + '.' + base64("signature");
}

explain::Scene sceneOf(const std::string &yaml)
{
    return *explain::Scene::of(model::projectFromFiles("/project", {{"primary/mesh.yaml", mesh + yaml}}, {}));
}

explain::Explanation explained(const std::string &yaml, const std::string &text,
                               explain::Headers headers = {})
{
    explain::Request request = *explain::parseRequest(text);
    request.from = "default/sleep";
    request.headers = std::move(headers);
    return explain::explain(sceneOf(yaml), request).value();
}

std::vector<std::string> reasonsOf(const explain::Explanation &explained, const std::string &kind,
                                   explain::Mark mark)
{
    std::vector<std::string> reasons;
    for (const explain::Hop &hop : explained.hops) {
        for (const explain::Step &step : hop.steps) {
            if (step.kind == kind && step.mark == mark) {
                reasons.push_back(step.decision);
                reasons.insert(reasons.end(), step.why.begin(), step.why.end());
            }
        }
    }
    return reasons;
}

bool says(const std::vector<std::string> &lines, const std::string &text)
{
    return std::any_of(lines.begin(), lines.end(),
                       [&text](const std::string &line) { return line.find(text) != std::string::npos; });
}

std::string virtualService(const std::string &http)
{
    return "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, namespace: "
           "default}\n"
           "spec:\n  hosts: [httpbin]\n  http:\n" +
           http;
}

} // namespace

/// Chance, tokens, reasons and forms: what the recorded requests of tests/golden do not show.
class TestExplanations : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theHeaviestDestinationIsFollowed();
    void aFaultIsFollowedIfItIsLikely();
    void earlierRoutesSayWhyTheyDidNotMatch();
    void noRouteSaysWhatIsWanted();
    void aCircleIsSeen();
    void aPreflightOfADirectResponseIsNone();
    void mirrorsOfAVirtualHostAreNamed();
    void theClientHasAName();
    void tokens_data();
    void tokens();
    void formsSayTheSame();
    void aSceneMayBeReadByManyThreads();
};

void TestExplanations::theHeaviestDestinationIsFollowed()
{
    const explain::Explanation split =
        explained(virtualService("  - route:\n    - {destination: {host: httpbin, subset: a}, weight: 20}\n"
                                 "    - {destination: {host: httpbin}, weight: 75}\n"
                                 "    - {destination: {host: httpbin, subset: b}, weight: 5}\n"),
                  "http://httpbin/status/201");
    QCOMPARE(split.outcome.status, 201);
    QCOMPARE(split.probability, 0.75);
    const auto reasons = reasonsOf(split, "route", explain::Mark::Uncertain);
    QVERIFY(says(reasons, "followed: outbound|80||httpbin.default.svc.cluster.local, 75 %"));
    QVERIFY(says(reasons, "outbound|80|a|httpbin.default.svc.cluster.local, 20 %"));
    QVERIFY(says(reasons, "outbound|80|b|httpbin.default.svc.cluster.local, 5 %"));
}

void TestExplanations::aFaultIsFollowedIfItIsLikely()
{
    const auto with = [](const char *percentage) {
        return virtualService(std::string("  - fault: {abort: {httpStatus: 418, percentage: {value: ") +
                              percentage + "}}}\n    route: [{destination: {host: httpbin}}]\n");
    };
    const explain::Explanation likely = explained(with("90"), "http://httpbin/get");
    QCOMPARE(likely.outcome.status, 418);
    QCOMPARE(likely.outcome.flags, std::string("FI"));
    QCOMPARE(likely.outcome.details, std::string("fault_filter_abort"));
    QCOMPARE(likely.probability, 0.9);
    const explain::Explanation unlikely = explained(with("0.5"), "http://httpbin/get");
    QCOMPARE(unlikely.outcome.status, 200);
    QCOMPARE(unlikely.probability, 0.995);
    QVERIFY(says(reasonsOf(unlikely, "fault", explain::Mark::Uncertain), "0.5 %"));
    const explain::Explanation never = explained(with("0"), "http://httpbin/get");
    QCOMPARE(never.probability, 1.0);
}

void TestExplanations::earlierRoutesSayWhyTheyDidNotMatch()
{
    const explain::Explanation third = explained(
        virtualService(
            "  - name: first\n    match: [{uri: {exact: /get}}]\n    directResponse: {status: 599}\n"
            "  - name: second\n    match: [{headers: {x-user: {exact: anna}}}]\n"
            "    directResponse: {status: 599}\n"
            "  - name: third\n    match: [{uri: {prefix: /status}}]\n"
            "    directResponse: {status: 299, body: {string: here}}\n"),
        "http://httpbin/status/200", {{"X-User", "otto"}});
    QCOMPARE(third.outcome.status, 299);
    QCOMPARE(third.outcome.body, std::string("here"));
    const auto reasons = reasonsOf(third, "route", explain::Mark::Passed);
    QVERIFY(says(reasons, "route third: path begins with /status"));
    QVERIFY(says(reasons, "before it: route first wants: path is /get; the path is /status/200"));
    QVERIFY(says(reasons, "before it: route second wants: header x-user is anna; it is \"otto\""));
}

void TestExplanations::noRouteSaysWhatIsWanted()
{
    const explain::Explanation none = explained(
        virtualService(
            "  - name: only\n    match: [{uri: {prefix: /status}}]\n    route: [{destination: {host: "
            "httpbin}}]\n"),
        "http://httpbin/get");
    QCOMPARE(none.outcome.status, 404);
    QCOMPARE(none.outcome.flags, std::string("NR"));
    QCOMPARE(none.outcome.details, std::string("route_not_found"));
    QVERIFY(says(reasonsOf(none, "route", explain::Mark::Refused),
                 "route only wants: path begins with /status; the path is /get"));
}

void TestExplanations::aCircleIsSeen()
{
    const std::string gateway =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: gateway, namespace: default}\nspec:\n"
        "  selector: {matchLabels: {app: gateway}}\n  template:\n    metadata:\n"
        "      annotations: {inject.istio.io/templates: gateway}\n      labels: {app: gateway}\n"
        "    spec: {containers: [{name: istio-proxy, image: auto}]}\n---\n"
        "apiVersion: v1\nkind: Service\nmetadata: {name: gateway, namespace: default}\n"
        "spec: {selector: {app: gateway}, ports: [{name: http, port: 80}]}\n---\n"
        "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: default}\n"
        "spec: {selector: {app: gateway}, servers: [{hosts: ['*'], port: {number: 80, name: http, protocol: "
        "HTTP}}]}\n---\n"
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, namespace: default}\n"
        "spec: {hosts: [httpbin], gateways: [g, mesh], http: [{route: [{destination: {host: gateway}}]}]}\n";
    const explain::Explanation circle =
        explained(gateway, "http://httpbin/get", {{"Host", "httpbin.default.svc.cluster.local"}});
    QCOMPARE(circle.outcome.status, 0);
    QCOMPARE(circle.outcome.error, std::string("the request goes round in circles"));
    QVERIFY(circle.hops.size() < 10);
}

void TestExplanations::aPreflightOfADirectResponseIsNone()
{
    const auto asked = [](const char *action) {
        const explain::Explanation preflight = explained(
            virtualService(std::string("  - corsPolicy: {allowOrigins: [{exact: 'http://a'}]}\n    ") +
                           action),
            "OPTIONS http://httpbin/get", {{"Origin", "http://a"}, {"Access-Control-Request-Method", "GET"}});
        return preflight.outcome.details;
    };
    QCOMPARE(asked("route: [{destination: {host: httpbin}}]\n"), std::string("cors_response"));
    QCOMPARE(asked("directResponse: {status: 200}\n"), std::string("direct_response"));
}

/// A rule may ask for it, so it is what a lab's client says.
void TestExplanations::mirrorsOfAVirtualHostAreNamed()
{
    const char *filter =
        "apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\n"
        "metadata: {name: f, namespace: default}\nspec:\n  configPatches:\n"
        "  - applyTo: VIRTUAL_HOST\n    match: {context: SIDECAR_OUTBOUND}\n"
        "    patch: {operation: MERGE, value: {request_mirror_policies: [{cluster: copies}]}}\n";
    const auto reasons = reasonsOf(explained(filter, "http://httpbin/get"), "mirror", explain::Mark::Note);
    QVERIFY(says(reasons, "100 % of such requests are also sent to copies"));
}

void TestExplanations::theClientHasAName()
{
    const std::string rules =
        virtualService("  - match: [{headers: {user-agent: {prefix: curl/}}}]\n"
                       "    directResponse: {status: 299}\n  - route: [{destination: {host: httpbin}}]\n");
    QCOMPARE(explained(rules, "http://httpbin/get").outcome.status, 299);
    QCOMPARE(explained(rules, "http://httpbin/get", {{"User-Agent", "wget"}}).outcome.status, 200);
}

void TestExplanations::tokens_data()
{
    QTest::addColumn<QString>("authorization");
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("details");
    const long long now = QDateTime::currentSecsSinceEpoch();
    const auto bearer = [](const std::string &text) { return QString::fromStdString("Bearer " + text); };
    QTest::newRow("no token, and a policy that wants one")
        << "" << 403 << "rbac_access_denied_matched_policy[none]";
    QTest::newRow("a good one") << bearer(token("issuer.example", now + 600)) << 200 << "via_upstream";
    QTest::newRow("expired") << bearer(token("issuer.example", now - 600)) << 401
                             << "jwt_authn_access_denied{Jwt_is_expired}";
    QTest::newRow("somebody else's") << bearer(token("other.example", now + 600)) << 401
                                     << "jwt_authn_access_denied{Jwt_issuer_is_not_configured}";
    QTest::newRow("none at all")
        << "Bearer nothing" << 401
        << "jwt_authn_access_denied{Jwt_is_not_in_the_form_of_Header.Payload.Signature_"
           "with_two_dots_and_3_sections}";
}

void TestExplanations::tokens()
{
    QFETCH(QString, authorization);
    QFETCH(int, status);
    QFETCH(QString, details);
    const std::string policies =
        "apiVersion: security.istio.io/v1\nkind: RequestAuthentication\n"
        "metadata: {name: tokens, namespace: default}\nspec:\n  selector: {matchLabels: {app: httpbin}}\n"
        "  jwtRules: [{issuer: issuer.example, jwks: '{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"alg\":"
        "\"HS256\",\"kid\":\"a\"}]}'}]\n---\n"
        "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\n"
        "metadata: {name: signed, namespace: default}\nspec:\n  selector: {matchLabels: {app: httpbin}}\n"
        "  action: ALLOW\n  rules: [{from: [{source: {requestPrincipals: ['issuer.example/anna']}}]}]\n";
    explain::Headers headers;
    if (!authorization.isEmpty())
        headers.emplace_back("Authorization", authorization.toStdString());
    const explain::Explanation result = explained(policies, "http://httpbin/get", headers);
    QCOMPARE(result.outcome.status, status);
    QCOMPARE(QString::fromStdString(result.outcome.details), details);
    QCOMPARE(result.outcome.decidedBy, std::string("primary:default/httpbin"));
    if (status == 200)
        QVERIFY(says(reasonsOf(result, "jwt", explain::Mark::Uncertain), "signature"));
}

void TestExplanations::formsSayTheSame()
{
    const explain::Explanation result = explained(
        virtualService("  - match: [{uri: {prefix: /gone}}]\n    redirect: {uri: /get, redirectCode: 302}\n"),
        "GET http://httpbin/gone?a=b", {{"X-A", "1"}});
    const QJsonObject json = explain::toJson(result);
    QCOMPARE(json["request"]["from"].toString(), "primary:default/sleep");
    // Braces around a list alone copy it with some compilers.
    QJsonArray headers;
    headers.append(QJsonArray{"X-A", "1"});
    QCOMPARE(json["request"]["headers"].toArray(), headers);
    QCOMPARE(json["outcome"]["status"].toInt(), 302);
    QCOMPARE(json["outcome"]["location"].toString(), "http://httpbin/get?a=b");
    QCOMPARE(json["outcome"]["body"].toString(), "");
    QCOMPARE(json["probability"].toDouble(), 1.0);
    const QJsonArray hops = json["hops"].toArray();
    QCOMPARE(hops.size(), 2);
    QCOMPARE(hops[0]["kind"].toString(), "client");
    QCOMPARE(hops[1]["kind"].toString(), "sidecar");
    QCOMPARE(hops[1]["log"]["response_code"].toInt(), 302);
    const QJsonArray steps = hops[1]["steps"].toArray();
    const QJsonObject last = steps.last().toObject();
    QCOMPARE(last["kind"].toString(), "redirect");
    QCOMPARE(last["mark"].toString(), "answered");
    QCOMPARE(last["sources"][0]["resource"].toString(), "VirtualService default/v");
    QCOMPARE(last["sources"][0]["file"].toString(), "primary/mesh.yaml");
    QVERIFY(last["sources"][0]["line"].toInt() > 30);

    const std::string text = explain::toText(result, {false, "folder"});
    QVERIFY(text.find("GET http://httpbin/gone?a=b  from primary:default/sleep\n") == 0);
    QVERIFY(text.find("● 302 to http://httpbin/get?a=b") != std::string::npos);
    QVERIFY(text.find("from VirtualService default/v, folder/primary/mesh.yaml:") != std::string::npos);
    QVERIFY(text.find("302 from primary:default/sleep") != std::string::npos);
    QVERIFY(text.find('\x1b') == std::string::npos);
    QVERIFY(explain::toText(result, {true, {}}).find("\x1b[36m●\x1b[0m") != std::string::npos);
}

void TestExplanations::aSceneMayBeReadByManyThreads()
{
    const explain::Scene scene = sceneOf({});
    std::vector<std::thread> threads;
    std::vector<int> statuses(4);
    for (std::size_t i = 0; i < statuses.size(); ++i) {
        threads.emplace_back([scene, i, &statuses] {
            explain::Request request = *explain::parseRequest("http://httpbin/status/20" + std::to_string(i));
            request.from = "sleep";
            statuses[i] = explain::explain(scene, request)->outcome.status;
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    QCOMPARE(statuses, (std::vector<int>{200, 201, 202, 203}));
}

QTEST_GUILESS_MAIN(TestExplanations)
#include "test_explanations.moc"
