// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/chain_model.h"

#include <QLocale>
#include <algorithm>
#include <cmath>

namespace sallyport::topology {

namespace {

constexpr auto tickInterval = std::chrono::milliseconds(500);

} // namespace

ChainModel::ChainModel(session::Context &context, QObject *parent)
    : QObject(parent)
    , m_context(context)
{
    m_worker.setMaxThreadCount(1);
    m_clock.start();
    m_tick.setInterval(tickInterval);
    connect(&m_tick, &QTimer::timeout, this, [this] {
        m_traffic.tick(m_clock.nsecsElapsed() / 1000);
        Q_EMIT liveChanged();
    });
    const session::ProjectSession &project = m_context.project;
    connect(&project, &session::ProjectSession::compiledChanged, this, &ChainModel::compute);
    connect(&project, &session::ProjectSession::closed, this, [this] {
        m_chain = Chain();
        Q_EMIT chainChanged();
    });
    const session::LabSession &lab = m_context.lab;
    connect(&lab, &session::LabSession::stateChanged, this, &ChainModel::onLabState);
    connect(&lab, &session::LabSession::nodeChanged, this, [this](const control::NodeStatus &status) {
        m_traffic.setNode(status);
        Q_EMIT liveChanged();
    });
    connect(&lab, &session::LabSession::statsChanged, this,
            [this](const QList<control::StatsSnapshot> &snapshots) { m_traffic.addStats(snapshots); });
    connect(&lab, &session::LabSession::certificatesChanged, this, &ChainModel::liveChanged);
    connect(&m_context.selection, &session::Selection::pathChanged, this, &ChainModel::liveChanged);
    compute();
    for (const control::NodeStatus &status : lab.nodes())
        m_traffic.setNode(status);
    onLabState();
}

ChainModel::~ChainModel()
{
    m_worker.waitForDone();
}

void ChainModel::onLabState()
{
    if (m_context.lab.state() == session::LabState::Stopped) {
        m_tick.stop();
        m_traffic.clear();
    } else if (!m_tick.isActive()) {
        m_traffic.tick(m_clock.nsecsElapsed() / 1000);
        m_tick.start();
    }
    Q_EMIT liveChanged();
}

void ChainModel::compute()
{
    const session::ProjectPtr project = m_context.project.project();
    const session::CompiledPtr compiled = m_context.project.compiled();
    const session::AddressesPtr addresses = m_context.project.addresses();
    if (!project || !compiled || !addresses)
        return;
    if (m_computing) {
        m_computeAgain = true;
        return;
    }
    m_computing = true;
    m_computeAgain = false;
    m_worker.start([this, project, compiled, addresses] {
        Chain chain = chainOf(*project, *compiled, *addresses);
        QMetaObject::invokeMethod(
            this,
            [this, chain = std::move(chain)]() mutable {
                m_computing = false;
                if (m_context.project.isOpen() && chain != m_chain) {
                    m_chain = std::move(chain);
                    Q_EMIT chainChanged();
                }
                if (m_computeAgain)
                    compute();
            },
            Qt::QueuedConnection);
    });
}

Flow ChainModel::flowAt(const ChainNode &node) const
{
    return m_traffic.atNode(node.name);
}

NodeLife ChainModel::lifeOf(const ChainNode &node) const
{
    return m_traffic.lifeOf(node.name);
}

QList<control::NodeStatus> ChainModel::processesOf(const ChainNode &node) const
{
    return m_traffic.processesOf(node.name);
}

HopLife ChainModel::lifeOf(const ChainHop &hop) const
{
    HopLife life;
    life.running = isLabRunning();
    life.flow = m_traffic.atCluster(hop.from, hop.statName.isEmpty() ? hop.cluster : hop.statName);
    const ChainNode *receiver = m_chain.findNode(hop.to);
    const NodeLife end = m_traffic.lifeOf(hop.to);
    const bool starting = m_context.lab.state() == session::LabState::Starting;
    if (receiver && life.running && !starting && end.processes > 0 && end.ready == 0 &&
        end.state != control::NodeState::Starting) {
        life.down = true;
        life.downText = tr("UF: %1 is down").arg(receiver->title);
    } else if (life.flow.failuresPerSecond > 0) {
        life.downText = tr("UF %1").arg(rateText(life.flow.failuresPerSecond));
    }
    for (const session::RequestPath::Step &step : m_context.selection.path().steps) {
        const bool same = workloadOf(step.proxy) == hop.from && step.cluster == hop.cluster &&
                          (step.next.isEmpty() || workloadOf(step.next) == hop.to);
        if (same) {
            life.lit = true;
            // What the receiver's proxy refused had arrived: the hop itself is in order.
            life.litRefused = step.refused && m_context.selection.path().endedAt != hop.to;
        }
    }
    return life;
}

bool ChainModel::isLit(const ChainNode &node) const
{
    const QList<session::RequestPath::Step> &steps = m_context.selection.path().steps;
    return hasEnded(node) || std::any_of(steps.begin(), steps.end(), [&node](const auto &step) {
               return workloadOf(step.proxy) == node.name ||
                      (!step.refused && workloadOf(step.next) == node.name);
           });
}

bool ChainModel::hasEnded(const ChainNode &node) const
{
    return m_context.selection.path().endedAt == node.name;
}

QDateTime ChainModel::certificateEnd(const ChainNode &node) const
{
    QDateTime end;
    for (const control::NodeStatus &status : processesOf(node)) {
        for (const session::NodeCertificate &certificate : m_context.lab.certificates()) {
            const bool own = certificate.process == status.process && !certificate.authority &&
                             certificate.secret == QLatin1String("default");
            if (own && (!end.isValid() || certificate.notAfter < end))
                end = certificate.notAfter;
        }
    }
    return end;
}

QString rateText(double perSecond)
{
    if (perSecond <= 0)
        return {};
    const QLocale locale;
    const int digits = perSecond < 9.95 ? 1 : 0;
    return locale.toString(perSecond, 'f', digits) + QStringLiteral("/s");
}

QString shareText(double share)
{
    if (share < 0)
        return QStringLiteral("–");
    const double percent = share * 100;
    const int digits = percent > 0 && percent < 9.95 ? 1 : 0;
    return QLocale().toString(percent, 'f', digits) + QStringLiteral(" %");
}

QString durationText(double milliseconds)
{
    if (milliseconds < 0 || std::isnan(milliseconds))
        return QStringLiteral("–");
    const QLocale locale;
    if (milliseconds < 0.05)
        return QStringLiteral("< 0.1 ms");
    if (milliseconds >= 1000)
        return locale.toString(milliseconds / 1000, 'f', 1) + QStringLiteral(" s");
    return locale.toString(milliseconds, 'f', milliseconds < 9.95 ? 1 : 0) + QStringLiteral(" ms");
}

QString remainingText(const QDateTime &end)
{
    constexpr qint64 minute = 60;
    constexpr qint64 hour = 60 * minute;
    constexpr qint64 day = 24 * hour;
    const qint64 seconds = QDateTime::currentDateTimeUtc().secsTo(end);
    if (seconds <= 0)
        return ChainModel::tr("expired");
    if (seconds < hour)
        return ChainModel::tr("%1 min").arg(seconds / minute);
    if (seconds < 2 * day)
        return ChainModel::tr("%1 h").arg(seconds / hour);
    return ChainModel::tr("%1 d").arg(seconds / day);
}

} // namespace sallyport::topology
