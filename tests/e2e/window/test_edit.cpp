// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/project_template.h"
#include "tests/e2e/window/person.h"
#include "ui/topology/chain_model.h"

#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QTabWidget>
#include <QTreeView>
#include <QtTest>

using namespace sallyport;
using session::LabState;

/// The text of the guide's rule is edited while the lab runs: it is taken over at once, and what cannot be is
/// said where it is written.
class TestEdit : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void aTypedChangeIsTakenOver();
    void theFormMendsAHop();
    void cleanup();

private:
    QString verdict()
    {
        QString words;
        if (QWidget *strip = m_person->see<QWidget>("labVerdict")) {
            for (const QLabel *label : strip->findChildren<QLabel *>())
                words += label->text();
        }
        return words;
    }
    std::string rule() const { return *m_window->context().project.text("primary/14-originate-mtls.yaml"); }

    e2e::Home m_home;
    theme::Theme m_theme{*qApp};
    std::unique_ptr<shell::MainWindow> m_window;
    std::unique_ptr<e2e::Person> m_person;
    int m_projects = 0;
};

void TestEdit::init()
{
    const QString folder = m_home.path(QStringLiteral("project-%1").arg(++m_projects));
    const auto made = lab::createFromTemplate(folder.toStdString(), 4, true);
    QVERIFY2(made, made ? "" : made.error().toString().c_str());
    control::Programs programs;
    programs.gateway = QStringLiteral(SALLYPORT_BIN_DIR "/sallyport-gateway");
    programs.httpbin = QStringLiteral(SALLYPORT_BIN_DIR "/sallyport-httpbin");
    m_window = std::make_unique<shell::MainWindow>(programs);
    m_window->setSaveQuestion([] { return shell::MainWindow::SaveChoice::Discard; });
    m_person = std::make_unique<e2e::Person>(*m_window);
    m_window->openProject(folder);
    QTRY_VERIFY_WITH_TIMEOUT(m_person->chain().chain().hops.size() >= 3, e2e::patience);
    m_person->press("F5");
    QTRY_COMPARE_WITH_TIMEOUT(m_window->context().lab.state(), LabState::Running, e2e::patience);
}

void TestEdit::aTypedChangeIsTakenOver()
{
    e2e::Person &person = *m_person;
    // The tree's rule, and its text.
    auto *tree = person.see<QTreeView>("projectTree");
    QVERIFY(tree);
    const QModelIndexList found =
        tree->model()->match(tree->model()->index(0, 0), Qt::DisplayRole,
                             QStringLiteral("DestinationRule originate-mtls-for-test-com"), 1,
                             Qt::MatchExactly | Qt::MatchRecursive);
    QCOMPARE(found.size(), 1);
    person.click(tree, found.front());
    auto *tabs = person.see<QTabWidget>("inspectorTabs");
    QVERIFY(tabs);
    tabs->setCurrentIndex(1);
    QWidget *text = person.see<QWidget>("yamlEdit");
    QVERIFY(text);
    text->setFocus();
    const std::string before = rule();

    // Find, in the text and not in the traffic.
    person.press("Ctrl+F");
    person.type("mode: MUTUAL");
    person.press("Escape");
    person.press("Right");
    person.type("X");
    QTRY_VERIFY_WITH_TIMEOUT(verdict().contains("keeps running") && verdict().contains("MUTUALX"),
                             e2e::patience);
    person.photograph("an-edit-refused");
    person.send("GET", "http://test.com/status/418");
    QTRY_VERIFY_WITH_TIMEOUT(person.reads("answerStatus").contains("403"), e2e::patience);

    // Undo is the window's, wherever the keyboard is.
    text->setFocus();
    person.press("Ctrl+Z");
    QCOMPARE(rule(), before);
    QTRY_VERIFY_WITH_TIMEOUT(verdict().contains("In force"), e2e::patience);
}

void TestEdit::theFormMendsAHop()
{
    e2e::Person &person = *m_person;
    const auto hop = person.chain().chain().hops[1];
    QVERIFY(hop.verifiedNames.isEmpty());
    m_window->context().selection.set(hop.selection());
    const auto fix = [&]() -> QPushButton * {
        const auto *form = person.see<QWidget>("formView");
        for (QPushButton *button : form ? form->findChildren<QPushButton *>() : QList<QPushButton *>()) {
            if (button->isVisible() && button->text().contains("test.com"))
                return button;
        }
        return nullptr;
    };
    QTRY_VERIFY_WITH_TIMEOUT(fix(), e2e::patience);
    fix()->click();
    QVERIFY(rule().find("subjectAltNames:\n        - test.com\n") != std::string::npos);
    QTRY_COMPARE_WITH_TIMEOUT(person.chain().chain().hops[1].verifiedNames, QStringList{"test.com"},
                              e2e::patience);
    person.send("GET", "http://test.com/status/200");
    QTRY_VERIFY_WITH_TIMEOUT(person.reads("answerStatus").contains("200"), e2e::patience);
    person.photograph("a-hop-mended");
}

void TestEdit::cleanup()
{
    m_person.reset();
    m_window.reset();
}

QTEST_MAIN(TestEdit)
#include "test_edit.moc"
