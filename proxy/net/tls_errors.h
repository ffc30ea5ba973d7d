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

/// What the failure depends on beside the error queue.
struct TlsFailureContext
{
    int systemError = 0;            ///< errno of the socket call that failed, or 0
    std::string_view detail;        ///< why a certificate was refused
    bool server = false;            ///< we are the server
    bool awaitsServerHello = false; ///< the client has sent its hello and heard nothing
    bool lacksCurve = false;        ///< the client does not know the curve of the only certificate there is
};
TlsFailure takeTlsFailure(const TlsFailureContext &context);

/// BoringSSL's number of an error of its SSL part, which is library 16 to it.
constexpr unsigned long sslErrorNumber(unsigned long reason)
{
    return 16UL << 24U | reason;
}
/// `|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER`
std::string sslError(unsigned long reason, std::string_view name);
/// BoringSSL's name of an alert that the peer sent: `SSLV3_ALERT_HANDSHAKE_FAILURE`.
std::string_view alertName(int alert);

/// OpenSSL's words for a verification result, as BoringSSL says them.
std::string verificationText(long result);

/// What a connection gets whose secrets have not been supplied.
inline constexpr std::string_view SecretMissing = "TLS error: Secret is not supplied by SDS";

} // namespace sallyport::net
