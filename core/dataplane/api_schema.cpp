// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/api_schema.h"

#include "core/dataplane/api_texts.h"
#include "core/dataplane/json_archive.h"
#include "core/dataplane/json_text.h"

#include <algorithm>
#include <sstream>

namespace sallyport::dataplane {

namespace {

ApiType typeOf(const std::string &word)
{
    static const std::map<std::string, ApiType> types{
        {"bool", ApiType::Bool},     {"int32", ApiType::Int32},   {"uint32", ApiType::UInt32},
        {"int64", ApiType::Int64},   {"uint64", ApiType::UInt64}, {"double", ApiType::Double},
        {"string", ApiType::String}, {"bytes", ApiType::Bytes},   {"duration", ApiType::TimeSpan},
        {"struct", ApiType::Struct}, {"value", ApiType::Value},   {"any", ApiType::Any},
        {"message", ApiType::Opaque}};
    const auto found = types.find(word);
    return found == types.end() ? ApiType::Message : found->second;
}

void readType(std::string word, ApiField &field)
{
    if (word.starts_with("[]"))
        field.shape = ApiField::Shape::List;
    else if (word.starts_with("{}"))
        field.shape = ApiField::Shape::Map;
    if (field.shape != ApiField::Shape::One)
        word.erase(0, 2);
    field.wrapped = word.ends_with('?');
    if (field.wrapped)
        word.pop_back();
    field.type = typeOf(word);
    if (field.type == ApiType::Message)
        field.typeName = word;
}

/// `>=5`, `<0.5s`, `=true`.
void readLimit(const std::string &rule, ApiField &field)
{
    const std::size_t from = rule.find_first_not_of("<>=");
    const std::string sign = rule.substr(0, from);
    const std::string value = rule.substr(from);
    if (field.type == ApiType::Bool) {
        field.onlyBool = value == "true";
        return;
    }
    const auto set = [&](auto &limits, auto limit) {
        (sign == ">"    ? limits.above
         : sign == ">=" ? limits.least
         : sign == "<"  ? limits.below
                        : limits.most) = limit;
    };
    if (field.type == ApiType::TimeSpan)
        set(field.duration, durationFromJson(toQt(value)).value_or(Duration()).count());
    else
        set(field.number, std::stod(value));
    field.limits += (field.limits.empty() ? "" : " and ") + rule;
}

void readRule(const std::string &rule, ApiField &field, ApiMessage &message)
{
    const auto after = [&](std::string_view name, auto &&take) {
        if (!rule.starts_with(name))
            return false;
        take(rule.substr(name.size()));
        return true;
    };
    static const std::map<std::string, bool ApiField::*> switches{{"required", &ApiField::required},
                                                                  {"defined", &ApiField::definedOnly},
                                                                  {"may-be-empty", &ApiField::mayBeEmpty},
                                                                  {"unique", &ApiField::unique},
                                                                  {"keys>=1", &ApiField::namedKeys}};
    static const std::map<std::string, ApiField::Header> headers{
        {"header-name", ApiField::Header::Name},
        {"header-name-strict", ApiField::Header::StrictName},
        {"header-value", ApiField::Header::Value},
        {"header-value-strict", ApiField::Header::StrictValue}};
    if (const auto found = switches.find(rule); found != switches.end()) {
        field.*found->second = true;
    } else if (const auto kind = headers.find(rule); kind != headers.end()) {
        field.header = kind->second;
    } else if (rule.find_first_of("<>=") == 0) {
        readLimit(rule, field);
    } else if (rule.front() == '/') {
        const bool required = rule.back() == '!';
        const std::string name = rule.substr(1, rule.size() - (required ? 2 : 1));
        const auto place =
            std::find_if(message.choices.begin(), message.choices.end(),
                         [&](const ApiMessage::Choice &choice) { return choice.name == name; });
        field.choice = static_cast<int>(place - message.choices.begin());
        if (place == message.choices.end())
            message.choices.push_back({name, required});
    } else {
        after("length>=", [&](const std::string &value) { field.leastLength = std::stoul(value); }) ||
            after("bytes<=", [&](const std::string &value) { field.mostBytes = std::stoul(value); }) ||
            after("items>=", [&](const std::string &value) { field.leastItems = std::stol(value); }) ||
            after("items<=", [&](const std::string &value) { field.mostItems = std::stol(value); }) ||
            after("not=", [&](const std::string &value) { field.notNumber = std::stoi(value); }) ||
            after("pattern=", [&](const std::string &value) { field.pattern = value; }) ||
            after("one-of=", [&](const std::string &values) {
                std::istringstream list(values);
                for (std::string value; std::getline(list, value, ',');)
                    field.oneOf.insert(value);
            });
    }
}

} // namespace

const ApiField *ApiMessage::field(const QString &name) const
{
    const auto found = byName.constFind(name);
    return found == byName.constEnd() ? nullptr : &fields[static_cast<std::size_t>(*found)];
}

const ApiSchema &ApiSchema::envoy()
{
    static const ApiSchema schema;
    return schema;
}

const ApiMessage *ApiSchema::message(const std::string &name) const
{
    const auto found = m_messages.find(name);
    return found == m_messages.end() ? nullptr : &found->second;
}

const ApiEnum *ApiSchema::enumeration(const std::string &name) const
{
    const auto found = m_enums.find(name);
    return found == m_enums.end() ? nullptr : &found->second;
}

ApiSchema::ApiSchema()
{
    for (const std::string_view text : {adminApi, bootstrapApi, clusterApi, coreApi, healthCheckApi,
                                        httpFiltersApi, listenerApi, routeApi, tlsApi, tracingApi})
        read(text);
    link();
}

void ApiSchema::read(std::string_view text)
{
    std::istringstream lines{std::string(text)};
    ApiMessage *message = nullptr;
    ApiEnum *enumeration = nullptr;
    int next = 0;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string word;
        words >> word;
        if (word.empty())
            continue;
        if (line.front() != ' ') {
            std::string kind;
            const bool isEnum = static_cast<bool>(words >> kind);
            message = isEnum ? nullptr : &m_messages[word];
            enumeration = isEnum ? &m_enums[word] : nullptr;
            next = 0;
            continue;
        }
        if (enumeration) {
            do {
                const std::size_t equals = word.find('=');
                const int number = equals == std::string::npos ? next : std::stoi(word.substr(equals + 1));
                enumeration->numbers.insert(toQt(word.substr(0, equals)), number);
                enumeration->defined.insert(number);
                next = number + 1;
            } while (words >> word);
            continue;
        }
        // A line that is indented further goes on with the rules of the field above it.
        if (!line.starts_with("    ")) {
            std::string type;
            words >> type;
            ApiField &field = message->fields.emplace_back();
            field.name = toQt(word);
            readType(type, field);
            const auto index = static_cast<qsizetype>(message->fields.size()) - 1;
            message->byName.insert(field.name, index);
            message->byName.insert(camelCase(field.name), index);
            if (!(words >> word))
                continue;
        }
        message->fields.back().ruled = true;
        do
            readRule(word, message->fields.back(), *message);
        while (words >> word);
    }
}

void ApiSchema::link()
{
    for (auto &[name, message] : m_messages) {
        for (ApiField &field : message.fields) {
            if (field.type != ApiType::Message)
                continue;
            if (const auto found = m_enums.find(field.typeName); found != m_enums.end()) {
                field.type = ApiType::Enum;
                field.enumeration = &found->second;
            } else if (const auto inner = m_messages.find(field.typeName); inner != m_messages.end()) {
                field.message = &inner->second;
            } else {
                field.type = ApiType::Opaque;
            }
        }
    }
}

} // namespace sallyport::dataplane
