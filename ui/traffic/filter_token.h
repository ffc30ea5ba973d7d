// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace sallyport::traffic {

/// A piece of a filter's text.
struct FilterToken
{
    enum class Kind { Word, Quoted, Operator, And, Or, Not, Open, Close, End, Unclosed };
    Kind kind = Kind::End;
    qsizetype at = 0;
    qsizetype length = 0;
    QString text; ///< a word, a quoted text without its quotes, an operator in its ASCII form
};

/// Takes a filter's text apart.
class FilterLexer
{
public:
    explicit FilterLexer(const QString &text)
        : m_text(text)
    {
    }
    FilterToken next();

private:
    FilterToken quoted(QChar quote);
    FilterToken word();

    const QString m_text;
    qsizetype m_at = 0;
};

} // namespace sallyport::traffic
