// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/stat_names.h"

namespace sallyport::compile {

namespace {

void replaceAll(std::string &text, std::string_view placeholder, const std::string &value)
{
    for (std::size_t at = text.find(placeholder); at != std::string::npos;
         at = text.find(placeholder, at + value.size()))
        text.replace(at, placeholder.size(), value);
}

} // namespace

std::string statName(std::string pattern, const Service *service, const std::string &subset,
                     const StatPort &port)
{
    const std::string host = service ? service->hostname : std::string();
    const bool kubernetes = service && service->kubernetes;
    replaceAll(pattern, "%SERVICE%", kubernetes ? service->name + '.' + service->nameSpace : host);
    replaceAll(pattern, "%SERVICE_NAME%", kubernetes ? service->name : host);
    replaceAll(pattern, "%SERVICE_FQDN%", host);
    replaceAll(pattern, "%SUBSET_NAME%", subset);
    replaceAll(pattern, "%TARGET_PORT%", std::to_string(port.target));
    replaceAll(pattern, "%SERVICE_PORT%", std::to_string(port.number));
    replaceAll(pattern, "%SERVICE_PORT_NAME%", port.name);
    return pattern;
}

std::string outboundStatName(const model::MeshConfig &config, const Service &service,
                             const std::string &subset, const StatPort &port, const std::string &cluster)
{
    return config.outboundClusterStatName.empty()
               ? cluster
               : statName(config.outboundClusterStatName, &service, subset, port);
}

} // namespace sallyport::compile
