// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/facts.h"
#include "core/analysis/finding.h"

#include <span>

namespace sallyport::analysis {

class Report;

/// One check of the catalogue. It looks at one mesh and reports what it finds; what it cannot know it leaves
/// alone.
struct Check
{
    const char *code;
    model::Severity severity;
    const char *title;
    void (*run)(const MeshFacts &facts, Report &report);
};

/// Where a running check puts its findings; knows its code and severity.
class Report
{
public:
    Report(const MeshFacts &facts, std::vector<Finding> &into)
        : m_facts(facts)
        , m_into(into)
    {
    }

    void begin(const Check &check) { m_check = &check; }
    /// `path` is a field of the resource, `spec.http[0]`; the nearest one that is there has the place. The
    /// same finding twice is one. The reference is good until the next call.
    Finding &add(const model::Resource &resource, const std::string &path, const std::string &message,
                 const std::string &hint = {});
    /// For what an explanation names by its place.
    Finding &add(const explain::Source &source, const std::string &message, const std::string &hint = {});

private:
    Finding &put(Finding finding);

    const MeshFacts &m_facts;
    std::vector<Finding> &m_into;
    const Check *m_check = nullptr;
    Finding m_repeated; ///< stands for one that is already there
};

// One function a subject; each lists its checks.
std::span<const Check> authorizationChecks();
std::span<const Check> authorizationValueChecks();
std::span<const Check> chainChecks();
std::span<const Check> credentialChecks();
std::span<const Check> destinationRuleChecks();
std::span<const Check> flowChecks();
std::span<const Check> gatewayChecks();
std::span<const Check> hopTlsChecks();
std::span<const Check> hygieneChecks();
std::span<const Check> pairChecks();
std::span<const Check> postureChecks();
std::span<const Check> referenceChecks();
std::span<const Check> serviceEntryChecks();
std::span<const Check> sidecarChecks();
std::span<const Check> virtualServiceChecks();

/// `spec.http[0]`
std::string item(const std::string &list, std::size_t index);
/// Names for a sentence: `a, b and c`.
std::string listed(const std::vector<std::string> &names);

/// Edits that many checks offer.
Fix setScalarFix(const model::Resource &resource, const std::string &path, const std::string &value,
                 const std::string &title);
Fix setBlockFix(const model::Resource &resource, const std::string &path, const std::string &block,
                const std::string &title);
Fix removeFix(const model::Resource &resource, const std::string &path, const std::string &title);

} // namespace sallyport::analysis
