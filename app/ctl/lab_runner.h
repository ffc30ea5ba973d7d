// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/planner.h"
#include "proxy/application/forward_proxy.h"
#include "proxy/application/service_forwarder.h"

#include <QElapsedTimer>
#include <QObject>
#include <QProcess>
#include <QTcpServer>
#include <memory>
#include <vector>

namespace sallyport::ctl {

enum class Engine { Embedded, Envoy };

/// The programs that a lab is made of.
struct Programs
{
    Engine engine = Engine::Embedded;
    QString gateway;
    QString httpbin;
};

/// Runs a planned lab as child processes and keeps its addresses reserved.
class LabRunner : public QObject
{
    Q_OBJECT

public:
    explicit LabRunner(Programs programs);
    ~LabRunner() override;

    /// Takes a free block of addresses for a project with this many meshes.
    Result<lab::AddressBlock> reserve(const std::string &project, std::size_t meshes);

    /// Writes the run folder and starts everything; ready() or failed() follow.
    Result<void> start(const lab::LabPlan &plan);
    void stop();

Q_SIGNALS:
    void ready();
    void failed(const QString &why);

private:
    Result<void> writeFiles() const;
    void startProcess(const lab::Process &process);
    void poll();
    bool isReady(const lab::Process &process) const;

    Programs m_programs;
    lab::LabPlan m_plan;
    std::vector<std::unique_ptr<QTcpServer>> m_reserved;
    std::vector<std::unique_ptr<QProcess>> m_processes;
    application::ServiceForwarder m_services;
    application::ForwardProxy m_forward;
    QElapsedTimer m_since;
    bool m_stopping = false;
};

} // namespace sallyport::ctl
