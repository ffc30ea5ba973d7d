// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::filters {

/// What comes of a token, by the numbers of jwt_verify_lib's status.h, as far as it can happen with keys that
/// are at hand.
enum class JwtStatus : std::uint8_t {
    Ok,
    Missing,
    NotYetValid,
    Expired,
    BadFormat,
    HeaderBadBase64,
    HeaderBadJson,
    HeaderBadAlg,
    HeaderNotImplementedAlg,
    HeaderBadKid,
    PayloadBadBase64,
    PayloadBadJson,
    PayloadIssNotString,
    PayloadSubNotString,
    PayloadIatNotInteger,
    PayloadIatOutOfRange,
    PayloadNbfNotInteger,
    PayloadNbfOutOfRange,
    PayloadExpNotInteger,
    PayloadExpOutOfRange,
    PayloadJtiNotString,
    PayloadAudInvalid,
    SignatureBadBase64,
    Ed25519SignatureWrongLength,
    UnknownIssuer = 24,
    AudienceNotAllowed,
    VerificationFail,
    NoMatchingKey = 32,
};
/// The body of the refusal: `Jwt is expired`.
std::string_view jwtStatusText(JwtStatus status);

/// A token taken apart. Nothing in it is to be believed before its signature was verified.
struct Jwt
{
    std::string token;
    std::string_view signedPart;  ///< `header.payload`, into `token`
    std::string_view payloadText; ///< base64url, into `token`
    QJsonObject header;
    QJsonObject payload;
    std::string signature; ///< decoded
    std::string algorithm;
    std::string keyId;
    std::string issuer;
    std::vector<std::string> audiences;
    std::uint64_t notBefore = 0; ///< seconds since 1970; 0: none
    std::uint64_t expires = 0;

    Jwt() = default;
    Jwt(const Jwt &) = delete;
    Jwt &operator=(const Jwt &) = delete;

    /// Fills the token in; anything but Ok: it is none.
    JwtStatus parse(std::string_view text);
    JwtStatus checkTime(std::uint64_t now, std::uint64_t skew) const;
};

/// Base64url with or without padding; none if it is none.
std::optional<std::string> decodeBase64Url(std::string_view text);

} // namespace sallyport::filters
