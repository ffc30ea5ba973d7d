// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/base.h"
#include "core/dataplane/json_text.h"
#include "core/dataplane/known_field.h"
#include "core/result/result.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QJsonValue>

#include <functional>
#include <initializer_list>
#include <limits>
#include <map>
#include <set>
#include <string_view>
#include <type_traits>

/// Each message is described once, by a function `describe(archive, message)`; readers and writers are
/// archives that such a description runs through. A reader can also be asked what it would read: the table of
/// fields.
namespace sallyport::dataplane {

/// Shared by all readers of one document: the first error wins.
struct ReadState
{
    std::optional<Error> error;
    /// checkedMessage() has seen the document: a field that it let pass is one of Envoy's.
    bool apiChecked = false;
    /// Of the text that the document was read from.
    TextMarks marks;
    /// Where readers write down which fields they ask for; null while a document is read.
    std::set<KnownField> *asked = nullptr;

    void fail(const std::string &path, std::string what, std::string hint = {})
    {
        if (!error)
            error = Error{std::move(what), Place{path, 0, 0}, std::move(hint)};
    }
};

/// A google.protobuf.Duration, `1.5s`; nothing if the text is none.
std::optional<Duration> durationFromJson(const QString &text);
QString durationToJson(Duration duration);
QString toQt(std::string_view text);
std::string fromQt(const QString &text);

/// Fills messages from JSON, and refuses by its path what is unknown or has another type.
class JsonReader
{
public:
    static constexpr bool reading = true;

    JsonReader(const QJsonObject &object, std::string path, ReadState &state, int depth = 0);

    void message(const char *name)
    {
        if (m_state.asked)
            m_path = name;
    }
    template<typename T>
    void field(const char *name, T &value, const std::type_identity_t<T> & = {})
    {
        const QJsonValue json = take(name);
        if (!json.isUndefined())
            read(json, child(name), value);
    }
    template<typename T>
    void always(const char *name, T &value)
    {
        field(name, value);
    }
    template<typename E>
    void word(const char *name, E &value, std::initializer_list<const char *> names, E = {})
    {
        const QJsonValue json = take(name);
        if (!json.isUndefined())
            value = static_cast<E>(readWord(json, child(name), names));
    }
    /// A sub message whose fields belong to this struct.
    template<typename F>
    void group(const char *name, F &&describeGroup, bool = true)
    {
        const QJsonValue json = take(name);
        QJsonObject object;
        if (!goesInto(json, name, object))
            return;
        JsonReader inner(object, child(name), m_state, m_depth + 1);
        describeGroup(inner);
        inner.finish();
    }
    /// A `google.protobuf.Any`: `describeAny(reader, type)` sees the type's name without its URL prefix.
    template<typename F>
    bool any(const char *name, F &&describeAny)
    {
        const QJsonValue json = take(name);
        QJsonObject object;
        if (!goesInto(json, name, object))
            return false;
        const std::string type = typeName(object, child(name));
        JsonReader inner(object, child(name), m_state, m_depth + 1);
        inner.take("@type");
        describeAny(inner, type);
        inner.finish();
        return true;
    }
    /// A list of extensions: `describeAny(reader, type)` for the configuration of each.
    template<typename F>
    void extensions(const char *name, F &&describeAny)
    {
        const QJsonArray list = take(name).toArray();
        for (qsizetype i = 0; i < list.size(); ++i) {
            JsonReader extension(list.at(i).toObject(), child(name) + '[' + std::to_string(i) + ']', m_state,
                                 m_depth + 1);
            extension.ignored({"name"});
            const bool typed = extension.any("typed_config", describeAny);
            extension.check(typed, "typed_config", "an extension needs its configuration");
            extension.finish();
        }
    }
    /// Envoy has the field; here it is refused when it is set.
    void refused(std::initializer_list<const char *> names);
    /// Envoy has the field and it changes nothing here.
    void ignored(std::initializer_list<const char *> names);
    /// What withStaticRuntime() has looked at before.
    void keys(std::initializer_list<const char *> names)
    {
        for (const char *name : names)
            take(name);
    }
    /// Everything that is left is fine.
    void ignoreRest() { m_ignoreRest = true; }
    void check(bool good, const char *name, const char *what)
    {
        if (!good)
            fail(name, what);
    }
    void fail(const char *name, std::string what)
    {
        m_state.fail(name && *name ? child(name) : m_path, std::move(what));
    }
    bool has(const char *name) const;
    const QJsonObject &object() const { return m_object; }
    const std::string &path() const { return m_path; }
    ReadState &state() { return m_state; }
    QJsonValue take(const char *name);
    std::string child(std::string_view name) const
    {
        return m_path.empty() ? std::string(name) : m_path + '.' + std::string(name);
    }
    /// Reports what nobody asked for.
    void finish();

private:
    struct Member
    {
        std::string key;
        QJsonValue value;
        bool taken = false;
    };

