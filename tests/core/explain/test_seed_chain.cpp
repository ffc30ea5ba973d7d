// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/explain.h"
#include "tests/e2e/mesh/recorded_project.h"

#include <QTemporaryDir>
#include <QtTest>
#include <vector>

using namespace sallyport;

namespace {

struct Edit
{
    const char *file;
    const char *from; ///< empty: a document is added
    const char *to;
};

struct Row
{
    const char *name; ///< of the vector
    const char *project;
    std::vector<Edit> edits;
    const char *path;
    const char *host; ///< the Host header; empty: the URL's
    int status;
    const char *decidedBy; ///< without its mesh
    const char *flags;     ///< of who decided
    const char *details;   ///< in part
    const char *sidecar;   ///< the sidecar's cluster; empty: none
    const char *gateway;   ///< the egress gateway's; empty: none
};

constexpr const char *entry = "primary/10-service-entry.yaml";
constexpr const char *routes = "primary/12-virtual-service.yaml";
constexpr const char *origination = "primary/14-originate-mtls.yaml";
constexpr const char *sleep = "default/sleep";
constexpr const char *httpbin = "default/httpbin";
constexpr const char *egress = "istio-system/istio-egressgateway";
constexpr const char *toGateway = "outbound|80||istio-egressgateway.istio-system.svc.cluster.local";
constexpr const char *tls = "outbound|443||test.com";
constexpr const char *plain = "outbound|80||test.com";
constexpr const char *answered = "via_upstream";
constexpr const char *denied = "rbac_access_denied_matched_policy[ns[istio-system]-policy[test]-rule[0]]";
constexpr const char *terminated = "upstream_reset_before_response_started{connection_termination}";
constexpr const char *failed = "upstream_reset_before_response_started{remote_connection_failure|";

constexpr const char *allowStatus = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: "
                                    "{name: allow, namespace: istio-system}\n"
                                    "spec: {selector: {matchLabels: {istio: egressgateway}}, action: ALLOW, "
                                    "rules: [{to: [{operation: {paths: "
                                    "['/status/*']}}]}]}\n";
const std::vector<Edit> wrongServer = {{"external/*", "@pki:server.crt@", "@pki:server-wrong-name.crt@"},
                                       {"external/*", "@pki:server.key@", "@pki:server-wrong-name.key@"}};

std::vector<Edit> with(std::vector<Edit> edits, const Edit &more)
{
    edits.push_back(more);
    return edits;
}

/// The vectors that the reference constructs for the guide's chain (C1 to C20).
std::vector<Row> rows()
{
    return {
        {"C1",
         "guide-stage-2",
         {{entry, "  - test.com\n", "  - else.com\n"}},
         "/get",
         "",
         502,
         sleep,
         "-",
         "direct_response",
         "",
         ""},
        {"C2", "guide-stage-2", {}, "/get", "", 200, httpbin, "-", answered, plain, ""},
        {"C3", "guide-stage-2", {}, "/get", "TEST.COM:80", 200, httpbin, "-", answered, plain, ""},
        {"C4", "guide-stage-3", {}, "/get", "test.com.", 404, egress, "NR", "route_not_found", toGateway, ""},
        {"C5", "guide-stage-3", {}, "/get", "", 200, httpbin, "-", answered, toGateway, plain},
        {"C6", "hop1-no-rule", {}, "/get", "", 503, sleep, "UC", terminated, toGateway, ""},
        {"C7",
         "guide-stage-4",
         {{routes, "namespace: default", "namespace: foo"}},
         "/get",
         "",
         404,
         egress,
         "NR",
         "route_not_found",
         toGateway,
         ""},
        {"C8", "origination-no-rule", {}, "/get", "", 503, egress, "UC", terminated, toGateway, tls},
        {"C9", "guide-stage-4", {}, "/status/200", "", 200, httpbin, "-", answered, toGateway, tls},
        {"C10", "origination-wrong-ca", {}, "/get", "", 503, egress, "URX,UF", failed, toGateway, tls},
        {"C11", "guide-stage-4", wrongServer, "/get", "", 200, httpbin, "-", answered, toGateway, tls},
        {"C11 with names", "guide-stage-4",
         with(wrongServer,
              {origination, "sni: test.com\n", "sni: test.com\n        subjectAltNames: [test.com]\n"}),
         "/get", "", 503, egress, "URX,UF", failed, toGateway, tls},
        {"C12", "guide-stage-4", with(wrongServer, {origination, "        sni: test.com\n", ""}), "/get", "",
         503, egress, "URX,UF", failed, toGateway, tls},
        {"C13", "guide-stage-5", {}, "/headers", "", 403, egress, "-", denied, toGateway, tls},
        {"C14 query", "guide-stage-5", {}, "/headers?x=1", "", 403, egress, "-", denied, toGateway, tls},
        {"C14 host", "guide-stage-5", {}, "/headers", "TEST.com", 403, egress, "-", denied, toGateway, tls},
        {"C15", "guide-stage-5", {}, "/headers", "test.com:80", 200, httpbin, "-", answered, toGateway, tls},
        {"C16 slashes", "guide-stage-5", {}, "//headers", "", 200, httpbin, "-", answered, toGateway, tls},
        {"C16 last slash", "guide-stage-5", {}, "/headers/", "", 404, httpbin, "-", answered, toGateway, tls},
        {"C16 case", "guide-stage-5", {}, "/HEADERS", "", 404, httpbin, "-", answered, toGateway, tls},
        {"C17",
         "guide-stage-5",
         {{"primary/02-sleep.yaml", "serviceAccountName: sleep", "serviceAccountName: other"}},
         "/headers",
         "",
         200,
         httpbin,
         "-",
         answered,
         toGateway,
         tls},
        {"C18",
         "guide-stage-5",
         {{"primary/90-allow.yaml", "", allowStatus}},
         "/get",
         "",
         403,
         egress,
         "-",
         "rbac_access_denied_matched_policy[none]",
         toGateway,
         tls},
        {"C19",
         "guide-stage-3",
         {{entry, "203.0.113.10", "203.0.113.99"}},
         "/get",
         "",
         503,
         egress,
         "URX,UF",
         failed,
         toGateway,
         plain},
        {"C20",
         "guide-stage-3",
         {{entry, "  endpoints:\n  - address: 203.0.113.10\n", ""}},
         "/get",
         "",
         503,
         egress,
         "UH",
         "no_healthy_upstream",
         toGateway,
         plain},
    };
}

} // namespace

