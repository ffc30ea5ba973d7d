// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/tls_context.h"

#include "proxy/net/secret_store.h"
#include "proxy/net/tls_errors.h"
#include "proxy/net/tls_state.h"

#include <openssl/evp.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

namespace sallyport::net {

namespace {

/// The static context of a combined one with the secret's laid over it: set fields win, lists are joined.
dataplane::CertificateValidationContext merged(dataplane::CertificateValidationContext base,
                                               const dataplane::CertificateValidationContext &over)
{
    const auto join = [](auto &list, const auto &more) { list.insert(list.end(), more.begin(), more.end()); };
    if (over.trustedCa.isSet())
        base.trustedCa = over.trustedCa;
    if (over.crl.isSet())
        base.crl = over.crl;
    join(base.verifyCertificateHash, over.verifyCertificateHash);
    join(base.verifyCertificateSpki, over.verifyCertificateSpki);
    join(base.subjectAltNames, over.subjectAltNames);
    join(base.anySubjectAltNames, over.anySubjectAltNames);
    base.allowExpiredCertificate = base.allowExpiredCertificate || over.allowExpiredCertificate;
    base.acceptUntrusted = base.acceptUntrusted || over.acceptUntrusted;
    if (over.onlyVerifyLeafCrl)
        base.onlyVerifyLeafCrl = over.onlyVerifyLeafCrl;
    if (over.maxVerifyDepth)
        base.maxVerifyDepth = over.maxVerifyDepth;
    return base;
}

/// The name of a certificate that has none.
std::string unnamed(const char *prefix, const dataplane::DataSource &source)
{
    const std::string bytes = source.inlineBytes.value_or(std::string());
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    std::string name(prefix);
    if (EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr) != 1)
        return name;
    for (unsigned int i = 0; i < 4; ++i) {
        constexpr const char *Digits = "0123456789abcdef";
        name += Digits[digest[i] >> 4U];
        name += Digits[digest[i] & 15U];
    }
    return name;
}

/// Gathers the secrets of a context and rebuilds its state when one changes. Subscriptions end with it.
class SecretSet
{
public:
    using Build = std::function<Result<std::shared_ptr<const TlsState>>(const TlsMaterial &)>;

    SecretSet(const dataplane::CommonTlsContext &common, std::optional<dataplane::SdsSecretConfig> ticketKeys,
              Build build)
        : m_common(common)
        , m_ticketKeys(std::move(ticketKeys))
        , m_build(std::move(build))
    {
    }

    /// The error of a static configuration. A file whose secret is of no use leaves the context without it.
    Result<void> start(SecretStore *store)
    {
        std::vector<dataplane::SdsSecretConfig> secrets = m_common.certificateSecrets;
        if (m_common.validationSecret)
            secrets.push_back(*m_common.validationSecret);
        if (m_ticketKeys)
            secrets.push_back(*m_ticketKeys);
        for (const dataplane::SdsSecretConfig &name : secrets) {
            if (store == nullptr)
                break;
            m_fromFiles = m_fromFiles || name.source;
            auto subscription =
                store->subscribe(name, [this](const dataplane::Secret &secret) { return onSecret(secret); });
            if (!subscription)
                return fail(subscription.error());
            m_subscriptions.push_back(*std::move(subscription));
        }
        return m_fromFiles || state() != nullptr ? Result<void>() : rebuild();
    }

    std::shared_ptr<const TlsState> state() const
    {
        const std::lock_guard lock(m_mutex);
        return m_state;
    }
    std::vector<CertificateInUse> certificates() const
    {
        const auto state = this->state();
        if (state == nullptr)
            return {};
        std::vector<CertificateInUse> list = state->certificatesInUse();
        std::size_t own = 0;
        for (CertificateInUse &certificate : list)
            certificate.name = certificate.isCa ? authorityName() : certificateName(own++);
        return list;
    }
    std::uint64_t generation() const { return m_generation.load(std::memory_order_acquire); }
    void setOnUpdated(std::function<void()> onUpdated)
    {
        m_onUpdated = std::move(onUpdated);
        if (m_fromFiles && state() != nullptr)
            m_onUpdated();
    }

private:
    std::string authorityName() const
    {
        if (m_common.validationSecret)
            return m_common.validationSecret->name;
        return unnamed("unnamed_ca_cert_",
                       m_common.validation ? m_common.validation->trustedCa : dataplane::DataSource());
    }
    /// Those given in place come before the secrets.
    std::string certificateName(std::size_t index) const
    {
        if (index < m_common.certificates.size())
            return unnamed("unnamed_cert_", m_common.certificates[index].certificateChain);
        return m_common.certificateSecrets[index - m_common.certificates.size()].name;
    }
    Result<void> onSecret(const dataplane::Secret &secret)
    {
        const auto before = m_secrets.find(secret.name);
        std::optional<dataplane::Secret> old;
        if (before != m_secrets.end())
            old = before->second;
        m_secrets[secret.name] = secret;
        const std::uint64_t generationBefore = generation();
        const Result<void> rebuilt = isNeeded(secret) ? rebuild() : fail("this is another kind of secret");
        if (!rebuilt) {
            // The old certificate keeps serving.
            if (old)
                m_secrets[secret.name] = *old;
            else
                m_secrets.erase(secret.name);
        } else if (m_onUpdated && generation() != generationBefore) {
            m_onUpdated();
        }
        return rebuilt;
    }

