// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"

#include <QByteArray>
#include <QJsonObject>

#include <map>
#include <set>
#include <string>

namespace sallyport::dataplane {

/// What a text says beyond its object, by paths with a dot before every step, indexes too.
struct TextMarks
{
    /// Keys that stand behind another of their object that is the same name in proto3 JSON's other spelling:
    /// `aB` behind `a_b`.
    std::set<std::string> later;
    /// Keys that stand in their object again, in the same spelling.
    std::set<std::string> twice;
    /// What stood there before the values of such keys that are neither objects nor lists.
    std::map<std::string, std::vector<QJsonValue>> replaced;
    /// Numbers beyond 2^53 that are not written as whole ones of 64 bits: the object has the double next to
    /// them.
    std::map<std::string, QString> large;
};

struct JsonText
{
    QJsonObject object;
    TextMarks marks;
};

/// The object that `text` holds, read as protobuf's parser reads JSON for Envoy, which is less strict than
/// the standard: texts may stand in single quotes, names without quotes, a comma before a closing bracket,
/// and control characters in a text. Of a key that stands twice in one object, lists are joined, objects
/// merged and else the last counts. Errors have line and column.
Result<JsonText> readJsonText(const QByteArray &text);

/// What two values of one key are together.
QJsonValue merged(const QJsonValue &first, const QJsonValue &second);

/// The lowerCamelCase of a name.
QString camelCase(const QString &name);

} // namespace sallyport::dataplane
