// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/network_view.h"
#include "core/lab/planner.h"
#include "core/lab/project_template.h"
#include "core/lab/run_folder.h"
#include "core/lab/stored_credentials.h"
#include "proxy/application/client.h"
#include "proxy/control/supervisor.h"

#include <QDir>
#include <QSignalSpy>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QtTest>
#include <future>

namespace sallyport::control {

/// The engine that a test run is for: $SALLYPORT_ENGINE, else ours.
inline Programs testedPrograms()
{
    Programs programs;
    programs.httpbin = QStringLiteral(SALLYPORT_BIN_DIR "/sallyport-httpbin");
    programs.gateway = QStringLiteral(SALLYPORT_BIN_DIR "/sallyport-gateway");
    if (qEnvironmentVariable("SALLYPORT_ENGINE") == QLatin1String("envoy")) {
        programs.engine = Engine::Envoy;
        programs.gateway = Programs::findEnvoy();
    }
    return programs;
}

/// A stage of the guide as a project in a folder of its own, its plan, and a supervisor for it.
class RunningLab
{
public:
    explicit RunningLab(int stage, std::chrono::seconds validity = std::chrono::hours(24))
        : m_folder(m_place.filePath(QStringLiteral("project")).toStdString())
        , m_identities(validity)
        , m_supervisor(testedPrograms())
    {
        qputenv("XDG_DATA_HOME", m_place.filePath(QStringLiteral("data")).toUtf8());
        qputenv("XDG_RUNTIME_DIR", m_place.path().toUtf8());
        if (const auto made = lab::createFromTemplate(m_folder, stage, true); !made)
            qFatal("%s", made.error().toString().c_str());
    }
    ~RunningLab() { m_supervisor.stop(); }

    Supervisor &supervisor() { return m_supervisor; }
    lab::Identities &identities() { return m_identities; }
    const std::string &folder() const { return m_folder; }
    const lab::LabPlan &current() const { return m_plan; }

    /// Plans the project as its files are now.
    lab::LabPlan plan()
    {
        auto project = model::loadProject(m_folder);
        if (!project)
            qFatal("%s", project.error().toString().c_str());
        lab::addStoredCredentials(*project);
        lab::PlanOptions options;
        if (!m_block) {
            const auto block = m_supervisor.reserve(m_folder, project->meshes.size());
            if (!block)
                qFatal("%s", block.error().toString().c_str());
            m_block = *block;
        }
        options.block = *m_block;
        options.runFolder = *lab::runFolderOf(m_folder);
        QTcpServer probe;
        const std::string address = lab::reservations(*m_block, 1).front().address;
        options.lowPortShift = probe.listen(QHostAddress(QString::fromStdString(address)), 80) ? 0 : 20000;
        options.running = m_supervisor.isRunning() ? &m_plan : nullptr;
        auto planned = lab::planLab(*project, options, m_identities);
        if (!planned)
            qFatal("%s", planned.error().toString().c_str());
        return std::move(planned->plan);
    }

    bool start()
    {
        m_plan = plan();
        QSignalSpy ready(&m_supervisor, &Supervisor::ready);
        QSignalSpy failed(&m_supervisor, &Supervisor::failed);
        if (const auto started = m_supervisor.start(m_plan); !started) {
            qWarning("%s", started.error().toString().c_str());
            return false;
        }
        const bool became = QTest::qWaitFor([&] { return !ready.isEmpty() || !failed.isEmpty(); }, patience);
        if (!failed.isEmpty())
            qWarning("%s", qPrintable(failed[0][0].toString()));
        return became && failed.isEmpty();
    }

    Result<void> apply()
    {
        m_plan = plan();
        return m_supervisor.apply(m_plan);
    }

    void write(const char *file, const QByteArray &yaml)
    {
        QFile out(QString::fromStdString(m_folder) + QLatin1Char('/') + QLatin1String(file));
        if (!out.open(QIODevice::WriteOnly) || out.write(yaml) != yaml.size())
            qFatal("%s cannot be written", file);
    }
    void remove(const char *file)
    {
        QFile::remove(QString::fromStdString(m_folder) + QLatin1Char('/') + QLatin1String(file));
    }

    /// One request while this thread's event loop runs on.
    application::Answer send(const char *via, const char *what)
    {
        const lab::LabPlan plan = m_plan;
        auto sending = std::async(std::launch::async, [plan, via, what]() -> application::Answer {
            const lab::NetworkView network(plan);
            const auto client = network.find(via);
            const auto request = application::parseRequest(what);
            if (!client || !request)
                return {};
            const auto answer = application::send(network, **client, *request);
            return answer ? *answer : application::Answer{0, {}, {}, answer.error().toString()};
        });
        while (sending.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready)
            QTest::qWait(2);
        return sending.get();
    }

    NodeState stateOf(const char *process) const
    {
        return m_supervisor.status(QString::fromLatin1(process)).state;
    }
    qint64 pidOf(const char *process) const { return m_supervisor.status(QString::fromLatin1(process)).pid; }

    static constexpr int patience = 60'000;

private:
    QTemporaryDir m_place;
    std::string m_folder;
    lab::Identities m_identities;
    Supervisor m_supervisor;
    std::optional<lab::AddressBlock> m_block;
    lab::LabPlan m_plan;
};

} // namespace sallyport::control
