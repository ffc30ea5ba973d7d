// SPDX-License-Identifier: GPL-3.0-or-later
// `/runtime` and `/runtime_modify`.
#include "core/dataplane/runtime_layers.h"
#include "proxy/admin/admin_endpoint.h"
#include "proxy/admin/admin_json.h"

namespace sallyport::admin {

AdminAnswer runtimeEndpoint(const AdminRequest &, ServerState &state)
{
    const auto runtime = dataplane::RuntimeLayers::read(state.bootstrap().runtimeLayers);
    QJsonArray layers;
    for (const std::string &name : runtime.names)
        layers.append(QString::fromStdString(name));
    QJsonObject entries;
    for (const auto &[key, entry] : runtime.entries) {
        QJsonArray values;
        for (const std::string &value : entry.values)
            values.append(QString::fromStdString(value));
        entries.insert(QString::fromStdString(key),
                       QJsonObject{{QStringLiteral("final_value"), QString::fromStdString(entry.final())},
                                   {QStringLiteral("layer_values"), values}});
    }
    constexpr const char *order[] = {"layers", "entries"};
    return jsonAnswer({{QStringLiteral("layers"), layers}, {QStringLiteral("entries"), entries}}, order);
}

AdminAnswer runtimeModifyEndpoint(const AdminRequest &request, ServerState &state)
{
    if (request.query.empty())
        return {400, "usage: /runtime_modify?key1=value1&key2=value2&keyN=valueN\n"
                     "       or send the parameters as form values\n"
                     "use an empty value to remove a previously added override"};
    if (Result<void> modified = state.modifyRuntime(request.query); !modified)
        return {503, modified.error().what};
    return {200, "OK\n"};
}

} // namespace sallyport::admin
