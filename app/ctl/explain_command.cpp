// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/explain.h"
#include "core/explain/explanation_json.h"
#include "core/explain/explanation_text.h"
#include "ctl/command.h"
#include "ctl/project.h"

#include <QCommandLineParser>
#include <QFile>
#include <iostream>
#include <unistd.h>

namespace sallyport::ctl {

namespace {

/// One `-H` of curl: `Name: value`, `Name;` without a value; `Name:` leaves the header out.
Result<void> addHeader(explain::Request &request, const std::string &line)
{
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) {
        if (line.size() < 2 || line.back() != ';')
            return fail("a header is written `Name: value`: " + line);
        request.headers.emplace_back(line.substr(0, line.size() - 1), "");
        return {};
    }
    const std::size_t value = line.find_first_not_of(" \t", colon + 1);
    if (colon == 0)
        return fail("a header is written `Name: value`: " + line);
    if (value != std::string::npos)
        request.headers.emplace_back(line.substr(0, colon), line.substr(value));
    return {};
}

Result<std::string> contentOf(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail("the file cannot be read: " + file.errorString().toStdString(),
                    {path.toStdString(), 0, 0});
    return file.readAll().toStdString();
}

/// Fills in what the options say of the request; the error is a wrong use of them.
Result<void> takeOptions(const QCommandLineParser &parser, explain::Request &request)
{
    request.from = parser.value(QStringLiteral("from")).toStdString();
    for (const QString &header : parser.values(QStringLiteral("H"))) {
        if (auto added = addHeader(request, header.toStdString()); !added)
            return added;
    }
    request.bodySize = static_cast<std::size_t>(parser.value(QStringLiteral("data")).toUtf8().size());
    request.http2 = parser.isSet(QStringLiteral("http2"));
    request.tls.verify = !parser.isSet(QStringLiteral("insecure"));
    const std::pair<const char *, std::string *> files[] = {{"cacert", &request.tls.caPem},
                                                            {"cert", &request.tls.certificatePem}};
    for (const auto &[option, into] : files) {
        if (!parser.isSet(QLatin1String(option)))
            continue;
        auto content = contentOf(parser.value(QLatin1String(option)));
        if (!content)
            return fail(content.error());
        *into = std::move(*content);
    }
    return {};
}

} // namespace

int explainCommand(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral(
        "Says what would become of a request, without running anything: every decision of every proxy on "
        "its\n"
        "way, why, the Envoy object that decides and the YAML it comes from, TLS handshakes, what each "
        "proxy\n"
        "logs, and the answer.\n\n"
        "--format json prints {request, outcome, probability, hops: [{proxy, kind, times, steps: [{kind, "
        "mark,\n"
        "decision, why, object, sources: [{resource, file, line, column}]}], log}]}. The outcome has status\n"
        "(0: no answer, then error says why), decidedBy, flags, details, summary, and of an answer that a\n"
        "proxy makes its body. A mark is passed, refused, answered, note or uncertain; log has the names of\n"
        "Istio's access log."));
    parser.addPositionalArgument(QStringLiteral("PATH"), QStringLiteral("The project's folder."));
    parser.addPositionalArgument(QStringLiteral("REQUEST"),
                                 QStringLiteral("'GET http://test.com/status/418'"));
    parser.addOption(
        {QStringLiteral("from"), QStringLiteral("The workload that sends."), QStringLiteral("NAME")});
    parser.addOption({{QStringLiteral("H"), QStringLiteral("header")},
                      QStringLiteral("A header, as curl takes it. May be repeated."),
                      QStringLiteral("K: V")});
    parser.addOption({QStringLiteral("data"), QStringLiteral("The body."), QStringLiteral("BODY")});
    parser.addOption({QStringLiteral("http2"), QStringLiteral("Speak HTTP/2 with prior knowledge.")});
    parser.addOption(
        {{QStringLiteral("k"), QStringLiteral("insecure")}, QStringLiteral("https: take any certificate.")});
    parser.addOption({QStringLiteral("cacert"),
                      QStringLiteral("https: whom to trust; the system's roots unless given."),
                      QStringLiteral("FILE")});
    parser.addOption(
        {QStringLiteral("cert"), QStringLiteral("https: the client's certificate."), QStringLiteral("FILE")});
    parser.addOption({QStringLiteral("expect"),
                      QStringLiteral("Exit with 1 unless this is the answer's status; 0: no answer."),
                      QStringLiteral("STATUS")});
    addFormat(parser);
    int exitCode = Fine;
    if (!parse(parser, "explain", arguments, exitCode))
        return exitCode;
    const QStringList positional = parser.positionalArguments();
    if (positional.size() != 2 || !parser.isSet(QStringLiteral("from"))) {
        complain("give a project folder, --from NAME and one request");
        return Usage;
    }
    bool isStatus = true;
    const int expected = parser.value(QStringLiteral("expect")).toInt(&isStatus);
    if (parser.isSet(QStringLiteral("expect")) && !isStatus) {
        complain("--expect is a status, such as 403");
        return Usage;
    }
    auto request = explain::parseRequest(positional[1].toStdString());
    if (!request)
        return complain(request.error());
    if (const auto taken = takeOptions(parser, *request); !taken)
        return complain(taken.error());
    const auto project = loadForRunning(positional[0].toStdString());
    if (!project)
        return complain(project.error());
    const auto scene = explain::Scene::of(*project);
    if (!scene)
        return complain(scene.error(), Findings);
    const auto explanation = explain::explain(*scene, *request);
    if (!explanation)
        return complain(explanation.error());
    if (wantsJson(parser)) {
        printJson(explain::toJson(*explanation));
    } else {
        std::string folder = positional[0].toStdString();
        while (folder.size() > 1 && folder.back() == '/')
            folder.pop_back();
        const bool colour = ::isatty(STDOUT_FILENO) == 1 && qEnvironmentVariableIsEmpty("NO_COLOR");
        std::cout << explain::toText(*explanation, {colour, folder});
    }
    if (parser.isSet(QStringLiteral("expect")) && explanation->outcome.status != expected) {
        complain("expected " + std::to_string(expected) + ": " + explanation->outcome.summary);
        return Findings;
    }
    return Fine;
}

} // namespace sallyport::ctl
