// SPDX-License-Identifier: GPL-3.0-or-later
#include "httpbin/endpoints.h"

#include <QByteArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace sallyport::httpbin {

namespace {

bool hasCredentials(const Request &request, const PathArguments &arguments)
{
    const std::string header = request.header("Authorization");
    if (!header.starts_with("Basic "))
        return false;
    return QByteArray::fromBase64(QByteArray::fromStdString(header.substr(6))).toStdString() ==
           arguments[0] + ':' + arguments[1];
}

Answer authenticated(const QJsonObject &facts)
{
    return documentAnswer(200, "application/json",
                          QJsonDocument(facts).toJson(QJsonDocument::Compact).toStdString() + '\n');
}

Answer welcome(const std::string &user)
{
    return authenticated(
        {{QStringLiteral("authenticated"), true}, {QStringLiteral("user"), QString::fromStdString(user)}});
}

} // namespace

Answer basicAuth(const Request &request, const PathArguments &arguments)
{
    if (hasCredentials(request, arguments))
        return welcome(arguments[0]);
    Answer answer;
    answer.status = 401;
    answer.add("WWW-Authenticate", "Basic realm=\"Fake Realm\"");
    return answer;
}

Answer hiddenBasicAuth(const Request &request, const PathArguments &arguments)
{
    if (hasCredentials(request, arguments))
        return welcome(arguments[0]);
    Answer answer;
    answer.status = 404;
    answer.add("Content-Type", "text/html; charset=utf-8");
    return answer;
}

Answer bearer(const Request &request, const PathArguments &)
{
    const std::string header = request.header("Authorization");
    if (header.starts_with("Bearer ")) {
        return authenticated({{QStringLiteral("authenticated"), true},
                              {QStringLiteral("token"), QString::fromStdString(header.substr(7))}});
    }
    Answer answer = documentAnswer(401, "text/html; charset=utf-8", {});
    answer.add("WWW-Authenticate", "Bearer");
    return answer;
}

} // namespace sallyport::httpbin
