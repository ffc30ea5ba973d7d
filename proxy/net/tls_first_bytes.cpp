// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/tls_first_bytes.h"

#include "proxy/net/tls_errors.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sallyport::net {

namespace {

constexpr std::size_t RecordHeader = 5;
/// 16 KiB of plaintext and what encryption may add.
constexpr std::size_t MostRecordBytes = std::size_t(16) * 1024 + 320;
constexpr unsigned AlertRecord = 21;
constexpr unsigned HandshakeRecord = 22;
constexpr unsigned ClientHelloMessage = 1;
constexpr unsigned WarningLevel = 1;
constexpr unsigned FatalLevel = 2;
constexpr int UnexpectedMessageAlert = 10;
constexpr int RecordOverflowAlert = 22;
constexpr int IllegalParameterAlert = 47;
constexpr int DecodeErrorAlert = 50;
constexpr int ProtocolVersionAlert = 70;

unsigned byteAt(std::string_view bytes, std::size_t at)
{
    return static_cast<unsigned char>(bytes[at]);
}

std::optional<TlsRefusal> refusalOfAlert(std::string_view body)
{
    if (body.size() != 2)
        return TlsRefusal{102, "BAD_ALERT", DecodeErrorAlert};
    const unsigned description = byteAt(body, 1);
    switch (byteAt(body, 0)) {
    case WarningLevel:
        return description == 0 ? std::optional(TlsRefusal()) : std::nullopt;
    case FatalLevel:
        return TlsRefusal{1000 + description, alertName(static_cast<int>(description)), -1};
    default:
        return TlsRefusal{227, "UNKNOWN_ALERT_TYPE", IllegalParameterAlert};
    }
}

} // namespace

std::optional<TlsRefusal> refusalOfFirstBytes(std::string_view bytes)
{
    if (bytes.size() < RecordHeader)
        return std::nullopt;
    for (const std::string_view method : {"GET ", "POST ", "HEAD ", "PUT "}) {
        if (bytes.starts_with(method))
            return TlsRefusal{156, "HTTP_REQUEST", -1};
    }
    if (bytes.starts_with("CONNE"))
        return TlsRefusal{155, "HTTPS_PROXY_REQUEST", -1};
    // The ClientHello of SSL 2, which could ask for newer versions.
    if ((byteAt(bytes, 0) & 0x80U) != 0 && byteAt(bytes, 2) == ClientHelloMessage && byteAt(bytes, 3) == 3)
        return std::nullopt;
    if (byteAt(bytes, 1) != 3)
        return TlsRefusal{247, "WRONG_VERSION_NUMBER", ProtocolVersionAlert};
    const std::size_t length = byteAt(bytes, 3) << 8U | byteAt(bytes, 4);
    if (length > MostRecordBytes)
        return TlsRefusal{146, "ENCRYPTED_LENGTH_TOO_LONG", RecordOverflowAlert};
    if (bytes.size() < RecordHeader + length)
        return std::nullopt;
    const std::string_view body = bytes.substr(RecordHeader, length);
    if (byteAt(bytes, 0) == AlertRecord)
        return refusalOfAlert(body);
    if (byteAt(bytes, 0) != HandshakeRecord)
        return TlsRefusal{225, "UNEXPECTED_RECORD", UnexpectedMessageAlert};
    // Only a whole message is looked at.
    if (body.size() < 4 || byteAt(body, 0) == ClientHelloMessage)
        return std::nullopt;
    const std::size_t message = byteAt(body, 1) << 16U | byteAt(body, 2) << 8U | byteAt(body, 3);
    if (body.size() < 4 + message)
        return std::nullopt;
    return TlsRefusal{223, "UNEXPECTED_MESSAGE", UnexpectedMessageAlert};
}

std::string failureText(const TlsRefusal &refusal)
{
    return "TLS_error:" + sslError(refusal.reason, refusal.name) + ":TLS_error_end";
}

std::string inspectionText(const TlsRefusal &refusal)
{
    std::array<char, 8> digits{};
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), sslErrorNumber(refusal.reason), 16).ptr;
    return "TLS_error|error:" + std::string(digits.data(), end) +
           ":SSL routines:OPENSSL_internal:" + std::string(refusal.name) + ":TLS_error_end";
}

} // namespace sallyport::net
