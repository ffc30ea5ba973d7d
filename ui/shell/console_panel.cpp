// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/console_panel.h"

#include "ui/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTime>

namespace sallyport::shell {

namespace {

using theme::grid;

constexpr int mostLines = 5000;
constexpr int dropAtOnce = 500;

} // namespace

ConsolePanel::ConsolePanel(session::Context &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
{
    setObjectName(QStringLiteral("consolePanel"));
    m_choice = new QComboBox(this);
    m_choice->setObjectName(QStringLiteral("consoleChoice"));
    m_choice->setAccessibleName(tr("Whose output"));
    m_choice->setMinimumWidth(32 * grid);
    m_choice->addItem(tr("Everything"));
    auto *clear = new QPushButton(tr("Clear"), this);
    m_text = new QPlainTextEdit(this);
    m_text->setObjectName(QStringLiteral("consoleText"));
    m_text->setAccessibleName(tr("Output of the lab"));
    m_text->setReadOnly(true);
    m_text->setMaximumBlockCount(mostLines);
    m_text->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_text->setFont(theme::Theme::instance().font(theme::TextStyle::Mono));
    m_text->setFrameShape(QFrame::NoFrame);
    m_text->setPlaceholderText(tr("What the lab's processes print appears here."));
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(2 * grid, grid, 2 * grid, grid);
    bar->setSpacing(grid);
    bar->addWidget(m_choice);
    bar->addStretch();
    bar->addWidget(clear);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(bar);
    layout->addWidget(m_text, 1);
    connect(clear, &QPushButton::clicked, this, [this] {
        m_lines.clear();
        m_text->clear();
    });
    connect(m_choice, &QComboBox::currentIndexChanged, this, &ConsolePanel::showAll);
    connect(&m_output, &ProcessOutput::printed, this, &ConsolePanel::add);
    const session::LabSession &lab = context.lab;
    connect(&lab, &session::LabSession::planChanged, this, [this] {
        m_output.setPlan(m_context.lab.plan());
        offerProcesses();
    });
    connect(&lab, &session::LabSession::stateChanged, this, [this](session::LabState state) {
        switch (state) {
        case session::LabState::Starting:
            return say(tr("starting the lab"));
        case session::LabState::Running:
            return say(tr("every process is ready"));
        case session::LabState::Stopped:
            return say(tr("the lab is stopped"));
        case session::LabState::Failed:
            return say(m_context.lab.failure());
        case session::LabState::Stopping:
            return;
        }
    });
    connect(&lab, &session::LabSession::nodeChanged, this, [this](const control::NodeStatus &status) {
        if (status.state == control::NodeState::Exited || status.state == control::NodeState::Failed)
            say(tr("%1 is down: %2").arg(status.process, status.reason));
    });
    connect(&lab, &session::LabSession::applied, this, [this](const QStringList &problems) {
        if (problems.isEmpty())
            say(tr("the changed project runs"));
        for (const QString &problem : problems)
            say(problem);
    });
}

void ConsolePanel::say(const QString &line)
{
    add({}, line);
}

void ConsolePanel::add(const QString &process, const QString &text)
{
    for (const QString &each : text.split(QLatin1Char('\n'))) {
        m_lines.append({process, each});
        append(m_lines.constLast());
    }
    if (m_lines.size() > mostLines)
        m_lines.remove(0, dropAtOnce);
}

void ConsolePanel::append(const Line &line)
{
    const QString chosen = m_choice->currentIndex() > 0 ? m_choice->currentText() : QString();
    if (!chosen.isEmpty() && line.process != chosen)
        return;
    const QString who = line.process.isEmpty() ? QStringLiteral("lab") : line.process;
    m_text->appendPlainText(chosen.isEmpty() ? who + QStringLiteral("  ") + line.text : line.text);
}

void ConsolePanel::showAll()
{
    m_text->clear();
    for (const Line &line : std::as_const(m_lines))
        append(line);
}

void ConsolePanel::offerProcesses()
{
    const std::shared_ptr<const lab::LabPlan> plan = m_context.lab.plan();
    if (!plan)
        return;
    for (const lab::Process &process : plan->processes) {
        const QString name = QString::fromStdString(process.name);
        if (m_choice->findText(name) < 0)
            m_choice->addItem(name);
    }
}

} // namespace sallyport::shell
