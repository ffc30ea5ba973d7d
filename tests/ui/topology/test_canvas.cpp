// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/project_template.h"
#include "ui/topology/topology_panel.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QLabel>
#include <QMenu>
#include <QTemporaryDir>
#include <QTreeView>
#include <QtTest>

using namespace sallyport;
using namespace sallyport::topology;

namespace {

const QString sleepApp = QStringLiteral("primary:default/sleep");
const QString egress = QStringLiteral("primary:istio-system/istio-egressgateway");
const QString ingress = QStringLiteral("external:istio-system/istio-ingressgateway");

} // namespace

/// The picture of the guide's stage 4, clicked and typed at; the lab does not run.
class TestCanvas : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void anEmptyWindowSaysWhatToDo();
    void theTableIsSound();
    void clicksSelect();
    void aShieldSelectsItsPolicy();
    void keysWalkAlong();
    void aDraggedCardIsAnUndoStep();
    void nudgesAreOneStep();
    void aRouteIsDrawnFromCardToCard();
    void aSelectedRequestLightsItsWay();
    void pictureAndTableFollowOneSelection();
    void menusOfferWhatThereIs();
    void plaintextLooksUnlikeTheRest();
    void labelsKeepApart_data();
    void labelsKeepApart();

private:
    void open(int stage);
    QPoint viewPoint(const QPointF &scene) const { return m_panel->view().mapFromScene(scene); }
    QRectF areaOf(const QString &node) const
    {
        return m_panel->view().chainScene().areaOf(session::NodeSelection{node});
    }
    QPointF cardCorner(const QString &node) const
    {
        return m_panel->view().chainScene().layout().cards[node];
    }

    theme::Theme m_theme{*qApp};
    QTemporaryDir m_place;
    std::unique_ptr<session::ProjectSession> m_project;
    std::unique_ptr<session::LabSession> m_lab;
    session::Selection m_selection;
    std::unique_ptr<session::Context> m_context;
    std::unique_ptr<TopologyPanel> m_panel;
};

void TestCanvas::initTestCase()
{
    qputenv("XDG_DATA_HOME", m_place.filePath("data").toUtf8());
    qputenv("XDG_STATE_HOME", m_place.filePath("state").toUtf8());
    m_theme.setScheme(theme::Scheme::Dark);
    QVERIFY(lab::createFromTemplate(m_place.filePath("4").toStdString(), 4, true));
    QVERIFY(lab::createFromTemplate(m_place.filePath("3").toStdString(), 3, true));
    QVERIFY(lab::createFromTemplate(m_place.filePath("5").toStdString(), 5, true));
}

void TestCanvas::init()
{
    m_selection.clear();
    m_project = std::make_unique<session::ProjectSession>();
    m_lab = std::make_unique<session::LabSession>(*m_project, control::Programs());
    m_context.reset(new session::Context{*m_project, *m_lab, m_selection});
    m_panel = std::make_unique<TopologyPanel>(*m_context);
    m_panel->resize(1400, 500);
    m_panel->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
}

void TestCanvas::cleanup()
{
    m_panel.reset();
    m_lab.reset();
    m_project.reset();
}

void TestCanvas::open(int stage)
{
    QSignalSpy changed(&m_panel->model(), &ChainModel::chainChanged);
    m_project->open(m_place.filePath(QString::number(stage)));
    QVERIFY(changed.wait());
    QCOMPARE(m_panel->model().chain().hops.size(), 3u);
}

void TestCanvas::anEmptyWindowSaysWhatToDo()
{
    auto *text = m_panel->findChild<QLabel *>("emptyText");
    QVERIFY(text->isVisible());
    QVERIFY(text->text().contains("guide"));
    QSignalSpy wanted(m_panel.get(), &TopologyPanel::newProjectRequested);
    QTest::mouseClick(m_panel->findChild<QWidget *>("emptyNew"), Qt::LeftButton);
    QCOMPARE(wanted.size(), 1);
    open(4);
    QVERIFY(!text->isVisible());
    QVERIFY(m_panel->view().isVisible());
    m_project->close();
    QVERIFY(text->isVisible());
}

