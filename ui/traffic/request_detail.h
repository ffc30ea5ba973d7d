// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/hop_field_model.h"
#include "ui/traffic/request_store.h"

#include <QWidget>

class QAction;
class QHBoxLayout;
class QLabel;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace sallyport::theme {
class StatusChip;
}

namespace sallyport::traffic {

class TimingBars;

/// One request in full: what it was, what decided it and why, the times of its hops, every field of their
/// logs.
class RequestDetail : public QWidget
{
    Q_OBJECT

public:
    explicit RequestDetail(QWidget *parent = nullptr);

    /// Buttons for what can be done with the request, along the lower edge.
    void setActions(const QList<QAction *> &actions);
    void show(const RequestRow &row, const QList<control::LogEntry> &orderedEntries);

private:
    void showOutcome(const RequestRow &row, const Decision &decision);

    QLabel *m_line;
    theme::StatusChip *m_chip;
    QLabel *m_sentence;
    TimingBars *m_bars;
    QTableView *m_fields;
    HopFieldModel m_fieldModel;
    QStackedWidget *m_pages;
    QToolButton *m_timing;
    QToolButton *m_allFields;
    QHBoxLayout *m_actions;
};

} // namespace sallyport::traffic
