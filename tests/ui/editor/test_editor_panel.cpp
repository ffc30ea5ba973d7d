// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/editor_panel.h"
#include "ui/editor/find_bar.h"
#include "ui/editor/yaml_edit.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QToolButton>
#include <QtTest>

using namespace sallyport;
using namespace sallyport::editor;

namespace {

/// What readers and walks on other threads may take on a busy machine, in milliseconds.
constexpr int patience = 30'000;

const std::string rule = "primary/rule.yaml";

} // namespace

class TestEditorPanel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void typingIsAnUndoStepALine();
    void undoIsFollowed();
    void completes();
    void marksProblems();
    void showsResourcesAndPlaces();
    void finds();
    void findsWithTheBeginningsOfLinesInSight();
    void replaces();
    void tellsWhatTheLabMadeOfIt();
    void aFileThatGoesLeavesAnEmptyState();
    void lineEndsStay();
    void followsTheScheme();

private:
    std::string text() const { return *m_project->text(rule); }
    YamlEdit &edit() { return m_panel->edit(); }

    theme::Theme m_theme{*qApp};
    QTemporaryDir m_place;
    std::unique_ptr<session::ProjectSession> m_project;
    std::unique_ptr<session::LabSession> m_lab;
    session::Selection m_selection;
    std::unique_ptr<session::Context> m_context;
    std::unique_ptr<problems::FindingList> m_findings;
    std::unique_ptr<EditorPanel> m_panel;
};

void TestEditorPanel::initTestCase()
{
    qputenv("XDG_DATA_HOME", m_place.filePath("data").toUtf8());
    qputenv("XDG_STATE_HOME", m_place.filePath("state").toUtf8());
    QVERIFY(QDir(m_place.path()).mkpath("project/primary"));
}

void TestEditorPanel::init()
{
    QFile file(m_place.filePath("project/" + QString::fromStdString(rule)));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(
        "# one\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata:\n  name: rule\n"
        "  namespace: default\nspec:\n  host: test.com\n  trafficPolicy:\n    tls:\n      mode: SIMPLE\n"
        "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: default\n");
    file.close();
    m_project = std::make_unique<session::ProjectSession>();
    m_lab = std::make_unique<session::LabSession>(*m_project, control::Programs());
    m_context.reset(new session::Context{*m_project, *m_lab, m_selection});
    m_findings = std::make_unique<problems::FindingList>(*m_context);
    m_panel = std::make_unique<EditorPanel>(*m_context, *m_findings);
    m_panel->resize(600, 500);
    m_panel->show();
    QSignalSpy opened(m_project.get(), &session::ProjectSession::opened);
    m_project->open(m_place.filePath("project"));
    QVERIFY(opened.wait(patience));
    m_panel->showResource({QString::fromStdString(rule), 0, -1, {}});
}

void TestEditorPanel::cleanup()
{
    m_panel.reset();
    m_findings.reset();
    m_lab.reset();
    m_project.reset();
}

void TestEditorPanel::typingIsAnUndoStepALine()
{
    edit().goTo(10, 12);
    QTest::keyClick(&edit(), Qt::Key_End);
    QTest::keyClicks(&edit(), " # a");
    QVERIFY(text().find("mode: SIMPLE # a\n") != std::string::npos);
    QCOMPARE(m_project->undoStack().count(), 1);
    edit().goTo(7, 0);
    QTest::keyClick(&edit(), Qt::Key_End);
    QTest::keyClicks(&edit(), " # b");
    QCOMPARE(m_project->undoStack().count(), 2);
    QVERIFY(m_project->isModified());
}

void TestEditorPanel::undoIsFollowed()
{
    const std::string before = text();
    edit().goTo(10, 12);
    QTest::keyClicks(&edit(), "X");
    QCOMPARE(edit().bytes(), text());
    QVERIFY(text() != before);
    edit().goTo(2, 3);
    edit().setFocus();
    m_project->undoStack().undo();
    QCOMPARE(edit().bytes(), before);
    m_project->undoStack().redo();
    QCOMPARE(edit().bytes(), text());
    // A change from elsewhere leaves the cursor with its text.
    edit().goTo(10, 6);
    edit().clearFocus();
    model::ProjectEdit change(m_project->files());
    QVERIFY(change.setScalar({rule, 0, -1}, "metadata.labels.app", "x").has_value());
    QVERIFY(m_project->apply("x", change).has_value());
    int line = 0;
    int column = 0;
    edit().getCursorPosition(&line, &column);
    QCOMPARE(edit().text(line).trimmed().left(5), "mode:");
    QCOMPARE(edit().bytes(), text());
    // The editor has no undo of its own that could get in the way.
    QVERIFY(!edit().isUndoAvailable());
}

