// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"
#include "proxy/telemetry/access_logger.h"

#include <QByteArray>
#include <QObject>
#include <QString>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sallyport::telemetry {
class StatsStore;
}

namespace sallyport::control {

/// What a gateway does on command. Called on the main thread.
class CommandHandler
{
public:
    virtual ~CommandHandler() = default;
    using Applied = std::function<void(const Result<void> &)>;
    /// Takes over a bootstrap (JSON). `onApplied` is called once: when the new configuration is in effect for
    /// every new connection, or, perhaps within this call, with an error that left what runs as it was; its
    /// place is the JSON path.
    virtual void applyBootstrap(const QByteArray &bootstrap, Applied onApplied) = 0;
    virtual void drain() = 0;
    /// Ends the process once requests have ended, after `grace` at the latest.
    virtual void stop(std::chrono::milliseconds grace) = 0;
};

/// A listener and the address that it has in fact.
struct BoundListener
{
    std::string name;
    std::string address; ///< `127.0.0.1:15001`
};

/// A certificate that the gateway has loaded; no key.
struct CertificateNote
{
    std::string path; ///< file, or the secret's name
    std::string subject;
    std::string serial;
    std::int64_t notAfter = 0; ///< seconds since 1970
};

/// The gateway's end of the control channel: a local socket in a folder that only this user can enter, over
/// which a supervisor commands the gateway and gets its log lines, statistics and state. Log lines go through
/// a bounded queue: a slow reader loses lines (counted), the gateway never waits. Without a reader a line
/// costs one atomic load. Lives on the main thread; onLogLine() may be called by any thread.
class ControlServer : public QObject, public telemetry::LogListener
{
    Q_OBJECT

public:
    explicit ControlServer(QObject *parent = nullptr);
    ~ControlServer() override;

    /// Both outlive the server.
    void setHandler(CommandHandler *handler);
    void setStats(telemetry::StatsStore *stats);

    /// `path` is absolute; its folder must belong to this user and be closed to others (made 0700 if it is
    /// not there).
    Result<void> listen(const QString &path);

    /// To every supervisor, also to those that come later.
    void sendReady(const std::vector<BoundListener> &listeners);
    void sendCertificates(const std::vector<CertificateNote> &certificates);
    void sendError(const Error &error);

    void onLogLine(std::string_view line, bool json) override;
    std::uint64_t droppedLines() const;

Q_SIGNALS:
    /// The supervisor that owns this gateway is gone (its connection closed): time to end, unless the gateway
    /// was told to stay.
    void ownerGone();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace sallyport::control
