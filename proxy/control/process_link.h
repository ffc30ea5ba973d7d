// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/control/stats_snapshot.h"

#include <QByteArray>
#include <QList>
#include <QObject>

namespace sallyport::control {

/// A line of an access log, without its newline.
struct LogLine
{
    QByteArray bytes;
    bool json = false;
};

/// How the supervisor learns what one running process of the lab does, and what it tells it. One link per
/// run of the process; it is deleted when the process ends.
class ProcessLink : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// The process was started: begin to look for it.
    virtual void open() = 0;
    /// The process has ended: hand on what it still wrote.
    virtual void finish() {}
    /// Asks for statistics, unless an answer is still on its way.
    virtual void askStats() {}
    /// Hands over a changed bootstrap; applied() follows. False: this process must be restarted for it.
    virtual bool apply(const QByteArray &) { return false; }

Q_SIGNALS:
    void ready();
    /// It will not become ready: one sentence.
    void failed(const QString &why);
    void lines(const QList<sallyport::control::LogLine> &lines, quint64 dropped);
    void stats(const sallyport::control::StatsSnapshot &snapshot);
    /// `error` is empty if the bootstrap was taken.
    void applied(const QString &error, const QString &path);
    /// Something went wrong that the process lives on with.
    void problem(const QString &what);
};

} // namespace sallyport::control
