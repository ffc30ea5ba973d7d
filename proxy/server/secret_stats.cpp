// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/secret_stats.h"

#include "proxy/upstream/load_balancer.h"

#include <QLoggingCategory>
#include <chrono>

namespace sallyport::server {

namespace {

Q_LOGGING_CATEGORY(logSecrets, "main")

using Update = net::SecretStore::Update;

std::string secretPrefix(const std::string &name)
{
    return "sds." + telemetry::sanitizedStatName(name) + '.';
}

const char *updateCounter(Update update)
{
    switch (update) {
    case Update::Succeeded:
        return "update_success";
    case Update::Rejected:
        return "update_rejected";
    case Update::Failed:
        return "update_failure";
    case Update::RotationFailed:
        return "key_rotation_failed";
    }
    return "update_failure";
}

} // namespace

void SecretStats::onSecretSubscribed(const std::string &name)
{
    const std::string prefix = secretPrefix(name);
    for (const char *counter : {"init_fetch_timeout", "key_rotation_failed", "update_attempt",
                                "update_failure", "update_rejected", "update_success"})
        m_store.counter(prefix + counter);
    m_store.gauge(prefix + "update_time");
    m_store.gauge(prefix + "version");
    m_store.histogram(prefix + "update_duration");
    m_store.setText(prefix + "version_text", {});
}

void SecretStats::onSecretUpdate(const std::string &name, Update update, const std::string &reason,
                                 const std::string &version)
{
    const std::string prefix = secretPrefix(name);
    // What a file has that a secret names is no update of the secret.
    if (update != Update::RotationFailed)
        m_store.counter(prefix + "update_attempt").inc();
    m_store.counter(prefix + updateCounter(update)).inc();
    if (update == Update::Succeeded) {
        m_store.gauge(prefix + "update_time")
            .set(std::chrono::duration_cast<std::chrono::milliseconds>(
                     std::chrono::system_clock::now().time_since_epoch())
                     .count());
        m_store.setText(prefix + "version_text", version);
        m_store.gauge(prefix + "version").set(static_cast<std::int64_t>(upstream::hashText(version)));
        qCInfo(logSecrets, "secret '%s' was taken over", name.c_str());
    } else {
        qCWarning(logSecrets, "secret '%s' was refused, the old one stays: %s", name.c_str(), reason.c_str());
    }
    if (m_onUpdate)
        m_onUpdate();
}

} // namespace sallyport::server
