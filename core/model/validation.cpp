// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/validation.h"

#include "core/model/host_name.h"
#include "core/model/lexical.h"

#include <algorithm>
#include <set>

namespace sallyport::model {

void Findings::error(Rule rule, const std::string &path, const std::string &message, const std::string &hint)
{
    static constexpr const char *codes[] = {"EGR0103", "EGR0104", "EGR0105", "EGR0106"};
    m_context.report(codes[static_cast<int>(rule)], Severity::Error, message, m_resource.place(path), path,
                     hint);
}

void Findings::warning(const std::string &path, const std::string &message, const std::string &hint)
{
    m_context.report("EGR0107", Severity::Warning, message, m_resource.place(path), path, hint);
}

yaml::NodePtr Findings::at(const std::string &path) const
{
    yaml::NodePtr node = m_resource.node ? m_resource.node->at(path) : nullptr;
    return node && !node->isNull() ? node : nullptr;
}

bool Findings::isEmpty(const std::string &path) const
{
    const yaml::NodePtr node = at(path);
    return node && !node->isScalar() && node->entries.empty() && node->items.empty();
}

std::string item(const std::string &list, std::size_t index)
{
    return list + '[' + std::to_string(index) + ']';
}

void validateMetadata(Findings &findings)
{
    const Resource &resource = findings.resource();
    const auto refuse = [&](const char *annotation, const std::string &why) {
        if (resource.metadata.annotations.count(annotation) > 0)
            findings.error(Rule::Value, std::string("metadata.annotations[\"") + annotation + "\"]", why,
                           "take it out");
    };
    if (resource.kind != "AuthorizationPolicy")
        refuse("istio.io/dry-run", "only AuthorizationPolicies can run dry");
    refuse("internal.istio.io/webhook-always-reject", "istiod refuses whatever has this annotation");
    for (const char *internal : {"internal.istio.io/parents", "internal.istio.io/parent-namespace"})
        refuse(internal, "this annotation is istiod's own");
}

void validateLabels(const Labels &labels, const std::string &path, Findings &findings)
{
    for (const auto &[key, value] : labels) {
        const std::string at = path + "[\"" + key + "\"]";
        if (!isLabelKey(key))
            findings.error(Rule::Value, at, '"' + key + "\" is no name of a label");
        if (!isLabelValue(value))
            findings.error(Rule::Value, at, '"' + value + "\" is no value of a label",
                           "letters, digits, \"-\", \"_\" and \".\", with a letter or digit at both ends");
    }
}

void validateCount(std::size_t count, std::size_t most, const std::string &path, Findings &findings)
{
    if (count > most)
        findings.error(Rule::Value, path,
                       std::to_string(count) + " entries are given, " + std::to_string(most) +
                           " at most are taken");
}

void validateExportTo(const std::vector<std::string> &exportTo, bool allowNone, Findings &findings)
{
    const std::string &own = findings.resource().metadata.resourceNamespace;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < exportTo.size(); ++i) {
        const std::string path = item("spec.exportTo", i);
        const std::string &value = exportTo[i];
        const bool special = value == "*" || value == "." || (value == "~" && allowNone);
        if (!special && !isDnsLabel(value))
            findings.error(Rule::Value, path, "\"" + value + "\" is no namespace to export to",
                           allowNone ? "a namespace, \".\", \"*\" or \"~\"" : "a namespace, \".\" or \"*\"");
        if (!seen.insert(value == own ? "." : value).second)
            findings.error(Rule::Duplicate, path, "\"" + value + "\" is exported to twice",
                           "\".\" is the resource's own namespace");
    }
    if (exportTo.size() > 1 && seen.count("*") > 0)
        findings.error(Rule::Exclusive, "spec.exportTo", "\"*\" already means every namespace",
                       "take the others out");
    if (exportTo.size() > 1 && allowNone && seen.count("~") > 0)
        findings.error(Rule::Exclusive, "spec.exportTo",
                       "\"~\" means no namespace; nothing can stand beside it", "take it out");
}

void validateSelector(const std::optional<Labels> &selector, const std::string &path, Findings &findings)
{
    if (!selector)
        return;
    if (selector->empty())
        findings.warning(path, "the selector has no labels: it selects every workload in scope",
                         "leave it out, or name the labels");
    for (const auto &[key, value] : *selector) {
        if (key.empty())
            findings.error(Rule::Value, path, "a label of the selector has an empty key");
        if (key.find('*') != std::string::npos || value.find('*') != std::string::npos)
            findings.error(Rule::Value, path, "a selector has no wildcards: " + key + ": " + value,
                           "name one label's exact value");
    }
}

void validateDuration(const std::optional<Duration> &duration, const std::string &path, Findings &findings)
{
    if (duration && !isWholeMilliseconds(*duration))
        findings.error(Rule::Value, path, "a duration is at least 1ms and whole milliseconds");
}

void validatePercent(const std::optional<double> &percent, const std::string &path, Findings &findings)
{
    constexpr double least = 0.0001;
    if (percent && *percent != 0 && (*percent < least || *percent > 100))
        findings.error(Rule::Value, path, "a percentage is 0, or from 0.0001 to 100");
}

} // namespace sallyport::model
