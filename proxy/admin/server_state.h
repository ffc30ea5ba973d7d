// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/bootstrap.h"
#include "proxy/admin/stats_forms.h"
#include "proxy/net/address.h"
#include "proxy/net/secret_store.h"
#include "proxy/net/tls_context.h"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sallyport::telemetry {
class LogFiles;
class StatsStore;
} // namespace sallyport::telemetry
namespace sallyport::upstream {
class ClusterSet;
}

namespace sallyport::admin {

/// `state` of /ready and /server_info.
enum class Lifecycle { Live, Draining, PreInitializing, Initializing };

/// A listener that is bound.
struct ListenerStatus
{
    std::string name;
    net::Address address; ///< with the real port
    std::vector<net::Address> additional;
};

/// How the process was started: `command_line_options` of /server_info.
struct CommandLine
{
    unsigned concurrency = 1;
    std::string configPath;
    std::string logLevel = "info";
    std::string mode = "Serve";
    std::chrono::seconds drainTime{600};
    bool drainsAtOnce = false; ///< --drain-strategy immediate
    std::chrono::milliseconds fileFlushInterval{0};
};

/// `/drain_listeners`
struct DrainRequest
{
    bool inboundOnly = false;
    bool graceful = false; ///< drain for the drain time first
    bool skipExit = false; ///< leave the listeners running afterwards
};

/// What the admin endpoints read from and do to the server. The gateway implements it. Main thread only.
class ServerState
{
public:
    virtual ~ServerState() = default;

    virtual Lifecycle lifecycle() const = 0;
    virtual telemetry::StatsStore &stats() = 0;
    /// Brings up to date what is not counted as it happens, before statistics are shown.
    virtual void refreshStats() = 0;
    virtual const StatsForms &statsForms() const = 0;
    virtual telemetry::LogFiles &logFiles() = 0;
    /// `/reopen_logs`: whatever is logged to files, so that they can be moved away.
    virtual void reopenLogs() = 0;
    /// What runs now, and since when.
    virtual const dataplane::Bootstrap &bootstrap() const = 0;
    virtual std::chrono::system_clock::time_point configuredAt() const = 0;
    virtual std::chrono::steady_clock::time_point startedAt() const = 0;
    virtual CommandLine commandLine() const = 0;
    virtual std::vector<ListenerStatus> listeners() const = 0;
    virtual std::shared_ptr<const upstream::ClusterSet> clusters() const = 0;
    /// One list per TLS context of the listeners, in the order of the configuration.
    virtual std::vector<std::vector<net::CertificateInUse>> listenerCertificates() const = 0;

    /// Secrets that files supply.
    virtual std::vector<net::SecretStore::InFile> secretsInFiles() const = 0;

    /// `/healthcheck/fail` and `/healthcheck/ok`.
    virtual void setHealthcheckFailed(bool failed) = 0;
    virtual void drainListeners(const DrainRequest &request) = 0;
    /// `/runtime_modify`: keys of the admin layer and their values; an empty one takes the key out.
    virtual Result<void> modifyRuntime(const std::map<std::string, std::string> &values) = 0;
    /// `/quitquitquit`: ends the process after this answer was sent.
    virtual void quit() = 0;
};

} // namespace sallyport::admin
