// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/proxy_concurrency.h"

#include "core/compile/service.h"
#include "core/model/proxy_config.h"

#include <algorithm>

namespace sallyport::compile {

std::optional<std::uint32_t> concurrencyOf(const MeshContext &mesh, const Instance &instance)
{
    std::vector<const model::ProxyConfig *> order;
    for (const model::ProxyConfig &config : mesh.mesh.proxyConfigs)
        order.push_back(&config);
    std::stable_sort(order.begin(), order.end(),
                     [](const auto *a, const auto *b) { return olderThan(*a, *b); });
    const auto first = [&](const std::string &nameSpace, auto &&fits) -> std::optional<std::uint32_t> {
        const auto found = std::find_if(order.begin(), order.end(), [&](const model::ProxyConfig *config) {
            return config->metadata.resourceNamespace == nameSpace && fits(*config);
        });
        return found == order.end() ? std::nullopt : (*found)->concurrency;
    };
    const auto ofAll = [](const model::ProxyConfig &config) { return !config.selector; };
    const auto ofOwn = [&](const model::ProxyConfig &config) {
        return config.selector && !config.selector->empty() &&
               model::selects(*config.selector, instance.labels);
    };
    if (const auto own = first(instance.nameSpace, ofOwn))
        return own;
    if (!instance.proxyConfig.empty()) {
        const auto annotated = model::withProxyConfig({}, instance.proxyConfig);
        if (annotated && annotated->concurrency)
            return annotated->concurrency;
    }
    if (instance.nameSpace != mesh.config().rootNamespace) {
        if (const auto common = first(instance.nameSpace, ofAll))
            return common;
    }
    const auto root = first(mesh.config().rootNamespace, ofAll);
    return root ? root : mesh.config().concurrency;
}

} // namespace sallyport::compile
