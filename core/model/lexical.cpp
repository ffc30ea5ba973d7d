// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/lexical.h"

#include "core/model/host_name.h"
#include "core/result/ascii_case.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <re2/re2.h>

namespace sallyport::model {

namespace {

template<std::size_t N>
bool isOneOf(std::string_view word, const std::array<std::string_view, N> &words)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// Characters of a path segment (RFC 3986 pchar, without `*`, which is an operator here).
bool isPathLiteral(std::string_view segment)
{
    return std::all_of(segment.begin(), segment.end(), [](unsigned char c) {
        return std::isalnum(c) ||
               std::string_view("-._~!$&'()+,;=:@%").find(static_cast<char>(c)) != std::string_view::npos;
    });
}

} // namespace

bool isPort(std::uint64_t number)
{
    constexpr std::uint64_t last = 65535;
    return number >= 1 && number <= last;
}

bool isCidr(std::string_view text)
{
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos || !isIpAddress(text.substr(0, slash)))
        return false;
    const std::string_view digits = text.substr(slash + 1);
    int bits = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    const int most = text.find(':') == std::string_view::npos ? 32 : 128;
    return error == std::errc() && end == digits.data() + digits.size() && bits >= 0 && bits <= most;
}

bool isIpOrCidr(std::string_view text)
{
    return isIpAddress(text) || isCidr(text);
}

bool isUnixAddress(std::string_view address)
{
    if (address.starts_with('@'))
        return address.size() > 1;
    return address.starts_with('/') && !address.ends_with('/');
}

bool isWholeMilliseconds(Duration duration)
{
    return duration >= std::chrono::milliseconds(1) &&
           duration == std::chrono::duration_cast<std::chrono::milliseconds>(duration);
}

ProtocolFamily protocolFamily(std::string_view protocol)
{
    const std::string name = asciiLowered(protocol);
    if (name == "http" || name == "http_proxy")
        return ProtocolFamily::Http;
    if (name == "http2" || name == "grpc" || name == "grpc-web")
        return ProtocolFamily::Http2;
    if (name == "https" || name == "tls")
        return ProtocolFamily::Tls;
    if (name == "tcp" || name == "mongo" || name == "redis" || name == "mysql")
        return ProtocolFamily::Tcp;
    return name == "udp" ? ProtocolFamily::Udp : ProtocolFamily::Unknown;
}

bool isHttpProtocol(std::string_view protocol)
{
    const ProtocolFamily family = protocolFamily(protocol);
    return family == ProtocolFamily::Http || family == ProtocolFamily::Http2;
}

bool isTlsProtocol(std::string_view protocol)
{
    return protocolFamily(protocol) == ProtocolFamily::Tls;
}

bool isTcpProtocol(std::string_view protocol)
{
    const ProtocolFamily family = protocolFamily(protocol);
    return family == ProtocolFamily::Tcp || family == ProtocolFamily::Tls;
}

std::string regexProblem(std::string_view pattern)
{
    constexpr std::size_t longest = 1024;
    if (pattern.empty())
        return "the regular expression is empty";
    if (pattern.size() > longest)
        return "the regular expression is longer than 1024 bytes";
    RE2::Options options;
    options.set_log_errors(false);
    const RE2 expression(re2::StringPiece(pattern.data(), pattern.size()), options);
    return expression.ok() ? std::string()
                           : "RE2 does not take the regular expression: " + expression.error();
}

bool isHeaderToken(std::string_view name)
{
    return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) ||
               std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
    });
}

bool isJwtClaimHeader(std::string_view name)
{
    constexpr std::string_view prefix = "@request.auth.claims";
    if (!asciiLowered(name).starts_with(prefix) || name.size() <= prefix.size() + 1)
        return false;
    const char separator = name[prefix.size()];
    return separator == '.' || (separator == '[' && name.ends_with(']'));
}

bool isMatchableHeader(std::string_view name)
{
    static constexpr std::array<std::string_view, 5> pseudo{":method", ":scheme", ":authority", ":path",
                                                            ":status"};
    return isHeaderToken(name) || isOneOf(name, pseudo) || isJwtClaimHeader(name);
}

bool isAuthorityHeader(std::string_view name)
{
    return name == ":authority" || asciiLowered(name) == "host";
}

std::string headerValueProblem(std::string_view value)
{
    for (std::size_t i = 0; i < value.size(); ++i) {
        const auto c = static_cast<unsigned char>(value[i]);
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return "a header value cannot hold control characters";
        if (c != '%')
            continue;
        if (value.substr(i + 1).starts_with('%')) {
            ++i;
            continue;
        }
        // `%NAME%` or `%NAME(argument)%`
        std::size_t at = i + 1;
        while (at < value.size() && (std::isupper(static_cast<unsigned char>(value[at])) ||
                                     value[at] == '_' || std::isdigit(static_cast<unsigned char>(value[at]))))
            ++at;
        const bool named = at > i + 1;
        if (named && at < value.size() && value[at] == '(') {
            at = value.find(')', at);
            at = at == std::string_view::npos ? value.size() : at + 1;
        }
        if (!named || at >= value.size() || value[at] != '%')
            return "% begins a variable such as %HOSTNAME%; write %% for a percent sign";
        i = at;
    }
    return {};
}

