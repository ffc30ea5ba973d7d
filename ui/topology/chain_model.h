// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/context.h"
#include "ui/topology/chain.h"
#include "ui/topology/live_traffic.h"

#include <QElapsedTimer>
#include <QObject>
#include <QThreadPool>
#include <QTimer>

namespace sallyport::topology {

/// How a hop is right now.
struct HopLife
{
    Flow flow;
    bool running = false;    ///< the lab runs
    bool down = false;       ///< nobody answers at the other end: requests end with UF
    QString downText;        ///< `UF: istio-ingressgateway is down`
    bool lit = false;        ///< on the way of the selected request
    bool litRefused = false; ///< the selected request ended here
    bool operator==(const HopLife &) const = default;
};

/// The open project's chain with what the running lab tells of it. GUI thread; the walk through the
/// bootstraps runs on a worker.
class ChainModel : public QObject
{
    Q_OBJECT

public:
    explicit ChainModel(session::Context &context, QObject *parent = nullptr);
    ~ChainModel() override;

    const Chain &chain() const { return m_chain; }
    session::Context &context() const { return m_context; }

    bool isLabRunning() const { return m_context.lab.isRunning(); }
    Flow flowAt(const ChainNode &node) const;
    NodeLife lifeOf(const ChainNode &node) const;
    HopLife lifeOf(const ChainHop &hop) const;
    QList<control::NodeStatus> processesOf(const ChainNode &node) const;
    /// When the workload's own certificate ends; invalid while the lab does not run.
    QDateTime certificateEnd(const ChainNode &node) const;
    /// The selected request passed here.
    bool isLit(const ChainNode &node) const;
    /// The selected request was ended here.
    bool hasEnded(const ChainNode &node) const;

Q_SIGNALS:
    /// chain() is another.
    void chainChanged();
    /// Rates, states or the selected request's way changed.
    void liveChanged();

private:
    void compute();
    void onLabState();

    session::Context &m_context;
    Chain m_chain;
    LiveTraffic m_traffic;
    QThreadPool m_worker;
    QTimer m_tick;
    QElapsedTimer m_clock;
    bool m_computing = false;
    bool m_computeAgain = false;
};

/// `42/s`, `0.4/s`; empty for nothing.
QString rateText(double perSecond);
/// `4.8 %`
QString shareText(double share);
/// `3.1 ms`, `12 ms`, `1.2 s`
QString durationText(double milliseconds);
/// `71 d`, `23 h`, `5 min`, `expired`
QString remainingText(const QDateTime &end);

} // namespace sallyport::topology
