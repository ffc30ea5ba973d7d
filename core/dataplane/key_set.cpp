// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/key_set.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>

namespace sallyport::dataplane {

namespace {

bool isBase64Url(const QJsonObject &key, const char *name)
{
    const QByteArray text = key.value(QLatin1String(name)).toString().toLatin1();
    return !text.isEmpty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '=';
    });
}

bool algorithmBegins(const QJsonObject &key, std::initializer_list<const char *> prefixes)
{
    const QString algorithm = key.value(QLatin1String("alg")).toString();
    return algorithm.isEmpty() || std::any_of(prefixes.begin(), prefixes.end(), [&](const char *prefix) {
               return algorithm.startsWith(QLatin1String(prefix));
           });
}

} // namespace

std::string curveOfKey(const QJsonObject &key)
{
    const QJsonValue curve = key.value(QLatin1String("crv"));
    if (!curve.isUndefined())
        return curve.toString().toStdString();
    const QString algorithm = key.value(QLatin1String("alg")).toString();
    if (algorithm == QLatin1String("ES384"))
        return "P-384";
    return algorithm == QLatin1String("ES512") ? "P-521" : "P-256";
}

std::string keyProblem(const QJsonObject &key)
{
    const QString type = key.value(QLatin1String("kty")).toString();
    const QString algorithm = key.value(QLatin1String("alg")).toString();
    if (type == QLatin1String("RSA")) {
        if (!algorithmBegins(key, {"RS", "PS"}))
            return "[alg] is not started with [RS] or [PS] for an RSA key";
        return isBase64Url(key, "n") && isBase64Url(key, "e")
                   ? std::string()
                   : "Jwks RSA [n] or [e] field is missing or has a parse error";
    }
    if (type == QLatin1String("EC")) {
        if (!algorithmBegins(key, {"ES"}))
            return "[alg] is not started with [ES] for an EC key";
        const std::string curve = curveOfKey(key);
        if (curve != "P-256" && curve != "P-384" && curve != "P-521")
            return "[crv] is not supported for an EC key";
        const auto fits = [&](const char *name, const char *its) {
            return algorithm == QLatin1String(name) && curve == its;
        };
        if (!algorithm.isEmpty() && !fits("ES256", "P-256") && !fits("ES384", "P-384") &&
            !fits("ES512", "P-521"))
            return "[crv] field specified is not compatible with [alg] for an EC key";
        return isBase64Url(key, "x") && isBase64Url(key, "y")
                   ? std::string()
                   : "Jwks EC [x] and [y] fields have a parse error.";
    }
    if (type == QLatin1String("OKP")) {
        if (!algorithm.isEmpty() && algorithm != QLatin1String("EdDSA"))
            return "[alg] is not [EdDSA] for an OKP key";
        return key.value(QLatin1String("crv")).toString() == QLatin1String("Ed25519") && isBase64Url(key, "x")
                   ? std::string()
                   : "[crv] or [x] is not supported for an OKP key";
    }
    if (type == QLatin1String("oct") && !algorithmBegins(key, {"HS"}))
        return "[alg] does not start with [HS] for an HMAC key";
    if (type == QLatin1String("oct"))
        return isBase64Url(key, "k") ? std::string() : "[k] field is missing for an OCT key";
    return "[kty] is not supported in [keys]";
}

std::string keySetProblem(const std::string &json)
{
    const QJsonDocument document = QJsonDocument::fromJson(QByteArray::fromStdString(json));
    if (!document.isObject())
        return "Jwks is an invalid JSON";
    const QJsonValue keys = document.object().value(QLatin1String("keys"));
    if (keys.isUndefined())
        return "Jwks does not have [keys] field";
    if (!keys.isArray())
        return "[keys] in Jwks is not an array";
    std::string first;
    for (const QJsonValue value : keys.toArray()) {
        const std::string problem = keyProblem(value.toObject());
        if (problem.empty())
            return {};
        if (first.empty())
            first = problem;
    }
    return first.empty() ? "Jwks doesn't have any valid public key" : first;
}

} // namespace sallyport::dataplane
