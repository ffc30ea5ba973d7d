// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explain/explanation.h"
#include "ui/session/selection.h"

#include <QWidget>
#include <memory>

class QComboBox;
class QLineEdit;
class QScrollArea;
class QStackedWidget;

namespace sallyport::theme {
class EmptyState;
}

namespace sallyport::inspector {

class WrappedLabel;

/// A request's way through the configuration, hop by hop, with the reason for every step. The hop that is
/// selected is unfolded, the others can be.
class ExplainView : public QWidget
{
    Q_OBJECT

public:
    explicit ExplainView(QWidget *parent = nullptr);

    /// What is asked for, in the fields on top. `senders` are the workloads that can send.
    void setQuestion(const explain::Request &request, const QStringList &senders);
    void setExplanation(std::shared_ptr<const explain::Explanation> explanation, const QString &error);
    /// Which proxies to unfold: full names of workloads; none: where it was decided.
    void setPlace(const QStringList &workloads);

Q_SIGNALS:
    void asked(const sallyport::explain::Request &request);
    /// Show this line of the YAML.
    void placeWanted(const QString &file, int line, int column);

private:
    QWidget *makeQuestion();
    void ask();
    void build();
    QWidget *makeHop(const explain::Hop &hop, bool open, QWidget *parent);
    QWidget *makeStep(const explain::Step &step, QWidget *parent);

    explain::Request m_request;
    std::shared_ptr<const explain::Explanation> m_explanation;
    QString m_error;
    QStringList m_place;
    QComboBox *m_sender = nullptr;
    QLineEdit *m_line = nullptr;
    WrappedLabel *m_wrong = nullptr;
    QScrollArea *m_area = nullptr;
    QStackedWidget *m_pages = nullptr;
    theme::EmptyState *m_empty = nullptr;
};

} // namespace sallyport::inspector
