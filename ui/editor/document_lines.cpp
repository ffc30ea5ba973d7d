// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/document_lines.h"

#include "core/yaml/document.h"

#include <algorithm>

namespace sallyport::editor {

namespace {

int lineAt(std::string_view text, std::size_t at)
{
    const std::string_view before = text.substr(0, std::min(at, text.size()));
    return static_cast<int>(std::count(before.begin(), before.end(), '\n'));
}

bool isSpace(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

LineRange rangeOf(std::string_view text, std::size_t begin, std::size_t end)
{
    while (end > begin && isSpace(text[end - 1]))
        --end;
    while (begin < end && isSpace(text[begin]))
        ++begin;
    return {lineAt(text, begin), lineAt(text, end)};
}

std::optional<yaml::Document> documentOf(std::string_view text, const session::ResourceSelection &resource)
{
    for (yaml::Document &document : yaml::parseDocuments(text, resource.file.toStdString())) {
        if (document.index == resource.document)
            return std::move(document);
    }
    return std::nullopt;
}

yaml::NodePtr objectOf(const yaml::Document &document, const session::ResourceSelection &resource)
{
    if (!document.root || resource.listItem < 0)
        return document.root;
    return document.root->at("items[" + std::to_string(resource.listItem) + ']');
}

} // namespace

std::optional<LineRange> linesOf(std::string_view text, const session::ResourceSelection &resource)
{
    const auto document = documentOf(text, resource);
    if (!document)
        return std::nullopt;
    const yaml::NodePtr object = objectOf(*document, resource);
    if (object && resource.listItem >= 0)
        return rangeOf(text, object->begin, object->end);
    return rangeOf(text, document->begin, document->end);
}

std::optional<int> lineOf(std::string_view text, const session::ResourceSelection &resource)
{
    const auto document = documentOf(text, resource);
    if (!document)
        return std::nullopt;
    const yaml::NodePtr object = objectOf(*document, resource);
    if (!object)
        return rangeOf(text, document->begin, document->end).first;
    const Place place =
        resource.fieldPath.isEmpty() ? object->place : object->placeOf(resource.fieldPath.toStdString());
    return std::max(place.line - 1, 0);
}

} // namespace sallyport::editor
