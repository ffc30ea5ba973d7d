// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/designer/design_draft.h"
#include "ui/session/context.h"

#include <QWidget>

class QAction;
class QLabel;
class QPushButton;
class QStackedWidget;

namespace sallyport::theme {
class EmptyState;
}

namespace sallyport::designer {

class DiffView;
class ResourceList;
class RouteForm;

/// The designer of a way out of the mesh: the questions on the left, the resources that answer them in the
/// middle, and every line that would change on the right, before anything is changed.
class RoutePanel : public QWidget
{
    Q_OBJECT

public:
    /// `design` opens the designer; it is the window's action.
    RoutePanel(session::Context &context, QAction *design, QWidget *parent = nullptr);

    /// Begins a route. `from` and `to` are the cards between which it was drawn; without them the project's
    /// usual ends are proposed.
    void begin(const QString &from = {}, const QString &to = {});
    bool isDesigning() const;
    DesignDraft &draft() { return m_draft; }

Q_SIGNALS:
    void message(const QString &text);
    void importWanted(const sallyport::session::CredentialSelection &credential);
    /// Applied, or given up.
    void finished();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    QWidget *makeForm();
    QWidget *makeResult();
    QWidget *makeVerdict();
    void showState();
    void showPreview();
    void apply();
    void cancel();

    session::Context &m_context;
    DesignDraft m_draft;
    QAction *m_design = nullptr;
    QStackedWidget *m_stack = nullptr;
    theme::EmptyState *m_empty = nullptr;
    QWidget *m_page = nullptr;
    RouteForm *m_form = nullptr;
    QLabel *m_notes = nullptr;
    ResourceList *m_resources = nullptr;
    DiffView *m_diff = nullptr;
    QLabel *m_hint = nullptr;
    QLabel *m_verdictIcon = nullptr;
    QLabel *m_verdict = nullptr;
    QPushButton *m_copy = nullptr;
    QPushButton *m_apply = nullptr;
};

} // namespace sallyport::designer
