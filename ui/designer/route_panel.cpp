// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/designer/route_panel.h"

#include "ui/designer/diff_view.h"
#include "ui/designer/resource_list.h"
#include "ui/designer/route_ends.h"
#include "ui/designer/route_form.h"
#include "ui/theme/empty_state.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace sallyport::designer {

namespace {

using theme::grid;
using theme::Look;
using theme::Role;

constexpr int formWidth = 54 * grid;
constexpr int resourcesWidth = 48 * grid;
constexpr int iconSize = 16;

} // namespace

RoutePanel::RoutePanel(session::Context &context, QAction *design, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_draft(context.project)
    , m_design(design)
{
    setObjectName(QStringLiteral("routePanel"));
    setAccessibleName(tr("Route designer"));
    m_empty = new theme::EmptyState(this);
    m_empty->setObjectName(QStringLiteral("routeEmpty"));
    m_page = new QWidget(this);
    auto *splitter = new QSplitter(Qt::Horizontal, m_page);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(makeForm());
    splitter->addWidget(makeResult());
    splitter->setStretchFactor(0, 0);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({formWidth, 3 * formWidth});
    auto *page = new QVBoxLayout(m_page);
    page->setContentsMargins(0, 0, 0, 0);
    page->setSpacing(0);
    page->addWidget(splitter, 1);
    m_stack = new QStackedWidget(this);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_page);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);

    connect(&m_draft, &DesignDraft::changed, this, [this] { m_apply->setEnabled(false); });
    connect(&m_draft, &DesignDraft::previewed, this, &RoutePanel::showPreview);
    connect(&context.project, &session::ProjectSession::opened, this, &RoutePanel::showState);
    connect(&context.project, &session::ProjectSession::closed, this, [this] {
        m_stack->setCurrentWidget(m_empty);
        showState();
    });
    connect(&theme::Theme::instance(), &theme::Theme::changed, this, &RoutePanel::showPreview);
    showState();
}

QWidget *RoutePanel::makeForm()
{
    auto *area = new QScrollArea(m_page);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setMinimumWidth(48 * grid);
    m_form = new RouteForm(m_context.project, m_draft, area);
    area->setWidget(m_form);
    connect(m_form, &RouteForm::importWanted, this, &RoutePanel::importWanted);
    return area;
}

QWidget *RoutePanel::makeResult()
{
    auto *result = new QWidget(m_page);
    m_notes = new QLabel(result);
    m_notes->setObjectName(QStringLiteral("routeNotes"));
    m_notes->setWordWrap(true);
    theme::setLook(m_notes, Look::Warning);
    m_notes->setContentsMargins(2 * grid, grid, 2 * grid, 0);
    m_hint = new QLabel(result);
    m_hint->setObjectName(QStringLiteral("routeHint"));
    m_hint->setWordWrap(true);
    m_hint->setAlignment(Qt::AlignTop);
    m_hint->setContentsMargins(2 * grid, grid, 2 * grid, 0);
    theme::setLook(m_hint, Look::Muted);
    m_resources = new ResourceList(result);
    m_resources->setMinimumWidth(30 * grid);
    m_diff = new DiffView(result);
    auto *splitter = new QSplitter(Qt::Horizontal, result);
    splitter->setObjectName(QStringLiteral("routeSplitter"));
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(m_resources);
    splitter->addWidget(m_diff);
    splitter->setStretchFactor(0, 2);
    splitter->setStretchFactor(1, 3);
    splitter->setSizes({2 * resourcesWidth, 3 * resourcesWidth});
    auto *layout = new QVBoxLayout(result);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_notes);
    layout->addWidget(m_hint, 1);
    layout->addWidget(splitter, 1);
    layout->addWidget(makeVerdict());
    connect(m_resources, &ResourceList::fileChosen, m_diff, &DiffView::showFile);
    return result;
}

