// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/field_editor.h"

#include "ui/theme/theme.h"

#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace sallyport::inspector {

namespace {

/// Of five parts of a row's width, what a pair's name has at least, and its value.
constexpr int pairParts = 5;
constexpr int leastParts = 2;

QToolButton *crossButton(const QString &tip, QWidget *parent)
{
    auto *button = new QToolButton(parent);
    button->setIcon(theme::Theme::instance().icon(QStringLiteral("cross"), theme::Role::TextFaint));
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    return button;
}

} // namespace

FieldEditor::FieldEditor(const FormField &field, QWidget *parent)
    : QWidget(parent)
    , m_field(field)
    , m_layout(new QVBoxLayout(this))
{
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(theme::half);
    rebuild();
}

void FieldEditor::rebuild()
{
    while (QLayoutItem *item = m_layout->takeAt(0)) {
        if (QWidget *widget = item->widget()) {
            widget->hide();
            widget->deleteLater();
        }
        delete item;
    }
    m_line = nullptr;
    m_choice = nullptr;
    m_items.clear();
    m_pairs.clear();
    using model::FieldType;
    if (m_field.type == FieldType::Texts && m_field.editable) {
        makeItems();
    } else if (m_field.type == FieldType::LabelMap && m_field.editable) {
        makePairs();
    } else if (m_field.editable && (!m_field.choices.isEmpty() || m_field.type == FieldType::Boolean)) {
        makeChoice();
    } else {
        QString text = m_field.value;
        if (!m_field.items.isEmpty())
            text = m_field.items.join(QStringLiteral(", "));
        QStringList pairs;
        for (const auto &[name, value] : m_field.pairs)
            pairs.append(name + QStringLiteral(": ") + value);
        if (!pairs.isEmpty())
            text = pairs.join(QStringLiteral(", "));
        m_line = makeLine(text, m_field.label);
        m_line->setReadOnly(!m_field.editable);
        m_layout->addWidget(m_line);
        connect(m_line, &QLineEdit::editingFinished, this, [this] {
            if (m_field.editable && m_line->text() != m_field.value)
                Q_EMIT textCommitted(m_line->text());
        });
    }
    showSeverity();
}

QLineEdit *FieldEditor::makeLine(const QString &text, const QString &name)
{
    auto *line = new QLineEdit(text, this);
    theme::setLook(line, theme::Look::Mono);
    line->setFont(theme::Theme::instance().font(theme::TextStyle::Mono));
    line->setAccessibleName(name);
    line->setAccessibleDescription(m_field.words);
    line->setPlaceholderText(tr("not set"));
    line->setCursorPosition(0);
    // What is longer than its line.
    line->setToolTip(text);
    connect(line, &QLineEdit::textChanged, line, &QWidget::setToolTip);
    return line;
}

void FieldEditor::makeChoice()
{
    m_choice = new QComboBox(this);
    m_choice->setFont(theme::Theme::instance().font(theme::TextStyle::Mono));
    m_choice->setAccessibleName(m_field.label);
    m_choice->setAccessibleDescription(m_field.words);
    m_choice->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_choice->setMinimumContentsLength(8);
    m_choice->setFocusPolicy(Qt::StrongFocus);
    m_choice->installEventFilter(this);
    const bool boolean = m_field.type == model::FieldType::Boolean;
    const bool closed = m_field.closed || boolean;
    m_choice->setEditable(!closed);
    QStringList words =
        boolean ? QStringList{QStringLiteral("true"), QStringLiteral("false")} : m_field.choices;
    if (closed && !m_field.value.isEmpty() && !words.contains(m_field.value))
        words.prepend(m_field.value); // wrong, and still what stands there
    if (closed && !m_field.present)
        m_choice->addItem(tr("not set"), QString());
    for (const QString &word : words)
        m_choice->addItem(word, word);
    if (closed) {
        m_choice->setCurrentIndex(std::max(0, m_choice->findData(m_field.value)));
        connect(m_choice, &QComboBox::activated, this, [this](int index) {
            const QString chosen = m_choice->itemData(index).toString();
            if (chosen != m_field.value)
                Q_EMIT textCommitted(chosen);
        });
    } else {
        m_choice->setInsertPolicy(QComboBox::NoInsert);
        m_choice->setCurrentText(m_field.value);
        m_choice->lineEdit()->setPlaceholderText(tr("not set"));
        m_choice->lineEdit()->setFont(m_choice->font());
        const auto commit = [this] {
            if (m_choice->currentText() != m_field.value)
                Q_EMIT textCommitted(m_choice->currentText());
        };
        connect(m_choice, &QComboBox::activated, this, commit);
        connect(m_choice->lineEdit(), &QLineEdit::editingFinished, this, commit);
    }
    m_layout->addWidget(m_choice);
}

void FieldEditor::makeItems()
{
    for (int i = 0; i < m_field.items.size(); ++i)
        addItem(m_field.items[i], i);
    if (m_field.items.isEmpty()) {
        addItem({}, 0);
        return;
    }
    auto *add = new QPushButton(theme::Theme::instance().icon(QStringLiteral("plus"), theme::Role::TextMuted),
                                tr("Add another"), this);
    theme::setLook(add, theme::Look::Flat);
    add->setAccessibleName(tr("Add another to %1").arg(m_field.label));
    m_layout->addWidget(add, 0, Qt::AlignLeft);
    connect(add, &QPushButton::clicked, this, [this] {
        addItem({}, static_cast<int>(m_items.size()));
        m_items.back()->setFocus();
    });
}

