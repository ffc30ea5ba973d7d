// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/tls.h"
#include "core/result/result.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sallyport::net {

/// Supplies secrets by name: those of the bootstrap at once, those of `path_config_source` files when the
/// file is there, and again whenever it is replaced. Lives on the main thread.
class SecretStore
{
public:
    /// For statistics: `sds.<name>.update_success` and `update_rejected`.
    struct Observer
    {
        virtual ~Observer() = default;
        virtual void onSecretUpdate(const std::string &name, bool accepted, const std::string &reason) = 0;
    };

    explicit SecretStore(std::vector<dataplane::Secret> bootstrapSecrets = {}, Observer *observer = nullptr);
    ~SecretStore();
    SecretStore(const SecretStore &) = delete;
    SecretStore &operator=(const SecretStore &) = delete;

    /// Replaces the bootstrap's secrets and tells the subscribers of those that changed. A secret that is no
    /// more stays with those who have it.
    void setBootstrapSecrets(std::vector<dataplane::Secret> secrets);

    /// Ends when destroyed.
    using Subscription = std::shared_ptr<void>;
    /// `onSecret` is called at once if the secret is known, and after each change; an error returned by it
    /// means that the subscriber keeps what it had (counted as rejected).
    Subscription subscribe(const dataplane::SdsSecretConfig &name,
                           std::function<Result<void>(const dataplane::Secret &)> onSecret);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace sallyport::net
