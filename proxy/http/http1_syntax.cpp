// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/http/http1_syntax.h"

#include "proxy/net/address.h"

#include <algorithm>
#include <array>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace sallyport::http {

namespace {

bool isAlpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

constexpr std::string_view AuthorityMarks = "!$%&'()*+,-.:;=@[]_~";

constexpr std::array<std::uint8_t, 256> authorityTable()
{
    std::array<std::uint8_t, 256> table{};
    for (unsigned c = 0; c < 256; ++c)
        table[c] = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? 1 : 0;
    for (const char c : AuthorityMarks)
        table[static_cast<unsigned char>(c)] = 1;
    return table;
}
constexpr auto AuthorityCharacters = authorityTable();

bool isPathCharacter(char c)
{
    return c == '\t' || c == '\f' || (c >= 0x21 && c <= 0x7E);
}

#ifndef __SSE2__
bool isControl(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\r' && c != '\n') || byte == 0x7F;
}
#endif

} // namespace

#define ROW(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p
const std::uint8_t NameCharacterClass[256] = {
    ROW(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), // controls
    ROW(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    ROW(0, 1, 3, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 1, 1, 0), //  !"#$%&'()*+,-./
    ROW(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 0, 0, 0, 0, 0), // 0-9 : ; < = > ?
    ROW(0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), // @ A-O
    ROW(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1), // P-Z [ \ ] ^ _
    ROW(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), // ` a-o
    ROW(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0), // p-z { | } ~ DEL
    ROW(3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3),
    ROW(3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3),
    ROW(3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3),
    ROW(3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3),
    ROW(3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3),
    ROW(3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3),
    ROW(3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3),
    ROW(3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3)};
#undef ROW

namespace {

constexpr std::array<char, 256> lowerTable()
{
    std::array<char, 256> table{};
    for (unsigned c = 0; c < 256; ++c)
        table[c] = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    return table;
}

} // namespace

const std::array<char, 256> LowerCase = lowerTable();

void putLowerCase(char *to, std::string_view text)
{
    std::size_t left = text.size();
    const char *from = text.data();
#ifdef __SSE2__
    const auto lowered = [](__m128i bytes) {
        const __m128i capital = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8('A' - 1)),
                                              _mm_cmplt_epi8(bytes, _mm_set1_epi8('Z' + 1)));
        return _mm_or_si128(bytes, _mm_and_si128(capital, _mm_set1_epi8(0x20)));
    };
    const auto putEight = [&](std::size_t at) {
        _mm_storel_epi64(reinterpret_cast<__m128i *>(to + at),
                         lowered(_mm_loadl_epi64(reinterpret_cast<const __m128i *>(from + at))));
    };
    if (left >= 8) {
        for (std::size_t at = 0; at + 8 < left; at += 8)
            putEight(at);
        // The rest overlaps what was done.
        putEight(left - 8);
        return;
    }
#endif
    for (; left > 0; --left)
        *to++ = LowerCase[static_cast<unsigned char>(*from++)];
}

bool isToken(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), isTokenCharacter);
}

namespace {

#ifdef __SSE2__
/// Whether any of 16 bytes is a control character (or DEL); tab is none, and CR and LF if `lineEnds` is set.
inline bool controlIn(__m128i chunk, bool lineEnds)
{
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(chunk, _mm_set1_epi8(0x1F)), chunk);
    __m128i allowed = _mm_cmpeq_epi8(chunk, _mm_set1_epi8('\t'));
    if (lineEnds) {
        allowed = _mm_or_si128(allowed, _mm_cmpeq_epi8(chunk, _mm_set1_epi8('\n')));
        allowed = _mm_or_si128(allowed, _mm_cmpeq_epi8(chunk, _mm_set1_epi8('\r')));
    }
    const __m128i bad =
        _mm_or_si128(_mm_andnot_si128(allowed, low), _mm_cmpeq_epi8(chunk, _mm_set1_epi8(0x7F)));
    return _mm_movemask_epi8(bad) != 0;
}
#endif

inline bool hasControl(std::string_view bytes, bool lineEnds)
{
#ifdef __SSE2__
    const char *at = bytes.data();
    std::size_t left = bytes.size();
    if (left < 16) {
        // Parts that overlap, rather than a copy.
        const auto eight = [](const char *from) {
            return _mm_loadl_epi64(reinterpret_cast<const __m128i *>(from));
        };
        if (left >= 8)
            return controlIn(_mm_unpacklo_epi64(eight(at), eight(at + left - 8)), lineEnds);
        char padded[8] = {' ', ' ', ' ', ' ', ' ', ' ', ' ', ' '};
        for (std::size_t i = 0; i < left; ++i)
            padded[i] = at[i];
        return controlIn(_mm_unpacklo_epi64(eight(padded), eight(padded)), lineEnds);
    }
    for (; left >= 16; at += 16, left -= 16) {
        if (controlIn(_mm_loadu_si128(reinterpret_cast<const __m128i *>(at)), lineEnds))
            return true;
    }
    // The rest overlaps what was looked at.
    return left != 0 &&
           controlIn(_mm_loadu_si128(reinterpret_cast<const __m128i *>(at + left - 16)), lineEnds);
#else
    return std::any_of(bytes.begin(), bytes.end(), [lineEnds](char c) {
        return isControl(c) || (!lineEnds && (c == '\r' || c == '\n'));
    });
#endif
}

} // namespace

bool hasControlCharacters(std::string_view bytes)
{
    return hasControl(bytes, true);
}

bool isSafeValue(std::string_view value)
{
    return !hasControl(value, false);
}

