// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/inspector/form.h"
#include "ui/topology/chain.h"

#include <QScrollArea>

class QToolButton;
class QVBoxLayout;

namespace sallyport::inspector {

class FieldEditor;
class WrappedLabel;

/// Shows a form and says what a person wants of it.
class FormView : public QScrollArea
{
    Q_OBJECT

public:
    explicit FormView(QWidget *parent = nullptr);

    /// `flags` are what is to be looked at beside the fields. While the same fields are there their widgets
    /// stay, with the keyboard in them.
    void setForm(const Form &form, const std::vector<topology::HopFlag> &flags);
    void focusField(const std::string &path);

Q_SIGNALS:
    void textCommitted(const sallyport::inspector::FormField &field, const QString &text);
    void itemsCommitted(const sallyport::inspector::FormField &field, const QStringList &items);
    void pairsCommitted(const sallyport::inspector::FormField &field,
                        const QList<std::pair<QString, QString>> &pairs);
    void removeWanted(const std::string &path, const QString &label);
    void fieldWanted(const std::string &path);
    void fixWanted(const sallyport::problems::Fix &fix);

private:
    struct Row
    {
        FormField field;
        QWidget *whole = nullptr;
        FieldEditor *editor = nullptr;
        QToolButton *remove = nullptr;
        WrappedLabel *words = nullptr;
        QVBoxLayout *findings = nullptr;
    };
    bool hasSameRows(const Form &form, const std::vector<topology::HopFlag> &flags) const;
    void build(const Form &form, const std::vector<topology::HopFlag> &flags);
    QWidget *makeSection(const FormSection &section, QWidget *parent);
    QWidget *makeRow(const FormField &field, QWidget *parent);
    QWidget *makeNotice(const QString &title, const QString &text, bool error, QWidget *parent);
    void fillFindings(Row &row);
    QWidget *makeFinding(const problems::Finding &finding, QWidget *parent);

    Form m_form;
    std::vector<topology::HopFlag> m_flags;
    std::vector<Row> m_rows;
};

} // namespace sallyport::inspector
