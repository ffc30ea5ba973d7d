// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/plan.h"
#include "proxy/control/envoy_stats.h"
#include "proxy/control/log_follower.h"
#include "proxy/control/process_link.h"

#include <QTimer>
#include <optional>

class QNetworkAccessManager;

namespace sallyport::control {

/// The link to a real Envoy, which has no control channel: its admin listener says whether it is live and
/// what it counts, its access-log file is followed. A changed bootstrap restarts it.
class EnvoyLink : public ProcessLink
{
    Q_OBJECT

public:
    /// `network` outlives the link and lives on its thread.
    EnvoyLink(const lab::Process &process, QNetworkAccessManager *network, QObject *parent = nullptr);

    void open() override;
    void finish() override;
    void askStats() override;

private:
    void askReady();
    void readLog();

    lab::SocketAddress m_admin;
    QNetworkAccessManager *m_network;
    QTimer m_retry;
    QTimer m_follow;
    std::optional<LogFollower> m_log;
    EnvoyStats m_stats;
    bool m_ready = false;
    bool m_statsAsked = false;
};

} // namespace sallyport::control
