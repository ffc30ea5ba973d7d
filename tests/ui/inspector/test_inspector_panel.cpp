// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/project_template.h"
#include "ui/editor/editor_panel.h"
#include "ui/editor/yaml_edit.h"
#include "ui/inspector/field_editor.h"
#include "ui/inspector/form_view.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/inspector/wrapped_label.h"
#include "ui/traffic/request_store.h"

#include <QApplication>
#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QtTest>

using namespace sallyport;
using namespace sallyport::inspector;

namespace {

/// What readers and walks on other threads may take on a busy machine, in milliseconds.
constexpr int patience = 30'000;

const std::string ruleFile = "primary/14-originate-mtls.yaml";

} // namespace

/// The guide's stage 4 with hop 2 selected; the lab does not run.
class TestInspectorPanel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void nothingSelected();
    void aHopIsItsRule();
    void anEditIsAnUndoStep();
    void theWarningHasItsButton();
    void anAddedFieldWaitsForItsValue();
    void removedAndBack();
    void resourcesOfAHop();
    void placesOpenTheText();
    void aBrokenFileStillHasItsText();
    void explains();
    void liveSaysThatNothingRuns();

private:
    std::string rule() const { return *m_project->text(ruleFile); }
    FieldEditor *field(const std::string &path)
    {
        for (FieldEditor *editor : m_panel->findChildren<FieldEditor *>()) {
            if (editor->field().path == path && editor->isVisible())
                return editor;
        }
        return nullptr;
    }
    QTabWidget *tabs() { return m_panel->findChild<QTabWidget *>("inspectorTabs"); }

    const std::string m_tls = "spec.trafficPolicy.portLevelSettings[0].tls";
    theme::Theme m_theme{*qApp};
    QTemporaryDir m_place;
    int m_projects = 0;
    std::unique_ptr<session::ProjectSession> m_project;
    std::unique_ptr<session::LabSession> m_lab;
    session::Selection m_selection;
    std::unique_ptr<session::Context> m_context;
    std::unique_ptr<topology::ChainModel> m_chain;
    std::unique_ptr<problems::FindingList> m_findings;
    traffic::RequestStore m_requests;
    std::unique_ptr<InspectorPanel> m_panel;
};

void TestInspectorPanel::initTestCase()
{
    qputenv("XDG_DATA_HOME", m_place.filePath("data").toUtf8());
    qputenv("XDG_STATE_HOME", m_place.filePath("state").toUtf8());
}

void TestInspectorPanel::init()
{
    const QString folder = m_place.filePath(QStringLiteral("project-%1").arg(++m_projects));
    const auto made = lab::createFromTemplate(folder.toStdString(), 4, true);
    QVERIFY2(made, made ? "" : made.error().toString().c_str());
    m_selection.clear();
    m_project = std::make_unique<session::ProjectSession>();
    m_lab = std::make_unique<session::LabSession>(*m_project, control::Programs());
    m_context.reset(new session::Context{*m_project, *m_lab, m_selection});
    m_chain = std::make_unique<topology::ChainModel>(*m_context);
    m_findings = std::make_unique<problems::FindingList>(*m_context);
    m_panel = std::make_unique<InspectorPanel>(*m_context, *m_chain, *m_findings, m_requests);
    m_panel->resize(360, 900);
    m_panel->show();
    m_project->open(folder);
    QTRY_COMPARE_WITH_TIMEOUT(m_chain->chain().hops.size(), std::size_t(3), patience);
    m_selection.set(m_chain->chain().hops[1].selection());
}

void TestInspectorPanel::cleanup()
{
    m_panel.reset();
    m_findings.reset();
    m_chain.reset();
    m_lab.reset();
    m_project.reset();
}

void TestInspectorPanel::nothingSelected()
{
    QVERIFY(tabs()->isVisible());
    m_selection.clear();
    QVERIFY(!tabs()->isVisible());
    QCOMPARE(m_panel->subject().kind, Subject::Kind::None);
}

