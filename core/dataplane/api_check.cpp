// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/api_check.h"

#include "core/dataplane/api_schema.h"
#include "core/dataplane/api_value.h"

#include <re2/re2.h>

#include <map>
#include <set>

namespace sallyport::dataplane {

namespace {

class Check
{
public:
    explicit Check(ReadState &state)
        : m_state(state)
    {
    }

    QJsonObject message(const QJsonObject &object, const ApiMessage &message, const std::string &path,
                        bool isAny = false)
    {
        QJsonObject checked;
        std::vector<const ApiField *> chosen(message.choices.size());
        std::set<const ApiField *> given;
        for (auto it = object.constBegin(); it != object.constEnd() && !m_state.error; ++it) {
            if (isAny && it.key() == QLatin1String("@type")) {
                checked[it.key()] = it.value();
                continue;
            }
            const std::string at = child(path, it.key());
            const ApiField *field = message.field(it.key());
            if (!field) {
                m_state.fail(at, "there is no such field", "check the spelling and the level it stands on");
                break;
            }
            if (it.value().isNull() && field->type != ApiType::Value)
                continue;
            if (!given.insert(field).second)
                m_state.fail(at, "this field stands there twice");
            if (field->choice >= 0) {
                const ApiField *&earlier = chosen[static_cast<std::size_t>(field->choice)];
                if (earlier)
                    m_state.fail(at, "only one of " + fromQt(earlier->name) + " and " + fromQt(field->name) +
                                         " may be set");
                earlier = field;
            }
            const QJsonValue value = whole(it.value(), *field, at);
            if (!value.isUndefined())
                checked[field->name] = value;
        }
        if (!m_state.error)
            checkAbsent(message, given, chosen, path);
        if (&message == m_dnsCache)
            checkDnsCache(checked, path);
        if (&message == m_regexMatcher)
            checkExpression(checked.value(QLatin1String("regex")).toString(), path);
        return checked;
    }

    QJsonValue any(const QJsonObject &object, const std::string &path)
    {
        const QJsonValue url = object.value(QLatin1String("@type"));
        const std::string name = fromQt(url.toString());
        const std::size_t slash = name.rfind('/');
        if (!url.isString()) {
            m_state.fail(path, "a typed configuration needs \"@type\"");
            return object;
        }
        if (slash == std::string::npos) {
            m_state.fail(path + ".@type", "a type is written with its prefix, type.googleapis.com/" + name);
            return object;
        }
        const std::string type = name.substr(slash + 1);
        if (isTypedStruct(type))
            return unpacked(object, path);
        const ApiMessage *known = ApiSchema::envoy().message(type);
        return known ? message(object, *known, path, true) : object;
    }

private:
    static bool isTypedStruct(const std::string &type)
    {
        return type == "xds.type.v3.TypedStruct" || type == "udpa.type.v1.TypedStruct";
    }

    /// A message that is written as a struct with its type beside it.
    QJsonValue unpacked(const QJsonObject &object, const std::string &path)
    {
        const bool camel = object.contains(QLatin1String("typeUrl"));
        QJsonObject typed = object.value(QLatin1String("value")).toObject();
        typed[QLatin1String("@type")] =
            object.value(camel ? QLatin1String("typeUrl") : QLatin1String("type_url"));
        return any(typed, path + ".value");
    }

    static std::string child(const std::string &path, const QString &name)
    {
        return path.empty() ? fromQt(name) : path + '.' + fromQt(name);
    }

    /// The value of a field, which may be a list or a map.
    QJsonValue whole(const QJsonValue &json, const ApiField &field, const std::string &path)
    {
        if (field.shape == ApiField::Shape::One)
            return one(json, field, path);
        if (field.shape == ApiField::Shape::Map)
            return map(json, field, path);
        if (!json.isArray()) {
            m_state.fail(path, "a list is expected");
            return json;
        }
        const QJsonArray array = json.toArray();
        if (array.size() < field.leastItems)
            m_state.fail(path, field.leastItems == 1
                                   ? std::string("at least one is required")
                                   : "at least " + std::to_string(field.leastItems) + " are required");
        if (array.size() > field.mostItems)
            m_state.fail(path, "at most " + std::to_string(field.mostItems) + " are possible");
        QJsonArray checked;
        for (qsizetype i = 0; i < array.size() && !m_state.error; ++i) {
            const std::string at = path + '[' + std::to_string(i) + ']';
            const QJsonValue value = one(array.at(i), field, at);
            if (field.unique && checked.contains(value))
                m_state.fail(at, "this item stands there twice");
            checked.append(value);
        }
        return checked;
    }

