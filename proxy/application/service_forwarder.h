// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/plan.h"
#include "core/result/result.h"

#include <QObject>
#include <memory>
#include <vector>

class QTcpServer;

namespace sallyport::application {

/// What kube-proxy is to a cluster: connections to a Service's address and port go to its pods in turn, from
/// the client's own address. Lives in the process that runs the lab, on a thread with an event loop.
class ServiceForwarder : public QObject
{
    Q_OBJECT

public:
    explicit ServiceForwarder(QObject *parent = nullptr);
    ~ServiceForwarder() override;

    /// Listens on every route's address; routes of an earlier call that are no longer there are closed.
    Result<void> setRoutes(const std::vector<lab::Route> &routes);

private:
    struct Listener;
    std::vector<std::unique_ptr<Listener>> m_listeners;
};

} // namespace sallyport::application
