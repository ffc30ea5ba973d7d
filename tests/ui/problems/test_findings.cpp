// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/address_plan.h"
#include "core/lab/project_template.h"
#include "core/lab/stored_credentials.h"
#include "core/pki/partner_pki.h"
#include "ui/problems/project_findings.h"

#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>

using namespace sallyport;
using namespace sallyport::problems;

namespace {

std::vector<Finding> findingsIn(const model::Project &project,
                                TimePoint now = std::chrono::system_clock::now())
{
    const compile::CompiledProject compiled =
        compile::compileProject(project, lab::planAddresses(project, {}, 0).placement);
    return findingsOf(project, &compiled, now);
}

model::Project oneFile(const std::string &text)
{
    return model::projectFromFiles("/p", {{"primary/a.yaml", text}}, {});
}

const Finding *withCode(const std::vector<Finding> &findings, const char *code)
{
    const auto found = std::find_if(findings.begin(), findings.end(), [code](const Finding &finding) {
        return finding.code == QLatin1String(code);
    });
    return found == findings.end() ? nullptr : &*found;
}

/// The file's text after a fix; empty if it could not be made.
QByteArray fixedText(const model::Project &project, const Fix &fix)
{
    const Result<model::FileChanges> changes = fix.make(project.files);
    if (!changes || changes->size() != 1)
        return {};
    return QByteArray::fromStdString(changes->front().after.value_or("gone"));
}

const char *const rule = "apiVersion: networking.istio.io/v1\n"
                         "kind: DestinationRule\n"
                         "metadata:\n"
                         "  name: a # the name\n"
                         "  namespace: default\n"
                         "spec:\n"
                         "  host: test.com\n"
                         "  trafficPolicy:\n"
                         "    tls:\n"
                         "      mode: MUTUAL\n"
                         "      credentailName: test.client # slip\n";

} // namespace

class TestFindings : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void aGoodProjectHasNoErrors();
    void brokenYamlHasItsPlace();
    void aSlipIsRenamed();
    void anUnknownFieldIsRemoved();
    void aNamespaceIsSet();
    void aNumberIsQuoted();
    void aWordIsChosen();
    void aDoubleIsDeleted();
    void aFixAfterTheTextChanged();
    void aCredentialThatIsMissing();
    void aCredentialThatExpires();
    void keyAndCertificateOfDifferentPairs();
    void whatTheLabSaid();
    void errorsComeFirst();

private:
    std::unique_ptr<QTemporaryDir> m_place;
};

void TestFindings::init()
{
    m_place = std::make_unique<QTemporaryDir>();
    qputenv("XDG_DATA_HOME", m_place->filePath("data").toUtf8());
}

void TestFindings::aGoodProjectHasNoErrors()
{
    const std::string folder = m_place->filePath("p").toStdString();
    QVERIFY(lab::createFromTemplate(folder, 4, true));
    Result<model::Project> project = model::loadProject(folder);
    QVERIFY(project);
    lab::addStoredCredentials(*project);
    for (const Finding &finding : findingsIn(*project))
        QVERIFY2(finding.severity != model::Severity::Error, qPrintable(finding.place() + finding.message));
}

void TestFindings::brokenYamlHasItsPlace()
{
    const std::vector<Finding> findings = findingsIn(oneFile("kind: A\nspec: [\n"));
    const Finding *finding = withCode(findings, "EGR0101");
    QVERIFY(finding);
    QCOMPARE(finding->file, QStringLiteral("primary/a.yaml"));
    QVERIFY(finding->line > 0);
    QVERIFY(finding->fixes.empty());
}

