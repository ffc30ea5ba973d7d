// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/api_check.h"

#include "core/dataplane/api_schema.h"
#include "core/dataplane/api_value.h"

#include <re2/re2.h>

#include <QVarLengthArray>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

namespace sallyport::dataplane {

namespace {

/// One step further in a path, while it lives.
class Step
{
public:
    Step(std::string &path, const QString &name)
        : m_path(path)
        , m_before(path.size())
    {
        if (!path.empty())
            path += '.';
        path += fromQt(name);
    }
    Step(std::string &path, const std::string &index)
        : m_path(path)
        , m_before(path.size())
    {
        path += '[' + index + ']';
    }
    Step(const Step &) = delete;
    Step &operator=(const Step &) = delete;
    ~Step() { m_path.resize(m_before); }

private:
    std::string &m_path;
    std::size_t m_before;
};

/// What is to stand in the place of something that is written otherwise; none if it may stay as it is, which
/// is how nearly everything is written.
using Rewritten = std::optional<QJsonValue>;

class Check
{
public:
    Check(ReadState &state, std::string path)
        : m_state(state)
        , m_path(std::move(path))
    {
    }

    Rewritten message(const QJsonObject &object, const ApiMessage &message, bool isAny = false)
    {
        struct Change
        {
            QString from;
            QString to;
            QJsonValue value;
        };
        std::vector<Change> changes;
        Fields chosen(static_cast<qsizetype>(message.choices.size()), nullptr);
        Flags given(static_cast<qsizetype>(message.fields.size()), false);
        for (auto it = object.constBegin(); it != object.constEnd() && !m_state.error; ++it) {
            const QString name = it.key();
            if (isAny && name == QLatin1String("@type"))
                continue;
            const Step step(m_path, name);
            const ApiField *field = message.field(name);
            if (!field) {
                m_state.fail(m_path, "there is no such field",
                             "check the spelling and the level it stands on");
                break;
            }
            const QJsonValue value = it.value();
            if (value.isNull() && field->type != ApiType::Value) {
                changes.push_back({name, name, QJsonValue(QJsonValue::Undefined)});
                continue;
            }
            const auto index = field - message.fields.data();
            if (given[index] && !isSameByEitherName(object, message, *field))
                m_state.fail(m_path, "this field stands there twice");
            given[index] = true;
            if (field->choice >= 0) {
                const ApiField *&earlier = chosen[field->choice];
                if (earlier && earlier != field)
                    m_state.fail(m_path, "only one of " + fromQt(earlier->name) + " and " +
                                             fromQt(field->name) + " may be set");
                earlier = field;
            }
            const Rewritten rewritten = whole(value, *field);
            if (rewritten || name != field->name)
                changes.push_back({name, field->name, rewritten.value_or(value)});
        }
        if (!m_state.error)
            checkAbsent(message, given, chosen);
        QJsonObject checked = object;
        for (const Change &change : changes)
            checked.remove(change.from);
        for (const Change &change : changes) {
            if (!change.value.isUndefined())
                checked[change.to] = change.value;
        }
        if (&message == m_dnsCache)
            checkDnsCache(checked);
        if (&message == m_requestId || &message == m_clusterType)
            checkOwnType(object);
        if (&message == m_regexMatcher)
            checkExpression(checked.value(QLatin1String("regex")).toString());
        return changes.empty() ? std::nullopt : Rewritten(checked);
    }

    Rewritten any(const QJsonObject &object)
    {
        const QJsonValue url = object.value(QLatin1String("@type"));
        const std::string name = fromQt(url.toString());
        const std::size_t slash = name.rfind('/');
        if (!url.isString()) {
            m_state.fail(m_path, "a typed configuration needs \"@type\"");
            return std::nullopt;
        }
        if (slash == std::string::npos) {
            m_state.fail(m_path + ".@type", "a type is written with its prefix, type.googleapis.com/" + name);
            return std::nullopt;
        }
        const std::string type = name.substr(slash + 1);
        if (isTypedStruct(type))
            return unpacked(object);
        const ApiMessage *known = ApiSchema::envoy().message(type);
        return known ? message(object, *known, true) : std::nullopt;
    }

private:
    using Fields = QVarLengthArray<const ApiField *, 8>;
    using Flags = QVarLengthArray<bool, 64>;

    static bool isTypedStruct(const std::string &type)
    {
        return type == "xds.type.v3.TypedStruct" || type == "udpa.type.v1.TypedStruct";
    }

    /// Of a field's two spellings Envoy takes what comes last in the text, which is not known here any more:
    /// they are good if they agree. Lists would be joined.
    static bool isSameByEitherName(const QJsonObject &object, const ApiMessage &message,
                                   const ApiField &field)
    {
        QJsonValue earlier(QJsonValue::Undefined);
        for (auto it = object.constBegin(); it != object.constEnd(); ++it) {
            if (message.field(it.key()) != &field || it.value().isNull())
                continue;
            if (it.value().isArray() || it.value().isObject() ||
                (!earlier.isUndefined() && earlier != it.value()))
                return false;
            earlier = it.value();
        }
        return true;
    }

    /// Who looks for its implementation by the configuration's type finds none for a struct with a type.
    void checkOwnType(const QJsonObject &object)
    {
        const char *key = object.contains(QLatin1String("typedConfig")) ? "typedConfig" : "typed_config";
        const std::string url =
            fromQt(object.value(QLatin1String(key)).toObject().value(QLatin1String("@type")).toString());
        const std::string type = url.substr(url.rfind('/') + 1);
        if (isTypedStruct(type))
            m_state.fail(m_path + ".typed_config.@type",
                         "Didn't find a registered implementation for type: '" + type + '\'');
    }

