// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/api_check.h"

#include "core/dataplane/api_form.h"
#include "core/dataplane/api_message_rules.h"
#include "core/dataplane/api_schema.h"
#include "core/dataplane/api_value.h"
#include "core/dataplane/json_text.h"

#include <QVarLengthArray>

#include <algorithm>
#include <optional>
#include <vector>

namespace sallyport::dataplane {

namespace {

bool is64Bits(ApiType type)
{
    return type == ApiType::Int64 || type == ApiType::UInt64;
}

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
    Check(const QJsonObject &root, ReadState &state, std::string path)
        : m_state(state)
        , m_path(std::move(path))
        , m_rules(root, state)
    {
    }

    Rewritten message(const QJsonObject &written, const ApiMessage &message, bool isAny = false)
    {
        const QJsonObject object = m_state.marks.later.empty() ? written : inOneSpelling(written, message);
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
            if (given[index] || (field->choice >= 0 && isTwice()))
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
            if (isAsAbsent(rewritten.value_or(value), *field))
                changes.push_back({name, name, QJsonValue(QJsonValue::Undefined)});
            else if (rewritten || name != field->name)
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
        m_rules.check(message, written, checked, m_path);
        return changes.empty() && m_state.marks.later.empty() ? std::nullopt : Rewritten(checked);
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
        if (slash == std::string::npos || slash == 0) {
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

    /// Whether a value says as little as none. Of a choice it says what is chosen, in a wrapper that it is
    /// there.
    static bool isAsAbsent(const QJsonValue &value, const ApiField &field)
    {
        if (field.shape != ApiField::Shape::One)
            return value.toArray().isEmpty() && value.toObject().isEmpty();
        if (field.wrapped || field.choice >= 0)
            return false;
        switch (field.type) {
        case ApiType::Bool:
            return !value.toBool();
        case ApiType::Int32:
        case ApiType::UInt32:
        case ApiType::Int64:
        case ApiType::UInt64:
        case ApiType::Double:
            return value.isDouble() && value.toDouble() == 0;
        case ApiType::String:
        case ApiType::Bytes:
            return value.toString().isEmpty();
        case ApiType::Enum:
            return field.enumeration->numbers.value(value.toString(), -1) == 0;
        default:
            return false;
        }
    }

    /// A field that stands there by both of its names holds what both say, in the order of the text.
    QJsonObject inOneSpelling(const QJsonObject &written, const ApiMessage &message) const
    {
        QJsonObject object = written;
        for (const QString &camel : written.keys()) {
            const ApiField *field = message.field(camel);
            // Of a choice both would have to be the one that is set.
            if (!field || field->choice >= 0 || camel == field->name || !written.contains(field->name))
                continue;
            const QJsonValue first = written.value(field->name);
            const QJsonValue second = written.value(camel);
            const bool inOrder = m_state.marks.later.count(textPath() + '.' + fromQt(camel)) > 0;
            object[field->name] = inOrder ? merged(first, second) : merged(second, first);
            object.remove(camel);
        }
        return object;
    }

    /// Whether the text has the key of this path more than once.
    bool isTwice() const { return !m_state.marks.twice.empty() && m_state.marks.twice.count(textPath()) > 0; }

    /// The last of several values counts, but each has to be one.
    void checkReplaced(const ApiField &field)
    {
        if (m_state.marks.replaced.empty())
            return;
        const auto found = m_state.marks.replaced.find(textPath());
        if (found == m_state.marks.replaced.end())
            return;
        for (const QJsonValue &value : found->second)
            otherSpelling(value, field, m_path, m_state);
    }

    /// Lists are joined and messages merged that stand there twice, but no structs.
    void checkStruct()
    {
        const std::string inside = textPath() + '.';
        const auto first = m_state.marks.twice.lower_bound(inside);
        if (first != m_state.marks.twice.end() && first->starts_with(inside))
            m_state.fail(m_path, "the key " + first->substr(inside.size()) + " stands there twice");
    }

    /// The whole number of this path, if a double does not hold it.
    const QString *largeNumber() const
    {
        const auto found =
            m_state.marks.large.empty() ? m_state.marks.large.end() : m_state.marks.large.find(textPath());
        return found == m_state.marks.large.end() ? nullptr : &found->second;
    }

    /// The path as JsonText writes it.
    std::string textPath() const
    {
        std::string path = m_path.empty() ? std::string() : '.' + m_path;
        path.erase(std::remove(path.begin(), path.end(), ']'), path.end());
        std::replace(path.begin(), path.end(), '[', '.');
        return path;
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
        // What stands by itself is a list of one.
        const QJsonArray given = json.isArray() ? json.toArray() : QJsonArray{json};
        const QJsonArray array = flattened(given, field);
        if (array.size() < field.leastItems)
            m_state.fail(m_path, field.leastItems == 1
                                     ? std::string("at least one is required")
                                     : "at least " + std::to_string(field.leastItems) + " are required");
        if (array.size() > field.mostItems)
            m_state.fail(m_path, "at most " + std::to_string(field.mostItems) + " are possible");
        QJsonArray checked = array;
        bool isRewritten = !json.isArray() || array != given;
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
            if (isTwice())
                m_state.fail(m_path, "this key stands there twice");
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
        if (!isMessage) {
            checkReplaced(field);
            // As text, which fields of 64 bits take too.
            if (const QString *digits = is64Bits(field.type) ? largeNumber() : nullptr)
                return otherSpelling(*digits, field, m_path, m_state).value_or(*digits);
            const Rewritten spelled =
                json.isObject() ? valueOfMessage(json.toObject(), field, m_path, m_state) : std::nullopt;
            const Rewritten value = otherSpelling(spelled.value_or(json), field, m_path, m_state);
            return value ? value : spelled;
        }
        if (!json.isObject()) {
            m_state.fail(m_path, "an object is expected");
            return std::nullopt;
        }
        if (field.type == ApiType::Any)
            return any(json.toObject());
        if (field.type == ApiType::Struct && !m_state.marks.twice.empty())
            checkStruct();
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

    ReadState &m_state;
    std::string m_path;
    MessageRules m_rules;
};

} // namespace

QJsonObject checkedMessage(const QJsonObject &object, const std::string &message, const std::string &path,
                           ReadState &state)
{
    const ApiMessage *known = ApiSchema::envoy().message(message);
    const Rewritten rewritten = known ? Check(object, state, path).message(object, *known) : std::nullopt;
    return rewritten ? rewritten->toObject() : object;
}

} // namespace sallyport::dataplane