    QJsonValue map(const QJsonValue &json, const ApiField &field, const std::string &path)
    {
        if (!json.isObject()) {
            m_state.fail(path, "an object is expected");
            return json;
        }
        const QJsonObject object = json.toObject();
        if (object.size() < field.leastItems)
            m_state.fail(path, "at least one is required");
        QJsonObject checked;
        for (auto it = object.constBegin(); it != object.constEnd() && !m_state.error; ++it) {
            const std::string at = path + '[' + fromQt(it.key()) + ']';
            if (field.namedKeys && it.key().isEmpty())
                m_state.fail(at, "a name is required");
            // A struct may be null there, nothing else.
            const bool none = it.value().isNull() && field.type == ApiType::Struct;
            checked[it.key()] = none ? QJsonObject() : one(it.value(), field, at);
        }
        return checked;
    }

    QJsonValue one(const QJsonValue &json, const ApiField &field, const std::string &path)
    {
        if (field.type == ApiType::Value)
            return json;
        const bool isMessage = field.type == ApiType::Message || field.type == ApiType::Any ||
                               field.type == ApiType::Struct || field.type == ApiType::Opaque;
        if (!isMessage)
            return checkedValue(json, field, path, m_state);
        if (!json.isObject()) {
            m_state.fail(path, "an object is expected");
            return json;
        }
        if (field.type == ApiType::Any)
            return any(json.toObject(), path);
        return field.message ? message(json.toObject(), *field.message, path) : json;
    }

    /// What must be there, and rules that the value of a field that is not there breaks.
    void checkAbsent(const ApiMessage &message, const std::set<const ApiField *> &given,
                     const std::vector<const ApiField *> &chosen, const std::string &path)
    {
        for (std::size_t i = 0; i < chosen.size(); ++i) {
            if (chosen[i] || !message.choices[i].required)
                continue;
            std::string names;
            for (const ApiField &field : message.fields) {
                if (field.choice == static_cast<int>(i))
                    names += (names.empty() ? "" : ", ") + fromQt(field.name);
            }
            m_state.fail(path, "one of these is required: " + names);
        }
        for (const ApiField &field : message.fields) {
            if (given.find(&field) != given.end() || field.choice >= 0)
                continue;
            if (field.required || field.leastItems > 0)
                m_state.fail(child(path, field.name), "this is required");
            else if (field.shape == ApiField::Shape::One && !field.wrapped)
                checkAbsentValue(field, child(path, field.name), m_state);
        }
    }

    void checkExpression(const QString &expression, const std::string &path)
    {
        const re2::RE2 regex(fromQt(expression), re2::RE2::Quiet);
        if (!regex.ok())
            m_state.fail(path + ".regex", regex.error());
    }

    /// Filters and clusters share the caches of names, each stated by all who use it.
    void checkDnsCache(const QJsonObject &cache, const std::string &path)
    {
        QJsonObject settings;
        for (auto it = cache.constBegin(); it != cache.constEnd(); ++it) {
            const bool isStandard = it.value() == QJsonValue(false) || it.value() == QJsonArray() ||
                                    it.value() == QJsonObject() ||
                                    (it.key().endsWith(QLatin1String("_timeout")) &&
                                     durationFromJson(it.value().toString()) == Duration::zero());
            if (!isStandard)
                settings[it.key()] = it.value();
        }
        const QString name = cache.value(QLatin1String("name")).toString();
        const auto stated = m_dnsCaches.emplace(name, settings);
        if (!stated.second && stated.first->second != settings)
            m_state.fail(path, "config specified DNS cache '" + fromQt(name) + "' with different settings");
    }

    ReadState &m_state;
    const ApiMessage *m_regexMatcher = ApiSchema::envoy().message("envoy.type.matcher.v3.RegexMatcher");
    const ApiMessage *m_dnsCache =
        ApiSchema::envoy().message("envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig");
    std::map<QString, QJsonObject> m_dnsCaches;
};

} // namespace

QJsonObject checkedMessage(const QJsonObject &object, const std::string &message, const std::string &path,
                           ReadState &state)
{
    const ApiMessage *known = ApiSchema::envoy().message(message);
    return known ? Check(state).message(object, *known, path) : object;
}

} // namespace sallyport::dataplane
