// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/command.h"

#include <QCommandLineParser>
#include <QJsonDocument>
#include <iostream>

namespace sallyport::ctl {

bool parse(QCommandLineParser &parser, const char *name, const QStringList &arguments, int &exitCode)
{
    QStringList all{QStringLiteral("sallyportctl ") + QString::fromLatin1(name)};
    all += arguments;
    parser.addHelpOption();
    if (!parser.parse(all)) {
        complain(parser.errorText().toStdString());
        exitCode = Usage;
        return false;
    }
    if (parser.isSet(QStringLiteral("help"))) {
        std::cout << parser.helpText().toStdString();
        exitCode = Fine;
        return false;
    }
    const QString format = parser.value(QStringLiteral("format"));
    if (format != QLatin1String("text") && format != QLatin1String("json")) {
        complain("--format is text or json");
        exitCode = Usage;
        return false;
    }
    return true;
}

void addFormat(QCommandLineParser &parser)
{
    parser.addOption({QStringLiteral("format"), QStringLiteral("What to print: text or json."),
                      QStringLiteral("FORMAT"), QStringLiteral("text")});
}

bool wantsJson(const QCommandLineParser &parser)
{
    return parser.value(QStringLiteral("format")) == QLatin1String("json");
}

void printJson(const QJsonObject &object)
{
    std::cout << QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString() << std::endl;
}

void print(const std::string &line)
{
    std::cout << line << std::endl;
}

void complain(const std::string &message)
{
    std::cerr << "sallyportctl: " << message << std::endl;
}

int complain(const Error &error, int exitCode)
{
    complain(error.toString());
    return exitCode;
}

QJsonObject toJson(const Error &error)
{
    QJsonObject object{{QStringLiteral("what"), QString::fromStdString(error.what)}};
    if (!error.where.file.empty())
        object.insert(QStringLiteral("file"), QString::fromStdString(error.where.file));
    if (error.where.line > 0) {
        object.insert(QStringLiteral("line"), error.where.line);
        object.insert(QStringLiteral("column"), error.where.column);
    }
    if (!error.hint.empty())
        object.insert(QStringLiteral("hint"), QString::fromStdString(error.hint));
    return object;
}

} // namespace sallyport::ctl
