// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/request/request_draft.h"
#include "ui/session/context.h"
#include "ui/traffic/request_export.h"
#include "ui/traffic/request_feed.h"
#include "ui/traffic/request_table_model.h"
#include "ui/traffic/request_way.h"
#include "ui/traffic/traffic_actions.h"

#include <QFutureWatcher>
#include <QWidget>
#include <atomic>
#include <optional>

class QLabel;
class QSplitter;
class QStackedWidget;
class QToolButton;
class QVBoxLayout;

namespace sallyport::theme {
class EmptyState;
}

namespace sallyport::traffic {

class FilterEdit;
class RequestDetail;
class RequestTableView;

/// The requests that passed through the lab, and one of them in full.
class TrafficPanel : public QWidget
{
    Q_OBJECT

public:
    explicit TrafficPanel(session::Context &context, QWidget *parent = nullptr);
    ~TrafficPanel() override;

    /// Everything that can be done here; the window may put them into its menus and its palette.
    QList<QAction *> trafficActions() const { return m_actions.offered(); }
    void focusFilter();
    void setFilterText(const QString &text);
    /// The way of the chosen request; empty for none.
    const RequestWay &way() const { return m_way; }
    RequestTableModel &model() { return m_model; }
    RequestFeed &feed() { return m_feed; }

Q_SIGNALS:
    /// The way of the chosen request is another.
    void wayChanged(const sallyport::traffic::RequestWay &way);
    /// A new request is to be composed.
    void composeWanted();
    /// This request is to be sent again; what its log lines do not say (headers, body) is empty.
    void repeatWanted(const sallyport::request::RequestDraft &draft);
    /// This request is to be changed and then sent.
    void editWanted(const sallyport::request::RequestDraft &draft);
    /// The selection is now what decided the request: show its YAML.
    void yamlWanted();
    /// The way of this request through the configuration is to be explained.
    void whyWanted(const sallyport::request::RequestDraft &draft);
    /// A word for the status bar.
    void message(const QString &text);
    /// Lines that were lost on the way to the table, all in all.
    void droppedChanged(quint64 lines);

private:
    void connectActions();
    void makeBar(QVBoxLayout *layout);
    void makeTable(QVBoxLayout *layout);
    void showCounts();
    void showState();
    void updateActions();
    void choose(quint64 number);
    void showDetail();
    void followSelection();
    void openContextMenu(const QPoint &position);
    std::optional<request::RequestDraft> draftOf(quint64 number) const;
    void copyText();
    void copyJson();
    void copyCurl();
    void showYaml();
    void chooseExport(ExportFormat format);
    void exportTo(const QString &path, ExportFormat format);

    session::Context &m_context;
    RequestFeed m_feed;
    RequestTableModel m_model;
    RequestWay m_way;
    quint64 m_chosen = 0;
    quint64 m_droppedOutside = 0;
    quint64 m_droppedTold = 0;
    bool m_choosing = false;

    TrafficActions m_actions;

    FilterEdit *m_filter = nullptr;
    QLabel *m_error = nullptr;
    QLabel *m_dropped = nullptr;
    QToolButton *m_follow = nullptr;
    RequestTableView *m_table = nullptr;
    RequestDetail *m_detail = nullptr;
    QSplitter *m_splitter = nullptr;
    QStackedWidget *m_pages = nullptr;
    theme::EmptyState *m_empty = nullptr;

    QFutureWatcher<Result<quint64>> m_export;
    std::shared_ptr<std::atomic<bool>> m_exportGoesOn;
    QString m_exportPath;
};

} // namespace sallyport::traffic
