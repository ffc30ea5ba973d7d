// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/access_log_format.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <cmath>

namespace sallyport::dataplane {

namespace {

Result<FormatCommand> coalesced(const QJsonValue &entry)
{
    FormatCommand command;
    if (entry.isString()) {
        command.name = entry.toString().toStdString();
    } else if (entry.isObject()) {
        const QJsonObject object = entry.toObject();
        if (!object[QLatin1String("command")].isString())
            return fail("operator object must have 'command' field");
        command.name = object[QLatin1String("command")].toString().toStdString();
        if (object.contains(QLatin1String("param"))) {
            if (!object[QLatin1String("param")].isString())
                return fail("'param' field must be a string");
            command.text = object[QLatin1String("param")].toString().toStdString();
            command.hasArguments = true;
        }
        if (object.contains(QLatin1String("max_length"))) {
            const double length = object[QLatin1String("max_length")].toDouble(0.5);
            if (length != std::floor(length))
                return fail("'max_length' field must be an integer");
            if (length <= 0)
                return fail("'max_length' must be a positive integer");
            command.maxLength = static_cast<std::size_t>(length);
        }
    } else {
        return fail(
            "operator entry must be either a string (command name) or an object with 'command' field");
    }
    // Without a name it would be a literal.
    if (command.name.empty())
        return fail("unknown command: ''");
    if (Result<void> good = checkFormatCommand(command); !good)
        return fail(good.error());
    return command;
}

} // namespace

Result<std::vector<FormatCommand>> coalescedCommands(std::string_view json)
{
    QJsonParseError error;
    const QJsonDocument document =
        QJsonDocument::fromJson(QByteArray(json.data(), static_cast<qsizetype>(json.size())), &error);
    if (error.error != QJsonParseError::NoError)
        return fail("COALESCE: failed to parse JSON configuration: " + error.errorString().toStdString());
    const QJsonValue operators = document.object()[QLatin1String("operators")];
    if (operators.isUndefined())
        return fail("COALESCE: JSON configuration must contain 'operators' array");
    if (!operators.isArray())
        return fail("COALESCE: 'operators' must be an array");
    const QJsonArray entries = operators.toArray();
    if (entries.isEmpty())
        return fail("COALESCE: 'operators' array must not be empty");
    std::vector<FormatCommand> commands;
    for (int i = 0; i < entries.size(); ++i) {
        Result<FormatCommand> command = coalesced(entries[i]);
        if (!command)
            return fail("COALESCE: failed to parse operator at index " + std::to_string(i) + ": " +
                        command.error().what);
        commands.push_back(*std::move(command));
    }
    return commands;
}

} // namespace sallyport::dataplane
