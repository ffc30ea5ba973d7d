// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever text a project holds: reading ends, every range lies inside the text, and an edit that is made can
// be read again.
#include "core/model/project.h"
#include "core/yaml/edit.h"

#include <cstdlib>
#include <functional>

using namespace sallyport;

namespace {

void check(bool condition)
{
    if (!condition)
        std::abort();
}

/// Every node once, with its path, in the document's own text; aliases are not followed.
void eachNode(const yaml::Node &node, const std::string &path, std::size_t textSize,
              const std::function<void(const yaml::Node &, const std::string &)> &visit)
{
    check(node.begin <= node.end && node.end <= textSize);
    visit(node, path);
    for (const auto &[key, value] : node.entries) {
        if (value->begin >= key->begin && key->isScalar() && key->scalar.find("\"]") == std::string::npos)
            eachNode(*value, path + "[\"" + key->scalar + "\"]", textSize, visit);
    }
    std::size_t end = node.begin;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const yaml::Node &item = *node.items[i];
        if (item.begin < end)
            continue;
        end = item.end;
        eachNode(item, path + '[' + std::to_string(i) + ']', textSize, visit);
    }
}

/// The value at `path` is what it was set to. Not where keys have tags or stand twice: there a path may lead
/// elsewhere.
void checkValue(const std::string &text, const yaml::Document &before, const std::string &path)
{
    if (!before.duplicateKeys.empty() || text.find('!') != std::string::npos)
        return;
    const std::vector<yaml::Document> documents = yaml::parseDocuments(text, "fuzz.yaml");
    const auto index = static_cast<std::size_t>(before.index);
    check(index < documents.size() && documents[index].root);
    const yaml::NodePtr node = documents[index].root->at(path);
    check(node && node->scalar == "new");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size)
{
    const std::string text(reinterpret_cast<const char *>(data), size);
    constexpr int mostEdits = 20;
    int edits = 0;
    for (const yaml::Document &document : yaml::parseDocuments(text, "fuzz.yaml")) {
        check(document.begin <= document.end && document.end <= text.size());
        check(document.root || document.error);
        if (!document.root)
            continue;
        eachNode(*document.root, {}, text.size(), [&](const yaml::Node &node, const std::string &path) {
            if (!node.isScalar() || path.empty() || ++edits > mostEdits)
                return;
            const Result<yaml::TextEdit> edit =
                yaml::setScalar(text, *document.root, path, "new", yaml::ScalarType::String);
            if (edit) {
                check(edit->begin <= edit->end && edit->end <= text.size());
                checkValue(yaml::applied(text, *edit), document, path);
            }
            if (const Result<yaml::TextEdit> removal = yaml::removeAt(text, *document.root, path))
                check(removal->begin <= removal->end && removal->end <= text.size());
        });
    }
    model::projectFromFiles("/", {{"primary/fuzz.yaml", text}}, {});
    return 0;
}
