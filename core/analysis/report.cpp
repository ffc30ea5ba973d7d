// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/check.h"

#include <algorithm>

namespace sallyport::analysis {

Finding &Report::put(Finding finding)
{
    finding.code = m_check->code;
    finding.severity = m_check->severity;
    finding.mesh = m_facts.mesh.name;
    const bool known = std::any_of(m_into.begin(), m_into.end(), [&finding](const Finding &other) {
        return other.code == finding.code && other.mesh == finding.mesh && other.place == finding.place &&
               other.resource == finding.resource && other.message == finding.message;
    });
    if (known) {
        m_repeated = std::move(finding);
        return m_repeated;
    }
    m_into.push_back(std::move(finding));
    return m_into.back();
}

Finding &Report::add(const model::Resource &resource, const std::string &path, const std::string &message,
                     const std::string &hint)
{
    Finding finding;
    finding.resource = resource.title();
    finding.fieldPath = path;
    finding.message = message;
    finding.hint = hint;
    // What was imported has no text.
    if (!resource.file.empty())
        finding.place = resource.place(path);
    return put(std::move(finding));
}

Finding &Report::add(const explain::Source &source, const std::string &message, const std::string &hint)
{
    Finding finding;
    finding.resource = source.resource;
    finding.place = source.place;
    finding.message = message;
    finding.hint = hint;
    return put(std::move(finding));
}

std::string item(const std::string &list, std::size_t index)
{
    return list + '[' + std::to_string(index) + ']';
}

std::string listed(const std::vector<std::string> &names)
{
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
    return text;
}

Fix setScalarFix(const model::Resource &resource, const std::string &path, const std::string &value,
                 const std::string &title)
{
    const model::ResourceAddress address = model::ResourceAddress::of(resource);
    return {title, [address, path, value](model::ProjectEdit &edit) {
                return edit.setScalar(address, path, value, yaml::ScalarType::String);
            }};
}

Fix setBlockFix(const model::Resource &resource, const std::string &path, const std::string &block,
                const std::string &title)
{
    const model::ResourceAddress address = model::ResourceAddress::of(resource);
    return {title,
            [address, path, block](model::ProjectEdit &edit) { return edit.setBlock(address, path, block); }};
}

Fix removeFix(const model::Resource &resource, const std::string &path, const std::string &title)
{
    const model::ResourceAddress address = model::ResourceAddress::of(resource);
    return {title, [address, path](model::ProjectEdit &edit) { return edit.remove(address, path); }};
}

} // namespace sallyport::analysis
