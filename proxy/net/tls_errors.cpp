// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/tls_errors.h"

#include <algorithm>
#include <cstring>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/sslerr.h>
#include <openssl/x509_vfy.h>
#include <optional>

namespace sallyport::net {

namespace {

constexpr unsigned long SystemLibrary = 2;

struct Reason
{
    int openssl;
    unsigned long number;
    std::string_view name;
};

/// OpenSSL's reasons for which BoringSSL has another number (its ssl.h); the name is BoringSSL's.
constexpr Reason Reasons[] = {
    {SSL_R_APP_DATA_IN_HANDSHAKE, 100, "APP_DATA_IN_HANDSHAKE"},
    {SSL_R_BAD_CHANGE_CIPHER_SPEC, 103, "BAD_CHANGE_CIPHER_SPEC"},
    {SSL_R_BAD_DIGEST_LENGTH, 106, "BAD_DIGEST_LENGTH"},
    {SSL_R_BAD_ECPOINT, 108, "BAD_ECPOINT"},
    {SSL_R_INVALID_ALERT, 102, "BAD_ALERT"},
    {SSL_R_BAD_HELLO_REQUEST, 110, "BAD_HELLO_REQUEST"},
    {SSL_R_BAD_LENGTH, 111, "BAD_LENGTH"},
    {SSL_R_BAD_PACKET, 112, "BAD_PACKET_LENGTH"},
    {SSL_R_BAD_SIGNATURE, 114, "BAD_SIGNATURE"},
    {SSL_R_CCS_RECEIVED_EARLY, 124, "CCS_RECEIVED_EARLY"},
    {SSL_R_CERTIFICATE_VERIFY_FAILED, 125, "CERTIFICATE_VERIFY_FAILED"},
    {SSL_R_CERT_CB_ERROR, 126, "CERT_CB_ERROR"},
    {SSL_R_CERT_LENGTH_MISMATCH, 127, "CERT_LENGTH_MISMATCH"},
    {SSL_R_CLIENTHELLO_TLSEXT, 132, "CLIENTHELLO_TLSEXT"},
    {SSL_R_DATA_LENGTH_TOO_LONG, 136, "DATA_LENGTH_TOO_LONG"},
    {SSL_R_DECRYPTION_FAILED, 138, "DECRYPTION_FAILED"},
    {SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, 139, "DECRYPTION_FAILED_OR_BAD_RECORD_MAC"},
    {SSL_R_DIGEST_CHECK_FAILED, 142, "DIGEST_CHECK_FAILED"},
    {SSL_R_INCONSISTENT_EXTMS, 145, "EMS_STATE_INCONSISTENT"},
    {SSL_R_ENCRYPTED_LENGTH_TOO_LONG, 146, "ENCRYPTED_LENGTH_TOO_LONG"},
    {SSL_R_PACKET_LENGTH_TOO_LONG, 146, "ENCRYPTED_LENGTH_TOO_LONG"},
    {SSL_R_EXCESSIVE_MESSAGE_SIZE, 150, "EXCESSIVE_MESSAGE_SIZE"},
    {SSL_R_EXTRA_DATA_IN_MESSAGE, 151, "EXTRA_DATA_IN_MESSAGE"},
    {SSL_R_HTTPS_PROXY_REQUEST, 155, "HTTPS_PROXY_REQUEST"},
    {SSL_R_HTTP_REQUEST, 156, "HTTP_REQUEST"},
    {SSL_R_INAPPROPRIATE_FALLBACK, 157, "INAPPROPRIATE_FALLBACK"},
    {SSL_R_LENGTH_MISMATCH, 162, "LENGTH_MISMATCH"},
    {SSL_R_LENGTH_TOO_SHORT, 162, "LENGTH_MISMATCH"},
    {SSL_R_NO_CERTIFICATE_ASSIGNED, 173, "NO_CERTIFICATE_ASSIGNED"},
    {SSL_R_NO_CIPHERS_AVAILABLE, 175, "NO_CIPHERS_AVAILABLE"},
    {SSL_R_NO_CIPHER_MATCH, 177, "NO_CIPHER_MATCH"},
    {SSL_R_NO_COMPRESSION_SPECIFIED, 178, "NO_COMPRESSION_SPECIFIED"},
    {SSL_R_NO_RENEGOTIATION, 182, "NO_RENEGOTIATION"},
    {SSL_R_NO_SHARED_CIPHER, 184, "NO_SHARED_CIPHER"},
    {SSL_R_PARSE_TLSEXT, 190, "PARSE_TLSEXT"},
    {SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, 192, "PEER_DID_NOT_RETURN_A_CERTIFICATE"},
    {SSL_R_PROTOCOL_IS_SHUTDOWN, 194, "PROTOCOL_IS_SHUTDOWN"},
    {SSL_R_RECORD_LENGTH_MISMATCH, 199, "RECORD_LENGTH_MISMATCH"},
    {SSL_R_RENEGOTIATION_MISMATCH, 202, "RENEGOTIATION_MISMATCH"},
    {SSL_R_REQUIRED_CIPHER_MISSING, 203, "REQUIRED_CIPHER_MISSING"},
    {SSL_R_TOO_MANY_WARN_ALERTS, 220, "TOO_MANY_WARNING_ALERTS"},
    {SSL_R_BAD_EXTENSION, 222, "UNEXPECTED_EXTENSION"},
    {SSL_R_UNSOLICITED_EXTENSION, 222, "UNEXPECTED_EXTENSION"},
    {SSL_R_UNEXPECTED_MESSAGE, 223, "UNEXPECTED_MESSAGE"},
    {SSL_R_UNEXPECTED_RECORD, 225, "UNEXPECTED_RECORD"},
    {SSL_R_UNKNOWN_ALERT_TYPE, 227, "UNKNOWN_ALERT_TYPE"},
    {SSL_R_UNKNOWN_CERTIFICATE_TYPE, 228, "UNKNOWN_CERTIFICATE_TYPE"},
    {SSL_R_UNKNOWN_CIPHER_RETURNED, 242, "WRONG_CIPHER_RETURNED"},
    {SSL_R_UNKNOWN_KEY_EXCHANGE_TYPE, 232, "UNKNOWN_KEY_EXCHANGE_TYPE"},
    {SSL_R_UNKNOWN_PROTOCOL, 233, "UNKNOWN_PROTOCOL"},
    {SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED, 236, "UNSAFE_LEGACY_RENEGOTIATION_DISABLED"},
    {SSL_R_COMPRESSION_DISABLED, 238, "UNSUPPORTED_COMPRESSION_ALGORITHM"},
    {SSL_R_UNSUPPORTED_COMPRESSION_ALGORITHM, 238, "UNSUPPORTED_COMPRESSION_ALGORITHM"},
    {SSL_R_UNSUPPORTED_ELLIPTIC_CURVE, 239, "UNSUPPORTED_ELLIPTIC_CURVE"},
    {SSL_R_UNSUPPORTED_PROTOCOL, 240, "UNSUPPORTED_PROTOCOL"},
    {SSL_R_NO_PROTOCOLS_AVAILABLE, 280, "NO_SUPPORTED_VERSIONS_ENABLED"},
    {SSL_R_WRONG_CERTIFICATE_TYPE, 241, "WRONG_CERTIFICATE_TYPE"},
    {SSL_R_WRONG_CIPHER_RETURNED, 242, "WRONG_CIPHER_RETURNED"},
    {SSL_R_WRONG_CURVE, 243, "WRONG_CURVE"},
    {SSL_R_WRONG_SIGNATURE_TYPE, 245, "WRONG_SIGNATURE_TYPE"},
    {SSL_R_WRONG_SSL_VERSION, 246, "WRONG_SSL_VERSION"},
    {SSL_R_WRONG_VERSION_NUMBER, 247, "WRONG_VERSION_NUMBER"},
    {SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, 253, "NO_COMMON_SIGNATURE_ALGORITHMS"},
    {SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, 253, "NO_COMMON_SIGNATURE_ALGORITHMS"},
    {SSL_R_NO_SUITABLE_KEY_SHARE, 266, "NO_SHARED_GROUP"},
    {SSL_R_NO_SUITABLE_GROUPS, 266, "NO_SHARED_GROUP"},
    {SSL_R_TOO_MANY_KEY_UPDATES, 260, "TOO_MANY_KEY_UPDATES"},
};

/// Alerts from the peer are 1000 + alert in both libraries.
struct AlertName
{
    int alert;
    std::string_view name;
};
constexpr AlertName Alerts[] = {
    {0, "SSLV3_ALERT_CLOSE_NOTIFY"},
    {10, "SSLV3_ALERT_UNEXPECTED_MESSAGE"},
    {20, "SSLV3_ALERT_BAD_RECORD_MAC"},
    {21, "TLSV1_ALERT_DECRYPTION_FAILED"},
    {22, "TLSV1_ALERT_RECORD_OVERFLOW"},
    {30, "SSLV3_ALERT_DECOMPRESSION_FAILURE"},
    {40, "SSLV3_ALERT_HANDSHAKE_FAILURE"},
    {41, "SSLV3_ALERT_NO_CERTIFICATE"},
    {42, "SSLV3_ALERT_BAD_CERTIFICATE"},
    {43, "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE"},
    {44, "SSLV3_ALERT_CERTIFICATE_REVOKED"},
    {45, "SSLV3_ALERT_CERTIFICATE_EXPIRED"},
    {46, "SSLV3_ALERT_CERTIFICATE_UNKNOWN"},
    {47, "SSLV3_ALERT_ILLEGAL_PARAMETER"},
    {48, "TLSV1_ALERT_UNKNOWN_CA"},
    {49, "TLSV1_ALERT_ACCESS_DENIED"},
    {50, "TLSV1_ALERT_DECODE_ERROR"},
    {51, "TLSV1_ALERT_DECRYPT_ERROR"},
    {60, "TLSV1_ALERT_EXPORT_RESTRICTION"},
    {70, "TLSV1_ALERT_PROTOCOL_VERSION"},
    {71, "TLSV1_ALERT_INSUFFICIENT_SECURITY"},
    {80, "TLSV1_ALERT_INTERNAL_ERROR"},
    {86, "TLSV1_ALERT_INAPPROPRIATE_FALLBACK"},
    {90, "TLSV1_ALERT_USER_CANCELLED"},
    {100, "TLSV1_ALERT_NO_RENEGOTIATION"},
    {110, "TLSV1_ALERT_UNSUPPORTED_EXTENSION"},
    {111, "TLSV1_ALERT_CERTIFICATE_UNOBTAINABLE"},
    {112, "TLSV1_ALERT_UNRECOGNIZED_NAME"},
    {113, "TLSV1_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE"},
    {114, "TLSV1_ALERT_BAD_CERTIFICATE_HASH_VALUE"},
    {115, "TLSV1_ALERT_UNKNOWN_PSK_IDENTITY"},
    {116, "TLSV1_ALERT_CERTIFICATE_REQUIRED"},
    {120, "TLSV1_ALERT_NO_APPLICATION_PROTOCOL"},
};

std::string upperCased(const char *text)
{
    std::string name;
    for (; text != nullptr && *text != '\0'; ++text) {
        const char c = *text;
        name += c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c == ' ' || c == '-' ? '_' : c;
    }
    return name;
}

/// Where one library has a reason of its own for what is one of several to the other.
std::optional<Reason> reasonBySide(int reason, const TlsFailureContext &context)
{
    const bool server = context.server;
    // BoringSSL looks at the certificate before it looks for a cipher.
    if (reason == SSL_R_NO_SHARED_CIPHER && context.lacksCurve)
        return Reason{reason, 243, "WRONG_CURVE"};
    if (reason == SSL_R_LENGTH_MISMATCH || reason == SSL_R_LENGTH_TOO_SHORT)
        return server ? Reason{reason, 131, "CLIENTHELLO_PARSE_FAILED"} : Reason{reason, 137, "DECODE_ERROR"};
    // A server that speaks HTTP in the place of TLS.
    if (!server && (reason == SSL_R_HTTP_REQUEST || reason == SSL_R_HTTPS_PROXY_REQUEST))
        return Reason{reason, 247, "WRONG_VERSION_NUMBER"};
    return std::nullopt;
}

void appendSslReason(std::string &text, unsigned long error, const TlsFailureContext &context)
{
    const int reason = ERR_GET_REASON(error);
    auto number = static_cast<unsigned long>(reason);
    std::string name;
    if (reason >= 1000) {
        name = alertName(reason - 1000);
    } else if (const auto sided = reasonBySide(reason, context)) {
        number = sided->number;
        name = sided->name;
    } else {
        const auto *known = std::find_if(std::begin(Reasons), std::end(Reasons),
                                         [reason](const Reason &r) { return r.openssl == reason; });
        if (known != std::end(Reasons)) {
            number = known->number;
            name = known->name;
        } else {
            name = upperCased(ERR_reason_error_string(error));
        }
    }
    text += sslError(number, name);
    constexpr int HandshakeFailure = 1040;
    if (reason == HandshakeFailure && context.awaitsServerHello)
        text += sslError(154, "HANDSHAKE_FAILURE_ON_CLIENT_HELLO");
}

} // namespace

std::string sslError(unsigned long reason, std::string_view name)
{
    return '|' + std::to_string(sslErrorNumber(reason)) +
           ":SSL routines:OPENSSL_internal:" + std::string(name);
}

std::string_view alertName(int alert)
{
    const auto *known = std::find_if(std::begin(Alerts), std::end(Alerts),
                                     [alert](const AlertName &each) { return each.alert == alert; });
    return known == std::end(Alerts) ? std::string_view("unknown error") : known->name;
}

TlsFailure takeTlsFailure(const TlsFailureContext &context)
{
    TlsFailure failure;
    std::string ssl;
    std::string others;
    while (const unsigned long error = ERR_get_error()) {
        if (ERR_GET_LIB(error) == ERR_LIB_SSL) {
            failure.noPeerCertificate |= ERR_GET_REASON(error) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE;
            failure.verifyFailed |= ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED;
            appendSslReason(ssl, error, context);
        } else {
            const char *library = ERR_lib_error_string(error);
            others += '|' + std::to_string(error & 0x7FFFFFFFUL) + ':' + (library == nullptr ? "" : library) +
                      ":OPENSSL_internal:" + upperCased(ERR_reason_error_string(error));
        }
    }
    std::string errors = ssl.empty() ? others : ssl;
    if (errors.empty() && context.systemError != 0) {
        failure.systemError = true;
        errors = '|' +
                 std::to_string(SystemLibrary << 24U | static_cast<unsigned long>(context.systemError)) +
                 ":system library:OPENSSL_internal:" + std::strerror(context.systemError);
    }
    if (errors.empty())
        return failure;
    failure.reason = "TLS_error:" + errors;
    if (failure.verifyFailed && !context.detail.empty())
        failure.reason.append(":").append(context.detail);
    else if (failure.noPeerCertificate)
        failure.reason += ":peer did not provide required client certificate";
    failure.reason += ":TLS_error_end";
    return failure;
}

std::string verificationText(long result)
{
    constexpr const char *AgainstCrls = "certificate revocation check against provided CRLs failed: ";
    switch (result) {
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CERT_REVOKED:
        return AgainstCrls + std::string(X509_verify_cert_error_string(result));
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return "self signed certificate";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        return "self signed certificate in certificate chain";
    case X509_V_ERR_INVALID_PURPOSE:
        return "unsupported certificate purpose";
    case X509_V_ERR_INVALID_CA:
        return "invalid CA certificate";
    default:
        return X509_verify_cert_error_string(result);
    }
}

} // namespace sallyport::net
