// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/admin/admin_json.h"

#include "core/dataplane/api_schema.h"

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
    /// `message`: what it is, if it is one of Envoy's messages.
    void value(const QJsonValue &value, int depth, const QString &holder = {},
               const dataplane::ApiMessage *message = nullptr)
    {
        if (value.isObject())
            object(value.toObject(), depth, holder, message);
        else if (value.isArray())
            array(value.toArray(), depth, holder, message);
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
    void array(const QJsonArray &list, int depth, const QString &holder, const dataplane::ApiMessage *message)
    {
        text += '[';
        for (qsizetype i = 0; i < list.size(); ++i) {
            if (i > 0)
                text += ',';
            newLine(depth + 1);
            value(list[i], depth + 1, holder, message);
        }
        if (!list.isEmpty())
            newLine(depth);
        text += ']';
    }
    void object(const QJsonObject &fields, int depth, const QString &holder,
                const dataplane::ApiMessage *message)
    {
        if (const QString type = fields.value(QLatin1String("@type")).toString(); !type.isEmpty())
            message = dataplane::ApiSchema::envoy().message(type.section(QLatin1Char('/'), -1).toStdString());
        QStringList keys = fields.keys();
        std::stable_sort(keys.begin(), keys.end(), [&](const QString &a, const QString &b) {
            return rank(a, holder, message) < rank(b, holder, message);
        });
        text += '{';
        for (qsizetype i = 0; i < keys.size(); ++i) {
            if (i > 0)
                text += ',';
            newLine(depth + 1);
            text += quoted(keys[i]) + ": ";
            const dataplane::ApiField *field = message ? message->field(keys[i]) : nullptr;
            if (field != nullptr && field->shape == dataplane::ApiField::Shape::Map)
                map(fields.value(keys[i]).toObject(), depth + 1, field->message);
            else
                value(fields.value(keys[i]), depth + 1, keys[i], field ? field->message : nullptr);
        }
        if (!keys.isEmpty())
            newLine(depth);
        text += '}';
    }
    /// By names that are no fields: in any order, as Envoy.
    void map(const QJsonObject &entries, int depth, const dataplane::ApiMessage *message)
    {
        text += '{';
        for (auto it = entries.constBegin(); it != entries.constEnd(); ++it) {
            if (it != entries.constBegin())
                text += ',';
            newLine(depth + 1);
            text += quoted(it.key()) + ": ";
            value(it.value(), depth + 1, it.key(), message);
        }
        if (!entries.isEmpty())
            newLine(depth);
        text += '}';
    }
    /// Fields of a message in the order of their numbers, which is the one they are known in.
    std::size_t rank(const QString &key, const QString &holder, const dataplane::ApiMessage *message) const
    {
        if (key == QLatin1String("@type"))
            return 0;
        if (message != nullptr)
            return 1 + static_cast<std::size_t>(message->byName.value(key, message->byName.size()));
        const QString whole = holder + QLatin1Char('.') + key;
        const auto found = std::find_if(m_order.begin(), m_order.end(), [&](const char *each) {
            return key == QLatin1String(each) || whole == QLatin1String(each);
        });
        return 1 + static_cast<std::size_t>(found - m_order.begin());
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
