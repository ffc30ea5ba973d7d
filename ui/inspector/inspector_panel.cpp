// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/inspector_panel.h"

#include "ui/editor/editor_panel.h"
#include "ui/inspector/explain_view.h"
#include "ui/inspector/form_edit.h"
#include "ui/inspector/form_view.h"
#include "ui/inspector/hop_advice.h"
#include "ui/inspector/live_view.h"
#include "ui/inspector/request_facts.h"
#include "ui/problems/project_findings.h"
#include "ui/theme/empty_state.h"
#include "ui/theme/status_chip.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QTabWidget>
#include <algorithm>

namespace sallyport::inspector {

InspectorPanel::InspectorPanel(session::Context &context, topology::ChainModel &chain,
                               problems::FindingList &findings, const traffic::RequestStore &requests,
                               QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_chain(chain)
    , m_findings(findings)
    , m_requests(requests)
    , m_explainer(context)
{
    setObjectName(QStringLiteral("inspectorPanel"));
    m_empty = new theme::EmptyState(this);
    auto *page = new QWidget(this);
    auto *inner = new QVBoxLayout(page);
    inner->setContentsMargins(0, 0, 0, 0);
    inner->setSpacing(0);
    inner->addWidget(makeHead());
    inner->addWidget(makeTabs(), 1);
    m_pages = new QStackedWidget(this);
    m_pages->addWidget(m_empty);
    m_pages->addWidget(page);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_pages);
    connectForm();

    using session::LabSession;
    using session::ProjectSession;
    connect(&context.selection, &session::Selection::changed, this, &InspectorPanel::follow);
    connect(&chain, &topology::ChainModel::chainChanged, this, &InspectorPanel::follow);
    connect(&context.project, &ProjectSession::projectChanged, this, &InspectorPanel::follow);
    connect(&context.project, &ProjectSession::closed, this, &InspectorPanel::follow);
    connect(&findings, &problems::FindingList::changed, this, &InspectorPanel::showForm);
    connect(&chain, &topology::ChainModel::liveChanged, this, &InspectorPanel::showLive);
    connect(&context.lab, &LabSession::nodeChanged, this, [this](const control::NodeStatus &status) {
        m_record.setNode(status, QDateTime::currentDateTime());
    });
    connect(&context.lab, &LabSession::logEntries, this,
            [this](const QList<control::LogEntry> &entries) { m_record.addEntries(entries); });
    connect(&context.lab, &LabSession::statsChanged, this,
            [this](const QList<control::StatsSnapshot> &snapshots) { m_record.addStats(snapshots); });
    connect(&context.lab, &LabSession::stateChanged, this, [this](session::LabState state) {
        if (state == session::LabState::Starting)
            m_record.clear();
    });
    connect(&m_explainer, &Explainer::changed, this,
            [this] { m_explain->setExplanation(m_explainer.explanation(), m_explainer.error()); });
    connect(&theme::Theme::instance(), &theme::Theme::changed, this, &InspectorPanel::showHead);
    follow();
}

InspectorPanel::~InspectorPanel() = default;

void InspectorPanel::change(
    const QString &name,
    const std::function<Result<void>(model::ProjectEdit &, const model::Resource &)> &edit)
{
    const session::ProjectPtr project = m_context.project.project();
    const auto where = resource();
    const model::Resource *shown = project && where ? resourceOf(*project, *where) : nullptr;
    if (!shown)
        return;
    model::ProjectEdit changed(m_context.project.files());
    Result<void> done = edit(changed, *shown);
    if (done) {
        m_context.project.endMerging();
        done = m_context.project.apply(name, changed);
    }
    if (!done) {
        Q_EMIT message(QString::fromStdString(done.error().toString()));
        showForm();
    }
}

void InspectorPanel::follow()
{
    const session::SelectedThing &thing = m_context.selection.current();
    const session::ProjectPtr project = m_context.project.project();
    const bool another = thing != m_thing;
    std::optional<RequestFacts> facts;
    if (const auto *request = std::get_if<session::RequestSelection>(&thing); request && project)
        facts = factsOf(m_requests, request->requestId, *project);
    Subject subject = project ? subjectOf(thing, m_chain.chain(), project.get(), facts) : Subject();
    m_thing = thing;
    if (another)
        m_asked = false;
    if (another || subject != m_subject) {
        const auto before = resource();
        m_subject = std::move(subject);
        const QSignalBlocker blocker(m_choice);
        m_choice->clear();
        for (const topology::ResourceLink &link : m_subject.resources)
            m_choice->addItem(link.title);
        // A changed project may have changed the list; what was looked at stays if it can.
        const auto same = std::find_if(
            m_subject.resources.begin(), m_subject.resources.end(),
            [&](const topology::ResourceLink &link) { return !another && before && link.where == *before; });
        if (same != m_subject.resources.end())
            m_choice->setCurrentIndex(static_cast<int>(same - m_subject.resources.begin()));
        if (another || before != resource())
            m_opened.clear();
        showHead();
        showTabs();
    } else if (m_subject.kind == Subject::Kind::None) {
        showHead(); // a project was opened or closed
    }
    showText();
    showForm();
    showLive();
    showExplain();
}

std::optional<session::ResourceSelection> InspectorPanel::resource() const
{
    const int index = m_choice->currentIndex();
    if (index < 0 || index >= static_cast<int>(m_subject.resources.size()))
        return std::nullopt;
    return m_subject.resources[static_cast<std::size_t>(index)].where;
}

void InspectorPanel::chooseResource(int index)
{
    m_choice->setCurrentIndex(index);
    m_opened.clear();
    showText();
    showForm();
}

void InspectorPanel::showText()
{
    const auto where = resource();
    if (!where) {
        m_editor->clear();
        return;
    }
    m_editor->showResource(*where);
    Q_EMIT resourceShown(*where);
}

void InspectorPanel::showForm()
{
    if (m_tabs->currentWidget() != m_formPages)
        return;
    const session::ProjectPtr project = m_context.project.project();
    const auto where = resource();
    const model::Resource *shown = project && where ? resourceOf(*project, *where) : nullptr;
    m_formPages->setCurrentIndex(shown ? 0 : 1);
    if (!shown) {
        const bool broken = where && !where->file.isEmpty();
        const bool credential = std::holds_alternative<session::CredentialSelection>(m_thing);
        m_noForm->set(broken ? QStringLiteral("error") : QStringLiteral("file"),
                      broken       ? tr("The YAML cannot be read")
                      : credential ? tr("No resource names it")
                                   : tr("No resource makes this"),
                      broken ? tr("Mend it in the YAML tab; its fields show here as soon as it reads.")
                      : credential
                          ? tr("A DestinationRule or a Gateway uses it by its credentialName.")
                          : tr("It comes from Istio's defaults. A DestinationRule, a VirtualService or a "
                               "policy for it would show here."));
        return;
    }
    std::vector<problems::Finding> findings = m_findings.all();
    // What is to be looked at is told beside the resource that decides most.
    std::vector<topology::HopFlag> flags;
    if (m_choice->currentIndex() == 0)
        flags = m_subject.flags;
    const topology::ChainHop *hop = m_subject.hop ? m_chain.chain().findHop(*m_subject.hop) : nullptr;
    if (hop) {
        if (const auto advice = nameNotVerified(*hop, *shown)) {
            // Another check may have said it already, of the field or of the TLS that lacks it.
            const bool known =
                std::any_of(findings.begin(), findings.end(), [&](const problems::Finding &each) {
                    return each.file == advice->file && !each.fieldPath.isEmpty() &&
                           advice->fieldPath.startsWith(each.fieldPath) &&
                           (each.message + each.hint).contains(QLatin1String("subjectAltNames"));
                });
            if (!known)
                findings.push_back(*advice);
            // It stands at its field.
            std::erase_if(flags, [](const topology::HopFlag &flag) {
                return flag.text == QCoreApplication::translate("Chain", "server name not verified");
            });
        }
    }
    m_form->setForm(formOf(*project, *shown, findings, m_opened), flags);
}

void InspectorPanel::showLive()
{
    if (m_tabs->currentWidget() != m_live)
        return;
    m_live->empty().set(QStringLiteral("play"), tr("The lab does not run"),
                        tr("Start it to see what this is doing right now."));
    std::vector<LiveGroup> groups;
    const QDateTime now = QDateTime::currentDateTime();
    if (m_chain.isLabRunning()) {
        if (const topology::ChainNode *node = m_chain.chain().findNode(m_subject.node))
            groups = liveOf(*node, m_chain.flowAt(*node), m_chain.processesOf(*node),
                            m_context.lab.certificates(), m_context.lab.plan().get(), m_record, now);
        else if (const topology::ChainHop *hop =
                     m_subject.hop ? m_chain.chain().findHop(*m_subject.hop) : nullptr)
            groups = liveOf(*hop, m_chain.lifeOf(*hop), m_record, now);
    }
    m_live->setGroups(groups);
}

void InspectorPanel::showExplain()
{
    const bool wanted = m_tabs->currentWidget() == m_explain;
    const topology::Chain &chain = m_chain.chain();
    const topology::ChainHop *hop = m_subject.hop ? chain.findHop(*m_subject.hop) : nullptr;
    if (!wanted || chain.nodes.empty()) {
        m_explainer.setWanted(false);
        return;
    }
    QStringList senders;
    for (const topology::ChainNode &node : chain.nodes) {
        if (node.role == topology::NodeRole::Sidecar || node.role == topology::NodeRole::Application)
            senders.append(node.name);
    }
    QStringList place;
    if (hop)
        place = {hop->from, hop->to};
    else if (!m_subject.node.isEmpty())
        place = {m_subject.node};
    m_explain->setPlace(place);
    if (!m_asked) {
        std::optional<explain::Request> question;
        if (const auto *request = m_context.selection.as<session::RequestSelection>())
            question = questionOf(m_requests, request->requestId);
        if (!question) {
            question.emplace();
            question->from = senders.value(0).toStdString();
            const QString host = hop ? hop->hosts.value(0) : QString();
            const QString any = chain.hops.empty() ? QString() : chain.hops.front().hosts.value(0);
            question->url = "http://" + (host.isEmpty() ? any : host).toStdString() + "/";
        }
        const auto &now = m_explainer.request();
        if (!now || now->url != question->url || now->method != question->method ||
            now->from != question->from) {
            m_explainer.ask(*question);
            m_explain->setQuestion(*question, senders);
        }
    }
    m_explainer.setWanted(true);
}

void InspectorPanel::showYaml()
{
    Q_EMIT raiseWanted();
    m_tabs->setCurrentWidget(m_editor);
}

void InspectorPanel::showResource(const session::ResourceSelection &where)
{
    const auto listed = std::find_if(
        m_subject.resources.begin(), m_subject.resources.end(), [&](const topology::ResourceLink &link) {
            return link.where.file == where.file && link.where.document == where.document &&
                   link.where.listItem == where.listItem;
        });
    if (listed != m_subject.resources.end())
        chooseResource(static_cast<int>(listed - m_subject.resources.begin()));
    else
        m_context.selection.set(where);
    showYaml();
}

void InspectorPanel::showPlace(const QString &file, int line, int column)
{
    const session::ProjectPtr project = m_context.project.project();
    const model::Resource *there =
        project ? problems::resourceAt(*project, file.toStdString(), line) : nullptr;
    const session::ResourceSelection where =
        there ? problems::selectionOf(*there) : session::ResourceSelection{file, 0, -1, {}};
    showResource(where);
    m_editor->showPlace(file, line, column);
}

void InspectorPanel::explain(const explain::Request &request)
{
    Q_EMIT raiseWanted();
    m_asked = true;
    m_explainer.ask(request);
    QStringList senders;
    for (const topology::ChainNode &node : m_chain.chain().nodes) {
        if (node.role == topology::NodeRole::Sidecar || node.role == topology::NodeRole::Application)
            senders.append(node.name);
    }
    m_explain->setQuestion(request, senders);
    m_tabs->setTabVisible(m_tabs->indexOf(m_explain), true);
    m_tabs->setCurrentWidget(m_explain);
}

bool InspectorPanel::openFind()
{
    if (!m_editor->isActive())
        return false;
    m_editor->openFind();
    return true;
}

bool InspectorPanel::openReplace()
{
    showYaml();
    if (m_editor->file().isEmpty())
        return false;
    m_editor->openReplace();
    return true;
}

} // namespace sallyport::inspector
