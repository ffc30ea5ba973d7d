// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/editor_panel.h"

#include "ui/editor/find_bar.h"
#include "ui/editor/yaml_edit.h"
#include "ui/theme/empty_state.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace sallyport::editor {

namespace {

constexpr int iconSize = 14;

bool isUtf8(std::string_view text)
{
    constexpr std::string_view byteOrderMark = "\xEF\xBB\xBF";
    if (text.starts_with(byteOrderMark))
        text.remove_prefix(byteOrderMark.size());
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())).toStdString() == text;
}

QPixmap pixmap(const QString &icon, theme::Role role)
{
    return theme::Theme::instance().icon(icon, role).pixmap(QSize(iconSize, iconSize));
}

} // namespace

EditorPanel::EditorPanel(session::Context &context, problems::FindingList &findings, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_findings(findings)
    , m_verdict(context.lab)
{
    setObjectName(QStringLiteral("editorPanel"));
    auto *page = new QWidget(this);
    m_edit = new YamlEdit(page);
    m_edit->setObjectName(QStringLiteral("yamlEdit"));
    m_edit->setAccessibleName(tr("YAML"));
    m_find = new FindBar(*m_edit, page);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(makeStrip());
    layout->addWidget(m_edit, 1);
    layout->addWidget(m_find);
    layout->addWidget(makeFoot());
    m_empty = new theme::EmptyState(this);
    m_pages = new QStackedWidget(this);
    m_pages->addWidget(m_empty);
    m_pages->addWidget(page);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_pages);

    m_markTimer.setSingleShot(true);
    m_markTimer.setInterval(0);
    connect(&m_markTimer, &QTimer::timeout, this, &EditorPanel::showMarks);
    connect(m_edit, &YamlEdit::edited, this, &EditorPanel::onEdited);
    connect(m_edit, &YamlEdit::replaced, this, [this] { apply(tr("replacing in %1"), {}); });
    connect(m_edit, &YamlEdit::leftFocus, &m_context.project, &session::ProjectSession::endMerging);
    connect(m_edit, &QsciScintilla::cursorPositionChanged, this, &EditorPanel::showField);
    connect(&context.project, &session::ProjectSession::textsChanged, this, &EditorPanel::onTexts);
    connect(&context.project, &session::ProjectSession::closed, this, &EditorPanel::clear);
    connect(&findings, &problems::FindingList::changed, this, &EditorPanel::showMarks);
    connect(&m_verdict, &LabVerdict::changed, this, &EditorPanel::showVerdict);
    connect(&theme::Theme::instance(), &theme::Theme::changed, this, &EditorPanel::showVerdict);
    clear();
    showVerdict();
}

QWidget *EditorPanel::makeStrip()
{
    m_strip = new QFrame(this);
    m_strip->setObjectName(QStringLiteral("labVerdict"));
    theme::setLook(m_strip, theme::Look::Bar);
    m_stripIcon = new QLabel(m_strip);
    m_stripText = new QLabel(m_strip);
    m_stripText->setWordWrap(true);
    m_stripShow = new QToolButton(m_strip);
    theme::setLook(m_stripShow, theme::Look::Chip);
    m_stripShow->setToolTip(tr("Go to the line"));
    auto *layout = new QHBoxLayout(m_strip);
    layout->setContentsMargins(2 * theme::grid, theme::half, theme::grid, theme::half);
    layout->setSpacing(theme::grid);
    layout->addWidget(m_stripIcon, 0, Qt::AlignTop);
    layout->addWidget(m_stripText, 1);
    layout->addWidget(m_stripShow, 0, Qt::AlignTop);
    connect(m_stripShow, &QToolButton::clicked, this, [this] {
        if (m_verdict.file() == m_file)
            showPlace(m_file, m_verdict.line(), 0);
        else
            Q_EMIT placeWanted(m_verdict.file(), m_verdict.line(), 0);
    });
    return m_strip;
}

QWidget *EditorPanel::makeFoot()
{
    auto *foot = new QFrame(this);
    theme::setLook(foot, theme::Look::Bar);
    m_path = new QLabel(foot);
    theme::setLook(m_path, theme::Look::Faint);
    m_field = new QLabel(foot);
    m_field->setObjectName(QStringLiteral("fieldWords"));
    m_field->setWordWrap(true);
    theme::setLook(m_field, theme::Look::Muted);
    auto *layout = new QVBoxLayout(foot);
    layout->setContentsMargins(2 * theme::grid, theme::half, 2 * theme::grid, theme::grid);
    layout->setSpacing(2);
    layout->addWidget(m_field);
    layout->addWidget(m_path);
    return foot;
}

