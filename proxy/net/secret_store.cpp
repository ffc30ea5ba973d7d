// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/secret_store.h"

#include "core/dataplane/bootstrap.h"

#include <QFile>
#include <QFileInfo>
#include <QFileSystemWatcher>
#include <map>
#include <mutex>

namespace sallyport::net {

struct SecretStore::State
{
    /// Whoever lets go last of what subscribed may be a worker: the end of a subscription waits for a
    /// callback that runs.
    struct Subscriber
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
    struct SourceFile
    {
        QByteArray content;                           ///< as last accepted
        std::map<std::string, QByteArray> referenced; ///< files that its secrets name, with their content
        std::map<std::string, dataplane::Secret> secrets;
        std::vector<std::weak_ptr<Subscriber>> subscribers;
    };

    std::map<std::string, dataplane::Secret> fixed;
    std::vector<std::weak_ptr<Subscriber>> fixedSubscribers;
    std::map<std::string, SourceFile> files;
    QFileSystemWatcher watcher;
    Observer *observer = nullptr;

    void watch(const QString &path);
    void check();
    void reload(const std::string &path, SourceFile &file);
    void tell(const std::string &name, bool accepted, const std::string &reason) const
    {
        if (observer != nullptr)
            observer->onSecretUpdate(name, accepted, reason);
    }
};

namespace {

QByteArray contentOf(const std::string &path)
{
    QFile file(QString::fromStdString(path));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// The files that a secret takes its parts from.
std::map<std::string, QByteArray> filesOf(const std::map<std::string, dataplane::Secret> &secrets)
{
    std::map<std::string, QByteArray> files;
    const auto add = [&files](const dataplane::DataSource &source) {
        if (!source.filename.empty())
            files[source.filename] = contentOf(source.filename);
    };
    for (const auto &[name, secret] : secrets) {
        if (secret.certificate) {
            add(secret.certificate->certificateChain);
            add(secret.certificate->privateKey);
        }
        if (secret.validation) {
            add(secret.validation->trustedCa);
            add(secret.validation->crl);
        }
    }
    return files;
}

} // namespace

SecretStore::SecretStore(std::vector<dataplane::Secret> bootstrapSecrets, Observer *observer)
    : m_state(std::make_unique<State>())
{
    m_state->observer = observer;
    for (auto &secret : bootstrapSecrets) {
        const std::string name = secret.name;
        m_state->fixed[name] = std::move(secret);
    }
    QObject::connect(&m_state->watcher, &QFileSystemWatcher::fileChanged, &m_state->watcher,
                     [this] { m_state->check(); });
    QObject::connect(&m_state->watcher, &QFileSystemWatcher::directoryChanged, &m_state->watcher,
                     [this] { m_state->check(); });
}

SecretStore::~SecretStore() = default;

/// The directory is watched for files that appear or are replaced by renaming, the file for writing in place.
void SecretStore::State::watch(const QString &path)
{
    const QString directory = QFileInfo(path).absolutePath();
    if (!watcher.directories().contains(directory) && QFileInfo::exists(directory))
        watcher.addPath(directory);
    if (!watcher.files().contains(path) && QFileInfo::exists(path))
        watcher.addPath(path);
}

void SecretStore::State::check()
{
    for (auto &[path, file] : files) {
        // A watch is lost when its file is replaced.
        watch(QString::fromStdString(path));
        const bool changed = contentOf(path) != file.content || filesOf(file.secrets) != file.referenced;
        if (changed)
            reload(path, file);
    }
}

void SecretStore::State::reload(const std::string &path, SourceFile &file)
{
    const QByteArray content = contentOf(path);
    if (content.isEmpty())
        return;
    const auto decoded = dataplane::decodeSecretFile(content);
    file.content = content;
    if (!decoded) {
        for (const auto &weak : file.subscribers) {
            if (const auto subscriber = weak.lock())
                tell(subscriber->name, false, decoded.error().toString());
        }
        return;
    }
    for (const auto &secret : *decoded)
        file.secrets[secret.name] = secret;
    file.referenced = filesOf(file.secrets);
    for (const auto &[name, bytes] : file.referenced)
        watch(QString::fromStdString(name));
    const auto subscribers = file.subscribers;
    for (const auto &weak : subscribers) {
        const auto subscriber = weak.lock();
        if (subscriber == nullptr)
            continue;
        const auto found = file.secrets.find(subscriber->name);
        if (found == file.secrets.end())
            continue;
        const auto taken = subscriber->take(found->second);
        tell(subscriber->name, taken.has_value(), taken ? std::string() : taken.error().toString());
    }
}

void SecretStore::setBootstrapSecrets(std::vector<dataplane::Secret> secrets)
{
    std::map<std::string, dataplane::Secret> before = std::move(m_state->fixed);
    m_state->fixed.clear();
    for (auto &secret : secrets) {
        const std::string name = secret.name;
        m_state->fixed[name] = std::move(secret);
    }
    std::erase_if(m_state->fixedSubscribers, [](const auto &weak) { return weak.expired(); });
    const auto subscribers = m_state->fixedSubscribers;
    for (const auto &weak : subscribers) {
        const auto subscriber = weak.lock();
        if (subscriber == nullptr)
            continue;
        const auto found = m_state->fixed.find(subscriber->name);
        const auto old = before.find(subscriber->name);
        if (found == m_state->fixed.end() || (old != before.end() && old->second == found->second))
            continue;
        const auto taken = subscriber->take(found->second);
        m_state->tell(subscriber->name, taken.has_value(), taken ? std::string() : taken.error().toString());
    }
}

SecretStore::Subscription
SecretStore::subscribe(const dataplane::SdsSecretConfig &name,
                       std::function<Result<void>(const dataplane::Secret &)> onSecret)
{
    auto subscriber = std::make_shared<State::Subscriber>();
    subscriber->name = name.name;
    subscriber->onSecret = std::move(onSecret);
    Subscription subscription(subscriber.get(), [subscriber](void *) { subscriber->end(); });
    if (!name.source) {
        m_state->fixedSubscribers.push_back(subscriber);
        const auto found = m_state->fixed.find(name.name);
        if (found != m_state->fixed.end())
            static_cast<void>(subscriber->take(found->second));
        return subscription;
    }
    const std::string &path = name.source->path;
    State::SourceFile &file = m_state->files[path];
    const bool known = !file.content.isEmpty();
    std::erase_if(file.subscribers, [](const auto &weak) { return weak.expired(); });
    file.subscribers.push_back(subscriber);
    m_state->watch(QString::fromStdString(path));
    if (!known) {
        m_state->reload(path, file);
    } else if (const auto found = file.secrets.find(name.name); found != file.secrets.end()) {
        const auto taken = subscriber->take(found->second);
        m_state->tell(name.name, taken.has_value(), taken ? std::string() : taken.error().toString());
    }
    return subscription;
}

} // namespace sallyport::net
