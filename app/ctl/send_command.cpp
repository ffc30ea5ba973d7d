// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/run_folder.h"
#include "ctl/command.h"
#include "proxy/application/client.h"
#include "proxy/application/hops.h"

#include <QCommandLineParser>
#include <QJsonArray>

namespace sallyport::ctl {

namespace {

QJsonObject answerJson(const application::Answer &answer)
{
    QJsonArray headers;
    for (const auto &[name, value] : answer.headers)
        headers.append(QJsonArray{QString::fromStdString(name).toLower(), QString::fromStdString(value)});
    QJsonObject object{{QStringLiteral("status"), answer.status},
                       {QStringLiteral("headers"), headers},
                       {QStringLiteral("body"), QString::fromStdString(answer.body)}};
    if (!answer.error.empty())
        object.insert(QStringLiteral("error"), QString::fromStdString(answer.error));
    return object;
}

void printHop(const QJsonObject &fields, const std::string &proxy)
{
    if (fields.contains(QLatin1String("line"))) {
        print("  " + proxy + ": " + fields[QLatin1String("line")].toString().toStdString());
        return;
    }
    const auto field = [&fields](const char *name) {
        const QJsonValue value = fields[QLatin1String(name)];
        return value.isString()   ? value.toString()
               : value.isDouble() ? QString::number(value.toInt())
                                  : QStringLiteral("-");
    };
    print("  " + proxy + ": " + field("response_code").toStdString() + ' ' +
          field("response_flags").toStdString() + ' ' + field("response_code_details").toStdString() + " → " +
          field("upstream_cluster").toStdString() + ' ' + field("upstream_host").toStdString());
}

} // namespace

int sendCommand(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral(
        "Sends one request through the running lab of a project, as the application of a workload."));
    parser.addPositionalArgument(QStringLiteral("PATH"), QStringLiteral("The project's folder."));
    parser.addPositionalArgument(QStringLiteral("REQUEST"),
                                 QStringLiteral("'GET http://test.com/status/418'"),
                                 QStringLiteral("--via NAME REQUEST"));
    parser.addOption({QStringLiteral("via"), QStringLiteral("The workload that sends; required."),
                      QStringLiteral("NAME")});
    parser.addOption({{QStringLiteral("H"), QStringLiteral("header")},
                      QStringLiteral("A header, as curl takes it. May be repeated."),
                      QStringLiteral("K: V")});
    parser.addOption({QStringLiteral("data"), QStringLiteral("The body."), QStringLiteral("BODY")});
    parser.addOption({QStringLiteral("timeout"), QStringLiteral("Seconds to wait for the answer."),
                      QStringLiteral("SECONDS"), QStringLiteral("30")});
    addFormat(parser);
    int exitCode = Fine;
    if (!parse(parser, "send", arguments, exitCode))
        return exitCode;
    const QStringList positional = parser.positionalArguments();
    if (positional.size() != 2 || !parser.isSet(QStringLiteral("via"))) {
        complain("give a project folder, --via NAME and one request");
        return Usage;
    }
    const auto plan = lab::readState(positional[0].toStdString());
    if (!plan)
        return complain(plan.error());
    auto request = application::parseRequest(positional[1].toStdString());
    if (!request)
        return complain(request.error());
    for (const QString &header : parser.values(QStringLiteral("H"))) {
        if (const auto added = request->withHeader(header.toStdString()); !added)
            return complain(added.error());
    }
    if (parser.isSet(QStringLiteral("data")))
        request->body = parser.value(QStringLiteral("data")).toStdString();
    const lab::NetworkView network(*plan);
    const auto client = network.find(parser.value(QStringLiteral("via")).toStdString());
    if (!client)
        return complain(client.error());

    const application::RequestTurn turn(plan->runFolder);
    application::HopRecorder recorder(*plan);
    const auto answer =
        application::send(network, **client, *request,
                          std::chrono::milliseconds(parser.value(QStringLiteral("timeout")).toInt() * 1000));
    if (!answer)
        return complain(answer.error(), Findings);
    QJsonArray hops;
    const std::vector<application::Hop> found = recorder.collect(**client);
    for (const application::Hop &hop : found) {
        QJsonObject object = hop.fields;
        object.insert(QStringLiteral("proxy"), QString::fromStdString(hop.proxy));
        hops.append(object);
    }
    if (wantsJson(parser)) {
        printJson({{QStringLiteral("answer"), answerJson(*answer)}, {QStringLiteral("hops"), hops}});
        return Fine;
    }
    print(answer->status ? "HTTP " + std::to_string(answer->status) : answer->error);
    for (const auto &[name, value] : answer->headers)
        print(name + ": " + value);
    print("\n" + answer->body);
    for (const application::Hop &hop : found)
        printHop(hop.fields, hop.proxy);
    return Fine;
}

} // namespace sallyport::ctl
