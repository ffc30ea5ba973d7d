// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/find_bar.h"

#include "ui/editor/yaml_edit.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>

namespace sallyport::editor {

FindBar::FindBar(YamlEdit &edit, QWidget *parent)
    : QFrame(parent)
    , m_edit(edit)
    , m_text(new QLineEdit(this))
    , m_none(new QLabel(tr("not found"), this))
{
    setObjectName(QStringLiteral("findBar"));
    theme::setLook(this, theme::Look::Bar);
    theme::setLook(m_text, theme::Look::Mono);
    theme::setLook(m_none, theme::Look::Warning);
    m_text->setPlaceholderText(tr("Find in this file"));
    m_text->setAccessibleName(tr("Find in this file"));
    m_none->hide();
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(theme::grid, theme::half, theme::grid, theme::half);
    layout->setSpacing(theme::half);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_none);
    const auto button = [&](const QString &icon, const QString &tip) {
        auto *made = new QToolButton(this);
        made->setIcon(theme::Theme::instance().icon(icon, theme::Role::TextMuted));
        made->setToolTip(tip);
        made->setAccessibleName(tip);
        layout->addWidget(made);
        return made;
    };
    connect(button(QStringLiteral("chevron-up"), tr("The match before (Shift+Enter)")), &QToolButton::clicked,
            this, [this] { find(false); });
    connect(button(QStringLiteral("chevron-down"), tr("The next match (Enter)")), &QToolButton::clicked, this,
            [this] { find(true); });
    connect(button(QStringLiteral("cross"), tr("Close (Escape)")), &QToolButton::clicked, this,
            &FindBar::close);
    connect(m_text, &QLineEdit::textEdited, this, [this] {
        // The match grows with what is typed.
        m_edit.SendScintilla(
            QsciScintillaBase::SCI_SETEMPTYSELECTION,
            static_cast<unsigned long>(m_edit.SendScintilla(QsciScintillaBase::SCI_GETSELECTIONSTART)));
        find(true);
    });
    hide();
}

void FindBar::open()
{
    if (const QString selected = m_edit.selectedText();
        !selected.isEmpty() && !selected.contains(QLatin1Char('\n')))
        m_text->setText(selected);
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
    m_none->setVisible(!found && !m_text->text().isEmpty());
}

void FindBar::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        close();
    else if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        find(!(event->modifiers() & Qt::ShiftModifier));
    else
        QFrame::keyPressEvent(event);
}

} // namespace sallyport::editor
