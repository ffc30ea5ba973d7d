// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/jwt_provider.h"

#include "core/dataplane/value_matchers.h"
#include "core/result/ascii_case.h"
#include "proxy/net/tls_verifier.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <cmath>

namespace sallyport::filters {

namespace {

using http::Known;

/// The token behind a prefix: from the first letter that one can have to the end.
std::string tokenIn(std::string_view text)
{
    constexpr std::string_view Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    const std::size_t begin = text.find_first_of(Letters);
    return std::string(begin == std::string_view::npos ? text : text.substr(begin));
}

/// "HTTP://a.com/" and "a.com" are one audience (jwt_verify_lib's check_audience.cc).
std::string_view bareAudience(std::string_view audience)
{
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (audience.starts_with(scheme)) {
            audience.remove_prefix(scheme.size());
            break;
        }
    }
    if (audience.ends_with('/'))
        audience.remove_suffix(1);
    return audience;
}

void findInHeader(const http::HeaderMap &request, const std::string &name, const std::string &prefix,
                  std::vector<FoundToken> &tokens)
{
    const std::string lower = asciiLowered(name);
    if (request.find(std::string_view(lower)) == nullptr)
        return;
    std::string joined;
    const std::string_view value = request.getAll(lower, joined);
    if (prefix.empty())
        tokens.push_back({std::string(value), FoundToken::Place::Header, lower});
    else if (const std::size_t at = value.find(prefix); at != std::string_view::npos)
        tokens.push_back({tokenIn(value.substr(at + prefix.size())), FoundToken::Place::Header, lower});
}

void findInParameter(const http::HeaderMap &request, const std::string &name, std::vector<FoundToken> &tokens)
{
    if (const auto value = dataplane::queryParameter(request.get(Known::Path), name))
        tokens.push_back({std::string(*value), FoundToken::Place::Parameter, name});
}

void findInCookie(const http::HeaderMap &request, const std::string &name, std::vector<FoundToken> &tokens)
{
    for (const http::Header &header : request) {
        if (header.name != "cookie")
            continue;
        std::string_view rest = header.value;
        while (!rest.empty()) {
            std::string_view item = rest.substr(0, rest.find(';'));
            rest.remove_prefix(std::min(item.size() + 1, rest.size()));
            while (item.starts_with(' '))
                item.remove_prefix(1);
            const std::size_t equals = item.find('=');
            if (equals != std::string_view::npos && item.substr(0, equals) == name) {
                std::string_view value = item.substr(equals + 1);
                if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"'))
                    value = value.substr(1, value.size() - 2);
                tokens.push_back({std::string(value), FoundToken::Place::Cookie, name});
                return;
            }
        }
    }
}

std::string withoutParameter(std::string_view path, std::string_view name)
{
    const std::size_t question = path.find('?');
    if (question == std::string_view::npos)
        return std::string(path);
    std::string out(path.substr(0, question));
    std::string_view rest = path.substr(question + 1);
    char separator = '?';
    while (!rest.empty()) {
        const std::string_view item = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(item.size() + 1, rest.size()));
        if (item.empty() || item.substr(0, item.find('=')) == name)
            continue;
        out += separator;
        out += item;
        separator = '&';
    }
    return out;
}

/// `a.b` is the claim b within a, unless there is one whose name is `a.b`.
QJsonValue claimNamed(const QJsonObject &payload, const QString &name)
{
    if (QJsonValue whole = payload.value(name); !whole.isUndefined())
        return whole;
    const qsizetype dot = name.indexOf(QLatin1Char('.'));
    if (dot < 0)
        return QJsonValue(QJsonValue::Undefined);
    return claimNamed(payload.value(name.left(dot)).toObject(), name.mid(dot + 1));
}

std::string claimText(const QJsonValue &claim)
{
    if (claim.isString())
        return claim.toString().toStdString();
    if (claim.isBool())
        return claim.toBool() ? "true" : "false";
    if (claim.isDouble()) {
        const double number = claim.toDouble();
        // Only what is no negative number counts as an integer (google::protobuf's number_value, "%f").
        if (number >= 0 && std::floor(number) == number && number < 9e15)
            return std::to_string(static_cast<std::int64_t>(number));
        return QByteArray::number(number, 'f', 6).toStdString();
    }
    const QJsonDocument document =
        claim.isArray() ? QJsonDocument(claim.toArray()) : QJsonDocument(claim.toObject());
    return document.toJson(QJsonDocument::Compact).toBase64().toStdString();
}

/// Claims whose text is a list of words become that list.
void splitWords(QJsonObject &payload, const std::vector<std::string> &names)
{
    for (const std::string &name : names) {
        const QString key = QString::fromStdString(name);
        const QJsonValue value = payload.value(key);
        if (!value.isString())
            continue;
        QJsonArray words;
        for (const QString &word : value.toString().split(QLatin1Char(' '), Qt::SkipEmptyParts))
            words.append(word);
        payload[key] = words;
    }
}

} // namespace

