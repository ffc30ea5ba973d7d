// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/editor_panel.h"
#include "ui/inspector/explain_view.h"
#include "ui/inspector/form_edit.h"
#include "ui/inspector/form_view.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/inspector/live_view.h"
#include "ui/inspector/wrapped_label.h"
#include "ui/theme/empty_state.h"
#include "ui/theme/status_chip.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QStackedWidget>
#include <QTabWidget>

namespace sallyport::inspector {

using theme::grid;
using theme::half;

QWidget *InspectorPanel::makeHead()
{
    auto *head = new QWidget(this);
    m_title = new WrappedLabel({}, theme::Look::Title, head);
    m_title->setObjectName(QStringLiteral("inspectorTitle"));
    m_detail = new WrappedLabel({}, theme::Look::Muted, head);
    m_chips = new QWidget(head);
    m_chipRow = new QHBoxLayout(m_chips);
    m_chipRow->setContentsMargins(0, half, 0, 0);
    m_chipRow->setSpacing(half);
    m_choice = new QComboBox(head);
    m_choice->setObjectName(QStringLiteral("inspectorResource"));
    m_choice->setAccessibleName(tr("Which resource"));
    m_choice->setToolTip(tr("The resources that make what is selected"));
    m_choice->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_choice->setMinimumContentsLength(12);
    connect(m_choice, &QComboBox::activated, this, &InspectorPanel::chooseResource);
    auto *layout = new QVBoxLayout(head);
    layout->setContentsMargins(2 * grid, grid + half, 2 * grid, half);
    layout->setSpacing(half);
    layout->addWidget(m_title);
    layout->addWidget(m_detail);
    layout->addWidget(m_chips);
    layout->addSpacing(half);
    layout->addWidget(m_choice);
    return head;
}

QWidget *InspectorPanel::makeTabs()
{
    m_tabs = new QTabWidget(this);
    m_tabs->setObjectName(QStringLiteral("inspectorTabs"));
    m_tabs->setDocumentMode(true);
    m_form = new FormView(m_tabs);
    m_noForm = new theme::EmptyState(m_tabs);
    m_formPages = new QStackedWidget(m_tabs);
    m_formPages->addWidget(m_form);
    m_formPages->addWidget(m_noForm);
    m_editor = new editor::EditorPanel(m_context, m_findings, m_tabs);
    m_explain = new ExplainView(m_tabs);
    m_live = new LiveView(m_tabs);
    m_tabs->addTab(m_formPages, tr("Form"));
    m_tabs->addTab(m_editor, tr("YAML"));
    m_tabs->addTab(m_explain, tr("Explain"));
    m_tabs->addTab(m_live, tr("Live"));
    connect(m_tabs, &QTabWidget::currentChanged, this, [this] {
        showForm();
        showLive();
        showExplain();
    });
    connect(m_editor, &editor::EditorPanel::message, this, &InspectorPanel::message);
    connect(m_editor, &editor::EditorPanel::placeWanted, this, &InspectorPanel::showPlace);
    connect(m_explain, &ExplainView::placeWanted, this, &InspectorPanel::showPlace);
    connect(m_explain, &ExplainView::asked, this, [this](const explain::Request &request) {
        m_asked = true;
        m_explainer.ask(request);
    });
    return m_tabs;
}

void InspectorPanel::connectForm()
{
    connect(m_form, &FormView::textCommitted, this, [this](const FormField &field, const QString &text) {
        m_opened.erase(field.path);
        change(text.isEmpty() ? tr("take %1 out").arg(field.label)
                              : field.label + QStringLiteral(": ") + text,
               [&](model::ProjectEdit &edit, const model::Resource &resource) {
                   return setText(edit, resource, field, text);
               });
    });
    connect(m_form, &FormView::itemsCommitted, this,
            [this](const FormField &field, const QStringList &items) {
                m_opened.erase(field.path);
                change(field.label + QStringLiteral(": ") + items.join(QStringLiteral(", ")),
                       [&](model::ProjectEdit &edit, const model::Resource &resource) {
                           return setItems(edit, resource, field, items);
                       });
            });
    connect(m_form, &FormView::pairsCommitted, this,
            [this](const FormField &field, const QList<std::pair<QString, QString>> &pairs) {
                m_opened.erase(field.path);
                change(tr("change %1").arg(field.label),
                       [&](model::ProjectEdit &edit, const model::Resource &resource) {
                           return setPairs(edit, resource, field, pairs);
                       });
            });
    connect(m_form, &FormView::removeWanted, this, [this](const std::string &path, const QString &label) {
        std::erase_if(m_opened, [&path](const std::string &each) { return each.starts_with(path); });
        change(tr("take %1 out").arg(label), [&](model::ProjectEdit &edit, const model::Resource &resource) {
            return removePath(edit, resource, path);
        });
    });
    connect(m_form, &FormView::fieldWanted, this, [this](const std::string &path) {
        m_opened.insert(path);
        showForm();
        m_form->focusField(path);
    });
    connect(m_form, &FormView::fixWanted, this, [this](const problems::Fix &fix) {
        if (const auto done = m_findings.apply(fix); !done)
            Q_EMIT message(QString::fromStdString(done.error().toString()));
    });
}

void InspectorPanel::showHead()
{
    m_pages->setCurrentIndex(m_subject.kind == Subject::Kind::None ? 0 : 1);
    if (m_subject.kind == Subject::Kind::None) {
        m_empty->set(
            QStringLiteral("eye"), tr("Nothing is selected"),
            m_context.project.isOpen()
                ? tr("Choose a card or an arrow of the picture, a resource of the project or a request: "
                     "its fields, its YAML and what it does now show here.")
                : tr("Open a project first."));
        return;
    }
    m_title->setWords(m_subject.title);
    m_detail->setWords(m_subject.detail);
    m_detail->setVisible(!m_subject.detail.isEmpty());
    while (QLayoutItem *item = m_chipRow->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const SubjectChip &chip : m_subject.chips) {
        auto *made = new theme::StatusChip(m_chips);
        made->set(chip.role, chip.icon, chip.text);
        made->setToolTip(chip.why);
        m_chipRow->addWidget(made);
    }
    m_chipRow->addStretch();
    m_chips->setVisible(!m_subject.chips.empty());
    m_choice->setVisible(m_subject.resources.size() > 1);
}

void InspectorPanel::showTabs()
{
    using Kind = Subject::Kind;
    const bool runs = m_subject.kind == Kind::Node || m_subject.kind == Kind::Hop;
    // Names and checks of the lab are texts only.
    const bool settings = !m_subject.resources.empty() &&
                          m_subject.resources.front().where.file.startsWith(QLatin1String(".sallyport/"));
    m_tabs->setTabVisible(m_tabs->indexOf(m_formPages), !settings);
    m_tabs->setTabVisible(m_tabs->indexOf(m_live), runs);
    m_tabs->setTabVisible(m_tabs->indexOf(m_explain), runs || m_subject.kind == Kind::Request);
}

} // namespace sallyport::inspector
