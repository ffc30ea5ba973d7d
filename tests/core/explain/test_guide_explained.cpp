// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/explain.h"
#include "core/explain/explanation_json.h"
#include "core/lab/expectations.h"
#include "core/lab/project_template.h"
#include "core/lab/stored_credentials.h"

#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>

using namespace sallyport;

namespace {

/// What a lab would have seen, by the explanation.
lab::Observation observed(const explain::Explanation &explained)
{
    lab::Observation seen;
    seen.status = explained.outcome.status;
    seen.body = explained.outcome.body;
    for (const explain::Hop &hop : explained.hops) {
        if (hop.log.written)
            seen.hops.emplace_back(hop.proxy, explain::toJson(hop.log));
        // Inside a workload bytes are always plain.
        if (!hop.from.empty() && hop.from != hop.proxy)
            seen.wire.push_back({hop.from, hop.proxy, hop.tls, hop.sni, {}});
    }
    return seen;
}

const explain::Hop *hopOf(const explain::Explanation &explained, const std::string &proxy)
{
    for (const explain::Hop &hop : explained.hops) {
        if (hop.proxy == proxy && hop.kind != explain::Hop::Kind::Client)
            return &hop;
    }
    return nullptr;
}

const explain::Step *stepOf(const explain::Hop *hop, const std::string &kind, explain::Mark mark)
{
    if (hop == nullptr)
        return nullptr;
    const auto found = std::find_if(hop->steps.begin(), hop->steps.end(), [&](const explain::Step &step) {
        return step.kind == kind && step.mark == mark;
    });
    return found == hop->steps.end() ? nullptr : &*found;
}

} // namespace

/// The guide's five stages, explained: the checks that each stage brings along hold without running anything,
/// and decisions say which line of the YAML they come from.
class TestGuideExplained : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void checksHold_data();
    void checksHold();
    void decisionsHaveTheirPlace();
    void aMissingCredentialIsNamed();
    void aShortNameOfTheClientWillDo();

private:
    /// A stage's project, with the credentials that were imported for it.
    model::Project stage(int number, bool importClient = true);
    explain::Explanation explained(const model::Project &project, const std::string &request);

    std::unique_ptr<QTemporaryDir> m_place;
};

void TestGuideExplained::init()
{
    m_place = std::make_unique<QTemporaryDir>();
    qputenv("XDG_DATA_HOME", m_place->filePath("data").toUtf8());
}

model::Project TestGuideExplained::stage(int number, bool importClient)
{
    const std::string folder = m_place->filePath("project").toStdString();
    if (!lab::createFromTemplate(folder, number, importClient))
        return {};
    auto project = model::loadProject(folder);
    if (!project)
        return {};
    lab::addStoredCredentials(*project);
    return *project;
}

explain::Explanation TestGuideExplained::explained(const model::Project &project, const std::string &request)
{
    const auto scene = explain::Scene::of(project);
    auto asked = explain::parseRequest(request);
    if (!scene || !asked)
        return {};
    asked->from = "default/sleep";
    return explain::explain(*scene, *asked).value_or(explain::Explanation());
}

void TestGuideExplained::checksHold_data()
{
    QTest::addColumn<int>("number");
    for (int number = lab::firstStage; number <= lab::lastStage; ++number)
        QTest::addRow("stage %d", number) << number;
}

void TestGuideExplained::checksHold()
{
    QFETCH(int, number);
    const model::Project project = stage(number);
    const auto scene = explain::Scene::of(project);
    QVERIFY2(scene, scene ? "" : scene.error().toString().c_str());
    const auto checks = lab::loadExpectations(project.folder);
    QVERIFY(checks && !checks->empty());
    std::size_t rows = 0;
    for (lab::Check check : *checks) {
        auto request = explain::parseRequest(check.request);
        QVERIFY(request);
        request->from = check.via;
        request->headers = check.headers;
        const auto result = explain::explain(*scene, *request);
        QVERIFY2(result, result ? "" : result.error().toString().c_str());
        // What an application answers is its own.
        check.answerHeaders.clear();
        if (!result->outcome.bodyKnown)
            check.answerContains.reset();
        for (const lab::Row &row : lab::judge(check, observed(*result))) {
            ++rows;
            QVERIFY2(row.passed, qPrintable(QString("%1: %2 at %3: expected %4, explained %5")
                                                .arg(row.check.c_str(), row.what.c_str(), row.where.c_str(),
                                                     row.expected.c_str(), row.seen.c_str())));
        }
    }
    QVERIFY(rows >= 4);
}