void TestFindings::aSlipIsRenamed()
{
    const model::Project project = oneFile(rule);
    const std::vector<Finding> findings = findingsIn(project);
    const Finding *finding = withCode(findings, "EGR0102");
    QVERIFY(finding);
    QCOMPARE(finding->line, 11);
    QCOMPARE(finding->resource, QStringLiteral("DestinationRule default/a"));
    const auto *target = std::get_if<session::ResourceSelection>(&finding->target);
    QVERIFY(target);
    QCOMPARE(target->file, QStringLiteral("primary/a.yaml"));
    QCOMPARE(target->fieldPath, QStringLiteral("spec.trafficPolicy.tls.credentailName"));
    QCOMPARE(finding->fixes.size(), std::size_t(2));
    QCOMPARE(fixedText(project, finding->fixes[0]),
             QByteArray(rule).replace("credentailName:", "credentialName:")); // the comment stays
}

void TestFindings::anUnknownFieldIsRemoved()
{
    const model::Project project = oneFile(rule);
    const std::vector<Finding> findings = findingsIn(project);
    QCOMPARE(fixedText(project, withCode(findings, "EGR0102")->fixes[1]),
             QByteArray(rule).replace("      credentailName: test.client # slip\n", ""));
}

void TestFindings::aNamespaceIsSet()
{
    const QByteArray text = QByteArray(rule)
                                .replace("  namespace: default\n", "")
                                .replace("      credentailName: test.client # slip\n", "");
    const model::Project project = oneFile(text.toStdString());
    const std::vector<Finding> findings = findingsIn(project);
    const Finding *finding = withCode(findings, "EGR0108");
    QVERIFY(finding);
    QCOMPARE(fixedText(project, finding->fixes.at(0)),
             QByteArray(text).replace("# the name\n", "# the name\n  namespace: default\n"));
}

void TestFindings::aNumberIsQuoted()
{
    const std::string text = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  labels:\n    x: 1\n";
    const model::Project project = oneFile(text);
    const std::vector<Finding> findings = findingsIn(project);
    const Finding *finding = withCode(findings, "EGR0102");
    QVERIFY(finding && !finding->fixes.empty());
    QVERIFY(fixedText(project, finding->fixes.at(0)).contains("x: '1'"));
}

void TestFindings::aWordIsChosen()
{
    const QByteArray text = QByteArray(rule)
                                .replace("mode: MUTUAL", "mode: mutual")
                                .replace("      credentailName: test.client # slip\n", "");
    const model::Project project = oneFile(text.toStdString());
    const std::vector<Finding> findings = findingsIn(project);
    const Finding *finding = withCode(findings, "EGR0105");
    QVERIFY(finding);
    const auto fix = std::find_if(finding->fixes.begin(), finding->fixes.end(),
                                  [](const Fix &each) { return each.title == QLatin1String("SIMPLE"); });
    QVERIFY(fix != finding->fixes.end());
    QCOMPARE(fixedText(project, *fix), QByteArray(text).replace("mutual", "SIMPLE"));
}

void TestFindings::aDoubleIsDeleted()
{
    const std::string one = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: a\n  namespace: b\n";
    const model::Project project = oneFile(one + "---\n" + one);
    const std::vector<Finding> findings = findingsIn(project);
    const Finding *finding = withCode(findings, "EGR0109");
    QVERIFY(finding && !finding->fixes.empty());
    QCOMPARE(std::get<session::ResourceSelection>(finding->target).document, 1);
    QCOMPARE(fixedText(project, finding->fixes.at(0)), QByteArray::fromStdString(one));
}

void TestFindings::aFixAfterTheTextChanged()
{
    const std::vector<Finding> findings = findingsIn(oneFile(rule));
    const Fix fix = withCode(findings, "EGR0102")->fixes[0];
    const Result<model::FileChanges> changes =
        fix.make({{"primary/a.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: b\n"}});
    QVERIFY(!changes);
    QVERIFY(!fix.make({}));
}

