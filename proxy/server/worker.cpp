// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/worker.h"

#include "proxy/net/tls_library.h"

#include <algorithm>

namespace sallyport::server {

namespace {

/// How often connections are looked at that are to be closed as soon as they are idle.
constexpr std::chrono::milliseconds IdleCheck{20};

bool contains(const std::vector<FilterChainPtr> &chains, const FilterChainPtr &chain)
{
    return std::find(chains.begin(), chains.end(), chain) != chains.end();
}

/// The chain of a new version that takes over what `old` had: of the same name and match, and different in
/// nothing but the terminal filter.
FilterChainPtr successorOf(const FilterChain &old, const Listener &listener)
{
    const auto comparable = [](dataplane::FilterChain chain) {
        if (!chain.filters.empty())
            chain.filters.pop_back();
        return chain;
    };
    const dataplane::FilterChain wanted = comparable(old.configuration());
    for (const FilterChainPtr &chain : listener.chains()) {
        const dataplane::FilterChain &configuration = chain->configuration();
        if (configuration.filters.size() == old.configuration().filters.size() &&
            configuration.match == wanted.match && comparable(configuration) == wanted)
            return chain;
    }
    return nullptr;
}

} // namespace

/// What lives on the worker's thread.
struct Worker::Core
{
    Core(unsigned index, net::EpollDispatcher &workerDispatcher, const OverloadState &overload)
        : dispatcher(workerDispatcher)
        , clusters(workerDispatcher)
        , random(std::random_device{}())
        , context{workerDispatcher, clusters, random, index, &lingering, &overload}
        , idleTimer(workerDispatcher, [this] { closeIdle(); })
    {
    }

    ActiveListener *listenerAt(const net::Address &address)
    {
        ActiveListener *wildcard = nullptr;
        for (const auto &[id, listener] : listeners) {
            for (const net::Address &own : listener->listener()->addresses()) {
                if (own == address)
                    return listener.get();
                if (own.isAny() && own.port() == address.port() && own.family() == address.family())
                    wildcard = listener.get();
            }
        }
        return wildcard;
    }

    void updateListeners(const ListenerUpdate &update)
    {
        for (const std::uint64_t id : update.stopped) {
            const auto found = listeners.find(id);
            if (found == listeners.end())
                continue;
            found->second->stop();
            listeners.erase(found);
        }
        // A socket may go from one listener to another: everybody lets go before anybody takes.
        for (const auto &[id, listener] : update.set) {
            if (const auto found = listeners.find(id); found != listeners.end())
                found->second->releaseSockets(*listener);
        }
        for (const auto &[id, listener] : update.set)
            setListener(id, listener);
    }

    void setListener(std::uint64_t id, const std::shared_ptr<const Listener> &listener)
    {
        std::unique_ptr<ActiveListener> &active = listeners[id];
        if (!active) {
            active = std::make_unique<ActiveListener>(
                context, connections, [this](const net::Address &address) { return listenerAt(address); },
                listener);
            active->setAccepting(accepting);
            return;
        }
        const std::shared_ptr<const Listener> old = active->listener();
        active->update(listener);
        connections.forEach([&](ActiveConnection &connection) {
            const FilterChainPtr &chain = connection.chain();
            if (listener->has(*chain))
                connection.keepUnder(listener);
            else if (old->has(*chain))
                connection.moveTo(successorOf(*chain, *listener));
        });
    }

    void setAccepting(bool on)
    {
        accepting = on;
        for (const auto &[id, listener] : listeners)
            listener->setAccepting(on);
    }

    void closeIdle()
    {
        connections.forEach([](ActiveConnection &connection) {
            if (connection.isIdle())
                connection.close("draining");
        });
        if (!connections.isEmpty()) {
            idleTimer.arm(IdleCheck);
        } else if (onEmpty) {
            std::exchange(onEmpty, nullptr)();
        }
    }

