// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/project_template.h"
#include "core/lab/stored_credentials.h"
#include "ui/designer/design_draft.h"
#include "ui/designer/diff_model.h"
#include "ui/designer/route_choices.h"
#include "ui/designer/route_ends.h"

#include <QAbstractItemModelTester>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

using namespace sallyport;
using namespace sallyport::designer;
using design::DesignField;
using design::RouteDesign;
using design::WorkloadName;
using RowKind = DiffModel::RowKind;

namespace {

constexpr int patience = 60'000; ///< milliseconds, on a busy machine

model::Project stage(int number)
{
    std::vector<model::SourceFile> files = lab::stageFiles(number);
    std::string hosts;
    for (const model::SourceFile &file : files) {
        if (file.path == ".sallyport/hosts")
            hosts = file.text;
    }
    std::erase_if(files, [](const model::SourceFile &file) { return file.path.starts_with('.'); });
    return model::projectFromFiles("/project", files, model::parseHosts(hosts));
}

const WorkloadName sleepPod{"default", "sleep"};
const WorkloadName egress{"istio-system", "istio-egressgateway"};

} // namespace

class TestDesignDraft : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void routesBetweenCards_data();
    void routesBetweenCards();
    void fromNothing();
    void theWayToAPartner();
    void theOnlyClientCredentialIsProposed();
    void previewOfTheGuide();
    void diffRows();
    void aDiffIsAPatch();
    void lists();
    void aDraftFollowsThePerson();
    void whatIsAppliedIsOneStep();

private:
    std::unique_ptr<QTemporaryDir> m_place;
};

void TestDesignDraft::init()
{
    m_place = std::make_unique<QTemporaryDir>();
    qputenv("XDG_DATA_HOME", m_place->filePath("data").toUtf8());
    qputenv("XDG_STATE_HOME", m_place->filePath("state").toUtf8());
}

void TestDesignDraft::routesBetweenCards_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<QString>("host");
    QTest::newRow("nothing said") << ""
                                  << ""
                                  << "test.com";
    QTest::newRow("to the gateway") << "primary:default/sleep"
                                    << "primary:istio-system/istio-egressgateway"
                                    << "test.com";
    QTest::newRow("to the partner's gateway") << "primary:default/sleep"
                                              << "external:istio-system/istio-ingressgateway"
                                              << "test.com";
    QTest::newRow("a replica, to a host") << "primary:default/sleep#1"
                                          << "example.org"
                                          << "example.org";
    QTest::newRow("from the gateway") << "primary:istio-system/istio-egressgateway"
                                      << "api.example.org"
                                      << "api.example.org";
}

void TestDesignDraft::routesBetweenCards()
{
    QFETCH(QString, from);
    QFETCH(QString, to);
    QFETCH(QString, host);
    const RouteDesign design = designBetween(stage(1), from, to);
    QCOMPARE(design.mesh, std::string("primary"));
    QCOMPARE(QString::fromStdString(design.host), host);
    QCOMPARE(design.clients, std::vector<WorkloadName>{sleepPod});
    QCOMPARE(design.gateway, egress);
    QCOMPARE(design.sni, design.host);
    QCOMPARE(design.encryption, design::Encryption::MutualTls);
    if (host == QLatin1String("test.com"))
        QCOMPARE(design.addresses, std::vector<std::string>{"203.0.113.10"});
}

void TestDesignDraft::fromNothing()
{
    const model::Project empty = model::projectFromFiles("/project", {}, {{"test.com", {"203.0.113.10"}}});
    RouteDesign design = designBetween(empty, {}, {});
    QVERIFY(design.host.empty());
    design = usualDesign(empty, design.mesh, "test.com");
    design.credentialName = "test.client";
    QCOMPARE(design.clients, std::vector<WorkloadName>{sleepPod});
    QCOMPARE(design.gateway, egress);
    QCOMPARE(design.addresses, std::vector<std::string>{"203.0.113.10"});
    const DesignPreview preview = previewOf(empty, design);
    QVERIFY2(!preview.hasErrors(), qPrintable(preview.summary()));
    QVERIFY(preview.count(design::DesignedResource::Change::Created) > 8);
    for (const FileDiff &diff : preview.diffs)
        QCOMPARE(diff.kind, FileDiff::Kind::New);
}

