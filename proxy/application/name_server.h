// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/plan.h"
#include "core/result/result.h"

#include <QObject>
#include <memory>

class QUdpSocket;

namespace sallyport::application {

/// Stands for the DNS of a lab's clusters: answers what the data planes look up while they run, over UDP.
/// Names that it does not know do not exist. Lives on a thread with an event loop.
class NameServer : public QObject
{
    Q_OBJECT

public:
    explicit NameServer(QObject *parent = nullptr);
    ~NameServer() override;

    /// Answers at these addresses from now on, one for each mesh. Port 0: any, see port().
    Result<void> setServers(const std::vector<lab::NameServer> &servers);
    /// The port of the first.
    quint16 port() const;

private:
    struct Listener;
    void answer(Listener &listener) const;

    std::vector<std::unique_ptr<Listener>> m_listeners;
};

} // namespace sallyport::application
