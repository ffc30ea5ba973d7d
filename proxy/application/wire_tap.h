// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/expectations.h"
#include "core/lab/plan.h"

#include <QObject>
#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

class QTcpServer;

namespace sallyport::application {

/// Looks at what passes between the workloads of a lab that was planned with taps: stands before every port
/// and hands the bytes on unchanged, from the client's own address. Lives on a thread with an event loop;
/// activeSince() may be called from any.
class WireTap : public QObject
{
    Q_OBJECT

public:
    explicit WireTap(QObject *parent = nullptr);
    ~WireTap() override;

    /// Begins to listen; where it listens already it goes on. Keeps a copy of what it needs of the plan.
    Result<void> setPlan(const lab::LabPlan &plan);

    using Clock = std::chrono::steady_clock;
    /// The connections that carried bytes since then, and what they began with.
    std::vector<lab::SeenWire> activeSince(Clock::time_point then) const;

private:
    struct Connection
    {
        lab::SeenWire wire;
        Clock::time_point lastBytes;
    };
    struct Listener
    {
        lab::Tap tap;
        std::unique_ptr<QTcpServer> server;
    };
    void accept(QTcpServer *server, const lab::Tap &tap);
    void forgetEnded();
    void saw(const std::shared_ptr<Connection> &connection, bool fromClient, const QByteArray &bytes);

    std::map<std::string, std::string> m_names;
    std::vector<Listener> m_listeners;
    mutable std::mutex m_mutex;
    std::vector<std::shared_ptr<Connection>> m_connections;
    std::size_t m_forgetAt = 256; ///< connections that ended are looked for when there are so many
};

/// What the first bytes of a connection are: a TLS ClientHello, with its server name, or plaintext.
void describeFirstBytes(const QByteArray &bytes, lab::SeenWire &wire);

} // namespace sallyport::application