void TestCanvas::theTableIsSound()
{
    ChainTable table(m_panel->model());
    const QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::QtTest);
    open(4);
    QCOMPARE(table.rowCount(), 5);
    const QModelIndex first = table.index(0, ChainTable::Name);
    QCOMPARE(first.data().toString(), sleepApp);
    QCOMPARE(table.rowCount(first), 1);
    const QModelIndex hop = table.index(0, ChainTable::Connection, first);
    QVERIFY(hop.data().toString().startsWith("mesh mTLS"));
    // A screen reader hears the row as a sentence.
    const QString sentence = hop.siblingAtColumn(0).data(Qt::AccessibleTextRole).toString();
    QVERIFY(sentence.contains("Hop 1 to " + egress));
    QVERIFY(sentence.contains("mesh mTLS"));
    m_project->close();
    QCOMPARE(table.rowCount(), 0);
}

void TestCanvas::clicksSelect()
{
    open(4);
    ChainView &view = m_panel->view();
    QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, viewPoint(cardCorner(egress) + QPointF(40, 30)));
    QVERIFY(m_selection.current() == session::SelectedThing(session::NodeSelection{egress}));
    const ChainHop &hop = m_panel->model().chain().hops[1];
    const QPointF middle =
        cardCorner(egress) + QPointF(measure::cardWidth + measure::gap / 2, measure::anchor);
    QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, viewPoint(middle));
    QVERIFY(m_selection.current() == session::SelectedThing(hop.selection()));
    QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, QPoint(4, 4));
    QVERIFY(std::holds_alternative<std::monostate>(m_selection.current()));
}

void TestCanvas::aShieldSelectsItsPolicy()
{
    open(4);
    const QPointF chip = cardCorner(ingress) + QPointF(measure::cardWidth - 40, -20);
    QTest::mouseClick(m_panel->view().viewport(), Qt::LeftButton, {}, viewPoint(chip));
    const auto *resource = m_selection.as<session::ResourceSelection>();
    QVERIFY(resource);
    QCOMPARE(resource->file, "external/05-policy.yaml");
}

void TestCanvas::keysWalkAlong()
{
    open(4);
    ChainView &view = m_panel->view();
    view.setFocus();
    for (int i = 0; i < 3; ++i)
        QTest::keyClick(&view, Qt::Key_Right);
    QVERIFY(m_selection.current() == session::SelectedThing(session::NodeSelection{egress}));
    QSignalSpy activated(m_panel.get(), &TopologyPanel::activated);
    QTest::keyClick(&view, Qt::Key_Return);
    QCOMPARE(activated.size(), 1);
    const qreal before = view.transform().m11();
    QTest::keyClick(&view, Qt::Key_Plus);
    QVERIFY(view.transform().m11() > before);
    QTest::keyClick(&view, Qt::Key_0);
    QCOMPARE(view.transform().m11(), before);
    QTest::keyClick(&view, Qt::Key_Escape);
    QVERIFY(std::holds_alternative<std::monostate>(m_selection.current()));
}

void TestCanvas::aDraggedCardIsAnUndoStep()
{
    open(4);
    QWidget *viewport = m_panel->view().viewport();
    const QPointF before = cardCorner(sleepApp);
    const QPoint from = viewPoint(before + QPointF(60, 20));
    QTest::mousePress(viewport, Qt::LeftButton, {}, from);
    // Two moves: the first only begins the drag.
    QMouseEvent begin(QEvent::MouseMove, from + QPoint(20, 20), viewport->mapToGlobal(from + QPoint(20, 20)),
                      Qt::LeftButton, Qt::LeftButton, {});
    QApplication::sendEvent(viewport, &begin);
    QMouseEvent end(QEvent::MouseMove, from + QPoint(0, 90), viewport->mapToGlobal(from + QPoint(0, 90)),
                    Qt::LeftButton, Qt::LeftButton, {});
    QApplication::sendEvent(viewport, &end);
    QTest::mouseRelease(viewport, Qt::LeftButton, {}, from + QPoint(0, 90));
    QCOMPARE(m_project->undoStack().count(), 1);
    QVERIFY(m_project->undoStack().undoText().contains("sleep"));
    const QPointF after = cardCorner(sleepApp);
    QVERIFY(after.y() > before.y() + 40);
    QCOMPARE(after, snapped(after));
    QVERIFY(m_project->isModified());
    m_project->undoStack().undo();
    QCOMPARE(cardCorner(sleepApp), before);
    QVERIFY(!m_project->isModified());
    m_project->undoStack().redo();
    QCOMPARE(cardCorner(sleepApp), after);
    m_panel->view().chainScene().resetPositions();
    QCOMPARE(cardCorner(sleepApp), before);
}