void TestGuideExplained::decisionsHaveTheirPlace()
{
    const explain::Explanation refused = explained(stage(4), "GET http://test.com/status/418");
    QCOMPARE(refused.outcome.status, 403);
    QCOMPARE(refused.outcome.body, std::string("RBAC: access denied"));
    QCOMPARE(refused.outcome.decidedBy, std::string("external:istio-system/istio-ingressgateway"));
    QCOMPARE(refused.outcome.details,
             std::string(
                 "rbac_access_denied_matched_policy[ns[istio-system]-policy[restrict-test-client]-rule[0]]"));
    QCOMPARE(refused.probability, 1.0);

    struct Expected
    {
        const char *proxy;
        const char *kind;
        explain::Mark mark;
        const char *resource;
        const char *file;
    };
    using explain::Mark;
    const Expected all[] = {
        {"primary:default/sleep", "virtual-host", Mark::Passed, "ServiceEntry default/test-com",
         "primary/10-service-entry.yaml"},
        {"primary:default/sleep", "route", Mark::Passed, "VirtualService default/egressgateway-vs",
         "primary/12-virtual-service.yaml"},
        {"primary:default/sleep", "transport", Mark::Passed,
         "DestinationRule istio-system/egressgateway-mesh-mtls", "primary/11-egress-gateway-rules.yaml"},
        {"primary:istio-system/istio-egressgateway", "filter-chain", Mark::Passed,
         "Gateway default/egress-gateway", "primary/11-egress-gateway-rules.yaml"},
        {"primary:istio-system/istio-egressgateway", "transport", Mark::Passed,
         "DestinationRule default/originate-mtls-for-test-com", "primary/14-originate-mtls.yaml"},
        {"external:istio-system/istio-ingressgateway", "rbac", Mark::Refused,
         "AuthorizationPolicy istio-system/restrict-test-client", "external/05-policy.yaml"},
    };
    for (const Expected &each : all) {
        const explain::Step *step = stepOf(hopOf(refused, each.proxy), each.kind, each.mark);
        QVERIFY2(step != nullptr, each.kind);
        QVERIFY2(!step->sources.empty(), each.kind);
        QCOMPARE(step->sources.front().resource, std::string(each.resource));
        QCOMPARE(step->sources.front().place.file, std::string(each.file));
        QVERIFY(step->sources.front().place.line > 1);
    }
}

void TestGuideExplained::aMissingCredentialIsNamed()
{
    const explain::Explanation failed = explained(stage(4, false), "GET http://test.com/status/200");
    QCOMPARE(failed.outcome.status, 503);
    QCOMPARE(failed.outcome.flags, std::string("URX,UF"));
    QCOMPARE(failed.outcome.decidedBy, std::string("primary:istio-system/istio-egressgateway"));
    QCOMPARE(
        failed.outcome.details,
        std::string("upstream_reset_before_response_started{remote_connection_failure|TLS_error:_Secret_is_"
                    "not_supplied_by_SDS}"));
    const explain::Step *step = stepOf(hopOf(failed, "primary:istio-system/istio-egressgateway"), "transport",
                                       explain::Mark::Refused);
    QVERIFY(step != nullptr);
    QVERIFY(std::any_of(step->why.begin(), step->why.end(), [](const std::string &line) {
        return line.find("kubernetes://test.client") != std::string::npos;
    }));
}

void TestGuideExplained::aShortNameOfTheClientWillDo()
{
    const auto scene = explain::Scene::of(stage(2));
    QVERIFY(scene);
    auto request = explain::parseRequest("http://nobody.example/");
    QVERIFY(request);
    request->from = "sleep";
    const auto result = explain::explain(*scene, *request);
    QVERIFY(result);
    QCOMPARE(result->request.from, std::string("primary:default/sleep"));
    QCOMPARE(result->request.method, std::string("GET"));
    QCOMPARE(result->outcome.status, 0);
    QCOMPARE(result->outcome.error, std::string("the name does not resolve"));
    QCOMPARE(result->hops.size(), std::size_t(1));

    request->from = "sleeper";
    QVERIFY(!explain::explain(*scene, *request));
    QVERIFY(!explain::parseRequest("  "));
    request->from = "sleep";
    request->url = "ftp://test.com/";
    QVERIFY(!explain::explain(*scene, *request));
}

QTEST_GUILESS_MAIN(TestGuideExplained)
#include "test_guide_explained.moc"
