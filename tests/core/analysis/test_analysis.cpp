// SPDX-License-Identifier: GPL-3.0-or-later
#include "cases.h"

#include "core/analysis/analysis.h"
#include "tests/core/pki/openssl_tool.h"
#include "tests/e2e/mesh/recorded_project.h"

#include <QRegularExpression>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <map>
#include <set>

using namespace sallyport;

Q_DECLARE_METATYPE(cases::Case)

/// Every check of the catalogue finds what it is for, and leaves alone what only looks like it.
class TestAnalysis : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cases_data();
    void cases();
    void everyCheckHasBothKindsOfCases();
    void codesAreInOrderAndOnce();
    void theGuideHasWhatTheGuideHas_data();
    void theGuideHasWhatTheGuideHas();
    void whatWorksHasNoError_data();
    void whatWorksHasNoError();
    void fixesMend_data();
    void fixesMend();
    void istiosWarningGivesWayToTheCheck();

private:
    void makeAuthority();
    model::Project project(const QString &name, const std::vector<cases::Edit> &edits = {});
    QString expanded(QString text) const;
    std::vector<analysis::Finding> findings(const model::Project &project, int yearsLater = 0) const;

    QTemporaryDir m_certificates;
    std::map<QString, model::Project> m_projects;
};

namespace {

std::vector<cases::Case> allCases()
{
    std::vector<cases::Case> all;
    for (const auto &group : {cases::references(), cases::routing(), cases::tls(), cases::credentials(),
                              cases::authorization(), cases::posture()})
        all.insert(all.end(), group.begin(), group.end());
    return all;
}

bool has(const std::vector<analysis::Finding> &findings, const std::string &code)
{
    return std::any_of(findings.begin(), findings.end(),
                       [&code](const auto &finding) { return finding.code == code; });
}

QByteArray read(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

void TestAnalysis::initTestCase()
{
    const auto make = [this](const QString &name, const QString &key, const QString &days) {
        return test::openssl(m_certificates,
                             {"req", "-x509", "-newkey", key, "-nodes", "-keyout", name + ".key", "-out",
                              name + ".crt", "-days", days, "-subj", "/CN=" + name, "-addext",
                              "subjectAltName=URI:spiffe://" + name});
    };
    make("weak", "rsa:1024", "3650");
    make("soon", "rsa:2048", "5");
    makeAuthority();
    QVERIFY(QFile::exists(m_certificates.filePath("weak.crt")));
    QVERIFY(QFile::exists(m_certificates.filePath("soon.crt")));
}

/// A CA with two certificates and a revocation list that has one of them; what is put together of them.
void TestAnalysis::makeAuthority()
{
    const auto run = [this](const QStringList &arguments) {
        return test::openssl(m_certificates, arguments);
    };
    const auto name = [this](const char *file) { return m_certificates.filePath(QLatin1String(file)); };
    run({"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "authority.key", "-out", "authority.crt",
         "-days", "3650", "-subj", "/CN=authority"});
    test::writeFile(name("leaf.ext"), "basicConstraints=CA:FALSE\nsubjectAltName=URI:spiffe://leaf\n");
    const std::pair<const char *, const char *> leaves[] = {{"leaf", "1825"}, {"revoked", "5000"}};
    for (const auto &[leaf, days] : leaves) {
        const QString each = QLatin1String(leaf);
        run({"req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", each + ".key", "-out", each + ".csr",
             "-subj", "/CN=" + each});
        run({"x509", "-req", "-in", each + ".csr", "-CA", "authority.crt", "-CAkey", "authority.key",
             "-CAcreateserial", "-days", QLatin1String(days), "-extfile", "leaf.ext", "-out", each + ".crt"});
    }
    test::writeFile(name("index.txt"), "");
    test::writeFile(name("ca.cnf"), "[ca]\ndefault_ca=here\n[here]\ndatabase=index.txt\ndefault_md=sha256\n");
    const QStringList authority{"ca",       "-config",      "ca.cnf", "-cert", "authority.crt",
                                "-keyfile", "authority.key"};
    run(authority + QStringList{"-revoke", "revoked.crt"});
    run(authority + QStringList{"-gencrl", "-crldays", "300", "-out", "authority.crl"});

    const auto text = [&name](const char *file) { return test::readFile(name(file)); };
    const std::string ca = text("authority.crt");
    const std::string foreign =
        read(SALLYPORT_SOURCE_DIR "/tests/golden/mesh/pki/other-ca.crt").toStdString();
    test::writeFile(name("chain.crt"), text("leaf.crt") + ca);
    test::writeFile(name("chain-reversed.crt"), ca + text("leaf.crt"));
    test::writeFile(name("chain-foreign.crt"), text("leaf.crt") + foreign);
    test::writeFile(name("bundle.crt"), text("soon.crt") + ca);
    test::writeFile(name("bundle-with-leaf.crt"), ca + text("leaf.crt"));
    test::writeFile(name("ca-and-key.crt"), ca + text("authority.key"));
    QVERIFY(!text("authority.crl").empty());
}

QString TestAnalysis::expanded(QString text) const
{
    static const QRegularExpression placeholder("@(pki:)?([\\w.-]+)@");
    QRegularExpressionMatch match;
    while ((match = placeholder.match(text)).hasMatch()) {
        const QString name = match.captured(2);
        const bool recorded = !match.captured(1).isEmpty();
        const QByteArray bytes = recorded && name.endsWith(".key") ? golden::testKey(name.chopped(4))
                                 : recorded ? read(SALLYPORT_SOURCE_DIR "/tests/golden/mesh/pki/" + name)
                                            : read(m_certificates.filePath(name));
        text.replace(match.captured(0), QString::fromLatin1(bytes.toBase64()));
    }
    return text;
}

model::Project TestAnalysis::project(const QString &name, const std::vector<cases::Edit> &edits)
{
    if (m_projects.count(name) == 0) {
        const QTemporaryDir place;
        if (!golden::writeProject(name, place.filePath("project")))
            return {};
        m_projects.emplace(name, *model::loadProject(place.filePath("project").toStdString()));
    }
    const model::Project &recorded = m_projects.at(name);
    std::vector<model::SourceFile> files = recorded.files;
    for (const cases::Edit &edit : edits) {
        const std::string from = expanded(edit.from).toStdString();
        const std::string to = expanded(edit.to).toStdString();
        bool made = false;
        for (model::SourceFile &file : files) {
            const bool everywhere = std::string(edit.file) == "*";
            if (!everywhere && file.path != edit.file)
                continue;
            if (from.empty()) {
                file.text += "---\n" + to;
                made = true;
            }
            for (std::size_t at = file.text.find(from); !from.empty() && at != std::string::npos;
                 at = everywhere ? file.text.find(from, at + to.size()) : std::string::npos) {
                file.text.replace(at, from.size(), to);
                made = true;
            }
        }
        if (!made && from.empty()) {
            files.push_back({edit.file, to});
            made = true;
        }
        if (!made)
            qFatal("%s has no text to replace: %s", edit.file, edit.from);
    }
    return model::projectFromFiles(recorded.folder, files, recorded.hosts);
}

std::vector<analysis::Finding> TestAnalysis::findings(const model::Project &project, int yearsLater) const
{
    return analysis::analyse(project,
                             std::chrono::system_clock::now() + std::chrono::hours(24LL * 366 * yearsLater));
}

void TestAnalysis::cases_data()
{
    QTest::addColumn<cases::Case>("row");
    for (const cases::Case &row : allCases())
        QTest::addRow("%s %s: %s", row.code, row.found ? "found" : "not found", row.name) << row;
}

void TestAnalysis::cases()
{
    QFETCH(cases::Case, row);
    const model::Project subject = project(row.project, row.edits);
    const auto found = findings(subject, row.yearsLater);
    for (const model::Problem &problem : subject.problems) {
        if (problem.severity == model::Severity::Error && problem.code <= "EGR0102")
            QFAIL(qPrintable(QString::fromStdString(problem.place.toString() + ": " + problem.message)));
    }
    QStringList others;
    for (const analysis::Finding &finding : found) {
        if (finding.code != row.code) {
            others.append(QString::fromStdString(finding.code));
            continue;
        }
        if (!row.found)
            QFAIL(qPrintable(QString::fromStdString(finding.place.toString() + ": " + finding.message)));
        QVERIFY(!finding.message.empty());
        QVERIFY2(!finding.resource.empty(), finding.message.c_str());
        // What has no text in the project cannot have a place.
        QVERIFY2(finding.place.line > 0, finding.message.c_str());
    }
    QVERIFY2(has(found, row.code) == row.found, qPrintable("found: " + others.join(' ')));
}

void TestAnalysis::everyCheckHasBothKindsOfCases()
{
    std::set<std::string> positive;
    std::set<std::string> negative;
    for (const cases::Case &row : allCases())
        (row.found ? positive : negative).insert(row.code);
    for (const analysis::CheckInfo &check : analysis::catalogue()) {
        QVERIFY2(positive.count(check.code) != 0, check.code.c_str());
        QVERIFY2(negative.count(check.code) != 0, check.code.c_str());
    }
}

void TestAnalysis::codesAreInOrderAndOnce()
{
    const std::vector<analysis::CheckInfo> checks = analysis::catalogue();
    QVERIFY(checks.size() > 80);
    for (std::size_t i = 1; i < checks.size(); ++i)
        QVERIFY2(checks[i - 1].code < checks[i].code, checks[i].code.c_str());
}

/// The catalogue's own list for the guide's stages, with severities: nothing else is said of them.
void TestAnalysis::theGuideHasWhatTheGuideHas_data()
{
    QTest::addColumn<QStringList>("expected");
    const QStringList partner{"EGR0612 warning", "EGR0901 information"};
    QTest::newRow("guide-stage-1") << partner;
    QTest::newRow("guide-stage-2") << partner + QStringList{"EGR0701 warning"};
    QTest::newRow("guide-stage-3") << partner + QStringList{"EGR0315 warning", "EGR0410 warning",
                                                            "EGR0621 information", "EGR0701 warning",
                                                            "EGR0810 information"};
    QTest::newRow("guide-stage-4") << partner + QStringList{"EGR0315 warning",     "EGR0411 warning",
                                                            "EGR0419 information", "EGR0621 information",
                                                            "EGR0701 warning",     "EGR0810 information"};
    QTest::newRow("guide-stage-5") << partner + QStringList{"EGR0315 warning",     "EGR0411 warning",
                                                            "EGR0419 information", "EGR0609 warning",
                                                            "EGR0701 warning",     "EGR0704 warning",
                                                            "EGR0810 information"};
}

void TestAnalysis::theGuideHasWhatTheGuideHas()
{
    QFETCH(QStringList, expected);
    const char *words[] = {"error", "warning", "information"};
    QStringList found;
    for (const analysis::Finding &finding : findings(project(QTest::currentDataTag()))) {
        const QString text =
            QString::fromStdString(finding.code) + ' ' + words[static_cast<std::size_t>(finding.severity)];
        if (!found.contains(text))
            found.append(text);
    }
    found.sort();
    expected.sort();
    QCOMPARE(found, expected);
}

/// Where every recorded request was answered by its application or by a policy, nothing is wrong enough to
/// be an error.
void TestAnalysis::whatWorksHasNoError_data()
{
    QTest::addColumn<QString>("name");
    for (const QString &name : golden::projects()) {
        const QJsonArray exchanges = golden::answersOf(name)["exchanges"].toArray();
        const bool works = std::all_of(exchanges.begin(), exchanges.end(), [](const QJsonValue &exchange) {
            const int status = exchange["answer"]["status"].toInt();
            return (status >= 200 && status < 400) || status == 403 || status == 418;
        });
        if (works)
            QTest::newRow(qPrintable(name)) << name;
    }
}

void TestAnalysis::whatWorksHasNoError()
{
    QFETCH(QString, name);
    // Answered as they should be, and yet not what was written: a policy that matches nobody, rules that
    // nobody uses.
    static const std::map<QString, std::set<std::string>> meant{
        {"authz-plaintext-hop", {"EGR0604"}},
        {"authz-principals", {"EGR0617"}},
        {"external-simple", {"EGR0604"}},
        {"hop1-plain", {"EGR0604"}},
        {"origination-insecure-simple", {"EGR0604"}},
        {"routing-exports-ranked", {"EGR0207", "EGR0223"}},
        {"routing-mirror", {"EGR0203"}},
        {"routing-two-for-one-host", {"EGR0310"}},
        {"routing-without-mesh", {"EGR0322"}}};
    const auto allowed = meant.find(name);
    for (const analysis::Finding &finding : findings(project(name))) {
        const bool known = allowed != meant.end() && allowed->second.count(finding.code) != 0;
        QVERIFY2(finding.severity != model::Severity::Error || known,
                 (finding.code + ' ' + finding.place.toString() + ": " + finding.message).c_str());
    }
}

void TestAnalysis::fixesMend_data()
{
    QTest::addColumn<cases::Case>("row");
    for (const cases::Case &row : allCases()) {
        if (row.found)
            QTest::addRow("%s: %s", row.code, row.name) << row;
    }
}

/// Each fix leaves fewer findings of its kind than there were, and a project that still reads.
void TestAnalysis::fixesMend()
{
    QFETCH(cases::Case, row);
    const model::Project subject = project(row.project, row.edits);
    const auto count = [&row](const std::vector<analysis::Finding> &all) {
        return std::count_if(all.begin(), all.end(),
                             [&row](const auto &finding) { return finding.code == row.code; });
    };
    const auto before = findings(subject, row.yearsLater);
    for (const analysis::Finding &finding : before) {
        if (finding.code != row.code)
            continue;
        for (const analysis::Fix &fix : finding.fixes) {
            QVERIFY(!fix.title.empty());
            model::ProjectEdit edit(subject.files);
            const auto made = fix.edit(edit);
            QVERIFY2(made, made ? "" : (fix.title + ": " + made.error().toString()).c_str());
            const auto mended = model::applied(subject, edit.changes());
            QVERIFY2(mended, fix.title.c_str());
            QVERIFY2(count(findings(*mended, row.yearsLater)) < count(before), fix.title.c_str());
        }
    }
}

void TestAnalysis::istiosWarningGivesWayToTheCheck()
{
    const auto warns = [](const std::vector<model::Problem> &problems) {
        return std::any_of(problems.begin(), problems.end(), [](const model::Problem &problem) {
            return problem.message.find("TCP ports") != std::string::npos;
        });
    };
    const model::Project guide = project("guide-stage-5");
    QVERIFY(warns(guide.problems));
    QVERIFY(!warns(analysis::openProblems(guide)));
    const model::Project widened = project("authz-tcp-widening");
    QVERIFY(warns(analysis::openProblems(widened)));
}

QTEST_GUILESS_MAIN(TestAnalysis)
#include "test_analysis.moc"
