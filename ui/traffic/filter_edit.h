// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/filter.h"

#include <QLineEdit>
#include <QStringListModel>
#include <QTimer>
#include <optional>

class QCompleter;
class QLabel;
class QMenu;

namespace sallyport::traffic {

/// Where a filter is typed: completes names, marks the place of an error, says how many rows there are.
class FilterEdit : public QLineEdit
{
    Q_OBJECT

public:
    explicit FilterEdit(QWidget *parent = nullptr);

    /// `1,204 of 9,310`, inside the field at its end.
    void setCounts(const QString &text);
    const std::optional<FilterError> &error() const { return m_error; }
    /// Applies a filter at once.
    void setFilterText(const QString &text);

Q_SIGNALS:
    /// The text is a filter, and another than before.
    void filterChanged(const sallyport::traffic::Filter &filter);
    /// The text is none; empty when it is again.
    void errorChanged(const QString &message);

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void parse();
    void markError();
    void placeCounts();
    void complete(bool asked);
    void insertCompletion(const QString &text);
    void fillMenu(QMenu &menu);
    void rememberFilter();

    QTimer m_typing;
    QTimer m_settled;
    QLabel *m_counts;
    QCompleter *m_completer;
    QStringListModel m_candidates;
    QString m_applied;
    QStringList m_recent;
    std::optional<FilterError> m_error;
};

} // namespace sallyport::traffic
