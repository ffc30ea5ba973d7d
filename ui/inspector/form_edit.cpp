// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/form_edit.h"

#include <algorithm>

namespace sallyport::inspector {

namespace {

using model::FieldType;
using model::ResourceAddress;

constexpr std::string_view meshConfig = "data.mesh.";

yaml::ScalarType typeOf(const FormField &field)
{
    switch (field.type) {
    case FieldType::Number:
        return yaml::ScalarType::Number;
    case FieldType::Boolean:
        return yaml::ScalarType::Boolean;
    case FieldType::TextOrNumber:
        return yaml::ScalarType::AsBefore;
    default:
        return yaml::ScalarType::String;
    }
}

std::string scalar(const QString &text, yaml::ScalarType type)
{
    return yaml::scalarText(text.toStdString(),
                            type == yaml::ScalarType::AsBefore ? yaml::ScalarType::String : type,
                            yaml::ScalarStyle::Plain, false);
}

std::string indented(const std::string &block, const std::string &by)
{
    std::string out;
    for (std::size_t at = 0; at < block.size();) {
        const std::size_t end = std::min(block.find('\n', at), block.size());
        out += by + block.substr(at, end - at) + '\n';
        at = end + 1;
    }
    return out;
}

/// The path up to the first list item that is not there yet, and the rest below that item.
struct Split
{
    std::string list;
    std::vector<yaml::PathStep> rest;
};

std::optional<Split> firstMissingItem(const model::Resource &resource, const std::string &path)
{
    for (std::size_t at = path.find('['); at != std::string::npos; at = path.find('[', at + 1)) {
        const std::size_t end = path.find(']', at);
        if (end == std::string::npos || path[at + 1] == '"')
            continue;
        if (!resource.node || !resource.node->at(path.substr(0, end + 1)))
            return Split{path.substr(0, at), yaml::parsePath(path.substr(std::min(end + 2, path.size())))};
    }
    return std::nullopt;
}

/// Sets `block`, or builds the list item that it is to lie in.
Result<void> put(model::ProjectEdit &edit, const model::Resource &resource, const std::string &path,
                 std::string block)
{
    const auto split = firstMissingItem(resource, path);
    if (!split)
        return edit.setBlock(ResourceAddress::of(resource), path, block);
    bool nested = block.find('\n') != std::string::npos;
    for (auto step = split->rest.rbegin(); step != split->rest.rend(); ++step) {
        if (step->index >= 0)
            block = "- " + block;
        else
            block = step->key + (nested ? ":\n" + indented(block, "  ") : ": " + block);
        while (block.ends_with('\n'))
            block.pop_back();
        nested = true;
    }
    return edit.appendItem(ResourceAddress::of(resource), split->list, block);
}

} // namespace

Result<void> setText(model::ProjectEdit &edit, const model::Resource &resource, const FormField &field,
                     const QString &text)
{
    const ResourceAddress address = ResourceAddress::of(resource);
    const yaml::ScalarType type = typeOf(field);
    if (text.isEmpty() && !field.present)
        return {};
    if (field.path.starts_with(meshConfig))
        return edit.setMeshConfig(address, field.path.substr(meshConfig.size()), text.toStdString(), type);
    if (text.isEmpty())
        return edit.remove(address, field.path);
    if (firstMissingItem(resource, field.path))
        return put(edit, resource, field.path, scalar(text, type));
    return edit.setScalar(address, field.path, text.toStdString(), type);
}

Result<void> setItems(model::ProjectEdit &edit, const model::Resource &resource, const FormField &field,
                      const QStringList &items)
{
    const ResourceAddress address = ResourceAddress::of(resource);
    const auto item = [&field](qsizetype index) { return field.path + '[' + std::to_string(index) + ']'; };
    const QStringList &before = field.items;
    if (items == before)
        return {};
    if (items.isEmpty())
        return field.present ? edit.remove(address, field.path) : Result<void>();
    if (!field.present || before.isEmpty()) {
        std::string block;
        for (const QString &each : items)
            block += "- " + scalar(each, yaml::ScalarType::String) + '\n';
        return put(edit, resource, field.path, block);
    }
    // One gone: everything behind it is as before.
    if (items.size() == before.size() - 1) {
        qsizetype at = 0;
        while (at < items.size() && items[at] == before[at])
            ++at;
        if (items.mid(at) == before.mid(at + 1))
            return edit.remove(address, item(at));
    }
    const qsizetype common = std::min(items.size(), before.size());
    for (qsizetype i = before.size(); i-- > common;) {
        if (auto done = edit.remove(address, item(i)); !done)
            return done;
    }
    for (qsizetype i = 0; i < common; ++i) {
        if (items[i] == before[i])
            continue;
        if (auto done = edit.setScalar(address, item(i), items[i].toStdString(), yaml::ScalarType::String);
            !done)
            return done;
    }
    for (qsizetype i = common; i < items.size(); ++i) {
        if (auto done = edit.appendItem(address, field.path, scalar(items[i], yaml::ScalarType::String));
            !done)
            return done;
    }
    return {};
}

Result<void> setPairs(model::ProjectEdit &edit, const model::Resource &resource, const FormField &field,
                      const QList<std::pair<QString, QString>> &pairs)
{
    const ResourceAddress address = ResourceAddress::of(resource);
    const auto has = [](const auto &list, const QString &name) {
        return std::any_of(list.begin(), list.end(), [&](const auto &each) { return each.first == name; });
    };
    if (firstMissingItem(resource, field.path)) {
        std::string block;
        for (const auto &[name, value] : pairs)
            block += scalar(name, yaml::ScalarType::String) + ": " + scalar(value, yaml::ScalarType::String) +
                     '\n';
        return pairs.isEmpty() ? Result<void>() : put(edit, resource, field.path, block);
    }
    for (const auto &[name, value] : field.pairs) {
        if (has(pairs, name))
            continue;
        const std::string path = field.path + "[\"" + name.toStdString() + "\"]";
        if (auto done = edit.remove(address, path); !done)
            return done;
    }
    for (const auto &[name, value] : pairs) {
        if (field.pairs.contains(std::pair(name, value)))
            continue;
        const std::string path = field.path + "[\"" + name.toStdString() + "\"]";
        if (auto done = edit.setScalar(address, path, value.toStdString(), yaml::ScalarType::String); !done)
            return done;
    }
    return {};
}

Result<void> removePath(model::ProjectEdit &edit, const model::Resource &resource, const std::string &path)
{
    return edit.remove(ResourceAddress::of(resource), path);
}

} // namespace sallyport::inspector
