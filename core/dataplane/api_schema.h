// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QString>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::dataplane {

/// The type of a field in the .proto file.
enum class ApiType {
    Bool,
    Int32,
    UInt32,
    Int64,
    UInt64,
    Double,
    String,
    Bytes,
    TimeSpan, ///< google.protobuf.Duration
    Struct,
    Value,
    Any,
    Enum,
    Message,
    Opaque, ///< a message that is not looked into
};

/// What a number may be; of durations, nanoseconds.
template<typename T>
struct ApiLimits
{
    std::optional<T> above;
    std::optional<T> least;
    std::optional<T> below;
    std::optional<T> most;

    bool allow(T value) const
    {
        return (!above || value > *above) && (!least || value >= *least) && (!below || value < *below) &&
               (!most || value <= *most);
    }
};

struct ApiMessage;

/// An enumeration of the API.
struct ApiEnum
{
    QHash<QString, int> numbers; ///< by name
    std::set<int> defined;
};

/// A field of a message, with the rules that its .proto file states.
struct ApiField
{
    enum class Shape { One, List, Map };
    enum class Header { None, Name, StrictName, Value, StrictValue };

    QString name;
    ApiType type = ApiType::Opaque;
    Shape shape = Shape::One;
    std::string typeName; ///< of a message or an enumeration
    const ApiMessage *message = nullptr;
    const ApiEnum *enumeration = nullptr;

    ApiLimits<double> number;
    ApiLimits<std::int64_t> duration;
    std::string limits; ///< as they are written, to be told
    std::optional<bool> onlyBool;
    std::size_t leastLength = 0; ///< in characters
    std::size_t mostBytes = SIZE_MAX;
    qsizetype leastItems = 0;
    qsizetype mostItems = PTRDIFF_MAX;
    bool wrapped = false; ///< to be absent is a value of its own
    bool required = false;
    bool definedOnly = false;
    bool mayBeEmpty = false; ///< the rules of a text do not concern the empty one
    bool unique = false;
    bool namedKeys = false; ///< a map's keys are not empty
    std::optional<int> notNumber;
    Header header = Header::None;
    std::string pattern;
    std::set<std::string> oneOf;
    bool ruled = false; ///< some rule stands beside it
    int choice = -1;    ///< into the message's choices
};

/// A message of the API.
struct ApiMessage
{
    struct Choice
    {
        std::string name;
        bool required = false;
    };

    std::vector<ApiField> fields;
    QHash<QString, qsizetype> byName; ///< in both spellings
    std::vector<Choice> choices;

    /// Null if there is no such field.
    const ApiField *field(const QString &name) const;
};

/// The messages of Envoy's API, by name. Read once, then read only.
class ApiSchema
{
public:
    static const ApiSchema &envoy();

    /// Null for messages that are not known.
    const ApiMessage *message(const std::string &name) const;
    /// Null for enumerations that are not known.
    const ApiEnum *enumeration(const std::string &name) const;

private:
    ApiSchema();
    void read(std::string_view text);
    void link();

    // Fields point into them.
    std::map<std::string, ApiMessage> m_messages;
    std::map<std::string, ApiEnum> m_enums;
};

} // namespace sallyport::dataplane
