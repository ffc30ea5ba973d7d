// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/known_fields.h"

#include "core/model/mesh_reader.h"
#include "core/yaml/scalar_text.h"

#include <algorithm>
#include <tuple>

namespace sallyport::model {

namespace {

constexpr std::string_view meshConfigPath = "data.mesh";

std::string quoted(const std::string &text)
{
    return yaml::scalarText(text, yaml::ScalarType::String, yaml::ScalarStyle::DoubleQuoted, true);
}

/// An empty mapping at the path and nothing else: `{"spec": {"http": [{}]}}`.
std::string skeleton(const std::vector<yaml::PathStep> &steps, std::size_t from)
{
    std::string text = "{}";
    for (std::size_t i = steps.size(); i-- > from;)
        text = steps[i].index >= 0 ? '[' + text + ']' : '{' + quoted(steps[i].key) + ": " + text + '}';
    return text;
}

/// The path as it is in the skeleton, where every list has one item.
std::string skeletonPath(const std::vector<yaml::PathStep> &steps)
{
    std::string path;
    for (const yaml::PathStep &step : steps) {
        if (step.index >= 0)
            path += "[0]";
        else if (step.key.find_first_of(".[") != std::string::npos)
            path += "[\"" + step.key + "\"]";
        else
            path += (path.empty() ? "" : ".") + step.key;
    }
    return path;
}

} // namespace

std::vector<KnownField> knownFields(const std::string &apiVersion, const std::string &kind,
                                    std::string_view path)
{
    const std::vector<yaml::PathStep> steps = yaml::parsePath(path);
    std::string text = "apiVersion: " + quoted(apiVersion) + "\nkind: " + quoted(kind) + '\n';
    const std::size_t embedded = yaml::parsePath(meshConfigPath).size();
    if (kind == "ConfigMap" && path.starts_with(meshConfigPath))
        text += "metadata: {name: istio}\ndata: {mesh: " + quoted(skeleton(steps, embedded)) + "}\n";
    else if (!steps.empty())
        text += quoted(steps.front().key) + ": " + skeleton(steps, 1) + '\n';

    Mesh mesh;
    std::vector<Problem> problems;
    FieldNotes notes{skeletonPath(steps), {}};
    MeshReader reader(mesh, problems, &notes);
    reader.readFile({"skeleton.yaml", text});
    reader.finish();
    std::vector<KnownField> fields = std::move(notes.fields);
    std::stable_sort(fields.begin(), fields.end(), [](const KnownField &a, const KnownField &b) {
        // Some are asked for twice: whether they are given, and what they say.
        const bool keptA = a.type == FieldType::Kept;
        const bool keptB = b.type == FieldType::Kept;
        return std::tie(a.name, keptA) < std::tie(b.name, keptB);
    });
    fields.erase(std::unique(fields.begin(), fields.end(),
                             [](const KnownField &a, const KnownField &b) { return a.name == b.name; }),
                 fields.end());
    return fields;
}

} // namespace sallyport::model
