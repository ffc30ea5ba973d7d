// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/request/request_draft.h"

#include <QJsonArray>

namespace sallyport::request {

Result<application::Request> RequestDraft::request() const
{
    auto parsed = application::parseRequest((method.trimmed() + QLatin1Char(' ') + fullUrl()).toStdString());
    if (!parsed)
        return parsed;
    for (const Header &header : headers) {
        if (!header.enabled || header.name.trimmed().isEmpty())
            continue;
        // curl's way to send a header without a value.
        const QString value = header.value.trimmed();
        const QString line = value.isEmpty() ? header.name.trimmed() + QLatin1Char(';')
                                             : header.name.trimmed() + QLatin1String(": ") + value;
        if (auto added = parsed->withHeader(line.toStdString()); !added)
            return tl::make_unexpected(added.error());
    }
    if (sendsBody())
        parsed->body = body.toStdString();
    return parsed;
}

QString RequestDraft::fullUrl() const
{
    const QString trimmed = url.trimmed();
    return trimmed.isEmpty() || trimmed.contains(QLatin1String("://")) ? trimmed
                                                                       : QLatin1String("http://") + trimmed;
}

bool RequestDraft::sendsBody() const
{
    return !body.isEmpty() || method == QLatin1String("POST") || method == QLatin1String("PUT") ||
           method == QLatin1String("PATCH");
}

QJsonObject RequestDraft::toJson() const
{
    QJsonArray list;
    for (const Header &header : headers) {
        QJsonObject object{{QStringLiteral("name"), header.name},
                           {QStringLiteral("value"), isSecretHeader(header.name) ? QString() : header.value}};
        if (!header.enabled)
            object.insert(QStringLiteral("enabled"), false);
        list.append(object);
    }
    return {{QStringLiteral("instance"), instance},
            {QStringLiteral("method"), method},
            {QStringLiteral("url"), url},
            {QStringLiteral("headers"), list},
            {QStringLiteral("body"), body}};
}

RequestDraft RequestDraft::fromJson(const QJsonObject &object)
{
    RequestDraft draft;
    draft.instance = object.value(QLatin1String("instance")).toString();
    draft.method = object.value(QLatin1String("method")).toString(draft.method);
    draft.url = object.value(QLatin1String("url")).toString();
    draft.body = object.value(QLatin1String("body")).toString();
    for (const QJsonValue value : object.value(QLatin1String("headers")).toArray()) {
        const QJsonObject header = value.toObject();
        draft.headers.append({header.value(QLatin1String("name")).toString(),
                              header.value(QLatin1String("value")).toString(),
                              header.value(QLatin1String("enabled")).toBool(true)});
    }
    return draft;
}

bool isSecretHeader(const QString &name)
{
    const QString lower = name.trimmed().toLower();
    return lower.endsWith(QLatin1String("authorization")) || lower == QLatin1String("cookie") ||
           lower.endsWith(QLatin1String("api-key")) || lower.endsWith(QLatin1String("-token"));
}

} // namespace sallyport::request
