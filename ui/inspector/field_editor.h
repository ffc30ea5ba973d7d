// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/inspector/form.h"

#include <QWidget>

class QComboBox;
class QLineEdit;
class QVBoxLayout;

namespace sallyport::inspector {

/// The input of one field: a line, a choice, lines of a list, names and texts.
class FieldEditor : public QWidget
{
    Q_OBJECT

public:
    explicit FieldEditor(const FormField &field, QWidget *parent = nullptr);

    const FormField &field() const { return m_field; }
    /// The same field with another value.
    void setField(const FormField &field);
    /// Where the keyboard goes.
    void focusInput();

Q_SIGNALS:
    void textCommitted(const QString &text);
    void itemsCommitted(const QStringList &items);
    void pairsCommitted(const QList<std::pair<QString, QString>> &pairs);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QLineEdit *makeLine(const QString &text, const QString &name);
    void makeChoice();
    void makeItems();
    void addItem(const QString &text, int index);
    int nameParts() const;
    void makePairs();
    void addPair(const QString &name, const QString &value);
    void commitItems();
    void commitPairs();
    void rebuild();
    void showSeverity();

    FormField m_field;
    QVBoxLayout *m_layout;
    QLineEdit *m_line = nullptr;
    QComboBox *m_choice = nullptr;
    QList<QLineEdit *> m_items;
    QList<std::pair<QLineEdit *, QLineEdit *>> m_pairs;
};

} // namespace sallyport::inspector
