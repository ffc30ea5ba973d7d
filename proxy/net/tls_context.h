// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/tls.h"
#include "core/result/result.h"
#include "proxy/net/transport.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::net {

class SecretStore;

/// What the `ssl.` statistics count.
enum class TlsEvent : std::uint8_t {
    Handshake,
    ConnectionError,
    SessionReused,
    NoCertificate,
    FailVerifyNoCert,
    FailVerifyError,
    FailVerifySan,
    FailVerifyCertHash,
    OcspStapleFailed,
    OcspStapleOmitted,
    OcspStapleRequests,
    OcspStapleResponses,
    SecretsNotReady, ///< downstream_/upstream_context_secrets_not_ready of the socket factory
};
inline constexpr std::size_t tlsEvents = std::size_t(TlsEvent::SecretsNotReady) + 1;

/// Takes the counts of the connections of one worker; outlives them.
class TlsObserver
{
public:
    virtual ~TlsObserver() = default;
    virtual void onTlsEvent(TlsEvent event) = 0;
    /// After each full or resumed handshake: names for `ssl.versions.*`, `ssl.ciphers.*`, `ssl.curves.*`,
    /// `ssl.sigalgs.*`; curve and sigalg may be empty.
    virtual void onTlsNegotiated(std::string_view version, std::string_view cipher, std::string_view curve,
                                 std::string_view sigalg) = 0;
};

/// A certificate in use, for `/certs` and the expiry gauges.
struct CertificateInUse
{
    std::string path;
    CertificateFacts facts;
    bool isCa = false;
    /// The secret's; else as Envoy calls one that is given in place: `unnamed_cert_`, for authorities
    /// `unnamed_ca_cert_`, and the beginning of a digest of its inline_bytes.
    std::string name;
    /// Its OCSP response, which a server staples.
    struct Staple
    {
        std::chrono::system_clock::time_point validFrom;
        std::optional<std::chrono::system_clock::time_point> expiration; ///< none: it has expired
    };
    std::optional<Staple> staple = {};
};

/// TLS as a server, from one DownstreamTlsContext: one shared SSL_CTX, replaced when a secret changes;
/// connections that exist keep theirs. Create it on the main thread; makeTransport() may be called by any
/// thread.
class TlsServerContext
{
public:
    /// `secrets` may be null when the configuration names none. `serverNames` are those that the filter chain
    /// is for: sessions of one chain are not resumed by another.
    static Result<std::shared_ptr<TlsServerContext>>
    create(const dataplane::DownstreamTlsContext &configuration, SecretStore *secrets,
           const std::vector<std::string> &serverNames = {});
    virtual ~TlsServerContext() = default;
    /// False until every secret has been supplied: connections are then accepted and closed.
    virtual bool ready() const = 0;
    virtual std::unique_ptr<Transport> makeTransport(TlsObserver *observer) = 0;
    virtual std::vector<CertificateInUse> certificates() const = 0;
    /// Called on the main thread after each change by a secret of a file, and at once if it was such a secret
    /// that made the context (`ssl_context_update_by_sds`).
    virtual void setOnUpdated(std::function<void()> onUpdated) = 0;
};

/// What one upstream connection asks for beyond its context.
struct TlsClientOverrides
{
    std::string sni;                       ///< auto_sni, auto_host_sni
    std::vector<std::string> verifySans;   ///< auto_san_validation: one of these must be in the certificate
    std::vector<std::string> alpn;         ///< replaces the configured list
    std::vector<std::string> alpnFallback; ///< used when no list is configured

    bool operator==(const TlsClientOverrides &) const = default;
};

/// TLS as a client, from one UpstreamTlsContext.
class TlsClientContext
{
public:
    static Result<std::shared_ptr<TlsClientContext>>
    create(const dataplane::UpstreamTlsContext &configuration, SecretStore *secrets);
    virtual ~TlsClientContext() = default;
    virtual bool ready() const = 0;
    /// Never null: without its secrets the transport fails with `TLS error: Secret is not supplied by SDS`.
    virtual std::unique_ptr<Transport> makeTransport(TlsObserver *observer,
                                                     const TlsClientOverrides &overrides = {}) = 0;
    virtual std::vector<CertificateInUse> certificates() const = 0;
    virtual void setOnUpdated(std::function<void()> onUpdated) = 0;
    /// Grows with each change by a secret, so that pools can tell old connections from new ones.
    virtual std::uint64_t generation() const = 0;
};

} // namespace sallyport::net
