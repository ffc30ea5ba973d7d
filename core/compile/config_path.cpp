// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/config_path.h"

#include <QJsonObject>

namespace sallyport::compile {

QString configPath(const model::Resource &resource)
{
    // `VirtualService` → `virtual-service`, as istiod writes the resource into metadata.
    std::string kind;
    for (const char c : resource.kind) {
        if (c >= 'A' && c <= 'Z') {
            if (!kind.empty())
                kind += '-';
            kind += static_cast<char>(c - 'A' + 'a');
        } else {
            kind += c;
        }
    }
    return QString::fromStdString("/apis/networking.istio.io/v1/namespaces/" +
                                  resource.metadata.resourceNamespace + '/' + kind + '/' +
                                  resource.metadata.name);
}

dataplane::Metadata configMetadata(const model::Resource &resource)
{
    dataplane::Metadata metadata;
    metadata.filters.insert(QStringLiteral("istio"),
                            QJsonObject{{QStringLiteral("config"), configPath(resource)}});
    return metadata;
}

} // namespace sallyport::compile
