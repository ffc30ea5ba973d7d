// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/e2e/golden/player.h"

#include <QJsonObject>
#include <QProcess>
#include <QSet>

namespace golden {

/// One gateway process. Belongs to the thread that starts it.
class GatewayRun
{
public:
    GatewayRun(const GatewayCommand &command, const QString &configuration, const QString &folder);
    ~GatewayRun();

    /// Empty once all these ports of 127.0.0.1 are listened on, or why that did not happen.
    QString waitListening(const QSet<int> &ports);
    bool isRunning();
    /// Asks it to end, and sees to it. Empty unless it ended of itself and not as a gateway should: what a
    /// sanitizer finds at the very end, say.
    QString stop();
    /// How it ended, and what it said.
    QString ending() const;

private:
    QProcess m_process;
};

/// Runs `--mode validate`; 0 or 1 (or 2: it did not end by itself), and what it said.
std::pair<int, QString> validate(const GatewayCommand &command, const QString &configuration);

/// Values of these statistics as `/stats` prints them; null: there is none of that name. A key that no
/// statistic has says why nothing could be read.
QJsonObject readStats(int adminPort, const QStringList &names);

} // namespace golden