void TestCanvas::nudgesAreOneStep()
{
    open(4);
    m_selection.set(session::NodeSelection{sleepApp});
    const QPointF before = cardCorner(sleepApp);
    for (int i = 0; i < 3; ++i)
        QTest::keyClick(&m_panel->view(), Qt::Key_Down, Qt::AltModifier);
    QCOMPARE(cardCorner(sleepApp), before + QPointF(0, 3 * theme::grid));
    QCOMPARE(m_project->undoStack().count(), 1);
}

void TestCanvas::aRouteIsDrawnFromCardToCard()
{
    open(4);
    QWidget *viewport = m_panel->view().viewport();
    QSignalSpy wanted(m_panel.get(), &TopologyPanel::routeRequested);
    const QPoint handle = viewPoint(cardCorner(sleepApp) + QPointF(measure::cardWidth - 1, measure::anchor));
    const QPoint target = viewPoint(cardCorner(ingress) + QPointF(60, 20));
    QTest::mousePress(viewport, Qt::LeftButton, {}, handle);
    QVERIFY(m_panel->view().chainScene().isDrawingRoute());
    QMouseEvent move(QEvent::MouseMove, target, viewport->mapToGlobal(target), Qt::LeftButton, Qt::LeftButton,
                     {});
    QApplication::sendEvent(viewport, &move);
    QTest::mouseRelease(viewport, Qt::LeftButton, {}, target);
    QCOMPARE(wanted.size(), 1);
    QCOMPARE(wanted.front().at(0).toString(), sleepApp);
    QCOMPARE(wanted.front().at(1).toString(), ingress);
    // Nothing was moved by it.
    QCOMPARE(m_project->undoStack().count(), 0);
    QTest::mousePress(viewport, Qt::LeftButton, {}, handle);
    QTest::keyClick(&m_panel->view(), Qt::Key_Escape);
    QVERIFY(!m_panel->view().chainScene().isDrawingRoute());
    QTest::mouseRelease(viewport, Qt::LeftButton, {}, target);
    QCOMPARE(wanted.size(), 1);
}

void TestCanvas::aSelectedRequestLightsItsWay()
{
    open(4);
    const Chain &chain = m_panel->model().chain();
    m_selection.set(session::RequestSelection{"id"});
    m_selection.setPath({"id",
                         {{sleepApp, chain.hops[0].cluster, egress, false},
                          {egress, chain.hops[1].cluster, ingress, true},
                          {ingress, "-", {}, true}},
                         egress});
    QVERIFY(m_panel->model().lifeOf(chain.hops[0]).lit);
    QVERIFY(!m_panel->model().lifeOf(chain.hops[0]).litRefused);
    QVERIFY(m_panel->model().lifeOf(chain.hops[1]).litRefused);
    QVERIFY(!m_panel->model().lifeOf(chain.hops[2]).lit);
    QVERIFY(m_panel->model().isLit(chain.nodes[0]));
    QVERIFY(m_panel->model().hasEnded(*chain.findNode(egress)));
    // Ended by the receiver: the hop has carried it.
    m_selection.setPath({"id", {{egress, chain.hops[1].cluster, ingress, true}}, ingress});
    QVERIFY(m_panel->model().lifeOf(chain.hops[1]).lit);
    QVERIFY(!m_panel->model().lifeOf(chain.hops[1]).litRefused);
    QVERIFY(m_panel->model().isLit(*chain.findNode(ingress)));
    m_selection.set(session::NodeSelection{egress});
    QVERIFY(!m_panel->model().lifeOf(chain.hops[0]).lit);
}