void TestEditorPanel::completes()
{
    edit().goTo(10, 100);
    QTest::keyClick(&edit(), Qt::Key_Return);
    QTest::keyClicks(&edit(), "cre");
    QVERIFY(edit().isListActive());
    QTest::keyClick(&edit(), Qt::Key_Return);
    QVERIFY2(text().find("\n      credentialName: ") != std::string::npos, text().c_str());
    edit().goTo(10, 12);
    edit().setSelection(10, 12, 10, 18);
    QTest::keyClicks(&edit(), "MUT");
    QTest::keyClick(&edit(), Qt::Key_Return);
    QVERIFY2(text().find("mode: MUTUAL\n") != std::string::npos, text().c_str());
}

void TestEditorPanel::marksProblems()
{
    edit().goTo(10, 12);
    edit().setSelection(10, 12, 10, 18);
    QSignalSpy changed(m_findings.get(), &problems::FindingList::changed);
    QTest::keyClicks(&edit(), "SIMPEL");
    QTRY_VERIFY_WITH_TIMEOUT(edit().marks().count(10) == 1, patience);
    QVERIFY(edit().marks().at(10).text.contains("SIMPEL"));
    QVERIFY(edit().markersAtLine(10) & 1);
    QVERIFY(edit().wordsAt(10, 12).contains("one of"));
    QVERIFY(m_panel->findChild<QLabel *>("fieldWords")->text().contains("SIMPEL"));
    m_project->undoStack().undo();
    QTRY_VERIFY_WITH_TIMEOUT(edit().marks().count(10) == 0, patience);
    QVERIFY(!(edit().markersAtLine(10) & 1));
}

void TestEditorPanel::showsResourcesAndPlaces()
{
    int line = 0;
    int column = 0;
    m_panel->showResource({QString::fromStdString(rule), 1, -1, {}});
    edit().getCursorPosition(&line, &column);
    QCOMPARE(line, 12);
    QVERIFY(edit().markersAtLine(12) & (1 << 3));
    QVERIFY(!(edit().markersAtLine(10) & (1 << 3)));
    m_panel->showResource({QString::fromStdString(rule), 0, -1, "spec.trafficPolicy.tls.mode"});
    edit().getCursorPosition(&line, &column);
    QCOMPARE(line, 10);
    m_panel->showPlace(QString::fromStdString(rule), 8, 3);
    edit().getCursorPosition(&line, &column);
    QCOMPARE(line, 7);
    QCOMPARE(column, 2);
    QSignalSpy said(m_panel.get(), &EditorPanel::message);
    m_panel->showPlace("primary/none.yaml", 1, 1);
    QCOMPARE(said.count(), 1);
}

void TestEditorPanel::finds()
{
    edit().goTo(0);
    m_panel->openFind();
    auto *bar = m_panel->findChild<FindBar *>();
    auto *words = bar->findChild<QLineEdit *>("findText");
    QVERIFY(!bar->findChild<QLineEdit *>("findReplacement")->isVisible());
    QVERIFY(bar->isVisible());
    QTest::keyClicks(words, "NAME:");
    QCOMPARE(edit().selectedText(), "name:");
    int line = 0;
    int column = 0;
    edit().getCursorPosition(&line, &column);
    QCOMPARE(line, 4);
    QTest::keyClick(words, Qt::Key_Return);
    edit().getCursorPosition(&line, &column);
    QCOMPARE(line, 15);
    QTest::keyClick(words, Qt::Key_Return); // around the end
    edit().getCursorPosition(&line, &column);
    QCOMPARE(line, 4);
    QTest::keyClick(words, Qt::Key_Return, Qt::ShiftModifier);
    edit().getCursorPosition(&line, &column);
    QCOMPARE(line, 15);
    QTest::keyClick(words, Qt::Key_Escape);
    QVERIFY(!bar->isVisible());
}

void TestEditorPanel::findsWithTheBeginningsOfLinesInSight()
{
    edit().insertAt("# " + QString(300, 'x') + " far\n", 0, 0);
    edit().goTo(0);
    m_panel->openFind();
    auto *words = m_panel->findChild<QLineEdit *>("findText");
    const auto aside = [this] { return edit().SendScintilla(QsciScintillaBase::SCI_GETXOFFSET); };
    QTest::keyClicks(words, "far");
    QVERIFY(aside() > 0);
    words->clear();
    QTest::keyClicks(words, "mode:");
    QCOMPARE(edit().selectedText(), "mode:");
    QCOMPARE(aside(), 0L);
}

