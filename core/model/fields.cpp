// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/fields.h"

#include <charconv>
#include <cmath>

namespace sallyport::model {

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
        if (m_taken.find(key->scalar) == m_taken.end() && key->scalar != "<<") {
            m_context.report("MOD001", Severity::Warning, "unknown field \"" + key->scalar + "\"", key->place,
                             child(key->scalar),
                             "Istio ignores it; check the spelling and the level it stands on");
        }
    }
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

yaml::NodePtr Fields::take(std::string_view key)
{
    m_taken.emplace(key);
    yaml::NodePtr value = m_node ? m_node->find(key) : nullptr;
    return value && !value->isNull() ? value : nullptr;
}

yaml::NodePtr Fields::takeScalar(std::string_view key, const char *expected)
{
    yaml::NodePtr value = take(key);
    if (value && !value->isScalar()) {
        report("MOD002", Severity::Error, "\"" + std::string(key) + "\" must be " + expected, key);
        return nullptr;
    }
    return value;
}

bool Fields::has(std::string_view key)
{
    return m_node && m_node->find(key) != nullptr;
}

bool Fields::present(std::string_view key)
{
    m_taken.emplace(key);
    return has(key);
}

void Fields::text(std::string_view key, std::string &value)
{
    if (const yaml::NodePtr node = takeScalar(key, "text"))
        value = node->scalar;
}

void Fields::text(std::string_view key, std::optional<std::string> &value)
{
    if (const yaml::NodePtr node = takeScalar(key, "text"))
        value = node->scalar;
    else if (present(key) && m_node->find(key)->isNull() &&
             m_node->find(key)->style != yaml::ScalarStyle::Plain)
        value = std::string();
}

void Fields::boolean(std::string_view key, std::optional<bool> &value)
{
    const yaml::NodePtr node = takeScalar(key, "true or false");
    if (!node)
        return;
    value = parseBoolean(node->scalar);
    if (!value)
        report("MOD002", Severity::Error,
               "\"" + std::string(key) + "\" must be true or false, not \"" + node->scalar + '"', key);
}

void Fields::boolean(std::string_view key, bool &value)
{
    std::optional<bool> parsed;
    boolean(key, parsed);
    value = parsed.value_or(value);
}

template<typename T>
void Fields::integer(std::string_view key, T &value)
{
    const yaml::NodePtr node = takeScalar(key, "a number");
    if (!node)
        return;
    T parsed = 0;
    const std::string &text = node->scalar;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
    if (error != std::errc() || end != text.data() + text.size())
        report("MOD002", Severity::Error,
               "\"" + std::string(key) + "\" must be a whole number, not \"" + text + '"', key);
    else
        value = parsed;
}

void Fields::number(std::string_view key, std::uint32_t &value)
{
    integer(key, value);
}

void Fields::number(std::string_view key, std::int32_t &value)
{
    integer(key, value);
}

void Fields::number(std::string_view key, std::optional<std::uint32_t> &value)
{
    std::uint32_t parsed = 0;
    if (take(key)) {
        integer(key, parsed);
        value = parsed;
    }
}

void Fields::number(std::string_view key, std::optional<std::uint64_t> &value)
{
    std::uint64_t parsed = 0;
    if (take(key)) {
        integer(key, parsed);
        value = parsed;
    }
}

void Fields::real(std::string_view key, std::optional<double> &value)
{
    const yaml::NodePtr node = takeScalar(key, "a number");
    if (!node)
        return;
    char *end = nullptr;
    const double parsed = std::strtod(node->scalar.c_str(), &end);
    if (end != node->scalar.c_str() + node->scalar.size() || !std::isfinite(parsed))
        report("MOD002", Severity::Error,
               "\"" + std::string(key) + "\" must be a number, not \"" + node->scalar + '"', key);
    else
        value = parsed;
}

void Fields::duration(std::string_view key, std::optional<Duration> &value)
{
    const yaml::NodePtr node = takeScalar(key, "a duration such as 5s");
    if (!node)
        return;
    value = parseDuration(node->scalar);
    if (!value)
        report("MOD002", Severity::Error,
               "\"" + std::string(key) + "\" must be a duration such as 5s, not \"" + node->scalar + '"',
               key);
}

