// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/protocol.h"

#include <map>
#include <string>
#include <vector>

namespace sallyport::compile {

/// Where one pod runs on this machine.
struct InstancePlace
{
    std::string meshAddress; ///< the pod's address as the mesh knows it
    std::string address;     ///< the loopback address that stands for it
    std::string appAddress;  ///< a hidden loopback address on which the application of a sidecar listens
    std::uint32_t adminPort = 15000;
    std::uint32_t outboundPort = 15001; ///< sidecars take connections here, with a PROXY v2 header
    std::uint32_t inboundPort = 15006;
    std::string nameServer;           ///< the address of who answers its look-ups, and the port
    std::uint32_t nameServerPort = 0; ///< 0: this machine's own name servers do
    std::string accessLogPath;
    std::string secretsFolder; ///< its SDS files
};

/// How a project lies on this machine: the only thing that a bootstrap says beyond the YAML. Addresses of the
/// mesh become loopback addresses here and nowhere else.
struct Placement
{
    std::map<std::string, InstancePlace> instances;      ///< by full name
    std::map<std::string, std::string> serviceAddresses; ///< `mesh/hostname` → its ClusterIP in the mesh
    std::map<std::string, std::string> toLocal;          ///< mesh address → loopback address
    /// A Service's address and port → the pods' ports behind it, all as the mesh writes them.
    std::map<std::pair<std::string, std::uint32_t>, std::vector<std::pair<std::string, std::uint32_t>>>
        backends;
    std::map<std::string, std::vector<std::string>> hosts; ///< `.sallyport/hosts`, for DNS clusters
    std::string nowhere; ///< stands for every other address: nothing listens
    std::string systemRoots = "/etc/ssl/certs/ca-certificates.crt";
    std::uint32_t firstFreePort = 0; ///< ports below are moved by lowPortShift, where they cannot be bound
    std::uint32_t lowPortShift = 0;

    /// The loopback address for an address of the mesh; addresses of no use to the project lead nowhere.
    std::string local(const std::string &meshAddress) const;
    std::uint32_t localPort(std::uint32_t meshPort) const
    {
        return meshPort < firstFreePort ? meshPort + lowPortShift : meshPort;
    }
    /// What a CIDR range of the mesh means on this machine: the range itself (addresses in headers stay the
    /// mesh's) and the loopback addresses that stand for addresses in it, each `address/length`.
    std::vector<std::pair<std::string, std::uint32_t>> localRanges(const std::string &cidr) const;
};

/// The address and prefix length of `10.0.0.0/8` or `10.0.0.1`; length 0 and an empty address if it is
/// neither.
std::pair<std::string, std::uint32_t> parseCidr(const std::string &text);
/// Whether an address lies in a range.
bool cidrContains(const std::string &cidr, const std::string &address);

} // namespace sallyport::compile
