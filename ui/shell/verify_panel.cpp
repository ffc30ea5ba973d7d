// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/verify_panel.h"

#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTreeView>

namespace sallyport::shell {

namespace {

using theme::grid;
using theme::Look;
using theme::Role;

constexpr int iconSize = 16;

} // namespace

VerifyPanel::VerifyPanel(session::Context &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
{
    setObjectName(QStringLiteral("verifyPanel"));
    m_run = new QPushButton(tr("Run the checks"), this);
    m_run->setObjectName(QStringLiteral("verifyRun"));
    m_run->setIcon(theme::Theme::instance().icon(QStringLiteral("verify"), Role::Text));
    m_icon = new QLabel(this);
    m_summary = new QLabel(this);
    m_summary->setObjectName(QStringLiteral("verifySummary"));
    m_summary->setWordWrap(true);
    theme::setLook(m_summary, Look::Muted);
    m_view = new QTreeView(this);
    m_view->setObjectName(QStringLiteral("verifyTable"));
    m_view->setAccessibleName(tr("Verdicts of the checks"));
    m_view->setModel(&m_model);
    m_view->setUniformRowHeights(true);
    m_view->setTextElideMode(Qt::ElideMiddle);
    m_view->header()->setStretchLastSection(true);
    m_view->setColumnWidth(VerdictModel::What, 30 * grid);
    m_view->setColumnWidth(VerdictModel::Where, 32 * grid);
    m_view->setColumnWidth(VerdictModel::Expected, 30 * grid);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(2 * grid, grid, 2 * grid, grid);
    bar->setSpacing(grid);
    bar->addWidget(m_run);
    bar->addSpacing(grid);
    bar->addWidget(m_icon);
    bar->addWidget(m_summary, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(bar);
    // The first column's text begins where the bar does.
    auto *table = new QHBoxLayout;
    table->setContentsMargins(grid, 0, grid, 0);
    table->addWidget(m_view);
    layout->addLayout(table, 1);
    connect(m_run, &QPushButton::clicked, this, &VerifyPanel::run);
    const session::LabSession &lab = context.lab;
    connect(&lab, &session::LabSession::checkJudged, this, [this](const std::vector<lab::Row> &rows) {
        m_model.add(rows);
        const QModelIndex last = m_model.index(m_model.rowCount() - 1, 0);
        m_view->setFirstColumnSpanned(last.row(), {}, true);
        m_view->setExpanded(last, !m_model.passedAt(last));
        showSummary();
    });
    connect(&lab, &session::LabSession::verified, this,
            [this](const std::vector<lab::Row> &, const QString &error) { showSummary(error); });
    connect(&lab, &session::LabSession::stateChanged, this, [this](session::LabState state) {
        if (state == session::LabState::Running && std::exchange(m_runWhenReady, false))
            run();
        if (state == session::LabState::Failed || state == session::LabState::Stopped)
            m_runWhenReady = false;
    });
    connect(&context.project, &session::ProjectSession::closed, this, [this] {
        m_model.clear();
        showSummary();
    });
    showSummary();
}

void VerifyPanel::run()
{
    if (m_context.lab.isVerifying())
        return;
    m_model.clear();
    if (m_context.lab.state() != session::LabState::Running) {
        m_runWhenReady = true;
        showSummary();
        m_context.lab.start();
        return;
    }
    m_context.lab.verify();
    showSummary();
}

void VerifyPanel::showSummary(const QString &error)
{
    const theme::Theme &theme = theme::Theme::instance();
    const bool running = m_context.lab.isVerifying();
    m_run->setEnabled(!running && !m_runWhenReady);
    QString icon;
    Role role = Role::TextFaint;
    QString text;
    if (!error.isEmpty()) {
        icon = QStringLiteral("error");
        role = Role::Bad;
        text = error;
    } else if (m_runWhenReady) {
        text = tr("The lab is being started…");
    } else if (m_model.rowCount() == 0) {
        text = running ? tr("The first check is being played…")
                       : tr("The checks of .sallyport/expectations.yaml: each sends a request and compares "
                            "every hop's "
                            "log line and bytes with what the project expects.");
    } else {
        const bool fine = m_model.failed() == 0;
        icon = fine ? QStringLiteral("check") : QStringLiteral("error");
        role = fine ? Role::Good : Role::Bad;
        text = tr("%1 passed, %2 failed").arg(m_model.passed()).arg(m_model.failed());
        if (running)
            text += tr(" so far…");
    }
    m_icon->setVisible(!icon.isEmpty());
    if (!icon.isEmpty())
        m_icon->setPixmap(theme.icon(icon, role).pixmap(QSize(iconSize, iconSize), devicePixelRatioF()));
    m_summary->setText(text);
}

} // namespace sallyport::shell