bool isAssignedHttpStatus(int status)
{
    static constexpr std::array<std::pair<int, int>, 12> ranges{{{100, 103},
                                                                 {200, 208},
                                                                 {226, 226},
                                                                 {300, 305},
                                                                 {307, 308},
                                                                 {400, 418},
                                                                 {421, 426},
                                                                 {428, 429},
                                                                 {431, 431},
                                                                 {451, 451},
                                                                 {500, 508},
                                                                 {510, 511}}};
    return std::any_of(ranges.begin(), ranges.end(), [status](const auto &range) {
        return status >= range.first && status <= range.second;
    });
}

bool isGrpcStatusName(std::string_view name)
{
    static constexpr std::array<std::string_view, 17> names{
        "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
        "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
        "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
        "DATA_LOSS", "UNAUTHENTICATED"};
    return isOneOf(name, names);
}

bool isRetryOnWord(std::string_view word)
{
    static constexpr std::array<std::string_view, 16> words{"5xx",
                                                            "gateway-error",
                                                            "reset",
                                                            "reset-before-request",
                                                            "connect-failure",
                                                            "retriable-4xx",
                                                            "refused-stream",
                                                            "retriable-status-codes",
                                                            "retriable-headers",
                                                            "envoy-ratelimited",
                                                            "http3-post-connect-failure",
                                                            "cancelled",
                                                            "deadline-exceeded",
                                                            "internal",
                                                            "resource-exhausted",
                                                            "unavailable"};
    return isOneOf(word, words);
}

bool isCipherSuite(std::string_view cipher)
{
    if (cipher.empty() || cipher == "ALL" || !std::isalnum(static_cast<unsigned char>(cipher.front())))
        return true;
    static constexpr std::array<std::string_view, 15> ciphers{"ECDHE-ECDSA-AES128-GCM-SHA256",
                                                              "ECDHE-RSA-AES128-GCM-SHA256",
                                                              "ECDHE-ECDSA-AES256-GCM-SHA384",
                                                              "ECDHE-RSA-AES256-GCM-SHA384",
                                                              "ECDHE-ECDSA-CHACHA20-POLY1305",
                                                              "ECDHE-RSA-CHACHA20-POLY1305",
                                                              "ECDHE-ECDSA-AES128-SHA",
                                                              "ECDHE-RSA-AES128-SHA",
                                                              "ECDHE-ECDSA-AES256-SHA",
                                                              "ECDHE-RSA-AES256-SHA",
                                                              "AES128-GCM-SHA256",
                                                              "AES256-GCM-SHA384",
                                                              "AES128-SHA",
                                                              "AES256-SHA",
                                                              "DES-CBC3-SHA"};
    return isOneOf(cipher, ciphers);
}

bool isEcdhCurve(std::string_view curve)
{
    static constexpr std::array<std::string_view, 8> curves{
        "", "P-224", "P-256", "P-521", "P-384", "X25519", "X25519Kyber768Draft00", "X25519MLKEM768"};
    return isOneOf(curve, curves);
}

namespace {

/// Letters, digits, `-`, `_` and `.`, of which the last three do not stand at an end.
bool isQualifiedName(std::string_view text)
{
    const auto alphanumeric = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
    return !text.empty() && alphanumeric(text.front()) && alphanumeric(text.back()) &&
           std::all_of(text.begin(), text.end(), [&alphanumeric](char c) {
               return alphanumeric(c) || c == '-' || c == '_' || c == '.';
           });
}

} // namespace

bool isLabelKey(std::string_view key)
{
    constexpr std::size_t longestName = 63;
    constexpr std::size_t longestPrefix = 253;
    const std::size_t slash = key.find('/');
    if (slash == std::string_view::npos)
        return key.size() <= longestName && isQualifiedName(key);
    std::string_view prefix = key.substr(0, slash);
    const std::string_view name = key.substr(slash + 1);
    if (prefix.size() > longestPrefix || name.size() > longestName || !isQualifiedName(name))
        return false;
    while (true) {
        const std::size_t dot = std::min(prefix.find('.'), prefix.size());
        if (!isDnsLabel(prefix.substr(0, dot)))
            return false;
        if (dot == prefix.size())
            return true;
        prefix.remove_prefix(dot + 1);
    }
}

bool isLabelValue(std::string_view value)
{
    return value.empty() || isQualifiedName(value);
}

bool isTrustDomainPattern(std::string_view text)
{
    const std::size_t star = text.find('*');
    const bool oneStar = star == std::string_view::npos || text.find('*', star + 1) == std::string_view::npos;
    const bool atAnEnd = star == std::string_view::npos || star == 0 || star + 1 == text.size();
    return !text.empty() && oneStar && atAnEnd && text.find('/') == std::string_view::npos;
}

bool isPathTemplate(std::string_view path)
{
    return path.find("{*}") != std::string_view::npos || path.find("{**}") != std::string_view::npos;
}

std::string pathTemplateProblem(std::string_view path)
{
    if (!path.starts_with('/'))
        return "a path template begins with /";
    bool seenDouble = false;
    std::string_view rest = path.substr(1);
    while (true) {
        const std::size_t slash = std::min(rest.find('/'), rest.size());
        const std::string_view segment = rest.substr(0, slash);
        if (segment == "{*}" || segment == "{**}") {
            if (seenDouble)
                return "nothing but literal segments may follow {**}";
            seenDouble = segment == "{**}";
        } else if (segment.find_first_of("{}*") != std::string_view::npos) {
            return "each segment of a path template is {*}, {**} or plain text, not \"" +
                   std::string(segment) + '"';
        } else if (!isPathLiteral(segment)) {
            return "\"" + std::string(segment) + "\" holds a character that no path has";
        }
        if (slash == rest.size())
            return {};
        rest.remove_prefix(slash + 1);
    }
}

} // namespace sallyport::model
