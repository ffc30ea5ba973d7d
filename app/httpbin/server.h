// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace sallyport::httpbin {

/// An address to listen on; `tls` ports need a certificate.
struct ListenSpec
{
    std::string address;
    unsigned short port = 0; ///< 0: any free port
    bool tls = false;
};

/// Where to serve, and with which certificate.
struct ServerOptions
{
    std::vector<ListenSpec> listen;
    std::string certificateFile; ///< PEM chain
    std::string keyFile;         ///< PEM
};

/// Serves until SIGTERM or SIGINT. `onReady` gets the bound addresses, `ADDR:PORT`, once all listen.
/// Returns the process's exit code; says on standard error what went wrong.
int serve(const ServerOptions &options, const std::function<void(const std::vector<std::string> &)> &onReady);

} // namespace sallyport::httpbin
