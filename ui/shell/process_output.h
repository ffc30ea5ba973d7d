// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/plan.h"

#include <QHash>
#include <QObject>
#include <QThreadPool>
#include <QTimer>
#include <memory>

namespace sallyport::shell {

/// Follows what the processes of a lab print (lab::Process::logPath), off the GUI thread.
class ProcessOutput : public QObject
{
    Q_OBJECT

public:
    explicit ProcessOutput(QObject *parent = nullptr);
    ~ProcessOutput() override;

    /// Follows the processes of this plan; null: none. What was read of a process before is not read again.
    void setPlan(std::shared_ptr<const lab::LabPlan> plan);

Q_SIGNALS:
    /// Whole lines, without the last line's end. `process` is the full name of its workload instance.
    void printed(const QString &process, const QString &lines);

private:
    void look();

    std::shared_ptr<const lab::LabPlan> m_plan;
    QHash<QString, qint64> m_read; ///< by log path
    QThreadPool m_worker;
    QTimer m_timer;
    bool m_looking = false;
};

} // namespace sallyport::shell
