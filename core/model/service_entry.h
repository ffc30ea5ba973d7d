// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/resource.h"

namespace sallyport::model {

/// networking.istio.io WorkloadEntry, and an endpoint of a ServiceEntry
struct WorkloadEntrySpec
{
    std::string address;
    std::map<std::string, std::uint32_t> ports;
    Labels labels;
    std::string network;
    std::string locality;
    std::uint32_t weight = 0;
    std::string serviceAccount;
};

/// networking.istio.io WorkloadEntry
struct WorkloadEntry : Resource
{
    WorkloadEntrySpec spec;
};

/// networking.istio.io ServiceEntry
struct ServiceEntry : Resource
{
    enum class Location { MeshExternal, MeshInternal };
    enum class Resolution { None, Static, Dns, DnsRoundRobin, DynamicDns };
    struct Port
    {
        std::uint32_t number = 0;
        std::string protocol; ///< as written
        std::string name;
        std::uint32_t targetPort = 0;
    };
    std::vector<std::string> hosts;
    std::vector<std::string> addresses;
    std::vector<Port> ports;
    Location location = Location::MeshExternal;
    Resolution resolution = Resolution::None;
    std::vector<WorkloadEntrySpec> endpoints;
    std::optional<Labels> workloadSelector;
    std::vector<std::string> exportTo;
    std::vector<std::string> subjectAltNames;
};

} // namespace sallyport::model
