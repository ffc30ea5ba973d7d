// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/request/answer_view.h"

#include "ui/theme/status_chip.h"
#include "ui/theme/tab_button.h"
#include "ui/theme/theme.h"

#include <QButtonGroup>
#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPlainTextEdit>
#include <QToolButton>

namespace sallyport::request {

namespace {

using theme::grid;
using theme::Look;
using theme::Role;
using theme::Theme;

} // namespace

AnswerView::AnswerView(QWidget *parent)
    : QWidget(parent)
    , m_status(new theme::StatusChip(this))
    , m_facts(new QLabel(this))
    , m_pretty(theme::tabButton(tr("Pretty"), tr("The body with its JSON indented"), this))
    , m_text(theme::tabButton(tr("Text"), tr("The body as it came"), this))
    , m_headers(theme::tabButton(tr("Headers"),
                                 tr("Status line and headers, in the order in which they came"), this))
    , m_content(new QPlainTextEdit(this))
{
    setObjectName(QStringLiteral("requestAnswer"));
    m_status->setObjectName(QStringLiteral("answerStatus"));
    m_facts->setObjectName(QStringLiteral("answerFacts"));
    theme::setLook(m_facts, Look::Muted);
    m_content->setObjectName(QStringLiteral("answerContent"));
    m_content->setAccessibleName(tr("Answer"));
    m_content->setReadOnly(true);
    m_content->setLineWrapMode(QPlainTextEdit::NoWrap);
    theme::setLook(m_content, Look::Mono);
    m_content->setFont(Theme::instance().font(theme::TextStyle::Mono));
    auto *copy = new QToolButton(this);
    copy->setToolTip(tr("Copy what is shown"));
    copy->setAccessibleName(tr("Copy the answer"));
    copy->setIcon(Theme::instance().icon(QStringLiteral("copy"), Role::TextMuted));
    connect(copy, &QToolButton::clicked, this, [this] {
        QGuiApplication::clipboard()->setText(m_content->toPlainText());
        Q_EMIT copied(tr("The answer is copied"));
    });
    auto *group = new QButtonGroup(this);
    for (QToolButton *button : {m_pretty, m_text, m_headers})
        group->addButton(button);
    m_pretty->setChecked(true);
    connect(group, &QButtonGroup::buttonToggled, this, [this](QAbstractButton *, bool checked) {
        if (checked)
            showPage();
    });
    auto *head = new QHBoxLayout;
    head->setSpacing(grid);
    head->addWidget(m_status);
    head->addWidget(m_facts);
    head->addStretch();
    auto *tabs = new QHBoxLayout;
    tabs->setSpacing(theme::half);
    tabs->addWidget(m_pretty);
    tabs->addWidget(m_text);
    tabs->addWidget(m_headers);
    tabs->addStretch();
    tabs->addWidget(copy);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * grid, grid, 2 * grid, grid);
    layout->setSpacing(grid);
    layout->addLayout(head);
    layout->addLayout(tabs);
    layout->addWidget(m_content, 1);
}

void AnswerView::show(const session::SentRequest &sent)
{
    m_sent = sent;
    m_body = describeBody(sent.answer);
    const int status = sent.error.isEmpty() ? sent.answer.status : 0;
    if (!sent.error.isEmpty())
        m_status->set(Role::Bad, QStringLiteral("cross"), tr("Not sent"));
    else if (status == 0)
        m_status->set(Role::Bad, QStringLiteral("cross"), tr("No answer"));
    else if (status >= 500)
        m_status->set(Role::Bad, QStringLiteral("cross"), statusText(status));
    else if (status >= 400)
        m_status->set(Role::Warning, QStringLiteral("flag"), statusText(status));
    else
        m_status->set(Role::Good, QStringLiteral("disc"), statusText(status));
    QString facts = durationText(sent.tookUs);
    if (status > 0)
        facts += tr(" · %1").arg(QLocale().formattedDataSize(m_body.size));
    m_facts->setText(facts);
    const bool json = m_body.kind == AnswerText::Kind::Json;
    m_pretty->setEnabled(json);
    if (!json && m_pretty->isChecked())
        m_text->setChecked(true);
    else if (json && m_text->isChecked())
        m_pretty->setChecked(true);
    showPage();
}

void AnswerView::showPage()
{
    QString text;
    if (!m_sent.error.isEmpty()) {
        text = m_sent.error;
    } else if (m_sent.answer.status == 0) {
        text = QString::fromStdString(m_sent.answer.error);
    } else if (m_headers->isChecked()) {
        text = QLatin1String("HTTP/1.1 ") + statusText(m_sent.answer.status);
        for (const auto &[name, value] : m_sent.answer.headers)
            text += QLatin1Char('\n') + QString::fromStdString(name + ": " + value);
    } else {
        text = m_pretty->isChecked() && !m_body.pretty.isEmpty() ? m_body.pretty : m_body.text;
        if (!m_sent.answer.error.empty())
            text += QLatin1Char('\n') + QString::fromStdString(m_sent.answer.error);
        if (m_body.cut)
            text += tr("\n… the rest of %1 is not shown").arg(QLocale().formattedDataSize(m_body.size));
    }
    const bool prose = m_body.kind == AnswerText::Kind::Text && !m_headers->isChecked();
    m_content->setLineWrapMode(prose ? QPlainTextEdit::WidgetWidth : QPlainTextEdit::NoWrap);
    m_content->setPlaceholderText(tr("The answer has no body"));
    m_content->setPlainText(text);
}

} // namespace sallyport::request
