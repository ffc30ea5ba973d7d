// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/yaml_edit.h"

#include "ui/editor/text_change.h"
#include "ui/editor/yaml_lexer.h"
#include "ui/theme/theme.h"

#include <QHelpEvent>
#include <QScopedValueRollback>
#include <QToolTip>
#include <Qsci/qscicommandset.h>

namespace sallyport::editor {

namespace {

enum Margin { NumberColumn = 0, MarkColumn = 1, RangeColumn = 2 };
enum Marker { ErrorMarker = 0, WarningMarker = 1, NoteMarker = 2, RangeMarker = 3 };
enum Indicator { ErrorLine = 8, WarningLine = 9, NoteLine = 10 };

constexpr int markSize = 12;
constexpr int rangeWidth = 3;

int markerOf(model::Severity severity)
{
    return severity == model::Severity::Error     ? ErrorMarker
           : severity == model::Severity::Warning ? WarningMarker
                                                  : NoteMarker;
}

int indicatorOf(model::Severity severity)
{
    return markerOf(severity) - ErrorMarker + ErrorLine;
}

} // namespace

YamlEdit::YamlEdit(QWidget *parent)
    : QsciScintilla(parent)
    , m_lexer(new YamlLexer(this))
{
    setUtf8(true);
    setLexer(m_lexer);
    setFrameShape(QFrame::NoFrame);
    setIndentationsUseTabs(false);
    setIndentationWidth(2);
    setTabWidth(2);
    setAutoIndent(true);
    setBackspaceUnindents(true);
    setFolding(QsciScintilla::NoFoldStyle);
    setWrapMode(QsciScintilla::WrapNone);
    setScrollWidth(1);
    setScrollWidthTracking(true);
    setCaretWidth(2);
    // The project's undo stack is the only one.
    SendScintilla(SCI_SETUNDOCOLLECTION, 0UL);
    SendScintilla(SCI_EMPTYUNDOBUFFER);
    SendScintilla(SCI_AUTOCSETSEPARATOR, static_cast<unsigned long>('\n'));
    SendScintilla(SCI_AUTOCSETIGNORECASE, 1UL);
    SendScintilla(SCI_AUTOCSETORDER, static_cast<unsigned long>(SC_ORDER_CUSTOM));
    SendScintilla(SCI_AUTOCSETMAXHEIGHT, 10UL);
    setUpKeys();
    setUpMargins();
    follow();
    connect(&theme::Theme::instance(), &theme::Theme::changed, this, &YamlEdit::follow);
    connect(this, &QsciScintilla::textChanged, this, [this] {
        showMargin();
        if (!m_following)
            Q_EMIT edited();
    });
    connect(this, &QsciScintillaBase::SCN_CHARADDED, this, &YamlEdit::onCharacter);
    connect(this, &QsciScintillaBase::SCN_AUTOCCOMPLETED, this,
            [this](const char *selection, int, int, int) { onCompleted(selection); });
}

/// Keys that the window's actions have stay theirs.
void YamlEdit::setUpKeys()
{
    using Command = QsciCommand;
    for (const Command::Command command :
         {Command::Undo, Command::Redo, Command::SelectionDuplicate, Command::LineCut, Command::LineCopy,
          Command::LineTranspose, Command::ZoomIn, Command::ZoomOut, Command::EditToggleOvertype,
          Command::SelectionLowerCase, Command::SelectionUpperCase, Command::LineDelete,
          Command::ReverseLines}) {
        if (QsciCommand *found = standardCommands()->find(command)) {
            found->setKey(0);
            found->setAlternateKey(0);
        }
    }
}

void YamlEdit::setUpMargins()
{
    setMarginType(NumberColumn, QsciScintilla::NumberMargin);
    setMarginType(MarkColumn, QsciScintilla::SymbolMargin);
    setMarginType(RangeColumn, QsciScintilla::SymbolMargin);
    setMarginWidth(MarkColumn, markSize + theme::half);
    setMarginWidth(RangeColumn, rangeWidth);
    setMarginWidth(3, theme::grid);
    setMarginMarkerMask(NumberColumn, 0);
    setMarginMarkerMask(MarkColumn, 1 << ErrorMarker | 1 << WarningMarker | 1 << NoteMarker);
    setMarginMarkerMask(RangeColumn, 1 << RangeMarker);
    setMarginMarkerMask(3, 0);
    markerDefine(QsciScintilla::FullRectangle, RangeMarker);
    indicatorDefine(QsciScintilla::SquiggleIndicator, ErrorLine);
    indicatorDefine(QsciScintilla::SquiggleIndicator, WarningLine);
    indicatorDefine(QsciScintilla::DotsIndicator, NoteLine);
}

void YamlEdit::follow()
{
    using theme::Role;
    const theme::Theme &theme = theme::Theme::instance();
    m_lexer->follow();
    const QColor paper = theme.color(theme.isDark() ? Role::Canvas : Role::Card);
    setPaper(paper);
    setColor(theme.color(Role::Text));
    setCaretForegroundColor(theme.color(Role::Accent));
    setCaretLineVisible(true);
    setCaretLineBackgroundColor(theme.tint(Role::Text, 0.05, theme.isDark() ? Role::Canvas : Role::Card));
    setSelectionBackgroundColor(theme.color(Role::SelectionFill));
    resetSelectionForegroundColor();
    setMarginsFont(theme.font(theme::TextStyle::Mono));
    setMarginsForegroundColor(theme.color(Role::TextFaint));
    setMarginsBackgroundColor(paper);
    setMarginBackgroundColor(3, paper);
    const qreal scale = devicePixelRatioF();
    const auto mark = [&](const QString &icon, Role role, Marker marker) {
        QPixmap pixmap = theme.icon(icon, role).pixmap(QSize(markSize, markSize), scale);
        pixmap.setDevicePixelRatio(1);
        markerDefine(pixmap.scaled(markSize, markSize, Qt::IgnoreAspectRatio, Qt::SmoothTransformation),
                     marker);
    };
    mark(QStringLiteral("error"), Role::Bad, ErrorMarker);
    mark(QStringLiteral("warning"), Role::Warning, WarningMarker);
    mark(QStringLiteral("info"), Role::TextMuted, NoteMarker);
    setMarkerBackgroundColor(theme.color(Role::Accent), RangeMarker);
    setMarkerForegroundColor(theme.color(Role::Accent), RangeMarker);
    setIndicatorForegroundColor(theme.color(Role::Bad), ErrorLine);
    setIndicatorForegroundColor(theme.color(Role::Warning), WarningLine);
    setIndicatorForegroundColor(theme.color(Role::TextMuted), NoteLine);
    setMatchedBraceBackgroundColor(paper);
    showMargin();
}

void YamlEdit::showMargin()
{
    const int digits = std::max<int>(2, static_cast<int>(QString::number(lines()).size()));
    setMarginWidth(NumberColumn, QString(digits + 1, QLatin1Char('8')));
}

std::string YamlEdit::bytes() const
{
    const auto size = static_cast<std::size_t>(length());
    std::string text(size, '\0');
    if (size > 0)
        SendScintilla(SCI_GETTEXTRANGE, 0L, static_cast<long>(size), text.data());
    return text;
}

void YamlEdit::setBytes(const std::string &bytes)
{
    const QScopedValueRollback following(m_following, true);
    setEolMode(bytes.find("\r\n") != std::string::npos ? EolWindows : EolUnix);
    SendScintilla(SCI_AUTOCCANCEL);
    SendScintilla(SCI_CLEARALL);
    SendScintilla(SCI_ADDTEXT, static_cast<unsigned long>(bytes.size()), bytes.data());
    SendScintilla(SCI_GOTOPOS, 0UL);
    setMarks({});
    setShownRange(std::nullopt);
    showMargin();
}

void YamlEdit::replaceText(const std::string &bytes)
{
    const auto change = changeBetween(this->bytes(), bytes);
    if (!change)
        return;
    const QScopedValueRollback following(m_following, true);
    SendScintilla(SCI_AUTOCCANCEL);
    SendScintilla(SCI_SETTARGETRANGE, static_cast<unsigned long>(change->begin),
                  static_cast<long>(change->end));
    SendScintilla(SCI_REPLACETARGET, static_cast<unsigned long>(change->replacement.size()),
                  change->replacement.data());
    if (hasFocus()) { // an undo: the person wants to see where
        const std::size_t end = change->begin + change->replacement.size();
        SendScintilla(SCI_GOTOPOS, static_cast<unsigned long>(end));
    }
}

void YamlEdit::setMarks(const std::map<int, LineMark> &marks)
{
    m_marks = marks;
    for (const Marker marker : {ErrorMarker, WarningMarker, NoteMarker})
        markerDeleteAll(marker);
    for (const Indicator indicator : {ErrorLine, WarningLine, NoteLine}) {
        SendScintilla(SCI_SETINDICATORCURRENT, static_cast<unsigned long>(indicator));
        SendScintilla(SCI_INDICATORCLEARRANGE, 0UL, static_cast<long>(length()));
    }
    for (const auto &[line, mark] : m_marks) {
        markerAdd(line, markerOf(mark.worst));
        const long begin = SendScintilla(SCI_POSITIONFROMLINE, static_cast<unsigned long>(line));
        for (const LineMark::Span &span : mark.spans) {
            SendScintilla(SCI_SETINDICATORCURRENT, static_cast<unsigned long>(indicatorOf(span.severity)));
            SendScintilla(SCI_INDICATORFILLRANGE, static_cast<unsigned long>(begin + span.begin),
                          static_cast<long>(span.end - span.begin));
        }
    }
}

void YamlEdit::setShownRange(const std::optional<LineRange> &range)
{
    markerDeleteAll(RangeMarker);
    for (int line = range ? range->first : 0; range && line <= range->last; ++line)
        markerAdd(line, RangeMarker);
}

void YamlEdit::goTo(int line, int column)
{
    line = std::clamp(line, 0, std::max(lines() - 1, 0));
    const long begin = SendScintilla(SCI_POSITIONFROMLINE, static_cast<unsigned long>(line));
    const long end = SendScintilla(SCI_GETLINEENDPOSITION, static_cast<unsigned long>(line));
    SendScintilla(SCI_GOTOPOS, static_cast<unsigned long>(std::min(begin + column, end)));
    const long shown = SendScintilla(SCI_LINESONSCREEN);
    setFirstVisibleLine(std::max(0, line - static_cast<int>(shown) / 3));
}

std::optional<CursorField> YamlEdit::cursorField() const
{
    int line = 0;
    int column = 0;
    getCursorPosition(&line, &column);
    return fieldAt(text().remove(QLatin1Char('\r')), line, column);
}

QString YamlEdit::wordsAt(int line, int column) const
{
    QStringList words;
    if (const auto mark = m_marks.find(line); mark != m_marks.end())
        words.append(mark->second.text);
    if (const auto field = fieldAt(text().remove(QLatin1Char('\r')), line, column)) {
        if (const QString about = describe(*field); !about.isEmpty())
            words.append(about);
    }
    return words.join(QLatin1Char('\n'));
}

void YamlEdit::complete()
{
    const auto field = cursorField();
    m_candidates = field ? candidatesAt(*field) : std::vector<Candidate>();
    if (m_candidates.empty()) {
        SendScintilla(SCI_AUTOCCANCEL);
        return;
    }
    QStringList list;
    for (const Candidate &candidate : m_candidates)
        list.append(candidate.text);
    SendScintilla(SCI_AUTOCSHOW, static_cast<unsigned long>(field->typed.toUtf8().size()),
                  list.join(QLatin1Char('\n')).toUtf8().constData());
}

void YamlEdit::onCharacter(int character)
{
    const auto field = cursorField();
    if (!field)
        return;
    const bool letter = QChar(character).isLetterOrNumber();
    const bool begins = field->inValue && character == ' ' && field->typed.isEmpty();
    if ((letter && !SendScintilla(SCI_AUTOCACTIVE)) || begins)
        complete();
}

void YamlEdit::onCompleted(const char *selection)
{
    const QString chosen = QString::fromUtf8(selection);
    for (const Candidate &candidate : m_candidates) {
        if (candidate.text != chosen || candidate.behind.isEmpty())
            continue;
        QByteArray behind = candidate.behind.toUtf8();
        if (eolMode() == EolWindows)
            behind.replace("\n", "\r\n");
        SendScintilla(SCI_ADDTEXT, static_cast<unsigned long>(behind.size()), behind.constData());
        // A field with few words offers them at once.
        QMetaObject::invokeMethod(this, &YamlEdit::complete, Qt::QueuedConnection);
        return;
    }
}

long YamlEdit::matchIn(long begin, long end, const QByteArray &text)
{
    SendScintilla(SCI_SETSEARCHFLAGS, 0UL);
    SendScintilla(SCI_SETTARGETRANGE, static_cast<unsigned long>(begin), end);
    return SendScintilla(SCI_SEARCHINTARGET, static_cast<unsigned long>(text.size()), text.constData());
}

bool YamlEdit::findNext(const QString &text, bool forward)
{
    const QByteArray wanted = text.toUtf8();
    if (wanted.isEmpty())
        return false;
    const long from = SendScintilla(forward ? SCI_GETSELECTIONEND : SCI_GETSELECTIONSTART);
    const long end = length();
    long found = matchIn(from, forward ? end : 0, wanted);
    if (found < 0)
        found = matchIn(forward ? 0 : end, forward ? end : 0, wanted);
    if (found < 0)
        return false;
    // The beginnings of lines say where one is: no further to the side than this match needs.
    SendScintilla(SCI_SETXOFFSET, 0UL);
    SendScintilla(SCI_SETSEL, static_cast<unsigned long>(found), found + static_cast<long>(wanted.size()));
    ensureCursorVisible();
    return true;
}

bool YamlEdit::replaceMatch(const QString &text, const QString &replacement)
{
    const QByteArray wanted = text.toUtf8();
    const QByteArray with = replacement.toUtf8();
    const long begin = SendScintilla(SCI_GETSELECTIONSTART);
    const long end = SendScintilla(SCI_GETSELECTIONEND);
    if (wanted.isEmpty() || isReadOnly() || end - begin != wanted.size() ||
        matchIn(begin, end, wanted) != begin)
        return false;
    {
        const QScopedValueRollback following(m_following, true);
        SendScintilla(SCI_REPLACETARGET, static_cast<unsigned long>(with.size()), with.constData());
        SendScintilla(SCI_GOTOPOS, static_cast<unsigned long>(begin + with.size()));
    }
    Q_EMIT replaced();
    return true;
}

int YamlEdit::replaceAll(const QString &text, const QString &replacement)
{
    const QByteArray wanted = text.toUtf8();
    const QByteArray with = replacement.toUtf8();
    if (wanted.isEmpty() || isReadOnly())
        return 0;
    int count = 0;
    {
        const QScopedValueRollback following(m_following, true);
        for (long at = 0; (at = matchIn(at, length(), wanted)) >= 0; at += with.size(), ++count)
            SendScintilla(SCI_REPLACETARGET, static_cast<unsigned long>(with.size()), with.constData());
    }
    if (count > 0)
        Q_EMIT replaced();
    return count;
}

bool YamlEdit::event(QEvent *event)
{
    if (event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyPress) {
        const auto *key = static_cast<QKeyEvent *>(event);
        if (key->key() == Qt::Key_Space && key->modifiers() == Qt::ControlModifier) {
            event->accept();
            if (event->type() == QEvent::KeyPress)
                complete();
            return true;
        }
    }
    return QsciScintilla::event(event);
}

void YamlEdit::focusOutEvent(QFocusEvent *event)
{
    QsciScintilla::focusOutEvent(event);
    Q_EMIT leftFocus();
}

bool YamlEdit::viewportEvent(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        showTip(help->pos(), help->globalPos());
        return true;
    }
    return QsciScintilla::viewportEvent(event);
}

void YamlEdit::showTip(const QPoint &local, const QPoint &global)
{
    const long position = SendScintilla(SCI_POSITIONFROMPOINT, static_cast<unsigned long>(local.x()),
                                        static_cast<long>(local.y()));
    int line = 0;
    int column = 0;
    lineIndexFromPosition(static_cast<int>(position), &line, &column);
    const QString words = wordsAt(line, column);
    if (words.isEmpty())
        QToolTip::hideText();
    else
        QToolTip::showText(global, words, this);
}

} // namespace sallyport::editor
