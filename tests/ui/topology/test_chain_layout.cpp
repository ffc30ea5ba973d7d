// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/chain_layout.h"
#include "ui/topology/chain_navigator.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::topology;

namespace {

ChainNode node(const QString &mesh, const QString &name, bool client = false, bool reached = true)
{
    ChainNode made;
    made.mesh = mesh;
    made.name = mesh + ':' + name;
    made.title = name;
    made.client = client;
    made.reached = reached;
    return made;
}

ChainHop hop(const QString &from, const QString &to)
{
    ChainHop made;
    made.from = from;
    made.to = to;
    made.cluster = "c " + to;
    return made;
}

/// The guide's chain, with a workload that nobody reaches.
Chain guide()
{
    Chain chain;
    chain.meshes = {{"primary", "cluster.local"}, {"external", "external.local"}};
    chain.nodes = {node("primary", "sleep", true), node("primary", "egress"), node("external", "ingress"),
                   node("external", "httpbin"), node("external", "www", false, false)};
    chain.hops = {hop("primary:sleep", "primary:egress"), hop("primary:egress", "external:ingress"),
                  hop("external:ingress", "external:httpbin")};
    return chain;
}

QHash<QString, qreal> heights(const Chain &chain)
{
    QHash<QString, qreal> all;
    for (const ChainNode &each : chain.nodes)
        all[each.name] = each.reached ? 140 : 44;
    return all;
}

const QSizeF wide(1400, 400);
const QSizeF narrow(1000, 900);

} // namespace

class TestChainLayout : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cardsNeverOverlap_data();
    void cardsNeverOverlap();
    void theWayRunsToTheRight();
    void aNarrowWindowLetsTheOtherMeshRunDown();
    void movedCardsStayAndLanesFollow();
    void positionsAreKept();
    void circlesEnd();
    void nothingIsNothing();
    void arrowKeysWalkTheWay();
};

void TestChainLayout::cardsNeverOverlap_data()
{
    QTest::addColumn<QSizeF>("room");
    QTest::addColumn<int>("servers");
    for (const int servers : {0, 1, 5}) {
        QTest::addRow("wide, %d more", servers) << wide << servers;
        QTest::addRow("narrow, %d more", servers) << narrow << servers;
    }
}

void TestChainLayout::cardsNeverOverlap()
{
    QFETCH(QSizeF, room);
    QFETCH(int, servers);
    Chain chain = guide();
    for (int i = 0; i < servers; ++i) {
        const QString name = QString("server%1").arg(i);
        chain.nodes.push_back(node(i % 2 ? "external" : "primary", name));
        chain.nodes.push_back(node("primary", "idle" + name, false, false));
        chain.hops.push_back(
            hop(i % 2 ? "external:ingress" : "primary:sleep", chain.nodes[chain.nodes.size() - 2].name));
    }
    const auto tall = heights(chain);
    const ChainLayout layout = layOut(chain, tall, {}, room);
    QCOMPARE(layout.cards.size(), qsizetype(chain.nodes.size()));
    for (const ChainNode &a : chain.nodes) {
        const QRectF card(layout.cards[a.name], QSizeF(measure::cardWidth, tall[a.name]));
        QVERIFY(layout.bounds.contains(card));
        for (const Lane &lane : layout.lanes)
            QCOMPARE(lane.area.intersects(card), lane.mesh == a.mesh);
        for (const ChainNode &b : chain.nodes) {
            const QRectF other(layout.cards[b.name], QSizeF(measure::cardWidth, tall[b.name]));
            QVERIFY2(a.name == b.name || !card.intersects(other), qPrintable(a.name + " " + b.name));
        }
        QCOMPARE(snapped(card.topLeft()).x(), card.x());
    }
    for (std::size_t i = 1; i < layout.lanes.size(); ++i)
        QVERIFY(!layout.lanes[i].area.intersects(layout.lanes[i - 1].area));
}