void TestFindings::aCredentialThatIsMissing()
{
    std::vector<model::SourceFile> files = lab::stageFiles(4);
    std::erase_if(files, [](const model::SourceFile &file) { return file.path.starts_with('.'); });
    const model::Project project = model::projectFromFiles("/p", files, {});
    const std::vector<Finding> findings = findingsIn(project);
    int client = 0;
    int server = 0;
    for (const Finding &finding : findings) {
        if (finding.code != QLatin1String("EGR0501"))
            continue;
        client += finding.file == QLatin1String("primary/14-originate-mtls.yaml") ? 1 : 0;
        server += finding.file == QLatin1String("external/04-gateway.yaml") ? 1 : 0;
        QVERIFY(finding.fieldPath.endsWith(QLatin1String("credentialName")));
        QVERIFY(finding.line > 0);
    }
    QCOMPARE(client, 1); // key pair and CA are told as one
    QCOMPARE(server, 1);
}

void TestFindings::aCredentialThatExpires()
{
    const std::string folder = m_place->filePath("p").toStdString();
    QVERIFY(lab::createFromTemplate(folder, 4, true));
    Result<model::Project> project = model::loadProject(folder);
    QVERIFY(project);
    lab::addStoredCredentials(*project);
    const auto in30Years = std::chrono::system_clock::now() + std::chrono::hours(24 * 365 * 30);
    const std::vector<Finding> findings = findingsIn(*project, in30Years);
    const Finding *finding = withCode(findings, "EGR0510");
    QVERIFY(finding);
    QCOMPARE(finding->severity, model::Severity::Error);
    QVERIFY(std::holds_alternative<session::CredentialSelection>(finding->target));
    QVERIFY(finding->place().isEmpty());
}

void TestFindings::keyAndCertificateOfDifferentPairs()
{
    const Result<pki::PartnerPki> one = pki::PartnerPki::create();
    const Result<pki::PartnerPki> other = pki::PartnerPki::create();
    QVERIFY(one && other);
    model::Project project = oneFile(rule);
    model::Secret &secret = project.meshes.front().secrets.emplace_back();
    secret.kind = "Secret";
    secret.metadata.name = "mixed";
    secret.metadata.resourceNamespace = "istio-system";
    secret.data = {{"tls.key", one->client.key.toPem()},
                   {"tls.crt", pki::toPem(other->client.chain)},
                   {"ca.crt", pki::toPem(one->client.ca)}};
    const std::vector<Finding> findings = findingsIn(project);
    const Finding *finding = withCode(findings, "EGR0506");
    QVERIFY(finding);
    QVERIFY(!finding->message.contains(QLatin1String("BEGIN")));

    secret.data["tls.crt"] = "nonsense";
    const std::vector<Finding> broken = findingsIn(project);
    QVERIFY(withCode(broken, "EGR0502") || withCode(broken, "EGR0506"));
}

void TestFindings::whatTheLabSaid()
{
    const model::Project project = oneFile(rule);
    const Finding placed = labFinding(QStringLiteral("primary/a.yaml:9:5: no such thing (do it)"), &project);
    QCOMPARE(placed.file, QStringLiteral("primary/a.yaml"));
    QCOMPARE(placed.line, 9);
    QCOMPARE(placed.column, 5);
    QCOMPARE(placed.message, QStringLiteral("no such thing (do it)"));
    QCOMPARE(placed.resource, QStringLiteral("DestinationRule default/a"));
    const Finding bare = labFinding(QStringLiteral("primary:default/sleep: it refused"), &project);
    QVERIFY(bare.file.isEmpty());
    QCOMPARE(bare.message, QStringLiteral("primary:default/sleep: it refused"));
}

void TestFindings::errorsComeFirst()
{
    const model::Project project = model::projectFromFiles(
        "/p",
        {{"primary/a.yaml", "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: a\n"},
         {"primary/b.yaml", rule}},
        {});
    const std::vector<Finding> findings = findingsIn(project);
    QVERIFY(findings.size() >= 2);
    QVERIFY(std::is_sorted(findings.begin(), findings.end(),
                           [](const Finding &a, const Finding &b) { return a.severity < b.severity; }));
}

QTEST_GUILESS_MAIN(TestFindings)
#include "test_findings.moc"
