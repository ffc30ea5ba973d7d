// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/secret_store.h"
#include "proxy/telemetry/stats.h"

#include <functional>

namespace sallyport::server {

/// What becomes of named secrets, as statistics `sds.<name>.…` (source/common/secret/sds_api.h). Main thread.
class SecretStats final : public net::SecretStore::Observer
{
public:
    /// `store` outlives it.
    explicit SecretStats(telemetry::StatsStore &store)
        : m_store(store)
    {
    }
    /// Called after each update, also a refused one.
    void setOnUpdate(std::function<void()> onUpdate) { m_onUpdate = std::move(onUpdate); }

    // net::SecretStore::Observer
    void onSecretSubscribed(const std::string &name) override;
    void onSecretUpdate(const std::string &name, net::SecretStore::Update update, const std::string &reason,
                        const std::string &version) override;

private:
    telemetry::StatsStore &m_store;
    std::function<void()> m_onUpdate;
};

} // namespace sallyport::server
