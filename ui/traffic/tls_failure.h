// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <optional>

namespace sallyport::traffic {

/// A transport failure in plain words.
struct TransportFailure
{
    QString brief; ///< `TLS: unknown CA`
    QString cause; ///< a clause: `the server's certificate is from a CA that is not trusted here`
};

/// What an upstream_transport_failure_reason means: TLS library errors in BoringSSL's and OpenSSL's words,
/// secrets that did not come, connect errors. Empty for what is not known.
std::optional<TransportFailure> explainTransportFailure(const QString &reason);

} // namespace sallyport::traffic