bool EditorPanel::open(const QString &file)
{
    const auto text = m_context.project.text(file.toStdString());
    if (!text)
        return false;
    if (file != m_file) {
        m_context.project.endMerging();
        m_file = file;
        m_edit->setBytes(*text);
        m_edit->setReadOnly(!isUtf8(*text));
        m_edit->setAccessibleDescription(file);
        showMarks();
    }
    m_path->setText(m_edit->isReadOnly() ? tr("%1 is not UTF-8: it cannot be edited here").arg(file) : file);
    m_pages->setCurrentIndex(1);
    return true;
}

void EditorPanel::showResource(const session::ResourceSelection &resource)
{
    if (!open(resource.file)) {
        clear();
        return;
    }
    const bool another = m_resource != resource;
    m_resource = resource;
    showRange();
    const std::string text = m_edit->bytes();
    const auto range = linesOf(text, resource);
    int line = 0;
    int column = 0;
    m_edit->getCursorPosition(&line, &column);
    const bool inside = range && line >= range->first && line <= range->last;
    if (!another || (inside && resource.fieldPath.isEmpty()))
        return;
    if (const auto wanted = lineOf(text, resource)) {
        // The whole resource from its comments on, a field with what is around it.
        if (resource.fieldPath.isEmpty() && range) {
            m_edit->goTo(*wanted);
            m_edit->setFirstVisibleLine(range->first);
        } else {
            m_edit->goTo(*wanted);
        }
    }
}

void EditorPanel::showPlace(const QString &file, int line, int column)
{
    if (!open(file)) {
        Q_EMIT message(tr("There is no file %1 any more").arg(file));
        return;
    }
    m_edit->goTo(std::max(line - 1, 0), std::max(column - 1, 0));
    m_edit->setFocus();
}

void EditorPanel::clear()
{
    m_file.clear();
    m_resource.reset();
    m_pages->setCurrentIndex(0);
    m_empty->set(
        QStringLiteral("file"), tr("No YAML is selected"),
        tr("Choose a resource in the project, or a card or an arrow of the picture, to see what makes "
           "it."));
}

void EditorPanel::openFind()
{
    if (m_pages->currentIndex() == 1)
        m_find->open(FindBar::For::Finding);
}

void EditorPanel::openReplace()
{
    if (m_pages->currentIndex() == 1)
        m_find->open(FindBar::For::Replacing);
}

bool EditorPanel::isActive() const
{
    const QWidget *focus = QApplication::focusWidget();
    return focus && isAncestorOf(focus) && m_pages->currentIndex() == 1;
}

void EditorPanel::onEdited()
{
    int line = 0;
    int column = 0;
    m_edit->getCursorPosition(&line, &column);
    // One step a line: undo takes back what a person thinks of as one change.
    apply(tr("typing in %1"), QStringLiteral("typing %1 %2").arg(m_file).arg(line));
}

/// `name` has a place for the file's.
void EditorPanel::apply(const QString &name, const QString &mergeKey)
{
    const auto before = m_context.project.text(m_file.toStdString());
    std::string after = m_edit->bytes();
    if (!before || *before == after)
        return;
    const auto done = m_context.project.apply(
        name.arg(m_file.section(QLatin1Char('/'), -1)),
        model::FileChanges{{m_file.toStdString(), before, std::move(after)}}, mergeKey);
    if (!done) {
        Q_EMIT message(QString::fromStdString(done.error().toString()));
        onTexts();
    }
}

void EditorPanel::onTexts()
{
    if (m_file.isEmpty())
        return;
    const auto text = m_context.project.text(m_file.toStdString());
    if (!text) {
        clear();
        return;
    }
    m_edit->replaceText(*text);
    showRange();
    m_markTimer.start();
}

void EditorPanel::showRange()
{
    m_edit->setShownRange(m_resource && m_resource->file == m_file ? linesOf(m_edit->bytes(), *m_resource)
                                                                   : std::nullopt);
}

void EditorPanel::showMarks()
{
    const std::vector<const problems::Finding *> findings = m_findings.ofFile(m_file);
    m_edit->setMarks(marksOf(findings, m_edit->bytes()));
    showField();
}

void EditorPanel::showVerdict()
{
    using Kind = LabVerdict::Kind;
    const Kind kind = m_verdict.kind();
    m_strip->setVisible(kind != Kind::None);
    m_stripText->setText(m_verdict.text());
    const bool refused = kind == Kind::Refused;
    theme::setLook(m_stripText, refused ? theme::Look::Warning : theme::Look::Good);
    m_stripIcon->setPixmap(refused ? pixmap(QStringLiteral("warning"), theme::Role::Warning)
                                   : pixmap(QStringLiteral("check"), theme::Role::Good));
    m_stripShow->setVisible(refused && m_verdict.line() > 0);
    m_stripShow->setText(tr("line %1").arg(m_verdict.line()));
}

void EditorPanel::showField()
{
    int line = 0;
    int column = 0;
    m_edit->getCursorPosition(&line, &column);
    const QString words = m_edit->wordsAt(line, column);
    m_field->setText(words);
    m_field->setVisible(!words.isEmpty());
}

} // namespace sallyport::editor
