// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/filter_edit.h"

#include "ui/theme/theme.h"
#include "ui/traffic/filter_field.h"

#include <QAbstractItemView>
#include <QCompleter>
#include <QInputMethodEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QScrollBar>
#include <QSettings>
#include <QTextCharFormat>
#include <chrono>

namespace sallyport::traffic {

namespace {

using namespace std::chrono_literals;
using theme::Look;
using theme::Role;

constexpr int mostRecent = 8;
const QString recentKey = QStringLiteral("traffic/filters");

QSettings settings()
{
    return QSettings(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("sallyport"),
                     QStringLiteral("sallyport"));
}

} // namespace

FilterEdit::FilterEdit(QWidget *parent)
    : QLineEdit(parent)
    , m_counts(new QLabel(this))
    , m_completer(new QCompleter(this))
    , m_recent(settings().value(recentKey).toStringList())
{
    setObjectName(QStringLiteral("trafficFilter"));
    setAccessibleName(tr("Filter"));
    setPlaceholderText(tr("Filter: status >= 400 || host == \"test.com\", or any text"));
    setToolTip(tr("FIELD OPERATOR VALUE with ==, !=, <, <=, >, >=, contains, ~ (regular expression), !~;\n"
                  "joined with &&, ||, ! and parentheses. Other text is looked for everywhere.\n"
                  "Ctrl+Space lists what can be typed."));
    theme::setLook(this, Look::Mono);
    setClearButtonEnabled(false);

    auto *menuAction = new QAction(tr("Filters"), this);
    menuAction->setToolTip(tr("Filters that are often wanted, and the last ones"));
    addAction(menuAction, QLineEdit::LeadingPosition);
    menuAction->setIcon(theme::Theme::instance().icon(QStringLiteral("filter"), Role::TextMuted));
    connect(menuAction, &QAction::triggered, this, [this] {
        QMenu menu;
        fillMenu(menu);
        menu.exec(mapToGlobal(rect().bottomLeft()));
    });

    theme::setLook(m_counts, Look::Faint);
    m_counts->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_counts->setObjectName(QStringLiteral("trafficCounts"));

    m_completer->setModel(&m_candidates);
    m_completer->setWidget(this);
    m_completer->setCompletionMode(QCompleter::UnfilteredPopupCompletion);
    connect(m_completer, qOverload<const QString &>(&QCompleter::activated), this,
            &FilterEdit::insertCompletion);

    m_typing.setSingleShot(true);
    m_typing.setInterval(150ms);
    connect(&m_typing, &QTimer::timeout, this, &FilterEdit::parse);
    // A filter that stood for a while is worth to be offered again.
    m_settled.setSingleShot(true);
    m_settled.setInterval(3s);
    connect(&m_settled, &QTimer::timeout, this, &FilterEdit::rememberFilter);
    connect(this, &QLineEdit::textChanged, this, [this] {
        m_typing.start();
        if (text().isEmpty())
            parse();
    });
    connect(this, &QLineEdit::textEdited, this, [this] { complete(false); });
}

void FilterEdit::setFilterText(const QString &text)
{
    setText(text);
    m_typing.stop();
    parse();
}

void FilterEdit::parse()
{
    m_typing.stop();
    const auto filter = Filter::parse(text());
    m_error = filter ? std::nullopt : std::optional(filter.error());
    theme::setLook(this, m_error ? Look::Bad : Look::Mono);
    setFont(theme::Theme::instance().font(theme::TextStyle::Mono));
    markError();
    Q_EMIT errorChanged(m_error ? m_error->message : QString());
    if (!filter || text() == m_applied)
        return;
    m_applied = text();
    m_settled.start();
    Q_EMIT filterChanged(*filter);
}

void FilterEdit::markError()
{
    // A line edit takes formats of its text only by way of an input method.
    QList<QInputMethodEvent::Attribute> attributes;
    if (m_error) {
        QTextCharFormat format;
        format.setUnderlineStyle(QTextCharFormat::WaveUnderline);
        format.setUnderlineColor(theme::Theme::instance().color(Role::Bad));
        format.setForeground(theme::Theme::instance().color(Role::Bad));
        // An error at the end has no length of its own.
        const int length = std::max(1, static_cast<int>(m_error->length));
        const int at =
            std::min(static_cast<int>(m_error->at), std::max(0, static_cast<int>(text().size()) - 1));
        attributes.append({QInputMethodEvent::TextFormat, at - cursorPosition(), length, format});
    }
    QInputMethodEvent event(QString(), attributes);
    QLineEdit::inputMethodEvent(&event);
}

void FilterEdit::setCounts(const QString &text)
{
    if (text == m_counts->text())
        return;
    m_counts->setText(text);
    placeCounts();
}

void FilterEdit::placeCounts()
{
    m_counts->adjustSize();
    const int margin = theme::grid;
    m_counts->move(width() - m_counts->width() - margin, (height() - m_counts->height()) / 2);
    setTextMargins(0, 0, m_counts->width() + margin, 0);
}

void FilterEdit::resizeEvent(QResizeEvent *event)
{
    QLineEdit::resizeEvent(event);
    placeCounts();
}

void FilterEdit::complete(bool asked)
{
    const FilterCompletion completion = completeFilter(text(), cursorPosition());
    // Unasked only while a word is typed, not after each space.
    if (completion.candidates.isEmpty() || (!asked && completion.length == 0)) {
        m_completer->popup()->hide();
        return;
    }
    m_candidates.setStringList(completion.candidates);
    QRect place = cursorRect();
    place.setWidth(m_completer->popup()->sizeHintForColumn(0) + 4 * theme::grid);
    m_completer->complete(place);
    // Enter sends the filter as it is typed, unless a person went into the list.
    m_completer->popup()->setCurrentIndex(asked ? m_completer->completionModel()->index(0, 0)
                                                : QModelIndex());
}

void FilterEdit::insertCompletion(const QString &text)
{
    const FilterCompletion completion = completeFilter(this->text(), cursorPosition());
    const QString before = this->text().left(completion.at);
    const QString after = this->text().mid(completion.at + completion.length);
    setText(before + text + QLatin1Char(' ') + after.trimmed());
    setCursorPosition(static_cast<int>(before.size() + text.size() + 1));
}

void FilterEdit::keyPressEvent(QKeyEvent *event)
{
    const bool popup = m_completer->popup()->isVisible();
    if (popup && m_completer->popup()->currentIndex().isValid()) {
        switch (event->key()) {
        case Qt::Key_Enter:
        case Qt::Key_Return:
        case Qt::Key_Tab:
            event->ignore();
            return;
        default:
            break;
        }
    }
    if (event->key() == Qt::Key_Space && event->modifiers() == Qt::ControlModifier) {
        complete(true);
        return;
    }
    if (event->key() == Qt::Key_Escape && !popup && !text().isEmpty()) {
        setFilterText({});
        return;
    }
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        m_completer->popup()->hide();
        parse();
        rememberFilter();
        return;
    }
    QLineEdit::keyPressEvent(event);
}

