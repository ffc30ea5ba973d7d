// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"
#include "proxy/server/server.h"

#include <QStringList>

namespace sallyport::gateway {

enum class Mode { Serve, Validate, Version, Help, Fields };

/// What the command line asks for. Flags are Envoy's where Envoy has them; those that mean nothing here (hot
/// restart, CPU sets, …) are accepted and do nothing.
struct CommandLineOptions
{
    Mode mode = Mode::Serve;
    server::ServerOptions server;
    QString configPath;
    QString configText;       ///< --config-yaml: YAML on the command line, instead of a file or over it
    QString controlPath;      ///< socket of the control channel; empty: none
    QString adminAddressPath; ///< the admin interface's real address is written there
};

/// Envoy's options and our own; fails with what is to be printed.
Result<CommandLineOptions> parseCommandLine(const QStringList &arguments);
QString helpText();
QString versionText();

} // namespace sallyport::gateway