void TestDesignDraft::theWayToAPartner()
{
    // Where only the partner is there, the client's mesh is a new one.
    const model::Project partner = stage(lab::partnerOnly);
    QCOMPARE(partner.meshes.size(), std::size_t(1));
    RouteDesign design = designBetween(partner, {}, "external:istio-system/istio-ingressgateway");
    QCOMPARE(design.mesh, std::string("primary"));
    QCOMPARE(design.host, std::string("test.com"));
    QCOMPARE(design.gateway, egress);
    const RouteChoices choices = routeChoices(&partner, design);
    QCOMPARE(choices.meshes, (QStringList{"external", "primary"}));
    QVERIFY(choices.hosts.contains("test.com"));
    QVERIFY(choices.gateways.isEmpty());
    design.credentialName = "test.client";
    const DesignPreview preview = previewOf(partner, design);
    QVERIFY2(!preview.hasErrors(), qPrintable(preview.summary()));
    for (const model::FileChange &change : preview.changes)
        QVERIFY2(change.path.starts_with("primary/"), change.path.c_str());
    const RouteChoices known = routeChoices(nullptr, design);
    QCOMPARE(known.meshes, QStringList{"primary"});
    QCOMPARE(routeChoices(&partner, usualDesign(partner, "external", "test.com")).gateways,
             QStringList{"istio-system/istio-ingressgateway"});
}

void TestDesignDraft::theOnlyClientCredentialIsProposed()
{
    const QString folder = m_place->filePath("p");
    const auto made = lab::createFromTemplate(folder.toStdString(), 1, false);
    QVERIFY(made);
    model::Project project = *model::loadProject(folder.toStdString());
    lab::addStoredCredentials(project);
    // The server's credential of the other mesh is none for this.
    QCOMPARE(usualDesign(project, "primary", "test.com").credentialName, std::string());
    QVERIFY(lab::importClientCredential(folder.toStdString(), made->partner));
    lab::addStoredCredentials(project);
    QCOMPARE(usualDesign(project, "primary", "test.com").credentialName, std::string("test.client"));
}

void TestDesignDraft::previewOfTheGuide()
{
    RouteDesign design = designBetween(stage(1), {}, {});
    DesignPreview preview = previewOf(stage(1), design);
    QVERIFY(preview.hasErrors()); // which credential?
    QCOMPARE(preview.findingOf(DesignField::Credential)->severity, model::Severity::Error);
    QVERIFY(preview.changes.empty());
    design.credentialName = "test.client";
    preview = previewOf(stage(1), design);
    QVERIFY2(!preview.hasErrors(), qPrintable(preview.summary()));
    // It can be made, and the import is still to come.
    QCOMPARE(preview.findingOf(DesignField::Credential)->severity, model::Severity::Warning);
    QVERIFY(!preview.findingOf(DesignField::Host));
    QCOMPARE(preview.diffs.size(), preview.changes.size());
    QVERIFY(preview.summary().contains("new"));
    for (const design::DesignedResource &resource : preview.resources)
        QVERIFY(!resource.why.empty());
    const model::Project after = *model::applied(stage(1), preview.changes);
    QVERIFY(previewOf(after, design).changes.empty());
    QVERIFY(previewOf(after, design).summary().contains("already"));
}

void TestDesignDraft::diffRows()
{
    DiffModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    std::string before;
    for (int i = 1; i <= 12; ++i)
        before += "line " + std::to_string(i) + '\n';
    std::string after = before;
    after.replace(after.find("line 6\n"), 7, "line six\n");
    const model::FileChanges changes{
        {"a.yaml", before, after}, {"new.yaml", {}, "x\ny\n"}, {"old.yaml", "z\n", {}}};
    model.setDiffs(fileDiffs(changes));
    QStringList rows;
    for (int i = 0; i < model.rowCount(); ++i) {
        const auto kind = static_cast<RowKind>(model.index(i).data(DiffModel::KindRole).toInt());
        rows.append((kind == RowKind::File    ? "# "
                     : kind == RowKind::Gap   ? "~"
                     : kind == RowKind::Same  ? "  "
                     : kind == RowKind::Added ? "+ "
                                              : "- ") +
                    model.index(i).data().toString());
    }
    QCOMPARE(rows, (QStringList{"# a.yaml", "~", "  line 3", "  line 4", "  line 5", "- line 6", "+ line six",
                                "  line 7", "  line 8", "  line 9", "~", "# new.yaml", "+ x", "+ y",
                                "# old.yaml", "- z"}));
    QCOMPARE(model.index(5).data(DiffModel::BeforeRole).toInt(), 6);
    QCOMPARE(model.index(6).data(DiffModel::AfterRole).toInt(), 6);
    QCOMPARE(model.index(0).data(DiffModel::CountRole).toString(), QStringLiteral("+1 −1"));
    QCOMPARE(model.index(6).data(Qt::AccessibleTextRole).toString(), QStringLiteral("added: line six"));
    QVERIFY(model.index(11).data(Qt::AccessibleTextRole).toString().startsWith("New file new.yaml"));
    QCOMPARE(model.rowOf("new.yaml"), 11);
    QCOMPARE(model.rowOf("other.yaml"), -1);
    model.setDiffs({});
    QCOMPARE(model.rowCount(), 0);
}

