// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/listener_manager.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>

namespace sallyport::server {

namespace {

bool isInbound(const Listener &listener)
{
    return listener.configuration().direction == dataplane::TrafficDirection::Inbound;
}

/// How long the memory of what was replaced may stay once the last user is gone.
constexpr std::chrono::milliseconds ReleaseInterval{1000};

using Sockets = std::vector<std::shared_ptr<ListenSocket>>;

/// Closes those of `old` that are not in `kept`. Listeners may be held by their connections for long.
void closeSockets(const Sockets &old, const Sockets &kept)
{
    for (const std::shared_ptr<ListenSocket> &socket : old) {
        if (std::find(kept.begin(), kept.end(), socket) == kept.end())
            socket->close();
    }
}

/// Calls `done` on this thread once it was called for each worker.
std::function<void()> whenAll(std::size_t count, std::function<void()> done)
{
    net::EpollDispatcher *dispatcher = net::EpollDispatcher::current();
    auto left = std::make_shared<std::atomic<std::size_t>>(count);
    return [left, dispatcher, done = std::move(done)] {
        if (left->fetch_sub(1) == 1)
            dispatcher->post(done);
    };
}

} // namespace

ListenerManager::ListenerManager(const std::vector<std::unique_ptr<Worker>> &workers,
                                 telemetry::StatsStore &stats, std::chrono::milliseconds drainTime)
    : m_workers(workers)
    , m_drainTime(drainTime)
    , m_added(stats.counter("listener_manager.listener_added"))
    , m_modified(stats.counter("listener_manager.listener_modified"))
    , m_removed(stats.counter("listener_manager.listener_removed"))
    , m_stopped(stats.counter("listener_manager.listener_stopped"))
    , m_createSuccess(stats.counter("listener_manager.listener_create_success"))
    , m_createFailure(stats.counter("listener_manager.listener_create_failure"))
    , m_inPlaceUpdated(stats.counter("listener_manager.listener_in_place_updated"))
    , m_totalActive(stats.gauge("listener_manager.total_listeners_active"))
    , m_totalWarming(stats.gauge("listener_manager.total_listeners_warming"))
    , m_chainsDraining(stats.gauge("listener_manager.total_filter_chains_draining"))
{
    stats.gauge("listener_manager.total_listeners_draining");
    m_totalActive.set(0);
    m_totalWarming.set(0);
    m_release.setSingleShot(true);
    QObject::connect(&m_release, &QTimer::timeout, &m_timers, [this] { releaseUnused(); });
}

ListenerManager::~ListenerManager() = default;

std::vector<std::shared_ptr<const Listener>> ListenerManager::listeners() const
{
    std::vector<std::shared_ptr<const Listener>> list;
    for (const Active &active : m_active)
        list.push_back(active.listener);
    return list;
}

Result<std::vector<ListenerManager::Prepared>> ListenerManager::prepare(const ListenerContext &context,
                                                                        bool bind)
{
    std::vector<Prepared> prepared;
    std::vector<std::string> paths;
    std::set<std::string> names;
    std::map<net::Address, std::string> owners;
    const std::vector<dataplane::Listener> &wanted = context.configuration->bootstrap.listeners;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const std::string path = "static_resources.listeners[" + std::to_string(i) + ']';
        // Envoy takes the first of several listeners of one name.
        if (!wanted[i].name.empty() && !names.insert(wanted[i].name).second)
            continue;
        const auto running = std::find_if(m_active.begin(), m_active.end(), [&](const Active &active) {
            const dataplane::Listener &configuration = active.listener->configuration();
            return wanted[i].name.empty()
                       ? configuration.name.empty() && configuration.address == wanted[i].address
                       : configuration.name == wanted[i].name;
        });
        Prepared next;
        if (running != m_active.end()) {
            next.id = running->id;
            next.existed = true;
            if (running->listener->configuration() == wanted[i] && !running->stopped) {
                next.listener = running->listener;
                next.changed = false;
            }
        } else {
            next.id = m_nextId++;
        }
        if (next.changed) {
            Result<std::shared_ptr<Listener>> listener =
                Listener::create(wanted[i], path, next.existed ? running->listener.get() : nullptr, context);
            if (!listener)
                return fail(listener.error());
            next.listener = *listener;
        }
        for (const net::Address &address : next.listener->addresses()) {
            // One that is not bound has its address all the same.
            if (address.isIp() && address.port() == 0)
                continue;
            const auto [owner, isFree] = owners.emplace(address, next.listener->name());
            if (!isFree)
                return fail("listener '" + next.listener->name() + "' has the address " + address.toString() +
                                " that listener '" + owner->second + "' has already",
                            Place{path + ".address", 0, 0});
        }
        prepared.push_back(std::move(next));
        paths.push_back(path + ".address");
    }
    for (std::size_t i = 0; bind && i < prepared.size(); ++i) {
        if (!prepared[i].changed || !prepared[i].listener->configuration().bindToPort)
            continue;
        if (Result<void> bound = bindSockets(*prepared[i].listener, paths[i]); !bound)
            return fail(bound.error());
    }
    return prepared;
}

