// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/admin/admin_json.h"

#include <QDateTime>
#include <QJsonDocument>
#include <QTimeZone>
#include <algorithm>

namespace sallyport::admin {

namespace {

std::string quoted(const QString &text)
{
    const QByteArray list = QJsonDocument(QJsonArray{text}).toJson(QJsonDocument::Compact);
    return list.mid(1, list.size() - 2).toStdString();
}

/// Protobuf's printer: one space a level, nothing between the brackets of what is empty.
class Printer
{
public:
    explicit Printer(std::span<const char *const> order)
        : m_order(order)
    {
    }
    /// `holder`: the field whose value this is.
    void value(const QJsonValue &value, int depth, const QString &holder = {})
    {
        if (value.isObject())
            object(value.toObject(), depth, holder);
        else if (value.isArray())
            array(value.toArray(), depth, holder);
        else if (value.isString())
            text += quoted(value.toString());
        else {
            const QByteArray list = QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact);
            text += list.mid(1, list.size() - 2).toStdString();
        }
    }
    std::string text;

private:
    void newLine(int depth)
    {
        text += '\n';
        text.append(static_cast<std::size_t>(depth), ' ');
    }
    void array(const QJsonArray &list, int depth, const QString &holder)
    {
        text += '[';
        for (qsizetype i = 0; i < list.size(); ++i) {
            if (i > 0)
                text += ',';
            newLine(depth + 1);
            value(list[i], depth + 1, holder);
        }
        if (!list.isEmpty())
            newLine(depth);
        text += ']';
    }
    void object(const QJsonObject &fields, int depth, const QString &holder)
    {
        QStringList keys = fields.keys();
        std::stable_sort(keys.begin(), keys.end(), [&](const QString &a, const QString &b) {
            return rank(a, holder) < rank(b, holder);
        });
        text += '{';
        for (qsizetype i = 0; i < keys.size(); ++i) {
            if (i > 0)
                text += ',';
            newLine(depth + 1);
            text += quoted(keys[i]) + ": ";
            value(fields.value(keys[i]), depth + 1, keys[i]);
        }
        if (!keys.isEmpty())
            newLine(depth);
        text += '}';
    }
    std::size_t rank(const QString &key, const QString &holder) const
    {
        const QString whole = holder + QLatin1Char('.') + key;
        const auto found = std::find_if(m_order.begin(), m_order.end(), [&](const char *each) {
            return key == QLatin1String(each) || whole == QLatin1String(each);
        });
        return static_cast<std::size_t>(found - m_order.begin());
    }
    std::span<const char *const> m_order;
};

} // namespace

AdminAnswer jsonAnswer(const QJsonObject &object, std::span<const char *const> order)
{
    Printer printer(order);
    printer.value(object, 0);
    return {200, printer.text + '\n', "application/json"};
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
