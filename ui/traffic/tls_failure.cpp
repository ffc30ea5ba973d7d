// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/tls_failure.h"

#include <QCoreApplication>
#include <QRegularExpression>

namespace sallyport::traffic {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(TransportFailure)
};

struct Known
{
    const char *contains; ///< upper case, `_` for spaces
    const char *brief;
    const char *cause;
};

// The more telling words first: a failed verification also has CERTIFICATE_VERIFY_FAILED.
constexpr Known known[] = {
    {"SECRET_IS_NOT_SUPPLIED_BY_SDS", QT_TRANSLATE_NOOP("TransportFailure", "TLS: secret missing"),
     QT_TRANSLATE_NOOP("TransportFailure",
                       "the certificate that its DestinationRule names was never supplied")},
    {"CERTIFICATE_HAS_EXPIRED", QT_TRANSLATE_NOOP("TransportFailure", "TLS: expired certificate"),
     QT_TRANSLATE_NOOP("TransportFailure", "the server's certificate has expired")},
    {"CERTIFICATE_IS_NOT_YET_VALID", QT_TRANSLATE_NOOP("TransportFailure", "TLS: certificate not yet valid"),
     QT_TRANSLATE_NOOP("TransportFailure", "the server's certificate is not valid yet")},
    {"CERTIFICATE_REVOKED", QT_TRANSLATE_NOOP("TransportFailure", "TLS: revoked certificate"),
     QT_TRANSLATE_NOOP("TransportFailure", "the server's certificate has been revoked")},
    {"SELF_SIGNED_CERTIFICATE", QT_TRANSLATE_NOOP("TransportFailure", "TLS: unknown CA"),
     QT_TRANSLATE_NOOP("TransportFailure", "the server's certificate is self-signed and not trusted here")},
    {"SELF-SIGNED_CERTIFICATE", QT_TRANSLATE_NOOP("TransportFailure", "TLS: unknown CA"),
     QT_TRANSLATE_NOOP("TransportFailure", "the server's certificate is self-signed and not trusted here")},
    {"UNABLE_TO_GET_LOCAL_ISSUER_CERTIFICATE", QT_TRANSLATE_NOOP("TransportFailure", "TLS: unknown CA"),
     QT_TRANSLATE_NOOP("TransportFailure", "the server's certificate is from a CA that is not trusted here")},
    {"UNABLE_TO_GET_ISSUER_CERTIFICATE", QT_TRANSLATE_NOOP("TransportFailure", "TLS: unknown CA"),
     QT_TRANSLATE_NOOP("TransportFailure", "the server's certificate is from a CA that is not trusted here")},
    {"UNABLE_TO_VERIFY_THE_FIRST_CERTIFICATE", QT_TRANSLATE_NOOP("TransportFailure", "TLS: unknown CA"),
     QT_TRANSLATE_NOOP("TransportFailure", "the server's certificate is from a CA that is not trusted here")},
    {"CERT_HASH_AND_SPKI", QT_TRANSLATE_NOOP("TransportFailure", "TLS: wrong certificate"),
     QT_TRANSLATE_NOOP("TransportFailure", "the server's certificate is not the pinned one")},
    {"DID_NOT_PROVIDE_REQUIRED_CLIENT_CERTIFICATE",
     QT_TRANSLATE_NOOP("TransportFailure", "TLS: no client certificate"),
     QT_TRANSLATE_NOOP("TransportFailure", "the client showed no certificate")},
    {"CERTIFICATE_VERIFY_FAILED", QT_TRANSLATE_NOOP("TransportFailure", "TLS: certificate refused"),
     QT_TRANSLATE_NOOP("TransportFailure", "the server's certificate could not be verified")},
    {"WRONG_VERSION_NUMBER", QT_TRANSLATE_NOOP("TransportFailure", "TLS: plaintext server"),
     QT_TRANSLATE_NOOP("TransportFailure", "the server does not speak TLS on that port")},
    {"HTTP_REQUEST", QT_TRANSLATE_NOOP("TransportFailure", "TLS: plaintext peer"),
     QT_TRANSLATE_NOOP("TransportFailure", "the peer speaks HTTP without TLS")},
    {"ALERT_UNKNOWN_CA", QT_TRANSLATE_NOOP("TransportFailure", "TLS: client certificate from unknown CA"),
     QT_TRANSLATE_NOOP("TransportFailure", "the server does not trust the CA of the client certificate")},
    {"ALERT_CERTIFICATE_EXPIRED", QT_TRANSLATE_NOOP("TransportFailure", "TLS: client certificate expired"),
     QT_TRANSLATE_NOOP("TransportFailure", "the server says that the client certificate has expired")},
    {"ALERT_CERTIFICATE_REVOKED", QT_TRANSLATE_NOOP("TransportFailure", "TLS: client certificate revoked"),
     QT_TRANSLATE_NOOP("TransportFailure", "the server says that the client certificate has been revoked")},
    {"ALERT_CERTIFICATE_REQUIRED", QT_TRANSLATE_NOOP("TransportFailure", "TLS: client certificate required"),
     QT_TRANSLATE_NOOP("TransportFailure", "the server asks for a client certificate and got none")},
    {"ALERT_BAD_CERTIFICATE", QT_TRANSLATE_NOOP("TransportFailure", "TLS: client certificate refused"),
     QT_TRANSLATE_NOOP("TransportFailure", "the server refuses the client certificate")},
    {"ALERT_CERTIFICATE_UNKNOWN", QT_TRANSLATE_NOOP("TransportFailure", "TLS: client certificate refused"),
     QT_TRANSLATE_NOOP("TransportFailure", "the server refuses the client certificate")},
    {"ALERT_UNRECOGNIZED_NAME", QT_TRANSLATE_NOOP("TransportFailure", "TLS: unknown server name"),
     QT_TRANSLATE_NOOP("TransportFailure", "the server has no certificate for the SNI that was asked for")},
    {"ALERT_HANDSHAKE_FAILURE", QT_TRANSLATE_NOOP("TransportFailure", "TLS: handshake refused"),
     QT_TRANSLATE_NOOP("TransportFailure", "the server found no common ground in the handshake")},
    {"ALERT_PROTOCOL_VERSION", QT_TRANSLATE_NOOP("TransportFailure", "TLS: no common version"),
     QT_TRANSLATE_NOOP("TransportFailure", "client and server have no TLS version in common")},
    {"UNSUPPORTED_PROTOCOL", QT_TRANSLATE_NOOP("TransportFailure", "TLS: no common version"),
     QT_TRANSLATE_NOOP("TransportFailure", "client and server have no TLS version in common")},
    {"NO_SHARED_CIPHER", QT_TRANSLATE_NOOP("TransportFailure", "TLS: no common cipher"),
     QT_TRANSLATE_NOOP("TransportFailure", "client and server have no cipher in common")},
    {"CONNECTION_REFUSED", QT_TRANSLATE_NOOP("TransportFailure", "connection refused"),
     QT_TRANSLATE_NOOP("TransportFailure", "nothing listens on that port")},
    {"NETWORK_IS_UNREACHABLE", QT_TRANSLATE_NOOP("TransportFailure", "network unreachable"),
     QT_TRANSLATE_NOOP("TransportFailure", "there is no way to that network")},
    {"NO_ROUTE_TO_HOST", QT_TRANSLATE_NOOP("TransportFailure", "host unreachable"),
     QT_TRANSLATE_NOOP("TransportFailure", "there is no way to that host")},
};

