// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/editor/lab_verdict.h"
#include "ui/problems/finding_list.h"
#include "ui/session/context.h"

#include <QTimer>
#include <QWidget>

class QFrame;
class QLabel;
class QStackedWidget;
class QToolButton;

namespace sallyport::theme {
class EmptyState;
}

namespace sallyport::editor {

class FindBar;
class YamlEdit;

/// One file of the project as text. Whatever is typed becomes an undo step of the project; what is changed
/// elsewhere shows here. Below the text stands what the field at the cursor is for, above it what the running
/// lab made of the last change.
class EditorPanel : public QWidget
{
    Q_OBJECT

public:
    EditorPanel(session::Context &context, problems::FindingList &findings, QWidget *parent = nullptr);

    /// Shows a resource, at the field that is selected. While the cursor is in its lines it stays where it
    /// is, unless a field is named.
    void showResource(const session::ResourceSelection &resource);
    /// A place of a file; line and column from 1, 0 where they are not known.
    void showPlace(const QString &file, int line, int column);
    void clear();
    QString file() const { return m_file; }
    const std::optional<session::ResourceSelection> &resource() const { return m_resource; }
    YamlEdit &edit() { return *m_edit; }
    /// The search of the text, without anything if no text is shown.
    void openFind();
    /// The same with a line for what is to stand in place of the matches.
    void openReplace();
    /// The keyboard is in here.
    bool isActive() const;

Q_SIGNALS:
    /// A word for the status bar.
    void message(const QString &text);
    /// The strip's problem is in another file: show it.
    void placeWanted(const QString &file, int line, int column);

private:
    QWidget *makeStrip();
    QWidget *makeFoot();
    bool open(const QString &file);
    void onEdited();
    void apply(const QString &name, const QString &mergeKey);
    void onTexts();
    void showMarks();
    void showRange();
    void showVerdict();
    void showField();

    session::Context &m_context;
    problems::FindingList &m_findings;
    LabVerdict m_verdict;
    QTimer m_markTimer; ///< findings come a moment after the text
    QString m_file;
    std::optional<session::ResourceSelection> m_resource;

    QStackedWidget *m_pages = nullptr;
    theme::EmptyState *m_empty = nullptr;
    QFrame *m_strip = nullptr;
    QLabel *m_stripIcon = nullptr;
    QLabel *m_stripText = nullptr;
    QToolButton *m_stripShow = nullptr;
    YamlEdit *m_edit = nullptr;
    FindBar *m_find = nullptr;
    QLabel *m_path = nullptr;
    QLabel *m_field = nullptr;
};

} // namespace sallyport::editor
