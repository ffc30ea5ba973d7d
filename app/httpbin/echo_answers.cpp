// SPDX-License-Identifier: GPL-3.0-or-later
#include "httpbin/endpoints.h"
#include "httpbin/url.h"

#include <QByteArray>
#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocale>
#include <QStringDecoder>
#include <QUuid>

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>

namespace sallyport::httpbin {

namespace {

// What a platform in front of httpbin adds; the original hides it unless show_env is asked for.
constexpr std::array<std::string_view, 15> environmentHeaders{"x-varnish",
                                                              "x-request-start",
                                                              "x-heroku-queue-depth",
                                                              "x-real-ip",
                                                              "x-forwarded-proto",
                                                              "x-forwarded-protocol",
                                                              "x-forwarded-ssl",
                                                              "x-heroku-queue-wait-time",
                                                              "x-forwarded-for",
                                                              "x-heroku-dynos-in-use",
                                                              "x-forwarded-port",
                                                              "x-request-id",
                                                              "via",
                                                              "total-route-time",
                                                              "connect-time"};

QString text(std::string_view bytes)
{
    return QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
}

std::string titleCase(std::string_view name)
{
    std::string titled;
    bool start = true;
    for (const char c : name) {
        const auto u = static_cast<unsigned char>(c);
        // CGI, which the original speaks, folds `-` and `_` together.
        titled += c == '_' ? '-' : static_cast<char>(start ? std::toupper(u) : std::tolower(u));
        start = c == '-' || c == '_';
    }
    return titled;
}

QJsonObject headersObject(const Request &request)
{
    const bool showAll = queryValue(request, "show_env").has_value();
    QJsonObject object;
    for (const auto &[name, value] : request.headers) {
        const bool hidden = std::any_of(
            environmentHeaders.begin(), environmentHeaders.end(),
            [&header = name](std::string_view known) { return equalsIgnoringCase(known, header); });
        if (hidden && !showAll)
            continue;
        const QString key = text(titleCase(name));
        object[key] =
            object.contains(key) ? object[key].toString() + QLatin1Char(',') + text(value) : text(value);
    }
    return object;
}

/// Repeated names become lists.
QJsonObject fieldsObject(const Headers &fields)
{
    QJsonObject object;
    for (const auto &[name, value] : fields) {
        const QString key = text(name);
        if (!object.contains(key)) {
            object[key] = text(value);
        } else if (object[key].isArray()) {
            QJsonArray values = object[key].toArray();
            values.append(text(value));
            object[key] = values;
        } else {
            object[key] = QJsonArray{object[key], text(value)};
        }
    }
    return object;
}

QString safeText(const std::string &bytes)
{
    QStringDecoder decoder(QStringDecoder::Utf8);
    QString decoded = decoder(QByteArray::fromStdString(bytes));
    if (!decoder.hasError())
        return decoded;
    return QStringLiteral("data:application/octet-stream;base64,") +
           QString::fromLatin1(QByteArray::fromStdString(bytes).toBase64());
}

QString origin(const Request &request)
{
    return text(request.hasHeader("X-Forwarded-For") ? request.header("X-Forwarded-For")
                                                     : request.remoteAddress);
}

struct Multipart
{
    Headers form;
    Headers files;
};

std::string parameter(std::string_view header, std::string_view name)
{
    const std::string key = std::string(name) + '=';
    for (std::size_t at = header.find(key); at != std::string_view::npos; at = header.find(key, at + 1)) {
        if (at > 0 && header[at - 1] != ' ' && header[at - 1] != ';')
            continue;
        std::string_view value = header.substr(at + key.size());
        if (value.starts_with('"'))
            return std::string(value.substr(1, value.find('"', 1) - 1));
        return std::string(value.substr(0, value.find(';')));
    }
    return {};
}

Multipart parseMultipart(const std::string &body, const std::string &contentType)
{
    Multipart parts;
    const std::string delimiter = "--" + parameter(contentType, "boundary");
    for (std::size_t at = body.find(delimiter); at != std::string::npos;) {
        const std::size_t start = body.find("\r\n", at);
        const std::size_t next = body.find(delimiter, at + delimiter.size());
        const std::size_t headersEnd = body.find("\r\n\r\n", at);
        if (start == std::string::npos || next == std::string::npos || headersEnd == std::string::npos ||
            headersEnd > next)
            break;
        const std::string head = body.substr(start + 2, headersEnd - start);
        const std::string content = body.substr(headersEnd + 4, next - headersEnd - 6);
        const std::string name = parameter(head.substr(0, head.find('\r')), "name");
        (parameter(head.substr(0, head.find('\r')), "filename").empty() ? parts.form : parts.files)
            .emplace_back(name, content);
        at = next;
    }
    return parts;
}

/// Compact JSON in ASCII: what lies beyond is escaped.
std::string jsonText(const QJsonObject &object)
{
    std::string json;
    for (const QChar c : QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact))) {
        if (c.unicode() < 0x80) {
            json += static_cast<char>(c.unicode());
        } else {
            char escaped[7];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c.unicode()));
            json += escaped;
        }
    }
    return json;
}