void FilterEdit::rememberFilter()
{
    m_settled.stop();
    if (m_applied.trimmed().isEmpty())
        return;
    m_recent.removeAll(m_applied);
    m_recent.prepend(m_applied);
    m_recent = m_recent.mid(0, mostRecent);
    settings().setValue(recentKey, m_recent);
}

void FilterEdit::fillMenu(QMenu &menu)
{
    const auto add = [this, &menu](const QString &title, const QString &filter) {
        QAction *action = menu.addAction(title);
        action->setToolTip(filter);
        connect(action, &QAction::triggered, this, [this, filter] { setFilterText(filter); });
    };
    menu.setToolTipsVisible(true);
    add(tr("Refused or failed"), QStringLiteral("outcome != passed"));
    add(tr("Refused by a policy"), QStringLiteral("policy ~ ."));
    add(tr("Unregistered destinations"), QStringLiteral("decided contains REGISTRY_ONLY"));
    add(tr("TLS failures"), QStringLiteral("decided contains \"TLS:\""));
    add(tr("No answer in time"), QStringLiteral("flags == UT || flags == SI"));
    add(tr("Slower than 500 ms"), QStringLiteral("ms >= 500"));
    if (!m_recent.isEmpty()) {
        menu.addSeparator();
        for (const QString &filter : std::as_const(m_recent))
            add(fontMetrics().elidedText(filter, Qt::ElideRight, 60 * theme::grid), filter);
    }
    menu.addSeparator();
    QAction *clear = menu.addAction(tr("Show everything"));
    clear->setEnabled(!text().isEmpty());
    connect(clear, &QAction::triggered, this, [this] { setFilterText({}); });
}

} // namespace sallyport::traffic