void TestInspectorPanel::aHopIsItsRule()
{
    QCOMPARE(m_panel->findChild<WrappedLabel *>("inspectorTitle")->words(), "Hop 2");
    QVERIFY(field(m_tls + ".mode"));
    QVERIFY(field("spec.host"));
    for (const FieldEditor *editor : m_panel->findChildren<FieldEditor *>()) {
        for (const QLineEdit *line : editor->findChildren<QLineEdit *>())
            QVERIFY(!line->accessibleName().isEmpty() || qobject_cast<QComboBox *>(line->parentWidget()));
        QVERIFY(editor->width() <= m_panel->width());
    }
}

void TestInspectorPanel::anEditIsAnUndoStep()
{
    const std::string before = rule();
    FieldEditor *sni = field(m_tls + ".sni");
    QVERIFY(sni);
    auto *line = sni->findChild<QLineEdit *>();
    line->setFocus();
    line->selectAll();
    QTest::keyClicks(line, "www.test.com");
    QCOMPARE(rule(), before); // not before it is done
    QTest::keyClick(line, Qt::Key_Return);
    QVERIFY(rule().find("sni: www.test.com\n") != std::string::npos);
    QCOMPARE(m_project->undoStack().count(), 1);
    QCOMPARE(m_project->undoStack().undoText(), "sni: www.test.com");
    m_project->undoStack().undo();
    QTRY_COMPARE_WITH_TIMEOUT(field(m_tls + ".sni")->findChild<QLineEdit *>()->text(), "test.com", patience);
    QCOMPARE(rule(), before);
    // A choice.
    auto *mode = field(m_tls + ".mode")->findChild<QComboBox *>();
    const int simple = mode->findData("SIMPLE");
    mode->setCurrentIndex(simple);
    Q_EMIT mode->activated(simple);
    QVERIFY(rule().find("mode: SIMPLE\n") != std::string::npos);
    QTRY_COMPARE_WITH_TIMEOUT(field(m_tls + ".mode")->field().value, "SIMPLE", patience);
}

void TestInspectorPanel::theWarningHasItsButton()
{
    FieldEditor *names = field(m_tls + ".subjectAltNames");
    QVERIFY(names);
    QVERIFY(!names->field().findings.empty());
    const auto button = [&]() -> QPushButton * {
        for (QPushButton *each : m_panel->findChildren<QPushButton *>()) {
            if (each->isVisible() && each->text().contains("test.com"))
                return each;
        }
        return nullptr;
    };
    QTRY_VERIFY_WITH_TIMEOUT(button(), patience);
    button()->click();
    QVERIFY(rule().find("subjectAltNames:\n        - test.com\n") != std::string::npos);
    QTRY_VERIFY_WITH_TIMEOUT(field(m_tls + ".subjectAltNames")->field().findings.empty(), patience);
    QCOMPARE(field(m_tls + ".subjectAltNames")->field().items, QStringList{"test.com"});
    m_project->undoStack().undo();
    QTRY_VERIFY_WITH_TIMEOUT(!field(m_tls + ".subjectAltNames")->field().findings.empty(), patience);
}

void TestInspectorPanel::anAddedFieldWaitsForItsValue()
{
    const std::string before = rule();
    auto *form = m_panel->findChild<FormView *>();
    Q_EMIT form->fieldWanted(m_tls + ".caCertificates");
    FieldEditor *added = field(m_tls + ".caCertificates");
    QVERIFY(added);
    QCOMPARE(rule(), before);
    auto *line = added->findChild<QLineEdit *>();
    QTest::keyClicks(line, "/etc/ca.pem");
    QTest::keyClick(line, Qt::Key_Return);
    QVERIFY(rule().find("        caCertificates: /etc/ca.pem\n") != std::string::npos);
}

void TestInspectorPanel::removedAndBack()
{
    const std::string before = rule();
    auto *form = m_panel->findChild<FormView *>();
    Q_EMIT form->removeWanted("spec.trafficPolicy.loadBalancer.simple", "loadBalancer.simple");
    QVERIFY(rule().find("ROUND_ROBIN") == std::string::npos);
    QTRY_VERIFY_WITH_TIMEOUT(!field("spec.trafficPolicy.loadBalancer.simple"), patience);
    m_project->undoStack().undo();
    QCOMPARE(rule(), before);
    QTRY_VERIFY_WITH_TIMEOUT(field("spec.trafficPolicy.loadBalancer.simple"), patience);
}