void TestChainLayout::theWayRunsToTheRight()
{
    const Chain chain = guide();
    const ChainLayout layout = layOut(chain, heights(chain), {}, wide);
    qreal x = -1;
    for (const char *name : {"primary:sleep", "primary:egress", "external:ingress", "external:httpbin"}) {
        QVERIFY(layout.cards[name].x() > x);
        x = layout.cards[name].x();
        QCOMPARE(layout.cards[name].y(), layout.cards["primary:sleep"].y());
    }
    // Labels of a hop have their room, also between meshes.
    QCOMPARE(layout.cards["external:ingress"].x() - layout.cards["primary:egress"].x(),
             measure::cardWidth + measure::gap);
    QVERIFY(layout.cards["external:www"].y() > layout.cards["external:httpbin"].y());
}

void TestChainLayout::aNarrowWindowLetsTheOtherMeshRunDown()
{
    const Chain chain = guide();
    const ChainLayout layout = layOut(chain, heights(chain), {}, narrow);
    QCOMPARE(layout.cards["external:httpbin"].x(), layout.cards["external:ingress"].x());
    QVERIFY(layout.cards["external:httpbin"].y() > layout.cards["external:ingress"].y());
}

void TestChainLayout::movedCardsStayAndLanesFollow()
{
    const Chain chain = guide();
    const ChainLayout layout = layOut(chain, heights(chain), {{"primary:sleep", QPointF(-200, 480)}}, wide);
    QCOMPARE(layout.cards["primary:sleep"], QPointF(-200, 480));
    QVERIFY(layout.lanes.front().area.contains(QRectF(-200, 480, measure::cardWidth, 140)));
}

void TestChainLayout::positionsAreKept()
{
    const CardPositions positions{{"primary:sleep", QPointF(8, -16)}, {"api.example.net", QPointF(0, 4000)}};
    QCOMPARE(readPositions(writePositions(positions)), positions);
    QVERIFY(readPositions("").isEmpty());
    QVERIFY(readPositions("{\"cards\": 3").isEmpty());
    // The same positions are the same text, whatever order they were put in.
    CardPositions again;
    again["api.example.net"] = QPointF(0, 4000);
    again["primary:sleep"] = QPointF(8, -16);
    QCOMPARE(writePositions(again), writePositions(positions));
}

void TestChainLayout::circlesEnd()
{
    Chain chain = guide();
    chain.hops.push_back(hop("external:httpbin", "external:ingress"));
    chain.hops.push_back(hop("primary:egress", "primary:sleep"));
    const ChainLayout layout = layOut(chain, heights(chain), {}, narrow);
    QCOMPARE(layout.cards.size(), 5);
}

void TestChainLayout::nothingIsNothing()
{
    const ChainLayout layout = layOut({}, {}, {}, wide);
    QVERIFY(layout.cards.isEmpty());
    QVERIFY(layout.lanes.empty());
}

void TestChainLayout::arrowKeysWalkTheWay()
{
    const Chain chain = guide();
    const ChainLayout layout = layOut(chain, heights(chain), {}, wide);
    session::SelectedThing at;
    const auto go = [&](Step step) { at = stepFrom(at, step, chain, layout); };
    go(Step::Onward);
    QVERIFY(at == session::SelectedThing(session::NodeSelection{"primary:sleep"}));
    go(Step::Onward);
    QVERIFY(at == session::SelectedThing(chain.hops[0].selection()));
    go(Step::Onward);
    QVERIFY(at == session::SelectedThing(session::NodeSelection{"primary:egress"}));
    for (int i = 0; i < 10; ++i)
        go(Step::Onward);
    QVERIFY(at == session::SelectedThing(session::NodeSelection{"external:httpbin"}));
    go(Step::Down);
    QVERIFY(at == session::SelectedThing(session::NodeSelection{"external:www"}));
    go(Step::Up);
    for (int i = 0; i < 10; ++i)
        go(Step::Back);
    QVERIFY(at == session::SelectedThing(session::NodeSelection{"primary:sleep"}));
    at = session::ResourceSelection{"primary/x.yaml", 0, -1, {}};
    go(Step::Down);
    QVERIFY(at == session::SelectedThing(session::NodeSelection{"primary:sleep"}));
}

QTEST_GUILESS_MAIN(TestChainLayout)
#include "test_chain_layout.moc"
