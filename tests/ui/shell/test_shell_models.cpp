// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/project_template.h"
#include "ui/shell/actions.h"
#include "ui/shell/guide_strip.h"
#include "ui/shell/new_project_dialog.h"
#include "ui/shell/notice_bar.h"
#include "ui/shell/palette_model.h"
#include "ui/shell/process_output.h"
#include "ui/shell/verdict_model.h"
#include "ui/shell/window_settings.h"
#include "ui/theme/theme.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QTemporaryDir>
#include <QtTest>

using namespace sallyport;
using namespace sallyport::shell;

class TestShellModels : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void noTwoActionsShareAShortcut();
    void everyActionExplainsItself();
    void thePaletteFindsWhatIsMeant_data();
    void thePaletteFindsWhatIsMeant();
    void disabledCommandsComeLast();
    void verdictsAreATree();
    void everyStageHasItsGuide();
    void noticesReplaceEachOther();
    void settingsAreRemembered();
    void freshFoldersAreFresh();
    void outputIsFollowed();

private:
    theme::Theme m_theme{*qApp};
    QTemporaryDir m_place;
};

void TestShellModels::initTestCase()
{
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_place.filePath("config"));
}

void TestShellModels::noTwoActionsShareAShortcut()
{
    const Actions actions;
    QHash<QString, QString> taken;
    for (const QAction *action : actions.all()) {
        for (const QKeySequence &keys : action->shortcuts()) {
            QVERIFY2(!keys.isEmpty(), qPrintable(action->objectName()));
            const QString text = keys.toString(QKeySequence::PortableText);
            QVERIFY2(!taken.contains(text),
                     qPrintable(text + ": " + taken[text] + ", " + action->objectName()));
            taken[text] = action->objectName();
        }
    }
    QVERIFY(taken.size() > 20);
    // What an operator's hands know.
    QCOMPARE(actions[Command::FileSave]->shortcut(), QKeySequence(QKeySequence::Save));
    QCOMPARE(actions[Command::EditUndo]->shortcut(), QKeySequence(QKeySequence::Undo));
    QCOMPARE(actions[Command::EditPalette]->shortcut(), QKeySequence("Ctrl+K"));
}

void TestShellModels::everyActionExplainsItself()
{
    const Actions actions;
    QSet<QString> names;
    QHash<QString, QStringList> mnemonics;
    for (const QAction *action : actions.all()) {
        QVERIFY(!action->objectName().isEmpty());
        QVERIFY2(!names.contains(action->objectName()), qPrintable(action->objectName()));
        names.insert(action->objectName());
        QVERIFY2(action->text().contains('&'), qPrintable(action->text()));
        QVERIFY2(!action->statusTip().isEmpty(), qPrintable(action->text()));
        QVERIFY2(!action->toolTip().isEmpty(), qPrintable(action->text()));
        QVERIFY(!Actions::menuOf(action).isEmpty());
    }
}

void TestShellModels::thePaletteFindsWhatIsMeant_data()
{
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("first");
    QTest::addRow("begin of a command") << "start"
                                        << "Start the lab";
    QTest::addRow("two words in any order") << "lab start"
                                            << "Start the lab";
    QTest::addRow("part of a resource") << "originate"
                                        << "DestinationRule originate-mtls-for-test-com";
    QTest::addRow("its file") << "14-orig"
                              << "DestinationRule originate-mtls-for-test-com";
    QTest::addRow("letters in order") << "dromtc"
                                      << "DestinationRule originate-mtls-for-test-com";
    QTest::addRow("nothing like it") << "zzz"
                                     << "";
}

void TestShellModels::thePaletteFindsWhatIsMeant()
{
    QFETCH(QString, typed);
    QFETCH(QString, first);
    PaletteModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setEntries(
        {{"Restart", "Lab", {}, true, [] {}},
         {"Start the lab", "Lab F5", {}, true, [] {}},
         {"DestinationRule originate-mtls-for-test-com", "primary/14-originate.yaml", {}, true, [] {}}});
    model.setFilter(typed);
    QCOMPARE(model.rowCount() ? model.index(0).data().toString() : QString(), first);
}

void TestShellModels::disabledCommandsComeLast()
{
    PaletteModel model;
    model.setEntries({{"Stop the lab", "", {}, false, [] {}}, {"Do stop it", "", {}, true, [] {}}});
    model.setFilter("stop");
    QCOMPARE(model.index(0).data().toString(), "Do stop it");
    QVERIFY(!(model.index(1).flags() & Qt::ItemIsEnabled));
}