Answer jsonAnswer(const QJsonObject &object)
{
    return documentAnswer(200, "application/json", jsonText(object) + '\n');
}

QJsonObject facts(const Request &request)
{
    return {{QStringLiteral("args"), fieldsObject(parseForm(request.query))},
            {QStringLiteral("headers"), headersObject(request)},
            {QStringLiteral("origin"), origin(request)},
            {QStringLiteral("url"), text(requestUrl(request))}};
}

void addBody(QJsonObject &object, const Request &request)
{
    const std::string contentType = request.header("Content-Type");
    QJsonObject form;
    QJsonObject files;
    QString data;
    if (contentType.starts_with("application/x-www-form-urlencoded")) {
        form = fieldsObject(parseForm(request.body));
    } else if (contentType.starts_with("multipart/form-data")) {
        const Multipart parts = parseMultipart(request.body, contentType);
        form = fieldsObject(parts.form);
        for (const auto &[name, content] : parts.files)
            files[text(name)] = safeText(content);
    } else {
        data = safeText(request.body);
    }
    // Qt reads objects and arrays only; a body may be any value.
    const QJsonArray parsed =
        contentType.find("form") == std::string::npos
            ? QJsonDocument::fromJson('[' + QByteArray::fromStdString(request.body) + ']').array()
            : QJsonArray();
    object[QStringLiteral("data")] = data;
    object[QStringLiteral("form")] = form;
    object[QStringLiteral("files")] = files;
    object[QStringLiteral("json")] = parsed.size() == 1 ? parsed.first() : QJsonValue();
}

std::string deflated(const std::string &bytes, int windowBits)
{
    z_stream stream{};
    deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())) + 32, '\0');
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

Answer compressed(const Request &request, const char *encoding, const QString &flag, int windowBits)
{
    const QJsonObject object{{QStringLiteral("headers"), headersObject(request)},
                             {QStringLiteral("method"), text(request.method)},
                             {QStringLiteral("origin"), origin(request)},
                             {flag, true}};
    Answer answer = documentAnswer(200, "application/json", deflated(jsonText(object) + '\n', windowBits));
    answer.add("Content-Encoding", encoding);
    return answer;
}

std::string uuidText()
{
    return QUuid::createUuid().toString(QUuid::WithoutBraces).toStdString();
}

} // namespace

Answer echoGet(const Request &request, const PathArguments &)
{
    return jsonAnswer(facts(request));
}

Answer echoBody(const Request &request, const PathArguments &)
{
    QJsonObject object = facts(request);
    addBody(object, request);
    return jsonAnswer(object);
}

Answer echoAnything(const Request &request, const PathArguments &)
{
    QJsonObject object = facts(request);
    addBody(object, request);
    object[QStringLiteral("method")] = text(request.method);
    return jsonAnswer(object);
}

Answer echoDelayed(const Request &request, const PathArguments &arguments)
{
    constexpr double longestSeconds = 10; // as the original
    QJsonObject object = facts(request);
    addBody(object, request);
    object.remove(QStringLiteral("json"));
    Answer answer = jsonAnswer(object);
    const double seconds = std::clamp(std::strtod(arguments.front().c_str(), nullptr), 0.0, longestSeconds);
    answer.delay = std::chrono::milliseconds(static_cast<long>(seconds * 1000));
    return answer;
}

