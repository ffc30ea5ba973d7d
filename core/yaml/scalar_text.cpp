// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/yaml/scalar_text.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace sallyport::yaml {

namespace {

/// A plain word that a YAML 1.1 reader (kubectl's among them) takes for something else than text.
bool looksTyped(std::string_view value)
{
    static constexpr std::array<std::string_view, 12> words{"true", "false", "yes",  "no", "on",   "off",
                                                            "y",    "n",     "null", "~",  ".nan", ".inf"};
    std::string lower(value);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (std::find(words.begin(), words.end(), lower) != words.end())
        return true;
    // Anything of digits and their punctuation: numbers, 1.1's sexagesimals, dates.
    return !value.empty() &&
           (std::isdigit(static_cast<unsigned char>(value.front())) ||
            std::string_view("+-.").find(value.front()) != std::string_view::npos) &&
           std::all_of(value.begin(), value.end(), [](unsigned char c) {
               return std::isxdigit(c) ||
                      std::string_view("+-._:xoTZ ").find(static_cast<char>(c)) != std::string_view::npos;
           });
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
    static constexpr std::string_view digits = "0123456789abcdef";
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
            text += digits[u >> 4U];
            text += digits[u & 15U];
        } else {
            text += c;
        }
    }
    return text + '"';
}

} // namespace

std::string scalarText(std::string_view value, ScalarType type, ScalarStyle style, bool inFlow)
{
    const bool control =
        std::any_of(value.begin(), value.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    if (type != ScalarType::String)
        return std::string(value);
    if (control || style == ScalarStyle::DoubleQuoted)
        return doubleQuoted(value);
    if (style == ScalarStyle::SingleQuoted)
        return singleQuoted(value);
    return mayBePlain(value, inFlow) && !looksTyped(value) ? std::string(value) : singleQuoted(value);
}

} // namespace sallyport::yaml