    /// It is what its name is asked for as.
    bool isNeeded(const dataplane::Secret &secret) const
    {
        const auto asks = [&](const dataplane::SdsSecretConfig &name) { return name.name == secret.name; };
        return (secret.certificate &&
                std::any_of(m_common.certificateSecrets.begin(), m_common.certificateSecrets.end(), asks)) ||
               (secret.validation && m_common.validationSecret && asks(*m_common.validationSecret)) ||
               (!secret.sessionTicketKeys.empty() && m_ticketKeys && asks(*m_ticketKeys));
    }

    /// Nothing is done as long as a secret is missing.
    Result<void> rebuild()
    {
        TlsMaterial material{m_common.certificates, m_common.validation, {}};
        for (const auto &name : m_common.certificateSecrets) {
            const auto found = m_secrets.find(name.name);
            if (found == m_secrets.end() || !found->second.certificate)
                return {};
            material.certificates.push_back(*found->second.certificate);
        }
        if (m_common.validationSecret) {
            const auto found = m_secrets.find(m_common.validationSecret->name);
            if (found == m_secrets.end() || !found->second.validation)
                return {};
            material.validation = material.validation
                                      ? merged(*material.validation, *found->second.validation)
                                      : *found->second.validation;
        }
        if (m_ticketKeys) {
            const auto found = m_secrets.find(m_ticketKeys->name);
            if (found == m_secrets.end())
                return {};
            material.ticketKeys = found->second.sessionTicketKeys;
        }
        auto built = m_build(material);
        if (!built)
            return fail(built.error());
        {
            const std::lock_guard lock(m_mutex);
            m_state = std::move(*built);
        }
        m_generation.fetch_add(1, std::memory_order_acq_rel);
        return {};
    }

    const dataplane::CommonTlsContext m_common;
    const std::optional<dataplane::SdsSecretConfig> m_ticketKeys;
    const Build m_build;
    bool m_fromFiles = false; ///< a secret comes from a file
    std::map<std::string, dataplane::Secret> m_secrets;
    std::function<void()> m_onUpdated;
    mutable std::mutex m_mutex;
    std::shared_ptr<const TlsState> m_state; ///< guarded by m_mutex: read by workers
    std::atomic<std::uint64_t> m_generation{0};
    std::vector<SecretStore::Subscription> m_subscriptions;
};

class ServerContext final : public TlsServerContext
{
public:
    ServerContext(const dataplane::DownstreamTlsContext &configuration,
                  const std::vector<std::string> &serverNames)
        : m_secrets(configuration.common, configuration.sessionTicketKeysSecret,
                    [configuration, serverNames](const TlsMaterial &material) {
                        return TlsState::createServer(configuration, serverNames, material);
                    })
    {
    }
    Result<void> start(SecretStore *store) { return m_secrets.start(store); }
    bool ready() const override { return m_secrets.state() != nullptr; }
    std::unique_ptr<Transport> makeTransport(TlsObserver *observer) override
    {
        auto state = m_secrets.state();
        if (state != nullptr)
            return makeTlsTransport(std::move(state), observer, nullptr, {}, {});
        if (observer != nullptr)
            observer->onTlsEvent(TlsEvent::SecretsNotReady);
        return makeSecretMissingTransport();
    }
    std::vector<CertificateInUse> certificates() const override { return m_secrets.certificates(); }
    void setOnUpdated(std::function<void()> onUpdated) override
    {
        m_secrets.setOnUpdated(std::move(onUpdated));
    }

private:
    SecretSet m_secrets;
};

class ClientContext final : public TlsClientContext
{
public:
    explicit ClientContext(const dataplane::UpstreamTlsContext &configuration)
        : m_sni(configuration.sni)
        , m_secrets(configuration.common, std::nullopt, [configuration](const TlsMaterial &material) {
            return TlsState::createClient(configuration, material);
        })
    {
    }
    Result<void> start(SecretStore *store) { return m_secrets.start(store); }
    bool ready() const override { return m_secrets.state() != nullptr; }
    std::unique_ptr<Transport> makeTransport(TlsObserver *observer,
                                             const TlsClientOverrides &overrides) override
    {
        auto state = m_secrets.state();
        if (state == nullptr) {
            if (observer != nullptr)
                observer->onTlsEvent(TlsEvent::SecretsNotReady);
            return makeSecretMissingTransport();
        }
        std::string alpn = !overrides.alpn.empty()    ? alpnWireForm(overrides.alpn)
                           : !state->alpnWire.empty() ? state->alpnWire
                                                      : alpnWireForm(overrides.alpnFallback);
        return makeTlsTransport(std::move(state), observer, &overrides,
                                overrides.sni.empty() ? m_sni : overrides.sni, std::move(alpn));
    }
    std::vector<CertificateInUse> certificates() const override { return m_secrets.certificates(); }
    void setOnUpdated(std::function<void()> onUpdated) override
    {
        m_secrets.setOnUpdated(std::move(onUpdated));
    }
    std::uint64_t generation() const override { return m_secrets.generation(); }

private:
    const std::string m_sni;
    SecretSet m_secrets;
};

} // namespace

Result<std::shared_ptr<TlsServerContext>>
TlsServerContext::create(const dataplane::DownstreamTlsContext &configuration, SecretStore *secrets,
                         const std::vector<std::string> &serverNames)
{
    auto context = std::make_shared<ServerContext>(configuration, serverNames);
    if (auto started = context->start(secrets); !started)
        return fail(started.error());
    return std::shared_ptr<TlsServerContext>(context);
}

Result<std::shared_ptr<TlsClientContext>>
TlsClientContext::create(const dataplane::UpstreamTlsContext &configuration, SecretStore *secrets)
{
    auto context = std::make_shared<ClientContext>(configuration);
    if (auto started = context->start(secrets); !started)
        return fail(started.error());
    return std::shared_ptr<TlsClientContext>(context);
}

} // namespace sallyport::net