Answer echoHeaders(const Request &request, const PathArguments &)
{
    return jsonAnswer({{QStringLiteral("headers"), headersObject(request)}});
}

Answer echoAddress(const Request &request, const PathArguments &)
{
    return jsonAnswer({{QStringLiteral("origin"), origin(request)}});
}

Answer echoUserAgent(const Request &request, const PathArguments &)
{
    return jsonAnswer(
        {{QStringLiteral("user-agent"),
          request.hasHeader("User-Agent") ? QJsonValue(text(request.header("User-Agent"))) : QJsonValue()}});
}

Answer newUuid(const Request &, const PathArguments &)
{
    return jsonAnswer({{QStringLiteral("uuid"), text(uuidText())}});
}

Answer echoGzip(const Request &request, const PathArguments &)
{
    constexpr int gzipWindow = 15 + 16;
    return compressed(request, "gzip", QStringLiteral("gzipped"), gzipWindow);
}

Answer echoDeflate(const Request &request, const PathArguments &)
{
    constexpr int zlibWindow = 15;
    return compressed(request, "deflate", QStringLiteral("deflated"), zlibWindow);
}

Answer echoCached(const Request &request, const PathArguments &arguments)
{
    if (request.hasHeader("If-Modified-Since") || request.hasHeader("If-None-Match")) {
        Answer answer;
        answer.status = 304;
        return answer;
    }
    Answer answer = echoGet(request, arguments);
    std::string etag = uuidText();
    etag.erase(std::remove(etag.begin(), etag.end(), '-'), etag.end());
    answer.add("Last-Modified", QLocale::c()
                                    .toString(QDateTime::currentDateTimeUtc(),
                                              QStringLiteral("ddd, dd MMM yyyy hh:mm:ss 'GMT'"))
                                    .toStdString());
    answer.add("ETag", etag);
    return answer;
}

Answer echoCachedFor(const Request &request, const PathArguments &arguments)
{
    Answer answer = echoGet(request, arguments);
    answer.add("Cache-Control", "public, max-age=" + arguments.front());
    return answer;
}

Answer echoEtag(const Request &request, const PathArguments &arguments)
{
    const std::string &etag = arguments.front();
    const auto names = [&](const std::string &list) {
        return list == "*" || list.find(etag) != std::string::npos;
    };
    Answer answer;
    if (request.hasHeader("If-None-Match") && names(request.header("If-None-Match"))) {
        answer.status = 304;
        answer.add("ETag", etag);
        return answer;
    }
    if (request.hasHeader("If-Match") && !names(request.header("If-Match"))) {
        answer.status = 412;
        return answer;
    }
    answer = echoGet(request, arguments);
    answer.add("ETag", etag);
    return answer;
}

Answer responseHeaders(const Request &request, const PathArguments &)
{
    const Headers asked = parseForm(request.query);
    // The body states its own length, so it is written until that is true.
    std::string body;
    for (std::string length;; length = std::to_string(body.size())) {
        Headers all = asked;
        all.emplace_back("Content-Type", "application/json");
        all.emplace_back("Content-Length", length);
        body = jsonText(fieldsObject(all)) + '\n';
        if (length == std::to_string(body.size()))
            break;
    }
    Answer answer = documentAnswer(200, "application/json", body);
    for (const auto &[name, value] : asked)
        answer.add(name, value);
    return answer;
}

Answer cookies(const Request &request, const PathArguments &)
{
    QJsonObject object;
    const std::string header = request.header("Cookie");
    for (std::size_t at = 0; at < header.size();) {
        const std::size_t end = std::min(header.find(';', at), header.size());
        const std::string_view pair = std::string_view(header).substr(at, end - at);
        const std::size_t equals = pair.find('=');
        const std::size_t start = std::min(pair.find_first_not_of(' '), pair.size());
        if (equals != std::string_view::npos && equals > start)
            object[text(pair.substr(start, equals - start))] = text(pair.substr(equals + 1));
        at = end + 1;
    }
    return jsonAnswer({{QStringLiteral("cookies"), object}});
}

std::string echoStreamLine(const Request &request, int id)
{
    QJsonObject object = facts(request);
    object[QStringLiteral("id")] = id;
    return jsonText(object);
}

} // namespace sallyport::httpbin
