// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/inspector/live_facts.h"

#include <QScrollArea>

class QLabel;
class QStackedWidget;

namespace sallyport::theme {
class EmptyState;
}

namespace sallyport::inspector {

class WrappedLabel;

/// Facts in groups, two columns; an empty state while there are none.
class LiveView : public QWidget
{
    Q_OBJECT

public:
    explicit LiveView(QWidget *parent = nullptr);

    void setGroups(const std::vector<LiveGroup> &groups);
    theme::EmptyState &empty() { return *m_empty; }

private:
    void build();
    void fill();

    std::vector<LiveGroup> m_groups;
    QList<WrappedLabel *> m_values; ///< in the order of the facts
    QList<QLabel *> m_icons;
    QStackedWidget *m_pages;
    QScrollArea *m_area;
    theme::EmptyState *m_empty;
};

} // namespace sallyport::inspector
