// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/plan.h"
#include "core/result/result.h"

#include <QObject>
#include <memory>
#include <vector>

class QTcpServer;
class QTcpSocket;

namespace sallyport::application {

/// One HTTP forward proxy per workload, on Instance::forward: `curl -x` or a browser that uses it stands for
/// the workload's application. Requests and tunnels (CONNECT) go where the application's would: into its
/// sidecar with the original destination, or straight to the server. Names resolve as they do in the
/// workload. Lives in the process that runs the lab.
class ForwardProxy : public QObject
{
    Q_OBJECT

public:
    explicit ForwardProxy(QObject *parent = nullptr);
    ~ForwardProxy() override;

    /// Listens for every instance of the plan that has an address for it. Keeps a copy of the plan.
    Result<void> setPlan(const lab::LabPlan &plan);

private:
    struct Port
    {
        std::string instance;
        lab::SocketAddress at;
        std::unique_ptr<QTcpServer> server;
    };
    void accept(QTcpServer *server, const std::string &instance);
    void readHead(QTcpSocket *client, const std::string &instance);
    void serve(QTcpSocket *client, const std::string &instance, const QByteArray &head);

    lab::LabPlan m_plan;
    std::vector<Port> m_ports;
    unsigned m_turn = 0;
};

} // namespace sallyport::application
