// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/form_view.h"

#include "ui/inspector/field_editor.h"
#include "ui/inspector/wrapped_label.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace sallyport::inspector {

namespace {

using theme::grid;
using theme::half;
using theme::Look;

constexpr int iconSize = 14;

WrappedLabel *label(const QString &text, Look look, QWidget *parent)
{
    return new WrappedLabel(text, look, parent);
}

QToolButton *flat(const QString &icon, const QString &tip, QWidget *parent)
{
    auto *button = new QToolButton(parent);
    button->setIcon(theme::Theme::instance().icon(icon, theme::Role::TextFaint));
    button->setIconSize(QSize(iconSize, iconSize));
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    return button;
}

bool sameFindings(const std::vector<problems::Finding> &a, const std::vector<problems::Finding> &b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto &one, const auto &other) { return one.sameAs(other); });
}

} // namespace

FormView::FormView(QWidget *parent)
    : QScrollArea(parent)
{
    setObjectName(QStringLiteral("formView"));
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName(tr("Form"));
    connect(&theme::Theme::instance(), &theme::Theme::changed, this, [this] {
        if (widget())
            build(Form(m_form), std::vector<topology::HopFlag>(m_flags));
    });
}

bool FormView::hasSameRows(const Form &form, const std::vector<topology::HopFlag> &flags) const
{
    const auto sameFields = [](const FormSection &a, const FormSection &b) {
        const auto sameMissing = [](const MissingField &one, const MissingField &other) {
            return one.path == other.path;
        };
        return a.path == b.path && a.removable == b.removable &&
               std::equal(
                   a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(),
                   [](const FormField &one, const FormField &other) { return one.sameRowAs(other); }) &&
               std::equal(a.missing.begin(), a.missing.end(), b.missing.begin(), b.missing.end(),
                          sameMissing);
    };
    return widget() && form.resource == m_form.resource && flags == m_flags &&
           sameFindings(form.findings, m_form.findings) &&
           std::equal(form.sections.begin(), form.sections.end(), m_form.sections.begin(),
                      m_form.sections.end(), sameFields);
}

void FormView::setForm(const Form &form, const std::vector<topology::HopFlag> &flags)
{
    if (hasSameRows(form, flags)) {
        for (Row &row : m_rows) {
            const FormField *field = form.find(row.field.path);
            const bool same = field && sameFindings(field->findings, row.field.findings);
            if (!field)
                continue;
            row.field = *field;
            row.editor->setField(*field);
            row.words->setWords(field->words);
            row.words->setVisible(!field->words.isEmpty());
            row.remove->setVisible(field->removable);
            if (!same)
                fillFindings(row);
        }
        m_form = form;
        return;
    }
    // What has the keyboard keeps it, if it is still there.
    std::string focused;
    for (const Row &row : m_rows) {
        if (row.whole->isAncestorOf(QApplication::focusWidget()))
            focused = row.field.path;
    }
    const int scrolled = form.resource == m_form.resource ? verticalScrollBar()->value() : 0;
    build(form, flags);
    if (!focused.empty())
        focusField(focused);
    QTimer::singleShot(0, this, [this, scrolled] { verticalScrollBar()->setValue(scrolled); });
}

void FormView::build(const Form &form, const std::vector<topology::HopFlag> &flags)
{
    m_form = form;
    m_flags = flags;
    // What goes away loses the keyboard, and that would commit it.
    for (const Row &row : m_rows)
        row.editor->disconnect(this);
    m_rows.clear();
    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(2 * grid, grid + half, 2 * grid, 2 * grid);
    layout->setSpacing(2 * grid);
    for (const topology::HopFlag &flag : flags)
        layout->addWidget(makeNotice(flag.text, flag.why, flag.broken, page));
    for (const problems::Finding &finding : form.findings)
        layout->addWidget(makeFinding(finding, page));
    for (const FormSection &section : form.sections)
        layout->addWidget(makeSection(section, page));
    layout->addStretch();
    // The old page may be what the signal came from.
    if (QWidget *old = takeWidget()) {
        old->hide();
        old->deleteLater();
    }
    setWidget(page);
    page->show();
}

QWidget *FormView::makeNotice(const QString &title, const QString &text, bool error, QWidget *parent)
{
    auto *card = new QFrame(parent);
    theme::setLook(card, Look::Notice);
    auto *layout = new QVBoxLayout(card);
    layout->setContentsMargins(grid + half, grid, grid + half, grid);
    layout->setSpacing(half);
    auto *head = new QHBoxLayout;
    auto *icon = new QLabel(card);
    icon->setPixmap(theme::Theme::instance()
                        .icon(error ? QStringLiteral("error") : QStringLiteral("flag"),
                              error ? theme::Role::Bad : theme::Role::Warning)
                        .pixmap(QSize(iconSize, iconSize)));
    auto *words = label(title.left(1).toUpper() + title.mid(1), Look::Plain, card);
    words->setFont(theme::Theme::instance().font(theme::TextStyle::Strong));
    head->addWidget(icon);
    head->addWidget(words, 1);
    layout->addLayout(head);
    layout->addWidget(label(text, Look::Muted, card));
    return card;
}

