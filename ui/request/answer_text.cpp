// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/request/answer_text.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QStringDecoder>
#include <algorithm>
#include <cctype>

namespace sallyport::request {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(AnswerText)
};

constexpr qsizetype mostDumped = 4096;

QString hexDump(const QByteArray &bytes)
{
    QString dump;
    const qsizetype end = std::min(bytes.size(), mostDumped);
    for (qsizetype at = 0; at < end; at += 16) {
        const QByteArray line = bytes.mid(at, std::min<qsizetype>(16, end - at));
        QString text;
        for (const char c : line)
            text += c >= 32 && c < 127 ? QLatin1Char(c) : QLatin1Char('.');
        dump += QStringLiteral("%1  %2  %3\n")
                    .arg(at, 8, 16, QLatin1Char('0'))
                    .arg(QString::fromLatin1(line.toHex(' ')).leftJustified(47), text);
    }
    return dump;
}

bool isText(const QByteArray &bytes)
{
    if (bytes.contains('\0'))
        return false;
    QStringDecoder decoder(QStringDecoder::Utf8);
    const QString decoded = decoder(bytes);
    // A cut in the middle of a character is no error.
    return !decoder.hasError() || decoded.count(QChar::ReplacementCharacter) <= 1;
}

} // namespace

AnswerText describeBody(const application::Answer &answer)
{
    AnswerText described;
    described.size = static_cast<qint64>(answer.body.size());
    if (answer.body.empty())
        return described;
    described.cut = described.size > mostShown;
    const QByteArray shown(answer.body.data(), static_cast<qsizetype>(std::min(described.size, mostShown)));
    if (!isText(shown)) {
        described.kind = AnswerText::Kind::Binary;
        described.text = hexDump(shown);
        described.cut = described.size > mostDumped;
        return described;
    }
    described.kind = AnswerText::Kind::Text;
    described.text = QString::fromUtf8(shown);
    if (!described.cut) {
        described.pretty = indentedJson(shown);
        if (!described.pretty.isEmpty())
            described.kind = AnswerText::Kind::Json;
    }
    return described;
}

QString indentedJson(const QByteArray &text)
{
    const QByteArray trimmed = text.trimmed();
    if (trimmed.isEmpty() || (trimmed[0] != '{' && trimmed[0] != '[') ||
        QJsonDocument::fromJson(trimmed).isNull())
        return {};
    QByteArray out;
    out.reserve(trimmed.size() * 2);
    int depth = 0;
    bool inString = false;
    const auto newLine = [&out, &depth] {
        out += '\n';
        out += QByteArray(qsizetype(2) * depth, ' ');
    };
    for (qsizetype i = 0; i < trimmed.size(); ++i) {
        const char c = trimmed[i];
        if (inString) {
            out += c;
            if (c == '\\' && i + 1 < trimmed.size())
                out += trimmed[++i];
            else if (c == '"')
                inString = false;
            continue;
        }
        switch (c) {
        case ' ':
        case '\t':
        case '\n':
        case '\r':
            break;
        case '"':
            inString = true;
            out += c;
            break;
        case '{':
        case '[': {
            qsizetype next = i + 1;
            while (next < trimmed.size() && std::isspace(static_cast<unsigned char>(trimmed[next])))
                ++next;
            out += c;
            if (next < trimmed.size() && trimmed[next] == (c == '{' ? '}' : ']')) {
                out += trimmed[next];
                i = next;
                break;
            }
            ++depth;
            newLine();
            break;
        }
        case '}':
        case ']':
            --depth;
            newLine();
            out += c;
            break;
        case ',':
            out += c;
            newLine();
            break;
        case ':':
            out += ": ";
            break;
        default:
            out += c;
        }
    }
    return QString::fromUtf8(out);
}

QString statusText(int status)
{
    static constexpr std::pair<int, const char *> phrases[] = {{100, "Continue"},
                                                               {101, "Switching Protocols"},
                                                               {200, "OK"},
                                                               {201, "Created"},
                                                               {202, "Accepted"},
                                                               {203, "Non-Authoritative Information"},
                                                               {204, "No Content"},
                                                               {206, "Partial Content"},
                                                               {301, "Moved Permanently"},
                                                               {302, "Found"},
                                                               {303, "See Other"},
                                                               {304, "Not Modified"},
                                                               {307, "Temporary Redirect"},
                                                               {308, "Permanent Redirect"},
                                                               {400, "Bad Request"},
                                                               {401, "Unauthorized"},
                                                               {403, "Forbidden"},
                                                               {404, "Not Found"},
                                                               {405, "Method Not Allowed"},
                                                               {406, "Not Acceptable"},
                                                               {408, "Request Timeout"},
                                                               {409, "Conflict"},
                                                               {411, "Length Required"},
                                                               {413, "Content Too Large"},
                                                               {415, "Unsupported Media Type"},
                                                               {418, "I'm a teapot"},
                                                               {426, "Upgrade Required"},
                                                               {429, "Too Many Requests"},
                                                               {431, "Request Header Fields Too Large"},
                                                               {500, "Internal Server Error"},
                                                               {501, "Not Implemented"},
                                                               {502, "Bad Gateway"},
                                                               {503, "Service Unavailable"},
                                                               {504, "Gateway Timeout"}};
    const auto it = std::find_if(std::begin(phrases), std::end(phrases),
                                 [status](const auto &phrase) { return phrase.first == status; });
    const QString number = QString::number(status);
    return it == std::end(phrases) ? number : number + QLatin1Char(' ') + QString::fromLatin1(it->second);
}

QString durationText(qint64 us)
{
    if (us < 10'000)
        return Words::tr("%1 ms").arg(static_cast<double>(us) / 1e3, 0, 'f', 1);
    if (us < 1'000'000)
        return Words::tr("%1 ms").arg(us / 1'000);
    return Words::tr("%1 s").arg(static_cast<double>(us) / 1e6, 0, 'f', 2);
}

} // namespace sallyport::request