    const Member *find(std::string_view name) const;
    /// The field is asked for: finish() does not complain of it.
    void mark(std::string_view name);
    /// `json`, the value of `name`, is an object to be read; or all fields are asked for.
    bool goesInto(const QJsonValue &json, const char *name, QJsonObject &object);
    void note(const char *name, FieldUse use) const;
    bool asObject(const QJsonValue &json, const std::string &path, QJsonObject &object);
    std::string typeName(const QJsonObject &object, const std::string &path);
    int readWord(const QJsonValue &json, const std::string &path, std::initializer_list<const char *> names);
    void read(const QJsonValue &json, const std::string &path, bool &value);
    void read(const QJsonValue &json, const std::string &path, std::uint32_t &value);
    void read(const QJsonValue &json, const std::string &path, std::uint64_t &value);
    void read(const QJsonValue &json, const std::string &path, std::int64_t &value);
    void read(const QJsonValue &json, const std::string &path, double &value);
    void read(const QJsonValue &json, const std::string &path, std::string &value);
    void read(const QJsonValue &json, const std::string &path, Duration &value);
    void read(const QJsonValue &json, const std::string &path, QJsonObject &value);
    template<typename T>
    void read(const QJsonValue &json, const std::string &path, std::optional<T> &value)
    {
        value.emplace();
        read(json, path, *value);
    }
    template<typename T>
    void read(const QJsonValue &json, const std::string &path, std::vector<T> &values)
    {
        if (!json.isArray()) {
            m_state.fail(path, "a list is expected");
            return;
        }
        const QJsonArray array = json.toArray();
        values.reserve(static_cast<std::size_t>(array.size()));
        for (qsizetype i = 0; i < array.size(); ++i)
            read(array.at(i), path + '[' + std::to_string(i) + ']', values.emplace_back());
    }
    template<typename T>
    void read(const QJsonValue &json, const std::string &path, std::map<std::string, T> &values)
    {
        QJsonObject object;
        if (!asObject(json, path, object))
            return;
        for (auto it = object.constBegin(); it != object.constEnd(); ++it)
            read(it.value(), path + '[' + fromQt(it.key()) + ']', values[fromQt(it.key())]);
    }
    template<typename T>
    requires std::is_class_v<T>
    void read(const QJsonValue &json, const std::string &path, T &value)
    {
        QJsonObject object;
        if (!asObject(json, path, object))
            return;
        JsonReader inner(object, path, m_state);
        describe(inner, value);
        inner.finish();
    }

    QJsonObject m_object;
    std::string m_path;
    ReadState &m_state;
    /// A description asks for each field of Envoy's message, and most objects have few: asked in this order.
    std::vector<Member> m_members;
    int m_depth = 0; ///< of groups
    bool m_ignoreRest = false;
};

/// Writes messages as JSON, without fields that have their default.
class JsonWriter
{
public:
    static constexpr bool reading = false;

    const QJsonObject &object() const { return m_object; }

    void message(const char *) {}
    /// Left out when its value is what a reader takes where there is none.
    template<typename T>
    void field(const char *name, const T &value, const std::type_identity_t<T> &absent = {})
    {
        if (!(value == absent))
            always(name, value);
    }
    template<typename T>
    void field(const char *name, const std::optional<T> &value)
    {
        if (value)
            always(name, *value);
    }
    /// A field that says something by being there: of a oneof, or one that has to be set.
    template<typename T>
    void always(const char *name, const T &value)
    {
        m_object[QLatin1String(name)] = write(value);
    }
    template<typename E>
    void word(const char *name, E &value, std::initializer_list<const char *> names, E absent = {})
    {
        if (value != absent)
            m_object[QLatin1String(name)] = QLatin1String(*(names.begin() + static_cast<int>(value)));
    }
    template<typename F>
    void group(const char *name, F &&describeGroup, bool always = false)
    {
        JsonWriter inner;
        describeGroup(inner);
        if (always || !inner.m_object.isEmpty())
            m_object[QLatin1String(name)] = inner.m_object;
    }
    void set(const char *name, const QJsonValue &value) { m_object[QLatin1String(name)] = value; }
    void refused(std::initializer_list<const char *>) {}
    void ignored(std::initializer_list<const char *>) {}
    void keys(std::initializer_list<const char *>) {}
    void ignoreRest() {}
    void check(bool, const char *, const char *) {}

    static QJsonValue write(bool value) { return value; }
    static QJsonValue write(std::uint32_t value) { return static_cast<qint64>(value); }
    /// As text where JSON's own whole numbers end, which protobuf's JSON reads alike.
    static QJsonValue write(std::uint64_t value)
    {
        constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<qint64>::max());
        return value > most ? QJsonValue(QString::number(value)) : QJsonValue(static_cast<qint64>(value));
    }
    static QJsonValue write(std::int64_t value) { return static_cast<qint64>(value); }
    static QJsonValue write(double value) { return value; }
    static QJsonValue write(const std::string &value) { return toQt(value); }
    static QJsonValue write(Duration value) { return durationToJson(value); }
    static QJsonValue write(const QJsonObject &value) { return value; }
    template<typename T>
    static QJsonValue write(const std::vector<T> &values)
    {
        QJsonArray array;
        for (const T &value : values)
            array.append(write(value));
        return array;
    }
    template<typename T>
    static QJsonValue write(const std::map<std::string, T> &values)
    {
        QJsonObject object;
        for (const auto &[key, value] : values)
            object[toQt(key)] = write(value);
        return object;
    }
    template<typename T>
    requires std::is_class_v<T>
    static QJsonValue write(const T &value)
    {
        JsonWriter inner;
        // A description does not change what it writes; it takes a reference that readers can fill.
        describe(inner, const_cast<T &>(value));
        return inner.m_object;
    }

private:
    QJsonObject m_object;
};

/// Makes a description usable by every archive: put it once behind the definition, in the file that holds it.
#define SALLYPORT_DESCRIBED(Type) SALLYPORT_DESCRIBED_AS(describe, Type)

// A type that is declared with stands in no parentheses.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define SALLYPORT_DESCRIBED_AS(function, Type)                                                               \
    template void function(JsonReader &, Type &);                                                            \
    template void function(JsonWriter &, Type &);
// NOLINTEND(bugprone-macro-parentheses)

} // namespace sallyport::dataplane
