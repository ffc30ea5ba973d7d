// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/envoy_patch.h"

#include <QJsonArray>

/// What patches of listeners and of routes have in common.
namespace sallyport::compile {

/// A field of an object; empty without it or if it has another type.
QString textOf(const QJsonObject &object, const char *field);
QJsonObject objectOf(const QJsonObject &object, const char *field);

/// Calls `use` for the patches of a kind that are for this context.
template<typename Use>
void eachPatch(const std::vector<EnvoyPatch> &patches, const char *applyTo, const QString &context, Use use)
{
    for (const EnvoyPatch &patch : patches) {
        if (patch.applyTo == QLatin1String(applyTo) &&
            (patch.context == context || patch.context == QLatin1String("ANY")))
            use(patch);
    }
}

/// MERGE and MERGE_AND_REPLACE_LIST.
void mergePatch(QJsonObject &into, const EnvoyPatch &patch);

/// Adds, takes away or replaces the items of a list of named filters or routes. `finds` tells the one that
/// the patch's match means, `named` whether it means a certain one.
void patchItems(QJsonArray &items, const EnvoyPatch &patch, bool named,
                const std::function<bool(const QJsonObject &)> &finds);

/// Patches one route configuration of a proxy.
void patchRoutes(QJsonObject &configuration, const std::vector<EnvoyPatch> &patches, const QString &context,
                 const PatchedProxy &proxy);

} // namespace sallyport::compile
