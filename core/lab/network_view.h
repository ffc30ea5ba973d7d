// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/plan.h"
#include "core/result/result.h"

#include <optional>
#include <string_view>

namespace sallyport::lab {

/// Where a connection of an application goes.
struct Destination
{
    SocketAddress original;  ///< the destination as this machine writes it: what a PROXY v2 header states
    SocketAddress connectTo; ///< what to connect to: the sidecar's interception, or the server itself
    bool proxied = false;    ///< connectTo is a sidecar and wants a PROXY v2 header
    std::string source;      ///< the loopback address to bind
};

/// What an application of the lab sees of the network: names, addresses and who is behind them.
/// Holds a reference to the plan.
class NetworkView
{
public:
    explicit NetworkView(const LabPlan &plan)
        : m_plan(plan)
    {
    }

    /// The one instance that `name` means: a full name or any unique shorter form (`default/sleep`, `sleep`).
    Result<const Instance *> find(std::string_view name) const;

    /// Addresses of the mesh for a host name as `instance` sees it: literals, `.sallyport/hosts`, Services of
    /// its mesh in full or by the cluster's search list. Empty: the name does not resolve.
    std::vector<std::string> resolve(const Instance &instance, const std::string &host) const;

    /// The way to `address:port` of the mesh. `pick` chooses among several pods where there is no sidecar to
    /// do so.
    Destination way(const Instance &instance, const std::string &address, int port, unsigned pick = 0) const;

    /// `mesh:namespace/workload:port` for `ip:port` of this machine; ephemeral ports are written `*`.
    std::optional<std::string> nameOf(std::string_view address, int port) const;

    /// A log field or line with this machine's addresses replaced: `ip:port` by the workload's name and port,
    /// a lone address by the mesh's.
    std::string readableLog(std::string_view text) const;

    /// A text (an answer's body or header) with lone addresses of this machine replaced by the mesh's.
    std::string meshText(std::string_view text) const;

private:
    std::string translate(std::string_view text, bool names) const;
    std::string meshAddress(const std::string &labAddress) const;

    const LabPlan &m_plan;
};

/// Hosts-file lines `ADDRESS NAME…`, `#` comments. Names are lower-cased. Places count lines of `file`.
Result<std::map<std::string, std::vector<std::string>>> parseHosts(std::string_view text,
                                                                   const std::string &file);

} // namespace sallyport::lab
