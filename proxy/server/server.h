// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/admin/server_state.h"
#include "proxy/control/control_server.h"
#include "proxy/server/listener_manager.h"
#include "proxy/server/overload_manager.h"

#include <QTimer>
#include <atomic>
#include <functional>
#include <memory>

namespace sallyport::admin {
class AdminServer;
}

namespace sallyport::server {

class SecretStats;
class ServerStats;

/// How a gateway runs, beside its bootstrap.
struct ServerOptions
{
    admin::CommandLine commandLine;
    /// Logs files are written this often at least.
    std::chrono::milliseconds logFlushInterval{250};
    /// SIGTERM waits this long for requests to end.
    std::chrono::milliseconds grace{2000};
    std::string logPath;                           ///< of the process's own messages; empty: standard error
    std::string nodeId;                            ///< where the bootstrap has none
    std::string nodeCluster;                       ///< the same
    telemetry::LogListener *logListener = nullptr; ///< the control channel; outlives the server
};

/// One gateway process: takes a bootstrap, runs it, changes over to the next, drains, ends. Lives on the main
/// thread, whose event loop is an EpollDispatcher.
class Server final : public admin::ServerState, public control::CommandHandler
{
public:
    Server(net::EpollDispatcher &dispatcher, ServerOptions options);
    ~Server() override;

    /// All that start() would refuse is refused, nothing is opened but log files.
    static Result<void> validate(const QByteArray &bootstrap, ServerOptions options);

    /// Starts, or says why not. `onLive` once every listener accepts.
    Result<void> start(const QByteArray &bootstrap, std::function<void()> onLive);
    /// Called when the process is to end.
    void setOnExit(std::function<void()> onExit) { m_onExit = std::move(onExit); }
    /// Called after each change of configuration or certificates, once it is in effect.
    void setOnChanged(std::function<void()> onChanged) { m_onChanged = std::move(onChanged); }
    /// Called when a configuration that was accepted could not be put into effect as a whole.
    void setOnProblem(std::function<void(const Error &)> onProblem) { m_onProblem = std::move(onProblem); }
    /// Where the admin interface listens; not valid without one.
    net::Address adminAddress() const;
    const std::chrono::milliseconds &grace() const { return m_options.grace; }

    // control::CommandHandler
    void applyBootstrap(const QByteArray &bootstrap, Applied onApplied) override;
    void drain() override;
    void stop(std::chrono::milliseconds grace) override;

    // admin::ServerState
    admin::Lifecycle lifecycle() const override;
    telemetry::StatsStore &stats() override { return *m_stats; }
    void refreshStats() override;
    const admin::StatsForms &statsForms() const override { return m_statsForms; }
    telemetry::LogFiles &logFiles() override { return *m_logFiles; }
    void reopenLogs() override;
    std::vector<net::SecretStore::InFile> secretsInFiles() const override { return m_secrets->inFiles(); }
    const dataplane::Bootstrap &bootstrap() const override { return m_configuration->bootstrap; }
    std::chrono::system_clock::time_point configuredAt() const override { return m_configuredAt; }
    std::chrono::steady_clock::time_point startedAt() const override { return m_startedAt; }
    admin::CommandLine commandLine() const override { return m_options.commandLine; }
    std::vector<admin::ListenerStatus> listeners() const override;
    /// At the start also those that still warm.
    std::shared_ptr<const upstream::ClusterSet> clusters() const override
    {
        return m_configuration->clusters || !m_warming ? m_configuration->clusters
                                                       : m_warming->configuration->clusters;
    }
    std::vector<std::vector<net::CertificateInUse>> listenerCertificates() const override;
    Result<void> modifyRuntime(const std::map<std::string, std::string> &values) override;
    void setHealthcheckFailed(bool failed) override;
    void drainListeners(const admin::DrainRequest &request) override;
    void quit() override;

private:
    /// A configuration whose clusters are still getting their hosts.
    struct Warming
    {
        std::shared_ptr<const Configuration> configuration;
        std::vector<ListenerManager::Prepared> listeners;
        Applied onApplied;
    };
    Result<std::shared_ptr<const Configuration>> makeConfiguration(dataplane::Bootstrap bootstrap);
    /// Prepares a configuration and lets it warm; `onApplied` hears only of what comes after that.
    Result<void> apply(const QByteArray &bootstrap, Applied onApplied);
    ListenerContext listenerContext(const std::shared_ptr<const Configuration> &configuration);
    void countClusters(const upstream::ClusterSet &clusters);
    void goLive();
    void dropWarming();
    void exit();
    void flushStats();

    net::EpollDispatcher &m_dispatcher;
    ServerOptions m_options;
    std::unique_ptr<telemetry::StatsStore> m_stats;
    admin::StatsForms m_statsForms;
    std::unique_ptr<telemetry::LogFiles> m_logFiles;
    std::unique_ptr<ServerStats> m_serverStats;
    std::unique_ptr<SecretStats> m_secretStats;
    std::unique_ptr<net::SecretStore> m_secrets;
    std::shared_ptr<OpenConnections> m_openConnections = std::make_shared<OpenConnections>();
    std::unique_ptr<OverloadManager> m_overload;
    std::vector<std::unique_ptr<Worker>> m_workers;
    std::unique_ptr<upstream::HostResolution> m_resolution;
    std::shared_ptr<const Configuration> m_configuration;
    QByteArray m_bootstrapText; ///< of what was applied last
    QJsonObject m_adminRuntime; ///< what `/runtime_modify` has set
    std::unique_ptr<ListenerManager> m_listeners;
    std::unique_ptr<admin::AdminServer> m_admin;
    std::optional<Warming> m_warming;
    QTimer m_statsTimer;
    QTimer m_graceTimer;
    std::function<void()> m_onLive;
    std::function<void()> m_onExit;
    std::function<void()> m_onChanged;
    std::function<void(const Error &)> m_onProblem;
    std::chrono::system_clock::time_point m_configuredAt;
    std::chrono::steady_clock::time_point m_startedAt;
    std::shared_ptr<void> m_alive = std::make_shared<char>(); ///< for what other threads post back
    bool m_live = false;
    enum class Draining { No, Inbound, All };
    Draining m_draining = Draining::No; ///< the listeners, as the admin interface asked for
    bool m_leaving = false;             ///< told by the control channel or a signal
    std::shared_ptr<std::atomic<bool>> m_healthcheckFailed = std::make_shared<std::atomic<bool>>(false);
    bool m_ending = false;
    bool m_exited = false;
};

} // namespace sallyport::server
