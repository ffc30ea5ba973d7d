// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/topology/chain_table.h"
#include "ui/topology/chain_view.h"

#include <QWidget>

class QMenu;
class QPushButton;
class QStackedWidget;
class QTreeView;

namespace sallyport::topology {

class Legend;

/// The centre of the window: the chain as a picture or as a table, and what to do while there is none.
class TopologyPanel : public QWidget
{
    Q_OBJECT

public:
    explicit TopologyPanel(session::Context &context, QWidget *parent = nullptr);

    ChainModel &model() { return m_model; }
    ChainView &view() { return *m_view; }
    bool isTable() const;
    void setTable(bool table);

    /// Fills a menu with what can be done with the selected workload or hop.
    void fillMenu(QMenu &menu);

Q_SIGNALS:
    /// Compose a request that begins at this workload.
    void sendRequested(const QString &workload);
    /// Show a resource's YAML.
    void yamlRequested(const sallyport::session::ResourceSelection &where);
    /// Begin a route between two workloads (full names).
    void routeRequested(const QString &from, const QString &to);
    /// The inspector is wanted for what is selected.
    void activated();
    void newProjectRequested();
    void openProjectRequested();
    void hint(const QString &text);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    QWidget *makeEmpty();
    QWidget *makeZoomButtons();
    void showWhatThereIs();
    void placeOverlays();
    void fillNodeMenu(QMenu &menu, const ChainNode &node);
    void fillHopMenu(QMenu &menu, const ChainHop &hop);
    void addResources(QMenu &menu, const std::vector<ResourceLink> &links);

    session::Context &m_context;
    ChainModel m_model;
    ChainScene m_scene;
    ChainTable m_tableModel;
    QStackedWidget *m_stack = nullptr;
    ChainView *m_view = nullptr;
    QTreeView *m_table = nullptr;
    QWidget *m_empty = nullptr;
    QWidget *m_zoom = nullptr;
    Legend *m_legend = nullptr;
    bool m_wantsTable = false;
};

} // namespace sallyport::topology
