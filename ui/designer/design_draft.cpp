// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/designer/design_draft.h"

#include "ui/designer/route_ends.h"

#include <QRegularExpression>

namespace sallyport::designer {

namespace {

using design::DesignField;
using design::RouteDesign;

constexpr std::chrono::milliseconds typingPause(200);

} // namespace

DesignDraft::DesignDraft(session::ProjectSession &project, QObject *parent)
    : QObject(parent)
    , m_project(project)
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(typingPause);
    connect(&m_timer, &QTimer::timeout, this, &DesignDraft::look);
    connect(&project, &session::ProjectSession::projectChanged, this, &DesignDraft::change);
    connect(&project, &session::ProjectSession::closed, this, [this] {
        m_timer.stop();
        m_typed.clear();
        m_design = {};
        m_preview = {};
        m_known = ++m_wanted;
        Q_EMIT proposed();
        Q_EMIT previewed();
    });
}

DesignDraft::~DesignDraft()
{
    m_worker.waitForDone();
}

void DesignDraft::begin(const RouteDesign &design)
{
    m_typed.clear();
    m_design = design;
    Q_EMIT proposed();
    change();
}

void DesignDraft::setHost(const std::string &host)
{
    if (host == m_design.host || !m_project.isOpen())
        return;
    RouteDesign fresh = usualDesign(*m_project.project(), m_design.mesh, host);
    // A host that is new to the project says nothing of who calls and through what.
    fresh.clients = m_design.clients;
    fresh.gateway = m_design.gateway;
    fresh.gatewayPort = m_design.gatewayPort;
    if (fresh.credentialName.empty())
        fresh.credentialName = m_design.credentialName;
    propose(fresh);
}

void DesignDraft::setMesh(const std::string &mesh)
{
    if (mesh == m_design.mesh || !m_project.isOpen())
        return;
    m_typed.clear();
    propose(usualDesign(*m_project.project(), mesh, m_design.host));
}

/// Takes over what is fresh, but what the person typed.
void DesignDraft::propose(const RouteDesign &fresh)
{
    const RouteDesign mine = std::exchange(m_design, fresh);
    const auto keep = [&](DesignField field, auto RouteDesign::*member) {
        if (isTyped(field))
            m_design.*member = mine.*member;
    };
    keep(DesignField::Clients, &RouteDesign::clients);
    keep(DesignField::NameSpace, &RouteDesign::nameSpace);
    keep(DesignField::ClientPort, &RouteDesign::clientPort);
    keep(DesignField::Addresses, &RouteDesign::addresses);
    keep(DesignField::Gateway, &RouteDesign::gateway);
    keep(DesignField::GatewayPort, &RouteDesign::gatewayPort);
    keep(DesignField::ExternalPort, &RouteDesign::externalPort);
    keep(DesignField::Encryption, &RouteDesign::encryption);
    keep(DesignField::Credential, &RouteDesign::credentialName);
    keep(DesignField::Sni, &RouteDesign::sni);
    keep(DesignField::SubjectAltNames, &RouteDesign::subjectAltNames);
    keep(DesignField::Allowed, &RouteDesign::allowed);
    m_design.registryOnly = m_design.registryOnly || mine.registryOnly;
    Q_EMIT proposed();
    change();
}

void DesignDraft::edit(DesignField field, const RouteDesign &changed)
{
    m_typed.insert(static_cast<int>(field));
    if (changed == m_design)
        return;
    m_design = changed;
    change();
}

void DesignDraft::change()
{
    ++m_wanted;
    Q_EMIT changed();
    m_timer.start();
}

/// One run at a time; what changed meanwhile is looked at when it is done.
void DesignDraft::look()
{
    if (!m_project.isOpen() || m_looking)
        return;
    m_looking = true;
    m_worker.start([this, number = m_wanted, design = m_design, project = m_project.project()] {
        QMetaObject::invokeMethod(
            this,
            [this, number, preview = previewOf(*project, design)] {
                m_looking = false;
                if (number == m_wanted) {
                    m_preview = preview;
                    m_known = number;
                    Q_EMIT previewed();
                } else if (!isCurrent() && !m_timer.isActive()) {
                    look();
                }
            },
            Qt::QueuedConnection);
    });
}

bool DesignDraft::canApply() const
{
    return m_project.isOpen() && isCurrent() && !m_preview.hasErrors() && !m_preview.changes.empty();
}

Result<void> DesignDraft::apply()
{
    if (!canApply())
        return fail("the route cannot be made as it is");
    m_project.endMerging();
    return m_project.apply(tr("Route to %1").arg(QString::fromStdString(m_design.host)), m_preview.changes);
}

QString listText(const std::vector<std::string> &values)
{
    QStringList list;
    for (const std::string &value : values)
        list.append(QString::fromStdString(value));
    return list.join(QStringLiteral(", "));
}

std::vector<std::string> listFromText(const QString &text)
{
    static const QRegularExpression between(QStringLiteral("[,\\s]+"));
    std::vector<std::string> values;
    for (const QString &value : text.split(between, Qt::SkipEmptyParts))
        values.push_back(value.toStdString());
    return values;
}

QString workloadsText(const std::vector<design::WorkloadName> &names)
{
    std::vector<std::string> values;
    for (const design::WorkloadName &name : names)
        values.push_back(name.toString());
    return listText(values);
}

std::vector<design::WorkloadName> workloadsFromText(const QString &text)
{
    std::vector<design::WorkloadName> names;
    for (const std::string &value : listFromText(text))
        names.push_back(design::workloadFromText(value));
    return names;
}

} // namespace sallyport::designer
