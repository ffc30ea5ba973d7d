// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/server.h"

#include "proxy/admin/admin_server.h"
#include "proxy/admin/admin_traffic.h"
#include "proxy/net/key_log.h"
#include "proxy/net/tls_library.h"
#include "proxy/server/host_lookups.h"
#include "proxy/server/name_servers.h"
#include "proxy/server/node_check.h"
#include "proxy/server/secret_stats.h"
#include "proxy/server/server_stats.h"
#include "proxy/telemetry/kept_names.h"

#include <algorithm>
#include <atomic>
#include <map>

namespace sallyport::server {

namespace {

constexpr std::chrono::seconds DefaultStatsFlush{5};

} // namespace

Server::Server(net::EpollDispatcher &dispatcher, ServerOptions options)
    : m_dispatcher(dispatcher)
    , m_options(std::move(options))
    , m_stats(std::make_unique<telemetry::StatsStore>(m_options.commandLine.concurrency + 1))
    , m_logFiles(std::make_unique<telemetry::LogFiles>(m_options.logFlushInterval))
    , m_serverStats(std::make_unique<ServerStats>(*m_stats, m_options.commandLine.concurrency))
    , m_secretStats(std::make_unique<SecretStats>(*m_stats))
    , m_secrets(std::make_unique<net::SecretStore>(std::vector<dataplane::Secret>(), m_secretStats.get()))
    , m_configuration(std::make_shared<const Configuration>())
    , m_startedAt(std::chrono::steady_clock::now())
{
    m_overload = std::make_unique<OverloadManager>(*m_stats, [this](bool accepting) {
        for (const std::unique_ptr<Worker> &worker : m_workers)
            worker->setAccepting(accepting);
    });
    net::tlsLibrary(); // before there is a second thread, see there
    for (unsigned i = 1; i <= m_options.commandLine.concurrency; ++i)
        m_workers.push_back(std::make_unique<Worker>(i, m_overload->state()));
    m_admin = std::make_unique<admin::AdminServer>(m_dispatcher, *this);
    m_listeners = std::make_unique<ListenerManager>(m_workers, *m_stats, m_options.commandLine.drainTime);
    using Change = upstream::HostResolution::Change;
    m_resolution = std::make_unique<upstream::HostResolution>(
        &m_dispatcher, *m_stats, [this](const std::string &name, Change change) {
            if (m_live) {
                m_serverStats->countClusterUpdate(std::chrono::steady_clock::now(), change == Change::Health);
                m_configuration->clusters->recountZones(name);
            }
            for (const std::unique_ptr<Worker> &worker : m_workers)
                worker->hostsChanged(name, change == Change::Members);
        });
    QObject::connect(&m_statsTimer, &QTimer::timeout, &m_statsTimer, [this] {
        m_serverStats->refresh(*this);
        // Where the admin interface flushes, nothing else does.
        if (m_configuration->bootstrap.statsFlushOnAdmin.value_or(false))
            m_stats->dropUnused();
        else
            flushStats();
    });
    m_graceTimer.setSingleShot(true);
    QObject::connect(&m_graceTimer, &QTimer::timeout, &m_graceTimer, [this] { exit(); });
    m_secretStats->setOnUpdate([this] {
        if (m_onChanged)
            m_onChanged();
    });
}

Server::~Server()
{
    for (const std::unique_ptr<Worker> &worker : m_workers)
        worker->stop();
    m_logFiles->flushAll();
}

ListenerContext Server::listenerContext(const std::shared_ptr<const Configuration> &configuration)
{
    return {*m_stats,
            *m_logFiles,
            m_options.logListener,
            *m_secrets,
            m_openConnections,
            configuration,
            m_options.commandLine.concurrency,
            m_healthcheckFailed};
}

Result<std::shared_ptr<const Configuration>> Server::makeConfiguration(dataplane::Bootstrap bootstrap)
{
    auto configuration = std::make_shared<Configuration>();
    configuration->bootstrap = std::move(bootstrap);
    spreadNameServers(configuration->bootstrap);
    addHostLookups(configuration->bootstrap);
    dataplane::Bootstrap::Node &node = configuration->bootstrap.node;
    m_secrets->setNodeKnown(nameNode(node, m_options.nodeId, m_options.nodeCluster));
    if (Result<void> known = checkNode(configuration->bootstrap); !known)
        return fail(known.error());
    auto clusters = upstream::ClusterSet::create(configuration->bootstrap.clusters, *m_stats, *m_secrets,
                                                 {node.locality, configuration->bootstrap.localClusterName},
                                                 m_configuration->clusters.get());
    if (!clusters)
        return fail(clusters.error());
    configuration->clusters = *clusters;
    return std::shared_ptr<const Configuration>(std::move(configuration));
}

Result<void> Server::validate(const QByteArray &bootstrap, ServerOptions options)
{
    Result<dataplane::Bootstrap> decoded = dataplane::decodeBootstrap(bootstrap);
    if (!decoded)
        return fail(decoded.error());
    if (const auto statsForms = admin::StatsForms::create(decoded->statsConfig); !statsForms)
        return fail(statsForms.error());
    Server server(*net::EpollDispatcher::current(), std::move(options));
    server.m_secrets->setBootstrapSecrets(decoded->secrets);
    auto configuration = server.makeConfiguration(std::move(*decoded));
    if (!configuration)
        return fail(configuration.error());
    auto listeners = server.m_listeners->prepare(server.listenerContext(*configuration), false);
    if (!listeners)
        return fail(listeners.error());
    if (const auto &admin = (*configuration)->bootstrap.admin) {
        const auto traffic = admin::AdminTraffic::create(*admin, *server.m_stats, *server.m_logFiles);
        if (!traffic)
            return fail(traffic.error());
    }
    return {};
}

Result<void> Server::start(const QByteArray &bootstrap, std::function<void()> onLive)
{
    m_onLive = std::move(onLive);
    for (const std::unique_ptr<Worker> &worker : m_workers)
        worker->start();
    return apply(bootstrap, {});
}

void Server::applyBootstrap(const QByteArray &bootstrap, Applied onApplied)
{
    if (Result<void> prepared = apply(bootstrap, onApplied); !prepared)
        onApplied(prepared);
}

Result<void> Server::apply(const QByteArray &text, Applied onApplied)
{
    Result<dataplane::Bootstrap> bootstrap = dataplane::decodeBootstrap(text, m_adminRuntime);
    if (!bootstrap)
        return fail(bootstrap.error());
    if (m_ending)
        return fail("the gateway is about to end and takes no new configuration");
    Result<admin::StatsForms> statsForms = admin::StatsForms::create(bootstrap->statsConfig);
    if (!statsForms)
        return fail(statsForms.error());
    const std::vector<dataplane::Secret> secretsBefore = m_configuration->bootstrap.secrets;
    m_secrets->setBootstrapSecrets(bootstrap->secrets);
    const auto undo = [&](const Error &error) {
        m_secrets->setBootstrapSecrets(secretsBefore);
        return fail(error);
    };
    auto configuration = makeConfiguration(std::move(*bootstrap));
    if (!configuration)
        return undo(configuration.error());
    // What still warms is not in use: its sockets and contexts go before others take their place.
    dropWarming();
    auto listeners = m_listeners->prepare(listenerContext(*configuration), true);
    if (!listeners)
        return undo(listeners.error());
    if (Result<void> admin = m_admin->configure((*configuration)->bootstrap.admin); !admin)
        return undo(admin.error());
    m_bootstrapText = text;
    m_statsForms = std::move(*statsForms);
    m_stats->setKeeps(telemetry::keptNames((*configuration)->bootstrap.statsConfig));
    m_serverStats->countRuntimeLoad((*configuration)->bootstrap);
    // At the start clusters count before they have warmed.
    if (!m_configuration->clusters)
        countClusters(*(*configuration)->clusters);
    m_warming = Warming{*configuration, std::move(*listeners), std::move(onApplied)};
    m_resolution->start((*configuration)->clusters, [this] { goLive(); });
    return {};
}

void Server::dropWarming()
{
    const Applied onApplied = m_warming ? std::move(m_warming->onApplied) : Applied();
    m_warming.reset();
    if (onApplied)
        onApplied(fail("another change came before this one was in effect"));
}

/// What `clusters` change of those that there are.
void Server::countClusters(const upstream::ClusterSet &clusters)
{
    std::size_t added = 0;
    std::size_t modified = 0;
    std::size_t kept = 0;
    const upstream::ClusterSet *before = m_configuration->clusters.get();
    for (const auto &[name, cluster] : clusters.all()) {
        const upstream::ClusterInfoPtr old = before != nullptr ? before->find(name) : nullptr;
        added += old ? 0 : 1;
        modified += old && old != cluster ? 1 : 0;
        kept += old ? 1 : 0;
    }
    m_serverStats->countClusterChange(added, modified, before != nullptr ? before->all().size() - kept : 0);
    m_serverStats->setClusters(clusters.all().size());
}

void Server::goLive()
{
    if (!m_warming || m_ending)
        return;
    Warming warmed = std::move(*m_warming);
    m_warming.reset();

    if (m_configuration->clusters)
        countClusters(*warmed.configuration->clusters);
    for (const auto &[name, cluster] : warmed.configuration->clusters->all()) {
        const bool known = m_configuration->clusters && m_configuration->clusters->find(name) == cluster;
        if (!known && cluster != warmed.configuration->clusters->localCluster())
            warmed.configuration->clusters->recountZones(name);
    }

    m_configuration = warmed.configuration;
    m_overload->configure(m_configuration->bootstrap.overloadManager);
    // Envoy, too, reads them a second time when its clusters are ready at first.
    if (!m_live)
        m_serverStats->countRuntimeLoad(m_configuration->bootstrap);
    m_configuredAt = std::chrono::system_clock::now();
    const auto runtime = dataplane::RuntimeLayers::read(m_configuration->bootstrap.runtimeLayers);
    for (const auto &[name, cluster] : m_configuration->clusters->all())
        cluster->setMaintenance(runtime.number("upstream.maintenance_mode." + name).value_or(0));
    for (const std::unique_ptr<Worker> &worker : m_workers)
        worker->setClusters(m_configuration->clusters);
    const auto inEffect = [this, alive = std::weak_ptr<void>(m_alive),
                           onApplied = std::move(warmed.onApplied)] {
        if (alive.expired())
            return;
        if (onApplied)
            onApplied({});
        if (!std::exchange(m_live, true)) {
            m_serverStats->setInitializationTime(std::chrono::duration_cast<std::chrono::milliseconds>(
                std::chrono::steady_clock::now() - m_startedAt));
            if (m_onLive)
                m_onLive();
        }
        m_serverStats->refresh(*this);
        if (m_onChanged)
            m_onChanged();
    };
    if (Result<void> committed = m_listeners->commit(std::move(warmed.listeners), inEffect); !committed) {
        if (m_onProblem)
            m_onProblem(committed.error());
    }
    const auto flush = std::chrono::duration_cast<std::chrono::milliseconds>(
        m_configuration->bootstrap.statsFlushInterval.value_or(DefaultStatsFlush));
    m_statsTimer.start(std::max(flush, std::chrono::milliseconds(1)));
}

net::Address Server::adminAddress() const
{
    return m_admin->address();
}

admin::Lifecycle Server::lifecycle() const
{
    // What clusters wait for comes first, then the listeners.
    if (!m_live)
        return m_configuration->clusters ? admin::Lifecycle::Initializing : admin::Lifecycle::PreInitializing;
    // Listeners that drain (`/drain_listeners`) do not make a server that does, in Envoy.
    return m_healthcheckFailed->load() || m_leaving ? admin::Lifecycle::Draining : admin::Lifecycle::Live;
}

std::vector<admin::ListenerStatus> Server::listeners() const
{
    std::vector<admin::ListenerStatus> statuses;
    for (const std::shared_ptr<const Listener> &listener : m_listeners->listeners()) {
        admin::ListenerStatus status;
        status.name = listener->name();
        std::vector<net::Address> addresses = listener->addresses();
        const auto &sockets = listener->sockets();
        for (std::size_t i = 0; i < sockets.size() && i < addresses.size(); ++i)
            addresses[i] = sockets[i]->address();
        status.address = addresses.front();
        status.additional.assign(addresses.begin() + 1, addresses.end());
        statuses.push_back(std::move(status));
    }
    return statuses;
}

std::vector<std::vector<net::CertificateInUse>> Server::listenerCertificates() const
{
    std::vector<std::vector<net::CertificateInUse>> all;
    for (const std::shared_ptr<const Listener> &listener : m_listeners->listeners()) {
        for (const FilterChainPtr &chain : listener->chains()) {
            if (chain->tls() != nullptr)
                all.push_back(chain->tls()->certificates());
        }
    }
    return all;
}

void Server::reopenLogs()
{
    m_logFiles->reopenAll();
    net::KeyLog::reopenAll();
}

void Server::refreshStats()
{
    m_serverStats->refresh(*this);
    // As in Envoy, what the flush brings is for the next who asks.
    if (m_configuration->bootstrap.statsFlushOnAdmin.value_or(false))
        m_dispatcher.post([this, alive = std::weak_ptr<void>(m_alive)] {
            if (!alive.expired())
                flushStats();
        });
}

void Server::flushStats()
{
    m_serverStats->flushState(*this);
    m_stats->dropUnused();
    m_stats->flush();
}

Result<void> Server::modifyRuntime(const std::map<std::string, std::string> &values)
{
    const std::vector<dataplane::RuntimeLayer> &layers = m_configuration->bootstrap.runtimeLayers;
    if (std::none_of(layers.begin(), layers.end(), [](const auto &layer) { return layer.isAdmin; }))
        return fail("No admin layer specified");
    const QJsonObject before = m_adminRuntime;
    for (const auto &[key, value] : values) {
        const QString name = QString::fromStdString(key);
        if (value.empty())
            m_adminRuntime.remove(name);
        else
            m_adminRuntime[name] = dataplane::runtimeValue(value);
    }
    // Another runtime is another configuration: what it does not change stays as it is.
    Result<void> applied = apply(m_bootstrapText, {});
    if (!applied)
        m_adminRuntime = before;
    m_serverStats->setAdminOverrides(!m_adminRuntime.isEmpty());
    return applied;
}

} // namespace sallyport::server