Result<std::shared_ptr<const VerifiedProvider>>
VerifiedProvider::create(const dataplane::JwtProvider &configuration)
{
    std::shared_ptr<VerifiedProvider> provider(new VerifiedProvider(configuration));
    const Result<std::string> text = net::readDataSource(configuration.localJwks);
    if (!text)
        return fail(text.error());
    Result<std::shared_ptr<const Jwks>> keys = Jwks::parse(*text);
    if (!keys)
        return fail(keys.error());
    provider->m_keys = *std::move(keys);
    return std::shared_ptr<const VerifiedProvider>(std::move(provider));
}

std::vector<FoundToken> VerifiedProvider::tokensOf(const http::HeaderMap &request) const
{
    const dataplane::JwtProvider &from = m_configuration;
    std::vector<FoundToken> tokens;
    if (from.fromHeaders.empty() && from.fromParams.empty() && from.fromCookies.empty()) {
        findInHeader(request, "authorization", "Bearer ", tokens);
        findInParameter(request, "access_token", tokens);
        return tokens;
    }
    // Envoy keeps its places of headers sorted.
    std::vector<dataplane::JwtProvider::Header> headers = from.fromHeaders;
    std::stable_sort(headers.begin(), headers.end(), [](const auto &a, const auto &b) {
        return asciiLowered(a.name) + a.valuePrefix < asciiLowered(b.name) + b.valuePrefix;
    });
    for (const dataplane::JwtProvider::Header &header : headers)
        findInHeader(request, header.name, header.valuePrefix, tokens);
    for (const std::string &parameter : from.fromParams)
        findInParameter(request, parameter, tokens);
    for (const std::string &cookie : from.fromCookies)
        findInCookie(request, cookie, tokens);
    return tokens;
}

void VerifiedProvider::sanitize(http::HeaderMap &request) const
{
    if (!m_configuration.forwardPayloadHeader.empty())
        request.remove(asciiLowered(m_configuration.forwardPayloadHeader));
    for (const dataplane::JwtProvider::ClaimToHeader &claim : m_configuration.claimToHeaders)
        request.remove(asciiLowered(claim.headerName));
}

JwtStatus VerifiedProvider::check(const Jwt &jwt, const std::vector<std::string> &audiences,
                                  std::uint64_t now) const
{
    if (!m_configuration.issuer.empty() && jwt.issuer != m_configuration.issuer)
        return JwtStatus::UnknownIssuer;
    if (const JwtStatus time = jwt.checkTime(now, m_configuration.clockSkewSeconds); time != JwtStatus::Ok)
        return time;
    const std::vector<std::string> &allowed = audiences.empty() ? m_configuration.audiences : audiences;
    const bool fits =
        allowed.empty() ||
        std::any_of(jwt.audiences.begin(), jwt.audiences.end(), [&](const std::string &audience) {
            return std::any_of(allowed.begin(), allowed.end(), [&](const std::string &each) {
                return bareAudience(each) == bareAudience(audience);
            });
        });
    if (!fits)
        return JwtStatus::AudienceNotAllowed;
    return m_keys->verify(jwt);
}

void VerifiedProvider::accept(const Jwt &jwt, const FoundToken &found, http::HeaderMap &request,
                              QJsonObject &metadata) const
{
    const dataplane::JwtProvider &configured = m_configuration;
    if (!configured.forwardPayloadHeader.empty()) {
        std::string payload(jwt.payloadText);
        while (configured.padForwardPayloadHeader && payload.size() % 4 != 0)
            payload += '=';
        request.set(asciiLowered(configured.forwardPayloadHeader), payload);
    }
    for (const dataplane::JwtProvider::ClaimToHeader &claim : configured.claimToHeaders) {
        const QJsonValue value = claimNamed(jwt.payload, QString::fromStdString(claim.claimName));
        const bool tells = !value.isUndefined() && !value.isNull() && value != QJsonValue(QString());
        if (!tells)
            continue;
        // A claim that would end the header, and begin another, becomes none.
        constexpr std::string_view Ends("\0\r\n", 3);
        if (const std::string text = claimText(value); text.find_first_of(Ends) == std::string::npos)
            request.set(asciiLowered(claim.headerName), text);
    }
    if (!configured.payloadInMetadata.empty()) {
        QJsonObject payload = jwt.payload;
        splitWords(payload, configured.normalizeSpaceDelimitedClaims);
        metadata[QString::fromStdString(configured.payloadInMetadata)] = payload;
    }
    if (!configured.headerInMetadata.empty())
        metadata[QString::fromStdString(configured.headerInMetadata)] = jwt.header;
    if (configured.forward)
        return;
    if (found.place == FoundToken::Place::Header)
        request.remove(found.name);
    else if (found.place == FoundToken::Place::Parameter)
        request.set(Known::Path, withoutParameter(request.get(Known::Path), found.name));
}

} // namespace sallyport::filters
