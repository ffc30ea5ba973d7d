// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <functional>
#include <memory>

class QSocketNotifier;

namespace sallyport::ctl {

/// SIGTERM and SIGINT as events of the main thread, as long as it lives.
class Termination : public QObject
{
public:
    explicit Termination(std::function<void()> end);
    ~Termination() override;

private:
    int m_fd = -1;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace sallyport::ctl