std::shared_ptr<ListenSocket> ListenerManager::boundSocket(const net::Address &address,
                                                           const std::string &name, bool reusePort) const
{
    for (const Active &active : m_active) {
        if (active.stopped)
            continue;
        for (const std::shared_ptr<ListenSocket> &socket : active.listener->sockets()) {
            // A free port that was found once belongs to its listener.
            const bool sameOwner = address.port() != 0 || !address.isIp() || active.listener->name() == name;
            if (socket->wanted() == address && sameOwner &&
                (socket->reusesPort() == reusePort || !address.isIp()))
                return socket;
        }
    }
    return nullptr;
}

Result<void> ListenerManager::bindSockets(Listener &listener, const std::string &path)
{
    const dataplane::Listener &configuration = listener.configuration();
    const bool reusePort = configuration.enableReusePort.value_or(true);
    Sockets sockets;
    for (const net::Address &address : listener.addresses()) {
        std::shared_ptr<ListenSocket> socket = boundSocket(address, listener.name(), reusePort);
        if (!socket) {
            net::ListenOptions options;
            options.transparent = configuration.transparent.value_or(false);
            Result<std::shared_ptr<ListenSocket>> bound =
                ListenSocket::bind(address, static_cast<unsigned>(m_workers.size()), reusePort, options);
            if (!bound) {
                m_createFailure.inc();
                Error error = bound.error();
                error.where.file = path;
                error.what = "listener '" + listener.name() + "': " + error.what;
                return fail(std::move(error));
            }
            socket = *bound;
        }
        sockets.push_back(std::move(socket));
    }
    listener.setSockets(std::move(sockets));
    return {};
}

Result<void> ListenerManager::commit(std::vector<Prepared> prepared, std::function<void()> onDone)
{
    Result<void> problem;
    ListenerUpdate update;
    Sockets before;
    Sockets kept;
    std::vector<FilterChainPtr> gone;
    std::vector<FilterChainPtr> ofRemoved;
    // Changes that come quicker than the timer do not pile up.
    releaseUnused();
    std::vector<Active> old = std::exchange(m_active, {});
    for (Prepared &next : prepared) {
        kept.insert(kept.end(), next.listener->sockets().begin(), next.listener->sockets().end());
        m_active.push_back({next.id, next.listener, false});
        if (!next.changed)
            continue;
        update.set.emplace_back(next.id, next.listener);
        // Chains that are kept may come from a listener that was drained before.
        for (const FilterChainPtr &chain : next.listener->chains()) {
            chain->setDraining(false);
            chain->dropDeadline();
        }
        const int backlog =
            static_cast<int>(next.listener->configuration().tcpBacklogSize.value_or(net::DefaultBacklog));
        for (const std::shared_ptr<ListenSocket> &socket : next.listener->sockets()) {
            if (Result<void> listening = socket->listen(backlog); !listening && problem)
                problem = listening;
        }
        m_createSuccess.add(m_workers.size());
        (next.existed ? m_modified : m_added).inc();
    }
    for (Active &each : old) {
        before.insert(before.end(), each.listener->sockets().begin(), each.listener->sockets().end());
        const auto next = std::find_if(prepared.begin(), prepared.end(),
                                       [&](const Prepared &candidate) { return candidate.id == each.id; });
        if (next == prepared.end()) {
            m_removed.inc();
            update.stopped.push_back(each.id);
            ofRemoved.insert(ofRemoved.end(), each.listener->chains().begin(), each.listener->chains().end());
        }
        std::size_t chainsKept = 0;
        for (const FilterChainPtr &chain : each.listener->chains()) {
            if (next != prepared.end() && next->listener->has(*chain))
                ++chainsKept;
            else
                gone.push_back(chain);
        }
        if (next != prepared.end() && next->changed && chainsKept != 0)
            m_inPlaceUpdated.inc();
        if (next == prepared.end() || next->changed)
            m_replaced.push_back(std::move(each.listener));
    }
    const std::function<void()> done = whenAll(
        m_workers.size(), [before = std::move(before), kept = std::move(kept), onDone = std::move(onDone)] {
            closeSockets(before, kept);
            onDone();
        });
    for (const std::unique_ptr<Worker> &worker : m_workers) {
        worker->updateListeners(update, done);
        if (!ofRemoved.empty())
            worker->drainConnectionsOf(ofRemoved);
    }
    drain(std::move(gone));
    m_release.start(ReleaseInterval);
    updateGauges();
    return problem;
}

