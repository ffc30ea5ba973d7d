// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/json_string.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace sallyport::telemetry {

namespace {

/// Whether nothing in `text` needs a second look: printable ASCII but for quotes and backslashes. Most of
/// what is logged is, so this is all that it costs.
bool isPlain(std::string_view text)
{
    const char *at = text.data();
    std::size_t left = text.size();
#ifdef __SSE2__
    const auto isOdd = [](__m128i bytes) {
        // Bytes above 0x7F are negative.
        __m128i odd = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));
        odd = _mm_or_si128(odd, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')));
        odd = _mm_or_si128(odd, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
        odd = _mm_or_si128(odd, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7F)));
        return _mm_movemask_epi8(odd) != 0;
    };
    const auto sixteen = [](const char *bytes) {
        return _mm_loadu_si128(reinterpret_cast<const __m128i *>(bytes));
    };
    const auto eight = [](const char *bytes) {
        return _mm_loadl_epi64(reinterpret_cast<const __m128i *>(bytes));
    };
    if (left >= 16) {
        for (; left > 16; at += 16, left -= 16) {
            if (isOdd(sixteen(at)))
                return false;
        }
        // The rest overlaps what was looked at.
        return !isOdd(sixteen(at + left - 16));
    }
    if (left >= 8)
        return !isOdd(_mm_unpacklo_epi64(eight(at), eight(at + left - 8)));
#endif
    for (; left > 0; ++at, --left) {
        const auto c = static_cast<unsigned char>(*at);
        if (c < 0x20 || c >= 0x7F || c == '"' || c == '\\')
            return false;
    }
    return true;
}

/// Length of the UTF-8 sequence at `at`; 0 if the bytes are none (RFC 3629).
std::size_t utf8Length(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const unsigned lead = byte(at);
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return continues(at + 1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        const bool good = continues(at + 1) && continues(at + 2) && !(lead == 0xE0 && byte(at + 1) < 0xA0) &&
                          !(lead == 0xED && byte(at + 1) >= 0xA0);
        return good ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const bool good = continues(at + 1) && continues(at + 2) && continues(at + 3) &&
                          !(lead == 0xF0 && byte(at + 1) < 0x90) && !(lead == 0xF4 && byte(at + 1) >= 0x90);
        return good ? 4 : 0;
    }
    return 0;
}

bool isUtf8(std::string_view text)
{
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = utf8Length(text, i);
        if (length == 0)
            return false;
        i += length;
    }
    return true;
}

void appendUnicodeEscape(std::string &out, unsigned char byte)
{
    static constexpr std::string_view digits = "0123456789abcdef";
    out += "\\u00";
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
}

} // namespace

void appendJsonString(std::string &out, std::string_view text)
{
    if (isPlain(text)) {
        out += '"';
        out += text;
        out += '"';
        return;
    }
    out += '"';
    // One byte that does not belong makes Envoy's sanitizer take all others above 0x7F for such too.
    const bool wellFormed = isUtf8(text);
    for (std::size_t i = 0; i < text.size();) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
            // Runs of ordinary characters are the rule: copy them at once.
            const std::size_t start = i;
            do
                ++i;
            while (i < text.size() && static_cast<unsigned char>(text[i]) >= 0x20 &&
                   static_cast<unsigned char>(text[i]) < 0x7f && text[i] != '"' && text[i] != '\\');
            out.append(text.substr(start, i - start));
            continue;
        }
        switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\b':
            out += "\\b";
            break;
        case '\f':
            out += "\\f";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default: {
            const std::size_t length = c < 0x20 || (c > 0x7F && !wellFormed) ? 0 : utf8Length(text, i);
            if (length == 0) {
                appendUnicodeEscape(out, c);
                break;
            }
            out.append(text.substr(i, length));
            i += length - 1;
            break;
        }
        }
        ++i;
    }
    out += '"';
}

void putJsonString(LineBuffer &out, std::string_view text)
{
    if (isPlain(text)) {
        out.putQuoted(text);
        return;
    }
    std::string escaped;
    appendJsonString(escaped, text);
    out.put(escaped);
}

} // namespace sallyport::telemetry
