// SPDX-License-Identifier: GPL-3.0-or-later
// The designer as a person uses it: the guide's stage 4 out of its stage 1.
#include "core/lab/project_template.h"
#include "ui/designer/diff_view.h"
#include "ui/designer/resource_list.h"
#include "ui/designer/route_panel.h"
#include "ui/theme/empty_state.h"
#include "ui/theme/theme.h"

#include <QAccessible>
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QtTest>

using namespace sallyport;
using namespace sallyport::designer;

namespace {

constexpr int patience = 60'000; ///< milliseconds, on a busy machine

} // namespace

class TestRoutePanel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QTest::failOnWarning(QRegularExpression("^(?!This plugin does not support)")); }
    void init();
    void cleanup();
    void emptyAtFirst();
    void theGuideInTheWindow();
    void whatDoesNotFitIsMarked();
    void anotherHostProposesTheRest();
    void nothingIsChangedByCancel();
    void everythingHasAName();

private:
    void open(int stage);
    template<typename T>
    T *child(const char *name) const
    {
        return m_panel->findChild<T *>(QLatin1String(name));
    }
    void type(const char *name, const QString &text);

    theme::Theme m_theme{*qApp};
    std::unique_ptr<QTemporaryDir> m_place;
    std::unique_ptr<session::ProjectSession> m_project;
    std::unique_ptr<session::LabSession> m_lab;
    std::unique_ptr<session::Selection> m_selection;
    std::unique_ptr<session::Context> m_context;
    std::unique_ptr<QAction> m_design;
    std::unique_ptr<RoutePanel> m_panel;
};

void TestRoutePanel::init()
{
    m_place = std::make_unique<QTemporaryDir>();
    qputenv("XDG_DATA_HOME", m_place->filePath("data").toUtf8());
    qputenv("XDG_STATE_HOME", m_place->filePath("state").toUtf8());
    m_project = std::make_unique<session::ProjectSession>();
    m_lab = std::make_unique<session::LabSession>(*m_project, control::Programs());
    m_selection = std::make_unique<session::Selection>();
    m_context.reset(new session::Context{*m_project, *m_lab, *m_selection});
    m_design = std::make_unique<QAction>("Design a route");
    m_panel = std::make_unique<RoutePanel>(*m_context, m_design.get());
    connect(m_design.get(), &QAction::triggered, m_panel.get(), [this] { m_panel->begin(); });
    m_panel->resize(1500, 800);
    m_panel->show();
    QVERIFY(QTest::qWaitForWindowActive(m_panel.get()));
}

void TestRoutePanel::cleanup()
{
    m_panel.reset();
    m_context.reset();
    m_lab.reset();
    m_project.reset();
}

void TestRoutePanel::open(int stage)
{
    const QString folder = m_place->filePath("p");
    QVERIFY(lab::createFromTemplate(folder.toStdString(), stage, false));
    QSignalSpy changed(m_project.get(), &session::ProjectSession::projectChanged);
    m_project->open(folder);
    QVERIFY(changed.wait(patience));
}

/// Replaces what an editor holds, by keys.
void TestRoutePanel::type(const char *name, const QString &text)
{
    QWidget *editor = m_panel->findChild<QWidget *>(QLatin1String(name));
    if (auto *box = qobject_cast<QComboBox *>(editor))
        editor = box->lineEdit();
    QVERIFY(editor);
    editor->setFocus();
    QTest::keyClick(editor, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClick(editor, Qt::Key_Delete);
    QTest::keyClicks(editor, text);
}

void TestRoutePanel::emptyAtFirst()
{
    QVERIFY(child<theme::EmptyState>("routeEmpty")->isVisible());
    m_panel->begin();
    QVERIFY(!m_panel->isDesigning());
    open(1);
    m_panel->begin();
    QVERIFY(m_panel->isDesigning());
    m_project->close();
    QVERIFY(!m_panel->isDesigning());
}

void TestRoutePanel::theGuideInTheWindow()
{
    open(1);
    m_panel->begin("primary:default/sleep", "external:istio-system/istio-ingressgateway");
    QCOMPARE(child<QComboBox>("routeClients")->currentText(), QStringLiteral("default/sleep"));
    QCOMPARE(child<QComboBox>("routeHost")->currentText(), QStringLiteral("test.com"));
    QCOMPARE(child<QComboBox>("routeGateway")->currentText(),
             QStringLiteral("istio-system/istio-egressgateway"));
    QCOMPARE(child<QLineEdit>("routeAddresses")->text(), QStringLiteral("203.0.113.10"));
    // One answer is missing: which certificate.
    QTRY_VERIFY_WITH_TIMEOUT(m_panel->draft().isCurrent(), patience);
    QVERIFY(!child<QPushButton>("routeApply")->isEnabled());
    type("routeCredential", "test.client");
    QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>("routeApply")->isEnabled(), patience);
    QVERIFY(child<ResourceList>("routeResources")->count() >= 5);
    QVERIFY(child<DiffView>("routeDiff")->diffs().rowCount() > 30);
    // It is not imported yet: the way there is a button.
    auto *import = child<QPushButton>("routeImport");
    QVERIFY(import->isVisible());
    QSignalSpy wanted(m_panel.get(), &RoutePanel::importWanted);
    import->click();
    QCOMPARE(wanted.size(), 1);
    QCOMPARE(wanted.front().front().value<session::CredentialSelection>(),
             (session::CredentialSelection{"primary", "istio-system", "test.client"}));
    child<QPushButton>("routeCopy")->click();
    QVERIFY(QGuiApplication::clipboard()->text().contains("+kind: VirtualService"));
    QSignalSpy finished(m_panel.get(), &RoutePanel::finished);
    QTest::keyClick(child<QComboBox>("routeCredential"), Qt::Key_Return, Qt::ControlModifier);
    QCOMPARE(finished.size(), 1);
    QCOMPARE(m_project->undoStack().undoText(), QStringLiteral("Route to test.com"));
    QTRY_VERIFY_WITH_TIMEOUT(!m_project->project()->findMesh("primary")->virtualServices.empty(), patience);
    m_project->undoStack().undo();
    QTRY_VERIFY_WITH_TIMEOUT(m_project->project()->findMesh("primary")->virtualServices.empty(), patience);
}

