// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/plan.h"
#include "proxy/control/process_link.h"

#include <QTimer>
#include <vector>

namespace sallyport::control {

/// The link to an application: it is ready when all of its ports take connections.
class ApplicationLink : public ProcessLink
{
    Q_OBJECT

public:
    explicit ApplicationLink(const std::vector<lab::ListenAddress> &ports, QObject *parent = nullptr);
    void open() override;

private:
    void tryNext();

    std::vector<lab::SocketAddress> m_ports; ///< not seen to be open yet
    QTimer m_retry;
};

} // namespace sallyport::control
