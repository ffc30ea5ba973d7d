// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/window/running_console.h"

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
        if (QWidget *strip = m_console.person().see<QWidget>("labVerdict")) {
            for (const QLabel *label : strip->findChildren<QLabel *>())
                words += label->text();
        }
        return words;
    }
    std::string rule()
    {
        return *m_console.window().context().project.text("primary/14-originate-mtls.yaml");
    }

    e2e::RunningConsole m_console;
};

void TestEdit::init()
{
    m_console.open(4, true);
}

void TestEdit::aTypedChangeIsTakenOver()
{
    e2e::Person &person = m_console.person();
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

    // Replaced by the keyboard alone, and taken back.
    person.press("Ctrl+H");
    person.type("mode: MUTUAL");
    person.press("Tab");
    person.type("mode: SIMPLE");
    person.photograph("replacing");
    person.press("Return");
    QVERIFY(rule().find("mode: SIMPLE") != std::string::npos);
    person.press("Escape");
    person.press("Ctrl+Z");
    QCOMPARE(rule(), before);
}

void TestEdit::theFormMendsAHop()
{
    e2e::Person &person = m_console.person();
    const auto hop = person.chain().chain().hops[1];
    QVERIFY(hop.verifiedNames.isEmpty());
    m_console.window().context().selection.set(hop.selection());
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
    m_console.close();
}

QTEST_MAIN(TestEdit)
#include "test_edit.moc"
