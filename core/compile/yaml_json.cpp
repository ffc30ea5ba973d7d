// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/yaml_json.h"

#include <QJsonArray>
#include <QJsonObject>

namespace sallyport::compile {

QJsonValue jsonOf(const yaml::Node &node)
{
    if (node.isMapping()) {
        QJsonObject object;
        for (const auto &[key, value] : node.allEntries())
            object.insert(QString::fromStdString(key->scalar), jsonOf(*value));
        return object;
    }
    if (node.isSequence()) {
        QJsonArray list;
        for (const yaml::NodePtr &item : node.items)
            list.append(jsonOf(*item));
        return list;
    }
    if (node.isNull())
        return QJsonValue::Null;
    const QString text = QString::fromStdString(node.scalar);
    if (node.style != yaml::ScalarStyle::Plain || !node.tag.empty())
        return text;
    if (text == QLatin1String("true") || text == QLatin1String("false"))
        return text == QLatin1String("true");
    bool isNumber = false;
    const double number = text.toDouble(&isNumber);
    return isNumber ? QJsonValue(number) : QJsonValue(text);
}

} // namespace sallyport::compile