void TestCanvas::pictureAndTableFollowOneSelection()
{
    open(4);
    m_panel->setTable(true);
    auto *table = m_panel->findChild<QTreeView *>("chainTable");
    QVERIFY(table->isVisible());
    const ChainHop &hop = m_panel->model().chain().hops[1];
    m_selection.set(hop.selection());
    QVERIFY(table->currentIndex().data().toString().startsWith("Hop 2"));
    QTest::keyClick(table, Qt::Key_Down);
    QVERIFY(m_selection.current() == session::SelectedThing(session::NodeSelection{ingress}));
    m_panel->setTable(false);
    QVERIFY(m_panel->view().isVisible());
}

void TestCanvas::menusOfferWhatThereIs()
{
    open(4);
    m_selection.set(m_panel->model().chain().hops[1].selection());
    QMenu hopMenu;
    m_panel->fillMenu(hopMenu);
    QStringList texts;
    for (const QAction *action : hopMenu.actions())
        texts.append(action->text());
    QVERIFY2(texts.contains("Show YAML of DestinationRule originate-mtls-for-test-com"),
             qPrintable(texts.join('\n')));
    QSignalSpy yaml(m_panel.get(), &TopologyPanel::yamlRequested);
    hopMenu.actions().front()->trigger();
    QCOMPARE(yaml.front().front().value<session::ResourceSelection>().file, "primary/14-originate-mtls.yaml");
    m_selection.set(session::NodeSelection{sleepApp});
    QMenu nodeMenu;
    m_panel->fillMenu(nodeMenu);
    QAction *send = nodeMenu.actions().front();
    QVERIFY(send->text().startsWith("Send a request"));
    QVERIFY(!send->isEnabled()); // the lab does not run
}

void TestCanvas::plaintextLooksUnlikeTheRest()
{
    open(3);
    const QPen plain = penOf(HopKind::Plaintext, 3);
    const QPen encrypted = penOf(HopKind::MeshMtls, 3);
    QVERIFY(plain.style() != encrypted.style());
    QVERIFY(plain.color() != encrypted.color());
    const QImage picture = m_panel->view().grab().toImage();
    int warning = 0;
    const QColor wanted = m_theme.color(theme::Role::Plaintext);
    for (int y = 0; y < picture.height(); ++y) {
        for (int x = 0; x < picture.width(); ++x)
            warning += picture.pixelColor(x, y) == wanted ? 1 : 0;
    }
    QVERIFY2(warning > 200, QByteArray::number(warning).constData());
}

void TestCanvas::labelsKeepApart_data()
{
    QTest::addColumn<int>("stage");
    QTest::addColumn<int>("width");
    for (const int stage : {3, 4, 5}) {
        for (const int width : {1800, 1400, 1000, 700})
            QTest::addRow("stage %d, %d pixels", stage, width) << stage << width;
    }
}

void TestCanvas::labelsKeepApart()
{
    QFETCH(int, stage);
    QFETCH(int, width);
    m_panel->resize(width, 500);
    open(stage);
    std::vector<QRectF> areas;
    size_t policies = 0;
    for (const QGraphicsItem *item : m_panel->view().chainScene().items()) {
        std::vector<QRectF> own;
        if (const auto *hop = dynamic_cast<const HopItem *>(item))
            own = hop->chipAreas();
        else if (const auto *card = dynamic_cast<const CardItem *>(item))
            policies += (own = card->chipAreas()).size();
        areas.insert(areas.end(), own.begin(), own.end());
    }
    QCOMPARE(policies, stage == 5 ? 2u : 1u);
    QVERIFY(areas.size() >= policies + 3);
    for (size_t i = 0; i < areas.size(); ++i) {
        for (size_t j = i + 1; j < areas.size(); ++j)
            QVERIFY2(!areas[i].intersects(areas[j]), qPrintable(QString("%1 and %2").arg(i).arg(j)));
    }
}

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    TestCanvas test;
    return QTest::qExec(&test, argc, argv);
}

#include "test_canvas.moc"
