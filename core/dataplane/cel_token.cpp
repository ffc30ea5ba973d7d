// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/cel_token.h"

#include <array>
#include <charconv>
#include <cmath>

namespace sallyport::dataplane {

namespace {

bool isNameStart(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

void appendUtf8(std::string &out, std::uint32_t code)
{
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | code >> 6U);
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0U | code >> 12U);
        out += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else {
        out += static_cast<char>(0xF0U | code >> 18U);
        out += static_cast<char>(0x80U | (code >> 12U & 0x3FU));
        out += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    }
}

class Lexer
{
public:
    explicit Lexer(std::string_view text)
        : m_text(text)
    {
    }

    Result<std::vector<CelToken>> run()
    {
        std::vector<CelToken> tokens;
        for (;;) {
            skipBlanks();
            CelToken token;
            token.at = m_at;
            if (m_at == m_text.size()) {
                tokens.push_back(token);
                return tokens;
            }
            if (Result<void> read = next(token); !read)
                return sallyport::fail(read.error());
            tokens.push_back(std::move(token));
        }
    }

private:
    char peek(std::size_t ahead = 0) const
    {
        return m_at + ahead < m_text.size() ? m_text[m_at + ahead] : '\0';
    }
    tl::unexpected<Error> refuse(const std::string &what) const
    {
        return fail("CEL: " + what + " at position " + std::to_string(m_at));
    }
    void skipBlanks()
    {
        while (m_at < m_text.size()) {
            if (std::string_view(" \t\r\n\f").find(m_text[m_at]) != std::string_view::npos)
                ++m_at;
            else if (m_text.substr(m_at, 2) == "//")
                m_at = std::min(m_text.find('\n', m_at), m_text.size());
            else
                return;
        }
    }
    Result<void> next(CelToken &token)
    {
        const char c = peek();
        const bool quoted = c == '"' || c == '\'';
        const bool raw = (c == 'r' || c == 'R') && (peek(1) == '"' || peek(1) == '\'');
        if ((c == 'b' || c == 'B') && (peek(1) == '"' || peek(1) == '\''))
            return refuse("bytes are not supported");
        if (quoted || raw) {
            m_at += raw ? 1 : 0;
            return readText(token, raw);
        }
        if (isDigit(c) || (c == '.' && isDigit(peek(1))))
            return readNumber(token);
        if (isNameStart(c)) {
            const std::size_t from = m_at;
            while (isNameStart(peek()) || isDigit(peek()))
                ++m_at;
            token.kind = CelToken::Kind::Name;
            token.text = m_text.substr(from, m_at - from);
            return {};
        }
        constexpr std::array<std::string_view, 24> symbols{"&&", "||", "==", "!=", "<=", ">=", "<", ">",
                                                           "!",  "?",  ":",  "(",  ")",  "[",  "]", ",",
                                                           ".",  "+",  "-",  "*",  "/",  "%",  "{", "}"};
        for (const std::string_view symbol : symbols) {
            if (m_text.substr(m_at, symbol.size()) != symbol)
                continue;
            token.kind = CelToken::Kind::Symbol;
            token.text = symbol;
            m_at += symbol.size();
            return {};
        }
        return refuse(std::string("unexpected '") + c + '\'');
    }
    Result<void> readNumber(CelToken &token)
    {
        token.kind = CelToken::Kind::Literal;
        const char *const from = m_text.data() + m_at;
        const char *const end = m_text.data() + m_text.size();
        const bool hexadecimal = peek() == '0' && (peek(1) == 'x' || peek(1) == 'X');
        std::uint64_t whole = 0;
        auto [stop, error] = std::from_chars(from + (hexadecimal ? 2 : 0), end, whole, hexadecimal ? 16 : 10);
        if (!hexadecimal &&
            (stop == from || (stop != end && (*stop == '.' || *stop == 'e' || *stop == 'E')))) {
            double number = 0;
            const auto parsed = std::from_chars(from, end, number);
            if (parsed.ec != std::errc())
                return refuse("a number that cannot be read");
            token.literal = CelValue(number);
            m_at += static_cast<std::size_t>(parsed.ptr - from);
            return {};
        }
        if (error != std::errc())
            return refuse("a number that cannot be read");
        m_at += static_cast<std::size_t>(stop - from);
        if (peek() == 'u' || peek() == 'U') {
            ++m_at;
            token.literal = CelValue(whole);
            return {};
        }
        if (whole > static_cast<std::uint64_t>(INT64_MAX))
            return refuse("a number that does not fit into an int");
        token.literal = CelValue(static_cast<std::int64_t>(whole));
        return {};
    }
    Result<void> readText(CelToken &token, bool raw)
    {
        token.kind = CelToken::Kind::Literal;
        const std::string one(1, peek());
        const std::string three = one + one + one;
        const std::string quote = m_text.substr(m_at, 3) == three ? three : one;
        m_at += quote.size();
        std::string text;
        while (m_text.substr(m_at, quote.size()) != quote) {
            if (m_at >= m_text.size() || (quote.size() == 1 && (peek() == '\n' || peek() == '\r')))
                return refuse("a text without an end");
            if (peek() == '\\' && !raw) {
                if (Result<void> read = readEscape(text); !read)
                    return read;
                continue;
            }
            text += peek();
            ++m_at;
        }
        m_at += quote.size();
        token.literal = CelValue(std::move(text));
        return {};
    }
    Result<void> readEscape(std::string &text)
    {
        const char c = peek(1);
        constexpr std::string_view names = "abfnrtv\\?\"'`";
        constexpr std::string_view values = "\a\b\f\n\r\t\v\\?\"'`";
        if (const std::size_t index = names.find(c); c != '\0' && index != std::string_view::npos) {
            text += values[index];
            m_at += 2;
            return {};
        }
        const bool octal = c >= '0' && c <= '3';
        const std::size_t digits = octal ? 3 : c == 'x' || c == 'X' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
        const std::size_t from = m_at + (octal ? 1 : 2);
        std::uint32_t code = 0;
        const std::string_view number = m_text.substr(std::min(from, m_text.size()), digits);
        const auto parsed =
            std::from_chars(number.data(), number.data() + number.size(), code, octal ? 8 : 16);
        if (digits == 0 || number.size() != digits || parsed.ec != std::errc() ||
            parsed.ptr != number.data() + digits || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
            return refuse("an escape that CEL does not know");
        appendUtf8(text, code);
        m_at = from + digits;
        return {};
    }

    std::string_view m_text;
    std::size_t m_at = 0;
};

} // namespace

Result<std::vector<CelToken>> celTokens(std::string_view text)
{
    return Lexer(text).run();
}

} // namespace sallyport::dataplane
