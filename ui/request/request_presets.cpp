// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/request/request_presets.h"

#include "core/lab/expectations.h"

#include <algorithm>

namespace sallyport::request {

QList<RequestPreset> presetsOf(std::string_view expectations)
{
    QList<RequestPreset> presets;
    const auto checks = lab::parseExpectations(expectations, ".sallyport/expectations.yaml");
    if (!checks)
        return presets;
    for (const lab::Check &check : *checks) {
        RequestPreset preset;
        preset.name = QString::fromStdString(check.name);
        preset.draft.instance = QString::fromStdString(check.via);
        const QString request = QString::fromStdString(check.request).trimmed();
        const qsizetype space = request.indexOf(QLatin1Char(' '));
        if (space > 0)
            preset.draft.method = request.left(space);
        preset.draft.url = request.mid(space + 1).trimmed();
        for (const auto &[name, value] : check.headers)
            preset.draft.headers.append({QString::fromStdString(name), QString::fromStdString(value), true});
        preset.draft.body = QString::fromStdString(check.body.value_or(std::string()));
        const bool isThere =
            std::any_of(presets.begin(), presets.end(),
                        [&preset](const RequestPreset &other) { return other.draft == preset.draft; });
        if (!isThere)
            presets.append(preset);
    }
    return presets;
}

} // namespace sallyport::request
