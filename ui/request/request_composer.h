// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/plan.h"
#include "ui/request/header_table_model.h"
#include "ui/request/request_runner.h"

#include <QWidget>

class QComboBox;
class QHBoxLayout;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QSpinBox;
class QStackedWidget;
class QToolButton;

namespace sallyport::request {

class HeaderTable;

/// The form of a request: who sends what, how often, and the curl lines that do the same.
class RequestComposer : public QWidget
{
    Q_OBJECT

public:
    explicit RequestComposer(QWidget *parent = nullptr);

    RequestDraft draft() const;
    void setDraft(const RequestDraft &draft);
    Repetition repetition() const;
    /// The workloads of the lab that runs; null: none does.
    void setPlan(std::shared_ptr<const lab::LabPlan> plan);
    /// Why the last draft could not be sent; empty: no more.
    void setError(const QString &error);
    void focusUrl();
    /// Buttons of the first row behind the URL, and of the second row.
    void addButton(QWidget *button);
    void addTool(QWidget *tool);

Q_SIGNALS:
    void edited();
    /// Enter in the URL.
    void sendWanted();
    /// `text` was put on the clipboard.
    void copied(const QString &what);

private:
    void makeRequestRow();
    QWidget *makeRepetition();
    QWidget *makeCurlLine(const QString &name, QLineEdit *&line, const QString &tip);
    void fillWorkloads();
    void onEdited();

    std::shared_ptr<const lab::LabPlan> m_plan;
    QString m_instance; ///< wanted, perhaps not in the plan
    HeaderTableModel m_headerModel;
    QComboBox *m_from;
    QComboBox *m_method;
    QLineEdit *m_url;
    QLabel *m_error;
    QToolButton *m_headersTab;
    QToolButton *m_bodyTab;
    QStackedWidget *m_pages;
    HeaderTable *m_headers;
    QPlainTextEdit *m_body;
    QSpinBox *m_times;
    QComboBox *m_interval;
    QLineEdit *m_kubectl = nullptr;
    QLineEdit *m_local = nullptr;
    QHBoxLayout *m_buttons;
    QHBoxLayout *m_tools;
    bool m_filling = false;
};

} // namespace sallyport::request
