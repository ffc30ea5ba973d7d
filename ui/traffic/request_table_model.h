// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/request_feed.h"
#include "ui/traffic/shown_rows.h"

#include <QAbstractTableModel>
#include <QCache>

namespace sallyport::traffic {

/// The requests that a filter takes, a row each. Follows its feed, or stands still while paused.
class RequestTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Role {
        NumberRole = Qt::UserRole + 1, ///< quint64: RequestRow::number
        RowRole,                       ///< RequestRow
    };

    explicit RequestTableModel(RequestFeed &feed, QObject *parent = nullptr);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    void sort(int column, Qt::SortOrder order) override;

    void setFilter(const Filter &filter);
    SortOrder order() const { return m_order; }

    /// While paused nothing comes in; what is dropped from the store still goes.
    void setPaused(bool paused);
    bool isPaused() const { return m_paused; }
    /// Requests that came and that the filter takes since setPaused(true).
    quint64 missed() const { return m_missed; }
    /// Requests that are known, whatever the filter.
    quint64 total() const { return m_total; }

    /// The request in a row, by its number; empty for none.
    std::optional<RequestRow> request(int row) const;
    quint64 number(int row) const;
    /// -1 if it is not shown.
    int rowOf(quint64 number) const;

Q_SIGNALS:
    /// total(), missed() or rowCount() changed.
    void countsChanged();

private:
    void apply(const TableChanges &changes);
    void insert(const std::vector<RequestPlace> &places);
    void change(const RequestPlace &place);
    void remove(const ShownRows::Run &run);
    void removeBefore(quint64 firstNumber);

    RequestFeed &m_feed;
    Filter m_filter;
    SortOrder m_order;
    ShownRows m_rows;
    quint64 m_generation = 0;  ///< of m_rows
    quint64 m_firstNumber = 0; ///< what was told before it is gone
    bool m_paused = false;
    quint64 m_missed = 0;
    quint64 m_total = 0;
    mutable QCache<quint64, RequestRow> m_cache{512};
};

/// A cell's text, as it is shown and copied.
QString cellText(const RequestRow &row, Column column);
/// The row as one sentence, for who does not see colours.
QString rowSentence(const RequestRow &row);
/// `passed`, `refused`, `failed`, `not reached`.
QString outcomeWord(Outcome outcome);
QString columnTitle(Column column);

} // namespace sallyport::traffic

Q_DECLARE_METATYPE(sallyport::traffic::RequestRow)
