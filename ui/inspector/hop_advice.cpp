// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/hop_advice.h"

#include "core/yaml/node.h"

#include <QCoreApplication>

namespace sallyport::inspector {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("HopAdvice", text);
}

} // namespace

std::string tlsPathOf(const model::Resource &rule, int port)
{
    const std::string policy = "spec.trafficPolicy";
    const yaml::NodePtr ports = rule.node ? rule.node->at(policy + ".portLevelSettings") : nullptr;
    for (std::size_t i = 0; ports && i < ports->items.size(); ++i) {
        const yaml::NodePtr number = ports->items[i]->at("port.number");
        if (number && number->scalar == std::to_string(port))
            return policy + ".portLevelSettings[" + std::to_string(i) + "].tls";
    }
    return policy + ".tls";
}

std::optional<problems::Finding> nameNotVerified(const topology::ChainHop &hop, const model::Resource &rule)
{
    const bool ownTls = hop.kind == topology::HopKind::OriginatedMtls || hop.kind == topology::HopKind::Tls;
    const QString name = !hop.sni.isEmpty() ? hop.sni : hop.hosts.value(0);
    if (rule.kind != "DestinationRule" || !ownTls || !hop.verifiedNames.isEmpty() || name.isEmpty())
        return std::nullopt;
    const std::string tls = tlsPathOf(rule, hop.port);
    if (!rule.node || !rule.node->at(tls) || rule.node->at(tls + ".subjectAltNames"))
        return std::nullopt;
    problems::Finding finding;
    finding.severity = model::Severity::Warning;
    finding.message =
        tr("The server's name is not checked: any certificate of this CA is accepted for %1.").arg(name);
    finding.file = QString::fromStdString(rule.file);
    finding.line = rule.place(tls).line;
    finding.fieldPath = QString::fromStdString(tls + ".subjectAltNames");
    finding.target =
        session::ResourceSelection{finding.file, rule.document, rule.listItem, finding.fieldPath};
    const model::ResourceAddress address = model::ResourceAddress::of(rule);
    finding.fixes.push_back(
        {tr("Add %1").arg(name),
         [address, path = finding.fieldPath.toStdString(), wanted = name.toStdString()](
             const std::vector<model::SourceFile> &files) -> Result<model::FileChanges> {
             model::ProjectEdit edit(files);
             if (const auto done = edit.setBlock(address, path,
                                                 "- " + yaml::scalarText(wanted, yaml::ScalarType::String,
                                                                         yaml::ScalarStyle::Plain, false));
                 !done)
                 return fail(done.error());
             return edit.changes();
         }});
    return finding;
}

} // namespace sallyport::inspector