QWidget *FormView::makeSection(const FormSection &section, QWidget *parent)
{
    auto *made = new QWidget(parent);
    auto *layout = new QVBoxLayout(made);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(grid + half);
    auto *head = new QHBoxLayout;
    head->setSpacing(half);
    auto *title = label(section.title, Look::Caption, made);
    title->setObjectName(QStringLiteral("formSection"));
    head->addWidget(title, 1);
    if (!section.missing.empty()) {
        auto *add = new QToolButton(made);
        add->setText(tr("Add field…"));
        add->setFont(theme::Theme::instance().font(theme::TextStyle::Small));
        add->setToolTip(tr("Add a field to %1").arg(section.title));
        add->setAccessibleName(add->toolTip());
        add->setPopupMode(QToolButton::InstantPopup);
        auto *menu = new QMenu(add);
        menu->setToolTipsVisible(true);
        for (const MissingField &field : section.missing) {
            QAction *action =
                menu->addAction(field.label, this, [this, path = field.path] { Q_EMIT fieldWanted(path); });
            action->setFont(theme::Theme::instance().font(theme::TextStyle::Mono));
            action->setToolTip(field.words);
        }
        add->setMenu(menu);
        head->addWidget(add);
    }
    if (section.removable) {
        QToolButton *remove = flat(QStringLiteral("trash"), tr("Take %1 out").arg(section.title), made);
        head->addWidget(remove);
        connect(remove, &QToolButton::clicked, this,
                [this, path = section.path, text = section.title] { Q_EMIT removeWanted(path, text); });
    }
    layout->addLayout(head);
    for (const FormField &field : section.fields)
        layout->addWidget(makeRow(field, made));
    return made;
}

QWidget *FormView::makeRow(const FormField &field, QWidget *parent)
{
    auto *made = new QWidget(parent);
    auto *layout = new QVBoxLayout(made);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(half);
    auto *head = new QHBoxLayout;
    auto *name = label(field.label, Look::Mono, made);
    head->addWidget(name, 1);
    Row row;
    row.remove = flat(QStringLiteral("minus-circle"), tr("Take %1 out").arg(field.label), made);
    row.remove->setFixedSize(2 * grid, 2 * grid);
    row.remove->setStyleSheet(QStringLiteral("padding: 0;"));
    row.remove->setFocusPolicy(Qt::TabFocus);
    row.remove->setVisible(field.removable);
    connect(row.remove, &QToolButton::clicked, this,
            [this, path = field.path, text = field.label] { Q_EMIT removeWanted(path, text); });
    head->addWidget(row.remove);
    layout->addLayout(head);
    row.field = field;
    row.whole = made;
    row.editor = new FieldEditor(field, made);
    row.words = label(field.words, Look::Faint, made);
    row.words->setVisible(!field.words.isEmpty());
    layout->addWidget(row.editor);
    layout->addWidget(row.words);
    row.findings = new QVBoxLayout;
    row.findings->setSpacing(half);
    layout->addLayout(row.findings);
    FieldEditor *editor = row.editor;
    connect(editor, &FieldEditor::textCommitted, this,
            [this, editor](const QString &text) { Q_EMIT textCommitted(editor->field(), text); });
    connect(editor, &FieldEditor::itemsCommitted, this,
            [this, editor](const QStringList &items) { Q_EMIT itemsCommitted(editor->field(), items); });
    connect(editor, &FieldEditor::pairsCommitted, this,
            [this, editor](const auto &pairs) { Q_EMIT pairsCommitted(editor->field(), pairs); });
    m_rows.push_back(row);
    fillFindings(m_rows.back());
    return made;
}

void FormView::fillFindings(Row &row)
{
    while (QLayoutItem *item = row.findings->takeAt(0)) {
        if (QWidget *old = item->widget()) {
            old->hide();
            old->deleteLater();
        }
        delete item;
    }
    for (const problems::Finding &finding : row.field.findings)
        row.findings->addWidget(makeFinding(finding, row.whole));
}

QWidget *FormView::makeFinding(const problems::Finding &finding, QWidget *parent)
{
    const bool error = finding.severity == model::Severity::Error;
    const bool warning = finding.severity == model::Severity::Warning;
    auto *made = new QWidget(parent);
    made->setObjectName(QStringLiteral("finding"));
    auto *layout = new QVBoxLayout(made);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(half);
    auto *head = new QHBoxLayout;
    head->setSpacing(half + 2);
    auto *icon = new QLabel(made);
    icon->setPixmap(theme::Theme::instance()
                        .icon(error     ? QStringLiteral("error")
                              : warning ? QStringLiteral("warning")
                                        : QStringLiteral("info"),
                              error     ? theme::Role::Bad
                              : warning ? theme::Role::Warning
                                        : theme::Role::TextMuted)
                        .pixmap(QSize(iconSize, iconSize)));
    QString text =
        finding.code.isEmpty() ? finding.message : finding.code + QLatin1Char(' ') + finding.message;
    if (!finding.hint.isEmpty())
        text += QStringLiteral(" (") + finding.hint + QLatin1Char(')');
    head->addWidget(icon, 0, Qt::AlignTop);
    head->addWidget(label(text, error ? Look::Bad : warning ? Look::Warning : Look::Muted, made), 1);
    layout->addLayout(head);
    auto *buttons = new QHBoxLayout;
    buttons->setContentsMargins(iconSize + half + 2, 0, 0, 0);
    for (const problems::Fix &fix : finding.fixes) {
        auto *button = new QPushButton(fix.title, made);
        if (buttons->isEmpty() && (error || warning))
            theme::setLook(button, Look::Primary);
        buttons->addWidget(button);
        connect(button, &QPushButton::clicked, this, [this, fix] { Q_EMIT fixWanted(fix); });
    }
    buttons->addStretch();
    layout->addLayout(buttons);
    return made;
}

void FormView::focusField(const std::string &path)
{
    for (const Row &row : m_rows) {
        const bool fits = row.field.path == path || row.field.path.starts_with(path + '.') ||
                          row.field.path.starts_with(path + '[');
        if (!fits)
            continue;
        row.editor->focusInput();
        QTimer::singleShot(0, row.whole, [this, whole = row.whole] { ensureWidgetVisible(whole); });
        return;
    }
}

} // namespace sallyport::inspector