void TestShellModels::verdictsAreATree()
{
    VerdictModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.add(
        {{"first", "status", "sleep", "200", "200", true}, {"first", "bytes", "a → b", "TLS", "TLS", true}});
    model.add({{"second", "status", "sleep", "403", "200", false}});
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.passed(), 2);
    QCOMPARE(model.failed(), 1);
    QVERIFY(model.passedAt(model.index(0, 0)));
    QVERIFY(!model.passedAt(model.index(1, 0)));
    const QModelIndex row = model.index(0, VerdictModel::Seen, model.index(1, 0));
    QCOMPARE(row.data().toString(), "200");
    QCOMPARE(model.index(1, 0).data(Qt::AccessibleTextRole).toString(), "failed: second");
    model.clear();
    QCOMPARE(model.rowCount(), 0);
}

void TestShellModels::everyStageHasItsGuide()
{
    for (int stage = 1; stage <= 5; ++stage) {
        const GuideText guide = guideText(stage);
        QVERIFY(guide.title.startsWith(QString("Stage %1").arg(stage)));
        QVERIFY(guide.text.size() > 40);
        QVERIFY(!guide.text.contains('#'));
    }
    QVERIFY(guideText(0).title.isEmpty());
}

void TestShellModels::noticesReplaceEachOther()
{
    NoticeBar bar;
    bool ran = false;
    bar.show("disk", NoticeBar::Kind::Warning, "one");
    bar.show("disk", NoticeBar::Kind::Warning, "two", {{"Take", [&ran] { ran = true; }}});
    bar.show("lab", NoticeBar::Kind::Error, "three");
    QCOMPARE(bar.topics(), (QStringList{"disk", "lab"}));
    bar.findChild<QWidget *>("notice_disk");
    const auto buttons = bar.findChildren<QPushButton *>();
    QTest::mouseClick(buttons.last(), Qt::LeftButton);
    QVERIFY(ran);
    QCOMPARE(bar.topics(), QStringList{"lab"});
    bar.dismiss("lab");
    QVERIFY(bar.isHidden());
}

void TestShellModels::settingsAreRemembered()
{
    {
        WindowSettings settings;
        for (int i = 0; i < 12; ++i)
            settings.addRecentProject(QString("/p/%1").arg(i));
        settings.addRecentProject("/p/11");
        settings.setScheme(theme::Scheme::Light);
        settings.setEngine(control::Engine::Envoy);
        settings.setShowsGuide(false);
    }
    const WindowSettings settings;
    QCOMPARE(settings.recentProjects().size(), 10);
    QCOMPARE(settings.recentProjects().front(), "/p/11");
    QVERIFY(settings.scheme() == theme::Scheme::Light);
    QVERIFY(settings.engine() == control::Engine::Envoy);
    QVERIFY(!settings.showsGuide());
}

void TestShellModels::freshFoldersAreFresh()
{
    const QString first = NewProjectDialog::freshFolder(m_place.path());
    QCOMPARE(first, m_place.filePath("egress-mtls"));
    QVERIFY(QDir().mkpath(first));
    QCOMPARE(NewProjectDialog::freshFolder(m_place.path()), m_place.filePath("egress-mtls-2"));
    NewProjectDialog dialog;
    QVERIFY(dialog.stage() == 4);
    auto *folder = dialog.findChild<QLineEdit *>("newFolder");
    auto *create = dialog.findChild<QPushButton *>("newCreate");
    folder->setText(m_place.filePath("new"));
    QVERIFY(create->isEnabled());
    folder->setText("relative");
    QVERIFY(!create->isEnabled());
    QFile file(m_place.filePath("egress-mtls/x"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    folder->setText(m_place.filePath("egress-mtls"));
    QVERIFY(!create->isEnabled());
    // Where nothing shows a certificate yet there is none to import.
    QVERIFY(dialog.importsClient());
    dialog.findChild<QRadioButton *>("stageChoice0")->setChecked(true);
    QCOMPARE(dialog.stage(), lab::partnerOnly);
    QVERIFY(!dialog.importsClient());
}

void TestShellModels::outputIsFollowed()
{
    const QString path = m_place.filePath("x.log");
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
    file.write("one\ntwo\nthr");
    lab::LabPlan plan;
    lab::Process process;
    process.name = "primary:default/sleep";
    process.logPath = path.toStdString();
    plan.processes.push_back(process);
    ProcessOutput output;
    QSignalSpy printed(&output, &ProcessOutput::printed);
    output.setPlan(std::make_shared<const lab::LabPlan>(plan));
    QVERIFY(printed.wait());
    QCOMPARE(printed.front().at(1).toString(), "one\ntwo");
    file.write("ee\n");
    QVERIFY(printed.wait());
    QCOMPARE(printed.back().at(1).toString(), "three");
}

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    TestShellModels test;
    return QTest::qExec(&test, argc, argv);
}

#include "test_shell_models.moc"
