// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/stat_names.h"

#include <QString>
#include <utility>

namespace sallyport::compile {

std::string statName(const std::string &pattern, const Service *service, const std::string &subset,
                     const StatPort &port)
{
    const std::string host = service ? service->hostname : std::string();
    const bool kubernetes = service && service->kubernetes;
    const std::pair<const char *, std::string> values[] = {
        {"%SERVICE%", kubernetes ? service->name + '.' + service->nameSpace : host},
        {"%SERVICE_NAME%", kubernetes ? service->name : host},
        {"%SERVICE_FQDN%", host},
        {"%SUBSET_NAME%", subset},
        {"%TARGET_PORT%", std::to_string(port.target)},
        {"%SERVICE_PORT%", std::to_string(port.number)},
        {"%SERVICE_PORT_NAME%", port.name},
    };
    QString name = QString::fromStdString(pattern);
    for (const auto &[variable, value] : values)
        name.replace(QLatin1String(variable), QString::fromStdString(value));
    return name.toStdString();
}

std::string outboundStatName(const model::MeshConfig &config, const Service &service,
                             const std::string &subset, const StatPort &port, const std::string &cluster)
{
    return config.outboundClusterStatName.empty()
               ? cluster
               : statName(config.outboundClusterStatName, &service, subset, port);
}

} // namespace sallyport::compile
