// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/tracing.h"

#include <algorithm>

namespace sallyport::compile {

bool isTraced(const MeshContext &mesh, const Instance &instance, LogSide side)
{
    const model::MeshConfig &config = mesh.config();
    std::string provider;
    if (!config.defaultTracingProviders.empty())
        provider = config.defaultTracingProviders.front();
    bool configured = !provider.empty();
    bool disabled = false;
    for (const model::Telemetry *telemetry : telemetriesFor(mesh, instance)) {
        for (const model::Telemetry::Tracing &tracing : telemetry->tracing) {
            configured = true;
            if (!isForSide(tracing.mode, side))
                continue;
            if (!tracing.providers.empty())
                provider = tracing.providers.front();
            disabled = tracing.disabled.value_or(disabled);
        }
    }
    if (!configured)
        return config.enableTracing;
    const bool known = std::any_of(config.extensionProviders.begin(), config.extensionProviders.end(),
                                   [&provider](const model::ExtensionProvider &candidate) {
                                       return candidate.name == provider &&
                                              candidate.kind == model::ExtensionProvider::Kind::Other;
                                   });
    return known && !disabled;
}

} // namespace sallyport::compile
