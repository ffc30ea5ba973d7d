// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/fields.h"

#include "core/model/go_duration.h"
#include "core/model/spelling.h"
#include "core/yaml/scalar_text.h"

#include <charconv>
#include <cmath>

namespace sallyport::model {

namespace {

std::string quoted(std::string_view key)
{
    return '"' + std::string(key) + '"';
}

bool isPlain(const yaml::Node &node, yaml::PlainType type)
{
    return node.style == yaml::ScalarStyle::Plain && node.tag.empty() && yaml::plainType(node.scalar) == type;
}

const char *typeName(yaml::PlainType type)
{
    switch (type) {
    case yaml::PlainType::Null:
        return "nothing";
    case yaml::PlainType::Boolean:
        return "a boolean";
    case yaml::PlainType::Integer:
    case yaml::PlainType::Real:
        return "a number";
    case yaml::PlainType::Text:
        break;
    }
    return "text";
}

} // namespace

void DecodeContext::report(const std::string &code, Severity severity, const std::string &message,
                           const Place &place, const std::string &fieldPath, const std::string &hint) const
{
    problems->push_back({code, severity, message, place, mesh, resource, fieldPath, hint});
}

Fields::Fields(yaml::NodePtr node, std::string path, const DecodeContext &context)
    : m_node(std::move(node))
    , m_path(std::move(path))
    , m_context(context)
{
}

Fields::~Fields()
{
    if (m_keepRest || !m_node)
        return;
    for (const auto &[key, value] : m_node->entries) {
        if (m_taken.find(key->scalar) == m_taken.end() && !yaml::isMergeKey(*key))
            reportUnknown(*key);
    }
}

void Fields::reportUnknown(const yaml::Node &key)
{
    const std::string closest = closestSpelling(key.scalar, m_taken);
    m_context.report("EGR0102", Severity::Error, "unknown field " + quoted(key.scalar), key.place,
                     child(key.scalar),
                     closest.empty() ? "take it out, or move it to the level it belongs to"
                                     : "did you mean " + quoted(closest) + '?');
}

std::string Fields::child(std::string_view key) const
{
    const bool plain = key.find_first_of(".[") == std::string_view::npos;
    const std::string name = plain ? std::string(key) : "[\"" + std::string(key) + "\"]";
    return m_path.empty() || !plain ? m_path + name : m_path + '.' + name;
}

void Fields::report(const std::string &code, Severity severity, const std::string &message,
                    std::string_view key, const std::string &hint)
{
    const yaml::NodePtr value = key.empty() ? m_node : m_node->find(key);
    m_context.report(code, severity, message, value ? value->place : m_node->place,
                     key.empty() ? m_path : child(key), hint);
}

void Fields::wrongType(std::string_view key, const char *expected, const std::string &hint)
{
    const yaml::NodePtr value = m_node->find(key);
    const std::string seen = value && value->isScalar() ? ", not " + quoted(value->scalar) : std::string();
    report("EGR0102", Severity::Error, quoted(key) + " must be " + expected + seen, key, hint);
}

yaml::NodePtr Fields::take(std::string_view key)
{
    m_taken.emplace(key);
    yaml::NodePtr value = m_node ? m_node->find(key) : nullptr;
    return value && !value->isNull() ? value : nullptr;
}

void Fields::note(std::string_view key, FieldType type, std::initializer_list<std::string_view> words)
{
    if (m_context.notes && m_node && m_context.notes->path == m_path)
        m_context.notes->fields.push_back({std::string(key), type, {words.begin(), words.end()}});
}

yaml::NodePtr Fields::takeScalar(std::string_view key, const char *expected)
{
    yaml::NodePtr value = take(key);
    if (value && !value->isScalar()) {
        wrongType(key, expected);
        return nullptr;
    }
    return value;
}

bool Fields::present(std::string_view key)
{
    note(key, FieldType::Kept);
    return take(key) != nullptr;
}

void Fields::checkText(const yaml::Node &value, const std::string &path) const
{
    if (value.isMapping() || value.isSequence()) {
        m_context.report("EGR0102", Severity::Error, quoted(path) + " must be text", value.place, path);
        return;
    }
    if (!value.isScalar() || value.style != yaml::ScalarStyle::Plain || !value.tag.empty())
        return;
    const yaml::PlainType type = yaml::plainType(value.scalar);
    if (type != yaml::PlainType::Text)
        m_context.report("EGR0102", Severity::Error,
                         quoted(path) + " must be text, but YAML reads " + value.scalar + " as " +
                             typeName(type),
                         value.place, path, "put it in quotes: \"" + value.scalar + '"');
}

void Fields::text(std::string_view key, std::string &value)
{
    note(key, FieldType::Text);
    if (const yaml::NodePtr node = takeScalar(key, "text")) {
        checkText(*node, child(key));
        value = node->scalar;
    }
}

void Fields::text(std::string_view key, std::optional<std::string> &value)
{
    note(key, FieldType::Text);
    if (present(key))
        text(key, value.emplace());
}

void Fields::textOrNumber(std::string_view key, std::string &value)
{
    note(key, FieldType::TextOrNumber);
    if (const yaml::NodePtr node = takeScalar(key, "a number or a name"))
        value = node->scalar;
}

void Fields::boolean(std::string_view key, std::optional<bool> &value)
{
    note(key, FieldType::Boolean);
    const yaml::NodePtr node = takeScalar(key, "true or false");
    if (!node)
        return;
    if (!isPlain(*node, yaml::PlainType::Boolean))
        wrongType(key, "true or false", "write it without quotes");
    value = yaml::booleanValue(node->scalar);
}

void Fields::boolean(std::string_view key, bool &value)
{
    std::optional<bool> parsed;
    boolean(key, parsed);
    value = parsed.value_or(value);
}

template<typename T>
bool Fields::integer(std::string_view key, T &value)
{
    note(key, FieldType::Number);
    const yaml::NodePtr node = takeScalar(key, "a whole number");
    if (!node)
        return false;
    T parsed = 0;
    const std::string &text = node->scalar;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (error == std::errc::result_out_of_range)
        report("EGR0105", Severity::Error, quoted(key) + " is out of range: " + text, key);
    else if (!whole)
        wrongType(key, "a whole number");
    else if (!isPlain(*node, yaml::PlainType::Integer))
        wrongType(key, "a whole number", "write it without quotes");
    if (whole)
        value = parsed;
    return whole;
}

template bool Fields::integer(std::string_view key, std::uint32_t &value);
template bool Fields::integer(std::string_view key, std::int32_t &value);
template bool Fields::integer(std::string_view key, std::uint64_t &value);

void Fields::number(std::string_view key, std::uint32_t &value)
{
    integer(key, value);
}

void Fields::number(std::string_view key, std::int32_t &value)
{
    integer(key, value);
}

void Fields::real(std::string_view key, std::optional<double> &value)
{
    note(key, FieldType::Number);
    const yaml::NodePtr node = takeScalar(key, "a number");
    if (!node)
        return;
    char *end = nullptr;
    const double parsed = std::strtod(node->scalar.c_str(), &end);
    if (node->scalar.empty() || end != node->scalar.c_str() + node->scalar.size() || !std::isfinite(parsed))
        wrongType(key, "a number");
    else
        value = parsed;
}

void Fields::duration(std::string_view key, std::optional<Duration> &value)
{
    note(key, FieldType::TimeSpan);
    const yaml::NodePtr node = takeScalar(key, "a duration such as 5s");
    if (!node)
        return;
    value = parseDuration(node->scalar);
    if (!value)
        wrongType(key, "a duration such as 5s", "a number needs its unit: h, m, s, ms");
}

void Fields::texts(std::string_view key, std::vector<std::string> &values)
{
    note(key, FieldType::Texts);
    const yaml::NodePtr node = take(key);
    if (!node)
        return;
    if (!node->isSequence()) {
        wrongType(key, "a list", "write it as - value, one below the other");
        return;
    }
    values.clear();
    for (const yaml::NodePtr &item : node->items) {
        checkText(*item, child(key) + '[' + std::to_string(values.size()) + ']');
        values.push_back(item->scalar);
    }
}

void Fields::labels(std::string_view key, Labels &values)
{
    note(key, FieldType::LabelMap);
    const yaml::NodePtr node = take(key);
    if (!node)
        return;
    if (!node->isMapping()) {
        wrongType(key, "a mapping of names to texts");
        return;
    }
    for (const auto &[name, value] : node->allEntries()) {
        checkText(*value, Fields(nullptr, child(key), m_context).child(name->scalar));
        values[name->scalar] = value->scalar;
    }
}

void Fields::numbers(std::string_view key, std::map<std::string, std::uint32_t> &values)
{
    note(key, FieldType::Numbers);
    object(key, [&](Fields &fields) {
        for (const auto &[name, value] : fields.node()->allEntries())
            fields.number(name->scalar, values[name->scalar]);
    });
}

void Fields::numbers(std::string_view key, std::vector<std::uint32_t> &values)
{
    note(key, FieldType::Numbers);
    std::vector<std::string> written;
    if (const yaml::NodePtr node = take(key); node && node->isSequence()) {
        for (const yaml::NodePtr &item : node->items) {
            std::uint32_t parsed = 0;
            const std::string &text = item->scalar;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
            if (error != std::errc() || end != text.data() + text.size())
                m_context.report("EGR0102", Severity::Error,
                                 quoted(key) + " must hold whole numbers, not " + quoted(text), item->place,
                                 child(key));
            else
                values.push_back(parsed);
        }
    } else if (node) {
        wrongType(key, "a list", "write it as - value, one below the other");
    }
}

int Fields::wordIndex(std::string_view key, std::initializer_list<std::string_view> names)
{
    note(key, FieldType::Word, names);
    const yaml::NodePtr node = takeScalar(key, "one of the API's words");
    if (!node)
        return -1;
    int index = 0;
    std::string known;
    for (const std::string_view name : names) {
        if (name == node->scalar)
            return index;
        ++index;
        known += (known.empty() ? "" : ", ") + std::string(name);
    }
    report("EGR0105", Severity::Error, quoted(node->scalar) + " is no value of " + quoted(key), key,
           "one of " + known);
    return -1;
}

bool Fields::object(std::string_view key, const Each &read)
{
    note(key, FieldType::Object);
    const yaml::NodePtr node = take(key);
    if (!node)
        return false;
    if (!node->isMapping()) {
        wrongType(key, "a mapping");
        return false;
    }
    Fields fields(node, child(key), m_context);
    read(fields);
    return true;
}

void Fields::objects(std::string_view key, const Each &read)
{
    note(key, FieldType::Objects);
    const yaml::NodePtr node = take(key);
    if (!node)
        return;
    if (!node->isSequence()) {
        wrongType(key, "a list", "write each entry as - …");
        return;
    }
    int index = 0;
    for (const yaml::NodePtr &item : node->items) {
        const std::string path = child(key) + '[' + std::to_string(index++) + ']';
        if (!item->isMapping() && !item->isNull())
            m_context.report("EGR0102", Severity::Error, "an entry of " + quoted(key) + " must be a mapping",
                             item->place, path);
        // Such an entry is read as an empty one, so that indexes stay those of the file.
        Fields fields(item, path, m_context);
        read(fields);
    }
}

void Fields::entries(std::string_view key, const std::function<void(const std::string &, Fields &)> &read)
{
    note(key, FieldType::Entries);
    object(key, [&](Fields &fields) {
        for (const auto &[name, value] : fields.node()->allEntries()) {
            fields.present(name->scalar);
            if (!value->isMapping() && !value->isNull())
                fields.wrongType(name->scalar, "a mapping");
            Fields entry(value, fields.child(name->scalar), m_context);
            read(name->scalar, entry);
        }
    });
}

void Fields::keep(std::initializer_list<std::string_view> keys)
{
    for (const std::string_view key : keys) {
        note(key, FieldType::Kept);
        m_taken.emplace(key);
    }
}

void Fields::withoutEffect(std::initializer_list<std::string_view> keys)
{
    for (const std::string_view key : keys) {
        if (present(key))
            report("EGR0110", Severity::Information,
                   child(key) + " has no effect in a lab, but it has one in a cluster", key,
                   "it is kept as it is");
    }
}

} // namespace sallyport::model
