// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/message_merge.h"

#include "core/dataplane/api_schema.h"

#include <QJsonArray>
#include <QRegularExpression>

namespace sallyport::compile {

namespace {

using dataplane::ApiField;
using dataplane::ApiMessage;
using dataplane::ApiSchema;

constexpr QLatin1String typeField("@type");

QString fieldName(const QString &key)
{
    static const QRegularExpression camel(QStringLiteral("^[a-z][a-z0-9]*([A-Z][a-z0-9]*)+$"));
    if (!camel.match(key).hasMatch())
        return key;
    QString name;
    for (const QChar c : key) {
        if (c.isUpper())
            name += QLatin1Char('_');
        name += c.toLower();
    }
    return name;
}

/// Null for what is not known.
const ApiMessage *messageNamed(const QJsonValue &typeUrl)
{
    return ApiSchema::envoy().message(typeUrl.toString().section(QLatin1Char('/'), -1).toStdString());
}

class Merge
{
public:
    explicit Merge(bool replaceLists)
        : m_replaceLists(replaceLists)
    {
    }

    void message(QJsonObject &into, const QJsonObject &from, const ApiMessage *type) const
    {
        for (auto it = from.begin(); it != from.end(); ++it) {
            if (it.value().isNull())
                continue;
            const ApiField *field = type == nullptr ? nullptr : type->field(it.key());
            const QString name = field == nullptr ? it.key() : field->name;
            if (field != nullptr && field->choice >= 0) {
                for (const ApiField &other : type->fields) {
                    if (other.choice == field->choice && &other != field)
                        into.remove(other.name);
                }
            }
            into.insert(name, whole(into.value(name), it.value(), field));
        }
    }

private:
    /// A field's value, which may be a list or a map.
    QJsonValue whole(const QJsonValue &known, const QJsonValue &more, const ApiField *field) const
    {
        if (more.isArray()) {
            QJsonArray list = m_replaceLists ? QJsonArray() : known.toArray();
            for (const QJsonValue item : more.toArray())
                list.append(one({}, item, field));
            return list;
        }
        if (field == nullptr || field->shape != ApiField::Shape::Map)
            return one(known, more, field);
        QJsonObject map = known.toObject();
        const QJsonObject entries = more.toObject();
        for (auto entry = entries.begin(); entry != entries.end(); ++entry)
            map.insert(entry.key(), one(map.value(entry.key()), entry.value(), field));
        return map;
    }

    QJsonValue one(const QJsonValue &known, const QJsonValue &more, const ApiField *field) const
    {
        if (!more.isObject())
            return more;
        const QJsonObject object = more.toObject();
        const bool isAny = object.contains(typeField);
        const ApiMessage *type = isAny              ? messageNamed(object.value(typeField))
                                 : field == nullptr ? nullptr
                                                    : field->message;
        QJsonObject merged = known.toObject();
        if (isAny && merged.value(typeField) != object.value(typeField))
            merged = {};
        message(merged, object, type);
        return merged;
    }

    bool m_replaceLists;
};

} // namespace

QJsonValue withFieldNames(const QJsonValue &message)
{
    if (message.isArray()) {
        QJsonArray list;
        for (const QJsonValue item : message.toArray())
            list.append(withFieldNames(item));
        return list;
    }
    if (!message.isObject())
        return message;
    QJsonObject result;
    const QJsonObject object = message.toObject();
    for (auto field = object.begin(); field != object.end(); ++field) {
        const bool holdsOthers = field.key() == QLatin1String("labels") ||
                                 field.key() == QLatin1String("metadata") ||
                                 field.key() == QLatin1String("value");
        result.insert(fieldName(field.key()), holdsOthers ? field.value() : withFieldNames(field.value()));
    }
    return result;
}

void mergeMessage(QJsonObject &into, const QJsonObject &from, const std::string &type, bool replaceLists)
{
    Merge(replaceLists).message(into, from, ApiSchema::envoy().message(type));
}

void mergeTypedConfig(QJsonObject &into, const QJsonObject &from)
{
    const QString config = QStringLiteral("typed_config");
    QJsonObject own = into.value(config).toObject();
    const QJsonObject more = from.value(config).toObject();
    if (own.isEmpty() || more.isEmpty() || own.value(typeField) != more.value(typeField))
        return;
    Merge(false).message(own, more, messageNamed(own.value(typeField)));
    into.insert(config, own);
}

} // namespace sallyport::compile
