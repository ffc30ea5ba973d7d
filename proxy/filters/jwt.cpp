// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/jwt.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <array>
#include <cmath>

namespace sallyport::filters {

namespace {

constexpr std::array<std::string_view, 13> Algorithms{"ES256", "ES384", "ES512", "RS256", "RS384",
                                                      "RS512", "PS256", "PS384", "PS512", "HS256",
                                                      "HS384", "HS512", "EdDSA"};

std::optional<QJsonObject> decodeObject(std::string_view text, bool &base64)
{
    const std::optional<std::string> bytes = decodeBase64Url(text);
    base64 = bytes.has_value();
    if (!bytes)
        return std::nullopt;
    const QByteArray json = QByteArray::fromStdString(*bytes);
    if (json.trimmed() == "null")
        return QJsonObject(); // protobuf reads it as a message without fields
    const QJsonDocument document = QJsonDocument::fromJson(json);
    return document.isObject() ? std::optional(document.object()) : std::nullopt;
}

/// False: the claim is there and no text.
bool readText(const QJsonObject &object, QLatin1String name, std::string &value)
{
    const QJsonValue found = object.value(name);
    if (found.isUndefined())
        return true;
    value = found.toString().toStdString();
    return found.isString();
}

JwtStatus readSeconds(const QJsonObject &object, QLatin1String name, std::uint64_t &value,
                      JwtStatus notInteger, JwtStatus notPositive)
{
    const QJsonValue found = object.value(name);
    if (found.isUndefined())
        return JwtStatus::Ok;
    if (!found.isDouble())
        return notInteger;
    const double number = found.toDouble();
    if (number < 0 || number >= 18e18)
        return notPositive;
    value = static_cast<std::uint64_t>(number);
    return JwtStatus::Ok;
}

bool readAudiences(const QJsonObject &object, std::vector<std::string> &audiences)
{
    const QJsonValue found = object.value(QLatin1String("aud"));
    if (found.isUndefined())
        return true;
    if (found.isString()) {
        audiences.push_back(found.toString().toStdString());
        return true;
    }
    if (!found.isArray())
        return false;
    for (const QJsonValue &item : found.toArray()) {
        if (!item.isString())
            return false;
        audiences.push_back(item.toString().toStdString());
    }
    return true;
}

} // namespace

std::string_view jwtStatusText(JwtStatus status)
{
    switch (status) {
    case JwtStatus::Ok:
        return "OK";
    case JwtStatus::Missing:
        return "Jwt is missing";
    case JwtStatus::NotYetValid:
        return "Jwt not yet valid";
    case JwtStatus::Expired:
        return "Jwt is expired";
    case JwtStatus::BadFormat:
        return "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections";
    case JwtStatus::HeaderBadBase64:
        return "Jwt header is an invalid Base64url encoded";
    case JwtStatus::HeaderBadJson:
        return "Jwt header is an invalid JSON";
    case JwtStatus::HeaderBadAlg:
        return "Jwt header [alg] field is required and must be a string";
    case JwtStatus::HeaderNotImplementedAlg:
        return "Jwt header [alg] is not supported";
    case JwtStatus::HeaderBadKid:
        return "Jwt header [kid] field is not a string";
    case JwtStatus::PayloadBadBase64:
        return "Jwt payload is an invalid Base64url encoded";
    case JwtStatus::PayloadBadJson:
        return "Jwt payload is an invalid JSON";
    case JwtStatus::PayloadIssNotString:
        return "Jwt payload [iss] field is not a string";
    case JwtStatus::PayloadSubNotString:
        return "Jwt payload [sub] field is not a string";
    case JwtStatus::PayloadIatNotInteger:
        return "Jwt payload [iat] field is not an integer";
    case JwtStatus::PayloadNbfNotInteger:
        return "Jwt payload [nbf] field is not an integer";
    case JwtStatus::PayloadExpNotInteger:
        return "Jwt payload [exp] field is not an integer";
    case JwtStatus::PayloadIatOutOfRange:
        return "Jwt payload [iat] field is not a positive 64 bit integer";
    case JwtStatus::PayloadNbfOutOfRange:
        return "Jwt payload [nbf] field is not a positive 64 bit integer";
    case JwtStatus::PayloadExpOutOfRange:
        return "Jwt payload [exp] field is not a positive 64 bit integer";
    case JwtStatus::PayloadJtiNotString:
        return "Jwt payload [jti] field is not a string";
    case JwtStatus::PayloadAudInvalid:
        return "Jwt payload [aud] field is not a string or string list";
    case JwtStatus::SignatureBadBase64:
        return "Jwt signature is an invalid Base64url encoded";
    case JwtStatus::Ed25519SignatureWrongLength:
        return "Jwt ED25519 signature is wrong length";
    case JwtStatus::UnknownIssuer:
        return "Jwt issuer is not configured";
    case JwtStatus::AudienceNotAllowed:
        return "Audiences in Jwt are not allowed";
    case JwtStatus::VerificationFail:
        return "Jwt verification fails";
    case JwtStatus::NoMatchingKey:
        return "Jwks doesn't have key to match kid or alg from Jwt";
    }
    return "Jwt verification fails";
}

std::optional<std::string> decodeBase64Url(std::string_view given)
{
    // White space counts for nothing.
    std::string spaceless(given);
    std::erase_if(spaceless, [](unsigned char c) { return std::isspace(c) != 0; });
    std::string_view text = spaceless;
    while (text.ends_with('='))
        text.remove_suffix(1);
    // What is filled up is filled up rightly.
    if (text.size() != spaceless.size() && (spaceless.size() % 4 != 0 || spaceless.size() - text.size() > 2))
        return std::nullopt;
    const auto decoded = QByteArray::fromBase64Encoding(
        QByteArray(text.data(), static_cast<qsizetype>(text.size())),
        QByteArray::Base64UrlEncoding | QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded || text.size() % 4 == 1)
        return std::nullopt;
    return decoded.decoded.toStdString();
}

JwtStatus Jwt::parse(std::string_view text)
{
    // Dots with nothing between them count as one.
    std::size_t parts = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('.', begin), text.size());
        if (end != begin) {
            token += parts++ == 0 ? "" : ".";
            token += text.substr(begin, end - begin);
        }
        begin = end + 1;
    }
    if (parts != 3)
        return JwtStatus::BadFormat;
    const std::string_view whole = token;
    const std::size_t first = whole.find('.');
    const std::size_t second = whole.find('.', first + 1);
    signedPart = whole.substr(0, second);
    payloadText = whole.substr(first + 1, second - first - 1);

    bool base64 = false;
    const std::optional<QJsonObject> head = decodeObject(whole.substr(0, first), base64);
    if (!head)
        return base64 ? JwtStatus::HeaderBadJson : JwtStatus::HeaderBadBase64;
    header = *head;
    if (!header.value(QLatin1String("alg")).isString())
        return JwtStatus::HeaderBadAlg;
    algorithm = header.value(QLatin1String("alg")).toString().toStdString();
    if (std::find(Algorithms.begin(), Algorithms.end(), algorithm) == Algorithms.end())
        return JwtStatus::HeaderNotImplementedAlg;
    if (!readText(header, QLatin1String("kid"), keyId))
        return JwtStatus::HeaderBadKid;

    const std::optional<QJsonObject> claims = decodeObject(payloadText, base64);
    if (!claims)
        return base64 ? JwtStatus::PayloadBadJson : JwtStatus::PayloadBadBase64;
    payload = *claims;
    std::string unused;
    std::uint64_t issued = 0;
    if (!readText(payload, QLatin1String("iss"), issuer))
        return JwtStatus::PayloadIssNotString;
    if (!readText(payload, QLatin1String("sub"), unused))
        return JwtStatus::PayloadSubNotString;
    JwtStatus times = readSeconds(payload, QLatin1String("iat"), issued, JwtStatus::PayloadIatNotInteger,
                                  JwtStatus::PayloadIatOutOfRange);
    if (times == JwtStatus::Ok)
        times = readSeconds(payload, QLatin1String("nbf"), notBefore, JwtStatus::PayloadNbfNotInteger,
                            JwtStatus::PayloadNbfOutOfRange);
    if (times == JwtStatus::Ok)
        times = readSeconds(payload, QLatin1String("exp"), expires, JwtStatus::PayloadExpNotInteger,
                            JwtStatus::PayloadExpOutOfRange);
    if (times != JwtStatus::Ok)
        return times;
    if (!readText(payload, QLatin1String("jti"), unused))
        return JwtStatus::PayloadJtiNotString;
    if (!readAudiences(payload, audiences))
        return JwtStatus::PayloadAudInvalid;

    const std::optional<std::string> bytes = decodeBase64Url(whole.substr(second + 1));
    if (!bytes)
        return JwtStatus::SignatureBadBase64;
    signature = *bytes;
    return JwtStatus::Ok;
}

JwtStatus Jwt::checkTime(std::uint64_t now, std::uint64_t skew) const
{
    if (now + skew < notBefore)
        return JwtStatus::NotYetValid;
    // Times far ahead must not wrap around.
    if (expires != 0 && now > skew && now - skew > expires)
        return JwtStatus::Expired;
    return JwtStatus::Ok;
}

} // namespace sallyport::filters
