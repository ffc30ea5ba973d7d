// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/request/request_panel.h"

#include "ui/request/answer_view.h"
#include "ui/request/request_composer.h"
#include "ui/theme/empty_state.h"
#include "ui/theme/panel_action.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QResizeEvent>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace sallyport::request {

namespace {

using theme::grid;
using theme::Look;
using theme::Role;
using theme::Theme;

/// Below this width the answer goes under the form.
constexpr int narrow = 90 * grid;
constexpr int mostInMenu = 20;
const std::string expectationsFile = ".sallyport/expectations.yaml";

} // namespace

RequestPanel::RequestPanel(session::Context &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_runner([this](const QString &instance, const application::Request &request,
                      std::function<void(const session::SentRequest &)> done) {
        m_context.lab.send(instance, request, std::move(done));
    })
    , m_composer(new RequestComposer(this))
    , m_answer(new AnswerView(this))
    , m_empty(new theme::EmptyState(this))
    , m_right(new QStackedWidget(this))
    , m_splitter(new QSplitter(this))
    , m_sendButton(new QPushButton(this))
    , m_progress(new QWidget(this))
    , m_bar(new QProgressBar(this))
    , m_counts(new QLabel(this))
    , m_presetMenu(new QMenu(this))
{
    setObjectName(QStringLiteral("requestPanel"));
    makeActions();
    m_sendButton->setObjectName(QStringLiteral("requestSend"));
    theme::setLook(m_sendButton, Look::Primary);
    connect(m_sendButton, &QPushButton::clicked, this,
            [this] { (m_runner.isRunning() ? m_cancel : m_send)->trigger(); });
    m_composer->addButton(m_sendButton);
    makeMenus();

    theme::setLook(m_counts, Look::Muted);
    m_counts->setObjectName(QStringLiteral("requestCounts"));
    m_bar->setObjectName(QStringLiteral("requestProgress"));
    m_bar->setAccessibleName(tr("Progress"));
    m_bar->setTextVisible(false);
    m_bar->setFixedHeight(6);
    auto *progressLayout = new QVBoxLayout(m_progress);
    progressLayout->setContentsMargins(2 * grid, grid, 2 * grid, 0);
    progressLayout->setSpacing(theme::half);
    progressLayout->addWidget(m_bar);
    progressLayout->addWidget(m_counts);
    m_progress->hide();

    m_empty->setObjectName(QStringLiteral("requestEmpty"));
    m_right->addWidget(m_empty);
    m_right->addWidget(m_answer);
    auto *right = new QWidget(this);
    auto *rightLayout = new QVBoxLayout(right);
    rightLayout->setContentsMargins(0, 0, 0, 0);
    rightLayout->setSpacing(0);
    rightLayout->addWidget(m_progress);
    rightLayout->addWidget(m_right, 1);
    m_splitter->setObjectName(QStringLiteral("requestSplitter"));
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(m_composer);
    m_splitter->addWidget(right);
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setStretchFactor(1, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    // The splitter turns when the panel becomes narrow: its width then must not bar that.
    layout->setSizeConstraint(QLayout::SetNoConstraint);
    layout->addWidget(m_splitter);

    connect(m_composer, &RequestComposer::sendWanted, m_send, &QAction::trigger);
    connect(m_composer, &RequestComposer::copied, this, &RequestPanel::message);
    connect(m_composer, &RequestComposer::edited, this, &RequestPanel::showState);
    connect(m_answer, &AnswerView::copied, this, &RequestPanel::message);
    connect(&m_runner, &RequestRunner::answer, this, &RequestPanel::onAnswer);
    connect(&m_runner, &RequestRunner::progressed, this, &RequestPanel::showProgress);
    connect(&m_runner, &RequestRunner::finished, this, [this] {
        showProgress();
        showState();
    });
    const session::LabSession &lab = m_context.lab;
    connect(&lab, &session::LabSession::planChanged, this,
            [this] { m_composer->setPlan(m_context.lab.plan()); });
    connect(&lab, &session::LabSession::stateChanged, this, [this](session::LabState state) {
        if (state != session::LabState::Running)
            m_runner.stop();
        showState();
    });
    const session::ProjectSession &project = m_context.project;
    connect(&project, &session::ProjectSession::opened, this, [this] {
        m_history.setProject(m_context.project.folder());
        m_hasAnswer = false;
        updatePresets();
        if (!m_history.items().isEmpty())
            m_composer->setDraft(m_history.items().first().draft);
        else if (!m_presets.isEmpty())
            m_composer->setDraft(m_presets.first().draft);
        showState();
    });
    connect(&project, &session::ProjectSession::closed, this, [this] {
        m_runner.stop();
        m_history.setProject({});
        m_hasAnswer = false;
        updatePresets();
        showState();
    });
    connect(&project, &session::ProjectSession::stageChanged, this, &RequestPanel::updatePresets);
    connect(&project, &session::ProjectSession::textsChanged, this, &RequestPanel::updatePresets);
    m_composer->setPlan(lab.plan());
    if (project.isOpen()) {
        m_history.setProject(project.folder());
        updatePresets();
        if (!m_presets.isEmpty())
            m_composer->setDraft(m_presets.first().draft);
    }
    showState();
}

RequestPanel::~RequestPanel()
{
    // Answers that come while the children end have nowhere to go.
    m_runner.disconnect(this);
}

void RequestPanel::makeActions()
{
    m_send = theme::panelAction(this, "requestSendAction", tr("&Send"), QStringLiteral("send"),
                                QKeySequence(Qt::CTRL | Qt::Key_Return), tr("Send the request (Ctrl+Enter)"));
    m_send->setShortcuts({QKeySequence(Qt::CTRL | Qt::Key_Return), QKeySequence(Qt::CTRL | Qt::Key_Enter)});
    m_cancel = theme::panelAction(this, "requestCancel", tr("&Cancel"), QStringLiteral("stop"),
                                  Qt::Key_Escape, tr("Send no more, wait no longer (Esc)"));
    m_older = theme::panelAction(this, "requestOlder", tr("&Older request"), QStringLiteral("chevron-up"),
                                 QKeySequence(Qt::ALT | Qt::Key_Up),
                                 tr("The request that was sent before this one (Alt+Up)"));
    m_newer = theme::panelAction(this, "requestNewer", tr("&Newer request"), QStringLiteral("chevron-down"),
                                 QKeySequence(Qt::ALT | Qt::Key_Down),
                                 tr("The request that was sent after this one (Alt+Down)"));
    m_start = theme::panelAction(this, "requestStartLab", tr("Start lab"), QStringLiteral("play"), {},
                                 tr("Start every process of the lab"));
    connect(m_send, &QAction::triggered, this, [this] { run(m_composer->repetition()); });
    connect(m_cancel, &QAction::triggered, &m_runner, &RequestRunner::stop);
    connect(m_older, &QAction::triggered, this, [this] { recall(1); });
    connect(m_newer, &QAction::triggered, this, [this] { recall(-1); });
    connect(m_start, &QAction::triggered, this, [this] { m_context.lab.start(); });
}

void RequestPanel::makeMenus()
{
    const auto button = [this](const char *name, const QString &text, const QString &tip, QMenu *menu) {
        auto *tool = new QToolButton(this);
        tool->setObjectName(QLatin1String(name));
        tool->setText(text);
        tool->setToolTip(tip);
        tool->setPopupMode(QToolButton::InstantPopup);
        tool->setMenu(menu);
        tool->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        tool->setIcon(Theme::instance().icon(QStringLiteral("chevron-down"), Role::TextMuted));
        m_composer->addTool(tool);
    };
    m_presetMenu->setToolTipsVisible(true);
    button("requestPresets", tr("Suggested"), tr("The requests of the project's own checks"), m_presetMenu);
    auto *history = new QMenu(this);
    history->setToolTipsVisible(true);
    connect(history, &QMenu::aboutToShow, this, [this, history] { fillHistory(*history); });
    button("requestHistory", tr("History"), tr("What was sent before (Alt+Up, Alt+Down)"), history);
}

QList<QAction *> RequestPanel::requestActions() const
{
    return {m_send, m_cancel, m_older, m_newer};
}

void RequestPanel::focusUrl()
{
    m_composer->focusUrl();
}

RequestDraft RequestPanel::completed(RequestDraft draft) const
{
    if (!draft.headers.isEmpty() || !draft.body.isEmpty())
        return draft;
    if (const RequestDraft *known = m_history.find(draft.method, draft.fullUrl())) {
        draft.headers = known->headers;
        draft.body = known->body;
    }
    return draft;
}

void RequestPanel::compose(const RequestDraft &draft)
{
    m_recalled = -1;
    m_composer->setDraft(completed(draft));
    focusUrl();
}

void RequestPanel::send(const RequestDraft &draft)
{
    m_recalled = -1;
    m_composer->setDraft(completed(draft));
    run({});
}

void RequestPanel::run(Repetition repetition)
{
    if (m_context.lab.state() != session::LabState::Running || m_runner.isRunning())
        return;
    const RequestDraft draft = m_composer->draft();
    if (const auto started = m_runner.start(draft, repetition); !started) {
        m_composer->setError(QString::fromStdString(started.error().toString()));
        return;
    }
    m_composer->setError({});
    m_recalled = -1;
    showState();
}

void RequestPanel::onAnswer(const session::SentRequest &sent)
{
    // Once for each run: a steady load is one request of the history.
    if (m_runner.answered() == 1) {
        SentDraft item;
        item.draft = m_runner.draft();
        item.when = QDateTime::currentDateTime();
        item.status = sent.error.isEmpty() ? sent.answer.status : 0;
        item.tookUs = sent.tookUs;
        m_history.add(item);
    }
    if (!sent.error.isEmpty())
        m_composer->setError(sent.error);
    m_hasAnswer = true;
    m_answer->show(sent);
    showState();
    Q_EMIT answered(sent);
}

void RequestPanel::recall(int step)
{
    const int wanted = m_recalled + step;
    if (wanted < -1 || wanted >= m_history.items().size())
        return;
    if (m_recalled == -1)
        m_unsent = m_composer->draft();
    // What was just sent is in the form already: the first step back goes to what was before it.
    if (m_recalled == -1 && wanted == 0 && m_history.items().first().draft == m_unsent &&
        m_history.items().size() > 1) {
        m_recalled = 1;
        m_composer->setDraft(m_history.items()[1].draft);
        return;
    }
    m_recalled = wanted;
    m_composer->setDraft(wanted == -1 ? m_unsent : m_history.items()[wanted].draft);
}

void RequestPanel::fillHistory(QMenu &menu)
{
    menu.clear();
    int shown = 0;
    for (int row = 0; row < m_history.rowCount() && shown < mostInMenu; ++row, ++shown) {
        const QModelIndex index = m_history.index(row);
        QAction *action =
            menu.addAction(fontMetrics().elidedText(index.data().toString(), Qt::ElideMiddle, 60 * grid));
        action->setToolTip(index.data(Qt::ToolTipRole).toString());
        connect(
            action, &QAction::triggered, this,
            [this, draft = index.data(RequestHistory::DraftRole).value<RequestDraft>()] { compose(draft); });
    }
    if (shown == 0) {
        menu.addAction(tr("Nothing was sent yet"))->setEnabled(false);
        return;
    }
    menu.addSeparator();
    connect(menu.addAction(tr("Forget the history")), &QAction::triggered, &m_history,
            &RequestHistory::clear);
}

void RequestPanel::updatePresets()
{
    m_presets = presetsOf(m_context.project.text(expectationsFile).value_or(std::string()));
    m_presetMenu->clear();
    for (const RequestPreset &preset : std::as_const(m_presets)) {
        QAction *action = m_presetMenu->addAction(preset.draft.method + QLatin1Char(' ') + preset.draft.url);
        action->setToolTip(preset.name);
        connect(action, &QAction::triggered, this, [this, draft = preset.draft] { compose(draft); });
    }
    if (m_presets.isEmpty())
        m_presetMenu->addAction(tr("The project has no checks in .sallyport/expectations.yaml"))
            ->setEnabled(false);
}

void RequestPanel::showProgress()
{
    const Repetition repetition = m_runner.repetition();
    const bool many = repetition.times != 1;
    m_progress->setVisible(many ? m_runner.sent() > 0 : m_runner.isRunning());
    // Without an end the bar only says that something goes on.
    const int end = !m_runner.isRunning() ? 1 : repetition.times <= 1 ? 0 : repetition.times;
    m_bar->setRange(0, end);
    m_bar->setValue(m_runner.isRunning() ? m_runner.answered() : end);
    const QLocale locale;
    QStringList parts;
    if (!many) {
        parts.append(tr("Waiting for the answer…"));
    } else {
        parts.append(repetition.times == 0
                         ? tr("%1 answered").arg(locale.toString(m_runner.answered()))
                         : tr("%1 of %2 answered")
                               .arg(locale.toString(m_runner.answered()), locale.toString(repetition.times)));
        for (auto it = m_runner.statuses().begin(); it != m_runner.statuses().end(); ++it)
            parts.append(it.key() == 0 ? tr("%1 without an answer").arg(locale.toString(it.value()))
                                       : tr("%1 × %2").arg(locale.toString(it.value())).arg(it.key()));
        if (m_runner.isRunning() && m_runner.elapsedMs() > 1'000)
            parts.append(tr("%1/s").arg(
                1'000.0 * m_runner.answered() / static_cast<double>(m_runner.elapsedMs()), 0, 'f', 1));
    }
    m_counts->setText(parts.join(QStringLiteral(" · ")));
}

void RequestPanel::showState()
{
    const session::LabState lab = m_context.lab.state();
    const bool running = lab == session::LabState::Running;
    const bool sending = m_runner.isRunning();
    m_send->setEnabled(running && !sending && !m_composer->draft().url.isEmpty());
    m_cancel->setEnabled(sending);
    m_start->setEnabled(m_context.project.isOpen() && !m_context.lab.isRunning() &&
                        lab != session::LabState::Stopping);
    m_older->setEnabled(!m_history.items().isEmpty());
    m_newer->setEnabled(m_recalled >= 0);
    m_sendButton->setText(sending ? (m_runner.repetition().times == 1 ? tr("Cancel") : tr("Stop"))
                                  : tr("Send"));
    m_sendButton->setToolTip((sending ? m_cancel : m_send)->toolTip());
    m_sendButton->setEnabled(sending || m_send->isEnabled());
    theme::setLook(m_sendButton, sending ? Look::Stop : Look::Primary);
    m_right->setCurrentWidget(m_hasAnswer ? static_cast<QWidget *>(m_answer) : m_empty);
    if (m_hasAnswer)
        return;
    if (!m_context.project.isOpen())
        m_empty->set(QStringLiteral("send"), tr("No project is open"),
                     tr("Open a project or make one from the guide's template."));
    else if (running)
        m_empty->set(
            QStringLiteral("send"), tr("Nothing was sent yet"),
            tr("Send the request with Ctrl+Enter. The answer shows here, its way in the traffic table."),
            m_send);
    else if (lab == session::LabState::Starting)
        m_empty->set(QStringLiteral("clock"), tr("The lab starts"), tr("In a moment requests can be sent."));
    else
        m_empty->set(QStringLiteral("play"), tr("The lab does not run"),
                     tr("A request is sent by an application of the lab: start it first."), m_start);
}

QSize RequestPanel::minimumSizeHint() const
{
    return {62 * grid, 24 * grid};
}

void RequestPanel::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_splitter->setOrientation(event->size().width() < narrow ? Qt::Vertical : Qt::Horizontal);
}

} // namespace sallyport::request
