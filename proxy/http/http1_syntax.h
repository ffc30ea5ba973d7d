// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

/// The character rules of HTTP/1, as Envoy applies them (envoy-behaviour.md 3.6, 3.9): lenient where Envoy
/// is, strict where Envoy is.
namespace sallyport::http {

/// A character of RFC 9110 tokens, which names and methods consist of.
inline bool isTokenCharacter(char c);
/// RFC 9110 token characters only; an empty text is no token.
bool isToken(std::string_view text);
/// Whether `bytes` contain a control character other than tab, CR and LF, or DEL.
bool hasControlCharacters(std::string_view bytes);
/// Whether a header value may go out: no control characters, CR or LF.
bool isSafeValue(std::string_view value);
bool equalsIgnoreCase(std::string_view left, std::string_view lowerCaseRight);
std::string_view trimmed(std::string_view text);
/// Whether `list`, comma-separated, contains `token` (given in lower case), in any case.
bool listContains(std::string_view list, std::string_view token);

/// One of the methods that are known without allow_custom_methods.
bool isKnownMethod(std::string_view method);
/// A request target of any form.
bool isValidTarget(std::string_view target, bool isConnect);
/// `HTTP/D.D`, or nothing (HTTP/0.9).
bool isValidVersion(std::string_view version);
/// The characters that an authority may have, for HTTP/1 and HTTP/2.
bool isValidAuthority(std::string_view authority);

/// An absolute-form target, or the authority-form of CONNECT, taken apart.
struct TargetParts
{
    std::string_view scheme;
    std::string_view authority;    ///< host and port, without user information
    std::string_view pathAndQuery; ///< `/` for `http://host`; empty for CONNECT
};
/// False if it is neither, or its port is no port.
bool splitTarget(std::string_view target, bool isConnect, TargetParts &parts);

/// 0: may not be in a field name; 1: token character; 2: colon; 3: non-ASCII or double quote, which pass the
/// framing rules but are no token.
extern const std::uint8_t NameCharacterClass[256];
extern const std::array<char, 256> LowerCase;
/// Writes `text` in lower case to `to`, which has room for it and does not overlap it.
void putLowerCase(char *to, std::string_view text);

inline bool isTokenCharacter(char c)
{
    return NameCharacterClass[static_cast<unsigned char>(c)] == 1;
}

} // namespace sallyport::http
