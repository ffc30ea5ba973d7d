// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/editor/completion.h"
#include "ui/editor/document_lines.h"
#include "ui/editor/line_marks.h"
#include "ui/editor/scintilla.h"

namespace sallyport::editor {

class YamlLexer;

/// A YAML text with marks, completion and no undo of its own: the project's undo steps are followed by
/// replaceText().
class YamlEdit : public QsciScintilla
{
    Q_OBJECT

public:
    explicit YamlEdit(QWidget *parent = nullptr);

    /// UTF-8, with the line ends that the file has.
    std::string bytes() const;
    /// Another file: cursor at its beginning.
    void setBytes(const std::string &bytes);
    /// The same file as somebody else changed it: cursor and scroll position stay with their text.
    void replaceText(const std::string &bytes);

    void setMarks(const std::map<int, LineMark> &marks);
    const std::map<int, LineMark> &marks() const { return m_marks; }
    /// Lines that are shown as the selected resource.
    void setShownRange(const std::optional<LineRange> &range);
    void goTo(int line, int column = 0); ///< from 0; columns count bytes

    std::optional<CursorField> cursorField() const;
    /// What can be said of the field at a place of the text, its problems first.
    QString wordsAt(int line, int column) const;
    void complete();

    /// Selects the next match behind (or before) the selection, around the end; false if there is none.
    bool findNext(const QString &text, bool forward);
    /// Replaces the selection if it is a match of `text`; says whether it was.
    bool replaceMatch(const QString &text, const QString &replacement);
    /// Replaces every match in the file and says how many there were.
    int replaceAll(const QString &text, const QString &replacement);

Q_SIGNALS:
    /// The person changed the text by typing.
    void edited();
    /// The person had matches replaced: a change of its own, however much is typed around it.
    void replaced();
    void leftFocus();

protected:
    bool event(QEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    bool viewportEvent(QEvent *event) override;

private:
    /// Where the next match in a part of the text begins, -1 without one; backwards if `end` is before
    /// `begin`.
    long matchIn(long begin, long end, const QByteArray &text);
    void setUpKeys();
    void setUpMargins();
    void follow();
    void showMargin();
    void onCharacter(int character);
    void onCompleted(const char *selection);
    void showTip(const QPoint &local, const QPoint &global);

    YamlLexer *m_lexer;
    std::map<int, LineMark> m_marks;
    std::vector<Candidate> m_candidates;
    bool m_following = false;
};

} // namespace sallyport::editor
