// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/patch_parts.h"

#include "core/compile/message_merge.h"

namespace sallyport::compile {

QString textOf(const QJsonObject &object, const char *field)
{
    return object.value(QLatin1String(field)).toString();
}

QJsonObject objectOf(const QJsonObject &object, const char *field)
{
    return object.value(QLatin1String(field)).toObject();
}

void mergePatch(QJsonObject &into, const EnvoyPatch &patch)
{
    mergeMessage(into, patch.value, patch.type, patch.operation == QLatin1String("MERGE_AND_REPLACE_LIST"));
}

void patchItems(QJsonArray &items, const EnvoyPatch &patch, bool named,
                const std::function<bool(const QJsonObject &)> &finds)
{
    qsizetype found = 0;
    while (found < items.size() && !finds(items[found].toObject()))
        ++found;
    const bool present = found < items.size();
    if (patch.operation == QLatin1String("ADD") ||
        (patch.operation == QLatin1String("INSERT_AFTER") && !named))
        items.append(patch.value);
    else if (patch.operation == QLatin1String("INSERT_FIRST") ||
             (patch.operation == QLatin1String("INSERT_BEFORE") && !named))
        items.prepend(patch.value);
    else if (patch.operation == QLatin1String("INSERT_AFTER") && present)
        items.insert(found + 1, patch.value);
    else if (patch.operation == QLatin1String("INSERT_BEFORE") && present)
        items.insert(found, patch.value);
    else if (patch.operation == QLatin1String("REPLACE") && named && present)
        items[found] = patch.value;
    else if (patch.operation == QLatin1String("REMOVE") && named) {
        for (qsizetype index = items.size(); index-- > 0;) {
            if (finds(items[index].toObject()))
                items.removeAt(index);
        }
    }
}

} // namespace sallyport::compile
