// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/move_watcher.h"
#include "proxy/net/secret_store.h"

#include <QByteArray>
#include <map>
#include <mutex>
#include <optional>

namespace sallyport::net {

/// Who lets go last of what subscribed may be a worker: the end of a subscription waits for a callback that
/// runs.
struct SecretSubscriber
{
    Result<void> take(const dataplane::Secret &secret)
    {
        const std::lock_guard lock(mutex);
        return onSecret ? onSecret(secret) : Result<void>();
    }
    void end()
    {
        const std::lock_guard lock(mutex);
        onSecret = nullptr;
    }
    std::string name;
    std::recursive_mutex mutex;
    std::function<Result<void>(const dataplane::Secret &)> onSecret; ///< none: it has ended
};

using SecretSubscribers = std::vector<std::weak_ptr<SecretSubscriber>>;
/// Those that are still there; the others go.
std::vector<std::shared_ptr<SecretSubscriber>> living(SecretSubscribers &subscribers);

/// One secret of one `path_config_source` file, with all who subscribed to it.
class WatchedSecret
{
public:
    /// `watcher` and `observer` outlive it; `observer` may be null.
    WatchedSecret(dataplane::SdsSecretConfig configuration, MoveWatcher &watcher,
                  SecretStore::Observer *observer);

    /// Reads the file for the first who subscribes.
    Result<void> start(const std::shared_ptr<SecretSubscriber> &subscriber);
    void add(const std::shared_ptr<SecretSubscriber> &subscriber);
    bool isOf(const dataplane::SdsSecretConfig &configuration) const
    {
        return configuration == m_configuration;
    }
    bool isUsed();
    SecretStore::InFile shown() const;
    void onMoved(const std::string &directory, const std::string &name);

private:
    using Update = SecretStore::Update;

    void update();
    Result<void> accept(dataplane::Secret secret);
    Result<void> handOut();
    void rotate();
    void tell(Update update, const std::string &reason = {}) const;
    Result<void> watchFiles();

    const dataplane::SdsSecretConfig m_configuration;
    MoveWatcher &m_watcher;
    SecretStore::Observer *m_observer;
    SecretSubscribers m_subscribers;
    std::optional<dataplane::Secret> m_secret;
    std::string m_version;
    std::chrono::system_clock::time_point m_since = std::chrono::system_clock::now();
    std::map<std::string, QByteArray> m_files; ///< that the secret names, as they were handed out
};

} // namespace sallyport::net
