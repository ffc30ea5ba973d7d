// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/tls.h"
#include "core/explain/scene.h"
#include "core/pki/certificate.h"

namespace sallyport::explain {

/// What one side of a TLS connection shows.
struct Shown
{
    std::vector<pki::Certificate> chain; ///< leaf first; empty: nothing
    std::string secret;                  ///< its name, `kubernetes://test.client`; empty: none
    std::string missing;                 ///< why a secret that is asked for has no content
};

/// What one side of a TLS connection demands of the other.
struct PeerCheck
{
    bool verifiesChain = false;
    std::vector<pki::Certificate> roots;
    std::vector<dataplane::SubjectAltNameMatcher> names;
    std::vector<dataplane::StringMatcher> anyNames; ///< a name of any type
    std::vector<std::string> hashes;                ///< SHA-256, lower-case digits
    bool allowExpired = false;
    bool acceptUntrusted = false;
    std::string missing; ///< why a secret that is asked for has no content

    bool demandsNames() const { return !names.empty() || !anyNames.empty(); }
    bool demandsAnything() const { return verifiesChain || demandsNames() || !hashes.empty(); }
};

/// What one side of a handshake shows, and what it asks of the other.
Shown shownBy(const Proxy &proxy, const dataplane::CommonTlsContext &context);
PeerCheck checkBy(const Proxy &proxy, const dataplane::CommonTlsContext &context);

/// Certificates of a PEM text; none if there is none in it.
std::vector<pki::Certificate> certificatesOf(const std::string &pem);
/// The roots that the operating system trusts.
std::vector<pki::Certificate> systemRoots();

/// What a side makes of its peer's certificate.
struct Judgement
{
    bool accepted = false;
    bool validated = false;
    std::string detail; ///< why not, in Envoy's words: `verify cert failed: …`
};

enum class PeerRole { Client, Server };

/// Whether `chain`, shown by a peer in that role, passes the check, in Envoy's order: chain, names that the
/// connection expects, configured names, hashes (source/common/tls/cert_validator/default_validator.cc).
Judgement judge(const std::vector<pki::Certificate> &chain, const PeerCheck &check,
                const std::vector<std::string> &expectedNames, PeerRole role);

/// `CN=…; URI:spiffe://…; until 2027-01-01 00:00 UTC`
std::string describe(const pki::Certificate &certificate);

} // namespace sallyport::explain
