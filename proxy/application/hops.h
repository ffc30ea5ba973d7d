// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/network_view.h"

#include <QJsonObject>
#include <chrono>

namespace sallyport::application {

/// One access-log line that a request left behind.
struct Hop
{
    std::string proxy;  ///< full name of the workload whose proxy wrote it
    QJsonObject fields; ///< the line's fields, addresses by name; `{"line": …}` where the log is text
};

/// A log line's fields with this machine's addresses replaced by what the mesh calls them.
QJsonObject readableFields(const QJsonObject &fields, const lab::NetworkView &network);

/// Reads what the lab's proxies write between two moments. A gateway gives a request a new id, so lines are
/// told apart by their position in the log: one request at a time per lab (see RequestTurn).
class HopRecorder
{
public:
    /// Notes the end of every access log. Keeps a reference to the plan.
    explicit HopRecorder(const lab::LabPlan &plan);

    /// Waits until no log has grown for `quiet`, `limit` at most, and returns the lines written since:
    /// client's own proxy first, then gateways of its mesh, gateways of other meshes, the rest; each log in
    /// its order.
    std::vector<Hop> collect(const lab::Instance &client,
                             std::chrono::milliseconds quiet = std::chrono::milliseconds(150),
                             std::chrono::milliseconds limit = std::chrono::seconds(5));

private:
    struct Log
    {
        const lab::Process *process = nullptr;
        qint64 begin = 0;
    };
    std::vector<Hop> read(const Log &log) const;

    const lab::LabPlan &m_plan;
    std::vector<Log> m_logs;
};

/// Makes requests of one lab follow each other, across processes: a lock on a file of the run folder.
class RequestTurn
{
public:
    explicit RequestTurn(const std::string &runFolder);
    ~RequestTurn();
    RequestTurn(const RequestTurn &) = delete;
    RequestTurn &operator=(const RequestTurn &) = delete;

private:
    int m_fd = -1;
};

} // namespace sallyport::application
