// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/window/running_console.h"
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
    e2e::RunningConsole m_console;
};

void TestConsole::init()
{
    m_console.open(4, true);
}

void TestConsole::aRequestIsSeenFromEndToEnd()
{
    e2e::Person &person = m_console.person();
    session::LabSession &lab = m_console.window().context().lab;
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
    e2e::Person &person = m_console.person();
    m_console.window().context().selection.set(
        session::NodeSelection{"external:istio-system/istio-ingressgateway"});
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
    m_console.close();
}

QTEST_MAIN(TestConsole)
#include "test_console.moc"
