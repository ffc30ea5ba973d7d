// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/problems/finding_list.h"
#include "ui/problems/problem_filter.h"
#include "ui/problems/problem_table_model.h"

#include <QMap>
#include <QWidget>

class QAction;
class QLabel;
class QLineEdit;
class QHBoxLayout;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace sallyport::theme {
class EmptyState;
}

namespace sallyport::problems {

/// Everything that is wrong with the project, and what can be done about it.
class ProblemsPanel : public QWidget
{
    Q_OBJECT

public:
    ProblemsPanel(session::Context &context, FindingList &findings, QWidget *parent = nullptr);

    QList<QAction *> problemActions() const;
    void focusFilter();

Q_SIGNALS:
    /// Show this place of the YAML.
    void placeActivated(const QString &file, int line, int column);
    /// A finding that has no place in a text, about a credential: show it.
    void credentialActivated();
    void message(const QString &text);

private:
    void makeActions();
    QWidget *makeBar();
    QWidget *makeDetail();
    void refresh();
    void showState();
    void showDetail();
    void activate();
    void step(int by);
    void openMenu(const QPoint &position);
    void applyFix(int number);
    const Finding *current() const;

    session::Context &m_context;
    FindingList &m_findings;
    ProblemTableModel m_model;
    ProblemFilter m_filter;
    QAction *m_show = nullptr;
    QAction *m_next = nullptr;
    QAction *m_previous = nullptr;
    QAction *m_copy = nullptr;
    QLineEdit *m_words = nullptr;
    QMap<int, QToolButton *> m_toggles; ///< by model::Severity
    QStackedWidget *m_stack = nullptr;
    QTableView *m_table = nullptr;
    theme::EmptyState *m_empty = nullptr;
    QWidget *m_detail = nullptr;
    QLabel *m_detailIcon = nullptr;
    QLabel *m_detailText = nullptr;
    QLabel *m_detailHint = nullptr;
    QHBoxLayout *m_buttons = nullptr;
};

} // namespace sallyport::problems
