// SPDX-License-Identifier: GPL-3.0-or-later
// How a gateway stops taking connections and ends (envoy-behaviour.md 8).
#include "proxy/server/server.h"

#include "proxy/server/server_stats.h"

#include <QLoggingCategory>
#include <atomic>

namespace sallyport::server {

namespace {

Q_LOGGING_CATEGORY(logDrain, "main")

/// An answer of the admin interface still goes out.
constexpr std::chrono::milliseconds QuitDelay{50};

} // namespace

void Server::setHealthcheckFailed(bool failed)
{
    m_healthcheckFailed->store(failed);
    m_listeners->setDraining(failed || m_leaving, ListenerManager::DrainScope::AfterHealthcheck);
    m_serverStats->refresh(*this);
}

void Server::drainListeners(const admin::DrainRequest &request)
{
    if (!request.graceful) {
        m_listeners->stop(request.inboundOnly);
        return;
    }
    // What drains already goes on as it began.
    const Draining wanted = request.inboundOnly ? Draining::Inbound : Draining::All;
    if (m_draining >= wanted)
        return;
    m_draining = wanted;
    const admin::CommandLine &options = m_options.commandLine;
    m_listeners->drainWithin(options.drainTime, options.drainsAtOnce, request.inboundOnly);
    if (!request.skipExit) {
        QTimer::singleShot(options.drainTime, &m_graceTimer,
                           [this, inboundOnly = request.inboundOnly] { m_listeners->stop(inboundOnly); });
    }
}

void Server::drain()
{
    m_leaving = true;
    m_listeners->setDraining(true, ListenerManager::DrainScope::All);
    m_serverStats->refresh(*this);
}

void Server::stop(std::chrono::milliseconds grace)
{
    if (std::exchange(m_ending, true)) {
        // Told twice: somebody does not want to wait.
        exit();
        return;
    }
    qCInfo(logDrain, "draining: ends when no request runs, in %lld ms at the latest",
           static_cast<long long>(grace.count()));
    m_leaving = true;
    dropWarming();
    m_listeners->setDraining(true, ListenerManager::DrainScope::All);
    m_serverStats->refresh(*this);
    m_graceTimer.start(grace);
    m_listeners->stop(false, [this, alive = std::weak_ptr<void>(m_alive)] {
        if (alive.expired())
            return;
        auto left = std::make_shared<std::atomic<std::size_t>>(m_workers.size());
        for (const std::unique_ptr<Worker> &worker : m_workers) {
            worker->closeWhenIdle([this, alive, left] {
                if (left->fetch_sub(1) != 1)
                    return;
                m_dispatcher.post([this, alive] {
                    if (!alive.expired())
                        exit();
                });
            });
        }
    });
}

void Server::quit()
{
    m_ending = true;
    m_graceTimer.start(QuitDelay);
}

void Server::exit()
{
    if (std::exchange(m_exited, true))
        return;
    m_graceTimer.stop();
    if (m_onExit)
        m_onExit();
}

} // namespace sallyport::server
