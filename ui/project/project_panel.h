// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/problems/finding_list.h"
#include "ui/project/tree_filter.h"
#include "ui/project/tree_model.h"
#include "ui/session/context.h"

#include <QWidget>

class QAction;
class QLabel;
class QLineEdit;
class QMenu;
class QStackedWidget;
class QToolButton;
class QTreeView;

namespace sallyport::editor {
struct Kind;
}
namespace sallyport::theme {
class EmptyState;
}

namespace sallyport::project {

/// The open project's resources: choose one, make one, take one out.
class ProjectPanel : public QWidget
{
    Q_OBJECT

public:
    ProjectPanel(session::Context &context, problems::FindingList &findings, QWidget *parent = nullptr);

    /// Marks the resource that is shown elsewhere, without selecting it.
    void showResource(const session::ResourceSelection &where);
    void focusFilter();
    TreeModel &model() { return m_model; }

Q_SIGNALS:
    /// The YAML of what is selected is wanted.
    void yamlWanted(const sallyport::session::ResourceSelection &where);
    /// A word for the status bar.
    void message(const QString &text);

private:
    void makeActions();
    QWidget *makeHead();
    void follow();
    void refresh();
    void showState();
    void choose(const QModelIndex &index);
    const TreeNode *current() const;
    void openMenu(const QPoint &place);
    void fillNewMenu(QMenu &menu);
    void make(const editor::Kind &kind);
    void makeSettings(const std::string &path);
    void remove();

    session::Context &m_context;
    problems::FindingList &m_findings;
    TreeModel m_model;
    TreeFilter m_filter;
    std::optional<session::ResourceSelection> m_wanted; ///< to be marked as soon as it is there
    bool m_marking = false;

    QAction *m_yaml = nullptr;
    QAction *m_delete = nullptr;
    QMenu *m_newMenu = nullptr;
    QToolButton *m_new = nullptr;
    QLineEdit *m_words = nullptr;
    QStackedWidget *m_pages = nullptr;
    QTreeView *m_tree = nullptr;
    theme::EmptyState *m_empty = nullptr;
};

} // namespace sallyport::project
