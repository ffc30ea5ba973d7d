// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/filter_token.h"

namespace sallyport::traffic {

namespace {

struct Sign
{
    QLatin1String text;
    FilterToken::Kind kind;
    QLatin1String meaning;
};

using Kind = FilterToken::Kind;

// Longer ones first.
const Sign signs[] = {
    {QLatin1String("&&"), Kind::And, {}},
    {QLatin1String("||"), Kind::Or, {}},
    {QLatin1String("=="), Kind::Operator, QLatin1String("==")},
    {QLatin1String("!="), Kind::Operator, QLatin1String("!=")},
    {QLatin1String("!~"), Kind::Operator, QLatin1String("!~")},
    {QLatin1String(">="), Kind::Operator, QLatin1String(">=")},
    {QLatin1String("<="), Kind::Operator, QLatin1String("<=")},
    {QLatin1String(">"), Kind::Operator, QLatin1String(">")},
    {QLatin1String("<"), Kind::Operator, QLatin1String("<")},
    {QLatin1String("~"), Kind::Operator, QLatin1String("~")},
    {QLatin1String("="), Kind::Operator, QLatin1String("=")},
    {QLatin1String("!"), Kind::Not, {}},
    {QLatin1String("("), Kind::Open, {}},
    {QLatin1String(")"), Kind::Close, {}},
};

bool endsWord(QChar c)
{
    return c.isSpace() || QStringView(u"()\"'<>=!~&≥≤≠").contains(c);
}

/// `outbound|443||test.com`: Istio's names of clusters hold the sign for "or".
bool isClusterName(QStringView word)
{
    return word.startsWith(QLatin1String("outbound")) || word.startsWith(QLatin1String("inbound"));
}

} // namespace

FilterToken FilterLexer::next()
{
    while (m_at < m_text.size() && m_text[m_at].isSpace())
        ++m_at;
    if (m_at >= m_text.size())
        return {Kind::End, m_text.size(), 0, {}};
    const QStringView rest = QStringView(m_text).mid(m_at);
    static constexpr std::pair<char16_t, const char *> typographic[] = {
        {u'≥', ">="}, {u'≤', "<="}, {u'≠', "!="}};
    for (const auto &[sign, meaning] : typographic) {
        if (rest[0] == QChar(sign))
            return {Kind::Operator, m_at++, 1, QString::fromLatin1(meaning)};
    }
    if (rest[0] == QLatin1Char('"') || rest[0] == QLatin1Char('\''))
        return quoted(rest[0]);
    for (const Sign &sign : signs) {
        if (rest.startsWith(sign.text)) {
            const FilterToken token{sign.kind, m_at, sign.text.size(), QString(sign.meaning)};
            m_at += sign.text.size();
            return token;
        }
    }
    return word();
}

FilterToken FilterLexer::quoted(QChar quote)
{
    FilterToken token{Kind::Quoted, m_at, 0, {}};
    for (qsizetype i = m_at + 1; i < m_text.size(); ++i) {
        if (m_text[i] == quote) {
            token.length = i + 1 - m_at;
            m_at = i + 1;
            return token;
        }
        // Only the quote itself needs a backslash; expressions keep theirs.
        if (m_text[i] == QLatin1Char('\\') && i + 1 < m_text.size() && m_text[i + 1] == quote)
            ++i;
        token.text += m_text[i];
    }
    token.kind = Kind::Unclosed;
    token.length = m_text.size() - m_at;
    m_at = m_text.size();
    return token;
}

FilterToken FilterLexer::word()
{
    const qsizetype begin = m_at;
    while (m_at < m_text.size() && (!endsWord(m_text[m_at]) || m_at == begin)) {
        const QStringView sofar = QStringView(m_text).mid(begin, m_at - begin);
        if (QStringView(m_text).mid(m_at).startsWith(QLatin1String("||")) && !isClusterName(sofar))
            break;
        ++m_at;
    }
    return {Kind::Word, begin, m_at - begin, m_text.mid(begin, m_at - begin)};
}

} // namespace sallyport::traffic
