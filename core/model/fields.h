// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/known_fields.h"
#include "core/model/problem.h"
#include "core/model/resource.h"
#include "core/yaml/node.h"

#include <functional>
#include <initializer_list>
#include <set>

namespace sallyport::model {

/// Where decoding and validation put what they find wrong with one resource.
struct DecodeContext
{
    std::string mesh;
    std::string resource;
    std::vector<Problem> *problems = nullptr;
    FieldNotes *notes = nullptr; ///< wants to know what is asked for; usually nobody does

    void report(const std::string &code, Severity severity, const std::string &message, const Place &place,
                const std::string &fieldPath, const std::string &hint = {}) const;
};

/// Reads the fields of one mapping. A field of the wrong type is reported and, where its text still makes
/// sense, used; fields that nobody asked for are reported as unknown when the reader goes away. A null value
/// is the same as none.
class Fields
{
public:
    using Each = std::function<void(Fields &)>;

    Fields(yaml::NodePtr node, std::string path, const DecodeContext &context);
    Fields(const Fields &) = delete;
    Fields &operator=(const Fields &) = delete;
    ~Fields();

    const std::string &path() const { return m_path; }
    const yaml::NodePtr &node() const { return m_node; }
    const DecodeContext &context() const { return m_context; }
    /// Whether the field is given, be it empty (`{}`).
    bool present(std::string_view key);

    void text(std::string_view key, std::string &value);
    void text(std::string_view key, std::optional<std::string> &value);
    /// Kubernetes' IntOrString.
    void textOrNumber(std::string_view key, std::string &value);
    void boolean(std::string_view key, bool &value);
    void boolean(std::string_view key, std::optional<bool> &value);
    void number(std::string_view key, std::uint32_t &value);
    void number(std::string_view key, std::int32_t &value);
    template<typename T>
    void number(std::string_view key, std::optional<T> &value)
    {
        T parsed = 0;
        if (integer(key, parsed))
            value = parsed;
    }
    void real(std::string_view key, std::optional<double> &value);
    void duration(std::string_view key, std::optional<Duration> &value);
    void texts(std::string_view key, std::vector<std::string> &values);
    void labels(std::string_view key, Labels &values);
    void numbers(std::string_view key, std::map<std::string, std::uint32_t> &values);
    void numbers(std::string_view key, std::vector<std::uint32_t> &values);
    /// One word of `names`, in the order of the enum's values; words are compared as written.
    template<typename E>
    void word(std::string_view key, E &value, std::initializer_list<std::string_view> names)
    {
        if (const int index = wordIndex(key, names); index >= 0)
            value = static_cast<E>(index);
    }
    template<typename E>
    void word(std::string_view key, std::optional<E> &value, std::initializer_list<std::string_view> names)
    {
        if (const int index = wordIndex(key, names); index >= 0)
            value = static_cast<E>(index);
    }
    /// Calls `read` with the mapping at `key`, if there is one; true then.
    bool object(std::string_view key, const Each &read);
    /// Calls `read` with every item of the list at `key`.
    void objects(std::string_view key, const Each &read);
    /// Calls `read` with every entry of a mapping of mappings.
    void entries(std::string_view key, const std::function<void(const std::string &name, Fields &)> &read);

    /// Known to Istio, and nothing that a lab has depends on it: kept silently.
    void keep(std::initializer_list<std::string_view> keys);
    /// Changes what a cluster does, and nothing in a lab: kept, and said where it is given.
    void withoutEffect(std::initializer_list<std::string_view> keys);
    /// Everything that was not asked for is fine.
    void keepRest() { m_keepRest = true; }

    void report(const std::string &code, Severity severity, const std::string &message, std::string_view key,
                const std::string &hint = {});

private:
    yaml::NodePtr take(std::string_view key);
    void note(std::string_view key, FieldType type, std::initializer_list<std::string_view> words = {});
    yaml::NodePtr takeScalar(std::string_view key, const char *expected);
    std::string child(std::string_view key) const;
    /// Reports a plain scalar that YAML reads as a number, a boolean or null where text is wanted.
    void checkText(const yaml::Node &value, const std::string &path) const;
    void wrongType(std::string_view key, const char *expected, const std::string &hint = {});
    void reportUnknown(const yaml::Node &key);
    int wordIndex(std::string_view key, std::initializer_list<std::string_view> names);
    template<typename T>
    bool integer(std::string_view key, T &value);

    yaml::NodePtr m_node;
    std::string m_path;
    const DecodeContext &m_context;
    std::set<std::string, std::less<>> m_taken;
    bool m_keepRest = false;
};

} // namespace sallyport::model