Q_DECLARE_METATYPE(Row)

class TestSeedChain : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void vectors_data();
    void vectors();

private:
    static std::string expanded(const QString &text);
    static Result<model::Project> project(const Row &row);
};

void TestSeedChain::vectors_data()
{
    QTest::addColumn<Row>("row");
    for (const Row &row : rows())
        QTest::newRow(row.name) << row;
}

std::string TestSeedChain::expanded(const QString &text)
{
    if (!text.startsWith("@pki:"))
        return text.toStdString();
    const QString name = text.section(':', 1).chopped(1);
    QFile file(SALLYPORT_SOURCE_DIR "/tests/golden/mesh/pki/" + name);
    const QByteArray bytes = name.endsWith(".key")            ? golden::testKey(name.chopped(4))
                             : file.open(QIODevice::ReadOnly) ? file.readAll()
                                                              : QByteArray();
    return bytes.toBase64().toStdString();
}

Result<model::Project> TestSeedChain::project(const Row &row)
{
    const QTemporaryDir place;
    if (!golden::writeProject(row.project, place.filePath("project")))
        return fail("no such project");
    auto project = model::loadProject(place.filePath("project").toStdString());
    if (!project)
        return project;
    std::vector<model::SourceFile> files = project->files;
    for (const Edit &edit : row.edits) {
        const std::string from = expanded(edit.from);
        const std::string to = expanded(edit.to);
        bool made = from.empty();
        if (made)
            files.push_back({edit.file, to});
        const std::string wanted = edit.file;
        for (model::SourceFile &file : files) {
            const bool here = wanted.back() == '*'
                                  ? file.path.starts_with(wanted.substr(0, wanted.size() - 1))
                                  : file.path == wanted;
            const std::size_t at = from.empty() || !here ? std::string::npos : file.text.find(from);
            if (at == std::string::npos)
                continue;
            file.text.replace(at, from.size(), to);
            made = true;
        }
        if (!made)
            return fail(wanted + " has no text to replace");
    }
    return model::projectFromFiles(project->folder, files, project->hosts);
}

void TestSeedChain::vectors()
{
    QFETCH(Row, row);
    const auto subject = project(row);
    QVERIFY2(subject, subject ? "" : subject.error().toString().c_str());
    const auto scene = explain::Scene::of(*subject);
    QVERIFY2(scene, scene ? "" : scene.error().toString().c_str());
    explain::Request request = *explain::parseRequest(std::string("http://test.com") + row.path);
    request.from = "primary:default/sleep";
    if (*row.host != '\0')
        request.headers.emplace_back("Host", row.host);
    const auto result = explain::explain(*scene, request);
    QVERIFY2(result, result ? "" : result.error().toString().c_str());
    const explain::Outcome &outcome = result->outcome;
    QCOMPARE(outcome.status, row.status);
    QCOMPARE(QString::fromStdString(outcome.decidedBy).section(':', 1), QString(row.decidedBy));
    QCOMPARE(outcome.flags, std::string(row.flags));
    QVERIFY2(outcome.details.find(row.details) == 0, outcome.details.c_str());
    if (row.status == 403)
        QCOMPARE(outcome.body, std::string("RBAC: access denied"));
    std::string sidecar;
    std::string gateway;
    for (const explain::Hop &hop : result->hops) {
        if (hop.proxy == "primary:default/sleep" && hop.log.written)
            sidecar = hop.log.cluster;
        if (hop.proxy == "primary:istio-system/istio-egressgateway" && hop.log.written)
            gateway = hop.log.cluster;
    }
    QCOMPARE(sidecar, std::string(row.sidecar));
    QCOMPARE(gateway, std::string(row.gateway));
}

QTEST_GUILESS_MAIN(TestSeedChain)
#include "test_seed_chain.moc"
