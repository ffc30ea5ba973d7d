// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/topology_panel.h"

#include "ui/topology/legend.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>
#include <QTreeView>

namespace sallyport::topology {

namespace {

constexpr int overlayInset = 16;
constexpr int textShare = 1000; ///< of the width, against what is empty beside it

QToolButton *button(const QString &icon, const QString &text, QWidget *parent)
{
    auto *made = new QToolButton(parent);
    made->setIcon(theme::Theme::instance().icon(icon, theme::Role::TextMuted));
    made->setToolTip(text);
    made->setAccessibleName(text);
    made->setFocusPolicy(Qt::TabFocus);
    return made;
}

} // namespace

TopologyPanel::TopologyPanel(session::Context &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_model(context)
    , m_scene(m_model)
    , m_tableModel(m_model)
{
    setObjectName(QStringLiteral("topologyPanel"));
    m_view = new ChainView(m_scene, this);
    m_view->setObjectName(QStringLiteral("chainView"));
    m_table = new QTreeView(this);
    m_table->setObjectName(QStringLiteral("chainTable"));
    m_table->setModel(&m_tableModel);
    m_table->setAccessibleName(tr("Chain as a table"));
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->setUniformRowHeights(true);
    m_table->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->header()->setStretchLastSection(true);
    m_empty = makeEmpty();
    m_stack = new QStackedWidget(this);
    m_stack->addWidget(m_view);
    m_stack->addWidget(m_table);
    m_stack->addWidget(m_empty);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);
    m_legend = new Legend(m_view);
    m_zoom = makeZoomButtons();

    connect(&m_model, &ChainModel::chainChanged, this, &TopologyPanel::showWhatThereIs);
    connect(&context.project, &session::ProjectSession::opened, this, &TopologyPanel::showWhatThereIs);
    connect(&context.project, &session::ProjectSession::closed, this, &TopologyPanel::showWhatThereIs);
    connect(&m_scene, &ChainScene::routeDrawn, this, &TopologyPanel::routeRequested);
    connect(&m_scene, &ChainScene::hint, this, &TopologyPanel::hint);
    connect(m_view, &ChainView::activated, this, &TopologyPanel::activated);
    connect(m_view, &ChainView::menuRequested, this, [this](const QPoint &place) {
        QMenu menu(this);
        fillMenu(menu);
        menu.exec(place);
    });
    connect(m_table, &QTreeView::customContextMenuRequested, this, [this](const QPoint &place) {
        QMenu menu(this);
        fillMenu(menu);
        menu.exec(m_table->viewport()->mapToGlobal(place));
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentChanged, this,
            [this](const QModelIndex &current) {
                if (current.isValid())
                    m_context.selection.set(m_tableModel.thingAt(current.siblingAtColumn(0)));
            });
    connect(m_table, &QTreeView::activated, this, &TopologyPanel::activated);
    connect(&context.selection, &session::Selection::changed, this,
            [this](const session::SelectedThing &thing) {
                const QModelIndex index = m_tableModel.indexOf(thing);
                if (index.isValid() && m_table->currentIndex().siblingAtColumn(0) != index)
                    m_table->setCurrentIndex(index);
            });
    connect(&theme::Theme::instance(), &theme::Theme::changed, this,
            [this] { m_view->viewport()->update(); });
    showWhatThereIs();
}

QWidget *TopologyPanel::makeEmpty()
{
    auto *page = new QWidget(this);
    auto *title = new QLabel(page);
    theme::setLook(title, theme::Look::Title);
    title->setObjectName(QStringLiteral("emptyTitle"));
    title->setAlignment(Qt::AlignCenter);
    auto *text = new QLabel(page);
    text->setObjectName(QStringLiteral("emptyText"));
    theme::setLook(text, theme::Look::Muted);
    text->setAlignment(Qt::AlignCenter);
    text->setWordWrap(true);
    text->setMaximumWidth(52 * theme::grid);
    auto *create = new QPushButton(tr("New from the guide…"), page);
    theme::setLook(create, theme::Look::Primary);
    create->setObjectName(QStringLiteral("emptyNew"));
    auto *open = new QPushButton(tr("Open a folder…"), page);
    open->setObjectName(QStringLiteral("emptyOpen"));
    auto *buttons = new QHBoxLayout;
    buttons->addStretch();
    buttons->addWidget(create);
    buttons->addWidget(open);
    buttons->addStretch();
    auto *layout = new QVBoxLayout(page);
    layout->setSpacing(2 * theme::grid);
    layout->addStretch();
    layout->addWidget(title);
    auto *middle = new QHBoxLayout;
    middle->addStretch(1);
    middle->addWidget(text, textShare);
    middle->addStretch(1);
    layout->addLayout(middle);
    layout->addLayout(buttons);
    layout->addStretch();
    connect(create, &QPushButton::clicked, this, &TopologyPanel::newProjectRequested);
    connect(open, &QPushButton::clicked, this, &TopologyPanel::openProjectRequested);
    return page;
}

QWidget *TopologyPanel::makeZoomButtons()
{
    auto *frame = new QFrame(m_view);
    theme::setLook(frame, theme::Look::Card);
    auto *layout = new QHBoxLayout(frame);
    layout->setContentsMargins(2, 2, 2, 2);
    layout->setSpacing(0);
    QToolButton *out = button(QStringLiteral("minus"), tr("Zoom out (-)"), frame);
    QToolButton *fit = button(QStringLiteral("fit"), tr("Fit the chain (0)"), frame);
    QToolButton *in = button(QStringLiteral("plus"), tr("Zoom in (+)"), frame);
    for (QToolButton *each : {out, fit, in}) {
        each->setFixedSize(28, 28);
        layout->addWidget(each);
    }
    connect(out, &QToolButton::clicked, m_view, &ChainView::zoomOut);
    connect(fit, &QToolButton::clicked, m_view, &ChainView::fit);
    connect(in, &QToolButton::clicked, m_view, &ChainView::zoomIn);
    frame->adjustSize();
    return frame;
}

bool TopologyPanel::isTable() const
{
    return m_wantsTable;
}

void TopologyPanel::setTable(bool table)
{
    m_wantsTable = table;
    showWhatThereIs();
    if (table)
        m_table->setFocus();
    else
        m_view->setFocus();
}

void TopologyPanel::showWhatThereIs()
{
    const bool open = m_context.project.isOpen();
    const bool empty = m_model.chain().nodes.empty();
    m_table->expandAll();
    if (!empty) {
        m_stack->setCurrentWidget(m_wantsTable ? static_cast<QWidget *>(m_table) : m_view);
        placeOverlays();
        return;
    }
    m_stack->setCurrentWidget(m_empty);
    m_empty->findChild<QLabel *>(QStringLiteral("emptyTitle"))
        ->setText(open ? tr("No workload in this folder yet") : tr("Draw the way out of your mesh"));
    m_empty->findChild<QLabel *>(QStringLiteral("emptyText"))
        ->setText(
            open
                ? tr("The chain appears as soon as the YAML has a Deployment or a Pod. Add one in the "
                     "editor, "
                     "or begin with the guide's chain: sleep, an egress gateway, the partner's gateway, "
                     "httpbin.")
                : tr("Open a folder of Istio YAML, one sub folder a mesh, or begin with the guide's chain: "
                     "sleep, an egress gateway, the partner's gateway, httpbin, in five stages from a direct "
                     "connection to mutual TLS with a policy."));
}

void TopologyPanel::placeOverlays()
{
    m_legend->adjustSize();
    m_legend->move(overlayInset, m_view->height() - m_legend->height() - overlayInset);
    m_zoom->move(m_view->width() - m_zoom->width() - overlayInset,
                 m_view->height() - m_zoom->height() - overlayInset);
}

void TopologyPanel::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    placeOverlays();
}

void TopologyPanel::fillMenu(QMenu &menu)
{
    if (const auto *selected = m_context.selection.as<session::NodeSelection>()) {
        if (const ChainNode *node = m_model.chain().findNode(workloadOf(selected->name)))
            fillNodeMenu(menu, *node);
    } else if (const auto *hop = m_context.selection.as<session::HopSelection>()) {
        if (const ChainHop *shown = m_model.chain().findHop(*hop))
            fillHopMenu(menu, *shown);
    }
}

void TopologyPanel::addResources(QMenu &menu, const std::vector<ResourceLink> &links)
{
    const theme::Theme &theme = theme::Theme::instance();
    for (const ResourceLink &link : links) {
        if (link.title.isEmpty())
            continue;
        menu.addAction(theme.icon(QStringLiteral("file"), theme::Role::TextMuted),
                       tr("Show YAML of %1").arg(link.title), this,
                       [this, link] { Q_EMIT yamlRequested(link.where); });
    }
}

void TopologyPanel::fillNodeMenu(QMenu &menu, const ChainNode &node)
{
    const theme::Theme &theme = theme::Theme::instance();
    const bool running = m_model.isLabRunning();
    if (node.role == NodeRole::Sidecar || node.role == NodeRole::Application) {
        QAction *send = menu.addAction(theme.icon(QStringLiteral("send"), theme::Role::TextMuted),
                                       tr("Send a request from here…"), this,
                                       [this, name = node.name] { Q_EMIT sendRequested(name); });
        send->setEnabled(running);
        menu.addSeparator();
    }
    for (const control::NodeStatus &process : m_model.processesOf(node)) {
        const QString what =
            process.process.endsWith(QLatin1String(".app")) ? tr("application") : tr("proxy");
        const QString suffix =
            node.replicas > 1 ? QStringLiteral(" (") + process.proxy + QLatin1Char(')') : QString();
        const bool up =
            process.state == control::NodeState::Ready || process.state == control::NodeState::Starting;
        const QString id = process.process;
        auto &lab = m_context.lab;
        if (up) {
            menu.addAction(theme.icon(QStringLiteral("stop"), theme::Role::TextMuted),
                           tr("Stop the %1%2").arg(what, suffix), this, [&lab, id] { lab.stopNode(id); });
            menu.addAction(theme.icon(QStringLiteral("kill"), theme::Role::Bad),
                           tr("Kill the %1%2, as a crash would").arg(what, suffix), this,
                           [&lab, id] { lab.killNode(id); });
        } else {
            menu.addAction(theme.icon(QStringLiteral("play"), theme::Role::Good),
                           tr("Start the %1%2").arg(what, suffix), this, [&lab, id] { lab.startNode(id); });
        }
    }
    menu.addSeparator();
    std::vector<ResourceLink> links{node.resource};
    for (const PolicyMark &policy : node.policies)
        links.push_back(policy.resource);
    addResources(menu, links);
    if (m_scene.hasMovedCards()) {
        menu.addSeparator();
        menu.addAction(tr("Arrange all cards again"), &m_scene, &ChainScene::resetPositions);
    }
}

void TopologyPanel::fillHopMenu(QMenu &menu, const ChainHop &hop)
{
    addResources(menu, hop.resources);
}

} // namespace sallyport::topology
