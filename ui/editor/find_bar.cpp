// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/find_bar.h"

#include "ui/editor/yaml_edit.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <QVBoxLayout>

namespace sallyport::editor {

FindBar::FindBar(YamlEdit &edit, QWidget *parent)
    : QFrame(parent)
    , m_edit(edit)
    , m_text(new QLineEdit(this))
    , m_replacement(new QLineEdit(this))
    , m_says(new QLabel(this))
{
    setObjectName(QStringLiteral("findBar"));
    theme::setLook(this, theme::Look::Bar);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(theme::grid, theme::half, theme::grid, theme::half);
    layout->setSpacing(theme::half);
    layout->addLayout(makeFindRow());
    m_replaceRow = makeReplaceRow();
    layout->addWidget(m_replaceRow);
    connect(m_text, &QLineEdit::textEdited, this, [this] {
        // The match grows with what is typed.
        m_edit.SendScintilla(
            QsciScintillaBase::SCI_SETEMPTYSELECTION,
            static_cast<unsigned long>(m_edit.SendScintilla(QsciScintillaBase::SCI_GETSELECTIONSTART)));
        find(true);
    });
    setTabOrder(m_text, m_replacement);
    hide();
}

QHBoxLayout *FindBar::makeFindRow()
{
    m_text->setObjectName(QStringLiteral("findText"));
    m_text->setPlaceholderText(tr("Find in this file"));
    m_text->setAccessibleName(tr("Find in this file"));
    theme::setLook(m_text, theme::Look::Mono);
    m_says->setObjectName(QStringLiteral("findSays"));
    m_says->hide();
    QToolButton *before = button(QStringLiteral("chevron-up"), tr("The match before (Shift+Enter)"));
    QToolButton *next = button(QStringLiteral("chevron-down"), tr("The next match (Enter)"));
    QToolButton *end = button(QStringLiteral("cross"), tr("Close (Escape)"));
    auto *row = new QHBoxLayout;
    row->setSpacing(theme::half);
    row->addWidget(m_text, 1);
    row->addWidget(m_says);
    row->addWidget(before);
    row->addWidget(next);
    row->addWidget(end);
    connect(before, &QToolButton::clicked, this, [this] { find(false); });
    connect(next, &QToolButton::clicked, this, [this] { find(true); });
    connect(end, &QToolButton::clicked, this, &FindBar::close);
    return row;
}

QWidget *FindBar::makeReplaceRow()
{
    auto *made = new QWidget(this);
    m_replacement->setObjectName(QStringLiteral("findReplacement"));
    m_replacement->setPlaceholderText(tr("Replace with"));
    m_replacement->setAccessibleName(tr("Replace with"));
    theme::setLook(m_replacement, theme::Look::Mono);
    const auto words = [made](const char *name, const QString &text, const QString &tip) {
        auto *pressed = new QToolButton(made);
        pressed->setObjectName(QLatin1String(name));
        pressed->setText(text);
        pressed->setToolTip(tip);
        theme::setLook(pressed, theme::Look::Chip);
        return pressed;
    };
    QToolButton *one = words("findReplaceOne", tr("&Replace"), tr("Replace this match and go on (Enter)"));
    QToolButton *all = words("findReplaceAll", tr("Replace &all"), tr("Replace every match in this file"));
    auto *row = new QHBoxLayout(made);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(theme::half);
    row->addWidget(m_replacement, 1);
    row->addWidget(one);
    row->addWidget(all);
    connect(one, &QToolButton::clicked, this, &FindBar::replace);
    connect(all, &QToolButton::clicked, this, &FindBar::replaceAll);
    return made;
}

QToolButton *FindBar::button(const QString &icon, const QString &tip)
{
    auto *made = new QToolButton(this);
    made->setIcon(theme::Theme::instance().icon(icon, theme::Role::TextMuted));
    made->setToolTip(tip);
    made->setAccessibleName(tip);
    return made;
}

void FindBar::open(For purpose)
{
    if (const QString selected = m_edit.selectedText();
        !selected.isEmpty() && !selected.contains(QLatin1Char('\n')))
        m_text->setText(selected);
    m_replaceRow->setVisible(purpose == For::Replacing);
    m_replaceRow->setEnabled(!m_edit.isReadOnly());
    say({}, false);
    show();
    m_text->selectAll();
    m_text->setFocus();
}

void FindBar::close()
{
    hide();
    m_edit.setFocus();
}

void FindBar::find(bool forward)
{
    const bool found = m_edit.findNext(m_text->text(), forward);
    say(found || m_text->text().isEmpty() ? QString() : tr("not found"), true);
}

void FindBar::replace()
{
    m_edit.replaceMatch(m_text->text(), m_replacement->text());
    find(true);
}

void FindBar::replaceAll()
{
    const int count = m_edit.replaceAll(m_text->text(), m_replacement->text());
    say(count > 0 ? tr("replaced: %1").arg(count) : tr("not found"), count == 0);
}

void FindBar::say(const QString &text, bool warning)
{
    theme::setLook(m_says, warning ? theme::Look::Warning : theme::Look::Muted);
    m_says->setText(text);
    m_says->setVisible(!text.isEmpty());
}

void FindBar::keyPressEvent(QKeyEvent *event)
{
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (event->key() == Qt::Key_Escape)
        close();
    else if (enter && m_replacement->hasFocus())
        replace();
    else if (enter)
        find(!(event->modifiers() & Qt::ShiftModifier));
    else
        QFrame::keyPressEvent(event);
}

} // namespace sallyport::editor