void TestEditorPanel::replaces()
{
    edit().goTo(0);
    m_panel->openReplace();
    auto *words = m_panel->findChild<QLineEdit *>("findText");
    auto *with = m_panel->findChild<QLineEdit *>("findReplacement");
    const auto *says = m_panel->findChild<QLabel *>("findSays");
    QTest::keyClicks(words, "name: ");
    QTest::keyClick(words, Qt::Key_Tab);
    QCOMPARE(QApplication::focusWidget(), with);
    QTest::keyClicks(with, "title: ");
    // The first of two, and on to the second; each is a step.
    const std::string before = text();
    QTest::keyClick(with, Qt::Key_Return);
    QVERIFY(text().find("  title: rule\n") != std::string::npos);
    QVERIFY(text().find("  name: default\n") != std::string::npos);
    QCOMPARE(edit().selectedText(), "name: ");
    QTest::keyClick(with, Qt::Key_Return);
    QVERIFY(text().find("  title: default\n") != std::string::npos);
    QCOMPARE(m_project->undoStack().count(), 2);
    QCOMPARE(says->text(), "not found");
    // What is nowhere is left alone.
    QTest::keyClick(with, Qt::Key_Return);
    QCOMPARE(m_project->undoStack().count(), 2);
    // All of them are one step.
    m_project->undoStack().setIndex(0);
    QCOMPARE(text(), before);
    m_panel->findChild<QToolButton *>("findReplaceAll")->click();
    QVERIFY(text().find("  title: rule\n") != std::string::npos);
    QVERIFY(text().find("  title: default\n") != std::string::npos);
    QCOMPARE(m_project->undoStack().count(), 1);
    QCOMPARE(m_project->undoStack().undoText(), "replacing in rule.yaml");
    QVERIFY(says->text().contains("2") && says->isVisible());
    QCOMPARE(edit().bytes(), text());
    m_project->undoStack().undo();
    QCOMPARE(text(), before);
    QCOMPARE(edit().bytes(), before);
    // A text that grows within itself comes to an end.
    words->setText("rule");
    with->setText("rule of the rule");
    m_panel->findChild<QToolButton *>("findReplaceAll")->click();
    QVERIFY(text().find("  name: rule of the rule\n") != std::string::npos);
    QTest::keyClick(with, Qt::Key_Escape);
    QVERIFY(!with->isVisible());
}

void TestEditorPanel::tellsWhatTheLabMadeOfIt()
{
    auto *strip = m_panel->findChild<QFrame *>("labVerdict");
    QVERIFY(!strip->isVisible());
    Q_EMIT m_lab->applied({});
    QVERIFY(strip->isVisible());
    Q_EMIT m_lab->applied({"primary/rule.yaml:11:13: there is no mode SIMPEL", "another"});
    QString text;
    for (const QLabel *label : strip->findChildren<QLabel *>())
        text += label->text();
    QVERIFY2(text.contains("keeps running") && text.contains("SIMPEL") && text.contains("1 more"),
             qPrintable(text));
    strip->findChild<QToolButton *>()->click();
    int line = 0;
    int column = 0;
    edit().getCursorPosition(&line, &column);
    QCOMPARE(line, 10);
    Q_EMIT m_lab->stateChanged(session::LabState::Stopped);
    QVERIFY(!strip->isVisible());
}

void TestEditorPanel::aFileThatGoesLeavesAnEmptyState()
{
    QVERIFY(edit().isVisible());
    model::ProjectEdit change(m_project->files());
    change.removeFile(rule);
    QVERIFY(m_project->apply("x", change).has_value());
    QVERIFY(!edit().isVisible());
    QCOMPARE(m_panel->file(), QString());
    m_project->undoStack().undo();
    m_panel->showResource({QString::fromStdString(rule), 0, -1, {}});
    QVERIFY(edit().isVisible());
}

void TestEditorPanel::lineEndsStay()
{
    model::ProjectEdit change(m_project->files());
    change.setFile("primary/dos.yaml", "\xEF\xBB\xBFkind: A\r\nname: ä\r\n");
    QVERIFY(m_project->apply("x", change).has_value());
    m_panel->showPlace("primary/dos.yaml", 1, 1);
    QCOMPARE(edit().bytes(), *m_project->text("primary/dos.yaml"));
    edit().goTo(1, 100);
    QTest::keyClick(&edit(), Qt::Key_Return);
    QTest::keyClicks(&edit(), "x");
    QCOMPARE(*m_project->text("primary/dos.yaml"), "\xEF\xBB\xBFkind: A\r\nname: ä\r\nx\r\n");
}

void TestEditorPanel::followsTheScheme()
{
    m_theme.setScheme(theme::Scheme::Dark);
    const QImage dark = edit().grab().toImage();
    m_theme.setScheme(theme::Scheme::Light);
    const QImage light = edit().grab().toImage();
    QVERIFY(qGray(dark.pixel(dark.width() / 2, dark.height() - 10)) < 80);
    QVERIFY(qGray(light.pixel(light.width() / 2, light.height() - 10)) > 200);
}

QTEST_MAIN(TestEditorPanel)
#include "test_editor_panel.moc"
