// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/clusters.h"
#include "core/dataplane/listener.h"

namespace sallyport::compile {

/// The filter chains of a sidecar's TCP, TLS or sniffed port: by SNI for TLS ports, by destination subnet
/// where VirtualServices ask for it, else one for everything (istio:pilot/pkg/networking/core/tls.go).
/// `wildcard`: the listener is for every address. `cidr`: the address range it stands for, if it is one.
std::vector<dataplane::FilterChain> outboundTcpChains(const ProxyContext &proxy, const EgressListener &egress,
                                                      const Service &service, const ServicePort &port,
                                                      bool wildcard, const std::string &cidr);

/// The chain for HTTP. `sniffed`: chosen by what the connection begins with; else every connection is its.
/// `owner`: the service for which its listener is made.
dataplane::FilterChain outboundHttpChain(const ProxyContext &proxy, const std::string &listener,
                                         dataplane::RouteConfiguration routes, const Service &owner,
                                         Protocol protocol, bool sniffed);

/// Adds to the ranges of a listener's chains the loopback addresses that stand for addresses in them: each to
/// the narrowest range that its address lies in, for by its destination a connection is told first.
void addLocalRanges(const Placement &placement, std::vector<dataplane::FilterChain> &chains);

/// The chain for HTTP on ports without a listener, where unknown hosts are looked up.
dataplane::FilterChain dynamicDnsChain(const ProxyContext &proxy);

/// Where connections go that no chain wants.
dataplane::FilterChain outboundFallback(const ProxyContext &proxy, const char *name);

} // namespace sallyport::compile
