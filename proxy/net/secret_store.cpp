// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/secret_store.h"

#include "core/dataplane/bootstrap.h"
#include "proxy/net/watched_secret.h"

#include <map>

namespace sallyport::net {

struct SecretStore::State
{
    using Fixed = std::map<std::string, dataplane::Secret>;

    explicit State(Observer *toObserver)
        : observer(toObserver)
        , watcher([this](const std::string &directory, const std::string &name) { moved(directory, name); })
    {
    }
    void moved(const std::string &directory, const std::string &name)
    {
        std::erase_if(files, [](const auto &each) { return !each->isUsed(); });
        // Who takes a secret may subscribe to another.
        const auto all = files;
        for (const std::shared_ptr<WatchedSecret> &each : all)
            each->onMoved(directory, name);
    }
    void tell(const std::string &name, const Result<void> &taken) const
    {
        if (observer != nullptr)
            observer->onSecretUpdate(name, taken ? Update::Succeeded : Update::Rejected,
                                     taken ? std::string() : taken.error().toString(), {});
    }

    Observer *observer;
    Fixed fixed;
    SecretSubscribers fixedSubscribers;
    MoveWatcher watcher;
    std::vector<std::shared_ptr<WatchedSecret>> files;
    bool nodeKnown = true;
};

SecretStore::SecretStore(std::vector<dataplane::Secret> bootstrapSecrets, Observer *observer)
    : m_state(std::make_unique<State>(observer))
{
    for (auto &secret : bootstrapSecrets) {
        const std::string name = secret.name;
        m_state->fixed[name] = std::move(secret);
    }
}

SecretStore::~SecretStore() = default;

void SecretStore::setNodeKnown(bool known)
{
    m_state->nodeKnown = known;
}

void SecretStore::setBootstrapSecrets(std::vector<dataplane::Secret> secrets)
{
    const State::Fixed before = std::move(m_state->fixed);
    m_state->fixed.clear();
    for (auto &secret : secrets) {
        const std::string name = secret.name;
        m_state->fixed[name] = std::move(secret);
    }
    for (const auto &subscriber : living(m_state->fixedSubscribers)) {
        const auto found = m_state->fixed.find(subscriber->name);
        const auto old = before.find(subscriber->name);
        if (found == m_state->fixed.end() || (old != before.end() && old->second == found->second))
            continue;
        m_state->tell(subscriber->name, subscriber->take(found->second));
    }
}

Result<SecretStore::Subscription>
SecretStore::subscribe(const dataplane::SdsSecretConfig &name,
                       std::function<Result<void>(const dataplane::Secret &)> onSecret)
{
    auto subscriber = std::make_shared<SecretSubscriber>();
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
    if (!m_state->nodeKnown)
        return fail("node 'id' and 'cluster' are required. Set it either in 'node' config or via "
                    "--service-node and --service-cluster options.");
    std::erase_if(m_state->files, [](const auto &each) { return !each->isUsed(); });
    for (const std::shared_ptr<WatchedSecret> &each : m_state->files) {
        if (each->isOf(name)) {
            each->add(subscriber);
            return subscription;
        }
    }
    const auto watched = std::make_shared<WatchedSecret>(name, m_state->watcher, m_state->observer);
    if (const Result<void> started = watched->start(subscriber); !started)
        return fail(started.error());
    m_state->files.push_back(watched);
    return subscription;
}

std::vector<SecretStore::InFile> SecretStore::inFiles() const
{
    std::vector<InFile> all;
    for (const std::shared_ptr<WatchedSecret> &each : m_state->files) {
        if (each->isUsed())
            all.push_back(each->shown());
    }
    return all;
}

} // namespace sallyport::net