    /// A message that is written as a struct with its type beside it.
    Rewritten unpacked(const QJsonObject &object)
    {
        const bool camel = object.contains(QLatin1String("typeUrl"));
        QJsonObject typed = object.value(QLatin1String("value")).toObject();
        typed[QLatin1String("@type")] =
            object.value(camel ? QLatin1String("typeUrl") : QLatin1String("type_url"));
        const Step step(m_path, QStringLiteral("value"));
        return any(typed).value_or(typed);
    }

    /// The value of a field, which may be a list or a map.
    Rewritten whole(const QJsonValue &json, const ApiField &field)
    {
        if (field.shape == ApiField::Shape::One)
            return one(json, field);
        if (field.shape == ApiField::Shape::Map)
            return map(json, field);
        if (!json.isArray()) {
            m_state.fail(m_path, "a list is expected");
            return std::nullopt;
        }
        const QJsonArray array = json.toArray();
        if (array.size() < field.leastItems)
            m_state.fail(m_path, field.leastItems == 1
                                     ? std::string("at least one is required")
                                     : "at least " + std::to_string(field.leastItems) + " are required");
        if (array.size() > field.mostItems)
            m_state.fail(m_path, "at most " + std::to_string(field.mostItems) + " are possible");
        QJsonArray checked = array;
        bool isRewritten = false;
        for (qsizetype i = 0; i < array.size() && !m_state.error; ++i) {
            const Step step(m_path, std::to_string(i));
            const Rewritten item = one(array.at(i), field);
            if (item)
                checked[i] = item->isUndefined() ? QJsonValue() : *item;
            isRewritten = isRewritten || item;
            const auto earlier = checked.constBegin() + i;
            if (field.unique && std::find(checked.constBegin(), earlier, checked.at(i)) != earlier)
                m_state.fail(m_path, "this item stands there twice");
        }
        return isRewritten ? Rewritten(checked) : std::nullopt;
    }

    Rewritten map(const QJsonValue &json, const ApiField &field)
    {
        if (!json.isObject()) {
            m_state.fail(m_path, "an object is expected");
            return std::nullopt;
        }
        const QJsonObject object = json.toObject();
        if (object.size() < field.leastItems)
            m_state.fail(m_path, "at least one is required");
        QJsonObject checked = object;
        bool isRewritten = false;
        for (auto it = object.constBegin(); it != object.constEnd() && !m_state.error; ++it) {
            const Step step(m_path, fromQt(it.key()));
            if (field.namedKeys && it.key().isEmpty())
                m_state.fail(m_path, "a name is required");
            // A struct may be null there, nothing else.
            const bool none = it.value().isNull() && field.type == ApiType::Struct;
            const Rewritten value = none ? Rewritten(QJsonObject()) : one(it.value(), field);
            if (value)
                checked[it.key()] = *value;
            isRewritten = isRewritten || value;
        }
        return isRewritten ? Rewritten(checked) : std::nullopt;
    }

    Rewritten one(const QJsonValue &json, const ApiField &field)
    {
        if (field.type == ApiType::Value)
            return std::nullopt;
        const bool isMessage = field.type == ApiType::Message || field.type == ApiType::Any ||
                               field.type == ApiType::Struct || field.type == ApiType::Opaque;
        if (!isMessage)
            return otherSpelling(json, field, m_path, m_state);
        if (!json.isObject()) {
            m_state.fail(m_path, "an object is expected");
            return std::nullopt;
        }
        if (field.type == ApiType::Any)
            return any(json.toObject());
        return field.message ? message(json.toObject(), *field.message) : std::nullopt;
    }

    /// What must be there, and rules that the value of a field that is not there breaks.
    void checkAbsent(const ApiMessage &message, const Flags &given, const Fields &chosen)
    {
        for (qsizetype i = 0; i < chosen.size(); ++i) {
            if (chosen[i] || !message.choices[static_cast<std::size_t>(i)].required)
                continue;
            std::string names;
            for (const ApiField &field : message.fields) {
                if (field.choice == i)
                    names += (names.empty() ? "" : ", ") + fromQt(field.name);
            }
            m_state.fail(m_path, "one of these is required: " + names);
        }
        for (qsizetype i = 0; i < given.size(); ++i) {
            const ApiField &field = message.fields[static_cast<std::size_t>(i)];
            if (given[i] || field.choice >= 0 || !field.ruled)
                continue;
            ReadState absent;
            if (field.required || field.leastItems > 0)
                absent.fail({}, "this is required");
            else if (field.shape == ApiField::Shape::One && !field.wrapped)
                checkAbsentValue(field, {}, absent);
            if (absent.error) {
                const Step step(m_path, field.name);
                m_state.fail(m_path, absent.error->what);
            }
        }
    }

    void checkExpression(const QString &expression)
    {
        const re2::RE2 regex(fromQt(expression), re2::RE2::Quiet);
        if (!regex.ok())
            m_state.fail(m_path + ".regex", regex.error());
    }

    /// Filters and clusters share the caches of names, each stated by all who use it.
    void checkDnsCache(const QJsonObject &cache)
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
            m_state.fail(m_path, "config specified DNS cache '" + fromQt(name) + "' with different settings");
    }

    ReadState &m_state;
    std::string m_path;
    const ApiMessage *m_requestId = ApiSchema::envoy().message(
        "envoy.extensions.filters.network.http_connection_manager.v3.RequestIDExtension");
    const ApiMessage *m_clusterType =
        ApiSchema::envoy().message("envoy.config.cluster.v3.Cluster.CustomClusterType");
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
    const Rewritten rewritten = known ? Check(state, path).message(object, *known) : std::nullopt;
    return rewritten ? rewritten->toObject() : object;
}

} // namespace sallyport::dataplane
