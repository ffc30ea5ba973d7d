// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/top_bar.h"

#include "core/lab/project_template.h"
#include "ui/shell/search_button.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStandardItemModel>
#include <QToolButton>

namespace sallyport::shell {

namespace {

using theme::grid;
using theme::Look;
using theme::Role;

constexpr int barHeight = 6 * grid;

QToolButton *actionButton(QAction *action, QWidget *parent)
{
    auto *button = new QToolButton(parent);
    button->setDefaultAction(action);
    button->setToolButtonStyle(Qt::ToolButtonIconOnly);
    button->setFocusPolicy(Qt::TabFocus);
    button->setObjectName(QStringLiteral("top_") + action->objectName());
    return button;
}

} // namespace

TopBar::TopBar(session::Context &context, Actions &actions, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_actions(actions)
{
    setFixedHeight(barHeight);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(2 * grid, 0, 2 * grid, 0);
    layout->setSpacing(grid);
    auto *name = new QLabel(QStringLiteral("Sallyport"), this);
    name->setFont(theme::Theme::instance().font(theme::TextStyle::Title));
    m_project = new QLabel(this);
    m_project->setObjectName(QStringLiteral("projectName"));
    theme::setLook(m_project, Look::Muted);
    layout->addWidget(name);
    layout->addWidget(m_project);
    layout->addSpacing(2 * grid);
    addStages(*layout);
    layout->addWidget(actionButton(actions[Command::HelpGuide], this));
    layout->addSpacing(2 * grid);

    m_lab = new QPushButton(this);
    m_lab->setObjectName(QStringLiteral("labButton"));
    connect(m_lab, &QPushButton::clicked, this, [this] {
        const bool stops = m_context.lab.isRunning();
        m_actions[stops ? Command::LabStop : Command::LabStart]->trigger();
    });
    layout->addWidget(m_lab);
    m_engine = new QComboBox(this);
    m_engine->setObjectName(QStringLiteral("engineChoice"));
    m_engine->setAccessibleName(tr("Engine of the next start"));
    m_engine->setToolTip(tr("Which program the proxies are, from the next start on"));
    m_engine->addItem(tr("Engine: embedded"), static_cast<int>(control::Engine::Embedded));
    m_engine->addItem(tr("Engine: Envoy"), static_cast<int>(control::Engine::Envoy));
    if (!session::LabSession::envoyIsAvailable()) {
        if (auto *model = qobject_cast<QStandardItemModel *>(m_engine->model()))
            model->item(1)->setEnabled(false);
        m_engine->setItemData(1,
                              tr("There is no Envoy on this machine: install it, or name its program in "
                                 "SALLYPORT_ENVOY."),
                              Qt::ToolTipRole);
    }
    connect(m_engine, &QComboBox::activated, this, [this](int index) {
        m_actions[index == 1 ? Command::LabEngineEnvoy : Command::LabEngineEmbedded]->trigger();
    });
    layout->addWidget(m_engine);
    layout->addStretch(1);

    auto *search = new SearchButton(actions[Command::EditPalette], this);
    search->setObjectName(QStringLiteral("searchField"));
    layout->addWidget(search);
    layout->addWidget(actionButton(actions[Command::EditUndo], this));
    layout->addWidget(actionButton(actions[Command::EditRedo], this));
    m_problems = new QToolButton(this);
    m_problems->setObjectName(QStringLiteral("problemCount"));
    m_problems->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_problems->setFocusPolicy(Qt::TabFocus);
    theme::setLook(m_problems, Look::Chip);
    connect(m_problems, &QToolButton::clicked, actions[Command::ViewProblems], &QAction::trigger);
    layout->addWidget(m_problems);

    connect(&context.project, &session::ProjectSession::opened, this, &TopBar::showProject);
    connect(&context.project, &session::ProjectSession::closed, this, &TopBar::showProject);
    connect(&context.project, &session::ProjectSession::modifiedChanged, this, &TopBar::showProject);
    connect(&context.project, &session::ProjectSession::stageChanged, this, &TopBar::showStage);
    connect(&context.lab, &session::LabSession::stateChanged, this, &TopBar::showLab);
    connect(&context.lab, &session::LabSession::engineChanged, this, &TopBar::showLab);
    showProject();
    setProblems(0, 0);
}

void TopBar::addStages(QHBoxLayout &layout)
{
    m_stages = new QWidget(this);
    m_stages->setObjectName(QStringLiteral("stages"));
    auto *row = new QHBoxLayout(m_stages);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(2);
    const QStringList names{tr("1 Direct"), tr("2 Registry"), tr("3 Egress"), tr("4 mTLS"), tr("5 Policy")};
    for (int stage = lab::firstStage; stage <= lab::lastStage; ++stage) {
        QAction *action = m_actions.stage(stage);
        auto *button = new QToolButton(m_stages);
        button->setDefaultAction(action);
        button->setText(names.at(stage - 1));
        button->setToolButtonStyle(Qt::ToolButtonTextOnly);
        button->setFocusPolicy(Qt::TabFocus);
        button->setObjectName(QStringLiteral("stageButton%1").arg(stage));
        button->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
        theme::setLook(button, Look::Segment);
        // The action's own text is the menu's: the button keeps the short one.
        connect(action, &QAction::changed, button,
                [button, text = names.at(stage - 1)] { button->setText(text); });
        row->addWidget(button);
    }
    layout.addWidget(m_stages);
}

void TopBar::setProblems(int errors, int warnings)
{
    const theme::Theme &theme = theme::Theme::instance();
    const int all = errors + warnings;
    const QString icon = errors > 0 ? QStringLiteral("error")
                         : all > 0  ? QStringLiteral("flag")
                                    : QStringLiteral("check");
    m_problems->setIcon(theme.icon(icon, errors > 0 ? Role::Bad : all > 0 ? Role::Warning : Role::Good));
    m_problems->setText(QString::number(all));
    const QString wrong = errors == 1 ? tr("1 error") : tr("%1 errors").arg(errors);
    const QString doubtful = warnings == 1 ? tr("1 warning") : tr("%1 warnings").arg(warnings);
    m_problems->setToolTip(all == 0 ? tr("No problems") : tr("%1, %2: show them").arg(wrong, doubtful));
    m_problems->setAccessibleName(m_problems->toolTip());
}

void TopBar::showProject()
{
    const bool open = m_context.project.isOpen();
    m_project->setText(open ? m_context.project.title() : QString());
    m_project->setToolTip(m_context.project.folder());
    showStage();
    showLab();
}

void TopBar::showStage()
{
    m_stages->setVisible(m_context.project.stage() > 0);
}

void TopBar::showLab()
{
    const theme::Theme &theme = theme::Theme::instance();
    const session::LabState state = m_context.lab.state();
    const bool stops = m_context.lab.isRunning();
    m_lab->setText(state == session::LabState::Starting   ? tr("Starting… stop")
                   : state == session::LabState::Stopping ? tr("Stopping…")
                   : stops                                ? tr("Stop lab")
                                                          : tr("Start lab"));
    theme::setLook(m_lab, stops ? Look::Stop : Look::Confirm);
    m_lab->setIcon(theme.icon(stops ? QStringLiteral("stop") : QStringLiteral("play"),
                              stops ? Role::Bad : Role::AccentText));
    m_lab->setEnabled(m_context.project.isOpen() && state != session::LabState::Stopping);
    m_lab->setToolTip(m_actions[stops ? Command::LabStop : Command::LabStart]->toolTip());
    m_engine->setCurrentIndex(m_context.lab.engine() == control::Engine::Envoy ? 1 : 0);
}

} // namespace sallyport::shell