void TestInspectorPanel::resourcesOfAHop()
{
    auto *choice = m_panel->findChild<QComboBox *>("inspectorResource");
    QVERIFY(choice->isVisible());
    QVERIFY(choice->currentText().startsWith("DestinationRule"));
    const int way = choice->findText("VirtualService egressgateway-vs");
    QVERIFY(way > 0);
    choice->setCurrentIndex(way);
    Q_EMIT choice->activated(way);
    QVERIFY(field("spec.hosts"));
    QCOMPARE(m_panel->editor().file(), "primary/12-virtual-service.yaml");
    // An edit elsewhere leaves the choice.
    model::ProjectEdit edit(m_project->files());
    QVERIFY(edit.setScalar({ruleFile, 0, -1}, m_tls + ".sni", "x").has_value());
    QVERIFY(m_project->apply("x", edit).has_value());
    QTRY_COMPARE_WITH_TIMEOUT(m_chain->chain().hops[1].sni, "x", patience);
    QVERIFY(choice->currentText().startsWith("VirtualService"));
}

void TestInspectorPanel::placesOpenTheText()
{
    const session::SelectedThing before = m_selection.current();
    m_panel->showPlace(QString::fromStdString(ruleFile), 12, 3);
    QVERIFY(m_selection.current() == before); // it is one of the hop's
    QCOMPARE(tabs()->currentIndex(), 1);
    int line = 0;
    int column = 0;
    m_panel->editor().edit().getCursorPosition(&line, &column);
    QCOMPARE(line, 11);
    m_panel->showPlace("external/02-httpbin.yaml", 3, 1);
    QVERIFY(m_selection.as<session::ResourceSelection>());
    QCOMPARE(m_panel->editor().file(), "external/02-httpbin.yaml");
    m_panel->editor().edit().getCursorPosition(&line, &column);
    QCOMPARE(line, 2);
}

void TestInspectorPanel::aBrokenFileStillHasItsText()
{
    m_selection.set(session::ResourceSelection{QString::fromStdString(ruleFile), 0, -1, {}});
    QVERIFY(field("spec.host"));
    model::ProjectEdit edit(m_project->files());
    edit.setFile(ruleFile, "kind: [\n");
    QVERIFY(m_project->apply("x", edit).has_value());
    QTRY_VERIFY_WITH_TIMEOUT(!field("spec.host"), patience);
    tabs()->setCurrentIndex(1);
    QCOMPARE(m_panel->editor().edit().bytes(), "kind: [\n");
    m_project->undoStack().undo();
    tabs()->setCurrentIndex(0);
    QTRY_VERIFY_WITH_TIMEOUT(field("spec.host"), patience);
}

void TestInspectorPanel::explains()
{
    explain::Request request;
    request.from = "primary:default/sleep";
    request.url = "http://test.com/status/418";
    m_panel->explain(request);
    QCOMPARE(tabs()->currentIndex(), 2);
    const auto summary = [&] {
        const auto *label = m_panel->findChild<WrappedLabel *>("explainSummary");
        return label ? label->words() : QString();
    };
    QTRY_VERIFY_WITH_TIMEOUT(summary().contains("403"), patience);
    // It follows the project.
    model::ProjectEdit edit(m_project->files());
    QVERIFY(edit.setScalar({"external/05-policy.yaml", 0, -1}, "spec.action", "AUDIT").has_value());
    QVERIFY(m_project->apply("x", edit).has_value());
    QTRY_VERIFY_WITH_TIMEOUT(!summary().contains("403"), patience);
}

void TestInspectorPanel::liveSaysThatNothingRuns()
{
    tabs()->setCurrentIndex(3);
    bool said = false;
    for (const QLabel *label : m_panel->findChildren<QLabel *>())
        said = said || (label->isVisible() && label->text().contains("does not run"));
    QVERIFY(said);
}

QTEST_MAIN(TestInspectorPanel)
#include "test_inspector_panel.moc"
