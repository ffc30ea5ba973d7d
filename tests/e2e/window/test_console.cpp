// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/project_template.h"
#include "tests/e2e/window/person.h"
#include "ui/topology/chain_model.h"
#include "ui/traffic/request_row.h"
#include "ui/traffic/request_table_model.h"

#include <QTabWidget>
#include <QTableView>
#include <QtTest>

using namespace sallyport;
using session::LabState;

/// Open, start, send, see the row, stop.
class TestConsole : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void aRequestIsSeenFromEndToEnd();
    void aKilledGatewayShowsAtOnce();
    void cleanup();

private:
    e2e::Home m_home;
    theme::Theme m_theme{*qApp};
    std::unique_ptr<shell::MainWindow> m_window;
    std::unique_ptr<e2e::Person> m_person;
    int m_projects = 0;
};

void TestConsole::init()
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

void TestConsole::aRequestIsSeenFromEndToEnd()
{
    e2e::Person &person = *m_person;
    session::LabSession &lab = m_window->context().lab;
    person.send("GET", "http://test.com/status/418");
    QTRY_VERIFY_WITH_TIMEOUT(person.reads("answerStatus").contains("403"), e2e::patience);

    // The row: one request, its four hops, refused by the external gateway.
    person.press("Ctrl+1");
    traffic::RequestTableModel &requests = person.requests();
    QTRY_COMPARE_WITH_TIMEOUT(requests.rowCount(), 1, e2e::patience);
    QTRY_COMPARE_WITH_TIMEOUT(requests.request(0)->path.contains("/status/418"), true, e2e::patience);
    auto *table = person.see<QTableView>("trafficTable");
    QVERIFY(table);
    person.click(table, requests.index(0, 0));
    QTRY_VERIFY(person.sees("trafficDetail"));

    // The chosen request lights its way, up to where it ended.
    const auto lit = [&] {
        QStringList hops;
        for (const topology::ChainHop &hop : person.chain().chain().hops) {
            if (person.chain().lifeOf(hop).lit)
                hops.append(hop.cluster);
        }
        return hops;
    };
    QTRY_VERIFY(lit().join(' ').contains("outbound|443||test.com"));
    const topology::ChainNode *gateway =
        person.chain().chain().findNode("external:istio-system/istio-ingressgateway");
    QVERIFY(gateway && person.chain().hasEnded(*gateway));
    person.photograph("a-request");

    person.press("Shift+F5");
    QTRY_COMPARE_WITH_TIMEOUT(lab.state(), LabState::Stopped, e2e::patience);
    QVERIFY(lab.nodes().isEmpty());
}

void TestConsole::aKilledGatewayShowsAtOnce()
{
    e2e::Person &person = *m_person;
    m_window->context().selection.set(session::NodeSelection{"external:istio-system/istio-ingressgateway"});
    person.press("Ctrl+Shift+K");
    const auto down = [&] {
        for (const topology::ChainHop &hop : person.chain().chain().hops) {
            if (hop.cluster == "outbound|443||test.com")
                return person.chain().lifeOf(hop).downText;
        }
        return QString();
    };
    QTRY_VERIFY_WITH_TIMEOUT(down().contains("UF"), e2e::patience);
    person.send("GET", "http://test.com/status/200");
    QTRY_VERIFY_WITH_TIMEOUT(person.reads("answerStatus").contains("503"), e2e::patience);
    person.photograph("a-killed-gateway");
}

void TestConsole::cleanup()
{
    if (QTest::currentTestFailed() && m_person)
        m_person->photograph(QStringLiteral("failed-") + QTest::currentTestFunction());
    m_person.reset();
    m_window.reset();
}

QTEST_MAIN(TestConsole)
#include "test_console.moc"