void Fields::texts(std::string_view key, std::vector<std::string> &values)
{
    const yaml::NodePtr node = take(key);
    if (!node)
        return;
    if (!node->isSequence()) {
        report("MOD002", Severity::Error, "\"" + std::string(key) + "\" must be a list", key,
               "write it as - value, one below the other");
        return;
    }
    values.clear();
    for (const yaml::NodePtr &item : node->items)
        values.push_back(item->scalar);
}

void Fields::labels(std::string_view key, Labels &values)
{
    const yaml::NodePtr node = take(key);
    if (!node)
        return;
    if (!node->isMapping()) {
        report("MOD002", Severity::Error, "\"" + std::string(key) + "\" must be a mapping of names to texts",
               key);
        return;
    }
    for (const auto &[name, value] : node->entries)
        values[name->scalar] = value->scalar;
}

void Fields::numbers(std::string_view key, std::map<std::string, std::uint32_t> &values)
{
    object(key, [&](Fields &fields) {
        for (const auto &[name, value] : fields.node()->entries)
            fields.number(name->scalar, values[name->scalar]);
    });
}

int Fields::wordIndex(std::string_view key, std::initializer_list<std::string_view> names)
{
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
    report("MOD003", Severity::Error, "\"" + node->scalar + "\" is no value of \"" + std::string(key) + '"',
           key, "one of " + known);
    return -1;
}

bool Fields::object(std::string_view key, const Each &read)
{
    const yaml::NodePtr node = take(key);
    if (!node)
        return false;
    if (!node->isMapping()) {
        report("MOD002", Severity::Error, "\"" + std::string(key) + "\" must be a mapping", key);
        return false;
    }
    Fields fields(node, child(key), m_context);
    read(fields);
    return true;
}

void Fields::objects(std::string_view key, const Each &read)
{
    const yaml::NodePtr node = take(key);
    if (!node)
        return;
    if (!node->isSequence()) {
        report("MOD002", Severity::Error, "\"" + std::string(key) + "\" must be a list", key,
               "write each entry as - …");
        return;
    }
    int index = 0;
    for (const yaml::NodePtr &item : node->items) {
        const std::string path = child(key) + '[' + std::to_string(index++) + ']';
        if (!item->isMapping() && !item->isNull()) {
            m_context.report("MOD002", Severity::Error,
                             "an entry of \"" + std::string(key) + "\" must be a mapping", item->place, path);
            continue;
        }
        Fields fields(item, path, m_context);
        read(fields);
    }
}

void Fields::entries(std::string_view key, const std::function<void(const std::string &, Fields &)> &read)
{
    object(key, [&](Fields &fields) {
        for (const auto &[name, value] : fields.node()->entries) {
            fields.present(name->scalar);
            Fields entry(value, fields.child(name->scalar), m_context);
            read(name->scalar, entry);
        }
    });
}

void Fields::keep(std::initializer_list<std::string_view> keys)
{
    for (const std::string_view key : keys)
        m_taken.emplace(key);
}

std::optional<Duration> parseDuration(std::string_view text)
{
    if (text.empty())
        return std::nullopt;
    double total = 0;
    while (!text.empty()) {
        char *end = nullptr;
        const std::string rest(text);
        const double amount = std::strtod(rest.c_str(), &end);
        const auto digits = static_cast<std::size_t>(end - rest.c_str());
        if (digits == 0)
            return std::nullopt;
        text.remove_prefix(digits);
        const std::size_t unitEnd = std::min(text.find_first_of("0123456789.+-"), text.size());
        const std::string_view unit = text.substr(0, unitEnd);
        const double scale = unit == "h"    ? 3600e9
                             : unit == "m"  ? 60e9
                             : unit == "s"  ? 1e9
                             : unit == "ms" ? 1e6
                             : unit == "us" ? 1e3
                             : unit == "ns" ? 1
                                            : 0;
        if (scale == 0)
            return std::nullopt;
        total += amount * scale;
        text.remove_prefix(unitEnd);
    }
    return Duration(static_cast<std::int64_t>(std::llround(total)));
}

std::optional<bool> parseBoolean(std::string_view text)
{
    if (text == "true" || text == "True" || text == "TRUE")
        return true;
    if (text == "false" || text == "False" || text == "FALSE")
        return false;
    return std::nullopt;
}

} // namespace sallyport::model
