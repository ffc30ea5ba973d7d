// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/status_strip.h"

#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QStatusBar>
#include <algorithm>

namespace sallyport::shell {

namespace {

using theme::grid;
using theme::Look;
using theme::Role;

constexpr int iconSize = 12;

QLabel *label(QStatusBar &bar, const char *name)
{
    auto *made = new QLabel(&bar);
    made->setObjectName(QString::fromLatin1(name));
    made->setContentsMargins(0, 0, 2 * grid, 0);
    theme::setLook(made, Look::Muted);
    return made;
}

} // namespace

StatusStrip::StatusStrip(session::Context &context, topology::ChainModel &chain, QStatusBar &bar)
    : QObject(&bar)
    , m_context(context)
    , m_chain(chain)
{
    bar.setSizeGripEnabled(false);
    bar.setContentsMargins(grid, 0, grid, 0);
    auto *left = new QWidget(&bar);
    auto *row = new QHBoxLayout(left);
    row->setContentsMargins(grid, 0, 0, 0);
    row->setSpacing(6);
    m_icon = new QLabel(left);
    row->addWidget(m_icon);
    m_lab = label(bar, "statusLab");
    m_flow = label(bar, "statusFlow");
    m_hops = label(bar, "statusHops");
    m_dropped = label(bar, "statusDropped");
    m_project = label(bar, "statusProject");
    m_project->setContentsMargins(0, 0, grid, 0);
    for (QLabel *each : {m_lab, m_flow, m_hops, m_dropped})
        row->addWidget(each);
    bar.addWidget(left);
    bar.addPermanentWidget(m_project);

    connect(&context.lab, &session::LabSession::stateChanged, this, &StatusStrip::showLab);
    connect(&context.lab, &session::LabSession::nodeChanged, this, &StatusStrip::showLab);
    connect(&context.lab, &session::LabSession::logEntriesDropped, this, [this](quint64 total) {
        m_dropped->setText(total > 0 ? tr("%1 rows lost").arg(QLocale().toString(total)) : QString());
        m_dropped->setToolTip(
            tr("Log lines came faster than they could be handed on; the log files have them."));
    });
    connect(&chain, &topology::ChainModel::liveChanged, this, &StatusStrip::showFlow);
    connect(&chain, &topology::ChainModel::chainChanged, this, &StatusStrip::showHops);
    connect(&context.project, &session::ProjectSession::opened, this, &StatusStrip::showProject);
    connect(&context.project, &session::ProjectSession::closed, this, &StatusStrip::showProject);
    connect(&context.project, &session::ProjectSession::modifiedChanged, this, &StatusStrip::showProject);
    connect(&theme::Theme::instance(), &theme::Theme::changed, this, &StatusStrip::showLab);
    showLab();
    showHops();
    showProject();
}

void StatusStrip::showLab()
{
    const QList<control::NodeStatus> nodes = m_context.lab.nodes();
    const auto ready = static_cast<int>(std::count_if(nodes.begin(), nodes.end(), [](const auto &node) {
        return node.state == control::NodeState::Ready;
    }));
    const auto down = static_cast<int>(std::count_if(nodes.begin(), nodes.end(), [](const auto &node) {
        return node.state == control::NodeState::Exited || node.state == control::NodeState::Failed;
    }));
    QString icon = QStringLiteral("ring");
    Role role = Role::TextFaint;
    QString text;
    switch (m_context.lab.state()) {
    case session::LabState::Stopped:
        text = m_context.project.isOpen() ? tr("Lab stopped") : QString();
        m_dropped->clear();
        break;
    case session::LabState::Starting:
        role = Role::Accent;
        text = tr("Starting: %1 of %2 processes").arg(ready).arg(nodes.size());
        break;
    case session::LabState::Running:
        icon = down > 0 ? QStringLiteral("error") : QStringLiteral("disc");
        role = down > 0 ? Role::Bad : Role::Good;
        text = down > 0     ? tr("%1 of %2 processes down").arg(down).arg(nodes.size())
               : ready == 1 ? tr("1 process running")
                            : tr("%1 processes running").arg(ready);
        break;
    case session::LabState::Stopping:
        text = tr("Stopping the lab…");
        break;
    case session::LabState::Failed:
        icon = QStringLiteral("error");
        role = Role::Bad;
        text = tr("The lab failed");
        break;
    }
    m_icon->setPixmap(text.isEmpty() ? QPixmap()
                                     : theme::Theme::instance()
                                           .icon(icon, role)
                                           .pixmap(QSize(iconSize, iconSize), m_icon->devicePixelRatioF()));
    m_lab->setText(text);
    m_lab->setToolTip(m_context.lab.failure());
    showFlow();
}

void StatusStrip::showFlow()
{
    if (!m_chain.isLabRunning()) {
        m_flow->clear();
        return;
    }
    double rate = 0;
    double errors = 0;
    double slowest = -1;
    for (const topology::ChainNode &node : m_chain.chain().nodes) {
        if (!node.client)
            continue;
        const topology::Flow flow = m_chain.flowAt(node);
        rate += flow.perSecond;
        errors += flow.perSecond * std::max(0.0, flow.errorShare);
        slowest = std::max(slowest, flow.p99Ms);
    }
    QStringList parts;
    parts.append(tr("%1 rps").arg(QLocale().toString(rate, 'f', rate < 9.95 && rate > 0 ? 1 : 0)));
    if (rate > 0)
        parts.append(tr("%1 errors").arg(topology::shareText(errors / rate)));
    if (slowest >= 0)
        parts.append(tr("p99 %1").arg(topology::durationText(slowest)));
    m_flow->setText(parts.join(QStringLiteral(" · ")));
}

void StatusStrip::showHops()
{
    const auto &hops = m_chain.chain().hops;
    const auto plain =
        static_cast<int>(std::count_if(hops.begin(), hops.end(), [](const topology::ChainHop &hop) {
            return hop.kind == topology::HopKind::Plaintext;
        }));
    const auto broken =
        std::count_if(hops.begin(), hops.end(), [](const auto &hop) { return hop.isBroken(); });
    if (hops.empty())
        m_hops->clear();
    else if (broken > 0)
        m_hops->setText(broken == 1 ? tr("1 hop broken") : tr("%1 hops broken").arg(broken));
    else
        m_hops->setText(plain == 0   ? tr("All hops encrypted")
                        : plain == 1 ? tr("1 hop in plaintext")
                                     : tr("%1 hops in plaintext").arg(plain));
    theme::setLook(m_hops, broken > 0 ? Look::Bad : plain == 0 ? Look::Good : Look::Warning);
}

void StatusStrip::setProblems(int errors, int warnings)
{
    QStringList parts;
    if (errors > 0)
        parts.append(errors == 1 ? tr("1 error") : tr("%1 errors").arg(errors));
    if (warnings > 0)
        parts.append(warnings == 1 ? tr("1 warning") : tr("%1 warnings").arg(warnings));
    m_problems = parts.isEmpty() ? tr("no problems") : parts.join(QStringLiteral(", "));
    showProject();
}

void StatusStrip::showProject()
{
    if (!m_context.project.isOpen()) {
        m_project->clear();
        showLab();
        return;
    }
    QStringList parts{m_context.project.isModified() ? tr("unsaved changes") : tr("saved")};
    if (!m_problems.isEmpty())
        parts.append(m_problems);
    m_project->setText(parts.join(QStringLiteral(" · ")));
    m_project->setToolTip(m_context.project.folder());
    showLab();
}

} // namespace sallyport::shell
