// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/explain_view.h"

#include "core/explain/explain.h"
#include "ui/inspector/wrapped_label.h"
#include "ui/theme/empty_state.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace sallyport::inspector {

namespace {

using theme::grid;
using theme::half;
using theme::Look;
using theme::Role;

constexpr int iconSize = 12;
constexpr int linkWidth = 28 * grid;

struct MarkLook
{
    QString icon;
    Role role;
    Look look;
};

MarkLook lookOf(explain::Mark mark)
{
    switch (mark) {
    case explain::Mark::Passed:
        return {QStringLiteral("check"), Role::Good, Look::Plain};
    case explain::Mark::Refused:
        return {QStringLiteral("cross"), Role::Bad, Look::Bad};
    case explain::Mark::Answered:
        return {QStringLiteral("arrow-right"), Role::Accent, Look::Plain};
    case explain::Mark::Note:
        return {QStringLiteral("info"), Role::TextFaint, Look::Muted};
    case explain::Mark::Uncertain:
        return {QStringLiteral("help"), Role::Warning, Look::Warning};
    }
    return {};
}

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

WrappedLabel *label(const QString &words, Look look, QWidget *parent)
{
    return new WrappedLabel(words, look, parent);
}

QLabel *icon(const QString &name, Role role, QWidget *parent)
{
    auto *made = new QLabel(parent);
    made->setPixmap(theme::Theme::instance().icon(name, role).pixmap(QSize(iconSize, iconSize)));
    made->setFixedWidth(iconSize);
    return made;
}

QString kindOf(explain::Hop::Kind kind)
{
    switch (kind) {
    case explain::Hop::Kind::Client:
        return ExplainView::tr("sends");
    case explain::Hop::Kind::Sidecar:
        return ExplainView::tr("sidecar");
    case explain::Hop::Kind::Gateway:
        return ExplainView::tr("gateway");
    case explain::Hop::Kind::Application:
        return ExplainView::tr("application");
    }
    return {};
}

bool stops(const explain::Hop &hop)
{
    return std::any_of(hop.steps.begin(), hop.steps.end(),
                       [](const explain::Step &step) { return step.mark == explain::Mark::Refused; });
}

} // namespace

ExplainView::ExplainView(QWidget *parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("explainView"));
    m_area = new QScrollArea(this);
    m_area->setFrameShape(QFrame::NoFrame);
    m_area->setWidgetResizable(true);
    m_area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_area->setAccessibleName(tr("Explanation"));
    m_empty = new theme::EmptyState(this);
    m_pages = new QStackedWidget(this);
    m_pages->addWidget(m_empty);
    m_pages->addWidget(m_area);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(makeQuestion());
    layout->addWidget(m_pages, 1);
    connect(&theme::Theme::instance(), &theme::Theme::changed, this, &ExplainView::build);
    build();
}

QWidget *ExplainView::makeQuestion()
{
    auto *made = new QWidget(this);
    m_line = new QLineEdit(made);
    theme::setLook(m_line, Look::Mono);
    m_line->setAccessibleName(tr("Request to explain"));
    m_line->setPlaceholderText(QStringLiteral("GET http://test.com/"));
    m_line->setToolTip(tr("Method and URL; Enter explains"));
    m_sender = new QComboBox(made);
    m_sender->setAccessibleName(tr("Who sends it"));
    m_sender->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_sender->setMinimumContentsLength(8);
    m_wrong = label({}, Look::Warning, made);
    m_wrong->hide();
    auto *row = new QHBoxLayout;
    row->setSpacing(grid);
    auto *from = new QLabel(tr("from"), made);
    theme::setLook(from, Look::Muted);
    row->addWidget(from);
    row->addWidget(m_sender, 1);
    auto *layout = new QVBoxLayout(made);
    layout->setContentsMargins(2 * grid, grid + half, 2 * grid, grid);
    layout->setSpacing(half);
    layout->addWidget(m_line);
    layout->addLayout(row);
    layout->addWidget(m_wrong);
    connect(m_line, &QLineEdit::returnPressed, this, &ExplainView::ask);
    connect(m_sender, &QComboBox::activated, this, &ExplainView::ask);
    return made;
}

void ExplainView::setQuestion(const explain::Request &request, const QStringList &senders)
{
    m_request = request;
    m_wrong->hide();
    m_line->setText(text(request.method) + QLatin1Char(' ') + text(request.url));
    m_line->setCursorPosition(0);
    m_sender->clear();
    for (const QString &sender : senders)
        m_sender->addItem(sender.section(QLatin1Char('/'), -1) + QStringLiteral(" · ") +
                              sender.section(QLatin1Char('/'), 0, 0),
                          sender);
    m_sender->setCurrentIndex(std::max(0, m_sender->findData(text(request.from))));
}

void ExplainView::ask()
{
    auto request = explain::parseRequest(m_line->text().trimmed().toStdString());
    m_wrong->setVisible(!request);
    if (!request) {
        m_wrong->setWords(text(request.error().what));
        return;
    }
    request->from = m_sender->currentData().toString().toStdString();
    request->headers = m_request.headers;
    request->bodySize = m_request.bodySize;
    m_request = *request;
    Q_EMIT asked(m_request);
}

