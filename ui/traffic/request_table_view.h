// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/request_table_model.h"

#include <QTableView>

namespace sallyport::traffic {

/// The table of requests. What a person looks at stays where it is while rows come in, unless it is the
/// newest end. Columns can be moved and hidden; how they stand is kept.
class RequestTableView : public QTableView
{
    Q_OBJECT

public:
    explicit RequestTableView(RequestTableModel &model, QWidget *parent = nullptr);
    ~RequestTableView() override;

    /// Shows the newest rows and stays with them.
    void goToNewest();
    /// Numbers of the selected requests, as they are shown.
    std::vector<quint64> selectedNumbers() const;
    /// Selects a request and shows it; false if it is not in the table.
    bool select(quint64 number);
    /// Fills a menu with the columns to show or hide.
    void addColumnActions(QMenu &menu);

Q_SIGNALS:
    /// The one request that is chosen; 0 for none.
    void chosen(quint64 number);
    void contextMenuWanted(const QPoint &globalPosition);

protected:
    void contextMenuEvent(QContextMenuEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void applyFirstColumns();
    void fitColumns();
    void restoreColumns();
    void rememberColumns() const;
    bool isAtNewest() const;
    void keepPlace(int rows);

    RequestTableModel &m_model;
    std::vector<quint64> m_beforeReset;
    quint64 m_chosen = 0;
    bool m_wasAtNewest = true;
    bool m_restoring = false;
    bool m_fitting = false;
    bool m_ownWidths = false; ///< a person gave a column its width: no more fitting to the view's
};

} // namespace sallyport::traffic
