// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/subject.h"

#include "core/model/credential_reference.h"
#include "ui/inspector/form_choices.h"
#include "ui/topology/hop_item.h"

#include <QCoreApplication>
#include <algorithm>

namespace sallyport::inspector {

namespace {

using theme::Role;
using topology::ChainHop;
using topology::ChainNode;
using topology::HopKind;
using topology::NodeRole;

QString tr(const char *text)
{
    return QCoreApplication::translate("Subject", text);
}

QString titleOf(const topology::Chain &chain, const QString &node)
{
    const ChainNode *found = chain.findNode(node);
    return found ? found->title : node.section(QLatin1Char('/'), -1);
}

void fromHop(Subject &subject, const topology::Chain &chain, const ChainHop &hop)
{
    subject.hop = hop.selection();
    subject.flags = hop.flags;
    subject.chips.push_back(
        {topology::roleOf(hop.kind),
         hop.kind == HopKind::Plaintext ? QStringLiteral("lock-open") : QStringLiteral("lock"),
         topology::shortName(hop.kind), hop.cluster});
    for (const topology::HopFlag &flag : hop.flags)
        subject.chips.push_back({flag.broken ? Role::Bad : Role::Warning,
                                 flag.broken ? QStringLiteral("error") : QStringLiteral("flag"), flag.text,
                                 flag.why});
    subject.resources = hop.resources;
    // Who may pass at the end of it is part of what it is.
    if (const ChainNode *receiver = chain.findNode(hop.to)) {
        for (const topology::PolicyMark &policy : receiver->policies)
            subject.resources.push_back(policy.resource);
    }
}

void fromNode(Subject &subject, const ChainNode &node)
{
    const auto role = [&] {
        switch (node.role) {
        case NodeRole::Sidecar:
            return SubjectChip{Role::TextMuted, QStringLiteral("sidecar"), tr("sidecar"), {}};
        case NodeRole::Gateway:
            return SubjectChip{Role::TextMuted, QStringLiteral("gateway"), tr("gateway"), {}};
        case NodeRole::Application:
            return SubjectChip{Role::TextMuted, QStringLiteral("application"), tr("no proxy"), {}};
        case NodeRole::External:
            return SubjectChip{Role::TextMuted, QStringLiteral("globe"), tr("outside of every mesh"), {}};
        }
        return SubjectChip();
    };
    subject.node = node.name;
    subject.title = node.title;
    subject.detail = node.role == NodeRole::External
                         ? QString()
                         : node.nameSpace + QStringLiteral(" · ") + tr("mesh %1").arg(node.mesh);
    subject.chips.push_back(role());
    for (const topology::PolicyMark &policy : node.policies) {
        const bool denies = policy.action == QLatin1String("DENY");
        subject.chips.push_back({denies ? Role::Warning : Role::TextMuted, QStringLiteral("shield"),
                                 policy.action + QLatin1Char(' ') + policy.name.section(QLatin1Char('/'), -1),
                                 policy.dryRun ? tr("dry run: it only says what it would do") : QString()});
    }
    subject.resources.push_back(node.resource);
    for (const topology::PolicyMark &policy : node.policies)
        subject.resources.push_back(policy.resource);
}

void fromResource(Subject &subject, const model::Project *project, const session::ResourceSelection &where)
{
    const model::Resource *resource = project ? resourceOf(*project, where) : nullptr;
    if (!resource) {
        subject.title = where.file.section(QLatin1Char('/'), -1);
        subject.detail = where.file;
        subject.resources.push_back({subject.title, where});
        return;
    }
    subject.title = QString::fromStdString(resource->metadata.name);
    subject.detail = QString::fromStdString(resource->kind + " · " + resource->metadata.resourceNamespace);
    if (const model::Mesh *mesh = meshOf(*project, *resource))
        subject.detail += QStringLiteral(" · ") + tr("mesh %1").arg(QString::fromStdString(mesh->name));
    topology::ResourceLink link = topology::linkTo(*resource);
    link.where.fieldPath = where.fieldPath;
    subject.resources.push_back(link);
}

/// The resources that name it, at their fields.
void fromCredential(Subject &subject, const model::Project *project,
                    const session::CredentialSelection &selected)
{
    subject.title = selected.name;
    subject.detail = tr("credential") + QStringLiteral(" · ") + selected.nameSpace + QStringLiteral(" · ") +
                     tr("mesh %1").arg(selected.mesh);
    const model::Mesh *mesh = project ? project->findMesh(selected.mesh.toStdString()) : nullptr;
    if (!mesh)
        return;
    for (const model::CredentialReference &use : model::credentialReferences(*mesh)) {
        if (use.credential != selected.name.toStdString())
            continue;
        topology::ResourceLink link = topology::linkTo(*use.resource);
        link.where.fieldPath = QString::fromStdString(use.path);
        subject.resources.push_back(link);
    }
}

} // namespace

bool Subject::operator==(const Subject &other) const
{
    return kind == other.kind && title == other.title && detail == other.detail && chips == other.chips &&
           resources == other.resources && flags == other.flags && node == other.node && hop == other.hop;
}

const model::Resource *resourceOf(const model::Project &project, const session::ResourceSelection &where)
{
    for (const model::Mesh &mesh : project.meshes) {
        for (const model::Resource *resource : mesh.allResources()) {
            if (resource->document == where.document && resource->listItem == where.listItem &&
                resource->file == where.file.toStdString())
                return resource;
        }
    }
    return nullptr;
}

Subject subjectOf(const session::SelectedThing &thing, const topology::Chain &chain,
                  const model::Project *project, const std::optional<RequestFacts> &request)
{
    Subject subject;
    if (const auto *node = std::get_if<session::NodeSelection>(&thing)) {
        if (const ChainNode *found = chain.findNode(node->name)) {
            subject.kind = Subject::Kind::Node;
            fromNode(subject, *found);
        }
    } else if (const auto *hop = std::get_if<session::HopSelection>(&thing)) {
        if (const ChainHop *found = chain.findHop(*hop)) {
            subject.kind = Subject::Kind::Hop;
            subject.title = tr("Hop %1").arg(found->number);
            const QString host = found->hosts.isEmpty() ? QString() : found->hosts.front();
            const bool leaves = found->crossesMeshes && !host.isEmpty();
            subject.detail = titleOf(chain, found->from) + QStringLiteral(" → ") +
                             (leaves ? host : titleOf(chain, found->to)) +
                             (found->port > 0 ? QLatin1Char(':') + QString::number(found->port) : QString());
            fromHop(subject, chain, *found);
        }
    } else if (const auto *resource = std::get_if<session::ResourceSelection>(&thing)) {
        subject.kind = Subject::Kind::Resource;
        fromResource(subject, project, *resource);
    } else if (const auto *credential = std::get_if<session::CredentialSelection>(&thing)) {
        subject.kind = Subject::Kind::Resource;
        fromCredential(subject, project, *credential);
    } else if (std::holds_alternative<session::RequestSelection>(thing) && request) {
        subject.kind = Subject::Kind::Request;
        subject.title = request->title;
        subject.detail = request->sentence;
        const bool bad = request->status == 0 || request->status >= 500;
        const bool refused = request->status >= 400;
        subject.chips.push_back({bad       ? Role::Bad
                                 : refused ? Role::Warning
                                           : Role::Good,
                                 bad       ? QStringLiteral("error")
                                 : refused ? QStringLiteral("minus-circle")
                                           : QStringLiteral("check"),
                                 request->status > 0 ? QString::number(request->status) : tr("no answer"),
                                 {}});
        const model::Resource *decided =
            project && request->decided ? resourceOf(*project, *request->decided) : nullptr;
        if (decided) {
            topology::ResourceLink link = topology::linkTo(*decided);
            link.where = *request->decided;
            subject.resources.push_back(link);
        }
    }
    std::erase_if(subject.resources, [](const topology::ResourceLink &link) { return link.title.isEmpty(); });
    std::vector<topology::ResourceLink> once;
    for (const topology::ResourceLink &link : subject.resources) {
        if (std::find(once.begin(), once.end(), link) == once.end())
            once.push_back(link);
    }
    subject.resources = std::move(once);
    return subject;
}

} // namespace sallyport::inspector
