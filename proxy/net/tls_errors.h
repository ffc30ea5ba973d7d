// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace sallyport::net {

/// What went wrong in a TLS connection, from this thread's OpenSSL error queue (which is emptied).
struct TlsFailure
{
    std::string reason; ///< in Envoy's form with BoringSSL's names and numbers; empty if there was no error
    bool noPeerCertificate = false;
    bool verifyFailed = false;
    bool systemError = false;

    /// Envoy counts these as `ssl.connection_error`.
    bool isConnectionError() const
    {
        return !reason.empty() && !noPeerCertificate && !verifyFailed && !systemError;
    }
};

/// `systemError` is the errno of the socket call that failed, or 0; `detail` says why a certificate was
/// refused.
TlsFailure takeTlsFailure(int systemError, std::string_view detail);

/// OpenSSL's words for a verification result, as BoringSSL says them.
std::string verificationText(long result);

/// What a connection gets whose secrets have not been supplied.
inline constexpr std::string_view SecretMissing = "TLS error: Secret is not supplied by SDS";

} // namespace sallyport::net