    net::EpollDispatcher &dispatcher;
    upstream::ClusterManager clusters;
    std::mt19937_64 random;
    Lingering lingering;
    WorkerContext context;
    DownstreamConnections connections;
    std::map<std::uint64_t, std::unique_ptr<ActiveListener>> listeners;
    net::Timer idleTimer;
    std::function<void()> onEmpty;
    bool accepting = true;
};

std::unique_ptr<net::Deferred> Lingering::release(const net::Deferred *object)
{
    const auto found = std::find_if(m_objects.begin(), m_objects.end(),
                                    [object](const auto &each) { return each.get() == object; });
    if (found == m_objects.end())
        return nullptr;
    std::unique_ptr<net::Deferred> released = std::move(*found);
    m_objects.erase(found);
    return released;
}

Worker::Worker(unsigned index, const OverloadState &overload)
    : m_index(index)
    , m_overload(overload)
    , m_dispatcher(new net::EpollDispatcher)
{
    setObjectName(QStringLiteral("worker_%1").arg(index - 1));
    setEventDispatcher(m_dispatcher);
}

Worker::~Worker()
{
    stop();
}

void Worker::run()
{
    telemetry::setWorkerIndex(m_index);
    net::useTlsLibraryOnThisThread();
    {
        Core core(m_index, *m_dispatcher, m_overload);
        m_core = &core;
        exec();
        core.listeners.clear();
        // As Envoy words it, whatever had become of the connection.
        core.connections.forEach([](ActiveConnection &connection) {
            connection.close("purging_socket_that_have_not_progressed_to_connections");
        });
        // What closed connections leave behind still refers to the clusters.
        m_dispatcher->processEvents(QEventLoop::AllEvents);
        m_core = nullptr;
    }
    m_dispatcher->processEvents(QEventLoop::AllEvents);
    net::leaveTlsLibraryOnThisThread();
    m_finished.store(true, std::memory_order_release);
}

void Worker::post(std::function<void(Core &)> task)
{
    if (m_dispatcher == nullptr)
        return;
    m_dispatcher->post([this, task = std::move(task)] {
        if (m_core != nullptr)
            task(*m_core);
    });
}

void Worker::setClusters(std::shared_ptr<const upstream::ClusterSet> clusters)
{
    post([clusters = std::move(clusters)](Core &core) { core.clusters.setClusters(clusters); });
}

void Worker::hostsChanged(const std::string &cluster, bool members)
{
    post([cluster, members](Core &core) { core.clusters.onHostsChanged(cluster, members); });
}

void Worker::updateListeners(ListenerUpdate update, std::function<void()> onDone)
{
    post([update = std::move(update), onDone = std::move(onDone)](Core &core) {
        core.updateListeners(update);
        onDone();
    });
}

void Worker::setAccepting(bool accepting)
{
    post([accepting](Core &core) { core.setAccepting(accepting); });
}

void Worker::drainConnectionsOf(std::vector<FilterChainPtr> chains)
{
    post([chains = std::move(chains)](Core &core) {
        core.connections.forEach([&](ActiveConnection &connection) {
            if (contains(chains, connection.chain()))
                connection.drain();
        });
    });
}

void Worker::closeConnectionsOf(std::vector<FilterChainPtr> chains)
{
    post([chains = std::move(chains)](Core &core) {
        core.connections.forEach([&](ActiveConnection &connection) {
            if (contains(chains, connection.chain()))
                connection.close("drain_timeout");
        });
    });
}

void Worker::closeWhenIdle(std::function<void()> onEmpty)
{
    post([onEmpty = std::move(onEmpty)](Core &core) {
        core.onEmpty = onEmpty;
        core.closeIdle();
    });
}

void Worker::stop()
{
    if (m_dispatcher == nullptr)
        return;
    if (isRunning()) {
        m_dispatcher->post([] { QThread::currentThread()->exit(); });
        wait();
        while (!m_finished.load(std::memory_order_acquire)) {
        }
    } else if (!isFinished()) {
        // Never started. Otherwise the thread's end has deleted it.
        delete m_dispatcher;
    }
    m_dispatcher = nullptr;
}

} // namespace sallyport::server
