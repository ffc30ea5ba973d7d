// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/yaml/parse_message.h"

#include "core/yaml/scan.h"

#include <algorithm>
#include <array>

namespace sallyport::yaml {

namespace {

struct Wording
{
    std::string_view complaint; ///< begins the parser's message
    const char *what;
    const char *hint;
};

constexpr std::array wordings{
    Wording{"end of map not found", "expected another key of the mapping, or its end",
            "a key stands in the same column as its siblings; text behind a value needs quotes around both"},
    Wording{"end of sequence not found", "expected another - item of the list, or its end",
            "items of one list stand in the same column"},
    Wording{"end of map flow not found", "expected , or } in the mapping that { opened", "close it with }"},
    Wording{"end of sequence flow not found", "expected , or ] in the list that [ opened", "close it with ]"},
    Wording{"illegal EOF in scalar", "expected a closing quote for the one that opens here",
            "close the quote, or put the text in the other kind of quotes"},
    Wording{"illegal document indicator in scalar", "expected the closing quote before ---",
            "close the quote"},
    Wording{"illegal tab when looking for indentation", "expected blanks as indentation, but here is a tab",
            "indent with blanks"},
    Wording{"illegal flow end", "expected no closing bracket here: none was opened", "take it out"},
    Wording{"illegal block entry", "expected no list item here",
            "start the list on a line of its own, below its key"},
    Wording{"illegal map key", "expected no key here", "start the mapping on a line of its own"},
    Wording{"illegal map value", "expected no : here; a value cannot hold a key of its own on one line",
            "put a text that holds \": \" in quotes"},
    Wording{"unknown escape character", "expected a known escape behind \\",
            "write \\\\ for a backslash, or use 'single quotes'"},
    Wording{"the referenced anchor is not defined", "expected an anchor of that name above",
            "define it with & before it is used with *"},
    Wording{"alias not found after *", "expected the name of an anchor behind *",
            "put a text that begins with * in quotes"},
    Wording{"anchor not found after &", "expected a name behind &",
            "put a text that begins with & in quotes"},
    Wording{"illegal character found while scanning alias", "expected the name of an anchor behind *",
            "put a text that begins with * in quotes"},
    Wording{"illegal character found while scanning anchor", "expected a name behind &",
            "put a text that begins with & in quotes"},
    Wording{"unexpected character in block scalar", "expected the end of the line behind | or >",
            "the text begins on the next line"},
    Wording{"cannot set zero indentation for a block scalar",
            "expected an indentation of 1 to 9 behind | or >", "leave the number out"},
    Wording{"unknown token", "expected a value; no text begins with this character",
            "put the text in quotes"},
    Wording{missingColon, "expected : behind this key", "write key: value"},
    Wording{notPartOfDocument, "expected the end of the document",
            "check the indentation here and above; a second document begins with ---"},
};

} // namespace

Error parseError(std::string_view complaint, std::string_view text, std::size_t at, Place place)
{
    const LineTable lines(text);
    const std::size_t first =
        std::min(text.find_first_not_of(' ', lines.start(lines.lineOf(at))), text.size());
    if (first < text.size() && text[first] == '\t')
        complaint = "illegal tab when looking for indentation";
    for (const Wording &wording : wordings) {
        if (complaint.starts_with(wording.complaint))
            return {wording.what, std::move(place), wording.hint};
    }
    return {"this is not YAML: " + std::string(complaint), std::move(place),
            "check the indentation and the quotes from here upwards"};
}

Error forbiddenByteError(std::string_view text, std::size_t at, Place place)
{
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
        return {"expected UTF-8 text, but the file is UTF-16", std::move(place), "save it as UTF-8"};
    if (text[at] == '\r')
        return {"expected a line feed behind this carriage return", std::move(place),
                "save the file with LF or CRLF line ends"};
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(text[at]);
    const std::string name = std::string("0x") + digits[byte >> 4U] + digits[byte & 15U];
    return {"expected UTF-8 text without control characters, but here is the byte " + name, std::move(place),
            "save the file as UTF-8 text"};
}

} // namespace sallyport::yaml