void TestRoutePanel::whatDoesNotFitIsMarked()
{
    open(1);
    m_panel->begin();
    type("routeCredential", "test.client");
    QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>("routeApply")->isEnabled(), patience);
    type("routeHost", "Test.com");
    QVERIFY(!child<QPushButton>("routeApply")->isEnabled());
    QTRY_VERIFY_WITH_TIMEOUT(m_panel->draft().isCurrent(), patience);
    QVERIFY(!child<QPushButton>("routeApply")->isEnabled());
    const auto *host = child<QComboBox>("routeHost");
    QCOMPARE(host->currentText(), QStringLiteral("Test.com"));
    QVERIFY2(host->accessibleDescription().contains("lower case"), qPrintable(host->accessibleDescription()));
    QVERIFY(child<QLabel>("routeHint")->isVisible());
    QVERIFY2(child<QLabel>("routeVerdict")->text().contains("marked"),
             qPrintable(child<QLabel>("routeVerdict")->text()));
    // Plaintext has no certificate to ask for, and says what it is.
    type("routeHost", "test.com");
    child<QComboBox>("routeEncryption")->setCurrentIndex(2);
    Q_EMIT child<QComboBox>("routeEncryption")->activated(2);
    QVERIFY(!child<QComboBox>("routeCredential")->isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>("routeApply")->isEnabled(), patience);
    QVERIFY(child<QComboBox>("routeEncryption")->accessibleDescription().contains("unencrypted"));
}

void TestRoutePanel::anotherHostProposesTheRest()
{
    open(1);
    m_panel->begin();
    type("routeCredential", "mine");
    type("routeHost", "example.org");
    QCOMPARE(child<QLineEdit>("routeSni")->text(), QStringLiteral("example.org"));
    QCOMPARE(child<QLineEdit>("routeNames")->text(), QStringLiteral("example.org"));
    QCOMPARE(child<QLineEdit>("routeAddresses")->text(), QStringLiteral("203.0.113.80"));
    QCOMPARE(child<QComboBox>("routeCredential")->currentText(), QStringLiteral("mine"));
    child<QSpinBox>("routeExternalPort")->setValue(8443);
    type("routeAllowed", "cluster.local/ns/default/sa/sleep");
    QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>("routeApply")->isEnabled(), patience);
    const design::RouteDesign &design = m_panel->draft().design();
    QCOMPARE(design.externalPort, 8443u);
    QCOMPARE(design.allowed, std::vector<std::string>{"cluster.local/ns/default/sa/sleep"});
    QVERIFY(!child<ResourceList>("routeResources")->findItems("*", Qt::MatchWildcard).isEmpty());
}

void TestRoutePanel::nothingIsChangedByCancel()
{
    open(1);
    const std::vector<model::SourceFile> before = m_project->files();
    m_panel->begin();
    type("routeCredential", "test.client");
    QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>("routeApply")->isEnabled(), patience);
    QTest::keyClick(child<QComboBox>("routeCredential"), Qt::Key_Escape);
    QVERIFY(!m_panel->isDesigning());
    QVERIFY(m_project->files() == before);
    QCOMPARE(m_project->undoStack().count(), 0);
}

void TestRoutePanel::everythingHasAName()
{
    open(1);
    m_panel->begin();
    type("routeCredential", "test.client");
    QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>("routeApply")->isEnabled(), patience);
    for (QWidget *widget : m_panel->findChildren<QWidget *>()) {
        const bool inner = widget->objectName().startsWith("qt_") || qobject_cast<QScrollArea *>(widget) ||
                           qobject_cast<QComboBox *>(widget->parentWidget()) ||
                           qobject_cast<QSpinBox *>(widget->parentWidget());
        if (!widget->isVisible() || widget->focusPolicy() == Qt::NoFocus || inner)
            continue;
        const QAccessibleInterface *accessible = QAccessible::queryAccessibleInterface(widget);
        QVERIFY2(accessible && !accessible->text(QAccessible::Name).isEmpty(),
                 qPrintable(widget->objectName() + ' ' + widget->metaObject()->className()));
    }
    for (const theme::Scheme scheme : {theme::Scheme::Dark, theme::Scheme::Light}) {
        m_theme.setScheme(scheme);
        QVERIFY(!m_panel->grab().isNull());
    }
}

QTEST_MAIN(TestRoutePanel)
#include "test_route_panel.moc"
