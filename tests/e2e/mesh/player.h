// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QString>
#include <QStringList>
#include <vector>

namespace golden {

/// What came of one recorded project.
struct Played
{
    QString failure;                      ///< the lab did not run at all
    std::vector<QStringList> differences; ///< one list per exchange
};

/// Runs a recorded project as `sallyportctl lab --keep` and plays its exchanges, each by `sallyportctl send`,
/// or by curl through the workload's forward proxy where the exchange asks for curl. Blocks; any thread.
Played play(const QString &name);

} // namespace golden
