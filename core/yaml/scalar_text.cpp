// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/yaml/scalar_text.h"

#include "core/result/ascii_case.h"

#include <algorithm>
#include <cctype>

namespace sallyport::yaml {

namespace {

bool allOf(std::string_view text, std::string_view allowed)
{
    return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

constexpr std::string_view digits = "0123456789_";

bool isInteger(std::string_view text)
{
    if (text.starts_with('+') || text.starts_with('-'))
        text.remove_prefix(1);
    if (text.starts_with("0x") || text.starts_with("0X"))
        return allOf(text.substr(2), "0123456789abcdefABCDEF_");
    if (text.starts_with("0b"))
        return allOf(text.substr(2), "01_");
    if (text.starts_with("0o"))
        return allOf(text.substr(2), "01234567_");
    return allOf(text, digits) && text.front() != '_';
}

/// `1.5`, `.5`, `1e3`, `-.inf`, `.nan`
bool isReal(std::string_view text)
{
    if (text.starts_with('+') || text.starts_with('-'))
        text.remove_prefix(1);
    const std::string lower = asciiLowered(text);
    if (lower == ".inf" || lower == ".nan")
        return true;
    std::string_view rest = lower;
    std::string_view exponent;
    if (const std::size_t e = rest.find('e'); e != std::string_view::npos) {
        exponent = rest.substr(e + 1);
        rest = rest.substr(0, e);
        if (exponent.starts_with('+') || exponent.starts_with('-'))
            exponent.remove_prefix(1);
        if (!allOf(exponent, "0123456789"))
            return false;
    }
    const std::size_t dot = rest.find('.');
    const std::string_view whole = rest.substr(0, dot);
    const std::string_view part = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
    if (whole.empty() && part.empty())
        return false;
    return (whole.empty() || (allOf(whole, digits) && whole.front() != '_')) &&
           (part.empty() || allOf(part, digits)) && (dot != std::string_view::npos || !exponent.empty());
}

/// What is better quoted than left to a reader's idea: readers differ on `y` and `n`, and YAML 1.1 has
/// sexagesimals and dates.
bool looksTyped(std::string_view value)
{
    if (plainType(value) != PlainType::Text || asciiLowered(value) == "y" || asciiLowered(value) == "n")
        return true;
    return std::isdigit(static_cast<unsigned char>(value.front())) != 0 && allOf(value, "0123456789:-_TZ ");
}

bool mayBePlain(std::string_view value, bool inFlow)
{
    if (value.empty() || value.front() == ' ' || value.back() == ' ')
        return false;
    const char first = value.front();
    const bool dashOk = (first == '-' || first == '?' || first == ':') && value.size() > 1 && value[1] != ' ';
    if (std::string_view("-?:,[]{}#&*!|>'\"%@`").find(first) != std::string_view::npos && !dashOk)
        return false;
    if (value.find(": ") != std::string_view::npos || value.find(" #") != std::string_view::npos ||
        value.back() == ':' || value.starts_with("---"))
        return false;
    if (inFlow && value.find_first_of(",[]{}") != std::string_view::npos)
        return false;
    return std::none_of(value.begin(), value.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::string singleQuoted(std::string_view value)
{
    std::string text = "'";
    for (const char c : value)
        text += c == '\'' ? std::string("''") : std::string(1, c);
    return text + '\'';
}

std::string doubleQuoted(std::string_view value)
{
    static constexpr std::string_view hexDigits = "0123456789abcdef";
    std::string text = "\"";
    for (const char c : value) {
        const auto u = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            text += '\\';
            text += c;
        } else if (c == '\n') {
            text += "\\n";
        } else if (c == '\t') {
            text += "\\t";
        } else if (u < 0x20 || u == 0x7f) {
            text += "\\x";
            text += hexDigits[u >> 4U];
            text += hexDigits[u & 15U];
        } else {
            text += c;
        }
    }
    return text + '"';
}

} // namespace

std::optional<bool> booleanValue(std::string_view text)
{
    const std::string lower = asciiLowered(text);
    if (lower == "true" || lower == "yes" || lower == "on")
        return true;
    if (lower == "false" || lower == "no" || lower == "off")
        return false;
    return std::nullopt;
}

PlainType plainType(std::string_view text)
{
    const std::string lower = asciiLowered(text);
    // Words count in lower case, capitalized and upper case; `tRuE` is text.
    const bool oneCase =
        text == lower || text.substr(1) == std::string_view(lower).substr(1) ||
        std::none_of(text.begin(), text.end(), [](unsigned char c) { return std::islower(c); });
    if (text.empty() || text == "~" || (oneCase && lower == "null"))
        return PlainType::Null;
    if (oneCase && booleanValue(text))
        return PlainType::Boolean;
    if (isInteger(text))
        return PlainType::Integer;
    return isReal(text) ? PlainType::Real : PlainType::Text;
}

std::string scalarText(std::string_view value, ScalarType type, ScalarStyle style, bool inFlow)
{
    if (type != ScalarType::String)
        return std::string(value);
    const bool control =
        std::any_of(value.begin(), value.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    if (control || style == ScalarStyle::DoubleQuoted)
        return doubleQuoted(value);
    if (style == ScalarStyle::SingleQuoted)
        return singleQuoted(value);
    return mayBePlain(value, inFlow) && !looksTyped(value) ? std::string(value) : singleQuoted(value);
}

std::optional<std::string> literalText(std::string_view value, std::size_t indent, const std::string &eol)
{
    const bool control = std::any_of(value.begin(), value.end(), [](unsigned char c) {
        return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
    });
    const std::size_t firstLine = value.find_first_not_of('\n');
    if (control || firstLine == std::string_view::npos)
        return std::nullopt;
    std::string text = "|";
    if (value[firstLine] == ' ' || value[firstLine] == '\t')
        text += std::to_string(indent); // else the blanks would be taken for indentation
    std::size_t breaks = value.size() - (value.find_last_not_of('\n') + 1);
    if (breaks != 1)
        text += breaks == 0 ? '-' : '+';
    if (breaks > 0)
        value.remove_suffix(1);
    while (true) {
        const std::size_t stop = std::min(value.find('\n'), value.size());
        text += eol;
        if (stop > 0)
            text.append(indent, ' ').append(value.substr(0, stop));
        if (stop == value.size())
            return text;
        value.remove_prefix(stop + 1);
    }
}

} // namespace sallyport::yaml
