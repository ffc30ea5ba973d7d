// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/context.h"
#include "ui/shell/process_output.h"

#include <QWidget>

class QComboBox;
class QPlainTextEdit;

namespace sallyport::shell {

/// What the lab's processes print, and what the lab itself did: started, applied, went down.
class ConsolePanel : public QWidget
{
    Q_OBJECT

public:
    explicit ConsolePanel(session::Context &context, QWidget *parent = nullptr);

    /// A line of the lab itself.
    void say(const QString &line);

private:
    struct Line
    {
        QString process; ///< empty: the lab itself
        QString text;
    };
    void add(const QString &process, const QString &text);
    void append(const Line &line);
    void showAll();
    void offerProcesses();

    session::Context &m_context;
    ProcessOutput m_output;
    QComboBox *m_choice = nullptr;
    QPlainTextEdit *m_text = nullptr;
    QList<Line> m_lines;
};

} // namespace sallyport::shell
