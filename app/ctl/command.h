// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"

#include <QJsonObject>
#include <QStringList>

class QCommandLineParser;

namespace sallyport::ctl {

/// How a command ended, as a script sees it.
enum ExitCode { Fine = 0, Findings = 1, Usage = 2 };

/// One command of sallyportctl. `run` gets the arguments after the command's name and returns an ExitCode.
struct Command
{
    const char *name;
    const char *summary;
    int (*run)(const QStringList &arguments);
};

/// Parses a command's arguments. Answers --help itself. False: `exitCode` says how to end.
bool parse(QCommandLineParser &parser, const char *name, const QStringList &arguments, int &exitCode);

/// `--format json` was asked for.
bool wantsJson(const QCommandLineParser &parser);
/// Adds `--format text|json`, which every command has.
void addFormat(QCommandLineParser &parser);

/// One JSON document on standard output, in one line.
void printJson(const QJsonObject &object);
/// A line for a person on standard output.
void print(const std::string &line);
/// A message on standard error.
void complain(const std::string &message);
int complain(const Error &error, int exitCode = Usage);

/// For JSON: what, file, line, column, hint.
QJsonObject toJson(const Error &error);

/// The commands, `arguments` from their own name on; each answers with the exit status.
int analyzeCommand(const QStringList &arguments);
int certCommand(const QStringList &arguments);
int compileCommand(const QStringList &arguments);
int explainCommand(const QStringList &arguments);
int labCommand(const QStringList &arguments);
int sendCommand(const QStringList &arguments);
int templateCommand(const QStringList &arguments);

} // namespace sallyport::ctl
