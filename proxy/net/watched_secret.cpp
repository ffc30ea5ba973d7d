// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/watched_secret.h"

#include "core/dataplane/bootstrap.h"
#include "core/dataplane/configuration_text.h"

#include <QFile>

namespace sallyport::net {

namespace {

std::optional<QByteArray> contentOf(const std::string &path)
{
    QFile file(QString::fromStdString(path));
    if (!file.open(QIODevice::ReadOnly))
        return std::nullopt;
    return file.readAll();
}

/// `visit(source)` for each source of the secret that is a file.
template<typename Secret, typename Visit>
void eachFile(Secret &secret, const Visit &visit)
{
    const auto visitFile = [&visit](auto &source) {
        if (!source.filename.empty())
            visit(source);
    };
    if (secret.certificate) {
        for (auto *source : {&secret.certificate->certificateChain, &secret.certificate->privateKey,
                             &secret.certificate->pkcs12, &secret.certificate->ocspStaple})
            visitFile(*source);
    }
    if (secret.validation) {
        visitFile(secret.validation->trustedCa);
        visitFile(secret.validation->crl);
    }
}

std::vector<std::string> filesOf(const dataplane::Secret &secret)
{
    std::vector<std::string> files;
    eachFile(secret, [&files](const dataplane::DataSource &source) { files.push_back(source.filename); });
    return files;
}

/// Where a move has the secret's files read again; empty: where each of them lies.
std::string watchedDirectory(const dataplane::Secret &secret)
{
    const std::string path = secret.certificate  ? secret.certificate->watchedDirectory
                             : secret.validation ? secret.validation->watchedDirectory
                                                 : std::string();
    return path.size() > 1 && path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
}

/// The secret with its files' content in place of their names. What cannot be read keeps its name, by which
/// it is complained about.
dataplane::Secret inlined(dataplane::Secret secret)
{
    eachFile(secret, [](dataplane::DataSource &source) {
        const auto content = contentOf(source.filename);
        if (!content)
            return;
        source.filename.clear();
        source.inlineBytes = content->toStdString();
    });
    return secret;
}

std::map<std::string, QByteArray> contentsOf(const dataplane::Secret &secret)
{
    std::map<std::string, QByteArray> contents;
    for (const std::string &file : filesOf(secret))
        contents[file] = contentOf(file).value_or(QByteArray());
    return contents;
}

} // namespace

std::vector<std::shared_ptr<SecretSubscriber>> living(SecretSubscribers &subscribers)
{
    std::erase_if(subscribers, [](const auto &weak) { return weak.expired(); });
    std::vector<std::shared_ptr<SecretSubscriber>> all;
    for (const auto &weak : subscribers) {
        if (auto subscriber = weak.lock())
            all.push_back(std::move(subscriber));
    }
    return all;
}

WatchedSecret::WatchedSecret(dataplane::SdsSecretConfig configuration, MoveWatcher &watcher,
                             SecretStore::Observer *observer)
    : m_configuration(std::move(configuration))
    , m_watcher(watcher)
    , m_observer(observer)
{
}

Result<void> WatchedSecret::start(const std::shared_ptr<SecretSubscriber> &subscriber)
{
    const dataplane::ConfigSource &source = *m_configuration.source;
    if (!QFile::exists(QString::fromStdString(source.path)))
        return fail("paths must refer to an existing path in the system: '" + source.path +
                    "' does not exist");
    const std::string directory =
        source.watchedDirectory.empty() ? directoryOf(source.path) : source.watchedDirectory;
    if (!m_watcher.watch(directory))
        return fail("unable to add filesystem watch for file " + directory + ": No such file or directory");
    m_subscribers.push_back(subscriber);
    if (m_observer != nullptr)
        m_observer->onSecretSubscribed(m_configuration.name);
    update();
    return {};
}

void WatchedSecret::add(const std::shared_ptr<SecretSubscriber> &subscriber)
{
    m_subscribers.push_back(subscriber);
    if (m_secret)
        static_cast<void>(subscriber->take(inlined(*m_secret)));
}

bool WatchedSecret::isUsed()
{
    return !living(m_subscribers).empty();
}

SecretStore::InFile WatchedSecret::shown() const
{
    return {m_configuration.name, m_secret ? std::optional(inlined(*m_secret)) : std::nullopt, m_version,
            m_since};
}

void WatchedSecret::onMoved(const std::string &directory, const std::string &name)
{
    const dataplane::ConfigSource &source = *m_configuration.source;
    const bool replaced = source.watchedDirectory.empty()
                              ? directory == directoryOf(source.path) && name == nameOf(source.path)
                              : directory == source.watchedDirectory;
    if (replaced)
        update();
    if (!m_secret)
        return;
    const std::string watched = watchedDirectory(*m_secret);
    if (!watched.empty()) {
        if (directory == watched)
            rotate();
        return;
    }
    // Envoy looks once for each of the files that lie there, whatever it was that moved.
    for (const std::string &file : filesOf(*m_secret)) {
        if (directory == directoryOf(file))
            rotate();
    }
}

/// The secret's file, read anew.
void WatchedSecret::update()
{
    const std::string &path = m_configuration.source->path;
    const auto json =
        dataplane::jsonText(contentOf(path).value_or(QByteArray()), dataplane::formOf(path), path);
    auto read = json.and_then(dataplane::decodeSecretFile);
    if (!read)
        return tell(Update::Failed, read.error().toString());
    std::vector<dataplane::Secret> &secrets = read->secrets;
    if (secrets.size() != 1)
        return tell(Update::Rejected, "one secret is expected, not " + std::to_string(secrets.size()));
    if (secrets.front().name != m_configuration.name)
        return tell(Update::Rejected, "Unexpected SDS secret (expecting " + m_configuration.name +
                                          "): " + secrets.front().name);
    const Result<void> accepted =
        m_secret == secrets.front() ? Result<void>() : accept(std::move(secrets.front()));
    if (accepted) {
        m_version = read->version;
        m_since = std::chrono::system_clock::now();
    }
    tell(accepted ? Update::Succeeded : Update::Rejected,
         accepted ? std::string() : accepted.error().toString());
}

Result<void> WatchedSecret::accept(dataplane::Secret secret)
{
    std::optional<dataplane::Secret> before = std::exchange(m_secret, std::move(secret));
    const Result<void> watched = watchFiles();
    Result<void> taken = watched ? handOut() : watched;
    if (!taken)
        m_secret = std::move(before);
    return taken;
}

Result<void> WatchedSecret::watchFiles()
{
    const std::string watched = watchedDirectory(*m_secret);
    for (const std::string &file : filesOf(*m_secret)) {
        const std::string directory = watched.empty() ? directoryOf(file) : watched;
        if (!m_watcher.watch(directory))
            return fail("unable to add filesystem watch for file " + directory +
                        ": No such file or directory");
    }
    return {};
}

Result<void> WatchedSecret::handOut()
{
    std::map<std::string, QByteArray> files = contentsOf(*m_secret);
    const dataplane::Secret content = inlined(*m_secret);
    Result<void> all;
    for (const auto &subscriber : living(m_subscribers)) {
        Result<void> taken = subscriber->take(content);
        if (all && !taken)
            all = std::move(taken);
    }
    if (all)
        m_files = std::move(files);
    return all;
}

/// One of the files that the secret names may be another: that is no update, and what is the same is nothing.
void WatchedSecret::rotate()
{
    if (contentsOf(*m_secret) == m_files)
        return;
    if (const Result<void> taken = handOut(); !taken)
        tell(Update::RotationFailed, taken.error().toString());
}

void WatchedSecret::tell(Update update, const std::string &reason) const
{
    if (m_observer != nullptr)
        m_observer->onSecretUpdate(m_configuration.name, update, reason, m_version);
}

} // namespace sallyport::net
