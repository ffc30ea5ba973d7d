// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/runtime_features.h"

namespace sallyport::dataplane {

void applyRuntimeFeatures(Bootstrap &bootstrap)
{
    const bool rejects = RuntimeLayers::feature(
        bootstrap.runtimeLayers, QStringLiteral("envoy.reloadable_features.http_reject_path_with_fragment"),
        true);
    const auto apply = [rejects](FilterChain &chain) {
        for (NetworkFilter &filter : chain.filters) {
            if (auto *manager = std::get_if<HttpConnectionManager>(&filter.config))
                manager->rejectsFragments = rejects;
        }
    };
    for (Listener &listener : bootstrap.listeners) {
        for (FilterChain &chain : listener.filterChains)
            apply(chain);
        if (listener.defaultFilterChain)
            apply(*listener.defaultFilterChain);
    }
}

} // namespace sallyport::dataplane