void ExplainView::setExplanation(std::shared_ptr<const explain::Explanation> explanation,
                                 const QString &error)
{
    m_explanation = std::move(explanation);
    m_error = error;
    build();
}

void ExplainView::setPlace(const QStringList &workloads)
{
    if (workloads == m_place)
        return;
    m_place = workloads;
    build();
}

void ExplainView::build()
{
    m_pages->setCurrentIndex(m_explanation ? 1 : 0);
    if (!m_explanation) {
        if (m_error.isEmpty())
            m_empty->set(
                QStringLiteral("help"), tr("What would become of a request?"),
                tr("Type one above: every decision of every proxy on its way is told, with the line of "
                   "YAML that it comes from. Nothing is sent."));
        else
            m_empty->set(QStringLiteral("error"), tr("It cannot be explained"), m_error);
        return;
    }
    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(2 * grid, half, 2 * grid, 2 * grid);
    layout->setSpacing(grid);
    const explain::Outcome &outcome = m_explanation->outcome;
    const bool good = outcome.status > 0 && outcome.status < 400;
    auto *head = new QHBoxLayout;
    head->setSpacing(half + 2);
    head->addWidget(icon(good ? QStringLiteral("check") : QStringLiteral("minus-circle"),
                         good ? Role::Good : Role::Warning, page),
                    0, Qt::AlignTop);
    WrappedLabel *summary = label(text(outcome.summary), good ? Look::Good : Look::Warning, page);
    summary->setObjectName(QStringLiteral("explainSummary"));
    head->addWidget(summary, 1);
    layout->addLayout(head);
    QWidget *first = nullptr;
    for (const explain::Hop &hop : m_explanation->hops) {
        const bool here = m_place.isEmpty() ? stops(hop) : m_place.contains(text(hop.proxy));
        QWidget *made = makeHop(hop, here, page);
        layout->addWidget(made);
        if (here && !first)
            first = made;
    }
    layout->addStretch();
    // A link on the old page may be what this came from.
    if (QWidget *old = m_area->takeWidget()) {
        old->hide();
        old->deleteLater();
    }
    m_area->setWidget(page);
    page->show();
    if (first)
        QTimer::singleShot(0, this, [this, shown = QPointer(first)] {
            if (shown)
                m_area->ensureWidgetVisible(shown, 0, 0);
        });
}

QWidget *ExplainView::makeHop(const explain::Hop &hop, bool open, QWidget *parent)
{
    auto *made = new QWidget(parent);
    auto *layout = new QVBoxLayout(made);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(half);
    auto *fold = new QToolButton(made);
    fold->setCheckable(true);
    fold->setChecked(open);
    fold->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    fold->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    fold->setStyleSheet(QStringLiteral("QToolButton { text-align: left; }"));
    const QString name = text(hop.proxy).section(QLatin1Char('/'), -1);
    fold->setText(name + QStringLiteral("  ") + kindOf(hop.kind) +
                  (hop.times > 1 ? tr(", %1 times").arg(hop.times) : QString()));
    fold->setToolTip(text(hop.proxy));
    auto *steps = new QWidget(made);
    auto *list = new QVBoxLayout(steps);
    list->setContentsMargins(grid, 0, 0, grid);
    list->setSpacing(grid);
    for (const explain::Step &step : hop.steps)
        list->addWidget(makeStep(step, steps));
    if (hop.steps.empty())
        list->addWidget(label(tr("nothing is decided here"), Look::Faint, steps));
    steps->setVisible(open);
    const auto arrow = [fold](bool opened) {
        fold->setIcon(theme::Theme::instance().icon(
            opened ? QStringLiteral("chevron-down") : QStringLiteral("chevron-right"), Role::TextMuted));
    };
    arrow(open);
    connect(fold, &QToolButton::toggled, steps, &QWidget::setVisible);
    connect(fold, &QToolButton::toggled, fold, arrow);
    layout->addWidget(fold);
    layout->addWidget(steps);
    return made;
}

QWidget *ExplainView::makeStep(const explain::Step &step, QWidget *parent)
{
    auto *made = new QWidget(parent);
    auto *layout = new QHBoxLayout(made);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(half + 2);
    const MarkLook look = lookOf(step.mark);
    layout->addWidget(icon(look.icon, look.role, made), 0, Qt::AlignTop);
    auto *words = new QVBoxLayout;
    words->setSpacing(2);
    WrappedLabel *decision = label(text(step.decision), look.look, made);
    decision->setToolTip(text(step.object));
    words->addWidget(decision);
    for (const std::string &why : step.why)
        words->addWidget(label(text(why), Look::Faint, made));
    for (const explain::Source &source : step.sources) {
        auto *link = new QToolButton(made);
        theme::setLook(link, Look::Chip);
        const QString resource = text(source.resource);
        link->setText(link->fontMetrics().elidedText(resource, Qt::ElideRight, linkWidth));
        link->setAccessibleName(resource);
        link->setToolTip(tr("Show %1").arg(text(source.place.toString())));
        link->setEnabled(!source.place.file.empty());
        words->addWidget(link, 0, Qt::AlignLeft);
        connect(link, &QToolButton::clicked, this, [this, place = source.place] {
            Q_EMIT placeWanted(text(place.file), place.line, place.column);
        });
    }
    layout->addLayout(words, 1);
    return made;
}

} // namespace sallyport::inspector