QWidget *RoutePanel::makeVerdict()
{
    auto *box = new QFrame(m_page);
    theme::setLook(box, Look::Bar);
    m_verdictIcon = new QLabel(box);
    m_verdictIcon->setFixedWidth(iconSize);
    m_verdict = new QLabel(box);
    m_verdict->setObjectName(QStringLiteral("routeVerdict"));
    m_verdict->setWordWrap(true);
    m_copy = new QPushButton(tr("Copy the diff"), box);
    m_copy->setObjectName(QStringLiteral("routeCopy"));
    m_copy->setIcon(theme::Theme::instance().icon(QStringLiteral("copy"), Role::TextMuted));
    theme::setLook(m_copy, Look::Flat);
    auto *cancelButton = new QPushButton(tr("Cancel"), box);
    cancelButton->setObjectName(QStringLiteral("routeCancel"));
    m_apply = new QPushButton(tr("&Apply"), box);
    m_apply->setObjectName(QStringLiteral("routeApply"));
    m_apply->setToolTip(tr("Make these changes: one step, which undo takes back"));
    theme::setLook(m_apply, Look::Primary);
    auto *layout = new QHBoxLayout(box);
    layout->setContentsMargins(2 * grid, grid, 2 * grid, grid);
    layout->setSpacing(grid);
    layout->addWidget(m_verdictIcon);
    layout->addWidget(m_verdict, 1);
    layout->addWidget(m_copy);
    layout->addWidget(cancelButton);
    layout->addWidget(m_apply);
    connect(m_copy, &QPushButton::clicked, this, [this] {
        QGuiApplication::clipboard()->setText(unifiedText(m_draft.preview().changes));
        Q_EMIT message(tr("The diff is on the clipboard"));
    });
    connect(cancelButton, &QPushButton::clicked, this, &RoutePanel::cancel);
    connect(m_apply, &QPushButton::clicked, this, &RoutePanel::apply);
    return box;
}

void RoutePanel::begin(const QString &from, const QString &to)
{
    const session::ProjectPtr project = m_context.project.project();
    if (!project)
        return;
    m_stack->setCurrentWidget(m_page);
    m_draft.begin(designBetween(*project, from, to));
    m_form->focusFirst();
}

bool RoutePanel::isDesigning() const
{
    return m_stack->currentWidget() == m_page;
}

void RoutePanel::showState()
{
    const bool open = m_context.project.isOpen();
    m_empty->set(QStringLiteral("route"), open ? tr("A way out of the mesh") : tr("No project is open"),
                 tr("Say who calls which host, through which gateway and how it leaves the mesh. Every line "
                    "of YAML that this takes is shown before it is written. On the picture, a drag from one "
                    "card's handle to another begins a route as well."),
                 open ? m_design : nullptr);
}

void RoutePanel::showPreview()
{
    const DesignPreview &preview = m_draft.preview();
    m_notes->setText(preview.notes.join(QLatin1Char('\n')));
    m_notes->setVisible(!preview.notes.isEmpty());
    const bool nothing = preview.resources.empty();
    m_hint->setVisible(nothing);
    m_hint->setText(preview.hasErrors() || !m_draft.isCurrent()
                        ? tr("The resources and the lines that they take stand here as soon as the answers "
                             "on the left fit together.")
                        : QString());
    m_resources->parentWidget()->setVisible(!nothing);
    m_resources->setResources(preview.resources);
    m_diff->diffs().setDiffs(preview.diffs);
    m_copy->setEnabled(!preview.changes.empty());
    m_apply->setEnabled(m_draft.canApply());
    const bool warned = !preview.notes.isEmpty() || !preview.findings.empty();
    const Role role = preview.hasErrors() ? Role::Bad : warned ? Role::Warning : Role::Good;
    const QString icon = preview.hasErrors() ? QStringLiteral("cross")
                         : warned            ? QStringLiteral("warning")
                                             : QStringLiteral("check");
    m_verdictIcon->setPixmap(
        theme::Theme::instance().icon(icon, role).pixmap(QSize(iconSize, iconSize), devicePixelRatioF()));
    m_verdict->setText(preview.summary());
}

void RoutePanel::apply()
{
    const QString host = QString::fromStdString(m_draft.design().host);
    if (const Result<void> applied = m_draft.apply(); !applied) {
        Q_EMIT message(QString::fromStdString(applied.error().toString()));
        return;
    }
    m_stack->setCurrentWidget(m_empty);
    showState();
    Q_EMIT message(tr("The route to %1 is made. Undo takes it back as one step.").arg(host));
    Q_EMIT finished();
}

void RoutePanel::cancel()
{
    m_stack->setCurrentWidget(m_empty);
    showState();
    Q_EMIT finished();
}

void RoutePanel::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape && isDesigning())
        cancel();
    else if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) &&
             event->modifiers().testFlag(Qt::ControlModifier) && m_apply->isEnabled())
        apply();
    else
        QWidget::keyPressEvent(event);
}

} // namespace sallyport::designer