void FieldEditor::addItem(const QString &text, int index)
{
    auto *row = new QWidget(this);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::half);
    QLineEdit *line = makeLine(text, m_field.label + QStringLiteral(" [%1]").arg(index));
    layout->addWidget(line, 1);
    m_items.append(line);
    connect(line, &QLineEdit::editingFinished, this, &FieldEditor::commitItems);
    if (!m_field.items.isEmpty()) {
        QToolButton *remove = crossButton(tr("Take this one out"), row);
        layout->addWidget(remove);
        connect(remove, &QToolButton::clicked, this, [this, line] {
            line->clear();
            commitItems();
        });
    }
    m_layout->insertWidget(index, row);
}

void FieldEditor::commitItems()
{
    QStringList items;
    for (const QLineEdit *line : m_items) {
        if (!line->text().isEmpty())
            items.append(line->text());
    }
    if (items != m_field.items)
        Q_EMIT itemsCommitted(items);
}

/// The parts of a row that names get: as many as they need more than values, the same in every row.
int FieldEditor::nameParts() const
{
    qsizetype names = 0;
    qsizetype values = 0;
    for (const auto &[name, value] : m_field.pairs) {
        names = std::max(names, name.size());
        values = std::max(values, value.size());
    }
    return names > values ? pairParts - leastParts : leastParts;
}

void FieldEditor::makePairs()
{
    for (const auto &[name, value] : m_field.pairs)
        addPair(name, value);
    addPair({}, {}); // room for one more
}

void FieldEditor::addPair(const QString &name, const QString &value)
{
    auto *row = new QWidget(this);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::half);
    QLineEdit *key = makeLine(name, tr("%1: name").arg(m_field.label));
    QLineEdit *text = makeLine(value, tr("%1: value").arg(m_field.label));
    key->setPlaceholderText(tr("name"));
    text->setPlaceholderText(tr("value"));
    layout->addWidget(key, nameParts());
    layout->addWidget(text, pairParts - nameParts());
    m_pairs.append(std::pair(key, text));
    for (QLineEdit *line : {key, text})
        connect(line, &QLineEdit::editingFinished, this, &FieldEditor::commitPairs);
    m_layout->addWidget(row);
}

void FieldEditor::commitPairs()
{
    QList<std::pair<QString, QString>> pairs;
    for (const auto &[key, value] : m_pairs) {
        // Half a pair waits for its other half.
        if (!key->text().isEmpty() && !value->text().isEmpty())
            pairs.append({key->text(), value->text()});
        else if (key->text().isEmpty() != value->text().isEmpty() && (key->hasFocus() || value->hasFocus()))
            return;
    }
    if (pairs != m_field.pairs)
        Q_EMIT pairsCommitted(pairs);
}

void FieldEditor::setField(const FormField &field)
{
    const bool same = m_field.value == field.value && m_field.items == field.items &&
                      m_field.pairs == field.pairs && m_field.present == field.present;
    m_field = field;
    if (!same) {
        const bool focused = isAncestorOf(focusWidget());
        if (m_line && m_line->text() != field.value && field.items.isEmpty() && field.pairs.isEmpty())
            m_line->setText(field.value);
        else if (m_choice && m_choice->isEditable())
            m_choice->setCurrentText(field.value);
        else if (!m_line)
            rebuild();
        if (focused && !m_line)
            focusInput();
    }
    showSeverity();
}

void FieldEditor::focusInput()
{
    QWidget *input = m_line               ? static_cast<QWidget *>(m_line)
                     : m_choice           ? static_cast<QWidget *>(m_choice)
                     : !m_items.isEmpty() ? m_items.back()
                     : !m_pairs.isEmpty() ? m_pairs.back().first
                                          : nullptr;
    if (input)
        input->setFocus();
}

void FieldEditor::showSeverity()
{
    theme::Look look = m_line || !m_choice ? theme::Look::Mono : theme::Look::Plain;
    for (const problems::Finding &finding : m_field.findings) {
        if (finding.severity == model::Severity::Error)
            look = theme::Look::Bad;
        else if (finding.severity == model::Severity::Warning && look != theme::Look::Bad)
            look = theme::Look::Warning;
    }
    const auto set = [look](QWidget *input) {
        theme::setLook(input, look);
        input->setFont(theme::Theme::instance().font(theme::TextStyle::Mono));
        if (auto *choice = qobject_cast<QComboBox *>(input); choice && choice->lineEdit())
            choice->lineEdit()->setFont(input->font());
    };
    if (m_line)
        set(m_line);
    if (m_choice)
        set(m_choice);
    for (QLineEdit *line : m_items)
        set(line);
}

/// The wheel scrolls the form, not the choice under the pointer.
bool FieldEditor::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Wheel && watched == m_choice && !m_choice->hasFocus()) {
        event->ignore();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace sallyport::inspector