void TestDesignDraft::aDiffIsAPatch()
{
    // What is copied is what `patch` understands.
    RouteDesign design = designBetween(stage(3), {}, {});
    design.credentialName = "test.client";
    design.registryOnly = true;
    const DesignPreview preview = previewOf(stage(3), design);
    QVERIFY(preview.changes.size() >= 2);
    const QString folder = m_place->filePath("tree");
    for (const model::SourceFile &file : stage(3).files) {
        const QString path = folder + '/' + QString::fromStdString(file.path);
        QVERIFY(QDir().mkpath(QFileInfo(path).path()));
        QFile out(path);
        QVERIFY(out.open(QIODevice::WriteOnly));
        out.write(QByteArray::fromStdString(file.text));
    }
    QProcess patch;
    patch.setWorkingDirectory(folder);
    patch.start("patch", {"-p1", "--batch"});
    if (!patch.waitForStarted())
        QSKIP("there is no patch here");
    patch.write(unifiedText(preview.changes).toUtf8());
    patch.closeWriteChannel();
    QVERIFY(patch.waitForFinished());
    QVERIFY2(patch.exitCode() == 0, patch.readAll().constData());
    for (const model::FileChange &change : preview.changes) {
        QFile file(folder + '/' + QString::fromStdString(change.path));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll().toStdString(), *change.after);
    }
}

void TestDesignDraft::lists()
{
    QCOMPARE(listFromText(" a, b  c,,"), (std::vector<std::string>{"a", "b", "c"}));
    QCOMPARE(listText({"a", "b"}), QStringLiteral("a, b"));
    QCOMPARE(workloadsFromText("sleep, apps/batch"),
             (std::vector<WorkloadName>{{"default", "sleep"}, {"apps", "batch"}}));
    QCOMPARE(workloadsText(workloadsFromText("sleep,apps/batch")),
             QStringLiteral("default/sleep, apps/batch"));
    QVERIFY(workloadsFromText(" ").empty());
}

void TestDesignDraft::aDraftFollowsThePerson()
{
    const QString folder = m_place->filePath("p");
    QVERIFY(lab::createFromTemplate(folder.toStdString(), 1, false));
    session::ProjectSession project;
    DesignDraft draft(project);
    QSignalSpy opened(&project, &session::ProjectSession::projectChanged);
    project.open(folder);
    QVERIFY(opened.wait(patience));
    draft.begin(designBetween(*project.project(), {}, {}));
    QVERIFY(!draft.isCurrent());
    QTRY_VERIFY_WITH_TIMEOUT(draft.isCurrent(), patience);
    QVERIFY(!draft.canApply());
    // What was typed stays when another host proposes the rest anew.
    RouteDesign design = draft.design();
    design.credentialName = "mine";
    draft.edit(DesignField::Credential, design);
    design.clientPort = 8080;
    draft.edit(DesignField::ClientPort, design);
    draft.setHost("example.org");
    QCOMPARE(draft.design().credentialName, std::string("mine"));
    QCOMPARE(draft.design().clientPort, 8080u);
    QCOMPARE(draft.design().sni, std::string("example.org"));
    QCOMPARE(draft.design().subjectAltNames, std::vector<std::string>{"example.org"});
    QCOMPARE(draft.design().addresses, std::vector<std::string>{"203.0.113.80"});
    QCOMPARE(draft.design().gateway, egress);
    QTRY_VERIFY_WITH_TIMEOUT(draft.canApply(), patience);
    draft.setMesh("external");
    QVERIFY(!draft.canApply());
    QTRY_VERIFY_WITH_TIMEOUT(draft.isCurrent(), patience);
    QCOMPARE(draft.design().host, std::string("example.org"));
    project.close();
    QVERIFY(!draft.canApply());
}

void TestDesignDraft::whatIsAppliedIsOneStep()
{
    const QString folder = m_place->filePath("p");
    QVERIFY(lab::createFromTemplate(folder.toStdString(), 1, false));
    session::ProjectSession project;
    DesignDraft draft(project);
    QSignalSpy opened(&project, &session::ProjectSession::projectChanged);
    project.open(folder);
    QVERIFY(opened.wait(patience));
    RouteDesign design = designBetween(*project.project(), {}, {});
    design.credentialName = "test.client";
    draft.begin(design);
    QTRY_VERIFY_WITH_TIMEOUT(draft.canApply(), patience);
    const std::vector<model::SourceFile> before = project.files();
    QVERIFY(draft.apply());
    QCOMPARE(project.undoStack().undoText(), QStringLiteral("Route to test.com"));
    QCOMPARE(project.undoStack().count(), 1);
    QVERIFY(project.files() != before);
    // The project has it now.
    QTRY_VERIFY_WITH_TIMEOUT(
        draft.isCurrent() && draft.preview().changes.empty() && !draft.preview().resources.empty(), patience);
    QVERIFY(!draft.canApply());
    QVERIFY(!draft.apply());
    project.undoStack().undo();
    QVERIFY(project.files() == before);
    QTRY_VERIFY_WITH_TIMEOUT(draft.canApply(), patience);
}

QTEST_GUILESS_MAIN(TestDesignDraft)
#include "test_design_draft.moc"
