// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

namespace golden {

/// The program that the vectors are played against.
struct GatewayCommand
{
    QString program;
    QStringList arguments; ///< before `-c FILE`
};

/// Starts the upstreams of a vector and the gateway, plays the exchanges, stops everything. Answers what
/// differs from what was recorded, one line each. `pki` is a folder made by writeTestPki(). Blocks; any
/// thread.
QStringList playVector(const QString &name, const GatewayCommand &gateway, const QString &pki);

} // namespace golden