void ListenerManager::drain(std::vector<FilterChainPtr> chains)
{
    if (chains.empty())
        return;
    for (const FilterChainPtr &chain : chains)
        chain->setDraining(true);
    m_drainingChains += chains.size();
    updateGauges();
    // Only connections keep a chain that drains: a thousand changes within one drain time cost no memory.
    const std::vector<std::weak_ptr<const FilterChain>> draining(chains.begin(), chains.end());
    m_leaving.insert(m_leaving.end(), chains.begin(), chains.end());
    QTimer::singleShot(m_drainTime, &m_timers, [this, draining] {
        std::vector<FilterChainPtr> used;
        for (const std::weak_ptr<const FilterChain> &chain : draining) {
            if (FilterChainPtr left = chain.lock())
                used.push_back(std::move(left));
        }
        for (const std::unique_ptr<Worker> &worker : m_workers)
            worker->closeConnectionsOf(used);
        m_drainingChains -= draining.size();
        updateGauges();
    });
}

void ListenerManager::releaseUnused()
{
    // Who else could take a reference has one already: nobody.
    const auto isOurs = [](const auto &object) { return object.use_count() == 1; };
    std::erase_if(m_replaced, isOurs);
    std::erase_if(m_leaving, isOurs);
    if (!m_replaced.empty() || !m_leaving.empty())
        m_release.start(ReleaseInterval);
}

void ListenerManager::updateGauges()
{
    m_totalActive.set(static_cast<std::int64_t>(m_active.size()));
    // Envoy does not touch it before the first one drains.
    if (const auto chains = static_cast<std::int64_t>(m_drainingChains); chains != m_chainsDraining.value())
        m_chainsDraining.set(chains);
}

void ListenerManager::setDraining(bool draining, DrainScope scope)
{
    for (const Active &active : m_active) {
        if (scope == DrainScope::AfterHealthcheck &&
            active.listener->configuration().drainType == dataplane::Listener::DrainType::ModifyOnly)
            continue;
        for (const FilterChainPtr &chain : active.listener->chains())
            chain->setDraining(draining);
        // A failed health check only shows at the next answer: whoever sends nothing is left alone.
        for (const std::unique_ptr<Worker> &worker : m_workers) {
            if (draining && scope != DrainScope::AfterHealthcheck)
                worker->drainConnectionsOf(active.listener->chains());
        }
    }
}

void ListenerManager::drainWithin(std::chrono::seconds time, bool atOnce, bool inboundOnly)
{
    // As Envoy 1.40 drains (measured): the share of answers that close is that of the whole seconds which are
    // gone in half of the drain time, so that in its other half all do. None in the first second: the
    // deadline is the last moment of the second that begins when the half is over.
    const std::chrono::seconds ramp((time.count() + 1) / 2);
    const net::Clock::time_point now = net::Clock::now();
    const net::Clock::time_point deadline =
        atOnce ? now : now + ramp + std::chrono::seconds(1) - std::chrono::nanoseconds(1);
    for (const Active &active : m_active) {
        if (inboundOnly && !isInbound(*active.listener))
            continue;
        for (const FilterChainPtr &chain : active.listener->chains())
            chain->drainUntil(deadline, ramp);
    }
}

void ListenerManager::stop(bool inboundOnly, std::function<void()> onStopped)
{
    std::vector<Active *> stopping;
    for (Active &active : m_active) {
        if (!active.stopped && (!inboundOnly || isInbound(*active.listener)))
            stopping.push_back(&active);
    }
    if (stopping.empty()) {
        if (onStopped)
            net::EpollDispatcher::current()->post(std::move(onStopped));
        return;
    }
    Sockets closing;
    for (const Active *active : stopping) {
        const Sockets &sockets = active->listener->sockets();
        closing.insert(closing.end(), sockets.begin(), sockets.end());
    }
    ListenerUpdate update;
    for (Active *active : stopping) {
        active->stopped = true;
        m_stopped.inc();
        update.stopped.push_back(active->id);
    }
    const std::function<void()> done =
        whenAll(m_workers.size(), [closing = std::move(closing), onStopped = std::move(onStopped)] {
            closeSockets(closing, {});
            if (onStopped)
                onStopped();
        });
    for (const std::unique_ptr<Worker> &worker : m_workers)
        worker->updateListeners(update, done);
}

} // namespace sallyport::server
