// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/admin/admin_json.h"

#include <QDateTime>
#include <QJsonDocument>
#include <QTimeZone>

namespace sallyport::admin {

AdminAnswer jsonAnswer(const QJsonObject &object)
{
    return {200, QJsonDocument(object).toJson(QJsonDocument::Indented).toStdString(), "application/json"};
}

QJsonObject addressJson(const net::Address &address)
{
    if (address.family() == net::Address::Family::Pipe)
        return {{QStringLiteral("pipe"),
                 QJsonObject{{QStringLiteral("path"), QString::fromStdString(address.pipePath())}}}};
    return {{QStringLiteral("socket_address"),
             QJsonObject{{QStringLiteral("address"), QString::fromStdString(address.ipText())},
                         {QStringLiteral("port_value"), address.port()}}}};
}

QString timeJson(std::chrono::system_clock::time_point time)
{
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
    const QDateTime utc = QDateTime::fromMSecsSinceEpoch(milliseconds, Qt::UTC);
    return utc.toString(milliseconds % 1000 == 0 ? QStringLiteral("yyyy-MM-ddTHH:mm:ssZ")
                                                 : QStringLiteral("yyyy-MM-ddTHH:mm:ss.zzzZ"));
}

} // namespace sallyport::admin