bool isTls(const QString &reason)
{
    return reason.startsWith(QLatin1String("TLS_ERROR"));
}

/// `[a,_b]` after `words`.
QString listAfter(const QString &reason, QLatin1String words)
{
    const qsizetype at = reason.indexOf(words, 0, Qt::CaseInsensitive);
    const qsizetype open = at < 0 ? -1 : reason.indexOf(QLatin1Char('['), at);
    const qsizetype close = open < 0 ? -1 : reason.indexOf(QLatin1Char(']'), open);
    if (close < 0)
        return {};
    QString list = reason.mid(open + 1, close - open - 1);
    // Names have no spaces: each underscore after a comma was one.
    return list.replace(QLatin1String(",_"), QLatin1String(", "));
}

} // namespace

std::optional<TransportFailure> explainTransportFailure(const QString &reason)
{
    if (reason.isEmpty())
        return std::nullopt;
    QString words = reason;
    words.replace(QLatin1Char(' '), QLatin1Char('_'));
    const QString upper = words.toUpper();
    const QString expected = listAfter(words, QLatin1String("expected_SANs"));
    const QString shown = listAfter(words, QLatin1String("certificate_SANs"));
    if (upper.contains(QLatin1String("VERIFY_SAN_LIST")) || upper.contains(QLatin1String("SAN_MATCHER"))) {
        const QString cause =
            expected.isEmpty()
                ? Words::tr("the server's certificate is for %1, which is no name that is accepted")
                      .arg(shown)
                : Words::tr("the server's certificate is for %1, not for %2").arg(shown, expected);
        return TransportFailure{Words::tr("TLS: wrong name"), cause};
    }
    for (const Known &entry : known) {
        if (upper.contains(QLatin1String(entry.contains)))
            return TransportFailure{Words::tr(entry.brief), Words::tr(entry.cause)};
    }
    if (upper.contains(QLatin1String("CONNECTION_RESET_BY_PEER"))) {
        return isTls(upper)
                   ? TransportFailure{Words::tr("TLS: closed in the handshake"),
                                      Words::tr("the server closed the connection during the TLS handshake")}
                   : TransportFailure{Words::tr("connection reset"),
                                      Words::tr("the server reset the connection")};
    }
    if (isTls(upper)) {
        // The library's last word, the part before `TLS_error_end`.
        static const QRegularExpression lastWord(QStringLiteral("([^:|]+):TLS_error_end"),
                                                 QRegularExpression::CaseInsensitiveOption);
        const QString word = lastWord.match(words).captured(1);
        return TransportFailure{Words::tr("TLS error"),
                                word.isEmpty() ? Words::tr("the TLS handshake failed")
                                               : Words::tr("the TLS handshake failed with %1").arg(word)};
    }
    return std::nullopt;
}

} // namespace sallyport::traffic
