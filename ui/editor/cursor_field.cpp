// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/cursor_field.h"

#include <QRegularExpression>
#include <algorithm>
#include <vector>

namespace sallyport::editor {

namespace {

/// One line by its columns.
struct Row
{
    bool content = false; ///< neither blank nor a comment
    int first = 0;        ///< column of the first dash or of what stands there
    std::vector<int> dashes;
    int start = 0; ///< column of what follows the dashes
    QString key;   ///< empty: no key on this line
    QString value; ///< behind it, without quotes
    int colon = -1;
    bool blockScalar = false;
};

bool isSeparator(const QString &line)
{
    return line.startsWith(QLatin1String("---")) || line.startsWith(QLatin1String("..."));
}

QString unquoted(QString text)
{
    if (text.size() >= 2 && (text.front() == QLatin1Char('"') || text.front() == QLatin1Char('\'')) &&
        text.back() == text.front())
        text = text.mid(1, text.size() - 2);
    return text;
}

/// Where a comment begins, the length if there is none.
int commentOf(const QString &line)
{
    QChar quote;
    for (int i = 0; i < line.size(); ++i) {
        if (!quote.isNull()) {
            if (line[i] == quote)
                quote = QChar();
        } else if (line[i] == QLatin1Char('"') || line[i] == QLatin1Char('\'')) {
            quote = line[i];
        } else if (line[i] == QLatin1Char('#') && (i == 0 || line[i - 1].isSpace())) {
            return i;
        }
    }
    return static_cast<int>(line.size());
}

Row rowOf(const QString &whole)
{
    static const QRegularExpression key(
        QStringLiteral(R"(^("[^"]*"|'[^']*'|[^\s"'#{\[][^:#]*?)\s*:(?=\s|$))"));
    static const QRegularExpression block(QStringLiteral(R"(^\s*[|>][-+0-9]*\s*$)"));
    Row row;
    const QString line = whole.left(commentOf(whole));
    int at = 0;
    while (at < line.size() && line[at] == QLatin1Char(' '))
        ++at;
    row.first = row.start = at;
    if (at >= line.size() || line[at].isSpace())
        return row;
    row.content = true;
    while (at < line.size() && line[at] == QLatin1Char('-') &&
           (at + 1 == line.size() || line[at + 1] == QLatin1Char(' '))) {
        row.dashes.push_back(at++);
        while (at < line.size() && line[at] == QLatin1Char(' '))
            ++at;
    }
    row.start = at;
    const QRegularExpressionMatch match = key.match(line.mid(at));
    if (match.hasMatch()) {
        row.key = unquoted(match.captured(1));
        row.colon = at + static_cast<int>(match.capturedEnd(0)) - 1;
        row.value = unquoted(line.mid(row.colon + 1).trimmed());
        row.blockScalar = block.match(line.mid(row.colon + 1)).hasMatch();
    }
    return row;
}

QString step(const QString &key)
{
    const bool plain = !key.contains(QLatin1Char('.')) && !key.contains(QLatin1Char('['));
    return plain ? key : QStringLiteral("[\"") + key + QStringLiteral("\"]");
}

QString joined(const QStringList &steps)
{
    QString path;
    for (const QString &each : steps) {
        if (!path.isEmpty() && !each.startsWith(QLatin1Char('[')))
            path += QLatin1Char('.');
        path += each;
    }
    return path;
}

/// Climbs from a line to the top of its document.
class Climb
{
public:
    Climb(const std::vector<Row> &rows, int line, int column)
        : m_rows(rows)
        , m_line(line)
        , m_column(column)
    {
    }

    /// False: inside of a block scalar.
    bool run(CursorField &field)
    {
        while (true) {
            if (const auto dash = dashBefore(m_column)) {
                m_column = *dash;
                m_list = true;
                m_item = 0;
                if (dashBefore(m_column)) { // `- - x`
                    push(QStringLiteral("[0]"));
                    m_list = false;
                    continue;
                }
            }
            if (!up(field))
                break;
            if (m_inBlock)
                return false;
        }
        field.mapping = joined(m_steps);
        return true;
    }

private:
    std::optional<int> dashBefore(int column) const
    {
        const std::vector<int> &dashes = m_rows[static_cast<std::size_t>(m_line)].dashes;
        for (auto it = dashes.rbegin(); it != dashes.rend(); ++it) {
            if (*it < column)
                return *it;
        }
        return std::nullopt;
    }

    void push(const QString &text) { m_steps.prepend(text); }

    /// To the line of the parent key, or of the list item that holds this mapping; false at the top.
    bool up(CursorField &field)
    {
        for (int line = m_line - 1; line >= 0; --line) {
            const Row &row = m_rows[static_cast<std::size_t>(line)];
            if (!row.content)
                continue;
            const bool dashHere =
                std::find(row.dashes.begin(), row.dashes.end(), m_column) != row.dashes.end();
            if (m_list) {
                if (dashHere && row.first == m_column) {
                    ++m_item;
                    continue;
                }
                if (row.first > m_column || (row.first == m_column && dashHere))
                    continue;
                push(QStringLiteral("[%1]").arg(dashHere ? m_item + 1 : m_item));
                m_list = false;
                m_line = line;
                if (dashHere)
                    return true;
                return enter(row);
            }
            if (row.start == m_column && row.dashes.empty() && m_steps.isEmpty() && !row.key.isEmpty())
                field.neighbours.append(row.key);
            if (row.first >= m_column)
                continue;
            m_line = line;
            if (row.start == m_column) {
                if (m_steps.isEmpty() && !row.key.isEmpty())
                    field.neighbours.append(row.key);
                return true;
            }
            return row.start < m_column ? enter(row) : true;
        }
        return false;
    }

    bool enter(const Row &row)
    {
        m_inBlock = row.blockScalar && !isMeshConfig(row.key);
        push(step(row.key));
        m_column = row.start;
        return true;
    }
    static bool isMeshConfig(const QString &key) { return key == QLatin1String("mesh"); }

    const std::vector<Row> &m_rows;
    int m_line;
    int m_column;
    bool m_list = false;
    bool m_inBlock = false;
    int m_item = 0;
    QStringList m_steps;
};

void readKind(const Row &row, CursorField &field)
{
    if (row.key == QLatin1String("kind"))
        field.kind = row.value;
    if (row.key == QLatin1String("apiVersion"))
        field.apiVersion = row.value;
}

/// From a `kind: List` into the object of it that the cursor is in. False: it is in the List's own fields.
bool enterItem(const std::vector<Row> &rows, CursorField &field)
{
    static const QRegularExpression path(QStringLiteral(R"(^items\[(\d+)\]\.?(.*)$)"));
    const QRegularExpressionMatch match = path.match(field.mapping);
    if (!match.hasMatch())
        return false;
    field.mapping = match.captured(2);
    field.kind.clear();
    field.apiVersion.clear();
    auto row = std::find_if(rows.begin(), rows.end(), [](const Row &each) {
        return each.first == 0 && each.dashes.empty() && each.key == QLatin1String("items");
    });
    int column = -1; // of the objects' dashes
    int item = -1;
    int start = 0; // the column of the object's keys
    for (; row != rows.end() && item <= match.captured(1).toInt(); ++row) {
        if (column < 0 && !row->dashes.empty())
            column = row->first;
        if (!row->dashes.empty() && row->first == column) {
            ++item;
            start = row->start;
        }
        if (item == match.captured(1).toInt() && row->start == start && row->dashes.size() < 2)
            readKind(*row, field);
    }
    return true;
}

} // namespace

QString CursorField::path() const
{
    return joined(mapping.isEmpty() ? QStringList{step(key)} : QStringList{mapping, step(key)});
}

std::optional<CursorField> fieldAt(const QString &text, int line, int column)
{
    const QStringList lines = text.split(QLatin1Char('\n'));
    if (line < 0 || line >= lines.size() || isSeparator(lines[line]) || column > commentOf(lines[line]))
        return std::nullopt;
    int begin = line;
    while (begin > 0 && !isSeparator(lines[begin - 1]))
        --begin;
    std::vector<Row> rows;
    CursorField field;
    for (int i = begin; i < lines.size() && !isSeparator(lines[i]); ++i) {
        const Row &row = rows.emplace_back(rowOf(lines[i]));
        if (row.first == 0 && row.dashes.empty())
            readKind(row, field);
    }
    const int here = line - begin;
    Row &row = rows[static_cast<std::size_t>(here)];
    const QString before = lines[line].left(column);
    if (!row.content)
        row.first = row.start = static_cast<int>(std::min<qsizetype>(column, lines[line].size()));
    field.indent = row.start;
    field.key = row.key;
    if (row.colon >= 0 && column > row.colon) {
        field.inValue = true;
        field.typed = before.mid(row.colon + 1).trimmed();
    } else {
        field.typed = before.mid(row.start);
        if (row.key.isEmpty())
            field.key = lines[line].mid(row.start, commentOf(lines[line]) - row.start).trimmed();
    }
    const bool flow = field.typed.startsWith(QLatin1Char('{')) || field.typed.startsWith(QLatin1Char('['));
    if (flow || !Climb(rows, here, row.start).run(field))
        return std::nullopt;
    if (field.kind == QLatin1String("List") && !enterItem(rows, field))
        return std::nullopt;
    for (std::size_t i = static_cast<std::size_t>(here) + 1; i < rows.size(); ++i) {
        const Row &below = rows[i];
        if (!below.content)
            continue;
        if (below.first < row.start)
            break;
        if (below.start == row.start && below.dashes.empty() && !below.key.isEmpty())
            field.neighbours.append(below.key);
    }
    return field;
}

} // namespace sallyport::editor