bool equalsIgnoreCase(std::string_view left, std::string_view lowerCaseRight)
{
    if (left.size() != lowerCaseRight.size())
        return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (LowerCase[static_cast<unsigned char>(left[i])] != lowerCaseRight[i])
            return false;
    }
    return true;
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ')
        text.remove_prefix(1);
    while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ')
        text.remove_suffix(1);
    return text;
}

bool listContains(std::string_view list, std::string_view token)
{
    while (!list.empty()) {
        const auto comma = list.find(',');
        if (equalsIgnoreCase(trimmed(list.substr(0, comma)), token))
            return true;
        if (comma == std::string_view::npos)
            break;
        list.remove_prefix(comma + 1);
    }
    return false;
}

bool isKnownMethod(std::string_view method)
{
    static constexpr std::array<std::string_view, 35> Methods = {
        "ACL",       "BIND",      "CHECKOUT", "CONNECT", "COPY",       "DELETE",     "GET",
        "HEAD",      "LINK",      "LOCK",     "MERGE",   "MKACTIVITY", "MKCALENDAR", "MKCOL",
        "MOVE",      "MSEARCH",   "NOTIFY",   "OPTIONS", "PATCH",      "POST",       "PROPFIND",
        "PROPPATCH", "PURGE",     "PUT",      "QUERY",   "REBIND",     "REPORT",     "SEARCH",
        "SOURCE",    "SUBSCRIBE", "TRACE",    "UNBIND",  "UNLINK",     "UNLOCK",     "UNSUBSCRIBE"};
    if (method == "GET" || method == "POST")
        return true;
    return std::binary_search(Methods.begin(), Methods.end(), method);
}

bool isValidTarget(std::string_view target, bool isConnect)
{
    if (target.empty())
        return false;
    if (target.front() == '/' || target.front() == '*')
        return std::all_of(target.begin() + 1, target.end(), isPathCharacter);
    if (!isConnect) {
        if (!isAlpha(target.front()))
            return false;
        const auto schemeEnd = std::find_if_not(target.begin() + 1, target.end(), [](char c) {
            return isAlpha(c) || isDigit(c) || c == '+' || c == '-' || c == '.';
        });
        target.remove_prefix(static_cast<std::size_t>(schemeEnd - target.begin()));
        if (target.substr(0, 3) != "://")
            return false;
        target.remove_prefix(3);
    }
    const auto pathStart = std::min(target.find_first_of("/?"), target.size());
    const auto host = target.substr(0, pathStart);
    const auto path = target.substr(pathStart);
    return isValidAuthority(host) && host.find("@@") == std::string_view::npos &&
           std::all_of(path.begin(), path.end(), isPathCharacter);
}

bool isValidVersion(std::string_view version)
{
    return version.empty() || (version.size() == 8 && version.substr(0, 5) == "HTTP/" &&
                               isDigit(version[5]) && version[6] == '.' && isDigit(version[7]));
}

bool isValidAuthority(std::string_view authority)
{
    return std::all_of(authority.begin(), authority.end(),
                       [](char c) { return AuthorityCharacters[static_cast<unsigned char>(c)] != 0; });
}

bool splitTarget(std::string_view target, bool isConnect, TargetParts &parts)
{
    parts = {};
    std::string_view rest = target;
    if (!isConnect) {
        const auto separator = rest.find("://");
        if (separator == 0 || separator == std::string_view::npos)
            return false;
        parts.scheme = rest.substr(0, separator);
        if (!std::all_of(parts.scheme.begin(), parts.scheme.end(), isAlpha))
            return false;
        rest.remove_prefix(separator + 3);
    }
    const auto authorityEnd = std::min(rest.find_first_of("/?#"), rest.size());
    std::string_view authority = rest.substr(0, authorityEnd);
    const std::string_view after = rest.substr(authorityEnd);
    if (isConnect && !after.empty())
        return false;
    if (!after.empty() && after.front() == '#')
        return false;
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        if (authority.find('@') != at || isConnect)
            return false;
        authority.remove_prefix(at + 1);
    }

    std::string_view host = authority;
    std::string_view port;
    bool hasPort = false;
    if (!authority.empty() && authority.front() == '[') {
        const auto close = authority.find(']');
        if (close == std::string_view::npos)
            return false;
        host = authority.substr(0, close + 1);
        const auto tail = authority.substr(close + 1);
        hasPort = !tail.empty();
        if (hasPort && tail.front() != ':')
            return false;
        port = hasPort ? tail.substr(1) : tail;
        const auto ip = net::Address::parseIp(host.substr(1, host.size() - 2), 0);
        if (!ip || ip->family() != net::Address::Family::V6)
            return false;
    } else {
        const auto colon = authority.find(':');
        hasPort = colon != std::string_view::npos;
        host = authority.substr(0, colon);
        port = hasPort ? authority.substr(colon + 1) : std::string_view();
        const bool plain = std::all_of(host.begin(), host.end(), [isConnect](char c) {
            return isAlpha(c) || isDigit(c) || c == '.' || c == '-' || (c == '_' && !isConnect);
        });
        if (!plain)
            return false;
    }
    if (host.empty() || (isConnect && !hasPort))
        return false;
    if (hasPort) {
        if (port.empty() || !std::all_of(port.begin(), port.end(), isDigit))
            return false;
        unsigned number = 0;
        for (const char c : port) {
            number = number * 10 + static_cast<unsigned>(c - '0');
            if (number > 65535)
                return false;
        }
    }
    parts.authority = authority;
    parts.pathAndQuery = after.empty() && !isConnect ? std::string_view("/") : after;
    return true;
}

} // namespace sallyport::http
