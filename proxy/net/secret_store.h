// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/tls.h"
#include "core/result/result.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::net {

/// Supplies secrets by name: those of the bootstrap at once, those of `path_config_source` files from their
/// file and again whenever something is moved in its place (never when it is written in place), as Envoy.
/// Lives on the main thread.
class SecretStore
{
public:
    /// A secret of a file, for those who look.
    struct InFile
    {
        std::string name;
        std::optional<dataplane::Secret> secret; ///< with its files' content; none: nothing good was read yet
        std::string version;
        std::chrono::system_clock::time_point since;
    };
    /// What became of a secret's file.
    enum class Update {
        Succeeded,
        Rejected,       ///< it is not this secret, or who uses it cannot
        Failed,         ///< it cannot be read
        RotationFailed, ///< a file that the secret names was replaced by one that cannot be used
    };
    /// For statistics: `sds.<name>.…`.
    struct Observer
    {
        virtual ~Observer() = default;
        virtual void onSecretSubscribed(const std::string &name) = 0;
        /// `version`: what the file says of itself.
        virtual void onSecretUpdate(const std::string &name, Update update, const std::string &reason,
                                    const std::string &version) = 0;
    };

    explicit SecretStore(std::vector<dataplane::Secret> bootstrapSecrets = {}, Observer *observer = nullptr);
    ~SecretStore();
    SecretStore(const SecretStore &) = delete;
    SecretStore &operator=(const SecretStore &) = delete;

    /// Replaces the bootstrap's secrets and tells the subscribers of those that changed. A secret that is no
    /// more stays with those who have it.
    void setBootstrapSecrets(std::vector<dataplane::Secret> secrets);
    /// Whether the node has both an id and a cluster, without which Envoy subscribes to no file.
    void setNodeKnown(bool known);

    /// Ends when destroyed.
    using Subscription = std::shared_ptr<void>;
    /// `onSecret` is called at once if the secret is known, and after each change; an error returned by it
    /// means that the subscriber keeps what it had. Fails where Envoy refuses the configuration.
    Result<Subscription> subscribe(const dataplane::SdsSecretConfig &name,
                                   std::function<Result<void>(const dataplane::Secret &)> onSecret);

    /// Those somebody has subscribed to.
    std::vector<InFile> inFiles() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace sallyport::net
