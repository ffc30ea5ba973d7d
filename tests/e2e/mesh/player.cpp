// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/mesh/player.h"

#include "core/lab/run_folder.h"
#include "proxy/application/hops.h"
#include "tests/e2e/mesh/comparison.h"
#include "tests/e2e/mesh/recorded_project.h"

#include <QDeadlineTimer>
#include <QJsonDocument>
#include <QProcess>
#include <QTemporaryDir>

namespace golden {

namespace {

using namespace sallyport;

constexpr int patience = 60'000;
const QString ctl = QStringLiteral(SALLYPORT_BIN_DIR "/sallyportctl");

/// A recorded project that runs.
class Lab
{
public:
    explicit Lab(const QString &name)
        : m_project(m_place.filePath("project"))
    {
        if (!writeProject(name, m_project) || !QDir(m_place.path()).mkdir("pki") ||
            !writePki(QDir(m_place.filePath("pki"))))
            m_failure = "the recorded project cannot be written";
    }
    ~Lab()
    {
        m_process.terminate();
        if (m_process.state() != QProcess::NotRunning && !m_process.waitForFinished(patience)) {
            m_process.kill();
            m_process.waitForFinished();
        }
    }

    /// Empty: it is ready.
    QString start()
    {
        if (!m_failure.isEmpty())
            return m_failure;
        m_process.start(ctl, {"lab", m_project, "--keep", "--format", "json"});
        const QDeadlineTimer deadline(patience);
        while (!m_process.canReadLine()) {
            if (deadline.hasExpired() ||
                !m_process.waitForReadyRead(static_cast<int>(deadline.remainingTime())))
                return "the lab is not ready: " + QString::fromUtf8(m_process.readAllStandardError());
        }
        const QJsonObject ready = QJsonDocument::fromJson(m_process.readLine()).object();
        m_names = ready["addresses"].toObject();
        return ready["ready"].toBool() ? QString() : "the lab says it is not ready";
    }

    QStringList exchange(const QJsonObject &recorded) const
    {
        const QJsonObject request = recorded["request"].toObject();
        if (request.contains("curl"))
            return differences(recorded, curl(request, recorded["answer"]["error"].toString()), m_names);
        QStringList arguments{"send", m_project, "--via", request["from"].toString(), "--format", "json"};
        for (const QJsonValue &header : request["headers"].toArray())
            arguments << "-H" << header[0].toString() + ": " + header[1].toString();
        if (request.contains("body"))
            arguments << "--data" << request["body"].toString();
        arguments << request["method"].toString() + ' ' + request["url"].toString();
        QProcess send;
        send.start(ctl, arguments);
        if (!send.waitForFinished(patience))
            return {"send does not end"};
        const QJsonDocument answer = QJsonDocument::fromJson(send.readAllStandardOutput());
        if (!answer.isObject())
            return {"send failed: " + QString::fromUtf8(send.readAllStandardError())};
        return differences(recorded, answer.object(), m_names);
    }

private:
    /// The same by curl, in the form of `send`. curl words an end without an answer by its own exit status:
    /// `expectedError` is given back where the two mean the same.
    QJsonObject curl(const QJsonObject &request, const QString &expectedError) const
    {
        const auto plan = lab::readState(m_project.toStdString());
        if (!plan)
            return {};
        const lab::NetworkView network(*plan);
        const auto client = network.find(request["from"].toString().toStdString());
        if (!client)
            return {};
        QStringList arguments{"-sS",
                              "--path-as-is",
                              "--max-time",
                              "30",
                              "-D",
                              "-",
                              "--proxytunnel",
                              "-x",
                              QString::fromStdString((*client)->forward.toString()),
                              "--suppress-connect-headers",
                              "-X",
                              request["method"].toString()};
        for (const QJsonValue &option : request["curl"].toArray())
            arguments << option.toString().replace("@pki@", m_place.filePath("pki"));
        for (const QJsonValue &header : request["headers"].toArray())
            arguments << "-H" << header[0].toString() + ": " + header[1].toString();
        if (request.contains("body"))
            arguments << "--data-binary" << request["body"].toString();
        arguments << request["url"].toString();
        const application::RequestTurn turn(plan->runFolder);
        application::HopRecorder recorder(*plan);
        QProcess process;
        process.start("curl", arguments);
        process.waitForFinished(patience);
        const QByteArray output = process.readAllStandardOutput();
        const qsizetype end = output.indexOf("\r\n\r\n");
        QJsonArray headers;
        const QList<QByteArray> lines = output.left(end).split('\n');
        for (qsizetype i = 1; i < lines.size(); ++i) {
            const qsizetype colon = lines[i].indexOf(':');
            headers.append(QJsonArray{QString::fromLatin1(lines[i].left(colon)).toLower(),
                                      QString::fromLatin1(lines[i].mid(colon + 1).trimmed())});
        }
        QJsonObject answer{{"headers", headers}};
        const std::string body = end < 0 ? std::string() : output.mid(end + 4).toStdString();
        answer["status"] = end < 0 ? 0 : lines[0].split(' ').value(1).toInt();
        answer["body"] = QString::fromStdString(network.meshText(body));
        // 35: no TLS session; 52, 55, 56, and 18 without a head: the connection ended before the answer.
        const QString ended = "curl " + QString::number(process.exitCode());
        if (process.exitCode() != 0) {
            const bool noAnswer = ended == "curl 52" || ended == "curl 55" || ended == "curl 56" ||
                                  (ended == "curl 18" && end < 0);
            answer["error"] =
                noAnswer && expectedError != ended ? "connection closed without an answer" : ended;
        }
        QJsonArray hops;
        for (const application::Hop &hop : recorder.collect(**client)) {
            QJsonObject fields = hop.fields;
            fields["proxy"] = QString::fromStdString(hop.proxy);
            hops.append(fields);
        }
        return {{"answer", answer}, {"hops", hops}};
    }

    QTemporaryDir m_place;
    QString m_project;
    QString m_failure;
    QProcess m_process;
    QJsonObject m_names;
};

} // namespace

Played play(const QString &name)
{
    Played played;
    Lab lab(name);
    played.failure = lab.start();
    if (!played.failure.isEmpty())
        return played;
    for (const QJsonValue &exchange : answersOf(name)["exchanges"].toArray())
        played.differences.push_back(lab.exchange(exchange.toObject()));
    return played;
}

} // namespace golden
