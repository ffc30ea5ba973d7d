// SPDX-License-Identifier: GPL-3.0-or-later
#include "bootstrap_fields.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace fixture {

QJsonValue fieldAt(QJsonValue value, const QByteArray &path)
{
    for (const QByteArray &step : path.split('/')) {
        const int bracket = static_cast<int>(step.indexOf('['));
        if (bracket != 0)
            value = value[QString::fromUtf8(bracket < 0 ? step : step.left(bracket))];
        if (bracket < 0)
            continue;
        const QString item = QString::fromUtf8(step.mid(bracket + 1, step.size() - bracket - 2));
        bool isNumber = false;
        const int index = item.toInt(&isNumber);
        if (isNumber) {
            value = value[index];
            continue;
        }
        QJsonValue found(QJsonValue::Undefined);
        for (const QJsonValue &candidate : value.toArray()) {
            if (candidate[QStringLiteral("name")].toString() == item)
                found = candidate;
        }
        value = found;
    }
    return value;
}

QByteArray jsonOf(const QJsonValue &value)
{
    if (value.isUndefined())
        return "absent";
    return QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact).mid(1).chopped(1);
}

std::string object(const std::string &kind, const std::string &name, const std::string &spec,
                   const std::string &nameSpace, const std::string &metadata)
{
    const bool security =
        kind == "AuthorizationPolicy" || kind == "PeerAuthentication" || kind == "RequestAuthentication";
    const bool telemetry = kind == "Telemetry";
    return "apiVersion: " +
           std::string(security    ? "security"
                       : telemetry ? "telemetry"
                                   : "networking") +
           (kind == "ProxyConfig" ? ".istio.io/v1beta1" : ".istio.io/v1") + "\nkind: " + kind +
           "\nmetadata: {name: " + name + ", namespace: " + nameSpace +
           (metadata.empty() ? std::string() : ", " + metadata) + "}\nspec: " + spec + "\n---\n";
}

} // namespace fixture
