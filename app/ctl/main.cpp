// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/command.h"

#include <QCoreApplication>
#include <iostream>

namespace {

using sallyport::ctl::Command;

constexpr Command commands[] = {
    {"template", "write a stage of the guide as a project", sallyport::ctl::templateCommand},
    {"analyze", "say what is wrong with a project", sallyport::ctl::analyzeCommand},
    {"compile", "write one Envoy bootstrap per workload instance", sallyport::ctl::compileCommand},
    {"explain", "say what would become of a request, and why", sallyport::ctl::explainCommand},
    {"lab", "run a project's proxies and applications on this machine", sallyport::ctl::labCommand},
    {"send", "send one request through a running lab", sallyport::ctl::sendCommand},
    {"cert", "show, import, issue and export certificates", sallyport::ctl::certCommand},
};

void printUsage(std::ostream &out)
{
    out << "Usage: sallyportctl COMMAND [arguments]\n\nCommands:\n";
    for (const Command &command : commands)
        out << "  " << command.name << std::string(10 - std::string(command.name).size(), ' ')
            << command.summary << '\n';
    out << "\n`sallyportctl COMMAND --help` tells more. Exit status: 0 fine, 1 findings or a failed check, 2 "
           "wrong\n"
           "usage or unreadable input.\n";
}

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("sallyportctl"));
    const QStringList arguments = QCoreApplication::arguments();
    const QString wanted = arguments.value(1);
    if (wanted == QLatin1String("--help") || wanted == QLatin1String("-h") ||
        wanted == QLatin1String("help")) {
        printUsage(std::cout);
        return sallyport::ctl::Fine;
    }
    for (const Command &command : commands) {
        if (wanted == QLatin1String(command.name))
            return command.run(arguments.mid(2));
    }
    printUsage(std::cerr);
    return sallyport::ctl::Usage;
}
