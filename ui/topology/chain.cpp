// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/chain.h"

#include "ui/topology/chain_walk.h"

#include <algorithm>

namespace sallyport::topology {

const ChainNode *Chain::findNode(const QString &name) const
{
    const auto found = std::find_if(nodes.begin(), nodes.end(),
                                    [&name](const ChainNode &node) { return node.name == name; });
    return found == nodes.end() ? nullptr : &*found;
}

const ChainHop *Chain::findHop(const session::HopSelection &hop) const
{
    const auto found = std::find_if(hops.begin(), hops.end(), [&hop](const ChainHop &candidate) {
        return candidate.from == hop.from && candidate.to == hop.to && candidate.cluster == hop.cluster;
    });
    return found == hops.end() ? nullptr : &*found;
}

Chain chainOf(const model::Project &project, const compile::CompiledProject &compiled,
              const lab::AddressPlan &addresses)
{
    Chain chain = ChainWalk(project, compiled, addresses).run();
    for (ChainHop &hop : chain.hops)
        std::stable_partition(hop.flags.begin(), hop.flags.end(),
                              [](const HopFlag &flag) { return flag.broken; });
    return chain;
}

ResourceLink linkTo(const model::Resource &resource)
{
    return {QString::fromStdString(resource.kind + ' ' + resource.metadata.name),
            {QString::fromStdString(resource.file), resource.document, resource.listItem, {}}};
}

QString shortName(HopKind kind)
{
    switch (kind) {
    case HopKind::MeshMtls:
        return QStringLiteral("mesh mTLS");
    case HopKind::OriginatedMtls:
        return QStringLiteral("mTLS");
    case HopKind::Tls:
        return QStringLiteral("TLS");
    case HopKind::Plaintext:
        return QStringLiteral("PLAINTEXT");
    }
    return {};
}

QString workloadOf(const QString &instance)
{
    return instance.left(instance.indexOf(QLatin1Char('#')));
}

} // namespace sallyport::topology
